"""What the lists cost: calls to AWS, with 10,000 orders in the tables.

A key in an index is at most 200 bytes and a page of DynamoDB 1 MB: 5,000 orders are counted a call. By their keys 100 are read.
"""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator
from contextvars import copy_context
from datetime import timedelta
from math import ceil
from typing import Any

import pytest

from orderwright.aws.writes import put_item
from orderwright.domain.base import Model
from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.operations import ParkedNote
from orderwright.domain.order import Address, OrderDetails, OrderLine, OrderRecord, OrderState, PaymentState, Reason
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Milestone, Notice, NoticeState, Trouble
from orderwright.records import (
    CONTROL,
    Key,
    details_key,
    notice_key,
    notice_state,
    order_key,
    order_pk,
    purchase_order_key,
)
from orderwright.storage import Put
from orderwright.usecases.intake.parked import OPEN as NOTE_OPEN
from orderwright.usecases.intake.parked import PARKED_PK
from orderwright.usecases.listing.decide import STEP
from orderwright.usecases.operator.applying import apply_config
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.find import MOST_NAMES_READ
from orderwright.usecases.operator.listing import OPEN
from tests.support.shop import CARRIER, FEED, START, STORE, SUPPLIER, Shop, test_config
from tests.unit.cli.cli_kit import Operator, operator_of

ORDERS = {"DELIVERED": 6000, "AWAITING_APPROVAL": 100, "NEEDS_ATTENTION": 250, "PLACED": 2500, "SHIPPED": 1150}
OPEN_ORDERS = 4000
SKUS, PRICES, TROUBLED, NOTES = 300, 30, 120, 400
SOLD = "HL-MS-400"
USD = Money(minor=2299, currency="USD")
A_KEY, A_NOTE, A_PAGE, A_BATCH = 200, 1000, 1_000_000, 100
CONFIG = 1
"""Each command reads which configuration is in force."""


def written(shop: Shop) -> Iterator[Put]:
    """The whole world, as changes."""
    times = itertools.count()
    numbers = itertools.count(1)
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
            pk = order_pk(STORE, f"{number}")
            named = record.model_copy(update={"order_id": f"{number}", "name": f"N{number}"})
            yield Put(order_key(pk), named, next(times), state=state)
            if why:
                yield Put(details_key(pk), details, 0)
    key = purchase_order_key(pk, SUPPLIER, 1)
    yield Put(
        key, PurchaseOrder(supplier=SUPPLIER, number=1, reference="OW1", lines=(), freight=USD, created_at=START), 0
    )
    notice = Notice(
        subject="ORDER",
        channel="email",
        milestone=Milestone.CONFIRMED,
        state=NoticeState.WAITING,
        rank=1,
        cause="PAUSED",
    )
    for number in range(9000, 9000 + TROUBLED):
        key = notice_key(order_pk(STORE, f"{number}"), "ORDER", "email")
        yield Put(key, notice, next(times), state=notice_state(Trouble.WAITING.value))
    for number in range(NOTES):
        note = ParkedNote(
            connection=STORE, topic="t", delivery_id=f"{number}", reason="R", at=START, done=number >= 100
        )
        yield Put(Key(CONTROL, PARKED_PK, f"{STORE}#{number}"), note, next(times), state=NOTE_OPEN)
    good = shop.wiring.storage.load_sku(SOLD)
    assert good.record
    waits = {"pending_price": USD, "reasons": (Reason(code=STEP, message="a large step"),)}
    for number in range(SKUS):
        sku = f"SKU-{number}"
        parts: list[tuple[str, Model, str]] = [("SKU", good.record.model, "SKU")]
        parts += [(f"OFFER#{SUPPLIER}", good.offers[SUPPLIER].model, "")]
        parts += [
            (f"LISTING#{STORE}", good.listings[STORE].model.model_copy(update=waits if number < PRICES else {}), "")
        ]
        for sk, model, state in parts:
            copied = model.model_copy(update={"sku": sku})
            yield Put(Key("catalogue", f"SKU#{sku}", sk), copied, next(times), state=state)


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
def world() -> Iterator[tuple[Shop, Operator]]:
    """10,000 orders and what goes with them."""
    shop = Shop()
    shop.stock_up()
    copy_context().run(fill, shop.aws.account, written(shop))
    yield shop, operator_of(shop)
    shop.close()


def calls(world: tuple[Shop, Operator], *command: str) -> tuple[int, Any]:
    """How often AWS was asked, and the answer."""
    shop, operator = world
    before = len(shop.aws.calls)
    said = operator(*command, "--json")
    assert said.code == 0, said.err
    return len(shop.aws.calls) - before, said.json


def test_a_list_reads_a_page_of_keys_for_each_state_and_a_hundred_orders_a_call(world: tuple[Shop, Operator]) -> None:
    for command, limit in ((["--limit", "50"], 50), (["--limit", "1000"], 1000), (["--connection", STORE], 50)):
        count, rows = calls(world, "orders", "list", *command)
        assert len(rows) == limit
        assert count <= CONFIG + 2 * len(OPEN) + limit // A_BATCH, command


def test_each_page_ends_with_the_command_for_the_next_until_all_were_shown(world: tuple[Shop, Operator]) -> None:
    _, operator = world
    command, seen = ["orders", "list", "--attention", "--limit", "150"], []
    for _ in range(3):
        seen += [row["name"] for row in operator(*command, "--json").json]
        _, _, more = operator(*command).out.partition("there may be more: orderwright ")
        command = shlex.split(more)
    assert seen == [f"N{number}" for number in (*range(6101, 6351), *range(6001, 6101))]
    assert command == []


def test_a_page_of_other_states_is_refused(world: tuple[Shop, Operator]) -> None:
    _, operator = world
    for page in ("PLACED", "NEEDS_ATTENTION 2026", "nonsense"):
        assert operator("orders", "list", "--attention", "--page", page, "--json").json["error"]["code"] == "INPUT"


def test_a_name_is_looked_for_a_hundred_orders_a_call(world: tuple[Shop, Operator]) -> None:
    count, found = calls(world, "orders", "show", "N6400")
    assert found["order_id"] == "6400"
    guesses, by_index, shown = 2, 2, 3
    assert count <= CONFIG + guesses + by_index + len(OrderState) + MOST_NAMES_READ // A_BATCH + len(OPEN) + shown


def test_open_work_at_a_supplier_is_looked_for_a_hundred_orders_a_call(world: tuple[Shop, Operator]) -> None:
    shop, _ = world
    left = test_config().model_dump(mode="json")
    left = {**left, "limits": {}, "connections": {name: left["connections"][name] for name in (STORE, CARRIER)}}
    before = len(shop.aws.calls)
    with pytest.raises(Refused, match=f"example {STORE}#10000"):
        apply_config(Desk(shop.wiring.storage, shop.clock, "mika"), Config.model_validate(left), 1, removed=[FEED])
    assert len(shop.aws.calls) - before <= CONFIG + len(OPEN) + ceil(OPEN_ORDERS / A_BATCH) + len(OPEN)


def test_the_status_counts_and_reads_no_order(world: tuple[Shop, Operator]) -> None:
    count, told = calls(world, "status")
    assert told["orders"] == ORDERS
    assert (told["parked_notes"], told["notices"]) == (100, {"WAITING": TROUBLED})
    of_orders = sum(ceil(ORDERS.get(state, 1) * A_KEY / A_PAGE) for state in OrderState)
    due, connections, others = 3 * 2, 4, len(("kill switches", "what fell silent", "spent today"))
    assert count <= CONFIG + of_orders + due + connections + others + len(Trouble) + ceil(NOTES * A_NOTE / A_PAGE)


def test_what_waits_for_a_yes_is_read_a_hundred_items_a_call(world: tuple[Shop, Operator]) -> None:
    count, told = calls(world, "approvals", "list", "--limit", f"{SKUS}")
    waiting = ORDERS["AWAITING_APPROVAL"]
    assert (len(told["orders"]), len(told["prices"])) == (waiting, PRICES)
    assert [one["supplier"] for one in told["orders"][0]["expected"]] == [SUPPLIER]
    orders = 1 + len(("rows", "records", "details", "purchase orders")) * ceil(waiting / A_BATCH)
    prices = 1 + ceil(SKUS / A_BATCH)
    files = len(("SKU", "offer", "listing")) * 2 + len(("freight",))
    assert count <= 3 * CONFIG + orders + prices + files


def test_parked_notes_come_a_page_a_call(world: tuple[Shop, Operator]) -> None:
    count, rows = calls(world, "parked", "list")
    assert len(rows) == 100
    assert count <= ceil(NOTES * A_NOTE / A_PAGE)


def test_messages_in_trouble_come_with_their_orders_a_hundred_a_call(world: tuple[Shop, Operator]) -> None:
    count, rows = calls(world, "notices", "list")
    assert [row["order"] for row in rows] == [f"N{number}" for number in range(9000, 9000 + TROUBLED)]
    assert count <= len(Trouble) + 2 * ceil(TROUBLED / A_BATCH)


@pytest.mark.parametrize("command", ["list", "map"])
def test_the_catalogue_is_read_a_hundred_skus_at_once(world: tuple[Shop, Operator], command: str) -> None:
    count, rows = calls(world, "catalogue", command, "--limit", f"{SKUS}")
    assert [row["sku"] for row in rows][-1].startswith("SKU-")
    assert len(rows) == SKUS
    kinds = len(("SKU", "its one offer", "its one listing"))
    assert count <= 2 * CONFIG + ceil(SKUS * A_KEY / A_PAGE) + kinds * ceil(SKUS / A_BATCH)
