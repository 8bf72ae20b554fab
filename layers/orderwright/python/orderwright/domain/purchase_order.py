"""Our order to one supplier, and the protocol that keeps it single (promise P1), as pure functions over time.

    NEW --open--> INTENT(step 1) --close/open--> INTENT(step n) --close--> PLACED
                      |                               |
                      +--> REJECTED / PARKED / CANCELLED (nothing ordered)

Time line of one INTENT:   sent      lease_until        settle_until
                            |--owner's call--|--supplier may still be late--|--look up, adopt or send once more-->
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import Field

from orderwright.domain.base import Instant, changed
from orderwright.domain.bill import Billed
from orderwright.domain.leaving import Leaving
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order_line import Customs, PurchaseOrderLine
from orderwright.domain.purchase_order_state import LEFT, LOST_CODES, MAX_SENDS, UNCLEAR_CODES, PurchaseOrderState
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.supplier_answers import UNCONFIRMED, SupplierAnswers, Withdrawal
from orderwright.domain.time_line import Claimable
from orderwright.domain.timing import Windows

__all__ = ["PurchaseOrder", "PurchaseOrderState"]


class PurchaseOrder(Claimable):
    """What we ask of one supplier for one order (item PO#supplier#n). No personal data."""

    supplier: str
    number: int
    reference: str
    lines: tuple[PurchaseOrderLine, ...]
    freight: Money
    quoted_freight: Money | None = Field(
        default=None, description="the supplier's own quote for this parcel, once asked"
    )
    sent_to: str = Field(default="", description="mark of the destination that the supplier was given")
    shipping_method: str = Field(default="", description="empty: the connection's own setting")
    state: PurchaseOrderState = PurchaseOrderState.NEW
    step: str = ""
    lease_until: Instant | None = None
    sends: int = 0
    refusals: int = 0
    vendor_ids: dict[str, str] = Field(default_factory=dict)
    reserved_spend: Money | None = None
    spend_day: str = ""
    payable: Money | None = None
    duty_in_freight: bool | None = Field(
        default=None, description="does the quoted freight include duty? None: it is not said"
    )
    tax_in_bill: Money | None = Field(default=None, description="the tax that the supplier says is in its bill")
    reckoning: Reckoning | None = Field(default=None, description="what it leaves, as reckoned before the last step")
    cancel_requested: bool = False
    cancel_outcome: str = ""
    reasons: tuple[Reason, ...] = ()
    store_problem: Reason | None = Field(default=None, description="why the store does not show it as fulfilled")
    created_at: Instant
    on_account: bool = Field(default=False, description="the call that places it does not pay it: an invoice comes")
    placed_at: Instant | None = Field(
        default=None, description="when the step that commits was done; steps that follow on it may still be open"
    )
    confirmed_at: Instant | None = Field(
        default=None, description="when the supplier said on its own that it has the order"
    )
    reservation_closed: bool = False
    tracking_due: Instant | None = None
    last_news_at: Instant | None = None
    resume_step: str = ""
    heard_at: Instant | None = Field(
        default=None, description="the supplier's news of it since it was given up: to look up"
    )
    bills: dict[str, Billed] = Field(default_factory=dict, description="its part of each bill, by the bill's number")
    files_until: Instant | None = Field(default=None, description="when its files in our bucket end; none: no files")
    answers: SupplierAnswers = Field(
        default_factory=SupplierAnswers, description="what people at the supplier said of it, and what they were sent"
    )
    maybe_sent: bool = Field(default=False, description="nobody could say whether a send of it came through")
    agreed_days: int | None = Field(default=None, description="until it is delivered, as agreed when it was made")
    own_stock: bool = Field(default=False, description="its goods lie in a warehouse of the merchant's own")
    off_shelf: dict[str, int] = Field(default_factory=dict, description="parcel -> its lines that left the stock")
    trying_since: Instant | None = Field(default=None, description="the first of the tries that its supplier refused")
    leaving: Leaving | None = Field(default=None, description="why it is taken back: another supplier shall ship it")

    @property
    def expected_cost(self) -> Money:
        """Goods and freight as we expect to pay them, each line rounded up: by the parcel's own quote where there is one."""
        total = self.freight if self.quoted_freight is None else self.quoted_freight
        for line in self.lines:
            total = total + line.unit_cost.times(line.quantity)
        return total

    @property
    def ordered(self) -> bool:
        """The step that commits was done: whatever comes then, it is never withdrawn as if nothing were ordered (P6)."""
        return self.placed_at is not None

    @property
    def paid(self) -> str:
        """How an order that the supplier has taken is called: "paid", or "ordered" where it is on account."""
        return "ordered" if self.on_account else "paid"

    @property
    def contents(self) -> str:
        """What it buys, for comparison: each line's id and units in the order of the ids, "L1x2,L2x1"."""
        return ",".join(sorted(f"{line.line_id}x{line.quantity}" for line in self.lines))

    @property
    def opens(self) -> bool:
        """Is a step to be opened or closed? Then the placing function has to do with it."""
        return self.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT)

    @property
    def asks_cancellation(self) -> bool:
        """Is the supplier still to be asked to cancel it? Where a letter asks (`answers.withdrawal`), it has been begun."""
        wanted = self.state is PurchaseOrderState.PLACED and self.cancel_requested and not self.cancel_outcome
        return wanted and self.answers.withdrawal is Withdrawal.NONE

    @property
    def on_shelf(self) -> bool:
        """Placed in a warehouse of the merchant's own, and nothing of it has left: not to send it is enough."""
        placed = self.own_stock and self.state is PurchaseOrderState.PLACED
        return placed and not (self.answers.parcels or self.off_shelf)

    @property
    def is_unclear(self) -> bool:
        """Parked because nobody can say whether it is ordered."""
        return self.state is PurchaseOrderState.PARKED and any(reason.code in UNCLEAR_CODES for reason in self.reasons)

    # --- before a call ------------------------------------------------------------------------------------------------

    def quoted(self, method: str, freight: Money, carries_duty: bool | None) -> PurchaseOrder:
        """The supplier has quoted freight for this parcel."""
        return changed(self, shipping_method=method, quoted_freight=freight, duty_in_freight=carries_duty)

    def unquoted(self) -> PurchaseOrder:
        """No quote could be had: the planned freight counts."""
        return changed(self, quoted_freight=None)

    def with_customs(self, known: Mapping[str, Customs]) -> PurchaseOrder:
        """With what customs ask of the goods, as far as it is known by SKU."""
        return changed(self, lines=tuple(line.declared(known.get(line.sku)) for line in self.lines))

    def reserved(self, cost: Money, day: str, reckoning: Reckoning | None) -> PurchaseOrder:
        """Its cost counts against a day's limit, and this is what it leaves."""
        return changed(self, reserved_spend=cost, spend_day=day, reckoning=reckoning)

    def reckoned(self, reckoning: Reckoning | None) -> PurchaseOrder:
        """This is what it leaves."""
        return changed(self, reckoning=reckoning)

    def addressed(self, mark: str) -> PurchaseOrder:
        """The mark of where the supplier is told to send it."""
        return changed(self, sent_to=mark)

    def opened(self, step: str, owner: str, now: datetime, windows: Windows, *, resend: bool = False) -> PurchaseOrder:
        """The INTENT that must be committed before the call. A resend keeps the step and counts; a new step starts at one."""
        lease_until = now + windows.lease
        return changed(
            self,
            state=PurchaseOrderState.INTENT,
            step=step,
            owner=owner,
            lease_until=lease_until,
            settle_until=lease_until + windows.lateness,
            sends=self.sends + 1 if resend else 1,
            reasons=(),
        )

    # --- what the supplier said ---------------------------------------------------------------------------------------

    def answered(
        self, ids: Mapping[str, str], payable: Money | None, tax: Money | None, committed_at: datetime | None
    ) -> PurchaseOrder:
        """A step is done; what its answer says is newer than what we have."""
        return changed(
            self,
            vendor_ids={**self.vendor_ids, **ids},
            payable=payable or self.payable,
            tax_in_bill=tax or self.tax_in_bill,
            refusals=0,
            trying_since=None,
            placed_at=committed_at or self.placed_at,
        )

    def found(
        self, ids: Mapping[str, str], payable: Money | None, tax: Money | None, committed_at: datetime | None = None
    ) -> PurchaseOrder:
        """A look-up shows it. A bill that we have stays: a look-up may show what was quoted before."""
        return changed(
            self,
            vendor_ids={**self.vendor_ids, **ids},
            payable=self.payable or payable,
            tax_in_bill=self.tax_in_bill or tax,
            placed_at=self.placed_at or committed_at,
            heard_at=None,
        )

    def with_answer_of(self, done: PurchaseOrder) -> PurchaseOrder:
        """With what the supplier said to `done`, our copy of before somebody else wrote."""
        return changed(
            self,
            vendor_ids={**self.vendor_ids, **done.vendor_ids},
            payable=done.payable,
            tax_in_bill=done.tax_in_bill,
            placed_at=done.placed_at or self.placed_at,
        )

    def answered_with(self, answers: SupplierAnswers) -> PurchaseOrder:
        """People at the supplier said something, or were sent something."""
        return changed(self, answers=answers)

    def files_kept(self, until: datetime | None) -> PurchaseOrder:
        """Its files are kept until then; None: they are gone."""
        return changed(self, files_until=until)

    def confirmed(self, now: datetime) -> PurchaseOrder:
        """The supplier said on its own that it has the order: nothing is awaited of it any more."""
        reasons = tuple(reason for reason in self.reasons if reason.code != UNCONFIRMED)
        at, answers = self.confirmed_at or now, self.answers.awaited(None)
        return changed(self, confirmed_at=at, reasons=reasons, answers=answers)

    def heard_of(self, now: datetime) -> PurchaseOrder:
        """The supplier has late news of it: to be looked up."""
        return changed(self, heard_at=now)

    def news_settled(self) -> PurchaseOrder:
        """That news was looked up."""
        return changed(self, heard_at=None)

    # --- how it goes on -----------------------------------------------------------------------------------------------

    def handed_on(self, step: str, sends: int, at: datetime) -> PurchaseOrder:
        """An INTENT that nobody holds from `at` on: looked up where its step was sent, else tried."""
        state = PurchaseOrderState.INTENT
        return changed(self, state=state, owner="", lease_until=at, settle_until=at, step=step, sends=sends)

    def postponed(
        self, at: datetime, reason: Reason, tries: int, *, sent: bool, since: datetime | None = None
    ) -> PurchaseOrder:
        """Certainly not done: the same step again at `at`. A call that was `sent` for nothing does not count.

        `since`: its supplier did not answer now; None: something else stood in the way.
        """
        return changed(
            self,
            refusals=tries,
            trying_since=self.trying_since or since,
            sends=max(0, self.sends - 1) if sent else self.sends,
            owner="",
            settle_until=at if self.state is PurchaseOrderState.INTENT else self.settle_until,
            reasons=(reason,),
        )

    def held(self, at: datetime, reason: Reason) -> PurchaseOrder:
        """A switch forbids it now: tried again at `at`."""
        return changed(self, reasons=(reason,), settle_until=at, owner="", trying_since=None)

    def looked_up_again(self, at: datetime) -> PurchaseOrder:
        """A look-up did not tell: the next one is at `at`."""
        return changed(self, refusals=self.refusals + 1, settle_until=at)

    def retried(self, now: datetime, give_up_after: int, *, not_ordered: bool = False) -> PurchaseOrder:
        """The operator lets a parked or refused one go on. What was sent is looked up first: no call is repeated blindly.

        `not_ordered`: they have found nothing at the supplier. A refused one ends, and one that was lost: another replaces it.
        """
        lost = any(reason.code in LOST_CODES for reason in self.reasons)
        if self.state is PurchaseOrderState.REJECTED or (lost and not_ordered):
            return self.nothing_ordered("REPLACED", *self.reasons)
        step = self.resume_step or self.step
        if self.is_unclear:
            # Two sends were unclear: one more, after one more look-up. Fewer means that there is no look-up to be had.
            left = MAX_SENDS - 1 if self.sends >= MAX_SENDS else 0
            step, sends = self.step, left if not_ordered else self.sends
        elif not step:
            return self.begun_again()
        else:
            # Given up after too many tries may mean that look-ups failed: then the sends that count go on counting.
            again = min(self.sends, MAX_SENDS - 1) if self.refusals < give_up_after or not_ordered else self.sends
            sends = again if step == self.step else 0
        handed = self.handed_on(step, sends, now)
        return changed(handed, refusals=0, trying_since=None, resume_step="")._counted_afresh()

    def begun_again(self) -> PurchaseOrder:
        """Nothing was ever sent of it: it begins like a new one."""
        fresh = changed(self, state=PurchaseOrderState.NEW, reasons=(), refusals=0, trying_since=None, sends=0)
        return fresh._counted_afresh()

    def _counted_afresh(self) -> PurchaseOrder:
        """Spend that was given back counts against the day on which it is reserved again (promise P10)."""
        return self if self.reserved_spend is not None else changed(self, spend_day="")

    # --- how it ends --------------------------------------------------------------------------------------------------

    def _ended(self, state: PurchaseOrderState) -> PurchaseOrder:
        return changed(self, state=state, owner="", lease_until=None, settle_until=None)

    def placed(self, now: datetime, *, kept: bool = False) -> PurchaseOrder:
        """Ordered, and no step is left. `kept`: it is not asked back, since only a part of it was withdrawn."""
        done, back = self._ended(PurchaseOrderState.PLACED), self.cancel_requested and not kept
        return changed(done, reasons=(), resume_step="", placed_at=self.placed_at or now, cancel_requested=back)

    def adopted(self, order_id: Mapping[str, str], now: datetime, *, cancelled: bool) -> PurchaseOrder:
        """The operator found it at the supplier, under this id: placed now. What was not counted counts against this day."""
        cost = self.payable or self.expected_cost
        return changed(
            changed(self, placed_at=None).placed(now),
            vendor_ids={**self.vendor_ids, **order_id},
            cancel_requested=self.cancel_requested or cancelled,
            reserved_spend=cost,
            spend_day=self.spend_day if self.reserved_spend is not None else now.date().isoformat(),
        )

    def taken_after_all(self, now: datetime, *, cancelled: bool, from_now: bool = False) -> PurchaseOrder:
        """We had given it up, and the supplier has taken it. Stock that was given back stays so; an unwanted one is cancelled.

        `from_now`: it counts as ordered from now on, so that stock and parcels have their usual time.
        """
        given_up = self.state is PurchaseOrderState.CANCELLED
        return changed(
            self,
            placed_at=now if from_now else self.placed_at or now,
            reservation_closed=self.reservation_closed or given_up,
            resume_step="",
            heard_at=None,
            cancel_requested=self.cancel_requested or given_up or cancelled,
            cancel_outcome="",
        )

    def shown_otherwise(self) -> PurchaseOrder:
        """Given up, and the supplier shows it with other contents, paid: it is live again, and its stock is not given twice."""
        closed = self.reservation_closed or self.state is PurchaseOrderState.CANCELLED
        return changed(self, heard_at=None, cancel_outcome="", reservation_closed=closed)

    def parked(
        self, reason: Reason, *, resume: str = "", rejected: bool = False, free_spend: bool = False
    ) -> PurchaseOrder:
        """In front of the operator; a retry goes on with the step `resume`. `rejected`: the supplier will not have it.

        A method that was never sent is asked for again: until a person decides, freight may change.
        """
        return changed(
            self._ended(PurchaseOrderState.REJECTED if rejected else PurchaseOrderState.PARKED),
            reasons=(reason,),
            maybe_sent=self.maybe_sent or reason.code in UNCLEAR_CODES,
            resume_step=resume,
            shipping_method=self.shipping_method if self.sends or self.vendor_ids else "",
            reserved_spend=None if free_spend else self.reserved_spend,
        )

    def nothing_ordered(self, outcome: str, *reasons: Reason) -> PurchaseOrder:
        """It ends and has cost nothing: no step is open, and no spend is reserved."""
        ended = self._ended(PurchaseOrderState.CANCELLED)
        return changed(ended, reasons=reasons, cancel_outcome=outcome, reserved_spend=None)

    def stopped(self, now: datetime) -> PurchaseOrder:
        """Nobody wants it any more (promise P6). What was sent and is unclear waits for its outcome.

        What is parked and was sent is looked up before it is taken back: giving up on a supplier that does not answer says
        nothing about what it did. Refused before it was ordered, or never begun: it ends here.
        """
        if self.state in (PurchaseOrderState.INTENT, PurchaseOrderState.PLACED):
            return changed(self, cancel_requested=True)
        if self.state is PurchaseOrderState.CANCELLED or (self.is_unclear and not self.ordered):
            return self
        step = self.resume_step or self.step
        if self.state is PurchaseOrderState.PARKED and step:
            handed = self.handed_on(step, self.sends if step == self.step else 0, now)
            return changed(handed, refusals=0, cancel_requested=True)
        if self.ordered:
            return self
        return changed(self._ended(PurchaseOrderState.CANCELLED), cancel_outcome="NOTHING_ORDERED", reserved_spend=None)

    # --- after it was placed ------------------------------------------------------------------------------------------

    def cancellation_answered(self, outcome: str) -> PurchaseOrder:
        """The supplier was asked to cancel it."""
        return changed(self, cancel_outcome=outcome)

    def visited_next(self, at: datetime | None) -> PurchaseOrder:
        """When its supplier is asked for parcels next; None: never again."""
        return changed(self, tracking_due=at)

    def parcels_told(self, now: datetime, at: datetime, *, complete: bool) -> PurchaseOrder:
        """Its supplier told of parcels; asked again at `at`. Where all units have left, it waits for nothing."""
        missed = self.answers.confirm_by or any(reason.code == UNCONFIRMED for reason in self.reasons)
        told = self.confirmed(now) if missed else self
        return changed(told, last_news_at=now, tracking_due=at, reasons=() if complete else told.reasons)

    def overdue(self, reason: Reason) -> PurchaseOrder:
        """It takes too long until a parcel leaves."""
        return changed(self, reasons=(reason,))

    def cancelled_by_supplier(self, reason: Reason) -> PurchaseOrder:
        """It was ordered, and the supplier shows it as cancelled: no parcel comes."""
        return changed(self._ended(PurchaseOrderState.REJECTED), reasons=(reason,), tracking_due=None)

    def unconfirmed(self, reason: Reason) -> PurchaseOrder:
        """People were asked twice whether they have it, and did not answer: a person decides."""
        return changed(self, reasons=(reason,), answers=self.answers.awaited(None))

    def lines_refused(self, gone: Collection[str]) -> PurchaseOrder:
        """These lines leave it, with their share of the freight that was planned; the others stay ordered."""
        kept = tuple(line for line in self.lines if line.line_id not in gone)
        left, all_units = (sum(line.quantity for line in lines) for lines in (kept, self.lines))
        share = -(-self.freight.minor * left // all_units)  # rounded up
        freight = Money(minor=share, currency=self.freight.currency)
        return changed(self, lines=kept, freight=freight, answers=self.answers.refusals_settled())

    def taken_back(self) -> PurchaseOrder:
        """It was handed over, and they will not ship it: nothing is ordered any more, and no letter is open."""
        answers = self.answers.refusals_settled().awaited(None)
        return changed(self, placed_at=None, confirmed_at=None, heard_at=None, tracking_due=None, answers=answers)

    def leaves(self, leaving: Leaving | None) -> PurchaseOrder:
        """Another supplier shall ship it; or how far taking it back has come."""
        return changed(self, leaving=leaving)

    def refusals_forgotten(self) -> PurchaseOrder:
        """An operator has the order planned as if this supplier had not been left for another one."""
        outcome = self.cancel_outcome
        over = self.state is PurchaseOrderState.CANCELLED or (self.leaving is not None and bool(self.leaving.lines))
        return changed(
            self,
            cancel_outcome="REPLACED" if outcome in LEFT else outcome,
            leaving=None if over else self.leaving,
            answers=self.answers.refusals_forgotten(),
        )

    def stock_shown(self) -> PurchaseOrder:
        """The supplier's own stock shows the purchase: its reservation ends."""
        return changed(self, reservation_closed=True)

    def left_shelf(self, lines: Mapping[str, int], *, all_left: bool) -> PurchaseOrder:
        """So many lines of these parcels have left the figure of an own warehouse's stock, each once (promise P3)."""
        closed = self.reservation_closed or all_left
        return changed(self, off_shelf=dict(lines), reservation_closed=closed)

    def not_shown_in_store(self, problem: Reason | None) -> PurchaseOrder:
        """Why the store does not show it as fulfilled; None: nothing stands in the way any more."""
        return changed(self, store_problem=problem)
