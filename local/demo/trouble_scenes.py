"""The scenes about vendors who change their word: a replaced tracking number, a stock file with inch marks."""

from __future__ import annotations

from functools import partial
from typing import Any

from local.demo.desk import Desk
from local.demo.scenes import expect, heard
from local.running.settings import FEED

SHORT_OF, BELOW = "HL-MS-400", "HL-COB-350"


def replaced_number(desk: Desk) -> str:
    """19: the supplier replaces a told tracking number: store and customer get the new one, once."""
    name = desk.buy("portland", (BELOW, 1))
    reference = desk.until_paid(name)
    with desk.sandbox.locked():
        old = desk.sandbox.supplier.ship(reference).tracking_number
    desk.until(f"the mail with {old}", lambda: _mails(desk, name, old))
    with desk.sandbox.locked():
        new = desk.sandbox.supplier.renumber(old).tracking_number
    desk.until(f"the mail with {new}", lambda: _mails(desk, name, new))
    desk.until(f"{new} in the store", lambda: _in_store(desk, name) == [new])
    desk.until(f"tracker of {new}", lambda: desk.ledger("easypost", "tracker_created", new))
    with desk.sandbox.locked():
        desk.sandbox.carrier.scan(new, "delivered", "Delivered")
    desk.until(f"delivery of {name}", partial(heard, desk, name, new, "delivered"))
    subjects = [message.subject for message in _mails(desk, name, new)]
    expect(len(subjects) == len(set(subjects)), f"told twice: {subjects}")
    return f"{name}: {old} became {new}, in the store and in one mail ({subjects[0]}); delivered under the new number"


def inch_marks(desk: Desk) -> str:
    """20: a stock file with inch marks that open quotes: no article gets the numbers of the row below."""
    with desk.sandbox.locked():
        stock = {sku: desk.sandbox.supplier.inventory[sku].stock for sku in (SHORT_OF, BELOW)}
        desk.sandbox.supplier.set_stock(SHORT_OF, 3)
        desk.sandbox.supplier.set_stock(BELOW, 250)
        desk.sandbox.feed.serve_titles({SHORT_OF: '"Work lamp 24""', BELOW: '"Work lamp 24"""'})
    desk.until("the bad row", lambda: SHORT_OF in _bad_skus(desk))
    shown = desk.stock(SHORT_OF)
    expect(shown is not None and shown <= 3, f"{SHORT_OF} has 3 pieces, the store shows {shown}")
    with desk.sandbox.locked():
        desk.sandbox.feed.serve_titles({SHORT_OF: '"Work lamp 24"""', BELOW: '"Work lamp 24"""'})
    desk.until("a file without bad rows", lambda: not _bad_skus(desk))
    with desk.sandbox.locked():
        for sku, pieces in stock.items():
            desk.sandbox.supplier.set_stock(sku, pieces)
        desk.sandbox.feed.serve_titles(None)
    return f'{SHORT_OF} "Work lamp 24"": 3 pieces, the store showed {shown}; `feed problems` named its row until it was mended'


def _mails(desk: Desk, name: str, number: str) -> list[Any]:
    return [message for message in desk.mails(name) if message.channel == "mail" and number in message.text]


def _in_store(desk: Desk, name: str) -> list[str]:
    with desk.sandbox.locked():
        return [number or "" for made in desk.store.order(name).fulfillments for number, _, _ in made.tracking]


def _bad_skus(desk: Desk) -> list[str]:
    (feed,) = desk.shop.json_command("feed", "problems", FEED)
    return [problem["sku"] for problem in feed["problems"]]
