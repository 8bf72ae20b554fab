"""Why a price is what it is, and what an order leaves: every term, with the rule that it comes from (R40, promise P13). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.config_values import UNCONFIRMED
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.fx import RateUnknown
from orderwright.domain.landed_cost import rule_for
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import FINAL_ORDER_STATES, Reason
from orderwright.domain.pricing import Offered, Shop, find_rule, minimum_of, sale_to
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.routing.lines import Routing
from orderwright.domain.timing import Timing
from orderwright.records import OrderFile, SkuFile
from orderwright.usecases.intake import stock
from orderwright.usecases.intake.plan import planned
from orderwright.usecases.intake.work import Setting, Work
from orderwright.usecases.listing.bundles import BundleOffer
from orderwright.usecases.listing.offered import offered_by
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.placing import true_money

NOT_COUNTED = "goods and freight only: the floor does not know the tax in the price, nor duty and fees"


class SaleExplained(NamedTuple):
    """One piece from one supplier, sold in one store to one destination at `price`; or the problem why that is not known."""

    store: str
    supplier: str
    destination: str
    price: Money | None
    floor: Money | None = None
    reckoning: Reckoning | None = None
    problem: Reason | None = None


class PurchaseExplained(NamedTuple):
    """One purchase order: as it was reckoned when it was bought or stopped, and as it would be now."""

    purchase_order: PurchaseOrder
    then: Reckoning | None
    now: Reckoning | None
    problem: Reason | None = None


def explain_price(
    file: SkuFile, config: Config, now: datetime, stores: Sequence[str], to: str = ""
) -> list[SaleExplained]:
    """For each store and offer, to the destination `to` or all that the store sells to. Raises Refused without any rule."""
    if not config.rules.know_true_cost:
        raise Refused(
            "NO_MONEY_RULES",
            f"there are no rules of destinations or fees; {NOT_COUNTED}",
            "add rules.destinations and rules.fees to orderwright.yaml; `orderwright catalogue show` explains the price",
        )
    found = []
    for store in stores:
        settings = config.connections.get(store)
        if isinstance(settings, StoreSettings):
            shop = Shop(store, settings.currency, (to,) if to else config.sell_to(settings))
            found += [
                _sale(file, supplier, offered, destination, shop, config, now.date())
                for supplier, offered in _offered(file, config, shop, now)
                for destination in shop.sell_to
            ]
    return found


def _offered(file: SkuFile, config: Config, shop: Shop, now: datetime) -> list[tuple[str, Offered]]:
    """Each supplier's offer; of a bundle the best offers of all components together."""
    if file.sku in config.rules.bundles:
        bundle = BundleOffer(file, config, shop, now)
        return [(bundle.who, bundle.offered({}))] if bundle.missing is None else []
    offers = ((supplier, held.model) for supplier, held in sorted(file.offers.items()))
    return [(supplier, offered_by(offer, file, config, now)) for supplier, offer in offers if not offer.retired]


def _sale(
    file: SkuFile,
    supplier: str,
    offered: Offered,
    destination: str,
    shop: Shop,
    config: Config,
    today: date,
    price: Money | None = None,
) -> SaleExplained:
    """At `price`, or the one that is shown."""
    listing = file.listings[shop.store].model if shop.store in file.listings else None
    if price is None and listing is not None:
        price = listing.published_price or listing.desired_price
    rule = find_rule(config.rules, file.sku, file.record.model.category if file.record else "", shop)
    try:
        sale = sale_to(destination, offered, config.rules, shop, file.sku, today)
        floor = sale.lowest(minimum_of(rule, config.limits, config.rules, shop.currency, today)) if rule else None
        at = price or floor
        # Of several ways to pay, the one that leaves least.
        worst = min(sale.at(at), key=lambda one: one.margin.minor) if at else None
    except (NotKnown, RateUnknown) as unknown:
        return SaleExplained(shop.store, supplier, destination, price, problem=unknown.reason)
    return SaleExplained(shop.store, supplier, destination, at, floor, worst)


def explain_margin(file: OrderFile, config: Config, today: date) -> list[PurchaseExplained]:
    """Each purchase order that was bought, or waits to be."""
    assert file.record is not None
    found = []
    for _, held in sorted(file.purchase_orders.items()):
        po = held.model
        if po.state is PurchaseOrderState.CANCELLED:
            continue
        now, problem = None, None
        try:
            if file.details is not None:
                sold = true_money.sold_as_held(file.record.model.connection, file.details.model)
                now = true_money.reckoning_of(po, sold, config, today)
        except (NotKnown, RateUnknown) as unknown:
            problem = unknown.reason
        found.append(PurchaseExplained(po, po.reckoning, now, problem))
    return found


class Expected(NamedTuple):
    """What an order would leave at one supplier, if it were bought now; or the problem why that is not known."""

    supplier: str
    reckoning: Reckoning | None
    problem: Reason | None = None


def explain_expected(
    file: OrderFile, skus: Mapping[str, SkuFile], config: Config, timing: Timing, now: datetime
) -> list[Expected]:
    """An order of which something is still to be bought, with the offers and planned freight of now."""
    if file.record is None or file.details is None or file.record.model.state in FINAL_ORDER_STATES:
        return []
    orders = {sk: held.model for sk, held in file.purchase_orders.items()}
    work = Work(file.pk, file.record.model, file.details.model, orders)
    setting = Setting(config, timing, now, "", "", skus=skus)
    offers = {sku: [held.model for held in found.offers.values()] for sku, found in skus.items() if found.offers}
    return expected_at(work, stock.routing_of(work, offers, setting), setting)


def expected_at(work: Work, routing: Routing, setting: Setting) -> list[Expected]:
    """What each purchase order of a routing would leave."""
    goods = {sku: found.record.model for sku, found in setting.skus.items() if found.record}
    sold = true_money.sold_as_held(work.record.connection, work.details)
    found = []
    for po in planned(work, routing, goods, setting):
        try:
            found.append(Expected(po.supplier, true_money.reckoning_of(po, sold, setting.config, setting.now.date())))
        except (NotKnown, RateUnknown) as unknown:
            found.append(Expected(po.supplier, None, unknown.reason))
    return found


def pending_sale(file: SkuFile, listing: Listing, config: Config, now: datetime) -> SaleExplained | None:
    """The sale at the price that waits for approval, to the destination where it leaves least; None without money rules."""
    settings = config.connections.get(listing.store)
    if not config.rules.know_true_cost or not isinstance(settings, StoreSettings):
        return None
    shop = Shop(listing.store, settings.currency, config.sell_to(settings))
    sales = [
        _sale(file, supplier, offered, destination, shop, config, now.date(), listing.pending_price)
        for supplier, offered in _offered(file, config, shop, now)
        for destination in shop.sell_to
    ]
    known = [sale for sale in sales if sale.reckoning is not None]
    return min(known, key=lambda sale: sale.reckoning.margin.minor if sale.reckoning else 0, default=None)


def not_counted(config: Config, today: date) -> list[str]:
    """What the money rules leave out, in words for who has just applied them; empty when all is said."""
    rules = config.rules
    if not rules.know_true_cost:
        return [f"{NOT_COUNTED}; orders are held against the store's net figures anyway"]
    found = [] if rules.fees else ["there are no rules.fees: every order waits (FEE_MISSING)"]
    for store, settings in config.stores.items():
        for destination in config.sell_to(settings):
            for supplier in config.suppliers.values():
                try:
                    rule_for(rules, store, destination, supplier.from_country, today)
                except NotKnown as unknown:
                    found.append(
                        f"{config.name_of(store)}, {destination}: {unknown.reason.message} ({unknown.reason.code})"
                    )
    found += [
        f"the fee of {name} is not confirmed (RULE_UNCONFIRMED)"
        for name, fee in rules.fees.items()
        if fee.confirmed_by.strip().lower() in UNCONFIRMED - {""}
    ]
    return list(dict.fromkeys(found))
