"""Nothing of the core, of the functions and of the command line names a vendor: all of it reads the declarations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from orderwright.registry import CONNECTORS, declarations
from tests.support.source import ROOT

LAYER = "layers/orderwright/python/orderwright"
FOLDERS = (LAYER, "functions", "local/cli")
MAY_NAME = (f"{LAYER}/connectors/", f"{LAYER}/registry.py")
ALSO_A_FORMAT = {"csv", "stock file", "email", "file", "competitor_prices", "competitors' prices", "exchange rates"}
"""Kinds whose name or title is a word of its own; their classes and packages are looked for all the same."""

EXCEPTIONS = {
    f"{LAYER}/domain/carriers.py": "the world's carriers as stores know them; the list that gives their spelling is named",
    f"{LAYER}/domain/tracking_formats.py": "a carrier's numbers are known by its name",
}


def vendors() -> re.Pattern[str]:
    """Kinds and titles as words, also within a name such as cj_orders; parts of class names; packages."""
    told = declarations()
    words = {word.lower() for one in told for word in (one.kind, one.title)} - ALSO_A_FORMAT
    classes = {one.settings.rpartition(":")[2].removesuffix("Settings") for one in told}
    either = [
        *(rf"(?<![a-z0-9])(?i:{re.escape(word)})(?![a-z0-9])" for word in words),
        *(rf"{name}(?=[A-Z])" for name in classes),
        *map(re.escape, CONNECTORS.values()),
    ]
    return re.compile("|".join(either))


def named_in(text: str) -> list[str]:
    """Each line that names a vendor, with its number."""
    found = vendors()
    return [f"{number}: {line.strip()}" for number, line in enumerate(text.splitlines(), 1) if found.search(line)]


def _files() -> list[Path]:
    every = (file for folder in FOLDERS for file in (ROOT / folder).rglob("*"))
    return sorted(file for file in every if file.is_file() and file.suffix in (".py", ".j2", ".json"))


def test_nothing_outside_the_connectors_names_a_vendor() -> None:
    found = {}
    for file in _files():
        path = file.relative_to(ROOT).as_posix()
        if not path.startswith(MAY_NAME) and (lines := named_in(file.read_text("utf-8"))):
            found[path] = lines
    assert {path: lines for path, lines in found.items() if path not in EXCEPTIONS} == {}
    assert set(found) == set(EXCEPTIONS), "an exception that is not needed any more"


@pytest.mark.parametrize(
    "line",
    [
        'if kind == "shopify":', "# CJ's own id of it", "def cj_orders() -> None:", "SHOPIFY_TOPICS = ()", "see CJdropshipping",
        "settings: CsvSettings", "class EasyPostTracker:", "from orderwright.connectors.feeds.csv.rows import BadRow",
    ],
)  # fmt: skip
def test_a_vendors_name_is_seen_wherever_it_stands(line: str) -> None:
    assert named_in(line) == [f"1: {line}"]


@pytest.mark.parametrize("line", ["writer = csv.writer(file)", "object, adjective, an easy post"])
def test_a_word_that_only_looks_like_one_is_none(line: str) -> None:
    assert named_in(line) == []
