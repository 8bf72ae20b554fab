"""Promises P3 and P4 at the end: reservations that add up over all orders, and a store that shows what we say it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from orderwright.domain.purchase_order import PurchaseOrderState
from orderwright.records import listing_key
from tests.simulation.judge.case import Case
from tests.simulation.judge.evidence import Book
from tests.simulation.judge.parcels import PROMPT
from tests.simulation.judge.shelf import ListingNow, Shelf
from tests.simulation.judge.tables import Tables
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

ENDED = (PurchaseOrderState.CANCELLED, PurchaseOrderState.REJECTED)
FOREIGN = {"NOT_MAPPED", "VARIANT_GONE"}


def judge_reservations(shelf: Shelf, tables: Tables) -> Iterator[str]:
    """Each open reservation belongs to an order that holds it, each that an order holds is open, and the sums are right."""
    wanted: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for pk, file in sorted(tables.files.items()):
        if file.record is None:
            continue
        orders = [stored.model for stored in file.purchase_orders.values()]
        closed = {line.reservation for po in orders if po.reservation_closed for line in po.lines}
        for name, held in file.record.model.reserved.items():
            if name not in closed:
                wanted[held.sku, held.supplier][f"{pk}|{name}"] = held.quantity
    for sku, offers in sorted(shelf.offers.items()):
        for supplier, offer in sorted(offers.items()):
            taken = shelf.reserved[sku, supplier]
            held_here = wanted.pop((sku, supplier), {})
            if taken != held_here:
                extra = sorted(taken.items() - held_here.items())
                lost = sorted(held_here.items() - taken.items())
                yield f"P3: reservations of {sku} do not add up: open without an order {extra}, held but not open {lost}"
            if offer.sellable != offer.stock - offer.buffer - offer.taken:
                yield f"P3: {sku} sellable {offer.sellable} is not {offer.stock} - {offer.buffer} - {offer.taken}"
    for (sku, supplier), held_here in sorted(wanted.items()):
        yield f"P3: {sorted(held_here)} hold {sku} of {supplier}, which offers none"


def judge_holdings(case: Case) -> Iterator[str]:
    """One order: what is being bought is reserved, and nothing stays reserved for nothing."""
    record = case.record
    if record is None:
        return
    if record.giving_back or record.reserving:
        yield f"P3: {record.name} was reserved or given back in part only"
    for po in case.orders:
        if po.state in ENDED or po.reservation_closed:
            continue
        for line in po.lines:
            if line.reservation not in record.reserved:
                yield f"P3: {line.sku} of {po.reference} ({po.state.value}) has no reservation"
    if record.cancel_outcome == "NOTHING_ORDERED" and record.reserved:
        yield f"P3: nothing was ordered for {record.name}, and stock stays reserved"


def judge_store(sim: Sim, shelf: Shelf, book: Book, tables: Tables) -> Iterator[str]:
    """The store's own prices and quantities, where nothing is on its way to mend them."""
    variants = sim.front.shown(sim.store)
    for sku, listing in sorted(shelf.listings.items()):
        variant = variants.get(sku)
        key = listing_key(sku, STORE)
        if variant is None or (key.pk, key.sk) in tables.due or sku in sim.memory.get("changed_by_hand", ()):
            continue
        yield from _off_sale(sim, sku, variant.available)
        said = sim.supplier.inventory[sku].stock
        if sim.memory.get("second_feed_gone") and variant.available > said:
            yield f"P3: the store shows {variant.available} of {sku} by a feed that is gone; the one that is left says {said}"
        shown, ours = variant.price, listing.price("published_price")
        if ours is not None and Decimal(ours) / 100 != shown:
            yield f"P4: the store shows {sku} at {shown}, our side says {Decimal(ours) / 100}, and nothing mends it"
        struck, listed = variant.compare_at, listing.price("published_compare_at")
        if listing.body.get("compare_at_note") and struck != (None if listed is None else Decimal(listed) / 100):
            yield f"P4: the store strikes {struck} through for {sku}, our side says {listed} cents, and nothing mends it"
        if _wants_more(listing):
            yield f"P11: the listing of {sku} is not as it should be, and nothing will wake it"
        offers = tuple(offer for _, offer in sorted(shelf.offers.get(sku, {}).items()))
        if variant.available <= 0 or not offers:
            continue
        configs = book.in_force(sim.clock.at - timedelta(days=1))
        allowed = [one for config in configs for one in shelf.allowed(sku, offers, config, sim.clock.at)]
        if not any(one.hold(shown) for one in allowed):
            yield f"P4: {sku} is on sale at {shown}, which cost and rules do not allow"
        room = max(offer.room for offer in offers)
        if variant.available > room:
            yield f"P3: the store shows {variant.available} of {sku}, {room} can be sold, and nothing mends it"


def _off_sale(sim: Sim, sku: str, available: int) -> Iterator[str]:
    """Promise P14, by the supplier's own word against the store's shelf, where that word was not lost on its way."""
    since = sim.memory.get("off_sale", {}).get(sku)
    lost = sim.memory.get("webhooks_dropped") or sim.memory.get("webhooks_given_up")
    if since is not None and available > 0 and not lost and sim.clock.at - since > PROMPT:
        yield f"P14: the supplier sells {sku} no more since {since:%H:%M}, and the store shows {available}"


def _wants_more(listing: ListingNow) -> bool:
    """As the product itself would say that a push is needed, of a listing that is not parked."""
    body = listing.body
    if not body.get("variant_id") or body.get("reasons") or body.get("floor") is None:
        return False
    if body.get("desired_quantity", 0) != body.get("published_quantity"):
        return True
    return body.get("on_sale", True) and any(
        listing.price(f"desired_{name}") != listing.price(f"published_{name}") for name in ("price", "compare_at")
    )
