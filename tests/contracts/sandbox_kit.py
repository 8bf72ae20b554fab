"""What the tests of the sandbox's supplier, carrier and feed share: a clock to turn, a place where webhooks land, short calls."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from local.sandbox.cj import CjConfig, CjSupplier
from local.sandbox.cj.routes import PREFIX
from local.sandbox.goods import good_of
from local.sandbox.wire import Delivery, LedgerEntry, Request, Response, World

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CONTRACTS = Path(
    os.environ.get("ORDERWRIGHT_CONTRACTS", Path(__file__).resolve().parents[2].parent / "shared" / "contracts")
)


def sample(name: str) -> Path:
    """One file of the vendors' contract samples; the test is skipped where they are not at hand."""
    path = CONTRACTS / name
    if not path.exists():
        pytest.skip(f"contract sample {name} is not here; set ORDERWRIGHT_CONTRACTS to its folder")
    return path


@dataclass
class Clock:
    """A clock that moves only when told."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass
class Desk:
    """One world with its clock and its mailbag of webhooks."""

    clock: Clock = field(default_factory=Clock)
    sent: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world = World(clock=self.clock, random=Random(5), deliver=self.sent.append)

    def ledger(self, vendor: str, kind: str) -> list[LedgerEntry]:
        """What really happened."""
        return self.world.ledger.of_kind(vendor, kind)

    def messages(self, kind: str) -> list[dict[str, Any]]:
        """CJ's webhooks of one type, oldest first."""
        bodies = [json.loads(delivery.body) for delivery in self.sent if delivery.vendor == "cj"]
        return [body for body in bodies if body["type"] == kind]


def basic(user: str, password: str) -> dict[str, str]:
    """HTTP Basic credentials."""
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class CjDesk(Desk):
    """A CJ account with a living token, and the calls that a client makes."""

    def __init__(self, config: CjConfig | None = None) -> None:
        super().__init__()
        self.cj = CjSupplier(self.world, config)
        self.token = self.cj.access.issue().access

    def raw(self, method: str, path: str, body: Any = None, **query: str) -> Response:
        """One HTTP call with the token."""
        headers = {"cj-access-token": self.token, "content-type": "application/json"}
        data = b"" if body is None else json.dumps(body).encode()
        return self.cj.handle(Request(method, PREFIX + path, query, headers, data))

    def call(self, method: str, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """The envelope of one call that must be answered with HTTP 200."""
        response = self.raw(method, path, body, **query)
        assert (response.status, response.hang) == (200, False)
        envelope: dict[str, Any] = json.loads(response.body)
        assert envelope["success"] == envelope["result"] == (envelope["code"] == 200)
        return envelope

    def data(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The data of one call that must succeed."""
        envelope = self.call(method, path, body, **query)
        assert envelope["code"] == 200, envelope["message"]
        return envelope["data"]

    def detail(self, reference: str) -> dict[str, Any]:
        """getOrderDetail of an order that must be known."""
        found: dict[str, Any] = self.data("GET", "shopping/order/getOrderDetail", orderId=reference)
        return found

    def create(self, number: str = "OW-1", **quantities: int) -> str:
        """createOrderV2; SKUs with underscores for hyphens. Gives CJ's order id."""
        return str(self.data("POST", "shopping/order/createOrderV2", order_body(number, **quantities))["orderId"])

    def confirm(self, order_id: str) -> str:
        """addCart and addCartConfirm; gives the shipmentsId."""
        self.data("POST", "shopping/order/addCart", {"cjOrderIdList": [order_id]})
        return str(self.data("POST", "shopping/order/addCartConfirm", {"cjOrderIdList": [order_id]})["shipmentsId"])

    def bill(self, shipment: str) -> tuple[str, float]:
        """saveGenerateParentOrder; gives payId and payableAmount."""
        data = self.data("POST", "shopping/order/saveGenerateParentOrder", {"shipmentOrderId": shipment})
        return data["payId"], data["paymentInformation"]["payableAmount"]

    def pay(self, shipment: str, pay_id: str) -> Response:
        """payBalanceV2."""
        return self.raw("POST", "shopping/pay/payBalanceV2", {"shipmentOrderId": shipment, "payId": pay_id})

    def paid(self, number: str = "OW-1", **quantities: int) -> str:
        """All five calls; gives CJ's order id."""
        order_id = self.create(number, **quantities)
        shipment = self.confirm(order_id)
        pay_id, _ = self.bill(shipment)
        assert json.loads(self.pay(shipment, pay_id).body)["code"] == 200
        return order_id

    def listen(self) -> None:
        """Receive every topic, and the product messages of every torch."""
        topic = {"type": "ENABLE", "callbackUrls": ["https://hooks.example.com/cj"]}
        self.data("POST", "webhook/set", dict.fromkeys(("product", "stock", "order", "logistics"), topic))
        pids = [good_of(sku).supplier.pid for sku in ("HL-MS-400", "HL-PRO-1200", "HL-UL-300")]
        self.data("POST", "webhook/product/subscribe", {"productIds": pids})


def order_body(number: str, **quantities: int) -> dict[str, Any]:
    """A complete request for createOrderV2 with an invented buyer."""
    goods = quantities or {"HL_MS_400": 1}
    return {
        "orderNumber": number,
        "shippingZip": "33100",
        "shippingCountryCode": "FI",
        "shippingCountry": "Finland",
        "shippingProvince": "Pirkanmaa",
        "shippingCity": "Tampere",
        "shippingCustomerName": "Aino Esimerkki",
        "shippingAddress": "Esimerkkikatu 1",
        "logisticName": "CJPacket Ordinary",
        "fromCountryCode": "CN",
        "payType": 3,
        "products": [
            {"vid": good_of(sku.replace("_", "-")).supplier.vid, "quantity": count, "storeLineItemId": f"line-{sku}"}
            for sku, count in goods.items()
        ],
    }
