"""Where a service cannot follow a parcel the next one does, and the customer hears one story (R18, promise P5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from orderwright.domain.config import Config
from orderwright.domain.shipment import Shipment, ShipmentState
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.carrier import TrackerView
from orderwright.usecases.health import held_connection
from orderwright.usecases.tracking.trackers import follow_parcel
from tests.support.shop import CARRIER, test_config
from tests.unit.usecases.order_shop import OrderShop
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.test_update_tracking import shipped, subjects

__all__ = ["open_shop", "shop"]

HOUR = timedelta(hours=1)
MOVING, OUT, HOME = ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY, ShipmentState.DELIVERED


class Service:
    """ports.CarrierTracking. `error`: what its next answers raise."""

    def __init__(self, name: str, at: Callable[[], datetime]) -> None:
        self.name, self.at, self.state = name, at, MOVING
        self.error: VendorError | None = None
        self.expected: datetime | None = None
        self.asked: list[str] = []

    def watch(self, tracking_number: str, carrier: str) -> TrackerView:
        return self.read_tracker(f"{self.name}/{tracking_number}")

    def read_tracker(self, tracker_id: str) -> TrackerView:
        self.asked.append(tracker_id)
        if self.error is not None:
            raise self.error
        service, _, number = tracker_id.partition("/")
        assert service == self.name, "another service's tracker"
        return TrackerView(tracker_id, number, "", self.state, self.at(), self.expected)


class Followed:
    """One parcel, and the services that follow it."""

    def __init__(self, shop: OrderShop) -> None:
        self.shop, (self.name, _) = shop, shipped(shop)
        (self.sk,) = shop.order(self.name).shipments
        held = shop.order(self.name).shipments[self.sk].model
        self.services = {name: Service(name, shop.clock.now) for name in ("first", "second", "third")}
        self.before = held

    def ask(self, told_by: str = "") -> Shipment:
        """Its due time has come, or a service has news; then everything happens."""
        for again in (True, False, False):
            shop, file = self.shop, self.shop.order(self.name)
            follow_parcel(
                file, self.sk, "test", woken=again and not told_by, storage=shop.wiring.storage, carriers=self.services,
                timing=shop.wiring.timing, clock=shop.clock, told_by=told_by if again else "",
            )  # fmt: skip
        self.shop.queues["update_tracking"].clear()
        self.shop.relay()
        self.shop.queues["update_tracking"].clear()
        self.shop.run()
        parcel: Shipment = self.shop.order(self.name).shipments[self.sk].model
        return parcel


@pytest.fixture
def followed(open_shop: OpenShop) -> Followed:
    config = test_config()
    plain = {name: one for name, one in config.connections.items() if name != CARRIER}
    return Followed(open_shop(config.model_copy(update={"connections": plain})))


@pytest.mark.parametrize(
    ("error", "patience"),
    [
        (Rejected("unknown carrier"), 0),
        (NotFound("no such number"), 0),
        (Misconfigured("the key is refused"), 0),
        (Retryable("busy"), 6),
        (OutcomeUnknown("no answer"), 6),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_the_next_service_follows_what_the_first_cannot(followed: Followed, error: VendorError, patience: int) -> None:
    followed.services["first"].error = error
    for _ in range(patience):
        assert followed.ask().watched_by in ("", "first")
        followed.shop.clock.advance(3600)
    parcel = followed.ask()
    assert (parcel.watched_by, parcel.tracker_id.partition("/")[0], parcel.state) == ("second", "second", MOVING)
    assert [entry.why for entry in parcel.log if entry.what.startswith("second follows it")] == [error.message]
    assert followed.services["third"].asked == []


def test_keys_that_are_refused_for_a_while_move_no_parcel_that_is_followed(followed: Followed) -> None:
    first = followed.services["first"]
    assert followed.ask().watched_by == "first"
    first.error = Misconfigured("the key is refused")
    assert followed.ask().watched_by == "first"
    first.error = None
    followed.shop.clock.advance(12 * 3600)
    assert (followed.ask().watched_by, followed.services["second"].asked) == ("first", [])


def test_a_service_that_works_again_is_shown_so_though_its_parcels_moved_on(followed: Followed) -> None:
    first = followed.services["first"]
    first.error = Misconfigured("the key is refused")
    followed.ask()
    assert held_connection(followed.shop.wiring.storage, "first").model.last_failure
    first.error = None
    other = Followed(followed.shop)
    other.services = followed.services
    assert other.ask().watched_by == "first"
    assert not held_connection(followed.shop.wiring.storage, "first").model.last_failure


def test_p5_one_story_by_two_services_and_news_of_the_old_one_count(followed: Followed) -> None:
    first, second = followed.services["first"], followed.services["second"]
    first.state, first.expected = OUT, followed.shop.clock.now() + 5 * HOUR
    followed.ask()
    first.error, second.state = Rejected("taken out"), MOVING
    second.expected = followed.shop.clock.now() + 90 * HOUR
    followed.shop.clock.advance(60)
    assert (followed.ask().watched_by, subjects(followed.shop).count("OUT_FOR_DELIVERY")) == ("second", 1)
    assert "DELAYED" not in subjects(followed.shop), "another service counts its days anew"
    followed.shop.clock.advance(60)
    first.error, first.state = None, HOME
    parcel = followed.ask(told_by="first")
    assert (parcel.state, parcel.watched_by, parcel.tracker_id.partition("/")[0]) == (HOME, "second", "second")
    assert (subjects(followed.shop).count("OUT_FOR_DELIVERY"), subjects(followed.shop).count("DELIVERED")) == (1, 1)


def test_each_service_is_tried_once_and_the_last_one_stays(followed: Followed) -> None:
    for service in followed.services.values():
        service.error = Rejected("unknown carrier")
    for _ in range(3):
        parcel = followed.ask()
        followed.shop.clock.advance(3600)
    assert parcel.watched_by == "third"
    assert [len(service.asked) for service in followed.services.values()][:2] == [1, 1]


def test_services_in_the_rules_must_be_carriers() -> None:
    values = test_config().model_dump(mode="json")
    values["rules"]["routing"]["carriers"] = ["nobody"]
    with pytest.raises(ValueError, match=r"carriers: there is no carrier connection called 'nobody'"):
        Config.model_validate(values)
