"""The protocol of promise P1 as it runs: claim, call, close; or look up what a silent call did."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from orderwright.declarations import Capability
from orderwright.domain.desk_work import DeskStep, desk_step
from orderwright.domain.going_elsewhere import asks_back, taken_back_open
from orderwright.domain.next_action import Action, may_send_again, next_action
from orderwright.domain.order import Reason
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import GIVEN_UP
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.domain.timing import Windows
from orderwright.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, SpendRefused, VendorError, tried
from orderwright.ports.supplier import OrderStep, PlacementView, StepDone
from orderwright.storage import Due, Fact, Spend
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.order_commit import PLACE
from orderwright.usecases.placing import (
    before_paying,
    cancelling,
    contents,
    late_acceptance,
    leaving,
    order_files,
    outcome,
    quoting,
    refusals,
    replanning,
    requests,
    second_stack,
)
from orderwright.usecases.placing.held import Held
from orderwright.usecases.placing.job import (
    FUNCTION,
    Adopt,
    AfterAll,
    Complete,
    Decision,
    Elsewhere,
    Note,
    Park,
    Postpone,
    Reject,
    Replan,
    Stay,
    Withdraw,
    Withdrawn,
)
from orderwright.usecases.placing.letters import Letters
from orderwright.usecases.placing.refusals import Shrink
from orderwright.usecases.rerouting import stayed

TRUSTED_WAITS = 3
ENOUGH = "ordered, and not wanted any more: no further step is made"


@dataclass
class Placement(Held):
    """One worker on the steps of one purchase order, and on what became of it at its supplier."""

    what = "placing the purchase order"

    def _act(self) -> bool:
        gone = leaving.gone(self.job)
        if gone is not None:
            return self._do(gone)
        action = next_action(self.po, self.job.now)
        if action is Action.OPEN:
            return self._open(self._steps()[0])
        if action is Action.LOOK_UP:
            if self.po.sends == 0 and (self.po.confirmed_at is None or self.po.ordered):
                return self._open(self._step(self.po.step))
            return self._recover()
        if taken_back_open(self.po) and self.po.answers.withdrawal is Withdrawal.TOO_LATE:
            self._do(Stay(self.po, "they ship it all the same"))
            return True
        step = desk_step(self.po, self.job.now)
        if step in (DeskStep.SETTLE, DeskStep.END):
            return self._do(refusals.decided(self.job))
        if step is not None or (self.po.asks_cancellation and self._has_desk()):
            Letters(self.job, self.stop_at).run()
            return self.job.now < self.stop_at  # what an answer or a letter came to may be an end
        if order_files.are_over(self.job):
            return self._do(order_files.deleted(self.job))
        if self.po.state is PurchaseOrderState.PLACED:
            if self.po.own_stock and self.po.asks_cancellation:
                return self._write(outcome.taken_off_list(self.job))
            if asks_back(self.po):
                return self._do(leaving.ask_back(self.job))
            answer = cancelling.ask(self.job)
            if isinstance(answer, Postpone):
                return self._do(answer)
            return answer is not None and self._write(outcome.cancellation(self.job, answer.value))
        if self.po.heard_at is not None and self.po.state in GIVEN_UP:
            return self._do(late_acceptance.looked_up(self.job))
        return False

    def _has_desk(self) -> bool:
        settings = self.job.config.suppliers.get(self.po.supplier)
        return settings is not None and settings.can(Capability.DESK)

    # --- what the parts decided ---------------------------------------------------------------------------------------

    def _do(self, decision: Decision | Shrink) -> bool:
        """Carry out a decision; True: read again. The one place that does."""
        match decision:
            case Withdraw():
                return self._do(cancelling.withdraw(self.job, decision))
            case Adopt(view):
                return self._adopt(view)
            case Complete(po, what):
                return self._placed(po, what)
            case AfterAll(po, following) if following and not self.job.unwanted(po):
                return self._open(self._step(following), base=self._after_all(po))
            case AfterAll(po, _):
                return self._placed(po, f"found {po.paid} at the supplier")
            case Postpone():
                return self._postpone(decision, sent=False)
            case Reject(po, reason) if self.job.unwanted(po) and not po.ordered:
                # Nobody wants it any more either: that is the end, and its stock is free again.
                return self._do(Withdrawn(po, self.job.why_unwanted(po), gone=True))
            case Reject(po, reason, unpaid) if unpaid and not po.ordered:
                return self._do(refusals.or_elsewhere(self.job, po, reason))
            case Reject(po, reason):
                return self._do(Park(po, reason, rejected=True, free_spend=True))
            case Elsewhere():
                return self._write(outcome.refused(self.job, decision))
            case Shrink():
                self._write(refusals.shrunk(self.job, decision))
                return True
            case Park():
                return self._write(outcome.parked(self.job, decision))
            case Withdrawn():
                return self._write(outcome.withdrawn(self.job, decision))
            case Replan():
                ended_as = decision.reasons[0].code if decision.reasons else replanning.REPLANNED
                return self._write(outcome.replanned(self.job, decision, ended_as))
            case Stay(po, why):
                name = self.job.config.name_of(po.supplier)
                return self._write(stayed(self.job.commit(), self.job.sk, po, why, name))
            case Note():
                return self._write(outcome.noted(self.job, decision))

    # --- the steps of the vendor --------------------------------------------------------------------------------------

    def _steps(self) -> tuple[OrderStep, ...]:
        return self.job.supplier.steps

    def _step(self, name: str) -> OrderStep:
        return next(step for step in self._steps() if step.name == name)

    def _windows(self) -> Windows:
        settings = self.job.config.suppliers.get(self.po.supplier)
        return self.job.timing.windows_for(settings.lateness_seconds if settings else None)

    def _after(self, name: str) -> OrderStep | None:
        following = self._steps()[self._steps().index(self._step(name)) + 1 :]
        return following[0] if following else None

    # --- opening ------------------------------------------------------------------------------------------------------

    def _open(self, step: OrderStep, *, resend: bool = False, base: PurchaseOrder | None = None) -> bool:
        """Commit the INTENT of a step after its gates, then make the call. `base` carries what the step before gave."""
        po, job = base or self.po, self.job
        sent = po.sends if resend else 0  # what was sent before counts on, so that nothing is sent a third time
        if job.now >= self.stop_at:
            return self._leave_for_next_worker(po, step, sent)
        instead = self._gate(po, step)
        if instead is not None:
            return self._do(instead)
        try:
            unspent = po = quoting.with_customs(job, quoting.with_quote(job, po, step, resend=resend))
        except VendorError as error:
            return self._do(quoting.failed(po, error))
        counts = step.commits or po.reserved_spend is None
        reckoning = po.reckoning if po.ordered or not counts else before_paying.judged(job, po, step)
        if not isinstance(reckoning, Reckoning | None):
            return self._do(reckoning)
        if job.now >= self.stop_at:  # the quote and the store have taken their time
            return self._leave_for_next_worker(po, step, sent)
        spends: list[Spend] = []
        if counts:
            spends = requests.spend_changes(po, job.config, job.now)
            po = po.reserved(po.payable or po.expected_cost, po.spend_day or job.now.date().isoformat(), reckoning)
        if step is self._steps()[0] and not resend:
            # A resend may find the first send accepted late: the mark stays that of the first.
            po = po.addressed(requests.mark(po, job.file)).files_kept(order_files.first_end(job, po))
        po = po.opened(step.name, job.owner, job.now, self._windows(), resend=resend)
        try:
            self._save(po, f"sending step {step.name}" + (" once more" if resend else ""), spends=spends)
        except SpendRefused as error:
            return self._spend_refused(unspent, step, error)
        return self._call(lambda: self._run(step), lambda done: self._done(step, done), sent=True)

    def _gate(self, po: PurchaseOrder, step: OrderStep) -> Decision | None:
        """What forbids this step, as what is done instead."""
        if self.job.unwanted(po):
            return Complete(po, ENOUGH) if po.ordered else Withdraw(po, self.job.why_unwanted(po))
        if not requests.has_address(self.job.file):
            return Park(po, outcome.ADDRESS_MISSING, step.name)
        if po.ordered:
            return None
        if po.leaving is not None:
            return Withdraw(po, Reason(code=po.leaving.code, message=po.leaving.message))
        other = replanning.instead(self.job, po) if step is self._steps()[0] else None
        return other or second_stack.bought_elsewhere(self.job, po, step)

    # --- calling ------------------------------------------------------------------------------------------------------

    def _run(self, step: OrderStep) -> StepDone:
        request = requests.purchase_request(self.po, self.job.file, self.job.config, self.job.now.date())
        return self.job.supplier.run_step(step.name, request)

    def _done(self, step: OrderStep, done: StepDone) -> bool:
        committed_at = self.job.now if step.commits else None
        po = self.po.answered(done.vendor_ids, done.payable, done.tax_in_bill, committed_at)
        following = self._after(step.name)
        if following is None:
            return self._placed(po, f"step {step.name} done: placed {'on account' if po.on_account else 'and paid'}")
        try:
            return self._open(following, base=po)
        except Conflict:
            # Somebody (a cancellation) changed the purchase order meanwhile: keep what the vendor said, decide again.
            return self._keep_progress(step, following, po)

    def _keep_progress(self, step: OrderStep, following: OrderStep, done: PurchaseOrder) -> bool:
        for _ in range(self.tries):
            if not self._read():
                return False
            kept = self.po.with_answer_of(done)
            if self.po.owner != self.job.owner or self.po.step != step.name:
                if not done.ordered or self.po.ordered:
                    return True
                # What is ordered is never forgotten, though others have written meanwhile; what follows is still to be done.
                kept = self._after_all(kept)
            with suppress(Conflict):
                return self._leave_for_next_worker(kept, following, again=True)
        return True

    def _after_all(self, po: PurchaseOrder) -> PurchaseOrder:
        return po.taken_after_all(self.job.now, cancelled=self.job.called_off)

    def _placed(self, done: PurchaseOrder, what: str) -> bool:
        po = done

        def write() -> bool:
            if po.state is PurchaseOrderState.INTENT and po.reserved_spend is not None:
                self._write(outcome.placed(self.job, po, what))
            else:
                self._write(outcome.paid_after_all(self.job, po, f"{what}, after it had been given up"))
            if any(entry.what.endswith("postponed") for entry in self.po.log):
                note_success(self.job.storage, po.supplier, FUNCTION, self.job.now)
            return self.po.cancel_requested or desk_step(self.po, self.job.now) is not None

        def still_open() -> bool:
            nonlocal po
            po = self.po.with_answer_of(done)
            return po.state is not PurchaseOrderState.PLACED

        return self._keep(write, still_open)

    # --- what stands in the way ---------------------------------------------------------------------------------------

    def _leave_for_next_worker(self, po: PurchaseOrder, step: OrderStep, sent: int = 0, *, again: bool = False) -> bool:
        waiting = po.handed_on(step.name, sent, self.job.now)
        self._save(waiting, f"step {step.name} waits for the next worker", hand_over=not again)
        return again

    def _unclear(self, error: OutcomeUnknown, *, sent: bool) -> bool:
        if sent:
            self._save(self.po, "no clear answer", f"{error.message}; looked up after it has settled")
            return False
        if self.po.refusals >= outcome.MAX_LAGGING_LOOK_UPS:
            return self._do(Park(self.po, outcome.another_order(error.message)))
        return self._look_again("the supplier's look-up is unclear", error.message)

    def _later(self, error: VendorError, *, sent: bool) -> bool:
        return self._postpone(Postpone(self.po, error), sent=sent)

    def _postpone(self, postponed: Postpone, *, sent: bool) -> bool:
        """Certainly not done: the same step again later; given up and parked only after many tries."""
        (po, error, at_fault), timing = postponed, self.job.timing
        tries = po.refusals + tried(error)
        if tries > timing.give_up_after:
            reason = outcome.reason_of(error, "It could not be reached for too long. Retry when it answers again.")
            return self._do(Park(po, reason, po.step))
        asked, own = error.after, timing.backoff(max(0, tries - 1))
        # What the vendor asks for is believed a few times; a vendor that goes on refusing is asked ever more seldom.
        after = own if asked is None else asked if tries <= TRUSTED_WAITS else max(asked, own)
        at = self.job.now + max(after, timedelta(seconds=1))
        reason = outcome.reason_of(error, f"Nothing to do: it is tried again automatically at {at:%H:%M} UTC.")
        since = None if at_fault or not tried(error) else self.job.now
        later = po.postponed(at, reason, tries, sent=sent, since=since)
        instead = leaving.not_answering(self.job, later, error) if since else None
        if instead is not None:
            return self._do(instead)
        self._save(later, "postponed", error.message, due_at=at)
        if isinstance(error, Misconfigured):
            note_failure(self.job.storage, at_fault or po.supplier, FUNCTION, error, self.job.now)
        return False

    def _refused(self, error: VendorError, *, sent: bool) -> bool:
        if not sent:
            return self._not_found() if isinstance(error, NotFound) else self._later(error, sent=False)
        po, reason = self.po, outcome.reason_of(error, "Do first what the message asks for, then retry.")
        step = self._step(po.step)
        if step is self._steps()[0]:
            if (
                step.commits and po.sends > 1
            ):  # refused because the send before was accepted late? Nobody else is asked then
                further = f"The last one was refused: {error.message}"
                return self._do(Park(po, outcome.TWO_SENDS.told_further(further)))
            return self._do(Reject(po, reason if step.commits else outcome.taken_back(self.job, reason)))
        return self._do(Park(po, reason, step.name, free_spend=True))

    def _spend_refused(self, po: PurchaseOrder, step: OrderStep, error: SpendRefused) -> bool:
        reason = Reason(code=error.code, message=error.message, fix=requests.SPEND_FIX[error.code])
        if error.code != "KILL_SWITCH":
            # Freed, so that a retry tomorrow counts on tomorrow's limit.
            return self._do(Park(po, reason, step.name, free_spend=True))
        instead = leaving.switched_off(self.job, po)
        if instead is not None:
            return self._do(instead)
        at = self.job.now + self.job.timing.kill_recheck
        self._save(po.held(at, reason), "held", error.message, due_at=at)
        return False

    # --- after silence ------------------------------------------------------------------------------------------------

    def _recover(self) -> bool:
        if self.po.ordered and self.job.unwanted(self.po):
            return self._placed(self.po, ENOUGH)
        return self._call(lambda: late_acceptance.view_of(self.po, self.job.supplier), self._seen, sent=False)

    def _seen(self, view: PlacementView | None) -> bool:
        if view is None:
            return self._do(Park(self.po, outcome.UNCLEAR_NO_LOOK_UP))
        return self._adopt(view) if view.found else self._not_found()

    def _adopt(self, view: PlacementView) -> bool:
        other = contents.difference(view, self.po, requests.sent_destination(self.po, self.job.file))
        if other:
            return self._do(Park(self.po, outcome.differs(other)))
        committed_at = self.job.now if view.committed and not view.cancelled else None
        po = self.po.found(view.vendor_ids, view.payable, view.tax_in_bill, committed_at)
        if view.cancelled:
            return self._do(Reject(po, outcome.CANCELLED_BY_SUPPLIER, unpaid=not view.committed))
        if view.unreadable:
            return self._do(Park(po, outcome.unreadable(view.unreadable)))
        if not view.next_step:
            return self._placed(po, "found at the supplier by our reference: placed")
        names = [step.name for step in self._steps()]
        found, ours = names.index(view.next_step), names.index(po.step)
        if found < ours:
            return self._not_found()
        if found > ours:
            return self._open(self._steps()[found], base=po)
        if not may_send_again(po):
            return self._do(Park(po, outcome.TWO_SENDS))
        return self._open(self._step(po.step), resend=True, base=po)

    def _not_found(self) -> bool:
        """Past the settle window the first step may be sent once more; a later step waits: the look-up lags."""
        first = self.po.step == self._steps()[0].name
        if first and may_send_again(self.po):
            return self._open(self._step(self.po.step), resend=True)
        if first or self.po.refusals >= outcome.MAX_LAGGING_LOOK_UPS:
            return self._do(Park(self.po, outcome.TWO_SENDS if first else outcome.LOOK_UP_LOST))
        return self._look_again("the supplier's look-up does not show it yet")

    def _look_again(self, what: str, why: str = "") -> bool:
        at = self.job.now + max(self._windows().lateness, self.job.timing.retry_first)
        self._save(self.po.looked_up_again(at), what, why, due_at=at)
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
        """The purchase order alone, woken again when it has settled."""
        commit, due = self.job.commit(), Due(due_at, PLACE) if due_at else None
        facts = [Fact(PLACE, pk=self.job.pk, sk=self.job.sk)] if hand_over else []
        commit.purchase_order(self.job.sk, po, what, why, facts=facts, due=due)
        self._write(commit.beside(*(spends or [])))
