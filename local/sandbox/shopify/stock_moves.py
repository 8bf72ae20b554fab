"""How sales, cancellations and parcels move units between free and promised stock."""

from __future__ import annotations

from local.sandbox.kit.orders import Line
from local.sandbox.shopify.orders_state import OrderState
from local.sandbox.shopify.state import InventoryItemState, Level, Shop, VariantState


def level_at(shop: Shop, item: InventoryItemState, location: int) -> Level:
    """The item's level at this location; connects the two when they are not yet."""
    if location not in item.levels:
        item.levels[location] = Level(shop.new_id(), location)
    return item.levels[location]


def best_location(shop: Shop, variant: VariantState | None) -> int:
    """Where a sold unit is sent from: the connected place with most free units, else the shop's first connected place."""
    levels = variant.item.levels if variant else {}
    stocked = [level for level in levels.values() if level.available > 0]
    if stocked:
        return max(stocked, key=lambda level: level.available).location
    return next((number for number in shop.locations if number in levels), next(iter(shop.locations)))


def move(shop: Shop, line: Line, location: int, available: int, committed: int) -> None:
    """Change the two counters of the line's item; untracked and custom lines have none."""
    variant = shop.variant(line.variant_id)
    if variant is None or not variant.item.tracked:
        return
    level = level_at(shop, variant.item, location)
    level.available += available
    level.committed += committed


def release(shop: Shop, order: OrderState, line: Line, units: int, restock: bool) -> None:
    """Take units that were not sent off the fulfillment orders, and back into free stock where wanted."""
    for fulfillment_order in order.fulfillment_orders:
        for part in fulfillment_order.lines:
            taken = min(units, part.remaining) if part.line is line else 0
            if not taken:
                continue
            part.remaining -= taken
            part.total -= taken
            units -= taken
            move(shop, line, fulfillment_order.location, taken if restock else 0, -taken)
