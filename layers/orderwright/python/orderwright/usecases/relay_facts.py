"""Facts that rode in an item become messages. Pure: one stream image in, messages out."""

from __future__ import annotations

import json
from typing import Any

from orderwright.messages import Message, parse


class BadFacts(ValueError):
    """An item's facts cannot be read. The text names the key, never the content."""


def messages_of(image: dict[str, Any], at: str) -> list[Message]:
    """The messages of one new image, each with the id key#version#n. Raises BadFacts."""
    pk, sk, version = str(image.get("pk", "")), str(image.get("sk", "")), image.get("version", 0)
    try:
        facts = json.loads(image.get("facts", "[]"))
        return [
            _message(fact, f"{pk}#{sk}#{version}#{number}", at, str(image.get("writer", "")))
            for number, fact in enumerate(facts)
        ]
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise BadFacts(f"facts of {pk} {sk} version {version}: {type(error).__name__}") from None


def _message(fact: dict[str, Any], fact_id: str, at: str, writer: str) -> Message:
    message = Message(
        type=fact["type"],
        id=fact_id[:200],
        at=at,
        connection=fact.get("connection", ""),
        pk=fact.get("pk", ""),
        sk=fact.get("sk", ""),
        resource=fact.get("resource", ""),
        topic=fact.get("topic", ""),
        correlation=fact.get("correlation", "") or writer[:32],
        detail=dict(fact.get("detail", {})),
    )
    # What its function would refuse is refused here, where it holds up nothing: a worker would try it five times.
    return parse(message.to_json())
