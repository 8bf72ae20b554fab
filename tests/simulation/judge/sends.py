"""Promise P1: two sends at most, one without a look-up. Promise P6: no step is sent for an order that is to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.judge.writes import Write, body_of

MOST_SENDS = 2


@dataclass
class Sends:
    """How often each reference was made at the supplier, and which send each purchase order opened last."""

    looks_up: bool = True
    made: Counter[str] = field(default_factory=Counter)
    opened: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def on_created(self, reference: str) -> Iterator[str]:
        """An order was made at the supplier: never more often than may be sent, whatever went wrong on the way."""
        self.made[reference] += 1
        if self.made[reference] > MOST_SENDS:
            yield f"P1: {reference} was created {self.made[reference]} times, and only {MOST_SENDS} sends are allowed"

    def on_write(self, write: Write) -> Iterator[str]:
        """A purchase order was written: does its owner send now, though it is to end?"""
        if write.table != "orders" or write.item is None or not write.sk.startswith("PO#"):
            return
        body = body_of(write.item)
        if body.get("state") != "INTENT" or not body.get("owner") or not body.get("sends"):
            return
        this = (body.get("step"), body.get("owner"), body.get("lease_until"), body.get("sends"))
        reference: str = body["reference"]
        if self.opened.get(reference) == this:
            return
        self.opened[reference] = this
        if body["sends"] > 1 and not self.looks_up:
            yield f"P1: step {body.get('step')} of {reference} is sent again, and nobody can know what became of the first send"
        if body.get("cancel_requested"):
            yield f"P6: step {body.get('step')} of {reference} is sent, although its cancellation was asked for"
