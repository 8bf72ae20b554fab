"""Letters to the people of a supplier: the reminder, and "do not ship". Each goes out once at most (promises P1, P5, P6).

SENDING is committed before the call. Unclear: never repeated, and shown to the operator. Certainly not sent: the same letter
again later, so many times; then it is FAILED, and the operator is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from orderwright.domain.desk_work import DeskStep, cancellation_of, desk_step
from orderwright.domain.order import Reason
from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import UNCONFIRMED, Letter, LetterKind, LetterState, Withdrawal
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, VendorError, tried
from orderwright.storage import Fact
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import note_failure
from orderwright.usecases.order_summary import ACKNOWLEDGED
from orderwright.usecases.placing import requests
from orderwright.usecases.placing.held import Held
from orderwright.usecases.placing.job import FUNCTION

MOST_TRIES = 20
"""Sends that certainly failed: about four hours on AWS."""
NAMES = {LetterKind.REMINDER: "the reminder", LetterKind.WITHDRAWAL: 'the letter "do not ship"'}
_ALERTS = {LetterState.UNCLEAR: "LETTER_UNCLEAR", LetterState.FAILED: "LETTER_FAILED"}


@dataclass
class Letters(Held):
    """One worker on the letters of one purchase order, and on what follows from them."""

    kind: LetterKind = LetterKind.REMINDER

    what = "writing to the supplier"

    def _act(self) -> bool:
        po, job = self.po, self.job
        if po.asks_cancellation:
            asked = po.answered_with(po.answers.withdrawing(Withdrawal.ASKED).awaited(None))
            return self._send(LetterKind.WITHDRAWAL, asked, "cancelled: the supplier is asked not to ship it")
        match desk_step(po, job.now):
            case DeskStep.LETTER:
                return self._open_letter()
            case DeskStep.WITHDRAW:
                return self._send(LetterKind.WITHDRAWAL, po, "the supplier is told not to ship it")
            case DeskStep.TELL:
                return self._told()
            case DeskStep.REMIND:
                later = po.answered_with(po.answers.awaited(job.now + self._hours()))
                return self._send(LetterKind.REMINDER, later, "not confirmed in time: the supplier is reminded")
            case DeskStep.MISSED:
                return self._missed()
        return False

    def _hours(self) -> timedelta:
        settings = self.job.config.suppliers.get(self.po.supplier)
        return self.job.timing.confirm_hour * ((settings.confirm_within_hours if settings else None) or 24)

    # --- what is due --------------------------------------------------------------------------------------------------

    def _open_letter(self) -> bool:
        """The first one whose time has come: its worker has died, or it is tried again."""
        now = self.job.now
        (letter, *_) = sorted(
            (one for one in self.po.answers.letters.values() if one.is_open), key=lambda one: one.settle_until or now
        )
        self.kind = letter.kind
        if letter.state is LetterState.SENDING:
            return self._end(LetterState.UNCLEAR, why="the worker that sent it has died")
        answers = self.po.answers
        asks = answers.withdrawal in (Withdrawal.ASKED, Withdrawal.ENDED)
        needed = asks if letter.kind is LetterKind.WITHDRAWAL else answers.confirm_by is not None and not asks
        if not needed:
            return self._end(LetterState.FAILED, why="it was not needed any more", quiet=True)
        return self._send(letter.kind, self.po, f"{NAMES[letter.kind]} is sent once more")

    def _missed(self) -> bool:
        """Withdrawn where that was agreed and they were certainly reminded; else a person decides."""
        po, job = self.po, self.job
        settings, reminder = job.config.suppliers.get(po.supplier), po.answers.letters[LetterKind.REMINDER]
        if settings and settings.unconfirmed_is_refused and reminder.state is LetterState.SENT:
            ended = po.answered_with(po.answers.withdrawing(Withdrawal.ENDED).awaited(None))
            return self._send(LetterKind.WITHDRAWAL, ended, "not confirmed after the reminder: withdrawn, as agreed")
        name, commit = job.config.name_of(po.supplier), job.commit()
        reason = Reason(
            code=UNCONFIRMED,
            message=f"{name} has not confirmed {po.reference}, also not after a reminder ({reminder.state.lower()}).",
            fix="Ask the supplier, then confirm or refuse it in its name, or withdraw it.",
        )
        commit.purchase_order(job.sk, po.unconfirmed(reason), "not confirmed after the reminder", reason.message)
        commit.order("a purchase order is not confirmed")
        self._write(commit)
        return True

    def _told(self) -> bool:
        """What a cancellation came to. What turned out worse than it was told is told again."""
        came_to, commit, record = cancellation_of(self.po), self.job.commit(), self.job.record
        what = f"cancellation after placement: {came_to.value}"
        commit.purchase_order(self.job.sk, self.po.cancellation_answered(came_to.value), what)
        if came_to is CancelOutcome.ORDERED_TOO_LATE and ACKNOWLEDGED in record.released:
            record = record.let_pass((), record.releases, lifted=(ACKNOWLEDGED,))
        commit.order("cancelled after placement", record)
        self._write(commit)
        return True

    # --- sending ------------------------------------------------------------------------------------------------------

    def _send(self, kind: LetterKind, po: PurchaseOrder, what: str) -> bool:
        """Commit what it is about together with SENDING, then hand it over, once."""
        job, self.kind = self.job, kind
        if job.now >= self.stop_at:
            return False  # it stays due
        letter = po.answers.letters.get(kind) or Letter(kind=kind, at=job.now)
        letter = letter.sending(job.owner, job.now + job.timing.windows.lease)
        commit = job.commit()
        commit.purchase_order(job.sk, po.answered_with(po.answers.lettered(letter)), what)
        self._write(commit)
        return self._call(self._write_to_desk, lambda sent: self._end(LetterState.SENT, message_id=sent), sent=True)

    def _write_to_desk(self) -> str:
        desk = self.job.desk_for(self.po.supplier)
        if desk is None:
            raise Rejected(f"{self.job.config.name_of(self.po.supplier)} takes no letters", code="NO_DESK")
        return desk.write(self.kind, requests.letter_request(self.po, self.job.file))

    def _unclear(self, error: OutcomeUnknown, *, sent: bool) -> bool:
        return self._end(LetterState.UNCLEAR, why=error.message)

    def _later(self, error: VendorError, *, sent: bool) -> bool:
        job, tries = self.job, self._letter.tries
        if tries >= MOST_TRIES:
            return self._end(LetterState.FAILED, why=error.message)
        if isinstance(error, Misconfigured):
            note_failure(job.storage, self.po.supplier, FUNCTION, error, job.now)
        at = job.now + max(error.after or job.timing.backoff(tries), timedelta(seconds=1))
        later = self._letter.waiting(at, error.message, tries + tried(error))
        return self._keep_letter(later, f"{NAMES[self.kind]} waits", error.message, [])

    def _refused(self, error: VendorError, *, sent: bool) -> bool:
        return self._end(LetterState.FAILED, why=error.message)

    @property
    def _letter(self) -> Letter:
        return self.po.answers.letters[self.kind]

    def _end(self, state: LetterState, *, message_id: str = "", why: str = "", quiet: bool = False) -> bool:
        """Write down how it ended, with an alert where it did not end well."""
        what = f"{NAMES[self.kind]} is {state.value.lower()}"
        facts = []
        if state in _ALERTS and not quiet:
            message = f"{what} for {self.po.reference}: {why}"
            facts.append(alert(_ALERTS[state], self.po.supplier, pk=self.job.pk, sk=self.job.sk, message=message))
        ended = self._letter.ended(state, message_id=message_id, why=why)
        return self._keep_letter(ended, what, why, facts)

    def _keep_letter(self, letter: Letter, what: str, why: str, facts: list[Fact]) -> bool:
        held = self._letter

        def write() -> bool:
            commit = self.job.commit()
            answers = self.po.answers.lettered(letter)
            commit.purchase_order(self.job.sk, self.po.answered_with(answers), what, why, facts=facts)
            self._write(commit)
            return True

        def still_ours() -> bool:
            now = self.po.answers.letters.get(self.kind)
            return now is not None and now.owner == held.owner and now.state is held.state

        return self._keep(write, still_ours)
