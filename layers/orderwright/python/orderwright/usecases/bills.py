"""A supplier's bill is taken in, compared with each purchase order that it names, and counted (R48, promises P10, P13).

The bill is written down first (Control BILL#<supplier>); its due time wakes who finishes it. Then each purchase order notes
its part, under the condition of one read, so that of two bills about one purchase order the later one knows of the other. A bill
that counts becomes each purchase order's payable, with spend and margin, once: the purchase order itself says that it counts.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from orderwright.domain.bill import COUNTING, Bill, Billed, BillState, number_key
from orderwright.domain.bill_check import billed_in, differences_of
from orderwright.domain.config import Config
from orderwright.domain.difference import Difference
from orderwright.domain.fx import RateUnknown
from orderwright.domain.money import Money
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.time_line import log_entry
from orderwright.errors import Rejected
from orderwright.records import ORDERS, Key, OrderFile, bill_key, bill_state, reference_ref
from orderwright.storage import Due, Fact, Put, Spend, Storage, retry_on_conflict
from orderwright.usecases.alerts import alert
from orderwright.usecases.intake.needs import units_covered
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.placing import true_money

BILL = "bill.due"


def bill_put(key: Key, bill: Bill, version: int, now: datetime, *facts: Fact) -> Put:
    """A bill as it becomes; it wakes where something is left to do, so that no writer forgets it."""
    due = Due(now, BILL) if bill.undone else None
    return Put(key, bill, version, facts, due, state=bill_state(bill.state))


def take_bill(storage: Storage, config: Config, bill: Bill, now: datetime, who: str, correlation: str = "") -> Bill:
    """Take a bill in, and compare it; gives it as it is then. The same paper again changes nothing.

    Raises Rejected (BILL_NUMBER_TWICE) for another paper of the same number, unless that one was refused.
    """
    key = bill_key(bill.supplier, bill.number)

    def written() -> None:
        held = storage.get(key, Bill)
        if held is not None and held.model.says_as(bill):
            return
        if held is not None and held.model.state is not BillState.REFUSED:
            text = f"bill {bill.number} was taken in on {held.model.taken_at:%Y-%m-%d} with other contents"
            raise Rejected(f"{text}: ask the supplier for a number of its own", code="BILL_NUMBER_TWICE")
        if held is not None and held.model.undone:  # all purchase orders are to know first that it was refused
            carry_on(storage, config, key, now, who, correlation)
            held = storage.get(key, Bill)
        noted = bill.noted(log_entry(now, who, "the bill came", "", correlation))
        storage.commit([bill_put(key, noted, held.version if held else 0, now)], correlation=correlation)

    retry_on_conflict(written, "the bill")
    return carry_on(storage, config, key, now, who, correlation)


def carry_on(storage: Storage, config: Config, key: Key, now: datetime, who: str, correlation: str = "") -> Bill:
    """Do what is left to do with a bill; also where a worker was killed on the way. Raises KeyError, Conflict."""

    def carried() -> Bill:
        held = storage.get(key, Bill)
        if held is None:
            raise KeyError(key.sk)
        bill = held.model
        if bill.state is BillState.READING:
            found = [*bill.sums()]
            for reference, share in bill.shares(bill.references).items():
                found += _noted(storage, bill, reference, share, now, who)
            read = bill.read(found, log_entry(now, who, "compared with what was ordered", "", correlation))
            storage.commit([bill_put(key, read, held.version, now, *_alerts(read))], correlation=correlation)
            return carried()
        if bill.undone:
            known = {name: at for name in bill.references if (at := _find(storage, bill, name))}
            for reference, share in bill.shares(known).items():
                part = Billed(amount=share, counts=bill.state in COUNTING, refused=bill.state is BillState.REFUSED)
                settle = partial(_settled, storage, config, bill, known[reference], part, now, who)
                retry_on_conflict(settle, "the purchase order")
            bill = bill.settles()
            storage.commit([bill_put(key, bill, held.version, now)], correlation=correlation)
        return bill

    return retry_on_conflict(carried, "the bill")


def _alerts(bill: Bill) -> list[Fact]:
    if not bill.open:
        return []
    codes = ",".join(sorted({one.code for one in bill.differences}))
    told = f"bill {bill.number}: {bill.count} differences"
    return [alert("BILL_WAITS", bill.supplier, message=told, codes=codes)]


def _find(storage: Storage, bill: Bill, reference: str) -> Key | None:
    """The purchase order of this reference at the bill's supplier."""
    for key in storage.find(ORDERS, reference_ref(reference)):
        held = storage.get(key, PurchaseOrder)
        if held is not None and held.model.supplier == bill.supplier and held.model.reference == reference:
            return key
    return None


def _noted(storage: Storage, bill: Bill, reference: str, share: Money, now: datetime, who: str) -> list[Difference]:
    """The purchase order notes that a bill asks for it; gives what differs there."""
    at = _find(storage, bill, reference)
    if at is None:
        return differences_of(bill, reference, share, "", None)

    def noted() -> list[Difference]:
        file = storage.load_order(at.pk)
        po, record = file.purchase_orders[at.sk].model, file.record
        before = po.bills.get(number_key(bill.number))
        if before is None or before.refused:
            after = billed_in(po, bill.number, Billed(amount=share))
            commit = OrderCommit(file, who, now)
            commit.purchase_order(at.sk, after, f"bill {bill.number} asks for {share}")
            commit.write(storage)
        return differences_of(bill, reference, share, record.model.name if record else "", po)

    return retry_on_conflict(noted, "the purchase order")


def _settled(storage: Storage, config: Config, bill: Bill, at: Key, part: Billed, now: datetime, who: str) -> None:
    file = storage.load_order(at.pk)
    po = file.purchase_orders[at.sk].model
    if po.bills.get(number_key(bill.number)) == part:
        return
    after = billed_in(po, bill.number, part)
    commit = OrderCommit(file, who, now)
    if part.counts and after.payable is not None:
        owed = after.payable
        missing = owed - (po.reserved_spend or Money.zero(owed.currency))
        day = po.spend_day if po.reserved_spend is not None else now.date().isoformat()
        if missing.minor:  # it is owed: no limit refuses what has happened
            commit.beside(Spend(po.supplier, day, missing, None, check_kill=False))
        after, record = _reckoned(after.reserved(owed, day, after.reckoning), file, config)
        if record is not None:
            commit.order(f"bill {bill.number} counts: the margin is another", record)
    told = f"bill {bill.number}: {part.amount} are owed" if part.counts else f"bill {bill.number} is refused"
    commit.purchase_order(at.sk, after, told)
    commit.write(storage)


def _reckoned(po: PurchaseOrder, file: OrderFile, config: Config) -> tuple[PurchaseOrder, OrderRecord | None]:
    """The margin with what is owed now (promise P13); the order's record where its margin is another."""
    held, details, before = file.record, file.details, po.reckoning
    if before is None or held is None or details is None or po.state is not PurchaseOrderState.PLACED:
        return po, None
    paid = [one.model for one in file.purchase_orders.values() if one.model.state is PurchaseOrderState.PLACED]
    try:
        sold = true_money.sold_as_held(held.model.connection, details.model)
        after = true_money.reckoning_of(po, sold, config, before.day, units_covered(paid))
    except (NotKnown, RateUnknown) as unknown:
        return po.reckoned(before.outdated(unknown.reason.code)), None
    if after.margin == before.margin or held.model.margin is None:
        return po.reckoned(after), None
    return po.reckoned(after), held.model.margin_changed(after.margin - before.margin)
