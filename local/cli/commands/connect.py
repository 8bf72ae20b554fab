"""orderwright connect: secrets in, a real call, webhooks subscribed."""

from __future__ import annotations

import sys

import click

from local.cli.answer import Answer
from local.cli.command import command
from local.cli.connecting import Step, note_connected, store_secrets, subscribe, try_connection
from local.cli.secrets_input import SECRETS, read_secrets
from local.cli.shop import Shop
from orderwright.usecases.operator.desk import Refused


def register(main: click.Group) -> None:
    """Add the command."""
    command(main, "connect", changes=True)(connect)


@click.argument("name")
@click.option("--test", "only_test", is_flag=True, help="Only try what is kept already; read and change nothing.")
def connect(shop: Shop, name: str, only_test: bool) -> Answer:
    """Connect the account NAME of orderwright.yaml. Its secrets come on standard input, as JSON or NAME=VALUE lines.

    \b
    shopify   client_secret, and webhook_secret where it is another
    cj        api_key, and email for older accounts
    easypost  api_key, webhook_secret
    csv       username and password, where the feed asks for them
    """
    settings = shop.config.connections.get(name)
    if settings is None:
        known = ", ".join(sorted(shop.config.connections))
        raise Refused(
            "NOT_FOUND", f"there is no connection {name!r} in the configuration in force", f"connections: {known}"
        )
    steps: list[Step] = []
    if not only_test:
        steps += store_secrets(shop, name, settings.kind, read_secrets(_secrets_text(settings.kind), settings.kind))
    steps += try_connection(shop, name, settings)
    if not only_test:
        steps += subscribe(shop, name, settings.kind)
        note_connected(shop, name, subscribed=settings.kind != "csv")
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
