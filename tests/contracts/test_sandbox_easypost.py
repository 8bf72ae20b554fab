"""The sandbox's EasyPost account: trackers, webhooks, signed events, scans in any order; and the parcel numbers it is given."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from local.sandbox.easypost import EasyPostCarrier, EasyPostConfig
from local.sandbox.easypost.carrier import sign
from local.sandbox.parcel_numbers import CARRIERS, ParcelNumbers, carrier_of
from local.sandbox.wire import Faults, Request, Response
from tests.contracts.sandbox_kit import Desk, basic, sample

CODE = "YT2600100123456789"


class CarrierDesk(Desk):
    """An EasyPost account and the calls that a client makes."""

    def __init__(self, config: EasyPostConfig | None = None) -> None:
        super().__init__()
        self.easypost = EasyPostCarrier(self.world, config, Faults())
        self.credentials = basic(self.easypost.config.api_key, "")

    def raw(self, method: str, path: str, body: Any = None, **query: str) -> Response:
        data = b"" if body is None else json.dumps(body).encode()
        return self.easypost.handle(Request(method, path, query, self.credentials, data))

    def call(self, method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.raw(method, path, body, **query).body)
        return answer

    def track(self, code: str = CODE, carrier: str | None = "YunExpress") -> dict[str, Any]:
        fields = {"tracking_code": code} | ({"carrier": carrier} if carrier else {})
        return self.call("POST", "/v2/trackers", {"tracker": fields})

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(delivery.body) for delivery in self.sent]


@pytest.fixture
def desk() -> CarrierDesk:
    return CarrierDesk()


def test_a_tracker_has_the_samples_fields_and_is_made_once_per_code_and_carrier(desk: CarrierDesk) -> None:
    made = desk.raw("POST", "/v2/trackers", {"tracker": {"tracking_code": CODE, "carrier": "YunExpress"}})
    assert made.status == 201
    tracker = json.loads(made.body)
    assert set(json.loads(sample("carriers/easypost/trackers-create.json").read_text())) <= set(tracker)
    assert tracker["status"] == "unknown"
    assert desk.track()["id"] == tracker["id"]
    assert desk.track(carrier="UPS")["id"] != tracker["id"]
    assert len(desk.ledger("easypost", "tracker_created")) == 2
    assert desk.call("GET", f"/v2/trackers/{tracker['id']}") == tracker


def test_trackers_are_listed_newest_first_by_code_and_page(desk: CarrierDesk) -> None:
    ids = [desk.track(code)["id"] for code in ("A1", "A2", "A3")]
    page = desk.call("GET", "/v2/trackers", page_size="2")
    assert ([t["id"] for t in page["trackers"]], page["has_more"]) == ([ids[2], ids[1]], True)
    rest = desk.call("GET", "/v2/trackers", page_size="2", before_id=ids[1])
    assert ([t["id"] for t in rest["trackers"]], rest["has_more"]) == ([ids[0]], False)
    assert [t["id"] for t in desk.call("GET", "/v2/trackers", tracking_code="A2")["trackers"]] == [ids[1]]


def test_scans_arrive_as_signed_events_even_backward(desk: CarrierDesk) -> None:
    hook = {"url": "https://hooks.example.com/easypost", "webhook_secret": "sécret"}
    made = desk.call("POST", "/v2/webhooks", {"webhook": hook})
    assert set(made) == set(json.loads(sample("carriers/easypost/webhooks-create.json").read_text()))
    assert desk.call("GET", "/v2/webhooks") == {"webhooks": [made]}
    desk.track()
    promised = datetime(2026, 11, 9, tzinfo=UTC)
    desk.easypost.scan(CODE, "delivered", "Handed over", est_delivery=promised)
    desk.easypost.scan(CODE, "in_transit", "Left the hub", when=datetime(2026, 11, 1, tzinfo=UTC))
    created, delivered, backward = desk.events()
    assert [e["description"] for e in (created, delivered, backward)] == [
        "tracker.created",
        "tracker.updated",
        "tracker.updated",
    ]
    assert [e["result"]["status"] for e in (created, delivered, backward)] == ["unknown", "delivered", "in_transit"]
    assert delivered["previous_attributes"] == {"status": "unknown"}
    assert delivered["result"]["est_delivery_date"] == "2026-11-09T00:00:00Z"
    assert [d["status"] for d in backward["result"]["tracking_details"]] == ["in_transit", "delivered"]
    assert set(json.loads(sample("carriers/easypost/tracking-webhook.json").read_text())) <= set(created)
    assert len({e["id"] for e in (created, delivered, backward)}) == 3
    for delivery in desk.sent:
        assert delivery.headers["x-hmac-signature"] == sign(delivery.body, "sécret")
    assert [entry.data["status"] for entry in desk.ledger("easypost", "scan")] == ["delivered", "in_transit"]


def test_a_number_that_was_used_before_shows_its_old_scans_with_their_own_times(desk: CarrierDesk) -> None:
    desk.easypost.used_before(CODE, days_ago=130)
    tracker = desk.track()
    assert (tracker["status"], tracker["is_return"]) == ("delivered", False)
    assert [d["status"] for d in tracker["tracking_details"]] == ["in_transit", "out_for_delivery", "delivered"]
    assert {d["datetime"][:7] for d in tracker["tracking_details"]} == {"2026-06"}
    desk.easypost.scan(CODE, "in_transit", "Ours")
    assert desk.track()["status"] == "in_transit"


def test_a_parcel_that_is_delivered_to_its_sender_is_a_return(desk: CarrierDesk) -> None:
    desk.easypost.scan(CODE, "return_to_sender", "Back it goes")
    desk.easypost.scan(CODE, "delivered", "To the sender", is_return=True)
    assert (desk.track()["status"], desk.track()["is_return"]) == ("delivered", True)


def test_the_signature_equals_the_published_vector() -> None:
    vector = json.loads(sample("signature_vectors.json").read_text())["easypost"]
    body = sample(vector["body_file"]).read_bytes()
    assert sign(body, vector["secret"]) == vector["headers"]["X-Hmac-Signature"]


def test_scans_before_anybody_tracks_are_shown_later(desk: CarrierDesk) -> None:
    desk.easypost.scan(CODE, "pre_transit", "Announced")
    assert desk.sent == []
    assert desk.track()["tracking_details"][0]["message"] == "Announced"


def test_the_carrier_is_derived_from_the_number_where_that_is_possible(desk: CarrierDesk) -> None:
    assert desk.track(carrier=None)["carrier"] == "YunExpress"
    refused = desk.raw("POST", "/v2/trackers", {"tracker": {"tracking_code": "?"}})
    assert (refused.status, json.loads(refused.body)["error"]["code"]) == (422, "TRACKER.NO_CARRIER_FOR_CODE")


def test_an_unsupported_carrier_is_refused() -> None:
    desk = CarrierDesk(EasyPostConfig(unsupported=frozenset({"Pigeon"})))
    assert desk.track(carrier="Pigeon")["error"]["code"] == "TRACKER.UNSUPPORTED_CARRIER"
    assert desk.easypost.trackers == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/v2/trackers", {"tracker": {"tracking_code": "A1", "carier": "UPS"}}, 422),
        ("POST", "/v2/trackers", {"tracking_code": "A1"}, 422),
        ("POST", "/v2/trackers", None, 422),
        ("POST", "/v2/webhooks", {"url": "https://hooks.example.com"}, 422),
        ("PUT", "/v2/trackers", {}, 404),
        ("GET", "/v1/trackers", None, 404),
    ],
)
def test_a_request_that_breaks_the_contract_is_refused_and_recorded(
    desk: CarrierDesk, method: str, path: str, body: Any, status: int
) -> None:
    response = desk.raw(method, path, body)
    assert response.status == status
    assert set(json.loads(response.body)["error"]) == {"code", "message", "errors"}
    assert len(desk.ledger("easypost", "contract_violation")) == 1


@pytest.mark.parametrize("path", ["/v2/trackers/trk_404", "/v2/webhooks/hook_404"])
def test_what_does_not_exist_is_404(desk: CarrierDesk, path: str) -> None:
    assert desk.raw("GET", path).status == 404
    assert desk.ledger("easypost", "contract_violation") == []


@pytest.mark.parametrize("credentials", [{}, basic("wrong", ""), {"authorization": "Bearer EZTKsandbox"}])
def test_a_wrong_key_is_401(desk: CarrierDesk, credentials: dict[str, str]) -> None:
    desk.credentials = credentials
    assert desk.raw("GET", "/v2/trackers").status == 401


def test_a_deleted_webhook_hears_nothing(desk: CarrierDesk) -> None:
    made = desk.call("POST", "/v2/webhooks", {"webhook": {"url": "https://hooks.example.com/easypost"}})
    desk.raw("DELETE", f"/v2/webhooks/{made['id']}")
    desk.track()
    assert desk.sent == []


@pytest.mark.parametrize(("behaviour", "count"), [("accept_then_timeout", 1), ("timeout", 0), ("error_500", 0)])
def test_a_fault_has_exactly_its_effect(desk: CarrierDesk, behaviour: str, count: int) -> None:
    desk.easypost.faults.script("createTracker", behaviour)
    response = desk.raw("POST", "/v2/trackers", {"tracker": {"tracking_code": CODE, "carrier": "UPS"}})
    assert response.hang == behaviour.endswith("timeout")
    assert len(desk.ledger("easypost", "tracker_created")) == count


def test_an_invented_status_is_an_error_of_the_script(desk: CarrierDesk) -> None:
    with pytest.raises(ValueError, match="flying"):
        desk.easypost.scan(CODE, "flying", "?")


@pytest.mark.parametrize("carrier", CARRIERS)
def test_parcel_numbers_are_recognised_and_one_wrong_digit_is_found(carrier: str) -> None:
    numbers = ParcelNumbers(Random(3))
    given = [numbers.next(carrier) for _ in range(50)]
    assert len(set(given)) == 50
    assert {carrier_of(number) for number in given} == {carrier}
    if carrier != "YunExpress":
        position = 10 if carrier == "S10" else -1
        for number in given:
            digit = number[position]
            wrong = str((int(digit) + 1) % 7) if carrier == "DHL" else str((int(digit) + 1) % 10)
            changed = number[:position] + wrong + (number[position + 1 :] if position != -1 else "")
            assert carrier_of(changed) is None


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z999AA10123456784", "UPS"),
        ("9400 1112 0108 0805 4830 16", "USPS"),
        ("RB123456785GB", "S10"),
        ("3318810025", "DHL"),
        ("YT2229521272164446", "YunExpress"),
        ("RB123456786US", None),
        ("1Z999AA10123456785", None),
    ],
)
def test_published_numbers_are_judged_as_their_carriers_do(number: str, carrier: str | None) -> None:
    assert carrier_of(number) == carrier


def test_an_unknown_carrier_has_no_numbers() -> None:
    with pytest.raises(ValueError, match="Pigeon"):
        ParcelNumbers(Random(1)).next("Pigeon")
