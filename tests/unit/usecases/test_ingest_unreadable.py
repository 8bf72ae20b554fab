"""ingest_order and what nobody can read: kept, visible, and taken in once it can be read (promise P2)."""

from __future__ import annotations

import pytest

from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.domain.order import StoreOrder
from orderwright.errors import Rejected
from orderwright.usecases.operator.parked_notes import parked_notes
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop  # noqa: F401 - fixtures


def test_p2_an_order_that_cannot_be_read_is_parked_once_and_bought_when_it_can_be_read(
    shop: OrderShop,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreadable(self: ShopifyOrders, order_id: str) -> StoreOrder:
        raise Rejected("order: lines[0].quantity is missing", code="UNREADABLE_ORDER")

    with monkeypatch.context() as broken:
        broken.setattr(ShopifyOrders, "fetch_order", unreadable)
        order = shop.store.buy([("HL-MS-400", 1)])
        shop.run()
    assert len(shop.world.ledger.of_kind("cj", "order_paid")) == 0
    assert [listed.note.reason for listed in parked_notes(shop.wiring.storage)] == ["ORDER_UNREADABLE"]
    shop.store.set_risk(order.name, "ACCEPT")
    shop.run()
    assert len(shop.world.ledger.of_kind("cj", "order_paid")) == 1
