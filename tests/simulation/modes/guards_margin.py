"""Guards of the true margin: one for each term of it, and for each thing that nobody knows (promise P13)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from orderwright.connectors.stores.shopify import refunds
from orderwright.domain import landed_cost, net_revenue, reckoning, releases
from orderwright.domain.config_values import Dated
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import Revenue
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderDetails, StoreOrder
from orderwright.domain.order_money import OrderMoney
from orderwright.usecases.intake import plan
from orderwright.usecases.placing import gates, true_money
from tests.simulation.modes import true_money as worlds
from tests.simulation.modes.families import TRUE_MONEY
from tests.simulation.modes.hunting import Guard, Planned, Seeds

Removed = AbstractContextManager[object]


def _revenue(change: Callable[[Revenue, OrderMoney], Revenue]) -> Callable[[], Removed]:
    """What the lines bring in, with something of it wrong."""

    def removed() -> Removed:
        real = net_revenue.revenue_of

        def wrong(money: OrderMoney | None, *rest: Any) -> Revenue:
            found = real(money, *rest)
            assert money is not None
            return change(found, money)

        return patch.object(true_money, "revenue_of", wrong)

    return removed


def _tax_twice() -> Removed:
    real = refunds._tax_of
    return patch.object(
        refunds, "_tax_of", lambda amounts, made, money, near: min(2 * real(amounts, made, money, near), money)
    )


def _no_bill() -> Removed:
    real = true_money.bought_of
    return patch.object(true_money, "bought_of", lambda *args: real(*args)._replace(bill=None))


def _as_held(order: StoreOrder, details: OrderDetails) -> true_money.Sold:
    return true_money.sold_as_held(order.connection, details)


def _anybody_confirms() -> Removed:
    both = ExitStack()
    for module in (landed_cost, reckoning):
        both.enter_context(patch.object(module, "UNCONFIRMED", frozenset()))
    return both


def _no_fee_is_free() -> Removed:
    real = reckoning._fee_of

    def fee(*args: Any) -> Fraction:
        try:
            return real(*args)
        except NotKnown:
            return Fraction()

    return patch.object(reckoning, "_fee_of", fee)


def _rounded_down() -> Removed:
    def of(amount: Decimal, currency: str, *, up: bool = False) -> Money:
        return Money(minor=int((amount * 100).to_integral_value(ROUND_FLOOR)), currency=currency)

    return patch.object(landed_cost, "Money", SimpleNamespace(of=of, zero=Money.zero))


def _nothing_due(bought: Any, rule: Any, terms: Any, goods_net: Money, rules: Any) -> Money:
    return Money.zero(goods_net.currency)


def _guard(name: str, without: str, removed: Callable[[], Removed], known: int = 0, seen_by: str = "P13: ") -> Guard:
    return Guard(name, "P13", without, removed, seen_by, Seeds(known, orders=1, also=worlds.true_money))


MARGIN: tuple[Guard, ...] = (
    _guard(
        "the minimum margin",
        "goods are bought for more than they were sold for",
        lambda: patch.object(gates, "margin_reason", lambda *args: None),
        seen_by="which is too little",
    ),
    _guard(
        "tax is no revenue",
        "the state's money counts as the merchant's",
        _revenue(lambda found, _: found._replace(lines=found.lines + found.tax)),
    ),
    _guard(
        "money that went back is no revenue",
        "a refund without lines changes nothing",
        _revenue(lambda found, money: found._replace(given_back=Money.zero(money.currency))),
    ),
    _guard(
        "the tax in a refund is given back once",
        "a refund costs less than it does",
        _tax_twice,
        known=59,
    ),
    _guard(
        "shipping is shared out",
        "each purchase order of an order counts all of its shipping",
        _revenue(lambda found, money: found._replace(shipping=money.shipping)),
        known=10,
    ),
    _guard(
        "the fee of the gateway",
        "what the payment provider keeps counts as kept",
        lambda: patch.object(reckoning, "_fee", lambda bought, revenue, money, rules: ("", Money.zero(money.currency))),
    ),
    _guard("duty", "parcels cost less than they will", lambda: patch.object(landed_cost, "duty_of", _nothing_due)),
    _guard(
        "handling",
        "what a carrier asks for is forgotten",
        lambda: patch.object(landed_cost, "_handling", lambda bought, terms, currency, rules: Money.zero(currency)),
        known=3,
    ),
    _guard("the bill counts, not what was expected", "a bill may be as high as it likes", _no_bill),
    _guard("converted costs are rounded up", "a duty in another currency is a cent too low", _rounded_down),
    _guard(
        "a release holds for what was shown",
        "a release holds for any bill, and for any loss",
        lambda: patch.object(releases, "_holds", lambda release, now: True),
    ),
    _guard(
        "a rule counts once somebody has confirmed it",
        "starter values are taken for true",
        _anybody_confirms,
        seen_by="RULE_UNCONFIRMED",
        known=2,
    ),
    _guard(
        "a rule counts on its days only",
        "a rule that has ended goes on",
        lambda: patch.object(Dated, "is_valid", lambda self, day: True),
        seen_by="RULE_NOT_VALID",
        known=31,
    ),
    _guard(
        "a gateway without a fee is not free",
        "an unknown fee is taken for zero",
        _no_fee_is_free,
        seen_by="FEE_MISSING",
        known=1,
    ),
    _guard(
        "an article without a heading",
        "an unknown heading is taken for any",
        lambda: patch.object(landed_cost, "_heading", lambda line: line.hs6 or "000000"),
        seen_by="HEADING_MISSING",
        known=44,
    ),
    _guard(
        "an article without a manufacturer's number",
        "parcels that will be held are bought",
        lambda: patch.object(gates, "identifier_missing", lambda bought: None),
        seen_by="IDENTIFIER_MISSING",
        known=79,
    ),
    Guard(
        "the order's money as it is read right before paying",
        "P13",
        "what went back since the order was taken in is not seen",
        lambda: patch.object(true_money, "sold_as_read", _as_held),
        "which is too little",
        Planned(TRUE_MONEY[0], "saveGenerateParentOrder", "give_back", "before"),
    ),
    _guard(
        "the margin follows refunds after the purchase",
        "what is written down stays as it was",
        lambda: patch.object(plan, "reckoned_again", lambda work, file, setting: work),
        seen_by="our side says",
        known=6,
    ),
    _guard(
        "a refund while the payment is under way",
        "what was reckoned before it is written down after it",
        lambda: patch.object(true_money, "_still_true", lambda *args: True),
        seen_by="our side says",
        known=55,
    ),
)
