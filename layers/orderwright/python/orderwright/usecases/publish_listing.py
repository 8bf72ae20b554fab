"""Price and stock to the stores (R28): the whole SQS batch at once, in the vendor's batches, inside its quota.

group by store -> read what is there -> zero stock, rising prices, the rest -> mark what is published
A visit with nothing left to set is the read-back: it repairs what somebody else wrote over it (promise P4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from orderwright.domain.compare_at import AS_IS, with_shown
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.pricing import guard
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict, Misconfigured, NotFound, OutcomeUnknown, Retryable, VendorError
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.store import StoreCatalogue
from orderwright.records import listing_key, sku_pk
from orderwright.storage import Due, Fact, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import note_failure
from orderwright.usecases.listing.pushes import Push, StorePush, push_of
from orderwright.usecases.listing.records import has_code, listing_put, logged, next_due, push_fact

FUNCTION = "publish_listing"
TRIES = 8
# Wrong credentials are not mended within seconds.
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
            continue  # the store was taken out of the configuration
        pushes: list[Push] = []
        for sku, ids in by_sku.items():
            try:
                push = push_of(storage.load_sku(sku), store, config)
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
        sku = message.resource or message.pk.removeprefix("SKU#")
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
    """Write down what is certainly there. If the listing was decided anew meanwhile, that decision stays and is due."""
    listing, version = push.listing, push.version
    for _ in range(TRIES):
        marked = _marked(listing, push, clock, timing)
        now = clock.now()
        due = next_due(marked, now, timing)
        if listing is push.listing and not push.is_done:
            due = Due(
                now + max(wait, timing.patience(listing.checked_at or listing.price_set_at, now)), "listing.push_due"
            )
        elif push.refused is not None and marked.on_sale:
            # Promise P11: parked with an alert, not tried for ever. A change of the offer tries again.
            due = None
        facts: tuple[Fact, ...] = ()
        if push.refused is not None and not has_code(listing, push.refused.code):
            key = listing_key(listing.sku, listing.store)
            code, message = push.refused.code, push.refused.message
            facts = (alert(code, listing.store, pk=key.pk, sk=key.sk, resource=listing.sku, message=message),)
        if _crossed(listing, push):
            facts = (*facts, push_fact(marked))
        if _seen_another(listing, push):
            facts = (*facts, Fact("offer.changed", pk=sku_pk(listing.sku), resource=listing.sku))
        try:
            storage.commit([listing_put(marked, version, facts=facts, due=due)])
            return
        except Conflict:
            stored = storage.get(listing_key(push.listing.sku, push.listing.store), Listing)
            if stored is None:
                return
            listing, version = stored.model, stored.version
    raise Conflict("a listing changes faster than it can be marked")


def _crossed(listing: Listing, push: Push) -> bool:
    """Another push was written down since this one read the listing, with another number: nobody knows which came last."""
    return (
        push.view is not None
        and listing.pushes != push.listing.pushes
        and listing.published_quantity != push.quantity_there
    )


def _seen_another(listing: Listing, push: Push) -> bool:
    """The store showed a price that we did not know of: what may be struck through is decided anew."""
    return (
        push.view is not None
        and bool(listing.compare_at_note)
        and push.view.price not in (push.price, *(entry.price for entry in listing.price_history[-1:]))
    )


def _marked(listing: Listing, push: Push, clock: Clock, timing: Timing) -> Listing:
    news: dict[str, object] = {"pushes": listing.pushes + 1}
    if push.view is not None:
        news["published"] = push.view.published
        if _crossed(listing, push):
            # Promise P3: the store may show either number, so it is looked at again, at once.
            news["published_quantity"] = None
        elif listing is push.listing or listing.published_quantity is not None:
            # Else the number became unknown after this push had read it: nothing older over newer, and it stays due.
            news["published_quantity"] = push.quantity_there
        if push.price is not None and push.price_there == push.price:
            news["published_price"] = push.price
            if listing.approved_price == push.price:
                news["approved_price"] = None
        if push.compare_at != AS_IS:
            news["published_compare_at"] = push.compare_at_there
        seen = with_shown(listing.price_history, push.view.price, clock.now())
        news["price_history"] = with_shown(seen, push.price_there, clock.now())
        news |= _checked(listing, push, clock.now(), timing)
    if push.refused is not None:
        others = tuple(reason for reason in listing.reasons if reason.code != push.refused.code)
        news["reasons"] = (*others, push.refused)
        if push.price_there is not None and not _may_stay(listing, push.price_there):
            # Promise P4: the right price was refused and the one there may not be kept, so nothing is sold at it.
            news |= {"on_sale": False, "desired_quantity": 0}
    if push.notes:
        entry = log_entry(clock.now(), FUNCTION, "; ".join(push.notes), listing.why)
        news["log"] = logged(listing.log, entry)
    return listing.model_copy(update=news)


def _checked(listing: Listing, push: Push, now: datetime, timing: Timing) -> dict[str, object]:
    """Promises P3, P4: an older write may arrive late, so a look too soon after something was set is not the check of it."""
    if push.read_back:
        return {"checked_at": None, "price_set_at": now}
    set_at = listing.price_set_at
    if set_at is not None and now - set_at < timing.price_check_after:
        return {}
    return {"checked_at": now, "price_set_at": None}


def _may_stay(listing: Listing, price: Money) -> bool:
    return listing.floor is None or guard(price, listing.floor, listing.ceiling)


def _drop_due(sku: str, store: str, storage: Storage) -> None:
    """A listing that is not to be pushed any more must not be found overdue for ever."""
    stored = storage.get(listing_key(sku, store), Listing)
    if stored is None or not stored.model.variant_id:
        return
    with suppress(Conflict):  # whoever wrote it decided about its due time
        storage.commit([listing_put(stored.model, stored.version)])
