"""orderwright margin, money: what an order leaves, and what cash will be needed."""

from __future__ import annotations

import click
from rich.console import RenderableType

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.money_page import reckoning_table
from local.cli.shop import Shop
from orderwright.domain.config_values import MoneyText
from orderwright.domain.money import Money
from orderwright.usecases.operator.cash import cash_needed
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import explain_margin
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.explained import (
    expected_data,
    expected_of,
    expected_words,
    purchase_data,
)
from orderwright.usecases.operator.views.reckoning import in_short

margin = WholeHelp("margin", help="What an order leaves.")
money_ = WholeHelp("money", help="What has to be paid before the payouts come.")


@command(margin, "explain")
@click.argument("order")
def explain_an_order(shop: Shop, order: str) -> Answer:
    """ORDER's purchase orders: what each leaves, as calculated when it was bought or stopped, and with the figures of now."""
    file = shop.storage.load_order(shop.order(order))
    assert file.record is not None
    found = explain_margin(file, shop.config, shop.wiring.clock.now().date())
    expected = expected_of(shop.office, file)
    data = {
        "order": file.record.model.name,
        "margin": money(file.record.model.margin),
        "purchase_orders": [purchase_data(shop.office, one) for one in found],
        "expected": [expected_data(shop.office, one) for one in expected],
    }
    kept = file.record.model.margin
    none = "no margin is kept yet; what it would leave:" if found or expected else "no margin: nothing was bought"
    shown: list[RenderableType] = [f"{file.record.model.name}: {f'margin {kept}' if kept else none}"]
    for one in found:
        po = one.purchase_order
        title = f"{po.reference} at {shop.name(po.supplier)}, {po.state.value}"
        best = one.then or one.now
        shown += [reckoning_table(title, best)] if best else [f"{title}: not calculated"]
        if one.problem is not None:
            shown.append(f"  now: {one.problem.code}: {one.problem.message}; {one.problem.fix}")
        elif one.then is not None and one.now is not None and one.now.margin != one.then.margin:
            shown.append(f"  now: {in_short(one.now)}")
    for still in expected:
        title = f"still to be bought from {shop.name(still.supplier)}, with the freight as planned"
        shown += [reckoning_table(title, still.reckoning)] if still.reckoning else [f"{title}: {expected_words(still)}"]
    return Answer(data, shown)


@command(money_, "cash")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 90), help="From today on.")
@click.option("--have", default="", help="What is there now, such as '1200 EUR'; else 0 in rules.base_currency.")
@click.option("--all", "all_flows", is_flag=True, help="With each amount of each day.")
def cash(shop: Shop, days: int, have: str, all_flows: bool) -> Answer:
    """What suppliers have to be paid day by day, against payouts that are due; and the first day on which it is not enough."""
    try:
        begin = MoneyText.model_validate(have).money if have else Money.zero(shop.config.rules.base_currency)
    except ValueError:
        raise Refused(
            "WRONG_AMOUNT", f"--have: {have!r} is no amount", "orderwright money cash --have '1200 EUR'"
        ) from None
    needed = cash_needed(shop.storage, shop.config, shop.wiring.clock.now(), begin, days)
    found = needed.found
    data = {
        "have": money(begin),
        "first_day_below_zero": found.below,
        "lacking": money(found.lacking),
        "days": [
            {
                "day": one.day,
                "goes_out": [money(amount * -1) for amount in one.goes],
                "comes_in": [money(amount) for amount in one.comes],
                "balance": money(one.balance),
                "flows": [
                    {"what": flow.what, "who": flow.who, "amount": money(flow.amount), "counted": money(flow.counted)}
                    for flow in one.flows
                ],
            }
            for one in found.days
        ],
        "unknown": needed.unknown,
        "assumed": needed.assumed,
    }
    enough = f"enough for these {days} days"
    less = f"not enough: below zero on {found.below}; {found.lacking} more would do"
    not_all = "; what is named below as not counted is not in it" if needed.unknown else ""
    rows: list[tuple[object, ...]] = []
    for one in found.days:
        goes, comes = (" + ".join(map(str, some)) for some in ([amount * -1 for amount in one.goes], one.comes))
        rows.append((one.day, goes, comes, one.balance, ""))
        rows += [("", flow.amount * -1 if flow.amount.minor < 0 else "", flow.amount if flow.amount.minor > 0 else "", "",
                  f"{flow.what}, {flow.who}") for flow in one.flows if all_flows]  # fmt: skip
    shown: list[RenderableType] = [(less if found.below else enough) + not_all]
    shown.append(table("Cash needed", ["Day (UTC)", ">Goes out", ">Comes in", ">Left", "What"], rows))
    shown += [f"  not counted: {one}" for one in needed.unknown] + [f"  assumed: {one}" for one in needed.assumed]
    return Answer(data, shown)
