"""Small builders of orders, offers, purchase orders and parcels for the domain's tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from orderwright.domain.catalogue import Offer
from orderwright.domain.money import Money
from orderwright.domain.order import Address, OrderLine, PaymentState, StoreOrder
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.shipment import Shipment, ShipmentLine
from orderwright.domain.unit_cost import UnitCost

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
TAMPERE = Address(
    name="Aino Esimerkki", line1="Esimerkkikatu 1 A 2", city="Tampere", postcode="33100", country_code="FI"
)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def unit_usd(text: str) -> UnitCost:
    """A cost or freight of one piece, in dollars."""
    return UnitCost.parse(text, "USD")


def line(line_id: str = "l1", sku: str = "HL-MS-400", quantity: int = 1, **more: Any) -> OrderLine:
    values = {
        "line_id": line_id,
        "sku": sku,
        "title": "Head torch",
        "quantity": quantity,
        "unfulfilled": quantity,
        "unit_price": usd("22.99"),
    }
    return OrderLine.model_validate(values | more)


def order(*lines: OrderLine, **more: Any) -> StoreOrder:
    values: dict[str, Any] = {
        "connection": "shop",
        "order_id": "1001",
        "name": "#1001",
        "created_at": NOW,
        "updated_at": NOW,
        "payment": PaymentState.PAID,
        "total": usd("22.99"),
        "refunded": usd("0"),
        "lines": lines or (line(),),
        "address": TAMPERE,
        "email": "aino@example.com",
        "phone": "+358 40 123 4567",
    }
    return StoreOrder.model_validate(values | more)


def offer(supplier: str = "cj", sku: str = "HL-MS-400", sellable: int = 10, **more: Any) -> Offer:
    values = {
        "sku": sku,
        "supplier": supplier,
        "supplier_sku": f"{supplier}-{sku}",
        "cost": unit_usd("6.40"),
        "freight": unit_usd("2.90"),
        "stock": max(sellable, 0),
        "sellable": sellable,
        "observed_at": NOW,
    }
    return Offer.model_validate(values | more)


def purchase_order(
    state: PurchaseOrderState, *line_ids: str, quantity: int = 1, supplier: str = "cj", **more: Any
) -> PurchaseOrder:
    lines = tuple(
        PurchaseOrderLine(
            line_id=line_id,
            sku="HL-MS-400",
            supplier_sku="X",
            title="Head torch",
            quantity=quantity,
            unit_cost=unit_usd("6.40"),
        )
        for line_id in line_ids or ("l1",)
    )
    values: dict[str, Any] = {
        "supplier": supplier,
        "number": 1,
        "reference": "OW-1001-1",
        "lines": lines,
        "freight": usd("2.90"),
        "state": state,
        "created_at": NOW,
    }
    return PurchaseOrder.model_validate(values | more)


def parcel(line_id: str = "l1", quantity: int = 1, **more: Any) -> Shipment:
    values: dict[str, Any] = {
        "supplier": "cj",
        "reference": "OW-1001-1",
        "tracking_number": "YT2600100123456789",
        "lines": (ShipmentLine(line_id=line_id, sku="HL-MS-400", title="Head torch", quantity=quantity),),
        "created_at": NOW,
    }
    return Shipment.model_validate(values | more)
