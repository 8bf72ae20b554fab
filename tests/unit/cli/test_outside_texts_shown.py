"""Whatever a buyer, a supplier or a store wrote: the operator's terminal shows it and obeys none of it."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import click
import pytest
from click.testing import CliRunner
from rich.console import RenderableType
from rich.text import Text

from local.cli.answer import Answer, console_to, json_text, table
from local.cli.command import Problem, command
from local.sandbox.kit.people import Address, Buyer
from orderwright.errors import Rejected
from orderwright.records import sku_key
from orderwright.storage import Put
from orderwright.usecases.operator.desk import Refused
from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator

HOSTILE = {
    "clears the screen": "Eve\x1b[2J\x1b[HX",
    "renames the window": "Eve\x1b]0;owned\x07X",
    "C1 escape": "Eve\x9b31mX",
    "C1 string": "Eve\x90q\x9cX",
    "backspaces": "Eve\b\b\bX",
    "DEL and NUL": "Eve\x7f\x00X",
    "overwrites the line": "Eve\rX",
    "fakes a line": "Eve\nX",
    "NEL": "Eve\x85X",
    "line separator": "Eve\u2028X",
    "paragraph separator": "Eve\u2029X",
    "bidi override": "Eve\u202ednaX\u202c",
    "bidi isolate": "Eve\u2067X\u2069",
    "direction mark": "Eve\u200fX",
}
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


def printed(answer: Answer, *, as_json: bool = False, monkeypatch: pytest.MonkeyPatch) -> str:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)
    answer.print(as_json=as_json)
    return out.getvalue()


def every_way(text: str) -> list[list[RenderableType]]:
    """As a line, a cell, a title, a column's name; wide enough that nothing is folded."""
    wide = "w" * 60
    return [
        [text],
        [table("t", ["a"], [(text,)])],
        [table(text, ["a"], [(wide,)])],
        [table("t", [text], [(wide,)])],
    ]


@hostile
def test_lines_cells_titles_and_columns_are_shown_and_not_obeyed(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for shown in every_way(text):
        lines = printed(Answer({}, shown), monkeypatch=monkeypatch)
        assert not OBEYED.search(lines)
        assert "Eve" in lines
        assert "X" in lines.split("Eve")[1].splitlines()[0], "on the same line"


@hostile
def test_a_file_that_is_printed_keeps_its_lines_and_steers_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = printed(Answer({}, literal=f"a: 1\n{text}: 2\n"), monkeypatch=monkeypatch)
    assert not OBEYED.search(shown)
    assert shown.startswith("a: 1\nEve")
    assert shown.endswith(": 2\n")


@hostile
def test_json_stays_the_same_data_and_steers_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = {"name": text, text: ["Öberg 李"]}
    shown = printed(Answer(data), as_json=True, monkeypatch=monkeypatch)
    assert not OBEYED.search(shown)
    assert json.loads(shown) == data
    assert "Öberg 李" in shown, "letters stay readable"


def test_half_a_letter_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(json_text({"a": "\ud83d"})) == {"a": "\ud83d"}
    assert printed(Answer({}, ["a\ud83db"]), monkeypatch=monkeypatch).encode() == b"a b\n"


@pytest.mark.parametrize(
    "name",
    [
        "[red]Eve[/red]",
        "[/]",
        "[link=https://evil.example.com]Eve[/link]",
        ":warning: Eve",
        "[bold",
        "\\[x]",
        "[@click=quit]x[/]",
    ],
)
def test_a_name_that_looks_like_markup_is_shown_literally(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for shown in every_way(name):
        assert name in printed(Answer({}, shown), monkeypatch=monkeypatch)


def test_a_real_terminal_gets_our_own_styles_only() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    console = console_to(out)
    console.print(Text("error: ", style="bold red") + console.render_str("Eve\x1b]0;owned\x07 [red]"))
    console.print(table("t", ["a"], [("Eve\x1b[2J",)]))
    without_styles = re.sub("\x1b\\[[0-9;]*m", "", out.getvalue())
    assert not OBEYED.search(without_styles)
    assert "Eve ]0;owned  [red]" in without_styles


@hostile
@pytest.mark.parametrize("kind", ["refused", "problem", "vendor"])
@pytest.mark.parametrize("as_json", [False, True])
def test_errors_are_shown_and_not_obeyed(text: str, kind: str, as_json: bool) -> None:
    errors: dict[str, Exception] = {
        "refused": Refused("CODE", text, text),
        "problem": Problem("CODE", text, [{"field": text, "message": text, "fix": text, "line": 1}], text),
        "vendor": Rejected(text, code="REFUSED"),
    }

    def run(_: Any) -> Answer:
        raise errors[kind]

    group = click.Group("main")
    command(group, "go")(run)
    said = CliRunner().invoke(group, ["go", *(["--json"] if as_json else [])])
    assert said.exit_code == 1
    assert not OBEYED.search(said.stdout + said.stderr)
    if as_json:
        assert json.loads(said.stdout)["error"]["message"] == text
    else:
        assert said.stderr.startswith("error: Eve")
        assert len(said.stderr.splitlines()) == {"refused": 2, "problem": 3, "vendor": 2}[kind]


@pytest.fixture
def evil_order(shop: Shop) -> str:
    """An order whose buyer, and a SKU whose supplier, wrote all that is in HOSTILE."""
    everything = "".join(HOSTILE.values()) + "[red]:smile:"
    home = Address(
        first_name=everything,
        last_name="X",
        address1=everything,
        address2=everything,
        city=everything,
        company=everything,
    )
    name = shop.store.buy([("HL-MS-400", 1)], buyer=Buyer(first_name=everything), address=home, note=everything).name
    held = shop.wiring.storage.load_sku("HL-MS-400").record
    assert held is not None
    titled = held.model.model_copy(update={"title": everything})
    shop.wiring.storage.commit([Put(sku_key("HL-MS-400"), titled, held.version, state="SKU")])
    shop.run()
    return name


@pytest.mark.parametrize(
    "arguments",
    [
        ("orders", "show", "{order}", "--personal"), ("orders", "show", "{order}"), ("orders", "list", "--all"),
        ("catalogue", "list"), ("catalogue", "show", "HL-MS-400"), ("approvals", "list"), ("parked", "list"),
        ("connections",), ("status",), ("export",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_shows_what_strangers_wrote_and_obeys_none_of_it(
    operator: Operator, evil_order: str, arguments: tuple[str, ...]
) -> None:
    given = [part.format(order=evil_order) for part in arguments]
    plain, as_json = operator(*given), operator(*given, "--json")
    assert (plain.code, as_json.code) == (0, 0)
    assert not OBEYED.search(plain.out + plain.err + as_json.out + as_json.err)
    assert as_json.json is not None


def test_the_customers_own_words_are_there_to_be_read(operator: Operator, evil_order: str) -> None:
    page = operator("orders", "show", evil_order, "--personal").out
    told = operator("orders", "show", evil_order, "--personal", "--json").json
    assert "[red]:smile:" in re.sub(r"\s", "", page)
    assert HOSTILE["clears the screen"] in told["personal"]["address"]["line1"]
