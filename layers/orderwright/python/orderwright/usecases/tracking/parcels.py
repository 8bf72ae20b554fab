"""A supplier's parcels of one purchase order become shipments, each once, with the right lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.declarations import Capability
from orderwright.domain.config import Config
from orderwright.domain.order import OrderRecord, Reason
from orderwright.domain.outside_texts import safe_url
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FormerNumber, Milestone, Shipment, ShipmentLine, ShipmentState
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.connection import Clock
from orderwright.ports.supplier import ParcelNews, SupplierOrderView, SupplierTracking
from orderwright.records import (
    OrderFile,
    former_number_key,
    order_part_key,
    reference_ref,
    shipment_key,
    tracking_ref,
)
from orderwright.storage import (
    Change,
    Due,
    Fact,
    Put,
    Storage,
)
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.order_summary import order_put, summarise, units_left
from orderwright.usecases.stock.closing import ready_at, visit_at
from orderwright.usecases.tracking.matching import all_numbers, carried_by, joined, lines_in, renumbered, replaced
from orderwright.usecases.tracking.visit import next_due

FUNCTION = "update_tracking"
# Of a supplier that tells of no parcels: the operator enters them.
UNTOLD = SupplierOrderView(found=True, cancelled=False, parcels=())
ASKED_AGAIN = "the supplier is asked again soon"
MAY_CHANGE_FOR = timedelta(days=60)
_TAKEN = {False: "was paid", True: "has the order"}
_NUMBER = {
    True: "this goes on by itself when the number comes",
    False: "record the parcel in the store, no number comes here",
}
PARCELS_AT_ONCE = 30
"""New and changed ones in one commit, which takes 100 items: each has up to two former numbers. For more the supplier is asked
again at once."""
RARER = 4
"""How much longer than for a parcel to come it may take until a supplier is asked for a replaced number: news tell of it first,
and accounts have few calls a day."""


class _Asked(NamedTuple):
    """A placed purchase order whose supplier is asked for its parcels, as it was read."""

    file: OrderFile
    record: OrderRecord
    sk: str
    po: PurchaseOrder
    version: int
    correlation: str
    storage: Storage
    config: Config
    timing: Timing
    now: datetime

    def put(self, po: PurchaseOrder, due: Due | None = None, facts: tuple[Fact, ...] = ()) -> Put:
        """The purchase order as it is now."""
        key, ref = order_part_key(self.file.pk, self.sk), reference_ref(po.reference)
        return Put(key, po, self.version, facts=facts, due=due, ref=ref)

    def put_order(self, po: PurchaseOrder, shipments: Iterable[Shipment], why: str) -> Put:
        """The order with what this purchase order and its parcels make of it."""
        lines = self.file.details.model.lines if self.file.details else ()
        orders = {sk: held.model for sk, held in self.file.purchase_orders.items()} | {self.sk: po}
        record, stored = summarise(self.record, lines, orders.values(), list(shipments)), self.file.record
        assert stored is not None
        return order_put(self.file.pk, self.record, record, stored.version, self.now, FUNCTION, why, self.correlation)


def take_parcels(
    file: OrderFile,
    sk: str,
    correlation: str,
    *,
    storage: Storage,
    config: Config,
    tracking_for: Callable[[str], SupplierTracking | None],
    timing: Timing,
    clock: Clock,
) -> bool:
    """Ask the supplier for the parcels of a placed purchase order and write down the new ones. Raises Conflict.

    True where anything was written: `file` is old then.
    """
    held, now = file.purchase_orders.get(sk), clock.now()
    if held is None or file.record is None or held.model.state is not PurchaseOrderState.PLACED:
        return False
    po = held.model
    asked = _Asked(file, file.record.model, sk, po, held.version, correlation, storage, config, timing, now)
    left, mine = _left(file, po), _mine(file, po)
    if not left and not _may_change(mine, now):
        if po.reservation_closed:
            return _settle(asked)
        return _ask_later(asked, "")
    late = bool(left) and _overdue(po, config, now)
    try:
        tracking = tracking_for(po.supplier)
        view = tracking.read_parcels(po.reference, po.vendor_ids) if tracking is not None else UNTOLD
    except (Retryable, OutcomeUnknown, Misconfigured, Rejected, NotFound) as error:
        problem = error.message
        refused = isinstance(error, Misconfigured)
        if refused:
            note_failure(storage, po.supplier, FUNCTION, error, now)
        return _ask_later(asked, problem, overdue=late, refused=refused)
    if _has_failed(po):
        note_success(storage, po.supplier, FUNCTION, now)
    if view.cancelled and left:
        _cancelled_by_supplier(asked)
        return True
    known, doubtful, moved = all_numbers(mine), set(), _sources(view, mine)
    for place, parcel, certain in replaced(view, mine | moved, po, left):
        if certain and mine[place].state is not ShipmentState.DELIVERED:
            moved[place] = renumbered(mine[place], parcel, now, correlation)
        doubtful.add(parcel.tracking_number)
    new: dict[str, Shipment] = {}
    for parcel in view.parcels:
        number = parcel.tracking_number
        if number and number not in known | doubtful:
            lines = lines_in(parcel, po, left)
            if lines and number in new:
                new[number] = joined(new[number], lines)
            elif lines:
                new[number] = _shipment(parcel, po, lines, now, correlation)
    shipments = list(new.values())
    gap = _gap(view, mine | moved)
    if not shipments and not moved:
        return _ask_later(asked, gap, overdue=late)
    wait = timing.retry_max if gap else timing.tracking_poll
    if len(shipments) + len(moved) > PARCELS_AT_ONCE:
        moved, wait = dict(list(moved.items())[:PARCELS_AT_ONCE]), timedelta(0)
        shipments = shipments[: PARCELS_AT_ONCE - len(moved)]
    _commit(asked, shipments, moved, wait)
    return True


def _has_failed(po: PurchaseOrder) -> bool:
    """Was it once written down that the supplier could not tell? Then an answer says that the connection works again."""
    return any(entry.what == ASKED_AGAIN for entry in po.log)


def _mine(file: OrderFile, po: PurchaseOrder) -> dict[str, Shipment]:
    return {sk: held.model for sk, held in file.shipments.items() if held.model.reference == po.reference}


def _may_change(mine: dict[str, Shipment], now: datetime) -> bool:
    """May the supplier still replace a number? Until the parcels have arrived; a return may be sent again."""
    open_now = [held for held in mine.values() if held.state is not ShipmentState.DELIVERED]
    return any(now - held.created_at < MAY_CHANGE_FOR for held in open_now)


def _sources(view: SupplierOrderView, mine: dict[str, Shipment]) -> dict[str, Shipment]:
    """Parcels whose source was not known, or is another one since the order was split: one that no other parcel has."""
    refs = {parcel.tracking_number: parcel.parcel_ref for parcel in view.parcels if parcel.parcel_ref}
    taken = {held.parcel_ref for held in mine.values()}
    return {
        sk: held.model_copy(update={"parcel_ref": refs[held.tracking_number]})
        for sk, held in mine.items()
        if refs.get(held.tracking_number, held.parcel_ref) not in taken
    }


def _gap(view: SupplierOrderView, mine: dict[str, Shipment]) -> str:
    """What an answer lacks that must be there, since look-ups lag; "" where nothing does."""
    if not view.found:
        return "the supplier does not find a purchase order that it was paid for"
    if view.gaps:
        return "the supplier says that all has left, and does not show all parcels"
    if view.unread:
        return "what the supplier says of a parcel's way could not be read"
    shown = {number for parcel in view.parcels for number in (parcel.tracking_number, *parcel.former_numbers)}
    if any(held.tracking_number not in shown for held in mine.values()):
        return "the supplier does not show a parcel that it has shown before"
    return ""


def _left(file: OrderFile, po: PurchaseOrder) -> dict[str, int]:
    """Units of this purchase order that are in no parcel yet."""
    return units_left([po], [held.model for held in file.shipments.values() if held.model.reference == po.reference])


def _shipment(
    parcel: ParcelNews, po: PurchaseOrder, lines: tuple[ShipmentLine, ...], now: datetime, correlation: str
) -> Shipment:
    unsafe = parcel.tracking_url and not safe_url(parcel.tracking_url)
    why = "its link is left out: it is no plain https address" if unsafe else ""
    entry = log_entry(now, FUNCTION, f"{po.supplier} sent parcel {parcel.tracking_number}", why, correlation)
    return Shipment(
        supplier=po.supplier,
        reference=po.reference,
        tracking_number=parcel.tracking_number,
        former_numbers=parcel.former_numbers,
        parcel_ref=parcel.parcel_ref,
        **carried_by(parcel),
        lines=lines,
        created_at=now,
        log=(entry,),
    )


def _facts(pk: str, sk: str, connection: str, milestone: Milestone = Milestone.SHIPPED) -> tuple[Fact, ...]:
    detail = {"milestone": milestone.value}
    return (
        Fact("shipment.fulfillment_due", connection=connection, pk=pk, sk=sk),
        Fact("notice.due", connection=connection, pk=pk, sk=sk, detail=detail),
    )


def _commit(asked: _Asked, shipments: list[Shipment], moved: dict[str, Shipment], wait: timedelta) -> None:
    file, po, record, timing, now = asked.file, asked.po, asked.record, asked.timing, asked.now
    changes: list[Change] = []
    for shipment in shipments:
        key = shipment_key(file.pk, shipment.reference, shipment.tracking_number)
        due = Due(now + timing.parcel_poll, "tracking.due")
        facts = _facts(file.pk, key.sk, record.connection)
        changes.append(Put(key, shipment, 0, facts=facts, due=due, ref=tracking_ref(shipment.tracking_number)))
        changes += [_former(file.pk, key.sk, number) for number in shipment.former_numbers]
    for place, shipment in moved.items():
        before = file.shipments[place]
        anew = shipment.tracking_number != before.model.tracking_number
        facts = _facts(file.pk, place, record.connection, Milestone.RENUMBERED) if anew else ()
        wakes = next_due(shipment, shipment.asked_at(now + timing.parcel_poll))
        ref = tracking_ref(shipment.tracking_number)
        changes.append(Put(order_part_key(file.pk, place), shipment, before.version, facts=facts, due=wakes, ref=ref))
        fresh = [number for number in shipment.former_numbers if number not in before.model.former_numbers]
        changes += [_former(file.pk, place, number) for number in fresh]
    next_poll = visit_at(po, now + wait, asked.config, timing, now)
    parcels = [*({place: held.model for place, held in file.shipments.items()} | moved).values(), *shipments]
    missing = units_left([po], [parcel for parcel in parcels if parcel.reference == po.reference])
    news = {"last_news_at": now, "tracking_due": next_poll, "reasons": po.reasons if missing else ()}
    heard = po.model_copy(update=news)
    changes.append(asked.put(heard, Due(next_poll, "tracking.due")))
    changes.append(asked.put_order(heard, parcels, "parcel sent" if shipments else "parcel changed"))
    asked.storage.commit(changes, correlation=asked.correlation)


def _former(pk: str, sk: str, number: str) -> Put:
    """A number that a parcel had: whoever looks for it finds the parcel."""
    return Put(former_number_key(pk, number, sk), FormerNumber(parcel=sk), 0, ref=tracking_ref(number))


def _settle(asked: _Asked) -> bool:
    """Everything left and the stock is settled: nothing to wake up for any more. True where that is news."""
    if asked.po.tracking_due is None:
        return False
    asked.storage.commit([asked.put(asked.po.model_copy(update={"tracking_due": None}))])
    return True


def _stock_is_late(po: PurchaseOrder, config: Config, timing: Timing, now: datetime) -> bool:
    ready = ready_at(po, config, timing)
    return not po.reservation_closed and ready is not None and now > ready


def _tells(po: PurchaseOrder, config: Config) -> bool:
    settings = config.suppliers.get(po.supplier)
    return settings is None or settings.can(Capability.TRACKING)


def _overdue(po: PurchaseOrder, config: Config, now: datetime) -> bool:
    limit = timedelta(hours=config.rules.no_tracking_alert_hours)
    return po.placed_at is not None and now - po.placed_at > limit and not po.reasons


def _ask_later(asked: _Asked, problem: str, *, overdue: bool = False, refused: bool = False) -> bool:
    """No parcel yet: ask again later, more and more seldom; tell the merchant once when it takes too long (R34).

    Where the supplier's stock has not been reported since the purchase, it is asked for now (P3, P11).
    True where anything had to be written for that.
    """
    po, config, timing, now = asked.po, asked.config, asked.timing, asked.now
    age = now - (po.placed_at or now)
    # News that could not be read, or not whole, is asked for sooner: somebody has just said that there is a parcel.
    wait = max(timing.retry_max, age / 16) if problem else max(timing.tracking_poll, age / 4)
    longest = timing.tracking_poll_max * (1 if problem or _left(asked.file, po) else RARER)
    at = visit_at(po, now + min(wait, longest), config, timing, now)
    if po.tracking_due is not None and now < po.tracking_due <= (at if problem else po.tracking_due) and not overdue:
        if not refused or _has_failed(po):
            return False
        at = po.tracking_due  # a refusal is written down once, and changes nothing of when it is asked again
    update: dict[str, object] = {"tracking_due": at}
    facts: tuple[Fact, ...] = ()
    if problem and not (po.log and po.log[-1].why == problem[:300]):
        update["log"] = (*po.log, log_entry(now, FUNCTION, ASKED_AGAIN, problem, asked.correlation))
    if overdue:
        late = Reason(
            code="NO_TRACKING",
            message=f"The supplier {_TAKEN[po.on_account]} and has sent no tracking number for too long.",
            fix=f"Ask the supplier; {_NUMBER[_tells(po, config)]}.",
        )
        update["reasons"] = (late,)
        detail = {"codes": late.code, "reference": po.reference}
        facts = (Fact("alert.raised", connection=po.supplier, pk=asked.file.pk, topic="NO_TRACKING", detail=detail),)
    if _stock_is_late(po, config, timing, now):
        refs = dict.fromkeys(line.supplier_ref for line in po.lines if line.supplier_ref)
        facts = (*facts, *(Fact("stock.news", connection=po.supplier, resource=ref) for ref in list(refs)[:15]))
    asked.storage.commit([asked.put(po.model_copy(update=update), Due(at, "tracking.due"), facts)])
    return True


def _cancelled_by_supplier(asked: _Asked) -> None:
    """Committed, then cancelled over there: the lines are not on their way, and what was paid is to be asked back."""
    po = asked.po
    reason = Reason(
        code="CANCELLED_BY_SUPPLIER",
        message=f"The supplier shows this {po.paid} purchase order as cancelled.",
        fix=f"Ask {'the supplier why' if po.on_account else 'for the money back'}; a retry buys the lines anew.",
    )
    log = (*po.log, log_entry(asked.now, FUNCTION, "cancelled by the supplier", "", asked.correlation))
    news = {"state": PurchaseOrderState.REJECTED, "reasons": (reason,), "tracking_due": None, "log": log}
    parked = po.model_copy(update=news)
    shipments = (held.model for held in asked.file.shipments.values())
    order = asked.put_order(parked, shipments, "cancelled by the supplier")
    asked.storage.commit([asked.put(parked), order], correlation=asked.correlation)
