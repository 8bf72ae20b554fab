"""Stock and cost by counted calls: the offers written longest ago first, and single ones that news is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from orderwright.domain.catalogue import Offer, OfferReport
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.sources import Sources, connection_of
from orderwright.domain.time_line import Stamp
from orderwright.domain.timing import Timing
from orderwright.errors import Misconfigured, NotFound, OutcomeUnknown, Retryable, VendorError
from orderwright.ports.connection import Clock
from orderwright.ports.supplier import SupplierStock
from orderwright.records import CATALOGUE, Key, Stored, offer_key, offer_ref
from orderwright.storage import Due, Fact, Put, Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.stock.budget import claim_reads
from orderwright.usecases.stock.offers import offer_busy, offer_put, offer_state, offered_skus, park_note, rewrite_offer

FUNCTION = "poll_stock"
# One poll must end well before the next begins, at the vendor's pace.
SECONDS_A_POLL = 60
GONE = "not known to the supplier"


@dataclass(frozen=True)
class SupplierPoll:
    """One worker's reading of one supplier."""

    supplier: str
    settings: SupplierSettings
    storage: Storage
    stock: SupplierStock
    clock: Clock
    correlation: str
    timing: Timing
    sources: Sources

    def roll(self) -> int:
        """Read as many offers as the budget and the vendor's pace allow; gives how many were read."""
        most = self.settings.requests_per_second * SECONDS_A_POLL
        keys = self.storage.in_state(CATALOGUE, offer_state(self.supplier), most)
        done = 0
        if keys:
            granted = self._claim(len(keys), paced=True)
            try:
                for key in keys[:granted]:
                    self._read(key)
                    done += 1
            except VendorError as error:
                # What was read stays read; the next poll begins with those that were not.
                note_failure(self.storage, self.supplier, FUNCTION, error, self.clock.now())
                return done
        if done:
            note_success(self.storage, self.supplier, FUNCTION, self.clock.now())
        return done

    def news_of(self, supplier_ref: str) -> None:
        """The supplier says that something changed: read it now."""
        sk = f"OFFER#{self.supplier}"
        self.follow(
            [key for key in self.storage.find(CATALOGUE, offer_ref(self.supplier, supplier_ref)) if key.sk == sk]
        )

    def sale_news(self, article: str, on_sale: bool) -> None:
        """The supplier takes an article off sale, with all its variants, or sells it again: then its stock is read."""
        keys = [offer_key(sku, self.supplier) for sku in offered_skus(self.storage, self.supplier)]
        offers = self.storage.get_many(keys, Offer)
        held = {key: one.model for key, one in offers.items() if one.model.article == article}
        changed = [key for key, offer in held.items() if offer.off_sale is on_sale]
        for key in changed:
            self._set_sale(key, on_sale, len(changed) - 1 if key == changed[0] else None)
        if on_sale and self.settings.poll_stock:
            self.follow(list(held))

    def _set_sale(self, key: Key, on_sale: bool, others: int | None) -> None:
        """One variant. The alert of the article rides with the first of them: that of which `others` are told."""

        def changed(stored: Stored[Offer]) -> Put | None:
            if stored.model.off_sale is not on_sale:
                return None
            after = stored.model.sale_changed(on_sale=on_sale, stamp=Stamp(self.clock.now(), FUNCTION))
            put = offer_put(after, stored.version, matters=True)
            feeds = self.sources.feeds if on_sale else ()
            facts = [
                Fact("stock.news", connection=connection_of(feed), pk=key.pk, resource=after.sku) for feed in feeds
            ]
            if not on_sale and others is not None:
                more = f" and {others} more of its article" if others else ""
                message = f"{self.supplier} does not sell SKU {after.sku}{more} any more; nothing is sold until it does"
                facts.append(alert("OFFER_OFF_SALE", self.supplier, pk=key.pk, resource=after.sku, message=message))
            return replace(put, facts=(*put.facts, *facts))

        rewrite_offer(self.storage, key, changed, offer_busy, self.correlation)

    def follow(self, keys: Sequence[Key]) -> None:
        """Read offers that news is about. A supplier that cannot be asked now is asked again when the offer is due:

        a queue's five receives are for broken messages, and a supplier that is away for a day is not broken.
        """
        for key in keys[: self._claim(len(keys), paced=False)]:
            try:
                self._read(key)
            except (Retryable, OutcomeUnknown, Misconfigured) as error:
                note_failure(self.storage, self.supplier, FUNCTION, error, self.clock.now())
                self._wait(key)

    def _wait(self, key: Key) -> None:
        def woken(stored: Stored[Offer]) -> Put:
            now = self.clock.now()
            due = Due(now + self.timing.patience(stored.model.observed_at, now), "stock.news")
            return offer_put(stored.model, stored.version, matters=False, due=due)

        rewrite_offer(self.storage, key, woken, offer_busy)

    def _claim(self, wanted: int, *, paced: bool) -> int:
        if not wanted:
            return 0
        points = self.stock.points_per_read
        return claim_reads(self.storage, self.supplier, self.settings, wanted, points, self.clock.now(), paced=paced)

    def _read(self, key: Key) -> None:
        stored = self.storage.get(key, Offer)
        if stored is None:
            return
        offer = stored.model
        report: OfferReport | None
        try:
            report = self.stock.read_offer(offer.supplier_sku, offer.supplier_ref)
        except NotFound:
            report = None
        self._write(key, report)

    def _write(self, key: Key, report: OfferReport | None) -> None:
        """Always written, news or not: an offer that was asked for goes to the end of the line."""
        rewrite_offer(
            self.storage, key, lambda held: self._put(held.model, held.version, report), offer_busy, self.correlation
        )

    def _put(self, offer: Offer, version: int, report: OfferReport | None) -> Put:
        if report is None:
            return self._gone(offer, version)
        now = self.clock.now()
        after = offer.reported(report, self.supplier, self.sources, Stamp(now, FUNCTION))
        if after.refused is not None:
            park_note(self.storage, self.supplier, "stock", offer.sku, after.refused, now)
        return offer_put(after.offer, version, matters=after.matters)

    def _gone(self, offer: Offer, version: int) -> Put:
        """Not found is not zero: a look-up may fail for other reasons. The catalogue's import decides about retiring."""
        if offer.log and offer.log[-1].what == GONE:
            return offer_put(offer, version, matters=False)
        line = Stamp(self.clock.now(), FUNCTION, self.correlation).line(GONE, "its last stock is kept")
        put = offer_put(offer.noted(line), version, matters=False)
        message = f"{self.supplier} does not know SKU {offer.sku} any more; its last stock is kept"
        told = alert("OFFER_NOT_FOUND", self.supplier, pk=put.key.pk, resource=offer.sku, message=message)
        return replace(put, facts=(told,))
