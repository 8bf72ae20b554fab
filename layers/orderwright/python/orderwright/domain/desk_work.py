"""What is to be done about an order that people have in their hands: what they said, and what they should have said by now.

| what is there                                       | step                                                          |
|-----------------------------------------------------|---------------------------------------------------------------|
| lines that they refused                             | SETTLE: out of it, or all of it ends                          |
| they will not ship it                               | END: nothing is ordered                                       |
| a letter that is open, at its time                  | LETTER: once more where it was certainly not sent, or UNCLEAR |
| it is to be withdrawn, and they were not written to | WITHDRAW: the letter "do not ship"                            |
| we withdrew it, and they were written to            | END                                                           |
| cancelled, and they were written to, or have sent it| TELL: what the cancellation came to                           |
| not confirmed in time, not reminded                 | REMIND                                                        |
| not confirmed in time, reminded                     | MISSED: withdrawn where that was agreed, else before a person |
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.supplier_answers import LetterKind, LetterState, Withdrawal


class DeskStep(StrEnum):
    """One of them; the first that is due is done."""

    SETTLE = "SETTLE"
    END = "END"
    LETTER = "LETTER"
    WITHDRAW = "WITHDRAW"
    TELL = "TELL"
    REMIND = "REMIND"
    MISSED = "MISSED"


def desk_due(po: PurchaseOrder, now: datetime) -> datetime | None:
    """When the next step is due: `now` for one that is due already; None where there is none."""
    return min((max(at or now, now) for at, _ in _steps(po)), default=None)


def desk_step(po: PurchaseOrder, now: datetime) -> DeskStep | None:
    """The step that is due now."""
    return next((step for at, step in _steps(po) if at is None or at <= now), None)


def _steps(po: PurchaseOrder) -> Iterator[tuple[datetime | None, DeskStep]]:
    """The steps, and from when on each is due; None: at once."""
    answers, placed = po.answers, po.state is PurchaseOrderState.PLACED
    all_refused = {line.line_id for line in po.lines} <= {line.line_id for line in answers.open_refusals}
    if answers.open_refusals and (placed or (po.state is PurchaseOrderState.PARKED and all_refused)):
        yield None, DeskStep.SETTLE
    elif placed and answers.withdrawal is Withdrawal.AGREED:
        yield None, DeskStep.END
    elif placed and any(letter.is_open for letter in answers.letters.values()):
        yield from ((letter.settle_until, DeskStep.LETTER) for letter in answers.letters.values() if letter.is_open)
    elif placed:
        yield from _unhurried(po)


def _unhurried(po: PurchaseOrder) -> Iterator[tuple[datetime | None, DeskStep]]:
    answers = po.answers
    if answers.withdrawal in (Withdrawal.ASKED, Withdrawal.ENDED) and LetterKind.WITHDRAWAL not in answers.letters:
        yield None, DeskStep.WITHDRAW
    elif answers.withdrawal is Withdrawal.ENDED:
        yield None, DeskStep.END
    elif answers.withdrawal is not Withdrawal.NONE:
        if po.cancel_requested and po.cancel_outcome != cancellation_of(po):
            yield None, DeskStep.TELL
    elif answers.confirm_by is not None:
        reminded = LetterKind.REMINDER in answers.letters
        yield answers.confirm_by, DeskStep.MISSED if reminded else DeskStep.REMIND


def cancellation_of(po: PurchaseOrder) -> CancelOutcome:
    """What a cancellation has come to, as far as it is known (promise P6): they were certainly asked, or will ship it."""
    letter = po.answers.letters.get(LetterKind.WITHDRAWAL)
    asked = letter is not None and letter.state is LetterState.SENT and po.answers.withdrawal is Withdrawal.ASKED
    open_still = asked and not po.answers.parcels  # a number that was entered is an answer as well: it has left
    return CancelOutcome.CANCELLATION_REQUESTED if open_still else CancelOutcome.ORDERED_TOO_LATE
