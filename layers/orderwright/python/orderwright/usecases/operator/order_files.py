"""Several orders with what decides on buying: a hundred items a call, where one order alone is read by its partition."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.records import OrderFile, details_key, order_key, purchase_order_key
from orderwright.storage import Storage


def read_orders(storage: Storage, pks: Sequence[str], suppliers: Sequence[str]) -> list[OrderFile]:
    """Each order's record, details and purchase orders at these suppliers; no parcels, no notices.

    Purchase orders are numbered from 1 at each supplier without a gap, so the next one is asked for where one was found.
    """
    records = storage.get_many([order_key(pk) for pk in pks], OrderRecord)
    details = storage.get_many([details_key(pk) for pk in pks], OrderDetails)
    files = {pk: OrderFile(pk, records.get(order_key(pk)), details.get(details_key(pk))) for pk in pks}
    number, asked = 1, list(product(pks, suppliers))
    while asked:
        keys = {purchase_order_key(pk, supplier, number): (pk, supplier) for pk, supplier in asked}
        found = storage.get_many(list(keys), PurchaseOrder)
        for key, held in found.items():
            files[key.pk].purchase_orders[key.sk] = held
        number, asked = number + 1, [keys[key] for key in found]
    return list(files.values())
