"""From a store's news to a purchase order, or to a visible reason why not (R5 to R13; promises P2, P3, P6, P8)."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest

from local.sandbox.shopify import CartLine, TaxRule
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.releases import release_of
from orderwright.records import connection_key
from orderwright.usecases.intake.approvals import approvals_of
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.desk import Desk
from tests.support.catalogue_world import message
from tests.support.shop import STORE, Shop, test_config
from tests.unit.domain.order_kit import line, order
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, COB, PRO, KID, UL = "HL-MS-400", "HL-COB-350", "HL-PRO-1200", "HL-KID-120", "HL-UL-300"


def buy(shop: Shop, *lines: tuple[str, int] | CartLine, **how: object) -> str:
    """Buy and let everything happen; the order's name."""
    order = shop.store.buy(list(lines), **how)  # type: ignore[arg-type]
    shop.run()
    return order.name


# --- duplicates and disorder ------------------------------------------------------------------------------------------


def test_three_deliveries_of_one_webhook_make_one_purchase_order(shop: OrderShop) -> None:
    shop.store.repeat_next_webhooks(3)
    name = buy(shop, (MS, 1))
    assert len(shop.purchase_orders(name)) == len(shop.paid_orders(name)) == 1
    assert shop.record(name).state is OrderState.PLACED


@pytest.mark.parametrize("turn", [lambda d: list(reversed(d)), lambda d: d[1:] + d[:1], lambda d: d[-1:]])
def test_news_of_an_order_may_arrive_in_any_order(shop: OrderShop, turn: object) -> None:
    name = shop.store.buy([(MS, 1)]).name
    news = turn(list(shop.deliveries))  # type: ignore[operator]
    shop.deliveries.clear()
    shop.deliveries.extend(news)
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_old_news_after_the_end_changes_nothing(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    old = list(shop.deliveries)
    shop.run()
    shop.store.cancel(name)
    shop.run()
    before = shop.order(name)
    shop.deliveries.extend(old)
    shop.run()
    assert shop.order(name) == before


# --- payment ----------------------------------------------------------------------------------------------------------


def test_a_test_order_is_ignored(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1), test=True)
    assert shop.record(name).state is OrderState.IGNORED
    assert (shop.bought(name), shop.sellable(MS)) == ({}, 40)


@pytest.mark.parametrize("pay", ["authorized", "pending"])
def test_money_that_has_not_arrived_reserves_and_waits(shop: OrderShop, pay: str) -> None:
    name = buy(shop, (MS, 2), pay=pay)
    assert shop.record(name).state is OrderState.AWAITING_PAYMENT
    assert (shop.bought(name), shop.sellable(MS)) == ({}, 38)
    shop.store.capture(name)
    shop.run()
    assert (shop.bought(name), shop.sellable(MS)) == ({MS: 2}, 38)


def test_money_that_does_not_come_is_told_once(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(payment_wait_hours=2))
    name = buy(shop, (MS, 1), pay="pending")
    shop.pass_time(4 * 3600, step=1800)
    assert [alert for alert in shop.post.alerts if "PAYMENT_OVERDUE" in alert] != []
    assert len(shop.post.alerts) == 1
    assert shop.record(name).recheck_at is None
    shop.store.capture(name)
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_an_order_voided_before_payment_ends_with_nothing_ordered(shop: OrderShop) -> None:
    name = buy(shop, (MS, 2), pay="authorized")
    shop.store.cancel(name)
    shop.run()
    assert shop.record(name).state is OrderState.CANCELLED
    assert shop.record(name).cancel_outcome == "NOTHING_ORDERED"
    assert (shop.bought(name), shop.sellable(MS)) == ({}, 40)


def test_an_order_refunded_before_placement_ends_with_nothing_ordered(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(upsell_window_minutes=30))
    name = buy(shop, (MS, 2))
    shop.store.refund(name, [(MS, 2)])
    shop.run()
    assert shop.record(name).state is OrderState.CANCELLED
    shop.pass_time(3600, step=1200)
    assert (shop.bought(name), shop.sellable(MS)) == ({}, 40)


def test_the_stores_figures_are_kept_with_the_order_and_follow_its_refunds(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(upsell_window_minutes=30))
    shop.store.config.taxes["FI"] = TaxRule(Decimal("25.5"))
    name = buy(shop, (MS, 2))

    def figures() -> tuple[int, int]:
        details = shop.order(name).details
        assert details is not None
        assert details.model.money is not None
        assert details.model.money.unclear == ()
        return details.model.money.lines[0].net.minor, details.model.money.given_back.minor

    assert figures() == (3664, 0)  # 45.98 less 9.34
    shop.store.refund_money(name, Decimal(5), Decimal("1.02"))
    shop.run()
    assert figures() == (3664, 398)


def test_after_a_partial_refund_the_rest_is_bought(open_shop: OpenShop) -> None:
    """Also where what went back is worth more than what is left."""
    shop = open_shop(test_config(upsell_window_minutes=30))
    name = buy(shop, (PRO, 1), (KID, 1))
    shop.store.refund(name, [(PRO, 1)])
    shop.run()
    shop.pass_time(3600, step=1200)
    assert shop.bought(name) == {KID: 1}
    assert (shop.sellable(PRO), shop.sellable(KID)) == (40, 39)


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_orders_paid_in_other_currencies_count_in_the_shops_own(shop: OrderShop, currency: str) -> None:
    name = buy(shop, (MS, 1), currency=currency)
    record = shop.record(name)
    assert (record.state, record.total.currency) == (OrderState.PLACED, "USD")
    assert record.margin is not None
    assert record.margin.currency == "USD"


# --- what is in the cart ----------------------------------------------------------------------------------------------


def test_a_file_alone_orders_nothing(shop: OrderShop) -> None:
    name = buy(shop, CartLine(None, 1, "Trail guide (PDF)", Decimal("9.00"), requires_shipping=False))
    assert (shop.record(name).state, shop.bought(name)) == (OrderState.NOTHING_TO_ORDER, {})


@pytest.mark.parametrize(
    "extra",
    [
        CartLine(None, 1, "Trail guide (PDF)", Decimal("9.00"), requires_shipping=False),
        CartLine(None, 1, "Gift card", Decimal("25.00"), gift_card=True),
    ],
)
def test_beside_a_lamp_files_and_gift_cards_stay_out(shop: OrderShop, extra: CartLine) -> None:
    name = buy(shop, (MS, 1), extra)
    assert (shop.record(name).state, shop.bought(name)) == (OrderState.PLACED, {MS: 1})


def test_a_line_without_variant_names_the_missing_sku(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1), CartLine(None, 1, "Engraved tag", Decimal("5.00")))
    assert (shop.codes(name), shop.bought(name)) == (["SKU_MISSING"], {})


def test_an_unmapped_sku_is_named(shop: OrderShop) -> None:
    variant = shop.store.shop.by_sku(MS)
    assert variant is not None
    variant.item.sku = "NOT-OURS"
    name = buy(shop, ("NOT-OURS", 1))
    (reason,) = shop.record(name).reasons
    assert (reason.code, "NOT-OURS" in reason.message, bool(reason.fix)) == ("SKU_NOT_MAPPED", True, True)


def test_a_line_that_spells_our_sku_otherwise_is_bought_once_the_import_has_matched_it(shop: OrderShop) -> None:
    theirs = f" {MS.lower()}"
    variant = shop.store.shop.by_sku(MS)
    assert variant is not None
    variant.item.sku = theirs
    shop.wiring.import_catalogue(message("catalogue.import_due", connection=STORE))
    name = buy(shop, (theirs, 2))
    assert (shop.codes(name), shop.bought(name)) == ([], {MS: 2})
    assert shop.record(name).state is OrderState.PLACED


def test_two_lines_of_one_sku_are_reserved_and_bought_together(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1), (MS, 2))
    assert (shop.bought(name), shop.sellable(MS)) == ({MS: 3}, 37)
    assert len(shop.purchase_orders(name)) == 1


def test_two_lines_of_one_sku_beyond_its_stock_are_not_both_promised(shop: OrderShop) -> None:
    name = buy(shop, (UL, 1), (UL, 2), oversell=True)
    assert shop.codes(name) == ["OUT_OF_STOCK"]
    assert (shop.bought(name), shop.sellable(UL)) == ({}, 1)


def test_an_order_of_sixty_lines_is_taken_in_whole(shop: OrderShop) -> None:
    name = buy(shop, *[((MS, COB, PRO, KID)[n % 4], 1) for n in range(60)])
    assert shop.codes(name) == ["CAP_PER_PURCHASE_ORDER"]
    assert [shop.sellable(sku) for sku in (MS, COB, PRO, KID)] == [25] * 4
    (po,) = shop.purchase_orders(name)
    assert len(po.lines) == 60


# --- holds ------------------------------------------------------------------------------------------------------------


def test_a_risky_order_is_held_until_the_store_accepts_it(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    shop.store.set_risk(name, "INVESTIGATE")
    shop.run()
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.ON_HOLD, ["RISK"])
    shop.store.set_risk(name, "ACCEPT")
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_an_upsell_window_closes_by_itself(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(upsell_window_minutes=30))
    name = buy(shop, (MS, 1))
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.ON_HOLD, ["UPSELL_WINDOW"])
    shop.store.edit(name, add=[(COB, 1)])
    shop.store.capture(name)
    shop.run()
    shop.pass_time(29 * 60, step=29 * 60)
    assert (shop.bought(name), shop.sellable(MS), shop.sellable(COB)) == ({}, 39, 39), "reserved, and not bought"
    shop.pass_time(120)
    assert (shop.bought(name), len(shop.paid_orders(name))) == ({MS: 1, COB: 1}, 1)


def test_an_expensive_order_waits_for_approval_with_an_alert(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(approve_orders_above={"amount": "40.00", "currency": "USD"}))
    name = buy(shop, (PRO, 1))
    assert (shop.record(name).state, shop.codes(name)) == (OrderState.AWAITING_APPROVAL, ["HIGH_VALUE"])
    assert len(shop.post.alerts) == 1
    assert shop.bought(name) == {}
    assert shop.bought(buy(shop, (MS, 1))) == {MS: 1}
    shop.release(name)
    shop.run()
    assert shop.bought(name) == {PRO: 1}


def test_a_personalised_line_waits_for_approval_by_rule(shop: OrderShop) -> None:
    asked, record = order(lines=(line(personalised=True),)), shop.record(buy(shop, (MS, 1)))
    (reason,) = approvals_of(asked, test_config(), record, None)
    assert (reason.code, reason.line_id, reason.measure) == ("PERSONALISED", "l1", 1)
    approved = record.model_copy(update={"releases": (release_of(reason, shop.clock.now(), "tester"),)})
    assert approvals_of(asked, test_config(), approved, None) == ()
    assert approvals_of(asked, test_config(approve_personalised=False), record, None) == ()


def test_what_an_operator_stopped_is_not_bought_by_the_next_news(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(upsell_window_minutes=30))
    name = buy(shop, (MS, 1))
    stop_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk)
    shop.store.set_risk(name, "ACCEPT")
    shop.run()
    shop.pass_time(3600, step=1200)
    assert (shop.record(name).state, shop.bought(name)) == (OrderState.ON_HOLD, {})


# --- cancellation and deletion ----------------------------------------------------------------------------------------


def test_a_cancellation_may_come_before_its_order(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    first = list(shop.deliveries)
    shop.deliveries.clear()
    shop.store.cancel(name)
    shop.run()
    shop.deliveries.extend(first)
    shop.run()
    assert (shop.record(name).state, shop.record(name).cancel_outcome) == (OrderState.CANCELLED, "NOTHING_ORDERED")
    assert (shop.bought(name), shop.sellable(MS)) == ({}, 40)


def test_an_order_deleted_in_the_store_ends_as_cancelled(shop: OrderShop) -> None:
    order = shop.store.buy([(MS, 1)], pay="pending")
    shop.run()
    body = {"id": order.number}
    pk = shop.order(order.name).pk
    del shop.store.shop.orders[order.number]
    shop.store.hooks.emit(("orders/updated", {"id": order.number, "admin_graphql_api_id": order.gid, **body}))
    shop.run()
    record = shop.wiring.storage.load_order(pk).record
    assert record is not None
    assert (record.model.state, shop.sellable(MS)) == (OrderState.CANCELLED, 40)


def test_an_order_too_old_for_the_store_to_show_is_left_as_it_is(shop: OrderShop) -> None:
    order = shop.store.buy([(MS, 1)])
    shop.run()
    pk = shop.order(order.name).pk
    shop.clock.advance(70 * 86400)
    del shop.store.shop.orders[order.number]
    shop.store.hooks.emit(("orders/updated", {"id": order.number, "admin_graphql_api_id": order.gid}))
    shop.run()
    record = shop.wiring.storage.load_order(pk).record
    assert record is not None
    assert (record.model.state, record.model.cancelled) == (OrderState.PLACED, False)


def test_an_order_that_the_store_does_not_show_any_more_is_not_looked_at_for_ever(shop: OrderShop) -> None:
    shop.store.buy([(UL, 2)], oversell=True)
    order = shop.store.buy([(UL, 1)], oversell=True)
    shop.run()
    pk = shop.order(order.name).pk
    shop.clock.advance(70 * 86400)
    del shop.store.shop.orders[order.number]
    shop.pass_time(120)
    record = shop.wiring.storage.load_order(pk).record
    assert record is not None
    assert (record.model.state, record.model.recheck_at) == (OrderState.NEEDS_ATTENTION, None)
    assert pk not in [key.pk for key, _ in shop.wiring.storage.due("orders", shop.clock.now(), 100)]


# --- shortage ---------------------------------------------------------------------------------------------------------


def test_the_third_buyer_of_two_pieces_waits_visibly_and_goes_on_when_stock_returns(shop: OrderShop) -> None:
    names = [shop.store.buy([(UL, 1)], oversell=True).name for _ in range(3)]
    shop.run()
    assert [shop.bought(name) for name in names] == [{UL: 1}, {UL: 1}, {}]
    assert (shop.record(names[2]).state, shop.codes(names[2])) == (OrderState.NEEDS_ATTENTION, ["OUT_OF_STOCK"])
    assert shop.sellable(UL) == 0
    shop.pass_time(3600, step=900)
    lines = len(shop.record(names[2]).log)
    shop.restock(UL, 5)
    shop.supplier.inventory.set_stock(UL, 5, shop.clock.now())
    shop.pass_time(1800, step=900)
    assert (shop.bought(names[2]), shop.sellable(UL)) == ({UL: 1}, 4)
    assert lines <= 3
    assert len(shop.post.alerts) == 1


def test_p3_a_line_keeps_its_sku_when_the_store_drops_it_with_the_deleted_product(shop: OrderShop) -> None:
    order = shop.store.buy([(MS, 2)], pay="pending")
    shop.run()
    (sold,) = order.lines
    order.lines[0] = dataclasses.replace(sold, sku="")
    shop.store.capture(order.name)
    shop.run()
    assert (shop.codes(order.name), shop.bought(order.name)) == ([], {MS: 2})


def test_what_a_backorder_waits_for_survives_news_of_its_other_parcels(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    shop.restock(UL, 0)
    shop.store.edit(name, add=[(UL, 1)])
    shop.store.capture(name)
    blocker = shop.store.buy([(UL, 2)], oversell=True)
    shop.deliveries.rotate(3)
    shop.run()
    waiting = name if shop.codes(name) else blocker.name
    shop.supplier.ship(shop.purchase_orders(name)[0].reference)
    shop.run()
    assert "OUT_OF_STOCK" in shop.codes(waiting)
    assert shop.record(waiting).recheck_at is not None


# --- persons and connections ------------------------------------------------------------------------------------------


def test_an_erased_person_does_not_come_back(shop: OrderShop) -> None:
    order = shop.store.buy([(MS, 1)])
    shop.run()
    address, buyer = order.address, order.buyer
    shop.store.redact(order.name)
    shop.run()
    order.address, order.buyer = address, buyer
    shop.store.set_risk(order.name, "ACCEPT")
    shop.run()
    details = shop.order(order.name).details.model
    assert (details.address, details.email, details.phone, details.customer_id) == (None, "", "", "")
    assert details.lines


def test_a_person_erased_before_the_order_arrived_does_not_come(shop: OrderShop) -> None:
    shop.store.drop_next_webhooks(1)
    order = shop.store.buy([(MS, 1)])
    address, buyer = order.address, order.buyer
    shop.store.redact(order.name)
    shop.run()
    order.address, order.buyer = address, buyer
    shop.store.set_risk(order.name, "ACCEPT")
    shop.run()
    file = shop.order(order.name)
    assert file.record.model.erased_at is not None
    assert (file.details.model.address, file.details.model.email) == (None, "")
    assert file.record.model.link_mark == "", "nor does a page"
    assert shop.codes(order.name) == ["ADDRESS_MISSING"]


def test_a_forged_uninstallation_closes_nothing(shop: OrderShop) -> None:
    config = shop.store.config
    shop.store.hooks.emit(("app/uninstalled", {"id": 1, "myshopify_domain": config.shop_domain}))
    shop.run()
    assert shop.wiring.storage.get(connection_key("lamp-shop"), ConnectionState) is None
    assert len([key for key, _ in shop.wiring.storage.list_raw("control", "PARKED")]) == 1
    assert ["WEBHOOK_PARKED" in alert for alert in shop.post.alerts] == [True]


def test_a_true_uninstallation_closes_the_connection_and_its_end_erases_everyone(shop: OrderShop) -> None:
    order = shop.store.buy([(MS, 1)])
    shop.run()
    pk = shop.order(order.name).pk
    shop.clock.advance(600)
    shop.store.uninstall()
    shop.run()
    held = shop.wiring.storage.get(connection_key("lamp-shop"), ConnectionState)
    assert held is not None
    assert not held.model.open
    assert shop.wiring.storage.load_order(pk).details.model.email  # type: ignore[union-attr]
    shop.clock.advance(49 * 3600)
    shop.store.tick()
    shop.run()
    file = shop.wiring.storage.load_order(pk)
    assert file.record is not None
    assert file.details is not None
    assert (file.record.model.erased_at is not None, file.details.model.email) == (True, "")


def test_no_purchase_order_is_left_without_an_end_or_a_wake_up(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    (po,) = shop.purchase_orders(name)
    assert po.state is PurchaseOrderState.PLACED
    assert po.tracking_due is not None
