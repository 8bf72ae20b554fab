"""The table for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from local.bench.figure import Figure

_WIDTH = 140


def show(figures: Sequence[Figure]) -> None:
    """Print one line for each value, with its goal and whether it is met; notes come below."""
    table = Table(title="What it takes", show_lines=False)
    for column in ("", "What", "Measured", "Goal", "Met"):
        table.add_column(column, overflow="fold", justify="right" if column == "Measured" else "left")
    for figure in figures:
        table.add_row(figure.key, figure.title, "", "", _word(figure.met), style="bold")
        if figure.error:
            table.add_row("", "could not be measured", "", "", "", style="red")
        for value in figure.values:
            measured = f"{amount_text(value.amount)} {value.unit}".rstrip()
            table.add_row("", value.name, measured, value.goal, _word(value.met))
        table.add_section()
    console = Console(width=_WIDTH)
    console.print(table)
    for figure in figures:
        for note in ([f"could not be measured: {figure.error}"] if figure.error else []) + list(figure.notes):
            console.print(f"{figure.key}: {note}", markup=False, highlight=False)


def amount_text(amount: float) -> str:
    """A number with as many digits as mean something."""
    if amount == int(amount):
        return f"{int(amount):,}"
    return f"{amount:,.0f}" if abs(amount) >= 1000 else f"{amount:.3g}"


def _word(met: bool | None) -> str:
    return "" if met is None else ("yes" if met else "NO")
