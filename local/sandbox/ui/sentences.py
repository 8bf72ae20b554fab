"""What a ledger line says to a person: a headline, a detail, and how it feels (good, bad, warn, calm)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from local.sandbox.wire import LedgerEntry


class Sentence(NamedTuple):
    """One line of a time line."""

    title: str
    detail: str = ""
    tone: str = "calm"


Data = Mapping[str, Any]


def _units(rows: Any) -> str:
    if isinstance(rows, Mapping):
        return ", ".join(f"{count} × {sku}" for sku, count in rows.items())
    return ", ".join(f"{row['quantity']} × {row.get('sku') or row.get('title', '')}" for row in rows)


def _deltas(rows: Any) -> str:
    return ", ".join(f"{row['sku']} {row['delta']:+d}" for row in rows)


def _paid_word(pay: str) -> str:
    return {"paid": "paid at once", "authorized": "authorised only", "pending": "payment pending"}.get(pay, pay)


def _fulfilled(data: Data) -> Sentence:
    parcel = " ".join(part for part in (data.get("company"), data.get("number")) if part)
    return Sentence("Fulfillment created", f"{_units(data['lines'])} · {parcel or 'no tracking'}", "good")


def _hook(title: str, tone: str) -> Callable[[Data], Sentence]:
    def told(data: Data) -> Sentence:
        parts = [str(data["topic"])]
        if data["attempt"] > 1:
            parts.append(f"try {data['attempt']}")
        if data.get("problem"):
            parts.append(str(data["problem"]))
        else:
            parts.append(f"{data['milliseconds']} ms")
        return Sentence(title, " · ".join(parts), tone)

    return told


_SHOP: dict[str, Callable[[Data], Sentence]] = {
    "order_created": lambda d: Sentence(
        "Order placed", f"{_units(d['lines'])} · ${d['total']} · {_paid_word(d['pay'])}", "good"
    ),
    "order_paid": lambda d: Sentence("Payment received", f"${d['total']}", "good"),
    "order_edited": lambda d: Sentence("Order edited", f"{_deltas(d['lines'])} · now ${d['total']}", "warn"),
    "order_refunded": lambda d: Sentence("Refunded", f"{_units(d['lines'])} ${d['amount']}".strip(), "warn"),
    "order_cancelled": lambda d: Sentence("Order cancelled", f"by {d['by']}, {d['reason'].lower()}", "bad"),
    "order_risk_changed": lambda d: Sentence("Fraud analysis", d["recommendation"].lower(), "warn"),
    "address_changed": lambda _: Sentence("Address corrected"),
    "customer_redacted": lambda _: Sentence("Buyer erased", "privacy request", "warn"),
    "digital_delivered": lambda d: Sentence("File handed over", d["sku"], "good"),
    "fulfillment_created": _fulfilled,
    "tracking_updated": lambda d: Sentence("Tracking changed", f"{d.get('company') or ''} {d.get('number') or ''}"),
    "price_changed": lambda d: Sentence(
        "Price changed", f"${d['before']} → ${d['after']}" if d["before"] else f"${d['after']}"
    ),
    "quantity_changed": lambda d: Sentence("Stock changed", f"{d['before']} → {d['after']} · {d['location']}"),
    "product_published": lambda d: Sentence("Now on sale", d["title"], "good"),
    "product_unpublished": lambda d: Sentence("No longer on sale", d["title"], "warn"),
    "webhook_subscribed": lambda _: Sentence("Webhook subscribed"),
    "app_uninstalled": lambda _: Sentence("App removed from the store", tone="bad"),
}
_SUPPLIER: dict[str, Callable[[Data], Sentence]] = {
    "order_created": lambda d: Sentence("Purchase order created", f"{_units(d['quantities'])} · ${d['amount']}"),
    "cart_confirmed": lambda _: Sentence("Cart confirmed"),
    "order_paid": lambda d: Sentence("Purchase order paid", f"${d['amount']}", "good"),
    "order_deleted": lambda _: Sentence("Purchase order deleted", tone="warn"),
    "order_shipped": lambda d: Sentence(
        "Parcel handed over", f"{_units(d['quantities'])} · {d['carrier']} {d['tracking_number']}", "good"
    ),
    "number_replaced": lambda d: Sentence(
        "Last mile's number" if d["last_mile"] else "Number replaced", f"{d['old']} → {d['tracking_number']}", "warn"
    ),
    "stock_set": lambda d: Sentence("Supplier's stock set", f"{d['stock']} units"),
    "cost_set": lambda d: Sentence("Supplier's cost set", f"${d['cost']}", "warn"),
}
_CARRIER: dict[str, Callable[[Data], Sentence]] = {
    "tracker_created": lambda d: Sentence("Tracking registered", d["carrier"]),
    "scan": lambda d: Sentence(
        d["status"].replace("_", " ").capitalize(),
        d["message"],
        {"delivered": "good", "failure": "bad", "return_to_sender": "bad"}.get(d["status"], "calm"),
    ),
    "scan_missed": lambda d: Sentence("Not scanned", d["status"].replace("_", " "), "warn"),
    "lost": lambda _: Sentence("Out of sight", "no scanner sees this parcel", "warn"),
    "found": lambda _: Sentence("Found again", tone="good"),
}
_FEED: dict[str, Callable[[Data], Sentence]] = {
    "file_served": lambda d: Sentence(
        "Stock file fetched",
        f"{d['rows']} rows" if d["content_type"] == "text/csv" else d["content_type"],
        "calm" if d["content_type"] == "text/csv" else "warn",
    ),
    "cost_mistyped": lambda d: Sentence("Cost in the file", f"${d['cost']}" if d["cost"] else "corrected", "warn"),
}
_SIGNAL: dict[str, Callable[[Data], Sentence]] = {
    "file_served": lambda d: Sentence("Competitors' prices fetched", f"{d['rows']} rows"),
    "price_set": lambda d: Sentence(
        "Competitor's price",
        f"{d['seller']}: ${d['price']}" if d["price"] else f"{d['seller']} sells it no more",
        "warn",
    ),
}
_ALL: dict[str, Callable[[Data], Sentence]] = {
    "webhook_delivered": _hook("Webhook delivered", "calm"),
    "webhook_failed": _hook("Webhook failed", "warn"),
    "webhook_gave_up": _hook("Webhook not delivered", "bad"),
    "webhook_refused": lambda d: Sentence("Webhook refused", d["problem"], "bad"),
    "contract_violation": lambda d: Sentence("Request refused", str(d.get("problem", "")), "bad"),
}
_BY_ROLE = {"store": _SHOP, "supplier": _SUPPLIER, "carrier": _CARRIER, "feed": _FEED, "signal": _SIGNAL}


def sentence(entry: LedgerEntry, role: str) -> Sentence:
    """The words for one ledger line of a vendor of this role; a kind without words of its own gets its name."""
    told = _BY_ROLE.get(role, {}).get(entry.kind) or _ALL.get(entry.kind)
    return told(entry.data) if told else Sentence(entry.kind.replace("_", " ").capitalize())
