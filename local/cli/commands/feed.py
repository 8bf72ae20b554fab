"""orderwright feed: suppliers' stock files."""

from __future__ import annotations

from local.cli.command import WholeHelp, command
from local.cli.commands.feed_check import check
from local.cli.commands.feed_problems import problems
from local.cli.commands.feed_put import put

feed = WholeHelp("feed", help="Suppliers' stock files.")
command(feed, "check")(check)
command(feed, "problems")(problems)
command(feed, "put")(put)
