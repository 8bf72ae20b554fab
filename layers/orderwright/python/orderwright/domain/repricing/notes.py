"""What the operator should know of a price that follows others. It is sold all the same. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from orderwright.domain.fx import shown
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.repricing.moved import Moved
from orderwright.domain.repricing_rules import CompetitorMove
from orderwright.domain.rules import Rules

_MOST_NAMED = 5


def notes_of(moved: Moved, price: Money, floor: Money, rules: Rules) -> tuple[Reason, ...]:
    """Those of the moves, and what the price is beside the lowest competitor's."""
    lowest, most, notes = moved.lowest, rules.alert_below_competitors_percent, moved.notes
    if lowest is None:
        return notes
    words = shown(lowest, price.currency)
    if lowest < floor.decimal:
        notes += (
            Reason(
                code="NO_MARGIN_HERE",
                message=f"the lowest competitor's price is {words}, below the floor of {floor}: no margin is left there",
                fix="find a cheaper supplier, lower the minimum margin, or leave the sale to the competitor",
                field="rules.prices",
            ),
        )
    if most is not None and (lowest - price.decimal) * 100 > most * lowest:
        notes += (
            Reason(
                code="PRICE_FAR_BELOW",
                message=f"{price} is more than {most} % below the lowest competitor's price, {words}",
                fix="check its cost and its rule: more could be asked for it",
                field="rules.alert_below_competitors_percent",
            ),
        )
    return notes


def stale(sellers: Sequence[str], move: CompetitorMove) -> Reason:
    """What files say of them is too old."""
    return Reason(
        code="COMPETITOR_STALE",
        message=f"prices of {_named(sellers)} are older than {move.stale_after_hours} h: our price stays where it is",
        fix="see why the file is not renewed: orderwright connections",
        field="rules.prices.competitors",
    )


def absent(found: int, needed: int) -> Reason:
    """Nobody, or not enough, can be compared."""
    return Reason(
        code="COMPETITOR_ABSENT",
        message=f"{found} of the {needed} competitors needed have a price that can be compared: our price stays where it is",
        fix="see what is left out with `price explain`; or take competitors out of the rule for this SKU",
        field="rules.prices.competitors",
    )


def absurd(sellers: Sequence[str]) -> Reason:
    """Far off the price by cost: another pack size, or an error of the file."""
    return Reason(
        code="COMPETITOR_ABSURD",
        message=f"prices of {_named(sellers)} are absurd beside the price by cost, and do not count",
        fix="check in the file whether it is the same article and pack size; lowest_percent and highest_percent set the limits",
        field="rules.prices.competitors",
    )


def uncounted(day: date) -> Reason:
    """What sells is not counted any more."""
    return Reason(
        code="DEMAND_STALE",
        message=f"what was sold is counted to {day} only: our price stays where it is",
        fix="see why the nightly work stands still: orderwright status",
        field="rules.prices.demand",
    )


def _named(sellers: Sequence[str]) -> str:
    more = len(sellers) - _MOST_NAMED
    return ", ".join(sellers[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
