"""events/: every function can be invoked by hand, and each handler takes its events at least as far as its use case."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from local.events import CONNECTIONS, EVENTS, SECRETS, address_of, all_events, text_of, write
from orderwright.aws.relay import relay
from orderwright.log_lines import every_line
from orderwright.messages import Message
from orderwright.usecases.dispatch_schedules import Dispatched
from orderwright.usecases.receive_webhook import receive_webhook
from orderwright.usecases.serve_supplier_page import PageAnswer
from orderwright.usecases.show_tracking import ShownPage
from orderwright.usecases.take_customer_request import RequestAnswer
from orderwright.webhooks import Behind, Request
from tests.support.handlers import FOLDERS, Context, call

ALL = all_events()
BEHIND = {address_of(name): Behind(name, kind, (SECRETS[kind],)) for kind, name in CONNECTIONS.items()}
NOT_UNDERSTOOD = {
    "shopify_products_update",
    "easypost_batch_created",
    "woocommerce_order_updated_gone",
    "woocommerce_coupon_updated",
    "bigcommerce_order_updated_no_id",
    *(f"bigcommerce_{name}" for name in ("product_updated", "sku_inventory_order_updated", "information_updated")),
}
TELL_NOTHING = {
    "woocommerce_order_updated_draft",
    "woocommerce_product_updated",
    "woocommerce_product_updated_variation",
    "woocommerce_product_deleted",
}
ANSWERS = {"receive_webhook/forged": 401, "receive_webhook/unknown_address": 401}


def files(folder: str) -> list[Path]:
    """A function's events."""
    return sorted((EVENTS / folder).glob("*.json"))


def test_the_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    for name, event in ALL.items():
        assert (EVENTS / f"{name}.json").read_text("utf-8") == text_of(event), f"{name}: run python -m local.events"
    on_disk = {f"{folder}/{file.stem}" for folder in FOLDERS for file in files(folder)}
    assert on_disk == set(ALL)
    (tmp_path / "ingest_order").mkdir()
    (tmp_path / "ingest_order" / "old.json").write_text("{}", "utf-8")
    assert write(tmp_path) == len(ALL)
    assert not (tmp_path / "ingest_order" / "old.json").exists()


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_function_has_an_event(folder: str) -> None:
    assert files(folder)


_ANSWERED = {
    "dispatch_schedules": Dispatched(1, 0),
    "relay_facts": (1, 0),
    "receive_mail_events": (1, 0),
    "serve_supplier_page": PageAnswer(200, "<p>The page", "shown"),
    "show_tracking": ShownPage(200, "<p>The order"),
    "take_customer_request": RequestAnswer(200, "<p>The receipt"),
}


class _Told:
    """A wiring that notes what the handlers ask of it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Any]] = []

    def begin(self, context: Any) -> None:
        """An invocation begins."""

    def each_in_time(self, context: Any, take: Any, logger: Any) -> Any:
        """There is time for each."""
        return take

    def __getattr__(self, name: str) -> Any:
        def take(given: Any, *more: Any) -> Any:
            self.taken.append((name, (given, *more) if more else given))
            return _ANSWERED.get(name, [])

        return take


BY_HAND = {"receive_webhook", "serve_supplier_page", "show_tracking", "take_customer_request", "relay_facts"}
WORKER_EVENTS = [name for name in ALL if name.split("/")[0] not in {*BY_HAND, "receive_mail_events"}]


@pytest.mark.parametrize("name", WORKER_EVENTS)
def test_a_handler_takes_its_event_and_hands_it_to_its_use_case(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", name)
    folder, _, kind = name.partition("/")
    told = _Told()
    answer = call(folder, json.loads((EVENTS / f"{name}.json").read_bytes()), told)
    ((asked, given),) = told.taken
    assert asked == folder
    if folder == "dispatch_schedules":
        assert (given, answer) == (kind, {"sent": 1})
        return
    (message,) = given if isinstance(given, list) else [given]
    assert isinstance(message, Message)
    assert message.type == kind
    assert answer == {"batchItemFailures": []}


class _Webhooks:
    """receive_webhook over the sandbox's secrets and a list instead of queues."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def receive_webhook(self, address: str, request: Request) -> Any:
        """The use case itself."""
        return receive_webhook(address, request, behind=BEHIND.get, send=self.sent.extend, now="now")


@pytest.mark.parametrize("name", [name for name in ALL if name.startswith("receive_webhook/")])
def test_a_signed_webhook_event_is_answered_and_understood(name: str) -> None:
    shop = _Webhooks()
    answer = call("receive_webhook", json.loads((EVENTS / f"{name}.json").read_bytes()), shop)
    assert answer["statusCode"] == ANSWERS.get(name, 200)
    if answer["statusCode"] != 200:
        assert not shop.sent
        return
    parked = {message.type for message in shop.sent} == {"order.webhook_parked"}
    known = name.partition("/")[2]
    asks_for_a_person = known in ("shopify_customers_data_request", "cj_makeup")
    assert bool(shop.sent) == (known not in TELL_NOTHING)
    assert parked == (known in NOT_UNDERSTOOD or asks_for_a_person)


def test_a_page_event_is_handed_on_as_link_method_and_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "serve_supplier_page")
    told = _Told()
    confirm, show = (
        call("serve_supplier_page", json.loads(file.read_bytes()), told) for file in files("serve_supplier_page")
    )
    (posted, got) = (given for _, given in told.taken)
    assert (posted[0], posted[1], got[1], got[2]) == (got[0], "POST", "GET", b"")
    assert posted[2].startswith(b"act=confirm&")
    assert confirm == show
    assert (show["statusCode"], show["body"]) == (200, "<p>The page")


def test_a_customers_form_is_handed_on_as_link_language_and_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "take_customer_request")
    told = _Told()
    for file in files("take_customer_request"):
        answer = call("take_customer_request", json.loads(file.read_bytes()), told)
        assert (answer["statusCode"], answer["body"]) == (200, "<p>The receipt")
    (shown,) = files("show_tracking")
    answer = call("show_tracking", json.loads(shown.read_bytes()), told)
    assert (answer["statusCode"], answer["body"]) == (200, "<p>The order")
    (asks, withdraws, shows) = (given for _, given in told.taken)
    assert shows == (asks[0], "de")
    assert asks == (withdraws[0], "de", b"kind=QUESTION", "run-1")
    assert withdraws[2].startswith(b"kind=WITHDRAWAL&n=0&")


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_line_of_each_function_has_the_fields_of_every_line(
    folder: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"{folder} in every line")
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    wiring = _Webhooks() if folder == "receive_webhook" else _Told()
    for run in ("run-1", "run-2"):
        context = Context()
        context.aws_request_id = run
        for file in files(folder):
            call(folder, json.loads(file.read_bytes()), wiring, context)
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert lines
        assert [line for line in lines if not every_line(context).items() <= line.items()] == []
        assert {line["request_id"] for line in lines} == {run}


def test_a_stream_event_becomes_messages_and_an_unreadable_record_is_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "relay_facts")
    sent: list[Message] = []
    parked: list[str] = []

    class Relay:
        """The relay over lists."""

        def relay_facts(self, records: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
            """The real one."""
            return relay(records, send=sent.extend, park=parked.append, at=datetime(2026, 11, 22, tzinfo=UTC))

    for file in files("relay_facts"):
        call("relay_facts", json.loads(file.read_bytes()), Relay())
    assert [message.type for message in sent] == ["purchase_order.due", "alert.raised"] * 2
    assert len(parked) == 1


@pytest.mark.parametrize("folder", sorted({name.split("/")[0] for name in WORKER_EVENTS} - {"dispatch_schedules"}))
def test_p9_a_poison_message_fails_alone(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", folder)
    event = json.loads(files(folder)[0].read_bytes())
    good = event["Records"][0]
    event["Records"] = [{**good, "messageId": "poison", "body": '{"type": "?"}'}, {**good, "messageId": "good"}]
    told = _Told()
    answer = call(folder, event, told)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert len(told.taken) == 1
