"""Freight by destination for prices: asked in groups behind the import, within half of the day's spare points (P13)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from orderwright.domain.catalogue import FreightQuoteRecord, FreightTable, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.freight import freight_to
from orderwright.domain.operations import Cursor
from orderwright.errors import NotFound, Rejected, Retryable
from orderwright.ports.connection import Subscription
from orderwright.ports.freight import FreightQuote, FreightRequest
from orderwright.records import cursor_key, freight_key, poll_key, sku_key
from orderwright.storage import Put
from orderwright.usecases.import_catalogue import import_catalogue
from orderwright.usecases.stock.budget import claim_quotes, claim_reads
from tests.support.catalogue_world import World, config, message
from tests.support.fakes import Faults, unit_usd
from tests.unit.usecases.test_close_reservations import _close, _placed
from tests.unit.usecases.test_import_catalogue import Imports

NO_WAY = Rejected("none", code="NO_SHIPPING_METHOD")
RULE = {
    "to": ["FI", "NO"],
    "tax": {"rate": "25", "in_price": "included", "remitter": "merchant"},
    "duty": "none",
    "valid_from": "2026-01-01",
}


def sold_to(*countries: str) -> Config:
    """A shop with a rule of destinations; 1000 points a day, 100 of them kept back."""
    made = config()
    rules = {"prices": [{"name": "all", "markup": "2.4"}], "destinations": [RULE], "ship_to_countries": list(countries)}
    return Config.model_validate({**made.model_dump(mode="json"), "rules": rules})


@dataclass
class Freight:
    """A supplier that asks 1.00 to Finland and 2.00 to Norway, and one cent for each piece of news."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    price: dict[str, str] = field(default_factory=lambda: {"FI": "1.00", "NO": "2.00"})
    faults: Faults = field(default_factory=Faults)
    took: Callable[[], object] = lambda: None
    points_per_quote: int = 10

    def quote_freight(self, request: FreightRequest) -> FreightQuote:
        ((ref, _),) = request.lines
        self.asked.append((ref, request.country_code))
        self.took()
        self.faults.check(f"{ref} {request.country_code}")
        return FreightQuote("CJPacket Ordinary", unit_usd(self.price[request.country_code]), False)


class Shop:
    """A world with goods of known weight, and a refresh of their freight."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.world.config = sold_to("FI", "NO")
        self.freight = Freight()

    def has(self, sku: str, grams: int | None, *, sold: int = 0, transport: str = "COMMON") -> None:
        record = SkuRecord(sku=sku, title=sku, weight_grams=grams, attributes={"Transport": transport})
        self.world.storage.commit([Put(sku_key(sku), record, 0, state="SKU")])
        self.world.has_offer(sku, sold=sold)

    def refresh(self) -> list[tuple[str, str]]:
        """What one refresh asks."""
        self.freight.asked = []
        import_catalogue(
            message("catalogue.import_due", connection="cj", sk="FREIGHT"),
            storage=self.world.storage,
            config=self.world.config,
            catalogue_for=lambda name: pytest.fail("no goods are read"),
            feed_for=lambda name: pytest.fail("no feed is read here"),
            freight_for=lambda name: self.freight,
            store_catalogue_for=self.world.catalogue_for,
            webhooks_for=lambda name: pytest.fail("nothing is subscribed"),
            subscription_for=lambda name: Subscription(""),
            clock=self.world.clock,
            timing=self.world.timing,
        )
        return self.freight.asked

    def table(self, sku: str) -> FreightTable:
        stored = self.world.storage.load_sku(sku).freights["cj"]
        return stored.model

    def price(self, sku: str, country: str) -> str | None:
        found = freight_to(self.table(sku), country, self.world.clock.now().date())
        return str(found.price) if found else None


@pytest.fixture
def shop(world: World) -> Shop:
    return Shop(world)


def test_articles_of_a_group_share_the_quote_of_the_heaviest(shop: Shop) -> None:
    shop.has("LIGHT", 110)
    shop.has("HEAVY", 190)
    shop.has("CELLS", 190, transport="BATTERY")
    shop.has("UNKNOWN", None)
    assert sorted(shop.refresh()) == sorted(
        (f"vid-{sku}", country) for sku in ("HEAVY", "CELLS", "UNKNOWN") for country in ("FI", "NO")
    )
    assert (shop.price("LIGHT", "FI"), shop.price("LIGHT", "NO")) == ("1.00 USD", "2.00 USD")
    assert shop.table("LIGHT").quotes["FI"] == FreightQuoteRecord(
        price=unit_usd("1.00"), method="CJPacket Ordinary", carries_duty=False, quoted_at=shop.world.clock.now(),
        warehouse="CN", group="CN|CJPacket Ordinary|200 g|COMMON", grams=190,
    )  # fmt: skip
    assert shop.world.facts(freight_key("LIGHT", "cj")) == ["offer.changed"]


def test_a_lighter_newcomer_takes_over_the_groups_quote_and_a_heavier_one_is_asked(shop: Shop) -> None:
    shop.has("A", 150)
    shop.refresh()
    shop.has("B", 140)
    assert shop.refresh() == []
    assert shop.price("B", "FI") == "1.00 USD"
    shop.has("C", 160)
    assert shop.refresh() == [("vid-C", "FI"), ("vid-C", "NO")]
    assert shop.table("A").quotes["FI"].grams == 150, "what is not old is left alone"


def test_quotes_are_renewed_after_25_days_and_only_a_change_prices_anew(shop: Shop) -> None:
    shop.has("A", 150)
    shop.refresh()
    shop.world.clock.forward(days=25)
    assert shop.refresh() == []
    shop.world.clock.forward(days=1)
    shop.freight.price["NO"] = "2.50"
    assert len(shop.refresh()) == 2
    assert shop.world.facts(freight_key("A", "cj")) == ["offer.changed"]
    shop.world.clock.forward(days=26)
    assert len(shop.refresh()) == 2
    assert shop.world.facts(freight_key("A", "cj")) == []


def test_a_country_without_a_way_is_noted_and_not_asked_daily(shop: Shop) -> None:
    shop.has("A", 150)
    shop.freight.faults.add("vid-A NO", NO_WAY)
    shop.refresh()
    assert (shop.price("A", "NO"), "NO" in shop.table("A").quotes) == (None, True)
    shop.world.clock.forward(days=1)
    assert shop.refresh() == []
    shop.world.clock.forward(days=25)
    assert ("vid-A", "NO") in shop.refresh()
    assert shop.price("A", "NO") == "2.00 USD"


def test_an_article_that_is_refused_leaves_its_group_to_the_next_heaviest(shop: Shop) -> None:
    shop.has("HEAVY", 190)
    shop.has("LIGHT", 110)
    shop.freight.faults.add("vid-HEAVY FI", NotFound("gone"))
    shop.freight.faults.add("vid-HEAVY NO", NotFound("gone"))
    shop.refresh()
    assert shop.price("LIGHT", "FI") == "1.00 USD"
    assert "cj" not in shop.world.storage.load_sku("HEAVY").freights


def test_at_most_half_of_the_days_spare_points_are_used_and_the_most_sold_come_first(shop: Shop) -> None:
    # 1000 a day, 100 kept back, 860 used by polls: 40 are left, 20 of them for quotes, which is two.
    shop.world.storage.commit([Put(poll_key("cj"), Cursor(name="x", points_day="2026-11-20", points_used=860), 0)])
    shop.has("SELDOM", 450, sold=1)
    shop.has("OFTEN", 150, sold=9)
    assert shop.refresh() == [("vid-OFTEN", "FI"), ("vid-OFTEN", "NO")]
    assert shop.refresh() == []
    shop.world.clock.forward(days=1)
    assert shop.refresh() == [("vid-SELDOM", "FI"), ("vid-SELDOM", "NO")]


def test_points_of_quotes_are_counted_once_and_do_not_stop_the_paced_poll(shop: Shop) -> None:
    storage, settings, now = shop.world.storage, shop.world.config.suppliers["cj"], shop.world.clock.now()
    assert claim_quotes(storage, "cj", settings, 100, 10, now) == 45  # half of 900 points, 10 each
    # At 10:00 of the day: 10/24 of the other 450 points are 187, and 5 % ahead of the hour 22: 209, which is 20 reads.
    assert claim_reads(storage, "cj", settings, 100, 10, now, paced=True) == 20
    # 200 are used by reads: half of the 700 that are left without the quotes is less than they have.
    assert claim_quotes(storage, "cj", settings, 100, 10, now) == 0
    stored = storage.get(poll_key("cj"), Cursor)
    assert stored is not None
    assert (stored.model.points_used, stored.model.quote_points) == (650, 450)


def test_what_does_not_fit_into_the_time_goes_on_soon(shop: Shop) -> None:
    shop.has("A", 150)
    shop.has("B", 450)
    shop.freight.took = lambda: shop.world.clock.forward(seconds=100)
    assert shop.refresh() == [("vid-A", "FI"), ("vid-A", "NO")]
    assert shop.world.due(cursor_key("cj", "FREIGHT")).endswith("#catalogue.import_due")
    assert shop.refresh() == [("vid-B", "FI"), ("vid-B", "NO")]
    shop.freight.took = lambda: None
    assert shop.refresh() == []
    assert shop.world.due(cursor_key("cj", "FREIGHT")) == ""


def test_a_supplier_that_is_away_keeps_what_was_learned_and_is_asked_again_later(shop: Shop) -> None:
    shop.has("A", 150)
    shop.freight.faults.add("vid-A NO", Retryable("away", code="UNAVAILABLE"))
    shop.refresh()
    assert (shop.price("A", "FI"), shop.price("A", "NO")) == ("1.00 USD", None)
    due = shop.world.clock.now() + timedelta(minutes=30)
    assert shop.world.due(cursor_key("cj", "FREIGHT")).startswith(f"{due:%Y-%m-%dT%H:%M}")
    assert shop.refresh() == [("vid-A", "NO")]


def test_without_a_rule_of_destinations_nothing_is_asked_or_written(shop: Shop) -> None:
    shop.world.config = config()
    shop.has("A", 150)
    assert shop.refresh() == []
    assert shop.world.storage.load_sku("A").freights == {}


def test_an_import_has_the_freight_looked_at_as_work_of_its_own(shop: Shop) -> None:
    imports = Imports(shop.world)
    imports.lists("A")
    imports.run()
    (fact,) = shop.world.raw_facts(cursor_key("cj", "FREIGHT"))
    assert (fact["type"], fact["connection"], fact["sk"]) == ("catalogue.import_due", "cj", "FREIGHT")
    shop.world.config = config()
    imports.run()
    assert shop.world.version(cursor_key("cj", "FREIGHT")) == 1, "without a rule of destinations nothing is asked"


def test_units_that_were_bought_are_counted_where_their_reservation_is_closed(world: World) -> None:
    world.has_offer()
    _placed(world)
    assert world.offer().sold == 0
    world.clock.forward(minutes=30)
    world.change_offer(observed_at=world.clock.now() - timedelta(minutes=1))
    assert _close(world)
    assert (world.offer().sold, world.offer().sellable) == (2, 10)
