"""What the customer's page is made of: parts in one partition, each a copy of what one item of the order says (R31).

TRACK#<mark of the link>   sk ORDER | SHIP#... | REQUEST#...    beside personal data of DETAILS only first name, town and country
TRACK#-                    sk SHOP: how the shop looks, for all pages

The pages' function may read these and nothing else. A part is written in the commit that changes its item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.bundle_lines import put_together
from orderwright.domain.config import Config
from orderwright.domain.customer_request import (
    CustomerRequest,
    RequestedLine,
    RequestKind,
    RequestReason,
    RequestState,
)
from orderwright.domain.forecast import Forecast
from orderwright.domain.order import Address, OrderDetails, OrderRecord, OrderState
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.shipment import Shipment, ShipmentState
from orderwright.domain.tracking_rules import TrackingRules


class TrackedLine(Model):
    """One line of the order. `sold`: pieces that are still sold. `parts`: of a bundle, its components as parcels name them."""

    line_id: str
    title: str
    variant_title: str = ""
    sold: int
    shipped: bool = Field(default=True, description="goes by parcel")
    personalised: bool = False
    parts: dict[str, int] = Field(default_factory=dict, description="line id -> pieces of it in one bundle")


class TrackedOrder(Model):
    """The order's part. `erased`: there is no page any more."""

    order: str
    store: str
    name: str = ""
    ordered_at: Instant | None = None
    state: OrderState = OrderState.AWAITING_PAYMENT
    cancelled: bool = False
    locale: str = ""
    first_name: str = ""
    town: str = ""
    country_code: str = ""
    province_code: str = ""
    lines: tuple[TrackedLine, ...] = ()
    expected: Forecast | None = Field(default=None, description="of what is in no parcel yet")
    asked: int = Field(default=0, description='how often the customer asked "where is my order?"')
    erased: bool = False

    @classmethod
    def of(cls, pk: str, record: OrderRecord, details: OrderDetails, orders: Iterable[PurchaseOrder]) -> TrackedOrder:
        """As the page shows it."""
        if record.erased_at is not None:
            return cls(order=pk, store=record.connection, erased=True)
        to = details.destination or Address()
        return cls(
            order=pk,
            store=record.connection,
            name=record.name,
            ordered_at=record.created_at,
            state=record.state,
            cancelled=record.cancelled,
            locale=details.locale,
            first_name=to.name.split(" ")[0],
            town=to.city,
            country_code=to.country_code,
            province_code=to.province_code,
            lines=_lines(details),
            asked=record.asked,
        )


def _lines(details: OrderDetails) -> tuple[TrackedLine, ...]:
    parts: dict[str, dict[str, int]] = {}
    for line in details.lines:
        if line.of_line:
            parts.setdefault(line.of_line, {})[line.line_id] = line.per_bundle
    return tuple(
        TrackedLine(
            line_id=line.line_id,
            title=line.title,
            variant_title=line.variant_title,
            sold=line.quantity,
            shipped=line.requires_shipping,
            personalised=line.personalised,
            parts=parts.get(line.line_id, {}),
        )
        for line in put_together(details.lines)
    )


class TrackedParcel(Model):
    """One parcel's part. `units`: pieces by line id. `passed`: when each state was first reached, by the carrier's time."""

    number: str
    former_numbers: tuple[str, ...] = ()
    renumbered_at: Instant | None = None
    carrier_name: str = ""
    tracking_url: str = ""
    state: ShipmentState
    state_at: Instant | None = None
    shipped_at: Instant
    passed: dict[str, Instant] = Field(default_factory=dict)
    expected_at: Instant | None = None
    forecast: Forecast | None = None
    quiet_since: Instant | None = None
    units: dict[str, int]

    @classmethod
    def of(cls, parcel: Shipment) -> TrackedParcel:
        """As the page shows it."""
        return cls(
            number=parcel.tracking_number,
            former_numbers=parcel.former_numbers,
            renumbered_at=parcel.renumbered_at,
            carrier_name=parcel.carrier_name,
            tracking_url=parcel.tracking_url,
            state=parcel.state,
            state_at=parcel.state_at,
            shipped_at=parcel.created_at,
            passed=parcel.passed,
            expected_at=parcel.expected_at,
            forecast=parcel.forecast,
            quiet_since=parcel.quiet_since,
            units={line.line_id: line.quantity for line in parcel.lines},
        )


class TrackedRequest(Model):
    """The part of a withdrawal or a return."""

    kind: RequestKind
    number: int
    lines: tuple[RequestedLine, ...]
    reason: RequestReason
    asked_at: Instant
    stopped: bool
    state: RequestState
    outcome: str

    @classmethod
    def of(cls, asked: CustomerRequest) -> TrackedRequest:
        """As the page shows it."""
        return cls(
            kind=asked.kind, number=asked.number, lines=asked.lines, reason=asked.reason, asked_at=asked.asked_at,
            stopped=asked.stopped, state=asked.state, outcome=asked.outcome,
        )  # fmt: skip


class ShopFace(Model):
    """How the shop looks on all pages, and its rules: written with each version of orderwright.yaml."""

    name: str
    support_email: str = ""
    legal_address: str = ""
    website: str = ""
    time_zone: str = "UTC"
    colour: str = ""
    logo_url: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    locales: dict[str, str] = Field(default_factory=dict, description="the language of each store, by its permanent id")
    rules: TrackingRules = Field(default_factory=TrackingRules)

    @classmethod
    def of(cls, config: Config) -> ShopFace:
        """`config` by permanent ids."""
        shop = config.merchant
        return cls(
            name=shop.name, support_email=shop.support_email, legal_address=shop.legal_address, website=shop.website,
            time_zone=shop.time_zone, colour=shop.colour, logo_url=shop.logo_url, terms_url=shop.terms_url,
            privacy_url=shop.privacy_url, rules=config.rules.tracking,
            locales={store: settings.default_locale for store, settings in config.stores.items()},
        )  # fmt: skip


class Page(Model):
    """All parts of one page, as they were read together."""

    mark: str
    order: TrackedOrder
    parcels: dict[str, TrackedParcel] = Field(default_factory=dict)
    requests: dict[str, TrackedRequest] = Field(default_factory=dict)

    def asked(self, kind: RequestKind) -> int:
        """How many requests of a kind are known."""
        return sum(request.kind is kind for request in self.requests.values())


def page_of(mark: str, items: Mapping[str, Mapping[str, object]]) -> Page | None:
    """The page from its parts' fields by sort key; None where there is none, or none any more."""
    if "ORDER" not in items:
        return None
    order = TrackedOrder.model_validate(items["ORDER"])
    if order.erased:
        return None
    return Page(
        mark=mark,
        order=order,
        parcels={sk: TrackedParcel.model_validate(one) for sk, one in items.items() if sk.startswith("SHIP#")},
        requests={sk: TrackedRequest.model_validate(one) for sk, one in items.items() if sk.startswith("REQUEST#")},
    )
