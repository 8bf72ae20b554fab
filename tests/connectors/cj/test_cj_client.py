"""CJ's token, its limits, and importing without the HTTP library."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest

from local.sandbox.cj import CjConfig
from orderwright.errors import Misconfigured, Retryable
from tests.connectors.cj.cj_kit import Keys, answering, open_shop, request, sample


def test_the_first_call_fetches_a_token_and_keeps_the_open_id() -> None:
    shop = open_shop(keys=Keys())
    assert not shop.connector.look_up("OW-1", {}).found
    assert shop.paths() == ["authentication/getAccessToken", "shopping/order/getOrderDetail"]
    assert shop.keys.extra["open_id"] == "123456789"
    assert shop.keys.extra["refresh_token"]
    assert shop.keys.expires_at == shop.clock.at + timedelta(days=15)
    shop.connector.look_up("OW-1", {})
    assert shop.keys.stored == 1


def test_a_refused_token_is_renewed_once_by_its_refresh_token_and_the_open_id_stays() -> None:
    shop = open_shop(keys=Keys())
    shop.connector.look_up("OW-1", {})
    shop.keys.current = "stale"
    shop.calls.clear()
    shop.connector.run_step("create", request())
    assert shop.paths() == [
        "shopping/order/createOrderV2",
        "authentication/refreshAccessToken",
        "shopping/order/createOrderV2",
    ]
    assert len(shop.ledger("order_created")) == 1
    assert shop.keys.extra["open_id"] == "123456789"


def test_an_ended_refresh_token_falls_back_to_the_api_key() -> None:
    shop = open_shop(keys=Keys(extra={"refresh_token": "ended", "open_id": "123456789"}))
    shop.connector.look_up("OW-1", {})
    assert shop.paths()[:2] == ["authentication/refreshAccessToken", "authentication/getAccessToken"]


def test_a_token_that_another_worker_stored_is_used_before_any_renewal() -> None:
    shop = open_shop(keys=Keys(token="stale"))
    fresh = shop.vendor.access.issue().access
    tokens = iter(["stale", fresh])
    shop.keys.token = lambda refused="": next(tokens)  # type: ignore[method-assign]
    shop.connector.look_up("OW-1", {})
    assert shop.paths() == ["shopping/order/getOrderDetail"] * 2


def test_a_wrong_api_key_is_a_matter_of_settings_and_not_shown() -> None:
    shop = open_shop(keys=Keys(api_key="wrong-key"))
    with pytest.raises(Misconfigured) as wrong:
        shop.connector.look_up("OW-1", {})
    assert "the API key is refused" in wrong.value.message
    assert "wrong-key" not in wrong.value.message


def test_the_token_call_may_be_made_once_in_five_minutes() -> None:
    shop = open_shop(keys=Keys())
    shop.connector.look_up("OW-1", {})
    shop.vendor.access.expire_all()
    with pytest.raises(Retryable) as limited:
        shop.connector.look_up("OW-1", {})
    assert limited.value.after == timedelta(seconds=300)
    assert not shop.sleeps


def test_the_vendors_token_sample_parses() -> None:
    connector = answering(sample("getAccessToken__200.json"))
    keys = connector._client._credentials
    assert isinstance(keys, Keys)
    keys.current = None
    with pytest.raises(Retryable):
        connector.look_up("OW-1", {})  # the same answer comes to the look-up, which is no order
    assert keys.extra == {"refresh_token": "REDACTED", "open_id": "123456789"}
    assert keys.expires_at is not None
    assert keys.expires_at.isoformat() == "2026-06-05T02:10:00+00:00", "made long ago: its end, and ten minutes of skew"


@pytest.mark.parametrize("skew", [timedelta(minutes=-10), timedelta(0), timedelta(minutes=10)])
def test_a_tokens_life_is_counted_by_our_clock_whatever_the_vendors_clock_shows(skew: timedelta) -> None:
    shop = open_shop(keys=Keys())
    here = shop.clock.at
    shop.clock.at = here + skew
    there = shop.vendor.access.issue()
    shop.clock.at = here
    shop.vendor.access.issue = lambda: there  # type: ignore[method-assign]
    shop.connector.look_up("OW-1", {})
    assert shop.keys.expires_at == here + timedelta(days=15)
    assert shop.ledger("contract_violation") == []


@pytest.mark.parametrize("made", [None, "2026-12-07T17:00:00+08:00"])
def test_a_token_without_a_life_that_can_be_counted_ends_ten_minutes_before_the_vendors_word(made: str | None) -> None:
    ends = "2026-12-07T17:00:00+08:00"
    data = {"accessToken": "t", "accessTokenExpiryDate": ends, "refreshToken": "r", "createDate": made, "openId": 1}
    connector = answering({"code": 200, "result": True, "message": "Success", "data": data, "success": True})
    keys = connector._client._credentials
    assert isinstance(keys, Keys)
    keys.current = None
    with pytest.raises(Retryable):
        connector.look_up("OW-1", {})
    assert keys.expires_at is not None
    assert keys.expires_at.isoformat() == "2026-12-07T08:50:00+00:00"


def test_a_read_waits_out_the_limit_per_second() -> None:
    shop = open_shop()
    shop.vendor.faults.script("getOrderDetail", "rate_limited", "rate_limited")
    assert not shop.connector.look_up("OW-1", {}).found
    assert shop.sleeps == [timedelta(seconds=1)] * 2
    shop.vendor.faults.script("getOrderDetail", *["rate_limited"] * 3)
    with pytest.raises(Retryable):
        shop.connector.look_up("OW-1", {})


def test_used_up_points_wait_for_the_next_day() -> None:
    shop = open_shop(CjConfig(points_per_day=5))
    with pytest.raises(Retryable) as used_up:
        shop.connector.read_offer("x", "1905223344557701")
    assert used_up.value.after == timedelta(hours=15)
    assert used_up.value.code == "POINTS_USED_UP"


def test_an_older_account_is_asked_for_its_address_and_gets_it() -> None:
    shop = open_shop(keys=Keys(email="merchant@example.com"))
    shop.vendor.faults.script("getAccessToken", "not_found")  # the vendor's "param error"
    shop.connector.look_up("OW-1", {})
    assert [call.body for call in shop.calls[:2]] == [
        {"apiKey": CjConfig().api_key},
        {"apiKey": CjConfig().api_key, "email": "merchant@example.com"},
    ]


@pytest.mark.parametrize(
    ("name", "unwanted"),
    [
        ("orderwright.connectors.suppliers.cj", "requests"),
        ("orderwright.connectors.feeds.csv", "requests"),
        ("orderwright.connectors.carriers.easypost", "requests"),
        ("orderwright.connectors.suppliers.cj.connector", "babel"),
        ("orderwright.connectors.suppliers.cj.webhook", "pydantic"),
        ("orderwright.connectors.carriers.easypost.webhook", "pydantic"),
    ],
)
def test_importing_a_connector_does_not_load_what_only_a_call_needs(name: str, unwanted: str) -> None:
    code = f"import sys, {name}; sys.exit('{unwanted}' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=False)
    assert done.returncode == 0
