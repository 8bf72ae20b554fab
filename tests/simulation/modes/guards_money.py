"""Guards of spending: limits, margins, the kill switch, and a counter that is right (promise P10)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

from orderwright.aws import writes
from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.storage import Spend
from orderwright.usecases.placing import gates, requests
from tests.simulation.modes.additions import (
    a_hand_on_the_switch,
    a_hand_on_the_switch_for_all,
    a_low_limit_per_purchase_order,
    an_anxious_operator,
    fickle_customers,
    slightly_higher_bills,
)
from tests.simulation.modes.hunting import Guard, Seeds

Removed = AbstractContextManager[object]
INTENT_OF_PAYMENT = "createOrderV2"


def _spend_without(**changes: Any) -> Callable[[], Removed]:
    """Money is counted, with something of the count left out."""

    def removed() -> Removed:
        real = writes.spend_requests

        def careless(table: str, change: Spend, writer: str, now: datetime) -> list[dict[str, Any]]:
            return real(table, replace(change, **changes), writer, now)

        return patch.object(writes, "spend_requests", careless)

    return removed


def _no_limit_per_order() -> Removed:
    real = gates.money_gate

    def gate(po: PurchaseOrder, cost: Money, record: Any, sold: Any, config: Config, today: Any) -> Any:
        open_handed = config.limits.model_copy(update={"spend_per_purchase_order": {}})
        return real(po, cost, record, sold, config.model_copy(update={"limits": open_handed}), today)

    return patch.object(gates, "money_gate", gate)


def _uncounted(*, first: bool) -> Callable[[], Removed]:
    """Nothing is counted when it is first reserved; or nothing of what the vendor asks for beyond that."""

    def removed() -> Removed:
        real = requests.spend_changes

        def careless(po: PurchaseOrder, config: Config, now: datetime) -> list[Spend]:
            found = real(po, config, now)
            if (po.reserved_spend is None) is not first:
                return found
            return [replace(spend, amount=Money.zero(spend.amount.currency)) for spend in found]

        return patch.object(requests, "spend_changes", careless)

    return removed


MONEY: tuple[Guard, ...] = (
    Guard(
        "the kill switch in every INTENT",
        "P10",
        "spending goes on after it was switched off",
        _spend_without(check_kill=False),
        "although the kill switch",
        Seeds(1, also=a_hand_on_the_switch),
    ),
    Guard(
        "the kill switch for all suppliers in every INTENT",
        "P10",
        "spending goes on after it was switched off for all",
        lambda: patch.object(writes, "ALL_SUPPLIERS", "nobody's switch"),
        "although the kill switch",
        Seeds(1, also=a_hand_on_the_switch_for_all),
    ),
    Guard(
        "the limit of a day",
        "P10",
        "a lowered limit stops nothing",
        _spend_without(cap=None),
        "the limit is",
        Seeds(also=an_anxious_operator),
    ),
    Guard(
        "the limit of a purchase order",
        "P10",
        "one order may cost anything",
        _no_limit_per_order,
        "the limit per purchase order is",
        Seeds(1, also=a_low_limit_per_purchase_order),
    ),
    Guard(
        "spend is counted in the INTENT's own transaction",
        "P10",
        "the counter knows nothing of what is being paid",
        _uncounted(first=True),
        "P10: ",
        Seeds(),
    ),
    Guard(
        "what a bill asks for beyond the quote is counted",
        "P10",
        "the counter stays below what was paid",
        _uncounted(first=False),
        "P10: ",
        Seeds(also=slightly_higher_bills),
    ),
    Guard(
        "spend is given back for what is not bought",
        "P10",
        "the counter stays too high, and stops orders that could be paid",
        lambda: patch.object(requests, "free_spend", lambda po: []),
        "P10: the counter",
        Seeds(2, also=fickle_customers),
    ),
)
