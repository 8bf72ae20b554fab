"""The messages between functions: one golden file each, and everything else is refused by the name of its field (P8, P9)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orderwright.messages import QUEUE_OF, SCHEMA, Message, NotAMessage, parse

GOLDEN = Path(__file__).parents[2] / "events" / "messages"
TYPES = sorted(QUEUE_OF)


def golden(kind: str) -> dict[str, Any]:
    """The fields of a golden message."""
    fields: dict[str, Any] = json.loads((GOLDEN / f"{kind}.v{SCHEMA}.json").read_bytes())
    return fields


def test_every_type_has_a_golden_file_and_every_golden_file_a_type() -> None:
    assert sorted(file.name for file in GOLDEN.iterdir()) == sorted(f"{kind}.v{SCHEMA}.json" for kind in TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_a_golden_message_is_read_and_written_without_loss(kind: str) -> None:
    message = parse(json.dumps(golden(kind)))
    assert message.type == kind
    assert message.queue == QUEUE_OF[kind]
    assert json.loads(message.to_json()) == golden(kind)
    assert parse(message.to_json()) == message


@pytest.mark.parametrize("kind", TYPES)
def test_p8_a_golden_message_holds_nothing_that_looks_like_a_person(kind: str) -> None:
    text = (GOLDEN / f"{kind}.v{SCHEMA}.json").read_text("utf-8")
    assert "@example" not in text
    assert not {"email", "phone", "name", "address", "address1", "customer"} & set(golden(kind).get("detail", {}))


@pytest.mark.parametrize("kind", TYPES)
def test_a_group_is_what_sqs_takes(kind: str) -> None:
    group = parse(json.dumps(golden(kind))).group
    assert 0 < len(group) <= 128
    assert group.isascii()
    assert group.isprintable()
    assert " " not in group


def test_empty_fields_are_left_out_and_come_back_as_defaults() -> None:
    message = Message("order.due", "1", "2026-11-22T08:00:00.000000Z")
    assert set(json.loads(message.to_json())) == {"type", "id", "at", "schema"}
    assert parse(message.to_json()) == message


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surprise": 1}, "unknown fields: surprise"),
        ({"type": "order.exploded"}, "type is not known"),
        ({"type": 5}, "type must be text"),
        ({"id": ""}, "id is missing"),
        ({"at": None}, "at must be text"),
        ({"pk": ["a"]}, "pk must be text"),
        ({"resource": 6102}, "resource must be text"),
        ({"detail": {"count": 3}}, "detail must map text to text"),
        ({"detail": ["a"]}, "detail must map text to text"),
        ({"schema": 2}, "schema must be 1"),
        ({"schema": "1"}, "schema must be 1"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(change: dict[str, Any], told: str) -> None:
    with pytest.raises(NotAMessage, match=told):
        parse(json.dumps(golden("order.changed") | change))


@pytest.mark.parametrize("name", ["type", "id", "at", "schema"])
def test_a_missing_field_is_refused_by_its_name(name: str) -> None:
    fields = golden("order.changed")
    del fields[name]
    with pytest.raises(NotAMessage, match=name):
        parse(json.dumps(fields))


@pytest.mark.parametrize("body", ["", "{", "null", "[]", '"text"', "7", "\x00", "[" * 200_000, '{"a":' * 100_000])
def test_what_is_no_json_object_is_refused(body: str) -> None:
    with pytest.raises(NotAMessage, match="the body is not"):
        parse(body)


def test_p8_a_refusal_never_shows_a_value() -> None:
    for change in ({"type": "aino@example.com"}, {"detail": {"x": ["aino@example.com"]}}, {"pk": ["aino@example.com"]}):
        with pytest.raises(NotAMessage) as refused:
            parse(json.dumps(golden("order.changed") | change))
        assert "aino" not in str(refused.value)
