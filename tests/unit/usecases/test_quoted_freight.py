"""The parcel's own freight is asked before anything is sent, and is what margin and limits are held against (P10, P13)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from local.sandbox.kit.api import Call
from local.sandbox.wire import Response
from orderwright.domain.money import Money
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.usecases.operator.retry import retry_order
from tests.support.shop import SUPPLIER, Boundary, Killed, test_config
from tests.unit.usecases.order_shop import OrderShop, before_call, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.test_place_purchase_order import desk, kill

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"
QUOTE = "freightCalculate"


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def asked(shop: OrderShop, operation: str) -> list[int]:
    """Counts the calls of one operation from now on."""
    handle, count = shop.supplier.api.answer, [0]

    def answer(call: Call) -> Response:
        count[0] += call.operation == operation
        return handle(call)

    shop.supplier.api.answer = answer  # type: ignore[method-assign]
    return count


def only(shop: OrderShop, name: str) -> PurchaseOrder:
    (po,) = shop.purchase_orders(name)
    return po


def test_the_quote_is_asked_once_and_stands_in_the_first_intent(shop: OrderShop) -> None:
    shop.supplier.config.freight_parts = (Decimal("3.00"), Decimal("0.50"))
    quotes = asked(shop, QUOTE)
    seen: list[PurchaseOrder] = []
    name = shop.store.buy([(MS, 1)]).name
    before_call(shop, "createOrderV2", lambda: seen.append(only(shop, name)))
    shop.run()
    (intent,) = seen
    assert (intent.state, intent.step) == (PurchaseOrderState.INTENT, "create")
    # 2.90 was planned; the parcel is quoted with taxes and clearance: 2.90 + 3.00 + 0.50.
    assert (intent.freight, intent.quoted_freight, intent.shipping_method) == (
        usd("2.90"), usd("6.40"), "CJPacket Ordinary",
    )  # fmt: skip
    assert (intent.expected_cost, intent.reserved_spend) == (usd("12.80"), usd("12.80"))
    assert (quotes, shop.bought(name)) == ([1], {MS: 1})
    (paid,) = shop.paid_orders(name)
    assert (paid.data["amount"], shop.spent()) == (Decimal("12.80"), 1280)


def test_a_dear_parcel_parks_before_anything_is_sent_and_is_quoted_anew_when_retried(shop: OrderShop) -> None:
    shop.supplier.config.freight_parts = (Decimal("15.00"), Decimal(0))
    name = buy(shop, (MS, 1))
    po = only(shop, name)
    assert (po.state, shop.codes(name), po.expected_cost) == (
        PurchaseOrderState.PARKED, ["MARGIN_TOO_LOW"], usd("24.30"),
    )  # fmt: skip
    assert (po.shipping_method, shop.spent()) == ("", 0)
    assert shop.world.ledger.of_kind("cj", "order_created") == []
    shop.supplier.config.freight_parts = (Decimal(0), Decimal(0))
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_while_the_switch_is_on_an_order_is_quoted_once(shop: OrderShop) -> None:
    kill(shop, on=True)
    quotes = asked(shop, QUOTE)
    name = buy(shop, (MS, 1))
    shop.pass_time(3000, step=300)
    assert quotes == [1]
    kill(shop, on=False)
    shop.pass_time(600, step=300)
    assert (shop.bought(name), quotes) == ({MS: 1}, [1])


def test_without_points_the_order_goes_by_the_connections_method_and_the_planned_freight(shop: OrderShop) -> None:
    shop.supplier.config.points_per_day = shop.supplier.access.points()["usedToday"] + 5
    name = buy(shop, (MS, 1))
    po = only(shop, name)
    assert (po.state, po.quoted_freight, po.shipping_method) == (PurchaseOrderState.PLACED, None, "")


def test_a_parcel_without_a_way_is_refused_and_costs_nothing(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.sandbox.cj.catalogue.LOGISTICS", {})
    name = buy(shop, (MS, 1))
    assert (only(shop, name).state, shop.codes(name)) == (PurchaseOrderState.REJECTED, ["NO_SHIPPING_METHOD"])
    assert (shop.record(name).state, shop.spent()) == (OrderState.NEEDS_ATTENTION, 0)
    assert shop.world.ledger.of_kind("cj", "order_created") == []


def test_a_quote_that_cannot_be_had_is_asked_again_and_counted(shop: OrderShop) -> None:
    shop.supplier.faults.script(QUOTE, "unavailable", "unavailable")
    name = buy(shop, (MS, 1))
    waiting = only(shop, name)
    assert (waiting.state, waiting.refusals, shop.spent()) == (PurchaseOrderState.NEW, 1, 0)
    shop.pass_time(7200, step=60)
    assert (shop.bought(name), only(shop, name).refusals) == ({MS: 1}, 0)


@pytest.mark.parametrize("side", ["before", "after"])
def test_a_worker_that_dies_at_the_quote_loses_nothing(open_shop: OpenShop, side: str) -> None:
    """Killed at the quote, and at the write that follows it: nothing was sent, and the order is bought once."""
    for later in (0, 1):
        shop = open_shop()
        name = shop.store.buy([(MS, 1)]).name
        shop.deliver()
        shop.call("ingest_order", shop.queues["ingest_order"].popleft())
        shop.relay()
        message = shop.queues["place_purchase_order"][0]
        boundary = AtQuote(side, later)
        with pytest.raises(Killed):
            shop.call("place_purchase_order", message, boundary)
        assert any(QUOTE in call for call in boundary.calls)
        assert shop.world.ledger.of_kind("cj", "order_created") == []
        shop.wiring = shop.new_worker()
        shop.pass_time(1200, step=60)
        assert (shop.bought(name), shop.spent()) == ({MS: 1}, 930)


class AtQuote(Boundary):
    """Kills the worker at its quote, or `later` calls after it."""

    def __init__(self, side: str, later: int) -> None:
        super().__init__()
        self._side, self._later = side, later

    def before(self, name: str) -> None:
        if QUOTE in name and self.kill_at is None:
            self.kill_at = (len(self.calls) + 1 + self._later, self._side)
        super().before(name)


def test_the_tax_in_the_suppliers_bill_is_kept_with_the_purchase_order(open_shop: OpenShop) -> None:
    config = test_config()
    taxed = config.suppliers[SUPPLIER].model_copy(update={"ioss_type": "cj"})
    shop = open_shop(config.model_copy(update={"connections": {**config.connections, SUPPLIER: taxed}}))
    po = only(shop, buy(shop, (MS, 1)))
    # The store's amount is declared, 22.99 net: VAT of 19 % is 4.3681, so 4.37. Goods and freight are 9.30, CJ's fee is 0.50.
    assert (po.state, po.tax_in_bill, po.payable) == (PurchaseOrderState.PLACED, usd("4.37"), usd("14.17"))
