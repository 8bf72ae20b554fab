"""After a changed rule every SKU is priced again (R27), once the functions have certainly read the new version."""

from __future__ import annotations

from datetime import timedelta

from orderwright.domain.operations import StoredConfig
from orderwright.errors import SendRefused
from orderwright.ports.operator import SendLater
from orderwright.records import CURRENT_CONFIG
from orderwright.storage import Put
from orderwright.usecases.operator.applying import repricing_messages
from orderwright.usecases.operator.desk import Desk, Refused, decided

_MARGIN = timedelta(seconds=2)


def reprice(desk: Desk, send_later: SendLater, config_cache: timedelta) -> int:
    """Send one message per SKU, to be delivered when no function holds the old version in its cache any more.

    Gives their number. Raises Refused: another try sends all of them again, which is harmless. Whoever dies in between leaves the
    version marked, so that the next `apply` of the same file does it.
    """
    held = desk.storage.get(CURRENT_CONFIG, StoredConfig)
    try:
        sent = send_later(repricing_messages(desk), config_cache + _MARGIN)
    except SendRefused as error:
        raise Refused(
            "REPRICE",
            f"the version is in force, but not every SKU will be priced again: {error}",
            "orderwright apply --reprice",
        ) from None
    if held is not None and held.model.unpriced:
        decided(lambda: _priced(desk, held.model.number))
    return sent


def _priced(desk: Desk, number: int) -> None:
    held = desk.storage.get(CURRENT_CONFIG, StoredConfig)
    if held is not None and held.model.number == number:
        desk.storage.commit([Put(CURRENT_CONFIG, held.model.priced(), held.version)], correlation=desk.correlation)
