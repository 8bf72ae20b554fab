"""orderwright connect: secrets in, a real call, webhooks subscribed."""

from __future__ import annotations

import sys

import click

from local.cli.answer import Answer
from local.cli.asking import on_terminal
from local.cli.commands.notices import try_channel
from local.cli.secrets_input import read_secrets
from local.cli.shop import Shop
from orderwright.errors import VendorError
from orderwright.registry import declaration, declarations
from orderwright.usecases.operator.connecting import connect_account, try_connection
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.secret_names import required_secrets, secrets_in_words
from orderwright.usecases.operator.webhook_door import Step, retire_old_address_of, revoke_old_secrets, webhook_urls


@click.argument("name")
@click.option(
    "--test",
    "only_test",
    is_flag=True,
    help="Only try what is kept already; change nothing. At a store one mail goes to merchant.support_email.",
)
@click.option("--sms", default="", metavar="NUMBER", help="With --test at a store: a text message to it as well.")
@click.option(
    "--new-address", is_flag=True, help="Another webhook address, with what is kept; the old one stays valid."
)
@click.option("--retire-old-address", is_flag=True, help="End the old webhook address.")
@click.option("--revoke", is_flag=True, help="End the old webhook secrets now, and not only after a week.")
@click.option(
    "--second-stack",
    is_flag=True,
    help="Another Orderwright works on this shop, and you know: purchase orders are looked up before they are sent and paid.",
)
def connect(
    shop: Shop,
    name: str,
    only_test: bool,
    sms: str,
    new_address: bool,
    retire_old_address: bool,
    revoke: bool,
    second_stack: bool,
) -> Answer:
    """Connect the account NAME of orderwright.yaml. Its secrets come on standard input, as JSON or NAME=VALUE lines."""
    connection = shop.connection(name)
    settings = shop.config.connections[connection]
    asked = [only_test, new_address, retire_old_address, revoke]
    if sum(asked) > 1:
        what = "--test, --new-address, --retire-old-address and --revoke exclude each other"
        raise Refused("INPUT", what, "give one")
    if sms and not (only_test and settings.role == "store"):
        raise Refused("INPUT", "--sms goes with --test of a store", "leave it out; `notices test` sends one alone")
    declared = declaration(settings.kind)
    if any(asked[1:]) and not (declared.webhook or (revoke and declared.page)):
        raise Refused("INPUT", f"{name} is of kind {settings.kind}, which sends no webhooks", "leave the option out")
    if retire_old_address:
        steps = retire_old_address_of(shop.office, connection)
    elif revoke:
        steps = revoke_old_secrets(shop.office, connection)
    else:
        given = None if only_test or new_address else read_secrets(_secrets_text(settings.kind), settings.kind)
        if only_test:
            steps = try_connection(shop.office, connection)
            steps += _try_channels(shop, sms) if settings.role == "store" else []
        else:
            steps = connect_account(
                shop.office, connection, settings, given, new_address=new_address, second_stack=second_stack
            )
    address = next(iter(webhook_urls(shop.office, connection)), "")
    if only_test and address:
        steps.append(Step("address", address))
    told = [step._asdict() for step in steps]
    data = {"connection": name, "kind": settings.kind, "webhook_url": address, "steps": told}
    return Answer(data, [f"{step.step}: {step.told}" for step in steps])


_KINDS = sorted(declarations(), key=lambda one: not required_secrets(one.kind))
_WIDTH = max(len(one.kind) for one in _KINDS) + 2
connect.__doc__ = f"{connect.__doc__}\n\n\b\n" + "\n".join(
    f"{one.kind:{_WIDTH}}{secrets_in_words(one.kind) or 'none'}" for one in _KINDS
)


def _try_channels(shop: Shop, sms: str) -> list[Step]:
    """Whether customers of a store can be told: what AWS says, with your own rights."""
    steps = []
    for channel, whom in (("email", shop.config.merchant.support_email), ("sms", sms)):
        if whom:
            try:
                steps.append(Step(channel, f"taken by AWS as {try_channel(shop, channel, whom)}"))
            except VendorError as error:
                steps.append(Step(channel, f"not sent: {error.code}: {error.message}"))
    return steps


def _secrets_text(kind: str) -> str:
    if on_terminal():
        names = required_secrets(kind)
        if not names:
            return ""
        what = "secrets come on standard input, so that they are in no history and no process list"
        raise Refused("INPUT", what, f"for example: orderwright connect NAME < secrets.json, with {', '.join(names)}")
    return sys.stdin.read()
