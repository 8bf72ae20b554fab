"""Articles with options: SKUs as the variants of one article, each put on sale and retired by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from local.sandbox.shopify.state import ProductState
from orderwright.connectors.stores.shopify.connector import ShopifyConnector
from orderwright.domain.catalogue import Article, SkuRecord
from orderwright.domain.shown_price import AS_IS
from orderwright.errors import Rejected, Retryable, VendorError
from orderwright.ports.store import QuantityChange, VariantView
from tests.connectors.shopify import nodes
from tests.connectors.shopify.bench import Bench, usd
from tests.connectors.shopify.scripted import ScriptedStore


def lamp(colour: str, key: str = "cj-1", **changes: Any) -> SkuRecord:
    """A lamp in one colour."""
    article = Article(key=key, title="Lamp", choices={"Colour": colour})
    images = (f"https://img.example.com/{colour}.jpg",)
    record = SkuRecord(sku=f"LAMP-{colour}", title=f"Lamp, {colour}", images=images, article=article)
    return record.model_copy(update=changes)


def publish(bench: Bench, sku: SkuRecord, quantity: int = 5, by: ShopifyConnector | None = None) -> VariantView:
    return (by or bench.shopify).publish_goods(sku, usd("9.00"), quantity, bench.location)


def page(bench: Bench, handle: str = "cj-1") -> ProductState:
    found = bench.store.catalogue.by_handle(handle)
    assert found is not None
    return found


def shown(bench: Bench, view: VariantView) -> tuple[int | None, bool]:
    listing = bench.shopify.read_listings([view.variant_id], bench.location)[0]
    return listing.quantity, listing.published


def test_skus_of_one_article_become_its_variants_and_leave_each_other_alone(bench: Bench) -> None:
    black = publish(bench, lamp("Black"))
    bench.shopify.push_quantities([QuantityChange(black.stock_id, bench.location, 3, 5)], "key")
    white = publish(bench, lamp("White"))
    assert black.listed_id == white.listed_id
    assert (page(bench).title, page(bench).visible) == ("Lamp", True)
    assert [(v.item.sku, v.options) for v in page(bench).variants] == [
        ("LAMP-Black", (("Colour", "Black"),)),
        ("LAMP-White", (("Colour", "White"),)),
    ]
    assert [image.url for image in page(bench).images] == [
        "https://img.example.com/Black.jpg",
        "https://img.example.com/White.jpg",
    ]
    assert (shown(bench, black), shown(bench, white)) == ((3, True), (5, True))


def test_a_repeat_makes_nothing_twice_and_sets_price_and_stock(bench: Bench) -> None:
    publish(bench, lamp("Black"))
    first = publish(bench, lamp("White"))
    again = bench.shopify.publish_goods(lamp("White"), usd("8.00"), 2, bench.location, AS_IS)
    assert again._replace(price=first.price) == first
    assert [v.item.sku for v in page(bench).variants] == ["LAMP-Black", "LAMP-White"]
    assert bench.shopify.read_listings([first.variant_id], bench.location)[0].price == usd("8.00")
    assert shown(bench, first) == (2, True)
    assert len(page(bench).images) == 2


def meanwhile(bench: Bench, operation: str, act: Callable[[], object]) -> None:
    """Something else happens right before a call of the bench's connector."""
    client: Any = bench.shopify._client
    execute = client.execute

    def hooked(asked: Any, **variables: Any) -> Any:
        if asked.name == operation:
            client.execute = execute
            act()
        return execute(asked, **variables)

    client.execute = hooked


def test_two_siblings_that_are_published_at_the_same_time_are_both_there_at_the_end(bench: Bench) -> None:
    other = bench.connector()
    meanwhile(bench, "CreateArticle", lambda: publish(bench, lamp("White"), by=other))
    with pytest.raises(Retryable) as caught:
        publish(bench, lamp("Black"))
    assert caught.value.code == "ARTICLE_CHANGED"
    publish(bench, lamp("Black"))
    assert {v.item.sku for v in page(bench).variants} == {"LAMP-White", "LAMP-Black"}
    meanwhile(bench, "AddVariant", lambda: publish(bench, lamp("Red"), by=other))
    publish(bench, lamp("Blue"))
    assert len(page(bench).variants) == 4


def test_the_same_sku_that_is_published_twice_at_the_same_time_is_there_once(bench: Bench) -> None:
    publish(bench, lamp("Black"))
    other = bench.connector()
    meanwhile(bench, "AddVariant", lambda: publish(bench, lamp("White"), by=other))
    with pytest.raises(Retryable):
        publish(bench, lamp("White"))
    publish(bench, lamp("White"))
    assert [v.item.sku for v in page(bench).variants] == ["LAMP-Black", "LAMP-White"]


@pytest.mark.parametrize(
    "second",
    [
        lamp("black", sku="OTHER"),
        lamp("White", article=Article(key="cj-1", title="Lamp", choices={"Size": "S"})),
        lamp("White", article=Article(key="cj-1", title="Lamp", choices={"Colour": "White", "Size": "S"})),
    ],
    ids=["same choice", "other option", "more options"],
)
def test_a_variant_that_does_not_fit_its_article_is_refused(bench: Bench, second: SkuRecord) -> None:
    publish(bench, lamp("Black"))
    with pytest.raises(Rejected) as caught:
        publish(bench, second)
    assert caught.value.code == "OPTIONS_TAKEN"
    assert [v.item.sku for v in page(bench).variants] == ["LAMP-Black"]


def test_an_article_with_more_options_than_the_store_takes_is_refused(bench: Bench) -> None:
    many = Article(key="cj-1", title="Lamp", choices={"A": "1", "B": "1", "C": "1", "D": "1"})
    with pytest.raises(Rejected) as caught:
        publish(bench, lamp("Black", article=many))
    assert caught.value.code == "OPTIONS_OVER_LIMIT"


def test_somebody_elses_article_under_the_handle_is_left_alone(bench: Bench) -> None:
    publish(bench, SkuRecord(sku="CJ-1", title="Another"))
    with pytest.raises(Rejected):
        publish(bench, lamp("Black"))
    assert [v.item.sku for v in page(bench).variants] == ["CJ-1"]


def test_one_that_was_published_as_an_article_of_its_own_stays_so(bench: Bench) -> None:
    alone = publish(bench, lamp("Black", article=None))
    bench.shopify.unpublish_goods(alone.listed_id, alone.variant_id)
    publish(bench, lamp("White"))
    back = publish(bench, lamp("Black"), quantity=2)
    assert back.variant_id == alone.variant_id
    assert shown(bench, back) == (2, True)
    assert len(page(bench).variants) == 1


def test_an_article_of_three_hundred_variants_is_read_to_its_end(bench: Bench) -> None:
    publish(bench, lamp("0"))
    article = page(bench)
    for number in range(1, 300):
        row = {
            "optionValues": [{"optionName": "Colour", "name": str(number)}],
            "inventoryItem": {"sku": f"LAMP-{number}"},
        }
        bench.store.catalogue.add_variant(article, row, [])
    last = publish(bench, lamp("299"), quantity=1)
    assert len(page(bench).variants) == 300
    assert shown(bench, last) == (1, True)


# --- retired ------------------------------------------------------------------------------------------------------------


def retire(bench: Bench, view: VariantView) -> None:
    bench.shopify.unpublish_goods(view.listed_id, view.variant_id)


def test_a_retired_variant_stays_while_others_are_sold_and_the_last_one_takes_the_article_off(bench: Bench) -> None:
    views = [publish(bench, lamp(colour)) for colour in ("Black", "White", "Red")]
    page(bench).variants[0].policy = "CONTINUE"
    for view in views[:2]:
        retire(bench, view)
        assert page(bench).status == "ACTIVE"
    assert page(bench).variants[0].policy == "DENY"
    retire(bench, views[1])
    assert page(bench).status == "ACTIVE"
    retire(bench, views[2])
    assert page(bench).status == "DRAFT"
    assert len(page(bench).variants) == 3


def test_a_sold_out_sibling_is_not_taken_for_a_retired_one(bench: Bench) -> None:
    black, white = publish(bench, lamp("Black")), publish(bench, lamp("White"), quantity=0)
    retire(bench, black)
    assert shown(bench, white) == (0, True)


def test_of_two_that_are_retired_at_the_same_time_one_sees_both(bench: Bench) -> None:
    black, white = publish(bench, lamp("Black")), publish(bench, lamp("White"))
    other = bench.connector()
    meanwhile(bench, "SetPrices", lambda: other.unpublish_goods(white.listed_id, white.variant_id))
    retire(bench, black)
    assert page(bench).status == "DRAFT"


def test_one_that_comes_back_brings_its_article_back_and_retired_siblings_have_no_stock(bench: Bench) -> None:
    black, white = publish(bench, lamp("Black")), publish(bench, lamp("White"))
    retire(bench, black)
    retire(bench, white)
    back = publish(bench, lamp("Black"), quantity=4)
    assert back.variant_id == black.variant_id
    assert (shown(bench, black), shown(bench, white)) == ((4, True), (0, True))
    retire(bench, white)
    assert page(bench).status == "ACTIVE"
    retire(bench, black)
    assert page(bench).status == "DRAFT"


def test_a_retired_variant_does_not_count_as_published_when_a_sibling_brings_its_article_back(bench: Bench) -> None:
    black, white = publish(bench, lamp("Black")), publish(bench, lamp("White"))
    retire(bench, black)
    retire(bench, white)
    publish(bench, lamp("Black"))
    assert [view.published for view in bench.shopify.find_variants(["LAMP-White"])] == [False]
    publish(bench, lamp("White"))
    assert [view.published for view in bench.shopify.find_variants(["LAMP-White"])] == [True]
    retire(bench, black)
    assert shown(bench, white) == (5, True)


def test_a_new_sibling_brings_an_article_back_without_the_stock_of_the_retired_ones(bench: Bench) -> None:
    black, white = publish(bench, lamp("Black")), publish(bench, lamp("White"))
    retire(bench, black)
    retire(bench, white)
    publish(bench, lamp("Red"))
    assert page(bench).status == "ACTIVE"
    assert (shown(bench, black), shown(bench, white)) == ((0, True), (0, True))


def test_a_merchants_own_article_keeps_what_is_not_ours_and_its_variant_comes_back_in_place(bench: Bench) -> None:
    ours, theirs = publish(bench, lamp("Black")), publish(bench, lamp("White"))
    page(bench).handle = "the-merchants-own"
    retire(bench, ours)
    assert shown(bench, theirs) == (5, True)
    back = publish(bench, lamp("Black", article=None), quantity=1)
    assert (back.variant_id, back.listed_id) == (ours.variant_id, ours.listed_id)
    assert shown(bench, back) == (1, True)
    retire(bench, theirs)
    assert page(bench, "the-merchants-own").status == "ACTIVE"


# --- what the sandbox does not do ---------------------------------------------------------------------------------------

SHOWN = {"id": "gid://shopify/Product/9", "handle": "cj-1", "status": "ACTIVE", "publishedOnPublication": True}


@pytest.fixture
def adding(shopify: ShopifyConnector, store: ScriptedStore) -> ShopifyConnector:
    """A store whose article has a black lamp."""
    black = nodes.variant(sku="LAMP-Black", selectedOptions=[{"name": "Colour", "value": "Black"}], product=SHOWN)
    found = {**SHOWN, "media": nodes.page(), "variants": nodes.page(black)}
    store.script("Publications", nodes.PUBLICATIONS)
    store.script("ListedArticle", {"productByIdentifier": found, "productVariants": nodes.page()})
    store.script("ArticleVariants", {"product": {"variants": nodes.page(black)}})
    return shopify


def added(*variants: dict[str, Any], **problem: Any) -> dict[str, Any]:
    errors = [{"field": ["variants", "0"], "message": "no", **problem}] if problem else []
    return {"productVariantsBulkCreate": {"productVariants": list(variants) or None, "userErrors": errors}}


def test_a_variant_is_added_without_touching_its_article(adding: ShopifyConnector, store: ScriptedStore) -> None:
    store.script("AddVariant", added(nodes.variant(22, sku="LAMP-White", product=SHOWN)))
    view = adding.publish_goods(lamp("White", images=()), usd("9.00"), 7, "41")
    assert (view.variant_id, view.listed_id, view.published) == ("22", "9", True)
    (sent,) = store.sent("AddVariant")
    assert sent["media"] == []
    assert sent["variants"] == [
        {
            "price": "9.00",
            "inventoryPolicy": "DENY",
            "inventoryItem": {"sku": "LAMP-White", "tracked": True, "requiresShipping": True},
            "optionValues": [{"optionName": "Colour", "name": "White"}],
            "inventoryQuantities": [{"locationId": "gid://shopify/Location/41", "availableQuantity": 7}],
        }
    ]


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (added(code="VARIANT_ALREADY_EXISTS"), Retryable, "ARTICLE_CHANGED"),
        (added(code="SUBSCRIPTION_VIOLATION"), Rejected, "SUBSCRIPTION_VIOLATION"),
        (added(), Retryable, "UNAVAILABLE"),
    ],
)
def test_a_refused_variant_is_parked_and_one_that_came_in_between_is_read_again(
    answer: dict[str, Any], error: type[VendorError], code: str, adding: ShopifyConnector, store: ScriptedStore
) -> None:
    store.script("AddVariant", answer)
    with pytest.raises(error) as caught:
        adding.publish_goods(lamp("White"), usd("9.00"), 7, "41")
    assert caught.value.code == code
