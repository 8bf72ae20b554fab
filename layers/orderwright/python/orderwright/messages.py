"""Every message between functions, its version, and which queue takes which. Ids only, never an address (promise P8).

Standard library only: the webhook function pays for this import on every cold start.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SCHEMA = 1

QUEUE_OF = {
    "order.changed": "ingest_order",
    "order.webhook_parked": "ingest_order",
    "order.erasure_asked": "ingest_order",
    "connection.closed": "ingest_order",
    "erasure.due": "ingest_order",
    "bill.due": "ingest_order",
    "customer.request_due": "ingest_order",
    "order.due": "ingest_order",
    "message.due": "ingest_order",
    "purchase_order.due": "place_purchase_order",
    "supplier.order_news": "update_tracking",
    "carrier.tracker_news": "update_tracking",
    "tracking.due": "update_tracking",
    "shipment.fulfillment_due": "publish_fulfillment",
    "notice.due": "notify_customer",
    "mail.feedback_due": "notify_customer",
    "alert.raised": "alert_merchant",
    "catalogue.import_due": "import_catalogue",
    "listing.publication_due": "publish_product",
    "stock.poll_due": "poll_stock",
    "stock.news": "poll_stock",
    "stock.advice_due": "poll_stock",
    "offer.changed": "recalculate_price",
    "prices.reprice_due": "recalculate_price",
    "signal.poll_due": "poll_stock",
    "listing.push_due": "publish_listing",
    "store.reconcile_due": "reconcile_store",
    "statement.due": "write_statement",
    "scores.due": "write_statement",
    "demand.due": "write_statement",
    "inputs.keep_due": "write_statement",
}
"""Message type -> folder name of the function that takes it."""

PUT_BACK = "put_back"
"""In the detail of offer.changed: SKUs (a JSON list) whose units the store `connection` put back on its shelf itself."""

SKUS = "skus"
"""In the detail of listing.push_due: a JSON list of SKUs of the store `connection`, in place of one `resource`."""

QUEUE_NAMES = tuple(sorted(set(QUEUE_OF.values())))


class NotAMessage(ValueError):
    """A queue body that is no message of ours. The text names the field, never the body."""


@dataclass(frozen=True)
class Message:
    """One fact on its way. `pk`/`sk` are keys of our tables, `resource` a vendor's id, `detail` further ids or counts."""

    type: str
    id: str
    at: str
    connection: str = ""
    pk: str = ""
    sk: str = ""
    resource: str = ""
    topic: str = ""
    correlation: str = ""
    detail: dict[str, str] = field(default_factory=dict)
    schema: int = SCHEMA

    def to_json(self) -> str:
        """The queue body; empty fields are left out."""
        return json.dumps(
            {k: v for k, v in vars(self).items() if v or k in ("type", "id", "at")}, separators=(",", ":")
        )

    @property
    def queue(self) -> str:
        """The folder name of the function that takes it."""
        return QUEUE_OF[self.type]

    @property
    def log_fields(self) -> dict[str, str]:
        """What a line of a function's log says of it: ids only (promise P8). `orderwright logs` looks for them.

        The keys of what customers send have the mark of their link: these are not said.
        """
        if self.type.startswith("customer."):
            return {
                key: value
                for key, value in (("correlation", self.correlation), ("connection", self.connection))
                if value
            }
        told = {"message_id": self.id, "correlation": self.correlation, "connection": self.connection, "pk": self.pk}
        if self.type.startswith("order."):
            told["resource"] = self.resource
        return {key: value for key, value in told.items() if value}

    @property
    def group(self) -> str:
        """SQS MessageGroupId, for fairness between connections: letters, digits and punctuation that SQS allows."""
        return (self.connection or self.pk.split("#")[0] or "orderwright")[:128]


_TEXT_FIELDS = ("type", "id", "at", "connection", "pk", "sk", "resource", "topic", "correlation")


def parse(body: str) -> Message:
    """A queue body as a message. Raises NotAMessage naming the first field that is wrong."""
    try:
        data: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAMessage("the body is not JSON") from None
    if not isinstance(data, dict):
        raise NotAMessage("the body is not a JSON object")
    if data.get("schema") != SCHEMA:
        raise NotAMessage(f"schema must be {SCHEMA}: this message was written by another version")
    for name in _TEXT_FIELDS:
        if not isinstance(data.get(name, ""), str):
            raise NotAMessage(f"{name} must be text")
    for name in ("type", "id", "at"):
        if not data.get(name):
            raise NotAMessage(f"{name} is missing")
    if data["type"] not in QUEUE_OF:
        raise NotAMessage("type is not known to this version")
    detail = data.get("detail", {})
    if not isinstance(detail, dict) or not all(isinstance(k, str) and isinstance(v, str) for k, v in detail.items()):
        raise NotAMessage("detail must map text to text")
    unknown = set(data) - {*_TEXT_FIELDS, "detail", "schema"}
    if unknown:
        raise NotAMessage(f"unknown fields: {', '.join(sorted(unknown))[:100]}")
    return Message(**data)


_NEWS = frozenset({"order.changed", "supplier.order_news", "carrier.tracker_news"})
"""Messages that only say where to look. Which webhook said so makes no difference to what is found."""


def each_once(work: Callable[[Message], None], told: Callable[[Message, bool], None]) -> Callable[[str], None]:
    """For one batch: takes its bodies one by one, does the work of each message, and of equal news once.

    A sale comes as three webhooks that all say "look at this order". In one batch they were all received before the first of
    them is worked on, so what that one reads is as new as the last of them. `told` hears of each message afterwards, with True
    where the work was done for an equal one. What failed is not done: an equal message tries it again (promise P2). The result
    raises NotAMessage, and what `work` raises.
    """
    done: set[tuple[object, ...]] = set()

    def take(body: str) -> None:
        message = parse(body)
        where = (message.type, message.connection, message.pk, message.sk, message.resource)
        subject = (*where, *sorted(message.detail.items()))
        again = message.type in _NEWS and subject in done
        if not again:
            work(message)
        done.add(subject)
        told(message, again)

    return take
