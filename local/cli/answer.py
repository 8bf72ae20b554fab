"""What a command says: data with stable keys for --json, the same as tables and lines for people."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from local.cli.fitting import Column, FittedTable
from orderwright.domain.base import iso
from orderwright.domain.money import Money
from orderwright.domain.outside_texts import visible
from orderwright.usecases.operator.views.amounts import money

_WIDE = 140
# What json.dumps leaves as it is, and a terminal obeys; in JSON it may stand only inside a text, where an escape says the same.
_LEFT_BY_JSON = re.compile(
    "[\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


@dataclass(frozen=True)
class Answer:
    """`data` is what --json prints; `shown` are the lines and tables for a terminal; `failed` makes the exit code 1,
    `needs_you` 3: the command did its work, and found something that only a person can do.

    `literal`, where given, is printed instead of `shown`, line for line: a file to be saved. Whatever way it is printed,
    no character of a text from outside steers the terminal.
    """

    data: Any
    shown: Sequence[RenderableType] = field(default_factory=tuple)
    failed: bool = False
    needs_you: bool = False
    literal: str = ""

    def print(self, *, as_json: bool) -> None:
        """Write it to standard output."""
        if as_json:
            print(json_text(self.data))
            return
        if self.literal:
            sys.stdout.write("\n".join(map(visible, self.literal.split("\n"))))
        console = console_to(sys.stdout)
        for part in self.shown:
            # A line is left whole for the terminal to break: a command in it can be copied and pasted.
            console.print(part, soft_wrap=isinstance(part, str | Text), crop=False)


def json_text(data: Any, indent: int | None = 2) -> str:
    """Data as JSON, in one line without `indent`. Letters of any script stay readable; what a terminal would obey is escaped."""
    text = json.dumps(data, indent=indent, ensure_ascii=False, default=_plain)
    return _LEFT_BY_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class _Literal(Console):
    """Lines, cells and titles all come through here: taken literally, and without characters that steer a terminal."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)


def console_to(stream: Any) -> Console:
    """A console that takes our texts literally. Into a pipe it is as wide as the terminal behind it; without any it is wide."""
    width = None
    if not stream.isatty() and "COLUMNS" not in os.environ:
        width = _terminal_width() or _WIDE
    return _Literal(file=stream, width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)


def _terminal_width() -> int:
    """The width of the terminal that a person looks at though this output goes elsewhere; 0 where there is none."""
    for stream in (sys.__stderr__, sys.__stdin__):
        with suppress(OSError, ValueError, AttributeError):
            return os.get_terminal_size(stream.fileno()).columns  # type: ignore[union-attr]
    return 0


def table(title: str, columns: Iterable[str], rows: Iterable[Sequence[object]]) -> FittedTable:
    """A table; a column whose name starts with > is set to the right. An empty cell shows as a dash."""
    made = [Column(name.lstrip(">"), name.startswith(">")) for name in columns]
    return FittedTable(title, made, [[text(cell) for cell in row] for row in rows])


def text(value: object) -> str:
    """A cell: times in UTC to the second, money with its currency, yes or no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Money):
        return money(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def ago(then: datetime | None, now: datetime) -> str:
    """How far away a moment is: "in 3 min", "5 h ago", "now"."""
    if then is None:
        return ""
    seconds = int((then - now).total_seconds())
    size = abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if size >= 2 * length:
            return f"in {size // length} {unit}" if seconds > 0 else f"{size // length} {unit} ago"
    if not seconds:
        return "now"
    return f"in {size} s" if seconds > 0 else f"{size} s ago"
