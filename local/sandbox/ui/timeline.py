"""One time line per order over store, supplier, carrier, feed and mailbox.

A purchase order is tied to its order by what the client itself sent to the supplier: the store's line numbers, or the store's
order number within the reference. A parcel is tied by its purchase order, or by the store's own fulfillment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from local.sandbox.kit.people import Buyer
from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.mailbox import Message
from local.sandbox.ui.parcels import purchases, store_orders
from local.sandbox.ui.sentences import sentence
from local.sandbox.wire import LedgerEntry

NEWEST_ORDERS = 60
NEWEST_GENERAL = 60
_DELIVERIES = ("webhook_delivered", "webhook_failed")
_DIGITS = re.compile(r"\d+")


Key = tuple[str, str]
"""A store's kind and the order's name: two stores may count alike."""
Told = Mapping[Key, Sequence[dict[str, Any]]]


class Links:
    """From any identifier that a ledger line may carry to the order. What a store itself says is about its own orders."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._names: dict[str, Key] = {}
        self._own: dict[Key, Key] = {}
        self._buyers: dict[Key, Buyer | None] = {}
        lines: dict[str, Key] = {}
        for kind, order in store_orders(sandbox):
            key = kind, order.name
            self._buyers[key] = order.buyer
            for text in (order.name, str(order.number), order.gid):
                self._own[kind, text] = key
                self._names.setdefault(text, key)
            lines |= {str(line.number): key for line in order.lines}
            for sent in order.fulfillments:
                self._names |= {row[0]: key for row in sent.tracking if row[0]}
        for _, purchase in purchases(sandbox):
            given = [each.rpartition("/")[2] for each in purchase.store_lines]
            found = next((lines[each] for each in given if each in lines), None) or self._within(purchase.order_number)
            if found is None:
                continue
            keys = list(purchase.names)
            for parcel in purchase.parcels:
                keys += [parcel.tracking_number, parcel.travels_as, parcel.code, *parcel.former]
            self._names |= dict.fromkeys(keys, found)

    def _within(self, reference: str) -> Key | None:
        return next((self._names[part] for part in _DIGITS.findall(reference) if part in self._names), None)

    def told(self, key: str) -> dict[str, str | None]:
        """The store and the name of the order that a purchase order or parcel number belongs to, as far as it is known."""
        store, order = self._names.get(key, (None, None))
        return {"store": store, "order": order}

    def order_of(self, entry: LedgerEntry) -> Key | None:
        """The order that this line is about, or None."""
        for text in (entry.reference, *entry.data.get("subjects", ())):
            if found := self._own.get((entry.vendor, text)) or self._names.get(text):
                return found
        return None

    def told_in(self, message: Message) -> list[Key]:
        """The orders that a message is about: of those of one name its receiver's, where that can be told."""
        named = [(key, buyer) for key, buyer in self._buyers.items() if key[1] in message.names()]
        theirs = [key for key, buyer in named if buyer and message.to in (buyer.email, buyer.phone)]
        return theirs or [key for key, _ in named]


def timelines(sandbox: Sandbox, messages: Sequence[Message], told: Told = MappingProxyType({})) -> dict[str, Any]:
    """{"orders": newest first, each with its entries from old to new; "general": what belongs to no order, newest first}.

    `told` is what was written to the maker, and what it answered, by the order (see ui.maker).
    """
    links = Links(sandbox)
    by_order: dict[Key, list[dict[str, Any]]] = {}
    general: list[dict[str, Any]] = []
    for entry in sandbox.world.ledger.entries:
        key = links.order_of(entry)
        if key is None:
            general.append(_row(entry, sandbox.roles, with_reference=True))
        else:
            by_order.setdefault(key, []).append(_row(entry, sandbox.roles))
    for message in reversed(messages):
        for key in links.told_in(message):
            by_order.setdefault(key, []).append(_message_row(message))
    for key, rows in told.items():
        by_order.setdefault(key, []).extend(rows)
    orders = store_orders(sandbox)[::-1][:NEWEST_ORDERS]
    rows = [_order(kind, order, by_order.get((kind, order.name), ())) for kind, order in orders]
    return {"orders": rows, "general": _newest(general)}


def _newest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Newest first; deliveries, of which there are many, never push the other lines out."""
    kept: list[dict[str, Any]] = []
    room = {True: NEWEST_GENERAL, False: NEWEST_GENERAL}
    for row in reversed(rows):
        is_delivery = row["kind"] in _DELIVERIES
        if room[is_delivery]:
            room[is_delivery] -= 1
            kept.append(row)
    return kept


def stamp(at: datetime) -> str:
    """A time for the browser, with milliseconds."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _order(kind: str, order: Any, rows: Iterable[dict[str, Any]]) -> dict[str, Any]:
    titles = ", ".join(f"{line.quantity} × {line.sku or line.title}" for line in order.lines)
    return {
        "store": kind,
        "order": order.name,
        "title": titles,
        "payment": order.financial_status,
        "fulfillment": "CANCELLED" if order.cancelled_at else order.fulfillment_status,
        "entries": sorted(rows, key=lambda row: row["at"]),
    }


def _row(entry: LedgerEntry, roles: Mapping[str, str], with_reference: bool = False) -> dict[str, Any]:
    source = roles.get(entry.vendor, entry.vendor)
    told = sentence(entry, source)
    detail = " · ".join(part for part in (entry.reference if with_reference else "", told.detail) if part)
    return {
        "at": stamp(entry.at),
        "source": source,
        "kind": entry.kind,
        "title": told.title,
        "detail": detail,
        "tone": told.tone,
    }


def _message_row(message: Message) -> dict[str, Any]:
    is_mail = message.channel == "mail"
    return {
        "at": stamp(message.at),
        "source": "mailbox",
        "kind": message.channel,
        "title": "Mail" if is_mail else "Text message",
        "detail": message.subject if is_mail else message.text,
        "tone": "good",
        "message": message.id,
    }
