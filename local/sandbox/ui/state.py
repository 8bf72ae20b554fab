"""Everything that the pages show, as one JSON object. Amounts are text in USD, times are UTC."""

from __future__ import annotations

from typing import Any

from local.sandbox.factory import Factory, nobody
from local.sandbox.goods import ACCESSORIES, GOODS
from local.sandbox.kit.supply import Purchase
from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.mailbox import Mailbox, Message
from local.sandbox.ui.maker import Maker
from local.sandbox.ui.parcels import KnownParcel, known_parcels, purchases, store_orders
from local.sandbox.ui.timeline import Links, stamp, timelines

_TITLES = {good.sku: good.title for good in GOODS} | {row.sku: row.title for row in ACCESSORIES}
_API_SKUS = frozenset(good.sku for good in GOODS)


def snapshot(sandbox: Sandbox, mailbox: Mailbox, maker: Maker | None = None) -> dict[str, Any]:
    """The whole state. The mailbox is read before the vendors are kept still, since it may be slow."""
    messages = mailbox.messages()
    maker = maker or Maker(Factory(mailbox), nobody)
    by_mail = maker.orders()
    with sandbox.locked():
        links = Links(sandbox)
        return {
            "shop": _shop(sandbox),
            "supplier": _supplier(sandbox, links),
            "maker": maker.shown(by_mail),
            "carrier": {"parcels": [_parcel(parcel, links) for parcel in known_parcels(sandbox)]},
            "mailbox": {"problem": mailbox.problem, "messages": [_message(message) for message in messages]},
            "timelines": timelines(sandbox, messages, maker.told(by_mail)),
            "webhooks": {"pending": sandbox.outbox.pending, **_webhook_counts(sandbox)},
        }


def _shop(sandbox: Sandbox) -> dict[str, Any]:
    stores = sandbox.of_role("store")
    return {
        "stores": [
            {"store": kind, "installed": store.shop.installed, "subscriptions": len(store.hooks.subscriptions)}
            for kind, store in stores.items()
        ],
        "shelf": [
            {
                "store": kind,
                "sku": entry.sku,
                "title": entry.title,
                "price": str(entry.price),
                "compare_at": None if entry.compare_at_price is None else str(entry.compare_at_price),
                "available": entry.available,
                "description": entry.description_html,
            }
            for kind, store in stores.items()
            for entry in store.shelf()
        ],
        "orders": [_order(kind, order) for kind, order in store_orders(sandbox)[::-1]],
    }


def _order(kind: str, order: Any) -> dict[str, Any]:
    return {
        "store": kind,
        "order": order.name,
        "buyer": order.buyer.full_name if order.buyer else "erased",
        "place": " ".join(part for part in (order.address.zip, order.address.city, order.address.country_code) if part)
        if order.address
        else "no address",
        "total": str(order.total),
        "payment": order.financial_status,
        "fulfillment": "CANCELLED" if order.cancelled_at else order.fulfillment_status,
        "risk": order.risk,
        "sms": ("sms_updates", "yes") in order.attributes,
        "capturable": order.cancelled_at is None and order.total - order.received + order.refunded > 0,
        "cancellable": order.cancelled_at is None
        and not any(line.fulfilled for line in order.lines if line.requires_shipping),
        "refundable": order.received - order.refunded > 0,
        "at": stamp(order.created_at),
        "lines": [
            {
                "sku": line.sku,
                "title": line.title,
                "ordered": line.quantity - line.removed,
                "quantity": line.current,
                "fulfilled": line.fulfilled,
            }
            for line in order.lines
        ],
    }


def _supplier(sandbox: Sandbox, links: Links) -> dict[str, Any]:
    supplier = sandbox.supplier
    served = sandbox.world.ledger.of_kind("feed", "file_served")
    return {
        "balance": f"{supplier.book.balance:.2f}",
        "auto_ship_seconds": supplier.config.auto_ship_after,
        "queued": {name: list(waiting) for name, waiting in supplier.faults.queued.items() if waiting},
        "surcharges": {key: str(amount) for key, amount in supplier.book.surcharges.items()},
        "articles": [
            {
                "sku": position.sku,
                "title": _TITLES.get(position.sku, position.sku),
                "stock": position.stock,
                "cost": f"{position.cost:.2f}",
                "by_api": position.sku in _API_SKUS,
            }
            for position in supplier.inventory.positions.values()
        ],
        "purchase_orders": [_purchase(order, links) for _, order in purchases(sandbox)[::-1]],
        "feed": {"fetches": len(served), "last": stamp(served[-1].at) if served else None},
    }


def _purchase(order: Purchase, links: Links) -> dict[str, Any]:
    left = order.unshipped()
    return {
        "reference": order.order_number,
        **links.told(order.order_number),
        "state": order.status,
        "lines": [{"sku": sku, "quantity": count} for sku, count in order.quantities.items()],
        "amount": f"{order.amount:.2f}",
        "surcharge": f"{order.surcharge:.2f}" if order.surcharge else None,
        "country": order.country,
        "at": stamp(order.created_at),
        "shippable": order.paid_at is not None and bool(left),
        "partable": order.paid_at is not None and sum(left.values()) > 1,
        "parcels": [{"number": parcel.tracking_number, "carrier": parcel.carrier} for parcel in order.parcels],
    }


def _parcel(parcel: KnownParcel, links: Links) -> dict[str, Any]:
    last = parcel.scans[-1].data if parcel.scans else None
    return {
        "number": parcel.tracking_number,
        "carrier": parcel.carrier,
        "purchase_order": parcel.purchase_order,
        **links.told(parcel.tracking_number),
        "lines": [{"sku": sku, "quantity": count} for sku, count in parcel.quantities.items()],
        "tracked": parcel.tracked,
        "lost": parcel.lost,
        "status": last["status"] if last else "pre_transit",
        "scans": [
            {"at": stamp(scan.at), "status": scan.data["status"], "message": scan.data["message"]}
            for scan in parcel.scans
        ],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "channel": message.channel,
        "to": message.to,
        "sender": message.sender,
        "subject": message.subject,
        "text": message.text if message.channel == "sms" else "",
        "files": [{"name": file.name, "bytes": len(file.data)} for file in message.files],
        "at": stamp(message.at),
    }


def _webhook_counts(sandbox: Sandbox) -> dict[str, int]:
    kinds = ("webhook_delivered", "webhook_failed", "webhook_gave_up", "webhook_refused")
    counts = dict.fromkeys(kinds, 0)
    for entry in sandbox.world.ledger.entries:
        if entry.kind in counts:
            counts[entry.kind] += 1
    return {kind.removeprefix("webhook_"): count for kind, count in counts.items()}
