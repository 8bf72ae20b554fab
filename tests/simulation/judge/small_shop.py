"""A shop that is only as real as the judge needs it: real vendors' ledgers, tables written by hand, mails as they would be.

`told_and_delivered` plays one order to the customer's door without a mistake; tests then break one thing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, cast

from local.running.references import references_of
from local.sandbox.cj import CjSupplier
from local.sandbox.shopify import Address, Buyer, ShopifyStore
from local.sandbox.shopify.fulfillment import Fulfillments
from local.sandbox.shopify.orders_state import OrderState as StoreOrderState
from local.sandbox.wire import World
from orderwright.aws.values import to_item
from orderwright.aws.writes import put_item
from orderwright.domain.base import Model
from orderwright.domain.catalogue import Offer
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.notice import Notice, NoticeState, ToldMilestone
from orderwright.domain.order import OrderDetails, OrderLine, OrderRecord, OrderState, PaymentState, Reservation
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.shipment import (
    RANK,
    FulfillmentState,
    Milestone,
    Shipment,
    ShipmentLine,
    ShipmentState,
)
from orderwright.domain.unit_cost import UnitCost
from orderwright.mails.translation import translation_of
from orderwright.records import (
    Key,
    details_key,
    listing_key,
    notice_key,
    offer_key,
    order_key,
    order_pk,
    purchase_order_key,
    shipment_key,
)
from orderwright.storage import Due, Put
from tests.simulation.front import SHOPIFY
from tests.simulation.judge.judge import Judge
from tests.simulation.judge.vendors.cj import CJ
from tests.simulation.kernel.hearing import Evidence
from tests.simulation.kernel.trace import Trace
from tests.simulation.people.sold import Sold
from tests.support.shop import STORE, SUPPLIER, test_config

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SKU, STOCK, COST = "HL-COB-350", 40, Money(minor=1000, currency="USD")
NUMBER = "YT2199351819093786"


@dataclass
class SmallClock:
    """Virtual time."""

    at: datetime = START


@dataclass
class SmallAccount:
    """Tables, their streams, mails and text messages, as `cloud.account.Account` shows them."""

    tables: dict[str, dict[tuple[str, str], dict[str, Any]]] = field(
        default_factory=lambda: {"orders": {}, "catalogue": {}, "control": {}}
    )
    streams: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"orders": [], "catalogue": [], "control": []}
    )
    sent_mails: list[dict[str, Any]] = field(default_factory=list)
    sent_texts: list[dict[str, Any]] = field(default_factory=list)
    written: int = 0

    @property
    def asked(self) -> int:
        """How many requests came."""
        return self.written

    @property
    def mailed(self) -> int:
        """How many mails went out."""
        return len(self.sent_mails)

    @property
    def texted(self) -> int:
        """How many text messages went out."""
        return len(self.sent_texts)

    def items(self, table: str) -> list[dict[str, Any]]:
        """All items."""
        return list(self.tables[table].values())

    def stream_end(self, table: str) -> int:
        """How many writes."""
        return len(self.streams[table])

    def stream_since(self, table: str, place: int) -> list[dict[str, Any]]:
        """All writes from that one on."""
        return self.streams[table][place:]

    def mails(self) -> list[dict[str, Any]]:
        """All mails."""
        return list(self.sent_mails)

    def texts(self) -> list[dict[str, Any]]:
        """All text messages."""
        return list(self.sent_texts)

    def keep(self, table: str, pk: str, sk: str, item: dict[str, Any] | None) -> None:
        """Write or remove one item, and the stream's line of it."""
        self.written += 1
        if item is None:
            del self.tables[table][pk, sk]
        else:
            self.tables[table][pk, sk] = item
        keys = {"pk": {"S": pk}, "sk": {"S": sk}}
        change: dict[str, Any] = {"Keys": keys, "SequenceNumber": f"{self.written:030d}"}
        self.streams[table].append({"dynamodb": {**change, **({"NewImage": item} if item else {})}})


@dataclass
class SmallMessage:
    """A message in a queue."""

    body: str
    sent_at: datetime
    receives: int = 1


@dataclass
class SmallQueue:
    """A queue."""

    messages: list[SmallMessage] = field(default_factory=list)


def small_config() -> Config:
    """The demo shop, which mails every milestone itself."""
    config = test_config()
    store = config.connections[STORE].model_copy(update={"store_mails": ()})
    return config.model_copy(update={"connections": {**config.connections, STORE: store}})


class SmallShop:
    """The parts of a simulated world that the judge looks at, and hands to write them with."""

    def __init__(self) -> None:
        self.clock = SmallClock()
        self.world = World(clock=self.now, random=Random(7))
        self.store = ShopifyStore(self.world)
        self.front, self.words, self.supplier = SHOPIFY, CJ, CjSupplier(self.world)
        self.account = SmallAccount()
        self.config = small_config()
        self.seen = Evidence()
        self.queues: dict[str, SmallQueue] = {}
        self.memory: dict[str, Any] = {}
        self.sold: list[Sold] = []
        self.last_fault: datetime | None = None
        self.trace = Trace()
        self.versions: Counter[Key] = Counter()
        self.judge = Judge(cast(Any, self))

    def now(self) -> datetime:
        """The virtual instant."""
        return self.clock.at

    def later(self, seconds: float) -> None:
        """Time passes, and the judge looks."""
        self.clock.at += timedelta(seconds=seconds)
        self.judge.after_event()

    # --- writing into our tables --------------------------------------------------------------------------------------

    def write(self, key: Key, model: Model, due: Due | None = None) -> None:
        """One version of an item; the judge looks at once."""
        change = Put(key, model, self.versions[key], due=due)
        self.versions[key] += 1
        self.account.keep(key.table, key.pk, key.sk, put_item(change, model, "writer", self.now()))
        self.judge.after_event()

    def stop(self, *, on: bool, switch: str = SUPPLIER) -> None:
        """The kill switch."""
        item = to_item({"pk": "KILL", "sk": switch, "version": 1}) if on else None
        self.account.keep("control", "KILL", switch, item)
        self.judge.after_event()

    def count(self, minor: int) -> None:
        """The day's counter."""
        fields = {"pk": f"BUDGET#{SUPPLIER}", "sk": "DAY#2026-11-22", "version": 1, "spent": minor}
        self.account.keep("control", str(fields["pk"]), str(fields["sk"]), to_item(fields))

    def offer(self, taken: dict[str, int], stock: int = STOCK) -> None:
        """The supplier's offer of our article."""
        offer = Offer(
            sku=SKU, supplier=SUPPLIER, supplier_sku="S", cost=UnitCost.parse("5.00", "USD"),
            freight=UnitCost.parse("2.00", "USD"), stock=stock, sellable=stock - sum(taken.values()), open=taken,
            observed_at=self.now(),
        )  # fmt: skip
        self.write(offer_key(SKU, SUPPLIER), offer)

    def listing(self, price: int, published: int | None = None) -> None:
        """What the store is to show."""
        money = Money(minor=price, currency="USD")
        shown = Money(minor=published, currency="USD") if published else money
        listing = Listing(sku=SKU, store=STORE, variant_id="1", desired_price=money, published_price=shown)
        self.write(listing_key(SKU, STORE), listing)


@dataclass
class Story:
    """One order in a small shop."""

    shop: SmallShop
    sold: Sold
    order: StoreOrderState
    pk: str
    reference: str

    @property
    def line(self) -> str:
        """The order's only line."""
        return str(self.order.lines[0].number)

    def record(self, state: OrderState, *, reserved: bool = True, **more: Any) -> OrderRecord:
        """Write our state of the order."""
        held = {self.line: Reservation(line_id=self.line, sku=SKU, supplier=SUPPLIER, quantity=2)} if reserved else {}
        at, total = self.order.created_at, Money(minor=3000, currency="USD")
        if state in (OrderState.PLACED, OrderState.DELIVERED):
            more = {"margin": Money.parse(self.order.subtotal, "USD") - COST, **more}
        record = OrderRecord(
            connection=STORE, order_id=self.sold.number, name=self.sold.name, state=state, payment=PaymentState.PAID,
            total=total, refunded=Money.zero("USD"), created_at=at, store_updated_at=at, seen_at=at, reserved=held, **more,
        )  # fmt: skip
        self.shop.write(order_key(self.pk), record)
        return record

    def details(self) -> None:
        """Write the personal half."""
        price = Money(minor=1500, currency="USD")
        line = OrderLine(line_id=self.line, sku=SKU, title="Torch", quantity=2, unfulfilled=2, unit_price=price)
        self.shop.write(details_key(self.pk), OrderDetails(lines=(line,), email=str(self.sold.buyer.email)))

    def purchase_order(self, state: PurchaseOrderState, step: str = "", **more: Any) -> None:
        """Write the purchase order; an INTENT has a lease, an owner and a due time."""
        now = self.shop.now()
        line = PurchaseOrderLine(
            line_id=self.line, sku=SKU, supplier_sku="S", title="Torch", quantity=2, reservation=self.line,
            unit_cost=UnitCost.parse("5.00", "USD"),
        )  # fmt: skip
        intent = state is PurchaseOrderState.INTENT
        fields: dict[str, Any] = {
            "owner": f"owner-{step}" if intent else "",
            "lease_until": now + timedelta(seconds=90) if intent else None,
            "sends": int(intent),
            "reserved_spend": COST,
            "spend_day": "2026-11-22",
            **more,
        }
        po = PurchaseOrder(
            supplier=SUPPLIER, number=1, reference=self.reference, lines=(line,), freight=Money.zero("USD"), state=state,
            step=step, created_at=now, **fields,
        )  # fmt: skip
        due = Due(now + timedelta(minutes=5), "purchase_order.due" if intent else "tracking.due")
        self.shop.write(purchase_order_key(self.pk, SUPPLIER, 1), po, due)

    def make_at_supplier(self) -> None:
        """The supplier takes the order in."""
        self.shop.world.record("cj", "order_created", self.reference, order_id="SD1", quantities={SKU: 2}, amount=10)
        self.shop.judge.after_event()

    def pay(self, amount: str = "10.00", units: int = 2) -> None:
        """The supplier is paid."""
        more = {"pay_id": "P", "order_id": "SD1", "quantities": {SKU: units}}
        self.shop.world.record("cj", "order_paid", self.reference, amount=Decimal(amount), **more)
        self.shop.judge.after_event()

    def buy_from_supplier(self) -> None:
        """The whole protocol without a mistake."""
        self.purchase_order(PurchaseOrderState.INTENT, "create")
        self.shop.count(COST.minor)
        self.make_at_supplier()
        self.shop.later(1)
        self.purchase_order(PurchaseOrderState.INTENT, "pay")
        self.pay()
        self.purchase_order(PurchaseOrderState.PLACED, placed_at=self.shop.now())
        self.record(OrderState.PLACED)

    def ship(self, **scan: Any) -> None:
        """Everything leaves in one parcel, which the store hears of. `scan`: how its delivery differs from a usual one."""
        shop, key = self.shop, shipment_key(self.pk, self.reference, NUMBER)
        shop.world.record("cj", "order_shipped", self.reference, tracking_number=NUMBER, quantities={SKU: 2})
        shop.world.record("easypost", "scan", NUMBER, **{"status": "delivered", **scan})
        self.record_in_store()
        parcel = Shipment(
            supplier=SUPPLIER, reference=self.reference, tracking_number=NUMBER, fulfillment=FulfillmentState.DONE,
            lines=(ShipmentLine(line_id=self.line, sku=SKU, title="Torch", quantity=2),), created_at=shop.now(),
            state=ShipmentState.DELIVERED, milestone_rank=RANK[Milestone.DELIVERED],
        )  # fmt: skip
        shop.write(key, parcel)
        self.record(OrderState.DELIVERED)

    def record_in_store(self) -> None:
        """Tell the store of the parcel."""
        wanted = {
            "lineItemsByFulfillmentOrder": [
                {"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{self.order.fulfillment_orders[0].number}"}
            ],
            "trackingInfo": {"number": NUMBER},
        }
        Fulfillments(self.shop.store).create(wanted)
        self.shop.judge.after_event()

    def mail(self, milestone: Milestone, *, to: str = "", body: str = "") -> None:
        """A mail of a milestone, as our templates say it."""
        words = translation_of("en").messages[milestone.value]
        text = body or ("Thank you" if milestone is Milestone.CONFIRMED else f"Tracking number: {NUMBER}")
        self.shop.account.sent_mails.append(
            {
                "To": [to or str(self.sold.buyer.email)],
                "CC": [],
                "BCC": [],
                "Subject": words.subject.format(order=self.sold.name, merchant="Nordlight"),
                "BodyText": text,
                "BodyHtml": "",
            }
        )
        self.shop.judge.after_event()

    def notice(self, subject: str, *told: tuple[Milestone, NoticeState]) -> None:
        """Write what the customer was told by mail."""
        now, (last, state) = self.shop.now(), told[-1]
        history = tuple(ToldMilestone(milestone=milestone, state=how, at=now) for milestone, how in told)
        notice = Notice(subject=subject, channel="email", milestone=last, state=state, rank=RANK[last], told=history)
        self.shop.write(notice_key(self.pk, subject, "email"), notice)

    def tell(self) -> None:
        """All three mails, and our notices of them."""
        sent = NoticeState.SENT
        for milestone in (Milestone.CONFIRMED, Milestone.SHIPPED, Milestone.DELIVERED):
            self.mail(milestone)
        self.notice("ORDER", (Milestone.CONFIRMED, sent))
        parcel = shipment_key(self.pk, self.reference, NUMBER).sk
        self.notice(parcel, (Milestone.SHIPPED, sent), (Milestone.DELIVERED, sent))

    def violations(self) -> str:
        """What the judge says at the end, in one text."""
        self.shop.judge.at_the_end()
        return "\n".join(self.shop.judge.violations)


def bought(shop: SmallShop | None = None, who: str = "Lintukoto", email: str = "kana@example.com") -> Story:
    """A customer has bought and paid; we have taken the order in."""
    shop = shop or SmallShop()
    buyer, address = Buyer("Kanaria", who, email), Address(last_name=who)
    order = shop.store.buy([(SKU, 2)], buyer=buyer, address=address, oversell=True)
    sold = Sold(order.name, str(order.number), ((SKU, 2),), buyer, address, False, (who, email))
    shop.sold.append(sold)
    pk = order_pk(STORE, sold.number)
    reference = references_of(shop.store.shop.number, sold.number, shop.supplier.config.open_id)[0]
    story = Story(shop, sold, order, pk, reference)
    shop.judge.after_event()
    story.details()
    story.record(OrderState.PLACING)
    taken = {f"{order_pk(STORE, one.number)}|{shop.store.order(one.name).lines[0].number}": 2 for one in shop.sold}
    shop.offer(taken)
    return story


def told_and_delivered() -> Story:
    """From the till to the door."""
    story = bought()
    story.buy_from_supplier()
    story.ship()
    story.tell()
    return story
