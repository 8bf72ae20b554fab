"""orderwright status: all on one page."""

from __future__ import annotations

import click
from rich.console import RenderableType

from local.cli.answer import Answer, money, table
from local.cli.command import command
from local.cli.commands.kill import how_off, whose
from local.cli.shop import Shop
from orderwright.aws.queues import count_messages
from orderwright.domain.order import OrderState
from orderwright.usecases.operator.kill import kill_switches
from orderwright.usecases.operator.notices import count_notices
from orderwright.usecases.operator.overview import overview
from orderwright.usecases.operator.parked_notes import parked_notes


def register(main: click.Group) -> None:
    """Add the command."""
    command(main, "status")(status)


def status(shop: Shop) -> Answer:
    """Orders by state, what is overdue, dead letters, kill switches, breakers, today's spending."""
    found = overview(shop.storage, shop.config, shop.wiring.clock)
    dead = count_messages(shop.wiring.client("sqs"), shop.target.dead_letter_queues)
    killed = kill_switches(shop.storage)
    notes = parked_notes(shop.storage)
    troubled = count_notices(shop.storage)
    waiting = {name: count for name, count in dead.items() if count}
    data = {
        "stack": shop.target.stack,
        "orders": found.orders,
        "overdue": found.overdue,
        "dead_letters": waiting,
        "parked_notes": len(notes),
        "notices": troubled,
        "kill_switches": sorted(map(shop.name, killed)),
        "breakers_open": [shop.name(feed) for feed in found.broken],
        "silent": {key: reason.model_dump() for key, reason in found.silent.items()},
        "spent_today": {shop.name(supplier): money(amount) for supplier, amount in found.spent.items()},
    }
    rows = [(state.value, found.orders.get(state.value, 0)) for state in OrderState if state.value in found.orders]
    shown: list[RenderableType] = [
        table(f"Orders in {shop.target.stack}", ["State", ">Orders"], rows or [("none yet", 0)])
    ]
    shown += [f"overdue: {count} x {name}" for name, count in sorted(found.overdue.items())]
    shown += [
        f"dead letters: {count} of {name}; orderwright dead-letters show {name}" for name, count in waiting.items()
    ]
    shown += [f"kill switch on: {whose(name)}; {how_off(name)}" for name in sorted(map(shop.name, killed))]
    shown += [f"breaker open: {name}; orderwright connections" for name in map(shop.name, found.broken)]
    shown += [f"notices {kind.lower()}: {count}; orderwright notices list" for kind, count in sorted(troubled.items())]
    shown += [
        f"{shop.name(key.partition('|')[0]) + ': ' if key[0] != '|' else ''}{reason.code}: {reason.message}; {reason.fix}"
        for key, reason in found.silent.items()
        if reason.code != "DEAD_LETTERS"
    ]
    shown += [f"spent today at {shop.name(supplier)}: {amount}" for supplier, amount in sorted(found.spent.items())]
    if notes:
        shown.append(f"parked notes: {len(notes)}; orderwright parked list")
    if not (found.overdue or waiting or killed or found.broken or found.silent or notes or troubled):
        shown.append("nothing is overdue, dead, parked or stopped")
    return Answer(data, shown)
