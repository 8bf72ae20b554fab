"""The scenes about suppliers without an API: a maker of lamps who takes orders by mail, and the merchant's own warehouse."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from local.demo.clerk import Posted
from local.demo.desk import Desk
from local.demo.judge import SHELF
from local.demo.scenes import expect
from local.running.settings import FACTORY, WAREHOUSE
from local.sandbox.factory import Mailed
from local.sandbox.goods import ONLY_MADE
from local.sandbox.parcel_numbers import ParcelNumbers


def nobody_confirms(desk: Desk) -> str:
    """25: nobody at the maker confirms: reminded once, then before the operator; a late confirmation goes on."""
    name = desk.buy("portland", (ONLY_MADE, 1))
    mail = until_mailed(desk, name)
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
    scanned = sent_from_the_shelf(desk)
    until_told(desk, name, scanned)
    # The order over three suppliers takes one more as soon as it is there: the store may show the 3 for a moment only.
    desk.until(f"3 or 2 of {SHELF} in the store", lambda: desk.stock(SHELF) in (3, 2))
    return f"{name}: 5 came, 1 was damaged; picked from the list, sent as {scanned}, 3 are left"


def sent_from_the_shelf(desk: Desk) -> str:
    """What is on the pick list is picked, packed, and sent under the number that is given."""
    shop, scanned = desk.shop, new_number(desk)
    paper, scans = shop.work / "pick-list.pdf", shop.work / "scans.txt"
    (row,) = shop.json_command("warehouse", "pick-list", "--to", str(paper))
    expect(paper.read_bytes().startswith(b"%PDF"), "the pick list is no PDF")
    scans.write_text(f"{row['reference']}\t{scanned}\n", encoding="utf-8")
    shop.command("warehouse", "ship", str(scans))
    return scanned


def until_mailed(desk: Desk, name: str, *, units: str = "") -> Mailed:
    """The order as the maker was mailed it; the one over an article, by the maker's SKU, where one is named."""
    return desk.until(  # type: ignore[no-any-return]
        f"the mail of {name} at the maker",
        lambda: next((m for m in desk.mailed(name) if not units or units in m.units), None),
    )


def new_number(desk: Desk) -> str:
    """A number that a carrier would give."""
    with desk.sandbox.locked():
        return ParcelNumbers(desk.sandbox.world.random).next("UPS")


def confirmed(desk: Desk, name: str, sku: str) -> Any:
    """When the maker's order of a SKU was confirmed, and all its answers; None before."""
    made = [
        po for po in desk.purchase_orders(name) if po.supplier == FACTORY and any(line.sku == sku for line in po.lines)
    ]
    return next(
        ((po.confirmed_at, po.answers.confirmed_by, po.answers.their_number) for po in made if po.confirmed_at), None
    )


def until_told(desk: Desk, name: str, *numbers: str) -> None:
    """Each number is in the store's record, once, and in a mail to the buyer."""
    known = set(numbers)

    def recorded() -> list[str]:
        return [entry.data["number"] for entry in desk.ledger(desk.kind, "fulfillment_created", name)]

    desk.until(f"{', '.join(numbers)} in the store", lambda: known <= set(recorded()))
    expect(sorted(recorded()) == sorted(numbers), f"the store's record holds {recorded()}")
    for number in numbers:
        desk.until(f"the mail with {number}", partial(_mails_with, desk, name, number))


def _mails_with(desk: Desk, name: str, number: str) -> list[Any]:
    return [mail for mail in desk.mails(name) if number in mail.text]
