"""What the parts of a customer's page must say: the copies of all that the order's items say."""

from __future__ import annotations

from typing import Any

from orderwright.domain.base import Model
from orderwright.domain.customer_request import CustomerRequest
from orderwright.domain.shipment import Shipment
from orderwright.records import OrderFile, Stored
from orderwright.usecases.tracking_copies import item_part, order_part


def parts_of(file: OrderFile) -> dict[str, Model]:
    """By sort key; nothing while there is no page."""
    if file.record is None or not file.record.model.link_mark:
        return {}
    items: dict[str, Stored[Shipment] | Stored[CustomerRequest]] = {**file.shipments, **file.requests}
    own = {sk: part for sk, held in items.items() if (part := item_part(held.model)) is not None}
    return {"ORDER": order_part(file, file.record.model, {}), **own}


def wrong_parts(file: OrderFile, kept: dict[str, Any]) -> list[str]:
    """The sort keys at which the parts that are kept (their bodies) do not say what the order's items say."""
    said = {sk: part.model_dump(mode="json", exclude_defaults=True) for sk, part in parts_of(file).items()}
    return [sk for sk in sorted({*said, *kept}) if said.get(sk) != kept.get(sk)]
