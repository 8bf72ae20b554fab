"""orderwright price: why prices are what they are, what they were, and what other rules would have made of them."""

from __future__ import annotations

from local.cli.command import WholeHelp, command
from local.cli.commands.price_explain import explain
from local.cli.commands.price_history import history
from local.cli.commands.price_rates import rates
from local.cli.commands.price_reprice import reprice
from local.cli.commands.price_simulate import simulate

price = WholeHelp(
    "price", help="Why prices are what they are, what they were, and what other rules would make of them."
)
command(price, "explain")(explain)
command(price, "history")(history)
command(price, "simulate")(simulate)
command(price, "reprice", changes=True)(reprice)
price.add_command(rates)
