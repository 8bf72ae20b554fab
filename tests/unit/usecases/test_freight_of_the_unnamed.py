"""A line without the supplier's own id: its parcel's freight cannot be asked, and the operator is told why (P13)."""

from __future__ import annotations

from orderwright.domain.catalogue import Offer
from orderwright.records import offer_key
from orderwright.storage import Put
from orderwright.usecases.operator.retry import retry_order
from tests.support.shop import SUPPLIER
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop
from tests.unit.usecases.test_place_purchase_order import desk
from tests.unit.usecases.test_release_of_the_unknown import CONFIG

__all__ = ["open_shop"]

MS = "HL-MS-400"


def name_it(shop: OrderShop, supplier_ref: str) -> str:
    """Give the offer this id; gives the one before."""
    held = shop.wiring.storage.get(offer_key(MS, SUPPLIER), Offer)
    assert held is not None
    named = held.model.model_copy(update={"supplier_ref": supplier_ref})
    shop.wiring.storage.commit([Put(offer_key(MS, SUPPLIER), named, held.version)])
    return held.model.supplier_ref


def test_an_order_without_the_suppliers_id_waits_and_goes_on_once_the_id_is_imported(open_shop: OpenShop) -> None:
    shop = open_shop(CONFIG)
    own = name_it(shop, "")
    name = buy(shop, (MS, 1))
    (reason,) = shop.record(name).reasons
    assert (reason.code, reason.fix.split(":")[0]) == ("FREIGHT_MISSING", f"SKU {MS}")
    name_it(shop, own)
    retry_order(desk(shop), shop.order(name).pk, shop.wiring.timing)
    shop.run()
    assert shop.codes(name) == ["DESTINATION_WITHOUT_RULE"], "the freight is known now"
