"""What comes out of all that moves a price, before bounds.py ends it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.repricing.comparing import Compared


class Moved(NamedTuple):
    """What a price aims at, in major units of the store's currency, after all that moves it.

    `held`: it is the price shown, which stays as it is. `least` and `most`: how far it may be from the price by cost. `day`: the
    price of a day before, from which `per_day_percent` counts. `frees_at`: when that becomes another one. `compared`: the
    competitors' prices, as our store would list them.
    """

    amount: Decimal
    notes: tuple[Reason, ...] = ()
    review_at: datetime | None = None
    round_down: bool = False
    held: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    day: Money | None = None
    per_day_percent: Decimal = Decimal(100)
    frees_at: datetime | None = None
    compared: Compared = Compared()

    @property
    def lowest(self) -> Decimal | None:
        """The lowest competitor's price."""
        return self.compared.counted[0].listed if self.compared.counted else None
