"""Two stores of different kinds in one stack, sold from one supplier: all that the first can, the second can too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.sandbox.kit.money import TaxRule
from local.sandbox.kit.people import Address, Buyer
from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.order import OrderState
from orderwright.records import offer_key
from orderwright.usecases.operator.first_file import questions
from tests.scripted.stores.market.shop import NAME, SECRETS, SETTINGS, TwoStores, registered, two_store_config
from tests.support.shop import STORE, SUPPLIER
from tests.unit.cli.cli_kit import Operator, operator_of
from tests.unit.cli.test_cli_init import ANSWERS
from tests.unit.usecases.order_shop import before_call

LAMP, RARE = "HL-MS-400", "HL-UL-300"


@pytest.fixture(autouse=True)
def kind() -> Iterator[None]:
    """The second kind's line in the registry."""
    with registered():
        yield


@pytest.fixture
def shop() -> Iterator[TwoStores]:
    """Both stores connected and stocked; the second one's prices hold 25.5 % of tax."""
    made = TwoStores()
    made.market.taxes["FI"] = TaxRule(Decimal("25.5"))
    yield made.open()
    made.close()


@pytest.fixture
def operator(shop: TwoStores) -> Operator:
    """Somebody at its command line."""
    return operator_of(shop)


def state(shop: TwoStores, order: Any) -> OrderState:
    """What we made of an order of the second store."""
    record = shop.file(order).record
    return OrderState(record.model.state)


def offer(shop: TwoStores, sku: str) -> Offer:
    """The one offer of a SKU."""
    stored = shop.wiring.storage.get(offer_key(sku, SUPPLIER), Offer)
    assert stored is not None
    return stored.model


def on_sale(shop: TwoStores, sku: str) -> tuple[int | None, int | None]:
    """What both stores show of a SKU."""
    (first,) = [one.available for one in shop.store.shelf() if one.sku == sku]
    return first, shop.market.variant(sku).available


def test_an_order_is_bought_shipped_recorded_and_told_as_in_the_first_store(
    shop: TwoStores, operator: Operator
) -> None:
    shop.market.faults.script("getOrder", "rate_limited")
    shop.market.faults.script("createFulfillment", "accept_then_timeout")
    order = shop.bought(2)
    shop.pass_time(180)
    assert state(shop, order) is OrderState.PLACED
    (paid,) = shop.world.ledger.of_kind("cj", "order_paid")
    assert paid.data["quantities"] == {LAMP: 2}
    money = shop.file(order).details.model.money
    assert (money.unclear, str(money.tax), str(money.net)) == ((), "8.53 EUR", "33.45 EUR"), "25.5 % in 41.98"
    parcel = shop.supplier.ship(paid.reference)
    shop.run()
    shop.pass_time(1200)
    (sent,) = shop.world.ledger.of_kind("market", "fulfillment_created")
    assert (sent.reference, sent.data["numbers"], sent.data["notified"]) == (
        order.name,
        [parcel.tracking_number],
        False,
    )
    assert order.fulfillment_status == "FULFILLED"
    shop.carrier.scan(parcel.tracking_number, "delivered", "Delivered")
    shop.run()
    assert state(shop, order) is OrderState.DELIVERED
    assert shop.aws.calls.count("sesv2:SendEmail") >= 2
    assert operator("orders", "show", order.name).code == 0
    assert order.name in operator("orders", "list", "--all").out
    assert NAME in operator("catalogue", "show", LAMP).out
    shop.clock.advance(86400)
    assert "nothing differs" in operator("statement", "2026-11-22").out


def test_p3_both_stores_sell_one_offer_and_never_more_than_there_is(shop: TwoStores) -> None:
    assert on_sale(shop, RARE) == (2, 2)
    shop.market.buy([(RARE, 2)], Buyer(), Address())
    shop.store.buy([(RARE, 1)])
    shop.run()
    assert (offer(shop, RARE).sellable, on_sale(shop, RARE)) == (0, (0, 0))
    assert len(offer(shop, RARE).open) == 1, "one of the two orders waits for stock"
    shop.pass_time(120)
    assert [entry.data["quantities"] for entry in shop.world.ledger.of_kind("cj", "order_paid")] in (
        [{RARE: 1}],
        [{RARE: 2}],
    )
    before = shop.market.variant(LAMP).price
    shop.supplier.inventory.set_cost(LAMP, before / 3, shop.clock.now())
    shop.send("stock.poll_due", SUPPLIER)
    shop.pass_time(300)
    first = next(one.price for one in shop.store.shelf() if one.sku == LAMP)
    assert shop.market.variant(LAMP).price != before
    assert first > shop.market.variant(LAMP).price, "the same price in another currency"


def test_p2_an_order_whose_webhook_was_lost_is_found_and_dead_webhooks_are_mended(shop: TwoStores) -> None:
    (hook,) = shop.market.hooks.subscriptions
    assert (hook.active, hook.secret) == (True, SECRETS["webhook_secret"])
    hook.active = False
    order = shop.bought()
    shop.clock.advance(3700)
    shop.send("store.reconcile_due", NAME)
    shop.run()
    assert state(shop, order) is OrderState.PLACED
    assert (hook.active, hook.secret) == (True, SECRETS["webhook_secret"]), (
        "with the secret that its news are held against"
    )
    assert state(shop, shop.bought()) is OrderState.PLACED


@pytest.mark.parametrize("late", [False, True], ids=["before it is seen", "before the step that pays"])
def test_p6_an_order_cancelled_in_the_store_is_not_bought(shop: TwoStores, late: bool) -> None:
    order = shop.market.buy([(LAMP, 1)], Buyer(), Address())
    if late:
        before_call(shop, "saveGenerateParentOrder", lambda: shop.market.cancel(order.name))
    else:
        shop.market.cancel(order.name)
    shop.run()
    shop.pass_time(120)
    assert state(shop, order) is OrderState.CANCELLED
    assert shop.world.ledger.of_kind("cj", "order_paid") == []


def test_erasure_and_the_apps_removal_are_heard(shop: TwoStores) -> None:
    order = shop.bought()
    shop.market.redact(order.name)
    shop.run()
    assert shop.file(order).details.model.email == ""
    shop.market.uninstall()
    shop.run()
    states = {one["connection"]: one["state"] for one in operator_of(shop)("connections", "--json").json}
    assert (states[NAME], states[STORE]) == ("closed", "open")


def test_the_command_line_knows_the_kind_without_a_change_of_its_own(
    shop: TwoStores, operator: Operator, tmp_path: Path
) -> None:
    assert NAME in operator("status").out + operator("connections").out
    exported = yaml.safe_load(operator("export").out)
    assert exported["connections"][NAME]["key_id"] == SETTINGS["key_id"]
    file = tmp_path / "orderwright.yaml"

    def refused(**changes: Any) -> dict[str, str]:
        connections = {**exported["connections"], NAME: {**exported["connections"][NAME], **changes}}
        file.write_text(yaml.safe_dump({**exported, "connections": connections}), "utf-8")
        said = operator("apply", str(file), "--dry-run", "--json")
        assert said.code == 1, said.out
        return {fault["field"]: fault["fix"] for fault in said.json["error"]["faults"]}

    assert refused(key_id="wrong") == {f"connections.{NAME}.key_id": "copy the one that begins with mk_"}
    assert refused(key="mk_1").keys() == {f"connections.{NAME}.key"}
    assert refused(location="shelf").keys() == {f"connections.{NAME}.location"}
    assert "MarketSettings" in json.dumps(operator("schema").json["$defs"])
    said = operator("connect", NAME, "--json", stdin=json.dumps({"api_secret": SECRETS["api_secret"]}))
    assert said.json["error"]["code"] == "SECRET_MISSING"
    wrong = operator("connect", NAME, "--json", stdin=json.dumps({**SECRETS, "api_secret": "another"}))
    assert "the credentials or scopes are refused" in wrong.json["error"]["message"]


def test_an_id_of_one_store_that_is_a_name_in_the_other_means_both(shop: TwoStores, operator: Operator) -> None:
    shop.market._last_id = 1000
    order, other = shop.bought(), shop.store.buy([(LAMP, 1)])
    shop.run()
    assert other.name == f"#{order.number}"
    for typed in (other.name, str(order.number)):
        error = operator("orders", "show", typed, "--json").json["error"]
        assert error["code"] == "AMBIGUOUS"
        assert f"{NAME}#{order.number}" in error["message"]
    assert operator("orders", "show", f"{NAME}#{order.number}").code == 0


def test_init_asks_what_the_kind_declares(operator: Operator, tmp_path: Path) -> None:
    asked = {question.key for question in questions({"store_kind": "market"})}
    answers = {key: value for key, value in ANSWERS.items() if key in asked}
    own = {"store_kind": "market", "shop_url": "https://lamps.market.example", "key_id": "mk_0123abcd"}
    file = tmp_path / "first.yaml"
    said = operator("init", str(file), stdin=json.dumps({**answers, **own, "fx_rate": "1.08"}))
    assert said.code == 0, said.err
    (store, *_) = yaml.safe_load(file.read_text("utf-8"))["connections"].values()
    assert (store["kind"], store["base_url"], store["currency"]) == ("market", own["shop_url"], "EUR")
    assert operator("apply", str(file), "--dry-run").code == 0


def test_one_shop_is_connected_once(shop: TwoStores, operator: Operator) -> None:
    twice = two_store_config().model_dump(mode="json")
    twice["connections"]["again"] = SETTINGS
    with pytest.raises(ValueError, match=f"{NAME} is connected to {SETTINGS['base_url']} already"):
        Config.model_validate(twice)
