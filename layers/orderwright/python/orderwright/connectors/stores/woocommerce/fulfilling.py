"""Recording parcels at a WooCommerce shop, by the best way that it has: its own fulfillments, else the Shipment Tracking
plugin, else a note on the order. Which one it is, its routes say; it is asked each time, since plugins come and go.

A fulfillment's id here is "<way>/<order>/<number>". A note holds what was recorded in a mark at its end; a later note of the same
mark replaces its numbers. With the plugin each number is a row as well, which the buyer sees. Its rows name no lines, so the note
is what counts; it is written after the row, so that what breaks off between shows the buyer the number, and is found by it. A row
that no note tells of, of that case or the merchant's, counts for all lines. No way mails the buyer.

Unconfirmed: rows of the plugin by WooCommerce (one by others with its routes was tried), several numbers in one field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from orderwright.connectors.stores.woocommerce.client import NO_ROUTE, WooClient
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.notes import WooNotes
from orderwright.connectors.stores.woocommerce.order_money import refunded_units
from orderwright.errors import Misconfigured, Rejected, VendorError
from orderwright.ports.store import (
    FulfillmentRequest,
    FulfillmentView,
    MadeFulfillment,
    OpenFulfillmentLine,
    TrackingUpdate,
)

NATIVE, PLUGIN, NOTE = "own", "tracking", "note"
PLUGIN_ROOT = "wc-shipment-tracking/v3"
TRACKING_KEYS = frozenset(
    {"_items", "_tracking_number", "_tracking_url", "_shipment_provider", "_provider_name", "_date_fulfilled"}
)
RIGHT_AFTER = timedelta(seconds=30)
OPEN = frozenset({"processing", "on-hold", "pending"})
_MARK = re.compile(r"\[orderwright (new|\d+) ([\dx,]*) ([^\s\]]*)\]")


class Note(NamedTuple):
    """A note of ours about a parcel. `replaces`: the id of the note whose numbers these are, "" for a new one."""

    note_id: str
    replaces: str
    lines: tuple[tuple[str, int], ...]
    numbers: tuple[str, ...]


def units_gone(client: WooClient, order_id: str) -> dict[str, int]:
    """Units by line that the shop's own fulfillments hold."""
    return _units([_made(order_id, row) for row in _native(client, order_id) or []])


def _units(made: Sequence[MadeFulfillment]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line, units in (pair for one in made for pair in one.lines):
        found[line] = found.get(line, 0) + units
    return found


def _listed(client: WooClient, operation: str, path: str, **how: Any) -> list[WooNode] | None:
    """The rows of a route; None where the shop does not have that route."""
    try:
        return client.listed(operation, client.call(operation, "GET", path, **how))
    except Misconfigured as error:
        if error.code == "HTTP_404" and NO_ROUTE in error.message:
            return None
        raise


def _native(client: WooClient, order_id: str) -> list[WooNode] | None:
    """Fulfillments that count: `status` says so, since `is_fulfilled` comes as true or as the text "0"."""
    rows = _listed(client, "listFulfillments", f"orders/{order_id}/fulfillments")
    if rows is None:
        return None
    return [row for row in rows if row.text("status") == "fulfilled" and not row.has("date_deleted")]


def _made(order_id: str, row: WooNode) -> MadeFulfillment:
    numbers = str(row.meta("_tracking_number") or "")
    items = row.meta("_items")
    lines = [WooNode(item, "fulfillment._items") for item in (items if isinstance(items, list) else ())]
    return MadeFulfillment(
        f"{NATIVE}/{order_id}/{row.text('id')}",
        tuple(filter(None, (number.strip() for number in numbers.split(",")))),
        tuple((line.text("item_id"), line.whole("qty")) for line in lines),
    )


class WooFulfilling(WooNotes):
    """What left, in the shop."""

    _seen: tuple[datetime, Mapping[str, WooNode]] | None = None
    """The fulfillments that `read_fulfillment` read last, and when: an update right after it needs no second read."""

    def read_fulfillment(self, order_id: str) -> FulfillmentView:
        """See StoreOrders. An open line's `fulfillment_order_id` is the way that is used."""
        order = self.read_order(order_id)
        back = refunded_units(self.read_refunds(order))
        sold = {
            line.text("id"): line.whole("quantity") - back.get(line.text("id"), 0)
            for line in order.children("line_items")
        }
        way, made = self._recorded(order_id, sold)
        gone = _units([one for one in made if not one.fulfillment_id.startswith(PLUGIN)])
        is_open = order.text("status") in OPEN | set(self._client.settings.statuses)
        lines = tuple(
            OpenFulfillmentLine(way, f"{way}/{order_id}/{line}", line, units - gone.get(line, 0), "", is_open)
            for line, units in sold.items()
            if units > gone.get(line, 0)
        )
        return FulfillmentView(lines, tuple(made))

    def _recorded(self, order_id: str, sold: dict[str, int]) -> tuple[str, list[MadeFulfillment]]:
        """The way that the shop has, and what was recorded."""
        native = _native(self._client, order_id)
        if native is not None:
            self._seen = self._client.clock.now(), {row.text("id"): row for row in native}
            return NATIVE, [_made(order_id, row) for row in native]
        noted, rows = _parcels(order_id, self._notes(order_id)), self._rows(order_id)
        if rows is None:
            return NOTE, noted
        told = {number for one in noted for number in one.tracking_numbers}
        found = [
            MadeFulfillment(
                f"{PLUGIN}/{order_id}/{row.text('tracking_id')}", (row.text("tracking_number"),), tuple(sold.items())
            )
            for row in rows
            if row.text("tracking_number") not in told
        ]
        return PLUGIN, found + noted

    def _rows(self, order_id: str) -> list[WooNode] | None:
        """The plugin's; None where it is not there."""
        path = f"orders/{order_id}/shipment-trackings"
        return _listed(self._client, "listTrackings", path, root=PLUGIN_ROOT)

    def create_fulfillment(self, request: FulfillmentRequest, view: FulfillmentView) -> str:
        """See StoreOrders. The order's status is left as it is, unless `complete_orders` is set."""
        left = {line.line_id: line.remaining for line in view.open_lines if line.open}
        if not request.lines or any(left.get(line, 0) < units or units < 1 for line, units in request.lines):
            text = f"order {request.order_id}: the lines of this parcel are not open any more"
            raise self.error(Rejected, text, code="LINES_NOT_OPEN")
        way = view.open_lines[0].fulfillment_order_id
        if way == NATIVE:
            made = self._create_native(request)
        else:
            if way == PLUGIN and request.tracking_number:
                self._create_row(request.order_id, request.tracking_number, request.carrier_name, request.tracking_url)
            text = _note_text(
                "new", request.lines, (request.tracking_number,), request.carrier_name, (request.tracking_url,)
            )
            made = f"{NOTE}/{request.order_id}/{self.write_note(request.order_id, text)}"
        for line, units in request.lines:
            left[line] -= units
        if self._client.settings.complete_orders and not any(left.values()):
            self._complete(request.order_id)
        return made

    def _complete(self, order_id: str) -> None:
        if self.read_order(order_id).text("status") == "processing":
            self._client.call("completeOrder", "PUT", f"orders/{order_id}", {"status": "completed"}, has_effect=True)

    def _create_native(self, request: FulfillmentRequest) -> str:
        items = [{"item_id": int(line), "qty": units} for line, units in request.lines]
        meta = [{"id": 0, "key": "_items", "value": items}]
        meta += _tracking(request.tracking_number, request.carrier_name, request.tracking_url)
        body = {"status": "fulfilled", "notify_customer": False, "meta_data": meta}
        path = f"orders/{request.order_id}/fulfillments"
        made = self._client.node("createFulfillment", "POST", path, body, has_effect=True).ident("id")
        return f"{NATIVE}/{request.order_id}/{self.sure(made, 'createFulfillment')}"

    def _create_row(self, order_id: str, number: str, carrier: str, url: str) -> None:
        body = {
            "custom_tracking_provider": carrier or "Carrier",
            "custom_tracking_link": url,
            "tracking_number": number,
        }
        path = f"orders/{order_id}/shipment-trackings"
        self._client.node("createTracking", "POST", path, body, has_effect=True, root=PLUGIN_ROOT)

    def update_fulfillment_tracking(self, update: TrackingUpdate) -> None:
        """See StoreOrders."""
        way, _, rest = update.fulfillment_id.partition("/")
        order_id, _, number = rest.partition("/")
        if way == NATIVE and number:
            return self._update_native(order_id, number, update)
        if way not in (PLUGIN, NOTE) or not order_id.isdigit():
            raise self._is_gone(update)
        rows = self._rows(order_id)
        there = {row.text("tracking_id"): row.text("tracking_number") for row in rows or []}
        if way == PLUGIN:
            if number not in there and not set(there.values()) & set(update.numbers):
                raise self._is_gone(update)
            return self._update_rows(order_id, there, update, {number} & there.keys())
        parcels = {one.fulfillment_id: one.tracking_numbers for one in _parcels(order_id, self._notes(order_id))}
        former = parcels.pop(update.fulfillment_id, None)
        if former is None:
            raise self._is_gone(update)
        if rows is not None:
            gone = set(former).difference(*parcels.values())
            self._update_rows(order_id, there, update, {row for row in there if there[row] in gone})
        if former != update.numbers:
            self.write_note(order_id, _note_text(number, (), update.numbers, update.carrier_name, update.urls))
        return None

    def _is_gone(self, update: TrackingUpdate) -> VendorError:
        return self.error(Rejected, f"the fulfillment {update.fulfillment_id} is gone", code="FULFILLMENT_GONE")

    def _update_native(self, order_id: str, number: str, update: TrackingUpdate) -> None:
        """A PUT deletes each key that it does not name, so all others are sent back as they were read."""
        read_at, seen = self._seen or (None, {})
        self._seen = None
        if read_at is None or number not in seen or self._client.clock.now() - read_at > RIGHT_AFTER:
            seen = {row.text("id"): row for row in _native(self._client, order_id) or []}
        row = seen.get(number)
        if row is None:
            raise self._is_gone(update)
        if row.meta("_is_locked") not in (None, False, "", "0", "no"):
            raise self.error(Rejected, f"another plugin keeps {update.fulfillment_id}", code="FULFILLMENT_LOCKED")
        kept = [{"key": key, "value": value} for key, value in row.metas() if key not in TRACKING_KEYS - {"_items"}]
        url = next(filter(None, update.urls), "")
        body = {
            "status": "fulfilled",
            "notify_customer": False,
            "meta_data": [*kept, *_tracking(", ".join(update.numbers), update.carrier_name, url)],
        }
        path = f"orders/{order_id}/fulfillments/{number}"
        self._client.node("updateFulfillment", "PUT", path, body, has_effect=True)

    def _update_rows(
        self, order_id: str, there: Mapping[str, str], update: TrackingUpdate, former: Iterable[str]
    ) -> None:
        """The plugin has no change of a row: new ones are made first, and the former ones taken away. `there`: id, number."""
        for number, url in zip(update.numbers, update.urls, strict=True):
            if number not in there.values():
                self._create_row(order_id, number, update.carrier_name, url)
        for row in former:
            if there[row] not in update.numbers:
                path = f"orders/{order_id}/shipment-trackings/{quote(row)}"
                self._client.call("deleteTracking", "DELETE", path, has_effect=True, root=PLUGIN_ROOT)

    # --- notes --------------------------------------------------------------------------------------------------------

    def _notes(self, order_id: str) -> list[Note]:
        """Our marks, oldest first."""
        return sorted(_marks(self.internal_notes(order_id)), key=lambda note: int(note.note_id))


def _tracking(number: str, carrier: str, url: str) -> list[dict[str, Any]]:
    """Each carrier goes by its name: the shop knows only some of them by a code. Id 0 is a new row: 10.5 drops one without id."""
    provider = {"_shipment_provider": "other", "_provider_name": carrier} if carrier else {}
    named = {"_tracking_number": number, **provider, "_tracking_url": url}
    return [{"id": 0, "key": key, "value": value} for key, value in named.items() if value]


def _note_text(
    mark: str, lines: Sequence[tuple[str, int]], numbers: Sequence[str], carrier: str, urls: Sequence[str]
) -> str:
    told = [number for number in numbers if number]
    said = " ".join(
        ["Shipped" if told else "Being shipped", *filter(None, [carrier]), ", ".join(told), *filter(None, urls)]
    )
    counted = ",".join(f"{line}x{units}" for line, units in lines)
    return f"{said.strip()}. [orderwright {mark} {counted} {','.join(quote(number, safe='') for number in told)}]"


def _marks(rows: Sequence[WooNode]) -> Iterator[Note]:
    for row in rows:
        found = _MARK.search(unescape(row.text("note")))
        if found is not None:
            counted = [pair.split("x") for pair in found[2].split(",") if re.fullmatch(r"\d+x\d+", pair)]
            lines = tuple((line, int(units)) for line, units in counted)
            numbers = tuple(unquote(number) for number in found[3].split(",") if number)
            yield Note(row.text("id"), "" if found[1] == "new" else found[1], lines, numbers)


def _parcels(order_id: str, notes: Sequence[Note]) -> list[MadeFulfillment]:
    """Each first note, with the numbers of the newest note that replaces them."""
    newest = {note.replaces or note.note_id: note.numbers for note in notes}
    return [
        MadeFulfillment(f"{NOTE}/{order_id}/{note.note_id}", newest[note.note_id], note.lines)
        for note in notes
        if not note.replaces
    ]
