"""What a supplier says of a purchase order by phone, written down by the operator; and asking it to take one back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from orderwright.declarations import Capability
from orderwright.domain.going_elsewhere import asked_back
from orderwright.domain.order_state import contradiction_of
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.page_links import code_of, link
from orderwright.records import ORDERS, OrderFile, reference_ref
from orderwright.usecases.answering import Heard, Said, faults_of, take_answer, weigh
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.operator.secret_names import signing_secret
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.people.fixes import About, command, fix_of, reasons_data

_SURE = "if you know that, say so with --sure"


class Meant(NamedTuple):
    """The purchase order that an operator means."""

    pk: str
    sk: str
    po: PurchaseOrder


def find_purchase_order(office: Office, text: str) -> Meant:
    """By our reference, or by its order where that has one, or one that is not over. Raises Refused with those that there are."""
    keys = [key for key in office.storage.find(ORDERS, reference_ref(text.strip())) if key.sk.startswith("PO#")]
    pk = keys[0].pk if keys else office.order(text)
    file = office.storage.load_order(pk)
    found = [Meant(pk, sk, held.model) for sk, held in sorted(file.purchase_orders.items())]
    if keys:
        return next(one for one in found if one.sk == keys[0].sk)
    live = [one for one in found if one.po.state is not PurchaseOrderState.CANCELLED]
    if len(found) == 1 or len(live) == 1:
        return (live or found)[0]
    if not found:
        raise Refused("NOT_FOUND", f"the order {text!r} has no purchase order", command("orders", "show", text))
    names = ", ".join(f"{one.po.reference} ({office.name(one.po.supplier)}, {one.po.state})" for one in live or found)
    raise Refused("AMBIGUOUS", f"{text!r} has several purchase orders: {names}", "give one of these references instead")


def lines_of(po: PurchaseOrder, names: Iterable[str]) -> list[PurchaseOrderLine]:
    """The lines that these words mean: our SKU, the supplier's, or the line's id. Raises Refused with those that there are."""
    found: list[PurchaseOrderLine] = []
    for name in names:
        meant = [line for line in po.lines if name.strip() in (line.sku, line.supplier_sku, line.line_id)]
        if not meant:
            known = ", ".join(f"{line.sku} ({line.line_id})" for line in po.lines)
            raise Refused("LINE_UNKNOWN", f"{po.reference} has no line {name!r}", f"its lines: {known}")
        found += meant
    return found


def units_by_line(po: PurchaseOrder, given: Sequence[str]) -> dict[str, int]:
    """SKU=UNITS texts as units by line id. Raises Refused."""
    units: dict[str, int] = {}
    for text in given:
        name, sign, count = text.rpartition("=")
        if not sign or not (count.isascii() and count.isdigit()):
            raise Refused("UNITS_WRONG", f"--line {text!r} is no SKU=UNITS", "for example --line HL-MS-400=2")
        lines = lines_of(po, [name])
        if len(lines) > 1:
            ids = ", ".join(line.line_id for line in lines)
            raise Refused("AMBIGUOUS", f"several lines have the SKU {name}: {ids}", "give the line's id in its place")
        units[lines[0].line_id] = int(count)
    return units


def answer(office: Office, meant: Meant, said: Said) -> PurchaseOrder:
    """Write down what the supplier said. Against its earlier word nothing is written without `sure`. Raises Refused."""
    desk, po = office.desk, meant.po
    if not (po.sends or po.ordered):
        raise Refused("NOT_SENT", f"{po.reference} was not sent to the supplier yet", "wait until it is placed")
    for fault in faults_of(po, said):
        raise Refused(fault.code, f"{fault.field}: {fault.message}", command("purchase-orders", "show", po.reference))
    heard, _ = weigh(po, said, desk.who, desk.now())
    if heard is Heard.CONTRADICTS:
        raise Refused("SUPPLIER_CONTRADICTS", f"{po.reference}: that is against what the supplier said before", _SURE)
    if heard is Heard.ENDED and not (said.sure and po.answers.contradiction):
        what = f"{po.reference} is over: it was refused, withdrawn or replaced, and nothing of it is to be shipped"
        raise Refused("ALREADY_ENDED", what, f"a parcel that left all the same: {_SURE}, once you have seen it")
    return take_answer(office.storage, meant.pk, meant.sk, said, desk.who, desk.now(), desk.correlation)[1]


def withdraw(office: Office, meant: Meant, *, sure: bool = False) -> None:
    """Ask the supplier by letter not to ship it; what it says then is carried out. Raises Refused."""
    settings, name = office.config.suppliers.get(meant.po.supplier), office.name(meant.po.supplier)
    if settings is None or not settings.can(Capability.DESK):
        raise Refused("NO_DESK", f"nobody at {name} is written to", "stop it there by hand, then refuse it in its name")
    decided(lambda: _withdraw(office.desk, meant, sure=sure))


def _withdraw(desk: Desk, meant: Meant, *, sure: bool) -> None:
    file, _ = load(desk, meant.pk)
    po = file.purchase_orders[meant.sk].model
    if po.state is not PurchaseOrderState.PLACED:
        raise Refused("NOT_PLACED", f"{po.reference} is {po.state}, so there is nothing to take back")
    if po.answers.withdrawal is not Withdrawal.NONE:
        raise Refused("ALREADY_ASKED", f"the supplier was asked already: {po.answers.withdrawal}", "ask it by phone")
    if po.answers.parcels and not sure:
        raise Refused("TOO_LATE", f"a parcel of {po.reference} has left", f"what is left may still be stopped: {_SURE}")
    asked = po.answered_with(po.answers.withdrawing(Withdrawal.ASKED).awaited(None))
    commit(desk, file, Edit("the supplier is asked not to ship it", {meant.sk: asked}))


def link_of(office: Office, po: PurchaseOrder) -> dict[str, str]:
    """The link to its page and its code, for people who lost the mail. Raises Refused where the supplier has no page."""
    kept, settings = office.secrets.read(po.supplier, "secrets") or {}, office.config.connections.get(po.supplier)
    page = (office.secrets.read(po.supplier, "webhook") or {}).get("url", "")
    secret = signing_secret(kept, settings.kind) if settings else ""
    if settings is None or not settings.can(Capability.DESK) or not (page and secret):
        name = office.name(po.supplier)
        raise Refused("NO_PAGE", f"{name} has no page for its orders", command("connect", name))
    today = office.desk.now().date()
    return {"link": link(page, po.reference, secret, today), "code": code_of(po.reference, secret)}


def purchase_order_view(office: Office, meant: Meant, file: OrderFile) -> dict[str, Any]:
    """The whole purchase order, with stable keys."""
    po, answers = meant.po, meant.po.answers
    order = file.record.model.name if file.record else ""
    about = About(order, po.reference, office.name(po.supplier), paid=po.paid)
    reasons = [*po.reasons, *filter(None, [contradiction_of(po)])]
    return {
        "reference": po.reference,
        "order": order,
        "supplier": office.name(po.supplier),
        "state": po.state.value,
        "outcome": po.cancel_outcome,
        "expected_cost": money(po.payable or po.expected_cost),
        "placed_at": po.placed_at,
        "confirmed_at": po.confirmed_at,
        "confirmed_by": answers.confirmed_by,
        "confirm_by": answers.confirm_by,
        "ships_on": answers.ships_on,
        "their_number": answers.their_number,
        "withdrawal": answers.withdrawal.value,
        "asked_back": asked_back(po, office.name(po.supplier)),
        "reasons": reasons_data(reasons, [fix_of(reason, about) for reason in reasons]),
        "lines": [
            {"line_id": line.line_id, "sku": line.sku, "supplier_sku": line.supplier_sku, "title": line.title,
             "quantity": line.quantity}
            for line in po.lines
        ],
        "refused": [one.model_dump() for one in answers.refused],
        "letters": [
            {"kind": one.kind.value, "state": one.state.value, "at": one.at, "why": one.why}
            for one in answers.letters.values()
        ],
        "parcels": [one.model_dump() for one in answers.parcels],
        "shipments": [
            {"tracking_number": held.model.tracking_number, "carrier": held.model.carrier_name,
             "state": held.model.state.value}
            for held in file.shipments.values() if held.model.reference == po.reference
        ],
    }  # fmt: skip
