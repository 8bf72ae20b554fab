"""Guards around a supplier whose people read mails (promises P1, P5, P7, P11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import LetterKind, SupplierAnswers, Withdrawal
from orderwright.errors import OutcomeUnknown
from orderwright.ports.supplier import ParcelNews, PlacementView, SupplierOrderView
from orderwright.records import Stored
from orderwright.usecases import serve_supplier_page
from orderwright.usecases.intake import stock
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.placing import outcome, refusals
from orderwright.usecases.placing.letters import Letters
from orderwright.usecases.placing.placement import Placement
from orderwright.usecases.rerouting import Tried
from orderwright.usecases.tracking import matching
from tests.simulation.modes.desk import AGREED, MISSED, OK, REFUSED, SENDING, DeskPlanned, path
from tests.simulation.modes.hunting import Guard

Removed = AbstractContextManager[object]
LATE = path("confirmed much too late", "wait", "wait", "clerk: confirm", "wait")
PIECES = path("one piece sent", "clerk: ship one", "wait", "clerk: ship one", "wait")


def _next_after_silence() -> Removed:
    real = Placement._seen

    def seen(self: Placement, view: PlacementView | None) -> bool:
        if view is None:
            return self._do(refusals.or_elsewhere(self.job, self.po, outcome.UNCLEAR_NO_LOOK_UP))
        return real(self, view)

    return patch.object(Placement, "_seen", seen)


def _never_agreed() -> Removed:
    def missed(self: Letters) -> bool:
        ended = self.po.answered_with(self.po.answers.withdrawing(Withdrawal.ENDED).awaited(None))
        return self._send(LetterKind.WITHDRAWAL, ended, "withdrawn")

    return patch.object(Letters, "_missed", missed)


def _again_after_silence() -> Removed:
    def unclear(self: Letters, error: OutcomeUnknown, *, sent: bool) -> bool:
        return self._later(error, sent=sent)

    return patch.object(Letters, "_unclear", unclear)


def _told_nobody(kind: LetterKind) -> Callable[[], Removed]:
    """What is about to be sent is known to this worker only."""

    def removed() -> Removed:
        real = Letters._write

        def careless(self: Letters, commit: OrderCommit) -> bool:
            po, held = commit.orders[self.job.sk], self.job.file.purchase_orders
            letter = po.answers.letters.get(kind)
            if letter is None or letter.owner != self.job.owner:
                return real(self, commit)
            mine = {self.job.sk: Stored(po, held[self.job.sk].version)}
            self.job = replace(self.job, file=replace(self.job.file, purchase_orders=held | mine))
            return False

        return patch.object(Letters, "_write", careless)

    return removed


@contextmanager
def _counts_twice() -> Iterator[None]:
    def all_of_them(view: SupplierOrderView, po: PurchaseOrder) -> SupplierOrderView:
        told = ((one.tracking_number, one.carrier, "", tuple(one.units.items())) for one in po.answers.parcels)
        return view._replace(parcels=tuple(ParcelNews(*one, by_line_id=True) for one in told))

    unknown = patch.object(SupplierAnswers, "numbers", property(lambda answers: frozenset()))
    with unknown, patch.object(matching, "with_entered", all_of_them):
        yield


def _any_code(*_: Any) -> str:
    return ""


DESK: tuple[Guard, ...] = (
    Guard(
        "an order whose mail is in doubt is parked",
        "P1",
        "the next supplier is asked while the first perhaps has the order",
        _next_after_silence,
        "were paid for",
        DeskPlanned(OK, SENDING, "lose_answer"),
    ),
    Guard(
        "a missed confirmation is no refusal without agreed terms",
        "P1",
        "who is slow is taken for who refused, and two suppliers ship",
        _never_agreed,
        "were paid for",
        DeskPlanned(MISSED),
    ),
    Guard(
        "a reminder in doubt is not sent again",
        "P5",
        "the supplier gets the same order three times",
        _again_after_silence,
        "reminder_mailed 2 times",
        DeskPlanned(MISSED, SENDING, "lose_answer", nth=2),
    ),
    Guard(
        "SENDING of a letter before the call",
        "P5",
        "nobody but the worker knows that it reminded",
        _told_nobody(LetterKind.REMINDER),
        "reminder_mailed 2 times",
        DeskPlanned(MISSED, SENDING, "kill", nth=2),
    ),
    Guard(
        "the withdrawal before its letter",
        "P1",
        "they are told not to ship what our side still waits for",
        _told_nobody(LetterKind.WITHDRAWAL),
        "withdrawal_mailed 2 times",
        DeskPlanned(AGREED, SENDING, "kill", nth=3),
    ),
    Guard(
        "the code of the mail",
        "P7",
        "a program that opens links and presses buttons answers for the supplier",
        lambda: patch.object(serve_supplier_page, "_code_fault", _any_code),
        "nobody with the code said so",
        DeskPlanned(OK),
    ),
    Guard(
        "a late confirmation",
        "P11",
        "an order that the supplier has confirmed waits for a person for ever",
        lambda: patch.object(PurchaseOrder, "confirmed", lambda po, now: po),
        "it waits for their confirmation",
        DeskPlanned(LATE),
    ),
    Guard(
        "whoever refused a line is not asked for it again",
        "P1",
        "the order goes round in circles, and the supplier gets it again and again",
        lambda: patch.object(stock, "refused_by", lambda orders: Tried()),
        "the maker is asked for",
        DeskPlanned(REFUSED),
    ),
    Guard(
        "a number that was entered is one parcel",
        "P5",
        "a double click counts a parcel twice, and the store is told of goods that are not in it",
        _counts_twice,
        "was recorded with",
        DeskPlanned(PIECES),
    ),
)
