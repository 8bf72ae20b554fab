"""The scenes about who ships what: an order over three suppliers of which one refuses, and a family set in two parcels."""

from __future__ import annotations

from functools import partial
from typing import Any

from local.demo.clerk import Posted, page_of
from local.demo.desk import Desk
from local.demo.judge import BUNDLES, FAMILY, SHELF
from local.demo.maker_scenes import confirmed, new_number, sent_from_the_shelf, until_mailed, until_told
from local.demo.scenes import expect
from local.running.settings import FACTORY, SUPPLIER, WAREHOUSE
from local.sandbox.goods import GOODS, ONLY_MADE, good_of

REFUSED = "HL-UL-300"
MIXED = "over three suppliers"
RULES: dict[str, Any] = {
    "bundles": {FAMILY: {"of": dict(BUNDLES[FAMILY]), "title": "Nordlight family set", "images": [GOODS[0].image_url]}}
}


def three_suppliers(desk: Desk) -> str:
    """23: an order over three suppliers; one refuses, and its line moves to the lamp's maker, who has no API: by e-mail."""
    desk.until(f"{SHELF} on sale", lambda: desk.stock(SHELF) == 3)
    lines = ((REFUSED, 1), (ONLY_MADE, 1), (SHELF, 1))
    basket = [f"--sku={sku}={quantity}" for sku, quantity in lines]
    print(desk.shop.command("route", "preview", *basket, "--to", "DE", "--store", desk.connection), flush=True)
    faults = desk.sandbox.supplier.faults
    with desk.sandbox.locked():
        faults.script("createOrderV2", *["refuse"] * 3)  # a busy machine may not hear the first one in time
    name = desk.buy("berlin", *lines)
    moved = until_mailed(desk, name, units="F-300")
    with desk.sandbox.locked():
        faults.queued.pop("createOrderV2", None)
    expect(moved.units == {"F-300": 1}, f"the maker was asked for {moved.units}")
    expect(not desk.paid_at_supplier(name), "the supplier that refused was paid")
    made = {
        (po.supplier, line.sku): (po.state, po.cancel_outcome) for po in desk.purchase_orders(name) for line in po.lines
    }
    expect(made[SUPPLIER, REFUSED] == ("CANCELLED", "REFUSED"), f"the purchase orders ended as {made}")
    by = {supplier: sku for supplier, sku in made if (supplier, sku) != (FACTORY, REFUSED)}
    expect(by == {SUPPLIER: REFUSED, FACTORY: ONLY_MADE, WAREHOUSE: SHELF}, f"planned as {sorted(made)}")
    print(desk.shop.command("route", "show", desk.key(name)), flush=True)
    desk.kept[MIXED] = name
    return f"{name}: {', '.join(by)} have a line each; {SUPPLIER} refused, its line was mailed to the maker as {moved.reference}"


def three_parcels(desk: Desk) -> str:
    """24: the maker's clerk confirms with the code of the mail, twice, and enters numbers; three parcels, each told once."""
    name = desk.kept.get(MIXED, "")
    expect(bool(name), "no order has moved to the maker")
    mail, other = until_mailed(desk, name, units="F-300"), until_mailed(desk, name, units="F-600")
    numbers = [new_number(desk), new_number(desk)]
    with page_of(mail) as page:
        expect("confirm" in page.text().lower(), f"the page shows {page.text()[:200]}")
        expect("code" in page.send("confirm", code="").lower(), "confirmed without the code")
        expect(confirmed(desk, name, REFUSED) is None, "confirmed without the code")
        page.send("confirm", code=mail.code, their_number="A-77")
        first = desk.until(f"the confirmation of {name}", partial(confirmed, desk, name, REFUSED))
        told = page.send("confirm", code=mail.code)
        expect("Nothing was changed" in told, f"a second press says: {told[:200]}")
        expect(confirmed(desk, name, REFUSED) == first, "a second press changed something")
        page.send("parcel", tracking_number=numbers[0], code=mail.code)
    _sent_by_the_maker(other, numbers[1])
    until_told(desk, name, *numbers, sent_from_the_shelf(desk))
    for number in numbers:
        desk.until(f"tracker of {number}", partial(desk.ledger, "easypost", "tracker_created", number))
    orders = [one.units for one in desk.mailed(name) if one.kind == "ORDER"]
    expect(len(orders) == 2, f"{len(orders)} orders were mailed: {orders}")
    expect(not desk.paid_at_supplier(name), "bought twice")
    return (
        f"{name}: {page.how}; a second press changed nothing; three parcels are in the store, and in the buyer's mails"
    )


def family_set(desk: Desk) -> str:
    """27: a family set is sold as one, comes from two suppliers in two parcels, and each mail says what is in its parcel."""
    desk.until(f"{FAMILY} on sale", lambda: (desk.stock(FAMILY) or 0) > 0)
    name = desk.buy("portland", (FAMILY, 1))
    reference, mail = desk.until_paid(name), until_mailed(desk, name)
    ((small, pieces),) = [(sku, units) for sku, units in BUNDLES[FAMILY].items() if sku != ONLY_MADE]
    bought = [entry.data["quantities"] for entry in desk.paid_at_supplier(name)]
    expect(bought == [{small: pieces}] and mail.units == {"F-600": 1}, f"bought {bought} and {mail.units}")
    with desk.sandbox.locked():
        first = str(desk.sandbox.supplier.ship(reference).tracking_number)
    second = new_number(desk)
    _sent_by_the_maker(mail, second)
    for number, inside, elsewhere in (
        (first, good_of(small).title, "DUO-600"),
        (second, "DUO-600", good_of(small).title),
    ):
        text = desk.until(f"the mail with {number}", partial(_mailed_with, desk, name, number))
        expect(inside in text and elsewhere not in text, f"the mail about {number} says: {text}")
    made = desk.until("the store's record", lambda: desk.ledger(desk.kind, "fulfillment_created", name))
    sent = [(row["sku"], row["quantity"]) for entry in made for row in entry.data["lines"]]
    expect(sent == [(FAMILY, 1)], f"the store's record holds {sent}")
    print(desk.shop.command("route", "show", desk.key(name)), flush=True)
    return f"{name}: {first} holds the two KIDs, {second} the DUO; the store has the set once, with the parcel that completes it"


def _sent_by_the_maker(mail: Any, number: str) -> None:
    page = Posted(mail.link)
    page.send("confirm", code=mail.code)
    page.send("parcel", tracking_number=number, code=mail.code)


def _mailed_with(desk: Desk, name: str, number: str) -> str:
    return next((mail.text for mail in desk.mails(name) if mail.channel == "mail" and number in mail.text), "")
