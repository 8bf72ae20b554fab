"""The scenes about prices that follow: a competitor who undercuts, a campaign that begins and ends, and other rules for all.

Each puts the rules back at its end, so that no other scene meets them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import yaml

from local.demo.desk import Desk
from local.demo.money_scenes import as_file
from local.demo.scenes import expect
from local.running.settings import BLOG, MARKET, STORE
from local.sandbox.goods import ONLY_MADE

FOLLOWED = "HL-COB-350"
"""17.00 by cost, 14.99 at the least; 16.99 is on sale."""
ALONG, SET_BELOW, FLOOR = "16.50", "9.00", "14.99"
FOLLOWS = {
    "name": "follow the flood torch", "skus": [FOLLOWED], "stores": [STORE, BLOG], "markup": "2.4",
    "minimum_margin_percent": "52", "competitors": {"undercut_percent": "1", "feeds": ["competitors"]},
    "bounds": {"percent": "40", "per_day_percent": "40"},
}  # fmt: skip
BEGINS_IN, LASTS = timedelta(seconds=30), timedelta(seconds=40)


@contextmanager
def _rules(desk: Desk, change: Callable[[dict[str, Any]], None]) -> Iterator[str]:
    """Other rules while the scene plays; gives what `apply` printed."""
    before = yaml.safe_load(desk.shop.command("export"))
    changed = copy.deepcopy(before)
    change(changed)
    try:
        yield _applied(desk, changed)
    finally:
        _applied(desk, before)


def _applied(desk: Desk, document: dict[str, Any]) -> str:
    file = desk.shop.config_file
    file.write_text(as_file(desk.shop.command("export"), document), encoding="utf-8")
    return desk.shop.command("apply", str(file))


def _shown(desk: Desk, sku: str) -> dict[str, str]:
    return {at.connection: at.price(sku) for at in desk.everywhere()}


def _until_shown(desk: Desk, sku: str, wanted: dict[str, str]) -> None:
    desk.until(f"{sku} at {wanted}", lambda: _shown(desk, sku) == wanted)


def undercut(desk: Desk) -> str:
    """28: a competitor undercuts: followed down to the floor and not below, in the two stores that follow."""
    before = _shown(desk, FOLLOWED)
    file = desk.sandbox.competitors
    with _rules(desk, lambda document: document["rules"]["prices"].insert(0, FOLLOWS)):
        for theirs, ours in ((ALONG, "15.99"), (SET_BELOW, FLOOR)):
            with desk.sandbox.locked():
                file.set_price(FOLLOWED, "Outdoor Barn", Decimal(theirs))
            _until_shown(desk, FOLLOWED, {**before, STORE: ours, BLOG: ours})
        listing = desk.listing(FOLLOWED)
        expect(
            listing is not None and str(listing.floor) <= f"{FLOOR} USD", f"the floor is {listing and listing.floor}"
        )
        print(desk.shop.command("price", "explain", FOLLOWED, "--store", STORE), flush=True)
        with desk.sandbox.locked():
            file.set_price(FOLLOWED, "Outdoor Barn", None)
    _until_shown(desk, FOLLOWED, before)
    lowest = min(
        Decimal(entry.data["after"])
        for at in desk.everywhere()
        for entry in desk.ledger(at.kind, "price_changed", FOLLOWED)
    )
    expect(lowest == Decimal(FLOOR), f"{FOLLOWED} was once sold at {lowest}")
    stays = f"{MARKET} stays at {before[MARKET]}"
    return f"{FOLLOWED}: a competitor at {ALONG}, then {SET_BELOW}: 15.99, then {FLOOR}, its floor; {stays}"


def campaign(desk: Desk) -> str:
    """29: a campaign begins and ends by itself; struck through is the price before it, where no EU law forbids it."""
    before = _shown(desk, ONLY_MADE)
    with desk.sandbox.locked():
        begins = desk.sandbox.world.clock() + BEGINS_IN
    one = {
        "skus": [ONLY_MADE], "percent": "10", "begins": begins.isoformat(), "ends": (begins + LASTS).isoformat(),
    }  # fmt: skip

    def change(document: dict[str, Any]) -> None:
        document["rules"]["campaigns"] = {"a minute of lamps": one}
        document["connections"][MARKET]["sell_to"] = ["US"]

    with _rules(desk, change):
        cheap = desk.until(f"a lower price of {ONLY_MADE} in every store", partial(_all_lower, desk, before))
        desk.until(f"{before[MARKET]} struck through", lambda: _struck(desk.at(MARKET)) == Decimal(before[MARKET]))
        struck = {at.connection: _struck(at) for at in desk.everywhere()}
        expect(struck[STORE] is None, f"{struck[STORE]} is struck through, and the 30 days before it are not known")
        _until_shown(desk, ONLY_MADE, before)
        desk.until("nothing struck through", lambda: _struck(desk.at(MARKET)) is None)
    words = f"{before[STORE]}, {cheap[STORE]} while it lasts in every store, and {before[STORE]} again"
    return f"{ONLY_MADE}: {words}; struck through in {MARKET} alone"


def _all_lower(desk: Desk, before: dict[str, str]) -> dict[str, str]:
    now = _shown(desk, ONLY_MADE)
    return now if all(Decimal(now[store]) < Decimal(price) for store, price in before.items()) else {}


def _struck(desk: Desk) -> Decimal | None:
    with desk.sandbox.locked():
        return next((one.compare_at_price for one in desk.store.shelf() if one.sku == ONLY_MADE), None)


def all_again(desk: Desk) -> str:
    """30: other rules for all reprice three stores: what rises goes before the rest, and it is said when all is done."""
    before = {sku: _shown(desk, sku) for sku in (FOLLOWED, ONLY_MADE)}

    def change(document: dict[str, Any]) -> None:
        rows = [(ONLY_MADE, "2.2"), (FOLLOWED, "2.6")]
        document["rules"]["prices"][:0] = [{"name": sku, "skus": [sku], "markup": markup} for sku, markup in rows]

    with _rules(desk, change) as told:
        expect("min at most" in told, f"apply does not say how long it takes: {told}")
        print(told, flush=True)
        for sku in before:
            desk.until(f"another price of {sku} everywhere", partial(_differs, desk, sku, before[sku]))
        print(desk.shop.command("price", "reprice", "--status"), flush=True)
        stores = desk.shop.json_command("price", "reprice", "--status")["repricing"]["stores"]
        lines = {name: [one["found"].get(line, 0) for line in ("rise", "rest")] for name, one in stores.items()}
        expect(all(min(found) >= 1 for found in lines.values()), f"what rose, and the rest, by store: {lines}")
        seen = {sku: _shown(desk, sku)[STORE] for sku in before}
    for sku, shown in before.items():
        _until_shown(desk, sku, shown)
    rises, falls = (f"{sku} {before[sku][STORE]} -> {seen[sku]}" for sku in before)
    return f"{rises} before {falls}, in {len(stores)} stores; and back again"


def _differs(desk: Desk, sku: str, before: dict[str, str]) -> bool:
    return all(price != before[store] for store, price in _shown(desk, sku).items())
