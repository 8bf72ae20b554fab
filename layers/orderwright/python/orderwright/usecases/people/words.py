"""What people read instead of our own names: a message's type, the key of a part of an order."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orderwright.domain.shipment import DIGITAL
from orderwright.records import CANCELLATION

WORK = {
    "order.changed": "read {an order} from the store",
    "order.webhook_parked": "keep news that could not be read",
    "order.erasure_asked": "erase a customer's data",
    "connection.closed": "close a connection",
    "erasure.due": "erase customers' data of a shop",
    "bill.due": "compare a supplier's bill with what was ordered",
    "customer.request_due": "act on what {a customer} asked for",
    "message.due": "read news that had to wait",
    "order.due": "read {an order} again from the store",
    "purchase_order.due": "send {a purchase order}, look it up at the supplier, or remind it",
    "supplier.order_news": "read the supplier's news",
    "carrier.tracker_news": "read the carrier's news",
    "tracking.due": "ask for the tracking of {a parcel}",
    "shipment.fulfillment_due": "record {a parcel or a cancellation} in the store",
    "notice.due": "send {a message to a customer}, or find out whether it was sent",
    "mail.feedback_due": "read which mails came back",
    "alert.raised": "alert the operator",
    "catalogue.import_due": "import a catalogue",
    "listing.publication_due": "publish a SKU",
    "stock.poll_due": "read stock",
    "stock.news": "read news of stock",
    "stock.advice_due": "set buffers, and look at what runs low",
    "offer.changed": "price a SKU",
    "prices.reprice_due": "price all SKUs again",
    "signal.poll_due": "read competitors' prices, or exchange rates",
    "listing.push_due": "send a price and stock to a store",
    "store.reconcile_due": "compare a store's orders with ours",
    "statement.due": "write a statement",
    "demand.due": "count what each store sold",
    "inputs.keep_due": "keep what prices were made of",
    "scores.due": "count what suppliers did, and write their scorecards",
}
"""Message type -> the work that it asks for. In braces: what it is about, where that is not named."""
_ABOUT = re.compile(r"\{(.+)\}")
_TYPE = re.compile(f"({'|'.join(map(re.escape, WORK))})( .*)?", re.DOTALL)
_CHANNELS = {"email": "the mail", "sms": "the text message"}


def work(message_type: str, about: str = "") -> str:
    """The work that a message asks for, such as "ask for the tracking of parcel 1Z9"."""
    return _ABOUT.sub(lambda found: about or found[1], WORK[message_type])


def in_words(text: str) -> str:
    """A text in which a message's type at the beginning is replaced by its work; any other text as it is."""
    found = _TYPE.fullmatch(text)
    return work(found[1]) + (f":{found[2]}" if found[2] else "") if found else text


def short_name(sk: str, names: Mapping[str, str]) -> str:
    """The name of the purchase order or parcel that a part of an order is about; "" for the order itself.

    `names` are our references and the tracking numbers by their keys.
    """
    about = sk.removeprefix("NOTICE#").removeprefix("FULFILLMENT#")
    known = (name for key, name in names.items() if about == name or f"{about}#".startswith(f"{key}#"))
    if about.startswith("REQUEST#"):
        return request_name(about)
    return next(known, about.split("#")[2] if about.startswith("SHIP#") else "")


def request_name(sk: str) -> str:
    """What a customer asked for, by its key: "withdrawal-1"."""
    _, kind, number = sk.split("#")[:3]
    return f"{kind.lower()}-{int(number) + 1}"


def part_name(sk: str, names: Mapping[str, str]) -> str:
    """A part of an order in words, such as "the order", "purchase order OW1", "the mail about parcel 1Z9"."""
    kind, _, rest = sk.partition("#")
    if kind == "NOTICE":
        subject, _, channel = rest.rpartition("#")
        return f"{_CHANNELS.get(channel, channel)} about {part_name(subject, names)}"
    if sk == CANCELLATION:
        return "the cancellation"
    if kind == "FULFILLMENT" and rest.startswith(DIGITAL):
        return "the digital goods"
    if kind == "REQUEST":
        return f"the {request_name(sk)}"
    words = {"PO": "purchase order ", "SHIP": "parcel ", "FULFILLMENT": "the fulfillment of "}.get(kind)
    return f"{words}{short_name(sk, names) or rest}" if words else "the order"


def item_name(pk: str) -> str:
    """What a partition holds, in words: "SKU LAMP-1", "order 6102 of lamp-shop"."""
    kind, _, rest = pk.partition("#")
    return f"SKU {rest}" if kind == "SKU" else f"order {rest} of {kind}" if rest else pk
