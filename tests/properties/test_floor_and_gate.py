"""Promise P13 over all kinds of rules: what is priced passes the gate, and shares of an order add up to it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from orderwright.domain.landed_cost import Bought, BoughtLine
from orderwright.domain.money import Money, minor_digits
from orderwright.domain.money_rules import TaxTerms
from orderwright.domain.net_revenue import revenue_of, shared_out
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order_money import LineMoney, OrderMoney
from orderwright.domain.price_floor import Minimum, Piece, Sale
from orderwright.domain.pricing import Offered, Shop, minimum_of, price_for
from orderwright.domain.reckoning import margin_fault, reckon
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.rules import Limits, Rules
from orderwright.domain.unit_cost import UnitCost
from tests.properties.repricing_strategies import MOVES, signals
from tests.unit.domain.true_money_kit import DAY, STORE, order_lines

# No deadline: a busy machine is no failure.
FAST = settings(max_examples=60, deadline=None)
CURRENCIES = ("EUR", "USD", "JPY")
FX = [
    {"currency": "USD", "rate": "0.9173", "dated": "2026-11-28"},
    {"currency": "JPY", "rate": "0.00613", "dated": "2026-11-28"},
]
# Rounding may cost this many minor units in all: tax and its country's price, duty, handling, fee.
ROUNDING = 5
PLACES = ("DE", "FI", "US")

currencies = st.sampled_from(CURRENCIES)


def percents(most: int) -> st.SearchStrategy[str]:
    """From 0 to `most`, with one digit."""
    return st.integers(0, most * 10).map(lambda tenths: str(Decimal(tenths) / 10))


def rates() -> st.SearchStrategy[str]:
    """Tax: none, so little that nothing is left of it after rounding, or much."""
    return st.integers(0, 300).map(lambda tenths: str(Decimal(tenths) / 10))


@st.composite
def amounts(draw: st.DrawFn, low: int = 0, high: int = 6) -> str:
    """About `low` to `high` euros' worth, in any currency."""
    currency = draw(currencies)
    if currency == "JPY":
        return f"{draw(st.integers(low * 160, high * 160))} JPY"
    return f"{Decimal(draw(st.integers(low * 100, high * 100))) / 100} {currency}"


@st.composite
def taxes(draw: st.DrawFn) -> dict[str, Any]:
    """Every way to have tax in a price, and everybody who may remit it."""
    in_price = draw(st.sampled_from(("included", "by_country", "excluded")))
    home = {"home_rate": draw(rates())} if in_price == "by_country" else {}
    remitter = draw(st.sampled_from(("merchant", "supplier", "marketplace", "customer")))
    return {"rate": draw(rates()), "in_price": in_price, "remitter": remitter, **home}


duties: st.SearchStrategy[Any] = st.one_of(
    st.just("none"),
    st.fixed_dictionaries({"per_heading": amounts()}),
    st.fixed_dictionaries({"percent": percents(30), "value": st.sampled_from(("cost", "revenue"))}),
    st.fixed_dictionaries(
        {
            "per_heading": amounts(),
            "percent_by_origin": st.fixed_dictionaries({"CN": percents(30)}),
            "percent_by_heading": st.fixed_dictionaries({"610910": percents(10)}),
            "value": st.sampled_from(("cost", "revenue")),
        }
    ),
)
handlings = st.none() | st.fixed_dictionaries({"per_parcel": amounts(), "per_heading": amounts()})


@st.composite
def destinations(draw: st.DrawFn, to: str, *, limited: bool) -> dict[str, Any]:
    """One confirmed rule; with `limited` perhaps one that changes above a value of goods."""
    duty: Any = draw(duties)
    above = None
    if limited and duty != "none" and draw(st.booleans()):
        duty = {**duty, "up_to": draw(amounts(1, 60))}
        above = {"duty": draw(duties), "tax": draw(st.none() | taxes()), "handling": draw(handlings)}
    return {
        "to": [to], "tax": draw(taxes()), "duty": duty, "handling": draw(handlings), "above": above,
        "incoterm": draw(st.sampled_from(("DDP", "DAP"))),
        "duty_in": draw(st.sampled_from(("bill", "freight", "carrier"))),
        "valid_from": "2026-07-01", "confirmed_by": "the owner",
    }  # fmt: skip


fees = st.fixed_dictionaries(
    {"percent": percents(15), "base": st.sampled_from(("gross", "net"))}, optional={"fixed": amounts(0, 1)}
)


class Case(NamedTuple):
    """A sale, the least that it must leave, and the rules that both come from."""

    sale: Sale
    minimum: Minimum


@st.composite
def cases(draw: st.DrawFn, *, limited: bool = False) -> Case:
    """One piece to one destination; its freight in the store's currency."""
    currency = draw(currencies)
    by_gateway = {name: draw(fees) for name in ("card", "wallet")[: draw(st.integers(1, 2))]}
    rules = Rules.model_validate(
        {
            "destinations": [draw(destinations("DE", limited=limited))],
            "fees": by_gateway,
            "base_currency": "EUR",
            "fx": FX,
        }
    )
    cost = _money(draw(amounts(1, 80)))
    freight = Money(minor=draw(st.integers(0, 2_000)), currency=currency)
    piece = Piece(STORE, "DE", "CN", "SKU-1", cost, freight, "61091000", "CN")
    least = Money(minor=draw(st.integers(0, 900)), currency=currency) if draw(st.booleans()) else None
    return Case(Sale(piece, rules, currency, DAY), Minimum(Decimal(draw(percents(45))), least))


def _cost(text: str) -> UnitCost:
    return UnitCost.parse(*text.split())


def _money(text: str) -> Money:
    return Money.parse(*text.split())


def _floor_of(sale: Sale, minimum: Minimum) -> Money | None:
    """The floor; None where tax, duty, fees and margin take all of any price."""
    try:
        return sale.lowest(minimum)
    except NotKnown as unknown:
        if unknown.reason.code == "PRICE_IMPOSSIBLE":
            return None
        raise


def _lowest(case: Case) -> Money:
    found = _floor_of(case.sale, case.minimum)
    assume(found is not None)
    assert found is not None
    return found


def _unit(amount: Fraction, currency: str) -> Money:
    return Money(minor=floor(amount * 10 ** minor_digits(currency) + Fraction(1, 2)), currency=currency)


def _ordered(sale: Sale, listed: Money, tax: TaxTerms, gateway: str) -> OrderMoney:
    """The order of one piece as a store would charge it: reckoned here, apart from the floor's own arithmetic."""
    paid_by_customer = tax.remitter == "customer"
    rate = Fraction(0) if paid_by_customer else Fraction(tax.rate or 0) / 100
    price = Fraction(listed.minor, 10 ** minor_digits(listed.currency))
    if tax.in_price == "by_country":
        shown = _unit(price / (1 + Fraction(tax.home_rate or 0) / 100) * (1 + rate), listed.currency)
    else:
        shown = listed
    exact = Fraction(shown.minor, 10 ** minor_digits(listed.currency)) * rate
    paid = _unit(exact if tax.in_price == "excluded" else exact / (1 + rate), listed.currency)
    net = shown if tax.in_price == "excluded" else shown - paid
    nothing = Money.zero(listed.currency)
    line = LineMoney(line_id="1", net=net, tax=paid, by_channel=tax.remitter == "marketplace")
    return OrderMoney(
        lines=(line,), shipping=nothing, shipping_tax=nothing, duty=nothing, given_back=nothing,
        charged=net + paid, charged_tax=paid, gateways=(gateway,),
    )  # fmt: skip


def _stopped(case: Case, listed: Money) -> bool:
    """Would the gate stop an order of one piece at this price?"""
    sale, piece = case.sale, case.sale.piece
    line = BoughtLine("1", piece.sku, 1, piece.cost, piece.hs6, piece.origin)
    bought = Bought(STORE, piece.destination, piece.ships_from, DAY, (line,), piece.freight, duty_in_freight=True)
    terms = sale.terms(listed)
    found = []
    for gateway in sale.rules.fees:
        order = _ordered(sale, listed, terms.tax, gateway)
        # A rate of which nothing is left after rounding: the store shows no tax, and the gate asks who remits it.
        assume(terms.tax.remitter != "merchant" or not terms.tax.rate or order.charged_tax.minor)
        revenue = revenue_of(order, order_lines(1), {"1": 1})
        found.append(reckon(bought, revenue, order, sale.rules))
    return any(margin_fault(one, case.minimum.percent, case.minimum.least) for one in found)


@FAST
@given(cases(limited=True))
def test_an_order_of_one_piece_at_its_floor_passes_the_gate(case: Case) -> None:
    lowest = _lowest(case)
    assert case.sale.passes(lowest, case.minimum)
    assert not _stopped(case, lowest)


@FAST
@given(cases(limited=True))
def test_a_floor_is_never_higher_than_it_must_be(case: Case) -> None:
    sale, lowest = case.sale, _lowest(case)
    below = Money(minor=lowest.minor - 1, currency=lowest.currency)
    assume(below.minor > 0)
    # Where less is due above a value of goods than below it, the floor is the one that holds below it.
    exact = max(sale.solved(sale.terms(price), case.minimum) for price in (below, Money.zero(sale.currency)))
    assert not sale.passes(below, case.minimum) or Fraction(below.decimal) < exact


@FAST
@given(cases(), st.integers(0, 20_000))
def test_a_price_above_the_floor_passes_as_well_but_for_what_rounding_costs(case: Case, more: int) -> None:
    sale, piece = case.sale, case.sale.piece
    lowest = _lowest(case)
    dearer = piece._replace(freight=Money(minor=piece.freight.minor + ROUNDING, currency=sale.currency))
    exact = Sale(dearer, sale.rules, sale.currency, DAY).solved(sale.terms(lowest), case.minimum)
    price = Money(minor=ceil(exact * 10 ** minor_digits(sale.currency)) + more, currency=sale.currency)
    assert sale.passes(price, case.minimum)


@st.composite
def listed_prices(draw: st.DrawFn) -> tuple[Rules, Offered, str]:
    """One listed price for three destinations, by a markup, tiers or a margin."""
    rule = draw(
        st.one_of(
            st.fixed_dictionaries({"markup": st.sampled_from(("0.5", "1.1", "2.4"))}),
            st.fixed_dictionaries({"target_margin_percent": percents(30)}),
            st.just({"tiers": [{"up_to": "20 EUR", "markup": "2"}, {"markup": "1.2"}]}),
        )
    )
    more = {
        "minimum_margin_percent": draw(percents(40)),
        "minimum_margin": draw(st.none() | amounts(0, 5)),
        "ending": draw(st.sampled_from(("", ".99", ".50", "80", "9"))),
        "fixed_add": draw(st.none() | amounts(0, 3)),
        "msrp": draw(st.none() | amounts(30, 300)),
        **{name: draw(move) for name, move in MOVES.items()},
    }
    rules = Rules.model_validate(
        {
            "prices": [{"name": "all", **rule, **more}],
            "destinations": [draw(destinations(place, limited=True)) for place in PLACES],
            "fees": {"card": draw(fees)},
            "base_currency": "EUR",
            "fx": FX,
        }
    )
    freight = {place: _cost(draw(amounts(0, 12))) for place in PLACES}
    offered = Offered(_cost(draw(amounts(1, 80))), UnitCost.parse(0, "EUR"), "CN", freight, "610910", "CN")
    return rules, offered, draw(currencies)


@FAST
@given(listed_prices(), st.none() | signals)
def test_a_listed_price_passes_at_every_destination_and_is_below_no_floor(
    given_prices: tuple[Rules, Offered, str], seen: Signals | None
) -> None:
    rules, offered, currency = given_prices
    limits = Limits.model_validate({"minimum_order_margin_percent": "5"})
    shop = Shop(STORE, currency, PLACES)
    decision = price_for(offered, rules, limits, shop, sku="SKU-1", category="", today=DAY, signals=seen)
    assert (decision.price is None) is (decision.problem is not None)
    assume(decision.price is not None)
    assert decision.price is not None
    minimum = minimum_of(rules.prices[0], limits, rules, currency, DAY)
    assert offered.cost is not None
    for place in PLACES:
        cost, freight = offered.cost.rounded, offered.freight_to[place].rounded
        piece = Piece(STORE, place, "CN", "SKU-1", cost, freight, "610910", "CN")
        sale = Sale(piece, rules, currency, DAY)
        lowest = _floor_of(sale, minimum)
        # Without a floor it is left out, and its orders wait.
        assert lowest is None or (decision.price >= lowest and sale.passes(decision.price, minimum))


weights = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 10_000), min_size=1, max_size=6)


@FAST
@given(st.integers(0, 100_000), weights)
def test_shares_add_up_to_what_is_shared_and_none_is_below_zero(minor: int, by: dict[str, int]) -> None:
    found = shared_out(minor, by)
    assert sum(found.values()) == minor
    assert found.keys() == by.keys()
    assert min(found.values()) >= 0


@st.composite
def split_orders(draw: st.DrawFn) -> tuple[OrderMoney, list[int], list[dict[str, int]]]:
    """An order, its quantities by line, and the units that each of its purchase orders buys: all of them, or fewer."""
    quantities = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    held = [draw(st.integers(0, 9_000)) for _ in quantities]
    lines = tuple(
        LineMoney(line_id=str(n), net=_eur(net), tax=_eur(draw(st.integers(0, 900)))) for n, net in enumerate(held, 1)
    )
    shipping = draw(st.integers(0, 1_500))
    back = draw(st.integers(0, sum(held) + shipping))
    order = OrderMoney(
        lines=lines, shipping=_eur(shipping), shipping_tax=_eur(draw(st.integers(0, 300))),
        duty=_eur(draw(st.integers(0, 900))), given_back=_eur(back), charged=_eur(sum(held)), charged_tax=_eur(0),
    )  # fmt: skip
    bought: list[dict[str, int]] = [{}, {}, {}]
    for n, quantity in enumerate(quantities, 1):
        for _ in range(quantity):
            which = draw(st.integers(0, 3))
            if which < len(bought):
                bought[which][str(n)] = bought[which].get(str(n), 0) + 1
    return order, quantities, bought


def _eur(minor: int) -> Money:
    return Money(minor=minor, currency="EUR")


@FAST
@given(split_orders())
def test_the_purchase_orders_of_an_order_never_bring_in_more_than_the_order(
    split: tuple[OrderMoney, list[int], list[dict[str, int]]],
) -> None:
    order, quantities, bought = split
    lines = order_lines(*quantities)
    found = [revenue_of(order, lines, units) for units in bought if units]
    assume(found)
    whole = revenue_of(order, lines, {line.line_id: line.quantity for line in lines})
    assert whole.lines.minor == sum(line.net.minor for line in order.lines)
    assert whole.net == whole.lines + order.shipping + order.duty - order.given_back
    for part in ("lines", "shipping", "duty", "tax"):
        assert sum(getattr(one, part).minor for one in found) <= getattr(whole, part).minor
    if sum(sum(units.values()) for units in bought) == sum(quantities):
        assert sum(one.net.minor for one in found) <= whole.net.minor
        assert sum(one.given_back.minor for one in found) >= order.given_back.minor
        assert sum((one.share for one in found), Fraction()) == 1 or not whole.lines.minor
