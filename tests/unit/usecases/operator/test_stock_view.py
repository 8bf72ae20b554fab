"""Why a store shows the number that it shows, in a sum that can be added up (promise P3)."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest

from orderwright.domain.bundle import Bundle
from orderwright.domain.listing import RETIRED, Listing
from orderwright.domain.routing_rules import RoutingRules
from orderwright.domain.rules import Rules
from orderwright.domain.stock_days import Outlook
from orderwright.records import SkuFile
from orderwright.usecases.operator.stock_view import OfferStock, SkuStock, why_shown
from tests.unit.domain.order_kit import offer

A = offer(supplier="a", stock=10, buffer=2, sellable=5, open={"shop#1|L1": 3})
B = offer(supplier="b", stock=4, sellable=4)
GONE = offer(supplier="c", stock=90, sellable=90)
SUM = "a: 10 - buffer 2 - reserved 3 = 5, the most that one supplier can ship"


@pytest.mark.parametrize(
    ("listing", "split", "parts", "why"),
    [
        ({"desired_quantity": 5, "published_quantity": 5}, False, {}, SUM),
        ({"desired_quantity": 5, "published_quantity": None}, False, {}, f"{SUM}; there is not known, 5 is on its way"),
        ({"desired_quantity": 5, "published_quantity": 7}, False, {}, f"{SUM}; there is 7, 5 is on its way"),
        ({"desired_quantity": 9, "published_quantity": 9}, True, {}, "all suppliers together, as its lines may be split"),
        ({"desired_quantity": 4, "published_quantity": 4}, False, {},
         "only suppliers count whose cost allows the price, and that may sell in this store"),
        ({"on_sale": False, "published_quantity": 0}, False, {}, "no price yet"),
        ({"reasons": (RETIRED,), "published_quantity": 0}, False, {}, f"{RETIRED.code}: {RETIRED.message}"),
        ({"desired_quantity": 3, "published_quantity": 3}, False, {"X": SkuFile("X")},
         "a bundle of 2 X: as many as can be put together"),
    ],
)  # fmt: skip
def test_why_a_store_shows_its_number(
    listing: dict[str, Any], split: bool, parts: dict[str, SkuFile], why: str
) -> None:
    rules = Rules(routing=RoutingRules(split_lines=split), bundles={"SET": Bundle(of={"X": 2}, title="Set")})
    office: Any = SimpleNamespace(config=SimpleNamespace(rules=rules), name=lambda name: name)
    offers = tuple(
        OfferStock(one, Fraction(), Outlook(None), None, "source gone" if one is GONE else "") for one in (A, B, GONE)
    )
    one = SkuStock(SkuFile("SET" if parts else "X", parts=parts), offers, 9, Fraction(), Outlook(None), ())
    shown = Listing.model_validate({"sku": "X", "store": "shop", "on_sale": True, **listing})
    assert why_shown(office, one, shown) == why
