"""What an operator can do about a reason: a sentence, and commands that work when pasted. The one place that knows them.

A reason is made far from the order's name, so its stored `fix` only says in words what to do. Here the commands are added,
with the names of the order, the purchase order and the supplier, each word quoted for a shell ('#1002').
Words in capitals are what the operator puts in: POSTCODE, SUPPLIER_ORDER.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from orderwright.domain.listing import NOTES
from orderwright.domain.not_known import PASSABLE
from orderwright.domain.order import Reason
from orderwright.domain.order_state import contradiction_of
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_state import LATE, MOVED
from orderwright.domain.supplier_answers import UNCONFIRMED
from orderwright.domain.validation import NEEDED
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Retryable, VendorError


class About(NamedTuple):
    """Whom the commands name. `reference` is empty where the reason stands at the order itself; `at` are the options that
    choose the stack, such as ("--stack", "shop"); `fields` are all parts of the address that are to be given together; `paid`: as
    PurchaseOrder.paid."""

    order: str = ""
    reference: str = ""
    supplier: str = ""
    at: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    paid: str = "paid"


class Fix(NamedTuple):
    """What to do in words, and the commands for it; none where there is nothing to do here."""

    text: str
    commands: tuple[str, ...] = ()


def command(*words: str, at: Sequence[str] = ()) -> str:
    """One complete command line, quoted for a shell."""
    return shlex.join(("orderwright", *at, *words))


def at_stack(line: str, at: Sequence[str]) -> str:
    """A command line of ours with the options that choose the stack; any other text as it is."""
    return line.replace("orderwright", command(at=at), 1) if at and line.startswith("orderwright ") else line


_ADDRESS = "orders fix-address {order} {address}"
_RETRY, _RELEASE = "orders retry {order}", "orders release {order} --code {code}"
_SEEN = "orders release {order}"
_NOT_ORDERED = "orders retry {order} --confirm-not-ordered"
_ADOPT = "orders adopt {order} --supplier-order SUPPLIER_ORDER --reference {reference}"
_LOOK = "Look for {reference} in the supplier's list. There and {paid}: adopt it. Not there: say so."
_UNCHECKED = f"{_ADOPT} --unchecked"
_SHOW, _APPLY, _EXPLAIN = "orders show {order}", "apply orderwright.yaml", "margin explain {order}"
_DECIDE = ("approvals approve {order}", "approvals reject {order}")
_SAID = ("purchase-orders confirm {purchase}", "purchase-orders refuse {purchase} --why WHY")
_OTHER = "Import another supplier's offer, or correct the setting that the reason names; then retry."
_MOVE = "purchase-orders move {purchase} --to SUPPLIER"
_IMPORT, _ATTRIBUTES = "catalogue import {supplier}", "catalogue attributes import FILE"

_OPTIONS = {
    f"address.{name}": (f"--{name.replace('_', '-')}", word)
    for name, word in (
        ("name", "NAME"), ("line1", "STREET"), ("line2", "STREET"), ("city", "CITY"), ("province", "PROVINCE"),
        ("postcode", "POSTCODE"), ("country_code", "COUNTRY"), ("phone", "NUMBER"),
    )
}  # fmt: skip
_WHOLE = ("name", "line1", "city", "postcode", "country_code")
# Code -> the field that it means, and what to do.
_ADDRESSES = {
    "ADDRESS_MISSING": ("address", "Give the address."),
    "NAME_MISSING": ("address.name", "Give the name."),
    "STREET_MISSING": ("address.line1", "Give the street."),
    "CITY_MISSING": ("address.city", "Give the city."),
    "COUNTRY_MISSING": ("address.country_code", "Give the country, such as FI."),
    "COUNTRY_UNKNOWN": ("address.country_code", "Give the country by its two letters, such as FI."),
    "COUNTRY_NOT_SERVED": ("", "Add the country to rules.ship_to_countries, cancel in the store, or buy it this once."),
    "PO_BOX_REFUSED": ("address.line1", "Give a street, or accept this post office box."),
    "PO_BOX_NOT_DELIVERED": ("address.line1", "Give a street, or import an offer of a supplier that delivers there."),
    "PROVINCE_MISSING": ("address.province", "Give the state or province."),
    "PROVINCE_UNKNOWN": ("address.province", "Give the state or province, or accept it if it is right."),
    "POSTCODE_MISSING": ("address.postcode", "Give the postcode."),
    "POSTCODE_INVALID": ("address.postcode", "Give the right postcode, or accept this one if it is right."),
    "DIGITAL_NO_EMAIL": (
        _RELEASE,
        "Write the address into the order in the store; or send the link yourself, then release it.",
    ),
    "EMAIL_INVALID": ("", "Correct it in the store; released, the order goes without mails."),
    "PHONE_INVALID": ("address.phone", "Correct it; released, the order goes without this number."),
    "FIELD_MISSING": ("", ""),
    "FIELD_TOO_LONG": ("", ""),
}
# Code -> what to do ("" : as the reason says it), and the commands.
_FIXES: dict[str, tuple[str, ...]] = {
    "RISK": ("Decide in the store, and the order continues automatically; or buy it anyway.", _RELEASE),
    "UPSELL_WINDOW": ("Nothing to do: its stock is reserved, and all its lines are bought together when the window closes.",),
    "STOPPED_BY_OPERATOR": ("Cancel and refund it in the store, or let it continue.", _RELEASE),
    "CUSTOMER_WITHDREW": (
        "All of it: cancel and refund it in the store. A part: take that out of the order there, then let the rest be bought.",
        "requests show {order}", "orders cancel {order} --in-store --refund", _RELEASE,
    ),
    "HIGH_VALUE": ("Buy it or stop it: it waits until you decide.", *_DECIDE),
    "PERSONALISED": ("Tell the supplier the buyer's wish first, then buy it; or stop it.", *_DECIDE),
    "NEW_CUSTOMER": ("Check address and payment in the store. Then buy it or stop it: it waits until you decide.", *_DECIDE),
    "LOW_MARGIN": ("Buy it at this margin or stop it: it waits until you decide.", *_DECIDE),
    "OLDER_THAN_CONNECT": ("Check in the store whether it was sent already. Then buy it or stop it.", *_DECIDE),
    "DIGITAL_NO_EMAIL": ("Write the address into the order in the store; or send the link yourself, then release it.", _RELEASE),
    "SKU_MISSING": ("Give the variant a SKU in the store, or ship this line yourself.", _RETRY),
    "SKU_NOT_MAPPED": ("Import the SKU from a supplier, or correct it in the store.", _IMPORT, _RETRY),
    "NO_OFFER": ("Import an offer for it, or refund the line in the store.", _IMPORT, _RETRY),
    "SKU_RETIRED": ("Import another offer for it, or refund the line in the store.", _IMPORT, _RETRY),
    "COMPONENT_MISSING": ("Import an offer for what is in the bundle, or take it out of rules.bundles.", _IMPORT, _APPLY),
    "OUT_OF_STOCK": ("Wait: it is looked at every 15 minutes and bought when stock is back. Or refund the line in the store.",),
    "SOURCE_GONE": ("", _IMPORT),
    "NOT_BY_RULE": (_OTHER, _IMPORT, _APPLY, _RETRY),
    "RETAIL_SUPPLIER": (_OTHER, _IMPORT, _APPLY, _RETRY),
    "NOT_SHIPPED_THERE": (_OTHER, _IMPORT, _APPLY, _RETRY),
    "BATTERY_NOT_SENT": (_OTHER, _IMPORT, _APPLY, _RETRY),
    "COST_MISSING": ("", _RETRY),
    "RATE_JUMP": ("Look at the rates; if they are right, accept the file.", "price rates list"),
    "RATE_REFUSED": ("Ask who makes the file of rates to correct it.", "price rates list"),
    "FEED_RATES": ("Correct the file, or base, quoted and currencies of its connection.", "price rates list", _APPLY),
    "RATE_MISSING": ("Add the rate under rules.fx.", _APPLY, _RETRY),
    "RATE_STALE": ("Give a new rate with its day under rules.fx.", _APPLY, _RETRY),
    "MARGIN_TOO_LOW": ("Buy it at this margin; or lower the limit and retry.", _EXPLAIN, _RELEASE, _RETRY),
    "CAP_PER_PURCHASE_ORDER": ("Buy it this once; or raise the limit and retry.", _RELEASE, _APPLY, _RETRY),
    "CAP_REACHED": ("Wait until 00:00 UTC, when a new day counts, then retry; or raise the limit.", _RETRY, _APPLY),
    "CAP_CURRENCY": ("Give the limit in the supplier's currency.", _APPLY, _RETRY),
    "OUTCOME_UNCLEAR": (_LOOK, _ADOPT, _NOT_ORDERED),
    "ANOTHER_ORDER": (_LOOK, _RETRY, _ADOPT, _NOT_ORDERED),
    "LOOK_UP_LOST": ("Ask the supplier about {reference}. It shows it: retry. It has nothing: say so.", _RETRY, _NOT_ORDERED),
    "ORDER_DIFFERS": ("Have it corrected and retry; or deleted: say so; or adopt it as it is.", _RETRY, _NOT_ORDERED, _UNCHECKED),
    "ID_LOST": ("Pay {reference} at the supplier and adopt it; or delete it there and say so.", _ADOPT, _NOT_ORDERED),
    "BOUGHT_ELSEWHERE": ("Nothing to do where the other stack handles it; to follow it here as well, adopt it.", _ADOPT),
    "OTHER_STACK_UNSEEN": ("Look for {reference} at the supplier. Not there: buy it. There: adopt it.", _RELEASE, _ADOPT),
    "REFUSED_BY_SUPPLIER": ("Import another supplier's offer, then retry; that asks this one again, too.", _IMPORT, _RETRY),
    LATE: ("Get the money back where it was paid; then move it to another supplier, or retry.", _MOVE, _RETRY),
    MOVED: ("Wait for stock at the supplier that you chose; or retry: then every supplier is asked again.", _RETRY),
    UNCONFIRMED: ("Ask the supplier; then say what it said, or withdraw it. Where it is withdrawn: retry.", *_SAID,
                  "purchase-orders withdraw {purchase}", _RETRY),
    "SUPPLIER_CONTRADICTS": ("Ask the supplier which of both counts; then say so.", *(f"{one} --sure" for one in _SAID)),
    "CANCELLED_BY_SUPPLIER": ("Ask the supplier why, and for the money; then buy it again.", _RETRY),
    "ORDER_INTERCEPTED": ("Check why in the supplier's account, correct the address if needed; then retry.", _ADDRESS, _RETRY),
    "SHIPPING_METHOD_MISSING": ("Set shipping_method to one that the supplier offers there.", _APPLY, _RETRY),
    "NO_SHIPPING_METHOD": ("Map the SKU to another supplier and retry, or cancel it in the store.", _RETRY),
    "VENDOR_ID_MISSING": ("Retry; where it comes back, look for {reference} at the supplier and adopt it.", _RETRY, _ADOPT),
    "CANCEL_WAITS": ("Nothing to do: what the supplier did is being looked up; it takes minutes.",),
    "CANCELLATION_REQUESTED": ("See whether the supplier cancels and refunds; then mark it as seen.", _SEEN),
    "ORDERED_TOO_LATE": ("Stop it at the supplier, or agree on a return; then mark it as seen.", _SEEN),
    "REFUNDED_AFTER_PLACEMENT": ("Stop it at the supplier, or agree with the customer; then mark it as seen.", _SEEN),
    "LINES_CHANGED_AFTER_PLACEMENT": ("Stop the surplus at the supplier, or let it ship; then mark it as seen.", _SEEN),
    "ADDRESS_CHANGED_AFTER_PLACEMENT": ("Have the address of {reference} corrected; then mark it as seen.", _SEEN),
    "HEADING_MISSING": ("", _ATTRIBUTES, _RETRY, _RELEASE),
    "ORIGIN_MISSING": ("", _ATTRIBUTES, _RETRY, _RELEASE),
    "IDENTIFIER_MISSING": ("", _ATTRIBUTES, _RETRY, _RELEASE),
    "BUSINESS_BUYER": ("", _RELEASE),
    "REFUND_UNALLOCATED": ("", _RETRY, _RELEASE),
    "TAX_SPLIT_UNCLEAR": ("", _RETRY, _RELEASE),
    "FREIGHT_MISSING": ("Wait: the supplier is asked every day. Or buy it anyway.", _RETRY, _RELEASE),
    **dict.fromkeys(NOTES, ("", "price explain SKU")),
    "SEVERAL_LOCATIONS": ("Move its lines to one location in the store, then retry.", _RETRY),
    "NOT_CANCELLED_IN_STORE": ("Look at the order in the store. Retry: what it shows as done is not done twice. "
                               "Or do it by hand, and say so.", _RETRY, _RELEASE),
    "LINES_NOT_OPEN": ("Check in the store: it is usually recorded there by hand already. Otherwise retry.", _RETRY),
}  # fmt: skip
_BY_THE_STORE = frozenset(
    {
        "PAYMENT_PENDING", "PAYMENT_AUTHORIZED", "PAYMENT_PARTIAL", "PAYMENT_EXPIRED", "PAYMENT_DISPUTED", "PAYMENT_UNKNOWN",
        "PAYMENT_REFUNDED", "PAYMENT_VOIDED", "CANCELLED_IN_STORE", "PAYMENT_GONE", "LINES_CHANGED", "ADDRESS_CHANGED",
    }
)  # fmt: skip
TRANSIENT = frozenset({"RATE_LIMITED", "UNAVAILABLE", "NO_CONNECTION", "UNREADABLE", "TOKEN_AWAITED", "OUT_OF_TIME",
                       "ORDER_CHANGED", "OFFER_BUSY", "BATCH_UNFINISHED", "POINTS_USED_UP"})  # fmt: skip


def fix_of(reason: Reason, about: About, *, waiting: bool = False) -> Fix:
    """What to do about one reason of an order, or of its purchase order `about.reference`.

    `waiting`: it continues automatically at a time that is shown with it, so that nothing is to be retried.
    """
    text, *templates = _FIXES.get(reason.code, ("",))
    if reason.code == "FREIGHT_MISSING" and reason.field.startswith("connections."):
        text, templates = "", [_APPLY, _RETRY, _RELEASE]  # the supplier quotes none, whenever it is asked
    if reason.code in _ADDRESSES:
        text, templates = _of_address(reason, about)
    elif reason.code == "KILL_SWITCH":
        all_of_them = "all suppliers" in reason.message
        text = "Switch it off when it is safe to buy; the order then continues automatically, within 5 minutes."
        text += "" if all_of_them else " Or let another supplier ship it."
        templates = ["kill off"] if all_of_them else ["kill off --supplier {supplier}", _MOVE]
    elif waiting and reason.code not in (UNCONFIRMED, "SUPPLIER_CONTRADICTS"):
        templates = []
    elif reason.code in TRANSIENT:
        text, templates = "It could not be reached for too long. Retry when it answers again.", [_RETRY]
    elif reason.code in PASSABLE and reason.code not in _FIXES:
        templates = [_APPLY, _RETRY, _RELEASE]
    elif reason.code not in _FIXES and reason.code not in _BY_THE_STORE:
        templates = [_SHOW, _RETRY]
    values = {
        "order": about.order or "ORDER", "reference": about.reference, "supplier": about.supplier or "SUPPLIER",
        "code": reason.code, "paid": about.paid, "purchase": about.reference or about.order or "REF",
    }  # fmt: skip
    made = tuple(command(*_words(template, values, reason, about), at=about.at) for template in templates)
    words = text.format_map(values | {"reference": about.reference or "our reference"}) if text else reason.fix
    return Fix(words, made)


def fixes_of(
    name: str,
    reasons: Sequence[Reason],
    orders: Sequence[PurchaseOrder] = (),
    name_of: Callable[[str], str] = str,
    at: tuple[str, ...] = (),
) -> list[Fix]:
    """One for each reason of the order `name`, some of which come from its purchase orders."""
    fields = tuple(dict.fromkeys(_field(reason) for reason in reasons if _field(reason) in _OPTIONS))
    found = []
    for reason in reasons:
        po = next((po for po in orders if belongs(reason, po)), None)
        named = (po.reference, name_of(po.supplier), po.paid) if po else ("", "", "paid")
        found.append(fix_of(reason, About(name, *named[:2], at, fields, named[2])))
    return found


def belongs(reason: Reason, po: PurchaseOrder) -> bool:
    """Does the order have this reason from this purchase order?"""
    return reason in po.reasons or reason in (po.store_problem, contradiction_of(po))


def reasons_data(reasons: Sequence[Reason], fixes: Sequence[Fix]) -> list[dict[str, Any]]:
    """Reasons with stable keys: their own, `fix` in words, and `commands`."""
    return [
        {**reason.model_dump(), "fix": fix.text, "commands": list(fix.commands)}
        for reason, fix in zip(reasons, fixes, strict=True)
    ]


def address_command(name: str, reasons: Sequence[Reason]) -> str:
    """`orders fix-address` with all fields that these reasons mean: given one by one, each would be refused for the others."""
    fields = (_field(reason) for reason in reasons)
    options = [part for field in dict.fromkeys(fields) for part in _OPTIONS.get(field, ())]
    return command("orders", "fix-address", name, *options)


def _field(reason: Reason) -> str:
    return reason.field or _ADDRESSES.get(reason.code, ("",))[0]


def is_of_address(reason: Reason) -> bool:
    """A fault that `orders fix-address` may end."""
    return reason.code in _ADDRESSES and reason.field.startswith("address")


def _of_address(reason: Reason, about: About) -> tuple[str, list[str]]:
    field, text = _ADDRESSES[reason.code]
    templates = [_ADDRESS] if (reason.field or field).startswith("address") else []
    if reason.code == "COUNTRY_NOT_SERVED":
        templates = [_APPLY, _RETRY]
    elif not templates:
        # A field of the connection or of an offer, or of the order itself: its own words say where to correct it.
        templates = [] if reason.code in ("EMAIL_INVALID", "PHONE_INVALID") else [_APPLY, _RETRY]
    elif about.reference and _RETRY not in templates:
        templates.append(_RETRY)
    if reason.code not in NEEDED and not reason.code.startswith(("FIELD_", "PO_BOX_NOT_")):
        templates.append(_RELEASE)
    return text, templates


def _words(template: str, values: dict[str, str], reason: Reason, about: About) -> list[str]:
    words: list[str] = []
    for word in template.split():
        if word == "{address}":
            field = _field(reason)
            names = about.fields or ((field,) if field in _OPTIONS else tuple(f"address.{name}" for name in _WHOLE))
            words += [part for name in names for part in _OPTIONS[name]]
        elif word == "{reference}" and not about.reference:
            words.pop()  # its option: where only one waits, none is needed
        else:
            words.append(word.format_map(values))
    return words


def fix_of_failure(error: VendorError) -> str:
    """What to do about a vendor's answer to a command: what to wait for and until when, or what to correct."""
    if isinstance(error, Retryable):
        seconds = int(error.after.total_seconds()) if error.after else 30
        wait = f"{seconds} s" if seconds < 600 else f"{-(-seconds // 60)} minutes"
        return f"nothing to correct: nothing was done. Wait {wait}, then run the command again"
    if isinstance(error, OutcomeUnknown):
        return "perhaps it was done: look at the account first, then run the command again if it was not"
    if isinstance(error, Misconfigured) and (error.code in ("TOKEN_REFUSED", "HTTP_401", "HTTP_403", "SECRET_MISSING")):
        return "give the connection its secrets again: orderwright connect NAME < secrets.json"
    if isinstance(error, NotFound):
        return "check the id that you gave; where it is right, it was removed there"
    return "correct what the message names, there or in orderwright.yaml, then run the command again"
