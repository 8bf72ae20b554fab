"""shop/redact of any number of orders: in visits, by a due time, and killed anywhere it goes on (promises P8, P9, P11)."""

from __future__ import annotations

from contextlib import suppress

import pytest

from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.operations import ParkedNote, ShopErasure
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.tracking_page import page_of
from orderwright.messages import Message
from orderwright.records import (
    CONTROL,
    Key,
    connection_key,
    details_key,
    erasure_key,
    order_key,
    order_pk,
    track_pk,
)
from orderwright.storage import Put
from orderwright.usecases.intake import shop_erasure
from orderwright.usecases.operator.overview import connections_health
from tests.support.shop import STORE, Boundary, Killed
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import open_shop, shop

__all__ = ["open_shop", "shop"]

ORDERS = 12
REDACT = Message("connection.closed", "redact", "now", connection=STORE, detail={"reason": "SHOP_REDACT"}).to_json()
AGAIN = Message("erasure.due", "again", "now", pk=erasure_key(STORE).pk, sk=erasure_key(STORE).sk)


@pytest.fixture
def redacted(shop: OrderShop, monkeypatch: pytest.MonkeyPatch) -> OrderShop:
    """A shop of twelve orders in two states whose store says that all is to be forgotten; pages of three."""
    monkeypatch.setattr(shop_erasure, "PAGE", 3)
    for number in range(ORDERS):
        shop.store.buy([("HL-MS-400", 1)], pay="authorized" if number % 2 else "paid")
    shop.run()
    shop.store.uninstall()
    shop.queues["ingest_order"] += [REDACT, REDACT]
    shop.clock.advance(300)  # nobody may be fetching a token still: then the store would be asked again later
    shop.work()
    return shop


def persons(shop: OrderShop) -> list[str]:
    """Orders that still hold an address or a mail, or whose customer still has a page."""
    pks = [order_pk(STORE, str(order.number)) for order in shop.store.shop.orders.values()]
    held = [(pk, shop.wiring.storage.get(details_key(pk), OrderDetails)) for pk in pks]
    return [pk for pk, found in held if found and (found.model.email or found.model.address or has_page(shop, pk))]


def has_page(shop: OrderShop, pk: str) -> bool:
    record = shop.wiring.storage.get(order_key(pk), OrderRecord)
    assert record is not None
    parts = shop.wiring.storage.list_raw("orders", track_pk(record.model.link_mark))
    return page_of(record.model.link_mark, {key.sk: item["body"] for key, item in parts}) is not None


def progress(shop: OrderShop) -> ShopErasure | None:
    """What the operator is shown."""
    (health,) = (one for one in connections_health(shop.wiring.storage, shop.wiring.config()) if one.name == STORE)
    return health.erasure


def is_done(shop: OrderShop) -> bool:
    held = shop.wiring.storage.get(connection_key(STORE), ConnectionState)
    told = held is not None and any("shop/redact done" in entry.what for entry in held.model.log)
    return told and progress(shop) is None


def test_p8_all_orders_are_erased_in_visits_and_the_operator_sees_how_far_it_is(redacted: OrderShop) -> None:
    load = redacted.wiring.storage.load_order

    def slowly(pk: str) -> object:
        redacted.clock.advance(3)
        return load(pk)

    redacted.wiring.storage.load_order = slowly  # type: ignore[method-assign,assignment]
    assert all(has_page(redacted, pk) for pk in persons(redacted))
    erased = [0]
    while redacted.relay() and redacted.work():
        now = progress(redacted)
        erased += [now.erased] if now else []
    assert (erased[:3], erased, erased[-1]) == ([0, 3, 6], sorted(erased), ORDERS)
    assert (persons(redacted), is_done(redacted)) == ([], True)


def test_p8_killed_before_and_after_each_call_it_goes_on_until_nobody_is_left(redacted: OrderShop) -> None:
    for call in range(1, 40, 2):
        for side in ("before", "after"):
            worker = redacted.new_worker(Boundary((call, side)))
            with suppress(Killed):
                worker.ingest_order(AGAIN)
            redacted.clock.advance(91)  # the due time of its claim wakes the next one
    redacted.wiring = redacted.new_worker()
    redacted.pass_time(600)
    assert (persons(redacted), is_done(redacted)) == ([], True)


def test_p9_an_order_that_cannot_be_read_holds_up_no_other_and_is_parked(redacted: OrderShop) -> None:
    pk = persons(redacted)[0]
    held = redacted.wiring.storage.get(details_key(pk), OrderDetails)
    assert held is not None
    broken = held.model.model_copy(update={"sms_consent": "aino@example.com"})
    with pytest.warns(UserWarning, match="serializ"):
        redacted.wiring.storage.commit([Put(details_key(pk), broken, held.version)])
    redacted.run()
    note = redacted.wiring.storage.get(Key(CONTROL, "PARKED", pk.replace("#", "#unreadable-")), ParkedNote)
    assert note is not None
    assert note.model.detail == {"problem": "shop/redact could not erase it: ValidationError"}
    redacted.wiring.storage.commit([Put(details_key(pk), held.model, held.version + 1)])
    assert (persons(redacted), is_done(redacted)) == ([pk], True)
