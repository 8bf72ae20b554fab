"""What `connect` does at the door for webhooks: addresses and secrets that are new, of before, and ended (P2, P7)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.sandbox.kit.hooks import hmac_base64 as signature
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.operations import StoredConfig
from orderwright.door_entries import entry_name
from orderwright.ports.connection import Subscription
from orderwright.records import CONTROL, Key, connection_key
from orderwright.storage import Put
from tests.support.hooks import posted, subscribe
from tests.support.shop import CARRIER, FEED, STORE, SUPPLIER, Shop, hook
from tests.unit.cli.cli_kit import API, Operator

WEEK = 7 * 24 * 3600.0
BODY = b'{"id":6102}'


def post(shop: Shop, url: str, secret: str) -> int:
    """An order's webhook at this address, signed with this secret."""
    headers = {"x-shopify-topic": "orders/paid", "x-shopify-hmac-sha256": signature(secret, BODY)}
    return int(shop.wiring.receive_webhook(url.rpartition("/")[2], posted(headers, BODY)).status)


def subscribed(shop: Shop) -> set[str]:
    """Where the store sends its webhooks."""
    return {subscription.uri for subscription in shop.store.hooks.subscriptions.values()}


def of_an_older_version(shop: Shop, *secrets: str) -> str:
    """Leave the store as an older version connected it; gives its address of then."""
    shop.aws.client("ssm").delete_parameter(Name="/orderwright/test/-/webhooks/" + STORE)
    url = f"{API}/webhooks/{STORE}"
    shop.wiring.secrets.write(STORE, "webhook", {"kind": "shopify", "secrets": list(secrets), "url": url})
    subscribe(shop.wiring, STORE, Subscription(url))
    return url


def given(shop: Shop, **more: str) -> str:
    """The store's secrets, for standard input."""
    return json.dumps({"client_secret": shop.store.config.client_secret, **more})


def entry(shop: Shop, name: str) -> dict[str, Any]:
    """What is written down at the door."""
    held = shop.wiring.secrets.read(*entry_name(name), fresh=True)
    assert held is not None
    return held


def test_p7_a_first_connect_makes_an_address_that_nobody_can_guess_and_says_what_to_do_with_it(
    shop: Shop, operator: Operator
) -> None:
    shop.aws.client("ssm").delete_parameter(Name="/orderwright/test/-/webhooks/" + STORE)
    said = operator("connect", STORE, "--json", stdin=given(shop)).json
    assert len(said["webhook_url"].removeprefix(f"{API}/webhooks/")) == 48
    assert subscribed(shop) == {said["webhook_url"]}
    (told,) = [step["told"] for step in said["steps"] if step["step"] == "address"]
    assert said["webhook_url"] in told
    assert "customers/redact" in told
    assert shop.wiring.secrets.read(STORE, "webhook", fresh=True) == {"url": said["webhook_url"]}
    assert post(shop, said["webhook_url"], shop.store.config.client_secret) == 200
    again = operator("connect", STORE, "--json", stdin=given(shop)).json
    assert again["webhook_url"] == said["webhook_url"]
    assert "address" not in [step["step"] for step in again["steps"]]
    assert said["webhook_url"] in operator("connect", STORE, "--test").out


def test_p2_an_address_of_an_older_version_works_through_the_upgrade_until_it_is_retired(
    shop: Shop, operator: Operator
) -> None:
    secret = shop.store.config.client_secret
    old = of_an_older_version(shop, secret)
    assert operator("carry-over", "--json").json == {"webhook_addresses": [STORE]}
    assert post(shop, old, secret) == 200
    said = operator("connect", STORE, "--json", stdin=given(shop)).json
    assert said["webhook_url"] != old
    assert subscribed(shop) == {said["webhook_url"]}
    assert "stays valid until" in said["steps"][1]["told"]
    assert f"connect {STORE} --retire-old-address" in operator("connections").out
    shop.clock.advance(30 * 24 * 3600)
    assert (post(shop, old, secret), post(shop, said["webhook_url"], secret)) == (200, 200)
    assert operator("connect", STORE, "--retire-old-address", "--why", "set everywhere").code == 0
    shop.clock.advance(30)
    assert (post(shop, old, secret), post(shop, said["webhook_url"], secret)) == (401, 200)
    assert "--retire-old-address" not in operator("connections").out
    again = operator("connect", STORE, "--retire-old-address", "--json").json
    assert again["steps"] == [{"step": "address", "told": f"there is no old one; valid is {said['webhook_url']}"}]
    state = shop.wiring.storage.get(connection_key(STORE), ConnectionState)
    assert state is not None
    assert [(line.who, line.what, line.why) for line in state.model.log if "retired" in line.what] == [
        ("operator mika", "old webhook address retired", "set everywhere")
    ]


def test_an_older_versions_only_address_is_never_retired(shop: Shop, operator: Operator) -> None:
    secret = shop.store.config.client_secret
    old = of_an_older_version(shop, secret)
    assert operator("connect", STORE, "--retire-old-address").code == 0
    operator("carry-over")
    assert post(shop, old, secret) == 200


def test_what_is_carried_over_gives_the_secret_before_a_week_and_is_written_once(
    shop: Shop, operator: Operator
) -> None:
    secret = shop.store.config.client_secret
    old = of_an_older_version(shop, "newest", secret)
    operator("carry-over")
    assert entry(shop, STORE)["secrets"] == [["newest", ""], [secret, "2026-11-29T08:00:00.000000Z"]]
    shop.clock.advance(WEEK - 1)
    assert post(shop, old, secret) == 200
    assert operator("carry-over", "--json").json == {"webhook_addresses": []}
    shop.clock.advance(1)
    assert (post(shop, old, secret), post(shop, old, "newest")) == (401, 200)


def test_a_configuration_of_an_older_version_does_not_keep_webhooks_from_being_carried_over(
    shop: Shop, operator: Operator
) -> None:
    of_an_older_version(shop, "newest")
    document = json.dumps({"connections": {STORE: {"kind": "of-another-version"}}})
    current = Key(CONTROL, "CONFIG", "CURRENT")
    held = shop.wiring.storage.get(current, StoredConfig)
    assert held is not None
    stored = held.model.model_copy(update={"document": document})
    shop.wiring.storage.commit([Put(current, stored, held.version)])
    assert operator("carry-over", "--json").json == {"webhook_addresses": [STORE]}


def test_another_address_can_be_asked_for_without_the_secrets_and_one_old_one_is_the_most(
    shop: Shop, operator: Operator
) -> None:
    said = operator("connect", STORE, "--new-address", "--json").json
    assert said["webhook_url"] != hook(STORE)
    assert subscribed(shop) == {said["webhook_url"]}
    secret = shop.store.config.client_secret
    assert (post(shop, hook(STORE), secret), post(shop, said["webhook_url"], secret)) == (200, 200)
    refused = operator("connect", STORE, "--new-address", "--json")
    assert (refused.code, refused.json["error"]["code"]) == (1, "OLD_ADDRESS_VALID")
    assert entry(shop, STORE)["addresses"][0] in said["webhook_url"]


def test_a_supplier_and_a_carrier_post_to_their_new_address_alone(shop: Shop, operator: Operator) -> None:
    shop.connect()
    for name in (SUPPLIER, CARRIER):
        assert operator("connect", name, "--new-address", "--json").code == 0
    assert [webhook.url for webhook in shop.carrier.webhooks] == [operator_url(operator, CARRIER)]
    assert set(shop.supplier.messages.callbacks.values()) == {operator_url(operator, SUPPLIER)}
    assert hook(CARRIER) != operator_url(operator, CARRIER) != operator_url(operator, SUPPLIER) != hook(SUPPLIER)


def operator_url(operator: Operator, name: str) -> str:
    """The address as `connections` shows it."""
    rows = {row["connection"]: row for row in operator("connections", "--json").json}
    return str(rows[name]["webhook_url"])


def test_p7_a_rotated_secret_ends_after_a_week_by_itself(shop: Shop, operator: Operator) -> None:
    secret = shop.store.config.client_secret
    said = operator("connect", STORE, stdin=given(shop, webhook_secret="brand-new"))
    assert "stays valid until 2026-11-29 08:00 UTC" in said.out
    shop.clock.advance(WEEK - 1)
    # Connecting again with the same secrets gives the old one no longer life.
    operator("connect", STORE, stdin=given(shop, webhook_secret="brand-new"))
    assert (post(shop, hook(STORE), secret), post(shop, hook(STORE), "brand-new")) == (200, 200)
    shop.clock.advance(1)
    assert (post(shop, hook(STORE), secret), post(shop, hook(STORE), "brand-new")) == (401, 200)


def test_p7_a_revoked_secret_ends_within_thirty_seconds(shop: Shop, operator: Operator) -> None:
    secret = shop.store.config.client_secret
    operator("connect", STORE, stdin=given(shop, webhook_secret="brand-new"))
    assert post(shop, hook(STORE), secret) == 200
    assert operator("connect", STORE, "--revoke", "--why", "it leaked").code == 0
    shop.clock.advance(30)
    assert (post(shop, hook(STORE), secret), post(shop, hook(STORE), "brand-new")) == (401, 200)
    assert entry(shop, STORE)["secrets"] == [["brand-new", ""]]


def test_a_secret_that_comes_back_is_the_newest_again_and_two_changes_in_a_week_lose_none(
    shop: Shop, operator: Operator
) -> None:
    for secret in ("one", "two", "one"):
        operator("connect", STORE, stdin=given(shop, webhook_secret=secret))
    first = shop.store.config.client_secret
    ends = "2026-11-29T08:00:00.000000Z"
    assert entry(shop, STORE)["secrets"] == [["one", ""], ["two", ends], [first, ends]]
    for number in range(9):
        operator("connect", STORE, stdin=given(shop, webhook_secret=f"more-{number}"))
    assert len(entry(shop, STORE)["secrets"]) == 5


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((STORE, "--revoke", "--test"), "INPUT"),
        ((FEED, "--revoke"), "INPUT"),
        ((FEED, "--new-address"), "INPUT"),
        ((CARRIER, "--revoke"), "NOT_CONNECTED"),
        ((CARRIER, "--retire-old-address"), "NOT_CONNECTED"),
    ],
)
def test_what_cannot_be_ended_is_refused_in_words(
    shop: Shop, operator: Operator, arguments: tuple[str, ...], code: str
) -> None:
    shop.aws.client("ssm").delete_parameter(Name="/orderwright/test/-/webhooks/" + CARRIER)
    said = operator("connect", *arguments, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, code)


def test_p14_an_entry_that_makes_no_sense_is_named_with_what_to_do(shop: Shop, operator: Operator) -> None:
    shop.wiring.secrets.write(*entry_name(STORE), {"kind": "shopify"})
    said = operator("connect", STORE, "--json", stdin=given(shop))
    assert (said.code, said.json["error"]["code"]) == (1, "DOOR_UNREADABLE")
    assert f"-/webhooks/{STORE}" in said.json["error"]["message"]
