"""What acceptance means for a store that shows "fulfilled" from then on, and for reading its orders afterwards. Pure."""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.order import StoreOrder, units_of
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import FulfillmentState, ShipmentLine, StoreFulfillment
from orderwright.domain.time_line import log_entry
from orderwright.records import OrderFile, fulfillment_key
from orderwright.storage import Due, Fact, Put
from orderwright.usecases.fulfilling.bundles import units_in_store, untold
from orderwright.usecases.order_commit import FULFILL


def opened(
    file: OrderFile, connection: str, po: PurchaseOrder, config: Config, now: datetime, who: str, correlation: str
) -> list[Put]:
    """To be committed with PLACED: the store's fulfillment of this purchase order, where its policy is ACCEPTANCE.

    One that is there stays: the supplier had accepted this purchase order before, and cancelled it in between.
    """
    store, key = config.connections.get(connection), fulfillment_key(file.pk, po.reference)
    if not isinstance(store, StoreSettings) or store.fulfilled_on != "ACCEPTANCE" or key.sk in file.fulfillments:
        return []
    entry = log_entry(now, who, f"{po.reference}: accepted, so the store is to show it as fulfilled", "", correlation)
    record = StoreFulfillment(
        supplier=po.supplier,
        reference=po.reference,
        lines=tuple(
            ShipmentLine(line_id=line.line_id, sku=line.sku, title=line.title, quantity=line.quantity)
            for line in po.lines
        ),
        created_at=now,
        log=(entry,),
    )
    return [
        Put(key, record, 0, facts=(Fact(FULFILL, connection=connection, pk=file.pk, sk=key.sk),), due=Due(now, FULFILL))
    ]


def really_unshipped(order: StoreOrder, file: OrderFile) -> StoreOrder:
    """The store's order with units counted as unfulfilled that are in no parcel yet, and no others, whatever the store shows.

    Else a line that a supplier accepted and then gave back would look shipped, and nobody would buy it again. And a part of a
    bundle that has left would look unsent until the rest is, and be bought again.
    """
    order = order.left_untold(untold(file))
    # By the store's id: a purchase order that replaces another takes over its fulfillment.
    made = {
        held.model.fulfillment_id: units_in_store(held.model)
        for held in file.fulfillments.values()
        if held.model.state is FulfillmentState.DONE and not held.model.digital
    }
    accepted = units_of(units for counted in made.values() for units in counted)
    if not accepted:
        return order
    references = {held.model.reference for held in file.fulfillments.values()}
    parcels = (held.model for held in file.shipments.values() if held.model.reference in references)
    sent = units_of((line.line_id, line.quantity) for parcel in parcels for line in parcel.lines)
    # The store shows bundles: that many pieces of each component.
    shown = {
        line.line_id: accepted.get(line.of_line or line.line_id, 0) * (line.per_bundle if line.of_line else 1)
        for line in order.lines
    }
    return order.reopened({line_id: units - sent.get(line_id, 0) for line_id, units in shown.items()})
