"""Customers and the supplier's people: drawn the same from the same dice, sensible, and nobody alike."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from local.sandbox.goods import GOODS
from orderwright.domain.contact import email_problem, phone_problem
from orderwright.domain.order import Address as OurAddress
from orderwright.domain.rules import Rules
from orderwright.domain.validation import address_problems
from tests.simulation.kernel.cloning import cloned
from tests.simulation.people.customers import Cancel, Habits, Move, draw_purchase, plan_customers
from tests.simulation.people.fake_scene import START, FakeScene
from tests.simulation.people.journeys import Pace, draw_journey, until_its_end
from tests.simulation.people.persons import MOST, Person, draw_person
from tests.simulation.people.suppliers import Logistics, on_ledger, plan_logistics

HOUR = 3600.0
QUIET = Habits(texts=0, popular=0, races=0, forgets=0, cancels=0, moves=0, erased=0)
STRAIGHT = Pace(splits=0, fails=0, returns=0, late=0, doubled=0, stale=0, told=0)


def sales(seed: int, orders: int = 30, habits: Habits | None = None) -> FakeScene:
    """A day of a shop whose supplier sends nothing."""
    scene = FakeScene()
    plan_customers(scene, orders, Random(seed), span_seconds=HOUR, habits=habits, until=START + timedelta(hours=4))
    scene.play()
    return scene


# --- customers ----------------------------------------------------------------------------------------------------------


def test_the_same_dice_give_the_same_customers_and_others_give_others() -> None:
    plans = [plan_customers(FakeScene(), 20, Random(seed), span_seconds=HOUR) for seed in (1, 1, 2)]
    assert plans[0] == plans[1]
    assert plans[0] != plans[2]


def test_the_same_dice_give_the_same_day() -> None:
    first, second = sales(4), sales(4)
    assert first.sold == second.sold
    assert first.notes == second.notes


def test_one_habit_does_not_change_who_buys_what() -> None:
    with_habits = plan_customers(FakeScene(), 20, Random(1), span_seconds=HOUR, habits=replace(QUIET, cancels=1.0))
    without = plan_customers(FakeScene(), 20, Random(1), span_seconds=HOUR, habits=QUIET)
    assert [replace(purchase, cancels=None) for purchase in with_habits] == without


def test_carts_hold_one_to_three_articles_that_are_for_sale() -> None:
    dice, skus = Random(2), {good.sku for good in GOODS}
    for serial in range(500):
        cart = draw_purchase(dice, serial, HOUR, Habits()).cart
        assert 1 <= len(cart) <= 3
        assert len({sku for sku, _ in cart}) == len(cart)
        assert {sku for sku, _ in cart} <= skus
        assert all(1 <= units <= 3 for _, units in cart)


def test_every_canary_belongs_to_one_order_only() -> None:
    scene = FakeScene()
    drawn = [
        *plan_customers(scene, 60, Random(3), span_seconds=HOUR),
        *plan_customers(scene, 60, Random(3), span_seconds=1),
    ]
    canaries = [canary for purchase in drawn for canary in purchase.person.canaries]
    assert all(len(canary) >= 9 for canary in canaries)
    for one, other in itertools.permutations(canaries, 2):
        assert one not in other


def test_canaries_are_what_the_store_knows_of_the_customer() -> None:
    for sold in sales(5, habits=replace(QUIET, moves=1.0)).sold:
        assert sold.name.startswith("#")
        last, mailbox, old, new, number = sold.canaries
        assert last == sold.buyer.last_name == sold.address.last_name
        assert sold.buyer.email == f"{mailbox}@example.com"
        assert str(sold.buyer.phone).endswith(number)
        assert new in str(sold.address.address1), "everybody has moved"
        assert old not in str(sold.address.address1)


def persons(count: int) -> list[Person]:
    dice = Random(6)
    return [draw_person(dice, serial) for serial in range(count)]


def test_everybody_can_be_sent_to_at_both_homes() -> None:
    for person in persons(60):
        for home in (person.address, person.moved):
            ours = OurAddress(
                name=f"{home.first_name} {home.last_name}",
                line1=home.address1 or "",
                city=home.city or "",
                province=home.province or "",
                province_code=home.province_code or "",
                postcode=home.zip or "",
                country_code=home.country_code,
                phone=home.phone or "",
            )
            assert address_problems(ours, Rules(refuse_po_boxes=True)) == []
        assert email_problem(person.buyer.email or "") is None
        assert phone_problem(person.buyer.phone or "", person.address.country_code, "phone") is None


def test_customers_speak_every_language_of_the_mails() -> None:
    assert {person.locale.partition("-")[0] for person in persons(60)} == {"en", "de", "fi"}


def test_there_are_only_so_many_persons_with_words_of_their_own() -> None:
    with pytest.raises(ValueError, match=str(MOST)):
        draw_person(Random(1), MOST)


def test_who_finds_something_sold_out_buys_the_rest_and_who_wants_nothing_else_goes() -> None:
    scene = sales(7, orders=60, habits=QUIET)
    wanted = [p.cart for p in plan_customers(FakeScene(), 60, Random(7), span_seconds=HOUR, habits=QUIET)]
    assert Counter(sold.cart for sold in scene.sold) != Counter(wanted), "the shop ran out of something"
    assert len(scene.sold) + scene.memory["customers_did"]["found it sold out"] == 60
    for entry in scene.store.shelf():
        assert entry.available is None or entry.available >= 0


def test_a_cancellation_is_noted_only_where_the_store_took_it() -> None:
    scene = sales(8, orders=1, habits=QUIET)
    sold = scene.sold[0]
    Cancel(scene, sold, None)()
    Cancel(scene, sold, None)()
    assert sold.cancelled
    assert len(scene.world.ledger.of_kind("shopify", "order_cancelled")) == 1
    assert scene.memory["customers_did"] == {"cancelled too late": 1}


def test_who_forgets_the_postcode_gives_it_later() -> None:
    scene = sales(9, orders=5, habits=replace(QUIET, forgets=1.0))
    assert len(scene.world.ledger.of_kind("shopify", "address_changed")) == len(scene.sold) > 0
    assert all(sold.address.zip for sold in scene.sold)


def test_a_customer_is_forgotten_after_the_last_parcel_has_come() -> None:
    scene = FakeScene()
    plan_customers(
        scene, 1, Random(10), span_seconds=1, habits=replace(QUIET, erased=1.0), until=START + timedelta(hours=9)
    )
    while not scene.sold:
        scene.agenda.step()
    sold = scene.sold[0]
    for _ in range(3):
        scene.agenda.step()
    assert not sold.erased
    order = scene.store.order(sold.name)
    lines = [{"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{fo.number}"} for fo in order.fulfillment_orders]
    given = {"lineItemsByFulfillmentOrder": lines, "trackingInfo": {"number": "LX123456785FI"}}
    scene.store.api.root["fulfillmentCreate"](None, given)
    scene.agenda.step()
    assert not sold.erased, "it is on its way"
    scene.carrier.scan("LX123456785FI", "delivered", "Delivered")
    scene.play()
    assert sold.erased
    asked = [
        json.loads(sent.body) for sent in scene.deliveries if sent.headers["X-Shopify-Topic"] == "customers/redact"
    ]
    assert [body["orders_to_redact"] for body in asked] == [[int(sold.number)]]
    Move(scene, sold, sold.address, None)()
    assert scene.store.order(sold.name).address is None, "a person who is forgotten does not come back"


def test_nobody_does_anything_after_the_end() -> None:
    scene = FakeScene()
    habits, before = Habits(cancels=1.0, moves=1.0, erased=1.0), len(scene.world.ledger.entries)
    plan_customers(scene, 20, Random(11), span_seconds=HOUR, habits=habits, until=START)
    plan_logistics(scene, Random(11), span_seconds=HOUR, surcharges=1.0, until=START)
    scene.play(lambda: on_ledger(scene))
    assert len(scene.world.ledger.entries) == before


# --- the supplier and the carrier ---------------------------------------------------------------------------------------


def shipped(scene: FakeScene, order_id: str) -> dict[str, int]:
    order = scene.supplier.book.find(order_id)
    assert order is not None
    total: Counter[str] = Counter()
    for parcel in order.parcels:
        total.update(parcel.quantities)
    return dict(total)


def scans(scene: FakeScene) -> list[str]:
    return [str(scan.data["status"]) for scan in scene.world.ledger.of_kind("easypost", "scan")]


def delivery(seed: int, pace: Pace, **quantities: int) -> tuple[FakeScene, str]:
    """One paid order, up to its end."""
    scene = FakeScene()
    plan_logistics(scene, Random(seed), span_seconds=HOUR, changes=0, surcharges=0, pace=pace)
    order_id = scene.pay("OW-1", **quantities)
    on_ledger(scene)
    scene.play(lambda: on_ledger(scene))
    return scene, order_id


def test_what_is_paid_is_sent_and_delivered() -> None:
    scene, order_id = delivery(1, STRAIGHT, HL_MS_400=2, HL_KID_120=1)
    assert shipped(scene, order_id) == {"HL-MS-400": 2, "HL-KID-120": 1}
    assert scans(scene) == ["in_transit", "out_for_delivery", "delivered"]
    assert scene.clock.at - START <= timedelta(minutes=40)


def test_what_is_not_paid_is_not_sent() -> None:
    scene = FakeScene()
    plan_logistics(scene, Random(1), span_seconds=HOUR, changes=0, surcharges=0)
    scene.world.record("cj", "order_created", "OW-2", order_id="SD2")
    on_ledger(scene)
    assert scene.agenda.waiting == []


def test_an_order_that_was_paid_twice_is_sent_once() -> None:
    scene = FakeScene()
    plan_logistics(scene, Random(1), span_seconds=HOUR, changes=0, surcharges=0, pace=STRAIGHT)
    order_id = scene.pay("OW-1")
    scene.world.record("cj", "order_paid", "OW-1", order_id=order_id)
    on_ledger(scene)
    scene.play()
    assert len(scene.world.ledger.of_kind("cj", "order_shipped")) == 1


def test_two_orders_under_one_reference_are_both_sent() -> None:
    scene = FakeScene()
    scene.supplier.config.refuse_duplicates = False
    plan_logistics(scene, Random(1), span_seconds=HOUR, changes=0, surcharges=0, pace=STRAIGHT)
    ids = [scene.pay("OW-1"), scene.pay("OW-1")]
    on_ledger(scene)
    scene.play()
    assert all(shipped(scene, order_id) for order_id in ids)


def test_an_order_of_several_units_can_leave_in_two_parcels() -> None:
    scene, order_id = delivery(3, replace(STRAIGHT, splits=1.0), HL_MS_400=2, HL_KID_120=1)
    assert len(scene.world.ledger.of_kind("cj", "order_shipped")) == 2
    assert shipped(scene, order_id) == {"HL-MS-400": 2, "HL-KID-120": 1}
    assert Counter(scans(scene))["delivered"] == 2


def test_the_suppliers_own_tracking_can_tell_it_as_well() -> None:
    scene, order_id = delivery(1, replace(STRAIGHT, told=1.0))
    order = scene.supplier.book.find(order_id)
    assert order is not None
    assert order.status == "DELIVERED"


def test_numbers_are_replaced_and_used_before_and_what_is_sent_back_is_delivered_to_its_sender() -> None:
    odd = replace(STRAIGHT, replaces=1.0, reuses=1.0, returns=1.0, comes_home=1.0)
    scene, _ = delivery(1, odd)
    (number,) = scene.world.ledger.of_kind("cj", "number_replaced")
    used, ours = scene.carrier.scans(number.data["old"])[:3], scene.carrier.scans(number.data["tracking_number"])
    assert {scan.when.month for scan in used} == {7}
    assert [scan.status for scan in ours][-2:] == ["return_to_sender", "delivered"]
    assert scene.world.ledger.of_kind("easypost", "scan")[-1].data["message"] == "Delivered to the sender"


def test_an_orders_fate_does_not_depend_on_other_orders() -> None:
    alone, first = delivery(5, Pace(), HL_MS_400=3)
    crowd = FakeScene()
    plan_logistics(crowd, Random(5), span_seconds=HOUR, changes=0, surcharges=0, pace=Pace())
    crowd.pay("OW-0")
    order_id = crowd.pay("OW-1", HL_MS_400=3)
    on_ledger(crowd)
    crowd.play()

    def fate(scene: FakeScene, paid: str) -> list[tuple[object, dict[str, int]]]:
        order = scene.supplier.book.find(paid)
        assert order is not None
        return [(parcel.shipped_at, parcel.quantities) for parcel in order.parcels]

    assert fate(alone, first) == fate(crowd, order_id)


def test_journeys_end_with_how_they_ended_whatever_came_late_or_twice() -> None:
    dice, pace, kinds = Random(12), Pace(fails=0.3, returns=0.2, late=0.4, doubled=0.4, stale=0.4), set()
    for _ in range(3000):
        legs = draw_journey(dice, pace)
        assert [leg.told_at for leg in legs] == sorted(leg.told_at for leg in legs)
        assert all(leg.age == 0 if leg.first else leg.age > 0 for leg in legs)
        happened = sorted(legs, key=lambda leg: leg.told_at - leg.age)
        assert legs[-1].status == happened[-1].status
        assert legs[-1].status in ("delivered", "return_to_sender")
        assert until_its_end(legs)[-1].status == legs[-1].status
        kinds.add(tuple(leg.status for leg in legs))
    assert len(kinds) > 20


def test_stock_and_cost_move_and_the_ledger_knows() -> None:
    scene = FakeScene()
    plan_logistics(scene, Random(13), span_seconds=HOUR, changes=40, surcharges=1.0)
    scene.play()
    stocks, costs = (scene.world.ledger.of_kind("cj", kind) for kind in ("stock_set", "cost_set"))
    assert len(stocks) + len(costs) == 40
    newest = {entry.reference: entry.data["stock"] for entry in stocks}
    assert {sku: scene.supplier.inventory[sku].stock for sku in newest} == newest
    assert all(entry.data["cost"] != "0.00" for entry in costs)
    assert scene.supplier.book.surcharges


def test_news_of_the_ledger_are_looked_at_once() -> None:
    scene = FakeScene()
    on_ledger(scene)
    people = plan_logistics(scene, Random(1), span_seconds=HOUR, changes=0, surcharges=0)
    scene.pay("OW-1")
    for _ in range(3):
        on_ledger(scene)
    assert people.seen == len(scene.world.ledger.entries)
    assert len(scene.agenda.waiting) == len({id(act) for *_, act in scene.agenda.waiting}) <= 2


def test_a_copy_of_a_day_goes_on_as_the_day_itself() -> None:
    scene = FakeScene()
    plan_customers(scene, 10, Random(14), span_seconds=HOUR, until=START + timedelta(hours=2))
    plan_logistics(scene, Random(14), span_seconds=HOUR, until=START + timedelta(hours=2))
    for _ in range(8):
        scene.agenda.step()
    scene.pay("OW-1", HL_MS_400=3)
    copy = cloned(scene)
    for one in (scene, copy):
        on_ledger(one)
        one.play()
    assert copy.notes == scene.notes
    assert copy.sold == scene.sold
    people: Logistics = copy.memory["logistics"]
    assert people.sim is copy
