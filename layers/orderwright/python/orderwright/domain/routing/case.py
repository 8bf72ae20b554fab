"""What a question of routing depends on beside lines and offers: rules, suppliers, the destination, what is held already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from orderwright.domain.catalogue import FreightTable, Offer, SkuRecord
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.money import Money
from orderwright.domain.order import OrderLine, Reason
from orderwright.domain.routing.lines import RoutedLine
from orderwright.domain.rules import Rules

if TYPE_CHECKING:
    from orderwright.domain.scoring.scorecard import Scorecard


class Value(NamedTuple):
    """What the buyer pays for so many pieces of a line, net."""

    money: Money
    pieces: int


class Case(NamedTuple):
    """One order, or a basket.

    `order_key` finds this order's own reservations in Offer.open ("<order key>|<reservation>"); `reserved_as` names those
    that no purchase order uses, by line id, and without it the line id is the name. `unknown` says why nobody knows an
    offer's stock or cost any more, `refused` why a supplier is not asked for a line again, `lacks` what a supplier would
    refuse of the lines that it was chosen for. `switched_off` and `scores` are asked only where there is a choice; scores
    only where the rules use them, or to be shown (`measure`).
    `destination` is a country or a territory; `grams`, codes and battery come with `goods`.
    """

    rules: Rules
    day: date
    order_key: str = ""
    reserved_as: Mapping[str, Sequence[str]] | None = None
    unknown: Callable[[Offer], Reason | None] = lambda offer: None
    refused: Callable[[OrderLine, Offer], Reason | None] = lambda line, offer: None
    lacks: Callable[[str, Sequence[RoutedLine]], Sequence[Reason]] = lambda supplier, routed: ()
    switched_off: Callable[[Sequence[str]], frozenset[str]] = lambda suppliers: frozenset()
    scores: Callable[[Sequence[str]], Mapping[str, Scorecard]] = lambda suppliers: {}
    measure: bool = False
    suppliers: Mapping[str, SupplierSettings] = {}
    name_of: Callable[[str], str] = str
    store: str = ""
    wholesale: bool = False
    destination: str = ""
    goods: Mapping[str, SkuRecord] = {}
    freights: Mapping[tuple[str, str], FreightTable] = {}
    values: Mapping[str, Value] = {}

    def reservations(self, line: OrderLine) -> Sequence[str]:
        """The names of what may be held for a line and is in no purchase order."""
        return (line.line_id,) if self.reserved_as is None else self.reserved_as.get(line.line_id, ())

    def held(self, line: OrderLine, offer: Offer) -> dict[str, int]:
        """Pieces that this offer holds for the line, by the reservation's name."""
        names = {name: offer.open.get(f"{self.order_key}|{name}", 0) for name in self.reservations(line)}
        return {name: units for name, units in names.items() if units}
