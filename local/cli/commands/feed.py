"""orderwright feed: suppliers' stock files."""

from __future__ import annotations

from local.cli.command import WholeHelp, command
from local.cli.commands.feed_check import check
from local.cli.commands.feed_problems import problems
from local.cli.commands.feed_put import put

feed = WholeHelp("feed", help="Files of suppliers' stock, competitors' prices and exchange rates.")
command(feed, "check")(check)
command(feed, "problems")(problems)
command(feed, "put")(put)
