"""Guards on the way to stores (promises P1 and P2), missed in shops that sell in WooCommerce and BigCommerce."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

from orderwright.connectors.stores.bigcommerce.orders import BigCommerceOrders
from orderwright.connectors.stores.woocommerce.fulfilling import WooFulfilling
from orderwright.usecases import reconcile_store
from tests.simulation.modes.hunting import Guard
from tests.simulation.modes.paths import Path
from tests.simulation.modes.stores import StorePlanned

SILENT = ("accept_then_timeout",)


def _sees_no_parcel(kind: Any) -> AbstractContextManager[object]:
    real = kind.read_fulfillment
    return patch.object(kind, "read_fulfillment", lambda self, order_id: real(self, order_id)._replace(made=()))


def _misses_nothing() -> AbstractContextManager[object]:
    return patch.object(reconcile_store, "_is_missed", lambda *_: False)


STORES: tuple[Guard, ...] = (
    Guard(
        "a WooCommerce shop is read before a parcel is recorded again",
        "P1",
        "what a shop did not confirm is recorded a second time",
        lambda: _sees_no_parcel(WooFulfilling),
        "recorded",
        StorePlanned(
            Path("silent shop", (("woocommerce", "createFulfillment", SILENT),), split=True), kind="woocommerce"
        ),
    ),
    Guard(
        "a BigCommerce store is read before a parcel is recorded again",
        "P1",
        "what a store did not confirm is recorded a second time",
        lambda: _sees_no_parcel(BigCommerceOrders),
        "recorded",
        StorePlanned(
            Path("silent store", (("bigcommerce", "createOrderShipments", SILENT),), split=True), kind="bigcommerce"
        ),
    ),
    Guard(
        "a shop that never repeats a webhook is asked what changed",
        "P2",
        "an order whose one webhook was lost is never seen",
        _misses_nothing,
        "P2",
        StorePlanned(
            Path("silence", acts=("buy", "reconcile", "ship", "delivered"), dropped=("woocommerce",)),
            kind="woocommerce",
        ),
    ),
)
