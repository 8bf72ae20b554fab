"""What a store should show of a SKU: price and quantity from offers and rules (R26), pure. Promises P3 and P4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from orderwright.domain.catalogue import Offer, SkuState
from orderwright.domain.compare_at import compare_at, sells_to_the_eu, with_shown
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.pricing import PriceDecision, Shop, find_rule, guard, price_for, step_allowed
from orderwright.domain.routing import comparable_cost
from orderwright.domain.rules import PriceRule, Rules
from orderwright.domain.sources import source_gone
from orderwright.records import SkuFile
from orderwright.usecases.listing.offered import offered_by
from orderwright.usecases.listing.records import NOT_MAPPED, RETIRED

_REJECTED = "correct the cost, or change the rule, so that another price comes out"
STEP, REJECTED_STEP = "PRICE_STEP", "PRICE_REJECTED"


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
        return _off_sale(listing, NOT_MAPPED)
    active = [held.model for held in file.offers.values() if not held.model.retired]
    retired = file.record is not None and file.record.model.state is SkuState.RETIRED
    if not active or retired:
        return _off_sale(listing, RETIRED)
    unknown = {offer.supplier: source_gone(offer, config) for offer in active}
    active, gone = [offer for offer in active if unknown[offer.supplier] is None], [*filter(None, unknown.values())]
    if not active:
        return _off_sale(listing, gone[0])
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
        off = _off_sale(listing, problem)
        return off.model_copy(
            update={"floor": decision.floor, "ceiling": decision.ceiling, "why": _why(best, decision)}
        )
    priced_listing = _with_price(listing, decision.price, best, decision, rules)
    rule = find_rule(rules, file.sku, category, listing.store)
    compared = _with_compare_at(priced_listing, rule, decision.ceiling, shop, now)
    return _with_quantity(compared, usable, priced, decision)


def _off_sale(listing: Listing, reason: Reason) -> Listing:
    """Not sold, and in front of the operator. The price that the store shows stays: a sold-out article sells at none."""
    return listing.model_copy(
        update={
            "on_sale": False,
            "desired_quantity": 0,
            "reasons": (reason,),
            "pending_price": None,
            "why": reason.message[:300],
        }
    )


def _why(offer: Offer, decision: PriceDecision) -> str:
    return f"{offer.supplier}: {'; '.join(decision.steps)}"[:600]


def _with_price(listing: Listing, price: Money, offer: Offer, decision: PriceDecision, rules: Rules) -> Listing:
    """The new price, or the one shown until somebody approves so large a step (promise P4)."""
    shown = listing.published_price or listing.desired_price
    news: dict[str, object] = {
        "on_sale": True,
        "floor": decision.floor,
        "ceiling": decision.ceiling,
        "why": _why(offer, decision),
        "approved_price": None if listing.approved_price == listing.published_price else listing.approved_price,
    }
    if price in (shown, listing.approved_price) or step_allowed(shown, price, rules.price_step_percent):
        return listing.model_copy(update={**news, "desired_price": price, "pending_price": None, "reasons": ()})
    rejected = listing.pending_price == price and any(known.code == REJECTED_STEP for known in listing.reasons)
    reason = rejected_step(price, shown) if rejected else _step(price, shown, rules)
    return listing.model_copy(update={**news, "desired_price": shown, "pending_price": price, "reasons": (reason,)})


def _with_compare_at(
    listing: Listing, rule: PriceRule | None, msrp: Money | None, shop: Shop, now: datetime
) -> Listing:
    """What stands struck through beside the price. Where a rule begins to ask for it, the store is looked at once."""
    price = listing.desired_price
    assert price is not None
    history, news = listing.price_history, dict[str, object]()
    if rule is not None and rule.compare_at is not None and not listing.compare_at_note:
        history = history or with_shown((), listing.published_price, now)
        news = {"price_history": history, "checked_at": None}
    found = compare_at(price, rule, msrp, history, in_eu=sells_to_the_eu(shop.sell_to), now=now)
    return listing.model_copy(update={**news, "desired_compare_at": found.price, "compare_at_note": found.note})


def _with_quantity(
    listing: Listing, offers: Sequence[Offer], priced: dict[str, PriceDecision], decision: PriceDecision
) -> Listing:
    """The most that one offer can ship: a line is never split over suppliers, so their sum could not be delivered.

    An offer whose own floor is above the price does not count: selling from it would be at a loss.
    """
    price = listing.desired_price
    assert price is not None
    assert decision.floor is not None
    if not guard(price, decision.floor, decision.ceiling):
        # Promise P4: the price shown may not be kept, and the new one is not approved. Nothing is sold until then.
        reason = Reason(
            code="PRICE_OUT_OF_BOUNDS",
            message=f"the price shown, {price}, is {_beyond(price, decision)}; nothing is sold at it",
            fix=_REJECTED
            if any(why.code == REJECTED_STEP for why in listing.reasons)
            else "approve or reject the price that waits, or change the rules",
            field="listing.price",
        )
        return listing.model_copy(
            update={"on_sale": False, "desired_quantity": 0, "reasons": (*listing.reasons, reason)}
        )
    quantity = max((offer.sellable for offer in offers if _covers(priced[offer.supplier], price)), default=0)
    return listing.model_copy(update={"desired_quantity": max(0, quantity)})


def _beyond(price: Money, decision: PriceDecision) -> str:
    floor = decision.floor
    if floor is not None and price.currency != floor.currency:
        return f"in another currency than the floor, {floor}"
    if floor is not None and price < floor:
        return f"below the floor, {floor}"
    return f"above the ceiling, {decision.ceiling}"


def _covers(decision: PriceDecision, price: Money) -> bool:
    return decision.floor is not None and decision.floor.currency == price.currency and decision.floor <= price


def _step(price: Money, shown: Money | None, rules: Rules) -> Reason:
    return Reason(
        code=STEP,
        message=f"the rules ask for {price} instead of {shown}: more than {rules.price_step_percent} percent at once",
        fix="approve or reject it; until then the price shown stays",
        field="rules.price_step_percent",
    )


def rejected_step(price: Money, shown: Money | None) -> Reason:
    """The operator said no to this price: it is not asked for again."""
    return Reason(
        code=REJECTED_STEP,
        message=f"{price} was rejected; {shown} stays until the rules ask for another price",
        fix="correct the cost or the rule that asks for it",
        field="listing.price",
    )
