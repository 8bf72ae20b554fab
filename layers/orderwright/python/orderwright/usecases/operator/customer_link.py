"""The link to an order's page, for a customer who lost the mail (R52). Who has it sees the page: given only when asked for."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from orderwright.domain.order import OrderDetails
from orderwright.domain.tracking_page import Page, TrackedOrder, TrackedParcel, TrackedRequest, ends_at
from orderwright.domain.tracking_rules import TrackingRules
from orderwright.records import OrderFile
from orderwright.tracking_links import TrackingLinks
from orderwright.usecases.operator.desk import Refused

_DOCTOR = "orderwright doctor   says whether pages are open"


class CustomerLink(NamedTuple):
    """`since`: when the order got its page (None: before that was noted). `ends_at`: None while that is not known."""

    order: str
    link: str
    since: datetime | None
    ends_at: datetime | None


def customer_link(links: TrackingLinks, file: OrderFile, rules: TrackingRules, now: datetime) -> CustomerLink:
    """The link as mails carry it. Raises Refused where there is no page, or none any more."""
    assert file.record is not None
    record = file.record.model
    if record.erased_at is not None:
        raise Refused("ERASED", f"{record.name} is erased, and its page with it")
    if not record.link_mark:
        told = f"{record.name} came before there were pages, and no news of it has come since"
        raise Refused("NO_CUSTOMER_PAGE", told, f"its next news from the store opens its page; {_DOCTOR}")
    ends = ends_at(_page(file), rules)
    if ends is not None and ends <= now:
        told = f"the link of {record.name} ended on {ends:%Y-%m-%d}"
        raise Refused(
            "LINK_ENDED", told, "answer the customer yourself; rules.tracking.link_days says how long links last"
        )
    link = links.link(file.pk, record.link_mark)
    if not link:
        told = f"the key that made the link of {record.name} is not kept any more; the link that the customer has still works"
        raise Refused("KEY_GONE", told, "answer the customer yourself")
    return CustomerLink(record.name, link, record.linked_at, ends)


def _page(file: OrderFile) -> Page:
    """As the customer sees it, from the items that its parts are copies of."""
    assert file.record is not None
    record, details = file.record.model, file.details.model if file.details else OrderDetails(lines=())
    orders = (held.model for held in file.purchase_orders.values())
    return Page(
        mark=record.link_mark,
        order=TrackedOrder.of(file.pk, record, details, orders),
        parcels={sk: TrackedParcel.of(held.model) for sk, held in file.shipments.items()},
        requests={sk: TrackedRequest.of(held.model) for sk, held in file.requests.items()},
    )
