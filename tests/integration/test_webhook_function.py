"""The webhook function as API Gateway calls it: over real SSM and SQS calls, with its log lines read (P2, P7, P8)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from local.events import EVENTS, SECRETS, address_of, http_event, signed_headers
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from orderwright.domain.clock_text import utc_text
from orderwright.door_entries import entry_name
from orderwright.messages import parse
from orderwright.registry import CONNECTORS
from tests.support.asking_kind import token_of
from tests.support.aws_in_process import InProcessAws
from tests.support.handlers import Context, call
from tests.support.shop import START, VirtualClock

PREFIX = "/orderwright/test"
BODY = (EVENTS / "vendors/shopify/orders_create_untrimmed.json").read_bytes()
PEOPLE = ("aino", "esimerkki", "tampere", "33100", "+358401234567")
RUN = {"request_id": Context.aws_request_id}
"""What each line has."""


class Door:
    """One function behind its route, and what stands behind it."""

    def __init__(self) -> None:
        self.aws = InProcessAws()
        self.sqs = self.aws.client("sqs")
        self.url = self.sqs.create_queue(QueueName="ingest_order")["QueueUrl"]
        self.clock = VirtualClock()
        self.store = SecretStore(self.aws.client("ssm"), PREFIX, self.clock.now)
        self.secrets("lamp-shop", SECRETS["shopify"])
        self.restart()

    def secrets(self, connection: str, *secrets: str, address: str = "", ends: str = "") -> None:
        """What `orderwright connect` puts there; `ends` is the end of all secrets but the first."""
        pairs = [[secret, ends if number else ""] for number, secret in enumerate(secrets)]
        entry = {"kind": "shopify", "addresses": [address or address_of(connection)], "secrets": pairs}
        self.store.write(*entry_name(connection), entry)

    def restart(self) -> None:
        """A cold start: nothing is cached."""
        environ = {"SECRETS_PREFIX": PREFIX, "INGEST_ORDER_QUEUE_URL": self.url}
        self.wiring = Wiring(client_of=self.aws.client, environ=environ, clock=self.clock)
        self.aws.calls.clear()

    def post(self, event: dict[str, Any]) -> int:
        """One request; gives the HTTP status."""
        return int(self.answer(event)["statusCode"])

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        """One request; gives all that API Gateway sends back."""
        answer: dict[str, Any] = call("receive_webhook", event, self.wiring)
        assert set(answer) == {"statusCode", "headers", "body"}
        return answer

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


def fail(door: Door, broken: str) -> list[str]:
    """From now on this call fails; gives those that were tried."""
    asked: list[str] = []

    def refuse(name: str) -> None:
        if name == broken:
            asked.append(name)
            raise ConnectionError(f"{name} of aino@example.com failed")

    door.aws.before = refuse
    return asked


def event(
    body: bytes = BODY, *, address: str = address_of("lamp-shop"), as_base64: bool = False, signature: str = ""
) -> dict[str, Any]:
    """A signed order, as Shopify posts it, or under the signature that is given."""
    headers = signed_headers("shopify", "orders_create", body)
    if signature:
        headers["x-shopify-hmac-sha256"] = signature
    return http_event(address, headers, body, as_base64=as_base64)


def test_p2_an_authentic_webhook_is_in_the_queue_when_it_is_answered(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    assert door.post(event()) == 200
    (body,) = door.bodies()
    assert parse(body).resource == "6102"
    line = json.loads(capsys.readouterr().out)
    assert line == {"connection": "lamp-shop", "status": 200, "word": "stored", "size": len(BODY), **RUN}


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
    "address", ["", "a", "lamp-shop", "../secrets", "lamp-shop/token", "ä" * 5, "x" * 500, "a\nb", "*", "%2e", "0" * 48]
)
def test_p7_an_address_that_is_nobodys_costs_no_call(
    door: Door, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    door.post(event())
    door.aws.calls.clear()
    capsys.readouterr()
    assert door.post(event(address=address)) == 401
    assert door.aws.calls == []
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {"connection": "", "status": 401, "word": "no such address", "size": len(BODY), **RUN}


def test_p7_a_thousand_forged_posts_read_the_list_once_in_thirty_seconds(door: Door) -> None:
    for number in range(1000):
        forged = event(signature="AAAA") if number % 3 == 0 else event(address=f"shop-{number}")
        assert door.post(forged) == 401
        door.clock.advance(0.1)
    # 100 seconds: at 0, 30, 60 and 90.
    assert door.aws.calls == ["ssm:GetParametersByPath"] * 4


def test_p2_whatever_is_not_authentic_gets_the_same_answer_byte_for_byte(door: Door) -> None:
    door.secrets("other-shop", "another-secret")
    door.store.write(*entry_name("feed"), {"kind": "csv", "addresses": [address_of("feed")], "secrets": []})
    door.restart()
    unsigned = event()
    unsigned["headers"] = {}
    answers = [
        door.answer(given)
        for given in (
            unsigned,
            event(signature="AAAA"),
            event(address="lamp-shop"),
            event(address="nobody"),
            event(address=address_of("nobody")),
            event(address=address_of("other-shop")),
            event(address=address_of("feed")),
            {"version": "2.0"},
        )
    ]
    first = {"statusCode": 401, "headers": {"content-type": "application/json"}, "body": '{"status": "refused"}'}
    assert answers == [first] * 8


def test_a_connection_that_is_new_is_known_within_thirty_seconds_and_one_that_is_taken_away_is_not(door: Door) -> None:
    assert door.post(event()) == 200
    door.secrets("new-shop", SECRETS["shopify"])
    door.aws.client("ssm").delete_parameter(Name=f"{PREFIX}/-/webhooks/lamp-shop")
    door.clock.advance(29.9)
    assert door.post(event(address=address_of("new-shop"))) == 401
    assert door.post(event()) == 200
    door.clock.advance(0.1)
    assert door.post(event(address=address_of("new-shop"))) == 200
    assert door.post(event()) == 401


def test_more_connections_than_fit_on_a_page_are_all_known(door: Door) -> None:
    for number in range(24):
        door.secrets(f"shop-{number}", SECRETS["shopify"])
    door.restart()
    assert [door.post(event(address=address_of(f"shop-{number}"))) for number in range(24)] == [200] * 24
    assert door.aws.calls.count("ssm:GetParametersByPath") == 3


def test_an_address_of_an_older_version_is_its_connections_name_and_works_while_it_is_in_the_list(door: Door) -> None:
    entry = {
        "kind": "shopify",
        "addresses": [address_of("lamp-shop"), "lamp-shop"],
        "secrets": [[SECRETS["shopify"], ""]],
    }
    door.store.write(*entry_name("lamp-shop"), entry)
    door.restart()
    assert door.post(event(address="lamp-shop")) == 200
    assert door.post(event()) == 200
    assert {parse(body).connection for body in door.bodies()} == {"lamp-shop"}
    assert door.post(event(address="other-shop")) == 401


def test_a_warm_function_makes_one_call_per_webhook(door: Door) -> None:
    door.post(event())
    door.aws.calls.clear()
    door.post(event())
    assert door.aws.calls == ["sqs:SendMessage"]


def test_no_path_parameters_and_no_headers_are_nobodys_address(door: Door) -> None:
    assert door.post({"version": "2.0"}) == 401
    assert door.post({"version": "2.0", "headers": None, "pathParameters": None, "body": None}) == 401


def test_a_body_of_more_than_five_mebibytes_is_refused(door: Door) -> None:
    assert door.post(event(b" " * (5 * 1024 * 1024 + 1))) == 413
    assert door.aws.calls == []


def test_p7_a_rotated_secret_is_valid_until_its_time_has_come_and_not_a_moment_longer(door: Door) -> None:
    door.secrets("lamp-shop", "next", SECRETS["shopify"], ends=utc_text(START + timedelta(days=7)))
    door.restart()
    door.clock.at = START + timedelta(days=7) - timedelta(seconds=1)
    assert door.post(event()) == 200
    # The list is young enough: the end is looked at with each post.
    door.clock.advance(1)
    assert door.post(event()) == 401


def test_p7_a_secret_that_is_taken_away_is_refused_within_thirty_seconds(door: Door) -> None:
    door.secrets("lamp-shop", "next", SECRETS["shopify"], ends=utc_text(START + timedelta(days=7)))
    door.restart()
    assert door.post(event()) == 200
    door.secrets("lamp-shop", "next")
    door.clock.advance(30)
    assert door.post(event()) == 401


def test_p12_one_stores_secret_opens_no_other_store(door: Door) -> None:
    door.secrets("other-shop", "another-secret")
    door.restart()
    assert door.post(event(address=address_of("other-shop"))) == 401
    assert door.bodies() == []


@pytest.mark.parametrize("broken", ["sqs:SendMessage", "ssm:GetParametersByPath"])
def test_p2_what_cannot_be_stored_is_answered_503_so_that_the_vendor_sends_it_again(
    door: Door, broken: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fail(door, broken)
    assert door.answer(event()) == {
        "statusCode": 503,
        "headers": {"content-type": "application/json"},
        "body": '{"status": "not stored"}',
    }
    assert "aino" not in capsys.readouterr().out
    door.aws.before = lambda _: None
    door.clock.advance(5)
    assert door.post(event()) == 200


def test_p7_a_flood_while_the_list_cannot_be_read_asks_for_it_once_in_five_seconds(door: Door) -> None:
    asked = fail(door, "ssm:GetParametersByPath")
    assert {door.post(event(address=f"shop-{number}")) for number in range(100)} == {503}
    assert len(asked) == 1
    door.clock.advance(5)
    assert {door.post(event(signature="AAAA")) for _ in range(100)} == {503}
    assert len(asked) == 2


def test_p2_a_list_that_cannot_be_read_anew_goes_on_for_five_minutes(door: Door) -> None:
    assert door.post(event()) == 200
    fail(door, "ssm:GetParametersByPath")
    door.clock.advance(299)
    assert door.post(event()) == 200
    assert door.post(event(address="nobody")) == 401
    door.clock.advance(1)
    assert door.post(event()) == 503
    door.aws.before = lambda _: None
    door.clock.advance(5)
    assert door.post(event()) == 200


@pytest.mark.parametrize(
    "entry",
    [
        {"secrets": "x"},
        [],
        {"kind": "shopify", "addresses": address_of("other-shop"), "secrets": []},
        {"kind": "shopify", "addresses": [1], "secrets": []},
        {"kind": "shopify", "addresses": ["a"], "secrets": [["x", "y", "z"]]},
        {"kind": "shopify", "addresses": ["a"], "secrets": [["x", None]]},
    ],
)
def test_p2_an_entry_that_makes_no_sense_is_ours_to_mend_and_takes_no_other_along(door: Door, entry: Any) -> None:
    door.store.write(*entry_name("other-shop"), entry)
    door.restart()
    assert door.post(event(address=address_of("other-shop"))) == 503
    assert door.post(event()) == 200


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
        event(address="nobody", as_base64=as_base64),
    ):
        answer = call("receive_webhook", given, door.wiring)
        assert "aino" not in json.dumps(answer)
    seen = capsys.readouterr()
    text = (seen.out + seen.err + "".join(door.bodies())).lower()
    assert not [word for word in PEOPLE if word in text]
    assert len(seen.out.splitlines()) == 5


def test_no_address_is_in_the_log_neither_a_true_one_nor_what_a_stranger_made_up(
    door: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    door.post(event())
    door.post(event(signature="AAAA"))
    door.post(event(address='x"}\n{"status": 200, "connection": "lamp-shop' + "y" * 500))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["connection"], line["status"], line["word"]) for line in lines] == [
        ("lamp-shop", 200, "stored"),
        ("lamp-shop", 401, "signature refused"),
        ("", 401, "no such address"),
    ]


# --- GET: challenges, and links that people follow ---------------------------------------------------------------------


@pytest.fixture
def asking(door: Door, monkeypatch: pytest.MonkeyPatch) -> Door:
    """A door at which one connection is of a kind that is asked by GET."""
    monkeypatch.setitem(CONNECTORS, "asking", "tests.support.asking_kind")
    entry = {"kind": "asking", "addresses": [address_of("asking-shop")], "secrets": [["hook", ""]]}
    door.store.write(*entry_name("asking-shop"), entry)
    door.restart()
    return door


def asked(method: str = "GET", connection: str = "asking-shop", **query: str) -> dict[str, Any]:
    """A request with a query and no body."""
    return http_event(address_of(connection), {}, b"", method=method, query=urlencode(query))


def link(order: str, secret: str = "hook", **more: str) -> dict[str, str]:
    """The query of a link, in order."""
    return {"order": order, "token": token_of(order, secret), **more}


def test_a_challenge_over_the_endpoints_own_address_is_answered_and_tells_nothing(
    asking: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asking.answer(asked(challenge_code="a8628072-3d33"))
    told = "a8628072-3d33" + "hook" + f"https://api.example.com/webhooks/{address_of('asking-shop')}"
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    assert json.loads(answer["body"]) == {"challengeResponse": hashlib.sha256(told.encode()).hexdigest()}
    line = json.loads(capsys.readouterr().out)
    assert line == {"connection": "asking-shop", "status": 200, "word": "answered", "size": 0, **RUN}
    assert asking.bodies() == []


def test_p2_news_of_a_link_are_stored_before_the_page_is_shown(asking: Door) -> None:
    answer = asking.answer(asked(**link("6102", by="<script>x</script>")))
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    assert "&lt;script&gt;" in answer["body"]
    assert "<script" not in answer["body"]
    assert answer["headers"]["content-security-policy"].startswith("default-src 'none'; ")
    assert answer["headers"]["referrer-policy"] == "no-referrer"
    (body,) = asking.bodies()
    assert parse(body).resource == "6102"


def test_p2_a_link_whose_news_cannot_be_stored_shows_no_page_and_works_later(asking: Door) -> None:
    fail(asking, "sqs:SendMessage")
    refused = {"statusCode": 503, "headers": {"content-type": "application/json"}, "body": '{"status": "not stored"}'}
    assert asking.answer(asked(**link("6102"))) == refused
    asking.aws.before = lambda _: None
    assert asking.post(asked(**link("6102"))) == 200
    assert len(asking.bodies()) == 1


def test_a_page_with_a_button_tells_nothing_until_it_is_pressed(asking: Door) -> None:
    assert '<form method="post"><button>Yes</button>' in asking.answer(asked(**link("6102", ask="")))["body"]
    assert asking.bodies() == []
    assert asking.post(asked("POST", **link("6102", ask=""))) == 200
    assert len(asking.bodies()) == 1


def test_p2_authentic_links_that_are_not_understood_are_parked_each_by_itself(asking: Door) -> None:
    for order in ("aino@example.com", "aino@example.org"):
        assert asking.post(asked(**link(order))) == 200
    messages = [parse(body) for body in asking.bodies()]
    assert {message.type for message in messages} == {"order.webhook_parked"}
    assert len({message.id for message in messages}) == 2
    assert not [message for message in messages if "aino" in message.to_json()]


def test_p7_an_empty_secret_opens_no_door_whatever_a_kind_makes_of_it(asking: Door) -> None:
    entry = {"kind": "asking", "addresses": [address_of("asking-shop")], "secrets": [["", ""]]}
    asking.store.write(*entry_name("asking-shop"), entry)
    asking.restart()
    assert asking.post(asked(**link("6102", secret=""))) == 401


def test_p7_a_get_that_is_not_authentic_or_asks_a_kind_that_reads_none_is_refused_alike(
    asking: Door, capsys: pytest.CaptureFixture[str]
) -> None:
    asking.secrets("lamp-shop", SECRETS["shopify"])
    signed = event()
    signed["requestContext"]["http"]["method"] = "GET"  # Shopify's own signature, which fits a POST
    for given in (
        signed,
        asked(connection="lamp-shop", challenge_code="a8628072"),
        asked(connection="nobody", challenge_code="a8628072"),
        asked(challenge_code=""),
        asked(**link("6102", secret="guessed")),
        asked(**link("6102") | {"order": "6103"}),
        asked("DELETE", **link("6102")),
    ):
        first = {"statusCode": 401, "headers": {"content-type": "application/json"}, "body": '{"status": "refused"}'}
        assert asking.answer(given) == first
    assert asking.bodies() == []
    lines = capsys.readouterr().out
    assert not [word for word in ("6102", "a8628072", token_of("6102", "hook")) if word in lines]
