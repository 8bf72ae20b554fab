"""How a listing is written: its index text, its next due time derived from what it still needs, and its urgency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.domain.compare_at import AS_IS, Struck
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.pricing import guard
from orderwright.domain.sku_matching import UNCLEAR
from orderwright.domain.time_line import LogEntry
from orderwright.domain.timing import Timing
from orderwright.records import listing_key
from orderwright.storage import Due, Fact, Put

NOT_MAPPED = Reason(
    code="NOT_MAPPED",
    message="the store sells this SKU, and no supplier offers it here",
    fix="import it from a supplier or correct the SKU in the store; until then it is never pushed",
    field="sku",
)
RETIRED = Reason(
    code="SKU_RETIRED",
    message="no supplier offers this SKU any more",
    fix="map another offer, or take the article out of the store",
)
GONE = Reason(
    code="VARIANT_GONE",
    message="the store has no such variant any more",
    fix="put the article back, or import the store's catalogue again",
)
# A listing changes often: a longer log would multiply the cost of each write.
LOG_LINES = 6
# A push or a publication whose message was lost is found by the sweep after this; its own message is there within seconds.
LOST_AFTER = timedelta(minutes=2)


def logged(log: tuple[LogEntry, ...], *entries: LogEntry) -> tuple[LogEntry, ...]:
    """A bounded log: the newest lines."""
    return (*log, *entries)[-LOG_LINES:]


def has_code(listing: Listing, code: str) -> bool:
    """Whether this is among the reasons."""
    return any(reason.code == code for reason in listing.reasons)


def is_pushable(listing: Listing) -> bool:
    """There is a variant, and we decided about it: a SKU of the store's own is left alone."""
    decided = listing.floor is not None or bool(listing.reasons)
    foreign = any(reason.code in (NOT_MAPPED.code, GONE.code, UNCLEAR) for reason in listing.reasons)
    return bool(listing.variant_id) and decided and not foreign


def awaits_publication(listing: Listing) -> bool:
    """To be put on sale for the first time, or a retired one to be taken off (R4)."""
    if has_code(listing, GONE.code):
        return False
    if has_code(listing, RETIRED.code):
        return listing.published and bool(listing.listed_id)
    return listing.on_sale and not listing.variant_id


def wanted_price(listing: Listing) -> Money | None:
    """The price to publish; None while there is none that promise P4's guard lets through."""
    if not listing.on_sale or listing.desired_price is None or listing.floor is None:
        return None
    return listing.desired_price if guard(listing.desired_price, listing.floor, listing.ceiling) else None


def needs_push(listing: Listing) -> bool:
    """Does the store, as far as we know, show something else than we want?"""
    if not is_pushable(listing):
        return False
    price = wanted_price(listing)
    return listing.desired_quantity != listing.published_quantity or (
        price is not None
        and (price != listing.published_price or listing.desired_compare_at != listing.published_compare_at)
    )


def wanted_compare_at(listing: Listing) -> Struck:
    """What is to be struck through. While no rule wants any, one that the merchant set in the store stays."""
    ours = bool(listing.compare_at_note) or listing.published_compare_at is not None
    return listing.desired_compare_at if ours else AS_IS


def urgency(listing: Listing) -> str:
    """zero before price_rise before rest (R28)."""
    if listing.desired_quantity == 0 and listing.published_quantity != 0:
        return "zero"
    price = wanted_price(listing)
    old = listing.published_price
    if price is not None and old is not None and (price.currency != old.currency or price > old):
        return "price_rise"
    return "rest"


def push_fact(listing: Listing) -> Fact:
    """Bring it to the store."""
    key = listing_key(listing.sku, listing.store)
    detail = {"urgency": urgency(listing)}
    return Fact("listing.push_due", connection=listing.store, pk=key.pk, sk=key.sk, resource=listing.sku, detail=detail)


def publication_fact(sku: str, store: str) -> Fact:
    """Put it on sale, or take it off."""
    key = listing_key(sku, store)
    return Fact("listing.publication_due", connection=store, pk=key.pk, sk=key.sk, resource=sku)


def next_due(listing: Listing, now: datetime, timing: Timing) -> Due | None:
    """When the sweep has to come by, if nothing else does (P11); derived from the state, so that no write forgets it."""
    if needs_push(listing):
        return Due(now + LOST_AFTER, "listing.push_due")
    if is_pushable(listing) and listing.published_price is not None and listing.checked_at is None:
        # A price was set and not read back yet: an older write that arrives late would stay unseen (promise P4).
        return Due(max(now, (listing.price_set_at or now) + timing.price_check_after), "listing.push_due")
    if awaits_publication(listing):
        return Due(now + LOST_AFTER, "listing.publication_due")
    return None


def listing_put(listing: Listing, version: int, *, facts: Sequence[Fact] = (), due: Due | None = None) -> Put:
    """The one way to write a listing: listed by store."""
    key = listing_key(listing.sku, listing.store)
    return Put(key, listing, version, facts=tuple(facts), due=due, state=listing_state(listing.store))


def listing_state(store: str) -> str:
    """The index text under which a store's listings are found."""
    return f"LISTING#{store}"
