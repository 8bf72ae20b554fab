"""A changed cost, stock, rule or rate -> what each store should show (R26 to R28), and the operator's word on large steps.

One read gives all inputs: the SKU, its offers, its listings.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.listing import NOT_MAPPED, REJECTED_STEP, RETIRED, STEP, Listing
from orderwright.domain.money import Money
from orderwright.domain.pricing import Shop, find_rule
from orderwright.domain.source_gone import SOURCE_GONE
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.messages import PUT_BACK, Message
from orderwright.ports.connection import Clock
from orderwright.records import SkuFile, listing_key, sku_key
from orderwright.storage import Due, Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.listing.bundles import holding, load_whole, record_of
from orderwright.usecases.listing.decide import decide
from orderwright.usecases.listing.records import (
    LOST_AFTER,
    SKU_STATE,
    listing_put,
    next_due,
    price_change_put,
    publication_fact,
    push_fact,
    reason_fact,
)

FUNCTION = "recalculate_price"
# Known to the operator by other ways (a source that is gone: by one alert of `apply`; a file or a count that stands still: by one
# alert of its own), or nothing to do about.
QUIET = frozenset(
    {NOT_MAPPED.code, RETIRED.code, REJECTED_STEP, SOURCE_GONE, "COMPETITOR_STALE", "COMPETITOR_ABSENT", "DEMAND_STALE"}
)


def recalculate_price(message: Message, *, storage: Storage, config: Config, clock: Clock, timing: Timing) -> None:
    """One SKU (`resource`) in all stores. The same inputs again write nothing.

    Bundles that hold it are looked at as well.

    With `detail.put_back` several SKUs, whose numbers in the store `connection` are not known any more: each is pushed again.
    """
    correlation = message.correlation or message.id

    def work(sku: str, unknown_in: str) -> None:
        def priced() -> None:
            file = load_whole(storage, sku, config.rules)
            changes = changes_of(file, config, clock.now(), timing, correlation, unknown_in)
            if changes:
                storage.commit(changes, correlation=correlation)

        retry_on_conflict(priced, f"SKU {sku}")

    if PUT_BACK in message.detail:
        _each(json.loads(message.detail[PUT_BACK]), lambda sku: work(sku, message.connection))
    else:
        # Promise P3: what happens to a component is heard by the bundles that it is in.
        _each([message.resource, *holding(message.resource, config.rules)], lambda sku: work(sku, ""))


def _each(skus: Sequence[str], work: Callable[[str], None]) -> None:
    """Promise P9: one that fails holds up none of the others; it has the message come again."""
    failed: Exception | None = None
    for sku in skus:
        try:
            work(sku)
        except Exception as error:  # noqa: BLE001 - raised below, after the others
            failed = error
    if failed is not None:
        raise failed


def decided(file: SkuFile, before: Listing, config: Config, now: datetime) -> Listing | None:
    """What a listing should be by this configuration; None where it is not ours to decide. The forecast asks the same."""
    ours = isinstance(config.connections.get(before.store), StoreSettings)
    if not ours or before.is_left_alone:
        return None
    return decide(file, before, config, now)


class Waits(NamedTuple):
    """In which line of a repricing a listing waits, and when it is due by itself."""

    line: str
    until: datetime


def changes_of(
    file: SkuFile, config: Config, now: datetime, timing: Timing, correlation: str, unknown_in: str = "",
    waits: Callable[[Listing], Waits | None] | None = None,
) -> list[Put]:  # fmt: skip
    """What is to be written of a SKU, its listings first.

    `unknown_in`: the store that moved units on its own, so that what we published there says nothing (promise P3). `waits`: of a
    repricing: what differs in a store is sent in order, and None: at once; what waits already is put in again.
    """
    puts, kept = list[Put](), list[Put]()
    for store, stored in file.listings.items():
        settings = config.connections.get(store)
        before = stored.model
        after = decided(file, before, config, now)
        if after is None or not isinstance(settings, StoreSettings):
            if before.review_at is not None and before.review_at <= now:
                # Not ours to decide any more: it must not be found overdue without end.
                waits_no_more = before.to_review(None)
                puts.append(listing_put(waits_no_more, stored.version, due=next_due(waits_no_more, now, timing)))
            continue
        unknown = store == unknown_in and after.is_pushable
        if unknown:
            # Written even if it was unknown already: a push on its way may have read the store before the units came back.
            after = after.units_put_back()
        elif after == before and not (waits and after.needs_push):
            continue
        if what := _what(before, after):
            after = after.noted(log_entry(now, FUNCTION, what, after.why, correlation))
        facts = list(_alerts(before, after))
        due, waiting = next_due(after, now, timing), waits(after) if waits and after.needs_push else None
        if waiting is not None:
            review = [Due(after.review_at, "offer.changed")] if after.review_at else []
            due = min([Due(waiting.until, "listing.push_due"), *review])
        elif after.needs_push:
            facts.append(push_fact(after))
        if after.awaits_publication and (settings.publish_new_skus or after.listed_id):
            facts.append(publication_fact(after.sku, store))
        puts.append(listing_put(after, stored.version, facts=facts, due=due, line=waiting.line if waiting else ""))
        if change := price_change_put(before, after, stored.version, _rule(file, store, config), now):
            kept.append(change)
    return puts + kept + _bundle(file, config, now, correlation)


def _rule(file: SkuFile, store: str, config: Config) -> str:
    category = file.record.model.category if file.record else ""
    rule = find_rule(config.rules, file.sku, category, Shop(store, config.stores[store].currency))
    return rule.name if rule else ""


def _bundle(file: SkuFile, config: Config, now: datetime, correlation: str) -> list[Put]:
    """The record of a bundle as its rule says, once its components are there; and its listings, where it is new in a store."""
    bundle = config.rules.bundles.get(file.sku)
    known = [part.record is not None and bool(part.offers) for part in file.parts.values()]
    if bundle is None or not all(known) or file.offers:
        return []
    before, puts = file.record.model if file.record else None, []
    record = record_of(file.sku, bundle, before, log_entry(now, FUNCTION, "made by rules.bundles", "", correlation))
    if record != before:
        puts.append(Put(sku_key(file.sku), record, file.record.version if file.record else 0, state=SKU_STATE))
    for store, settings in config.stores.items():
        if settings.publish_new_skus and store not in file.listings:
            due = Due(now + LOST_AFTER, "listing.publication_due")
            listing, facts = Listing(sku=file.sku, store=store), (publication_fact(file.sku, store),)
            puts.append(listing_put(listing, 0, facts=facts, due=due))
    return puts


def _what(before: Listing, after: Listing) -> str:
    words = []
    if before.desired_price != after.desired_price:
        words.append(f"price {before.desired_price or 'none'} -> {after.desired_price or 'none'}")
    if before.desired_quantity != after.desired_quantity:
        words.append(f"quantity {before.desired_quantity} -> {after.desired_quantity}")
    if before.published_quantity is not None and after.published_quantity is None:
        words.append("units were put back in the store: its number is looked at")
    if before.pending_price != after.pending_price and after.pending_price is not None:
        words.append(f"{after.pending_price} waits for approval")
    new = [reason.code for reason in after.reasons if not before.has(reason.code)]
    new += sorted(_codes(after) - _codes(before))
    return ", ".join([*words, *new])


def _codes(listing: Listing) -> set[str]:
    return {note.code for note in listing.notes}


def _alerts(before: Listing, after: Listing) -> list[Fact]:
    """One alert for each reason, or note, that was not there before, or that another price is waiting for."""
    asked_again = before.pending_price != after.pending_price
    begun = [note for note in after.notes if note.code not in _codes(before) and note.code not in QUIET]
    return [reason_fact(after, note) for note in begun] + [
        reason_fact(after, reason)
        for reason in after.reasons
        if reason.code not in QUIET and (not before.has(reason.code) or (reason.code == STEP and asked_again))
    ]


def approve_price(
    sku: str, store: str, *, storage: Storage, config: Config, clock: Clock, timing: Timing, who: str,
    price: Money | None = None,
) -> Money:  # fmt: skip
    """The operator agrees to the pending price; gives it. `price`: the one that was shown to them.

    Raises ValueError when nothing (or, with `price`, another price) is pending.
    """
    approved = _answer(sku, store, Listing.approved, "approved", storage, clock, timing, who, price)
    message = Message("offer.changed", f"approve {store} {sku}", "", resource=sku)
    recalculate_price(message, storage=storage, config=config, clock=clock, timing=timing)
    return approved


def reject_price(
    sku: str, store: str, *, storage: Storage, clock: Clock, timing: Timing, who: str, price: Money | None = None
) -> Money:
    """The operator says no: the price shown stays until the rules ask for another one. Raises as approve_price."""
    return _answer(sku, store, Listing.rejected, "rejected", storage, clock, timing, who, price)


def _answer(
    sku: str, store: str, answer: Callable[[Listing], Listing], word: str, storage: Storage, clock: Clock, timing: Timing,
    who: str, price: Money | None,
) -> Money:  # fmt: skip
    key = listing_key(sku, store)

    def answered() -> Money:
        stored, now = storage.get(key, Listing), clock.now()
        pending = stored.model.pending_price if stored and stored.model.waits_for_approval else None
        if stored is None or pending is None:
            raise ValueError(f"no price of SKU {sku} waits for approval in {store}: list what waits with `approvals`")
        if price is not None and price != pending:
            raise ValueError(f"the price that waits for approval is {pending} by now, not {price}: look again")
        after = answer(stored.model).noted(log_entry(now, who, f"{word} {pending}"))
        facts = (Fact("offer.changed", pk=key.pk, resource=sku),)
        storage.commit([listing_put(after, stored.version, facts=facts, due=next_due(after, now, timing))])
        return pending

    return retry_on_conflict(answered, f"SKU {sku}")
