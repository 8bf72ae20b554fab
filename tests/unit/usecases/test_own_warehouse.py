"""Goods of one's own: what lies on the shelf, what of it is sold, and what has left (promises P1, P3, P6; R20)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from orderwright.domain.order import OrderState
from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.domain.supplier_answers import EnteredParcel
from orderwright.usecases.answering import Said, take_answer
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.desk import Desk
from tests.support.shop import SUPPLIER, Boundary, Killed
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.own_shop import HERE, NUMBER, OTHER_NUMBER, SECOND, SKU, OwnShop, bought_here

Opened = Callable[..., OwnShop]


@pytest.fixture
def own() -> Iterator[Opened]:
    made: list[OwnShop] = []

    def opened(*args: object, **settings: object) -> OwnShop:
        made.append(OwnShop(*args, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield opened
    for shop in made:
        shop.close()
        assert shop.failed == []


def test_the_story_from_the_goods_receipt_to_the_buyers_mail(own: Opened, tmp_path: Path) -> None:
    shop = own(sender="Nordlight stores", sender_address=("Sample Road 1", "00100 Helsinki"))
    number = shop.did("receive", HERE, f"{SKU}=10@5.00", f"{SECOND}=3@7.25")["number"]
    assert shop.ask("confirm", number).code == 1, "nobody has looked at it yet"
    shop.did("inspect", number, "--damaged", f"{SKU}=2", "--why", "wet carton")
    shop.did("confirm", number)
    shop.did("confirm", number)
    assert (shop.figures(), shop.figures(SECOND)) == ((8, 0, 8), (3, 0, 3)), "booked once, without the damaged ones"

    name = buy(shop, (SKU, 2), (SECOND, 1))
    (po,) = shop.purchase_orders(name)
    assert (po.supplier, po.state, po.on_account) == (HERE, PurchaseOrderState.PLACED, True)
    assert str(po.freight) == "12.60 USD", "three pieces at 4.20"
    assert (shop.figures(), shop.figures(SECOND)) == ((8, 2, 6), (3, 1, 2)), "placing moves nothing on the shelf"

    (first, second) = shop.did("pick-list", "--to", str(tmp_path / "list.pdf"))
    assert [(one["sku"], one["units"], one["order"]) for one in (first, second)] == [(SKU, 2, name), (SECOND, 1, name)]
    shop.did("slip", po.reference, "--to", str(tmp_path / "slip.pdf"))
    shop.did("slip", po.reference, "--to", str(tmp_path / "again.pdf"))
    assert (tmp_path / "slip.pdf").read_bytes() == (tmp_path / "again.pdf").read_bytes()
    assert (tmp_path / "list.pdf").read_bytes().startswith(b"%PDF-")
    assert shop.figures() == (8, 2, 6), "a reprint changes nothing"

    assert shop.scan(name) == "TAKEN"
    assert shop.did("pick-list") == [], "its number is entered: it is not picked a second time"
    shop.run()
    assert (shop.figures(), shop.figures(SECOND)) == ((6, 0, 6), (2, 0, 2))
    (parcel,) = shop.shipments(name)
    assert (parcel.tracking_number, parcel.fulfillment.value) == (NUMBER, "DONE")
    assert NUMBER in shop.post.mails[-1].text
    assert shop.record(name).state in (OrderState.SHIPPED, OrderState.PLACED)
    assert (shop.record(name).reserved, shop.purchase_orders(name)[0].reservation_closed) == ({}, True)


def test_a_second_scan_and_a_second_visit_are_the_same_parcel(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop)
    assert [shop.scan(name), shop.scan(name, NUMBER.lower()), shop.scan(name)] == ["TAKEN", "UNCHANGED", "UNCHANGED"]
    shop.run()
    for _ in range(3):
        shop.visit(name)
        shop.pass_time(7200, step=3600)
    assert shop.scan(name) == "UNCHANGED"
    shop.run()
    assert (shop.figures(), shop.shelf().sold, len(shop.shipments(name))) == ((6, 0, 6), 2, 1)


def test_a_part_of_the_units_leaves_and_the_rest_stays_reserved(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop, 3)
    assert shop.scan(name, NUMBER, f"{SKU}=2") == "TAKEN"
    assert [one["units"] for one in shop.did("pick-list")] == [1]
    shop.run()
    assert shop.figures() == (6, 1, 5)
    assert [held.quantity for held in shop.record(name).reserved.values()] == [1]
    assert not shop.purchase_orders(name)[0].reservation_closed
    assert shop.scan(name, OTHER_NUMBER) == "TAKEN"
    shop.run()
    assert (shop.figures(), shop.record(name).reserved) == ((5, 0, 5), {})
    assert shop.purchase_orders(name)[0].reservation_closed


def test_p3_wherever_the_worker_is_killed_the_parcel_leaves_the_shelf_once(own: Opened) -> None:
    shop = own({SKU: 100})
    for call in range(1, 30):
        name = bought_here(shop)
        shop.scan(name)
        shop.relay()
        boundary = Boundary(kill_at=(call, "after"))
        with suppress(Killed):
            shop.visit(name, boundary)
        shop.wiring = shop.new_worker()
        shop.run()
        shop.pass_time(900, step=300)
        there = 100 - 2 * call
        assert (shop.figures(), shop.shelf().sold, len(shop.shipments(name))) == ((there, 0, there), 2 * call, 1), call
        if not boundary.dead:
            break
    assert 2 < call < 29


def test_p3_reports_never_end_a_reservation_here(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop)
    shop.did("count", f"{SKU}=8")
    shop.get_in(f"{SKU}=1@5.00")
    shop.pass_time(36 * 3600, step=6 * 3600)
    assert shop.figures() == (9, 2, 7)
    assert not shop.purchase_orders(name)[0].reservation_closed


def test_p3_a_count_that_is_typed_in_late_keeps_what_moved_since(own: Opened) -> None:
    shop = own({SKU: 8})
    name, counted_at = bought_here(shop), shop.clock.now().isoformat()
    shop.clock.advance(60)
    shop.scan(name)
    shop.run()
    shop.clock.advance(60)
    shop.get_in(f"{SKU}=4@5.00")
    (changed,) = shop.did("count", f"{SKU}=7", "--as-of", counted_at)
    assert (changed["before"], changed["after"]) == (10, 9), "seven were there, two have left, four have come"
    assert shop.figures() == (9, 0, 9)
    said = shop.ask("count", f"{SKU}=99", "--as-of", (shop.clock.now() - timedelta(days=1)).isoformat(), "--json")
    assert said.json["error"]["code"] == "COUNT_TOO_OLD"
    later = shop.ask("count", f"{SKU}=99", "--as-of", (shop.clock.now() + timedelta(days=1)).isoformat(), "--json")
    assert later.json["error"]["code"] == "COUNT_LATER_THAN_NOW"


def test_p3_a_parcel_entered_before_a_count_and_written_down_after_it_is_in_the_count(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop)
    shop.scan(name)
    shop.clock.advance(60)
    shop.did("count", f"{SKU}=6")
    assert shop.figures() == (6, 2, 4), "sold less meanwhile, never more"
    shop.run()
    assert shop.figures() == (6, 0, 6)


def test_p3_sales_counts_receipts_and_parcels_at_once_lose_nothing(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop)
    shop.clock.advance(60)
    shop.scan(name)
    shop.relay()
    storage, acts = shop.wiring.storage, ["receipt", "count", "sale"]
    write = storage.commit

    def interfered(changes: object, **more: object) -> None:
        """Before each commit of the worker somebody else is faster."""
        if acts:
            act = acts.pop()
            if act == "sale":
                shop.store.buy([(SKU, 1)])
                shop.deliver()
                while shop.queues["ingest_order"]:
                    shop.call("ingest_order", shop.queues["ingest_order"].popleft())
            elif act == "count":
                shop.did("count", f"{SKU}=8", "--as-of", (shop.clock.now() - timedelta(seconds=1)).isoformat())
            else:
                shop.book(f"{SKU}=5@5.00")
        write(changes, **more)  # type: ignore[arg-type]

    storage.commit = interfered  # type: ignore[method-assign]
    try:
        shop.visit(name)
    finally:
        storage.commit = write  # type: ignore[method-assign]
    assert not acts
    shop.run()
    assert shop.figures() == (11, 1, 10), "eight, five came, two left, one is sold"


def test_more_left_than_was_counted_sells_nothing_until_the_next_count(own: Opened) -> None:
    shop = own({SKU: 3})
    name = bought_here(shop)
    shop.did("count", f"{SKU}=1")
    shop.clock.advance(1)
    shop.scan(name)
    shop.run()
    assert shop.figures() == (0, 0, 0)
    shop.get_in(f"{SKU}=1@5.00")
    assert shop.figures() == (0, 0, 0), "one more than was there had left"
    assert "count it" in shop.ask("stock").out or shop.shelf().shelf.pieces == 0  # type: ignore[union-attr]
    shop.did("count", f"{SKU}=2")
    assert shop.figures() == (2, 0, 2)


def test_p6_a_cancelled_order_leaves_the_pick_list_and_its_pieces_are_for_sale(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop)
    shop.store.cancel(name)
    shop.run()
    assert (shop.did("pick-list"), shop.purchase_orders(name)[0].state) == ([], PurchaseOrderState.CANCELLED)
    assert (shop.figures(), shop.record(name).state) == ((8, 0, 8), OrderState.CANCELLED)
    assert shop.scan(name) == "NOT_TO_BE_SENT", "it was packed already: somebody has to stop it"
    shop.run()
    assert shop.codes(name) == ["SUPPLIER_CONTRADICTS"]


def test_p6_a_cancellation_after_the_number_was_entered_is_too_late(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop)
    shop.scan(name)
    shop.store.cancel(name)
    shop.run()
    assert shop.purchase_orders(name)[0].answers.withdrawal == "TOO_LATE"
    assert shop.figures() == (6, 0, 6)


def test_p6_the_rest_of_a_cancelled_order_is_not_sent_by_a_scan(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop, 3)
    shop.scan(name, NUMBER, f"{SKU}=1")
    shop.store.cancel(name)
    shop.run()
    assert shop.scan(name, OTHER_NUMBER) == "NOT_TO_BE_SENT"
    shop.run()
    assert (shop.figures(), len(shop.shipments(name))) == ((7, 2, 5), 1)


def test_two_scanners_at_once_and_two_spellings_are_one_parcel(own: Opened) -> None:
    shop = own({SKU: 8})
    name, now = bought_here(shop, 3), shop.clock.now()
    ((sk, held),) = shop.order(name).purchase_orders.items()
    line, spellings = held.model.lines[0].line_id, (NUMBER, f"{NUMBER[:4].lower()} {NUMBER[4:]}")
    for text in spellings:
        parcel = EnteredParcel(tracking_number=text, units={line: 1}, who="mika", at=now)
        take_answer(shop.wiring.storage, shop.order(name).pk, sk, Said(parcels=(parcel,)), "mika", now)
    assert [one["units"] for one in shop.did("pick-list")] == [2]
    assert shop.scan(name, OTHER_NUMBER, f"{SKU}=2") == "TAKEN"
    shop.run()
    assert (shop.figures(), len(shop.shipments(name))) == ((5, 0, 5), 2)


def test_what_the_warehouse_has_not_is_bought_at_the_next_supplier(own: Opened) -> None:
    shop = own({SKU: 1})
    name = buy(shop, (SKU, 2))
    (po,) = shop.purchase_orders(name)
    assert po.supplier != HERE
    assert shop.figures() == (1, 0, 1)


def test_an_operators_stop_before_it_is_picked_ends_it(own: Opened) -> None:
    shop = own({SKU: 8})
    name = bought_here(shop)
    stop_order(Desk(shop.wiring.storage, shop.clock, "mika", "asked"), shop.order(name).pk)
    shop.run()
    assert (shop.did("pick-list"), shop.purchase_orders(name)[0].state) == ([], PurchaseOrderState.CANCELLED)


def test_p6_of_a_cancelled_order_the_lines_that_have_left_are_too_late_and_the_others_end(own: Opened) -> None:
    shop = own({SKU: 8, SECOND: 3})
    name = buy(shop, (SKU, 2), (SECOND, 1))
    shop.scan(name, NUMBER, f"{SKU}=2")
    shop.store.cancel(name)
    shop.run()
    (po,) = shop.purchase_orders(name)
    assert (po.answers.withdrawal, [line.sku for line in po.lines]) == ("TOO_LATE", [SKU])
    assert (shop.did("pick-list"), shop.figures(), shop.figures(SECOND)) == ([], (6, 0, 6), (3, 0, 3))


def test_p1_what_the_warehouse_has_not_sent_for_long_goes_to_the_next_supplier_off_its_list(own: Opened) -> None:
    shop = own({SKU: 5}, reroute={"late_hours": 12})
    name = bought_here(shop)
    shop.pass_time(11 * 3600, step=3600)
    assert shop.bought(name) == {}
    shop.pass_time(24 * 3600, step=3600)
    late, late_here = shop.purchase_orders(name)[::-1], shop.did("pick-list")
    assert [(po.supplier, po.state.value, po.cancel_outcome) for po in late] == [
        (HERE, "CANCELLED", "SUPPLIER_LATE"), (SUPPLIER, "PLACED", ""),
    ]  # fmt: skip
    assert (shop.figures(), late_here, shop.bought(name)) == ((5, 0, 5), [], {SKU: 2})
