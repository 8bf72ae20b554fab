"""A vendor that takes calls and never answers, or a worker without time, takes no other message along (P9, P11, P14)."""

from __future__ import annotations

import pytest

from local.events import queue_event
from local.sandbox.wire import Request, Response
from orderwright.messages import Message
from orderwright.records import order_pk
from tests.support.handlers import Ticking, call
from tests.support.shop import STORE
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop
from tests.unit.usecases.test_store_outage import failing, waiting

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"
TIMEOUT, FUNCTION, RESERVE, HOUR = 20, 60, 15, 3600


@pytest.mark.parametrize("seconds", [TIMEOUT, TIMEOUT - 1], ids=["hangs", "answers slowly"])
def test_p9_of_a_batch_with_such_a_store_nothing_is_given_back_and_the_erasure_in_it_is_done(
    shop: OrderShop, seconds: int
) -> None:
    """Five messages, the fifth of which needs no store. A store that hangs is asked once, and costs one time-out."""
    old = shop.store.buy([(MS, 1)])
    shop.run()
    orders = [shop.store.buy([(MS, 1)]) for _ in range(4)]
    shop.deliveries.clear()
    batch = [Message("order.changed", f"m{o.number}", "now", connection=STORE, resource=str(o.number)) for o in orders]
    batch.append(Message("order.erasure_asked", "m", "now", connection=STORE, detail={"orders": str(old.number)}))
    through, asked = shop.store.api.handle, []

    def handle(request: Request) -> Response:
        asked.append(request)
        if seconds == TIMEOUT:
            return Response(hang=True)
        shop.clock.advance(seconds)
        return through(request)

    shop.store.api.handle = handle  # type: ignore[method-assign]
    before = shop.clock.now()
    event = queue_event("ingest_order", *(one.to_json() for one in batch))
    answer = call("ingest_order", event, shop.wiring, Ticking(shop.clock, FUNCTION))
    took = (shop.clock.now() - before).total_seconds()
    assert answer == {"batchItemFailures": []}
    assert took == TIMEOUT if seconds == TIMEOUT else took <= FUNCTION - RESERVE
    assert len(asked) == (1 if seconds == TIMEOUT else 2)
    record = shop.wiring.storage.load_order(order_pk(STORE, str(old.number))).record
    assert record is not None
    assert record.model.erased_at is not None
    shop.store.api.handle = through  # type: ignore[method-assign]
    shop.wiring.begin(None)
    shop.pass_time(300)
    assert [len(shop.paid_orders(order.name)) for order in orders] == [1, 1, 1, 1]
    assert (waiting(shop), failing(shop)) == ([], [])


def test_what_does_not_begin_in_time_is_given_back_and_nobody_is_asked(shop: OrderShop) -> None:
    event = queue_event("ingest_order", Message("order.due", "m", "now", pk=order_pk(STORE, "1")).to_json())
    calls = len(shop.boundary.calls)
    with pytest.raises(Exception, match="All records failed"):  # Powertools' word for a batch of which nothing was done
        call("ingest_order", event, shop.wiring, Ticking(shop.clock, RESERVE - 1))
    assert len(shop.boundary.calls) == calls


@pytest.mark.parametrize("stage", ["arrives", "is bought", "is sent", "is on its way"])
def test_p11_where_no_worker_has_time_nothing_fails_or_is_given_up_and_all_goes_on_afterwards(
    shop: OrderShop, stage: str
) -> None:
    """Every catcher of a failed call meets OUT_OF_TIME: it counts no try, tells nobody, and sets a due time."""

    def reached(now: str) -> None:
        if now == stage:
            shop.wiring.begin(Ticking(shop.clock, 0))

    reached("arrives")
    name = shop.store.buy([(MS, 1)]).name
    shop.deliver()
    shop.work()
    reached("is bought")
    shop.run()
    parcels = 0
    if stage.startswith("is ") and stage != "is bought":
        reached("is sent")
        shop.supplier.ship(shop.purchase_orders(name)[0].reference)
        shop.deliver()
        shop.work()
        reached("is on its way")
        parcels = 1
    shop.pass_time(30 * HOUR, step=1800)
    assert (shop.failed, failing(shop), shop.post.alerts) == ([], [], [])
    assert stage == "arrives" or all(po.refusals == 0 for po in shop.purchase_orders(name))
    shop.wiring.begin(None)
    shop.pass_time(13 * HOUR, step=1800)  # a supplier is asked again within 12 hours
    assert (len(shop.paid_orders(name)), waiting(shop)) == (1, [])
    assert len(shop.post.mails) == len(shop.world.ledger.of_kind("shopify", "fulfillment_created")) == parcels
