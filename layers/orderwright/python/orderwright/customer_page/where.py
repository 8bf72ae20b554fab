"""Where an order is, in one sentence, and when it comes: which words of `words/` say it. Never more than is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from orderwright.customer_page.words import Reader
from orderwright.domain.customer_request import RequestKind, RequestState
from orderwright.domain.forecast import Basis, Forecast, promise
from orderwright.domain.order import OrderState, units_of
from orderwright.domain.shipment import ShipmentState
from orderwright.domain.tracking_page import Page, TrackedParcel, TrackedRequest
from orderwright.domain.tracking_rules import TrackingRules

# "announced" and "unknown" are the supplier's word alone: it has sent the parcel.
_OF_PARCEL = {
    ShipmentState.PENDING: "on_its_way",
    ShipmentState.PICKED_UP: "on_its_way",
    ShipmentState.IN_TRANSIT: "on_its_way",
    ShipmentState.IN_CUSTOMS: "customs",
    ShipmentState.OUT_FOR_DELIVERY: "out",
    ShipmentState.READY_FOR_PICKUP: "pickup",
    ShipmentState.DELIVERED: "delivered",
    ShipmentState.DELIVERY_FAILED: "failed",
    ShipmentState.DELIVERY_DELAYED: "delayed",
    ShipmentState.ON_HOLD: "on_hold",
    ShipmentState.RETURN_TO_SENDER: "returned",
    ShipmentState.CANCELLED: "preparing",
    ShipmentState.UNKNOWN: "on_its_way",
}
_OF_ORDER = {
    OrderState.RESERVING: "checking",
    OrderState.AWAITING_PAYMENT: "unpaid",
    OrderState.ON_HOLD: "checking",
    OrderState.AWAITING_APPROVAL: "checking",
    OrderState.NEEDS_ATTENTION: "checking",
    OrderState.PLACING: "confirmed",
    OrderState.PLACED: "preparing",
    OrderState.SHIPPED: "on_its_way",
    OrderState.DELIVERED: "all_delivered",
    OrderState.CANCELLED: "cancelled",
    OrderState.NOTHING_TO_ORDER: "confirmed",
    OrderState.IGNORED: "checking",
}
MOVING = frozenset({"on_its_way", "out", "delayed", "quiet"})
"""Of these the scans may stop, and a promise counts."""
_COMING = frozenset({"on_its_way", "customs", "out", "delayed"})
"""Several of these are told as one number that comes."""
_ADVISED = frozenset({"unpaid", "customs", "pickup", "delivered", "delayed", "failed", "on_hold", "returned", "quiet"})
_GOOD = frozenset({"delivered", "all_delivered", "digital"})
_BAD = frozenset({"delayed", "failed", "on_hold", "returned", "quiet"})


class When(NamedTuple):
    """When it comes, and how that is known; or (`late`) that it should have been there. "" where nobody knows."""

    text: str = ""
    basis: str = ""
    late: bool = False


class Said(NamedTuple):
    """One answer: the middle of its words' keys (s_<kind>), the sentence, when it comes, how that is known, what to do.

    `silent`: beside the sentence, that nothing was heard for long.
    """

    kind: str
    sentence: str
    when: When = When()
    advice: str = ""
    silent: str = ""

    @property
    def tone(self) -> str:
        """good, bad, or calm."""
        if self.kind in _GOOD:
            return "good"
        return "bad" if self.kind in _BAD or self.when.late or self.silent else "calm"


def last_news(parcel: TrackedParcel) -> datetime:
    """The latest instant of which anything is known of it."""
    known = (parcel.shipped_at, parcel.state_at, parcel.renumbered_at, *parcel.passed.values())
    return max(at for at in known if at is not None)


def _is_silent(parcel: TrackedParcel, now: datetime, rules: TrackingRules) -> bool:
    """Silence counts as soon as it is there, written down or not. At customs, a stay with scans is written down as well."""
    last = last_news(parcel)
    written = parcel.quiet_since is not None and parcel.quiet_since >= last
    return written or now - last >= timedelta(days=rules.quiet_days)


def kind_of(parcel: TrackedParcel, now: datetime, rules: TrackingRules) -> str:
    """The middle of the key of its sentence, s_<this>."""
    kind = _OF_PARCEL[parcel.state]
    return "quiet" if kind in MOVING and _is_silent(parcel, now, rules) else kind


def promise_of(parcel: TrackedParcel, now: datetime, reader: Reader) -> Forecast | None:
    """The forecast, or the carrier's own day."""
    from orderwright.mails.formats import promised_date

    day = promised_date(parcel.expected_at, reader.zone) if parcel.expected_at else None
    return promise(parcel.forecast, day, reader.today(now))


def when_of(promise: Forecast | None, now: datetime, reader: Reader) -> When:
    """When it comes, as a sentence."""
    if promise is None:
        return When()
    first, last = reader.near(promise.first, now), reader.near(promise.last, now)
    if promise.last < reader.today(now):
        return When(reader.word("f_passed", last=last), late=True)
    how = "f_by" if promise.basis is Basis.AGREED else "f_between" if first != last else "f_on"
    text = reader.word(how, first=first, last=last)
    return When(text, reader.word(f"b_{promise.basis.value.lower()}", parcels=promise.parcels, within=promise.within))


def parcel_said(parcel: TrackedParcel, now: datetime, rules: TrackingRules, reader: Reader) -> Said:
    """What there is to say of one parcel."""
    kind = kind_of(parcel, now, rules)
    quiet = {"day": reader.day(parcel.quiet_since or last_news(parcel))}
    when = when_of(promise_of(parcel, now, reader), now, reader) if kind in MOVING | {"customs"} else When()
    when = when if kind != "out" or when.late else When()
    if kind == "delivered":
        at = parcel.delivered_at
        sentence = reader.word("s_delivered", day=reader.day(at)) if at else reader.word("st_delivered")
    elif kind == "delayed" and when.late:  # which says already that we are sorry
        sentence = reader.word("s_on_its_way")
    else:
        sentence = reader.word(f"s_{kind}", **(quiet if kind == "quiet" else {}))
    silent = kind == "customs" and _is_silent(parcel, now, rules)
    # That we are asking is said where the merchant was told, which stands in `quiet_since`.
    known = "delayed" if kind == "quiet" and parcel.quiet_since is None else kind
    return Said(kind, sentence, when, _advice(known, reader), reader.word("s_quiet", **quiet) if silent else "")


def order_said(page: Page, now: datetime, rules: TrackingRules, reader: Reader) -> Said:
    """What there is to say of all of it."""
    parcels = page.sent()
    if not parcels:
        kind = _kind_without_parcels(page)
        waits = kind in ("confirmed", "preparing")
        when = when_of(page.order.expected if waits else None, now, reader)
        return Said(kind, reader.word(f"s_{kind}"), when, _advice(kind, reader))
    all_said = [parcel_said(parcel, now, rules, reader) for parcel in parcels]
    if len(parcels) == 1 and (parcels[0].delivered_at or all_said[0].kind != "delivered"):
        return all_said[0]
    arrived = sum(one.kind == "delivered" for one in all_said)
    if arrived == len(parcels) and not page.not_sent():
        return Said("all_delivered", reader.word("s_all_delivered"), advice=_advice("delivered", reader))
    if all(one.kind in _COMING for one in all_said):
        late = When(late=any(one.when.late for one in all_said))
        return Said("several", reader.many("s_several", len(parcels)), late)
    bad = next((one.kind for one in all_said if one.tone == "bad"), "parcels")
    return Said(bad if bad in _BAD else "parcels", reader.many("s_parcels", arrived, total=len(parcels)))


def _kind_without_parcels(page: Page) -> str:
    order = page.order
    stopped = _all_withdrawn(page) and order.state not in (OrderState.PLACED, OrderState.SHIPPED, OrderState.DELIVERED)
    nothing_left = bool(order.lines) and not any(line.sold for line in order.lines)
    kind = "cancelled" if order.cancelled else _OF_ORDER[order.state]
    if kind != "cancelled" and stopped:
        return "stopped"
    if nothing_left and kind != "unpaid":
        return "cancelled"
    elsewhere = any(line.elsewhere and line.sold for line in order.lines)
    if kind == "confirmed" and elsewhere and not any(line.to_ship for line in order.lines):
        return "on_its_way"
    digital = not any(line.shipped and line.sold for line in order.lines)
    return "digital" if kind == "all_delivered" and digital else kind


def _all_withdrawn(page: Page) -> bool:
    stopped = [one for one in page.requests.values() if one.kind is RequestKind.WITHDRAWAL and one.stopped]
    asked = units_of((line.line_id, line.quantity) for one in stopped for line in one.lines)
    return bool(stopped) and all(asked.get(line.line_id, 0) >= line.sold for line in page.order.lines if line.shipped)


def request_said(asked: TrackedRequest, reader: Reader) -> str:
    """That a withdrawal or a return came, and how far it is."""
    how_far = "known" if asked.state is RequestState.OPEN else "done"
    return reader.word(f"{asked.kind.value.lower()}_{how_far}", day=reader.day(asked.asked_at))


def _advice(kind: str, reader: Reader) -> str:
    return reader.word(f"a_{kind}") if kind in _ADVISED else ""
