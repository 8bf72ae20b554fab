"""orderwright kill: the switch that stops all spending within a minute (promise P10)."""

from __future__ import annotations

import click

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.records import ALL_SUPPLIERS
from orderwright.usecases.operator.kill import how_off, kill_switches, switch_kill, whose

_SUPPLIER = click.option(
    "--supplier", default="", help="Only this one; without it the switch for all, those added later included."
)

kill = WholeHelp("kill", help="Stop or allow again all purchase orders that cost money.")


@command(kill, "on", changes=True)
@_SUPPLIER
def on(shop: Shop, supplier: str) -> Answer:
    """Nothing more is ordered; what was sent already is still looked up."""
    return _switch(shop, supplier, on=True)


@command(kill, "off", changes=True)
@_SUPPLIER
def off(shop: Shop, supplier: str) -> Answer:
    """Purchase orders continue automatically."""
    return _switch(shop, supplier, on=False)


@command(kill, "show")
def show(shop: Shop) -> Answer:
    """Which switches are on, since when, by whom and why."""
    held = kill_switches(shop.storage)
    data = {shop.name(supplier): switch.model_dump(mode="json") for supplier, switch in held.items()}
    if not held:
        return Answer(data, ["no kill switch is on"])
    rows = [(whose(shop.name(name)), switch.at, switch.by, switch.why) for name, switch in held.items()]
    return Answer(data, [table("Kill switches that are on", ["Supplier", "Since", "By", "Why"], rows)])


def _switch(shop: Shop, supplier: str, *, on: bool) -> Answer:
    # A supplier that is not connected any more may have left its switch on.
    left = not on and supplier in kill_switches(shop.storage) and shop.config.id_of(supplier) is None
    chosen = (supplier if left else shop.connection(supplier, "supplier")) if supplier else ALL_SUPPLIERS
    changed = switch_kill(shop.desk, [chosen], on=on)
    word = "on" if on else "off"
    lines = [f"{whose(shop.name(chosen))}: kill switch {word}" + ("" if changed else f" (was {word} already)")]
    others = sorted(set(kill_switches(shop.storage)) - {chosen})
    still = [] if on else others if chosen == ALL_SUPPLIERS else [other for other in others if other == ALL_SUPPLIERS]
    for other in map(shop.name, still):
        stops = "so nothing is bought yet" if other == ALL_SUPPLIERS else "so nothing is bought there"
        lines.append(f"{whose(other)}: kill switch stays on, {stops}; {how_off(other)}")
    names = {"suppliers": [chosen], "changed": changed, "still_on": still}
    return Answer({"on": on, **{part: [shop.name(one) for one in found] for part, found in names.items()}}, lines)
