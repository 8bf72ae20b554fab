"""orderwright dead-letters: messages that failed too often."""

from __future__ import annotations

import click

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.usecases.operator.dead_letters import redrive_dead_letters, show_dead_letters
from orderwright.usecases.people.words import in_words

_LIMIT = click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
_FUNCTION = click.argument("function")

dead_letters = WholeHelp("dead-letters", help="Messages that a function failed on too often. They are kept 14 days.")


@command(dead_letters, "list")
def list_(shop: Shop) -> Answer:
    """How many each function has."""
    counts = shop.dead_letters.counts()
    rows = [(name, count) for name, count in counts.items() if count]
    if not rows:
        return Answer(counts, ["no dead letters"])
    return Answer(counts, [table("Dead letters", ["Function", ">Messages"], rows)])


@command(dead_letters, "show")
@_FUNCTION
@_LIMIT
def show(shop: Shop, function: str, limit: int) -> Answer:
    """What is in a function's dead letters: types and ids, never a body."""
    data = show_dead_letters(shop.dead_letters, function, limit)
    if not data:
        return Answer(data, [f"{function} has no dead letters"])
    columns = ["Id", "Sent", "Work", "Connection", "About", "Correlation"]
    rows = [
        (told["id"], told["sent_at"], in_words(str(told["type"] or told["note"])), told["connection"],
         " ".join(filter(None, (str(told["pk"]).rpartition("#")[2], str(told["resource"])))), told["correlation"])
        for told in data
    ]  # fmt: skip
    then = (
        f"logs --function {function} --level WARNING   # why",
        f"dead-letters redrive {function}   # when that is fixed",
    )
    commands = [shop.pasted(f"  orderwright {line}") for line in then]
    return Answer(data, [table(f"Dead letters of {function}", columns, rows), *commands])


@command(dead_letters, "redrive", changes=True)
@_FUNCTION
@_LIMIT
@click.option("--id", "wanted", default="", help="Only this message.")
def redrive_(shop: Shop, function: str, limit: int, wanted: str) -> Answer:
    """Send a function's dead letters to it again."""
    moved = redrive_dead_letters(shop.dead_letters, function, limit, wanted)
    data = {"function": function, "redriven": [letter.id for letter in moved]}
    return Answer(data, [f"{len(moved)} {'message' if len(moved) == 1 else 'messages'} sent to {function} again"])
