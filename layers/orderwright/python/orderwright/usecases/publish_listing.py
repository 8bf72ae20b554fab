"""Price and stock to the stores (R28): the whole SQS batch at once, in the vendor's batches, inside its quota.

group by store -> read what is there -> zero stock, rising prices, the rest -> mark what is published
A visit with nothing left to set is the read-back: it repairs what somebody else wrote over it (promise P4).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.listing import Listing
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, Retryable, VendorError
from orderwright.messages import SKUS, Message
from orderwright.ports.connection import Clock
from orderwright.ports.store import StoreCatalogue
from orderwright.records import Stored, listing_key
from orderwright.storage import Due, Fact, Storage, retry_on_conflict
from orderwright.usecases.health import note_failure
from orderwright.usecases.listing.bundles import load_whole
from orderwright.usecases.listing.pushes import Push, StorePush, push_of
from orderwright.usecases.listing.records import listing_put, next_due, or_review, push_fact, reason_fact

FUNCTION = "publish_listing"
# Wrong credentials are not fixed within seconds.
MISCONFIGURED_WAIT = timedelta(minutes=10)


def publish_listing(
    messages: Sequence[Message],
    *,
    storage: Storage,
    config: Config,
    store_catalogue_for: Callable[[str], StoreCatalogue],
    clock: Clock,
    timing: Timing,
) -> list[str]:
    """Push a batch; gives the ids of the messages that must come again (those whose listing cannot even be read).

    What a store throttles or leaves unclear waits as a due time on its listing: never by redelivery, which would fill the
    dead-letter queue.
    """
    failed: list[str] = []
    for store, by_sku in _grouped(messages).items():
        if not isinstance(config.connections.get(store), StoreSettings):
            for sku in by_sku:  # the store was taken out of the configuration
                _drop_due(sku, store, storage)
            continue
        pushes: list[Push] = []
        for sku, ids in by_sku.items():
            try:
                push = push_of(load_whole(storage, sku, config.rules), store, config)
            except ValueError:
                # Promise P9: an item that this version cannot read fails alone.
                failed += ids
                continue
            if push is not None:
                pushes.append(push)
            else:
                _drop_due(sku, store, storage)
        if pushes:
            _push(store, pushes, storage, store_catalogue_for, clock, timing)
    return failed


def _grouped(messages: Sequence[Message]) -> dict[str, dict[str, list[str]]]:
    """Store -> SKU -> message ids: however often a listing is asked for, it is pushed once."""
    grouped: dict[str, dict[str, list[str]]] = {}
    for message in messages:
        store = message.sk.removeprefix("LISTING#") if message.sk else message.connection
        skus = json.loads(message.detail[SKUS]) if SKUS in message.detail else ()
        for sku in skus or [message.resource or message.pk.removeprefix("SKU#")]:
            grouped.setdefault(store, {}).setdefault(sku, []).append(message.id)
    return grouped


def _push(
    store: str,
    pushes: list[Push],
    storage: Storage,
    store_catalogue_for: Callable[[str], StoreCatalogue],
    clock: Clock,
    timing: Timing,
) -> None:
    wait = timing.push_retry
    try:
        StorePush(store, store_catalogue_for(store), pushes).run()
    except (Retryable, OutcomeUnknown) as error:
        wait = max(wait, error.after or wait)
        if error.after is not None:
            from orderwright.usecases.repricing.slowing import throttled

            throttled(store, error, clock.now(), storage)
    except NotFound:
        wait = timing.push_retry
    except Misconfigured as error:
        note_failure(storage, store, FUNCTION, error, clock.now())
        wait = MISCONFIGURED_WAIT
    except VendorError as error:
        note_failure(storage, store, FUNCTION, error, clock.now())
        wait = timing.retry_max
    for push in pushes:
        _mark(push, storage, clock, timing, wait)


def _mark(push: Push, storage: Storage, clock: Clock, timing: Timing, wait: timedelta) -> None:
    """Write down what is certainly there. If the listing was decided again meanwhile, that decision stays and is due."""
    key, visit = listing_key(push.listing.sku, push.listing.store), push.visit
    as_read = [Stored(push.listing, push.version)]

    def marked() -> None:
        held = as_read.pop() if as_read else storage.get(key, Listing)
        if held is None:
            return
        listing, now = held.model, clock.now()
        after = listing.visited(visit, now, timing.price_check_after)
        if push.refused is not None:
            after = after.refused(push.refused, push.price_there)
        if push.notes:
            after = after.noted(log_entry(now, FUNCTION, "; ".join(push.notes), listing.why))
        due = next_due(after, now, timing)
        if listing is push.listing and not push.is_done:
            patience = timing.patience(listing.checked_at or listing.price_set_at, now)
            due = or_review(Due(now + max(wait, patience), "listing.push_due"), after)
        elif push.refused is not None and after.on_sale:
            # Promise P11: parked with an alert, not tried without end. A change of the offer tries again.
            due = or_review(None, after)
        facts: list[Fact] = []
        if push.refused is not None and not listing.has(push.refused.code):
            facts.append(reason_fact(listing, push.refused))
        if visit is not None and listing.is_crossed(visit):
            facts.append(push_fact(after))
        if visit is not None and listing.is_surprised_by(visit):
            facts.append(Fact("offer.changed", pk=key.pk, resource=listing.sku))
        storage.commit([listing_put(after, held.version, facts=facts, due=due)])

    retry_on_conflict(marked, "a listing")


def _drop_due(sku: str, store: str, storage: Storage) -> None:
    """A listing that is not to be pushed any more must not be found overdue without end."""
    stored = storage.get(listing_key(sku, store), Listing)
    if stored is not None and stored.model.variant_id:
        with suppress(Conflict):  # who wrote it has decided about its due time
            storage.commit([listing_put(stored.model, stored.version, due=or_review(None, stored.model))])
