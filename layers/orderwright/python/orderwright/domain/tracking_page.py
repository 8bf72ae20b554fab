"""What the customer's page is made of: parts in one partition, each a copy of what one item of the order says (R31).

TRACK#<mark of the link>   sk ORDER | SHIP#... | REQUEST#...    beside personal data of DETAILS only first name, town and country
TRACK#-                    sk SHOP: how the shop looks, for all pages

The pages' function may read these and nothing else. A part is written in the commit that changes its item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo

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
from orderwright.domain.forecast import Forecast, agreed
from orderwright.domain.order import (
    FINAL_ORDER_STATES,
    Address,
    OrderDetails,
    OrderLine,
    OrderRecord,
    OrderState,
    units_of,
)
from orderwright.domain.outside_texts import first_name, town
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_state import PurchaseOrderState
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
    elsewhere: bool = Field(default=False, description="the store says that it was sent, and none of our suppliers did")
    parts: dict[str, int] = Field(default_factory=dict, description="line id -> pieces of it in one bundle")
    part_titles: dict[str, str] = Field(default_factory=dict, description="line id -> what the part is called")

    @property
    def to_ship(self) -> bool:
        """Is there anything that suppliers send, or sent?"""
        return self.shipped and self.sold > 0 and not self.elsewhere

    @property
    def units(self) -> dict[str, int]:
        """All its pieces by line id, as parcels name them."""
        return {name: many * self.sold for name, many in (self.parts or {self.line_id: 1}).items()}


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
    closed_at: Instant | None = Field(
        default=None, description="of one of which nothing goes by parcel (any more): the store's last change"
    )
    mailed: bool = Field(default=True, description="there is an address to which receipts are mailed")
    erased: bool = False

    @classmethod
    def of(cls, pk: str, record: OrderRecord, details: OrderDetails, orders: Iterable[PurchaseOrder]) -> TrackedOrder:
        """As the page shows it."""
        if record.erased_at is not None:
            return cls(order=pk, store=record.connection, erased=True)
        known = tuple(orders)
        to, lines = details.destination or Address(), _lines(details, known)
        return cls(
            order=pk,
            store=record.connection,
            name=record.name,
            ordered_at=record.created_at,
            state=record.state,
            cancelled=record.cancelled,
            locale=details.locale,
            first_name=first_name(to.name),
            town=town(to.city),
            country_code=to.country_code,
            province_code=to.province_code,
            lines=lines,
            expected=_expected(known, UTC),
            asked=record.asked,
            mailed=bool(details.email),
            closed_at=record.store_updated_at if _closed(record, lines) else None,
        )


def _closed(record: OrderRecord, lines: Iterable[TrackedLine]) -> bool:
    if record.cancelled or record.state in (OrderState.CANCELLED, OrderState.IGNORED):
        return True
    return record.state in FINAL_ORDER_STATES and not any(line.shipped and line.sold for line in lines)


def _expected(orders: Iterable[PurchaseOrder], zone: tzinfo) -> Forecast | None:
    """Of the purchase order that is agreed to arrive last."""
    live = (po for po in orders if po.state is not PurchaseOrderState.CANCELLED and po.agreed_days)
    found = [agreed(po.placed_at or po.created_at, po.agreed_days, zone) for po in live if po.agreed_days]
    return max(found, key=lambda one: one.last, default=None)


def _lines(details: OrderDetails, orders: Iterable[PurchaseOrder]) -> tuple[TrackedLine, ...]:
    ours = {line.line_id for po in orders for line in po.lines}
    parts: dict[str, dict[str, int]] = {}
    titles: dict[str, dict[str, str]] = {}
    for line in details.lines:
        if line.of_line:
            parts.setdefault(line.of_line, {})[line.line_id] = line.per_bundle
            titles.setdefault(line.of_line, {})[line.line_id] = line.title
    return tuple(
        TrackedLine(
            line_id=line.line_id,
            title=line.title,
            variant_title=line.variant_title,
            sold=line.quantity,
            shipped=line.requires_shipping and not line.gift_card,
            elsewhere=_is_elsewhere(line) and ours.isdisjoint({line.line_id, *parts.get(line.line_id, ())}),
            personalised=line.personalised,
            parts=parts.get(line.line_id, {}),
            part_titles=titles.get(line.line_id, {}),
        )
        for line in put_together(details.lines)
    )


def _is_elsewhere(line: OrderLine) -> bool:
    return line.requires_shipping and line.quantity > 0 and not line.unfulfilled


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

    @property
    def delivered_at(self) -> datetime | None:
        """When it arrived; None: it did not, or nobody said when."""
        if self.state is not ShipmentState.DELIVERED:
            return None
        known = self.passed.get(self.state.value)
        # Without a time of its own, `state_at` may be that of a state before.
        return self.state_at if known is None and self.state_at not in self.passed.values() else known


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

    def sent(self) -> list[TrackedParcel]:
        """The parcels that left, or are said to, oldest first."""
        known = sorted(self.parcels.items(), key=lambda one: (one[1].shipped_at, one[0]))
        return [parcel for _, parcel in known if parcel.state is not ShipmentState.CANCELLED]

    def not_sent(self) -> dict[str, int]:
        """Pieces that are still to leave by parcel, by line id."""
        sent = units_of(one for parcel in self.sent() for one in parcel.units.items())
        wanted = units_of(one for line in self.order.lines if line.to_ship for one in line.units.items())
        return {name: many - sent.get(name, 0) for name, many in wanted.items() if many > sent.get(name, 0)}


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


TO_THE_NEXT_WORKING_DAY = 4
"""Days by which the time to withdraw may be longer: it begins the day after, ends with a day, and no weekend ends it."""


def ends_at(page: Page, rules: TrackingRules) -> datetime | None:
    """When its link ends; None: not yet known. Never before the last parcel has arrived, nor while the buyer may withdraw.

    A parcel that comes back keeps it open until the table drops the page; so does what somebody else sent, while there is
    something to ask for: nobody knows when that arrived.
    """
    order, parcels = page.order, page.sent()
    asking = rules.withdrawal_days if rules.may_withdraw(order.country_code) else rules.return_days
    if (
        asking
        and order.closed_at is None
        and any(line.shipped and line.elsewhere and line.sold for line in order.lines)
    ):
        return None
    if any(parcel.delivered_at is None for parcel in parcels) or (page.not_sent() and order.closed_at is None):
        return None
    known = [at for at in (order.closed_at, *(parcel.delivered_at for parcel in parcels)) if at is not None]
    if not known:
        return None
    return max(known) + timedelta(days=max(rules.link_days, asking + TO_THE_NEXT_WORKING_DAY if asking else 0))
