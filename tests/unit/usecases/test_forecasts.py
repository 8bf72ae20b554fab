"""A parcel says when it comes: as parcels on its lane did, else as the carrier says, else as it was agreed (R32)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.forecast import Basis, Forecast
from orderwright.domain.scoring.counting import Counting, OrderSeen
from orderwright.domain.scoring.scorecard import MOST_LANES, scorecard_of
from orderwright.domain.shipment import Shipment
from orderwright.records import OrderFile, scorecard_key
from orderwright.storage import Put
from orderwright.usecases.notices.compose import _parcel_facts
from tests.support.shop import SUPPLIER, test_config
from tests.unit.domain.order_kit import NOW
from tests.unit.domain.test_parcel_transitions import a_parcel
from tests.unit.domain.test_silence import AGREED, CARRIERS, MEASURED
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.test_silent_parcels import parcel
from tests.unit.usecases.test_update_tracking import DAY, scan, shipped, subjects

__all__ = ["OpenShop", "open_shop", "shop"]


def agreeing(open_shop: OpenShop) -> OrderShop:
    config = test_config()
    settings = config.suppliers[SUPPLIER]
    terms = settings.terms.model_copy(update={"deliver_within_days": {"FI": 12}})
    connections = {**config.connections, SUPPLIER: settings.model_copy(update={"terms": terms})}
    return open_shop(config.model_copy(update={"connections": connections}))


def counted(shop: OrderShop, sent: Shipment, days: int, parcels: int) -> None:
    """A scorecard of so many parcels like this one, each so many days on its way."""
    arrived = sent.followed("t", sent.state.DELIVERED, sent.created_at + timedelta(days=days), None)
    (po,) = shop.purchase_orders(next(iter(shop.store.shop.orders.values())).name)
    day = (sent.created_at + timedelta(days=days)).astimezone(UTC).date()
    settings: dict[str, SupplierSettings] = dict(shop.wiring.config().suppliers)
    counting = Counting(day, settings)
    for number in range(parcels):
        counting.add(OrderSeen(f"{sent.supplier}#{number:03d}", (po,), (arrived,), "FI"))
    card = scorecard_of(SUPPLIER, [counting.tally(SUPPLIER).day()], day, 20, shop.clock.now())
    shop.wiring.storage.commit([Put(scorecard_key(SUPPLIER), card, 0)])


def test_nothing_is_promised_where_nothing_is_known(shop: OrderShop) -> None:
    name, _ = shipped(shop)
    assert parcel(shop, name).forecast is None


def test_without_parcels_of_this_lane_it_is_what_was_agreed(open_shop: OpenShop) -> None:
    shop = agreeing(open_shop)
    name, _ = shipped(shop)
    found = parcel(shop, name).forecast
    assert found is not None
    assert (found.basis, found.last) == (Basis.AGREED, date(2026, 12, 4))
    assert "Expected delivery: Friday, December 4, 2026" in shop.post.mails[-1].text


@pytest.mark.parametrize(("parcels", "basis"), [(19, Basis.AGREED), (20, Basis.MEASURED)])
def test_twenty_parcels_of_supplier_carrier_and_country_count_for_more(
    open_shop: OpenShop, parcels: int, basis: Basis
) -> None:
    shop = agreeing(open_shop)
    first, _ = shipped(shop)
    counted(shop, parcel(shop, first), 6, parcels)
    shop.clock.advance(120)
    name, _ = shipped(shop)
    found = parcel(shop, name).forecast
    assert found is not None
    assert (found.basis, found.parcels) == (basis, parcels if basis is Basis.MEASURED else 0)


def test_a_day_that_has_passed_is_told_before_the_customer_asks_and_once(open_shop: OpenShop) -> None:
    shop = agreeing(open_shop)
    _, number = shipped(shop)
    for _ in range(16):
        scan(shop, number, "in_transit")
        shop.pass_time(DAY, step=DAY / 2)
    assert subjects(shop) == ["SHIPPED", "DELAYED"]
    assert "delayed" in shop.post.mails[-1].subject


@pytest.mark.parametrize(
    ("own", "carriers", "day"),
    [(MEASURED, CARRIERS, MEASURED.last), (AGREED, CARRIERS, CARRIERS.date()), (AGREED, None, AGREED.last)],
)
def test_a_mail_names_the_last_day_that_the_page_names(own: Forecast, carriers: datetime | None, day: date) -> None:
    sent = a_parcel(forecast=own, expected_at=carriers)
    told = sent.promise(NOW)
    assert told is not None
    assert told.last == day
    assert _parcel_facts(OrderFile("pk"), sent)["expected_at"].date() == day


def test_only_the_busiest_lanes_are_kept() -> None:
    from collections import Counter

    from orderwright.domain.scoring.scorecard import _lanes

    lanes = {f"DE c{number}": Counter({24: 20 + number}) for number in range(MOST_LANES + 5)}
    kept = _lanes({**lanes, "DE rare": Counter({24: 19})})
    assert len(kept) == MOST_LANES
    assert "DE c0" not in kept
    assert "DE rare" not in kept
