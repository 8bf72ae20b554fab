"""A supplier by e-mail: what SES took, what its people said with the code, and what our side made of both (P1, P5, P6, P7, P8).

Whether a second supplier may be asked is judged by the ledger (`taken_back`): see purchases.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from local.sandbox.wire import LedgerEntry
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.supplier_answers import UNCONFIRMED, Withdrawal
from tests.simulation.judge.case import Case
from tests.simulation.judge.evidence import Dealing
from tests.simulation.judge.vendors.desk import MAKER

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

LETTERS = ("reminder_mailed", "withdrawal_mailed")
PLACES = ("bodies", "logged", "alerts", "errors")


@dataclass
class DeskBook:
    """By reference: letters, what was said, and how it was answered; which units were refused of each order and SKU."""

    letters: Counter[tuple[str, str]] = field(default_factory=Counter)
    said: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    answered: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)

    def on_entry(self, entry: LedgerEntry, dealing: Dealing | None) -> Iterator[str]:
        """One line of the maker's."""
        reference, data, name = entry.reference, dict(entry.data), dealing.name if dealing else "no order"
        if entry.kind in LETTERS:
            self.letters[reference, entry.kind] += 1
            if self.letters[reference, entry.kind] > 1:
                yield f"P5: {entry.kind} {self.letters[reference, entry.kind]} times: {reference} of {name}"
        elif entry.kind in ("said", "answered"):
            getattr(self, entry.kind).setdefault(reference, []).append(data)
        elif entry.kind == "taken_back":
            self.refused.update({(name, sku): reference for sku in data["quantities"]})
        elif entry.kind == "order_mailed":
            for sku in data["quantities"]:
                if (name, sku) in self.refused:
                    yield f"P1: the maker is asked for {sku} of {name} again, and had refused it as {self.refused[name, sku]}"

    # --- at the end ---------------------------------------------------------------------------------------------------

    def at_the_end(self, sim: Sim, case: Case) -> Iterator[str]:
        """What they said counts, and nothing that they have not said."""
        for po in (one for one in case.orders if one.supplier == MAKER):
            for sentence in (*self._unsaid(po), *self._unheard(sim, po)):
                yield f"{sentence} ({po.reference} of {case.sold.name}: {case.outcome})"
        for reference in sim.memory.get("left_while_off", ()):
            yield f"P10: {reference} went to the next supplier while all are off"
        for mail in {mail.reference: mail for mail in sim.stands[MAKER].inbox}.values():
            if any(mail.signature in text for place in PLACES for text in getattr(sim.seen, place)):
                yield f"P8: the link of {mail.reference} is in a log, a queue, an alert or an exception"

    def _unsaid(self, po: PurchaseOrder) -> Iterator[str]:
        said, answers = self.said.get(po.reference, []), po.answers
        acts = {one["act"] for one in said}
        agreed = {one.get("agreed") for one in said} | {False for one in said if one["act"] in ("confirm", "parcel")}
        if answers.confirmed_by and not acts - {"withdrawal"}:
            yield "P7: it is confirmed here, and nobody with the code said so"
        if {line.line_id for line in answers.refused} - {name for one in said for name in one.get("lines", ())}:
            yield "P7: lines are refused here, and nobody with the code said so"
        if answers.numbers - {one.get("number") for one in said}:
            yield "P7: a parcel is entered here, and nobody with the code said so"
        word = {Withdrawal.AGREED: True, Withdrawal.TOO_LATE: False}.get(answers.withdrawal)
        if word is not None and word not in agreed:
            yield f"P7: the withdrawal is {answers.withdrawal} here, and nobody with the code said so"

    def _unheard(self, sim: Sim, po: PurchaseOrder) -> Iterator[str]:
        """By what they were told that it was taken down."""
        taken = [one for one in self.answered.get(po.reference, []) if one["status"] == 200]
        placed = po.state is PurchaseOrderState.PLACED
        shipping = any(one["act"] in ("confirm", "parcel") for one in taken)
        if shipping and placed and any(reason.code == UNCONFIRMED for reason in po.reasons):
            yield "P11: they have confirmed it, and it waits for their confirmation"
        if shipping and po.answers.withdrawal is Withdrawal.ENDED:
            yield "P1: they have confirmed it, and it was withdrawn"
        left = any(one["act"] == "parcel" for one in taken)
        if left and placed and po.cancel_outcome == "CANCELLATION_REQUESTED":
            yield "P6: a parcel of it has left, and our side says that its cancellation may still come through"
        refused = {name for one in taken for name in one.get("lines", ())}
        if placed and refused & {line.line_id for line in po.lines} and not po.answers.contradiction:
            yield "P1: they refused lines of it, and nothing came of that"
        for one in self.answered.get(po.reference, []):
            told = (alert for alert in sim.seen.alerts if "SUPPLIER_CONTRADICTS" in alert)
            if one["act"] == "parcel" and one["status"] == 409 and not any(one["number"] in alert for alert in told):
                yield f"P14: {one['number']} has left though it was withdrawn, and nobody was told"
            elif one["status"] not in (200, 409, 422):
                yield f"P11: what they said ({one['act']}) was answered {one['status']}"
