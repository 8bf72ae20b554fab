"""How a listing is written: its index text, its next due time derived from what it still needs, and its facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orderwright.domain.listing import Listing
from orderwright.domain.order import Reason
from orderwright.domain.repricing.history import PriceChange, shortened
from orderwright.domain.timing import Timing
from orderwright.records import line_ref, listing_key, price_change_key
from orderwright.storage import Due, Fact, Put
from orderwright.usecases.alerts import alert

# A push or a publication whose message was lost is found by the sweep after this; its own message is there within seconds.
LOST_AFTER = timedelta(minutes=2)
CHANGES_KEPT = timedelta(days=400)
# The index text under which all SKUs are listed.
SKU_STATE = "SKU"


def reason_fact(listing: Listing, reason: Reason) -> Fact:
    """Tell the merchant about it."""
    key = listing_key(listing.sku, listing.store)
    return alert(reason.code, listing.store, pk=key.pk, sk=key.sk, resource=listing.sku, message=reason.message)


def push_fact(listing: Listing) -> Fact:
    """Bring it to the store."""
    key = listing_key(listing.sku, listing.store)
    detail = {"urgency": listing.urgency}
    return Fact("listing.push_due", connection=listing.store, pk=key.pk, sk=key.sk, resource=listing.sku, detail=detail)


def publication_fact(sku: str, store: str) -> Fact:
    """Put it on sale, or take it off."""
    key = listing_key(sku, store)
    return Fact("listing.publication_due", connection=store, pk=key.pk, sk=key.sk, resource=sku)


def next_due(listing: Listing, now: datetime, timing: Timing) -> Due | None:
    """When the sweep has to come by, if nothing else does (P11); derived from the state, so that no write forgets it."""
    return or_review(_unfinished(listing, now, timing), listing)


def or_review(due: Due | None, listing: Listing) -> Due | None:
    """The sooner of this and the time at which its price may be another one: no wait for a store, and no refusal, loses that."""
    if listing.review_at is not None and (due is None or listing.review_at < due.at):
        return Due(listing.review_at, "offer.changed")
    return due


def _unfinished(listing: Listing, now: datetime, timing: Timing) -> Due | None:
    if listing.needs_push:
        return Due(now + LOST_AFTER, "listing.push_due")
    if listing.is_pushable and listing.published_price is not None and listing.checked_at is None:
        # A price was set and not read back yet: an older write that arrives late would stay unseen (promise P4).
        return Due(max(now, (listing.price_set_at or now) + timing.price_check_after), "listing.push_due")
    if listing.awaits_publication:
        return Due(now + LOST_AFTER, "listing.publication_due")
    return None


def listing_put(
    listing: Listing, version: int, *, facts: Sequence[Fact] = (), due: Due | None = None, line: str = ""
) -> Put:
    """The one way to write a listing. `line`: it waits in this line of a repricing, which any other write ends."""
    key, ref = listing_key(listing.sku, listing.store), line_ref(listing.store, line) if line else ""
    return Put(key, listing, version, facts=tuple(facts), due=due, ref=ref, state=listing_state(listing.store))


def price_change_put(before: Listing, after: Listing, version: int, rule: str, now: datetime) -> Put | None:
    """What is kept of a price that changed, or that waits for approval, beside the listing of this version; None: it did not."""
    if (before.desired_price, before.pending_price) == (after.desired_price, after.pending_price):
        return None
    change = PriceChange(
        sku=after.sku, store=after.store, at=now, before=before.desired_price, after=after.desired_price,
        pending=after.pending_price, floor=after.floor, rule=rule, why=shortened(after.why),
    )  # fmt: skip
    return Put(price_change_key(after.sku, after.store, now, version), change, 0, until=now + CHANGES_KEPT)


def listing_state(store: str) -> str:
    """The index text under which a store's listings are found."""
    return f"LISTING#{store}"
