"""A SKU that no shop shows yet goes on sale; a retired one goes off (R4). Absolute values, so that a repeat is harmless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.goods_texts import clean_goods
from orderwright.domain.listing import RETIRED, Listing
from orderwright.domain.order import Reason
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.store import StoreCatalogue
from orderwright.records import SkuFile, Stored, listing_key
from orderwright.storage import Due, Storage, held_or, retry_on_conflict
from orderwright.usecases.health import note_failure
from orderwright.usecases.listing.bundles import load_whole
from orderwright.usecases.listing.decide import decide
from orderwright.usecases.listing.records import listing_put, next_due, or_review, push_fact, reason_fact

FUNCTION = "publish_product"


def publish_product(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    store_catalogue_for: Callable[[str], StoreCatalogue],
    clock: Clock,
    timing: Timing,
) -> None:
    """One SKU (`resource`) in one store (`connection`). Raises Misconfigured; other troubles wait as a due time."""
    settings = config.connections.get(message.connection)
    if not isinstance(settings, StoreSettings):
        return  # the store was taken out of the configuration
    file = load_whole(storage, message.resource, config.rules)
    if file.record is None:
        return
    before = file.listing(message.connection).model
    if before.is_left_alone:
        return
    listing = decide(file, before, config, clock.now())
    work = _Publication(file, file.record.model, listing, settings, storage, clock, timing, message)
    try:
        if listing.has(RETIRED.code):
            work.take_off(store_catalogue_for(message.connection))
        elif listing.awaits_publication:
            work.put_on_sale(store_catalogue_for(message.connection))
        else:
            work.save()
    except Misconfigured as error:
        note_failure(storage, message.connection, FUNCTION, error, clock.now())
        raise
    except Rejected as error:
        fix = "correct in the store what the message names, then import again"
        work.park(Reason(code=error.code, message=error.message, fix=fix))
    except (Retryable, OutcomeUnknown, NotFound) as error:
        wait = error.after if isinstance(error, Retryable) and error.after else timing.push_retry
        work.save(wait=max(wait, timing.push_retry))


@dataclass(frozen=True)
class _Publication:
    """One SKU on its way into, or out of, one store."""

    file: SkuFile
    record: SkuRecord
    listing: Listing
    settings: StoreSettings
    storage: Storage
    clock: Clock
    timing: Timing
    message: Message

    def take_off(self, catalogue: StoreCatalogue) -> None:
        """Retired: not shown any more, or not sold any more where the store cannot hide it; what was ordered goes on."""
        listing = self.listing
        if not listing.awaits_publication:
            self.save()
            return
        catalogue.unpublish_goods(listing.listed_id, listing.variant_id)
        location = listing.location_id or catalogue.find_location(self.settings.location)
        if any(view.published for view in catalogue.read_listings([listing.variant_id], location)):
            self.save(
                Listing.left_there, "retired: the store cannot hide this variant alone, so it stays without stock"
            )
        else:
            self.save(Listing.unpublished, "taken off sale: retired")

    def put_on_sale(self, catalogue: StoreCatalogue) -> None:
        """Publish with price and quantity as decided just now. An article that the store has already is adopted."""
        listing = self.listing
        location = listing.location_id or catalogue.find_location(self.settings.location)
        # After a crash, or where the merchant made the article: a second one must not come beside it.
        known = catalogue.find_variants([listing.sku])
        shown = next((view for view in known if view.published and not listing.stays), None)
        if shown is not None:
            place, seen, now = shown.at(location), shown.price, self.clock.now()
            self.save(lambda base: base.mapped(place, seen, now, published=True), "adopted: the store shows it already")
            return
        # Promise P4's guard, right before publishing. Without a price that passes, nothing is published.
        price, quantity, compare_at = listing.wanted_price, listing.desired_quantity, listing.desired_compare_at
        if price is None:
            self.save()
            return
        # As at the import: a record that an older version kept may hold a supplier's markup still.
        record, _ = clean_goods(self.record)
        view = catalogue.publish_goods(record, price, quantity, location, listing.wanted_compare_at)
        place, now = view.at(location), self.clock.now()
        what = f"published at {price}, {quantity} pieces"
        self.save(lambda base: base.put_on_sale(place, price, quantity, compare_at, now), what)
        # An article with this SKU that is not ours stays unpublished beside ours: a person decides which one is right.
        others = [other for other in known if other.variant_id != view.variant_id]
        if others:
            message = f"the store has {len(others)} more with SKU {listing.sku}; ours is on sale at {price}"
            self.park(Reason(code="DUPLICATE_SKU", message=message, fix="delete or rename one of them"))

    def park(self, reason: Reason) -> None:
        """In front of the operator, with one alert; nothing is tried until something changes."""
        self.save(lambda base: base.refused(reason), parked=reason)

    def save(
        self, done: Callable[[Listing], Listing] | None = None, what: str = "", *, parked: Reason | None = None,
        wait: timedelta | None = None,
    ) -> None:  # fmt: skip
        """Write what was decided and done. If somebody wrote meanwhile, only what was done goes on top of theirs."""
        sku, store, message = self.listing.sku, self.listing.store, self.message
        as_read = [Stored(self.listing, self.file.listing(store).version)]

        def saved() -> None:
            held = as_read.pop() if as_read else held_or(self.storage, listing_key(sku, store), self.listing)
            base, now = held.model, self.clock.now()
            after = done(base) if done else base
            if what:
                after = after.noted(log_entry(now, FUNCTION, what, base.why, message.correlation))
            facts = [push_fact(after)] if after.needs_push else []
            due = or_review(None, after) if parked is not None else next_due(after, now, self.timing)
            if parked is not None and not base.has(parked.code):
                facts.append(reason_fact(base, parked))
            if wait is not None:
                due = or_review(Due(now + wait, "listing.publication_due"), after)
            put = listing_put(after, held.version, facts=facts, due=due)
            self.storage.commit([put], correlation=message.correlation or message.id)

        retry_on_conflict(saved, f"the listing of SKU {sku}")
