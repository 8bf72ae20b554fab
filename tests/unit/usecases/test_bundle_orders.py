"""A bundle from the order to the buyer: its components are bought and sent, the store is told of bundles (R3; P1, P3, P13)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local.sandbox.goods import good_of
from orderwright.domain.order import OrderDetails, OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.rules import Rules
from orderwright.domain.shipment import FulfillmentState, Shipment, StoreFulfillment
from orderwright.records import OrderFile, SkuFile, Stored, offer_key
from orderwright.storage import Put
from orderwright.usecases import store_orders
from orderwright.usecases.fulfilling.bundles import counted
from orderwright.usecases.fulfilling.opening import really_unshipped
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.store_orders import read_order, with_new_bundles
from tests.scripted.registering import scripted_suppliers
from tests.support.boundary import Boundary, Killed
from tests.support.shop import STORE, SUPPLIER, test_config
from tests.unit.cli.cli_kit import operator_of
from tests.unit.domain import order_kit as kit
from tests.unit.usecases.desk_shop import refusal, say
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop

__all__ = ["open_shop", "scripted_suppliers"]

MS, COB, SET = "HL-MS-400", "HL-COB-350", "HL-PRO-1200"
BUNDLES = {SET: {"of": {MS: 2, COB: 1}, "title": "Night set"}}
CREATE, UPDATE = "fulfillmentCreate", "fulfillmentTrackingInfoUpdate"


def open_set(open_shop: OpenShop, **store: object) -> OrderShop:
    config = test_config(bundles=BUNDLES)
    settings = config.connections[STORE].model_copy(update=store)
    return open_shop(config.model_copy(update={"connections": {**config.connections, STORE: settings}}))


def recorded(shop: OrderShop) -> list[dict[str, int]]:
    made = shop.world.ledger.of_kind("shopify", "fulfillment_created")
    return [{line["sku"]: line["quantity"] for line in entry.data["lines"]} for entry in made]


def numbers(shop: OrderShop, name: str) -> list[list[str]]:
    return [sorted(row[0] or "" for row in sent.tracking) for sent in shop.store.order(name).fulfillments]


def ship(shop: OrderShop, name: str, part: dict[str, int] | None = None) -> str:
    number: str = shop.supplier.ship(shop.purchase_orders(name)[0].reference, part).tracking_number
    shop.run()
    return number


@pytest.mark.parametrize(
    "trouble", ["", f"{CREATE} accept_then_timeout", f"{UPDATE} accept_then_timeout", f"{UPDATE} timeout"]
)
def test_p1_the_store_is_told_once_of_a_bundle_with_the_parcel_that_completes_it(
    open_shop: OpenShop, trouble: str
) -> None:
    shop = open_set(open_shop)
    name = buy(shop, (SET, 1))
    assert shop.bought(name) == {MS: 2, COB: 1}
    first = ship(shop, name, {MS: 2})
    assert (recorded(shop), shop.shipments(name)[0].fulfillment) == ([], FulfillmentState.DONE)
    assert f"part of {SET}" in shop.shipments(name)[0].log[-1].what
    if trouble:
        shop.store.config.faults.script(*trouble.split())
    second = ship(shop, name)
    shop.pass_time(1200, step=300)
    assert (recorded(shop), numbers(shop, name)) == ([{SET: 1}], [sorted([first, second])])
    assert {parcel.fulfillment for parcel in shop.shipments(name)} == {FulfillmentState.DONE}
    assert shop.record(name).state is OrderState.SHIPPED
    texts = [mail.text for mail in shop.post.mails]
    bought = shop.store.order(name).lines[0].title
    assert len(texts) == 2
    assert all(bought in text for text in texts)
    titles = {line.sku: line.title for line in shop.order(name).details.model.lines}
    assert [(titles[MS] in text, titles[COB] in text) for text in texts] == [(True, False), (False, True)]


@pytest.mark.parametrize("how", ["", "timeout"])
def test_a_store_that_counts_from_acceptance_shows_the_bundle_at_once_with_all_numbers_later(
    open_shop: OpenShop, how: str
) -> None:
    shop = open_set(open_shop, fulfilled_on="ACCEPTANCE")
    if how:
        shop.store.config.faults.script(CREATE, how)
    name = buy(shop, (SET, 2))
    sent = [ship(shop, name, part) for part in ({MS: 4}, None)]
    shop.pass_time(1200, step=300)
    assert (recorded(shop), numbers(shop, name)) == ([{SET: 2}], [sorted(sent)])


def test_a_preview_of_a_bundle_is_one_of_its_components(open_shop: OpenShop) -> None:
    told = operator_of(open_set(open_shop))("route", "preview", "--sku", f"{SET}=2", "--to", "FI", "--json").json
    assert [(line["sku"], line["quantity"]) for line in told["lines"]] == [(COB, 2), (MS, 4)]
    assert (told["problems"], len(told["parcels"])) == ([], 1)


def test_p1_what_has_left_of_a_bundle_is_not_bought_again_when_the_rest_is(open_shop: OpenShop) -> None:
    shop = open_set(open_shop)
    name = buy(shop, (SET, 1))
    sent = [ship(shop, name, {MS: 2})]
    order = shop.supplier.book.find(shop.purchase_orders(name)[0].reference)
    assert order is not None
    order.status = "CANCELLED"
    shop.pass_time(6 * 3600, step=3600)
    retry_order(Desk(shop.wiring.storage, shop.clock, "tester"), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    again = shop.purchase_orders(name)[1]
    assert [(line.sku, line.quantity) for line in again.lines] == [(COB, 1)]
    sent.append(shop.supplier.ship(again.reference).tracking_number)
    shop.pass_time(6 * 3600, step=3600)
    assert (recorded(shop), numbers(shop, name)) == ([{SET: 1}], [sorted(sent)])


def test_an_edit_from_two_bundles_to_one_buys_the_components_of_one(open_shop: OpenShop) -> None:
    shop = open_shop(test_config(bundles=BUNDLES, upsell_window_minutes=30))
    name = buy(shop, (SET, 2))
    assert (shop.sellable(MS), shop.sellable(COB)) == (36, 38)
    shop.store.edit(name, {SET: 1})
    shop.run()
    assert (shop.sellable(MS), shop.sellable(COB)) == (38, 39)
    shop.pass_time(3600, step=1200)
    assert shop.bought(name) == {MS: 2, COB: 1}


@pytest.mark.parametrize("together", [True, False])
def test_p3_a_bundle_and_its_component_alone_never_oversell(open_shop: OpenShop, together: bool) -> None:
    shop = open_set(open_shop)
    held = shop.wiring.storage.load_sku(MS).offers[SUPPLIER]
    scarce = held.model.model_copy(update={"stock": 2 + held.model.buffer, "sellable": 2})
    shop.wiring.storage.commit([Put(offer_key(MS, SUPPLIER), scarce, held.version)])
    orders = [[(SET, 1), (MS, 1)]] if together else [[(SET, 1)], [(MS, 1)]]
    names = [shop.store.buy(lines).name for lines in orders]
    shop.run()
    assert shop.codes(names[-1]) == ["OUT_OF_STOCK"]
    assert shop.sellable(MS) >= 0
    assert sum(shop.bought(name).get(MS, 0) for name in names) <= 2


@pytest.mark.parametrize("kill_at", [(2, "after"), (9, "after"), (11, "before")])
def test_p1_a_worker_killed_once_it_has_counted_created_or_before_the_numbers(
    open_shop: OpenShop, kill_at: tuple[int, str]
) -> None:
    shop = open_set(open_shop)
    name = buy(shop, (SET, 1))
    sent, boundary, through = [ship(shop, name, {MS: 2})], Boundary(kill_at), shop.call

    def call(function: str, body: str, given: Boundary | None = None) -> None:
        if function != "publish_fulfillment" or boundary.calls:
            through(function, body, given)
            return
        with suppress(Killed):
            through(function, body, boundary)
        shop.wiring = shop.new_worker()
        shop.queues[function].append(body)  # it comes again

    shop.call = call  # type: ignore[method-assign,assignment]
    sent.append(ship(shop, name))
    shop.pass_time(1800, step=450)
    assert boundary.dead
    assert (recorded(shop), numbers(shop, name)) == ([{SET: 1}], [sorted(sent)])


def open_two(shape: str, policy: str, skus: dict[str, list[str]]) -> ScriptedShop:
    """A shop with two suppliers; these ship which SKU."""
    routing = {"skus": {sku: {"suppliers": names} for sku, names in skus.items()}}
    config = test_config(bundles=BUNDLES)
    rules = type(config.rules).model_validate({**config.rules.model_dump(mode="json"), "routing": routing})
    store = config.connections[STORE].model_copy(update={"fulfilled_on": policy})
    connections = {**config.connections, STORE: store}
    shop = ScriptedShop(shape, config.model_copy(update={"connections": connections, "rules": rules}))
    both_offer(shop)
    return shop


@pytest.mark.usefixtures("scripted_suppliers")
@pytest.mark.parametrize("policy", ["TRACKING", "ACCEPTANCE"])
def test_components_of_two_suppliers_are_one_record_with_both_numbers(policy: str) -> None:
    shop = open_two("one", policy, {MS: [SUPPLIER], COB: [PARTS]})
    name = buy(shop, (SET, 1))
    shop.pass_time(600, step=300)
    by_supplier = {po.supplier: po for po in shop.purchase_orders(name)}
    assert {name: [line.sku for line in po.lines] for name, po in by_supplier.items()} == {SUPPLIER: [MS], PARTS: [COB]}
    assert recorded(shop) == ([{SET: 1}] if policy == "ACCEPTANCE" else [])
    sent = [shop.supplier.ship(by_supplier[SUPPLIER].reference).tracking_number]
    shop.pass_time(1800, step=600)
    assert recorded(shop) == ([{SET: 1}] if policy == "ACCEPTANCE" else [])
    sent.append(shop.book.ship(by_supplier[PARTS].reference))
    shop.pass_time(8 * 3600, step=3600)
    assert (recorded(shop), numbers(shop, name)) == ([{SET: 1}], [sorted(sent)])
    assert shop.record(name).state is OrderState.SHIPPED
    assert len(shop.post.mails) == 2
    shop.close()
    assert shop.failed == []


@pytest.mark.usefixtures("scripted_suppliers")
@pytest.mark.parametrize("refused", [MS, COB])
def test_a_component_that_another_supplier_ships_after_all_has_its_number_in_the_record_of_acceptance(
    refused: str,
) -> None:
    kept = COB if refused == MS else MS
    shop = open_two("desk", "ACCEPTANCE", {refused: [PARTS, SUPPLIER], kept: [SUPPLIER]})
    name = buy(shop, (SET, 1))
    shop.pass_time(600, step=300)
    assert recorded(shop) == [{SET: 1}]
    place = [po.supplier for po in shop.purchase_orders(name)].index(PARTS)
    say(shop, name, refusal(shop, name), place)
    shop.pass_time(600, step=300)
    bought = [po.reference for po in shop.purchase_orders(name) if po.supplier == SUPPLIER]
    sent = [shop.supplier.ship(reference).tracking_number for reference in bought]
    shop.pass_time(8 * 3600, step=3600)
    assert (len(sent), recorded(shop), numbers(shop, name)) == (2, [{SET: 1}], [sorted(sent)])
    shop.close()
    assert shop.failed == []


def both_offer(shop: ScriptedShop) -> None:
    """The first supplier has everything too."""
    for sku in (MS, COB):
        theirs = shop.wiring.storage.load_sku(sku).offers[PARTS].model
        update = {"supplier": SUPPLIER, "supplier_sku": good_of(sku).supplier.supplier_sku,
                  "supplier_ref": good_of(sku).supplier.vid}  # fmt: skip
        offer = theirs.model_copy(update=update)
        shop.wiring.storage.commit([Put(offer_key(sku, SUPPLIER), offer, 0)])


# --- pure -------------------------------------------------------------------------------------------------------------


def set_file(quantity: int = 1, **parts: Any) -> OrderFile:
    """Of an order of bundles, as it was taken in first."""
    rules = Rules.model_validate({"bundles": BUNDLES})
    files = {sku: SkuFile(sku) for sku in (MS, COB)}
    storage: Any = SimpleNamespace(load_skus=lambda skus: {})
    order = kit.order(kit.line("7", SET, quantity, title="Night set"))
    taken, _ = with_new_bundles(order, OrderFile("p"), files, storage, rules, kit.NOW.date())
    return OrderFile("p", details=Stored(OrderDetails.of(taken), 1), **parts)


def test_all_that_read_an_order_read_it_in_one_place() -> None:
    package = Path(str(store_orders.__file__)).parents[1]
    folders = ("usecases", "aws", "domain")
    readers = [
        file.name
        for one in folders
        for file in (package / one).rglob("*.py")
        if ".fetch_order(" in file.read_text("utf-8")
    ]
    assert readers == ["store_orders.py"]


def test_the_recipe_of_a_known_order_stays_when_the_rule_is_gone() -> None:
    file = set_file()
    edited = kit.order(kit.line("7", "", 3, unit_price=kit.usd("30.01")))
    store: Any = SimpleNamespace(fetch_order=lambda order_id: edited)
    found = read_order(store, "1", file)
    assert [(line.line_id, line.sku, line.quantity) for line in found.lines] == [("7+1", COB, 3), ("7+2", MS, 6)]
    assert [line.share for line in found.lines] == [kit.usd("15.00"), kit.usd("15.01")]
    assert with_new_bundles(found, file, {}, store, Rules(), kit.NOW.date()) == (found, {})


def test_a_line_that_was_bought_as_it_is_stays_when_a_rule_comes() -> None:
    bought = {"PO": Stored(kit.purchase_order(PurchaseOrderState.NEW, "7"), 1)}
    order, rules, nobody = kit.order(kit.line("7", SET)), Rules.model_validate({"bundles": BUNDLES}), SimpleNamespace()
    assert (
        with_new_bundles(order, OrderFile("p", purchase_orders=bought), {}, nobody, rules, kit.NOW.date())[0] == order
    )


def parcels(*contents: dict[str, int]) -> dict[str, Stored[Shipment]]:
    """In this order, one second apart. The components: 7+1 once, 7+2 twice."""
    found = {}
    for number, content in enumerate(contents):
        lines = tuple(kit.parcel(name, units).lines[0] for name, units in content.items())
        at = kit.NOW + timedelta(seconds=number)
        found[f"SHIP#{number}"] = Stored(kit.parcel(lines=lines, tracking_number=f"N{number}", created_at=at), 1)
    return found


@pytest.mark.parametrize(
    ("contents", "units", "carries"),
    [
        ([{"7+1": 1, "7+2": 2}], [1], [[]]),
        ([{"7+1": 1}, {"7+2": 2}], [0, 1], [[], [0]]),
        ([{"7+2": 1}, {"7+2": 1}, {"7+1": 1}], [0, 0, 1], [[], [], [0, 1]]),
        ([{"7+2": 4}, {"7+1": 1}, {"7+1": 1}], [0, 1, 1], [[], [0], []]),
        ([{"7+2": 3, "7+1": 1}, {"7+1": 1, "7+2": 1}], [1, 1], [[], []]),
    ],
)
def test_p1_each_bundle_is_counted_once_whoever_is_recorded_first_and_whatever_clocks_say(
    contents: list[dict[str, int]], units: list[int], carries: list[list[int]]
) -> None:
    sent = parcels(*contents)
    found = counted(set_file(2, shipments=sent))
    assert [dict(one.units).get("7", 0) for one in found.values()] == units
    assert [list(one.carries) for one in found.values()] == [[f"SHIP#{n}" for n in each] for each in carries]
    for arriving in product(sent, repeat=len(sent)):  # each is counted with those that are known by then
        known: dict[str, Stored[Shipment]] = {}
        for sk in dict.fromkeys((*arriving, *sent)):
            known[sk] = sent[sk]
            done = counted(set_file(2, shipments=dict(known)))[sk]
            known[sk] = Stored(sent[sk].model.counted_as(done.units), 2)
        assert sum(many for held in known.values() for _, many in held.model.in_store or ()) == sum(units)


@pytest.mark.parametrize("gone", ["A", "B"])
def test_what_replaces_a_part_that_was_accepted_stands_in_the_same_record(gone: str) -> None:
    """A alone is no bundle, B completes it. Then C takes the place of one of them."""
    holds = {"A": {"7+1": 1}, "B": {"7+2": 2}}
    file = set_file(1)
    for name, content in {**holds, "C": holds[gone]}.items():
        state = PurchaseOrderState.REJECTED if name == gone else PurchaseOrderState.PLACED
        po = kit.purchase_order(state, *content).model_copy(update={"reference": name})
        made = StoreFulfillment(
            supplier="cj", reference=name, created_at=kit.NOW + timedelta(seconds=ord(name)),
            lines=parcels(content)["SHIP#0"].model.lines, in_store={"A": (), "B": (("7", 1),)}.get(name),
        )  # fmt: skip
        file.purchase_orders[name], file.fulfillments[name] = Stored(po, 1), Stored(made, 1)
    found, completes = counted(file), "B" if gone == "A" else "C"
    assert {name: dict(one.units) for name, one in found.items() if one.units} == {completes: {"7": 1}}
    assert found[completes].carries == (("C",) if gone == "A" else ("A",))


def test_what_the_store_shows_of_bundles_is_pieces_of_each_component_until_they_have_left() -> None:
    accepted = kit.order(kit.line("7", SET, 2, unfulfilled=1))
    file = set_file(2, shipments=parcels({"7+2": 1}))

    made = StoreFulfillment(
        supplier="cj", reference="OW-1001-1", created_at=kit.NOW, fulfillment_id="f", state=FulfillmentState.DONE,
        lines=parcels({"7+1": 2, "7+2": 2})["SHIP#0"].model.lines, in_store=(("7", 1),),
    )  # fmt: skip
    file.fulfillments["FULFILLMENT#1"] = Stored(made, 1)
    store: Any = SimpleNamespace(fetch_order=lambda order_id: accepted)
    found = really_unshipped(read_order(store, "1", file), file)
    assert {line.line_id: line.unfulfilled for line in found.lines} == {"7+1": 2, "7+2": 3}
