"""Which supplier ships which line, and why (R12, R17). Pure: the same input gives the same purchase orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.fx import RateUnknown, exact_amount
from orderwright.domain.order import OrderLine, Reason
from orderwright.domain.rules import Rules


class RoutedLine(NamedTuple):
    """One order line and the offer that won, with the explanation for the time line."""

    line: OrderLine
    offer: Offer
    quantity: int
    why: str


class Routing(NamedTuple):
    """One purchase order per key of `by_supplier`. `not_routed` are lines that never go to a supplier."""

    by_supplier: dict[str, tuple[RoutedLine, ...]]
    problems: tuple[Reason, ...]
    not_routed: tuple[str, ...]


def is_forwarded(line: OrderLine) -> bool:
    """Physical and still to be shipped. Digital lines and gift cards never go to a supplier (R9)."""
    return line.requires_shipping and not line.gift_card and line.unfulfilled > 0


def route(
    lines: Sequence[OrderLine],
    offers_by_sku: Mapping[str, Sequence[Offer]],
    rules: Rules,
    today: date,
    *,
    order_key: str = "",
    reserved_as: Mapping[str, str] | None = None,
    unknown: Callable[[Offer], Reason | None] = lambda offer: None,
    refused: Callable[[OrderLine, Offer], Reason | None] = lambda line, offer: None,
) -> Routing:
    """Choose a supplier per line: one that already reserved it, then enough stock, rules.supplier_priority, landed cost.

    `order_key` finds this order's own reservations in Offer.open ("<order key>|<reservation>"), which do not count
    against it; `reserved_as` names the reservation by line id, and without it the line id is the name. `unknown` says why nobody
    knows an offer's stock or cost any more, `refused` why a supplier is not asked for a line again. Problem codes: SKU_MISSING,
    SKU_NOT_MAPPED, NO_OFFER, SKU_RETIRED, REFUSED_BY_SUPPLIER, SOURCE_GONE, COST_MISSING, OUT_OF_STOCK.
    """
    chosen: dict[str, list[RoutedLine]] = {}
    problems: list[Reason] = []
    taken: dict[tuple[str, str], int] = {}
    for line in lines:
        if not is_forwarded(line):
            continue
        own = f"{order_key}|{line.line_id if reserved_as is None else reserved_as.get(line.line_id, '')}"
        found = _choose(line, offers_by_sku, rules, today, own, taken, unknown, refused)
        if isinstance(found, Reason):
            problems.append(found)
            continue
        # An own reservation is already out of `sellable`; only what is taken beyond it counts for the next line.
        beyond = max(0, found.quantity - found.offer.open.get(own, 0))
        key = (found.offer.supplier, found.offer.sku)
        taken[key] = taken.get(key, 0) + beyond
        chosen.setdefault(found.offer.supplier, []).append(found)
    return Routing(
        {supplier: tuple(chosen[supplier]) for supplier in sorted(chosen)},
        tuple(problems),
        tuple(line.line_id for line in lines if not is_forwarded(line)),
    )


def _choose(
    line: OrderLine,
    offers_by_sku: Mapping[str, Sequence[Offer]],
    rules: Rules,
    today: date,
    own: str,
    taken: Mapping[tuple[str, str], int],
    unknown: Callable[[Offer], Reason | None],
    refused: Callable[[OrderLine, Offer], Reason | None],
) -> RoutedLine | Reason:
    offers = offers_by_sku.get(line.sku) if line.sku else None
    if offers is None:
        return _not_mapped(line)
    if not offers:
        return _problem(line, "NO_OFFER", f"no supplier offers SKU {line.sku}", "import or map an offer for it")
    active = [offer for offer in offers if not offer.retired]
    if not active:
        return _problem(
            line, "SKU_RETIRED", f"every offer of SKU {line.sku} is retired", "map another offer, or refund the line"
        )
    why = [refused(line, offer) or unknown(offer) for offer in active]
    active = [offer for offer, gone in zip(active, why, strict=True) if gone is None]
    if not active:
        gone = next(filter(None, why))
        return _problem(line, gone.code, gone.message, gone.fix)
    priced = [offer for offer in active if offer.cost.is_positive and offer.freight.exact >= 0]
    if not priced:
        return _problem(
            line,
            "COST_MISSING",
            f"no offer of SKU {line.sku} has a cost above zero",
            "have the supplier's cost corrected, or wait for its next report",
        )
    can_sell = {
        offer.supplier: offer.sellable + offer.open.get(own, 0) - taken.get((offer.supplier, offer.sku), 0)
        for offer in priced
    }
    enough = [offer for offer in priced if can_sell[offer.supplier] >= line.unfulfilled]
    if not enough:
        most = max(0, *can_sell.values())
        return _problem(
            line,
            "OUT_OF_STOCK",
            f"{line.unfulfilled} pieces of SKU {line.sku} were sold; no supplier has more than {most} left",
            "wait for stock and retry, map another supplier, or refund the line",
        )
    return _winner(line, enough, len(offers), rules, today, own)


def _winner(line: OrderLine, enough: list[Offer], of: int, rules: Rules, today: date, own: str) -> RoutedLine:
    places = {supplier: place for place, supplier in enumerate(rules.supplier_priority)}

    def rank(offer: Offer) -> tuple[bool, int, bool, Decimal, str]:
        landed = comparable_cost(offer, rules, today)
        return (
            own not in offer.open,
            places.get(offer.supplier, len(places)),
            landed is None,
            landed or Decimal(0),
            offer.supplier,
        )

    ordered = sorted(enough, key=rank)
    best = ordered[0]
    words = [f"{best.supplier}: {len(enough)} of {of} offers can ship {line.unfulfilled}"]
    if own in best.open:
        words.append("its stock is already reserved for this line")
    elif len(ordered) == 1:
        words.append("no other can")
    elif rank(best)[1] < rank(ordered[1])[1]:
        words.append(f"it comes before {ordered[1].supplier} in rules.supplier_priority")
    else:
        other = ordered[1]
        words.append(f"{best.cost} + {best.freight} against {other.cost} + {other.freight} at {other.supplier}")
    return RoutedLine(line, best, line.unfulfilled, "; ".join(words))


def comparable_cost(offer: Offer, rules: Rules, today: date) -> Decimal | None:
    """What goods and freight cost, in the base currency; None when a rate is missing: such an offer comes last."""
    try:
        return exact_amount(offer.cost, rules.base_currency, rules, today) + exact_amount(
            offer.freight, rules.base_currency, rules, today
        )
    except RateUnknown:
        return None


def _not_mapped(line: OrderLine) -> Reason:
    if not line.sku:
        return _problem(
            line,
            "SKU_MISSING",
            "the line has no SKU (a custom line, or a variant without one)",
            "give the variant a SKU in the store and refresh the order, or ship the line yourself",
        )
    return _problem(
        line,
        "SKU_NOT_MAPPED",
        f"SKU {line.sku} is not in the catalogue",
        "import it from a supplier or correct the SKU in the store, then retry",
    )


def _problem(line: OrderLine, code: str, message: str, fix: str) -> Reason:
    return Reason(code=code, message=message, fix=fix, field="lines.sku", line_id=line.line_id)
