"""Units that the store put back on its own shelf: cancelled, refunded or edited out, whatever was bought by then (promise P3).

It counts them as free at once, while they may be reserved or bought here. So its number is looked at again, even where
ours has not changed. Whether the store was told to restock is not asked: looking costs one read, and sets what differs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from orderwright.domain.order import OrderLine, StoreOrder
from orderwright.messages import PUT_BACK
from orderwright.records import OrderFile
from orderwright.storage import Fact

SKUS_PER_FACT = 40
"""An item holds 20 facts, and an order may have hundreds of lines."""


def put_back_facts(order: StoreOrder, file: OrderFile) -> list[Fact]:
    """Have the store's numbers looked at; nothing for an order of which only more is sold, or as much as before."""
    skus = sorted(set(filter(None, _skus(order, file))))
    return [
        Fact(
            "offer.changed",
            connection=order.connection,
            detail={PUT_BACK: json.dumps(skus[start : start + SKUS_PER_FACT], separators=(",", ":"))},
        )
        for start in range(0, len(skus), SKUS_PER_FACT)
    ]


def _skus(order: StoreOrder, file: OrderFile) -> Iterator[str]:
    """By what was stored in the same commit as the last facts: each change is seen once."""
    before = file.record.model if file.record else None
    if before is None:
        # Sold and taken back before it was ever seen: a push in between may have set the number without that sale.
        taken_back = order.cancelled_at is not None or order.refunded.minor > 0
        yield from (_sold_as(line) for line in order.lines if taken_back or line.quantity == 0)
        return
    old = file.details.model.lines if file.details else ()
    if order.cancelled_at is not None and not before.cancelled:
        yield from map(_sold_as, (*old, *order.lines))
        return
    now = {line.line_id: line.quantity for line in order.lines}
    yield from (_sold_as(line) for line in old if now.get(line.line_id, 0) < line.quantity)


def _sold_as(line: OrderLine) -> str:
    """What the store counts: of a component the bundle."""
    return line.bundle or line.sku
