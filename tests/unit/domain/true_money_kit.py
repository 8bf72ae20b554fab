"""Rules, parcels and orders for tests of true money, in the fewest words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from orderwright.domain.landed_cost import Bought, BoughtLine
from orderwright.domain.money import Money
from orderwright.domain.net_revenue import revenue_of
from orderwright.domain.order import OrderLine
from orderwright.domain.order_money import LineMoney, OrderMoney
from orderwright.domain.price_floor import Minimum, Piece, Sale
from orderwright.domain.reckoning import Reckoning, reckon
from orderwright.domain.rules import Rules

DAY = date(2026, 11, 29)
STORE = "shop"


def tax(rate: str | None, in_price: str = "included", remitter: str = "merchant", **more: str) -> dict[str, Any]:
    """The tax of a destination rule."""
    return {"rate": rate, "in_price": in_price, "remitter": remitter, **more}


def destination(to: str, **terms: Any) -> dict[str, Any]:
    """A destination rule that says all that is needed, unless `terms` says otherwise."""
    usual = {
        "from": ["CN"],
        "valid_from": "2026-07-01",
        "confirmed_by": "the owner",
        "incoterm": "DDP",
        "duty_in": "bill",
    }
    return {"name": to, "to": [to], "tax": tax("19"), "duty": "none", **usual, **terms}


def rules(*destinations: dict[str, Any], fee: dict[str, Any] | None = None, **more: Any) -> Rules:
    """Rules with these destinations and the fee of the gateway "card"."""
    return Rules.model_validate({"destinations": destinations, "fees": {"card": fee or {}}, **more})


def money(text: str) -> Money:
    """An amount such as "3.00 EUR"."""
    amount, currency = text.split()
    return Money.parse(amount, currency)


def parcel(to: str, cost: str, freight: str, *headings: str, ships_from: str = "CN", **more: Any) -> Bought:
    """One parcel; its cost is shared by one line a heading."""
    codes = headings or ("610910",)
    total = money(cost)
    costs = [total.minor // len(codes)] * len(codes)
    costs[0] += total.minor - sum(costs)
    lines = tuple(
        BoughtLine(str(number), f"SKU-{number}", 1, Money(minor=minor, currency=total.currency), code, "CN", "M-1")
        for number, (code, minor) in enumerate(zip(codes, costs, strict=True), 1)
    )
    return Bought(STORE, to, ships_from, DAY, lines, money(freight), **more)


def sold(
    net: str, paid: str, *, lines: int = 1, given_back: str = "0", by_channel: bool | None = False, **more: Any
) -> OrderMoney:
    """An order of `lines` lines that share net and tax, paid by the gateway "card"."""
    one, currency = money(net), net.split()[1]
    tax_paid, nothing = money(f"{paid} {currency}"), Money.zero(currency)
    parts = [(one.minor * n // lines, tax_paid.minor * n // lines) for n in range(lines + 1)]
    held = tuple(
        LineMoney(
            line_id=str(n),
            net=Money(minor=parts[n][0] - parts[n - 1][0], currency=currency),
            tax=Money(minor=parts[n][1] - parts[n - 1][1], currency=currency),
            by_channel=by_channel,
        )
        for n in range(1, lines + 1)
    )
    facts = {"shipping": nothing, "shipping_tax": nothing, "duty": nothing, "gateways": ("card",)} | more
    return OrderMoney(
        lines=held, given_back=money(f"{given_back} {currency}"), charged=one + tax_paid, charged_tax=tax_paid, **facts
    )


def order_lines(*quantities: int) -> tuple[OrderLine, ...]:
    """Lines 1, 2, 3 ... of an order; the money of a line stands in OrderMoney."""
    zero = Money.zero("EUR")
    return tuple(
        OrderLine(line_id=str(n), title=f"line {n}", quantity=count, unfulfilled=count, unit_price=zero)
        for n, count in enumerate(quantities, 1)
    )


def reckoned(bought: Bought, order: OrderMoney, by: Rules) -> Reckoning:
    """The purchase order that buys all lines of the order."""
    lines = order_lines(*[1] * len(order.lines))
    revenue = revenue_of(order, lines, {line.line_id: line.quantity for line in lines})
    return reckon(bought, revenue, order, by)


def floor_of(
    to: str, cost: str, freight: str, by: Rules, margin: str, currency: str, **more: Any
) -> tuple[Fraction, Money]:
    """The exact floor and the lowest price that passes."""
    ships_from = more.pop("ships_from", "CN")
    piece = Piece(STORE, to, ships_from, "SKU-1", money(cost), money(freight), "610910", "CN", **more)
    sale, minimum = Sale(piece, by, currency, DAY), Minimum(Decimal(margin))
    return sale.solved(sale.terms(Money.zero(currency)), minimum), sale.lowest(minimum)
