"""An order in the tables as the functions leave it, and an operator at a desk."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from orderwright.aws.dynamo import DynamoStorage
from orderwright.domain.catalogue import Offer
from orderwright.domain.money import Money
from orderwright.domain.order import (
    Address,
    OrderDetails,
    OrderLine,
    OrderRecord,
    OrderState,
    PaymentState,
    Reason,
    Reservation,
)
from orderwright.domain.order_money import LineMoney, OrderMoney
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.timing import AWS
from orderwright.domain.unit_cost import UnitCost
from orderwright.records import details_key, offer_key, order_key, order_pk, purchase_order_key, reference_ref
from orderwright.storage import Change, Due, Put, Reserve
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.order_summary import summarise
from tests.support.aws_in_process import InProcessAws
from tests.support.tables import create_tables

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
PK = order_pk("shop", "1001")
TIMING = AWS
ADDRESS = Address(name="Aino Esimerkki", line1="Esimerkkikatu 1", city="Tampere", postcode="33100", country_code="FI")


class Clock:
    """Time that a test sets."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Bench:
    """Tables, a desk, and one order to put together."""

    def __init__(self) -> None:
        self.aws = InProcessAws()
        self.clock = Clock()
        tokens = (f"{number:032x}" for number in itertools.count(1))
        self.storage = DynamoStorage(
            self.aws.client("dynamodb"),
            create_tables(self.aws.client("dynamodb")),
            self.clock.now,
            lambda: next(tokens),
            lambda _: None,
        )
        self.desk = Desk(self.storage, self.clock, "mika", "asked the supplier", "test")

    def put(self, *orders: PurchaseOrder, due: Due | None = None, **fields: Any) -> None:
        """The order #1001 with these purchase orders; its stock is reserved as intake does it."""
        offer = Offer(
            sku="L", supplier="cj", supplier_sku="cj-L", cost=unit_usd("6.40"), freight=unit_usd("2.90"), stock=10, sellable=10,
            observed_at=NOW,
        )  # fmt: skip
        held = Reservation(line_id="l1", sku="L", supplier="cj", quantity=1)
        values: dict[str, Any] = {
            "connection": "shop", "order_id": "1001", "name": "#1001", "state": OrderState.PLACING,
            "payment": PaymentState.PAID, "total": usd("22.99"), "refunded": usd("0"), "created_at": NOW,
            "store_updated_at": NOW, "seen_at": NOW, "reserved": {"l1": held}, "recheck_at": due.at if due else None,
        }  # fmt: skip
        paid = line().unit_price
        money = OrderMoney(
            lines=(LineMoney(line_id="l1", net=paid, tax=paid * 0),), shipping=paid * 0, shipping_tax=paid * 0,
            duty=paid * 0, given_back=paid * 0, charged=paid, charged_tax=paid * 0,
        )  # fmt: skip
        details = OrderDetails(
            lines=(line(),), money=money, address=fields.pop("address", ADDRESS), email="aino@example.com"
        )
        record = summarise(OrderRecord.model_validate(values | fields), details.lines, orders, ())
        changes: list[Change] = [Put(order_key(PK), record, 0, state=record.state.value, due=due)]
        changes.append(Put(details_key(PK), details, 0))
        for po in orders:
            key = purchase_order_key(PK, po.supplier, po.number)
            changes.append(Put(key, po, 0, ref=reference_ref(po.reference)))
        self.storage.commit([Put(offer_key("L", "cj"), offer, 0)])
        self.storage.commit([*changes, Reserve(offer_key("L", "cj"), ((f"{PK}|l1", 1),))])

    def po(self, number: int = 1) -> PurchaseOrder:
        """The purchase order as it is now."""
        return self.storage.load_order(PK).purchase_orders[f"PO#cj#{number}"].model

    def record(self) -> OrderRecord:
        """The order as it is now."""
        held = self.storage.load_order(PK).record
        assert held is not None
        return held.model

    def offer(self) -> Offer:
        """The offer as it is now."""
        return self.storage.load_sku("L").offers["cj"].model

    def raw(self, sk: str) -> dict[str, Any]:
        """One item of the order with its facts and due time."""
        key = order_key(PK)._replace(sk=sk)
        found = self.storage.get_raw(key)
        assert found is not None
        return found[0]

    def facts(self, sk: str) -> list[str]:
        """Types of the facts that ride in an item."""
        return [fact["type"] for fact in json.loads(self.raw(sk).get("facts", "[]"))]


def usd(text: str) -> Money:
    """An amount."""
    return Money.parse(text, "USD")


def unit_usd(text: str) -> UnitCost:
    """A cost or freight of one piece, in dollars."""
    return UnitCost.parse(text, "USD")


def line() -> OrderLine:
    """One lamp."""
    return OrderLine(line_id="l1", sku="L", title="Lamp", quantity=1, unfulfilled=1, unit_price=usd("22.99"))


def purchase_order(state: PurchaseOrderState, code: str = "", **more: Any) -> PurchaseOrder:
    """One for the lamp; `code` is the reason why it waits."""
    bought = PurchaseOrderLine(
        line_id="l1", sku="L", supplier_sku="cj-L", title="Lamp", quantity=1, reservation="l1", unit_cost=unit_usd("6.40"),
    )  # fmt: skip
    values: dict[str, Any] = {
        "supplier": "cj", "number": 1, "reference": "OW-1001-abc-1", "lines": (bought,), "freight": usd("2.90"),
        "state": state, "created_at": NOW, "reasons": (Reason(code=code, message="why"),) if code else (),
    }  # fmt: skip
    return PurchaseOrder.model_validate(values | more)


def later(minutes: int) -> datetime:
    """A moment after NOW."""
    return NOW + timedelta(minutes=minutes)
