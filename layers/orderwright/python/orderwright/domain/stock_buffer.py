"""How many pieces of a reported stock are held back, so that few are sold in vain (R23). Exact: no floats.

A piece is sold in vain when the supplier does not have it, though its last report said so. There are two causes, and each may
take half of the target:

others bought it since the report   In the time between two reports others buy as many as we do; how many it is varies as by
                                    chance (Poisson). With b pieces held back, E[max(0, bought - b)] / E[bought] is the share
                                    sold in vain, where the stock runs out: b is the smallest number that keeps to the target.
it never was there                  The share that the supplier refused for stock, as measured: what of it is above the target
                                    is held back of the stock.

How fast a SKU sells is never taken as nothing: one more piece in four weeks is added to what was sold (PRIOR).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, isqrt

WINDOW, RECENT = 28, 7
"""Days that velocity looks back; of these the last ones count twice."""
PRIOR = Fraction(1, WINDOW)
_DAY = timedelta(days=1)
_EXACT = Context(prec=60)


def velocity(sold: Sequence[int]) -> Fraction:
    """Pieces a day, from those sold on each of the last 28 days, the newest first. Fewer days: nothing was sold before.

    Never negative, though a day is on which more was refused than sold.
    """
    recent, before = sum(sold[:RECENT]), sum(sold[RECENT:WINDOW])
    return max(Fraction(0), Fraction(2 * recent + before, WINDOW + RECENT))


def held_back(stock: int, a_day: Fraction, age: timedelta, percent: Decimal, lies_ppm: int | None = None) -> int:
    """Pieces that are not promised, never more than `stock`. `a_day`: as `velocity`; `age`: from one report to the next.

    `percent`: pieces sold in vain of all that are sold, at most. `lies_ppm`: see Scorecard; None: too little is known.
    """
    half = Fraction(percent) / 200
    lies = ceil(stock * max(Fraction(0), Fraction(lies_ppm or 0, 1_000_000) - half))
    bought = (a_day + PRIOR) * Fraction(age // timedelta(seconds=1), _DAY // timedelta(seconds=1))
    if not bought:
        return min(stock, lies)
    return min(stock, _for_demand(bought, half) + lies) if half else stock


@lru_cache(maxsize=4096)  # most SKUs of a supplier sell as slowly as others
def _for_demand(mean: Fraction, share: Fraction) -> int:
    """The smallest b with E[max(0, D - b)] <= share x mean, where D is Poisson. Both are above zero."""
    lam = _EXACT.divide(Decimal(mean.numerator), Decimal(mean.denominator))
    terms = [Decimal(1)]  # e^mean x P(D = k); what lies behind the last one is below any share of six digits
    for k in range(1, ceil(mean) + 12 * (isqrt(ceil(mean)) + 1) + 40):
        terms.append(_EXACT.divide(_EXACT.multiply(terms[-1], lam), Decimal(k)))
    total = Decimal(0)
    for term in terms:
        total = _EXACT.add(total, term)
    allowed = _EXACT.divide(
        _EXACT.multiply(_EXACT.multiply(total, lam), Decimal(share.numerator)), Decimal(share.denominator)
    )
    short = above = Decimal(0)  # e^mean x E[max(0, D - b)] and e^mean x P(D > b), from the last term down
    for b in range(len(terms) - 1, 0, -1):
        above = _EXACT.add(above, terms[b])
        short = _EXACT.add(short, above)
        if short > allowed:
            return b
    return 0
