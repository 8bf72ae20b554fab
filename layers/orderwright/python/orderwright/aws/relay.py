"""Stream records to queues. A bad record goes, keys only, to the dead letters; only a refusal of SQS is raised."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from orderwright.aws.values import from_item
from orderwright.domain.clock_text import utc_text
from orderwright.messages import Message
from orderwright.usecases.relay_facts import BadFacts, messages_of


def relay(
    records: Sequence[Mapping[str, Any]],
    *,
    send: Callable[[Sequence[Message]], None],
    park: Callable[[str], None],
    at: datetime,
) -> tuple[int, int]:
    """Gives (messages sent, records parked)."""
    messages: list[Message] = []
    bad = 0
    for record in records:
        change = record.get("dynamodb", {})
        try:
            image = from_item(change.get("NewImage", {}))
            messages += messages_of(image, utc_text(at))
        except (BadFacts, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            bad += 1
            park(json.dumps({"keys": change.get("Keys", {}), "problem": str(error)[:200]}))
    if messages:
        send(messages)
    return len(messages), bad
