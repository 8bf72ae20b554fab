"""SKU and offer: what is sold, and who supplies it. One partition holds both, and the listings (listing.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import Field

from orderwright.domain.base import Instant, Model, changed
from orderwright.domain.order import Reason
from orderwright.domain.shelf import Shelf, average_cost
from orderwright.domain.sources import Sources
from orderwright.domain.time_line import LogEntry, Logged, Stamp
from orderwright.domain.unit_cost import UnitCost

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""`observed_at` of an offer whose stock nobody has reported yet: any report is newer."""
BATTERY = "battery"
"""The attribute that says whether there is a battery in it: YES or NO."""
YES, NO = "yes", "no"


MOST_PLACES = 20
"""Warehouses of a supplier that an offer keeps apart."""


class SkuState(StrEnum):
    """ACTIVE is published and ordered; RETIRED is unpublished, while open orders of it go on."""

    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"


class Article(Model):
    """What a SKU is one variant of: SKUs with the same `key` are published together, and the buyer chooses among them.

    `key` is ours and never changes. `choices`: this variant's value by the option's name, such as Colour: Black; one to three.
    """

    key: str = Field(min_length=1)
    title: str
    choices: dict[str, str]


class SkuRecord(Logged):
    """The one clean record of a thing that is sold (item SKU): internal SKU, texts, pictures, attributes, codes."""

    LOG_LINES = 6

    sku: str
    title: str
    description_html: str = ""
    images: tuple[str, ...] = ()
    category: str = ""
    tags: tuple[str, ...] = ()
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    hs6: str = Field(
        default="", description="the customs code as given: 6, 8 or 10 digits; its first six are the HS heading"
    )
    origin: str = Field(default="", description="the country where it was made, ISO 3166; not where it ships from")
    set_by_hand: dict[str, str] = Field(
        default_factory=dict,
        description="hs6, origin, mpn, battery as the operator imported them: they win over the supplier's",
    )
    attributes: dict[str, str] = Field(default_factory=dict)
    article: Article | None = Field(default=None, description="None: it is an article of its own, without options")
    of: dict[str, int] = Field(default_factory=dict, description="of a bundle (rules.bundles): pieces by SKU")
    weight_grams: int | None = None
    requires_shipping: bool = True
    state: SkuState = SkuState.ACTIVE

    @property
    def heading(self) -> str:
        """The customs code that counts, "" for none."""
        return self.set_by_hand.get("hs6", self.hs6)

    @property
    def made_in(self) -> str:
        """The country of origin that counts, "" for none."""
        return self.set_by_hand.get("origin", self.origin)

    @property
    def maker_number(self) -> str:
        """The manufacturer's number that counts, "" for none."""
        return self.set_by_hand.get("mpn", self.mpn)

    @property
    def battery(self) -> str:
        """Whether there is a battery in it, as it counts: yes, no, or "" where nobody says."""
        return self.set_by_hand.get(BATTERY, self.attributes.get(BATTERY, ""))

    def imported(self, goods: SkuRecord) -> SkuRecord:
        """With a supplier's texts and codes; the time line and what the operator set stay."""
        return changed(goods, log=self.log, set_by_hand=self.set_by_hand)

    def named(self, sku: str, hs6: str, origin: str, mpn: str) -> Self:
        """Under the merchant's own SKU, with his word on the codes where he gives one."""
        return changed(self, sku=sku, hs6=hs6 or self.hs6, origin=origin or self.origin, mpn=mpn or self.mpn)

    def offered(self, state: SkuState, *entries: LogEntry) -> Self:
        """As a supplier offers it, or none does any more, while its texts are another supplier's."""
        return changed(self, state=state).noted(*entries)

    def corrected(self, values: Mapping[str, str]) -> Self:
        """With what the operator says of these four; "" takes an earlier word back, so that the supplier's counts."""
        by_hand = {**self.set_by_hand, **values}
        return changed(self, set_by_hand={name: value for name, value in by_hand.items() if value})


def has_battery(record: SkuRecord | None) -> bool:
    """True only where the operator or the supplier says so: most goods have none, and nobody says it of them."""
    return record is not None and record.battery == YES


class OfferReport(NamedTuple):
    """A supplier's word on one SKU. None = unknown, which is not zero."""

    supplier_sku: str
    supplier_ref: str
    stock: int | None
    cost: UnitCost | None
    observed_at: datetime
    article: str = ""
    left: bool = False
    """It is not in the source's list any more."""
    places: Mapping[str, int] = {}
    """Of the stock, what lies in each warehouse, where the source tells it; without those that have none."""


class SupplierGoods(Model):
    """One SKU of a supplier's catalogue, as imported (R1). Cost and freight are those of one piece.

    `article` is the supplier's id of what this is a variant of. `on_sale`: the supplier says so; else it does not say.
    `stock_at`: when there were so many, where the merchant himself says it; he may take it back (stock None).
    """

    supplier_sku: str
    supplier_ref: str
    sku: SkuRecord
    cost: UnitCost
    freight: UnitCost
    stock: int | None = None
    observed_at: Instant
    stock_at: Instant | None = None
    article: str = ""
    on_sale: bool = False


class Offer(Logged):
    """One supplier's SKU for ours (item OFFER#supplier). `sellable` = stock - buffer - open reservations, kept by arithmetic.

    `open` maps "<order key>|<line id>" to the reserved quantity. `observed_at` is when the supplier said so.
    `cost` and `freight` are those of one piece.
    """

    LOG_LINES = 3

    sku: str
    supplier: str
    supplier_sku: str
    supplier_ref: str = ""
    cost: UnitCost
    freight: UnitCost
    stock: int = Field(ge=0)
    buffer: int = Field(default=0, ge=0)
    held_back: int = Field(default=0, description="the buffer that oversold_at_most_percent asks for; part of `buffer`")
    places: dict[str, int] = Field(default_factory=dict, description="of the stock, by warehouse; the largest ones")
    sellable: int
    open: dict[str, int] = Field(default_factory=dict)
    sold: int = Field(default=0, description="units bought here so far, counted where a reservation is closed")
    observed_at: Instant
    cost_observed_at: Instant | None = None
    retired: bool = False
    article: str = Field(default="", description="the supplier's id of the article whose variant this is")
    off_sale: bool = Field(default=False, description="the supplier does not sell it now: no report of stock counts")
    stock_from: str = Field(default="", description="who said the stock: the supplier, or a feed; empty: not kept")
    cost_from: str = Field(default="", description="who said the cost")
    feed: str = Field(
        default="", description="the feed to which its stock belongs: the first that tells it of this SKU"
    )
    cost_feed: str = Field(default="", description="the same of its cost; empty: as `feed`, if that one tells costs")
    shelf: Shelf | None = Field(default=None, description="of an own warehouse: what its stock is summed from")

    @property
    def landed_cost(self) -> UnitCost:
        """What one piece costs us at the customer's door: goods and freight."""
        return self.cost + self.freight

    @property
    def said_at(self) -> datetime | None:
        """Of which time its stock is; None where nobody has said it yet, and where it is always there."""
        return self.observed_at if self.observed_at.year > NEVER.year else None

    @classmethod
    def first(cls, goods: SupplierGoods, supplier: str, buffer: int) -> Self:
        """Of goods that are new here. Unknown stock is not sold, and any report of it is newer."""
        known = goods.stock is not None
        return cls(
            sku=goods.sku.sku,
            supplier=supplier,
            supplier_sku=goods.supplier_sku,
            supplier_ref=goods.supplier_ref,
            cost=goods.cost,
            freight=goods.freight,
            stock=max(0, goods.stock or 0),
            buffer=buffer,
            sellable=max(0, goods.stock or 0) - buffer,
            observed_at=(goods.stock_at or goods.observed_at) if known else NEVER,
            cost_observed_at=goods.observed_at,
            article=goods.article,
            stock_from=supplier if known else "",
            cost_from=supplier,
        )

    def imported(self, goods: SupplierGoods, buffer: int, sources: Sources, stamp: Stamp) -> Self:
        """As its supplier's catalogue has it: what is newer and known wins (promise P4); reservations stay (promise P3).

        A confirmation alone gives the same offer: it is not worth a write for each SKU and day.
        """
        at, by = goods.observed_at, self.supplier
        again = self.off_sale and goods.on_sale and at > self.observed_at
        before = self.sale_changed(on_sale=True, stamp=stamp) if again else self
        after = changed(
            before, supplier_sku=goods.supplier_sku, supplier_ref=goods.supplier_ref, buffer=max(buffer, before.held_back),
            retired=False, article=goods.article or before.article,
        )  # fmt: skip
        then = goods.stock_at or at
        # What the merchant himself said he may correct for the same day, take back, or put "always" in place of.
        his = goods.stock_at is not None and before.stock_from == by and before.shelf is None
        his = his and (then == before.observed_at or then.year == NEVER.year)
        if goods.stock is None and his:
            after = changed(after, stock=0, observed_at=NEVER, stock_from="")
        elif goods.stock is not None and not before.off_sale and (his or before._takes_stock(by, then, sources)):
            after = changed(after, observed_at=then, stock_from=by)._of(max(0, goods.stock))
        told = (goods.cost, goods.freight) != (before.cost, before.freight)
        told = told or not sources.of_cost.is_known(before.cost_from)
        if told and before._takes_cost(by, at, sources):
            after = changed(after, cost=goods.cost, freight=goods.freight, cost_from=by, cost_observed_at=at)
        elif at == NEVER and goods.freight != before.freight:
            # Goods of a stock file: their cost comes with its poll, but what sending them costs is told nowhere else.
            same = goods.freight.currency == before.cost.currency
            after = changed(after, freight=goods.freight, cost=before.cost if same else goods.cost)
        after = after._summed()
        if after.is_news_after(before):
            return after._told(before, stamp)
        names = ("supplier_sku", "supplier_ref", "article", "buffer")
        return before if all(getattr(after, name) == getattr(before, name) for name in names) else after

    def reported(self, report: OfferReport, by: str, sources: Sources, stamp: Stamp) -> Reported:
        """After a report of `by`, one of `sources`: what is newer and known. None is unknown, not zero.

        Stock and cost belong each to the first feed in their order that tells it of the SKU: what a later one says of it does
        not count. One that left its file belongs to none, until a feed lists it again. A cost of zero or in another
        currency is refused.
        """
        after, refused, at = changed(self, article=report.article or self.article), None, report.observed_at
        if by not in sources.stockless and _counts(self.feed, by, sources.of_stock, report):
            if by in sources.feeds:
                after = changed(after, feed="" if report.left else by)
            if report.stock is not None and self._takes_stock(by, at, sources):
                stock = 0 if self.off_sale else max(0, report.stock)
                known = changed(after, observed_at=at, stock_from="" if report.left else by)
                after = known._of(stock, report.places if stock else {})._summed()
        if by not in sources.costless and _counts(self.cost_feed or self.feed, by, sources.of_cost, report):
            if by in sources.feeds:
                after = changed(after, cost_feed="" if report.left else by)
            if report.cost is not None and self._takes_cost(by, at, sources):
                refused = cost_problem(self.sku, report.cost, self.freight)
                if refused is None:
                    after = changed(after, cost=report.cost, cost_observed_at=at, cost_from=by)
        matters = (after.stock, after.cost, after.sellable) != (self.stock, self.cost, self.sellable)
        # Known again is news, even if the figures are the same.
        stock_gone = not sources.of_stock.is_known(self.stock_from) and self.stock_from != after.stock_from
        cost_gone = not sources.of_cost.is_known(self.cost_from) and self.cost_from != after.cost_from
        matters |= stock_gone or cost_gone
        return Reported(after._told(self, stamp) if matters else after, matters, refused)

    def sale_changed(self, *, on_sale: bool, stamp: Stamp) -> Self:
        """Off sale: nothing of it can be sold, whatever is reported. On sale again: any report of its stock is newer."""
        at = NEVER if on_sale else stamp.now
        return changed(self, off_sale=not on_sale, observed_at=at)._of(0, {})._summed()._told(self, stamp)

    def held(self, pieces: int, buffer: int, stamp: Stamp) -> Self:
        """So many are held back from tonight on, and at least the settings' `buffer`. The same offer where nothing differs."""
        after = changed(self, held_back=pieces, buffer=max(buffer, pieces))._summed()
        return after if after == self else after._told(self, stamp, f"buffer {self.buffer} -> {after.buffer}")

    def retired_at(self, stamp: Stamp, why: str) -> Self:
        """Not offered any more; open orders of it go on."""
        return changed(self, retired=True)._told(self, stamp, why)

    # An own warehouse: its stock is what lies on the shelf, and only these change it.

    def counted(self, units: int, at: datetime, stamp: Stamp) -> Self:
        """Somebody counted so many pieces at that time. Raises CountTooOld."""
        return self._shelved((self.shelf or Shelf()).counted(units, at), stamp)

    def received(self, units: int, cost: UnitCost, at: datetime, stamp: Stamp) -> Self:
        """So many pieces came, and cost so much each: the cost becomes the moving average."""
        shelf = self.shelf or Shelf()
        average = average_cost(shelf.pieces, self.cost, units, cost) if units else self.cost
        dearer = changed(self, cost=average, cost_from=self.supplier, cost_observed_at=stamp.now)
        return dearer._shelved(shelf.moved(units, at), stamp, before=self)

    def sent(self, units: Mapping[str, int], at: datetime, stamp: Stamp) -> Self:
        """Pieces left in a parcel, by the name of their reservation in `open`, which ends with them; "" for none."""
        held = {name: max(0, many - units.get(name, 0)) for name, many in self.open.items()}
        total = sum(units.values())
        open_now = {name: many for name, many in held.items() if many}
        after = changed(self, open=open_now, sold=self.sold + total)
        return after._shelved((self.shelf or Shelf()).moved(-total, at), stamp, before=self)

    def kept_with(self, buffer: int, freight: UnitCost, stamp: Stamp) -> Self:
        """As its warehouse's settings say now. Freight in another currency counts once goods cost that currency too."""
        same = freight.currency == self.cost.currency
        buffer = max(buffer, self.held_back)
        after = changed(self, buffer=buffer, freight=freight if same else self.freight)._summed()
        return after if after == self else after._told(self, stamp)

    def _shelved(self, shelf: Shelf, stamp: Stamp, before: Self | None = None) -> Self:
        after = changed(
            self,
            shelf=shelf,
            stock=max(0, shelf.pieces),
            stock_from=self.supplier,
            observed_at=stamp.now,
            retired=False,
        )
        return after._summed()._told(before or self, stamp)

    def is_news_after(self, before: Offer) -> bool:
        """Whether prices or quantities may follow from what the catalogue changed."""
        # Of a source that is gone the same figures are news once somebody says them; else these two differ with the others.
        names = ("stock", "cost", "freight", "sellable", "retired", "stock_from", "cost_from")
        return any(getattr(before, name) != getattr(self, name) for name in names)

    # Promise P4: nothing older over newer. Stock and cost have clocks of their own, since a report may know only one.

    def _takes_stock(self, by: str, at: datetime, sources: Sources) -> bool:
        return sources.of_stock.may_replace(self.stock_from, by, newer=at > self.observed_at)

    def _takes_cost(self, by: str, at: datetime, sources: Sources) -> bool:
        return sources.of_cost.may_replace(self.cost_from, by, newer=at > (self.cost_observed_at or self.observed_at))

    def _of(self, stock: int, places: Mapping[str, int] | None = None) -> Self:
        """So many in these warehouses; None: the source does not tell warehouses, so the parts stay while the sum does."""
        if places is None:
            places = self.places if stock == self.stock else {}
        most = sorted(places.items(), key=lambda place: (-place[1], place[0]))[:MOST_PLACES]
        return changed(self, stock=stock, places={name: many for name, many in most if many > 0})

    def _summed(self) -> Self:
        """Promise P3's sum. Negative when more was sold than there is."""
        return changed(self, sellable=self.stock - self.buffer - sum(self.open.values()))

    def _told(self, before: Offer, stamp: Stamp, why: str = "") -> Self:
        """With a line about what differs."""
        words = [
            f"{name} {was} -> {now}"
            for name in ("stock", "cost", "freight")
            if (was := getattr(before, name)) != (now := getattr(self, name))
        ]
        if before.retired != self.retired:
            words.append("retired" if self.retired else "offered again")
        if before.off_sale != self.off_sale:
            words.append("not sold by the supplier any more" if self.off_sale else "sold by the supplier again")
        if before.sellable != self.sellable:
            words.append(f"sellable {before.sellable} -> {self.sellable}")
        return self.noted(stamp.line(", ".join(words) or "confirmed", why))


def _counts(owner: str, by: str, sources: Sources, report: OfferReport) -> bool:
    """Whether `by` may say this figure, which belongs to `owner`. `sources` are those who report it."""
    return not sources.is_behind(by, owner) and not (report.left and sources.is_behind(owner, by))


class Reported(NamedTuple):
    """An offer after a report. `matters`: price or quantity may follow. `refused`: a cost that was not believed."""

    offer: Offer
    matters: bool
    refused: Reason | None = None


def cost_problem(sku: str, cost: UnitCost, freight: UnitCost) -> Reason | None:
    """Why a cost cannot be believed, or None. A cost of 0 is a missing field far more often than a gift (P4)."""
    if not cost.is_positive:
        return Reason(
            code="COST_NOT_POSITIVE",
            message=f"the supplier reports a cost of {cost} for SKU {sku}; the last good one is kept",
            fix="ask the supplier, or correct the cost column of its feed",
            field="offer.cost",
        )
    if cost.currency != freight.currency:
        return Reason(
            code="COST_CURRENCY",
            message=f"the cost of SKU {sku} comes in {cost.currency}, its freight is in {freight.currency}",
            fix="set the feed's currency to the supplier's own, or convert the file",
            field="offer.cost",
        )
    return None


class FreightQuoteRecord(Model):
    """What a parcel with one piece costs to one country, as a supplier said it. Without `price` it offers no way there.

    `group` is what was asked: warehouse, method preferred, weight step, transport. `grams` is the weight of the article that
    was asked about, the heaviest of its group; None where no weight is known.
    """

    price: UnitCost | None = None
    method: str = ""
    carries_duty: bool | None = None
    quoted_at: Instant
    warehouse: str
    group: str = ""
    grams: int | None = None

    def answered(self, price: UnitCost, method: str, carries_duty: bool | None) -> Self:
        """With what the supplier quotes for this way."""
        return changed(self, price=price, method=method, carries_duty=carries_duty)


class FreightTable(Model):
    """A supplier's freight for one SKU (item FREIGHT#supplier): by country of destination, for those that are sold to."""

    sku: str
    supplier: str
    quotes: dict[str, FreightQuoteRecord] = Field(default_factory=dict)

    def quoted(self, quotes: Mapping[str, FreightQuoteRecord]) -> Self:
        """With these quotes in place of older ones to the same countries."""
        return changed(self, quotes={**self.quotes, **quotes})
