"""The command `orderwright` and its parts."""

from __future__ import annotations

import sys

import click
from botocore.exceptions import BotoCoreError, ClientError

from local.cli.command import WholeHelp, as_problem, command
from local.cli.commands.approvals import approvals
from local.cli.commands.backup import backup
from local.cli.commands.bills import bills
from local.cli.commands.carry_over import carry_over
from local.cli.commands.catalogue import catalogue
from local.cli.commands.configuration import apply, export, schema
from local.cli.commands.connect import connect
from local.cli.commands.connections import connections
from local.cli.commands.dead_letters import dead_letters
from local.cli.commands.doctor import doctor
from local.cli.commands.feed import feed
from local.cli.commands.init import init
from local.cli.commands.kill import kill
from local.cli.commands.logs import logs
from local.cli.commands.money import margin, money_
from local.cli.commands.notices import notices
from local.cli.commands.orders import orders
from local.cli.commands.parked import parked
from local.cli.commands.price import price
from local.cli.commands.purchase_orders import purchase_orders
from local.cli.commands.requests import requests
from local.cli.commands.route import route
from local.cli.commands.statement import statement
from local.cli.commands.status import status
from local.cli.commands.stock import stock
from local.cli.commands.suppliers import suppliers
from local.cli.commands.tracking import tracking
from local.cli.commands.undeploy import undeploy
from local.cli.commands.warehouse import warehouse
from local.cli.shop import Shop
from local.cli.target import own_version
from orderwright.usecases.operator.desk import Refused


@click.group(
    cls=WholeHelp,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    invoke_without_command=True,
    no_args_is_help=True,
)
@click.option(
    "--stack", envvar="ORDERWRIGHT_STACK", default="", help="A stack on AWS; without it, what `make run` started."
)
@click.option("--profile", default="", help="An AWS profile of yours, SSO included; with --stack. Else AWS_PROFILE.")
@click.option("--region", default="", help="The stack's AWS region; with --stack. Else AWS_REGION, else the profile's.")
@click.option("--run-file", default="", help="Another .orderwright/run.json.", type=click.Path(dir_okay=False))
@click.option(
    "--as", "operator", default="", help="Who you are, for the time line; else ORDERWRIGHT_OPERATOR or your account."
)
@click.option("--version", is_flag=True, help="This version, and that of the stack.")
@click.pass_context
def main(
    context: click.Context, stack: str, profile: str, region: str, run_file: str, operator: str, version: bool
) -> None:
    """Watch and control an Orderwright stack.

    Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 something needs you (doctor, status --check).
    """
    if context.obj is None:
        context.obj = Shop(stack=stack, run_file=run_file, operator=operator, aws_profile=profile, region=region)
    if version:
        _tell_version(context.obj)
        context.exit()
    if context.invoked_subcommand is None:
        context.fail("Missing command.")


def _tell_version(shop: Shop) -> None:
    print(f"orderwright {own_version()}")
    try:
        print(f"stack {shop.target.stack}: {shop.target.version or 'it does not say its version'}")
    except (Refused, BotoCoreError, ClientError) as error:
        if shop.stack:  # it was named, and cannot be asked; without a name there need not be any
            print(f"stack {shop.stack}: not known: {as_problem(error, shop).message}", file=sys.stderr)


for group in (
    approvals, backup, bills, catalogue, dead_letters, feed, kill, margin, money_, notices, orders, parked, price,
    purchase_orders, requests, route, stock, suppliers, tracking, warehouse,
):  # fmt: skip
    main.add_command(group)
for run in (carry_over, connections, doctor, export, init, logs, schema, statement, status, undeploy):
    command(main, run.__name__.replace("_", "-"))(run)
for change in (apply, connect):
    command(main, change.__name__, changes=True)(change)
