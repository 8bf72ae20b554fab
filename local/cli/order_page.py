"""An order's view for a terminal: what it is, why it waits, what happens next, its parts, its time line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from local.cli.answer import ago, table

_WHY = {
    "order.due": "looked at again, as planned",
    "order.changed": "something that it needs has changed",
    "order.webhook_parked": "news of it could not be read",
    "message.due": "news that had to wait",
}
_ENDS = {"REPLANNED": "planned anew"}
_TOPIC = re.compile(r"[a-z_]+/[a-z_]+")


def order_page(view: dict[str, Any], now: datetime) -> list[RenderableType]:
    """The whole page."""
    shown: list[RenderableType] = [
        f"{view['name']}  {view['state']}  ({view['connection']}, order {view['order_id']})",
        f"  payment {view['payment']}, total {_money(view['total'])}, refunded {_money(view['refunded'])}, "
        + _margin(view)
        + (
            f" (without {', '.join(view['margin_without'])}, which nobody could reckon)"
            if view["margin_without"]
            else ""
        ),
    ]
    if view["cancelled"]:
        shown.append(f"  cancelled in the store: {view['cancel_outcome'] or 'being settled'}")
    released = [code for code in view["released"] if code not in ("STOPPED_BY_OPERATOR", "ACKNOWLEDGED")]
    if released:
        shown.append(f"  released: {', '.join(released)}")
    shown += [f"    {release['code']} {release['holds_for']}" for release in view["releases"] if release["holds_for"]]
    shown += _waits(view, now)
    shown += _parts(view)
    if "personal" in view:
        shown.append(_personal(view["personal"]))
    rows = [
        (e["at"], _part(e["part"], view) or "order", e["who"], e["what"], _why(e["why"]), e["correlation"])
        for e in view["timeline"]
    ]
    shown += ["", table("Time line", ["When (UTC)", "Part", "Who", "What", "Why", "Correlation"], rows)]
    return shown


def _margin(view: dict[str, Any]) -> str:
    if view["margin"]:
        return f"margin {_money(view['margin'])}"
    if view["margin_expected"]:
        return f"margin if bought as it stands {_money(view['margin_expected'])}"
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
        news = "news from the store, supplier or carrier moves it on"
        shown.append(
            f"  next: nothing; {view['state']} is final" if view["final"] else f"  next: nothing waits; {news}"
        )
    return shown


def _parts(view: dict[str, Any]) -> list[RenderableType]:
    lines = [
        (
            entry["sku"],
            entry["title"],
            entry["quantity"],
            entry["unfulfilled"],
            entry["reserved"],
            _money(entry["unit_price"]),
        )
        for entry in view["lines"]
    ]
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
            (p["tracking_number"], p["carrier"], p["state"], p["state_at"], _quantities(p["lines"]), p["fulfillment"],
             p["tracking_url"])
            for p in view["shipments"]
        ]  # fmt: skip
        columns = ["Parcel", "Carrier", "State", "Since", "What", "In the store", "Link"]
        shown += ["", table("Parcels", columns, cells)]
    if view["notices"]:
        cells = [
            (n["milestone"], n["channel"], n["state"], n["at"], n["note"], _part(n["part"], view))
            for n in view["notices"]
        ]
        shown += [
            "",
            table("Told to the customer", ["Milestone", "Channel", "State", "When (UTC)", "Note", "Part"], cells),
        ]
    if view["mail_events"]:
        cells = [(n["milestone"], n["kind"], n["detail"], n["at"], _part(n["part"], view)) for n in view["mail_events"]]
        shown += ["", table("What came back", ["Milestone", "What", "Class", "When (UTC)", "Part"], cells)]
    return shown


def _personal(personal: dict[str, Any]) -> RenderableType:
    address = personal.get("address") or {}
    rows = [(name, value) for name, value in address.items() if value]
    rows += [(name, personal[name]) for name in ("email", "phone", "sms_consent", "locale") if name in personal]
    return table(
        "Customer" + (" (address corrected here)" if personal.get("corrected") else ""), ["Field", "Value"], rows
    )


def _part(part: str, view: dict[str, Any]) -> str:
    """The purchase order or parcel that an item of the order is about, as its table names it; "" for the order itself."""
    about = part.removeprefix("NOTICE#").removeprefix("FULFILLMENT#")
    for parcel in view["shipments"]:
        if about.startswith(parcel["part"]):
            return str(parcel["tracking_number"])
    for po in view["purchase_orders"]:
        if about in (po["part"], po["reference"]):
            return str(po["reference"])
    return about.split("#")[2] if about.startswith("SHIP#") else ""


def _why(why: str) -> str:
    """A cause in words, where it is the name of a message or of the store's webhook."""
    return f"the store's news {why}" if _TOPIC.fullmatch(why) else _WHY.get(why, why)


def _money(value: dict[str, str] | None) -> str:
    return f"{value['amount']} {value['currency']}" if value else ""


def _quantities(lines: list[dict[str, Any]]) -> str:
    return ", ".join(f"{line['quantity']} x {line['sku']}" for line in lines)
