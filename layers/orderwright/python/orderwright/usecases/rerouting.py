"""Who has refused which line of an order, and whether anybody else sells it: a refused line goes to the next supplier (R12, R18).

It is derived from the order's own purchase orders, so that nothing else has to be kept; an operator's retry forgets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.order import Address, OrderLine, Reason
from orderwright.domain.purchase_order import REFUSED, PurchaseOrder
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.source_gone import source_gone
from orderwright.records import OrderFile, offer_key
from orderwright.storage import Storage
from orderwright.usecases.intake.needs import delivers_to

REFUSED_BY_SUPPLIER = "REFUSED_BY_SUPPLIER"


def usable(offer: Offer, config: Config) -> bool:
    """Can it be bought at all, whatever its stock is?"""
    return not offer.retired and offer.cost.is_positive and source_gone(offer, config) is None


def refused_by(orders: Iterable[PurchaseOrder]) -> dict[tuple[str, str], str]:
    """(Line id, supplier) -> why it will not ship that line of this order."""
    found: dict[tuple[str, str], str] = {}
    for po in orders:
        if po.cancel_outcome == REFUSED:
            why = po.reasons[0].message if po.reasons else ""
            found |= {(line.line_id, po.supplier): why for line in po.lines}
        found |= {(line.line_id, po.supplier): line.why for line in po.answers.refused}
    return found


def refusal_of(line: OrderLine, offer: Offer, refused: Mapping[tuple[str, str], str], config: Config) -> Reason | None:
    """Why this supplier is not asked for this line again; None where it may be."""
    why = refused.get((line.line_id, offer.supplier))
    if why is None:
        return None
    said = f": {why}" if why else ""
    return Reason(
        code=REFUSED_BY_SUPPLIER,
        field="lines.sku",
        line_id=line.line_id,
        message=f"{config.name_of(offer.supplier)} refused SKU {offer.sku} in this order{said}"[:300],
        fix="import another supplier's offer of it, refund the line, or retry: then the supplier is asked again",
    )


def sold_elsewhere(
    lines: Iterable[PurchaseOrderLine], but: str, file: OrderFile, storage: Storage, config: Config
) -> bool:
    """Does for each of these lines another supplier than `but` have an offer, deliver there, and has not refused it?"""
    refused = refused_by(held.model for held in file.purchase_orders.values())
    where = file.details.model.destination if file.details else None
    suppliers = [name for name in config.suppliers if name != but]
    pairs = {(line.sku, name) for line, name in product(lines, suppliers) if (line.line_id, name) not in refused}
    sold = {pair for pair in pairs if _sold(*pair, where, storage, config)}
    return all(
        any((line.sku, name) in sold and (line.line_id, name) not in refused for name in suppliers) for line in lines
    )


def _sold(sku: str, supplier: str, where: Address | None, storage: Storage, config: Config) -> bool:
    held = storage.get(offer_key(sku, supplier), Offer)
    if held is None or not usable(held.model, config):
        return False
    return where is None or delivers_to(supplier, where, config)
