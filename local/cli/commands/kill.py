"""orderwright kill: the switch that stops all spending within a minute (promise P10)."""

from __future__ import annotations

import click

from local.cli.answer import Answer, table
from local.cli.command import command
from local.cli.shop import Shop
from orderwright.usecases.operator.kill import kill_switches, switch_kill

_SUPPLIER = click.option("--supplier", default="", help="Only this one; without it, all suppliers.")


def register(main: click.Group) -> None:
    """Add the commands."""

    @main.group("kill")
    def kill() -> None:
        """Stop or allow again all purchase orders that cost money."""

    command(kill, "on", changes=True)(on)
    command(kill, "off", changes=True)(off)
    command(kill, "show")(show)


@_SUPPLIER
def on(shop: Shop, supplier: str) -> Answer:
    """Nothing more is ordered; what was sent already is still looked up."""
    return _switch(shop, supplier, on=True)


@_SUPPLIER
def off(shop: Shop, supplier: str) -> Answer:
    """Purchase orders go on by themselves."""
    return _switch(shop, supplier, on=False)


def show(shop: Shop) -> Answer:
    """Which suppliers are switched off, since when, by whom and why."""
    held = kill_switches(shop.storage)
    data = {shop.name(supplier): switch.model_dump(mode="json") for supplier, switch in held.items()}
    if not held:
        return Answer(data, ["no kill switch is on"])
    rows = [(shop.name(supplier), switch.at, switch.by, switch.why) for supplier, switch in held.items()]
    return Answer(data, [table("Kill switches that are on", ["Supplier", "Since", "By", "Why"], rows)])


def _switch(shop: Shop, supplier: str, *, on: bool) -> Answer:
    names = [shop.supplier(supplier)] if supplier else sorted(shop.config.of_role("supplier"))
    if not supplier and not on:
        names = sorted({*names, *kill_switches(shop.storage)})
    changed = switch_kill(shop.desk, names, on=on)
    word = "on" if on else "off"
    lines = [
        f"{shop.name(one)}: kill switch {word}" + ("" if one in changed else f" (was {word} already)") for one in names
    ]
    data = {"on": on, "suppliers": [shop.name(one) for one in names], "changed": [shop.name(one) for one in changed]}
    return Answer(data, lines)
