"""Freight by destination for prices (item FREIGHT#supplier): asked in groups, renewed before it is too old, most sold first.

Work of its own behind a supplier's import, by a message: what does not fit into the time or the day's points comes later.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.domain.catalogue import FreightQuoteRecord, FreightTable, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.freight import counts_for, differs_to, freight_group
from orderwright.domain.operations import Cursor
from orderwright.domain.territories import country_of
from orderwright.errors import Conflict, NotFound, Rejected, Retryable
from orderwright.ports.connection import Clock
from orderwright.ports.freight import FreightRequest, SupplierFreight
from orderwright.records import cursor_key, freight_key
from orderwright.storage import Due, Fact, Put, Storage, held_or, retry_on_conflict
from orderwright.usecases.stock.budget import claim_quotes
from orderwright.usecases.stock.offers import changed_fact, offer_busy, offered_skus

SORT_KEY = "FREIGHT"
MESSAGE = "catalogue.import_due"
# The function ends after five minutes, and one quote may take a minute of waiting.
LONGEST = timedelta(seconds=200)
SOON, AGAIN = timedelta(seconds=30), timedelta(minutes=30)
# A vendor may refuse one article for reasons of its own; then the next one speaks for those that are no heavier.
MOST_ASKED = 3
_logger = logging.getLogger(__name__)


def countries_sold_to(config: Config) -> tuple[str, ...]:
    """The countries whose freight prices need; none while there is no rule of destinations."""
    if not config.rules.destinations:
        return ()
    sold_to = (code for store in config.stores for code in config.sell_to(config.stores[store]))
    return tuple(sorted({country_of(code) for code in sold_to}))


def ask_refresh(storage: Storage, supplier: str, now: datetime) -> None:
    """Have the freight of a supplier looked at, as work of its own."""
    note_refresh(storage, supplier, now, AGAIN, (Fact(MESSAGE, connection=supplier, sk=SORT_KEY),))


def note_refresh(
    storage: Storage,
    connection: str,
    now: datetime,
    wait: timedelta | None,
    facts: tuple[Fact, ...] = (),
    what: str = SORT_KEY,
) -> None:
    """Write down when it is to be looked at again automatically; None: not before the next import."""
    key, cursor = cursor_key(connection, what), Cursor(name=f"{connection} {what.lower()}", at=now)
    due = Due(now + wait, MESSAGE) if wait is not None else None
    with suppress(Conflict):  # another look at it has just written down the same
        storage.commit([Put(key, cursor, held_or(storage, key, cursor).version, facts=facts, due=due)])


class _Article(NamedTuple):
    sku: str
    supplier_ref: str
    grams: int | None
    sold: int
    quotes: Mapping[str, FreightQuoteRecord]


@dataclass
class FreightRefresh:
    """One look at one supplier's freight. `asked` counts the quotes."""

    supplier: str
    settings: SupplierSettings
    config: Config
    freight: SupplierFreight
    storage: Storage
    clock: Clock
    correlation: str
    asked: int = 0
    _stop_at: datetime = field(init=False)

    def run(self) -> None:
        """Ask what is missing or old. Out of time: goes on soon; out of points: with the next import.

        Raises VendorError; then it is looked at again after a while.
        """
        started = self.clock.now()
        countries = countries_sold_to(self.config)
        if not countries:
            note_refresh(self.storage, self.supplier, started, None)
            return
        note_refresh(self.storage, self.supplier, started, AGAIN)
        self._stop_at = started + LONGEST
        has_points = True
        for group, articles in self._groups():
            if not has_points or self._is_late():
                break
            has_points = self._renew(group, articles, countries)
        goes_on = has_points and self._is_late() and self.asked > 0
        note_refresh(self.storage, self.supplier, self.clock.now(), SOON if goes_on else None)

    def _is_late(self) -> bool:
        return self.clock.now() >= self._stop_at

    def _groups(self) -> list[tuple[str, list[_Article]]]:
        """All articles that are offered, by group: the group that sells most first, in it the heaviest article first."""
        groups: dict[str, list[_Article]] = {}
        for sku in offered_skus(self.storage, self.supplier):
            file = self.storage.load_sku(sku)
            offer = file.offers.get(self.supplier)
            if offer is None or offer.model.retired or not offer.model.supplier_ref:
                continue
            record = file.record.model if file.record else SkuRecord(sku=file.sku, title=file.sku)
            group = freight_group(record, self.settings.from_country, self.settings.shipping_method)
            article = _Article(
                file.sku,
                offer.model.supplier_ref,
                record.weight_grams,
                offer.model.sold,
                held.model.quotes if (held := file.freights.get(self.supplier)) else {},
            )
            groups.setdefault(group, []).append(article)
        for articles in groups.values():
            articles.sort(key=lambda article: (-(article.grams or 0), article.sku))
        return sorted(groups.items(), key=lambda item: (-max(article.sold for article in item[1]), item[0]))

    def _renew(self, group: str, articles: list[_Article], countries: Collection[str]) -> bool:
        """One group. False: the day's points are used up."""
        today = self.clock.now().date()
        known = {country: self._shared(group, articles, country) for country in countries}
        wanted = [country for country in countries if known[country] is None]
        granted = 0
        if wanted:
            points = self.freight.points_per_quote
            granted = claim_quotes(
                self.storage, self.supplier, self.settings, len(wanted), points, self.clock.now()
            )  # fmt: skip
        enough = granted == len(wanted)
        try:
            for country in wanted[:granted]:
                if self._is_late():
                    break
                known[country] = self._ask(group, articles, country)
        except Retryable as error:
            if error.code != "POINTS_USED_UP":
                raise
            enough = False
        finally:
            found = {country: quote for country, quote in known.items() if quote is not None}
            for article in articles:
                mine = {
                    country: quote
                    for country, quote in found.items()
                    if counts_for(quote, group, article.grams, today)
                    and not counts_for(article.quotes.get(country), group, article.grams, today)
                }
                if mine:
                    self._write(article.sku, mine)
        return enough

    def _shared(self, group: str, articles: Iterable[_Article], country: str) -> FreightQuoteRecord | None:
        """A quote of one of them that counts for the heaviest, so that nothing has to be asked for the others."""
        today, all_of = self.clock.now().date(), list(articles)
        held = (article.quotes.get(country) for article in all_of)
        return next((quote for quote in held if counts_for(quote, group, all_of[0].grams, today)), None)

    def _ask(self, group: str, articles: list[_Article], country: str) -> FreightQuoteRecord | None:
        """The quote for the heaviest; an entry without a price where there is no way; None where nothing could be learned."""
        for article in articles[:MOST_ASKED]:
            self.asked += 1
            record = FreightQuoteRecord(
                quoted_at=self.clock.now(), warehouse=self.settings.from_country, group=group, grams=article.grams
            )
            try:
                quote = self.freight.quote_freight(FreightRequest(country, ((article.supplier_ref, 1),)))
            except (Rejected, NotFound) as error:
                if error.code == "NO_SHIPPING_METHOD":
                    return record
                _logger.warning("%s: no freight of %s to %s: %s", self.supplier, article.sku, country, error.code)
                continue
            return record.answered(quote.price, quote.method, quote.carries_duty)
        return None

    def _write(self, sku: str, quotes: dict[str, FreightQuoteRecord]) -> None:
        today, key = self.clock.now().date(), freight_key(sku, self.supplier)

        def written() -> None:
            held = held_or(self.storage, key, FreightTable(sku=sku, supplier=self.supplier))
            after = held.model.quoted(quotes)
            changed = any(differs_to(country, held.model, after, today) for country in quotes)
            facts = (changed_fact(sku),) if changed else ()
            self.storage.commit([Put(key, after, held.version, facts=facts)], correlation=self.correlation)

        retry_on_conflict(written, "the freight of a SKU", offer_busy)
