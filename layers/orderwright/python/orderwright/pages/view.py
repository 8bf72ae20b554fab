"""A purchase order laid out for the people at its supplier: what stands on the page, cleaned and bounded, in their language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orderwright.domain.config import Merchant
from orderwright.domain.order import Address
from orderwright.domain.outside_texts import one_line
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.pages.words import day_text, instant_text

TITLE, FIELD, ADDRESS_LINE = 200, 80, 120


class BillForm(NamedTuple):
    """A bill that came on the page. `state`: the middle of a key of the words, bill_<this>; `why`: a key of them, or ""."""

    name: str
    number: str
    total: str
    state: str
    why: str


class BillFile(NamedTuple):
    """The form that sends a bill's file straight to the bucket."""

    url: str
    fields: Mapping[str, str]
    number: str
    content_type: str


class Shown(NamedTuple):
    """What a page is made of. `destination`: None where it was erased; `moved`: it is not the one that they were sent."""

    po: PurchaseOrder
    merchant: Merchant
    destination: Address | None
    moved: bool
    language: str
    bills: Sequence[BillForm] = ()


class Tried(NamedTuple):
    """What came of a form: `act` is its name, `note` a key of the words, `errors` field -> text, `typed` field -> text.

    `code`: the right one as it was typed, so that nobody types it for each parcel.
    """

    act: str = ""
    note: str = ""
    errors: Mapping[str, str] = {}
    typed: Mapping[str, str] = {}
    code: str = ""
    file: BillFile | None = None


def state_of(po: PurchaseOrder) -> str:
    """How the purchase order is for its supplier: the middle of a key of the words, state_<this>."""
    answers = po.answers
    refused = {line.line_id for line in answers.open_refusals} >= {line.line_id for line in po.lines}
    over = po.state in (PurchaseOrderState.CANCELLED, PurchaseOrderState.REJECTED)
    if over or refused or answers.withdrawal in (Withdrawal.AGREED, Withdrawal.ENDED):
        return "withdrawn"
    if answers.withdrawal is Withdrawal.ASKED:
        return "asked"
    if answers.parcels:
        return "shipped"
    if answers.withdrawal is Withdrawal.TOO_LATE:
        return "too_late"
    return "confirmed" if answers.confirmed_by or po.confirmed_at else "waiting"


def view_of(shown: Shown, words: Mapping[str, str]) -> dict[str, object]:
    """All that the template says of it beside the words."""
    po, answers, language = shown.po, shown.po.answers, words["language"]
    state = state_of(po)
    titles = {line.line_id: one_line(line.title, TITLE) for line in po.lines}
    refused = {line.line_id for line in answers.refused}
    ordered = po.placed_at or po.created_at
    facts = [
        (words["their_number"], one_line(answers.their_number, FIELD)),
        (words["ordered_on"], day_text(ordered.date(), language)),
        (words["ships_on"], day_text(answers.ships_on, language) if answers.ships_on else ""),
        (words["method"], one_line(po.shipping_method, FIELD)),
    ]
    return {
        "reference": po.reference,
        "merchant": one_line(shown.merchant.name, FIELD),
        "support": one_line(shown.merchant.support_email, FIELD),
        "state": state,
        "bills": shown.bills,
        "until": instant_text(answers.confirm_by, language) if state == "waiting" and answers.confirm_by else "",
        "confirmed": bool(answers.confirmed_by or po.confirmed_at),
        "contradiction": bool(answers.contradiction),
        "ships_on": answers.ships_on.isoformat() if answers.ships_on else "",
        "their_number": one_line(answers.their_number, FIELD),
        "facts": [fact for fact in facts if fact[1]],
        "lines": [
            {
                "id": line.line_id,
                "sku": one_line(line.supplier_sku, FIELD),
                "title": titles[line.line_id],
                "quantity": line.quantity,
                "refused": line.line_id in refused,
            }
            for line in po.lines
        ],
        "address": _address(shown),
        "phone": one_line(shown.destination.phone, FIELD) if shown.destination and not shown.moved else "",
        "address_note": "" if shown.destination and not shown.moved else _why_none(shown),
        "parcels": [
            {
                "number": one_line(parcel.tracking_number, FIELD),
                "carrier": one_line(parcel.carrier, FIELD),
                "units": [
                    f"{count} × {titles.get(name, name)}" for name, count in parcel.units.items() if count
                ],
            }
            for parcel in answers.parcels
        ],
    }  # fmt: skip


def _why_none(shown: Shown) -> str:
    return "address_changed" if shown.destination else "address_erased"


def _address(shown: Shown) -> list[str]:
    """Line by line, as it goes on a parcel. None where another one may count."""
    to = shown.destination
    if to is None or shown.moved:
        return []
    city = " ".join(part for part in (to.postcode, to.city) if part)
    region = ", ".join(part for part in (to.province or to.province_code, country_name(to.country_code)) if part)
    lines = (to.name, to.company, to.line1, to.line2, city, region)
    return [text for text in (one_line(line, ADDRESS_LINE) for line in lines) if text]


def country_name(code: str) -> str:
    """The country in English, as posts want it, with its code."""
    from babel import Locale

    name = Locale("en").territories.get(code.upper(), "")
    return f"{name} ({code})" if name else code
