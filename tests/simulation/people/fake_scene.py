"""A world as small as people need it: real vendors, an agenda that is played by hand, and nobody who listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from local.sandbox.cj import CjSupplier
from local.sandbox.cj.bodies import CartOrders, CreateOrderV2, PayBalanceV2
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.goods import GOODS, Good
from local.sandbox.shopify import ShopifyStore
from local.sandbox.wire import Delivery, World
from orderwright.messages import Message
from orderwright.storage import Storage
from tests.contracts.sandbox_kit import order_body
from tests.simulation.front import SHOPIFY
from tests.simulation.judge.vendors.cj import CJ
from tests.simulation.kernel.agenda import Agenda, Clock
from tests.simulation.people.sold import Sold

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@dataclass
class FakeScene:
    """tests.simulation.people.scene.Scene."""

    sold: list[Sold] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    sent: list[Message] = field(default_factory=list)
    redriven: int = 0

    def __post_init__(self) -> None:
        self.clock = Clock(START)
        self.agenda = Agenda(self.clock)
        self.deliveries: list[Delivery] = []
        self.world = World(clock=self.clock.now, random=Random(7), deliver=self.deliveries.append)
        self.store, self.front = ShopifyStore(self.world), SHOPIFY
        self.store.config.privacy_url = "https://hooks.example.com/privacy"
        self.words, self.supplier = CJ, CjSupplier(self.world)
        self.carrier = EasyPostCarrier(self.world)
        self.storage: Storage = _Nothing()
        self._put_on_sale()

    def _put_on_sale(self) -> None:
        shop = self.store.shop
        place = f"gid://shopify/Location/{next(iter(shop.locations))}"
        for good in GOODS:
            if shop.by_sku(good.sku) is None:
                page = self.store.catalogue.product_set({"handle": good.sku.lower()}, _page(good, place))
                page.publications.add(shop.publication)
                page.published_at = shop.now()

    def note(self, who: str, what: str) -> None:
        """Kept."""
        self.notes.append(f"{who}: {what}")

    def send(self, messages: Sequence[Message]) -> None:
        """Kept."""
        self.sent.extend(messages)

    def redrive(self) -> int:
        """There are always two dead letters."""
        self.redriven += 1
        return 2

    def play(self, after_each: Callable[[], None] | None = None) -> None:
        """Let everything happen that people planned."""
        while self.agenda.waiting:
            self.agenda.step()
            if after_each is not None:
                after_each()

    def pay(self, reference: str, **quantities: int) -> str:
        """Somebody orders and pays at the supplier; SKUs with underscores for hyphens. Gives the supplier's id."""
        book = self.supplier.book
        order_id = str(book.create(CreateOrderV2.model_validate(order_body(reference, **quantities)))["orderId"])
        cart = CartOrders(cjOrderIdList=[order_id])
        book.add_cart(cart)
        shipment = str(book.confirm_cart(cart)["shipmentsId"])
        bill = book.bill(shipment)
        book.pay(PayBalanceV2(shipmentOrderId=shipment, payId=bill["payId"]))
        return order_id


class _Nothing:
    """A storage that nobody may ask: customers and suppliers know nothing of ours."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise AssertionError(f"asked storage for {name}")


def _page(good: Good, place: str) -> dict[str, Any]:
    """A product with forty pieces in stock."""
    variant = {
        "optionValues": [{"optionName": "Title", "name": "Default Title"}],
        "price": "20.00",
        "inventoryPolicy": "DENY",
        "inventoryItem": {"sku": good.sku, "tracked": True},
        "inventoryQuantities": [{"locationId": place, "name": "available", "quantity": 40}],
    }
    return {
        "title": good.title,
        "handle": good.sku.lower(),
        "status": "ACTIVE",
        "productOptions": [{"name": "Title", "values": [{"name": "Default Title"}]}],
        "variants": [variant],
    }
