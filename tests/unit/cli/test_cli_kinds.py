"""A kind that is only registered is known to the command line and to the schedules: all that they need is declared."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest
import yaml

from orderwright.bootstrap import SystemClock
from orderwright.declarations import Connector, First, Question, Role, Secret
from orderwright.domain.config_values import CurrencyCode
from orderwright.domain.connection_settings import StoreSettings, SupplierSettings
from orderwright.registry import CONNECTORS, declarations
from orderwright.usecases.operator.secret_names import secrets_in_words
from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator
from tests.unit.cli.test_cli_init import ANSWERS


class BazaarSettings(StoreSettings):
    """A store that is called by a number."""

    kind: Literal["bazaar"]
    stall: int


class MailerSettings(SupplierSettings):
    """A supplier that takes orders by mail: nothing can be read there."""

    kind: Literal["mailer"]
    currency: CurrencyCode = "EUR"


STALL = Question("stall", "The number of your stall", "17")
BAZAAR_FIRST = First("  {store}:\n    kind: bazaar\n    base_url: {store_url}\n    stall: {stall}\n    currency: {currency}\n",
                     (Question("host", "Where it is", "bazaar.example", host=True), STALL))  # fmt: skip
MAILER_FIRST = First("  by-mail:\n    kind: mailer\n")
HERE = __name__
BAZAAR = Connector(
    "bazaar", Role.STORE, "Bazaar", f"{HERE}:BazaarSettings", "", f"{HERE}:BAZAAR_FIRST", (Secret("stall_key"),)
)
MAILER = Connector(
    "mailer", Role.SUPPLIER, "Mailer", f"{HERE}:MailerSettings", "", f"{HERE}:MAILER_FIRST", ends_at="write"
)


@pytest.fixture(autouse=True)
def two_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in (BAZAAR, MAILER):
        monkeypatch.setitem(sys.modules, f"tests_only_{one.kind}", SimpleNamespace(CONNECTOR=one))
        monkeypatch.setitem(CONNECTORS, one.kind, f"tests_only_{one.kind}")


def _bazaar(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    left = {key: value for key, value in ANSWERS.items() if key not in ("shop_domain", "client_id", "location")}
    kinds = {"store_kind": "bazaar", "supplier_kind": "mailer", "host": "https://bazaar.example/", "stall": "17"}
    return tmp_path / "first.yaml", {**left, **kinds, "currency": "EUR", "spend_per_order": "9"}


def test_the_first_file_asks_what_a_kind_declares_and_nothing_of_the_others(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    shop.clock.at = SystemClock().now() + timedelta(hours=1)
    file, answers = _bazaar(tmp_path)
    said = operator("init", str(file), "--json", stdin=json.dumps(answers))
    assert said.code == 0, said.out
    written = yaml.safe_load(file.read_text("utf-8"))
    assert written["connections"] == {
        "lamp-shop": {"kind": "bazaar", "base_url": "https://bazaar.example", "stall": "17", "currency": "EUR"},
        "by-mail": {"kind": "mailer"},
    }
    assert "fx" not in written["rules"], "all is in euros"
    assert written["limits"]["spend_per_day"] == {"by-mail": "500.00 EUR"}
    commands = [step["command"] for step in said.json["next"]]
    assert "echo '{}' | orderwright connect by-mail" in commands
    assert not [one for one in commands if "catalogue import" in one], "it has none"
    for field, value, words in (("stall", "", "is missing"), ("client_id", "0123", "is not asked")):
        said = operator("init", str(tmp_path / "no.yaml"), "--json", stdin=json.dumps({**answers, field: value}))
        assert words in {fault["field"]: fault["message"] for fault in said.json["error"]["faults"]}[field]


def test_a_file_is_judged_by_what_the_kind_declares(operator: Operator, tmp_path: Path) -> None:
    file, answers = _bazaar(tmp_path)
    assert operator("init", str(file), stdin=json.dumps(answers)).code == 0
    good = file.read_text("utf-8")
    for before, after, words in (
        ("kind: bazaar", "kind: bazar", "did you mean bazaar?"),
        ("stall:", "stal:", "did you mean stall?"),
        ("    kind: bazaar", "    stall_key: x\n    kind: bazaar", "is a secret"),
    ):
        file.write_text(good.replace(before, after), "utf-8")
        assert words in operator("apply", str(file), "--dry-run").err


def test_a_catalogue_that_cannot_be_read_is_not_asked_for(shop: Shop, operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "orderwright.yaml"
    mailer = "connections:\n  by-mail:\n    kind: mailer\n    currency: USD\n"
    file.write_text(operator("export").out.replace("connections:\n", mailer, 1), "utf-8")
    assert operator("apply", str(file), "--yes").code == 0
    before = {name: [*queue] for name, queue in shop.queues.items()}
    said = operator("catalogue", "import", "by-mail", "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "NO_CATALOGUE")
    assert said.json["error"]["fix"] == "suppliers here that have one: cj; see docs/feeds.md"
    assert {name: [*queue] for name, queue in shop.queues.items()} == before


def test_every_kind_that_sends_webhooks_says_where_they_end_and_every_secret_when_it_is_given() -> None:
    for one in declarations():
        assert bool(one.ends_at) >= bool(one.webhook), one.kind
        assert all(secret.required or secret.with_token or secret.when for secret in one.secrets), one.kind
    assert secrets_in_words("bazaar") == "stall_key"
    assert secrets_in_words("mailer") == ""
