"""After a restore nothing is bought again automatically (promise P1), and nothing personal comes back permanently (P8).

What was bought after the restored moment is unknown. But a purchase order's reference depends on the vendors' own ids alone, so
every store is marked as if a second Orderwright worked on it: each first send is looked up at the supplier before.
"""

from __future__ import annotations

from datetime import datetime

from orderwright.config_store import note_identity
from orderwright.domain.config import Config
from orderwright.domain.identity import Identity
from orderwright.records import ALL_SUPPLIERS
from orderwright.storage import Storage
from orderwright.usecases.health import update_connection
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.kill import kill_switches


def refuse_while_buying(storage: Storage) -> None:
    """Raises Refused unless the kill switch for all suppliers is on."""
    if ALL_SUPPLIERS not in kill_switches(storage):
        raise Refused("KILL_FIRST", "a restore needs all buying stopped", 'orderwright kill on --why "restore"')


def look_before_buying(storage: Storage, config: Config) -> None:
    """Mark the stores. A function may hold the configuration without the mark for `config_cache`."""

    for store in config.stores:
        note_identity(storage, store, config.connections[store].kind, Identity.shared)


def read_again(desk: Desk, config: Config, moment: datetime) -> list[str]:
    """Let each store be read again from `moment` on; gives their ids."""

    entry = desk.entry(f"restored to {moment:%Y-%m-%d %H:%M:%S} UTC")
    for store in config.stores:
        update_connection(
            desk.storage, store, lambda state: state.restored(moment, entry), correlation=desk.correlation
        )
    return list(config.stores)
