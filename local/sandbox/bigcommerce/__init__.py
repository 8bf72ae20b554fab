"""A BigCommerce store for the sandbox: V2 orders, V3 catalogue, stock, refunds and hooks, as its own files describe them.

Where they say nothing, it does the worst that they allow:

- bounds of a time or an id leave out what lies right on them;
- every empty V2 list is a 204 without a body; an archived order is in no list;
- the quota counts refused calls too, and requests that do not ask for JSON are refused (415);
- a parcel of too many units is refused; a shipment mails the buyer at once, unless the merchant switched that off;
- a refund (of the order's money alone, as the connector makes them) moves it at once, and the same one twice pays twice; the
  quote's first way is the one that moves none; the state "cancelled" gives no money back;
- the base variant's price is its own as soon as one is set: the article's then no longer counts for it;
- a batch of variants, or of stock, in which one entry is wrong changes nothing;
- stock that is written by the Catalog API is ignored; an adjustment that is seen late overwrites what was sold meanwhile;
- hooks are switched off after twelve failed attempts in a row at their address, which may come earlier than 48 hours; a
  repeated delivery has the time stamp and signature of the first.
"""

from local.sandbox.bigcommerce.base import BigCommerceConfig
from local.sandbox.bigcommerce.store import OPERATIONS, BigCommerceStore

__all__ = ["OPERATIONS", "BigCommerceConfig", "BigCommerceStore"]
