"""A supplier's catalogue to SKUs and offers (R1): created, updated, and retired when the whole list lacks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from orderwright.domain.base import Model
from orderwright.domain.catalogue import Offer, SkuRecord, SkuState, SupplierGoods, cost_problem
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.goods_texts import clean_goods
from orderwright.domain.time_line import Stamp
from orderwright.errors import Conflict
from orderwright.ports.connection import Clock
from orderwright.ports.supplier import SupplierCatalogue
from orderwright.records import SkuFile, alias_key, offer_ref, sku_key, sku_pk
from orderwright.storage import Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import update_connection
from orderwright.usecases.listing.records import SKU_STATE, publication_fact
from orderwright.usecases.stock.offers import changed_fact, offer_put, offered_skus, park_note

FUNCTION = "import_catalogue"
MOST_PAGES = 10_000
# The breaker: a list that lacks more than this share of what is known is not believed, except for one or two SKUs.
MOST_MISSING_PERCENT = 20
FEWEST_MISSING = 3
MOST_WATCHED = 500


class OfferAlias(Model):
    """A supplier's own SKU of an offer whose index text is the vendor's id (item ALIAS#supplier), for its feeds."""

    sku: str
    supplier: str
    supplier_sku: str


@dataclass
class GoodsImport:
    """One import of one supplier. `seen` are the SKUs in its list; `kept` those that are in it and cannot be taken now.

    `own_list`: the merchant's own, which is believed however short it is. `feed`: the source whose file it is; what left it is
    retired once the poll has seen it gone too, so that half a file that only one of the two read retires nothing.
    """

    supplier: str
    settings: SupplierSettings
    config: Config
    catalogue: SupplierCatalogue
    storage: Storage
    clock: Clock
    correlation: str
    seen: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    own_list: bool = False
    feed: str = ""
    listed: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)

    @property
    def to_watch(self) -> list[str]:
        """The vendor's ids whose news to ask for: all of a small catalogue, so that a lost subscription comes back; of a large
        one those that are new, since each costs points."""
        return self.listed if len(self.listed) <= MOST_WATCHED else self.fresh

    @property
    def _stamp(self) -> Stamp:
        return Stamp(self.clock.now(), FUNCTION, self.correlation)

    def run(self) -> None:
        """All pages, then what is not among them. Raises VendorError: then nothing was retired."""
        for goods in self._pages():
            self.seen.add(goods.sku.sku)
            if goods.supplier_ref:
                self.listed.append(goods.supplier_ref)
            if self._is_believable(goods):
                self._again_on_conflict(goods)
        self._retire_missing()

    def _pages(self) -> Iterator[SupplierGoods]:
        cursor = ""
        for _ in range(MOST_PAGES):
            page, cursor = self.catalogue.list_goods(cursor)
            yield from page
            if not cursor:
                return
        raise Conflict(f"the catalogue of {self.supplier} does not end after {MOST_PAGES} pages")

    def _is_believable(self, goods: SupplierGoods) -> bool:
        problem = cost_problem(goods.sku.sku, goods.cost, goods.freight)
        if problem is not None:
            park_note(self.storage, self.supplier, "catalogue", goods.sku.sku, problem, self.clock.now())
        return problem is None

    def _again_on_conflict(self, goods: SupplierGoods) -> None:
        def imported() -> None:
            puts = self._puts(self.storage.load_sku(goods.sku.sku), goods)
            if puts:
                self.storage.commit(puts, correlation=self.correlation)

        retry_on_conflict(imported, f"SKU {goods.sku.sku}")

    # --- one SKU ------------------------------------------------------------------------------------------------------

    def _puts(self, file: SkuFile, goods: SupplierGoods) -> list[Put]:
        puts: list[Put] = []
        record = self._record(file, goods)
        if file.record is None or record != file.record.model:
            returned = file.record is not None and file.record.model.state is SkuState.RETIRED
            facts = [publication_fact(file.sku, store) for store in file.listings] if returned else []
            if file.record is not None and _customs(record) != _customs(file.record.model):
                facts.append(changed_fact(file.sku))  # duty is part of a price
            version = file.record.version if file.record else 0
            puts.append(Put(sku_key(file.sku), record, version, facts=tuple(facts), state=SKU_STATE))
        stored = file.offers.get(self.supplier)
        if stored is None:
            self.fresh.append(goods.supplier_ref)
            offer = Offer.first(goods, self.supplier, self.settings.buffer).noted(self._stamp.line("imported"))
            put = offer_put(offer, 0, matters=True)
            # A feed sends differences: what it said of this SKU before we knew it has to be looked up.
            return [*puts, *self._alias(goods), replace(put, facts=(*put.facts, *self._feed_facts(file.sku)))]
        before, sources = stored.model, self.config.sources_of(self.supplier)
        offer = before.imported(goods, self.settings.buffer, sources, self._stamp)
        if offer != before:
            put = offer_put(offer, stored.version, matters=offer.is_news_after(before))
            if before.off_sale and not offer.off_sale:
                # The one who knows its stock is asked at once.
                read = Fact("stock.news", connection=self.supplier, pk=put.key.pk, sk=put.key.sk)
                put = replace(put, facts=(*put.facts, read, *self._feed_facts(file.sku)))
            puts.append(put)
        return puts

    def _record(self, file: SkuFile, goods: SupplierGoods) -> SkuRecord:
        """The clean record. Its texts come from one supplier: the first by rules.supplier_priority, then by name."""
        texts, left_out = clean_goods(goods.sku)
        if file.record is None:
            return texts.noted(self._stamp.line(f"imported from {self.supplier}", left_out))
        before = file.record.model
        places = {name: place for place, name in enumerate(self.config.rules.supplier_priority)}
        others = [name for name, held in file.offers.items() if not held.model.retired and name != self.supplier]
        mine = (places.get(self.supplier, len(places)), self.supplier)
        if any((places.get(name, len(places)), name) < mine for name in others):
            after, left_out = before.offered(goods.sku.state), ""
        else:
            after = before.imported(texts)
        if after == before:
            return before
        words = "offered again" if before.state is not after.state else "updated"
        return after.noted(self._stamp.line(f"{words} by {self.supplier}", left_out))

    def _feed_facts(self, sku: str) -> list[Fact]:
        feeds = self.config.feeds_of(self.supplier)
        return [Fact("stock.news", connection=feed, pk=sku_pk(sku), resource=sku) for feed in feeds]

    def _alias(self, goods: SupplierGoods) -> list[Put]:
        if goods.supplier_sku in ("", goods.sku.sku, goods.supplier_ref or goods.supplier_sku):
            return []
        key = alias_key(goods.sku.sku, self.supplier)
        if self.storage.get_raw(key) is not None:
            return []
        alias = OfferAlias(sku=goods.sku.sku, supplier=self.supplier, supplier_sku=goods.supplier_sku)
        return [Put(key, alias, 0, ref=offer_ref(self.supplier, goods.supplier_sku))]

    # --- what is not there any more -----------------------------------------------------------------------------------

    def _retire_missing(self) -> None:
        """Only after the whole list was read, and only when it is not wildly smaller than what is known (R24)."""
        known = set(offered_skus(self.storage, self.supplier))
        missing = sorted(known - self.seen - self.kept)
        few = (len(missing) < FEWEST_MISSING and bool(self.seen)) or self.own_list
        if missing and not few and len(missing) * 100 > MOST_MISSING_PERCENT * len(known):
            self._tell_shrunk(len(missing), len(known))
            return
        for sku in missing:
            self._retire(sku)

    def _tell_shrunk(self, missing: int, known: int) -> None:
        message = f"{missing} of {known} known SKUs are not in the supplier's catalogue; none was retired"
        line = self._stamp.line("breaker open", message)
        fact = alert("CATALOGUE_SHRUNK", self.supplier, message=message)
        update_connection(
            self.storage, self.supplier, lambda state: state.noted(line), [fact], correlation=self.correlation
        )

    def _retire(self, sku: str) -> None:
        def retired() -> None:
            file = self.storage.load_sku(sku)
            stored = file.offers.get(self.supplier)
            if stored is None or stored.model.retired:
                return
            if self.feed and self.feed in (stored.model.feed, stored.model.cost_feed):
                return
            offer = stored.model.retired_at(self._stamp, "not in the supplier's catalogue any more")
            puts = [offer_put(offer, stored.version, matters=True)]
            if file.record is not None and all(
                held.model.retired for name, held in file.offers.items() if name != self.supplier
            ):
                record = file.record.model.offered(SkuState.RETIRED, offer.log[-1])
                facts = tuple(publication_fact(sku, store) for store in file.listings)
                puts.append(Put(sku_key(sku), record, file.record.version, facts=facts))
            self.storage.commit(puts, correlation=self.correlation)

        retry_on_conflict(retired, f"SKU {sku}")


def _customs(record: SkuRecord) -> tuple[str, str]:
    return record.heading, record.made_in
