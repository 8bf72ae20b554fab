"""orderwright undeploy: take a stack on AWS away; its data only where that is said."""

from __future__ import annotations

import time
from dataclasses import replace

import click
from botocore.exceptions import ClientError

from local.cli.answer import Answer
from local.cli.asking import on_terminal
from local.cli.shop import Shop
from orderwright.aws.operator.stack import DeployedStack, Kept
from orderwright.domain.outside_texts import one_line
from orderwright.registry import declaration
from orderwright.usecases.operator.applying import current_config
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.logs import FUNCTIONS
from orderwright.usecases.operator.order_list import open_orders

_LOOKS, _EVERY = 360, 5.0


@click.option(
    "--with-data", is_flag=True, help="Then remove what stays as well: tables, bucket, secrets, logs. No way back."
)
@click.option("--with-open-orders", is_flag=True, help="Although orders are not finished.")
@click.option("--yes", default="", metavar="NAME", help="For scripts: the stack's name, instead of typing it.")
def undeploy(shop: Shop, with_data: bool, with_open_orders: bool, yes: str) -> Answer:
    """Delete the stack on AWS that --stack names. Its tables, files and secrets stay, unless --with-data is given.

    Repeating it is harmless; what an earlier run left can be removed for 90 days with --with-data.
    """
    if not shop.stack:
        raise Refused(
            "NO_STACK", "undeploy takes a stack on AWS away, and none was named",
            "name it with --stack NAME; what `make run` started ends by Ctrl-C in that terminal",
        )  # fmt: skip
    stack = DeployedStack(shop.named.client, shop.stack)
    if not stack.is_ours():
        what = f"there is no Orderwright called {shop.stack!r}, and was none in 90 days"
        raise Refused("NO_STACK", what, "check the name, --region and --profile")
    gone = stack.status == "DELETE_COMPLETE"
    kept = stack.kept(f"/orderwright/{stack.name}", FUNCTIONS)
    whole = {one.name for one in kept} >= set(stack.tables.values())
    hooks = {} if gone or not whole else _guarded(shop, stack, with_open_orders)
    _show(shop, stack, kept, hooks, gone=gone, with_data=with_data)
    if gone and not (with_data and kept):
        return Answer({"stack": stack.name, "status": stack.status, "kept": [one._asdict() for one in kept]})
    _confirm(stack.name, yes, f"delete {'its data' if gone else 'it'}")
    if not gone:
        _delete(stack)
        kept = stack.kept(f"/orderwright/{stack.name}", FUNCTIONS)
    removed: list[Kept] = []
    if with_data and kept:
        if not gone:
            _confirm(stack.name, yes, f"remove these {len(kept)} things permanently")
        for one in kept:
            stack.remove(one)
            removed.append(one)
            click.echo(f"removed: {one.kind} {one.name}", err=True)
    left = [] if removed else kept
    names = {"kept": [one._asdict() for one in left], "removed": [one._asdict() for one in removed]}
    end = (
        f"; {len(left)} things stay, and cost little; to remove them too: orderwright undeploy --with-data"
        if left
        else ""
    )
    return Answer({"stack": stack.name, "status": stack.status, **names}, [f"stack {stack.name} is deleted{end}"])


def _guarded(shop: Shop, stack: DeployedStack, with_open_orders: bool) -> dict[str, str]:
    """Name of a connection -> where a person ends what its vendor still posts. Raises Refused while orders are open.

    A post to an address that is gone changes nothing.
    """
    storage = replace(shop.named, tables=stack.tables).wiring().storage
    count = open_orders(storage)
    if count and not with_open_orders:
        raise Refused(
            "OPEN_WORK", f"{count} orders are not finished; without the stack nobody buys, follows or tells them",
            "finish them (orderwright orders list), or say --with-open-orders",
        )  # fmt: skip
    config = current_config(storage).config
    ends = {name: declaration(one.kind).ends_at for name, one in config.connections.items()} if config else {}
    return {name: end for name, end in ends.items() if end}


def _show(
    shop: Shop, stack: DeployedStack, kept: list[Kept], hooks: dict[str, str], *, gone: bool, with_data: bool
) -> None:
    lines = [f"stack {stack.name} in {stack.place}: {'deleted already' if gone else stack.status}"]
    if not gone:
        lines.append("goes: " + ", ".join(f"{count} {kind.partition('::')[2]}" for kind, count in stack.goes().items()))
    word = "goes too" if with_data else "stays"
    lines += [f"{word}: {one.kind} {one.name}" for one in kept] or ["nothing of it is left"]
    lines += [f"stays: webhooks at {name}: {how}" for name, how in hooks.items()]
    lines += [
        "stays: backups (orderwright backup list), tables of a restore (docs/backup.md), and the bucket"
        " aws-sam-cli-managed-default of all your sam stacks"
    ]
    for line in lines:
        click.echo(one_line(shop.pasted(line), 2000), err=True)


def _confirm(name: str, yes: str, what: str) -> None:
    if not yes and not on_terminal():
        raise Refused("INPUT", "this cannot be asked without a terminal", f"say it: --yes {name}")
    if (yes or click.prompt(f"Type the stack's name to {what}", err=True)) != name:
        raise Refused("INPUT", "that is not the stack's name; nothing was deleted now", f"the name is {name}")


def _delete(stack: DeployedStack) -> None:
    """Delete and wait, at most half an hour. Raises Refused with what AWS says."""
    seen: set[str] = set()
    list(stack.look(seen))
    try:
        stack.delete()
    except ClientError as error:
        what = one_line(error.response["Error"].get("Message", ""), 500)
        raise Refused("UNDEPLOY", what, "fix that first") from None
    failed: list[str] = []
    for _ in range(_LOOKS):
        for resource, state, reason in stack.look(seen):
            click.echo(one_line(f"{state} {resource} {reason}", 400), err=True)
            failed += [f"{resource}: {reason}"] if state == "DELETE_FAILED" and resource != stack.name else []
        if stack.status == "DELETE_COMPLETE":
            return
        if stack.status == "DELETE_FAILED":
            raise Refused("UNDEPLOY", "; ".join(one_line(one, 300) for one in failed), "fix that, and run it again")
        time.sleep(_EVERY)
    what = f"AWS is still working on it: {stack.status}"
    raise Refused("UNDEPLOY", what, "run it again later; it continues from there")
