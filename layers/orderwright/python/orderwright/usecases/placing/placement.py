"""The protocol of promise P1 as it runs: claim, call, close; or look up what a silent call did."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from orderwright.domain.config import Config
from orderwright.domain.order import Reason
from orderwright.domain.order_state import STOPPED
from orderwright.domain.purchase_order import (
    GIVEN_UP,
    Action,
    PurchaseOrder,
    PurchaseOrderState,
    Windows,
    may_send_again,
    next_action,
)
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.timing import Timing
from orderwright.errors import (
    Conflict,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Retryable,
    SpendRefused,
    VendorError,
    tried,
)
from orderwright.ports.connection import Clock
from orderwright.ports.freight import SupplierFreight
from orderwright.ports.store import StoreOrders
from orderwright.ports.supplier import OrderStep, PlacementView, StepDone, SupplierOrders
from orderwright.records import OrderFile
from orderwright.storage import Spend, Storage
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.placing import (
    before_paying,
    cancelling,
    contents,
    late_acceptance,
    outcome,
    quoting,
    replanning,
    requests,
    second_stack,
)

MAX_ROUNDS = 40
TRUSTED_WAITS = 3
FUNCTION = "place_purchase_order"
ENOUGH = "ordered, and not wanted any more: no further step is made"


@dataclass
class Placement:
    """One worker's hold on one purchase order. `owner` is its token; it stops before `stop_at`."""

    pk: str
    sk: str
    correlation: str
    storage: Storage
    config: Config
    supplier_for: Callable[[str], SupplierOrders]
    freight_for: Callable[[str], SupplierFreight | None]
    store_for: Callable[[str], StoreOrders]
    timing: Timing
    clock: Clock
    owner: str
    stop_at: datetime
    file: OrderFile = field(init=False)
    po: PurchaseOrder = field(init=False)
    version: int = field(init=False)
    reckoning: Reckoning | None = None

    def run(self) -> None:
        """Read, decide, act, until there is nothing to do now."""
        for _ in range(MAX_ROUNDS):
            if not self._load():
                return
            try:
                if not self._act():
                    return
            except Conflict:
                continue

    def _load(self) -> bool:
        self.file = self.storage.load_order(self.pk)
        stored = self.file.purchase_orders.get(self.sk)
        if stored is None or self.file.record is None:
            return False
        self.po, self.version = stored.model, stored.version
        return True

    def _act(self) -> bool:
        """One decision on a fresh read. True means: read again and go on."""
        now = self.clock.now()
        action = next_action(self.po, now)
        if action is Action.OPEN:
            return self._open(self._steps()[0])
        if action is Action.LOOK_UP:
            if self.po.sends == 0 and (self.po.confirmed_at is None or self.po.ordered):
                return self._open(self._step(self.po.step))
            return self._recover()
        if action is Action.NOTHING and self.po.state is PurchaseOrderState.PLACED:
            return cancelling.ask(self)
        if self.po.heard_at is not None and self.po.state in GIVEN_UP:
            found = late_acceptance.looked_up(self, self._supplier())
            if found is None:
                return False
            po, following = found
            if following and not self._unwanted(po):
                return self._open(self._step(following), base=outcome.after_all(self, po))
            return self._placed(po, f"found {po.paid} at the supplier")
        return False

    # --- the steps of the vendor --------------------------------------------------------------------------------------

    def _supplier(self) -> SupplierOrders:
        return self.supplier_for(self.po.supplier)

    def _steps(self) -> tuple[OrderStep, ...]:
        return self._supplier().steps

    def _step(self, name: str) -> OrderStep:
        return next(step for step in self._steps() if step.name == name)

    def _windows(self) -> Windows:
        settings = self.config.suppliers.get(self.po.supplier)
        return self.timing.windows_for(settings.lateness_seconds if settings else None)

    def _after(self, name: str) -> OrderStep | None:
        following = self._steps()[self._steps().index(self._step(name)) + 1 :]
        return following[0] if following else None

    # --- opening ------------------------------------------------------------------------------------------------------

    def _open(self, step: OrderStep, *, resend: bool = False, base: PurchaseOrder | None = None) -> bool:
        """Commit the INTENT of a step after its gates, then make the call. `base` carries what the step before gave."""
        po = base or self.po
        sent = po.sends if resend else 0  # what was sent before counts on, so that nothing is sent a third time
        if self.clock.now() >= self.stop_at:
            return self._leave_for_next_worker(po, step, sent)
        spends: list[Spend] = []
        refusal = self._gate(po, step)
        if refusal is not None:
            return refusal()
        try:
            unspent = quoting.with_customs(self, quoting.with_quote(self, po, step, resend=resend))
        except VendorError as error:
            return quoting.failed(self, po, error)
        po = unspent
        refusal = self._money_gate(po, step)
        if refusal is not None:
            return refusal()
        if self.clock.now() >= self.stop_at:  # the quote and the store have taken their time
            return self._leave_for_next_worker(po, step, sent)
        cost = po.payable or po.expected_cost
        if step.commits or po.reserved_spend is None:
            spends = requests.spend_changes(po, self.config, self.clock.now())
            day = po.spend_day or self.clock.now().date().isoformat()
            po = po.model_copy(update={"reserved_spend": cost, "spend_day": day, "reckoning": self.reckoning})
        if step is self._steps()[0] and not resend:
            # A resend may find the first send accepted late: the mark stays that of the first.
            po = po.model_copy(update={"sent_to": requests.mark(po, self.file)})
        po = po.opened(step.name, self.owner, self.clock.now(), self._windows(), resend=resend)
        try:
            self._save(po, f"sending step {step.name}" + (" once more" if resend else ""), spends=spends)
        except SpendRefused as error:
            return self._spend_refused(unspent, step, error)
        return self._call(step)

    def _gate(self, po: PurchaseOrder, step: OrderStep) -> Callable[[], bool] | None:
        """What forbids this step, as the action to take instead."""
        if self._unwanted(po) and po.ordered:
            return lambda: self._placed(po, ENOUGH)
        if self._unwanted(po):
            return lambda: cancelling.withdraw(self, po, self._why_unwanted(po))
        if not requests.has_address(self.file):
            return lambda: self._park(po, outcome.ADDRESS_MISSING, resume=step.name)
        if po.ordered:
            return None
        other = replanning.offers_differ(self, po) if step is self._steps()[0] else ""
        if other:
            return lambda: replanning.plan_anew(self, po, other)
        elsewhere = second_stack.bought_elsewhere(self, po, step)
        if elsewhere is not None:
            return lambda: second_stack.stopped(self, po, step, elsewhere)
        return None

    def _money_gate(self, po: PurchaseOrder, step: OrderStep) -> Callable[[], bool] | None:
        """The same of what it costs; and before it is committed, of what the store says by now."""
        if po.ordered or (not step.commits and po.reserved_spend is not None):
            return None
        return before_paying.forbidden(self, po, step)

    def _unwanted(self, po: PurchaseOrder) -> bool:
        assert self.file.record is not None
        return self.file.record.model.cancelled or po.cancel_requested

    def _why_unwanted(self, po: PurchaseOrder) -> Reason:
        assert self.file.record is not None
        if self.file.record.model.cancelled:
            return Reason(code="CANCELLED_IN_STORE", message="The customer cancelled.")
        return Reason(
            code=STOPPED, message=f"The operator stopped the order before it was {po.paid.replace('paid', 'paid for')}."
        )

    # --- calling ------------------------------------------------------------------------------------------------------

    def _call(self, step: OrderStep) -> bool:
        try:
            request = requests.purchase_request(self.po, self.file, self.config, self.clock.now().date())
            done = self._supplier().run_step(step.name, request)
        except OutcomeUnknown as error:
            return self._unclear(error)
        except (Retryable, Misconfigured) as error:
            return self._postpone(self.po, error, sent=True)
        except (Rejected, NotFound) as error:
            return self._refused(step, error)
        return self._done(step, done)

    def _done(self, step: OrderStep, done: StepDone) -> bool:
        po = self.po.model_copy(
            update={
                "vendor_ids": {**self.po.vendor_ids, **done.vendor_ids},
                "payable": done.payable or self.po.payable,
                "tax_in_bill": done.tax_in_bill or self.po.tax_in_bill,
                "refusals": 0,
                "placed_at": self.clock.now() if step.commits else self.po.placed_at,
            }
        )
        following = self._after(step.name)
        if following is None:
            return self._placed(po, f"step {step.name} done: placed {'on account' if po.on_account else 'and paid'}")
        try:
            return self._open(following, base=po)
        except Conflict:
            # Somebody (a cancellation) changed the purchase order meanwhile: keep what the vendor said, decide anew.
            return self._keep_progress(step, following, po)

    def _keep_progress(self, step: OrderStep, following: OrderStep, done: PurchaseOrder) -> bool:
        names = ("vendor_ids", "payable", "tax_in_bill", "placed_at")
        for _ in range(MAX_ROUNDS):
            if not self._load():
                return False
            if self.po.owner == self.owner and self.po.step == step.name:
                kept = self.po.model_copy(update={name: getattr(done, name) for name in names})
            elif not done.ordered or self.po.ordered:
                return True
            else:  # What is ordered is never forgotten, whoever has written meanwhile; what follows is still to be done.
                kept = outcome.after_all(self, self._with_ids_of(done))
            with suppress(Conflict):
                return self._leave_for_next_worker(kept, following, again=True)
        return True

    def _placed(self, po: PurchaseOrder, what: str) -> bool:
        for _ in range(MAX_ROUNDS):
            try:
                if po.state is PurchaseOrderState.INTENT and po.reserved_spend is not None:
                    outcome.placed(self, po, what)
                else:
                    outcome.paid_after_all(self, po, f"{what}, after it had been given up")
                if any(entry.what.endswith("postponed") for entry in self.po.log):
                    note_success(self.storage, po.supplier, FUNCTION, self.clock.now())
                return self.po.cancel_requested
            except Conflict:
                if not self._load() or self.po.state is PurchaseOrderState.PLACED:
                    return True
                po = self._with_ids_of(po)
        raise Conflict("the placed purchase order could not be written")

    def _with_ids_of(self, done: PurchaseOrder) -> PurchaseOrder:
        update = {"vendor_ids": {**self.po.vendor_ids, **done.vendor_ids}, "payable": done.payable}
        return self.po.model_copy(update={**update, "tax_in_bill": done.tax_in_bill})

    # --- what stands in the way ---------------------------------------------------------------------------------------

    def _leave_for_next_worker(self, po: PurchaseOrder, step: OrderStep, sent: int = 0, *, again: bool = False) -> bool:
        waiting = po.handed_on(step.name, sent, self.clock.now())
        self._save(waiting, f"step {step.name} waits for the next worker", hand_over=not again)
        return again

    def _unclear(self, error: OutcomeUnknown) -> bool:
        self._save(self.po, "no clear answer", f"{error.message}; looked up after it has settled")
        return False

    def _postpone(self, po: PurchaseOrder, error: VendorError, *, sent: bool, at_fault: str = "") -> bool:
        """Certainly not done: the same step again later; given up and parked only after many tries."""
        tries = po.refusals + tried(error)
        if tries > self.timing.give_up_after:
            reason = outcome.reason_of(error, "It could not be reached for too long. Retry when it answers again.")
            return self._park(po, reason, resume=po.step)
        asked, own = getattr(error, "after", None), self.timing.backoff(max(0, tries - 1))
        # What the vendor asks for is believed a few times; a vendor that goes on refusing is asked ever more seldom.
        after = own if asked is None else asked if tries <= TRUSTED_WAITS else max(asked, own)
        at = self.clock.now() + max(after, timedelta(seconds=1))
        waiting = po.model_copy(
            update={
                "refusals": tries,
                "sends": max(0, po.sends - 1) if sent else po.sends,
                "owner": "",
                "settle_until": at if po.state is PurchaseOrderState.INTENT else po.settle_until,
                "reasons": (
                    outcome.reason_of(error, f"Nothing to do: it is tried again by itself at {at:%H:%M} UTC."),
                ),
            }
        )
        self._save(waiting, "postponed", error.message, due_at=at)
        if isinstance(error, Misconfigured):
            note_failure(self.storage, at_fault or po.supplier, FUNCTION, error, self.clock.now())
        return False

    def _refused(self, step: OrderStep, error: VendorError) -> bool:
        reason = outcome.reason_of(error, "Do first what the message asks for, then retry.")
        if step.name == self._steps()[0].name:
            return self._rejected(self.po, reason if step.commits else outcome.taken_back(self, reason))
        return self._park(self.po, reason, resume=step.name, free_spend=True)

    def _rejected(self, po: PurchaseOrder, reason: Reason) -> bool:
        """The supplier will not have it. Where nobody wants it any more, that is the end, and its stock is free again."""
        if self._unwanted(po) and not po.ordered:
            outcome.withdrawn(self, po, self._why_unwanted(po), gone=True)
            return False
        return self._park(po, reason, rejected=True, free_spend=True)

    def _park(
        self, po: PurchaseOrder, reason: Reason, *, resume: str = "", rejected: bool = False, free_spend: bool = False
    ) -> bool:
        free = free_spend and not po.ordered
        outcome.parked(self, po, reason, resume=resume, rejected=rejected, free_spend=free)
        return False

    def _spend_refused(self, po: PurchaseOrder, step: OrderStep, error: SpendRefused) -> bool:
        reason = Reason(code=error.code, message=error.message, fix=requests.SPEND_FIX[error.code])
        if error.code != "KILL_SWITCH":
            # Freed, so that a retry tomorrow counts on tomorrow's limit.
            return self._park(po, reason, resume=step.name, free_spend=True)
        at = self.clock.now() + self.timing.kill_recheck
        waiting = po.model_copy(update={"reasons": (reason,), "settle_until": at, "owner": ""})
        self._save(waiting, "held", error.message, due_at=at)
        return False

    # --- after silence ------------------------------------------------------------------------------------------------

    def _recover(self) -> bool:
        if self.po.ordered and self._unwanted(self.po):
            return self._placed(self.po, ENOUGH)
        try:
            view = late_acceptance.view_of(self.po, self._supplier())
        except NotFound:
            view = PlacementView(found=False)
        except OutcomeUnknown as error:
            if self.po.refusals >= outcome.MAX_LAGGING_LOOK_UPS:
                return self._park(self.po, outcome.another_order(error.message))
            return self._look_again("the supplier's look-up is unclear", error.message)
        except VendorError as error:
            return self._postpone(self.po, error, sent=False)
        if view is None:
            return self._park(self.po, outcome.UNCLEAR_NO_LOOK_UP)
        return self._adopt(view) if view.found else self._not_found()

    def _adopt(self, view: PlacementView) -> bool:
        other = contents.difference(view, self.po, requests.sent_destination(self.po, self.file))
        if other:
            return self._park(self.po, outcome.differs(other))
        po = self.po.model_copy(
            update={
                "vendor_ids": {**self.po.vendor_ids, **view.vendor_ids},
                # The bill's own amount, once it is known: a look-up may show what was quoted before.
                "payable": self.po.payable or view.payable,
                "tax_in_bill": self.po.tax_in_bill or view.tax_in_bill,
                "placed_at": self.po.placed_at or (self.clock.now() if view.committed and not view.cancelled else None),
            }
        )
        if view.cancelled:
            return self._rejected(po, outcome.CANCELLED_BY_SUPPLIER)
        if view.unreadable:
            return self._park(po, outcome.unreadable(view.unreadable))
        if not view.next_step:
            return self._placed(po, "found at the supplier by our reference: placed")
        names = [step.name for step in self._steps()]
        found, ours = names.index(view.next_step), names.index(po.step)
        if found < ours:
            return self._not_found()
        if found > ours:
            return self._open(self._steps()[found], base=po)
        if not may_send_again(po):
            return self._park(po, outcome.TWO_SENDS)
        return self._open(self._step(po.step), resend=True, base=po)

    def _not_found(self) -> bool:
        """Past the settle window the first step may be sent once more; a later step waits: the look-up lags."""
        first = self.po.step == self._steps()[0].name
        if first and may_send_again(self.po):
            return self._open(self._step(self.po.step), resend=True)
        if first or self.po.refusals >= outcome.MAX_LAGGING_LOOK_UPS:
            return self._park(self.po, outcome.TWO_SENDS if first else outcome.LOOK_UP_LOST)
        return self._look_again("the supplier's look-up does not show it yet")

    def _look_again(self, what: str, why: str = "") -> bool:
        at = self.clock.now() + max(self._windows().lateness, self.timing.retry_first)
        waiting = self.po.model_copy(update={"refusals": self.po.refusals + 1, "settle_until": at})
        self._save(waiting, what, why, due_at=at)
        return False

    # --- writing ------------------------------------------------------------------------------------------------------

    def _save(
        self,
        po: PurchaseOrder,
        what: str,
        why: str = "",
        *,
        spends: list[Spend] | None = None,
        due_at: datetime | None = None,
        hand_over: bool = False,
    ) -> None:
        self.po = outcome.save(self, po, what, why, spends=spends or [], due_at=due_at, hand_over=hand_over)
        self.version += 1
