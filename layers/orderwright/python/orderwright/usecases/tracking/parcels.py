"""A supplier's parcels of one purchase order become shipments, each once, with the right lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orderwright.declarations import Capability
from orderwright.domain.config import Config
from orderwright.domain.going_elsewhere import taken_back_open
from orderwright.domain.order import Reason
from orderwright.domain.outside_texts import safe_url
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FormerNumber, Milestone, Shipment, ShipmentLine, ShipmentState
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.connection import Clock
from orderwright.ports.supplier import ParcelNews, SupplierOrderView, SupplierTracking
from orderwright.records import OrderFile, former_number_key, shipment_key, tracking_ref
from orderwright.storage import Due, Fact, Put, Storage
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.order_commit import FULFILL, TRACK, OrderCommit
from orderwright.usecases.order_summary import units_left
from orderwright.usecases.stock.closing import ready_at, visit_at
from orderwright.usecases.tracking import late, matching, off_shelf
from orderwright.usecases.tracking.forecasts import Scores, forecast_of
from orderwright.usecases.tracking.visit import next_due

FUNCTION = "update_tracking"
# Of a supplier that tells of no parcels: people enter them.
UNTOLD = SupplierOrderView(found=True, cancelled=False, parcels=())
ASKED_AGAIN = "the supplier is asked again soon"
MAY_CHANGE_FOR = timedelta(days=60)
_TAKEN = {False: "was paid", True: "has the order"}
_NUMBER = {
    True: "this goes on automatically when the number comes",
    False: "enter it with `orderwright purchase-orders tracking add`",
}
PARCELS_AT_ONCE = 18
"""New and changed ones in one commit, which takes 100 items: each has a part of the customer's page, old lines of its time line,
and up to two former numbers. For more the supplier is asked again at once."""
RARER = 4
"""How much longer than for a parcel to come it may take until a supplier is asked for a replaced number: news tell of it first,
and accounts have few calls a day."""


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
    scores: Scores = lambda suppliers: {},
) -> bool:
    """Ask the supplier for the parcels of a placed purchase order and write down the new ones. Raises Conflict.

    True where anything was written: `file` is old then.
    """
    held = file.purchase_orders.get(sk)
    if held is None or file.record is None or held.model.state is not PurchaseOrderState.PLACED:
        return False
    commit = OrderCommit(file, FUNCTION, clock.now(), correlation)
    return _Asked(commit, sk, held.model, storage, config, timing, scores).run(tracking_for)


@dataclass(frozen=True)
class _Asked:
    """A placed purchase order whose supplier is asked for its parcels, as it was read. What writes gives True."""

    commit: OrderCommit
    sk: str
    po: PurchaseOrder
    storage: Storage
    config: Config
    timing: Timing
    scores: Scores

    def run(self, tracking_for: Callable[[str], SupplierTracking | None]) -> bool:
        """Ask where anything can still come, and write down what is new."""
        po, now, mine, left = self.po, self.commit.now, self._parcels(), self._left()
        if off_shelf.is_owed(po, mine):
            return self._write([], {}, timedelta(0))
        if not left and not _may_change(mine, now):
            return self._settle() if po.reservation_closed else self._ask_later("")
        overdue = bool(left) and self._overdue()
        try:
            tracking = tracking_for(po.supplier)
            view = tracking.read_parcels(po.reference, po.vendor_ids) if tracking is not None else UNTOLD
        except (Retryable, OutcomeUnknown, Misconfigured, Rejected, NotFound) as error:
            refused = isinstance(error, Misconfigured)
            if refused:
                note_failure(self.storage, po.supplier, FUNCTION, error, now)
            entered = self._new(matching.with_entered(UNTOLD, po), matching.all_numbers(mine.values()), left)
            if entered:  # whatever the API says, people have sent these
                return self._write(entered[:PARCELS_AT_ONCE], {}, self.timing.retry_max)
            return self._ask_later(error.message, overdue=overdue, refused=refused)
        if _has_failed(po):
            note_success(self.storage, po.supplier, FUNCTION, now)
        if view.cancelled and left:
            nothing_left = not (mine or view.parcels)
            given_back = nothing_left and late.given_back(self.commit, self.sk, self.storage)
            return given_back or self._cancelled_by_supplier()
        view = matching.with_entered(view, po)
        moved, doubtful = self._moved(view, mine, left)
        new = self._new(view, matching.all_numbers(mine.values()) | doubtful, left)
        gap = matching.gap(view, mine | moved)
        if not new and not moved:
            known = (self.commit, self.sk)
            if late.taken_back(*known, mine, self.storage, self.config, self.timing):
                return True
            if late.unheard(*known, self.storage, self.config, self.timing):
                return True
            waits = taken_back_open(po) and po.leaving is not None and po.leaving.asked_at is not None
            return self._ask_later(gap or (late.ASKED_BACK if waits else ""), overdue=overdue)
        wait = self.timing.retry_max if gap else self.timing.tracking_poll
        if len(new) + len(moved) > PARCELS_AT_ONCE:
            moved, wait = dict(list(moved.items())[:PARCELS_AT_ONCE]), timedelta(0)
            new = new[: PARCELS_AT_ONCE - len(moved)]
        return self._write(new, moved, wait)

    # --- what the answer says -----------------------------------------------------------------------------------------

    def _parcels(self) -> dict[str, Shipment]:
        return {sk: held for sk, held in self.commit.parcels.items() if held.reference == self.po.reference}

    def _left(self) -> dict[str, int]:
        """Units of this purchase order that are in no parcel yet, and that its supplier has not refused."""
        left, refused = units_left([self.po], self._parcels().values()), self.po.answers.open_refusals
        return {name: units for name, units in left.items() if name not in {line.line_id for line in refused}}

    def _moved(
        self, view: SupplierOrderView, mine: dict[str, Shipment], left: dict[str, int]
    ) -> tuple[dict[str, Shipment], set[str]]:
        """Our parcels that have another number or source now, and numbers that are no new parcels."""
        moved, doubtful = matching.newly_sourced(view, mine), set[str]()
        for place, parcel, certain in matching.replaced(view, mine | moved, self.po, left):
            number, held = parcel.tracking_number, mine[place]
            doubtful.add(number)
            if certain and held.state is not ShipmentState.DELIVERED:
                way = matching.carried_by(parcel)
                renamed = held.renumbered(number, parcel.former_numbers, parcel.parcel_ref, way, self.commit.now)
                moved[place] = self._forecast(renamed)
        return moved, doubtful

    def _new(self, view: SupplierOrderView, known: set[str], left: dict[str, int]) -> list[Shipment]:
        new: dict[str, Shipment] = {}
        for parcel in view.parcels:
            number = parcel.tracking_number
            if number and number not in known:
                lines = matching.lines_in(parcel, self.po, left)
                if lines:
                    new[number] = new[number].joined(lines) if number in new else self._shipment(parcel, lines)
        return list(new.values())

    def _shipment(self, parcel: ParcelNews, lines: tuple[ShipmentLine, ...]) -> Shipment:
        unsafe = parcel.tracking_url and not safe_url(parcel.tracking_url)
        why = "its link is left out: it is no plain https address" if unsafe else ""
        made = Shipment(
            supplier=self.po.supplier,
            reference=self.po.reference,
            tracking_number=parcel.tracking_number,
            former_numbers=parcel.former_numbers,
            parcel_ref=parcel.parcel_ref,
            **matching.carried_by(parcel)._asdict(),
            lines=lines,
            created_at=self.commit.now,
            log=(self.commit.entry(f"{self.po.supplier} sent parcel {parcel.tracking_number}", why),),
        )
        return self._forecast(made)

    def _forecast(self, parcel: Shipment) -> Shipment:
        details, zone = self.commit.file.details, self.config.merchant.time_zone
        return parcel.expected_by(forecast_of(parcel, self.po, details.model if details else None, zone, self.scores))

    def _overdue(self) -> bool:
        limit, since = timedelta(hours=self.config.rules.no_tracking_alert_hours), late.expected_from(self.po)
        return since is not None and self.commit.now - since > limit and not self.po.reasons

    def _stock_is_late(self) -> bool:
        ready = ready_at(self.po, self.config, self.timing)
        return not self.po.reservation_closed and ready is not None and self.commit.now > ready

    # --- writing it down ----------------------------------------------------------------------------------------------

    def _write(self, new: list[Shipment], moved: dict[str, Shipment], wait: timedelta) -> bool:
        commit, pk, former = self.commit, self.commit.file.pk, list[Put]()
        poll = commit.now + self.timing.parcel_poll
        for parcel in new:
            sk = shipment_key(pk, parcel.reference, parcel.tracking_number).sk
            commit.parcel(sk, parcel, facts=self._facts(sk, Milestone.SHIPPED), due=Due(poll, TRACK))
            former += [_former(pk, sk, number) for number in parcel.former_numbers]
        for sk, parcel in moved.items():
            before, facts, what = commit.parcels[sk], list[Fact](), ""
            if parcel.tracking_number != before.tracking_number:
                what = f"{parcel.supplier}: parcel {before.tracking_number} is now {parcel.tracking_number}"
                facts = self._facts(sk, Milestone.RENUMBERED)
            commit.parcel(sk, parcel, what, facts=facts, due=next_due(parcel, parcel.asked_at(poll)))
            former += [
                _former(pk, sk, number) for number in parcel.former_numbers if number not in before.former_numbers
            ]
        stock = off_shelf.take_off(commit, self.po, self._parcels(), self.storage, len(former))
        wait = timedelta(0) if stock.more else wait
        at = visit_at(self.po, commit.now + wait, self.config, self.timing, commit.now)
        commit.purchase_order(self.sk, stock.po.parcels_told(commit.now, at, complete=not self._left()))
        commit.order("parcel sent" if new else "parcel changed", stock.record)
        commit.beside(*former, *stock.puts).write(self.storage)
        return True

    def _facts(self, sk: str, milestone: Milestone) -> list[Fact]:
        assert self.commit.file.record is not None
        connection, pk = self.commit.file.record.model.connection, self.commit.file.pk
        notice = Fact("notice.due", connection=connection, pk=pk, sk=sk, detail={"milestone": milestone.value})
        return [Fact(FULFILL, connection=connection, pk=pk, sk=sk), notice]

    def _settle(self) -> bool:
        """Everything left and the stock is settled: nothing to wake up for any more. True where that is news."""
        if self.po.tracking_due is None:
            return False
        self.commit.purchase_order(self.sk, self.po.visited_next(None))
        self.commit.write(self.storage)
        return True

    def _ask_later(self, problem: str, *, overdue: bool = False, refused: bool = False) -> bool:
        """No parcel yet: ask again later, more and more seldom; tell the merchant once when it takes too long (R34).

        Where the supplier's stock has not been reported since the purchase, it is asked for now (P3, P11).
        True where anything had to be written for that.
        """
        po, timing, now, facts = self.po, self.timing, self.commit.now, list[Fact]()
        age = now - (po.placed_at or now)
        # News that could not be read, or not whole, is asked for sooner: somebody has just said that there is a parcel.
        wait = max(timing.retry_max, age / 16) if problem else max(timing.tracking_poll, age / 4)
        longest = timing.tracking_poll_max * (1 if problem or self._left() else RARER)
        at = visit_at(po, now + min(wait, longest), self.config, timing, now)
        planned = po.tracking_due
        if planned is not None and now < planned <= (at if problem else planned) and not overdue:
            if not refused or _has_failed(po):
                return False
            at = planned  # a refusal is written down once, and changes nothing of when it is asked again
        if overdue:
            reason = Reason(
                code="NO_TRACKING",
                message=f"The supplier {_TAKEN[po.on_account]} and has sent no tracking number for too long.",
                fix=f"Ask the supplier; {_NUMBER[_tells(po, self.config)]}.",
            )
            po, detail = po.overdue(reason), {"codes": reason.code, "reference": po.reference}
            pk = self.commit.file.pk
            facts = [Fact("alert.raised", connection=po.supplier, pk=pk, topic="NO_TRACKING", detail=detail)]
        if self._stock_is_late():
            refs = dict.fromkeys(line.supplier_ref for line in po.lines if line.supplier_ref)
            facts += [Fact("stock.news", connection=po.supplier, resource=ref) for ref in list(refs)[:15]]
        what = ASKED_AGAIN if problem and not (po.log and po.log[-1].why == problem[:300]) else ""
        self.commit.purchase_order(self.sk, po.visited_next(at), what, problem, facts=facts)
        self.commit.write(self.storage)
        return True

    def _cancelled_by_supplier(self) -> bool:
        """Committed, then cancelled over there: the lines are not on their way, and what was paid is to be asked back."""
        po, what = self.po, "cancelled by the supplier"
        reason = Reason(
            code="CANCELLED_BY_SUPPLIER",
            message=f"The supplier shows this {po.paid} purchase order as cancelled.",
            fix=f"Ask {'the supplier why' if po.on_account else 'for the money back'}; a retry buys the lines again.",
        )
        self.commit.purchase_order(self.sk, po.cancelled_by_supplier(reason), what)
        # Bought again, or taken back by the supplier: its margin would count twice.
        assert self.commit.file.record is not None
        margin = po.reckoning.margin * -1 if po.reckoning else None
        self.commit.order(what, self.commit.file.record.model.margin_changed(margin))
        self.commit.write(self.storage)
        return True


def _has_failed(po: PurchaseOrder) -> bool:
    """Was it once written down that the supplier could not tell? Then an answer says that the connection works again."""
    return any(entry.what == ASKED_AGAIN for entry in po.log)


def _may_change(mine: dict[str, Shipment], now: datetime) -> bool:
    """May the supplier still replace a number? Until the parcels have arrived; a return may be sent again."""
    open_now = [held for held in mine.values() if held.state is not ShipmentState.DELIVERED]
    return any(now - held.created_at < MAY_CHANGE_FOR for held in open_now)


def _tells(po: PurchaseOrder, config: Config) -> bool:
    settings = config.suppliers.get(po.supplier)
    return settings is None or settings.can(Capability.TRACKING)


def _former(pk: str, sk: str, number: str) -> Put:
    """A number that a parcel had, so that the parcel is found by it."""
    return Put(former_number_key(pk, number, sk), FormerNumber(parcel=sk), 0, ref=tracking_ref(number))
