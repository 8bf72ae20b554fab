"""orderwright orders: list, show, and what an operator may do to one."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import click

from local.cli.answer import Answer, table
from local.cli.asking import YES, agreed
from local.cli.command import Problem, WholeHelp, command
from local.cli.order_page import order_page
from local.cli.secrets_input import texts_of
from local.cli.shop import Shop
from orderwright.domain.order import OrderRecord, OrderState
from orderwright.usecases.operator.address import FIELDS, AddressFaulty, fix_address
from orderwright.usecases.operator.adopt import adopt_purchase_order
from orderwright.usecases.operator.cancel import asked_of_store, stop_order
from orderwright.usecases.operator.customer_link import customer_link
from orderwright.usecases.operator.note import note_order
from orderwright.usecases.operator.order_list import ALL, ATTENTION, OPEN, page_of_orders
from orderwright.usecases.operator.release import before_release, release_order
from orderwright.usecases.operator.retry import retry_order
from orderwright.usecases.operator.views.order import order_row, order_view, releases_data
from orderwright.usecases.operator.waits import codes_of, waits_in_list
from orderwright.usecases.people.fixes import command as command_line

_REF = click.argument("ref")
_FIELD_HELP = {
    "line1": "Street and number.",
    "province_code": "Such as CA for California.",
    "country_code": "Two letters, such as FI.",
    "phone": "With its country code: +358401234567.",
}
_AUTOMATIC = "it continues automatically within seconds"

orders = WholeHelp(
    "orders",
    help="Look at orders, and act on one. REF is the store's name ('#1001') or id, our reference, or a tracking number.",
)


@command(orders, "list")
@click.option(
    "--state", "states", multiple=True, metavar="STATE", help="Only these, such as PLACED; may be repeated.",
    type=click.Choice([s.value for s in OrderState], case_sensitive=False),
)  # fmt: skip
@click.option("--attention", is_flag=True, help="Only those that wait for you.")
@click.option("--all", "everything", is_flag=True, help="Finished ones as well.")
@click.option("--connection", default="", help="Only this store.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option(
    "--page", default="", help="Go on where a list of the same states ended; its last line says what to give."
)
def list_(
    shop: Shop, states: tuple[str, ...], attention: bool, everything: bool, connection: str, limit: int, page: str
) -> Answer:
    """Open orders, those that need you first; within a state, those that have waited longest come first."""
    chosen: Iterable[OrderState] = ALL if everything else OPEN
    if states or attention:
        chosen = (*(OrderState(state) for state in states), *(ATTENTION if attention else ()))
    store = shop.connection(connection, "store") if connection else ""
    found, more = page_of_orders(shop.storage, tuple(dict.fromkeys(chosen)), store, limit, page)
    waits = waits_in_list(shop.storage, found)
    data = [order_row(pk, record, waits[pk], shop.name, shop.at) for pk, record in found]
    if not found:
        return Answer(data, ["no orders"])
    rows = [
        (r.name, shop.name(r.connection), r.state.value, ", ".join(codes_of(waits[pk])), r.payment.value,
         r.total, r.margin, r.store_updated_at)
        for pk, r in found
    ]  # fmt: skip
    columns = ["Order", "Store", "State", "Why", "Payment", ">Total", ">Margin", "Changed (UTC)"]
    asked = [*(f"--state {state}" for state in states), *["--attention"] * attention, *["--all"] * everything]
    asked += [f"--connection {connection}"] * bool(connection)
    rest = f"there may be more: {' '.join(('orderwright orders list', *asked))} --limit {limit} --page '{more}'"
    return Answer(data, [table("Orders", columns, rows), *([rest] if more else [])])


@command(orders, "show")
@_REF
@click.option("--personal", is_flag=True, help="Show the customer's address, mail and phone as well.")
def show(shop: Shop, ref: str, personal: bool) -> Answer:
    """Everything about one order: why it waits, what happens next, its whole time line."""
    file = shop.storage.load_order(shop.order(ref))
    now = shop.wiring.clock.now()
    view = order_view(shop.storage, file, now, personal=personal, name_of=shop.name, at=shop.at)
    return Answer(view, order_page(view, now))


@command(orders, "link")
@_REF
def link(shop: Shop, ref: str) -> Answer:
    """The link to the customer's page, to send it again. Who has it sees the page and may withdraw there: treat it as private."""
    file = shop.storage.load_order(shop.order(ref))
    now = shop.wiring.clock.now()
    found = customer_link(shop.wiring.tracking_links(), file, shop.config.rules.tracking, now)
    ends = (
        f"until {found.ends_at:%Y-%m-%d %H:%M} UTC"
        if found.ends_at
        else "while the order is on its way, and some weeks longer"
    )
    told = [
        f"valid {ends}",
        "who has it sees the page, and may withdraw or ask for a return: give it to the customer only",
    ]
    return Answer(found._asdict(), [found.link, *told])


@command(orders, "retry", changes=True)
@_REF
@click.option(
    "--confirm-not-ordered", is_flag=True, help="You looked at the supplier: nothing is ordered under our reference."
)
def retry(shop: Shop, ref: str, confirm_not_ordered: bool) -> Answer:
    """Continue parked or refused purchase orders and parcels. What was sent is looked up before it is sent again."""
    done = retry_order(shop.desk, shop.order(ref), shop.wiring.timing, not_ordered=confirm_not_ordered)
    return _answer(shop, done.record, done.lines, _AUTOMATIC, done=list(done.lines))


@command(orders, "adopt", changes=True)
@_REF
@click.option("--supplier-order", required=True, help="The order's id at the supplier.")
@click.option("--reference", default="", help="Which purchase order, where several wait.")
@click.option("--unchecked", is_flag=True, help="Do not ask the supplier whether it is what was asked for.")
def adopt(shop: Shop, ref: str, supplier_order: str, reference: str, unchecked: bool) -> Answer:
    """You found it ordered and paid at the supplier: follow it from here. It must carry our reference and our lines."""
    pk = shop.order(ref)
    record = adopt_purchase_order(
        shop.desk, pk, supplier_order, shop.config, shop.wiring.timing,
        reference=reference, supplier_for=None if unchecked else shop.wiring.connectors.supplier,
    )  # fmt: skip
    told = f"adopted as the supplier's order {supplier_order}: its parcels are looked for from now on"
    return _answer(shop, record, [told], supplier_order=supplier_order)


@command(orders, "release", changes=True)
@_REF
@click.option(
    "--code", "codes", multiple=True, help="Accept this reason; may be repeated. Without it nothing is bought."
)
@YES
def release(shop: Shop, ref: str, codes: tuple[str, ...], yes: bool) -> Answer:
    """Buy in spite of the reason that --code names. What it costs is said, and you are asked.

    Without --code: say that you have seen what came too late to be stopped.
    """
    pk, timing = shop.order(ref), shop.wiring.timing
    shown = before_release(shop.desk, pk, shop.config, timing, codes)
    options = [part for code in shown.codes for part in ("--code", code)]
    agreed(shop, shown.costs, yes=yes, again=command_line("orders", "release", ref, *options, "--yes"))
    done = release_order(shop.desk, pk, timing, shown.codes, shown)
    data = releases_data(done.releases, shop.name)
    held = [f"  {release['code']} {release['holds_for']}" for release in data if release["holds_for"]]
    said = "released" if shown.costs else "seen"
    lines = [*shown.costs, f"{said}: {', '.join(done.codes)}", *held]
    then = _AUTOMATIC if shown.costs else ""
    return _answer(shop, done.record, lines, then, codes=list(done.codes), releases=data, costs=list(shown.costs))


@command(orders, "cancel", changes=True)
@_REF
@click.option("--in-store", is_flag=True, help="Cancel it in the store as well, where the store lets us.")
@click.option(
    "--refund", is_flag=True, help="With --in-store: give the customer back all the money that is left of it."
)
@YES
def cancel(shop: Shop, ref: str, in_store: bool, refund: bool, yes: bool) -> Answer:
    """Stop the order on our side: what is not paid is not bought. Without --in-store the store is not told.

    With --in-store you see what it comes to, and are asked. The store is asked once, and what it has done is not done again.
    """
    pk, asked = shop.order(ref), None
    if refund and not in_store:
        raise Problem("MISSING_OPTION", "--refund goes with --in-store", [], "give both")
    if in_store:
        ways = shop.wiring.connectors
        asked, told = asked_of_store(shop.desk, pk, ways.cancelling, shop.name, refund=refund)
        again = command_line("orders", "cancel", ref, "--in-store", *["--refund"] * refund, "--yes")
        agreed(shop, told, yes=yes, again=again)
    done = stop_order(shop.desk, pk, shop.name, asked)
    told_to = "The store is asked now; the order's page shows what it did"
    by_hand = "The store and the customer were not told: cancel and refund it in the store"
    then = f"stopped: nothing more is bought for it. {told_to if asked else by_hand}"
    return _answer(shop, done.record, done.lines, then, done=list(done.lines))


@command(orders, "note", changes=True)
@_REF
@click.argument("text")
def note(shop: Shop, ref: str, text: str) -> Answer:
    """Write a note on the order in its store, for the people of the shop. The customer does not see it."""
    pk = shop.order(ref)
    record = note_order(shop.desk, pk, text, shop.wiring.connectors.notes, shop.name)
    return _answer(shop, record, [f"noted in {shop.name(record.connection)}"])


def _with_fields(run: Any) -> Any:
    for name in reversed(FIELDS):
        run = click.option(f"--{name.replace('_', '-')}", name, default=None, help=_FIELD_HELP.get(name, ""))(run)
    return run


@command(orders, "fix-address", changes=True)
@_with_fields
@_REF
@click.option("--stdin", "from_stdin", is_flag=True, help="Read the fields as a JSON object from standard input.")
def fix(shop: Shop, ref: str, from_stdin: bool, **fields: str | None) -> Answer:
    """Correct where the order goes; fields that are not given stay. It is checked, then the order goes on."""
    given: dict[str, str] = {name: value for name, value in fields.items() if value is not None}
    if from_stdin:
        given = {**texts_of(sys.stdin.read(), 'for example {"postcode": "33100"}'), **given}
    try:
        done = fix_address(shop.desk, shop.order(ref), given, shop.config.rules)
    except AddressFaulty as faulty:
        faults: list[dict[str, Any]] = [reason.model_dump() for reason in faulty.problems]
        raise Problem(faulty.code, faulty.message, faults, faulty.fix) from None
    sent = [f"{reference} went to the old address already" for reference in done.already_sent]
    still = [f"it still waits for {what}" for what in done.still]
    lines = [f"corrected: {', '.join(done.fields)}", *sent, *still]
    told: dict[str, object] = {
        "fields": list(done.fields),
        "already_sent": list(done.already_sent),
        "still": list(done.still),
    }
    return _answer(shop, done.record, lines, "" if still or sent else _AUTOMATIC, **told)


def _answer(shop: Shop, record: OrderRecord, lines: Iterable[str], then: str = "", **more: object) -> Answer:
    """`then` says what happens next; without it the order's state is said."""
    data = {"name": record.name, "order_id": record.order_id, "state": record.state.value, **more}
    # Two stores may have an order of the same name.
    alone = len(shop.config.stores) == 1
    key = record.name if alone else f"{shop.name(record.connection)}#{record.order_id}"
    show = command_line("orders", "show", key, at=shop.at)
    return Answer(data, [*lines, f"{record.name}: {then or f'{record.state.value} now'}", f"  {show}"])
