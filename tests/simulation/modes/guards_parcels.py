"""Guards of parcels whose numbers change, were used before or go back, and of batches beside a silent vendor (P5, P9)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from orderwright.connectors.deadline import Deadline
from orderwright.domain import shipment
from orderwright.domain.notice import Notice
from orderwright.domain.shipment import FINAL, Shipment, ShipmentState
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.tracking import matching, trackers, visit
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import a_store_that_hangs
from tests.simulation.modes.families import REPLACED, SENT_BACK, USED_BEFORE
from tests.simulation.modes.guards_goods import both
from tests.simulation.modes.hunting import Guard, Planned, Seeds

Removed = AbstractContextManager[object]


def _all_news() -> Removed:
    return patch.object(trackers, "_its_time", lambda *args: (None, None))


def _believes_the_last_word() -> Removed:
    return both(
        patch.object(shipment, "FINAL", FINAL - {ShipmentState.RETURN_TO_SENDER}),
        patch.object(trackers, "of_this_parcel", lambda view, *its_time: (view, False)),
    )


def _every_number_is_a_parcel() -> Removed:
    return patch.object(matching, "replaced", lambda *args: iter(()))


def _store_keeps_the_old_one() -> Removed:
    real = Shipment.renumbered

    def renumbered(held: Shipment, *rest: Any) -> Shipment:
        return real(held, *rest).model_copy(update={"fulfillment": held.fulfillment, "sends": held.sends})

    return patch.object(Shipment, "renumbered", renumbered)


def _page_waits() -> Removed:
    real = OrderCommit.with_page
    return patch.object(
        OrderCommit, "with_page", lambda commit: commit.changes if commit.who == visit.FUNCTION else real(commit)
    )


def _any_number_is_new() -> Removed:
    return patch.object(Notice, "names_another", lambda self, number: True)


def _no_end() -> Removed:
    return both(
        patch.object(Deadline, "call", lambda self, whom, seconds, make: make()),
        patch.object(Deadline, "in_time", lambda self: True),
    )


PARCELS: tuple[Guard, ...] = (
    Guard(
        "news from before the purchase is of another parcel",
        "P5",
        "a number that was used before is told as delivered at once",
        _all_news,
        "the carrier has not delivered it",
        Planned(USED_BEFORE[0]),
    ),
    Guard(
        "what went back stays returned",
        "P5",
        "a delivery to the sender is told to the customer",
        _believes_the_last_word,
        "it went back to its sender",
        Planned(SENT_BACK[0]),
    ),
    Guard(
        "a replaced number is the same parcel",
        "P5",
        "the dead number stays, or the new one is booked as another parcel",
        _every_number_is_a_parcel,
        "instead of",
        Planned(REPLACED[0]),
    ),
    Guard(
        "the store gets the new number",
        "P5",
        "the customer finds a dead link in the shop",
        _store_keeps_the_old_one,
        "still has",
        Planned(REPLACED[0]),
    ),
    Guard(
        "the customer's page changes with its parcel",
        "P5",
        "the page shows the dead number, or a parcel that it does not know",
        _page_waits,
        "P5: the page of",
        Planned(REPLACED[0]),
    ),
    Guard(
        "a new number is told where another one was told last",
        "P5",
        "news of a number that comes twice is told twice",
        _any_number_is_new,
        "more than once",
        Planned(replace(REPLACED[0], disorder=True)),
    ),
    Guard(
        "the deadline of a batch",
        "P9",
        "four messages that wait for a silent store take an erasure with them",
        _no_end,
        "died while a vendor was silent",
        Seeds(mix=Mix(), also=a_store_that_hangs),
    ),
)
