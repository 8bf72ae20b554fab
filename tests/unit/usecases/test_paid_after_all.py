"""What a supplier was paid is never forgotten, though our side had given it up (promises P1, P6, P10, P11)."""

from __future__ import annotations

from decimal import Decimal

from orderwright.domain.money import Money
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.messages import Message
from orderwright.records import ORDERS, Key, reference_ref
from orderwright.storage import Put
from tests.unit.usecases.order_shop import OrderShop, before_call, buy
from tests.unit.usecases.shop_fixture import open_shop, shop

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"
SETTLED = 400


def test_a_payment_behind_everybodys_back_is_written_down_though_it_was_given_up(shop: OrderShop) -> None:
    """A worker stands still before it pays; the order is cancelled, looked up and withdrawn; then the worker goes on."""
    name = shop.store.buy([(MS, 1)]).name

    def meanwhile() -> None:
        shop.store.cancel(name)
        shop.pass_time(SETTLED, step=SETTLED / 4)
        assert (shop.record(name).state, shop.spent()) == (OrderState.CANCELLED, 0)

    before_call(shop, "payBalanceV2", meanwhile)
    shop.run()
    (po,) = shop.purchase_orders(name)
    assert (po.state, po.cancel_outcome) == (PurchaseOrderState.PLACED, "ORDERED_TOO_LATE")
    assert len(shop.paid_orders(name)) == 1
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.NEEDS_ATTENTION, ["ORDERED_TOO_LATE"])
    assert po.payable is not None
    assert (shop.spent(), shop.sellable(MS)) == (po.payable.minor, 40)
    assert any("ORDERED_TOO_LATE" in alert for alert in shop.post.alerts)


def test_money_that_goes_back_while_the_payment_is_under_way_is_in_the_margin(shop: OrderShop) -> None:
    """The refund is taken in before the purchase is written down as paid, with what was reckoned before the refund."""
    name = shop.store.buy([(MS, 1)]).name

    def meanwhile() -> None:
        shop.clock.advance(1)
        shop.store.refund_money(name, Decimal(5))
        shop.run()

    before_call(shop, "payBalanceV2", meanwhile)
    shop.run()
    (po,) = shop.purchase_orders(name)
    assert (po.state, po.payable) == (PurchaseOrderState.PLACED, Money(minor=930, currency="USD"))
    # 22.99 less 5.00 less 9.30
    assert shop.record(name).margin == Money(minor=869, currency="USD")


def given_up(shop: OrderShop) -> str:
    """Cancelled while its payment was unclear, looked up as unpaid, withdrawn; ten minutes later the supplier takes the money."""
    shop.supplier.faults.late_seconds = 2 * SETTLED + 600
    shop.supplier.faults.script("payBalanceV2", "accept_late")
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    assert (shop.record(name).state, shop.spent()) == (OrderState.CANCELLED, 0)
    return name


def test_a_supplier_that_takes_the_money_after_everything_was_given_up_is_believed_at_its_news(shop: OrderShop) -> None:
    name = given_up(shop)
    shop.pass_time(1200, step=300)
    (po,) = shop.purchase_orders(name)
    assert po.payable is not None
    assert (po.state, po.cancel_outcome, shop.spent()) == (
        PurchaseOrderState.PLACED, "ORDERED_TOO_LATE", po.payable.minor,
    )  # fmt: skip
    assert shop.codes(name) == ["ORDERED_TOO_LATE"]


def test_news_of_a_purchase_order_that_was_given_up_waits_for_a_supplier_that_cannot_be_asked(shop: OrderShop) -> None:
    name = given_up(shop)
    shop.supplier.faults.script("getOrderDetail", *["error_500"] * 3)
    shop.pass_time(1200, step=300)
    assert (len(shop.paid_orders(name)), shop.record(name).state) == (1, OrderState.CANCELLED)
    shop.pass_time(3600, step=900)
    assert shop.purchase_orders(name)[0].state is PurchaseOrderState.PLACED


def test_news_of_a_purchase_order_that_was_given_up_is_heard_though_earlier_news_was_lost(shop: OrderShop) -> None:
    name = given_up(shop)
    (sk, held), *_ = shop.order(name).purchase_orders.items()
    waiting = held.model.model_copy(update={"heard_at": shop.clock.now()})
    ref = reference_ref(waiting.reference)
    shop.wiring.storage.commit([Put(Key(ORDERS, shop.order(name).pk, sk), waiting, held.version, ref=ref)])
    shop.pass_time(1200, step=300)
    assert shop.purchase_orders(name)[0].state is PurchaseOrderState.PLACED


def test_news_of_a_purchase_order_that_was_given_up_and_is_unpaid_changes_nothing(shop: OrderShop) -> None:
    shop.supplier.faults.script("payBalanceV2", "timeout")
    name = buy(shop, (MS, 1))
    shop.store.cancel(name)
    shop.run()
    shop.pass_time(2 * SETTLED, step=SETTLED)
    before = shop.purchase_orders(name)[0]
    news = Message("supplier.order_news", "news", "now", resource=before.reference)
    shop.call("update_tracking", news.to_json())
    shop.run()
    after = shop.purchase_orders(name)[0]
    assert (after.state, after.heard_at, shop.record(name).state) == (before.state, None, OrderState.CANCELLED)
    assert after.log[-1].why == "it is not paid there"
    shop.pass_time(600)
    assert shop.purchase_orders(name)[0] == after
