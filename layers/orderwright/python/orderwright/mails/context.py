"""The facts that a message may state, and the finished mail."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from orderwright.domain.base import Instant, Model
from orderwright.domain.config import Merchant
from orderwright.domain.money import Money
from orderwright.domain.shipment import ShipmentState


class MailLine(Model):
    """One article: what was ordered (confirmation) or what is in this parcel (all other mails)."""

    title: str
    variant_title: str = ""
    sku: str = ""
    quantity: int = Field(gt=0)
    unit_price: Money | None = None
    link: str = Field(default="", description="where a digital article is to be had")


class MailContext(Model):
    """All that a message may say. Holds personal data: never logged, never in a queue.

    Texts are taken as the buyer, the store and the carrier gave them; rendering cleans, bounds and escapes them.
    `reason` tells the sorts of one milestone apart: READY_FOR_PICKUP under OUT_FOR_DELIVERY; DELIVERY_FAILED, ON_HOLD
    or RETURN_TO_SENDER under EXCEPTION. `event_at` is when it happened at the carrier. `timezone` is an IANA name.
    """

    merchant: Merchant
    order_name: str
    ordered_at: Instant
    lines: tuple[MailLine, ...]
    first_name: str = ""
    display_name: str = ""
    total: Money | None = None
    tracking_number: str = ""
    carrier_name: str = ""
    tracking_url: str = Field(default="", description="the carrier's link")
    page_url: str = Field(default="", description='the customer\'s page; "": this order has none')
    expected_at: Instant | None = None
    event_at: Instant | None = None
    reason: ShipmentState | None = None
    quiet: bool = Field(default=False, description="DELAYED, since nobody has scanned the parcel for some days")
    more_parcels: bool = Field(default=False, description="articles of this order have yet to leave in another parcel")
    timezone: str = "UTC"
    default_locale: str = Field(default="en", description="the store's, for buyers whose language has no translation")

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("timezone must be an IANA zone name such as Europe/Helsinki, or UTC") from None
        return value


class RenderedMail(NamedTuple):
    """A finished mail without its recipient: `subject` is one line."""

    subject: str
    text: str
    html: str
