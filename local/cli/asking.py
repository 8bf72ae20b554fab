"""Before something costs money: what it costs is said, and somebody has to agree."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from local.cli.shop import Shop
from orderwright.domain.outside_texts import visible
from orderwright.usecases.operator.desk import Refused

YES = click.option("--yes", is_flag=True, help="Do not ask: for scripts. What it costs is still shown.")


def on_terminal() -> bool:
    """Is there somebody who can answer?"""
    return sys.stdin.isatty()


def agreed(shop: Shop, costs: Sequence[str], *, yes: bool, again: str) -> None:
    """Go on only where nothing costs, or `yes` was given, or somebody at the terminal says so.

    `again` is the complete command that needs no answer. Raises Refused where nobody can be asked, or they say no.
    """
    if yes or not costs:
        return
    what = visible("; ".join(costs))
    ask = shop.ask or (_ask if on_terminal() else None)
    if ask is None:
        raise Refused("YES_NEEDED", f"{what}. Nobody can be asked here, so nothing was changed", again)
    if not ask(f"{what}. Go on?"):
        raise Refused("NOT_AGREED", "nothing was changed")


def _ask(question: str) -> bool:
    return click.confirm(question, err=True)
