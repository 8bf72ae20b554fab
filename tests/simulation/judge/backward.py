"""Promise P5 from our own writes: neither a parcel nor what was told of it goes backward, whatever comes late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from orderwright.domain.shipment import FINAL
from tests.simulation.judge.writes import Write, body_of


@dataclass
class Steps:
    """Parcels that came to an end, and how far notices had come, as they were written last."""

    ended: dict[tuple[str, str], str] = field(default_factory=dict)
    ranks: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def on_write(self, write: Write) -> Iterator[str]:
        """A parcel or a notice was written."""
        if write.table != "orders" or write.item is None:
            return
        place = (write.pk, write.sk)
        if write.sk.startswith("SHIP#"):
            state, before = body_of(write.item).get("state", "PENDING"), self.ended.pop(place, None)
            if before is not None and state != before:
                yield f"P5: {write.sk} of {write.pk} was {before}, and went back to {state}"
            if state in FINAL:
                self.ended[place] = state
        elif write.sk.startswith("NOTICE#"):
            after = body_of(write.item)
            rank, milestone = self.ranks.get(place, (0, ""))
            self.ranks[place] = after.get("rank", 0), after["milestone"]
            if after.get("rank", 0) < rank:
                yield f"P5: {write.sk} of {write.pk} went back from {milestone} to {after['milestone']}"
