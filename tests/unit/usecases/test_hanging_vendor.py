"""A vendor that takes calls and never answers, or a worker without time, takes no other message along (P9, P11, P14)."""

from __future__ import annotations

from typing import Any

import pytest

from local.events import queue_event
from local.sandbox.wire import Request, Response
from orderwright.messages import Message
from orderwright.records import CONTROL, order_pk
from tests.support.handlers import Ticking, call
from tests.support.shop import STORE
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_store_outage import failing, waiting

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"
TIMEOUT, FUNCTION = 20, 60


def batch(shop: OrderShop) -> tuple[list[str], str, list[Message]]:
    """Four orders that nobody has heard of yet, an older one, and a batch: the four, and the erasure of the older one."""
    old = shop.store.buy([(MS, 1)])
    shop.run()
    orders = [shop.store.buy([(MS, 1)]) for _ in range(4)]
    shop.deliveries.clear()
    news = [
        Message("order.changed", f"m{one.number}", "now", connection=STORE, resource=str(one.number)) for one in orders
    ]
    asked = Message("order.erasure_asked", "m5", "now", connection=STORE, detail={"orders": str(old.number)})
    return [one.name for one in orders], order_pk(STORE, str(old.number)), [*news, asked]


def is_erased(shop: OrderShop, pk: str) -> bool:
    record = shop.wiring.storage.load_order(pk).record
    return record is not None and record.model.erased_at is not None


def play(shop: OrderShop, messages: list[Message]) -> tuple[Any, float]:
    """The batch in one invocation of ingest_order: what it gives back, and the seconds that it took."""
    before = shop.clock.now()
    event = queue_event("ingest_order", *(one.to_json() for one in messages))
    answer = call("ingest_order", event, shop.wiring, Ticking(shop.clock, FUNCTION))
    shop.wiring.begin(None)
    return answer["batchItemFailures"], (shop.clock.now() - before).total_seconds()


def test_p9_a_store_that_hangs_costs_a_batch_one_timeout_and_the_erasure_in_it_is_done(shop: OrderShop) -> None:
    names, erased, messages = batch(shop)
    through, asked = shop.store.api.handle, []

    def hang(request: Request) -> Response:
        asked.append(request)
        return Response(hang=True)

    shop.store.api.handle = hang  # type: ignore[method-assign]
    assert play(shop, messages) == ([], TIMEOUT)
    assert len(asked) == 1
    assert is_erased(shop, erased)
    assert len(waiting(shop)) == 4
    shop.store.api.handle = through  # type: ignore[method-assign]
    shop.pass_time(300)
    assert [len(shop.paid_orders(name)) for name in names] == [1, 1, 1, 1]
    assert (waiting(shop), failing(shop)) == ([], [])


def test_p9_a_store_that_answers_slowly_never_takes_a_batch_beyond_the_functions_time(shop: OrderShop) -> None:
    names, erased, messages = batch(shop)
    through = shop.store.api.handle

    def slow(request: Request) -> Response:
        shop.clock.advance(TIMEOUT - 1)
        return through(request)

    shop.store.api.handle = slow  # type: ignore[method-assign]
    given_back, took = play(shop, messages)
    assert given_back == []
    assert took <= FUNCTION - 15
    assert is_erased(shop, erased)
    shop.store.api.handle = through  # type: ignore[method-assign]
    shop.pass_time(300)
    assert [len(shop.paid_orders(name)) for name in names] == [1, 1, 1, 1]


def test_what_does_not_begin_in_time_is_given_back_and_the_store_not_asked(shop: OrderShop) -> None:
    names, _, messages = batch(shop)
    calls = len(shop.boundary.calls)
    context = Ticking(shop.clock, 14)
    with pytest.raises(Exception, match="All records failed"):  # Powertools' word for a batch of which nothing was done
        call("ingest_order", queue_event("ingest_order", *(one.to_json() for one in messages)), shop.wiring, context)
    assert len(shop.boundary.calls) == calls
    assert [shop.paid_orders(name) for name in names] == [[]] * 4


@pytest.mark.parametrize("stage", ["arrives", "is bought", "is sent", "is on its way"])
def test_p11_where_no_worker_ever_has_time_nothing_fails_or_is_given_up_and_all_goes_on_afterwards(
    shop: OrderShop, stage: str
) -> None:
    """Every catcher of a failed call meets OUT_OF_TIME: it counts no try, tells nobody, and sets a due time."""
    wiring, hour = shop.wiring, 3600

    def no_time() -> None:
        wiring.begin(Ticking(shop.clock, 0))

    if stage == "arrives":
        no_time()
    name = shop.store.buy([(MS, 1)]).name
    if stage == "is bought":
        shop.deliver()
        shop.work()
        no_time()
    shop.run()
    if stage in ("is sent", "is on its way"):
        if stage == "is sent":
            no_time()
        reference = shop.purchase_orders(name)[0].reference
        shop.supplier.ship(reference)
        if stage == "is on its way":
            shop.deliver()
            shop.work()
            no_time()
    shop.pass_time(30 * hour, step=900)
    assert (shop.failed, failing(shop), shop.post.alerts) == ([], [], [])
    assert all(po.refusals == 0 for po in (shop.purchase_orders(name) if stage != "arrives" else []))
    wiring.begin(None)
    shop.pass_time(hour)
    assert len(shop.paid_orders(name)) == 1
    assert shop.wiring.storage.list_keys(CONTROL, f"WAIT#{STORE}") == []
    parcels = 1 if stage in ("is sent", "is on its way") else 0
    assert len(shop.post.mails) == parcels
    assert len(shop.world.ledger.of_kind("shopify", "fulfillment_created")) == parcels
