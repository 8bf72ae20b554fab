"""Every store's orders: read as the buyer and the merchant left them, and fulfilled once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from local.sandbox.kit.people import Buyer
from local.sandbox.wire import Request, Response
from orderwright.declarations import Ability
from orderwright.domain.order import PaymentState, StoreOrder
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.store import FulfillmentRequest, FulfillmentView, TrackingUpdate
from tests.contracts.store.kit import LAMP, able, selling
from tests.support.stand import BUYER, EMAIL, StoreStand


def test_a_bought_order_is_read_as_the_buyer_left_it(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 2, store.other.sku: 1})
    order: StoreOrder = connector.fetch_order(number)
    assert (order.order_id, order.connection, order.payment) == (number, "vendor-1", PaymentState.PAID)
    assert order.name
    assert (order.total, order.refunded, order.cancelled_at, order.test) == (
        store.money("55.98"),
        store.money("0.00"),
        None,
        False,
    )
    assert [(line.sku, line.quantity, line.unfulfilled, line.unit_price) for line in order.lines] == [
        (LAMP, 2, 2, store.money("22.99")),
        (store.other.sku, 1, 1, store.money("10.00")),
    ]
    assert len({line.line_id for line in order.lines}) == 2
    assert all(line.requires_shipping and not line.gift_card for line in order.lines)
    assert order.address is not None
    seen = order.address.model_copy(update={"phone": BUYER.phone})
    assert seen.model_copy(update={"province": "", "province_code": ""}) == BUYER
    assert (order.email, order.risk_hold) == (EMAIL, False)
    assert order.created_at <= order.updated_at <= store.clock.now()
    assert connector.fetch_order(number) == order, "reading changes nothing"


def test_what_becomes_of_an_order_is_seen(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 3, store.other.sku: 1})
    store.edit(number, store.other.sku, 0)
    store.clock.forward(seconds=60)
    store.refund(number, LAMP, 1)
    order = connector.fetch_order(number)
    assert {line.sku: (line.quantity, line.unfulfilled) for line in order.lines if line.quantity} == {LAMP: (2, 2)}
    assert (order.payment, order.refunded) == (PaymentState.PARTIALLY_REFUNDED, store.money("22.99"))
    store.clock.forward(seconds=60)
    store.cancel(number)
    cancelled = connector.fetch_order(number)
    assert cancelled.cancelled_at == store.clock.now()
    assert cancelled.updated_at > order.updated_at > order.created_at


@pytest.mark.parametrize(
    ("ability", "account", "stranger"),
    [(Ability.EARLIER, 7, Buyer(email="b@example.com", account=8)), (Ability.GUESTS, 0, Buyer(email="b@example.com"))],
)
def test_r9_earlier_orders_of_a_customer_are_told_and_nobody_elses(
    store: StoreStand, ability: Ability, account: int, stranger: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connector, orders = selling(store, 9), list[StoreOrder]()
    for buyer in (stranger, *[Buyer(account=account)] * 4):
        orders.append(connector.fetch_order(store.buy_as({LAMP: 1}, buyer)))
        store.clock.forward(minutes=2)
    if able(store, ability):
        assert [connector.earlier_orders(order) for order in orders] == [0, 0, 1, 2, 3]
        store.cancel(orders[1].order_id)
        assert [connector.earlier_orders(order) for order in orders[1:4]] == [0, 0, 1], "one that was cancelled is none"
        heard = store.handle

        def deaf(request: Request) -> Response:
            left = {
                name: text for name, text in request.query.items() if name not in ("customer", "customer_id", "email")
            }
            return heard(replace(request, query=left))

        monkeypatch.setattr(store, "handle", deaf)
        late = connector.fetch_order(store.buy_as({LAMP: 1}, Buyer(email="c@example.com", account=account and 9)))
        assert connector.earlier_orders(late) == 0, "a store that does not hear whom it is asked about knows nobody"
    else:
        assert {connector.earlier_orders(order) for order in orders} == {None}


def test_an_order_that_never_was_is_not_found(store: StoreStand) -> None:
    connector = selling(store)
    for ask in (connector.fetch_order, connector.read_fulfillment):
        with store.refuses(NotFound):
            ask("1")


def test_p2_changed_orders_come_oldest_first_over_pages_from_the_very_second_on(store: StoreStand) -> None:
    connector = selling(store, 2 * store.page + 9)
    bought = []
    for _ in range(store.page + 3):
        store.clock.forward(seconds=1)
        bought.append(store.buy({LAMP: 1}))
    since = store.clock.now() - timedelta(seconds=store.page + 1)
    found, cursor = connector.list_changed_orders(since, "")
    assert cursor
    assert found[0].updated_at == since
    while cursor:
        more, cursor = connector.list_changed_orders(since, cursor)
        found += more
    # One may come twice, where pages move while they are read; none may be missing.
    assert list(dict.fromkeys(one.order_id for one in found)) == bought[1:]
    assert [one.updated_at for one in found] == sorted(one.updated_at for one in found)
    store.clock.forward(seconds=5)
    store.cancel(bought[0])
    assert connector.list_changed_orders(store.clock.now(), "")[0][0].order_id == bought[0], (
        "a change counts, not the sale"
    )
    assert connector.list_changed_orders(store.clock.now() + timedelta(seconds=1), "") == ([], "")


# --- fulfillments -----------------------------------------------------------------------------------------------------


def parcel(view: FulfillmentView, number: str, units: int = 2, parcel_number: str = "T1") -> FulfillmentRequest:
    """The first line's units in one parcel."""
    line = view.open_lines[0].line_id
    return FulfillmentRequest(
        number, ((line, units),), parcel_number, "Carrier", f"https://track.example.com/{parcel_number}"
    )


def test_a_parcel_is_recorded_once_with_its_lines_and_the_buyer_is_not_mailed(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 2})
    line = connector.fetch_order(number).lines[0]
    view: FulfillmentView = connector.read_fulfillment(number)
    assert [(one.line_id, one.remaining, one.open) for one in view.open_lines] == [(line.line_id, 2, True)]
    assert view.made == ()
    made = connector.create_fulfillment(parcel(view, number, 1), view)
    after = connector.read_fulfillment(number)
    assert [tuple(one) for one in after.made] == [(made, ("T1",), ((line.line_id, 1),))]
    assert [one.remaining for one in after.open_lines] == [1]
    connector.create_fulfillment(parcel(after, number, 1, "T2"), after)
    assert connector.read_fulfillment(number).open_lines == ()
    assert connector.fetch_order(number).lines[0].unfulfilled == 0
    with store.refuses(Rejected):
        connector.create_fulfillment(parcel(after, number, 1, "T3"), connector.read_fulfillment(number))
    assert list(store.recorded()) == [("T1", False), ("T2", False)]


def test_r13_an_accepted_order_is_recorded_without_a_parcel_and_gets_its_numbers_later(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 2})
    view = connector.read_fulfillment(number)
    made = connector.create_fulfillment(parcel(view, number, 2, "")._replace(carrier_name="", tracking_url=""), view)
    assert connector.read_fulfillment(number).made[0].tracking_numbers == ()
    update = TrackingUpdate(
        made, ("T1", "T2"), "Carrier", ("https://track.example.com/T1", "https://track.example.com/T2")
    )
    for _ in range(2):
        connector.update_fulfillment_tracking(update)
        (seen,) = connector.read_fulfillment(number).made
        assert (seen.fulfillment_id, set(seen.tracking_numbers)) == (made, {"T1", "T2"})
    connector.update_fulfillment_tracking(update._replace(numbers=("T3",), urls=("",)))
    assert connector.read_fulfillment(number).made[0].tracking_numbers == ("T3",)
    assert list(store.recorded()) == [("", False)]
    with store.refuses(Rejected):
        connector.update_fulfillment_tracking(update._replace(fulfillment_id="1"))


@pytest.mark.parametrize("how", ["accept_then_timeout", "accept_then_500", "malformed"])
def test_a_lost_answer_of_a_parcel_is_unclear_and_found_by_its_number(store: StoreStand, how: str) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 4})  # a second parcel of two could leave as well
    view = connector.read_fulfillment(number)
    with store.behaving(how), store.refuses(OutcomeUnknown):
        connector.create_fulfillment(parcel(view, number), view)
    (made,) = connector.read_fulfillment(number).made
    assert made.tracking_numbers == ("T1",)
    update = TrackingUpdate(made.fulfillment_id, ("T9",), "Carrier", ("",))
    with store.behaving(how), store.refuses(OutcomeUnknown):
        connector.update_fulfillment_tracking(update)
    assert connector.read_fulfillment(number).made[0].tracking_numbers == ("T9",)
    assert len(store.recorded()) == 1


def test_a_parcel_that_was_certainly_not_taken_may_be_sent_again(store: StoreStand) -> None:
    connector = selling(store)
    number = store.buy({LAMP: 2})
    view = connector.read_fulfillment(number)
    for how in ("unreachable", "rate_limited"):
        with store.behaving(how), store.refuses(Retryable):
            connector.create_fulfillment(parcel(view, number), view)
    assert list(store.recorded()) == []
    connector.create_fulfillment(parcel(view, number), view)
    assert list(store.recorded()) == [("T1", False)]
