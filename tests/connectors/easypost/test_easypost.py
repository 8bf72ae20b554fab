"""EasyPost's trackers and webhooks, held against the sandbox and the vendor's samples."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from local.sandbox.easypost import EasyPostCarrier, EasyPostConfig
from local.sandbox.wire import Delivery, World
from orderwright.connectors.carriers.easypost.connector import EasyPostConnector, build
from orderwright.connectors.carriers.easypost.settings import EasyPostSettings
from orderwright.connectors.carriers.easypost.trackers import STATES, tracker_view
from orderwright.connectors.carriers.easypost.webhook import read
from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, Transport
from orderwright.domain.shipment import ShipmentState
from orderwright.errors import Misconfigured, NotFound, Rejected, Retryable
from orderwright.ports.connection import Subscription
from orderwright.webhooks import News, NotUnderstood, Unauthentic
from tests.support.fakes import FakeClock
from tests.support.hooks import posted
from tests.support.sandbox_transport import sandbox_transport
from tests.support.stand import Keys

BASE = "https://easypost.example.com"
CALLBACK = "https://hooks.example.com/webhooks/easypost-1"
CLOCK = FakeClock()
AT = CLOCK.now()
NUMBER = "1Z999AA10123456784"
SAMPLES = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts"))


def _closed(needed: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**needed, **(optional or {})},
        "required": sorted(needed),
        "additionalProperties": False,
    }


_TEXT = {"type": "string", "minLength": 1}
_BODIES = {
    ("POST", "/v2/trackers"): _closed({"tracker": _closed({"tracking_code": _TEXT}, {"carrier": _TEXT})}),
    ("POST", "/v2/webhooks"): _closed({"webhook": _closed({"url": _TEXT}, {"webhook_secret": _TEXT})}),
    ("PATCH", "/v2/webhooks/hook_1"): _closed({"webhook_secret": _TEXT}),
}


def connector(transport: Transport) -> EasyPostConnector:
    def checked(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        assert headers["authorization"] == "Basic RVpUS3NhbmRib3g6"
        if body is not None:
            schema = _BODIES[method, re.sub(r"hook_\w+", "hook_1", url.removeprefix(BASE))]
            jsonschema_rs.validate(schema, json.loads(body))
        return transport(method, url, headers, body, timeout)

    settings = EasyPostSettings(kind="easypost", base_url=BASE)
    return build(Context("easypost-1", settings, Keys(api_key="EZTKsandbox"), checked, CLOCK, timedelta(seconds=3)))


def sandbox(config: EasyPostConfig | None = None) -> tuple[EasyPostConnector, EasyPostCarrier, World, list[Delivery]]:
    deliveries: list[Delivery] = []
    world = World(clock=CLOCK.now, deliver=deliveries.append)
    vendor = EasyPostCarrier(world, config)
    return connector(sandbox_transport({BASE: vendor.handle})), vendor, world, deliveries


def answering(answer: Any, status: int = 200) -> EasyPostConnector:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return connector(lambda *_: HttpAnswer(status, {}, body))


def sample(name: str) -> bytes:
    path = SAMPLES / "carriers" / "easypost" / name
    if not path.exists():
        pytest.skip(f"no vendor samples at {SAMPLES}")
    return path.read_bytes()


def _violations(world: World) -> list[Any]:
    return world.ledger.of_kind("easypost", "contract_violation")


def test_a_carrier_that_easypost_does_not_know_is_left_to_the_number() -> None:
    carrier, vendor, _, _ = sandbox(EasyPostConfig(unsupported=frozenset({"DPD"})))
    assert carrier.watch(NUMBER, "CJPacket Ordinary").carrier == "UPS"
    assert carrier.watch(NUMBER, "DPD").carrier == "UPS"
    assert len(vendor.trackers) == 1


def test_a_number_that_nobody_can_track_is_refused_with_the_vendors_code() -> None:
    with pytest.raises(Rejected) as refused:
        sandbox()[0].watch("???", "")
    assert refused.value.code == "TRACKER.NO_CARRIER_FOR_CODE"


def test_the_state_has_the_time_of_its_newest_event_whatever_came_last() -> None:
    carrier, vendor, _, _ = sandbox()
    tracker = carrier.watch(NUMBER, "UPS")
    expected = AT + timedelta(days=2)
    vendor.scan(NUMBER, "in_transit", "On the way", AT - timedelta(hours=9), expected)
    vendor.scan(NUMBER, "delivered", "Delivered", AT - timedelta(hours=1))
    view = carrier.read_tracker(tracker.tracker_id)
    assert (view.state, view.state_at, view.expected_at) == (ShipmentState.DELIVERED, AT - timedelta(hours=1), expected)
    vendor.scan(NUMBER, "in_transit", "Scanned late", AT - timedelta(hours=5))
    view = carrier.read_tracker(tracker.tracker_id)
    assert (view.state, view.state_at) == (ShipmentState.IN_TRANSIT, AT - timedelta(hours=5))


def test_every_status_has_the_state_that_the_contract_gives_it() -> None:
    path = SAMPLES / "specs" / "carriers" / "normalized_status.json"
    if not path.exists():
        pytest.skip(f"no vendor samples at {SAMPLES}")
    table = json.loads(path.read_bytes())["easypost"]["status"]
    assert {status: state.value.lower() for status, state in STATES.items()} == table
    assert tracker_view({"status": "teleported"}).state is ShipmentState.UNKNOWN


@pytest.mark.parametrize(
    ("carrier", "status", "code", "state"),
    [
        ("USPS", "in_transit", "EME", ShipmentState.IN_CUSTOMS),
        ("RoyalMail", "in_transit", "EDB", ShipmentState.IN_CUSTOMS),
        ("RoyalMail", "in_transit", "EDC", ShipmentState.IN_TRANSIT),
        ("DHLExpress", "in_transit", "IC", ShipmentState.IN_CUSTOMS),
        ("FedEx", "in_transit", "CP", ShipmentState.IN_CUSTOMS),
        ("UPS", "in_transit", "CD", ShipmentState.IN_TRANSIT),
        ("FedEx", "failure", "CD", ShipmentState.DELIVERY_FAILED),
        ("FedEx", "in_transit", None, ShipmentState.IN_TRANSIT),
        ("FedEx", "in_transit", 5, ShipmentState.IN_TRANSIT),
    ],
)
def test_customs_are_told_by_the_carriers_own_code_only(
    carrier: str, status: str, code: object, state: ShipmentState
) -> None:
    details = [
        {"status": "in_transit", "carrier_code": "EME", "datetime": "2026-11-20T09:00:00Z"},
        {"status": status, "carrier_code": code, "datetime": "2026-11-22T09:00:00Z"},
    ]
    view = tracker_view({"status": status, "carrier": carrier, "tracking_details": details})
    assert (view.state, view.state_at) == view.events[1] == (state, datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert view.events[0][0] is ShipmentState.IN_CUSTOMS


@pytest.mark.parametrize("name", ["trackers-create.json", "trackers-retrieve.json"])
def test_the_vendors_trackers_parse(name: str) -> None:
    view = answering(sample(name)).read_tracker("trk_1")
    assert view.tracking_number == "EZ1000000001"
    assert view.state is ShipmentState.PENDING
    assert view.state_at == datetime(2025, 4, 10, 9, 17, 17, tzinfo=UTC)
    assert view.expected_at == datetime(2025, 5, 9, 20, 40, 17, tzinfo=UTC)


def test_the_vendors_list_of_trackers_is_no_tracker_but_its_entries_are() -> None:
    with pytest.raises(Retryable):
        answering(sample("trackers-list.json")).read_tracker("trk_1")
    (row,) = json.loads(sample("trackers-list.json"))["trackers"]
    assert tracker_view(row).state is ShipmentState.PENDING


@pytest.mark.parametrize("name", ["event-body.json", "tracking-webhook.json", "tracking_webhook_response.json"])
def test_the_trackers_inside_the_vendors_events_parse(name: str) -> None:
    view = tracker_view(json.loads(sample(name))["result"])
    assert view.tracker_id
    assert view.state in (ShipmentState.IN_TRANSIT, ShipmentState.DELIVERED)
    assert (view.state, view.state_at) in view.events


def test_odd_trackers_give_no_times_and_no_guesses() -> None:
    details = [{"status": "delivered", "datetime": "2026-11-22 09:00:00"}, {"status": "delivered"}, "x", None]
    view = tracker_view({"status": "delivered", "tracking_details": details, "est_delivery_date": 5})
    assert (view.events, view.is_return) == ((), False)
    assert tracker_view({"status": "delivered", "is_return": True}).is_return
    assert (view.state, view.state_at, view.expected_at) == (ShipmentState.DELIVERED, None, None)


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (404, {"error": {"code": "TRACKER.NOT_FOUND", "message": "x"}}, NotFound, "TRACKER.NOT_FOUND"),
        (422, {"error": {"code": "TRACKER.CREATE.ERROR"}}, Rejected, "TRACKER.CREATE.ERROR"),
        (422, b"<html>", Rejected, "HTTP_422"),
        (401, {"error": {"code": "APIKEY.INACTIVE"}}, Misconfigured, "HTTP_401"),
        (429, {"error": {"code": "RATE_LIMITED"}}, Retryable, "RATE_LIMITED"),
        (500, b"", Retryable, "UNAVAILABLE"),
        (200, b"[" * 100_000, Retryable, "UNREADABLE"),
        (200, [], Retryable, "UNREADABLE"),
        (200, {}, Retryable, "UNREADABLE"),
    ],
)
def test_each_error_has_one_meaning(status: int, body: Any, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as raised:
        answering(body, status).read_tracker("trk_1")
    assert getattr(raised.value, "code", "") == code


def test_the_webhook_is_made_once_and_signs_with_our_secret() -> None:
    carrier, vendor, world, deliveries = sandbox()
    assert carrier.ensure_webhooks(Subscription(CALLBACK, secret="geheim-é")) == ["tracker.created", "tracker.updated"]
    assert carrier.ensure_webhooks(Subscription(CALLBACK, secret="geheim-é")) == []
    assert len(vendor.webhooks) == 1
    tracker = carrier.watch(NUMBER, "UPS")
    vendor.scan(NUMBER, "delivered", "Delivered")
    news = [
        one
        for delivery in deliveries
        for one in read(posted(dict(delivery.headers), delivery.body), ["old", "geheim-é"])
    ]
    assert [(one.topic, one.resource, one.detail) for one in news] == [
        (topic, tracker.tracker_id, {"tracking_number": NUMBER}) for topic in ("tracker.created", "tracker.updated")
    ]
    assert not _violations(world)


def test_a_webhook_that_was_switched_off_is_woken_up() -> None:
    sent: list[tuple[str, str]] = []
    hook = {"id": "hook_1", "url": CALLBACK, "disabled_at": "2026-11-01T00:00:00Z"}

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        sent.append((method, url.removeprefix(BASE)))
        return HttpAnswer(200, {}, json.dumps({"webhooks": [hook]}).encode())

    assert connector(send).ensure_webhooks(Subscription(CALLBACK, secret="s")) == ["tracker.created", "tracker.updated"]
    assert sent == [("GET", "/v2/webhooks"), ("PATCH", "/v2/webhooks/hook_1")]


def test_p7_a_new_secret_is_given_to_the_webhook_that_is_there_since_the_old_one_will_end() -> None:
    carrier, _, _, deliveries = sandbox()
    assert carrier.ensure_webhooks(Subscription(CALLBACK, secret="old")) == ["tracker.created", "tracker.updated"]
    assert carrier.ensure_webhooks(Subscription(CALLBACK, secret="new")) == []
    carrier.watch(NUMBER, "UPS")
    (delivery,) = deliveries
    assert read(posted(dict(delivery.headers), delivery.body), ["new"])


def test_an_address_of_before_hears_nothing_any_more_and_other_peoples_are_left_alone() -> None:
    carrier, vendor, _, _ = sandbox()
    carrier.ensure_webhooks(Subscription("https://hooks.example.com/webhooks/old", secret="s"))
    carrier.ensure_webhooks(Subscription("https://elsewhere.example.com", secret="s"))
    carrier.ensure_webhooks(Subscription(CALLBACK, ("https://hooks.example.com/webhooks/old",), secret="s"))
    assert [hook.url for hook in vendor.webhooks] == ["https://elsewhere.example.com", CALLBACK]


def test_the_vendors_webhook_sample_counts_as_another_address() -> None:
    hooks = {"webhooks": [json.loads(sample("webhooks-create.json"))]}
    assert answering(hooks).ensure_webhooks(Subscription(CALLBACK, secret="s")) == [
        "tracker.created",
        "tracker.updated",
    ]
    assert answering(hooks).ensure_webhooks(Subscription("http://example.com", secret="s")) == []


# --- events -----------------------------------------------------------------------------------------------------------


def _signed(body: bytes, secret: str = "s") -> dict[str, str]:
    return {"x-hmac-signature": "hmac-sha256-hex=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def test_the_vendors_signature_vector_holds() -> None:
    path = SAMPLES / "signature_vectors.json"
    body = sample("event-body.json")
    vector = json.loads(path.read_bytes())["easypost"]
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    assert read(posted(headers, body), [vector["secret"]]) == [
        News("carrier.tracker_news", "trk_1", "tracker.updated", "evt_1", {"tracking_number": "1"})
    ]
    with pytest.raises(Unauthentic):
        read(posted(headers, body + b"\n"), [vector["secret"]])


@pytest.mark.parametrize("name", ["tracking-webhook.json", "tracking_webhook_response.json"])
def test_the_vendors_events_are_news(name: str) -> None:
    body = sample(name)
    (news,) = read(posted(_signed(body), body), ["s"])
    assert (news.type, news.detail) == ("carrier.tracker_news", {"tracking_number": "EZ4000000004"})


def test_another_event_of_the_vendor_is_parked() -> None:
    body = sample("post_json_example.json")
    with pytest.raises(NotUnderstood):
        read(posted(_signed(body), body), ["s"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"[" * 200_000,
        b"\xff",
        b'{"description":"tracker.updated"}',
        b'{"description":"tracker.updated","result":{"id":"trk_1"}}',
        b'{"description":"tracker.updated","result":{"id":1,"tracking_code":"x"}}',
        b'{"description":["tracker.updated"],"result":{}}',
    ],
)
def test_what_is_not_understood_is_parked(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read(posted(_signed(body), body), ["s"])


@pytest.mark.parametrize(
    ("message", "state"),
    [
        ("Held in customs", ShipmentState.IN_CUSTOMS),
        ("Inbound Into Customs", ShipmentState.IN_CUSTOMS),
        ("International shipment clearance delay", ShipmentState.IN_CUSTOMS),
        ("Inbound Out of Customs", ShipmentState.IN_TRANSIT),
        ("Customs clearance processing complete", ShipmentState.IN_TRANSIT),
        ("Released by customs", ShipmentState.IN_TRANSIT),
        ("Import clearance success", ShipmentState.IN_TRANSIT),
        ("Customer moved", ShipmentState.IN_TRANSIT),
    ],
)
def test_only_the_carriers_words_tell_of_customs(message: str, state: ShipmentState) -> None:
    details = [
        {"status": "in_transit", "message": "Departed", "datetime": "2026-11-30T08:00:00Z"},
        {"status": "in_transit", "message": message, "datetime": "2026-12-01T08:00:00Z"},
    ]
    view = tracker_view({"id": "t", "tracking_code": "X", "status": "in_transit", "tracking_details": details})
    assert (view.state, view.state_at) == (state, datetime(2026, 12, 1, 8, tzinfo=UTC))
    assert (view.state, view.state_at) in view.events
