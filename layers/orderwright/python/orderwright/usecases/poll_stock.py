"""Suppliers' stock and cost to changed offers (R23, R24): feeds by difference, counted calls by a rolling poll.

stock.poll_due {connection}                    a feed or an API supplier, by schedule
stock.news {connection, resource, on_sale}     an article of an API supplier: it is sold again ("yes"), or not any more
stock.news {connection, resource}              one SKU: the vendor's id at an API supplier, our SKU at a feed
signal.poll_due {connection}                   a file of what prices follow (usecases/signals/), by schedule
stock.advice_due {connection}                  buffers and what runs low, after a night's scorecards (stock/advice.py)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from orderwright.domain.config import Config
from orderwright.domain.connection_settings import FeedSettings, SignalSettings, SupplierSettings
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.feed import Snapshots, SupplierFeed
from orderwright.ports.supplier import SupplierStock
from orderwright.records import catalogue_part_key
from orderwright.storage import Storage
from orderwright.usecases.stock.feed_poll import FeedPoll
from orderwright.usecases.stock.feeds import list_mark
from orderwright.usecases.stock.rolling import SupplierPoll


def poll_stock(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    feed_for: Callable[[str], SupplierFeed],
    stock_for: Callable[[str], SupplierStock | None],
    signal_for: Callable[[str], Any],
    snapshots: Snapshots,
    clock: Clock,
    timing: Timing,
    new_token: Callable[[], str],
) -> None:
    """One message. May be killed anywhere and run again; nothing older ever replaces something newer."""
    correlation = message.correlation or message.id

    settings = config.connections.get(message.connection)
    if message.type == "stock.advice_due":
        if isinstance(settings, SupplierSettings):
            from orderwright.usecases.stock.advice import advise

            asked = stock_for(message.connection) if settings.asks_stock else None
            advise(message, config, storage, asked.points_per_read if asked else 0, clock, timing)
        return
    if isinstance(settings, FeedSettings):
        feed = FeedPoll(
            connection=message.connection, settings=settings, storage=storage, feed=feed_for(message.connection),
            snapshots=snapshots, clock=clock, timing=timing, new_token=new_token, correlation=correlation,
            sources=config.sources_of(settings.offers_of), mark=list_mark(config, settings.offers_of),
        )  # fmt: skip
        if message.type == "stock.news":
            feed.read_one(message.resource)
        else:
            feed.run()
    elif isinstance(settings, SupplierSettings):
        supplier, stock = message.connection, stock_for(message.connection)
        if stock is None:
            return  # it has no call to be asked by: its stock comes from feeds
        poll = SupplierPoll(supplier, settings, storage, stock, clock, correlation, timing, config.sources_of(supplier))
        if message.type == "stock.news" and "on_sale" in message.detail:
            on_sale = message.detail["on_sale"] == "yes"
            poll.sale_news(message.detail.get("article", ""), on_sale)
        elif message.type == "stock.news" and message.sk:
            poll.follow([catalogue_part_key(message.pk, message.sk)])
        elif message.type == "stock.news":
            poll.news_of(message.resource)
        else:
            poll.roll()
    elif isinstance(settings, SignalSettings) and settings.TELLS == "competitors":
        from orderwright.usecases.signals.competitors import CompetitorPoll

        moves = [rule.competitors for rule in config.rules.prices if rule.competitors]
        hours = min([settings.stale_after_hours, *(move.stale_after_hours for move in moves)])
        CompetitorPoll(
            connection=message.connection, settings=settings, storage=storage, file=signal_for(message.connection),
            snapshots=snapshots, clock=clock, timing=timing, new_token=new_token, correlation=correlation,
            often=timedelta(hours=hours) / 4,
        ).run()  # fmt: skip
    elif isinstance(settings, SignalSettings):
        from orderwright.usecases.signals.rates import RatesPoll

        RatesPoll(message.connection, settings, storage, signal_for(message.connection), clock, correlation).run()
    elif settings is not None:
        raise Misconfigured(f"connection {message.connection} is a {settings.role}: nothing is polled of it here")
    # A connection that was taken out of the configuration has nothing to poll any more.
