"""One view of the stock, as the operator is told (R23, R25); days of sales are made by hand, the rest is worked by the shop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from orderwright.domain.catalogue import Offer
from orderwright.domain.scoring.day import SkuDay, SupplierDay
from orderwright.messages import Message
from orderwright.records import offer_key, score_day_key
from orderwright.storage import Put
from orderwright.usecases.stock.offers import offer_put
from tests.support.shop import SUPPLIER, Shop, test_config
from tests.unit.cli.cli_kit import Operator, operator_of

MS, UL = "HL-MS-400", "HL-UL-300"


def sell(shop: Shop, **a_day: int) -> None:
    """So many a day for four weeks; then the night's look at the supplier's stock."""
    for back in range(1, 29):
        day = shop.clock.now().date() - timedelta(days=back)
        skus = {sku.replace("_", "-"): SkuDay(sold=many) for sku, many in a_day.items()}
        shop.wiring.storage.commit(
            [Put(score_day_key(SUPPLIER, day), SupplierDay(supplier=SUPPLIER, day=day, skus=skus), 0)]
        )
    shop.wiring.send([Message("stock.advice_due", "night", "now", connection=SUPPLIER)])
    shop.run()


def put_in(shop: Shop, sku: str, **places: int) -> None:
    """The supplier's stock by warehouse."""
    held = shop.wiring.storage.get(offer_key(sku, SUPPLIER), Offer)
    assert held is not None
    shop.wiring.storage.commit(
        [offer_put(held.model.model_copy(update={"places": places}), held.version, matters=False)]
    )


@pytest.fixture
def shop() -> Iterator[Shop]:
    config = test_config()
    cj = config.suppliers[SUPPLIER].model_copy(
        update={"making_days": 3, "transport_days": {"FI": 12}, "oversold_at_most_percent": Decimal("0.1")}
    )
    made = Shop(config.model_copy(update={"connections": {**config.connections, SUPPLIER: cj}}))
    made.connect()
    made.stock_up()
    yield made
    made.close()


def test_stock_shows_what_there_is_for_how_long_and_why_a_store_shows_it(shop: Shop) -> None:
    operator: Operator = operator_of(shop)
    put_in(shop, MS, Yiwu=30, Berlin=10)
    shop.store.buy([(MS, 2)])
    shop.run()
    sell(shop, HL_MS_400=3, HL_UL_300=1)
    said = operator("stock", "show", MS)
    whole = operator("stock", "show", MS, "--json").json
    (part,), (there,) = whole["suppliers"], whole["stores"]
    names = ("stock", "warehouses", "buffer", "reserved", "sellable", "sold_per_day", "days_left")
    assert [part[name] for name in names] == [40, {"Yiwu": 30, "Berlin": 10}, 2, 2, 36, "3", 12]
    assert (part["lead_days"], part["lead"], part["reorder_point"]) == (
        15,
        "15 days (making 3 days + transport 12 days)",
        59,
    )
    assert there == {"store": "lamp-shop", "shown": 36, "wanted": 36, "why": "cj: 40 - buffer 2 - reserved 2 = 36"}
    assert "36 can be sold; about 3 are sold a day, enough for about 12 days" in said.out
    assert "runs low since 2026-11-22: 36 pieces of SKU HL-MS-400 are left at cj; other suppliers have 0" in said.out
    assert all(text in said.out for text in ("Yiwu 30, Berlin 10", "2 (target)"))

    listed = operator("stock", "list", "--json").json
    assert [one["sku"] for one in listed[:2]] == [UL, MS]
    assert "  3 more: --limit" in operator("stock", "list", "--limit", "2").out
    assert [one["sku"] for one in operator("stock", "list", "--below-days", "10", "--json").json] == [UL]
    assert {one["sku"] for one in operator("stock", "list", "--low", "--sort", "sku", "--json").json} == {MS, UL}
    needs = {one["kind"]: one for one in operator("status", "--json").json["needs_you"]}
    assert (needs["low_stock"]["what"], needs["low_stock"]["fix"]) == (
        "2 SKUs running low",
        "orderwright stock list --low",
    )
    assert "2 SKUs running low; orderwright stock list --low" in operator("status").out
