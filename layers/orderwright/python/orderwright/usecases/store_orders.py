"""The one way to read an order from its store: a line of bundles is one line a component from here on (R3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from orderwright.domain.bundle_lines import Part, known_recipes, recipe_of, take_apart
from orderwright.domain.order import OrderLine, StoreOrder
from orderwright.domain.rules import Rules
from orderwright.ports.store import StoreOrders
from orderwright.records import OrderFile, SkuFile
from orderwright.storage import Storage


def read_order(store: StoreOrders, order_id: str, file: OrderFile) -> StoreOrder:
    """As it is now. What is known of it is taken apart as when it was first seen, whatever rules.bundles says by now.

    Raises as StoreOrders.fetch_order.
    """
    lines = file.details.model.lines if file.details else ()
    return take_apart(store.fetch_order(order_id), known_recipes(lines))


def with_new_bundles(
    order: StoreOrder, file: OrderFile, files: dict[str, SkuFile], storage: Storage, rules: Rules, today: date
) -> tuple[StoreOrder, dict[str, SkuFile]]:
    """Lines of bundles that are new are taken apart by the rules and costs of now; gives the SKUs of the components as well."""
    if not rules.bundles:
        return order, files
    known = _in_work(file)
    new = {
        line.line_id: line
        for line in order.lines
        if line.sku in rules.bundles and not (line.of_line or line.gift_card or line.line_id in known)
    }
    if not new:
        return order, files
    skus = {sku for line in new.values() for sku in rules.bundles[line.sku].of}
    files = {**files, **storage.load_skus(sorted(skus - files.keys()))}
    return take_apart(order, {name: new_recipe(line, files, rules, today) for name, line in new.items()}), files


def new_recipe(line: OrderLine, files: Mapping[str, SkuFile], rules: Rules, today: date) -> list[Part]:
    """Of a line of bundles, by the rules and costs of now. `files` holds the components."""
    from orderwright.usecases.listing.bundles import weights

    bundle = rules.bundles[line.sku]
    titles = {sku: held.record.model.title for sku, held in files.items() if held.record}
    return recipe_of(line, bundle, titles, weights(bundle, files, rules, today))


def _in_work(file: OrderFile) -> set[str]:
    """Lines that are reserved, bought or sent as they are: a rule that comes later does not take them apart."""
    used = {line.line_id for po in file.purchase_orders.values() for line in po.model.lines}
    used |= {line.line_id for parcel in file.shipments.values() for line in parcel.model.lines}
    used |= {line.line_id for made in file.fulfillments.values() for line in made.model.lines}
    return used | ({held.line_id for held in file.record.model.reserved.values()} if file.record else set())
