"""What the sandbox's pages know: one time line over all vendors, the mailbox, and what was planned for the supplier."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

from werkzeug.serving import make_server

from local.sandbox.sandbox import Sandbox, SandboxSettings
from local.sandbox.ui.app import ACTIONS
from local.sandbox.ui.mailbox import EmulatorMailbox, Mailbox, Message
from local.sandbox.ui.state import snapshot
from local.sandbox.ui.timeline import NEWEST_GENERAL
from local.sandbox.wire import Request
from tests.contracts.sandbox_kit import START, Clock, basic, order_body


def sandbox_at(clock: Clock) -> Sandbox:
    return Sandbox(SandboxSettings(deliver=False, clock=clock))


def pay_one(sandbox: Sandbox, number: str, **changes: Any) -> str:
    """What a client does to get one purchase order paid."""
    headers = {"cj-access-token": sandbox.supplier.access.issue().access, "content-type": "application/json"}

    def post(path: str, body: Any) -> Any:
        answer = sandbox.handle(Request("POST", f"/cj/api2.0/v1/{path}", {}, headers, json.dumps(body).encode()))
        return json.loads(answer.body)["data"]

    order_id = str(post("shopping/order/createOrderV2", {**order_body(number), **changes})["orderId"])
    post("shopping/order/addCart", {"cjOrderIdList": [order_id]})
    shipment = post("shopping/order/addCartConfirm", {"cjOrderIdList": [order_id]})["shipmentsId"]
    bill = post("shopping/order/saveGenerateParentOrder", {"shipmentOrderId": shipment})
    post("shopping/pay/payBalanceV2", {"shipmentOrderId": shipment, "payId": bill["payId"]})
    return order_id


def ship_one(sandbox: Sandbox, number: str) -> str:
    pay_one(sandbox, number)
    return sandbox.supplier.ship(number).tracking_number


def test_one_time_line_runs_through_every_vendor_and_the_mailbox() -> None:
    clock = Clock()
    sandbox = sandbox_at(clock)
    order = ACTIONS["buy"].perform(sandbox, {"sku": "HL-COB-350", "quantity": 2})
    clock.forward(1)
    pay_one(sandbox, f"OW-{order['id'].rpartition('/')[2]}-abc123-1")
    clock.forward(1)
    number = sandbox.supplier.ship(sandbox.supplier.orders[0].order_number).tracking_number
    clock.forward(1)
    ACTIONS["scan"].perform(sandbox, {"tracking_number": number, "scan": "delivered"})
    mail = Message("m", "mail", "aino@example.com", "", "Order #1001 delivered", "", "", clock())
    other = Message("n", "mail", "aino@example.com", "", "Order #10010 delivered", "", "", clock())
    shown = snapshot(sandbox, Mailbox(lambda: [mail, other]))
    (line,) = shown["timelines"]["orders"]
    assert [(row["source"], row["kind"]) for row in line["entries"]] == [
        ("store", "order_created"),
        ("store", "order_paid"),
        ("supplier", "order_created"),
        ("supplier", "cart_confirmed"),
        ("supplier", "order_paid"),
        ("supplier", "order_shipped"),
        ("carrier", "scan"),
        ("mailbox", "mail"),
    ]
    assert shown["carrier"]["parcels"][0]["order"] == "#1001"


def test_a_purchase_order_is_found_by_the_stores_line_when_its_number_says_nothing() -> None:
    sandbox = sandbox_at(Clock())
    ACTIONS["buy"].perform(sandbox, {"sku": "HL-COB-350"})
    body = order_body("X-1", HL_COB_350=1)
    (line,) = sandbox.store.order("#1001").lines
    body["products"][0]["storeLineItemId"] = f"gid://shopify/LineItem/{line.number}"
    pay_one(sandbox, "X-1", products=body["products"])
    assert snapshot(sandbox, Mailbox())["supplier"]["purchase_orders"][0]["order"] == "#1001"


def test_two_parcels_share_what_was_ordered() -> None:
    sandbox = sandbox_at(Clock())
    pay_one(sandbox, "OW-1", products=order_body("OW-1", HL_MS_400=1, HL_COB_350=2)["products"])
    ACTIONS["ship_in_two"].perform(sandbox, {"reference": "OW-1"})
    assert [parcel.quantities for parcel in sandbox.supplier.orders[0].parcels] == [
        {"HL-MS-400": 1},
        {"HL-COB-350": 2},
    ]


def test_many_deliveries_never_push_other_lines_out() -> None:
    sandbox = sandbox_at(Clock())
    ACTIONS["set_stock"].perform(sandbox, {"sku": "ACC-001", "stock": 3})
    for _ in range(2 * NEWEST_GENERAL):
        sandbox.world.record("shopify", "webhook_delivered", "1", topic="products/update", attempt=1, milliseconds=2)
    general = snapshot(sandbox, Mailbox())["timelines"]["general"]
    assert len(general) == NEWEST_GENERAL + 1
    assert (general[-1]["title"], general[-1]["detail"]) == ("Supplier's stock set", "ACC-001 · 3 units")


def test_planned_answers_are_forgotten_on_accept() -> None:
    sandbox = sandbox_at(Clock())
    ACTIONS["next_answer"].perform(sandbox, {"answer": "time_out_after_accepting", "times": 2})
    assert sandbox.supplier.faults.queued["createOrderV2"] == ["accept_then_timeout"] * 2
    ACTIONS["next_answer"].perform(sandbox, {"answer": "accept"})
    assert snapshot(sandbox, Mailbox())["supplier"]["queued"] == {}


def test_a_mailbox_that_cannot_be_read_says_so_and_keeps_what_it_knew() -> None:
    def unreachable() -> list[Message]:
        raise ConnectionRefusedError

    shown = snapshot(sandbox_at(Clock()), Mailbox(unreachable))
    assert shown["mailbox"] == {"problem": "The mailbox cannot be read: ConnectionRefusedError", "messages": []}


def test_dashboard_settings_are_set_beside_the_vendors_own_interfaces() -> None:
    sandbox = sandbox_at(Clock())
    privacy = sandbox.store.config.privacy_url = "http://127.0.0.1:1/privacy"
    callbacks = sandbox.supplier.messages.callbacks
    callbacks |= dict.fromkeys(("product", "stock", "order", "logistics"), "http://127.0.0.1:1/cj")
    sandbox.store.uninstall()
    pay_one(sandbox, "OW-1")
    assert {delivery.url for delivery in sandbox.collected} == {privacy, *callbacks.values()}
    assert Sandbox().store.config.privacy_url is None


def test_only_the_vendors_prefixes_are_answered() -> None:
    sandbox = sandbox_at(Clock())
    assert sandbox.handle(Request("GET", "/other/x")).status == 404
    assert [sandbox.serves(path) for path in ("/cj/x", "/cjx", "/")] == [True, False, False]


def test_mails_and_text_messages_are_read_from_the_local_aws() -> None:
    clock = Clock()
    mails = {"messages": {"000000000000": [mail_row("m1", "Tilaus #1001"), mail_row("m2", "Hei", BodyHtml=None)]}}
    texts = {"sms_messages": {"+358412345678": [text_row("s1", "#1002 delivered")]}}

    def emulator(environ: Any, start_response: Any) -> list[bytes]:
        known = {"/_ministack/ses/messages": mails, "/_ministack/sns/sms-messages": texts}
        start_response("200 OK", [("content-type", "application/json")])
        return [json.dumps(known[environ["PATH_INFO"]]).encode()]

    served = make_server("127.0.0.1", 0, emulator)
    thread = threading.Thread(target=served.serve_forever, args=(0.01,))
    thread.start()
    try:
        source = EmulatorMailbox(f"http://127.0.0.1:{served.port}/", clock)
        for _ in range(2):
            first, second, third = source()
            assert (first.to, first.names(), first.at) == (
                "aino@example.com",
                {"#1001"},
                datetime(2026, 11, 2, 9, tzinfo=UTC),
            )
            assert (second.html, second.names()) == ("", set())
            assert (third.channel, third.to, third.names(), third.at) == ("sms", "+358412345678", {"#1002"}, START)
            clock.forward(60)
    finally:
        served.shutdown()
        thread.join()
        served.server_close()


def test_an_operator_replaces_numbers_gives_used_ones_sends_back_and_lets_vendors_hang() -> None:
    sandbox = sandbox_at(Clock())
    pay_one(sandbox, "OW-1")
    (old,) = ACTIONS["ship"].perform(sandbox, {"reference": "OW-1", "used_before": True})["tracking_numbers"]
    assert sandbox.carrier.scans(old)[-1].status == "delivered"
    new = ACTIONS["replace_number"].perform(sandbox, {"tracking_number": old})["tracking_number"]
    last = ACTIONS["replace_number"].perform(sandbox, {"tracking_number": new, "last_mile": True})["tracking_number"]
    ACTIONS["scan"].perform(sandbox, {"tracking_number": last, "scan": "back_at_sender"})
    (parcel,) = snapshot(sandbox, Mailbox())["carrier"]["parcels"]
    assert (parcel["number"], parcel["status"], parcel["purchase_order"]) == (last, "delivered", "OW-1")
    ACTIONS["scan"].perform(sandbox, {"tracking_number": last, "scan": "customs"})
    ACTIONS["lose"].perform(sandbox, {"tracking_number": last})
    ACTIONS["scan"].perform(sandbox, {"tracking_number": last, "scan": "delivered"})
    assert (sandbox.carrier.scans(last)[-1].code, snapshot(sandbox, Mailbox())["carrier"]["parcels"][0]["lost"]) == (
        "EME",
        True,
    )
    ACTIONS["lose"].perform(sandbox, {"tracking_number": last, "lost": False})
    ACTIONS["scan"].perform(sandbox, {"tracking_number": last, "scan": "delivered"})
    assert sandbox.carrier.scans(last)[-1].status == "delivered"
    request = Request("GET", "/easypost/v2/trackers", {}, basic(sandbox.carrier.config.api_key, ""))
    for hangs in (True, False):
        ACTIONS["hang"].perform(sandbox, {"vendor": "carrier", "hangs": hangs})
        assert sandbox.handle(request).hang is hangs


def mail_row(key: str, subject: str, **changes: Any) -> dict[str, Any]:
    return {
        "MessageId": key,
        "Source": "orders@shop.example",
        "To": ["aino@example.com"],
        "Subject": subject,
        "BodyText": "text",
        "BodyHtml": "<p>html</p>",
        "Timestamp": START.timestamp(),
        **changes,
    }


def text_row(key: str, words: str) -> dict[str, Any]:
    return {"MessageId": key, "PhoneNumber": "+358412345678", "Message": words}
