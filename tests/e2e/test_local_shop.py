"""The whole shop on this machine, used from outside: by its pages' HTTP interface, by signed webhooks, by the command line."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local.events import EVENTS
from local.mail_events import main
from local.running.shop import LocalShop
from local.sandbox.ui.buyers import PRESETS
from tests.e2e.delivering import ORDER_PATH, buy_and_deliver_while_killing, notices_against_mailbox
from tests.e2e.killing import kill_all
from tests.e2e.outsider import STORE, Outsider
from tests.e2e.watching import QueueWatch

# One worker takes all of them, so that one shop is started and not two (make test runs with --dist loadgroup).
pytestmark = pytest.mark.xdist_group("local_shop")


def order_body(gid: str) -> bytes:
    """Shopify's body of an order, for an order that exists."""
    sample: dict[str, Any] = json.loads((EVENTS / "vendors/shopify/orders_create_untrimmed.json").read_bytes())
    return json.dumps({**sample, "id": int(gid.rpartition("/")[2]), "admin_graphql_api_id": gid}).encode()


def row_of(shop: LocalShop, name: str) -> dict[str, Any]:
    """The order's row in the command line's list, empty while it is unknown."""
    rows: list[dict[str, Any]] = shop.json_command("orders", "list", "--all")
    return next((row for row in rows if row["name"] == name), {})


def test_a_taken_port_is_another_port(shop: LocalShop, taken_port: int) -> None:
    assert int(shop.url.rpartition(":")[2]) != taken_port
    assert json.loads(shop.run_file.read_text("utf-8"))["sandbox_url"] == shop.url


def test_the_run_file_is_for_its_owner_only(shop: LocalShop) -> None:
    assert shop.run_file.stat().st_mode & 0o777 == 0o600


def test_the_first_mail_comes_after_buy(shop: LocalShop, outsider: Outsider) -> None:
    began = time.monotonic()
    order = outsider.act("buy", sku="HL-COB-350", buyer="berlin")["order"]
    (letter, *_) = shop.until("the first mail is there", lambda: outsider.letters(order))
    assert letter["to"] == "jonas@example.org"
    print(f"first mail {time.monotonic() - began:.1f} s after Buy")


def test_a_bounce_that_ses_tells_reaches_its_order(shop: LocalShop, outsider: Outsider) -> None:
    order = outsider.act("buy", sku="HL-COB-350", buyer="berlin")["order"]
    shop.until("the mail is there", lambda: outsider.letters(order))
    shop.until("it is written down", lambda: shop.json_command("orders", "show", order)["notices"])
    main(order, "bounce", str(shop.run_file))
    (told,) = shop.until("it came back", lambda: shop.json_command("orders", "show", order)["mail_events"])
    assert (told["kind"], told["detail"]) == ("MAIL_BOUNCED", "Permanent General")
    assert order in [one["order"] for one in shop.json_command("notices", "list")]


def test_a_signed_webhook_of_an_outsider_brings_an_order_that_the_store_never_announced(
    shop: LocalShop, outsider: Outsider
) -> None:
    outsider.act("drop_webhooks", count=1)
    bought = outsider.act("buy", sku="HL-COB-350", buyer="portland")
    assert outsider.webhook(order_body(bought["id"]), topic="orders/create") == 200
    reached = shop.until("the command line shows it", lambda: row_of(shop, bought["order"]))
    assert reached["connection"] == STORE
    shown = shop.json_command("orders", "show", bought["order"])
    assert (shown["name"], shown["payment"]) == (bought["order"], "PAID")


def test_a_forged_webhook_is_refused(outsider: Outsider) -> None:
    body = order_body("gid://shopify/Order/1")
    assert outsider.webhook(body, topic="orders/create", secret="guessed") == 401
    assert outsider.post(outsider.run["connections"][STORE]["webhook_url"], body) == 401


def test_p2_an_unknown_address_and_a_mere_name_are_refused_as_a_forged_webhook_is(outsider: Outsider) -> None:
    base = outsider.run["api_url"]
    for guessed in ("nobody", STORE, "0" * 48):
        assert outsider.post(f"{base}/webhooks/{guessed}", b"{}") == 401
        assert outsider.post(f"{base}/webhooks/{guessed}", b"", method="GET") == 401


def test_a_guessed_link_to_a_suppliers_page_opens_nothing_and_takes_nothing(outsider: Outsider) -> None:
    base = outsider.run["api_url"]
    for guessed in ("nobody", "OWAAAAAAAAAAAAAAAAAAAA-20991231-AAAAAAAAAAAAAAAAAAAAAAAAAA"):
        for method in ("GET", "POST"):
            assert outsider.post(f"{base}/purchase-orders/{guessed}", b"act=confirm", method=method) == 404


def test_a_path_or_method_that_is_no_route_is_not_found(outsider: Outsider) -> None:
    base = outsider.run["api_url"]
    assert outsider.post(f"{base}/elsewhere", b"{}") == 404
    assert outsider.post(f"{base}/webhooks/{STORE}", b"", method="DELETE") == 404


def test_a_body_of_six_mebibytes_is_too_large(outsider: Outsider) -> None:
    assert outsider.webhook(b" " * (6 * 1024 * 1024), topic="orders/create") == 413


def test_an_authentic_body_that_nobody_understands_is_parked_and_answered(shop: LocalShop, outsider: Outsider) -> None:
    assert outsider.webhook(b"{not json", topic="orders/create") == 200
    shop.until("it is parked", lambda: shop.json_command("status")["parked_notes"])


def test_the_command_line_shows_orders_and_state(shop: LocalShop, outsider: Outsider) -> None:
    order = outsider.act("buy", sku="HL-KID-120", buyer="tampere", sms=True)["order"]
    shop.until("the mail is there", lambda: outsider.letters(order))
    rows = shop.json_command("orders", "list", "--all")
    assert order in {row["name"] for row in rows}
    shown = shop.json_command("orders", "show", order)
    assert shown["name"] == order
    assert "aino" not in json.dumps(shown).lower(), "a person is shown only when asked for"
    told = shop.json_command("status")
    assert told["stack"] == "orderwright"
    assert sum(told["orders"].values()) == len(rows)
    assert (told["dead_letters"], told["kill_switches"]) == ({}, [])


def test_expired_tokens_are_renewed_by_the_functions_with_their_own_roles(shop: LocalShop, outsider: Outsider) -> None:
    ssm = shop.stack.client("ssm")
    paths = [f"{outsider.run['secrets_prefix']}/{name}/token" for name in (STORE, "cj")]

    def token(path: str) -> dict[str, str]:
        return dict(json.loads(ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"]))

    ended = {path: {**token(path), "expires_at": "2026-01-01T00:00:00+00:00"} for path in paths}
    for path, value in ended.items():
        ssm.put_parameter(Name=path, Value=json.dumps(value), Type="SecureString", Overwrite=True)
    kill_all(shop.stack)  # warm processes remember their tokens
    order = outsider.act("buy", sku="HL-MS-400", buyer="portland")["order"]
    shop.until("it is placed", lambda: row_of(shop, order).get("state") == "PLACED")
    assert all(token(path)["value"] != value["value"] for path, value in ended.items())


def test_killing_any_function_at_any_moment_changes_no_ledger(shop: LocalShop, watch: QueueWatch) -> None:
    played = buy_and_deliver_while_killing(shop, orders=12)
    assert set(played.struck) >= ORDER_PATH, f"never killed: {ORDER_PATH - set(played.struck)}"
    for name in played.names:
        assert len(played.desk.paid_at_supplier(name)) == 1, f"{name}: purchase orders"
        assert len(played.desk.ledger("shopify", "fulfillment_created", name)) == 1, f"{name}: fulfillments"
        notices_against_mailbox(played.desk, name)
    assert len(played.desk.ledger("cj", "order_paid")) == len(
        {entry.reference for entry in played.desk.ledger("cj", "order_paid")}
    )
    dead = {queue: bodies for queue, bodies in watch.waiting().items() if "DeadLetter" in queue}
    assert dead == {}
    print(f"killed at {sum(played.struck.values())} moments: {dict(played.struck)}")


def test_p8_nobody_is_named_in_a_log_line_or_a_queue(shop: LocalShop, outsider: Outsider, watch: QueueWatch) -> None:
    order = outsider.act("buy", sku="HL-KID-120", buyer="no_postcode")["order"]
    shop.until("it needs attention", lambda: row_of(shop, order).get("reasons"))
    said = [line.text for line in shop.stack.logs()]
    assert len(said) > 100
    assert len(watch.bodies) > 20
    assert watch.problems == []
    for word in people():
        assert [text for text in (*said, *watch.bodies) if word in text.lower()] == [], word


def people() -> set[str]:
    """What is personal about the buyers: names, addresses, mail addresses, telephone numbers, in small letters."""
    words: set[str] = set()
    for preset in PRESETS.values():
        buyer, address = preset.buyer, preset.address
        words |= {buyer.first_name, buyer.last_name, buyer.email or "", address.address1 or "", address.city or ""}
        words |= {digits for phone in (buyer.phone, address.phone) if (digits := (phone or "").lstrip("+"))}
    return {word.lower() for word in words if word}
