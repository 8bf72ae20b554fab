"""Applying a configuration, connecting accounts, approving prices: through the command line, against sandbox vendors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.events import address_of
from orderwright.door_entries import entry_name
from orderwright.messages import parse
from tests.support.shop import CARRIER, FEED, STORE, SUPPLIER, Shop
from tests.support.source import ROOT
from tests.unit.cli.cli_kit import Operator


def test_an_edited_export_is_applied_marked_and_prices_everything_anew(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out.replace("'2.4'", "'2.5'"), "utf-8")
    dry = operator("apply", str(file), "--dry-run", "--json").json
    assert (dry["applied"], dry["changed"]) == (
        False,
        [{"field": "rules.prices[all].markup", "before": "2.4", "after": "2.5"}],
    )
    said = operator("apply", str(file), "--json").json
    assert (said["version"], said["repriced"]) == (2, 5)
    (message,) = [parse(body) for body in shop.queues["recalculate_price"]]
    assert (message.type, message.detail["why"][:9]) == ("prices.reprice_due", "version 2")
    assert file.read_text("utf-8").startswith("# applied version: 2\n")
    assert operator("apply", str(file), "--json").json["applied"] is False
    assert operator("apply", str(file), "--reprice", "--json").json["repriced"] == 5


def test_prices_follow_a_version_whose_file_cannot_be_marked(
    shop: Shop, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out.replace("'2.4'", "'2.5'"), "utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    said = operator("apply", str(file))
    assert (said.code, len(shop.queues["recalculate_price"])) == (0, 1)
    assert "could not be written (Permission denied)" in said.out
    assert "orderwright export > orderwright.yaml" in said.out


@pytest.mark.parametrize(("profile", "code"), [("aws", 1), ("local", 0)])
def test_the_stacks_profile_decides_whether_the_sandbox_may_be_applied(
    operator: Operator, tmp_path: Path, profile: str, code: int
) -> None:
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out.replace("https://cj.test", "http://127.0.0.1:4010/cj"), "utf-8")
    operator.target = replace(operator.target, profile=profile)
    said = operator("apply", str(file), "--json")
    assert said.code == code
    if code:
        fault = said.json["error"]["faults"][0]
        assert (fault["field"], fault["fix"]) == ("connections.cj.base_url", "write it with https://")


def test_a_file_that_another_version_has_overtaken_is_refused(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "orderwright.yaml"
    file.write_text(
        operator("export").out.replace("applied version: 1", "applied version: 0").replace("'2.4'", "'2.5'"), "utf-8"
    )
    said = operator("apply", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "STALE_BASE")
    assert operator("apply", str(file), "--base", "1").code == 0


@pytest.mark.parametrize("name", ["", "docs/orderwright.example.yaml"])
def test_an_export_is_complete_and_comes_back_to_the_byte(operator: Operator, tmp_path: Path, name: str) -> None:
    file = tmp_path / "orderwright.yaml"
    if name:
        file.write_text((ROOT / name).read_text("utf-8"), "utf-8")
        names = [f"--remove={one}" for one in ("feed", "parcels", STORE, SUPPLIER, FEED, CARRIER)]
        known = operator("export", "--json").json["config"]["connections"]
        there = yaml.safe_load(file.read_text("utf-8"))["connections"]
        gone = [option for option in names if (old := option.partition("=")[2]) in known and old not in there]
        said = operator("apply", str(file), "--base", "1", *gone)
        assert said.code == 0, said.err
    text = operator("export").out
    file.write_text(text, "utf-8")
    assert operator("apply", str(file), "--json").json["changed"] == []
    assert file.read_text("utf-8") == text == operator("export").out
    stored = operator("export", "--json").json["config"]["merchant"]
    assert all(f"\n  {field}: " in text for field in stored), "what has its default value stands there too"
    file.write_text(text.replace("name: ", "name: The ", 1), "utf-8")
    assert operator("apply", str(file)).code == 0
    assert file.read_text("utf-8") == operator("export").out


def test_a_version_that_was_never_in_force_is_refused_before_it_is_applied(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "orderwright.yaml"
    text = operator("export").out
    file.write_text(text.replace("applied version: 1", "applied version: 99"), "utf-8")
    said = operator("apply", str(file), "--dry-run")
    assert (said.code, "version 99, which was never in force here" in said.err) == (1, True)
    file.write_text(text.partition("\n")[2], "utf-8")
    assert "apply it with --base 1" in operator("apply", str(file), "--dry-run").out


def test_what_is_wholly_new_is_one_row_of_the_difference(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "orderwright.yaml"
    added = "connections:\n  cj-two:\n    kind: cj\n    base_url: https://cj.test\n    buffer: 3\n"
    file.write_text(operator("export").out.replace("connections:\n", added, 1), "utf-8")
    (row,) = operator("apply", str(file), "--dry-run", "--json").json["changed"]
    assert (row["field"], row["before"]) == ("connections.cj-two", None)
    assert {"buffer 3", "kind cj"} <= set(row["after"].split(", "))


def test_a_version_of_before_is_brought_back_as_the_newest(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out.replace("buffer: 0", "buffer: 1"), "utf-8")
    assert operator("apply", str(file)).code == 0
    text = operator("export").out
    file.write_text(text.replace("markup: '2.4'", "markup: '3'"), "utf-8")
    assert operator("apply", str(file)).code == 0
    assert operator("apply", "--back-to", "2", "--dry-run", "--json").json["changed"] == [
        {"field": "rules.prices[all].markup", "before": "3", "after": "2.4"}
    ]
    said = operator("apply", "--back-to", "2", "--json").json
    assert (said["version"], said["repriced"]) == (4, 5)
    assert operator("export").out == text.replace("applied version: 2", "applied version: 4")
    assert operator("apply", "--back-to", "9").code == 1
    assert operator("apply", str(file), "--back-to", "1").code == 1


def test_an_apply_that_dies_before_prices_were_asked_for_is_made_good_by_the_next(
    shop: Shop, operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out.replace("markup: '2.4'", "markup: '2.5'"), "utf-8")
    with monkeypatch.context() as killed:
        killed.setattr("local.cli.shop.send_later", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        with pytest.raises(RuntimeError, match="killed"):
            operator("apply", str(file))
    assert operator("apply", str(file), "--json").json.get("repriced") == 5
    assert len(shop.queues["recalculate_price"]) == 1
    assert "repriced" not in operator("apply", str(file), "--json").json


def test_a_faulty_file_changes_nothing_and_names_its_lines(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out.replace("markup: '2.4'", "markups: '2.4'"), "utf-8")
    said = operator("apply", str(file))
    assert said.code == 1
    assert "did you mean markup?" in said.err
    assert operator("export", "--json").json["version"] == 1
    assert "cannot be read" in operator("apply", str(tmp_path / "none.yaml")).err


def test_a_new_store_secret_keeps_the_one_before_valid(shop: Shop, operator: Operator) -> None:
    secret = shop.store.config.client_secret
    given = json.dumps({"client_secret": secret, "webhook_secret": "brand-new-secret"})
    said = operator("connect", STORE, "--json", stdin=given)
    assert (said.code, [step["step"] for step in said.json["steps"]]) == (
        0,
        ["test", "webhook_secret", "secrets", "webhooks"],
    )
    assert "brand-new-secret" not in said.out
    held = shop.wiring.secrets.read(*entry_name(STORE), fresh=True)
    assert held == {
        "kind": "shopify",
        "addresses": [address_of(STORE)],
        "secrets": [["brand-new-secret", ""], [secret, "2026-11-29T08:00:00.000000Z"]],
    }
    shop.clock.advance(60)
    operator("connect", STORE, stdin=given)
    assert shop.wiring.secrets.read(*entry_name(STORE), fresh=True) == held, "doing it again changes nothing"


@pytest.mark.parametrize("name", [SUPPLIER, FEED, CARRIER])
def test_every_kind_of_account_is_connected_with_a_real_call(shop: Shop, operator: Operator, name: str) -> None:
    secrets = shop.wiring.secrets.read(name, "secrets") or {}
    said = operator("connect", name, "--json", stdin=json.dumps(secrets))
    assert said.code == 0, said.out
    health = {entry["connection"]: entry for entry in operator("connections", "--json").json}[name]
    assert (health["state"], health["last_failure"]) == ("open", "")
    assert health["last_ok_at"]
    assert operator("connect", name, "--test").code == 0


class Writes:
    """SSM that counts what is written, and dies instead of writing number `dies_at`."""

    def __init__(self, ssm: Any, dies_at: int = 0) -> None:
        self._ssm, self._dies_at, self.names = ssm, dies_at, list[str]()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ssm, name)

    def put_parameter(self, **given: Any) -> Any:
        self.names.append(given["Name"])
        if len(self.names) == self._dies_at:
            raise RuntimeError("killed")
        return self._ssm.put_parameter(**given)


def with_ssm(shop: Shop, operator: Operator, dies_at: int = 0) -> Writes:
    """The operator's next commands go through it."""
    operator.wiring = shop.new_worker()
    writes = Writes(operator.wiring.client("ssm"), dies_at)
    operator.wiring.secrets._ssm = writes
    return writes


@pytest.mark.parametrize("name", [STORE, SUPPLIER, CARRIER])
def test_wrong_secrets_are_tried_and_never_written(shop: Shop, operator: Operator, name: str) -> None:
    held = shop.wiring.secrets.read(name, "secrets", fresh=True) or {}
    shop.clock.advance(400)  # CJ gives an account a token once in five minutes
    writes = with_ssm(shop, operator)
    said = operator("connect", name, stdin=json.dumps({part: f"wrong-{part}" for part in held}))
    assert (said.code, writes.names) == (1, [])
    assert "nothing was kept: the secrets of before are still in use" in said.err
    assert "wrong-" not in said.err
    operator.wiring = shop.new_worker()
    assert operator("connect", name, "--test").code == 0
    health = {entry["connection"]: entry for entry in operator("connections", "--json").json}[name]
    assert (health["state"], health["last_failure"]) == ("open", ""), (
        "a slip of the fingers is no failure of the connection"
    )


@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_a_connect_that_dies_between_two_writes_leaves_secrets_that_work(
    shop: Shop, operator: Operator, dies_at: int
) -> None:
    shop.clock.advance(400)
    given = json.dumps({"api_key": shop.supplier.config.api_key, "email": "owner@shop.example"})
    writes = with_ssm(shop, operator, dies_at)
    with pytest.raises(RuntimeError, match="killed"):
        operator("connect", SUPPLIER, stdin=given)
    assert [name.rpartition("/")[2] for name in writes.names] == ["webhook", "token", "secrets"][:dies_at]
    operator.wiring = shop.new_worker()
    assert operator("connect", SUPPLIER, "--test").code == 0
    shop.clock.advance(400)
    assert operator("connect", SUPPLIER, stdin=given).code == 0


def test_wrong_secrets_are_a_refusal_in_words(shop: Shop, operator: Operator) -> None:
    said = operator("connect", CARRIER, "--json", stdin=json.dumps({"api_key": "wrong-key", "webhook_secret": "w"}))
    assert said.code == 1
    assert "wrong-key" not in said.out
    assert operator("connect", "nothing").code == 1


def test_a_supplier_is_imported_by_a_message(shop: Shop, operator: Operator) -> None:
    assert operator("catalogue", "import", SUPPLIER).code == 0
    assert [parse(body).connection for body in shop.queues["import_catalogue"]] == [SUPPLIER]
    assert operator("catalogue", "import", STORE).code == 1
    assert operator("catalogue", "show", "NOTHING").code == 1
    assert operator("catalogue", "show", "HL-UL-300", "--json").json["offers"][0]["sellable"] == 2
