"""An order's view for a terminal: what it is, why it waits, what happens next, its parts, its time line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from local.cli.answer import ago, table
from orderwright.domain.order_state import STOPS
from orderwright.usecases.operator.requests import due_in_words
from orderwright.usecases.people.words import in_words, short_name

_ENDS = {"REPLANNED": "planned again", "REFUSED": "refused, bought elsewhere"}
_TOPIC = re.compile(r"[a-z_]+/[a-z_]+")


def order_page(view: dict[str, Any], now: datetime) -> list[RenderableType]:
    """The whole page."""
    shown: list[RenderableType] = [
        f"{view['name']}  {view['state']}  ({view['connection']}, order {view['order_id']})",
        f"  payment {view['payment']}, total {_money(view['total'])}, refunded {_money(view['refunded'])}, "
        + _margin(view)
        + (
            f" (without {', '.join(view['margin_without'])}, whose margin could not be calculated)"
            if view["margin_without"]
            else ""
        ),
    ]
    if view["cancelled"]:
        shown.append(f"  cancelled in the store: {view['cancel_outcome'] or 'in progress'}")
    if page := view["customer_page"]:
        since = f" since {page['since']:%Y-%m-%d %H:%M}" if page["since"] else ""
        asked = {0: "never asked", 1: "asked once"}.get(page["asked_where"], f"asked {page['asked_where']} times")
        shown.append(f"  the customer has a page{since}, and {asked} there where it is")
    released = [code for code in view["released"] if code not in (*STOPS, "ACKNOWLEDGED")]
    if released:
        shown.append(f"  released: {', '.join(released)}")
    shown += [f"    {release['code']} {release['holds_for']}" for release in view["releases"] if release["holds_for"]]
    shown += _waits(view, now)
    for one in view["requests"]:
        told = "; ".join(filter(None, (one["told"], due_in_words(one))))
        shown.append(f"  {one['request']} of {one['asked_at']:%Y-%m-%d %H:%M}, {one['state']}: {told}")
    names = _names(view)
    shown += _parts(view, names)
    if "personal" in view:
        shown.append(_personal(view["personal"]))
    rows = [
        (e["at"], short_name(e["part"], names) or "order", e["who"], e["what"], _why(e["why"]), e["correlation"])
        for e in view["timeline"]
    ]
    shown += ["", table("Time line", ["When (UTC)", "Part", "Who", "What", "Why", "Correlation"], rows)]
    return shown


def _margin(view: dict[str, Any]) -> str:
    if view["margin"]:
        return f"margin {_money(view['margin'])}"
    if view["margin_expected"]:
        return f"margin if bought as it is {_money(view['margin_expected'])}"
    if view["final"] and not view["purchase_orders"]:
        return "no margin: nothing was bought"
    bought = any(po["state"] == "PLACED" for po in view["purchase_orders"])
    return "margin not known" if bought else "no margin yet: nothing is bought"


def _waits(view: dict[str, Any], now: datetime) -> list[RenderableType]:
    shown: list[RenderableType] = []
    for reason in view["waits"]:
        shown.append(f"  waits: {reason['code']}: {reason['message']}")
        if reason["fix"]:
            shown.append(f"         {reason['fix']}")
        shown += [Text(f"         {line}", no_wrap=True, overflow="ignore") for line in reason["commands"]]
    shown += [f"  note: {note['code']}: {note['message']}" for note in view["notes"]]
    for wake in view["next"]:
        when = "within a minute" if wake["overdue"] else ago(wake["at"], now)
        shown.append(f"  next: {wake['does']}, {when}")
    if not view["next"] and not view["waits"]:
        news = "it continues with news from the store, supplier or carrier"
        shown.append(
            f"  next: nothing; {view['state']} is final" if view["final"] else f"  next: nothing waits; {news}"
        )
    return shown


def _parts(view: dict[str, Any], names: dict[str, str]) -> list[RenderableType]:
    fields: tuple[str, ...] = ("sku", "title", "quantity", "unfulfilled", "reserved")
    lines = [(*(entry[name] for name in fields), _money(entry["unit_price"])) for entry in view["lines"]]
    cells: list[Sequence[object]]
    shown: list[RenderableType] = ["", table("Lines", ["SKU", "Title", ">Sold", ">Open", ">Reserved", ">Price"], lines)]
    if view["purchase_orders"]:
        cells = [
            (po["reference"], po["supplier"], po["state"], po["step"], _quantities(po["lines"]),
             _money(po["payable"] or po["expected_cost"]), " ".join(po["vendor_ids"].values()),
             ", ".join(reason["code"] for reason in po["reasons"]) or _ENDS.get(po["cancel_outcome"], po["cancel_outcome"]))
            for po in view["purchase_orders"]
        ]  # fmt: skip
        columns = ["Reference", "Supplier", "State", "Step", "What", ">Cost", "Supplier's ids", "Why"]
        shown += ["", table("Purchase orders", columns, cells)]
        shown += [f"  {po['reference']}: {po['money']}" for po in view["purchase_orders"] if po["reckoning"]]
    if view["shipments"]:
        cells = [
            (p["tracking_number"], p["carrier"], p["state"], p["state_at"], arrives(p), _quantities(p["lines"]),
             p["fulfillment"], p["tracking_url"])
            for p in view["shipments"]
        ]  # fmt: skip
        columns = ["Parcel", "Carrier", "State", "Since", "Arrives", "What", "In the store", "Link"]
        shown += ["", table("Parcels", columns, cells)]
    if view["notices"]:
        fields = ("milestone", "channel", "state", "at", "note")
        cells = [(*(one[name] for name in fields), short_name(one["part"], names)) for one in view["notices"]]
        columns = ["Milestone", "Channel", "State", "When (UTC)", "Note", "Part"]
        shown += ["", table("Told to the customer", columns, cells)]
    if view["mail_events"]:
        fields = ("milestone", "kind", "detail", "at")
        cells = [(*(one[name] for name in fields), short_name(one["part"], names)) for one in view["mail_events"]]
        shown += ["", table("What came back", ["Milestone", "What", "Class", "When (UTC)", "Part"], cells)]
    return shown


def arrives(parcel: dict[str, Any]) -> str:
    """When it comes and how that is known, that it is late, and that nothing is heard of it."""
    told, said = parcel["arrives"], list[str]()
    if told:
        days = " to ".join(dict.fromkeys((str(told["first"]), str(told["last"]))))
        known = {
            "MEASURED": f"{told['within']} of {told['parcels']} parcels did",
            "CARRIER": "says the carrier",
            "AGREED": "as agreed",
        }
        said.append(f"{'by ' if told['basis'] == 'AGREED' else ''}{days}, {known[told['basis']]}")
    said += ["late"] if parcel["overdue"] else []
    if parcel["quiet_since"]:
        said.append(f"{'at customs' if parcel['customs_since'] else 'no scan'} since {parcel['quiet_since']:%Y-%m-%d}")
    return "; ".join(said)


def _personal(personal: dict[str, Any]) -> RenderableType:
    address = personal.get("address") or {}
    rows = [(name, value) for name, value in address.items() if value]
    rows += [(name, personal[name]) for name in ("email", "phone", "sms_consent", "locale") if name in personal]
    rows += [("note of the buyer", personal["buyer_note"])] if personal.get("buyer_note") else []
    return table(
        "Customer" + (" (address corrected here)" if personal.get("corrected") else ""), ["Field", "Value"], rows
    )


def _names(view: dict[str, Any]) -> dict[str, str]:
    """Our references and the tracking numbers, by the keys of what has them."""
    rows = [(po["part"], po["reference"]) for po in view["purchase_orders"]]
    return dict([*rows, *((parcel["part"], parcel["tracking_number"]) for parcel in view["shipments"])])


def _why(why: str) -> str:
    """A cause in words, where it is the name of a message or of the store's webhook."""
    return f"the store's news {why}" if _TOPIC.fullmatch(why) else in_words(why)


def _money(value: dict[str, str] | None) -> str:
    return f"{value['amount']} {value['currency']}" if value else ""


def _quantities(lines: list[dict[str, Any]]) -> str:
    return ", ".join(f"{line['quantity']} x {line['sku']}" for line in lines)
