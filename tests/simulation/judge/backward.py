"""Promise P5 from our own writes: neither a parcel nor what was told of it goes backward, whatever comes late."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from orderwright.domain.shipment import FINAL
from tests.simulation.judge.writes import Write, body_of


@dataclass
class Steps:
    """Parcels and notices as they were written last."""

    before: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    def on_write(self, write: Write) -> Iterator[str]:
        """A parcel or a notice was written."""
        parcel = write.sk.startswith("SHIP#")
        if write.table != "orders" or write.item is None or not (parcel or write.sk.startswith("NOTICE#")):
            return
        after, place = body_of(write.item), (write.pk, write.sk)
        before, self.before[place] = self.before.get(place), after
        if before is None:
            return
        if parcel and before.get("state") in FINAL and after.get("state") != before.get("state"):
            yield f"P5: {write.sk} of {write.pk} was {before['state']}, and went back to {after.get('state', 'PENDING')}"
        if not parcel and after.get("rank", 0) < before.get("rank", 0):
            yield f"P5: {write.sk} of {write.pk} went back from {before['milestone']} to {after['milestone']}"
