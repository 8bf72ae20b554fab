"""orderwright purchase-orders: look at one, and write down what its supplier says by phone."""

from __future__ import annotations

from datetime import datetime

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table, text
from local.cli.command import Problem, WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.supplier_answers import EnteredParcel
from orderwright.usecases.answering import Said
from orderwright.usecases.operator.moving import move as move_to
from orderwright.usecases.operator.purchase_orders import (
    Meant,
    answer,
    find_purchase_order,
    lines_of,
    link_of,
    purchase_order_view,
    units_by_line,
)
from orderwright.usecases.operator.purchase_orders import withdraw as ask_back
from orderwright.usecases.people.fixes import command as command_line

_REF = click.argument("ref")
_SURE = click.option("--sure", is_flag=True, help="You know what the supplier said before, and this counts.")
_LATER = "what follows from it happens within seconds"

purchase_orders = WholeHelp(
    "purchase-orders",
    help="Look at a purchase order, say what its supplier said by phone, or choose another supplier."
    " REF is our reference, or the order's name or id.",
)
tracking = WholeHelp("tracking", help="The parcels of a purchase order.")
purchase_orders.add_command(tracking)


@command(purchase_orders, "show")
@_REF
@click.option(
    "--link", "with_link", is_flag=True, help="Also the link to its page and its code: who has both can answer."
)
def show(shop: Shop, ref: str, with_link: bool) -> Answer:
    """Lines, state, what the supplier answered, letters and parcels."""
    meant = find_purchase_order(shop.office, ref)
    view = purchase_order_view(shop.office, meant, shop.storage.load_order(meant.pk))
    if with_link:
        view |= link_of(shop.office, meant.po)
    known = ("outcome", "placed_at", "confirm_by", "confirmed_at", "confirmed_by", "ships_on", "their_number", "withdrawal",
             "asked_back", "link", "code")  # fmt: skip
    shown: list[RenderableType] = [f"{view['reference']}  {view['state']}  ({view['supplier']}, order {view['order']})"]
    shown += [f"  {name.replace('_', ' ')}: {text(view[name])}" for name in known if view.get(name)]
    for reason in view["reasons"]:
        shown += [f"  waits: {reason['code']}: {reason['message']}", f"         {reason['fix']}", *reason["commands"]]
    rows = [[line[name] for name in ("sku", "supplier_sku", "title", "quantity", "line_id")] for line in view["lines"]]
    shown += ["", table("Lines", ["SKU", "Supplier's SKU", "Title", ">Units", "Line"], rows)]
    parts = {
        "Refused": ("refused", ("line_id", "why", "who", "at")),
        "Letters": ("letters", ("kind", "state", "at", "why")),
        "Entered": ("parcels", ("tracking_number", "carrier", "who", "at")),
        "Parcels": ("shipments", ("tracking_number", "carrier", "state")),
    }
    for title, (name, fields) in parts.items():
        if view[name]:
            rows = [[one[field] for field in fields] for one in view[name]]
            shown += ["", table(title, [field.replace("_", " ").capitalize() for field in fields], rows)]
    return Answer(view, shown)


@command(purchase_orders, "confirm", changes=True)
@_REF
@click.option("--ships-on", type=click.DateTime(["%Y-%m-%d"]), default=None, help="When it leaves, such as 2026-12-03.")
@click.option("--their-number", default="", help="What the supplier calls the order.")
@_SURE
def confirm(shop: Shop, ref: str, ships_on: datetime | None, their_number: str, sure: bool) -> Answer:
    """The supplier has the order, and ships it."""
    day = ships_on.date() if ships_on else None
    said = Said(confirmed=True, ships_on=day, their_number=their_number.strip()[:80], sure=sure)
    return _said(shop, find_purchase_order(shop.office, ref), said, "confirmed")


@command(purchase_orders, "refuse", changes=True)
@_REF
@click.option("--line", "lines", multiple=True, help="Only this line, by SKU or id; may be repeated. Without it: all.")
@_SURE
def refuse(shop: Shop, ref: str, lines: tuple[str, ...], sure: bool) -> Answer:
    """The supplier will not ship it, or these lines. --why is its reason; the next supplier that offers them is asked."""
    if not shop.why.strip():
        raise Problem(
            "MISSING_OPTION", "--why is missing: what the supplier gives as its reason", [], "give it with --why"
        )
    meant = find_purchase_order(shop.office, ref)
    refused = lines_of(meant.po, lines) if lines else meant.po.lines
    said = Said(refused={line.line_id: shop.why.strip()[:200] for line in refused}, sure=sure)
    return _said(shop, meant, said, f"{len(refused)} of {len(meant.po.lines)} lines refused")


@command(tracking, "add", changes=True)
@_REF
@click.argument("number")
@click.option("--carrier", default="", help="Who carries it, where its number does not say so.")
@click.option(
    "--line", "lines", multiple=True, metavar="SKU=UNITS", help="What is in it. Without it: all that is left."
)
@_SURE
def add(shop: Shop, ref: str, number: str, carrier: str, lines: tuple[str, ...], sure: bool) -> Answer:
    """A parcel has left: the buyer is told its number, and the store has it."""
    meant, desk = find_purchase_order(shop.office, ref), shop.desk
    units = units_by_line(meant.po, lines)
    try:
        parcel = EnteredParcel(
            tracking_number=number.strip(), carrier=carrier.strip()[:60], units=units, who=desk.who, at=desk.now()
        )
    except ValueError:
        raise Problem("NUMBER_UNREADABLE", "the number has 1 to 64 letters and digits", [], "correct it") from None
    return _said(shop, meant, Said(parcels=(parcel,), sure=sure), f"parcel {parcel.tracking_number}")


@command(purchase_orders, "withdraw", changes=True)
@_REF
@_SURE
def withdraw(shop: Shop, ref: str, sure: bool) -> Answer:
    """Ask the supplier by letter not to ship it. When it agrees, the next supplier that offers it is asked."""
    meant = find_purchase_order(shop.office, ref)
    ask_back(shop.office, meant, sure=sure)
    return _answer(shop, meant, "the supplier is asked not to ship it; until it answers, it counts as ordered")


@command(purchase_orders, "move", changes=True)
@_REF
@click.option("--to", required=True, metavar="SUPPLIER", help="Who ships it, by its name in orderwright.yaml.")
def move(shop: Shop, ref: str, to: str) -> Answer:
    """Have another supplier ship it. The present one is withdrawn first; nothing moves while a step may still succeed."""
    meant, supplier = find_purchase_order(shop.office, ref), shop.office.connection(to, "supplier")
    return _answer(shop, meant, move_to(shop.office, meant, supplier))


def _said(shop: Shop, meant: Meant, said: Said, what: str) -> Answer:
    before, after = meant.po.answers, answer(shop.office, meant, said).answers
    return _answer(shop, meant, f"{what}: nothing new" if before == after else f"{what}; {_LATER}")


def _answer(shop: Shop, meant: Meant, told: str) -> Answer:
    reference = meant.po.reference
    show = command_line("purchase-orders", "show", reference, at=shop.at)
    return Answer({"reference": reference, "told": told}, [f"{reference}: {told}", f"  {show}"])
