"""Reading: one partition, the sparse indexes, what is due, and the log that moves out of a long item."""

from __future__ import annotations

from datetime import timedelta
from zlib import crc32

import pytest

from orderwright.aws.writes import due_shard
from orderwright.domain.money import Money
from orderwright.domain.operations import ParkedNote
from orderwright.domain.order import (
    OrderDetails,
    OrderLine,
    OrderRecord,
    OrderState,
    PaymentState,
)
from orderwright.domain.time_line import LogEntry
from orderwright.records import CATALOGUE, CONTROL, ORDERS, Key, details_key, order_key, tracking_ref
from orderwright.storage import Due, Put
from tests.integration.storage.storage_kit import CURSOR, START, Desk, cursor

PK = "lamp-shop#1042"
USD = Money(minor=2299, currency="USD")


def order(log: tuple[LogEntry, ...] = (), state: OrderState = OrderState.PLACING) -> OrderRecord:
    """Our half of an order without any person."""
    return OrderRecord(
        connection="lamp-shop",
        order_id="1042",
        name="#1042",
        state=state,
        payment=PaymentState.PAID,
        total=USD,
        refunded=Money.zero("USD"),
        created_at=START,
        store_updated_at=START,
        seen_at=START,
        log=log,
    )


def line(number: int) -> LogEntry:
    """One line of a time line."""
    return LogEntry(at=START + timedelta(seconds=number), who="test", what=f"line {number}")


def test_one_read_gives_both_halves_of_an_order_and_other_orders_stay_out(desk: Desk) -> None:
    sold = OrderLine(line_id="1", title="lamp", quantity=1, unfulfilled=1, unit_price=USD)
    changes = [Put(order_key(PK), order(), 0), Put(details_key(PK), OrderDetails(lines=(sold,)), 0)]
    desk.storage.commit(changes)
    desk.storage.commit([Put(order_key("lamp-shop#10420"), order(), 0)])
    file = desk.storage.load_order(PK)
    assert file.record is not None
    assert file.details is not None
    assert file.record.model == order()
    assert file.details.model.lines == (sold,)
    assert desk.storage.load_order("lamp-shop#7").record is None


def test_a_long_time_line_keeps_every_entry_and_their_order(desk: Desk) -> None:
    log: tuple[LogEntry, ...] = ()
    version = 0
    for number in range(45):
        log = (*log, line(number))
        desk.storage.commit([Put(order_key(PK), order(log), version)])
        file = desk.storage.load_order(PK)
        assert file.record is not None
        log, version = file.record.model.log, file.record.version
        assert len(log) <= 24
    archived = [entry["what"] for item in desk.storage.query(ORDERS, PK, "LOG#ORDER#") for entry in item["body"]["log"]]
    assert [*archived, *(entry.what for entry in log)] == [f"line {number}" for number in range(45)]


def test_a_log_is_not_archived_by_a_write_that_was_refused(desk: Desk) -> None:
    desk.storage.commit([Put(order_key(PK), order(tuple(map(line, range(20)))), 0)])
    with pytest.raises(Exception, match="changed by somebody else"):
        desk.storage.commit([Put(order_key(PK), order(tuple(map(line, range(30)))), 7)])
    assert [key for key, _ in desk.storage.list_raw(ORDERS, PK)] == [order_key(PK)]


def test_archived_lines_carry_no_facts_and_wake_nobody(desk: Desk) -> None:
    due = Due(START, "order.due")
    desk.storage.commit([Put(order_key(PK), order(tuple(map(line, range(30)))), 0, due=due)])
    (item,) = desk.storage.query(ORDERS, PK, "LOG#")
    assert set(item) == {"pk", "sk", "schema", "version", "writer", "body"}


def test_an_item_is_found_by_its_reference_until_a_write_without_one(desk: Desk) -> None:
    key = Key(ORDERS, PK, "SHIP#OW-1#AB12")
    desk.storage.commit([Put(key, cursor(), 0, ref=tracking_ref(" ab12 "))])
    assert desk.storage.find(ORDERS, "track#AB12") == [key]
    assert desk.storage.find(ORDERS, "track#AB1") == []
    desk.storage.commit([Put(key, cursor(), 1)])
    assert desk.storage.find(ORDERS, "track#AB12") == []


def test_items_of_a_state_come_with_the_oldest_change_first(desk: Desk) -> None:
    for number in (3, 1, 2):
        desk.advance(10)
        desk.storage.commit([Put(order_key(f"lamp-shop#{number}"), order(), 0, state="PLACING")])
    found = desk.storage.in_state(ORDERS, "PLACING", 10)
    assert [key.pk for key in found] == ["lamp-shop#3", "lamp-shop#1", "lamp-shop#2"]
    assert desk.storage.in_state(ORDERS, "PLACING", 2) == found[:2]
    assert desk.storage.in_state(ORDERS, "PLACED", 10) == []
    last = desk.at
    assert desk.storage.in_state(ORDERS, "PLACING", 10, last) == found[2:]
    assert desk.storage.in_state(ORDERS, "PLACING", 10, last - timedelta(seconds=10)) == found[1:]


def test_a_state_is_counted_and_read_on_behind_any_of_its_places(desk: Desk) -> None:
    names = ["lamp-shop#2", "lamp shop%#1", "lamp-shop#3"]
    for pk in names:
        desk.advance(10)
        desk.storage.commit([Put(order_key(pk), order(), 0, state="PLACING")])
    places = desk.storage.state_page(ORDERS, "PLACING", 10)
    assert [key.pk for key, _ in places] == names
    assert desk.storage.state_page(ORDERS, "PLACING", 1, places[0][1]) == places[1:2]
    assert desk.storage.state_page(ORDERS, "PLACING", 10, places[1][1]) == places[2:]
    assert desk.storage.state_page(ORDERS, "PLACING", 10, places[2][1]) == []
    assert [desk.storage.count_in_state(ORDERS, state, 10) for state in ("PLACING", "PLACED")] == [3, 0]
    assert desk.storage.count_in_state(ORDERS, "PLACING", 2) == 2
    with pytest.raises(ValueError, match="no place"):
        desk.storage.state_page(ORDERS, "PLACING", 10, "lamp-shop#2")


def test_many_items_come_in_the_order_of_their_keys_without_what_is_missing(desk: Desk) -> None:
    keys = [Key(CONTROL, "CURSOR#cj", f"{number:03}") for number in range(130)]
    for number in (0, 99, 100, 129):
        desk.storage.commit([Put(keys[number], cursor(f"{number}"), 0)])
    desk.storage.commit([Put(order_key(PK), order(), 0)])
    # The first thing that this worker reads: no table's name is known to it yet.
    found = desk.over(desk.client).get_many([*reversed(keys), keys[99]], type(cursor()))
    assert [(key.sk, held.model.position) for key, held in found.items()] == [
        ("129", "129"), ("100", "100"), ("099", "99"), ("000", "0"),
    ]  # fmt: skip
    assert desk.storage.get_many([], OrderRecord) == {}
    assert [key.sk for key, _ in desk.storage.list_raw(CONTROL, "CURSOR#cj", "1")] == ["100", "129"]


def test_all_orders_of_a_connection_are_found_over_all_states_and_no_other_connection(desk: Desk) -> None:
    for pk, state in (("a#1", "PLACED"), ("a#2", "DELIVERED"), ("ab#3", "PLACED")):
        desk.storage.commit([Put(order_key(pk), order(), 0, state=state)])
    assert [pk for pk, _ in desk.storage.orders_behind("a", "", 10)] == ["a#1", "a#2"]


def test_orders_come_page_by_page_though_those_that_were_seen_are_written_meanwhile(desk: Desk) -> None:
    for number in range(30):
        desk.advance(1)
        pk = f"{'ab' if number % 3 else 'a'}#{number}"
        desk.storage.commit([Put(order_key(pk), order(), 0, state="PLACED" if number % 2 else "DELIVERED")])
    seen: list[str] = []
    cursor = ""
    while page := desk.storage.orders_behind("a", cursor, 2):
        cursor = page[-1][1]
        for pk, _ in page:
            if pk not in seen:
                desk.advance(1)
                state = "PLACED" if int(pk[2:]) % 2 else "DELIVERED"
                desk.storage.commit([Put(order_key(pk), order(), 1, state=state)])
            seen.append(pk)
    assert set(seen) == {f"a#{number}" for number in range(0, 30, 3)}
    assert len(seen) == 20, "what is written meanwhile comes once more, at the end"


def test_overdue_work_of_both_shards_comes_with_its_message_and_what_is_not_yet_due_stays(desk: Desk) -> None:
    pks = [f"lamp-shop#{number}" for number in range(12)]
    assert {due_shard(pk) for pk in pks} == {"due-0", "due-1"}
    for number, pk in enumerate(pks):
        due = Due(START + timedelta(minutes=12 - number), "order.due" if number % 2 else "purchase_order.due")
        desk.storage.commit([Put(order_key(pk), order(), 0, due=due)])
    found = desk.storage.due(ORDERS, START + timedelta(minutes=6), 100)
    assert {(key.pk, kind) for key, kind in found} == {
        (pk, "order.due" if number % 2 else "purchase_order.due") for number, pk in enumerate(pks) if 12 - number <= 6
    }
    assert all(key.sk == "ORDER" for key, _ in found)
    for shard in ("due-0", "due-1"):
        of_shard = [pks.index(key.pk) for key, _ in found if due_shard(key.pk) == shard]
        assert of_shard == sorted(of_shard, reverse=True), "oldest due time first"


def test_what_is_due_exactly_now_is_due(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor(), 0, due=Due(START, "stock.poll_due"))])
    assert desk.storage.due(CONTROL, START, 10) == [(CURSOR, "stock.poll_due")]
    assert desk.storage.due(CONTROL, START - timedelta(microseconds=1), 10) == []


def test_a_write_without_a_due_time_ends_the_waiting(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor(), 0, due=Due(START, "stock.poll_due"))])
    desk.storage.commit([Put(CURSOR, cursor(), 1)])
    assert desk.storage.due(CONTROL, START + timedelta(days=1), 10) == []


def test_the_shard_follows_the_partition_only() -> None:
    assert due_shard(PK) == f"due-{crc32(PK.encode()) % 2}"


def test_more_items_than_one_page_of_dynamodb_are_all_read(desk: Desk) -> None:
    """A page ends at 1 MB; six items of 200 kB need two."""
    for number in range(6):
        note = ParkedNote(
            connection="a",
            topic="t",
            delivery_id=str(number),
            reason="r",
            at=START,
            detail={f"k{part}": "x" * 1000 for part in range(200)},
        )
        desk.storage.commit([Put(Key(CONTROL, "PARKED", f"{number}"), note, 0)])
    assert [item["sk"] for item in desk.storage.query(CONTROL, "PARKED")] == list("012345")


def test_a_missing_item_is_none(desk: Desk) -> None:
    assert desk.storage.get(CURSOR, type(cursor())) is None
    assert desk.storage.get_raw(Key(CATALOGUE, "SKU#none", "SKU")) is None
    assert desk.storage.load_skus(["a", "b", "a"]).keys() == {"a", "b"}
