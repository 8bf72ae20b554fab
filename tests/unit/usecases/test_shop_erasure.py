"""shop/redact of any number of orders: in pieces, by a due time, and killed anywhere it goes on (promises P8, P11)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from orderwright.domain.operations import ConnectionState, ParkedNote, ShopErasure
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.messages import Message
from orderwright.records import CONTROL, Key, details_key, order_key, order_pk
from orderwright.storage import Put
from orderwright.usecases.intake import shop_erasure
from orderwright.usecases.intake.erasure import connection_key, erasure_key
from orderwright.usecases.operator.overview import connections_health
from tests.support.shop import STORE, Boundary, Killed
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop

__all__ = ["open_shop", "shop"]

MS = "HL-MS-400"
ORDERS = 12
REDACT = Message("connection.closed", "redact", "now", connection=STORE, detail={"reason": "SHOP_REDACT"})


@pytest.fixture
def redacted(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> OrderShop:
    """A shop of twelve orders in two states whose store says that all is to be forgotten; pages of three."""
    monkeypatch.setattr(shop_erasure, "PAGE", 3)
    for number in range(ORDERS):
        shop.store.buy([(MS, 1)], pay="authorized" if number % 2 else "paid")
    shop.run()
    shop.store.uninstall()
    shop.queues["ingest_order"].append(REDACT.to_json())
    shop.clock.advance(300)  # nobody may be fetching a token still: then the store would be asked again later
    return shop


def persons(shop: OrderShop) -> list[str]:
    """Orders that still hold an address or a mail."""
    files = [
        shop.wiring.storage.load_order(order_pk(STORE, str(order.number))) for order in shop.store.shop.orders.values()
    ]
    held = [(file.pk, file.details.model) for file in files if file.details]
    return [pk for pk, details in held if details.email or details.address]


def progress(shop: OrderShop) -> ShopErasure | None:
    (health,) = (one for one in connections_health(shop.wiring.storage, shop.wiring.config()) if one.name == STORE)
    return health.erasure


def is_done(shop: OrderShop) -> bool:
    held = shop.wiring.storage.get(connection_key(STORE), ConnectionState)
    return held is not None and any("shop/redact done" in entry.what for entry in held.model.log)


def slowly(shop: OrderShop) -> None:
    """Each order takes three seconds to erase, so that a visit ends after three of them."""
    real = shop.wiring.storage.load_order

    def load(pk: str) -> object:
        shop.clock.advance(3)
        return real(pk)

    shop.wiring.storage.load_order = load  # type: ignore[method-assign,assignment]


def test_p8_all_orders_are_erased_in_visits_and_the_operator_sees_how_far_it_is(redacted: OrderShop) -> None:
    slowly(redacted)
    redacted.work()
    visits = [progress(redacted)]
    while redacted.relay() and redacted.work():
        visits.append(progress(redacted))
    erased = [visit.erased for visit in visits[:-1] if visit]
    assert (erased[:3], erased, erased[-1]) == ([0, 3, 6], sorted(erased), ORDERS)
    assert (visits[-1], persons(redacted), is_done(redacted)) == (None, [], True)


def test_p8_killed_before_and_after_each_call_it_goes_on_until_nobody_is_left(redacted: OrderShop) -> None:
    redacted.work()
    message = Message("erasure.due", "m", "now", pk=erasure_key(STORE).pk, sk="SHOP")
    for call in range(1, 40, 2):
        for side in ("before", "after"):
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(redacted, "wiring", redacted.new_worker(Boundary((call, side))))
                with suppress(Killed):
                    redacted.wiring.ingest_order(message)
            redacted.clock.advance(91)  # the due time of its claim wakes the next one
    redacted.new_worker()
    redacted.pass_time(600)
    assert (persons(redacted), progress(redacted), is_done(redacted)) == ([], None, True)


def test_two_workers_and_a_second_delivery_change_nothing(redacted: OrderShop) -> None:
    redacted.queues["ingest_order"].append(REDACT.to_json())
    redacted.work()
    before = progress(redacted)
    redacted.relay()
    redacted.queues["ingest_order"].extend(list(redacted.queues["ingest_order"]))
    redacted.run()
    assert before is not None
    assert (persons(redacted), progress(redacted), is_done(redacted)) == ([], None, True)


def test_p9_an_order_that_cannot_be_read_holds_up_no_other_and_is_parked(redacted: OrderShop) -> None:
    number = str(next(iter(redacted.store.shop.orders.values())).number)
    pk = order_pk(STORE, number)
    file = redacted.wiring.storage.load_order(pk)
    assert file.record is not None
    assert file.details is not None
    broken = OrderDetails.model_construct(lines=(), email="aino@example.com", sms_consent="aino@example.com")  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="serializ"):
        redacted.wiring.storage.commit([Put(details_key(pk), broken, file.details.version)])
    redacted.run()
    held = redacted.wiring.storage.get(Key(CONTROL, "PARKED", f"{STORE}#unreadable-{number}"), ParkedNote)
    assert held is not None
    assert "shop/redact" in held.model.detail["problem"]
    assert "aino" not in held.model.detail["problem"]
    assert progress(redacted) is None
    redacted.wiring.storage.commit([Put(details_key(pk), file.details.model, file.details.version + 1)])
    assert persons(redacted) == [pk]


def test_p14_one_that_takes_days_tells_the_merchant_once(redacted: OrderShop) -> None:
    redacted.work()
    redacted.clock.advance(timedelta(days=3, minutes=1).total_seconds())
    slowly(redacted)
    redacted.run()
    late = [alert for alert in redacted.post.alerts if "ERASURE_LATE" in alert]
    assert (len(late), persons(redacted)) == (1, [])


def test_an_order_of_another_connection_is_left_alone(redacted: OrderShop) -> None:
    first = next(iter(redacted.store.shop.orders.values()))
    file = redacted.wiring.storage.load_order(order_pk(STORE, str(first.number)))
    assert file.record is not None
    assert file.details is not None
    other = order_pk(f"{STORE}-2", "1")
    record: OrderRecord = file.record.model
    puts = [Put(order_key(other), record, 0, state=record.state.value), Put(details_key(other), file.details.model, 0)]
    redacted.wiring.storage.commit(puts)
    redacted.run()
    left = redacted.wiring.storage.load_order(other)
    assert left.details is not None
    assert left.details.model.email
