"""Two purchase orders of one line never count its revenue twice (promise P13)."""

from __future__ import annotations

from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import open_shop, shop

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"


def test_units_given_back_after_two_purchases_of_a_line_leave_its_revenue_once(shop: OrderShop) -> None:
    name = buy(shop, (MS, 2))
    shop.store.edit(name, {MS: 3})
    shop.store.capture(name)
    shop.run()
    assert [line.quantity for po in shop.purchase_orders(name) for line in po.lines] == [2, 1]
    shop.store.edit(name, {MS: 1})
    shop.run()
    reckoned = [po.reckoning for po in shop.purchase_orders(name) if po.reckoning]
    # 22.99 is left: 2/3 and 1/3 of it, in whole cents.
    assert [one.lines.minor for one in reckoned] == [1532, 766]
    assert shop.record(name).margin == sum((one.margin for one in reckoned[1:]), reckoned[0].margin)
