"""The order path of a whole shop: the functions from webhook to mail, with a post office that can refuse or hang."""

from __future__ import annotations

from collections import deque
from typing import Any

from local.sandbox.kit.api import Call
from local.sandbox.kit.vendor import ApiVendor
from local.sandbox.wire import Response
from orderwright.domain.config import Config
from orderwright.domain.order import OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.rules import Limits
from orderwright.domain.shipment import Shipment
from orderwright.ports.connection import Subscription
from orderwright.ports.people import Email
from orderwright.records import CONTROL, Key, offer_key
from orderwright.storage import Put
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.release import Released, releasable, release_order
from tests.support.hooks import subscribe
from tests.support.shop import CARRIER, STORE, SUPPLIER, Boundary, Shop, hook, test_config

ORDER_PATH = frozenset(
    {
        "ingest_order",
        "place_purchase_order",
        "update_tracking",
        "publish_fulfillment",
        "notify_customer",
        "alert_merchant",
    }
)


def before_call(shop: Shop, operation: str, act: object, vendor: ApiVendor | None = None) -> None:
    """Do something right before the supplier, or another `vendor`, is called with this operation, once."""
    asked = vendor or shop.supplier
    handle, waiting = asked.api.answer, [act]

    def answer(call: Call) -> Response:
        if call.operation == operation and waiting:
            waiting.pop()()  # type: ignore[operator]
        return handle(call)

    asked.api.answer = answer  # type: ignore[method-assign]


def buy(shop: Shop, *lines: tuple[str, int]) -> str:
    """Buy, and let everything happen that happens at once."""
    name = shop.store.buy(list(lines)).name
    shop.run()
    return name


class Post:
    """ports.Notifier and ports.Alerts. `next` holds what the next sends raise, oldest first; None lets one through."""

    def __init__(self) -> None:
        self.mails: list[Email] = []
        self.texts: list[tuple[str, str]] = []
        self.alerts: list[str] = []
        self.next: deque[BaseException | None] = deque()

    def _trouble(self) -> None:
        error = self.next.popleft() if self.next else None
        if error is not None:
            raise error

    def send_email(self, email: Email) -> str:
        """One mail."""
        self._trouble()
        self.mails.append(email)
        return f"mail-{len(self.mails)}"

    def send_sms(self, phone: str, text: str) -> str:
        """One text message."""
        self.texts.append((phone, text))
        return f"text-{len(self.texts)}"

    def raise_alert(self, subject: str, text: str) -> None:
        """One alert."""
        self.alerts.append(f"{subject}\n{text}")


class OrderShop(Shop):
    """A shop whose stock and price functions stand still."""

    def __init__(self, config: Config | None = None, **cj: Any) -> None:
        self.post = Post()
        super().__init__(config, **cj)
        self.store.config.privacy_url = hook(STORE)

    def release(self, name: str) -> Released:
        """All that stands against the order now; nothing moves yet."""
        desk = Desk(self.wiring.storage, self.clock, "tester")
        return release_order(desk, self.order(name).pk, self.wiring.timing, releasable(self.order(name)))

    def new_worker(self, boundary: Boundary | None = None) -> Any:
        """As every worker, with this post office."""
        wiring = super().new_worker(boundary)
        wiring._notifier = self.post
        return wiring

    def call(self, function: str, body: str, boundary: Boundary | None = None) -> None:
        """Only the order path."""
        if function in ORDER_PATH:
            super().call(function, body, boundary)

    def connect(self) -> None:
        """Subscribe the webhooks; a merchant need not have a carrier service."""
        if CARRIER in self._config.connections:
            super().connect()
            return
        subscribe(self.wiring, STORE, Subscription(hook(STORE)))
        subscribe(self.wiring, SUPPLIER, Subscription(hook(SUPPLIER)))

    # --- looking ------------------------------------------------------------------------------------------------------

    def record(self, name: str) -> OrderRecord:
        """Our state of an order."""
        record: OrderRecord = self.order(name).record.model
        return record

    def codes(self, name: str) -> list[str]:
        """Why it waits."""
        return [reason.code for reason in self.record(name).reasons]

    def purchase_orders(self, name: str) -> list[PurchaseOrder]:
        """Ours, oldest first."""
        return [held.model for _, held in sorted(self.order(name).purchase_orders.items())]

    def shipments(self, name: str) -> list[Shipment]:
        """Its parcels."""
        return [held.model for held in self.order(name).shipments.values()]

    def bought(self, name: str) -> dict[str, int]:
        """Units by SKU that the supplier was paid for, from its ledger."""
        total: dict[str, int] = {}
        for entry in self.paid_orders(name):
            for sku, units in entry.data["quantities"].items():
                total[sku] = total.get(sku, 0) + units
        return total

    def sellable(self, sku: str) -> int:
        """What we still may sell of one SKU."""
        return self.wiring.storage.load_sku(sku).offers[SUPPLIER].model.sellable

    def restock(self, sku: str, units: int) -> None:
        """The supplier reports more: what a stock poll would write."""
        held = self.wiring.storage.load_sku(sku).offers[SUPPLIER]
        more = held.model.model_copy(
            update={"stock": held.model.stock + units, "sellable": held.model.sellable + units}
        )
        self.wiring.storage.commit([Put(offer_key(sku, SUPPLIER), more, held.version)])

    def spent(self) -> int:
        """What counts against today's limit, in minor units."""
        day = f"DAY#{self.clock.now().date().isoformat()}"
        found = self.wiring.storage.get_raw(Key(CONTROL, f"BUDGET#{SUPPLIER}", day))
        return int(found[0]["spent"]) if found else 0


def limited(config: Config | None = None, **limits: Any) -> Config:
    """A configuration with other limits."""
    base = config or test_config()
    values = {**base.limits.model_dump(), **limits}
    return base.model_copy(update={"limits": Limits.model_validate(values)})
