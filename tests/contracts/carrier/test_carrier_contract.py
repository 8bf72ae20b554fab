"""Every service that follows parcels: one tracker a number, and events with their own times in any order (promise P5)."""

from __future__ import annotations

from datetime import timedelta

from orderwright.domain.shipment import ShipmentState
from orderwright.errors import NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.ports.carrier import TrackerView
from tests.support.stand import CarrierStand


def test_a_number_is_watched_once_however_often_it_is_asked_for(carrier: CarrierStand) -> None:
    connector = carrier.connector()
    first: TrackerView = connector.watch(carrier.number, carrier.carrier)
    assert first.tracker_id
    assert (first.tracking_number, first.state_at, first.events, first.is_return) == (carrier.number, None, (), False)
    assert connector.watch(carrier.number, carrier.carrier.lower()) == first
    assert connector.read_tracker(first.tracker_id) == first
    assert connector.watch(carrier.number, "a carrier that nobody knows").tracking_number == carrier.number
    assert carrier.watched() == 1


def test_a_lost_answer_of_a_watch_leaves_one_tracker(carrier: CarrierStand) -> None:
    connector = carrier.connector()
    for how in ("accept_then_timeout", "accept_then_500", "malformed"):
        with carrier.behaving(how), carrier.refuses(Retryable, OutcomeUnknown):
            connector.watch(carrier.number, carrier.carrier)
    connector.watch(carrier.number, carrier.carrier)
    assert carrier.watched() == 1


def test_a_number_that_nobody_can_follow_is_refused_with_a_code(carrier: CarrierStand) -> None:
    with carrier.refuses(Rejected, NotFound) as refused:
        carrier.connector().watch(carrier.nobodys, "")
    assert carrier.nobodys not in refused.value.message
    with carrier.refuses(NotFound):
        carrier.connector().read_tracker("none-of-ours")


def test_every_state_that_it_knows_is_told_with_the_time_of_its_event(carrier: CarrierStand) -> None:
    assert set(carrier.states) >= {ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED}
    for state, status in carrier.states.items():
        stand = type(carrier)()
        connector = stand.connector()
        tracker = connector.watch(stand.number, stand.carrier).tracker_id
        at = stand.clock.now() - timedelta(hours=2)
        stand.scan(status, at)
        view: TrackerView = connector.read_tracker(tracker)
        assert (view.state, view.state_at, view.events) == (state, at, ((state, at),))


def test_p5_events_may_come_in_any_order_and_keep_their_own_times(carrier: CarrierStand) -> None:
    connector = carrier.connector()
    now = carrier.clock.now()
    told = [
        (ShipmentState.DELIVERED, now - timedelta(hours=1)),
        (ShipmentState.IN_TRANSIT, now - timedelta(hours=9)),
        (ShipmentState.IN_TRANSIT, now - timedelta(hours=5)),
    ]
    for state, at in told[:2]:
        carrier.scan(carrier.states[state], at)
    tracker = connector.watch(carrier.number, carrier.carrier).tracker_id
    carrier.scan(carrier.states[told[2][0]], told[2][1])
    view: TrackerView = connector.read_tracker(tracker)
    assert sorted(view.events) == sorted(told), "what was seen before the number was watched is told as well"
    assert (view.state, view.state_at) in told
    assert connector.watch(carrier.number, carrier.carrier).events == view.events
