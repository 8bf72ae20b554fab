"""The forms of a supplier's page: what was typed, as an answer, or what is wrong with each field. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl

from orderwright.domain.outside_texts import one_line
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import EnteredParcel, Withdrawal
from orderwright.domain.tracking_numbers import clean
from orderwright.usecases.answering import SUPPLIER, Said, faults_of

CONFIRM, REFUSE, PARCEL, WITHDRAWAL = "confirm", "refuse", "parcel", "withdrawal"
ACTS = (CONFIRM, REFUSE, PARCEL, WITHDRAWAL)
LONGEST = {"their_number": 64, "tracking_number": 64, "carrier": 60, "why": 200}
_MOST_FIELDS, _MOST_SIGNS = 500, 300
_AHEAD = timedelta(days=366)
_FIELD_OF = {"refused": "lines", "parcels": "tracking_number", "units": "tracking_number"}
"""Where the page shows a fault of usecases/answering.py; others stand at the field of their name."""


class Wrong(NamedTuple):
    """A key of the page's words, and the number that its text says."""

    code: str
    most: int = 0


def typed_in(body: bytes) -> dict[str, str]:
    """Field -> what was typed, on one line; nothing where it is no form."""
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}
    return {one_line(name, _MOST_SIGNS): one_line(text, _MOST_SIGNS) for name, text in pairs}


def answer_of(po: PurchaseOrder, typed: Mapping[str, str], now: datetime) -> tuple[Said, dict[str, Wrong]]:
    """The answer of a form whose `act` is one of ACTS, and the fields that are wrong."""
    wrong: dict[str, Wrong] = {}
    for name, text in typed.items():
        most = LONGEST.get(name.partition("-")[0])
        if most is not None and len(text) > most:
            wrong[name] = Wrong("TOO_LONG", most)
    said = _READ[typed["act"]](po, typed, now, wrong)
    if not wrong:
        for fault in faults_of(po, said):
            wrong.setdefault(_FIELD_OF.get(fault.field, fault.field), Wrong(fault.code))
    return said, wrong


def is_repeated(po: PurchaseOrder, said: Said) -> bool:
    """Was the same said before, and settled since?"""
    if said.withdrawn is not None:
        known = {True: Withdrawal.AGREED, False: Withdrawal.TOO_LATE}
        return po.answers.withdrawal is known[said.withdrawn]
    return bool(said.refused) and said.refused.keys() <= {line.line_id for line in po.answers.refused}


def _confirmed(_: PurchaseOrder, typed: Mapping[str, str], now: datetime, wrong: dict[str, Wrong]) -> Said:
    ships_on, text = None, typed.get("ships_on", "")
    if text:
        try:
            ships_on = date.fromisoformat(text)
        except ValueError:
            wrong["ships_on"] = Wrong("DATE_UNREADABLE")
    if ships_on and ships_on < now.date() - timedelta(days=1):  # it is still yesterday in some places
        wrong["ships_on"] = Wrong("DATE_PAST")
    elif ships_on and ships_on > now.date() + _AHEAD:
        wrong["ships_on"] = Wrong("DATE_FAR")
    return Said(confirmed=True, ships_on=ships_on, their_number=typed.get("their_number", ""))


def _refused(po: PurchaseOrder, typed: Mapping[str, str], _: datetime, wrong: dict[str, Wrong]) -> Said:
    ticked = [name.partition("-")[2] for name in typed if name.startswith("refused-")]
    here = {line.line_id for line in po.lines}
    before = {line.line_id: line.why for line in po.answers.refused}
    if not ticked:
        wrong["lines"] = Wrong("REFUSED_NONE")
    elif not set(ticked) <= here | before.keys():
        wrong["lines"] = Wrong("LINE_UNKNOWN")
    why = {line: typed.get(f"why-{line}", "") or before.get(line, "") for line in ticked}
    for line, text in why.items():
        if not text and line in here:
            wrong.setdefault(f"why-{line}", Wrong("WHY_MISSING"))
    if set(ticked) <= before.keys():
        return Said(refused=why)
    return Said(refused={line: text for line, text in why.items() if line in here})


def _parcel(po: PurchaseOrder, typed: Mapping[str, str], now: datetime, wrong: dict[str, Wrong]) -> Said:
    number, units = clean(typed.get("tracking_number", "")), dict[str, int]()
    if not number:
        wrong["tracking_number"] = Wrong("NUMBER_MISSING")
    bought = {line.line_id: line.quantity for line in po.lines}
    for name, text in typed.items():
        what, _, line = name.partition("-")
        if what != "units" or not text:
            continue
        if line not in bought:
            wrong["tracking_number"] = Wrong("LINE_UNKNOWN")
        elif not (text.isascii() and text.isdigit() and int(text) <= bought[line]):
            wrong[name] = Wrong("UNITS_WRONG", bought[line])
        elif int(text):
            units[line] = int(text)
    if wrong:
        return Said()
    parcel = EnteredParcel(
        tracking_number=number, carrier=typed.get("carrier", ""), units=units, who=SUPPLIER, at=now
    )  # fmt: skip
    known = next((one for one in po.answers.parcels if one.tracking_number == number), None)
    if known is not None and (known.units, known.carrier) != (parcel.units, parcel.carrier):
        wrong["tracking_number"] = Wrong("NUMBER_THERE")
    return Said(parcels=(parcel,))


def _withdrawn(_: PurchaseOrder, typed: Mapping[str, str], __: datetime, wrong: dict[str, Wrong]) -> Said:
    said = {"yes": True, "no": False}.get(typed.get("withdrawn", ""))
    if said is None:
        wrong["withdrawn"] = Wrong("WITHDRAWAL_MISSING")
    return Said(withdrawn=said)


_READ = {CONFIRM: _confirmed, REFUSE: _refused, PARCEL: _parcel, WITHDRAWAL: _withdrawn}
