"""Promise P4 where prices follow competitors, demand and a campaign: each price in each store, by what was in force.

Worked out anew from the offers, the rules and the competitors' file. What was right at any instant of `WINDOW` is not accused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from local.sandbox.wire import LedgerEntry
from orderwright.domain.config import Config
from orderwright.domain.fx import exact_amount
from orderwright.domain.repricing_rules import Campaign
from orderwright.domain.rules import PriceRule
from tests.simulation.judge.evidence import Book
from tests.simulation.judge.prices import Bounds, bounds, rule_of
from tests.simulation.judge.shelf import WINDOW, ListingNow, Shelf, stepped
from tests.simulation.judge.writes import Write, body_of
from tests.simulation.people.competitors import DEMANDED, LEAST, MEMORY, RIGHT, FileWatch
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

BLOG, OUTLET = "lamp-blog", "lamp-outlet"
STORES = {"shopify": STORE, "woocommerce": BLOG, "bigcommerce": OUTLET}
"""Who plays each store."""
CENT = Decimal("0.01")
CLOCKS, SWEPT = timedelta(seconds=10), timedelta(minutes=2)
"""How wrong our clocks are; and how late a sweep may be."""
SLOWLY = timedelta(hours=1)
"""That a file was heard again is noted at most so often."""
UNREAD = timedelta(minutes=60)
"""For so long a file may not have been read, while things go wrong."""


class Asked(NamedTuple):
    """What one state of all inputs asks for: the price by cost, and where it is moved to (None: the price shown stays)."""

    rule: PriceRule
    aim: Decimal
    allowed: Bounds
    wanted: Decimal | None

    def within(self, price: Decimal) -> Decimal:
        """Lifted to the floor, capped at the ceiling."""
        lifted = max(price, self.allowed.lowest)
        return lifted if self.allowed.highest is None else min(lifted, self.allowed.highest)

    def near_cost(self, price: Decimal) -> Decimal:
        """As near to it as the rule may go from the price by cost."""
        off = self.aim * self.rule.bounds.percent / 100
        return max(self.aim - off, min(price, self.aim + off))

    def in_a_day(self, price: Decimal, opened: Decimal) -> Decimal:
        """As near to it as one day allows; what is too low for its cost rises at once."""
        off = opened * self.rule.bounds.per_day_percent / 100
        return max(opened - off, min(price, max(opened + off, self.near_cost(Decimal(0)))))


def _same(price: Decimal, other: Decimal) -> bool:
    return abs(price - other) <= CENT


@dataclass
class Repricing:
    """Prices of all stores as their ledgers show them. `opened`: the first one, from which a day's bound counts here.

    `usual`: the last one that was no campaign's.
    """

    opened: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    shown: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    usual: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    listings: dict[tuple[str, str], ListingNow] = field(default_factory=dict)
    costs: dict[str, list[str]] = field(default_factory=dict)

    def on_write(self, write: Write, book: Book, now: datetime) -> Iterator[str]:
        """Of a listing in any store but the first one, which the shelf looks at, no step above the limit."""
        sku = write.pk.removeprefix("SKU#")
        if write.item is None or write.table != "catalogue":
            return
        if write.sk.startswith("OFFER#"):
            cost, known = str(body_of(write.item)["cost"]), self.costs.setdefault(sku, [])
            known += [cost] if cost not in known else []
        elif write.sk.startswith("LISTING#"):
            store, after = (
                write.sk.removeprefix("LISTING#"),
                ListingNow(int(write.item["version"]["N"]), body_of(write.item)),
            )
            before, self.listings[store, sku] = self.listings.get((store, sku)), after
            if before is not None and after.version == before.version + 1 and store != STORE:
                yield from stepped(f"{sku} in {store}", before, after, list(book.in_force(now)))

    def on_price(self, entry: LedgerEntry, sim: Sim, book: Book, shelf: Shelf) -> Iterator[str]:
        """A price was set in a store."""
        store, sku, since = STORES[entry.vendor], entry.reference, sim.clock.at - WINDOW
        place, price = (store, sku), Decimal(entry.data["after"])
        before, self.shown[place] = self.shown.get(place), price
        if before is None:
            self.opened[place] = self.usual[place] = price
            return
        asked = list(self._asked(sim, book, shelf, place, since))
        if not asked:
            return
        where = f"{sku} in {store}"
        if not any(one.allowed.hold(price) for one in asked):
            yield f"P4: {where} was published at {price}, the floor is {min(one.allowed.lowest for one in asked)}"
        if any(running(config, place, since, sim.clock.at) for config in book.in_force(since)):
            return
        usual, self.usual[place] = self.usual[place], price
        if not any(_same(price, one.within(one.near_cost(price))) for one in asked):
            yield f"P4: {where} was published at {price}, further from the price by cost than its rule may move it"
        stays = [one.within(one.near_cost(usual)) for one in asked]
        if all(one.wanted is None for one in asked) and not any(_same(price, one) for one in (usual, *stays)):
            yield f"P4: {where} went from {usual} to {price}, and no competitor's price counts"
        opened = self.opened[place]
        days = [one.within(one.in_a_day(price, opened)) for one in asked]
        if not self._changed(sku, book) and not any(_same(price, one) for one in (usual, *days)):
            yield f"P4: {where} went from {opened} to {price} within a day"

    def _changed(self, sku: str, book: Book) -> bool:
        """Did its cost or the rules change? Then it may move at once."""
        return len(book.configs) > 1 or len(self.costs.get(sku, ())) > 1

    def _asked(self, sim: Sim, book: Book, shelf: Shelf, place: tuple[str, str], since: datetime) -> Iterator[Asked]:
        """By each state of the inputs since then."""
        (store, sku), today = place, sim.clock.at.date()
        for config in book.in_force(since):
            rules, currency = config.rules, config.stores[store].currency
            rule = rule_of(rules, sku, "", store)
            for offer in [offer for offers in shelf.recent(sku, since) for offer in offers if not offer.retired]:
                allowed = bounds(offer.cost, offer.freight, rules, sku, "", store, currency, today)
                if rule is None or rule.markup is None or allowed is None:
                    continue
                aim = rule.markup * sum(
                    exact_amount(one, currency, rules, today) for one in (offer.cost, offer.freight)
                )
                wanted = (
                    self._followed(sim, rule, aim, sku, since)
                    if rule.competitors
                    else self._raised(sim, rule, aim, sku)
                )
                yield from (Asked(rule, aim, allowed, one) for one in wanted)

    @staticmethod
    def _raised(sim: Sim, rule: PriceRule, aim: Decimal, sku: str) -> Iterator[Decimal]:
        sells = rule.demand is not None and sku in sim.memory[DEMANDED]
        yield aim * (100 + rule.demand.raise_percent) / 100 if rule.demand is not None and sells else aim

    @staticmethod
    def _followed(sim: Sim, rule: PriceRule, aim: Decimal, sku: str, since: datetime) -> Iterator[Decimal | None]:
        file: FileWatch = sim.memory[MEMORY]
        assert rule.competitors is not None
        move, now = rule.competitors, sim.clock.at
        age = timedelta(hours=move.stale_after_hours)
        fresh, stale = file.could_be_read(since - age, now), not file.was_read(now - age + SLOWLY, now)
        for sellers in file.since(sku, since if since == now else since - UNREAD):
            sane = [
                row.price for row in sellers.values()
                if row.currency == RIGHT and row.price >= LEAST
                and move.lowest_percent * aim <= row.price * 100 <= move.highest_percent * aim
            ]  # fmt: skip
            if sane and fresh:
                yield min(sane) * (100 - move.undercut_percent) / 100
            if stale or not sane:
                yield None

    def at_the_end(self, sim: Sim, book: Book, shelf: Shelf, due: Mapping[tuple[str, str], Any]) -> Iterator[str]:
        """When all is quiet each store shows what rules and inputs ask for, where nothing waits for a person or a push."""
        for place, listing in sorted(self.listings.items()):
            store, sku = place
            waits = due.get((f"SKU#{sku}", f"LISTING#{store}"))
            if (
                listing.body.get("reasons")
                or not listing.body.get("on_sale", True)
                or (waits and waits.kind != "offer.changed")
            ):
                continue
            price, config = self.shown.get(place), book.configs[-1][1]
            asked = list(self._asked(sim, book, shelf, place, sim.clock.at))
            if price is None or not asked:
                continue
            right = {
                one for ask in asked for one in self._right(ask, place, running(config, place, sim.clock.at), book)
            }
            if not any(_same(price, one) for one in right):
                said = " or ".join(sorted({str(round(one, 2)) for one in right}))
                yield f"P4: all is quiet, and {sku} in {store} shows {price}, not {said}"

    def _right(self, ask: Asked, place: tuple[str, str], campaign: Campaign | None, book: Book) -> Iterator[Decimal]:
        if campaign is not None and campaign.price is not None:
            yield ask.within(campaign.price.amount)
            return
        if ask.wanted is None:
            yield ask.within(ask.near_cost(self.usual[place]))
            return
        wanted = ask.near_cost(ask.wanted)
        yield ask.within(ask.in_a_day(wanted, self.opened[place]))
        if self._changed(place[1], book):
            yield ask.within(wanted)


def running(config: Config, place: tuple[str, str], since: datetime, now: datetime | None = None) -> Campaign | None:
    """The first campaign of a SKU in a store that runs at some moment between the two."""
    store, sku = place
    for one in config.rules.campaigns.values():
        fits = (not one.skus or sku in one.skus) and (not one.stores or store in one.stores)
        begins, ends = (at if at.tzinfo else at.replace(tzinfo=UTC) for at in (one.begins, one.ends))
        if fits and begins - CLOCKS <= (now or since) and since < ends + (CLOCKS if now is None else SWEPT):
            return one
    return None
