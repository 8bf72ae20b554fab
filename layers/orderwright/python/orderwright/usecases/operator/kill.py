"""The kill switch (promise P10): while its item is there, no INTENT that costs money can be committed.

Control   pk KILL          sk <supplier>   there = on, for this supplier
          pk KILL          sk *            there = on, for all suppliers, those of later included
          pk KILL_HISTORY  sk as above     who switched it when, and why; outlives the switch

Each is a switch of its own. aws/writes.py checks the absence of both inside every spending transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from orderwright.domain.operations import KillHistory, KillSwitch
from orderwright.records import ALL_SUPPLIERS, CONTROL, kill_history_key, kill_key
from orderwright.storage import Change, Delete, Put, Storage, held_or
from orderwright.usecases.operator.desk import Desk, decided


def kill_switches(storage: Storage) -> dict[str, KillSwitch]:
    """The switches that are on, by supplier; ALL_SUPPLIERS is the one for everybody."""
    return {key.sk: KillSwitch.model_validate(item["body"]) for key, item in storage.list_raw(CONTROL, "KILL")}


def switch_kill(desk: Desk, suppliers: Iterable[str], *, on: bool) -> list[str]:
    """Switch on or off; gives the suppliers for which that changed something. One commit a switch."""
    return [supplier for supplier in suppliers if decided(lambda supplier=supplier: _switch(desk, supplier, on=on))]  # type: ignore[misc]


def _switch(desk: Desk, supplier: str, *, on: bool) -> bool:
    held = desk.storage.get(kill_key(supplier), KillSwitch)
    if (held is not None) == on:
        return False
    past = held_or(desk.storage, kill_history_key(supplier), KillHistory(supplier=supplier))
    noted = past.model.noted(desk.entry(f"kill switch {'on' if on else 'off'}"))
    changes: list[Change] = [Put(kill_history_key(supplier), noted, past.version)]
    if held is not None:
        changes.append(Delete(kill_key(supplier), held.version))
    else:
        switch = KillSwitch(supplier=supplier, at=desk.now(), by=desk.name, why=desk.why)
        changes.append(Put(kill_key(supplier), switch, 0))
    desk.storage.commit(changes, correlation=desk.correlation)
    return True


def whose(switch: str) -> str:
    """A switch in words."""
    return "all suppliers" if switch == ALL_SUPPLIERS else switch


def how_off(switch: str) -> str:
    """The command that lifts it."""
    return "orderwright kill off" + ("" if switch == ALL_SUPPLIERS else f" --supplier {switch}")
