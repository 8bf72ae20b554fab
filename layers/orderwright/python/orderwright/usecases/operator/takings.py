"""What days brought in: orders, revenue, margin, and what was spent at suppliers. From what we hold; nobody is asked.

An order belongs to the UTC day on which it was placed in the store, as in the statement; its revenue and margin as well,
whenever it is bought. Spend belongs to the day whose limit it counts against. Not counted are test orders and unpaid money.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.order import OrderDetails, OrderRecord, OrderState
from orderwright.domain.statement import SALES
from orderwright.records import ORDERS, Key, budget_key, details_key
from orderwright.storage import Storage

TOGETHER = 1000
MOST_ORDERS = 20_000
"""In one state; of more, not all are counted, and that is said."""


class Takings(NamedTuple):
    """Of the days from `first` to `last`. Amounts of different currencies stand beside each other.

    `revenue`: with tax, less refunds. `net`: without tax. `margin`: of the orders that are `bought`, as reckoned. `unpaid` orders
    and those `without_net` figures are not in these sums. `complete`: all orders were looked at.
    """

    first: date
    last: date
    orders: int = 0
    bought: int = 0
    unpaid: int = 0
    without_net: int = 0
    revenue: tuple[Money, ...] = ()
    net: tuple[Money, ...] = ()
    margin: tuple[Money, ...] = ()
    spent: tuple[tuple[str, Money], ...] = ()
    complete: bool = True


def takings(storage: Storage, config: Config, periods: Sequence[tuple[date, date]]) -> list[Takings]:
    """One for each period, given by its first and its last day."""
    first, last = min(period[0] for period in periods), max(period[1] for period in periods)
    begin, found, complete = datetime.combine(first, time(), UTC), [Takings(*period) for period in periods], True
    for state in OrderState:
        keys = storage.in_state(ORDERS, state.value, MOST_ORDERS, begin) if state is not OrderState.IGNORED else []
        complete = complete and len(keys) < MOST_ORDERS
        for day, record, details in _orders(storage, [key for key in keys if key.sk == "ORDER"], first, last):
            found = [_with_order(one, record, details) if one.first <= day <= one.last else one for one in found]
    spends = [
        (first + timedelta(days=day), supplier, spent)
        for day in range((last - first).days + 1)
        for supplier in config.suppliers
        if (spent := spent_on(storage, supplier, first + timedelta(days=day)))
    ]
    return [one._replace(spent=_spent(one, spends), complete=complete) for one in found]


def spent_on(storage: Storage, supplier: str, day: date) -> Money | None:
    """What counts against a supplier's limit of a day; None for nothing yet."""
    raw = storage.get_raw(budget_key(supplier, day.isoformat()))
    return Money(minor=int(raw[0]["spent"]), currency=str(raw[0]["currency"])) if raw else None


def _spent(one: Takings, spends: Sequence[tuple[date, str, Money]]) -> tuple[tuple[str, Money], ...]:
    mine = [(supplier, spent) for day, supplier, spent in spends if one.first <= day <= one.last]
    suppliers = dict.fromkeys(supplier for supplier, _ in mine)
    return tuple(
        (who, sum_) for who in suppliers for sum_ in _sums(spent for supplier, spent in mine if supplier == who)
    )


def _orders(
    storage: Storage, keys: Sequence[Key], first: date, last: date
) -> Iterator[tuple[date, OrderRecord, OrderDetails | None]]:
    """Those that were placed from `first` to `last`; a hundred items a call."""
    for start in range(0, len(keys), TOGETHER):
        records = storage.get_many(keys[start : start + TOGETHER], OrderRecord)
        days = {
            key: held.model.created_at.astimezone(UTC).date() for key, held in records.items() if not held.model.test
        }
        mine = {key: day for key, day in days.items() if first <= day <= last}
        details = storage.get_many([details_key(key.pk) for key in mine], OrderDetails)
        for key, day in mine.items():
            held = details.get(details_key(key.pk))
            yield day, records[key].model, held.model if held else None


def _with_order(day: Takings, record: OrderRecord, details: OrderDetails | None) -> Takings:
    day = day._replace(orders=day.orders + 1)
    if record.margin is not None:
        day = day._replace(bought=day.bought + 1, margin=_sums((*day.margin, record.margin)))
    if record.payment not in SALES:
        # A cancelled order will not be paid any more: nobody waits for its money.
        return day if record.state is OrderState.CANCELLED else day._replace(unpaid=day.unpaid + 1)
    money = details.money if details else None
    taken = (money.charged if money else record.total) - record.refunded
    day = day._replace(revenue=_sums((*day.revenue, taken)))
    if money is None or money.unclear:
        return day._replace(without_net=day.without_net + 1)
    return day._replace(net=_sums((*day.net, money.net)))


def _sums(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """By currency."""
    found: dict[str, Money] = {}
    for amount in amounts:
        found[amount.currency] = found[amount.currency] + amount if amount.currency in found else amount
    return tuple(found[currency] for currency in sorted(found))
