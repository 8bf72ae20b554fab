"""orderwright connect: secrets in, a real call, webhooks subscribed."""

from __future__ import annotations

import sys

import click

from local.cli.answer import Answer
from local.cli.command import command
from local.cli.connecting import connect_account, try_connection
from local.cli.secrets_input import SECRETS, read_secrets
from local.cli.shop import Shop
from orderwright.usecases.operator.desk import Refused


def register(main: click.Group) -> None:
    """Add the command."""
    command(main, "connect", changes=True)(connect)


@click.argument("name")
@click.option("--test", "only_test", is_flag=True, help="Only try what is kept already; read and change nothing.")
@click.option(
    "--second-stack",
    is_flag=True,
    help="Another Orderwright works on this shop, and you know: purchase orders are looked up before they are sent and paid.",
)
def connect(shop: Shop, name: str, only_test: bool, second_stack: bool) -> Answer:
    """Connect the account NAME of orderwright.yaml. Its secrets come on standard input, as JSON or NAME=VALUE lines.

    \b
    shopify   client_secret, and webhook_secret where it is another
    cj        api_key, and email for older accounts
    easypost  api_key, webhook_secret
    csv       username and password, where the feed asks for them
    """
    connection = shop.connection(name)
    settings = shop.config.connections[connection]
    if only_test:
        steps = try_connection(shop, connection, settings)
    else:
        given = read_secrets(_secrets_text(settings.kind), settings.kind)
        steps = connect_account(shop, connection, settings, given, second_stack=second_stack)
    data = {"connection": name, "kind": settings.kind, "steps": [step._asdict() for step in steps]}
    return Answer(data, [f"{step.step}: {step.told}" for step in steps])


def _secrets_text(kind: str) -> str:
    if sys.stdin.isatty():
        names = SECRETS[kind]
        if not names.required:
            return ""
        raise Refused(
            "INPUT",
            "secrets come on standard input, so that they are in no history and no process list",
            f"for example: orderwright connect NAME < secrets.json, with {', '.join(names.required)}",
        )
    return sys.stdin.read()
