"""A supplier's catalogue to SKUs and offers (R1), the stores' variants to listings, and what is still to be published (R4).

catalogue.import_due {connection}: a supplier (its goods, then all stores) or a store (that store alone); with sk IMPORT again,
since somebody could not be asked. With sk FREIGHT: a supplier's freight by destination, which is work of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings, SupplierSettings
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, OutcomeUnknown, Retryable, VendorError
from orderwright.messages import Message
from orderwright.ports.connection import Clock, Subscription, Webhooks
from orderwright.ports.feed import SupplierFeed
from orderwright.ports.freight import SupplierFreight
from orderwright.ports.store import StoreCatalogue
from orderwright.ports.supplier import SupplierCatalogue
from orderwright.storage import Storage
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.listing.mapping import StoreMapping
from orderwright.usecases.stock.catalogue_import import GoodsImport
from orderwright.usecases.stock.declared_goods import DeclaredGoods
from orderwright.usecases.stock.feed_goods import FeedGoods
from orderwright.usecases.stock.freights import (
    AGAIN,
    SORT_KEY,
    FreightRefresh,
    ask_refresh,
    countries_sold_to,
    note_refresh,
)
from orderwright.usecases.stock.offers import offered_skus
from orderwright.usecases.stock.own_offers import keep_offers_up

FUNCTION = "import_catalogue"
IMPORT = "IMPORT"
OUTAGES = (Retryable, OutcomeUnknown, Misconfigured)


def import_catalogue(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    catalogue_for: Callable[[str], SupplierCatalogue | None],
    feed_for: Callable[[str], SupplierFeed],
    freight_for: Callable[[str], SupplierFreight | None],
    store_catalogue_for: Callable[[str], StoreCatalogue],
    webhooks_for: Callable[[str], Webhooks | None],
    subscription_for: Callable[[str], Subscription],
    clock: Clock,
    timing: Timing,
) -> None:
    """One import. Repeating it writes nothing new. Who cannot be asked is recorded with the connection, and asked again by a due
    time: an outage is no broken message. Raises Rejected.
    """
    correlation = message.correlation or message.id
    settings = config.connections.get(message.connection)
    supplier = message.connection
    if message.sk == SORT_KEY:
        freight = freight_for(supplier) if isinstance(settings, SupplierSettings) else None
        if not isinstance(settings, SupplierSettings) or freight is None:
            note_refresh(storage, supplier, clock.now(), None)  # the connection was taken out, or it quotes no freight
            return
        refresh = FreightRefresh(supplier, settings, config, freight, storage, clock, correlation)
        with suppress(VendorError):  # it is noted; a supplier that is away for a day is no broken message
            _watched(supplier, refresh.run, storage, clock)
        return
    if settings is None:  # the connection was taken out of the configuration
        if message.sk == IMPORT:
            note_refresh(storage, supplier, clock.now(), None, what=IMPORT)
        return
    if not isinstance(settings, SupplierSettings | StoreSettings):
        raise Misconfigured(
            f"connection {message.connection} is a {settings.role}: catalogues come from suppliers and stores"
        )
    try:
        seen, stores = set[str](), [supplier]
        if isinstance(settings, SupplierSettings):
            catalogue, webhooks, stores = catalogue_for(supplier), webhooks_for(supplier), list(config.stores)
            feed = config.goods_feed(supplier)
            if catalogue is None and (settings.declared_goods or not (settings.own_stock or config.feeds_of(supplier))):
                catalogue = DeclaredGoods(
                    settings, clock
                )  # an empty list, too: the last article may have been taken out
            if feed is not None:
                held = FeedGoods(feed, settings, config, feed_for, storage, clock)
                of_file = GoodsImport(supplier, settings, config, held, storage, clock, correlation, kept=held.kept)
                of_file.feed = config.identity(feed).source
                _watched(feed, of_file.run, storage, clock)
                held.tell()
                seen = of_file.seen
            elif catalogue is not None:
                own = isinstance(catalogue, DeclaredGoods)
                goods = GoodsImport(supplier, settings, config, catalogue, storage, clock, correlation, own_list=own)
                _watched(supplier, goods.run, storage, clock)
                if goods.to_watch and webhooks is not None:
                    subscribe = partial(_subscribe, webhooks, partial(subscription_for, supplier), goods.to_watch)
                    _watched(supplier, subscribe, storage, clock)
                seen = goods.seen
            if settings.own_stock:
                keep_offers_up(supplier, settings, storage, clock, correlation)
            if countries_sold_to(config):
                ask_refresh(storage, supplier, clock.now())
        _map(stores, seen, storage, config, store_catalogue_for, clock, timing, correlation)
    except OUTAGES:
        note_refresh(storage, supplier, clock.now(), AGAIN, what=IMPORT)
    else:
        if message.sk == IMPORT:
            note_refresh(storage, supplier, clock.now(), None, what=IMPORT)


def _map(
    stores: Sequence[str],
    seen: set[str],
    storage: Storage,
    config: Config,
    store_catalogue_for: Callable[[str], StoreCatalogue],
    clock: Clock,
    timing: Timing,
    correlation: str,
) -> None:
    """The variants of these stores. The index may not show yet what was written a moment ago; `seen` does."""
    offered = seen.union(*(offered_skus(storage, supplier) for supplier in config.suppliers))
    bundles = {sku for sku, bundle in config.rules.bundles.items() if offered.issuperset(bundle.of)}
    offered |= bundles
    failures: list[VendorError] = []
    for store in stores:
        mapping = StoreMapping(
            store, config.stores[store], store_catalogue_for(store), storage, clock, timing, correlation, bundles
        )
        try:
            _watched(store, partial(mapping.run, offered), storage, clock)
        except VendorError as error:
            failures.append(error)  # one store that cannot be reached does not hold up the others
    if failures:
        raise next((error for error in failures if not isinstance(error, OUTAGES)), failures[0])


def _subscribe(webhooks: Webhooks, ours: Callable[[], Subscription], refs: Sequence[str]) -> None:
    """News of these articles to us. Absolute, so that a repeat is harmless and a lost subscription comes back."""
    webhooks.ensure_webhooks(ours()._replace(goods=tuple(refs)))


def _watched(connection: str, work: Callable[[], None], storage: Storage, clock: Clock) -> None:
    try:
        work()
    except VendorError as error:
        note_failure(storage, connection, FUNCTION, error, clock.now())
        raise
    note_success(storage, connection, FUNCTION, clock.now())
