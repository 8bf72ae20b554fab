"""One conditional write: versions, a writer that recognises its own lost write, facts that ride along."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from orderwright.aws.values import to_item
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import Conflict
from orderwright.records import CONTROL, Key
from orderwright.storage import Change, Delete, Fact, Put
from tests.integration.storage.storage_kit import CURSOR, OFFER, Desk, cursor

OTHER = Key(CONTROL, "CURSOR#cj", "ORDERS")
FACT = Fact("stock.poll_due", connection="cj", resource="42", detail={"page": "3"})


def test_a_new_item_starts_at_version_one_and_names_its_schema(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor("a"), 0)])
    item = desk.raw(CURSOR)
    assert (item["version"], item["schema"], item["body"]) == (1, 1, {"name": "cj", "position": "a"})
    assert len(item["writer"]) == 32


def test_what_was_read_can_be_written_and_counts_up(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor("a"), 0)])
    desk.storage.commit([Put(CURSOR, cursor("b"), 1)])
    held = desk.storage.get(CURSOR, type(cursor()))
    assert held is not None
    assert (held.model.position, held.version) == ("b", 2)


def test_an_offer_keeps_all_digits_of_its_cost(desk: Desk) -> None:
    offer = desk.offer_model(5, 0).model_copy(update={"cost": UnitCost.parse("3.275", "USD")})
    desk.storage.commit([Put(OFFER, offer, 0)])
    assert desk.raw(OFFER)["body"]["cost"] == {"amount": "3.275", "currency": "USD"}
    assert desk.held_offer() == offer


def test_an_offer_that_an_older_version_wrote_is_read(desk: Desk) -> None:
    desk.offer()
    item = desk.raw(OFFER)
    before = {"minor": 640, "currency": "USD"}
    item["body"] |= {"cost": before, "freight": before}
    desk.client.put_item(TableName=desk.tables[OFFER.table], Item=to_item(item))
    assert desk.held_offer() == desk.offer_model(5, 0)


def test_an_item_that_must_be_new_and_exists_is_a_conflict(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor("a"), 0)])
    with pytest.raises(Conflict):
        desk.storage.commit([Put(CURSOR, cursor("b"), 0)])
    assert desk.raw(CURSOR)["body"]["position"] == "a"


def test_a_stale_version_is_a_conflict_and_changes_nothing(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor("a"), 0)])
    desk.storage.commit([Put(CURSOR, cursor("b"), 1)])
    with pytest.raises(Conflict):
        desk.storage.commit([Put(CURSOR, cursor("c"), 1)])
    assert desk.raw(CURSOR)["body"]["position"] == "b"


def test_a_version_of_an_item_that_is_gone_is_a_conflict(desk: Desk) -> None:
    with pytest.raises(Conflict):
        desk.storage.commit([Put(CURSOR, cursor("c"), 3)])
    assert desk.raw(CURSOR) == {}


def test_a_transaction_is_all_or_nothing(desk: Desk) -> None:
    desk.storage.commit([Put(OTHER, cursor("old"), 0)])
    with pytest.raises(Conflict):
        desk.storage.commit([Put(CURSOR, cursor("a"), 0), Put(OTHER, cursor("new"), 0)])
    assert desk.raw(CURSOR) == {}
    assert desk.raw(OTHER)["body"]["position"] == "old"


def test_a_deleted_item_must_still_have_the_version_that_was_read(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor("a"), 0)])
    with pytest.raises(Conflict):
        desk.storage.commit([Delete(CURSOR, 2)])
    desk.storage.commit([Delete(CURSOR, 1)])
    assert desk.raw(CURSOR) == {}


def test_a_single_write_whose_answer_was_lost_is_recognised_as_our_own(desk: Desk) -> None:
    desk.retrying("PutItem").commit([Put(CURSOR, cursor("a"), 0)])
    assert desk.raw(CURSOR)["version"] == 1
    desk.retrying("PutItem").commit([Put(CURSOR, cursor("b"), 1)])
    assert (desk.raw(CURSOR)["version"], desk.raw(CURSOR)["body"]["position"]) == (2, "b")


def test_a_transaction_whose_answer_was_lost_is_recognised_as_our_own(desk: Desk) -> None:
    changes = [Put(CURSOR, cursor("a"), 0), Put(OTHER, cursor("a"), 0)]
    desk.retrying("TransactWriteItems").commit(changes)
    assert (desk.raw(CURSOR)["version"], desk.raw(OTHER)["version"]) == (1, 1)


def test_a_foreign_write_between_two_tries_is_still_a_conflict(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor("theirs"), 0)])
    with pytest.raises(Conflict):
        desk.retrying("PutItem").commit([Put(CURSOR, cursor("ours"), 0)])
    with pytest.raises(Conflict):
        desk.retrying("TransactWriteItems").commit([Put(CURSOR, cursor("ours"), 0), Put(OTHER, cursor("ours"), 0)])
    assert desk.raw(CURSOR)["body"]["position"] == "theirs"
    assert desk.raw(OTHER) == {}


def test_facts_ride_in_the_item_as_one_text(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor(), 0, facts=(FACT, Fact("alert.raised", topic="X")))])
    assert json.loads(desk.raw(CURSOR)["facts"]) == [
        {"type": "stock.poll_due", "connection": "cj", "resource": "42", "detail": {"page": "3"}},
        {"type": "alert.raised", "topic": "X"},
    ]


def test_the_next_write_takes_the_facts_away(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor(), 0, facts=(FACT,), ref="r", state="OPEN")])
    desk.storage.commit([Put(CURSOR, cursor("b"), 1)])
    assert set(desk.raw(CURSOR)) == {"pk", "sk", "schema", "version", "writer", "body"}


def test_twenty_facts_fit_and_one_more_is_refused(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor(), 0, facts=(FACT,) * 20)])
    assert len(json.loads(desk.raw(CURSOR)["facts"])) == 20
    with pytest.raises(ValueError, match="21 facts in one item; at most 20"):
        desk.storage.commit([Put(CURSOR, cursor(), 1, facts=(FACT,) * 21)])
    assert desk.raw(CURSOR)["version"] == 1


def test_a_hundred_writes_fit_into_a_commit_and_one_more_is_refused(desk: Desk) -> None:
    puts: list[Change] = [Put(Key(CONTROL, "CURSOR#many", f"{n:03}"), cursor(), 0) for n in range(101)]
    with pytest.raises(ValueError, match="101 writes in one commit; DynamoDB takes 100"):
        desk.storage.commit(puts)
    assert [key for key, _ in desk.storage.list_raw(CONTROL, "CURSOR#many")] == []
    desk.storage.commit(puts[:100])
    assert len([key for key, _ in desk.storage.list_raw(CONTROL, "CURSOR#many")]) == 100


def test_nothing_to_write_calls_nobody(desk: Desk) -> None:
    desk.over(None).commit([])


class _Busy:
    """A client whose transactions meet others' for a while; everything else goes through."""

    def __init__(self, client: Any, times: int) -> None:
        self._client = client
        self.left = times
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def transact_write_items(self, **request: Any) -> Any:
        """As DynamoDB says it: cancelled, with one reason for each item."""
        self.calls += 1
        if self.left:
            self.left -= 1
            reasons = [{"Code": "None"} for _ in request["TransactItems"]]
            reasons[0] = {"Code": "TransactionConflict"}
            error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise self._client.exceptions.TransactionCanceledException(error, "TransactWriteItems")
        return self._client.transact_write_items(**request)


def test_a_transaction_that_meets_another_is_tried_again_after_growing_pauses(desk: Desk) -> None:
    busy = _Busy(desk.client, 3)
    desk.over(busy).commit([Put(CURSOR, cursor(), 0), Put(OTHER, cursor(), 0)])
    assert desk.raw(CURSOR)["version"] == 1
    assert desk.slept == [0.02, 0.04, 0.08]


def test_a_transaction_that_never_gets_through_is_a_conflict(desk: Desk) -> None:
    busy = _Busy(desk.client, 100)
    with pytest.raises(Conflict, match="other transactions"):
        desk.over(busy).commit([Put(CURSOR, cursor(), 0), Put(OTHER, cursor(), 0)])
    assert busy.calls == 6
    assert desk.raw(CURSOR) == {}


def test_a_failed_condition_is_never_tried_again(desk: Desk) -> None:
    desk.storage.commit([Put(CURSOR, cursor(), 0)])
    busy = _Busy(desk.client, 0)
    with pytest.raises(Conflict):
        desk.over(busy).commit([Put(CURSOR, cursor(), 0), Put(OTHER, cursor(), 0)])
    assert (busy.calls, desk.slept) == (1, [])


def test_any_other_refusal_comes_out_as_it_is(desk: Desk) -> None:
    """DynamoDB's answer to a missing table is no conflict: nobody should read again and retry for ever."""
    desk.tables["control"] = "nowhere"
    with pytest.raises(ClientError, match="ResourceNotFound"):
        desk.storage.commit([Put(CURSOR, cursor(), 0)])
