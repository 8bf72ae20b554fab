"""What a terminal of 80 columns shows: whole ids and amounts, columns that give way, whole help, colours only where wanted."""

from __future__ import annotations

import io
import os
import re

import click
import pytest
from click.testing import CliRunner
from rich.console import Console
from rich.text import Text

from local.cli.answer import Answer, table
from local.cli.main import main
from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator

LONG = "gid://shopify/ProductVariant/9007199254741029"


def rendered(width: int, *, terminal: bool = False, **environ: str) -> str:
    made = table(
        "Orders",
        ["Order", "Store", "State", "Why", ">Total", "Changed (UTC)", "Correlation"],
        [("#1002", "lamp-shop", "NEEDS_ATTENTION", "the postcode is missing in an address of Finland", "22.99 USD",
          "2026-11-22 08:00:00", "op-0123456789abcdef")],
    )  # fmt: skip
    stream = io.StringIO()
    Console(file=stream, width=width, force_terminal=terminal, _environ={"TERM": "xterm-256color", **environ}).print(
        made
    )
    return stream.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100])
def test_ids_and_amounts_stay_whole_and_other_columns_give_way(width: int) -> None:
    lines = rendered(width).splitlines()
    assert max(map(len, lines)) <= width
    row = next(line for line in lines if "#1002" in line)
    assert re.search(r"NEEDS_ATTENTION", row)
    assert "22.99 USD" in row or "Total" in lines[-2] + lines[-1]
    assert "no room for:" in "".join(lines)
    assert "Correlation" in lines[-2] + lines[-1]


def test_a_wide_terminal_shows_every_column() -> None:
    assert "op-0123456789abcdef" in rendered(160)
    assert "no room" not in rendered(160)


def test_states_have_colours_on_a_terminal_and_none_where_they_are_not_wanted() -> None:
    assert "\x1b[31mNEEDS_ATTENTION" in rendered(80, terminal=True)
    assert "\x1b[31m" not in rendered(80, terminal=True, NO_COLOR="1")
    assert "\x1b[" not in rendered(80)


def test_a_time_is_not_folded_under_whatever_name() -> None:
    stream = io.StringIO()
    made = table("", ["Id", "Told", "Note"], [(LONG, "2026-11-22 08:00:00", "a note of some words")])
    Console(file=stream, width=80).print(made)
    assert "2026-11-22 08:00:00" in stream.getvalue()


def test_a_title_stays_on_one_line_above_a_narrow_table() -> None:
    stream = io.StringIO()
    Console(file=stream, width=80).print(table("Purchase order at cj, still to be bought", ["Id"], [("x",)]))
    assert stream.getvalue().startswith("Purchase order at cj, still to be bought\n")


def test_a_command_on_its_own_line_is_never_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    line = f"   orderwright orders adopt '#1001' --supplier-order SUPPLIER_ORDER --reference {LONG}"
    Answer({}, [Text(line, no_wrap=True, overflow="ignore")]).print(as_json=False)
    assert capsys.readouterr().out == f"{line}\n"


def test_an_id_wider_than_the_terminal_is_not_folded() -> None:
    stream = io.StringIO()
    Console(file=stream, width=40).print(table("", ["Id", "Note"], [(LONG, "x")]), crop=False)
    assert LONG in stream.getvalue()


@pytest.mark.parametrize(
    "words",
    [("orders", "list"), ("orders", "show", "#1001"), ("approvals", "list"), ("connections",), ("status",),
     ("catalogue", "list"), ("catalogue", "map"), ("catalogue", "show", "HL-KID-120"), ("margin", "explain", "#1001")],
    ids=" ".join,
)  # fmt: skip
def test_no_table_of_a_command_is_wider_than_80_columns(shop: Shop, operator: Operator, words: tuple[str, ...]) -> None:
    shop.store.buy([("HL-UL-300", 1)])
    shop.run()
    said = operator(*words, columns=80)
    assert said.code == 0, said.err
    tables = [line for line in said.out.splitlines() if "│" in line or "━" in line]
    assert max(map(len, tables), default=0) <= 80, said.out


def test_a_command_in_a_line_is_never_broken(shop: Shop, operator: Operator) -> None:
    """What is copied from a terminal into a shell runs as it stands."""
    said = operator("connect", "nothing", columns=20)
    assert "there is no connection 'nothing'" in said.err


def test_help_lists_every_command_with_its_whole_sentence() -> None:
    for words in (
        [],
        *([name] for name, one in main.commands.items() if isinstance(one, click.Group)),
        ["orders", "list"],
        ["init"],
    ):
        said = CliRunner(env={**os.environ, "COLUMNS": "80"}).invoke(main, [*words, "--help"]).output
        assert "..." not in said.partition("\n")[2]
        assert max(map(len, said.splitlines())) <= 80
