"""A bundle as a store sells it: what its components cost, and how many of it can be put together (R3; promises P3, P4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property

from orderwright.domain.bundle import Bundle
from orderwright.domain.catalogue import Offer, SkuRecord, SkuState
from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.pricing import Offered, OfferedPart, PriceDecision, Shop, price_for
from orderwright.domain.repricing.signals import Signals
from orderwright.domain.routing.lines import comparable_cost
from orderwright.domain.rules import Rules
from orderwright.domain.serving import not_for_sale
from orderwright.domain.time_line import LogEntry
from orderwright.records import SkuFile
from orderwright.storage import Storage
from orderwright.usecases.listing.offered import choose_offer, offered_by, units_for_sale

MISSING = "COMPONENT_MISSING"
_MICRO = 10**6


def load_whole(storage: Storage, sku: str, rules: Rules) -> SkuFile:
    """A SKU; of a bundle with its components."""
    file, bundle = storage.load_sku(sku), rules.bundles.get(sku)
    return file if bundle is None else replace(file, parts=storage.load_skus(list(bundle.of)))


def holding(sku: str, rules: Rules) -> list[str]:
    """The bundles in which it is."""
    return [name for name, bundle in rules.bundles.items() if sku in bundle.of]


def record_of(sku: str, bundle: Bundle, before: SkuRecord | None, *entries: LogEntry) -> SkuRecord:
    """The clean record of a bundle, from its rule."""
    goods = SkuRecord(
        sku=sku, title=bundle.title, description_html=bundle.description, images=bundle.images, category=bundle.category,
        of=dict(sorted(bundle.of.items())),
    )  # fmt: skip
    after = before.imported(goods) if before else goods
    return after if after == before else after.noted(*entries)


def weights(bundle: Bundle, files: Mapping[str, SkuFile], rules: Rules, today: date) -> dict[str, int]:
    """By which components share the money of a bundle: their landed costs of now, in millionths; equal where one is not known."""
    found: dict[str, int] = {}
    for sku, pieces in bundle.of.items():
        offers = [held.model for held in files[sku].offers.values() if not held.model.retired]
        cost = comparable_cost(choose_offer(offers, rules, today), rules, today) if offers else None
        if cost is None or cost <= 0:
            return dict.fromkeys(bundle.of, 1)
        found[sku] = max(1, int(cost * pieces * _MICRO))
    return found


def usable_offers(file: SkuFile, store: str, config: Config) -> list[Offer]:
    """Offers of a component from which it can be sold in a store now."""
    if file.record is not None and file.record.model.state is SkuState.RETIRED:
        return []
    offers = (held.model for held in file.offers.values())
    return [offer for offer in offers if not offer.retired and not_for_sale(offer, store, config) is None]


def most_of(file: SkuFile, store: str, config: Config, offers: Mapping[str, list[Offer]] | None = None) -> int:
    """How many bundles can be put together from what may be sold now (promise P3)."""
    usable = offers or {sku: usable_offers(part, store, config) for sku, part in file.parts.items()}
    pieces = config.rules.bundles[file.sku].of
    return min(units_for_sale(usable[sku], config.rules, sku) // count for sku, count in pieces.items())


class BundleOffer:
    """All components, each from its best offer; `decision` is the price of one bundle."""

    signals: Signals | None = None

    def __init__(self, file: SkuFile, config: Config, shop: Shop, now: datetime) -> None:
        self.file, self.config, self.shop, self.now, self.today = file, config, shop, now, now.date()
        self.bundle = config.rules.bundles[file.sku]
        self.offers = {sku: usable_offers(file.parts[sku], shop.store, config) for sku in self.bundle.of}
        self.missing = next((_missing(sku) for sku, found in self.offers.items() if not found), None)
        if self.missing is None:
            self.weights = weights(self.bundle, file.parts, config.rules, self.today)
            self.best = {sku: self._best(sku) for sku in self.bundle.of}

    def follow(self, signals: Signals) -> None:
        """What its price follows beside cost, before anybody asks for it."""
        self.signals = signals

    @cached_property
    def decision(self) -> PriceDecision:
        """Made when it is asked for first."""
        return self._price(self.offered({}), self.signals)

    def _best(self, sku: str) -> Offer:
        offers = self.offers[sku]
        priced = [offer for offer in offers if self._price(Offered(None, None, parts=(self._part(sku, offer),))).price]
        return choose_offer(priced or offers, self.config.rules, self.today)

    def _part(self, sku: str, offer: Offer) -> OfferedPart:
        offered = offered_by(offer, self.file.parts[sku], self.config, self.now)
        return OfferedPart(sku, self.bundle.of[sku], offered, self.weights[sku])

    def offered(self, others: Mapping[str, Offer]) -> Offered:
        """What a bundle costs, with `others` in place of the best offers."""
        return Offered(
            None, None, parts=tuple(self._part(sku, offer) for sku, offer in {**self.best, **others}.items())
        )

    def _decision(self, others: Mapping[str, Offer]) -> PriceDecision:
        return self._price(self.offered(others))

    def _price(self, offered: Offered, signals: Signals | None = None) -> PriceDecision:
        record, rules = self.file.record, self.config.rules
        category = record.model.category if record else self.bundle.category
        return price_for(
            offered, rules, self.config.limits, self.shop, sku=self.file.sku, category=category, today=self.today,
            signals=signals,
        )  # fmt: skip

    @property
    def who(self) -> str:
        """Who supplies what."""
        return ", ".join(
            f"{self.bundle.of[sku]} {sku} of {self.config.name_of(offer.supplier)}" for sku, offer in self.best.items()
        )

    def units_at(self, price: Money) -> int:
        """How many can be sold at this price: an offer from which a component would be sold at a loss does not count."""
        covering = {
            sku: [one for one in found if one is self.best[sku] or _covers(self._decision({sku: one}), price)]
            for sku, found in self.offers.items()
        }
        return most_of(self.file, self.shop.store, self.config, covering) if _covers(self.decision, price) else 0


def _covers(decision: PriceDecision, price: Money) -> bool:
    return decision.floor is not None and decision.floor.currency == price.currency and decision.floor <= price


def _missing(sku: str) -> Reason:
    return Reason(
        code=MISSING,
        message=f"SKU {sku}, which is in this bundle, is offered by no supplier now",
        fix="import it, or take the bundle out of rules.bundles; until then none of it is sold",
        field="rules.bundles",
    )
