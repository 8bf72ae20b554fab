"""What a store should show of a SKU: price and quantity from offers and rules (R26), pure. Promises P3 and P4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from orderwright.domain.catalogue import Offer, SkuState
from orderwright.domain.compare_at import compare_at, sells_to_the_eu
from orderwright.domain.config import Config
from orderwright.domain.listing import NOT_MAPPED, RETIRED, Listing
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.pricing import PriceDecision, Shop, find_rule, price_for
from orderwright.domain.routing.lines import comparable_cost
from orderwright.domain.rules import Rules
from orderwright.domain.source_gone import source_gone
from orderwright.records import SkuFile
from orderwright.usecases.listing.offered import offered_by


def choose_offer(offers: Sequence[Offer], rules: Rules, today: date) -> Offer:
    """The offer that makes the price: one in stock, then rules.supplier_priority, then landed cost. Never of none."""
    places = {supplier: place for place, supplier in enumerate(rules.supplier_priority)}

    def rank(offer: Offer) -> tuple[bool, int, bool, Decimal, str]:
        landed = comparable_cost(offer, rules, today)
        place = places.get(offer.supplier, len(places))
        return offer.sellable <= 0, place, landed is None, landed or Decimal(0), offer.supplier

    return min(offers, key=rank)


def decide(file: SkuFile, listing: Listing, config: Config, now: datetime) -> Listing:
    """The listing as it should be. The part that says what is published is left as it is."""
    if not file.offers:
        return listing.taken_off_sale(NOT_MAPPED)
    active = [held.model for held in file.offers.values() if not held.model.retired]
    retired = file.record is not None and file.record.model.state is SkuState.RETIRED
    if not active or retired:
        return listing.taken_off_sale(RETIRED)
    unknown = {offer.supplier: source_gone(offer, config) for offer in active}
    active, gone = [offer for offer in active if unknown[offer.supplier] is None], [*filter(None, unknown.values())]
    if not active:
        return listing.taken_off_sale(gone[0])
    rules, today = config.rules, now.date()
    store = config.stores[listing.store]
    shop = Shop(listing.store, store.currency, config.sell_to(store))
    category = file.record.model.category if file.record else ""
    priced = {
        offer.supplier: price_for(
            offered_by(offer, file, config, today), rules, config.limits, shop,
            sku=file.sku, category=category, today=today,
        )
        for offer in active
    }  # fmt: skip
    usable = [offer for offer in active if priced[offer.supplier].price is not None]
    best = choose_offer(usable or active, rules, today)
    decision = priced[best.supplier]
    if decision.price is None or decision.floor is None:
        problem = decision.problem or Reason(code="NO_PRICE", message="the rules give no price for this SKU")
        return listing.taken_off_sale(problem).bounded(decision.floor, decision.ceiling, _why(best, decision))
    bounded = listing.bounded(decision.floor, decision.ceiling, _why(best, decision))
    sold = bounded.priced(decision.price, rules.price_step_percent)
    rule = find_rule(rules, file.sku, category, listing.store)
    if rule is not None and rule.compare_at is not None:
        sold = sold.comparison_begun(now)
    price = sold.desired_price
    assert price is not None
    in_eu = sells_to_the_eu(shop.sell_to)
    compared = sold.compared(*compare_at(price, rule, decision.ceiling, sold.price_history, in_eu=in_eu, now=now))
    # The most that one offer can ship: a line is never split over suppliers, so their sum could not be delivered. An offer
    # whose own floor is above the price does not count: selling from it would be at a loss.
    most = max((offer.sellable for offer in usable if _covers(priced[offer.supplier], price)), default=0)
    return compared.stocked(most)


def _why(offer: Offer, decision: PriceDecision) -> str:
    return f"{offer.supplier}: {'; '.join(decision.steps)}"


def _covers(decision: PriceDecision, price: Money) -> bool:
    return decision.floor is not None and decision.floor.currency == price.currency and decision.floor <= price
