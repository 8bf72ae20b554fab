"""The command `orderwright` and its parts."""

from __future__ import annotations

import click

from local.cli.command import WholeHelp
from local.cli.commands import (
    approvals,
    carry_over,
    catalogue,
    configuration,
    connect,
    connections,
    dead_letters,
    feed,
    kill,
    money,
    notices,
    orders,
    parked,
    statement,
    status,
)
from local.cli.shop import Shop


@click.group(cls=WholeHelp, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option(
    "--stack", envvar="ORDERWRIGHT_STACK", default="", help="A stack on AWS; without it, what `make run` started."
)
@click.option("--profile", default="", help="An AWS profile of yours, SSO included; with --stack. Else AWS_PROFILE.")
@click.option("--region", default="", help="The stack's AWS region; with --stack. Else the profile's, else AWS_REGION.")
@click.option("--run-file", default="", help="Another .orderwright/run.json.", type=click.Path(dir_okay=False))
@click.option(
    "--as", "operator", default="", help="Who you are, for the time line; else ORDERWRIGHT_OPERATOR or your account."
)
@click.pass_context
def main(context: click.Context, stack: str, profile: str, region: str, run_file: str, operator: str) -> None:
    """Watch and steer an Orderwright stack. Exit codes: 0 done, 1 refused or not found, 2 wrong usage."""
    if context.obj is None:
        context.obj = Shop(stack=stack, run_file=run_file, operator=operator, aws_profile=profile, region=region)


for part in (
    configuration, connect, catalogue, orders, approvals, dead_letters, parked, kill, connections, status, carry_over,
    money, statement, feed, notices,
):  # fmt: skip
    part.register(main)
