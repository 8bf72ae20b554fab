"""Guards of messages to customers, and of what the store is told of parcels (promises P5 and P1)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from orderwright.aws import dynamo
from orderwright.connectors.stores.shopify.orders import ShopifyOrders
from orderwright.domain import shipment
from orderwright.domain.notice import Notice, NoticeState
from orderwright.domain.shipment import Milestone, Shipment, StoreRecord
from orderwright.errors import OutcomeUnknown, Retryable
from orderwright.ports.store import FulfillmentView
from orderwright.records import OrderFile, Stored
from orderwright.usecases import notify_customer
from orderwright.usecases.notices.channel import Channel
from orderwright.usecases.notices.compose import email_for, sms_for
from orderwright.usecases.notices.telling import Telling
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import a_store_that_mails
from tests.simulation.modes.guards_goods import both
from tests.simulation.modes.hunting import Guard, Planned, Seeds
from tests.simulation.modes.paths import Path

Removed = AbstractContextManager[object]
SILENT_STORE = Path(
    "a silent store, two parcels", (("shopify", "fulfillmentCreate", ("accept_then_timeout",)),), split=True
)
LATE_STORE = Path(
    "a late store, two parcels, twice each message",
    (("shopify", "fulfillmentCreate", ("accept_late",)),),
    split=True,
    disorder=True,
)
LOST_ANSWERS = Mix({"lose_answer": 0.05})


def _forgets_sending() -> Removed:
    put, finish = Telling._put, Telling._finish

    def forgetful(self: Telling, notice: Notice, version: int, **rest: Any) -> None:
        if notice.state is not NoticeState.SENDING:
            put(self, notice, version, **rest)

    def settled(self: Telling, held: Any, *rest: Any) -> None:
        finish(self, replace(held, version=held.version - 1), *rest)

    return both(patch.object(Telling, "_put", forgetful), patch.object(Telling, "_finish", settled))


def _no_ranks() -> Removed:
    def careless(self: Telling, file: OrderFile, notice: Notice, milestone: Milestone | None) -> Milestone | None:
        return milestone

    return patch.object(Telling, "_next", careless)


def _sends_unclear_again() -> Removed:
    real = Telling._send

    def stubborn(self: Telling, file: OrderFile, held: Stored[Notice]) -> bool:
        plain = self.channel

        def send(*args: Any) -> str:
            try:
                return plain.send(*args)
            except OutcomeUnknown as error:
                raise Retryable(error.message, code=error.code) from None

        self.channel = plain._replace(send=send)
        try:
            return real(self, file, held)
        finally:
            self.channel = plain

    return patch.object(Telling, "_send", stubborn)


def _sends_found_again() -> Removed:
    real = Telling._step

    def stubborn(self: Telling, file: OrderFile, held: Stored[Notice] | None, milestone: Milestone | None) -> bool:
        if held is not None and held.model.state is NoticeState.SENDING:
            until = held.model.settle_until
            if until is None or self.clock.now() >= until:
                return self._begin(file, held, held.model.milestone)
        return real(self, file, held, milestone)

    return patch.object(Telling, "_step", stubborn)


def _queues_nothing() -> Removed:
    return patch.object(Telling, "_queue_behind", lambda self, file, held, milestone: False)


def _texts_everybody() -> Removed:
    def texts(*args: Any) -> Channel:
        channel = sms_for(*args)

        def wanted(file: OrderFile, milestone: Milestone) -> str:
            said = channel.wanted(file, milestone)
            return "" if said == "no consent to text messages" else said

        return Channel(channel.name, wanted, channel.send)

    return patch.object(notify_customer, "sms_for", texts)


def _mails_twice() -> Removed:
    def mails(*args: Any) -> Channel:
        channel = email_for(*args)

        def wanted(file: OrderFile, milestone: Milestone) -> str:
            said = channel.wanted(file, milestone)
            return "" if said == "the store itself mails this milestone" else said

        return Channel(channel.name, wanted, channel.send)

    return patch.object(notify_customer, "email_for", mails)


def _believes_old_scans() -> Removed:
    real = Shipment.followed

    def followed(parcel: Shipment, *news: Any) -> Shipment:
        return real(parcel.model_copy(update={"state_at": None}), *news)

    return both(patch.object(shipment, "FINAL", frozenset()), patch.object(Shipment, "followed", followed))


def _blind() -> Removed:
    read = ShopifyOrders.read_fulfillment

    def blind(self: ShopifyOrders, order_id: str) -> FulfillmentView:
        return read(self, order_id)._replace(made=())

    return patch.object(ShopifyOrders, "read_fulfillment", blind)


def _records_at_once() -> Removed:
    return patch.object(StoreRecord, "unsettled", lambda self, now: False)


TELLING: tuple[Guard, ...] = (
    Guard(
        "SENDING is recorded before the send",
        "P5",
        "a worker that is killed after the send leaves no trace of it",
        _forgets_sending,
        "times the same",
        Seeds(1, mix=Mix({"kill": 0.05})),
    ),
    Guard(
        "the rank of a milestone",
        "P5",
        "news that comes twice is told twice",
        _no_ranks,
        "times the same",
        Seeds(2),
    ),
    Guard(
        "no second send when the outcome is unclear",
        "P5",
        "a mail whose answer was lost is mailed again",
        _sends_unclear_again,
        "times the same",
        Seeds(2, mix=LOST_ANSWERS),
    ),
    Guard(
        "a send that is found open is not sent again",
        "P5",
        "the next worker sends what a killed one had sent",
        _sends_found_again,
        "times the same",
        Seeds(1, mix=Mix({"kill": 0.05})),
    ),
    Guard(
        "a milestone waits behind a lower one",
        "P5",
        "what came while a message was under way is never told",
        _queues_nothing,
        "was never told",
        Seeds(107),
    ),
    Guard(
        "text messages need consent",
        "P5",
        "everybody with a telephone gets them",
        _texts_everybody,
        "without having agreed",
        Seeds(),
    ),
    Guard(
        "what the store mails is not mailed again",
        "P5",
        "the customer gets two confirmations",
        _mails_twice,
        "which the store mails itself",
        Seeds(also=a_store_that_mails),
    ),
    Guard(
        "our own write is recognised",
        "P5",
        "a write whose answer was lost is taken for somebody else's, and a message is never sent",
        lambda: patch.object(dynamo, "_writer_of", lambda item: ""),
        "messages are unclear",
        Seeds(1, mix=LOST_ANSWERS),
    ),
    Guard(
        "older news of a parcel is not believed",
        "P5",
        "a late scan takes a delivery back",
        _believes_old_scans,
        "went back",
        Seeds(56),
    ),
    Guard(
        "the store is read before a parcel is recorded",
        "P1",
        "a record whose answer was lost is made twice",
        _blind,
        "fulfillment: parcel",
        Planned(SILENT_STORE),
    ),
    Guard(
        "the settle window of a parcel's record",
        "P1",
        "two workers record the same parcel",
        _records_at_once,
        "fulfillment: parcel",
        Planned(LATE_STORE),
    ),
)
