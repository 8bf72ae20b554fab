"""A release holds for what was shown; anything worse waits again, unpaid, with an alert (promise P13)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from local.sandbox.kit.people import Address
from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.order import OrderRecord, OrderState, Reason
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.records import ORDERS, Key, order_key
from orderwright.storage import Put
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.release import Released, before_release
from orderwright.usecases.placing.gates import money_gate
from orderwright.usecases.placing.true_money import sold_as_held
from tests.support.shop import test_config
from tests.unit.usecases.order_shop import OrderShop, before_call, buy, limited
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_shop", "shop"]

MS, COB, PRO = "HL-MS-400", "HL-COB-350", "HL-PRO-1200"
LOW: dict[str, Any] = {"minimum_order_margin_percent": "60"}
CAPPED: dict[str, Any] = {"spend_per_purchase_order": {"cj": {"amount": "9.00", "currency": "USD"}}}


def release(shop: OrderShop, name: str) -> Released:
    """All that stands against the order now; nothing moves yet."""
    return shop.release(name)


def judged(shop: OrderShop, name: str, record: OrderRecord, cost: Money, config: Config) -> Reason | None:
    """What the gate says of the order's purchase order now."""
    (po,) = shop.purchase_orders(name)
    details = shop.order(name).details.model
    sold = sold_as_held(record.connection, details)
    return money_gate(po, cost, record, sold, config, shop.clock.now().date()).reason


def as_an_older_version_wrote_it(shop: OrderShop, name: str) -> None:
    """The codes that were released, and reasons, all without terms."""
    file = shop.order(name)
    bare = file.record.model.model_copy(update={"releases": ()})
    changes = [Put(order_key(file.pk), bare, file.record.version, state=bare.state.value)]
    for sk, held in file.purchase_orders.items():
        reasons = tuple(r.model_copy(update={"measure": None, "unit": "", "seen": ""}) for r in held.model.reasons)
        changes.append(Put(Key(ORDERS, file.pk, sk), held.model.model_copy(update={"reasons": reasons}), held.version))
    shop.wiring.storage.commit(changes)


# --- what the supplier wants ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("limits", "code"), [(LOW, "MARGIN_TOO_LOW"), (CAPPED, "CAP_PER_PURCHASE_ORDER")])
def test_a_bill_above_the_released_figure_is_parked_unpaid_and_released_anew(
    open_shop: OpenShop, limits: dict[str, Any], code: str
) -> None:
    shop = open_shop(limited(**limits))
    name = buy(shop, (MS, 1))
    assert (shop.codes(name), len(shop.post.alerts)) == ([code], 1)
    release(shop, name)
    surcharge = Decimal("100.00" if limits is LOW else "1.00")
    shop.supplier.set_payable_surcharge(MS, surcharge)
    shop.run()
    assert (shop.codes(name), shop.bought(name), len(shop.post.alerts)) == ([code], {}, 2)
    release(shop, name)
    shop.run()
    assert (shop.bought(name), shop.spent()) == ({MS: 1}, 930 + int(surcharge * 100))


@pytest.mark.parametrize("limits", [LOW, CAPPED])
def test_a_lower_bill_than_released_is_paid(open_shop: OpenShop, limits: dict[str, Any]) -> None:
    shop = open_shop(limited(**limits))
    name = buy(shop, (MS, 1))
    release(shop, name)
    shop.supplier.set_payable_surcharge(MS, Decimal("-0.10"))
    shop.run()
    assert (shop.bought(name), shop.spent(), len(shop.post.alerts)) == ({MS: 1}, 920, 1)


def test_a_limit_lowered_after_the_release_asks_again(open_shop: OpenShop) -> None:
    shop = open_shop(limited(**CAPPED))
    name = buy(shop, (MS, 1))
    record = release(shop, name).record
    (po,) = shop.purchase_orders(name)
    assert judged(shop, name, record, po.expected_cost, limited(**CAPPED)) is None
    lower = limited(spend_per_purchase_order={"cj": {"amount": "8.00", "currency": "USD"}})
    asked = judged(shop, name, record, po.expected_cost, lower)
    assert asked is not None
    assert (asked.code, asked.allowed) == ("CAP_PER_PURCHASE_ORDER", 800)


def test_what_an_older_version_released_by_code_is_asked_once_more(open_shop: OpenShop) -> None:
    shop = open_shop(limited(**LOW))
    name = buy(shop, (MS, 1))
    as_an_older_version_wrote_it(shop, name)
    release(shop, name)
    shop.run()
    assert (shop.codes(name), shop.bought(name), len(shop.post.alerts)) == (["MARGIN_TOO_LOW"], {}, 2)
    (written,) = release(shop, name).releases
    assert (written.measure, written.unit, written.by) == (930 - 2299, "USD", "operator tester")
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_each_purchase_order_is_released_by_its_own_figure(open_shop: OpenShop) -> None:
    shop = open_shop(limited(**LOW))
    name = buy(shop, (MS, 1))
    release(shop, name)
    shop.run()
    shop.store.edit(name, add=[(MS, 2)])
    shop.store.capture(name)
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["MARGIN_TOO_LOW"], {MS: 1})
    assert len(release(shop, name).record.releases) == 2
    shop.run()
    assert shop.bought(name) == {MS: 3}


# --- what the order is ------------------------------------------------------------------------------------------------


def test_a_worse_verdict_than_the_released_one_holds_the_order_before_payment(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)]).name
    shop.store.set_risk(name, "INVESTIGATE")
    shop.run()
    assert shop.record(name).state is OrderState.ON_HOLD
    release(shop, name)
    before_call(shop, "addCart", lambda: shop.store.set_risk(name, "CANCEL"))
    shop.run()
    assert (shop.record(name).state, shop.codes(name), shop.bought(name)) == (OrderState.ON_HOLD, ["RISK"], {})
    assert PurchaseOrderState.CANCELLED in {po.state for po in shop.purchase_orders(name)}
    release(shop, name)
    shop.run()
    assert shop.bought(name) == {MS: 1}


def test_an_order_that_grew_after_its_approval_is_asked_again(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(approve_orders_above={"amount": "40.00", "currency": "USD"}))
    name = buy(shop, (PRO, 1))
    release(shop, name)
    shop.store.edit(name, {PRO: 2})
    shop.store.capture(name)
    shop.run()
    assert (shop.record(name).state, shop.bought(name), len(shop.post.alerts)) == (OrderState.AWAITING_APPROVAL, {}, 2)
    release(shop, name)
    shop.run()
    assert shop.bought(name) == {PRO: 2}


def test_an_approval_of_an_older_version_is_asked_once_more(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(approve_orders_above={"amount": "40.00", "currency": "USD"}))
    name = buy(shop, (PRO, 1))
    release(shop, name)
    as_an_older_version_wrote_it(shop, name)
    shop.store.edit(name, add=[(MS, 1)])
    shop.store.capture(name)
    shop.run()
    assert (shop.codes(name), shop.bought(name)) == (["HIGH_VALUE"], {})


def test_a_bigger_surplus_than_the_released_one_is_asked_again(shop: OrderShop) -> None:
    name = buy(shop, (MS, 3))
    shop.store.edit(name, {MS: 2})
    shop.run()
    assert (shop.codes(name), len(shop.post.alerts)) == (["LINES_CHANGED_AFTER_PLACEMENT"], 1)
    release(shop, name)
    shop.run()
    assert shop.record(name).state is OrderState.PLACED
    shop.store.edit(name, {MS: 1})
    shop.run()
    assert (shop.codes(name), len(shop.post.alerts)) == (["LINES_CHANGED_AFTER_PLACEMENT"], 2)


def test_what_waits_behind_something_seen_is_shown_with_its_figure(shop: OrderShop) -> None:
    name = buy(shop, (MS, 2))
    shop.store.edit(name, {MS: 1})
    shop.run()
    desk, pk = Desk(shop.wiring.storage, shop.clock, "mika"), shop.order(name).pk
    assert before_release(desk, pk, shop._config, shop.wiring.timing).costs == ()
    shop.store.edit(name, add=[(COB, 1)])
    shop.run()
    (cost,) = before_release(desk, pk, shop._config, shop.wiring.timing).costs
    assert "buys from cj, at a margin of" in cost
    assert shop.bought(name) == {MS: 2}
    release(shop, name)
    shop.run()
    assert shop.bought(name) == {MS: 2, COB: 1}


def test_another_address_than_the_released_one_is_asked_again(shop: OrderShop) -> None:
    name = buy(shop, (MS, 1))
    for number, street in enumerate(("Esimerkkitie 22", "Esimerkkitie 23"), start=1):
        shop.store.set_address(name, Address(address1=street))
        shop.run()
        assert (shop.codes(name), len(shop.post.alerts)) == (["ADDRESS_CHANGED_AFTER_PLACEMENT"], number)
        release(shop, name)
        shop.run()
        assert shop.record(name).state is OrderState.PLACED


def test_another_faulty_address_than_the_released_one_is_asked_again(shop: OrderShop) -> None:
    name = shop.store.buy([(MS, 1)], address=Address(zip="1")).name
    shop.run()
    assert shop.codes(name) == ["POSTCODE_INVALID"]
    release(shop, name)
    shop.store.set_address(name, Address(zip="2"))
    shop.run()
    assert (shop.codes(name), shop.bought(name), len(shop.post.alerts)) == (["POSTCODE_INVALID"], {}, 2)
    release(shop, name)
    shop.run()
    assert shop.bought(name) == {MS: 1}
