"""orderwright status: all on one page."""

from __future__ import annotations

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.command import command
from local.cli.commands.kill import how_off, whose
from local.cli.shop import Shop
from orderwright.domain.order import OrderState
from orderwright.usecases.operator.views.status import status_data, status_of


def register(main: click.Group) -> None:
    """Add the command."""
    command(main, "status")(show)


def show(shop: Shop) -> Answer:
    """Orders by state, what is overdue, dead letters, kill switches, breakers, today's spending."""
    status = status_of(shop.office, shop.dead_letters.counts())
    found, troubled = status.found, status.notices
    data = {"stack": shop.target.stack, **status_data(shop.office, status)}
    rows = [(state.value, found.orders.get(state.value, 0)) for state in OrderState if state.value in found.orders]
    shown: list[RenderableType] = [
        table(f"Orders in {shop.target.stack}", ["State", ">Orders"], rows or [("none yet", 0)])
    ]
    shown += [f"overdue: {count} x {name}" for name, count in sorted(found.overdue.items())]
    shown += [
        f"dead letters: {count} of {name}; orderwright dead-letters show {name}" for name, count in status.dead.items()
    ]
    shown += [f"kill switch on: {whose(name)}; {how_off(name)}" for name in status.killed]
    shown += [f"breaker open: {name}; orderwright connections" for name in map(shop.name, found.broken)]
    shown += [f"notices {kind.lower()}: {count}; orderwright notices list" for kind, count in sorted(troubled.items())]
    shown += [
        f"{shop.name(key.partition('|')[0]) + ': ' if key[0] != '|' else ''}{reason.code}: {reason.message}; {reason.fix}"
        for key, reason in found.silent.items()
        if reason.code != "DEAD_LETTERS"
    ]
    shown += [f"spent today at {shop.name(supplier)}: {amount}" for supplier, amount in sorted(found.spent.items())]
    if status.notes:
        shown.append(f"parked notes: {status.notes}; orderwright parked list")
    if status.calm:
        shown.append("nothing is overdue, dead, parked or stopped")
    return Answer(data, shown)
