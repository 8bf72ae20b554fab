"""What the lists cost: calls to AWS, with 10,000 orders in the tables.

A key in an index is at most 200 bytes and a page of DynamoDB 1 MB: 5,000 orders are counted a call. By their keys 100 are read.
A parked note is less than 1,000 bytes: 400 are one page.
"""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator
from contextvars import copy_context
from datetime import timedelta
from typing import Any

import pytest

from orderwright import records
from orderwright.aws.writes import put_item
from orderwright.domain.config import Config
from orderwright.domain.listing import STEP
from orderwright.domain.money import Money
from orderwright.domain.notice import Notice, NoticeState, Trouble
from orderwright.domain.operations import ParkedNote
from orderwright.domain.order import Address, OrderDetails, OrderLine, OrderRecord, OrderState, PaymentState, Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Milestone
from orderwright.storage import Put
from orderwright.usecases.operator.applying import Names, apply_config
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.find import MOST_NAMES_READ
from orderwright.usecases.operator.forecast import forecast
from orderwright.usecases.operator.order_list import OPEN
from tests.support.shop import CARRIER, FEED, START, STORE, SUPPLIER, Shop, test_config
from tests.unit.cli.cli_kit import Operator, operator_of

ORDERS = {"DELIVERED": 6000, "AWAITING_APPROVAL": 100, "NEEDS_ATTENTION": 250, "PLACED": 2500, "SHIPPED": 1150}
SKUS, PRICES, TROUBLED, NOTES, OPEN_NOTES = 300, 30, 120, 400, 100
World = tuple[Shop, Operator]
SOLD = "HL-MS-400"
USD = Money(minor=2299, currency="USD")
ONE, PAGES, CONFIG, WHO = 1, 1, 1, 1
"""A batch of up to a hundred; a page of an index; which configuration is in force; which suppliers and stores there were."""
STATES = len(OrderState) + 1
"""Of the 6,000 finished orders at most 5,000 are counted a page; every other state is one."""


def written(shop: Shop) -> Iterator[Put]:
    """The whole world, as changes."""
    times, numbers, prices = itertools.count(), itertools.count(1), itertools.count()
    line = OrderLine(line_id="1", title="lamp", sku=SOLD, quantity=1, unfulfilled=1, unit_price=USD)
    address = Address(name="A", line1="Katu 1", city="Turku", postcode="20100", country_code="FI")
    details = OrderDetails(lines=(line,), address=address)
    for state, count in ORDERS.items():
        why = (Reason(code="RISK_HIGH", message="a high risk"),) if state == "AWAITING_APPROVAL" else ()
        record = OrderRecord(
            connection=STORE, order_id="", name="", state=OrderState(state), payment=PaymentState.PAID, total=USD,
            refunded=USD * 0, created_at=START, store_updated_at=START, seen_at=START, reasons=why, approvals=why,
        )  # fmt: skip
        for number in itertools.islice(numbers, count):
            pk = records.order_pk(STORE, f"{number}")
            named = record.model_copy(update={"order_id": f"{number}", "name": f"N{number}"})
            yield Put(records.order_key(pk), named, next(times), state=state)
            if why:
                yield Put(records.details_key(pk), details, 0)
    last = PurchaseOrder(supplier=SUPPLIER, number=1, reference="OW1", lines=(), freight=USD, created_at=START)
    yield Put(records.purchase_order_key(pk, SUPPLIER, 1), last, 0)
    notice = Notice(
        subject="ORDER", channel="email", milestone=Milestone.CONFIRMED, state=NoticeState.WAITING, rank=1, cause="PAUSED",
    )  # fmt: skip
    for number in range(9000, 9000 + TROUBLED):
        key = records.notice_key(records.order_pk(STORE, f"{number}"), "ORDER", "email")
        yield Put(key, notice, next(times), state="NOTICE#WAITING")
    for number in range(NOTES):
        note = ParkedNote(connection=STORE, topic="t", delivery_id="d", reason="R", at=START, done=number >= OPEN_NOTES)
        yield Put(records.parked_key(f"{STORE}#{number}"), note, 0)
    good = shop.wiring.storage.load_sku(SOLD)
    assert good.record
    waits = {"pending_price": USD, "reasons": (Reason(code=STEP, message="a large step"),)}
    for sku in (f"SKU-{number}" for number in range(SKUS)):
        listing = good.listings[STORE].model.model_copy(update={"sku": sku, **(waits if next(prices) < PRICES else {})})
        yield Put(records.sku_key(sku), good.record.model.model_copy(update={"sku": sku}), next(times), state="SKU")
        yield Put(records.offer_key(sku, SUPPLIER), good.offers[SUPPLIER].model.model_copy(update={"sku": sku}), 0)
        yield Put(records.listing_key(sku, STORE), listing, 0)


def fill(account: str, puts: Iterator[Put]) -> None:
    """Into the emulator's tables, past its API: only the reading is measured."""
    from ministack.core import responses
    from ministack.services import dynamodb

    responses.set_request_account_id(account)
    responses.set_request_region("eu-north-1")
    for put in puts:
        item = put_item(put, put.model, "test", START + timedelta(seconds=put.version))
        dynamodb._set_item(dynamodb._tables[put.key.table], put.key.pk, put.key.sk, item)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """10,000 orders and what goes with them."""
    shop = Shop()
    shop.stock_up()
    copy_context().run(fill, shop.aws.account, written(shop))
    yield shop, operator_of(shop)
    shop.close()


def calls(world: World, *command: str) -> tuple[int, Any]:
    """How often AWS was asked, and the answer."""
    shop, operator = world
    before = len(shop.aws.calls)
    said = operator(*command, "--json")
    assert said.code == 0, said.err
    return len(shop.aws.calls) - before, said.json


@pytest.mark.parametrize(
    ("command", "rows", "most"),
    [
        ("orders list", 50, CONFIG + len(OPEN) + 4 * ONE),
        ("orders list --limit 1000", 1000, CONFIG + len(OPEN) + 10 + 4 * ONE),
        (f"orders list --connection {STORE}", 50, CONFIG + len(OPEN) + 4 * ONE),
        ("parked list", OPEN_NOTES, PAGES),
        ("notices list", TROUBLED, len(Trouble) + 2 * 2),
        (f"catalogue list --limit {SKUS}", SKUS, CONFIG + PAGES + WHO + 3 * 3),
        (f"catalogue map --limit {SKUS}", SKUS, CONFIG + PAGES + WHO + 3 * 3),
        # Orders: rows, what waits, records, details, purchase orders, their SKU. Prices: listings; their SKU with its freight.
        (f"approvals list --limit {SKUS}", 100 + PRICES, CONFIG + 3 * PAGES + 2 * WHO + 4 * ONE + 3 + 3 + 4),
    ],
)
def test_a_list_costs_pages_and_hundreds_not_rows(world: World, command: str, rows: int, most: int) -> None:
    count, found = calls(world, *command.split())
    assert (sum(map(len, found.values())) if isinstance(found, dict) else len(found)) == rows
    assert count <= most


def test_a_file_is_tried_on_a_hundred_skus_at_once(world: World) -> None:
    shop, _ = world
    before = len(shop.aws.calls)
    assert forecast(shop.wiring.storage, test_config(), shop.clock.now(), most=SKUS)["looked_at"] == SKUS
    assert len(shop.aws.calls) - before <= PAGES + WHO + 3 * len(("SKU", "offer", "listing", "freight"))


@pytest.mark.parametrize(("days", "read"), [(1, 0), (0, 2 * sum(ORDERS.values()))])
def test_the_status_counts_and_reads_only_orders_of_the_day(world: World, days: int, read: int) -> None:
    world[0].clock.advance(days * 86400)
    count, told = calls(world, "status")
    world[0].clock.advance(-days * 86400)
    assert told["days"]["today"]["orders"] == read // 2
    assert told["orders"] == ORDERS
    assert (told["parked_notes"], told["notices"]) == (OPEN_NOTES, {"WAITING": TROUBLED})
    due, connections, others = (
        3 * 2,
        4,
        len(
            ("kill switches", "parked notes", "what fell silent", "spent today", "spent", "open requests", "questions")
        ),
    )
    listings, orders = PAGES + 4 * ONE, len(OrderState) - 1 + (read // 100 + 2 * len(ORDERS) if read else 0)
    assert count <= CONFIG + STATES + due + 2 * connections + others + len(Trouble) + listings + orders


def test_an_order_that_waits_for_a_yes_shows_what_it_would_leave(world: World) -> None:
    _, told = calls(world, "approvals", "list")
    assert [one["supplier"] for one in told["orders"][0]["expected"]] == [SUPPLIER]


def test_each_page_ends_with_the_command_for_the_next_until_all_were_shown(world: World) -> None:
    _, operator = world
    command, seen = ["orders", "list", "--attention", "--limit", "150"], []
    for _ in range(3):
        seen += [row["name"] for row in operator(*command, "--json").json]
        _, _, more = operator(*command).out.partition("there may be more: orderwright ")
        command = shlex.split(more)
    assert seen == [f"N{number}" for number in (*range(6101, 6351), *range(6001, 6101))]
    assert command == []


def test_a_page_of_other_states_is_refused(world: World) -> None:
    _, operator = world
    for page in ("PLACED", "NEEDS_ATTENTION 2026", "nonsense"):
        assert operator("orders", "list", "--attention", "--page", page, "--json").json["error"]["code"] == "INPUT"


def test_a_name_is_looked_for_a_hundred_orders_a_call(world: World) -> None:
    count, found = calls(world, "orders", "show", "N6400")
    assert found["order_id"] == "6400"
    guesses, by_index, shown = 2, 2, 3
    assert count <= CONFIG + guesses + by_index + len(OrderState) + MOST_NAMES_READ // 100 + len(OPEN) + shown


def test_open_work_at_a_supplier_is_looked_for_a_hundred_orders_a_call(world: World) -> None:
    shop, _ = world
    left = test_config().model_dump(mode="json")
    left = {**left, "limits": {}, "connections": {name: left["connections"][name] for name in (STORE, CARRIER)}}
    before = len(shop.aws.calls)
    with pytest.raises(Refused, match="example N10000"):
        apply_config(
            Desk(shop.wiring.storage, shop.clock, "mika"), Config.model_validate(left), 1, Names(removed=[FEED])
        )
    assert len(shop.aws.calls) - before <= CONFIG + len(OPEN) + 40 + len(OPEN)
