"""What a customer may still ask for on the page of their order, until when, and for how many pieces (R49). Pure.

Directive 2011/83/EU: article 9 (14 days from the day on which the last goods are received; before that day a buyer may withdraw
too), 11 and 11a (the function on the page, there for the whole period), 16 (c) (made to order) and (m) (digital). Regulation
1182/71, article 3: the day of the delivery is not counted, the last day ends at its midnight, and a period that ends on a
Saturday or a Sunday ends with the next working day. Public holidays are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from orderwright.domain.base import to_utc
from orderwright.domain.customer_request import RequestedLine, RequestKind
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page, TrackedLine, TrackedParcel
from orderwright.domain.tracking_rules import TrackingRules

_NOT_COMING = frozenset({ShipmentState.DELIVERED, ShipmentState.CANCELLED, ShipmentState.RETURN_TO_SENDER})
_SATURDAY = 5


class Askable(NamedTuple):
    """One line and how many pieces of it may be asked for. `excluded`: the law gives no right to withdraw from it.

    `still`: pieces that are sold and were not asked for before, also those that are to come.
    """

    line: TrackedLine
    most: int
    still: int = 0
    excluded: bool = False

    def asked(self, pieces: int) -> RequestedLine:
        """So many of them are asked for."""
        title = ", ".join(filter(None, (self.line.title, self.line.variant_title)))
        return RequestedLine(line_id=self.line.line_id, title=title, quantity=pieces, left=max(0, self.still - pieces))


class Window(NamedTuple):
    """What is offered, for so many `days` after the last delivery: until the end of the buyer's `last_day`, which is `until`.

    Both are None while goods are to come.
    """

    kind: RequestKind
    days: int
    lines: tuple[Askable, ...]
    last_day: date | None = None
    until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Is there still time?"""
        return self.until is None or now < self.until

    def offers(self, now: datetime) -> bool:
        """Is there time, and something left to ask for? Else there is no form."""
        return self.is_open(now) and any(one.most for one in self.lines)


def window_of(page: Page, rules: TrackingRules, zone: tzinfo) -> Window | None:
    """What the buyer of this page may ask for; None: nothing. `zone`: the buyer's."""
    if page.order.cancelled:
        return None
    if rules.may_withdraw(page.order.country_code):
        kind, days = RequestKind.WITHDRAWAL, rules.withdrawal_days
    elif rules.return_days:
        kind, days = RequestKind.RETURN, rules.return_days
    else:
        return None
    lines = tuple(_askable(line, page, kind) for line in page.order.lines if line.sold)
    received = received_on(page, zone)
    if received is None:
        return Window(kind, days, lines)
    last = last_day(received, days)
    return Window(kind, days, lines, last, to_utc(datetime.combine(last + timedelta(days=1), time(), zone)))


def last_day(received: date, days: int) -> date:
    """The last day of a period of so many days after the day on which the last goods were received."""
    last = received + timedelta(days=days)
    return last + timedelta(days=max(0, 7 - last.weekday())) if last.weekday() >= _SATURDAY else last


def received_on(page: Page, zone: tzinfo) -> date | None:
    """The buyer's day on which the last goods were received; None while some are to come, or where nobody said when."""
    parcels = page.parcels.values()
    arrived = [parcel for parcel in parcels if parcel.state is ShipmentState.DELIVERED]
    missing = any(line.shipped and _pieces_in(line, arrived) < line.sold for line in page.order.lines)
    if not arrived or missing or any(parcel.state not in _NOT_COMING for parcel in parcels):
        return None
    known = [at for at in (one.delivered_at for one in arrived) if at is not None]
    return max(known).astimezone(zone).date() if len(known) == len(arrived) else None


def _askable(line: TrackedLine, page: Page, kind: RequestKind) -> Askable:
    """Pieces that are sold, without those that were asked for before; of a return those that arrived."""
    if kind is RequestKind.WITHDRAWAL and (line.personalised or not line.shipped):
        return Askable(line, 0, excluded=True)
    before = [one for asked in page.requests.values() for one in asked.lines if one.line_id == line.line_id]
    still = min([line.sold, *(one.left for one in before)])
    if kind is RequestKind.WITHDRAWAL:
        return Askable(line, still, still)
    arrived = _pieces_in(line, [one for one in page.parcels.values() if one.state is ShipmentState.DELIVERED])
    return Askable(line, max(0, min(still, arrived - sum(one.quantity for one in before))), still)


def _pieces_in(line: TrackedLine, parcels: Iterable[TrackedParcel]) -> int:
    """Whole pieces of a line in these parcels; of a bundle as many as have all of their parts."""
    units: dict[str, int] = {}
    for parcel in parcels:
        for line_id, pieces in parcel.units.items():
            units[line_id] = units.get(line_id, 0) + pieces
    if not line.parts:
        return units.get(line.line_id, 0)
    return min(units.get(part, 0) // pieces for part, pieces in line.parts.items())
