"""What CJ does not sell now is sold by nobody, whatever stock is reported of it (promises P3, P4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.sandbox.cj.catalogue import variant_sku
from local.sandbox.goods import GOODS
from orderwright.domain.catalogue import Offer
from orderwright.messages import Message
from orderwright.records import offer_key
from orderwright.usecases.stock.offers import offer_put
from tests.support.shop import SUPPLIER, Shop, hook, test_config
from tests.unit.usecases.order_shop import OrderShop

MS, COB = "HL-MS-400", "HL-COB-350"


class WholeShop(OrderShop):
    """With stock and price functions, and the post office of the order path."""

    call = Shop.call


@pytest.fixture
def shop() -> Iterator[Shop]:
    config = test_config()
    supplier = config.suppliers[SUPPLIER].model_copy(update={"goods": {variant_sku(good): good.sku for good in GOODS}})
    made = WholeShop(config.model_copy(update={"connections": {**config.connections, SUPPLIER: supplier}}))
    made.connect()
    made.wiring.secrets.write(SUPPLIER, "webhook", {"url": hook(SUPPLIER)})
    made.stock_up()
    _send(made, "catalogue.import_due")
    yield made
    made.close()
    assert made.failed == []


def _send(shop: Shop, kind: str) -> None:
    message = Message(kind, f"{kind}@{shop.clock.now()}", "now", connection=SUPPLIER)
    shop.queues[message.queue].append(message.to_json())
    shop.run()


def _shown(shop: Shop, sku: str) -> int:
    """What the store itself offers of it."""
    (variant,) = [one for one in shop.store.shop.variants() if one.item.sku == sku]
    return int(variant.available)


@pytest.mark.parametrize("again", ["message", "import"])
@pytest.mark.parametrize("status", [2, 5])
def test_off_sale_shows_none_until_it_is_sold_again(shop: Shop, status: int, again: str) -> None:
    shop.supplier.set_sale_status(MS, status)
    shop.run()
    assert (_shown(shop, MS), _shown(shop, COB)) == (0, 40)
    shop.clock.advance(3600)
    shop.supplier.set_stock(MS, 35)
    _send(shop, "stock.poll_due")
    _send(shop, "catalogue.import_due")
    assert _shown(shop, MS) == 0, "stock that is reported meanwhile is not for sale"
    shop.clock.advance(3600)
    if again == "message":
        shop.supplier.set_sale_status(MS, 3)
        shop.run()
    else:
        shop.supplier._catalogue.sale_status.clear()
        _send(shop, "catalogue.import_due")
    assert _shown(shop, MS) == 35


def test_an_order_of_what_is_off_sale_waits_and_buys_nothing(shop: Shop) -> None:
    shop.supplier.set_sale_status(MS, 2)
    shop.run()
    name = shop.store.buy([(MS, 1)], oversell=True).name
    shop.run()
    assert [reason.code for reason in shop.order(name).record.model.reasons] == ["OUT_OF_STOCK"]
    assert shop.paid_orders(name) == []


def test_all_variants_of_an_article_go_off_sale_with_one_alert(shop: WholeShop) -> None:
    storage = shop.wiring.storage
    ours, other = (storage.get(offer_key(sku, SUPPLIER), Offer) for sku in (MS, COB))
    assert ours is not None
    assert other is not None
    twin = other.model.model_copy(update={"article": ours.model.article})
    storage.commit([offer_put(twin, other.version, matters=False)])
    shop.supplier.set_sale_status(MS, 2)
    shop.run()
    assert (_shown(shop, MS), _shown(shop, COB)) == (0, 0)
    (text,) = [one for one in shop.post.alerts if "OFFER_OFF_SALE" in one]
    assert "1 more of its article" in text
