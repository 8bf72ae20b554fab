"""What pieces and parcels cost at the buyer's door (promise P13), as whole millionths of the base currency, rounded up.

Duty and handling come from the destination's rule, as domain/landed_cost.py reckons them before an order is paid. Tax is the
buyer's money whoever remits it: it is in the order's net revenue or in none, so that it favours no supplier, and is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.connection_settings import ParcelFreight
from orderwright.domain.freight import freight_to
from orderwright.domain.fx import RateUnknown, exact_amount
from orderwright.domain.landed_cost import Bought, BoughtLine, duty_rate, landed_cost, rule_for, terms_for
from orderwright.domain.money import Money
from orderwright.domain.money_rules import DestinationRule, DutyTerms, HandlingTerms
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderLine
from orderwright.domain.routing.case import Case, Value
from orderwright.domain.routing.question import MICRO, Beside
from orderwright.domain.territories import country_of, destination_name, lies_in
from orderwright.domain.unit_cost import UnitCost

ANY_WEIGHT = 10**9


class Piece(NamedTuple):
    """One piece of a line from one offer. `unknown`: what is not known of its cost. `above`: its duty above the limit."""

    goods: int = 0
    freight: int = 0
    duty: int = 0
    above: int = 0
    unknown: str = ""


class Parcel(NamedTuple):
    """What a parcel of one supplier costs beside its pieces. `unknown`: why that is not known; "" where it is."""

    beside: Beside = Beside()
    limit: int | None = None
    above: Beside | None = None
    weight_steps: tuple[tuple[int, int], ...] = ()
    rule: DestinationRule | None = None
    per_piece: int | None = None
    unknown: str = ""


def micro(money: Money | UnitCost, case: Case) -> int:
    """In millionths of the base currency, rounded up. Raises RateUnknown."""
    return _up(exact_amount(money, case.rules.base_currency, case.rules, case.day))


def _up(amount: Decimal) -> int:
    return int((amount * MICRO).to_integral_value(ROUND_CEILING))


def value_of(line: OrderLine, case: Case) -> Value:
    """What the buyer pays for it, net, where the store says it; else by its price."""
    return case.values.get(line.line_id) or Value(line.unit_price, 1)


def piece_value(line: OrderLine, case: Case) -> int:
    """Of one piece; 0 where its currency has no rate. Rounded down: pieces that reach a limit together are not above it."""
    value = value_of(line, case)
    try:
        return micro(value.money, case) // max(1, value.pieces)
    except RateUnknown:
        return 0


def parcel_of(supplier: str, case: Case) -> Parcel:
    """What this supplier's parcels to the destination cost, by its settings and the rule that fits."""
    settings = case.suppliers.get(supplier)
    found = Parcel()
    try:
        if settings is not None:
            found = _with_freight(found, settings.parcel_freight, case)
        if case.rules.destinations:
            from_country = settings.from_country if settings else ""
            found = _with_rule(found, rule_for(case.rules, case.store, case.destination, from_country, case.day), case)
    except (NotKnown, RateUnknown) as unknown:
        return found._replace(unknown=unknown.reason.message)
    return found


def fitting_freight(rows: Sequence[ParcelFreight], destination: str) -> list[ParcelFreight]:
    """The rows for this destination, up to the first that takes any weight."""
    found = []
    for row in rows:
        if not row.to or lies_in(destination, row.to):
            found.append(row)
            if row.up_to_grams is None:
                break
    return found


def parcel_price(rows: Sequence[ParcelFreight], destination: str, pieces: int, grams: int | None) -> Money | None:
    """What such a parcel costs by these rows; None where none is for this destination. Heavier than the last: as that."""
    fit = fitting_freight(rows, destination)
    if not fit:
        return None
    light = (row for row in fit if row.up_to_grams is None or (grams is not None and grams <= row.up_to_grams))
    row = next(light, fit[-1])
    return row.price.money + row.piece.money * (pieces - 1) if row.piece else row.price.money


def _with_freight(parcel: Parcel, rows: Sequence[ParcelFreight], case: Case) -> Parcel:
    """A price up to a weight, and so much for each piece after the first.

    The question counts all pieces alike: each costs the dearest row's `piece`, and the first piece's is taken off the price.
    """
    fit = fitting_freight(rows, case.destination)
    if not fit:
        return parcel
    each = max(micro(row.piece.money, case) if row.piece else 0 for row in fit)
    steps = tuple((row.up_to_grams or ANY_WEIGHT, max(0, micro(row.price.money, case) - each)) for row in fit)
    return parcel._replace(weight_steps=steps, per_piece=each)


def _with_rule(parcel: Parcel, rule: DestinationRule, case: Case) -> Parcel:
    duty = None if rule.duty == "none" else rule.duty
    beside = _beside(duty, rule.handling, rule, case)
    limit = micro(duty.up_to.money, case) if duty is not None and duty.up_to is not None else None
    above = None
    if limit is not None and rule.above is not None:
        later = None if rule.above.duty == "none" else rule.above.duty
        above = _beside(later, rule.above.handling or rule.handling, rule, case)
    return parcel._replace(beside=beside, limit=limit, above=above, rule=rule)


def _beside(duty: DutyTerms | None, handling: HandlingTerms | None, rule: DestinationRule, case: Case) -> Beside:
    """Nothing where the freight includes it; no duty where the customer pays it at the door."""
    if rule.duty_in == "freight":
        return Beside()
    parcel = heading = 0
    if handling is not None:
        parcel += micro(handling.per_parcel.money, case) if handling.per_parcel else 0
        heading += micro(handling.per_heading.money, case) if handling.per_heading else 0
    if duty is not None and duty.per_heading is not None and rule.incoterm != "DAP":
        heading += micro(duty.per_heading.money, case)
    return Beside(parcel=parcel, heading=heading)


def piece_of(line: OrderLine, offer: Offer, parcel: Parcel, case: Case) -> Piece:
    """Goods, duty by percent, and freight: by the parcel, else as quoted to that country, else as the offer says."""
    quote = freight_to(case.freights.get((offer.sku, offer.supplier)), case.destination, case.day)
    freight = quote.price if quote is not None and quote.price is not None else offer.freight
    said = quote is not None or parcel.per_piece is not None or _is_reference(offer, case)
    found = Piece(unknown=parcel.unknown or ("" if said else _unsaid(offer, case)))
    try:
        found = found._replace(goods=micro(offer.cost, case))
        each = parcel.per_piece if parcel.per_piece is not None else micro(freight, case)
        found = found._replace(freight=each)
        if parcel.rule is not None:
            in_freight = quote.carries_duty if quote is not None else None
            found = _with_duty(found, line, offer, parcel.rule, freight, in_freight, case)
    except (NotKnown, RateUnknown) as unknown:
        return found._replace(unknown=unknown.reason.message)
    record = case.goods.get(offer.sku)
    if len(parcel.weight_steps) > 1 and (record is None or record.weight_grams is None):
        return found._replace(unknown=f"the weight of SKU {offer.sku}, by which its freight goes, is not known")
    return found


def _unsaid(offer: Offer, case: Case) -> str:
    return f"the supplier has not said what it costs to send SKU {offer.sku} to {destination_name(case.destination)}"


def _is_reference(offer: Offer, case: Case) -> bool:
    """Does the offer's own freight count there? Where true cost is known, that of another country does not."""
    settings = case.suppliers.get(offer.supplier)
    if settings is None or not case.rules.know_true_cost or not case.destination:
        return True
    return settings.freight_country == country_of(case.destination)


def _with_duty(
    piece: Piece,
    line: OrderLine,
    offer: Offer,
    rule: DestinationRule,
    freight: UnitCost,
    in_freight: bool | None,
    case: Case,
) -> Piece:
    """Raises NotKnown where the rule or the SKU do not say what the gate before paying needs."""
    record, value = case.goods.get(offer.sku), value_of(line, case)
    codes = (record.heading, record.made_in, record.maker_number) if record else ("", "", "")
    bought = BoughtLine(line.line_id, offer.sku, 1, offer.cost.rounded, *codes)
    settings = case.suppliers.get(offer.supplier)
    one = Money(minor=max(1, -(-value.money.minor // max(1, value.pieces))), currency=value.money.currency)
    ships_from = settings.from_country if settings else ""
    parcel = Bought(
        case.store, case.destination, ships_from, case.day, (bought,), freight.rounded, duty_in_freight=in_freight
    )
    try:
        terms = terms_for(rule, one, case.rules, case.day)
    except NotKnown:
        return piece  # one piece is above the limit: the search sees to that
    landed_cost(parcel, rule, terms, one, Money.zero(one.currency), case.rules)
    if rule.duty_in == "freight" or rule.incoterm == "DAP":
        return piece
    below = None if rule.duty == "none" else rule.duty
    above = rule.above.duty if rule.above is not None and rule.above.duty != "none" else None
    due = [_percent(bought, duty, line, piece.goods, case) for duty in (below, above)]
    return piece._replace(duty=due[0], above=due[1])


def _percent(bought: BoughtLine, duty: DutyTerms | None, line: OrderLine, goods: int, case: Case) -> int:
    if duty is None or not duty.by_percent:
        return 0
    base = goods if duty.value == "cost" else piece_value(line, case)
    return int((duty_rate(bought, duty) * base / 100).to_integral_value(ROUND_CEILING))
