"""Why a price is what it is, and what other rules would have made of the past; figures by hand.

HL-MS-400 costs 6.40 + 2.90 = 9.30 USD; times 2.4 that is 22.32, shown as 22.99.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.repricing.history import PriceChange
from orderwright.domain.repricing.signals import CompetitorPrices, CompetitorQuote, Demand
from orderwright.domain.shown_price import PublishedPrice
from orderwright.domain.stock_diff import shard_of
from orderwright.domain.unit_cost import UnitCost
from orderwright.messages import Message
from orderwright.records import SkuFile, Stored, competitors_key, demand_key, listing_key, price_change_key
from orderwright.storage import Put
from orderwright.usecases.listing.records import listing_put
from orderwright.usecases.repricing.kept import SHARDS, KeptSetting, pack_files
from tests.support.shop import FEED, START, STORE, SUPPLIER, Shop, test_config
from tests.unit.cli.cli_kit import Operator, operator_of

MS, KID = "HL-MS-400", "HL-KID-120"
FOLLOW: dict[str, Any] = {"name": "all", "markup": "2.4", "competitors": {"undercut_percent": "1"}}
TODAY = START.date()


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


@pytest.fixture
def following() -> Iterator[Shop]:
    """A shop that stays 1 % below the lowest competitor."""
    made = Shop(test_config(prices=[FOLLOW]))
    made.connect()
    made.stock_up()
    yield made
    made.close()


def known(shop: Shop) -> None:
    """A file named four competitors an hour ago, and 12 pieces were sold in the last week."""
    hour, days = shop.clock.now() - timedelta(hours=1), timedelta(days=3)
    quotes = (
        CompetitorQuote(seller="BrightCo", price=usd("21.00"), shipping=usd("1.00")),
        CompetitorQuote(seller="OldShop", price=usd("19.00"), seen_at=hour - days),
        CompetitorQuote(seller="PennyShop", price=usd("0.01")),
        CompetitorQuote(seller="ZenLamps", price=Money.parse("2500", "JPY")),
    )
    sold = Demand(sku=MS, day=TODAY - timedelta(days=1), sold={STORE: (2, 0, 4, 0, 6, 0, 0, 5)}, last_sold=TODAY)
    prices = CompetitorPrices(sku=MS, feed=FEED, at=hour, quotes=quotes)
    storage = shop.wiring.storage
    listing = storage.load_sku(MS).listings[STORE]
    shown = (PublishedPrice(price=usd("22.99"), at=hour - days),)
    storage.commit(
        [
            Put(competitors_key(MS, FEED), prices, 0),
            Put(demand_key(MS), sold, 0),
            listing_put(listing.model.model_copy(update={"price_history": shown}), listing.version),
        ]
    )


def test_a_price_is_explained_input_by_input_and_is_the_one_that_is_then_made(following: Shop) -> None:
    known(following)
    operator = operator_of(following)
    (one,) = operator("price", "explain", MS, "--json").json["stores"]
    # 22.00 with shipping, 1 % below: 21.78. A day moves 22.99 by 5 % at most, to 21.84: the next ending is 21.99.
    assert (one["shown"]["amount"], one["wanted"]["amount"], one["pending"]) == ("22.99", "21.99", None)
    assert [(cost["supplier"], cost["cost"]["amount"], cost["makes_the_price"]) for cost in one["costs"]] == [
        (SUPPLIER, "6.40", True)
    ]
    listed = {seen["seller"]: (seen["ours_as_dear_at"] or {}).get("amount") for seen in one["competitors"]}
    assert listed == {"BrightCo": "22.00", "OldShop": None, "PennyShop": None, "ZenLamps": None}
    why = {seen["seller"]: seen["left_out"] for seen in one["competitors"]}
    assert "older than 48 h" in why["OldShop"]
    assert "absurd beside 22.32 USD by cost" in why["PennyShop"]
    assert "no exchange rate from JPY" in why["ZenLamps"]
    assert {name: one["demand"][name] for name in ("week", "before")} == {"week": 12, "before": 5}
    assert [note["code"] for note in one["notes"]] == ["COMPETITOR_ABSURD"]
    page = operator("price", "explain", MS, "--store", STORE).out
    parts = [
        "What it costs", "2. Rule: 'all': cost x 2.4", "3. Competitors", "4. Demand: 12 sold in the 7 days to 2026-11-21",
        "at most 5 % a day from 22.99 USD: 21.99 USD", "6. Bounds: floor", "note: COMPETITOR_ABSURD", "7. Next: looked at",
    ]  # fmt: skip
    assert [page.index(part) for part in parts] == sorted(page.index(part) for part in parts)
    following.wiring.recalculate_price(Message("offer.changed", "1", "", resource=MS))
    held = following.wiring.storage.get(listing_key(MS, STORE), Listing)
    assert held is not None
    assert held.model.desired_price == usd("21.99")
    assert "note: COMPETITOR_ABSURD" in operator("catalogue", "show", MS).out
    (change,) = operator("price", "history", MS, "--json").json
    assert (change["before"]["amount"], change["after"]["amount"], change["rule"]) == ("22.99", "21.99", "all")
    status = operator("status")
    assert f"a competitor's price is absurd, and does not count: {MS}; orderwright price explain {MS}" in status.out


def test_each_change_of_a_price_is_told_with_its_reason(shop: Shop, operator: Operator) -> None:
    changes = [
        PriceChange(sku=MS, store=STORE, at=START - timedelta(days=day), before=usd(before), after=usd(after), why=why)
        for day, before, after, why in ((200, "19.99", "22.99", "older"), (2, "22.99", "21.99", "1 % below BrightCo"))
    ]
    shop.wiring.storage.commit([Put(price_change_key(MS, STORE, one.at, 1), one, 0) for one in changes])
    (told,) = operator("price", "history", MS, "--json").json
    assert (told["store"], told["before"]["amount"], told["after"]["amount"]) == (STORE, "22.99", "21.99")
    assert "1 % below BrightCo" in operator("price", "history", MS, "--store", STORE).out
    assert len(operator("price", "history", MS, "--days", "365", "--json").json) == 2
    assert f"no price of {KID} changed" in operator("price", "history", KID).out


# --- other rules on the past ------------------------------------------------------------------------------------------


class Kept:
    """Kept inputs in memory."""

    def __init__(self) -> None:
        self.parts: dict[tuple[date, int], bytes] = {}

    def get(self, day: date, shard: int) -> bytes | None:
        return self.parts.get((day, shard))

    def put(self, day: date, shard: int, data: bytes) -> None:
        self.parts[day, shard] = data


def as_of(file: SkuFile, day: date, sold: int, cost: str = "6.40") -> SkuFile:
    """The SKU as it was kept: what was sold that day, and its cost."""
    (supplier,) = file.offers
    offer = file.offers[supplier].model
    dearer = offer.model_copy(update={"cost": UnitCost(amount=Decimal(cost), currency="USD")})
    demand = Demand(sku=file.sku, day=day, sold={STORE: (sold,)})
    return replace(file, offers={supplier: Stored(dearer, 0)}, demand=Stored(demand, 0))


@pytest.fixture
def past(shop: Shop) -> Operator:
    """Two days are kept: MS sold 2, then 3 when it cost 0.70 more; KID, which the other rules leave alone, 5 and none."""
    kept, storage = Kept(), shop.wiring.storage
    files = storage.load_skus([MS, KID])
    for day, (ms, cost, kid) in zip((3, 1), ((2, "6.40", 5), (3, "7.10", 0)), strict=True):
        at = TODAY - timedelta(days=day)
        own = files[KID].offers[SUPPLIER].model.cost
        for file in (as_of(files[MS], at, ms, cost), as_of(files[KID], at, kid, str(own.amount))):
            kept.put(at, shard_of(file.sku, SHARDS), pack_files([file], KeptSetting.of(shop.wiring.config())))
    assert shard_of(MS, SHARDS) != shard_of(KID, SHARDS)
    shop.wiring.__dict__["kept_inputs"] = kept
    return operator_of(shop)


def rules(tmp_path: Path, text: str) -> str:
    file = tmp_path / "rules.yaml"
    file.write_text(text, "utf-8")
    return str(file)


MORE = f"prices:\n  - {{name: ms, skus: [{MS}], markup: 2.6}}\n  - {{name: all, markup: 2.4}}\n"


def test_other_rules_are_held_against_those_in_force_over_kept_days(past: Operator, tmp_path: Path) -> None:
    file, rows = rules(tmp_path, MORE), tmp_path / "prices.csv"
    told = past("price", "simulate", file, "--days", "3", "--csv", str(rows), "--json").json
    assert told["missing"] == [str(TODAY - timedelta(days=2))]
    (store,) = told["stores"]
    # 9.30 x 2.6 = 24.18 -> 24.99 instead of 22.99; at 10.00: 26.99 instead of 24.99. Pieces: 2 and 3, at stake all 5.
    assert (store["skus"], store["differing"], store["sold"], store["at_stake"]) == (2, [MS], 10, 5)
    assert (store["biggest"]["sku"], store["biggest"]["other"]["amount"]) == (MS, "24.99")
    only = past("price", "simulate", file, "--days", "3", "--sku", MS, "--store", STORE, "--json").json["stores"][0]
    figures = [[only[side][name]["amount"] for name in ("average_price", "average_left", "total_left")]
               for side in ("in_force", "other")]  # fmt: skip
    # (2 x 22.99 + 3 x 24.99) / 5 and (2 x 13.69 + 3 x 14.99) / 5; with the other rules each 2.00 more.
    assert figures == [["24.19", "14.47", "72.35"], ["26.19", "16.47", "82.35"]]
    with rows.open(encoding="utf-8") as opened:
        written = [
            (row["day"], row["sku"], row["sold"], row["price"], row["price_other"]) for row in csv.DictReader(opened)
        ]
    assert (str(TODAY - timedelta(days=1)), MS, "3", "24.99", "26.99") in written
    page = past("price", "simulate", file, "--days", "3").out
    assert "1 of 2" in page
    assert f"no inputs are kept of 1 days, left out: {TODAY - timedelta(days=2)}" in page
    assert "is not foretold" in page


def test_a_step_beyond_the_limit_waits_and_a_crossed_range_goes_off_sale_in_the_past_too(
    past: Operator, tmp_path: Path
) -> None:
    far = rules(
        tmp_path,
        f"rules:\n  prices:\n  - {{name: ms, skus: [{MS}], markup: 5}}\n  - {{name: all, markup: 2.4, msrp: 1 USD}}\n",
    )
    (store,) = past("price", "simulate", far, "--days", "3", "--json").json["stores"]
    assert (store["other"]["wait_for_approval"], store["other"]["off_sale"]) == ([MS], [KID])
    # What waits gets no approval: the price shown stays.
    assert (store["at_stake"], store["sold_of_what_would_be_off_sale"]) == (8, 5)
    assert store["in_force"]["wait_for_approval"] == []


@pytest.mark.parametrize(
    ("text", "field", "line"),
    [
        ("prices:\n  - name: all\n    markup: x\n", "rules.prices.0.markup", 3),
        ("rules:\n  prices:\n  - {name: a, markup: 2, bounds: {per_day_percent: 30}}\n",
         "rules.prices.0.bounds.per_day_percent", 3),
        ("prise: []\n", "rules.prise", 1),
    ],
)  # fmt: skip
def test_faults_of_rules_are_told_with_their_field_and_line(
    past: Operator, tmp_path: Path, text: str, field: str, line: int
) -> None:
    (fault,) = past("price", "simulate", rules(tmp_path, text), "--json").json["error"]["faults"]
    assert (fault["field"], fault["line"]) == (field, line)


def test_without_kept_days_it_says_so(shop: Shop, tmp_path: Path) -> None:
    shop.wiring.__dict__["kept_inputs"] = Kept()
    told = operator_of(shop)("price", "simulate", rules(tmp_path, MORE), "--json")
    assert told.json["error"]["code"] == "NOTHING_KEPT"
