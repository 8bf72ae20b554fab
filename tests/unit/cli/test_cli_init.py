"""The first orderwright.yaml, the version, and the shell's completion."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from local.cli.commands import init as init_command
from local.cli.main import main
from local.cli.target import own_version
from orderwright.bootstrap import SystemClock
from orderwright.declarations import Capability, Question, named
from orderwright.registry import declaration, kinds_of
from orderwright.usecases.operator.first_file import questions
from tests.support.shop import Shop
from tests.support.source import ROOT
from tests.unit.cli.cli_kit import Operator, operator_of

ANSWERS = {
    "shop_name": 'Trail: "Lights" & Söhne # 1 {x}',
    "support_email": "help@trail.example",
    "store": "lamp-shop",
    "shop_domain": "https://trail.myshopify.com/",
    "client_id": "0123",
    "location": "Orderwright dropship",
    "price_factor": "2.4",
    "spend_per_day": "500.00",
    "spend_per_order": "120 USD",
    "ship_to_countries": "no, fi",
}
KIND = "shopify"
"""The kind of store that ANSWERS are for; any other is given the examples of its own questions."""


def asked_of(kind: str) -> tuple[Question, ...]:
    """What `init` asks for a kind of its own."""
    found: tuple[Question, ...] = named(declaration(kind).first).questions
    return found


FEEDS, CURRENCIES = ("none", "https://feeds.example.com/stock.csv"), ("USD", "eur")
ALL = itertools.product(kinds_of("store"), kinds_of("supplier"), FEEDS, (*kinds_of("carrier"), "none"), CURRENCIES)
KINDS = [one for one in ALL if one[2] == "none" or Capability.OWN_STOCK not in declaration(one[1]).capabilities]


@pytest.fixture(scope="module")
def onlooker() -> Iterator[Operator]:
    """Somebody at the command line of a shop that nothing changes: one for all first files."""
    shop = Shop()
    shop.clock.at = SystemClock().now() + timedelta(hours=1)  # a rate counts from the day on that init wrote it
    yield operator_of(shop)
    shop.close()


@pytest.mark.parametrize("chosen", [*KINDS])
def test_the_first_file_is_one_that_apply_takes(onlooker: Operator, tmp_path: Path, chosen: tuple[str, ...]) -> None:
    file, currency = tmp_path / "first.yaml", chosen[-1]
    kinds = dict(zip(("store_kind", "supplier_kind", "feed_url", "carrier_kind", "currency"), chosen, strict=True))
    store = kinds["store_kind"]
    own = {} if store == KIND else {one.key: one.example for one in asked_of(store)}
    own |= {one.key: one.example for one in asked_of(kinds["supplier_kind"])}
    others = {} if store == KIND else dict.fromkeys(one.key for one in asked_of(KIND))
    given = {key: value for key, value in ANSWERS.items() if key not in others}
    answers = {**given, **own, **kinds, **({"fx_rate": "1.08"} if currency == "eur" else {})}
    said = onlooker("init", str(file), "--json", stdin=json.dumps(answers))
    assert said.code == 0, said.out
    assert onlooker("apply", str(file), "--dry-run").code == 0
    written = yaml.safe_load(file.read_text("utf-8"))
    assert written["merchant"]["name"] == ANSWERS["shop_name"]
    assert store != KIND or written["connections"]["lamp-shop"]["shop_domain"] == "trail.myshopify.com"
    assert written["rules"]["ship_to_countries"] == ["NO", "FI"]
    assert [held["currency"] for held in written["rules"].get("fx", [])] == (["EUR"] if currency == "eur" else [])
    commands = [step["command"] for step in said.json["next"]]
    connects = [one.partition(" connect ")[2].split() for one in commands]
    assert [words[0] for words in connects if words] == [*written["connections"]]
    assert commands[-1] == "orderwright doctor"


def test_a_file_that_is_there_is_kept_unless_told_otherwise(operator: Operator, tmp_path: Path) -> None:
    file, answers = tmp_path / "orderwright.yaml", tmp_path / "answers.json"
    file.write_text("mine", "utf-8")
    answers.write_text(json.dumps(ANSWERS), "utf-8")
    said = operator("init", str(file), "--json", "--answers", str(answers))
    assert (said.code, said.json["error"]["code"], file.read_text("utf-8")) == (1, "FILE_EXISTS", "mine")
    assert operator("init", str(file), "--force", "--answers", str(answers)).code == 0
    assert "lamp-shop" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("price_factor", "2,4", "must be a number"),
        ("time_zone", "Mars", "Europe/Helsinki"),
        ("support_email", "helpdesk", "mail address"),
        ("ship_to_countries", "Finland", "FI"),
        ("store", "My Shop", "small letters"),
        ("store", "cj", "twice"),
        ("spend_per_day", "5 US", "3.00 EUR"),
        ("feed_url", "http://feeds.example.com/a.csv", "https://"),
        ("supplier_kind", "acme", "must be one of cj"),
        ("client_id", "", "is missing"),
        ("shopname", "x", "is not asked"),
    ],
)
def test_an_answer_that_apply_would_refuse_is_named_and_nothing_is_written(
    operator: Operator, tmp_path: Path, field: str, value: str, words: str
) -> None:
    answers = {**ANSWERS, field: value}
    said = operator("init", str(tmp_path / "new.yaml"), "--json", stdin=json.dumps(answers))
    assert said.code == 1
    assert words in {fault["field"]: fault["message"] for fault in said.json["error"]["faults"]}[field]
    assert not (tmp_path / "new.yaml").exists()


def test_on_a_terminal_each_answer_is_checked_at_once(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init_command, "on_terminal", lambda: True)
    lines = [ANSWERS.get(q.key, "") for q in questions({}) if q.key != "fx_rate"]  # an empty line takes what is offered
    lines.insert(lines.index("2.4"), "a lot")
    said = operator("init", str(tmp_path / "new.yaml"), stdin="\n".join(lines) + "\n")
    assert said.code == 0, said.err
    assert said.err.count("Error: must be a number") == 1
    assert "costs today" not in said.err, "no rate is asked where all is in one currency"
    assert operator("apply", str(tmp_path / "new.yaml"), "--dry-run").code == 0


def test_the_version_has_one_source_and_is_told(operator: Operator) -> None:
    assert f"Value: {own_version()}\n" in (ROOT / "template.yaml").read_text("utf-8").partition("\nOutputs:")[2]
    said = operator("--version")
    assert (said.code, said.out.splitlines()[0]) == (0, f"orderwright {own_version()}")
    assert CliRunner().invoke(main, ["--stack", "x"]).exit_code == 2


def test_the_shell_completes_commands(tmp_path: Path) -> None:
    asked = {"_ORDERWRIGHT_COMPLETE": "bash_complete", "COMP_WORDS": "orderwright ini", "COMP_CWORD": "1"}
    paths = {"PYTHONPATH": f"{ROOT}:{ROOT / 'layers/orderwright/python'}"}
    run = [sys.executable, "-m", "local.cli"]
    done = subprocess.run(run, env={**os.environ, **asked, **paths}, cwd=tmp_path, capture_output=True, check=True)
    assert done.stdout == b"plain,init\n"
