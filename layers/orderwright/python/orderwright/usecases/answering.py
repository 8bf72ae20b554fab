"""What people at a supplier say of a purchase order, on its page or to the operator by phone, is written down (promises P1, P6).

Here it is only written, in one commit: what follows from it is carried out by the function that places (refusals, withdrawals)
and by the one that tracks (parcels). The same answer again changes nothing; the opposite of an earlier one waits for a person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from orderwright.domain.order import units_of
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import GIVEN_UP
from orderwright.domain.supplier_answers import EnteredParcel, SupplierAnswers, Withdrawal
from orderwright.domain.tracking_numbers import clean, recognise
from orderwright.storage import Fact, Storage, retry_on_conflict
from orderwright.usecases.alerts import alert
from orderwright.usecases.order_commit import PLACE, TRACK, OrderCommit

SUPPLIER = "supplier"
"""Who answers on the page: nobody knows the person."""
MOST_PARCELS = 30


class Said(NamedTuple):
    """One answer. `refused`: line id -> the reason. `withdrawn`: to "do not ship": True they will not, False it has left.

    `sure`: the operator knows what was said before, and this counts.
    """

    confirmed: bool = False
    refused: Mapping[str, str] = {}
    ships_on: date | None = None
    their_number: str = ""
    parcels: tuple[EnteredParcel, ...] = ()
    withdrawn: bool | None = None
    sure: bool = False


class Heard(StrEnum):
    """What became of an answer. ENDED: the purchase order is withdrawn or refused, so nothing is to be shipped."""

    TAKEN = "TAKEN"
    UNCHANGED = "UNCHANGED"
    CONTRADICTS = "CONTRADICTS"
    ENDED = "ENDED"


class AnswerFault(NamedTuple):
    """What is wrong with an answer: the field, what it is, and what to do."""

    field: str
    code: str
    message: str


def faults_of(po: PurchaseOrder, said: Said) -> list[AnswerFault]:
    """What of an answer cannot be accepted. Nothing was written."""
    return list(_faults(po, said))


def _faults(po: PurchaseOrder, said: Said) -> Iterator[AnswerFault]:
    bought = units_of((line.line_id, line.quantity) for line in po.lines)
    known = bought.keys() | {line.line_id for line in po.answers.refused}  # the same refusal again is no fault
    for name in said.refused.keys() - known:
        yield AnswerFault("refused", "LINE_UNKNOWN", f"line {name} is not in this purchase order")
    if len(po.answers.parcels) + len(said.parcels) > MOST_PARCELS:
        yield AnswerFault("parcels", "TOO_MANY_PARCELS", f"more than {MOST_PARCELS} parcels: write to the shop")
    left = _not_sent(po, bought)
    for parcel in said.parcels:
        number = parcel.tracking_number
        if not clean(number).isalnum():
            yield AnswerFault("tracking_number", "NUMBER_UNREADABLE", "it has letters and digits only: correct it")
        elif not parcel.carrier and not recognise(number):
            what = "no carrier that is known here has numbers of this form: correct it, or name the carrier"
            yield AnswerFault("tracking_number", "NUMBER_UNKNOWN", what)
        for name, units in parcel.units.items():
            if name not in bought:
                yield AnswerFault("units", "LINE_UNKNOWN", f"line {name} is not in this purchase order")
            elif not 0 < units <= bought[name]:
                yield AnswerFault("units", "UNITS_WRONG", f"{units} of line {name}: 1 to {bought[name]} were ordered")
        if clean(number) not in po.answers.numbers and not _taken_from(left, parcel):
            what = "all units are in other parcels already: say how many of each line are in each parcel"
            yield AnswerFault("units", "UNITS_TAKEN", what)


def _not_sent(po: PurchaseOrder, bought: Mapping[str, int]) -> dict[str, int]:
    left = dict(bought)
    for parcel in po.answers.parcels:
        _taken_from(left, parcel)
    return left


def _taken_from(left: dict[str, int], parcel: EnteredParcel) -> bool:
    """Take a parcel's units out of `left`; False where there is nothing for it. Without units it has all that is left."""
    taken = {name: min(units, left.get(name, 0)) for name, units in (parcel.units or dict(left)).items()}
    left.update({name: left.get(name, 0) - units for name, units in taken.items()})
    return any(taken.values())


def take_answer(
    storage: Storage, pk: str, sk: str, said: Said, who: str, now: datetime, correlation: str = ""
) -> tuple[Heard, PurchaseOrder]:
    """Write one answer down, without faults (see `faults_of`); gives what became of it, and the purchase order as it is then.

    Raises KeyError where there is no such purchase order, Conflict where others write all the time.
    """

    def taken() -> tuple[Heard, PurchaseOrder]:
        file = storage.load_order(pk)
        po = file.purchase_orders[sk].model
        heard, after = weigh(po, said, who, now)
        if after == po:
            return heard, po
        commit = OrderCommit(file, who, now, correlation)
        after = commit.purchase_order(sk, after, _told(heard, said), _why(said), facts=_facts(po, after, pk, sk))
        commit.order("the supplier answered")
        commit.write(storage)
        return heard, after

    return retry_on_conflict(taken, "a supplier's answer")


def weigh(po: PurchaseOrder, said: Said, who: str, now: datetime) -> tuple[Heard, PurchaseOrder]:
    """What becomes of an answer, and of the purchase order with it. Writes nothing."""
    answers, ships = po.answers, said.confirmed or bool(said.parcels)
    ended = po.state is PurchaseOrderState.CANCELLED or answers.withdrawal in (Withdrawal.AGREED, Withdrawal.ENDED)
    if ended or (po.state is PurchaseOrderState.REJECTED and not said.sure):
        if said.parcels:  # goods that nobody wants are on their way: never to be missed
            numbers = ", ".join(parcel.tracking_number for parcel in said.parcels)
            return Heard.ENDED, po.answered_with(answers.contradicted(f"shipped in {numbers}, though it is withdrawn"))
        return Heard.ENDED, po.answered_with(answers.contradicted("")) if said.sure else po
    if said.withdrawn is not None and (answers.withdrawal is Withdrawal.ASKED or said.sure):
        if said.withdrawn and answers.parcels and not said.sure:
            return _contradicts(po, "will not be shipped, though parcels have left")
        if not said.withdrawn:
            po = po.confirmed(now)
        return Heard.TAKEN, po.answered_with(
            _decided(po.answers, said).withdrawing(Withdrawal.AGREED if said.withdrawn else Withdrawal.TOO_LATE)
        )
    if said.refused and not said.sure and (po.confirmed_at is not None or answers.parcels):
        return _contradicts(po, f"{len(said.refused)} lines are refused, though the order was confirmed")
    refused = {line.line_id for line in answers.open_refusals}
    if ships and refused and refused >= {line.line_id for line in po.lines} and not said.sure:
        numbers = ", ".join(parcel.tracking_number for parcel in said.parcels)
        return _contradicts(po, f"it is {f'shipped in {numbers}' if numbers else 'confirmed'}, though it was refused")
    after = _decided(answers, said)
    if said.refused:
        ordered = {line.line_id: (line.sku, line.quantity) for line in po.lines}
        after = after.refusing(said.refused, who, now, ordered)
    if ships or (said.refused and len(said.refused) < len(po.lines)):
        after = after.confirmed(who, said.ships_on, said.their_number).sent(said.parcels)
        if ships and after.withdrawal is Withdrawal.ASKED:  # that is what they say to "do not ship"
            after = after.withdrawing(Withdrawal.TOO_LATE)
        if after != answers:
            po = po.confirmed(now)
        if po.state in GIVEN_UP and after != answers:
            po = po.heard_of(now)
    return (Heard.UNCHANGED if after == answers else Heard.TAKEN), po.answered_with(after)


def _decided(answers: SupplierAnswers, said: Said) -> SupplierAnswers:
    """The operator has said what counts: nothing is open between this answer and an earlier one."""
    if not said.sure:
        return answers
    return (answers if said.refused else answers.refusals_overruled()).contradicted("")


def _contradicts(po: PurchaseOrder, what: str) -> tuple[Heard, PurchaseOrder]:
    return Heard.CONTRADICTS, po.answered_with(po.answers.contradicted(f"the supplier says that {what}"))


def _facts(before: PurchaseOrder, after: PurchaseOrder, pk: str, sk: str) -> list[Fact]:
    answers, old, facts = after.answers, before.answers, list[Fact]()
    if answers.open_refusals or answers.withdrawal is not old.withdrawal or after.heard_at != before.heard_at:
        facts.append(Fact(PLACE, connection=after.supplier, pk=pk, sk=sk))
    if answers.parcels != old.parcels:
        facts.append(Fact(TRACK, connection=after.supplier, pk=pk, sk=sk))
    if answers.contradiction not in ("", old.contradiction):
        told = answers.contradiction
        facts.append(
            alert("SUPPLIER_CONTRADICTS", after.supplier, pk=pk, sk=sk, resource=after.reference, message=told)
        )
    return facts


def _told(heard: Heard, said: Said) -> str:
    if heard is not Heard.TAKEN:
        return f"an answer of the supplier: {heard.value.lower()}"
    if said.withdrawn is not None:
        return "the supplier will not ship it" if said.withdrawn else "the supplier has shipped it already"
    parts = [f"{len(said.refused)} lines refused"] * bool(said.refused) + ["confirmed"] * said.confirmed
    parts += [f"parcel {parcel.tracking_number}" for parcel in said.parcels]
    return f"the supplier answered: {', '.join(parts)}"


def _why(said: Said) -> str:
    when = [f"ships on {said.ships_on}"] * (said.ships_on is not None)
    return "; ".join((*when, *(f"{line}: {why}" for line, why in said.refused.items() if why)))
