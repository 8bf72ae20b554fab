"""The whole on one page, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any, NamedTuple

from orderwright.domain.money import Money
from orderwright.usecases.operator.bills import bills_waiting
from orderwright.usecases.operator.kill import kill_switches
from orderwright.usecases.operator.needs_you import Need, needs
from orderwright.usecases.operator.notices import count_notices
from orderwright.usecases.operator.off_sale import Shelves, shelves
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.overview import Overview, overview
from orderwright.usecases.operator.parked_notes import parked_notes
from orderwright.usecases.operator.requests import Counted, counted
from orderwright.usecases.operator.stock_view import count_low
from orderwright.usecases.operator.takings import Takings, takings
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.connections import condition_of


class StatusPage(NamedTuple):
    """Counts of this moment; `dead` are dead letters by function, `notices` messages to customers in trouble by kind.

    `requests`: what customers asked for on their pages. `needs`: what needs the operator. `days`: what today brought in; where
    asked for, yesterday and seven days as well.
    """

    found: Overview
    shelf: Shelves
    dead: dict[str, int]
    killed: list[str]
    notes: int
    notices: dict[str, int]
    needs: list[Need]
    days: dict[str, Takings]
    requests: Counted


def status_of(
    office: Office, dead: Mapping[str, int], *, with_days: bool = False, at: Sequence[str] = ()
) -> StatusPage:
    """How things are. `dead` counts the dead letters of each function."""
    storage, config, today = office.storage, office.config, office.desk.now().date()
    found, shelf = overview(storage, config, office.desk.clock), shelves(storage, config)
    dead = {name: count for name, count in dead.items() if count}
    killed = sorted(map(office.name, kill_switches(storage)))
    notes, notices = len(parked_notes(storage)), count_notices(storage)
    connections = [condition_of(office, health) for health in found.connections]
    silent = [
        (office.name(name) if name else "", why)
        for key, why in found.silent.items()
        for name in [key.partition("|")[0]]
    ]
    papers = {
        office.name(key): ", ".join(told)
        for key, one in config.suppliers.items()
        if (told := [*one.known.warnings(today)])
    }
    asked = counted(storage, office.desk.now())
    wanted = needs(
        found.orders, shelf, connections, killed, dead, notices, notes, silent, today, at, bills=bills_waiting(storage),
        low=count_low(storage, config), papers=papers, requests=asked[:2],
    )  # fmt: skip
    periods = {"today": (today, today)}
    if with_days:
        yesterday, week = today - timedelta(days=1), today - timedelta(days=6)
        periods |= {"yesterday": (yesterday, yesterday), "last_7_days": (week, today)}
    days = dict(zip(periods, takings(storage, config, list(periods.values())), strict=True))
    return StatusPage(found, shelf, dead, killed, notes, notices, wanted, days, asked)


def status_data(office: Office, status: StatusPage) -> dict[str, Any]:
    """With stable keys."""
    found = status.found
    return {
        "needs_you": [{**asdict(need), "told": need.told or need.what} for need in status.needs],
        "days": {name: takings_data(office, one) for name, one in status.days.items()},
        "off_sale": status.shelf.off_sale,
        "sold_out": sorted(status.shelf.sold_out),
        "price_notes": {code: list(skus) for code, skus in status.shelf.notes.items()},
        "orders": found.orders,
        "overdue": found.overdue,
        "dead_letters": status.dead,
        "parked_notes": status.notes,
        "notices": status.notices,
        "requests": status.requests._asdict(),
        "kill_switches": status.killed,
        "breakers_open": [office.name(feed) for feed in found.broken],
        "silent": {key: reason.model_dump() for key, reason in found.silent.items()},
        "spent_today": {office.name(supplier): money(amount) for supplier, amount in found.spent.items()},
    }


def takings_data(office: Office, one: Takings) -> dict[str, Any]:
    """What a day, or several, brought in."""
    amounts = {name: [money(amount) for amount in getattr(one, name)] for name in ("revenue", "net", "margin")}
    spent = [{"supplier": office.name(name), **(money(amount) or {})} for name, amount in one.spent]
    counts = {name: getattr(one, name) for name in ("orders", "bought", "unpaid", "without_net")}
    return {"from": one.first, "to": one.last, **counts, **amounts, "spent": spent, "complete": one.complete}


def amounts_in_words(amounts: tuple[Money, ...]) -> str:
    """Of different currencies beside each other; "0" of none."""
    return " + ".join(map(str, amounts)) or "0"


def not_counted(one: Takings) -> str:
    """What these sums lack, in words; "" for nothing."""
    bought = one.orders - one.bought
    lacks = [
        f"{one.unpaid} not paid yet" if one.unpaid else "",
        f"margin of {bought} not bought or not calculated" if bought else "",
        f"net of {one.without_net} whose tax is not clear" if one.without_net else "",
        "" if one.complete else "orders beyond the first 20,000 of a state",
    ]
    return "; ".join(filter(None, lacks))
