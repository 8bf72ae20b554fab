"""Tables that fit the terminal: columns of least use give way first, ids and amounts are never folded, states have colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from orderwright.domain.outside_texts import visible

IDS = frozenset(
    {
        "Order", "Reference", "SKU", "Its SKU", "Parcel", "Connection", "Store", "Supplier", "Feed", "Function", "Id", "Code",
        "State", "When (UTC)", "Changed (UTC)", "Since (UTC)", "Next try (UTC)", "Observed (UTC)",
        "Correlation", "Supplier's ids", "Supplier's id", "Store's variant", "Its id", "HS code",
        "Country", "Milestone", "Manufacturer's number", "Level", "Name",
    }
)  # fmt: skip
"""Columns whose cells are copied, compared or read at a glance: never folded."""
GIVE_WAY = (
    "Correlation", "Link", "Webhooks seen", "Token ends", "Points today", "Its id", "Supplier's ids", "Part", "In the store",
    "Buffer", "Reserved", "Struck through", "Ceiling", "Shown stock", "Next try (UTC)", "Observed (UTC)", "Payment", "Step",
    "Class", "Feed", "Changed (UTC)", "Landed cost", "Since", "Since (UTC)", "Channel", "Kind", "Who", "Title", "Floor",
    "Carrier", "Stock wanted", "Stock shown", "Sent", "Store", "Open", "Total", "Price", "Cost", "Note", "Why", "Waits",
)  # fmt: skip
"""Which columns go first where the terminal is too narrow for all. `--json` has them all."""
COLOURS = {
    **dict.fromkeys(
        ("NEEDS_ATTENTION", "PARKED", "REJECTED", "FAILED", "EXCEPTION", "closed", "failing", "wrong"), "red"
    ),
    **dict.fromkeys(("AWAITING_APPROVAL", "ON_HOLD", "UNCLEAR", "WAITING", "not connected", "refused"), "yellow"),
    **dict.fromkeys(("PLACED", "SHIPPED", "DELIVERED", "SENT", "open", "ok", "good"), "green"),
}
"""The colour of a state. The word says all without it; NO_COLOR and pipes show none."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?")
_BETWEEN = 3
_READABLE = 14


@dataclass(frozen=True)
class Column:
    """A column's name, and whether its cells are set to the right and stay whole, as amounts."""

    name: str
    right: bool = False

    @property
    def whole(self) -> bool:
        """Its cells are never folded."""
        return self.right or self.name in IDS


@dataclass(frozen=True)
class FittedTable:
    """A table that chooses its columns when it knows the width."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment | RenderableType]:
        """The table, and which columns had no room."""
        shown = self._shown(options.max_width)
        if self.title:
            # A line of its own: a table's own title is folded to the width of its columns.
            yield Text(visible(self.title), style="italic")
        made = Table(show_edge=False, pad_edge=False, header_style="bold")
        for index in shown:
            column = self.columns[index]
            made.add_column(
                column.name, justify="right" if column.right else "left", overflow="fold", no_wrap=self._whole(index),
                min_width=self._least(index) if self._whole(index) else None,
            )  # fmt: skip
        for row in self.rows:
            made.add_row(*(_cell(row[index]) for index in shown))
        least = sum(map(self._least, shown)) + _BETWEEN * (len(shown) - 1)
        # What even so is too wide is left to the terminal: it breaks the line on the screen, and not in what is copied.
        yield from console.render(made, options.update(max_width=max(options.max_width, least)))
        hidden = [
            column.name for index, column in enumerate(self.columns) if index not in shown and self._filled(index)
        ]
        if hidden:
            yield Text(f"no room for: {', '.join(hidden)} (a wider terminal, or --json, has them)", style="dim")

    def _shown(self, width: int) -> list[int]:
        shown = [index for index in range(len(self.columns)) if self._filled(index)] or [0]
        for name in GIVE_WAY:
            if sum(map(self._least, shown)) + _BETWEEN * (len(shown) - 1) <= width:
                break
            shown = [index for index in shown if self.columns[index].name != name or index == 0]
        return shown

    def _filled(self, index: int) -> bool:
        """An empty column says nothing, except in an empty table."""
        return not self.rows or any(row[index] for row in self.rows)

    def _whole(self, index: int) -> bool:
        """Ids, amounts, and a column of times under whatever name."""
        cells = [row[index] for row in self.rows if row[index]]
        return self.columns[index].whole or (bool(cells) and all(map(_TIME.fullmatch, cells)))

    def _least(self, index: int) -> int:
        """How narrow a column may become: whole where it must not fold, else wide enough to read."""
        name = self.columns[index].name
        longest = max((cell_len(visible(row[index])) for row in self.rows), default=0)
        if self._whole(index):
            return max(cell_len(name), longest)
        words = max((cell_len(word) for row in self.rows for word in visible(row[index]).split()), default=0)
        return max(cell_len(name), min(longest, max(_READABLE, min(words, 2 * _READABLE))))


def _cell(text: str) -> Text:
    return Text(visible(text) or "-", style=COLOURS.get(text, ""))
