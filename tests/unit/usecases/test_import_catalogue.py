"""Goods to SKUs and offers, variants to listings, and what is to be published (R1, R4; promises P3, P4)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orderwright import records
from orderwright.domain.catalogue import NEVER, SkuRecord, SkuState, SupplierGoods
from orderwright.errors import Misconfigured, Retryable
from orderwright.ports.connection import Subscription
from orderwright.records import cursor_key, listing_key, offer_key
from orderwright.storage import Put, Reserve
from orderwright.usecases.import_catalogue import IMPORT, import_catalogue
from tests.support.catalogue_world import SKU, World, message
from tests.support.fakes import START, FakeSupplierCatalogue, Variant, unit_usd, usd

OFFER, LISTING = offer_key(SKU, "cj"), listing_key(SKU, "shop")


class Imports:
    """A supplier's catalogue, and a way to import it later."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.catalogue = FakeSupplierCatalogue()
        self.watched: list[tuple[str, list[str]]] = []

    def subscription(self, connection: str) -> Subscription:
        self.catalogue.faults.check("url")
        return Subscription(f"https://api.example.com/webhooks/{connection}")

    def ensure_webhooks(self, wanted: Subscription) -> list[str]:
        """The supplier's subscriptions."""
        self.watched.append((wanted.url, list(wanted.goods)))
        return ["stock"]

    def foreign_webhooks(self, callback_url: str) -> list[str]:
        return []

    def lists(self, *skus: str, **fields: object) -> None:
        """The supplier lists these now."""
        self.catalogue.goods = [goods(sku, self.world.clock.now(), **fields) for sku in skus]

    def run(self, connection: str = "cj", sk: str = "") -> None:
        import_catalogue(
            message("catalogue.import_due", connection=connection, sk=sk),
            storage=self.world.storage,
            config=self.world.config,
            catalogue_for=lambda name: self.catalogue,
            feed_for=lambda name: pytest.fail("no feed is read here"),
            freight_for=lambda name: pytest.fail("no freight is asked here"),
            store_catalogue_for=self.world.catalogue_for,
            webhooks_for=lambda name: self,
            subscription_for=self.subscription,
            clock=self.world.clock,
            timing=self.world.timing,
        )


def goods(sku: str, at: datetime = START, **fields: object) -> SupplierGoods:
    """A lamp at 6.40 + 2.90, ten in stock."""
    base: dict[str, object] = {
        "supplier_sku": f"CJ-{sku}", "supplier_ref": f"vid-{sku}", "sku": SkuRecord(sku=sku, title=f"Lamp {sku}"),
        "cost": unit_usd("6.40"), "freight": unit_usd("2.90"), "stock": 10, "observed_at": at,
    }  # fmt: skip
    return SupplierGoods.model_validate({**base, **fields})


@pytest.fixture
def imports(world: World) -> Imports:
    return Imports(world)


def _state(world: World, sku: str = SKU) -> SkuState:
    stored = world.storage.get(records.sku_key(sku), SkuRecord)
    assert stored is not None
    return stored.model.state


def test_new_goods_become_a_sku_an_offer_and_a_listing_to_publish(world: World, imports: Imports) -> None:
    whole = CLEAN.model_copy(update={"category": "Lights"})
    imports.catalogue.goods = [goods(SKU).model_copy(update={"sku": whole})]
    imports.run()
    assert _kept(world)[0] == whole, "texts, pictures, category"
    offer = world.offer()
    assert (offer.stock, offer.sellable, offer.cost, offer.supplier_ref) == (10, 10, unit_usd("6.40"), f"vid-{SKU}")
    assert world.facts(OFFER) == ["offer.changed", "stock.news"]
    assert world.facts(LISTING) == ["listing.publication_due"]
    assert world.due(LISTING).endswith("#listing.publication_due")


def test_the_same_catalogue_again_writes_nothing(world: World, imports: Imports) -> None:
    world.store.has(SKU, "22.99")
    imports.lists(SKU, "A")
    imports.run()
    world.clock.forward(minutes=10)
    imports.lists(SKU, "A")
    with world.counted() as calls:
        imports.run()
    assert not [call for call in calls if call in ("dynamodb:PutItem", "dynamodb:TransactWriteItems")]


def test_unknown_stock_is_not_sold_and_any_report_is_newer(world: World, imports: Imports) -> None:
    imports.lists(SKU, stock=None)
    imports.run()
    assert (world.offer().stock, world.offer().observed_at) == (0, NEVER)


def test_a_later_import_keeps_stock_that_it_does_not_know_and_reservations(world: World, imports: Imports) -> None:
    imports.lists(SKU)
    imports.run()
    world.storage.commit([Reserve(OFFER, (("shop#1|line", 3),))])
    world.clock.forward(hours=1)
    imports.lists(SKU, stock=None, cost=unit_usd("7.60"))
    imports.run()
    offer = world.offer()
    assert (offer.stock, offer.sellable, offer.open, offer.cost) == (10, 7, {"shop#1|line": 3}, unit_usd("7.60"))
    assert world.facts(OFFER) == ["offer.changed"]


def test_nothing_older_replaces_something_newer(world: World, imports: Imports) -> None:
    imports.lists(SKU)
    imports.run()
    world.change_offer(stock=2, sellable=2, observed_at=world.clock.now().replace(hour=12))
    imports.lists(SKU, stock=50)
    imports.run()
    assert world.offer().stock == 2


def test_the_buffer_of_the_configuration_is_kept_back(world: World, imports: Imports) -> None:
    supplier = world.config.suppliers["cj"].model_copy(update={"buffer": 4})
    connections = {**world.config.connections, "cj": supplier}
    imports.lists(SKU)
    imports.run()
    world.config = world.config.model_copy(update={"connections": connections})
    imports.run()
    assert (world.offer().buffer, world.offer().sellable) == (4, 6)


def test_goods_without_a_believable_cost_are_parked(world: World, imports: Imports) -> None:
    imports.lists("A")
    imports.catalogue.goods.append(goods(SKU, cost=unit_usd("0.00")))
    imports.run()
    assert world.storage.load_sku(SKU).offers == {}
    assert world.facts(records.parked_key(f"cj#catalogue#COST_NOT_POSITIVE#{SKU}")) == ["COST_NOT_POSITIVE"]
    assert world.offer("A").stock == 10


def test_goods_that_vanished_are_retired_and_come_back(world: World, imports: Imports) -> None:
    imports.lists(SKU, "A", "B")
    imports.run()
    imports.lists("A", "B")
    imports.run()
    assert world.offer().retired
    assert _state(world) is SkuState.RETIRED
    assert world.facts(OFFER) == ["offer.changed"]
    assert world.facts(records.sku_key(SKU)) == ["listing.publication_due"]
    imports.lists(SKU, "A", "B")
    imports.run()
    assert not world.offer().retired
    assert _state(world) is SkuState.ACTIVE
    assert world.facts(records.sku_key(SKU)) == ["listing.publication_due"]


@pytest.mark.parametrize("left", [[], ["S0", "S1"]])
def test_a_wildly_smaller_catalogue_retires_nothing(world: World, imports: Imports, left: list[str]) -> None:
    imports.lists(*[f"S{number}" for number in range(6)])
    imports.run()
    imports.lists(*left)
    imports.run()
    assert not world.offer("S5").retired
    stored = world.raw(records.connection_key("cj"))
    assert "breaker open" in str(stored["body"])


def test_an_incomplete_list_retires_nothing(world: World, imports: Imports) -> None:
    imports.lists(SKU, "A", "B")
    imports.run()
    imports.lists("A", "B")
    imports.catalogue.faults.add("list_goods", Retryable("503"))
    imports.run()
    assert not world.offer().retired
    assert world.facts(records.connection_key("cj")) == ["CONNECTION_FAILS"]


def test_who_could_not_be_asked_is_asked_again_by_a_due_time_until_it_answers(world: World, imports: Imports) -> None:
    imports.catalogue.faults.add("list_goods", Retryable("503"))
    imports.lists("A")
    imports.run()
    waiting = world.raw(cursor_key("cj", IMPORT))
    assert str(waiting["due_at"]).endswith("#catalogue.import_due")
    imports.run(sk=IMPORT)
    assert world.offer("A").sellable
    assert "due_at" not in world.raw(cursor_key("cj", IMPORT))


def test_a_variant_is_mapped_by_its_sku(world: World, imports: Imports) -> None:
    world.store.has(SKU, "22.99", 3)
    imports.lists(SKU)
    imports.run()
    listing = world.listing()
    assert (listing.variant_id, listing.location_id, listing.published_price) == (f"v-{SKU}", "loc-1", usd("22.99"))
    assert listing.published
    assert world.facts(LISTING) == ["offer.changed"]
    assert world.due(LISTING) == ""


def test_a_variant_without_an_offer_is_visible_as_not_mapped(world: World, imports: Imports) -> None:
    world.store.has("OWN", "5.00")
    imports.lists(SKU)
    imports.run()
    assert [reason.code for reason in world.listing("OWN").reasons] == ["NOT_MAPPED"]
    assert world.facts(listing_key("OWN", "shop")) == []
    imports.lists(SKU, "OWN")
    imports.run()
    assert world.listing("OWN").reasons == ()


def test_an_article_that_the_store_spells_otherwise_is_mapped_and_not_published_beside(
    world: World, imports: Imports
) -> None:
    theirs = f"{SKU.lower()} "
    world.store.has(theirs, "22.99", 3)
    imports.lists(SKU)
    imports.run()
    assert (world.listing().variant_id, world.listing().published) == (f"v-{theirs}", True)
    assert (world.listing(theirs).same_as, world.listing(theirs).variant_id) == (SKU, "")
    versions = [world.version(listing_key(sku, "shop")) for sku in (SKU, theirs)]
    imports.run()
    assert [world.version(listing_key(sku, "shop")) for sku in (SKU, theirs)] == versions
    imports.lists("OTHER")
    imports.run()
    assert world.listing().variant_id == f"v-{theirs}", (
        "retired by us is not gone there: it is still to be set to none left"
    )


def test_where_two_spellings_may_be_meant_neither_is_mapped_or_published_and_both_are_told(
    world: World, imports: Imports
) -> None:
    twins = (SKU.lower(), f"{SKU} ")
    for sku in twins:
        world.store.has(sku, "22.99", 3)
    imports.lists(SKU)
    imports.run()
    for sku in (SKU, *twins):
        assert [reason.code for reason in world.listing(sku).reasons] == ["SKU_UNCLEAR"]
        assert world.facts(records.parked_key(f"shop#catalogue#SKU_UNCLEAR#{sku}")) == ["SKU_UNCLEAR"]
    assert (world.listing().variant_id, world.facts(LISTING), world.listing().on_sale) == ("", [], False)
    del world.store.variants[f"v-{twins[0]}"], world.store.variants[f"v-{twins[1]}"]
    world.store.has("ANOTHER", "1.00")
    imports.run()
    assert (world.listing().reasons, world.facts(LISTING)) == ((), ["listing.publication_due"])


def test_one_sku_on_two_variants_is_told(world: World, imports: Imports) -> None:
    world.store.has(SKU, "22.99")
    world.store.variants["v-twin"] = Variant(SKU, "v-twin", usd("20.00"))
    imports.lists(SKU)
    imports.run()
    assert world.facts(records.parked_key(f"shop#catalogue#DUPLICATE_SKU#{SKU}")) == ["DUPLICATE_SKU"]
    version = world.version(LISTING)
    imports.run()
    assert world.version(LISTING) == version


def test_a_variant_that_the_merchant_deleted_is_given_up_and_not_published_again(
    world: World, imports: Imports
) -> None:
    world.store.has(SKU, "22.99")
    world.store.has("A", "9.99")
    imports.lists(SKU, "A")
    imports.run()
    del world.store.variants[f"v-{SKU}"]
    imports.run()
    assert world.facts(LISTING) == ["VARIANT_GONE"]
    assert world.listing().variant_id == ""
    version = world.version(LISTING)
    imports.run()
    assert world.version(LISTING) == version


def test_an_empty_answer_of_the_store_gives_nothing_up(world: World, imports: Imports) -> None:
    for number in range(4):
        world.store.has(f"S{number}", "9.99")
    imports.lists(*[f"S{number}" for number in range(4)])
    imports.run()
    world.store.variants.clear()
    imports.run()
    assert world.listing("S0").variant_id == "v-S0"
    assert world.facts(records.connection_key("shop"))[:1] == ["STORE_SHRUNK"] or "breaker open" in str(
        world.raw(records.connection_key("shop"))["body"]
    )


def test_a_store_alone_can_be_looked_at(world: World, imports: Imports) -> None:
    world.has_offer()
    world.store.has(SKU, "22.99")
    imports.run("shop")
    assert world.listing().variant_id == f"v-{SKU}"


def test_nothing_is_published_where_the_store_does_not_want_it(world: World, imports: Imports) -> None:
    store = world.config.stores["shop"].model_copy(update={"publish_new_skus": False})
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "shop": store}})
    imports.lists(SKU)
    imports.run()
    assert world.storage.load_sku(SKU).listings == {}


def test_a_supplier_sku_is_found_by_its_feeds(world: World, imports: Imports) -> None:
    imports.lists(SKU)
    imports.run()
    keys = world.storage.find(records.CATALOGUE, f"offer#cj#CJ-{SKU}")
    assert keys == [records.alias_key(SKU, "cj")]


def test_killed_after_any_write_a_second_run_completes(world: World, imports: Imports) -> None:
    class Killed(BaseException):
        pass

    world.store.has(SKU, "22.99")
    imports.lists(SKU, "A", "B")
    for number in range(1, 12):
        seen: list[str] = []

        def kill(name: str, seen: list[str] = seen, number: int = number) -> None:
            seen.append(name)
            if len(seen) >= number:
                raise Killed

        world.aws.after = kill
        with pytest.raises(Killed):
            imports.run()
        world.aws.after = lambda name: None
    imports.run()
    assert world.listing().variant_id == f"v-{SKU}"
    assert {world.offer(sku).sellable for sku in (SKU, "A", "B")} == {10}
    assert not world.listing("B").published


def test_news_of_what_was_imported_is_asked_for_each_time(imports: Imports, world: World) -> None:
    imports.lists("A-1", "A-2")
    imports.catalogue.faults.add("url", Misconfigured("no webhook address yet"))
    imports.run()
    assert world.facts(records.connection_key("cj")) == ["CONNECTION_FAILS"]
    imports.run()
    imports.run()
    assert imports.watched == [("https://api.example.com/webhooks/cj", ["vid-A-1", "vid-A-2"])] * 2


def test_every_sku_is_listed_for_the_operator(imports: Imports, world: World) -> None:
    imports.lists("A-1", "A-2")
    imports.run()
    assert {key.pk for key in world.storage.in_state("catalogue", "SKU", 10)} == {"SKU#A-1", "SKU#A-2"}


DIRTY = SkuRecord(
    sku=SKU,
    title="Lamp <b>bright</b>",
    description_html='<p onclick="alert(1)">Bright</p><script>alert(1)</script><img src="http://images.example.com/1.jpg">',
    images=("https://images.example.com/1.jpg", "http://images.example.com/2.jpg"),
)
CLEAN = DIRTY.model_copy(
    update={
        "title": "Lamp bright",
        "description_html": "<p>Bright</p>",
        "images": ("https://images.example.com/1.jpg",),
    }
)
LEFT_OUT = (
    "left out: pictures whose address is not plain https: 1; of the description onclick, script; "
    "pictures in the description whose address is not plain https: 1"
)


def _kept(world: World) -> tuple[SkuRecord, list[tuple[str, str]]]:
    stored = world.storage.get(records.sku_key(SKU), SkuRecord)
    assert stored is not None
    return stored.model.model_copy(update={"log": ()}), [(line.what, line.why) for line in stored.model.log]


def test_a_suppliers_texts_are_cleaned_before_they_are_kept_and_the_operator_sees_what_was_left_out(
    world: World, imports: Imports
) -> None:
    imports.catalogue.goods = [goods(SKU).model_copy(update={"sku": DIRTY})]
    imports.run()
    assert _kept(world) == (CLEAN, [("imported from cj", LEFT_OUT)])
    version = world.version(records.sku_key(SKU))
    imports.run()
    assert world.version(records.sku_key(SKU)) == version, "the same texts again are no news"


def test_a_record_that_was_kept_with_its_markup_is_clean_after_the_next_import(world: World, imports: Imports) -> None:
    world.storage.commit([Put(records.sku_key(SKU), DIRTY, 0)])
    imports.catalogue.goods = [goods(SKU).model_copy(update={"sku": DIRTY})]
    imports.run()
    assert _kept(world) == (CLEAN, [("updated by cj", LEFT_OUT)])


def test_what_the_operator_imported_for_customs_stays_and_a_new_code_of_the_suppliers_prices_anew(
    imports: Imports,
) -> None:
    lamp = SkuRecord(sku=SKU, title="Lamp", hs6="8513101000", origin="CN", mpn="A1")
    imports.lists(SKU)
    imports.run()
    imports.catalogue.goods = [goods(SKU).model_copy(update={"sku": lamp})]
    imports.run()
    assert "offer.changed" in imports.world.facts(records.sku_key(SKU))
    stored = imports.world.storage.get(records.sku_key(SKU), SkuRecord)
    assert stored is not None
    by_hand = stored.model.model_copy(update={"set_by_hand": {"hs6": "940510"}})
    imports.world.storage.commit([Put(records.sku_key(SKU), by_hand, stored.version, state="SKU")])
    imports.catalogue.goods = [
        goods(SKU).model_copy(update={"sku": lamp.model_copy(update={"title": "New", "hs6": "851311"})})
    ]
    imports.run()
    kept = imports.world.storage.get(records.sku_key(SKU), SkuRecord)
    assert kept is not None
    assert (kept.model.title, kept.model.hs6, kept.model.heading) == ("New", "851311", "940510")
    assert (kept.model.made_in, kept.model.maker_number) == ("CN", "A1")
    assert imports.world.facts(records.sku_key(SKU)) == []  # the code that counts is the same


def test_a_customs_code_or_an_origin_that_is_none_is_left_out_and_told_once(imports: Imports) -> None:
    imports.lists(SKU)
    odd = SkuRecord(sku=SKU, title="Lamp", hs6="901780000", origin="China")
    imports.catalogue.goods = [goods(SKU).model_copy(update={"sku": odd})]
    imports.run()
    imports.run()
    stored = imports.world.storage.get(records.sku_key(SKU), SkuRecord)
    assert stored is not None
    assert (stored.model.hs6, stored.model.origin) == ("", "")
    (entry,) = stored.model.log
    assert "customs code" in entry.why
    assert "country of origin" in entry.why


@pytest.mark.parametrize("source", ["gone", "feed"])
def test_a_cost_that_only_a_feed_of_before_said_is_known_again_by_the_catalogue(
    world: World, imports: Imports, source: str
) -> None:
    later = world.clock.now() + timedelta(days=1)
    world.has_offer(cost_from=source, cost_observed_at=later, observed_at=later, supplier_sku=f"CJ-{SKU}")
    imports.lists(SKU, stock=None)
    imports.run()
    assert world.offer().cost_from == ("cj" if source == "gone" else "feed")
    assert (world.facts(OFFER) == ["offer.changed"]) is (source == "gone")
