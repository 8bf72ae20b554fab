"""docs/requirements.md is whole and honest: every number once, every test is there, every pointer in the code leads somewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest

from tests.support.source import PACKAGE, ROOT

LAST = 53
ROW = re.compile(r"\| R(\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|")
POINTER = re.compile(r"\bR(\d{1,2})(?: to R(\d{1,2}))?\b")
READ = {".py", ".md", ".html", ".txt", ".yaml"}
TEXT_OF = ROOT / "docs" / "requirements.md"
NOT_YET = "not yet"


class Row(NamedTuple):
    number: int
    what: str
    where: str
    shown: str


ROWS = [
    Row(int(found[1]), found[2].strip(), found[3].strip(), found[4].strip())
    for line in TEXT_OF.read_text("utf-8").splitlines()
    if (found := ROW.fullmatch(line))
]
SHOWN = [row for row in ROWS if not row.shown.startswith(NOT_YET)]


@cache
def names_in(path: str) -> frozenset[str]:
    """The test functions of a file."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef) if node.name[:5] == "test_")


def pointers() -> Iterator[tuple[str, int]]:
    """(file, number) of each R29 in the code, the tests and the documents."""
    for folder in ("layers", "functions", "local", "tests", "docs"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in READ and file != TEXT_OF and file.name != "test_requirements.py":
                for first, last in POINTER.findall(file.read_text("utf-8")):
                    for number in range(int(first), int(last or first) + 1):
                        yield str(file.relative_to(ROOT)), number


def test_each_number_has_one_row_in_order() -> None:
    assert [row.number for row in ROWS] == [*range(1, LAST + 1)]


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: f"R{row.number}")
def test_what_shows_a_requirement_is_there(row: Row) -> None:
    (found,) = re.findall(r"^`(tests/[^`:]+\.py)(?:::(\w+))?`(?:$|; missing: )", row.shown)
    path, name = found
    assert names_in(path), f"{path} has no test"
    assert not name or name in names_in(path), f"{path} has no {name}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"R{row.number}")
def test_the_place_is_there_where_there_is_something(row: Row) -> None:
    if row not in SHOWN:
        assert row.where == "-"
        return
    name = row.where.strip("`")
    assert (ROOT / name).exists() or (PACKAGE / "orderwright" / name).exists(), name


def test_every_pointer_leads_to_a_row_of_which_something_is_there() -> None:
    there = {row.number for row in SHOWN}
    found = list(pointers())
    assert len(found) > 40
    assert [(file, f"R{number}") for file, number in found if number not in there] == []
