"""`orderwright doctor`: each thing by itself, with its fix; what cannot be looked at is told as such."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.cli.shop import Shop as OperatorShop
from orderwright.aws.operator.checks import FAILURES, Account, cannot_look
from orderwright.domain.config import Config
from orderwright.domain.connection_state import ConnectionState
from orderwright.domain.feed_state import FeedState
from orderwright.domain.operations import Watch
from orderwright.domain.order import Reason
from orderwright.ports.operator import OK, UNKNOWN, WRONG, Check
from orderwright.records import WATCH, connection_key, feed_key
from orderwright.storage import Put
from orderwright.usecases.operator.doctor import ShopChecks, examine
from orderwright.usecases.watching import SHORT
from tests.support.shop import CARRIER, FEED, START, STORE, SUPPLIER, Shop, test_config
from tests.unit.cli.cli_kit import API, Operator

TOPIC = "arn:aws:sns:eu-north-1:1:alerts"
PRODUCTION = {"SendingEnabled": True, "ProductionAccessEnabled": True, "EnforcementStatus": "HEALTHY"}
SIGNED = {"VerifiedForSendingStatus": True, "DkimAttributes": {"Status": "SUCCESS", "SigningEnabled": True}}
UNSIGNED, WAITING = {"VerifiedForSendingStatus": True}, {"SubscriptionArn": "PendingConfirmation"}
READY: dict[str, Any] = {
    "get_account": PRODUCTION,
    "get_email_identity": {"shop.example": SIGNED},
    "get_configuration_set": {"SendingOptions": {"SendingEnabled": True}},
    "get_sms_sandbox_account_status": {"IsInSandbox": False},
    "get_sms_attributes": {"attributes": {"MonthlySpendLimit": "20"}},
    "list_subscriptions_by_topic": {"Subscriptions": [WAITING, {"SubscriptionArn": f"{TOPIC}:1"}]},
}


class NotThere(Exception):
    """The clients' own exception for what does not exist."""


class FakeAws:
    """sesv2, sns and sqs in one: an answer or an error by the name of the call."""

    exceptions, meta = SimpleNamespace(NotFoundException=NotThere), SimpleNamespace(region_name="eu-north-1")

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = READY | answers

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            answer = self.answers[name]
            if "EmailIdentity" in given:
                answer = answer.get(given["EmailIdentity"], NotThere())
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def get_paginator(self, name: str) -> Any:
        """One page."""
        return SimpleNamespace(paginate=lambda **given: [getattr(self, name)(**given)])


def look(*, sends_texts: bool = True, **answers: Any) -> dict[str, Check]:
    """All but the web request, by name."""
    aws = FakeAws(answers)
    made = Account(lambda _: aws, "", "orders@mail.shop.example", "set", TOPIC, lambda: sends_texts)
    probes = {name: probe for name, probe in made.probes().items() if name != "webhook address"}
    told = examine(probes, FAILURES, lambda name, error: cannot_look(name, error) or Check(name, WRONG, str(error)))
    return {check.name: check for check in told}


@pytest.mark.parametrize(
    ("name", "call", "answer", "fix"),
    [
        ("mail sender", "get_email_identity", {}, "create-email-identity --email-identity mail.shop.example --region"),
        ("mail sender", "get_email_identity", {"mail.shop.example": {}}, "aws sesv2 get-email-identity"),
        ("mail sender", "get_email_identity", {"orders@mail.shop.example": UNSIGNED}, "DNS"),
        ("mail account", "get_account", {**PRODUCTION, "SendingEnabled": False}, "answer AWS there"),
        ("mail account", "get_account", {**PRODUCTION, "ProductionAccessEnabled": False}, "Request production access"),
        ("mail account", "get_account", {**PRODUCTION, "EnforcementStatus": "PROBATION"}, "see why"),
        ("mail configuration set", "get_configuration_set", NotThere(), "make deploy"),
        ("mail configuration set", "get_configuration_set", {"SendingOptions": {"SendingEnabled": False}}, "Enable"),
        ("text messages", "get_sms_sandbox_account_status", {"IsInSandbox": True}, "Exit SMS sandbox"),
        ("text messages", "get_sms_attributes", {"attributes": {"MonthlySpendLimit": "0"}}, "MonthlySpendLimit=10"),
        ("alerts", "list_subscriptions_by_topic", {"Subscriptions": []}, f"aws sns subscribe --topic-arn {TOPIC} "),
        ("alerts", "list_subscriptions_by_topic", {"Subscriptions": [WAITING]}, "open the link"),
        ("alerts", "list_subscriptions_by_topic", ClientError({"Error": {"Code": "NotFound"}}, "ListSubs"), ""),
    ],
)
def test_what_is_wrong_in_the_account_is_told_alone_with_its_fix(name: str, call: str, answer: Any, fix: str) -> None:
    assert {check.state for check in look().values()} == {OK}
    checks = look(**{call: answer})
    assert {check.name: check.state for check in checks.values() if check.state != OK} == {name: WRONG}
    assert fix in checks[name].fix


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("InvalidAction", "", "has no GetSMSSandboxAccountStatus"),
        ("AuthorizationError", "no", "GetSMSSandboxAccountStatus is missing"),
        ("AccessDeniedException", "x is not authorized to perform: sns:GetIt because", "sns:GetIt is missing"),
    ],
)
def test_what_may_not_be_looked_at_is_not_known_and_not_wrong(code: str, message: str, told: str) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "GetSMSSandboxAccountStatus")
    check = look(get_sms_sandbox_account_status=error)["text messages"]
    assert (check.state, told in check.told) == (UNKNOWN, True)
    assert look(get_sms_sandbox_account_status=error, sends_texts=False)["text messages"].state == OK


def test_a_look_that_hangs_keeps_no_other_from_being_made() -> None:
    never = Event()
    probes = {"first": lambda: [Check("first", str(never.wait()), "")], "second": lambda: [Check("second", OK, "")]}
    checks = [*examine(probes, (), lambda name, _: Check(name, WRONG, ""), timedelta(seconds=1))]
    never.set()
    assert [(check.name, check.state) for check in checks] == [("first", WRONG), ("second", OK)]


def not_ok(shop: Shop, dead: int = 0) -> dict[str, Check]:
    """What the tables say is not as it must be."""
    made = ShopChecks(shop.wiring.storage, shop.clock, shop.wiring.secrets, lambda: {"poll_stock": dead}, API)
    return {check.name: check for probe in made.probes().values() for check in probe() if check.state != OK}


RAN = Watch(ran=dict.fromkeys(SHORT, START))
REASON = Reason(code="RECONCILE_STALE", message="not looked for", fix="look at the logs")
FED = FeedState(connection=FEED, checked_at=START)


@pytest.mark.parametrize(
    ("item", "name", "told", "fix"),
    [
        (ConnectionState(connection=SUPPLIER, reasons=(REASON,)), f"connection {SUPPLIER}", "not looked", "look at the"),
        (ConnectionState(connection=STORE, open=False), f"connection {STORE}", "closed", "orderwright connect lamp-shop <"),
        (ConnectionState(connection=CARRIER, last_failure="HTTP_500: x"), f"connection {CARRIER}", "HTTP_500", " --test"),
        (FED.model_copy(update={"broken": True, "reasons": (REASON,)}), f"connection {FEED}", "not looked", "look at the"),
        (FeedState(connection=FEED), f"connection {FEED}", "never read", "orderwright connect feed --test"),
        (Watch(ran=RAN.ran, causes={f"{STORE}|reconcile": REASON}), f"connection {STORE}", "not looked", "look at the"),
        (Watch(), "schedules", "has not run yet", "EventBridge"),
        (Watch(ran={**RAN.ran, "reconcile": START - timedelta(hours=2)}), "schedules", "has not run since", "EventBridge"),
    ],
)  # fmt: skip
def test_what_the_tables_say_is_wrong_is_told_with_its_fix(
    shop: Shop, item: Any, name: str, told: str, fix: str
) -> None:
    def put(model: Any) -> None:
        key = WATCH if isinstance(model, Watch) else feed_key(FEED)
        key = connection_key(model.connection) if isinstance(model, ConnectionState) else key
        held = shop.wiring.storage.get(key, type(model))
        shop.wiring.storage.commit([Put(key, model, held.version if held else 0)])

    put(RAN)
    put(FED)
    assert not_ok(shop) == {}
    assert not_ok(shop, 2)["dead letters"].fix == "orderwright dead-letters show poll_stock"
    put(item)
    found = not_ok(shop)
    assert [*found] == [name]
    assert told in found[name].told
    assert fix in found[name].fix


def changed(**parts: Any) -> Config:
    """The shop's configuration with other rules, limits, or a store in euros."""
    data = test_config().model_dump(mode="json")
    data["rules"] |= parts.get("rules", {})
    data["limits"] = parts.get("limits", data["limits"])
    data["connections"][STORE]["currency"] = parts.get("currency", "USD")
    return Config.model_validate(data)


@pytest.mark.parametrize(
    ("parts", "name", "fix"),
    [
        ({"rules": {"prices": []}}, "price rules", "markup: 2.4"),
        ({"limits": {}}, "spending limits", "limits.spend_per_purchase_order.cj"),
        ({"currency": "EUR"}, "exchange rates", "rules.fx"),
        ({"currency": "EUR", "rules": {"fx": [{"currency": "EUR", "rate": "1.08", "dated": "2026-11-10"}]}},
         "exchange rates", "rules.fx"),
        ({"currency": "EUR", "rules": {"fx": [{"currency": "EUR", "rate": "1.08", "dated": "2026-11-20"}]}}, "", ""),
    ],
)  # fmt: skip
def test_rules_limits_and_rates_that_are_missing_or_old_are_told(parts: dict[str, Any], name: str, fix: str) -> None:
    shop = Shop(changed(**parts))
    found = {name: check for name, check in not_ok(shop).items() if not name.startswith(("connection ", "schedules"))}
    shop.close()
    assert [*found] == ([name] if name else [])
    assert all(fix in check.fix for check in found.values())


def test_the_command_tells_each_with_its_fix_and_ends_with_three(shop: Shop, operator: Operator) -> None:
    operator.target = replace(operator.target, version="0.0.1", operator_topic=TOPIC)
    assert operator("kill", "on", "--supplier", SUPPLIER).code == 0
    said = operator("doctor", "--json")
    checks = {check["name"]: check for check in said.json}
    assert (said.code, checks["tables"]["state"], checks["version"]["state"]) == (3, OK, WRONG)
    assert checks["kill switches"]["fix"] == f"orderwright kill off --supplier {SUPPLIER}"
    assert checks["text messages"]["state"] == UNKNOWN, "the emulator lacks this call"
    assert checks["webhook address"]["state"] == WRONG, "nothing listens there"
    assert "fix: `make deploy` upgrades" in operator("doctor").out
    pasted = OperatorShop(stack="prod", region="eu-north-1").pasted("orderwright apply orderwright.yaml")
    assert pasted == "orderwright --stack prod --region eu-north-1 apply orderwright.yaml"
    told = "stack orderwright is deleted; orderwright --stack orderwright undeploy --with-data"
    assert OperatorShop(stack="orderwright").pasted(told) == told, "a stack of that name is no command"
