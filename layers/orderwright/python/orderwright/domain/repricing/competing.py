"""Match the lowest or median competitor, or stay below it. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from orderwright.domain.fx import exact_amount, shown
from orderwright.domain.order import Reason
from orderwright.domain.price_inputs import Shop
from orderwright.domain.repricing.comparing import ABSURD, STALE, Compared
from orderwright.domain.repricing.notes import absent, absurd, stale
from orderwright.domain.repricing_rules import CompetitorMove
from orderwright.domain.rules import Rules


class Followed(NamedTuple):
    """Where the competitors lead; None: too few of them count, and the price stays."""

    amount: Decimal | None
    notes: tuple[Reason, ...] = ()


def followed(
    compared: Compared, move: CompetitorMove, shop: Shop, rules: Rules, today: date, steps: list[str]
) -> Followed:
    """Raises RateUnknown where `undercut_by` has no rate."""
    steps += compared.words
    odd, counted = compared.left(ABSURD), compared.counted
    notes: tuple[Reason, ...] = (absurd(odd),) if odd else ()
    if len(counted) < move.at_least:
        old = compared.left(STALE)
        if not notes or old:
            notes += (stale(old, move),) if old else (absent(len(counted), move.at_least),)
        steps.append(f"{len(counted)} of the {move.at_least} competitors needed count")
        return Followed(None, notes)
    currency, middle = shop.currency, len(counted) // 2
    if move.to == "lowest":
        one, at = counted[0], counted[0].listed
        how = f"the lowest of {len(counted)}, {one.seller}: {one.words}"
    else:
        at = counted[middle].listed if len(counted) % 2 else (counted[middle - 1].listed + counted[middle].listed) / 2
        how = f"the median of {len(counted)} competitors"
    steps.append(f"{how}; ours is as dear at {shown(at, currency)}")
    if move.undercut_by is not None:
        at -= exact_amount(move.undercut_by.money, currency, rules, today)
        steps.append(f"{move.undercut_by.money} below it: {shown(at, currency)}")
    elif move.undercut_percent:
        at -= at * move.undercut_percent / 100
        steps.append(f"{move.undercut_percent} % below it: {shown(at, currency)}")
    return Followed(at, notes)
