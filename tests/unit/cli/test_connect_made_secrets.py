"""A secret that nobody else has to know: `connect` makes it up once, keeps it, and takes one that a person gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from local.cli.commands import connect as command
from orderwright.door_entries import entry_name
from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator

NAME = "factory"


@pytest.fixture(autouse=True)
def factory(shop: Shop, operator: Operator, tmp_path: Path) -> None:
    """A supplier by e-mail in the applied file."""
    file = tmp_path / "orderwright.yaml"
    applied = yaml.safe_load(operator("export").out)
    applied["connections"][NAME] = {"kind": "email", "orders_to": "orders@factory.example"}
    file.write_text(yaml.safe_dump(applied), "utf-8")
    assert operator("apply", str(file), "--base", "1").code == 0
    shop.clock.advance(600)  # what a worker held of the file before is old by then


def kept(shop: Shop) -> Any:
    """What is kept: the connection's secrets, and those at the door."""
    secrets, entry = (shop.wiring.secrets.read(*name, fresh=True) for name in ((NAME, "secrets"), entry_name(NAME)))
    assert secrets is not None
    assert entry is not None
    return secrets, [held[0] for held in entry["secrets"]]


def test_on_a_terminal_nothing_is_asked_and_a_secret_is_made_up_and_not_shown(
    shop: Shop, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "on_terminal", lambda: True)
    said = operator("connect", NAME)
    secrets, door = kept(shop)
    made = secrets["link_secret"]
    assert said.code == 0, said.out
    assert (list(secrets), door) == (["link_secret"], [made])
    assert len(made) > 40
    assert made not in said.out
    assert "no mail was sent" in said.out


def test_connecting_again_keeps_it_so_that_links_that_are_out_stay_good(shop: Shop, operator: Operator) -> None:
    operator("connect", NAME)
    before = kept(shop)
    assert operator("connect", NAME).code == 0
    assert kept(shop) == before


def test_one_that_a_person_gives_counts_and_the_one_before_opens_links_for_a_week(
    shop: Shop, operator: Operator
) -> None:
    operator("connect", NAME)
    (_, (made,)) = kept(shop)
    said = operator("connect", NAME, stdin='{"link_secret": "chosen"}')
    assert "stays valid until" in said.out
    assert kept(shop) == ({"link_secret": "chosen"}, ["chosen", made])
    assert operator("connect", NAME, "--revoke", "--why", "it leaked").code == 0
    assert kept(shop) == ({"link_secret": "chosen"}, ["chosen"])


def test_another_address_is_nothing_that_a_page_has(operator: Operator) -> None:
    operator("connect", NAME)
    said = operator("connect", NAME, "--new-address")
    assert said.code == 1
    assert "sends no webhooks" in said.out + said.err
