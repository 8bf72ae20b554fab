"""What a store should show of a SKU: price and quantity from offers and rules (R26), pure. Promises P3 and P4."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.catalogue import SkuState
from orderwright.domain.compare_at import compare_at, compare_at_in_campaign, sells_to_the_eu
from orderwright.domain.config import Config
from orderwright.domain.listing import NOT_MAPPED, RETIRED, Listing
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.pricing import Offered, PriceDecision, Shop, find_rule, price_for
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.serving import not_for_sale
from orderwright.records import SkuFile
from orderwright.usecases.listing.bundles import BundleOffer, most_of
from orderwright.usecases.listing.offered import announced_for, choose_offer, offered_by, units_for_sale


class Made(NamedTuple):
    """How a price is made: who supplies, at what cost, what came out, and how many are for sale at a price."""

    who: str
    offered: Callable[[], Offered]
    signals: Signals
    decision: PriceDecision
    most: Callable[[Money], int]


def decide(file: SkuFile, listing: Listing, config: Config, now: datetime) -> Listing:
    """The listing as it should be. The part that says what is published is left as it is."""
    found = made(file, listing, config, now)
    if isinstance(found, Reason):
        return listing.taken_off_sale(found)
    return _decided(file, listing, config, now, found.decision, found.who, found.most)


def made(file: SkuFile, listing: Listing, config: Config, now: datetime) -> Made | Reason:
    """How its price is made; or why it is not even asked for."""
    if file.sku in config.rules.bundles:
        return _made_bundle(file, listing, config, now)
    if not file.offers:
        # A bundle that is no more in the rules goes off sale.
        return RETIRED if file.record is not None and file.record.model.of else NOT_MAPPED
    active = [held.model for held in file.offers.values() if not held.model.retired]
    retired = file.record is not None and file.record.model.state is SkuState.RETIRED
    if not active or retired:
        return RETIRED
    unknown = {offer.supplier: not_for_sale(offer, listing.store, config) for offer in active}
    active, gone = [offer for offer in active if unknown[offer.supplier] is None], [*filter(None, unknown.values())]
    if not active:
        return gone[0]
    rules, today = config.rules, now.date()
    store = config.stores[listing.store]
    shop = Shop(listing.store, store.currency, config.sell_to(store))
    category = file.record.model.category if file.record else ""
    signals = signals_of(file, listing, config, now, sum(max(0, offer.sellable) for offer in active))
    priced = {
        offer.supplier: price_for(
            offered_by(offer, file, config, now), rules, config.limits, shop,
            sku=file.sku, category=category, today=today, signals=signals,
        )
        for offer in active
    }  # fmt: skip
    usable = [offer for offer in active if priced[offer.supplier].price is not None]
    best = choose_offer(usable or active, rules, today)

    def most(price: Money) -> int:
        # An offer whose own floor is above the price does not count: selling from it would be at a loss.
        return units_for_sale((one for one in usable if _covers(priced[one.supplier], price)), rules, file.sku)

    decision = priced[best.supplier].by_then(announced_for(active, config, now))
    return Made(best.supplier, lambda: offered_by(best, file, config, now), signals, decision, most)


def signals_of(file: SkuFile, listing: Listing, config: Config, now: datetime, stock: int) -> Signals:
    """All that its price in this store follows beside cost. `stock`: pieces of all offers."""
    if listing.campaign is not None:
        from orderwright.domain.repricing.campaigns import as_of, spans_of

        currency, category = config.stores[listing.store].currency, file.record.model.category if file.record else ""
        spans = spans_of(config.rules, file.sku, category, listing.store, currency, config.merchant.time_zone)
        listing = listing.in_campaign(as_of(listing.campaign, spans, now))
    return Signals(
        now=now,
        competitors=[held.model for feed, held in file.competitors.items() if feed in config.connections],
        heard=config.heard,
        demand=file.demand.model if file.demand else None,
        stock=stock,
        shown=listing.price_history,
        listed_at=listing.listed_at,
        price_now=listing.price_before_campaign or listing.published_price or listing.desired_price,
        zone=config.merchant.time_zone,
        campaign=listing.campaign,
    )


def _decided(
    file: SkuFile,
    listing: Listing,
    config: Config,
    now: datetime,
    decision: PriceDecision,
    who: str,
    most: Callable[[Money], int],
) -> Listing:
    """`most`: how many are for sale at a price."""
    rules, store = config.rules, config.stores[listing.store]
    category = file.record.model.category if file.record else ""
    why = f"{who}: {'; '.join(decision.steps)}"
    if decision.price is None or decision.floor is None:
        problem = decision.problem or Reason(code="NO_PRICE", message="the rules give no price for this SKU")
        return listing.taken_off_sale(problem).bounded(decision.floor, decision.ceiling, why)
    start = decision.campaign
    bounded = listing.bounded(decision.floor, decision.ceiling, why).in_campaign(start)
    sold = bounded.priced(decision.price, rules.price_step_percent).told(decision.notes, decision.review_at, now)
    rule = find_rule(rules, file.sku, category, Shop(listing.store, store.currency))
    struck = start is not None and not start.over and rules.campaigns[start.name].compare_at
    if struck or (rule is not None and rule.compare_at is not None):
        sold = sold.comparison_begun(now)
    price = sold.desired_price
    assert price is not None
    in_eu = sells_to_the_eu(config.sell_to(store))
    if start is not None and struck:
        shown = compare_at_in_campaign(price, start, in_eu=in_eu)
    else:
        shown = compare_at(price, rule, decision.ceiling, sold.price_history, in_eu=in_eu, now=now)
    compared = sold.compared(*shown)
    return compared.stocked(most(price))


def _made_bundle(file: SkuFile, listing: Listing, config: Config, now: datetime) -> Made | Reason:
    store = config.stores[listing.store]
    found = BundleOffer(file, config, Shop(listing.store, store.currency, config.sell_to(store)), now)
    signals = signals_of(file, listing, config, now, most_of(file, listing.store, config))
    if found.missing is None:
        found.follow(signals)
    if found.missing is not None:
        return found.missing
    offers = [offer for part in found.offers.values() for offer in part]
    decision = found.decision.by_then(announced_for(offers, config, now))
    return Made(found.who, lambda: found.offered({}), signals, decision, found.units_at)


def _covers(decision: PriceDecision, price: Money) -> bool:
    return decision.floor is not None and decision.floor.currency == price.currency and decision.floor <= price
