"""The scenes about suppliers without an API: a maker of lamps who takes orders by mail, and the merchant's own warehouse."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from local.demo.clerk import Posted, page_of
from local.demo.desk import Desk
from local.demo.judge import SHELF
from local.demo.scenes import expect
from local.running.settings import FACTORY, SUPPLIER, WAREHOUSE
from local.sandbox.factory import Mailed
from local.sandbox.goods import ONLY_MADE
from local.sandbox.parcel_numbers import ParcelNumbers

REFUSED = "HL-UL-300"
MOVED = "moved to the maker"


def refused_and_mailed(desk: Desk) -> str:
    """23: the supplier refuses UL-300, and the order moves to its maker, who has no API: by e-mail."""
    with desk.sandbox.locked():
        desk.sandbox.supplier.refuse_next()
    name = desk.buy("berlin", (REFUSED, 1))
    mail = _until_mailed(desk, name)
    expect(mail.units == {"F-300": 1}, f"the maker was asked for {mail.units}")
    expect(not desk.paid_at_supplier(name), "the supplier that refused was paid")
    ends = {po.supplier: (po.state, po.cancel_outcome) for po in desk.purchase_orders(name)}
    expect(ends[SUPPLIER] == ("CANCELLED", "REFUSED"), f"the purchase orders ended as {ends}")
    desk.kept[MOVED] = name
    return f"{name}: refused by the supplier, mailed to its maker as {mail.reference}"


def confirmed_by_the_clerk(desk: Desk) -> str:
    """24: the maker's clerk confirms with the code of the mail, twice, and enters the number that the buyer gets."""
    name = desk.kept.get(MOVED, "")
    expect(bool(name), "no order has moved to the maker")
    mail, number = _until_mailed(desk, name), _number(desk)
    with page_of(mail) as page:
        expect("confirm" in page.text().lower(), f"the page shows {page.text()[:200]}")
        expect("code" in page.send("confirm", code="").lower(), "confirmed without the code")
        expect(_confirmed(desk, name) is None, "confirmed without the code")
        page.send("confirm", code=mail.code, their_number="A-77")
        first = desk.until(f"the confirmation of {name}", partial(_confirmed, desk, name))
        told = page.send("confirm", code=mail.code)
        expect("Nothing was changed" in told, f"a second press says: {told[:200]}")
        expect(_confirmed(desk, name) == first, "a second press changed something")
        page.send("parcel", tracking_number=number, code=mail.code)
    _until_told(desk, name, number)
    desk.until(f"tracker of {number}", lambda: desk.ledger("easypost", "tracker_created", number))
    orders = [one for one in desk.mailed(name) if one.kind == "ORDER"]
    expect(len(orders) == 1, f"{len(orders)} orders were mailed")
    expect(not desk.paid_at_supplier(name), "bought twice")
    return f"{name}: {page.how}; a second press changed nothing; {number} is in the store, and in the buyer's mail"


def nobody_confirms(desk: Desk) -> str:
    """25: nobody at the maker confirms: reminded once, then before the operator; a late confirmation goes on."""
    name = desk.buy("portland", (ONLY_MADE, 1))
    mail = _until_mailed(desk, name)
    desk.until(f"the reminder about {name}", lambda: len(desk.mailed(name)) > 1)
    desk.until_state(name, "NEEDS_ATTENTION", "UNCONFIRMED")
    Posted(mail.link).send("confirm", code=mail.code)
    desk.until_state(name, "PLACED")
    time.sleep(3)
    kinds = [one.kind for one in desk.mailed(name)]
    expect(kinds == ["ORDER", "COPY"], f"the maker was mailed {kinds}")
    return f"{name}: one reminder, then UNCONFIRMED; confirmed late, so it is ordered, once"


def own_warehouse(desk: Desk) -> str:
    """26: goods of one's own: counted, inspected, sold, picked, and sent under a number that is scanned."""
    shop = desk.shop
    told = shop.json_command(
        "warehouse", "receive", WAREHOUSE, f"{SHELF}=5@3.10", "--title", "Nordlight CAP-90 clip light"
    )
    number = told["number"]
    shop.command("warehouse", "inspect", number, "--damaged", f"{SHELF}=1", "--why", "wet carton")
    shop.command("warehouse", "confirm", number)
    desk.until(f"4 of {SHELF} on sale", lambda: desk.stock(SHELF) == 4)
    name = desk.buy("portland", (SHELF, 1))
    desk.until_state(name, "PLACED")
    paper = shop.work / "pick-list.pdf"
    (row,) = shop.json_command("warehouse", "pick-list", "--to", str(paper))
    expect(paper.read_bytes().startswith(b"%PDF"), "the pick list is no PDF")
    scanned = _number(desk)
    scans = shop.work / "scans.txt"
    scans.write_text(f"{row['reference']}\t{scanned}\n", encoding="utf-8")
    shop.command("warehouse", "ship", str(scans))
    _until_told(desk, name, scanned)
    desk.until(f"3 of {SHELF} in the store", lambda: desk.stock(SHELF) == 3)
    return f"{name}: 5 came, 1 was damaged; picked from the list, sent as {scanned}, 3 are left"


def _until_mailed(desk: Desk, name: str) -> Mailed:
    """The order as the maker was mailed it."""
    mails = desk.until(f"the mail of {name} at the maker", lambda: desk.mailed(name))
    return next(iter(mails))  # type: ignore[no-any-return]


def _number(desk: Desk) -> str:
    with desk.sandbox.locked():
        return ParcelNumbers(desk.sandbox.world.random).next("UPS")


def _confirmed(desk: Desk, name: str) -> Any:
    """When the maker's order was confirmed, and all its answers; None before."""
    made = [po for po in desk.purchase_orders(name) if po.supplier == FACTORY]
    return next(
        ((po.confirmed_at, po.answers.confirmed_by, po.answers.their_number) for po in made if po.confirmed_at), None
    )


def _until_told(desk: Desk, name: str, number: str) -> None:
    """The number is in the store's record, once, and in a mail to the buyer."""
    made = desk.until(f"{number} in the store", lambda: desk.ledger(desk.kind, "fulfillment_created", name))
    expect([entry.data["number"] for entry in made] == [number], f"the store's record holds {made}")
    desk.until(f"the mail with {number}", lambda: [mail for mail in desk.mails(name) if number in mail.text])
