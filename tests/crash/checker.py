"""The judge. The vendors' ledgers and ministack's sent messages are the evidence; our own tables must agree with them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from orderwright.domain.order import OrderRecord, OrderState
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.shipment import FulfillmentState, NoticeState
from orderwright.records import OrderFile
from tests.crash.evidence import Expected, messages_sent
from tests.crash.shop_in_time import OFF_THE_PATH, TimedShop
from tests.crash.story import CANARIES, CART
from tests.support.shop import STORE, SUPPLIER

ENDS = {"NOTHING_ORDERED", "CANCELLATION_REQUESTED", "ORDERED_TOO_LATE"}
HOLDS_MONEY = {
    PurchaseOrderState.INTENT,
    PurchaseOrderState.PARKED,
    PurchaseOrderState.PLACED,
    PurchaseOrderState.NEW,
    PurchaseOrderState.REJECTED,
}
_PAY = "http:POST cj.test/api2.0/v1/shopping/pay/payBalanceV2"
_READ = "http:POST shopify.test/"


class Judgement:
    """Reads everything once; `violations` are plain sentences that begin with the promise."""

    def __init__(self, shop: TimedShop, expected: Expected) -> None:
        self.shop, self.expected = shop, expected
        self.scene = shop.scene
        number = self.scene.store.order(self.scene.memory["order"]).number
        self.file: OrderFile = shop.shop.wiring.storage.load_order(f"{STORE}#{number}")
        self.paid = self.scene.world.ledger.of_kind("cj", "order_paid")
        self.orders = [held.model for held in self.file.purchase_orders.values()]
        self.cancelled = self.scene.store.order(self.scene.memory["order"]).cancelled_at is not None
        self.violations = [*self._all()]

    def _all(self) -> Iterator[str]:
        if self.file.record is None:
            yield "P2: the store has an order that we never heard of"
            return
        record = self.file.record.model
        yield from self._once(record)
        yield from self._money()
        yield from self._reads()
        yield from self._cancelled(record)
        yield from self._parcels(record)
        yield from self._messages()
        yield from self._waiting(record)
        yield from self._stock(record)
        yield from self._privacy()
        for entry in self.scene.world.ledger.entries:
            if entry.kind == "contract_violation":
                yield f"contract: {entry.vendor} {entry.data.get('operation')} {entry.data.get('problem')}"

    @property
    def outcome(self) -> str:
        """One word for the table."""
        if self.file.record is None:
            return "unknown"
        record = self.file.record.model
        codes = "+".join(sorted({reason.code for reason in record.reasons}))
        end = f" {record.cancel_outcome}" if record.cancel_outcome else ""
        return f"{record.state.value}{end}{' ' + codes if codes else ''}"

    def _visible(self, record: OrderRecord) -> bool:
        return record.state is OrderState.NEEDS_ATTENTION and any(record.name in alert for alert in self.scene.alerts)

    # --- P1 -----------------------------------------------------------------------------------------------------------

    def _once(self, record: OrderRecord) -> Iterator[str]:
        times = Counter(entry.reference for entry in self.paid)
        for reference, count in times.items():
            if count > 1:
                yield f"P1: {reference} was paid {count} times"
        made = Counter(entry.reference for entry in self.scene.world.ledger.of_kind("cj", "order_created"))
        for reference, count in made.items():
            # Without protection at the vendor, one more that stays unpaid cannot be avoided where a worker stood still past
            # its lease, or the look-up lags for longer than the vendor's lateness.
            lagged = any(operation == "getOrderDetail" for operation, _ in self.shop.played())
            if count > 1 and not lagged and not self.scene.memory.get("frozen"):
                yield f"P1: {reference} was created {count} times at the supplier"
        bought: Counter[str] = Counter()
        for entry in self.paid:
            bought.update(entry.data["quantities"])
        for sku, quantity in CART:
            if bought[sku] > quantity:
                yield f"P1: {bought[sku]} of {sku} were paid for, {quantity} were sold"
            elif bought[sku] < quantity and not self.cancelled and not self._accounted(record):
                yield f"P1: {sku} is neither paid for nor parked with an alarm ({self.outcome})"
        known = {po.reference: po for po in self.orders}
        for reference in times:
            po = known.get(reference)
            if po is None or po.state in (PurchaseOrderState.CANCELLED, PurchaseOrderState.NEW):
                yield f"P1: {reference} was paid for, and our side says {po.state if po else 'nothing'}"
            elif po.state is not PurchaseOrderState.PLACED and not self._accounted(record):
                yield f"P1: {reference} was paid for, is {po.state} here and nobody was told"
        for po in self.orders:
            if po.state is PurchaseOrderState.PLACED and po.reference not in times:
                yield f"P1: {po.reference} is PLACED here and was never paid for"
        if record.state is OrderState.NEEDS_ATTENTION and not self._visible(record):
            yield f"P1: the order needs attention and no alert was sent ({self.outcome})"

    def _accounted(self, record: OrderRecord) -> bool:
        """Parked with an alarm, or held by something named that will wake it (a kill switch that is still on)."""
        held = any(po.state in (PurchaseOrderState.INTENT, PurchaseOrderState.NEW) for po in self.orders)
        return self._visible(record) or (held and self._all_due())

    # --- P10 ----------------------------------------------------------------------------------------------------------

    def _money(self) -> Iterator[str]:
        really = sum((Decimal(str(entry.data["amount"])) for entry in self.paid), Decimal(0))
        counted = sum(
            (Decimal(item["spent"]["N"]) / 100 for item in self.shop.aws.items("control")
             if item["pk"]["S"] == f"BUDGET#{SUPPLIER}"), Decimal(0),
        )  # fmt: skip
        if counted < really:
            yield f"P10: {really} were paid, the counter says {counted}"
        reserved = sum(
            (Decimal(po.reserved_spend.minor) / 100 for po in self.orders
             if po.reserved_spend is not None and po.state in HOLDS_MONEY), Decimal(0),
        )  # fmt: skip
        if counted != reserved:
            yield f"P10: the counter says {counted}, purchase orders hold {reserved}"
        unpaid = {po.reference: po for po in self.orders}
        for entry in self.paid:
            po = unpaid.get(entry.reference)
            amount = None if po is None or po.reserved_spend is None else Decimal(po.reserved_spend.minor) / 100
            if amount is not None and amount != Decimal(str(entry.data["amount"])):
                yield f"P10: {entry.reference} cost {entry.data['amount']}, {amount} are counted"
        if self.scene.memory.get("paid_while_stopped"):
            yield "P10: paid although the kill switch was on before the INTENT"
        if self.scene.memory.get("capped") and self.paid:
            yield "P10: paid above a limit that stood before the INTENT"

    # --- P6 -----------------------------------------------------------------------------------------------------------

    def _reads(self) -> Iterator[str]:
        """Each payment follows a read of the order in the store; what was cancelled before that read is not paid."""
        since = self.scene.memory.get("cancelled_before_call")
        read = paid = 0
        for number, call in enumerate(self.scene.log, start=1):
            if call.startswith(f"place_purchase_order {_READ}"):
                read = number
            elif call == f"place_purchase_order {_PAY}":
                if read <= paid and not self.scene.memory.get("frozen"):
                    yield "P6: paid without reading the order again"
                if since is not None and since <= read:
                    yield "P6: paid although the store had said cancelled before the last read"
                paid = number

    def _cancelled(self, record: OrderRecord) -> Iterator[str]:
        if not self.cancelled:
            return
        end = record.cancel_outcome
        parked = any(po.state is PurchaseOrderState.PARKED for po in self.orders)
        if end not in ENDS and not (parked and self._visible(record)):
            yield f"P6: cancelled, and its end is {end or 'open'} ({self.outcome})"
        if end == "NOTHING_ORDERED" and self.paid:
            yield "P6: our side says that nothing was ordered, the supplier was paid"
        if end in ENDS - {"NOTHING_ORDERED"} and not self.paid:
            yield f"P6: our side says {end}, the supplier was never paid"
        if end in ENDS - {"NOTHING_ORDERED"} and not self._visible(record):
            yield f"P6: {end} and the merchant was not told"

    # --- fulfillment and P5 -------------------------------------------------------------------------------------------

    def _parcels(self, record: OrderRecord) -> Iterator[str]:
        made: Counter[str] = Counter()
        for entry in self.scene.world.ledger.of_kind("shopify", "fulfillment_created"):
            made.update(entry.data["numbers"])
        for number, count in made.items():
            if count > 1:
                yield f"fulfillment: parcel {number} was recorded {count} times in the store"
        for held in self.file.shipments.values():
            parcel, count = held.model, made[held.model.tracking_number]
            if parcel.fulfillment is FulfillmentState.DONE and count == 0:
                yield f"fulfillment: {parcel.tracking_number} is DONE here, the store has none"
            if parcel.fulfillment is FulfillmentState.PARKED and not self._visible(record):
                yield f"fulfillment: {parcel.tracking_number} is parked and nobody was told"
            if count == 0 and not self.cancelled and parcel.fulfillment is not FulfillmentState.PARKED:
                yield f"fulfillment: {parcel.tracking_number} never reached the store"
        placed = any(po.state is PurchaseOrderState.PLACED for po in self.orders)
        known = {held.model.tracking_number for held in self.file.shipments.values()}
        for entry in self.scene.world.ledger.of_kind("cj", "order_shipped") if placed else ():
            if entry.data["tracking_number"] not in known:
                yield f"tracking: parcel {entry.data['tracking_number']} was never seen"

    def _messages(self) -> Iterator[str]:
        missing = 0
        whole = not self.cancelled and bool(self.file.shipments)
        for channel, sent, wanted in zip(
            ("mail", "text"), messages_sent(self.shop), (self.expected.mails, self.expected.texts), strict=True
        ):
            for what, count in Counter(sent).items():
                if count > 1:
                    yield f"P5: {count} times the same {channel}"
                if what not in wanted:
                    yield f"P5: a {channel} that the undisturbed run never sends: {what[0][:40]}"
            for parcel in {number for _, number in sent}:
                ranks = [wanted.index(what) for what in sent if what in wanted and what[1] == parcel]
                if ranks != sorted(ranks):
                    yield f"P5: a {channel} went backward"
            missing += len(set(wanted) - set(sent)) if whole else 0
        if missing > self.expected.unsent:
            yield f"P5: {missing} messages were never sent, {self.expected.unsent} may be unclear"
        unclear = sum(
            1 for held in self.file.notices.values() for told in held.model.told if told.state is NoticeState.UNCLEAR
        )
        if whole and missing > unclear:
            yield f"P5: {missing} messages are missing, {unclear} are shown as unclear"

    # --- P11 ----------------------------------------------------------------------------------------------------------

    def _all_due(self) -> bool:
        now = self.scene.clock.at
        return all(at > now - timedelta(minutes=1) for at, *_ in self.shop.due())

    def _waiting(self, record: OrderRecord) -> Iterator[str]:
        if self.scene.memory.get("restless"):
            yield f"P11: not quiet 15 minutes after the last fault, in act {self.scene.memory['restless'][0]}"
        for flight in self.scene.flights:
            yield f"P11: a message is still flying: {flight.queue}"
        for body in self.scene.dead:
            yield f"P11: a message died: {json.loads(body).get('type', 'record')}"
        for url in self.scene.lost_webhooks:
            yield f"P2: a webhook to {url.rpartition('/')[2]} was given up by its vendor"
        due = {(pk, sk): at for at, _, _, pk, sk in self.shop.due()}
        if not self._all_due():
            yield f"P11: overdue: {[(str(at), kind, sk) for at, kind, _, _, sk in self.shop.due()][:2]}"
        waits: list[str] = []
        for sk, held in self.file.purchase_orders.items():
            if held.model.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT):
                waits.append(sk)
        for sk, parcel in self.file.shipments.items():
            if parcel.model.fulfillment in (FulfillmentState.NEW, FulfillmentState.INTENT):
                waits.append(sk)
        for sk, notice in self.file.notices.items():
            if notice.model.state in (NoticeState.SENDING, NoticeState.WAITING):
                waits.append(sk)
        for sk in waits:
            if (self.file.pk, sk) not in due:
                yield f"P11: {sk} waits and nothing will wake it"
        if record.state is OrderState.PLACING and not any(pk == self.file.pk for pk, _ in due):
            yield "P11: the order is PLACING and nothing will wake it"

    # --- P3 -----------------------------------------------------------------------------------------------------------

    def _stock(self, record: OrderRecord) -> Iterator[str]:
        wanted: dict[str, dict[str, int]] = defaultdict(dict)
        closed = {line.reservation for po in self.orders if po.reservation_closed for line in po.lines}
        for name, held in record.reserved.items():
            if name not in closed:
                wanted[held.sku][f"{self.file.pk}|{name}"] = held.quantity
        for sku, _ in CART:
            offer = self.shop.shop.wiring.storage.load_sku(sku).offers[SUPPLIER].model
            if offer.open != wanted[sku]:
                yield f"P3: {sku} has {dict(offer.open)} open, the order holds {wanted[sku]}"
            if offer.sellable != offer.stock - offer.buffer - sum(offer.open.values()):
                yield f"P3: {sku} sellable {offer.sellable} is not {offer.stock} - {sum(offer.open.values())}"
        lines_of: list[PurchaseOrder] = [
            po for po in self.orders
            if po.state not in (PurchaseOrderState.CANCELLED, PurchaseOrderState.REJECTED) and not po.reservation_closed
        ]  # fmt: skip
        for po in lines_of:
            for line in po.lines:
                if line.reservation not in record.reserved:
                    yield f"P3: {line.sku} of {po.reference} ({po.state}) has no reservation"
        if record.cancel_outcome == "NOTHING_ORDERED" and record.reserved:
            yield "P3: nothing was ordered, and stock stays reserved"

    # --- P8 -----------------------------------------------------------------------------------------------------------

    def _privacy(self) -> Iterator[str]:
        places: list[tuple[str, Any]] = [("a queue", self.scene.bodies), ("a dead letter", self.scene.dead)]
        places += [("an exception", self.scene.errors), ("an alert", self.scene.alerts), ("a log", self.shop.logged)]
        for table in ("orders", "catalogue", "control"):
            items = [item for item in self.shop.aws.items(table) if item["sk"]["S"] != "DETAILS"]
            places.append((f"the table {table} outside DETAILS", [json.dumps(item, default=str) for item in items]))
        for where, texts in places:
            for canary in CANARIES:
                if any(canary in text for text in texts):
                    yield f"P8: {canary} is in {where}"


def judge(shop: TimedShop, expected: Expected) -> Judgement:
    """Everything that is wrong with how this scenario ended."""
    assert not OFF_THE_PATH & {flight.queue for flight in shop.scene.flights}
    return Judgement(shop, expected)
