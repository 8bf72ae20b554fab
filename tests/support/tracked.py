"""Customers' pages in every state, without a stack: parts as update_tracking and ingest_order would have copied them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from orderwright.domain.customer_request import RequestedLine, RequestKind, RequestReason, RequestState
from orderwright.domain.forecast import Basis, Forecast
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page, ShopFace, TrackedLine, TrackedOrder, TrackedParcel, TrackedRequest

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
STORE = "lamp-shop"
FACE = ShopFace(
    name="Nordlight",
    support_email="help@nordlight.example.com",
    legal_address="Nordlight Oy\nEsimerkkikatu 1\n33100 Tampere\nFinland",
    website="https://nordlight.example.com",
    time_zone="Europe/Helsinki",
    colour="#1b4f72",
    terms_url="https://nordlight.example.com/terms",
    privacy_url="https://nordlight.example.com/privacy",
    locales={STORE: "fi-FI"},
)
LAMP = TrackedLine(line_id="1", title="Mushroom table lamp", variant_title="Sage", sold=2)
SHADE = TrackedLine(line_id="2", title="Linen shade", sold=1)
SET = TrackedLine(
    line_id="7",
    title="Tea set",
    sold=2,
    parts={"7+1": 2, "7+2": 1},
    part_titles={"7+1": "Stoneware mug", "7+2": "Oak tray"},
)
BOOK = TrackedLine(line_id="9", title="Light and living (e-book)", sold=1, shipped=False)
MEASURED = Forecast(basis=Basis.MEASURED, first=date(2026, 12, 2), last=date(2026, 12, 5), parcels=62, within=57)


def ago(days: int = 0, hours: int = 0) -> datetime:
    """An instant before NOW."""
    return NOW - timedelta(days=days, hours=hours)


def order(state: OrderState = OrderState.SHIPPED, **more: Any) -> TrackedOrder:
    """Anna's, in Helsinki."""
    known = {
        "order": f"{STORE}#1042", "store": STORE, "name": "#1042", "ordered_at": ago(6), "locale": "en", "first_name": "Anna",
        "town": "Helsinki", "country_code": "FI", "lines": (LAMP,), "state": state,
    }  # fmt: skip
    return TrackedOrder.model_validate({**known, **more})


def parcel(state: ShipmentState = ShipmentState.IN_TRANSIT, **more: Any) -> TrackedParcel:
    """Two lamps that left five days ago, with what a carrier would have said until this state."""
    ways = {
        ShipmentState.IN_TRANSIT: ago(2),
        ShipmentState.OUT_FOR_DELIVERY: ago(0, 3),
        ShipmentState.DELIVERED: ago(0, 1),
    }
    passed = {one.value: at for one, at in ways.items() if one is state or at < ways.get(state, ago(1))}
    silent = state in (ShipmentState.PENDING, ShipmentState.UNKNOWN)
    known = {
        "number": "JJFI60010000000001", "carrier_name": "Posti", "tracking_url": "https://www.posti.fi/en/tracking#/lahetys/1",
        "state": state, "state_at": None if silent else ways.get(state, ago(1)), "shipped_at": ago(4, 2), "units": {"1": 2},
        "passed": {} if silent else {**passed, state.value: ways.get(state, ago(1))}, "forecast": MEASURED,
    }  # fmt: skip
    return TrackedParcel.model_validate({**known, **more})


def page(
    order_: TrackedOrder | None = None, *parcels: TrackedParcel, requests: tuple[TrackedRequest, ...] = ()
) -> Page:
    """The page of these parts."""
    return Page(
        mark="0" * 40,
        order=order_ or order(),
        parcels={f"SHIP#R#{number}": one for number, one in enumerate(parcels)},
        requests={f"REQUEST#{one.kind}#{one.number}": one for one in requests},
    )


def asked(kind: RequestKind = RequestKind.WITHDRAWAL, pieces: int = 2, **more: Any) -> TrackedRequest:
    """A withdrawal from lamps."""
    known = {
        "kind": kind, "number": 0, "lines": (RequestedLine(line_id="1", title="Mushroom table lamp", quantity=pieces),),
        "reason": RequestReason.NOT_SAID, "asked_at": ago(0, 2), "stopped": False, "state": RequestState.OPEN, "outcome": "",
    }  # fmt: skip
    return TrackedRequest.model_validate({**known, **more})


def gallery() -> dict[str, Page]:
    """What a person would look at."""
    out, way, lost = ShipmentState.OUT_FOR_DELIVERY, ShipmentState.IN_TRANSIT, ShipmentState.PENDING
    several = order(OrderState.PLACED, lines=(LAMP, SHADE, SET, BOOK))
    first = parcel(ShipmentState.DELIVERED, units={"1": 2})
    second = parcel(out, units={"7+1": 3, "7+2": 1}, number="JJFI60010000000002")
    late = Forecast(basis=Basis.CARRIER, first=date(2026, 11, 28), last=date(2026, 11, 28))
    return {
        "on_its_way": page(None, parcel()),
        "confirmed": page(order(OrderState.PLACING, expected=MEASURED, lines=(LAMP, SHADE))),
        "several": page(several, first, second),
        "late": page(None, parcel(way, forecast=late)),
        "renumbered": page(
            None,
            parcel(way, former_numbers=("LP00123456789CN", "JJFI60010000000001"), renumbered_at=ago(3)),
        ),
        "quiet": page(None, parcel(lost, shipped_at=ago(8), carrier_name="", tracking_url="")),
        "customs": page(None, parcel(ShipmentState.IN_CUSTOMS)),
        "returned": page(None, parcel(ShipmentState.RETURN_TO_SENDER)),
        "delivered": page(order(OrderState.DELIVERED), parcel(ShipmentState.DELIVERED)),
        "withdrawn": page(order(OrderState.ON_HOLD), requests=(asked(stopped=True),)),
        "unpaid": page(order(OrderState.AWAITING_PAYMENT)),
    }
