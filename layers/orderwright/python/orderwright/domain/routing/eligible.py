"""Which offers may ship a line at all. Each that may not has a code and words (docs/reasons.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orderwright.domain.catalogue import Offer, has_battery
from orderwright.domain.order import OrderLine, Reason
from orderwright.domain.routing.case import Case
from orderwright.domain.routing_rules import allowed_suppliers
from orderwright.domain.territories import destination_name, lies_in


class Barred(NamedTuple):
    """Why an offer is left out. `stage`: how far it came; where all are left out, one that came furthest tells the reason."""

    stage: int
    reason: Reason


def barred(line: OrderLine, offer: Offer, case: Case) -> Barred | None:
    """Why this offer may not ship the line; None where it may. Its stock is not looked at."""
    if offer.retired:
        return Barred(0, _problem(line, "SKU_RETIRED", "its offer is retired", "map another offer, or refund the line"))
    gone = case.refused(line, offer) or case.unknown(offer)
    if gone is not None:
        return Barred(1, gone)
    if not offer.cost.is_positive or offer.freight.exact < 0:
        return Barred(
            2,
            _problem(
                line,
                "COST_MISSING",
                "it has no cost above zero",
                "have the supplier's cost corrected, or wait for its next report",
            ),
        )
    by_rule = _by_rule(line, offer, case)
    return Barred(3, by_rule) if by_rule else None


def _by_rule(line: OrderLine, offer: Offer, case: Case) -> Reason | None:
    only = allowed_suppliers(case.rules.routing, offer.sku)
    if only and offer.supplier not in only:
        fix = f"add it to rules.routing.skus.{offer.sku}.suppliers, or wait for one of those"
        return _problem(line, "NOT_BY_RULE", "only other suppliers may ship it, by rules.routing.skus", fix)
    settings = case.suppliers.get(offer.supplier)
    if settings is None:
        return None
    if case.wholesale and not settings.wholesale:
        fix = "have a supplier with wholesale offer it, or correct needs_wholesale or wholesale in orderwright.yaml"
        return _problem(line, "RETAIL_SUPPLIER", "it sells at retail, and the store needs wholesale", fix)
    where = destination_name(case.destination)
    if case.destination and settings.ships_to and not lies_in(case.destination, settings.ships_to):
        fix = "have a supplier offer it that ships there, or correct ships_to in orderwright.yaml"
        return _problem(line, "NOT_SHIPPED_THERE", f"it does not ship to {where}", fix)
    batteries = settings.batteries_to
    sends = batteries is None or not case.destination or lies_in(case.destination, batteries)
    if not sends and has_battery(case.goods.get(offer.sku)):
        fix = "have a supplier offer it that sends batteries there, or correct batteries_to in orderwright.yaml"
        return _problem(line, "BATTERY_NOT_SENT", f"it sends no goods with a battery to {where}", fix)
    return None


def nobody(line: OrderLine, found: Sequence[tuple[Offer, Barred]], case: Case) -> Reason:
    """Why none of the offers may ship the line. There is at least one."""
    furthest = max(why.stage for _, why in found)
    reason = next(why.reason for _, why in found if why.stage == furthest)
    if furthest == 0:
        return _problem(line, reason.code, f"every offer of SKU {line.sku} is retired", reason.fix)
    if furthest == 2:
        return _problem(line, reason.code, f"no offer of SKU {line.sku} has a cost above zero", reason.fix)
    if furthest == 3:
        each = "; ".join(f"{case.name_of(offer.supplier)}: {why.reason.message}" for offer, why in found)
        return _problem(line, reason.code, f"no supplier may ship SKU {line.sku}: {each}"[:400], reason.fix)
    return reason


def not_mapped(line: OrderLine) -> Reason:
    """Nothing is known of its SKU."""
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


def no_offer(line: OrderLine) -> Reason:
    """It is known, and nobody sells it."""
    return _problem(line, "NO_OFFER", f"no supplier offers SKU {line.sku}", "import or map an offer for it")


def out_of_stock(line: OrderLine, pieces: int, most: int, *, together: bool) -> Reason:
    """So many pieces cannot be had: no supplier (or, where a line may be split, all `together`) has more than `most` left."""
    who = "all suppliers together have no" if together else "no supplier has"
    return _problem(
        line,
        "OUT_OF_STOCK",
        f"{pieces} pieces of SKU {line.sku} were sold; {who} more than {most} left",
        "wait for stock and retry, map another supplier, or refund the line",
    )


def _problem(line: OrderLine, code: str, message: str, fix: str) -> Reason:
    return Reason(code=code, message=message, fix=fix, field="lines.sku", line_id=line.line_id)
