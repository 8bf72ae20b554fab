"""The sandbox's HTTP server: vendors behind their prefixes, silence where a vendor keeps silent, and the actions' JSON."""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from local.sandbox.sandbox import Sandbox
from local.sandbox.server import SandboxServer
from local.sandbox.ui.app import ACTIONS
from local.sandbox.ui.mailbox import File, Message
from tests.contracts.sandbox_kit import basic
from tests.contracts.test_sandbox_pages import pay_one, ship_one
from tests.support.eventually import eventually

HANGS_LONG = 60.0


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    started = SandboxServer(Sandbox(), 0, hang_seconds=0.2)
    started.start()
    yield started
    started.stop()


def call(
    server: SandboxServer, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """One request and its status, headers and body."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=120)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def act(server: SandboxServer, action: str, /, **arguments: Any) -> tuple[int, Any]:
    """One action by HTTP."""
    kind = {"content-type": "application/json"}
    status, _, body = call(server, "POST", f"/api/actions/{action}", json.dumps(arguments).encode(), kind)
    return status, json.loads(body)


def state(server: SandboxServer) -> Any:
    return json.loads(call(server, "GET", "/api/state")[2])


def test_each_vendor_sees_the_path_behind_its_prefix(server: SandboxServer) -> None:
    shop = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", "grant_type": "client_credentials"}
    kind = {"content-type": "application/json"}
    status, _, body = call(server, "POST", "/shopify/admin/oauth/access_token", json.dumps(shop).encode(), kind)
    assert (status, "access_token" in json.loads(body)) == (200, True)
    key = json.dumps({"apiKey": server.sandbox.supplier.config.api_key}).encode()
    _, _, body = call(server, "POST", "/cj/api2.0/v1/authentication/getAccessToken", key, kind)
    assert json.loads(body)["data"]["openId"] == server.sandbox.supplier.config.open_id
    status, headers, body = call(server, "GET", "/feed/stock.csv", headers=basic("feed", "sandbox"))
    assert (status, headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert body.startswith(b"sku,qty")
    status, _, _ = call(server, "GET", "/easypost/v2/trackers", headers=basic("EZTKsandbox", ""))
    assert status == 200
    assert call(server, "GET", "/easypost/v2/trackers")[0] == 401


def test_the_accounts_are_all_that_a_client_needs(server: SandboxServer) -> None:
    accounts = {account.kind: account for account in server.sandbox.accounts}
    assert set(accounts) >= {"shopify", "cj", "csv_feed", "easypost"}
    assert accounts["csv_feed"].base_url(server.url) == f"{server.url}/feed/stock.csv"
    assert accounts["shopify"].webhook_secret == "sandbox-secret"
    assert accounts["cj"].webhook_secret == "123456789"


def test_repeated_query_names_reach_a_vendor_as_one_list(server: SandboxServer) -> None:
    numbers = [ship_one(server.sandbox, f"OW-{each}") for each in (1, 2)]
    token = {"cj-access-token": server.sandbox.supplier.access.issue().access}
    query = "&".join(f"trackNumber={number}" for number in numbers)
    _, _, body = call(server, "GET", f"/cj/api2.0/v1/logistic/trackInfo?{query}", headers=token)
    assert [row["trackingNumber"] for row in json.loads(body)["data"]] == numbers


def test_a_silent_vendor_closes_without_one_byte_after_a_while(server: SandboxServer) -> None:
    server.sandbox.feed.faults.script("fetch", "timeout")
    host, port = server.url.removeprefix("http://").split(":")
    credentials = "".join(f"{name}: {value}\r\n" for name, value in basic("feed", "sandbox").items())
    with socket.create_connection((host, int(port)), timeout=120) as client:
        client.sendall(f"GET /feed/stock.csv HTTP/1.1\r\nHost: {host}\r\n{credentials}\r\n".encode())
        began = time.monotonic()
        assert client.recv(1) == b""
        assert time.monotonic() - began >= 0.2
    assert call(server, "GET", "/feed/stock.csv", headers=basic("feed", "sandbox"))[0] == 200


def test_a_silent_vendor_delays_nobody_else() -> None:
    server = SandboxServer(Sandbox(), 0, hang_seconds=HANGS_LONG)
    server.start()
    try:
        server.sandbox.feed.faults.script("fetch", "timeout")
        host, port = server.url.removeprefix("http://").split(":")
        credentials = "".join(f"{name}: {value}\r\n" for name, value in basic("feed", "sandbox").items())
        with socket.create_connection((host, int(port)), timeout=120) as client:
            client.sendall(f"GET /feed/stock.csv HTTP/1.1\r\nHost: {host}\r\n{credentials}\r\n".encode())
            assert call(server, "GET", "/feed/stock.csv", headers=basic("feed", "wrong"))[0] == 401
            assert select.select([client], [], [], 0)[0] == [], "the silent one is still silent"
    finally:
        server.stop()


def test_a_taken_port_is_another_port(server: SandboxServer) -> None:
    port = int(server.url.rpartition(":")[2])
    second = SandboxServer(Sandbox(), port)
    second.start()
    try:
        assert second.url.startswith("http://127.0.0.1:")
        assert second.url != server.url
        assert call(second, "GET", "/api/state")[0] == 200
    finally:
        second.stop()
        second.stop()


def test_time_passes_by_itself(server: SandboxServer) -> None:
    act(server, "auto_ship", seconds=0)
    pay_one(server.sandbox, "OW-1")
    eventually(lambda: server.sandbox.supplier.orders[0].parcels)


def test_buying_by_json_is_in_the_state_and_the_time_line(server: SandboxServer) -> None:
    status, answer = act(server, "buy", sku="HL-COB-350", quantity=2, buyer="no_postcode", pay="authorized")
    assert (status, answer["result"]["order"], answer["result"]["payment"]) == (200, "#1001", "AUTHORIZED")
    shown = state(server)
    assert shown["shop"]["orders"][0]["place"] == "Tampere FI"
    assert [row["title"] for row in shown["timelines"]["orders"][0]["entries"]] == ["Order placed"]
    assert act(server, "capture", order="1001")[0] == 200
    assert act(server, "address", order="#1001", zip="33100")[0] == 200
    assert state(server)["shop"]["orders"][0]["place"] == "33100 Tampere FI"


def test_a_country_is_taxed_and_money_goes_back_with_its_tax(server: SandboxServer) -> None:
    assert act(server, "tax", country="DE", rate="19")[0] == 200
    act(server, "buy", sku="HL-COB-350", buyer="berlin", shipping="4.90")
    assert act(server, "refund", order="#1001", amount="5", tax="0.80")[0] == 200
    assert act(server, "refund", order="#1001", sku="HL-COB-350", tax="0.80")[0] == 409
    order = server.sandbox.store.order("#1001")
    assert (str(order.tax_now - order.lines_tax_now), str(order.refund_discrepancy)) == ("0.78", "-5")
    assert act(server, "refund", order="#1001", sku="HL-COB-350", shipping="4.90")[0] == 409, "more than is left"


def test_an_unchanged_state_is_304(server: SandboxServer) -> None:
    _, headers, _ = call(server, "GET", "/api/state")
    assert call(server, "GET", "/api/state", headers={"if-none-match": headers["etag"]})[0] == 304


@pytest.mark.parametrize(
    ("action", "arguments", "status", "field"),
    [
        ("buy", {"sku": "HL-COB-350", "quantity": 0}, 422, "quantity"),
        ("buy", {"sku": "HL-COB-350", "buyer": "nobody"}, 422, "buyer"),
        ("buy", {}, 422, "arguments"),
        ("buy", {"sku": "HL-COB-350", "colour": "red"}, 422, "colour"),
        ("buy", {"lines": [{"sku": "HL-COB-350", "quantity": "many"}]}, 422, "lines.0.quantity"),
        ("buy", {"sku": "NO-SUCH"}, 409, "sku"),
        ("buy", {"sku": "HL-COB-350", "quantity": 900}, 409, "sku"),
        ("capture", {"order": "#9999"}, 409, "order"),
        ("tax", {"country": "Germany", "rate": "19"}, 422, "country"),
        ("set_stock", {"sku": "HL-MS-400", "stock": -1}, 422, "stock"),
        ("set_stock", {"sku": "NO-SUCH", "stock": 1}, 409, "sku"),
        ("set_cost", {"sku": "HL-MS-400", "cost": "cheap"}, 422, "cost"),
        ("next_answer", {"answer": "maybe"}, 422, "answer"),
        ("next_answer", {"answer": "refuse", "operation": "createOrder"}, 409, "operation"),
        ("surcharge", {"reference": "OW-9", "amount": 1}, 409, "reference"),
        ("ship", {"reference": "OW-9"}, 409, "reference"),
        ("scan", {"tracking_number": "YT0000", "scan": "delivered"}, 409, "tracking_number"),
        ("auto_ship", {}, 422, "seconds"),
        ("feed_cost", {"sku": "NO-SUCH", "cost": 1}, 409, "sku"),
        ("feed_title", {"sku": "NO-SUCH", "cell": "x"}, 409, "sku"),
        ("sale_status", {"sku": "NO-SUCH"}, 409, "sku"),
        ("sale_status", {"sku": "HL-MS-400", "status": 9}, 422, "status"),
        ("fly", {}, 404, "name"),
    ],
)
def test_bad_arguments_name_the_field_and_change_nothing(
    server: SandboxServer, action: str, arguments: dict[str, Any], status: int, field: str
) -> None:
    got, answer = act(server, action, **arguments)
    assert (got, answer["ok"], answer["errors"][0]["field"]) == (status, False, field)
    assert answer["errors"][0]["message"]
    assert server.sandbox.world.ledger.entries == []


def test_a_title_stands_in_the_file_as_it_is_given_until_it_is_taken_out(server: SandboxServer) -> None:
    def file() -> bytes:
        return call(server, "GET", "/feed/stock.csv", headers=basic("feed", "sandbox"))[2]

    assert act(server, "feed_title", sku="HL-MS-400", cell='"Work lamp 24""')[0] == 200
    assert b'HL-MS-400,"Work lamp 24"",' in file()
    assert act(server, "feed_title", sku="HL-MS-400", cell=None)[0] == 200
    assert b"Work lamp" not in file()


def test_an_article_is_taken_off_sale_and_sold_again(server: SandboxServer) -> None:
    told = [act(server, "sale_status", sku="HL-MS-400", **given)[1]["result"] for given in ({}, {"status": 3})]
    assert [one["status"] for one in told] == [5, 3]
    assert server.sandbox.supplier._catalogue.sale_status["HL-MS-400"] == 3


def test_only_a_json_object_is_taken(server: SandboxServer) -> None:
    kind = {"content-type": "application/json"}
    assert call(server, "POST", "/api/actions/install", b"[]", kind)[0] == 422
    assert call(server, "POST", "/api/actions/install", b"{", kind)[0] == 400
    assert call(server, "POST", "/api/actions/install", b"{}", {"content-type": "text/plain"})[0] == 415
    assert call(server, "GET", "/api/actions/install")[0] == 405
    assert call(server, "GET", "/nowhere")[0] == 404


def test_every_action_is_described(server: SandboxServer) -> None:
    status, _, body = call(server, "GET", "/api")
    assert status == 200
    for name in ACTIONS:
        assert f'id="{name}"'.encode() in body


def test_pages_need_nothing_from_elsewhere(server: SandboxServer) -> None:
    _, headers, body = call(server, "GET", "/")
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert b"https://" not in body
    for path in ("/static/app.js", "/static/base.css", "/pictures/HL-MS-400.svg", "/pictures/%3Cscript%3E.svg"):
        assert call(server, "GET", path)[0] == 200
    assert call(server, "GET", "/static/..%2fapp.py")[0] == 404


def test_what_is_attached_to_a_mail_is_listed_and_opens_as_a_pdf_or_as_text() -> None:
    files = (File("OW1.pdf", "application/pdf", b"%PDF-1.4"), File("OW1.csv", "text/html", b"<script>"))
    mail = Message("m/1", "mail", "a@example.com", "", "S", "", "", datetime(2026, 11, 2, tzinfo=UTC), files)
    started = SandboxServer(Sandbox(), 0, mail_source=lambda: [mail])
    started.start()
    try:
        (listed,) = json.loads(call(started, "GET", "/api/state")[2])["mailbox"]["messages"]
        assert listed["files"] == [{"name": "OW1.pdf", "bytes": 8}, {"name": "OW1.csv", "bytes": 8}]
        answers = [call(started, "GET", f"/mail-files/{number}/m%2F1") for number in (0, 1)]
        assert [answer[2] for answer in answers] == [file.data for file in files]
        kinds = [answer[1]["content-type"].partition(";")[0] for answer in answers]
        assert kinds == ["application/pdf", "text/plain"]
        assert {answer[1]["x-content-type-options"] for answer in answers} == {"nosniff"}
        assert call(started, "GET", "/mail-files/2/m%2F1")[0] == 404
    finally:
        started.stop()


def test_a_mail_is_served_where_no_script_can_run() -> None:
    mail = Message("m/1", "mail", "a@example.com", "", "S", "", "<p>Hi</p>", datetime(2026, 11, 2, tzinfo=UTC))
    started = SandboxServer(Sandbox(), 0, mail_source=lambda: [mail])
    started.start()
    try:
        status, headers, body = call(started, "GET", "/mail/m%2F1")
        assert (status, b"<p>Hi</p>" in body) == (200, True)
        assert headers["content-security-policy"].startswith("sandbox allow-popups")
        assert "script-src" not in headers["content-security-policy"]
        assert call(started, "GET", "/mail/none")[0] == 404
    finally:
        started.stop()
