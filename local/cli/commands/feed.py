"""orderwright feed: suppliers' stock files."""

from __future__ import annotations

import click

from local.cli.command import WholeHelp, command
from local.cli.commands.feed_check import check
from local.cli.commands.feed_problems import problems


def register(main: click.Group) -> None:
    """Add the commands."""
    group = WholeHelp("feed", help="Suppliers' stock files.")
    main.add_command(group)
    command(group, "check")(check)
    command(group, "problems")(problems)
