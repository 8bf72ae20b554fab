"""Why a text is no orderwright.yaml at all, in the operator's words: which line, and what to change in it."""

from __future__ import annotations

import re
from collections.abc import Collection

import yaml

_KEY = re.compile(r"^( *)((?:- +)*)([^\s:#'\"\[{&*!|>-][^:#'\"\[{]*?):(?:\s|$)")
_BEHIND = "close the quote behind the value, in the same line"
# The parser's words, and where to look: the line in which something begins, or the one that cannot be read.
_SAID = (
    ("scanning a quoted scalar", True, "a quote that is opened here is never closed", _BEHIND),
    ("expected ',' or ']'", True, "a bracket that is opened here is not closed as it should be", "close it with ]"),
    ("expected ',' or '}'", True, "a brace that is opened here is not closed as it should be", "close it with }"),
    ("could not find expected ':'", True, "is no name with a value", "write NAME: VALUE, a space behind the colon"),
    ("found undefined alias", False, "a value that begins with * means a rule marked with &; there is none",
     "mark one with &, or put the value in quotes"),
    ("constructor for the tag", False, "a value that begins with ! has a meaning of its own", "put it in quotes"),
    ("unknown escape", False, "a backslash stands in double quotes", "use single quotes"),
    ("another document", False, "a second file begins here", "take the line --- out"),
    ("unhashable key", False, "braces have a meaning of their own", "put the value in quotes, or fill the template in"),
    ("for merging", False, "<< takes names and values from a rule marked with &", "write <<: *NAME"),
    ("but found '<scalar>'", False, "something stands behind a closing quote", "put the whole value into one pair of quotes"),
    ("cannot start any token", False, "a value begins with a character that has a meaning of its own", "put it in quotes"),
)  # fmt: skip


def unreadable(error: yaml.MarkedYAMLError, text: str, known: Collection[str]) -> tuple[int, str, str]:
    """The line, what is wrong there, and the fix. Of the file only names of settings (`known`) are repeated."""
    lines = text.splitlines()
    begin, mark = error.context_mark, error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    line = lines[number] if number < len(lines) else ""
    said = f"{error.context or ''} {error.problem or ''}"
    if "\t" in line[: len(line) - len(line.lstrip())] and "token" in said:
        return number + 1, "a tab stands before the text", "indent with spaces alone"
    if "mapping values are not allowed" in said or re.search(r"but found '(?:<block|\?|-)", said):
        return _indented(lines, number, mark.column if mark else 0, known)
    for words, where_it_begins, message, fix in _SAID:
        if words in said:
            at = begin.line if where_it_begins and begin else number
            return at + 1, message, fix
    return number + 1, "cannot be read from here on", "compare it with docs/orderwright.example.yaml"


def _indented(lines: list[str], number: int, column: int, known: Collection[str]) -> tuple[int, str, str]:
    line, key = lines[number], _KEY.match(lines[number])
    before = next((at for at in range(number - 1, -1, -1) if lines[at].split("#")[0].strip()), None)
    if key and column > key.end(3):
        return number + 1, "a colon with a space stands inside a value", "put the whole value in quotes"
    if before is None:
        return number + 1, "cannot be read from here on", "compare it with docs/orderwright.example.yaml"
    above, previous = lines[before], _KEY.match(lines[before])
    if re.match(r" *-[^ -]", above):
        return before + 1, "a space is missing behind the dash", "write - and a space"
    indent, name = len(line) - len(line.lstrip(" ")), _named(key[3] if key else "", known)
    if previous is None and not above.lstrip().startswith("- "):
        return before + 1, "is no name with a value", "write NAME: VALUE, a space behind the colon"
    column_above = previous.start(3) if previous else len(above) - len(above.lstrip(" ")) + 2
    beside = _named(previous[3] if previous else "", known, "the line before")
    if indent > column_above:
        return number + 1, f"{name} stands one level too deep", _as(beside, column_above)
    levels = sorted({found.start(3) for found in map(_KEY.match, lines[:number]) if found and found.start(3) > indent})
    if above.lstrip().startswith("- ") and levels and indent == above.index("-"):
        return number + 1, f"{name} stands one level too shallow: it belongs to the entry above", _as(beside, levels[0])
    return number + 1, f"{name} stands between two levels", _as("the lines that it belongs to", None)


def _named(key: str, known: Collection[str], other: str = "the line") -> str:
    return f"`{key}`" if key in known else other


def _as(beside: str, column: int | None) -> str:
    spaces = "" if column is None else f": {column} spaces"
    return f"give it the same indentation as {beside}{spaces}"
