"""orderwright requests: withdrawals and returns that customers sent from the page of their order."""

from __future__ import annotations

from typing import Any

import click

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.domain.customer_request import RequestOutcome, RequestState
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.order_edit import load
from orderwright.usecases.operator.requests import (
    MOST,
    asked_in_words,
    close_request,
    counted,
    due_in_words,
    list_requests,
    request_data,
)
from orderwright.usecases.people.fixes import command as command_line

requests = WholeHelp("requests", help="What customers asked for on the page of their order: withdrawals and returns.")
_COLUMNS = ["Order", "Request", "State", "Asked (UTC)", "What", "Reason", "Ordered", "Due"]


@command(requests, "list")
@click.option(
    "--state", default="open", show_default=True, type=click.Choice(["open", "closed", "all"]), help="Only these."
)
@click.option("--limit", default=MOST, show_default=True, type=click.IntRange(1, MOST))
def list_(shop: Shop, state: str, limit: int) -> Answer:
    """Open withdrawals and returns, the oldest first, with the day until which the law wants the money back."""
    states = [*RequestState] if state == "all" else [RequestState(state.upper())]
    now = shop.wiring.clock.now()
    data: list[dict[str, Any]] = [
        {"order": found.order.name, "key": found.pk, "connection": shop.name(found.order.connection),
         **request_data(found.request, now)}
        for found in list_requests(shop.storage, states, limit)
    ]  # fmt: skip
    where = asked_in_words(counted(shop.storage, now))
    if not data:
        return Answer(data, [f"no {'' if state == 'all' else state + ' '}requests of customers", where])
    return Answer(data, [table("Requests of customers", _COLUMNS, [(r["order"], *_row(r)) for r in data]), where])


@command(requests, "show")
@click.argument("ref", metavar="ORDER")
def show(shop: Shop, ref: str) -> Answer:
    """What the customer of this order asked for: each piece, what was ordered of it, and what is to be done."""
    file, record = load(shop.desk, shop.order(ref))
    now, name = shop.wiring.clock.now(), record.model.name
    data = [request_data(held.model, now, file) for _, held in sorted(file.requests.items())]
    if not data:
        raise Refused("NO_REQUEST", f"the customer of {name} asked for nothing", "orderwright requests list")
    shown: list[Any] = [table(f"Requests of {name}", _COLUMNS[1:], [_row(one) for one in data])]
    for one in data:
        if one["state"] == RequestState.OPEN:
            close = command_line("requests", "close", name, one["request"], "--outcome", "refunded", at=shop.at)
            shown.append(f"  when it is settled: {close}")
    shown.append(f"  the order itself: {command_line('orders', 'show', name, at=shop.at)}")
    return Answer(data, shown)


@command(requests, "close", changes=True)
@click.argument("ref", metavar="ORDER")
@click.argument("name", metavar="[REQUEST]", default="")
@click.option(
    "--outcome", required=True, type=click.Choice([one.lower() for one in RequestOutcome], case_sensitive=False),
    help="refunded: the money is back. replaced: other goods were sent. refused: there is no right to it. "
    "kept: the customer keeps the goods, or wants them after all.",
)  # fmt: skip
def close(shop: Shop, ref: str, name: str, outcome: str) -> Answer:
    """Say what became of a request, such as withdrawal-1. No money moves: it is given back in the store."""
    closed, left = close_request(shop.desk, shop.order(ref), name, RequestOutcome(outcome.upper()))
    data = {**request_data(closed, shop.wiring.clock.now()), "left": list(left)}
    return Answer(data, [f"{closed.name} is closed: {outcome.lower()}", *left])


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    what = ", ".join(f"{line['quantity']} x {line['title']}" for line in one["lines"])
    reason = one["reason"].lower().replace("_", " ")
    return (one["request"], one["state"], one["asked_at"], what, reason, one["told"], due_in_words(one))
