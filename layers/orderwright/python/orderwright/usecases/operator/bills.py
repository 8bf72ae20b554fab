"""Suppliers' bills for a person: listed, and decided where something differs (R48)."""

from __future__ import annotations

from datetime import datetime, timedelta

from orderwright.domain.bill import Bill, BillState
from orderwright.domain.config import Config
from orderwright.records import CONTROL, bill_key, bill_state
from orderwright.storage import Storage
from orderwright.usecases.bills import bill_put, carry_on
from orderwright.usecases.operator.desk import Desk, Refused, decided

MOST_LISTED, LISTED_FOR = 1000, timedelta(days=90)
_UNDECIDED = (BillState.READING, BillState.DIFFERS)


def listed_bills(storage: Storage, now: datetime, *, only_open: bool = False) -> list[Bill]:
    """Bills that are not decided, and those that changed in the last 90 days; newest first, at most 1,000 of a state."""
    begins = {state: None if state in _UNDECIDED else now - LISTED_FOR for state in BillState}
    states = [BillState.DIFFERS] if only_open else list(BillState)
    keys = [key for one in states for key in storage.in_state(CONTROL, bill_state(one), MOST_LISTED, begins[one])]
    found = (held.model for held in storage.get_many(keys, Bill).values())
    return sorted((one for one in found if one.open or not only_open), key=lambda one: one.taken_at, reverse=True)


def bills_waiting(storage: Storage) -> int:
    """How many wait for a person."""
    return storage.count_in_state(CONTROL, bill_state(BillState.DIFFERS), MOST_LISTED)


def bill_of(desk: Desk, config: Config, number: str, supplier: str = "") -> Bill:
    """The bill of this number; `supplier` (its id) where several have one. Raises Refused."""
    keys = [bill_key(name, number) for name in ([supplier] if supplier else sorted(config.suppliers))]
    found = list(desk.storage.get_many(keys, Bill).values())
    if not found:
        raise Refused("NOT_FOUND", f"there is no bill {number!r}", "orderwright bills list")
    if len(found) > 1:
        names = ", ".join(config.name_of(one.model.supplier) for one in found)
        raise Refused("AMBIGUOUS", f"several suppliers have a bill {number!r}: {names}", "say whose with --supplier")
    return found[0].model


def decide_bill(desk: Desk, config: Config, bill: Bill, *, accepted: bool) -> Bill:
    """Accept or refuse a bill that differs; the same decision again changes nothing. Raises Refused."""
    key = bill_key(bill.supplier, bill.number)
    wanted = BillState.ACCEPTED if accepted else BillState.REFUSED

    def decide() -> None:
        held = desk.storage.get(key, Bill)
        assert held is not None
        if held.model.state is wanted:
            return
        if not held.model.open:
            what = f"bill {bill.number} does not wait: it is {held.model.state}"
            raise Refused("NOT_WAITING", what, "agree with the supplier on another bill, or a credit")
        if accepted and any(one.code == "BILL_CURRENCY" for one in held.model.differences):
            what = f"bill {bill.number} is in another currency than its purchase order"
            raise Refused("BILL_CURRENCY", what, "refuse it, and ask the supplier for one in that currency")
        made = held.model.decided(accepted=accepted, entry=desk.entry(wanted.lower()))
        desk.storage.commit([bill_put(key, made, held.version, desk.now())], correlation=desk.correlation)

    decided(decide)
    return carry_on(desk.storage, config, key, desk.now(), desk.who, desk.correlation)
