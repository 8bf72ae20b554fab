"""R19, R50: suppliers' days are counted at night over a whole shop, each order once, whatever happens to the worker."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from local.events import queue_event
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.scoring.day import SupplierDay
from orderwright.domain.scoring.scorecard import Scorecard
from orderwright.domain.scoring.work import ScoreWork
from orderwright.errors import Misconfigured
from orderwright.messages import Message
from orderwright.records import SCORE_WORK, score_day_key, scorecard_key
from orderwright.storage import Delete, Put, held_or
from orderwright.usecases.health import note_failure
from orderwright.usecases.scoring.read import days_of, scorecards
from tests.support.handlers import call
from tests.support.shop import START, SUPPLIER, Boundary, Killed, test_config
from tests.unit.usecases.desk_shop import OpenDesk, open_desk, refusal, say, scripted_suppliers
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.scripted_shop import PARTS
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop

__all__ = ["open_desk", "open_shop", "scripted_suppliers", "shop"]

DAY = START.date()
LAMP, COB = "HL-MS-400", "HL-COB-350"
DUE = Message("scores.due", "m-1", "now", pk=SCORE_WORK.pk)


def night(shop: OrderShop, boundary: Boundary | None = None) -> None:
    (shop.new_worker(boundary) if boundary else shop.wiring).write_statement(DUE)


def sweep(shop: OrderShop, boundary: Boundary | None = None) -> None:
    """The queue gives the message again, and later the sweep finds what is left."""
    night(shop, boundary)
    shop.clock.advance(400)
    storage = shop.new_worker().storage
    while any(kind == DUE.type for _, kind in storage.due("control", shop.clock.now(), 10)):
        night(shop, boundary)


def day_of(shop: OrderShop, number: int = 0) -> SupplierDay:
    day = DAY + timedelta(days=number)
    (found,) = days_of(shop.wiring.storage, SUPPLIER, day, day)
    return found


def test_a_day_is_counted_the_night_after_and_a_night_that_was_missed_is_made_up_for(shop: OrderShop) -> None:
    buy(shop, (LAMP, 2), (COB, 1))
    buy(shop, (LAMP, 1))
    night(shop)
    assert days_of(shop.wiring.storage, SUPPLIER, DAY, DAY) == [], "the day is not over"
    shop.clock.advance(86_400)
    night(shop)
    shop.relay()
    told = [json.loads(body)["connection"] for body in shop.queues["poll_stock"] if "stock.advice_due" in body]
    assert told == [SUPPLIER] * 2, "one a night"
    found = day_of(shop)
    assert {name: found.counts[name] for name in ("orders", "accepted", "pieces_sold")} == {
        "orders": 2, "accepted": 2, "pieces_sold": 4,
    }  # fmt: skip
    assert (found.skus[LAMP].sold, found.skus[COB].sold) == (3, 1)
    assert found.counts["billed USD"] == sum(int(one.data["amount"] * 100) for one in shop.paid_orders())
    buy(shop, (LAMP, 5))
    shop.clock.advance(3 * 86_400)
    note_failure(
        shop.wiring.storage, SUPPLIER, "place_purchase_order", Misconfigured("no", code="KEY"), shop.clock.now()
    )
    shop.clock.advance(86_400)
    night(shop)
    assert (day_of(shop, 1).skus[LAMP].sold, day_of(shop, 4).counts["failures"]) == (5, 1)
    card = scorecards(shop.wiring.storage, [SUPPLIER, "nobody"])[SUPPLIER]
    assert (card.day, card.events, card.score) == (DAY + timedelta(days=4), 3, None)


def test_a_worker_that_was_killed_anywhere_is_followed_by_another_and_no_order_counts_twice(
    shop: OrderShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        buy(shop, (LAMP, 1))
    shop.clock.advance(86_400)
    kind = type(shop.wiring.storage)
    slow, read = kind.load_order, list[str]()

    def load(self: Any, pk: str) -> Any:
        read.append(pk)
        shop.clock.advance(35)
        return slow(self, pk)

    monkeypatch.setattr(kind, "load_order", load)
    night(shop)
    assert len(read) == 2, "a piece"
    sweep(shop)
    expected, cards = day_of(shop), scorecards(shop.wiring.storage, [SUPPLIER])
    assert (len(read), expected.counts["orders"]) == (3, 3)
    card, again = scorecard_key(SUPPLIER), ScoreWork(day=DAY, claimed_until=START)

    def counted_again(at: Boundary) -> None:
        storage = shop.wiring.storage
        storage.commit([Put(SCORE_WORK, again, held_or(storage, SCORE_WORK, again).version)])
        storage.commit([Delete(card, held_or(storage, card, cards[SUPPLIER]).version)])
        with suppress(Killed):
            sweep(shop, at)
        shop.wiring = shop.new_worker()
        sweep(shop)
        assert day_of(shop) == expected, at.kill_at
        now = scorecards(shop.wiring.storage, [SUPPLIER])[SUPPLIER]
        assert now.model_copy(update={"at": cards[SUPPLIER].at}) == cards[SUPPLIER]

    counted_again(alive := Boundary())
    writes = [number for number, name in enumerate(alive.calls, 1) if name.endswith(("PutItem", "TransactWriteItems"))]
    assert len(writes) >= 7, "a claim, a day and the progress of each piece, and the scorecard"
    for number in writes:
        for when in ("before", "after"):
            counted_again(at := Boundary(kill_at=(number, when)))
            assert at.dead


def test_two_workers_at_once_count_each_order_once(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> None:
    buy(shop, (LAMP, 1))
    shop.clock.advance(86_400)
    kind = type(shop.wiring.storage)
    load, second = kind.load_order, partial(night, shop)
    monkeypatch.setattr(kind, "load_order", lambda self, pk: (second(), load(self, pk))[1])
    night(shop)
    assert day_of(shop).counts["orders"] == 1


def test_a_broken_term_and_a_fall_of_the_score_are_told_once(open_shop: OpenShop) -> None:
    config = test_config()
    agreed = config.suppliers[SUPPLIER].model_copy(
        update={"terms": SupplierSettings(kind="cj", terms={"ship_within_hours": 12}).terms}
    )
    rules = config.rules.model_copy(update={"routing": config.rules.routing.model_copy(update={"evidence": 1})})
    shop = open_shop(
        config.model_copy(update={"connections": {**config.connections, SUPPLIER: agreed}, "rules": rules})
    )
    name = buy(shop, (LAMP, 1))
    best = Scorecard(supplier=SUPPLIER, at=START, events=30, score=100, best=115)
    shop.wiring.storage.commit([Put(scorecard_key(SUPPLIER), best, 0)])
    shop.clock.advance(86_400)
    night(shop)
    shop.supplier.ship(shop.purchase_orders(name)[0].reference, {LAMP: 1})
    shop.run()
    shop.clock.advance(86_400)
    night(shop)
    night(shop)
    shop.run()
    assert [one.open for number in (0, 1) for one in day_of(shop, number).breaches] == [True, False], "made good"
    told = [[alert for alert in shop.post.alerts if code in alert] for code in ("TERMS_BROKEN", "SCORE_FELL")]
    assert [len(one) for one in told] == [1, 1]
    assert "ship_within_hours" in told[0][0]


def test_the_handler_takes_the_queues_event_and_nobodys_name_is_kept(shop: OrderShop) -> None:
    name = buy(shop, (LAMP, 1))
    shop.clock.advance(86_400)
    assert call("write_statement", queue_event("write_statement", DUE.to_json()), shop.wiring) == {
        "batchItemFailures": []
    }
    details = shop.order(name).details.model
    kept = str(shop.wiring.storage.get_raw(score_day_key(SUPPLIER, DAY)))
    assert not [
        text for text in (details.email, details.destination.name, details.destination.postcode) if text in kept
    ]


def test_each_parcel_of_an_order_counts_on_the_day_on_which_it_ended(shop: OrderShop) -> None:
    name = buy(shop, (LAMP, 2))
    (po,) = shop.purchase_orders(name)
    numbers = []
    for _ in range(2):
        numbers.append(shop.supplier.ship(po.reference, {LAMP: 1}).tracking_number)
        shop.run()
    for day, number in enumerate(numbers, 1):
        shop.clock.advance(86_400)
        shop.carrier.scan(number, "delivered", "delivered")
        shop.run()
        assert (shop.record(name).state.value == "DELIVERED") == (day == 2)
        night(shop)
    shop.clock.advance(86_400)
    night(shop)
    assert [day_of(shop, day).counts.get("delivered", 0) for day in range(3)] == [0, 1, 1]
    assert (day_of(shop).counts["pieces_shipped"], day_of(shop).hours["to_ship"]) == (2, {0: 2})


def test_what_people_refuse_for_want_of_stock_is_counted_and_is_sold_once(open_desk: OpenDesk) -> None:
    shop = open_desk(LAMP)
    whole, part = buy(shop, (LAMP, 2)), buy(shop, (LAMP, 1), (COB, 4))
    say(shop, whole, refusal(shop, whole))
    say(shop, part, refusal(shop, part, LAMP))
    shop.clock.advance(86_400)
    night(shop)
    desk, cj = ({**days_of(shop.wiring.storage, name, DAY, DAY)[0].skus} for name in (PARTS, SUPPLIER))
    assert (desk[LAMP].sold, desk[LAMP].refused, desk[LAMP].out_of_stock) == (3, 3, 3)
    assert (desk[COB].sold, desk[COB].accepted, desk[COB].refused, cj[LAMP].sold) == (4, 4, 0, 3)
    (found,) = days_of(shop.wiring.storage, PARTS, DAY, DAY)
    assert {key: found.counts[key] for key in ("refused", "partly_refused", "accepted")} == {
        "refused": 1, "partly_refused": 1, "accepted": 1,
    }  # fmt: skip
