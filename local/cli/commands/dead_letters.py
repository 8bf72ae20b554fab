"""orderwright dead-letters: messages that failed too often."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from local.cli.answer import Answer, table
from local.cli.command import command
from local.cli.dead_letter_queues import DeadLetter, look, redrive
from local.cli.shop import Shop
from orderwright.aws.queues import count_messages
from orderwright.usecases.operator.desk import Refused

_LIMIT = click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
_FUNCTION = click.argument("function")


def register(main: click.Group) -> None:
    """Add the commands."""

    @main.group("dead-letters")
    def dead_letters() -> None:
        """Messages that a function failed on too often. They are kept 14 days."""

    command(dead_letters, "list")(list_)
    command(dead_letters, "show")(show)
    command(dead_letters, "redrive", changes=True)(redrive_)


def list_(shop: Shop) -> Answer:
    """How many each function has."""
    counts = count_messages(shop.wiring.client("sqs"), shop.target.dead_letter_queues)
    rows = [(name, count) for name, count in counts.items() if count]
    if not rows:
        return Answer(counts, ["no dead letters"])
    return Answer(counts, [table("Dead letters", ["Function", ">Messages"], rows)])


@_FUNCTION
@_LIMIT
def show(shop: Shop, function: str, limit: int) -> Answer:
    """What is in a function's dead letters: types and ids, never a body."""
    url = _url(shop, function)
    letters = look(shop.wiring.client("sqs"), url, limit)
    data = [_told(letter) for letter in letters]
    if not letters:
        return Answer(data, [f"{function} has no dead letters"])
    columns = ["Id", "Sent", "Type", "Connection", "About", "Correlation"]
    rows = [
        (told["id"], told["sent_at"], told["type"] or told["note"], told["connection"],
         " ".join(str(told[name]) for name in ("pk", "sk", "resource") if told[name]), told["correlation"])
        for told in data
    ]  # fmt: skip
    return Answer(data, [table(f"Dead letters of {function}", columns, rows)])


@_FUNCTION
@_LIMIT
@click.option("--id", "wanted", default="", help="Only this message.")
def redrive_(shop: Shop, function: str, limit: int, wanted: str) -> Answer:
    """Send a function's dead letters to it again."""
    url = _url(shop, function)
    source = shop.target.queues.get(function)
    if source is None:
        raise Refused(
            "NO_QUEUE",
            f"{function} reads a table's stream and has no queue to send to",
            "nothing is lost: the sweep finds by their due time what these changes were to set off",
        )
    moved = redrive(shop.wiring.client("sqs"), url, source, limit, wanted)
    if wanted and not moved:
        raise Refused(
            "NOT_FOUND", f"{function} has no dead letter {wanted}", f"orderwright dead-letters show {function}"
        )
    data = {"function": function, "redriven": [letter.id for letter in moved]}
    return Answer(data, [f"{len(moved)} messages sent to {function} again"])


def _url(shop: Shop, function: str) -> str:
    found = shop.target.dead_letter_queues.get(function.replace("-", "_"))
    if found is None:
        known = ", ".join(sorted(shop.target.dead_letter_queues))
        raise Refused("NOT_FOUND", f"no function {function!r} has dead letters", f"functions: {known}")
    return found


def _told(letter: DeadLetter) -> dict[str, object]:
    fields = asdict(letter.message) if letter.message else {}
    names = ("type", "connection", "pk", "sk", "resource", "topic", "correlation")
    sent = datetime.fromtimestamp(letter.sent_at_ms / 1000, UTC) if letter.sent_at_ms else None
    return {"id": letter.id, "sent_at": sent, "note": letter.note, **{name: fields.get(name, "") for name in names}}
