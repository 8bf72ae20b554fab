"""Who would ship what: of an order as it stands, or of a basket that nobody has bought yet. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from orderwright.domain.bundle_lines import components
from orderwright.domain.money import Money
from orderwright.domain.order import FINAL_ORDER_STATES, OrderDetails, OrderLine
from orderwright.domain.routing.choosing import route
from orderwright.domain.routing.lines import Routing
from orderwright.records import OrderFile, SkuFile
from orderwright.usecases.intake import needs, stock
from orderwright.usecases.intake.work import Setting, Work
from orderwright.usecases.operator.explaining import Expected, expected_at
from orderwright.usecases.store_orders import new_recipe


class Preview(NamedTuple):
    """What would be chosen, for these lines. `expected`: what each purchase order would leave; none of a basket."""

    lines: tuple[OrderLine, ...]
    routing: Routing
    expected: tuple[Expected, ...] = ()


def preview_order(file: OrderFile, setting: Setting) -> Preview:
    """Of what is still to be bought of an order. `setting.skus` holds its goods."""
    assert file.record is not None
    assert file.details is not None
    if file.record.model.state in FINAL_ORDER_STATES:
        return Preview((), Routing({}, (), ()))
    orders = {sk: held.model for sk, held in file.purchase_orders.items()}
    work = Work(file.pk, file.record.model, file.details.model, orders)
    lines, offers = needs.lines_needed(work.details.lines, list(orders.values())), offers_of(setting.skus)
    routing = stock.routing_of(work, offers, setting)
    return Preview(lines, routing, tuple(expected_at(work, routing, setting)))


def preview_basket(pieces: Mapping[str, int], store: str, destination: str, setting: Setting) -> Preview:
    """Of so many pieces by SKU, sold in `store` at the prices that it shows, to a country or a territory.

    Of a bundle its components are asked for, as of an order; `setting.skus` holds them as well.
    """
    whole = [_line(sku, many, store, setting) for sku, many in pieces.items()]
    rules, today = setting.config.rules, setting.now.date()
    recipes = {one.sku: new_recipe(one, setting.skus, rules, today) for one in whole if one.sku in rules.bundles}
    lines = tuple(part for one in whole for part in components(one, recipes.get(one.sku)))
    case = stock.bare_case(store, OrderDetails(lines=lines), setting)._replace(destination=destination)
    return Preview(lines, route(lines, offers_of(setting.skus), case))


def offers_of(skus: Mapping[str, SkuFile]) -> stock.Offers:
    """By SKU; one that nobody offers is not there, as when an order is taken in."""
    return {sku: [held.model for held in file.offers.values()] for sku, file in skus.items() if file.offers}


def _line(sku: str, many: int, store: str, setting: Setting) -> OrderLine:
    file = setting.skus.get(sku)
    listing = file.listings.get(store) if file else None
    price = (listing.model.published_price or listing.model.desired_price) if listing else None
    title = file.record.model.title if file and file.record else sku
    nothing = Money.zero(setting.config.stores[store].currency)
    return OrderLine(line_id=sku, sku=sku, title=title, quantity=many, unfulfilled=many, unit_price=price or nothing)
