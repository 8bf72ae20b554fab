"""The webhook function as API Gateway calls it: over real SSM and SQS calls, with its log lines read (P2, P7, P8)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from local.events import EVENTS, SECRETS, http_event, signed_headers
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import SystemClock, Wiring
from orderwright.messages import parse
from tests.support.aws_in_process import InProcessAws
from tests.support.handlers import call

PREFIX = "/orderwright/test"
BODY = (EVENTS / "vendors/shopify/orders_create_untrimmed.json").read_bytes()
PEOPLE = ("aino", "esimerkki", "tampere", "33100", "+358401234567")


class Door:
    """One function behind its route, and what stands behind it."""

    def __init__(self) -> None:
        self.aws = InProcessAws()
        self.sqs = self.aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName="ingest_order")["QueueUrl"]
        self.store = SecretStore(self.aws.client("ssm"), PREFIX, SystemClock().now)
        self.secrets("lamp-shop", SECRETS["shopify"])
        self.restart()

    def secrets(self, connection: str, *secrets: str) -> None:
        """What `orderwright connect` puts there."""
        self.store.write(connection, "webhook", {"kind": "shopify", "secrets": list(secrets)})

    def restart(self) -> None:
        """A cold start: nothing is cached."""
        environ = {"SECRETS_PREFIX": PREFIX, "INGEST_ORDER_QUEUE_URL": self.url}
        self.wiring = Wiring(client_of=self.aws.client, environ=environ)
        self.aws.calls.clear()

    def post(self, event: dict[str, Any]) -> int:
        """One request; gives the HTTP status."""
        answer = call("receive_webhook", event, self.wiring)
        assert set(answer) == {"statusCode", "headers", "body"}
        return int(answer["statusCode"])

    def bodies(self) -> list[str]:
        """What is in the queue."""
        page = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [message["Body"] for message in page.get("Messages", [])]


@pytest.fixture
def door() -> Iterator[Door]:
    """A door of its own for each test."""
    made = Door()
    yield made
    made.aws.close()


def event(
    body: bytes = BODY, *, connection: str = "lamp-shop", as_base64: bool = False, signature: str = ""
) -> dict[str, Any]:
    """A signed order, as Shopify posts it, or under the signature that is given."""
    headers = signed_headers("shopify", "orders_create", body)
    if signature:
        headers["x-shopify-hmac-sha256"] = signature
    return http_event(connection, headers, body, as_base64=as_base64)


def test_p2_an_authentic_webhook_is_in_the_queue_when_it_is_answered(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    assert door.post(event()) == 200
    (body,) = door.bodies()
    assert parse(body).resource == "6102"
    line = json.loads(capsys.readouterr().out)
    assert line == {"connection": "lamp-shop", "status": 200, "word": "stored", "size": len(BODY)}


def test_p7_the_signature_covers_the_bytes_also_where_they_come_in_base64(door: Door) -> None:
    assert door.post(event(as_base64=True)) == 200
    altered = event(as_base64=True)
    altered["body"] = base64.b64encode(BODY + b" ").decode()
    assert door.post(altered) == 401


def test_header_names_in_any_case_are_the_same_header(door: Door) -> None:
    shouted = event()
    shouted["headers"] = {name.upper(): value for name, value in shouted["headers"].items()}
    assert door.post(shouted) == 200


def test_p2_bytes_that_are_no_text_are_parked_when_they_are_authentic(door: Door) -> None:
    assert door.post(event(b"\xff\xfe\x80", as_base64=True)) == 200
    (body,) = door.bodies()
    assert parse(body).type == "order.webhook_parked"
    forged = event(b"\xff\xfe\x80", as_base64=True, signature="AAAA")
    assert door.post(forged) == 401


@pytest.mark.parametrize(
    "name", ["", "a", "Lamp-Shop", "../secrets", "lamp-shop/token", "lamp shop", "ä" * 5, "x" * 41, "a\nb", "*", "%2e"]
)
def test_p7_a_name_that_no_connection_can_have_costs_no_call(
    door: Door, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert door.post(event(connection=name)) == 404
    assert door.aws.calls == []
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_an_unknown_connection_is_looked_up_once_and_not_each_time(door: Door) -> None:
    for _ in range(3):
        assert door.post(event(connection="nobody")) == 404
    assert door.aws.calls == ["ssm:GetParameter"]


def test_a_warm_function_makes_one_call_per_webhook(door: Door) -> None:
    door.post(event())
    door.aws.calls.clear()
    door.post(event())
    assert door.aws.calls == ["sqs:SendMessage"]


def test_no_path_parameters_and_no_headers_are_an_unknown_connection(door: Door) -> None:
    assert door.post({"version": "2.0"}) == 404
    assert door.post({"version": "2.0", "headers": None, "pathParameters": None, "body": None}) == 404


def test_a_body_of_more_than_five_mebibytes_is_refused(door: Door) -> None:
    assert door.post(event(b" " * (5 * 1024 * 1024 + 1))) == 413
    assert door.aws.calls == []


def test_p7_a_rotation_keeps_the_old_secret_valid_until_it_is_taken_away(door: Door) -> None:
    door.secrets("lamp-shop", "next", SECRETS["shopify"])
    door.restart()
    assert door.post(event()) == 200
    door.secrets("lamp-shop", "next")
    door.restart()
    assert door.post(event()) == 401


def test_p12_one_stores_secret_opens_no_other_store(door: Door) -> None:
    door.secrets("other-shop", "another-secret")
    door.restart()
    assert door.post(event(connection="other-shop")) == 401
    assert door.bodies() == []


@pytest.mark.parametrize("broken", ["sqs:SendMessage", "ssm:GetParameter"])
def test_p2_what_cannot_be_stored_is_answered_503_so_that_the_vendor_sends_it_again(
    door: Door, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(name: str) -> None:
        if name == broken:
            raise ConnectionError(f"{name} of aino@example.com failed")

    door.aws.before = fail
    assert door.post(event()) == 503
    assert "aino" not in capsys.readouterr().out
    door.aws.before = lambda _: None
    assert door.post(event()) == 200


def test_p2_a_stored_secret_that_makes_no_sense_is_ours_to_mend_and_no_refusal(door: Door) -> None:
    door.store.write("lamp-shop", "webhook", {"secrets": "x"})
    door.restart()
    assert door.post(event()) == 503


@pytest.mark.parametrize("as_base64", [False, True])
def test_p8_nothing_of_a_body_is_in_any_log_line_or_answer(
    door: Door, as_base64: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = b'{"email":"aino@example.com","x":' + b"[" * 100_000
    for given in (
        event(as_base64=as_base64),
        event(as_base64=as_base64, signature="AAAA"),
        event(deep, as_base64=as_base64),
        event(b'{"email":"aino@example.com"', as_base64=as_base64),
        event(connection="nobody", as_base64=as_base64),
    ):
        answer = call("receive_webhook", given, door.wiring)
        assert "aino" not in json.dumps(answer)
    seen = capsys.readouterr()
    text = (seen.out + seen.err + "".join(door.bodies())).lower()
    assert not [word for word in PEOPLE if word in text]
    assert len(seen.out.splitlines()) == 5


def test_the_log_line_cannot_be_forged_by_a_name_in_the_path(door: Door, capsys: pytest.CaptureFixture[str]) -> None:
    door.post(event(connection='x"}\n{"status": 200, "connection": "lamp-shop' + "y" * 500))
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["status"] == 404
    assert len(line) < 250
