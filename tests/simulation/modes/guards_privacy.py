"""Guards of personal data: in its own table and nowhere else, and gone when it is to go (promise P8)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from orderwright.aws import notifier
from orderwright.domain.order import OrderDetails
from orderwright.errors import VendorError
from orderwright.ports.supplier import PurchaseRequest
from orderwright.storage import Change, Copy, Fact, Put
from orderwright.usecases.intake import erasure, order_changes, plan
from orderwright.usecases.order_commit import OrderCommit
from orderwright.usecases.placing import requests
from tests.simulation.faults.mix import Mix
from tests.simulation.modes.additions import an_address_after_erasure, leaving_customers
from tests.simulation.modes.hunting import Guard, Seeds

Removed = AbstractContextManager[object]


def _talkative_log() -> Removed:
    real = requests.purchase_request

    def talkative(*args: Any) -> PurchaseRequest:
        request = real(*args)
        print(f"sending to {request.destination}")
        return request

    return patch.object(requests, "purchase_request", talkative)


def _facts_with_names() -> Removed:
    real = order_changes._order_facts

    def facts(before: Any, record: Any, order: Any, setting: Any) -> list[Fact]:
        found = real(before, record, order, setting)
        return [replace(fact, detail={**fact.detail, "email": order.email or ""}) for fact in found]

    return patch.object(order_changes, "_order_facts", facts)


def _quoting_errors() -> Removed:
    real = notifier._post

    def quoting(what: str, call: Any, request: Any) -> str:
        try:
            return real(what, call, request)
        except VendorError as error:
            error.message = f"{error.message}: {request}"
            raise

    return patch.object(notifier, "_post", quoting)


def _whole_marks() -> Removed:
    return patch.object(requests, "mark", lambda po, file: str(file.details.model.destination))


def _half_erased() -> Removed:
    real = erasure._erasing

    def erasing(*args: Any) -> OrderCommit:
        commit = real(*args)
        commit.changes = [one for one in commit.changes if not (isinstance(one, Put) and one.key.sk == "DETAILS")]
        return commit

    return patch.object(erasure, "_erasing", erasing)


def _no_erasure() -> Removed:
    return patch.object(erasure, "_erasing", lambda file, why, clock: OrderCommit(file, "", clock.now()))


def _page_stays() -> Removed:
    real = OrderCommit.with_page

    def without(commit: OrderCommit) -> list[Change]:
        return [one for one in real(commit) if not (isinstance(one, Copy) and getattr(one.model, "erased", False))]

    return patch.object(OrderCommit, "with_page", without)


def _no_tombstone() -> Removed:
    real = plan.details_of

    def details(order: Any, file: Any) -> OrderDetails:
        if file.record is None:
            return real(order, replace(file, details=None))
        known = replace(file.record, model=file.record.model.model_copy(update={"erased_at": None}))
        return real(order, replace(file, record=known))

    return patch.object(plan, "details_of", details)


PRIVACY: tuple[Guard, ...] = (
    Guard(
        "no personal data in logs",
        "P8",
        "a function says where it sends a parcel",
        _talkative_log,
        "is in a log",
        Seeds(),
    ),
    Guard(
        "only ids in messages",
        "P8",
        "a queue, its dead letters and its traces hold mail addresses",
        _facts_with_names,
        "is in a queue",
        Seeds(),
    ),
    Guard(
        "errors that quote nothing",
        "P8",
        "what SES refused is kept with its recipient",
        _quoting_errors,
        "P8: ",
        Seeds(mix=Mix({"throttle": 0.2})),
    ),
    Guard(
        "a mark of an address is too short to lead back",
        "P8",
        "a purchase order holds the address that it was sent to",
        _whole_marks,
        "outside DETAILS",
        Seeds(),
    ),
    Guard(
        "erasure reaches the details",
        "P8",
        "an order is marked as erased, and its person is still there",
        _half_erased,
        "still there after erasure",
        Seeds(also=leaving_customers),
    ),
    Guard(
        "erasure reaches the customer's page",
        "P8",
        "who has the link reads the name and the town of a person who was erased",
        _page_stays,
        "P8: the page of",
        Seeds(also=leaving_customers),
    ),
    Guard(
        "erasure is done",
        "P8",
        "the store asks for it, and nothing happens",
        _no_erasure,
        "and nobody did",
        Seeds(also=leaving_customers),
    ),
    Guard(
        "a tombstone stops the re-import",
        "P8",
        "the next news of an erased order brings its person back",
        _no_tombstone,
        "still there after erasure",
        Seeds(also=an_address_after_erasure),
    ),
)
