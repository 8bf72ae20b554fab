"""Twelve buyers served while every function process is killed again and again; and what their mailboxes must then hold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import NamedTuple

from local.demo.desk import Desk, NotYet
from local.demo.people import buy
from local.running.shop import LocalShop
from orderwright.domain.notice import NoticeState
from orderwright.domain.shipment import Milestone
from tests.e2e.killing import Killer

ORDER_PATH = frozenset(
    {
        "receive_webhook",
        "ingest_order",
        "place_purchase_order",
        "update_tracking",
        "publish_fulfillment",
        "notify_customer",
        "relay_facts",
        "dispatch_schedules",
    }
)
# Messages that a killed process held come back within the test, as they do after minutes on AWS. No worker is still at it then.
VISIBLE_AGAIN_SECONDS = "22"
TWICE_KILLED = {"OUTCOME_UNCLEAR", "FULFILLMENT_OUTCOME_UNCLEAR"}
SEED = 7
SKUS = ("HL-MS-400", "HL-COB-350", "HL-KID-120")
PEOPLE = ("tampere", "berlin", "portland")
TOLD = (Milestone.CONFIRMED, Milestone.SHIPPED, Milestone.OUT_FOR_DELIVERY, Milestone.DELIVERED)


class Played(NamedTuple):
    """The orders' names, how often each function was struck, and the desk to look from."""

    names: list[str]
    struck: Counter[str]
    desk: Desk


class Parcels:
    """Does what supplier and carrier do next for each order, one step at a time."""

    def __init__(self, desk: Desk, names: list[str]) -> None:
        self._desk = desk
        self._numbers: dict[str, str] = {}
        self._scanned: dict[str, Milestone] = {}
        self.open = set(names)

    def all_delivered(self) -> bool:
        """Ship what is paid, scan what is tracked, once each; an order is done when its buyer heard of the delivery."""
        for name in sorted(self.open):
            number = self._numbers.get(name)
            if number is None:
                paid = self._desk.paid_at_supplier(name)
                if paid:
                    with self._desk.sandbox.locked():
                        self._numbers[name] = self._desk.sandbox.supplier.ship(paid[0].reference).tracking_number
                else:
                    move_on(self._desk, name)
                continue
            heard = milestones(self._desk, name)
            if Milestone.DELIVERED in heard:
                self.open.remove(name)
            elif Milestone.OUT_FOR_DELIVERY in heard:
                self._scan(name, number, "delivered", Milestone.DELIVERED)
            elif Milestone.SHIPPED in heard and self._desk.ledger("easypost", "tracker_created", number):
                self._scan(name, number, "out_for_delivery", Milestone.OUT_FOR_DELIVERY)
        return not self.open

    def seen(self) -> dict[str, object]:
        """Where the open orders are."""
        return {name: (self._desk.state(name), milestones(self._desk, name)) for name in sorted(self.open)}

    def _scan(self, name: str, number: str, status: str, milestone: Milestone) -> None:
        if self._scanned.get(name) is milestone:
            return
        self._scanned[name] = milestone
        sandbox = self._desk.sandbox
        with sandbox.locked():
            sandbox.carrier.scan(
                number, status, status.replace("_", " "), est_delivery=sandbox.world.clock() + timedelta(days=5)
            )


def buy_and_deliver_while_killing(shop: LocalShop, orders: int) -> Played:
    """From Buy to the mail about the delivery, under fire all the way."""
    sqs = shop.stack.client("sqs")
    for output, url in shop.stack.outputs.items():
        if output.endswith("QueueUrl") and "DeadLetter" not in output:
            sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": VISIBLE_AGAIN_SECONDS})
    desk = Desk(shop)
    killer = Killer(shop.stack, SEED)
    killer.start()
    try:
        names = [buy(shop.sandbox, PEOPLE[n % 3], (SKUS[n % 3], 1)) for n in range(orders)]
        parcels = Parcels(desk, names)
        try:
            desk.until("the delivery of all parcels", parcels.all_delivered)
        except NotYet as error:
            raise AssertionError(f"{error}\nopen: {parcels.seen()}") from None
    finally:
        killer.stop()

    # A record in the store whose worker was killed waits until it has settled; then it is looked up and made.
    def recorded() -> bool:
        open_ones = [name for name in names if not desk.ledger("shopify", "fulfillment_created", name)]
        for name in open_ones:
            move_on(desk, name)
        return not open_ones

    desk.until("every parcel in the store", recorded)
    # A killed worker's message comes again when it is visible again: a confirmation may come after the delivery.
    desk.until("every milestone", lambda: all(set(TOLD) <= set(milestones(desk, name)) for name in names))
    return Played(names, killer.rounds, desk)


def move_on(desk: Desk, name: str) -> None:
    """What P1 parks after two sends without an answer (both were killed) is moved on by the operator, who looks first."""
    state, codes = desk.state(name)
    if state == "NEEDS_ATTENTION" and TWICE_KILLED & set(codes):
        with desk.sandbox.locked():
            number = str(desk.sandbox.store.order(name).number)
            made = [order for order in desk.sandbox.supplier.orders if number in order.order_number]
        confirmed = () if made or "FULFILLMENT_OUTCOME_UNCLEAR" in codes else ("--confirm-not-ordered",)
        desk.shop.command("orders", "retry", name, *confirmed)


def milestones(desk: Desk, name: str) -> list[Milestone]:
    """What the buyer was told by mail, or may have been."""
    notices = [held.model for held in desk.file(name).notices.values()]
    return [told.milestone for notice in notices if notice.channel == "email" for told in notice.told]


def notices_against_mailbox(desk: Desk, name: str) -> None:
    """Exactly one mail for what is SENT; at most one where a process was killed between SENDING and the answer (P5)."""
    notices = [held.model for held in desk.file(name).notices.values() if held.model.channel == "email"]
    told = [told for notice in notices for told in notice.told]
    assert Counter(one.milestone for one in told) == Counter(TOLD), f"{name}: told {[one.milestone for one in told]}"
    assert {one.state for one in told} <= {NoticeState.SENT, NoticeState.UNCLEAR}, name
    mails = {mail.id: mail.subject for mail in desk.mails(name) if mail.channel == "mail"}
    sent = {one.provider_id for one in told if one.state is NoticeState.SENT}
    assert sent <= set(mails), f"{name}: a mail that was sent is not in the mailbox"
    assert len(set(mails.values())) == len(mails), f"{name}: a milestone was told twice: {sorted(mails.values())}"
    unclear = sum(1 for one in told if one.state is NoticeState.UNCLEAR)
    assert len(mails) - len(sent) <= unclear, f"{name}: more mails than notices: {sorted(mails.values())}"
