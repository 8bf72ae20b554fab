"""A SKU that no shop shows yet goes on sale; a retired one goes off (R4). Absolute values, so that a repeat is harmless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.compare_at import with_shown
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.goods_texts import clean_goods
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.sku_matching import UNCLEAR
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, Rejected, Retryable
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.store import StoreCatalogue, VariantView
from orderwright.records import SkuFile, listing_key
from orderwright.storage import Due, Fact, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import note_failure
from orderwright.usecases.listing.decide import decide
from orderwright.usecases.listing.records import (
    GONE,
    RETIRED,
    awaits_publication,
    has_code,
    listing_put,
    logged,
    needs_push,
    next_due,
    push_fact,
    wanted_compare_at,
    wanted_price,
)

FUNCTION = "publish_product"
TRIES = 8


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
    file = storage.load_sku(message.resource)
    if file.record is None:
        return
    stored = file.listings.get(message.connection)
    before = stored.model if stored else Listing(sku=file.sku, store=message.connection)
    if has_code(before, GONE.code) or has_code(before, UNCLEAR):
        return  # the merchant took it out, and it does not come back by itself; or it may be there under another spelling
    listing = decide(file, before, config, clock.now())
    work = _Publication(file, file.record.model, listing, settings, storage, clock, timing, message)
    try:
        if has_code(listing, RETIRED.code):
            work.take_off(store_catalogue_for(message.connection))
        elif awaits_publication(listing):
            work.put_on_sale(store_catalogue_for(message.connection))
        else:
            work.save({}, "")
    except Misconfigured as error:
        note_failure(storage, message.connection, FUNCTION, error, clock.now())
        raise
    except Rejected as error:
        work.park(
            Reason(
                code=error.code,
                message=error.message,
                fix="correct in the store what the message names, then import again",
            )
        )
    except (Retryable, OutcomeUnknown, NotFound) as error:
        wait = error.after if isinstance(error, Retryable) and error.after else timing.push_retry
        work.save({}, "", wait=max(wait, timing.push_retry))


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
        """Retired: not shown any more; what was ordered goes on. Without a variant it awaits publication if it comes back."""
        if not self.listing.listed_id or not self.listing.published:
            self.save({}, "")
            return
        catalogue.unpublish_goods(self.listing.listed_id)
        self.save({"published": False, "variant_id": "", "price_history": ()}, "taken off sale: retired")

    def put_on_sale(self, catalogue: StoreCatalogue) -> None:
        """Publish with price and quantity as decided just now. An article that the store has already is adopted."""
        location = self.listing.location_id or catalogue.find_location(self.settings.location)
        # After a crash, or where the merchant made the article: a second one must not come beside it.
        known = catalogue.find_variants([self.listing.sku])
        shown = next((view for view in known if view.published), None)
        if shown is not None:
            self._save_view(shown, location, {"published_price": shown.price}, "adopted: the store shows it already")
            return
        # Promise P4's guard, right before publishing. Without a price that passes, nothing is published.
        price = wanted_price(self.listing)
        if price is None:
            self.save({}, "")
            return
        quantity = self.listing.desired_quantity
        # As at the import: a record that an older version kept may hold a supplier's markup still.
        record, _ = clean_goods(self.record)
        view = catalogue.publish_goods(record, price, quantity, location, wanted_compare_at(self.listing))
        news = {
            "published_price": price,
            "published_quantity": quantity,
            "published_compare_at": self.listing.desired_compare_at,
            "price_history": with_shown(self.listing.price_history, price, self.clock.now()),
            "checked_at": None,
            "price_set_at": self.clock.now(),
        }
        self._save_view(view, location, news, f"published at {price}, {quantity} pieces")
        self._warn_of_twins(known, view, price)

    def _warn_of_twins(self, known: list[VariantView], view: VariantView, price: Money) -> None:
        """An article with this SKU that is not ours stays unpublished beside ours: a person decides which one is right."""
        others = [other for other in known if other.variant_id != view.variant_id]
        if others:
            message = f"the store has {len(others)} more with SKU {self.listing.sku}; ours is on sale at {price}"
            self.park(Reason(code="DUPLICATE_SKU", message=message, fix="delete or rename one of them"))

    def _save_view(self, view: VariantView, location: str, news: dict[str, object], what: str) -> None:
        ids = {
            "variant_id": view.variant_id,
            "listed_id": view.listed_id,
            "stock_id": view.stock_id,
            "location_id": location,
            "published": True,
        }
        self.save({**ids, **news}, what)

    def park(self, reason: Reason) -> None:
        """In front of the operator, with one alert; nothing is tried until something changes."""
        self.save({}, "", reason=reason)

    def save(
        self, news: dict[str, object], what: str, *, reason: Reason | None = None, wait: timedelta | None = None
    ) -> None:
        """Write what was decided and done. If somebody wrote meanwhile, only what was done goes on top of theirs."""
        key = listing_key(self.listing.sku, self.listing.store)
        stored = self.file.listings.get(self.listing.store)
        base, version = self.listing, stored.version if stored else 0
        for _ in range(TRIES):
            after = self._after(base, news, what, reason)
            now = self.clock.now()
            due = next_due(after, now, self.timing)
            facts: list[Fact] = [push_fact(after)] if needs_push(after) else []
            if reason is not None:
                due = None
                if not has_code(base, reason.code):
                    facts.append(
                        alert(reason.code, base.store, pk=key.pk, sk=key.sk, resource=base.sku, message=reason.message)
                    )
            if wait is not None:
                due = Due(now + wait, "listing.publication_due")
            try:
                put = listing_put(after, version, facts=facts, due=due)
                self.storage.commit([put], correlation=self.message.correlation or self.message.id)
                return
            except Conflict:
                again = self.storage.get(key, Listing)
                base, version = (again.model, again.version) if again else (self.listing, 0)
        raise Conflict(f"the listing of SKU {self.listing.sku} changes faster than it can be written")

    def _after(self, base: Listing, news: dict[str, object], what: str, reason: Reason | None) -> Listing:
        more = dict(news)
        if what:
            entry = log_entry(self.clock.now(), FUNCTION, what, base.why, self.message.correlation)
            more["log"] = logged(base.log, entry)
        if reason is not None:
            more["reasons"] = (*(known for known in base.reasons if known.code != reason.code), reason)
        return base.model_copy(update=more)
