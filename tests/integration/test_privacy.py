"""P8: a person in an order is in the table that is for them and nowhere else, and after an erasure nowhere at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from local.sandbox.kit.people import Address, Buyer
from orderwright.domain.tracking_page import ShopFace
from orderwright.usecases.operator.tracking_key import open_pages, show_face
from tests.support.handlers import call
from tests.support.shop import CARRIER, STORE, Shop, hook, test_config

CANARY = ("Kanarialintu", "Salakuja", "kanari@example.com", "401999888", "Piilola")
BUYER = Buyer("Kaino", "Kanarialintu", email="kanari@example.com", phone="+358401999888")
ADDRESS = Address(
    address1="Salakuja 7", city="Piilola", zip="33101", first_name="Kaino", last_name="Kanarialintu",
    phone="+358401999888",
)  # fmt: skip


def told(text: str) -> list[str]:
    """Which parts of the person a text shows."""
    return [word for word in CANARY if word.lower() in text.lower()]


class Watched(Shop):
    """A shop whose queues are read as they fill, and whose alerts are kept."""

    def __init__(self, **rules: Any) -> None:
        self.bodies: list[str] = []
        self.told_merchant: list[str] = []
        super().__init__(test_config(**rules))

    def call(self, function: str, body: str, boundary: Any = None) -> None:
        """Every message passes here on its way to its function."""
        self.bodies.append(body)
        if function == "alert_merchant":
            from orderwright.messages import parse
            from orderwright.usecases.alert_merchant import alert_merchant

            alert_merchant(parse(body), alerts=self)
            return
        super().call(function, body, boundary)

    def raise_alert(self, subject: str, text: str) -> None:
        """The operator's topic."""
        self.told_merchant.append(f"{subject}\n{text}")

    def items(self, *, of_orders: bool) -> str:
        """All items of all tables as one text: of the table for personal data, or of the others."""
        dynamodb = self.aws.client("dynamodb")
        found = []
        for role in ("orders", "catalogue", "control"):
            if (role == "orders") == of_orders:
                table = self._environ[f"{role.upper()}_TABLE"]
                page = dynamodb.scan(TableName=table)
                assert "LastEvaluatedKey" not in page
                found += page["Items"]
        assert found or not of_orders
        return json.dumps(found, ensure_ascii=False, default=str)

    def streamed(self) -> str:
        """The facts that rode in any image, as the relay reads them."""
        streams = self.aws.client("dynamodbstreams")
        facts: list[str] = []
        for stream in streams.list_streams()["Streams"]:
            arn = stream["StreamArn"]
            shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
            asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
            page = streams.get_records(ShardIterator=streams.get_shard_iterator(**asked)["ShardIterator"])
            facts += [r["dynamodb"].get("NewImage", {}).get("facts", {}).get("S", "") for r in page["Records"]]
        return "\n".join(facts)


@pytest.fixture
def shop() -> Iterator[Watched]:
    """A shop that tells the merchant of new orders, so that an alert is written for each."""
    made = Watched(alert_new_orders=True)
    made.store.config.privacy_url = hook(STORE)
    made.connect()
    made.stock_up()
    yield made
    made.close()


def outside(shop: Watched) -> str:
    """All that leaves the table for personal data: queue bodies, facts, failures, alerts, the other tables."""
    waiting = [body for queue in shop.queues.values() for body in queue]
    failures = [reason for _, _, reason in shop.failed]
    return "\n".join(
        [*shop.bodies, *waiting, *failures, *shop.told_merchant, shop.streamed(), shop.items(of_orders=False)]
    )


def test_p8_a_buyer_is_in_no_queue_alert_log_line_failure_or_other_table(
    shop: Watched, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "orderwright")
    order = shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS, sms=True)
    shop.run()
    assert len(shop.paid_orders(order.name)) == 1, "the order went through, so that there was something to leak"
    assert told(shop.items(of_orders=True)) == list(CANARY), "the table for personal data holds the person"
    assert len(shop.bodies) > 3
    assert not told(outside(shop))
    seen = capfd.readouterr()
    assert not told(seen.out + seen.err + caplog.text)


def test_p8_the_link_to_a_customers_page_is_in_their_mails_and_nowhere_else(
    shop: Watched, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "orderwright")
    token, mark = delivered_with_page(shop)
    seen = capfd.readouterr()
    assert token not in shop.items(of_orders=True)
    for secret in (token, mark):
        assert secret not in seen.out + seen.err + caplog.text + outside(shop)


def delivered_with_page(shop: Watched) -> tuple[str, str]:
    """An order with a parcel whose customer was told: token and mark of the link."""
    open_pages(shop.wiring.secrets, "http://127.0.0.1:8123")
    show_face(shop.wiring.storage, ShopFace.of(shop._config), 1)
    order = shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS, sms=True)
    shop.run()
    (paid,) = shop.paid_orders(order.name)
    shop.supplier.ship(paid.reference)
    shop.run()
    file = shop.order(order.name)
    assert any(notice.model.told for notice in file.notices.values()), "it was told"
    mark = file.record.model.link_mark
    token = shop.wiring.tracking_links().link(file.pk, mark).rpartition("/")[2]
    assert len(token) == 32
    return token, mark


def asked_of_the_page(shop: Watched, token: str, form: dict[str, str] | None = None) -> str:
    """The page, or what a form is answered with; API Gateway's event with all that a browser sends."""
    function = "show_tracking" if form is None else "take_customer_request"
    event = {
        "requestContext": {"http": {"method": "GET" if form is None else "POST", "path": f"/track/{token}"}},
        "rawPath": f"/track/{token}",
        "pathParameters": {"token": token},
        "rawQueryString": "lang=en",
        "headers": {"referer": f"https://api.example.com/track/{token}"},
        "body": urlencode(form or {}),
    }
    answer = call(function, event, shop.wiring)
    headers = json.dumps(answer["headers"])
    assert token not in headers
    assert not told(headers)
    return str(answer["body"])


def test_p8_page_and_requests_hold_first_name_and_town_and_no_more_until_they_are_erased(
    shop: Watched,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("DEBUG", "orderwright")
    # The AWS in this process lowers what functions log.
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
    token, mark = delivered_with_page(shop)
    page = asked_of_the_page(shop, token)
    (line,) = (name for name in re.findall(r'name="(pieces-[^"]+)"', page))
    typed = {"kind": "WITHDRAWAL", "n": "0", line: "1", "reason": "DAMAGED", "note": " ".join(CANARY)}
    shown = [page, asked_of_the_page(shop, token, {**typed, line: "Salakuja"}), asked_of_the_page(shop, token, typed)]
    shown.append(asked_of_the_page(shop, token, {"kind": "QUESTION"}))
    waiting = rows(shop, f"TRACK#{mark}", f"REQUEST#{mark}")
    shop.run()
    shown.append(asked_of_the_page(shop, token))
    shown.append(asked_of_the_page(shop, "a" * 32))
    assert "We have received your withdrawal" in shown[2]
    assert "For Kaino in Piilola" in page
    kept = [waiting, rows(shop, f"TRACK#{mark}", f"REQUEST#{mark}")]
    assert [set(told(text)) for text in kept] == [{"Piilola"}] * 2
    assert {word for text in shown for word in told(text)} == {"Piilola", "Salakuja"}
    assert [told(text) for text in shown if "Salakuja" in text] == [["Salakuja", "Piilola"]], "only what was just typed"
    seen = capfd.readouterr()
    logged = seen.out + seen.err + caplog.text
    assert '"word":"shown"' in logged, "the functions of the page did log"
    assert '"word":"taken"' in logged
    for where in (logged, outside(shop)):
        assert not told(where)
    for secret in (token, mark):
        assert secret not in logged
    assert token not in outside(shop)

    shop.store.redact("#1001")
    shop.run()
    assert not told(shop.items(of_orders=True))
    assert "Kaino" not in shop.items(of_orders=True)
    assert not told(asked_of_the_page(shop, token))


def rows(shop: Watched, *partitions: str) -> str:
    """The items of these partitions, as one text."""
    found = [item for pk in partitions for item in shop.wiring.storage.list_raw("orders", pk)]
    assert found
    return json.dumps(found, ensure_ascii=False, default=str)


def test_p8_an_order_that_needs_attention_is_told_by_codes_only(shop: Watched) -> None:
    nowhere = Address(
        address1="Salakuja 7", city="Piilola", zip=None, first_name="Kaino", last_name="Kanarialintu", phone=None
    )
    order = shop.store.buy([("HL-MS-400", 1)], BUYER, nowhere)
    shop.run()
    assert shop.order(order.name).record.model.state.value == "NEEDS_ATTENTION"
    assert shop.told_merchant
    assert not told(outside(shop))


def test_p8_what_fails_on_the_way_shows_nobody(shop: Watched) -> None:
    for behaviour in ("error_500", "refuse", "accept_then_timeout"):
        shop.supplier.faults.script("createOrderV2", behaviour)
        shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS)
        shop.run()
    shop.pass_time(20 * 60)
    assert not told(outside(shop))


def test_p8_a_refusal_of_the_mail_service_shows_nobody(shop: Watched) -> None:
    def refuse(name: str) -> None:
        if name.startswith(("sesv2:", "sns:")):
            raise RuntimeError("the mail service is down")

    before = shop.aws.before
    shop.store.buy([("HL-KID-120", 1)], BUYER, ADDRESS, sms=True)
    shop.run()
    shop.aws.before = refuse
    shop.pass_time(180)
    shop.aws.before = before
    assert not told(outside(shop))


def test_p8_after_an_erasure_the_person_is_nowhere_and_does_not_come_back(shop: Watched) -> None:
    order = shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS, sms=True)
    shop.run()
    assert told(shop.items(of_orders=True))
    shop.store.redact(order.name)
    shop.run()
    assert not told(shop.items(of_orders=True))
    assert not told(outside(shop))
    # The store may still hold the person, and any later webhook makes us fetch the order again.
    shop.store.set_address(order.name, ADDRESS)
    shop.run()
    shop.pass_time(30 * 60)
    assert not told(shop.items(of_orders=True))
    assert not told(outside(shop))


def test_p8_an_erased_order_still_says_what_was_sold(shop: Watched) -> None:
    order = shop.store.buy([("HL-MS-400", 2)], BUYER, ADDRESS)
    shop.run()
    shop.store.redact(order.name)
    shop.run()
    file = shop.order(order.name)
    assert [(line.sku, line.quantity) for line in file.details.model.lines] == [("HL-MS-400", 2)]
    assert file.record.model.erased_at == shop.clock.now()
    assert "personal data erased" in [entry.what for entry in file.record.model.log]


def test_p8_the_request_of_a_person_for_their_data_is_parked_without_the_person(shop: Watched) -> None:
    order = shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS)
    shop.run()
    shop.store.request_data(order.name)
    shop.run()
    assert "DATA_REQUEST" in outside(shop)
    assert not told(outside(shop))


def test_p8_a_carrier_is_told_a_number_and_no_person(shop: Watched) -> None:
    assert CARRIER in shop.wiring.config().connections
    order = shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS)
    shop.run()
    (paid,) = shop.paid_orders(order.name)
    shop.supplier.ship(paid.reference)
    shop.run()
    assert shop.carrier.trackers
    assert not told(repr(shop.carrier.trackers))
    assert not told(outside(shop))


def test_p8_an_erasure_that_comes_before_its_order_holds_when_the_order_comes(shop: Watched) -> None:
    shop.store.drop_next_webhooks()
    order = shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS)
    shop.store.redact(order.name)
    shop.run()
    assert shop.order(order.name).record is None
    shop.store.set_address(order.name, ADDRESS)
    shop.run()
    assert shop.order(order.name).record is not None, "the order itself was taken in"
    assert not told(shop.items(of_orders=True))


def test_p8_when_the_store_asks_for_all_its_customers_to_be_erased_all_are(shop: Watched) -> None:
    orders = [shop.store.buy([("HL-MS-400", 1)], BUYER, ADDRESS) for _ in range(3)]
    shop.run()
    assert told(shop.items(of_orders=True))
    shop.store.uninstall()
    shop.run()
    shop.clock.advance(49 * 3600)
    shop.store.tick()
    shop.run()
    assert all(shop.order(order.name).record.model.erased_at for order in orders)
    assert not told(shop.items(of_orders=True))
    assert not told(outside(shop))
