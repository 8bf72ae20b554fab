"""Which model lives under which key, and what one read of an order or a SKU gives. Pure; aws/ turns it into items.

Orders      pk <connection>#<order id>   sk ORDER | DETAILS | PO#<supplier>#<n> | SHIP#<reference>#<number>
                                            | FULFILLMENT#<reference> | NUMBER#<number>#<sk of its parcel>
                                            | NOTICE#<subject>#<channel> | CANCELLATION | LOG#<sk>#<seq>
                                            | BILL#<reference>#<file> | CODES#<reference> | REQUEST#<kind>#<number>
            pk TRACK#<mark>              sk ORDER | SHIP#... | REQUEST#...: the customer's page; TRACK#-, SHOP: how it looks
            pk REQUEST#<mark>            sk <kind>#<number>: what a customer sent, until it is in its order
            pk ROUTING#<connection>#<order id>   sk <number>: decisions on who ships what
Catalogue   pk SKU#<sku>                 sk SKU | OFFER#<supplier> | LISTING#<store> | FREIGHT#<supplier>
                                            | COMPETITORS#<file> | DEMAND
            pk PRICES#<sku>              sk <time>#<store>#<number>: changes of its prices
Control     pk CONFIG | CURSOR#<connection> | BUDGET#<supplier> | KILL | BREAKER#<connection> | PARKED
               | WAIT#<connection> | TOKEN#<connection> | STATEMENT#<day> | RECEIPTS#<supplier>
               | BILL#<supplier> | SCORES#<supplier> | STOCK#<supplier> | REPRICING | ...
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from orderwright.domain.base import Model, iso
from orderwright.domain.bill import BillState, number_key
from orderwright.domain.catalogue import FreightTable, Offer, SkuRecord
from orderwright.domain.customer_request import CustomerRequest, RequestKind
from orderwright.domain.listing import Listing
from orderwright.domain.notice import Notice
from orderwright.domain.order import OrderDetails, OrderRecord
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.repricing.signals import CompetitorPrices, Demand
from orderwright.domain.shipment import Shipment, StoreFulfillment
from orderwright.domain.store_cancellation import StoreCancellation

M = TypeVar("M", bound=Model)

ORDERS, CATALOGUE, CONTROL = "orders", "catalogue", "control"
ALL_SUPPLIERS = "*"
"""The sort key of the kill switch for everybody; no connection can be called so."""

CANCELLATION = "CANCELLATION"
"""The sort key of what its store is asked to do with an order that was given up."""
PO_WAITS = "PO#WAITS"
QUESTIONS = "REQUEST#QUESTION"
PARKED_PK = "PARKED"
ALIAS = "ALIAS#"
COMPETITORS, DEMAND = "COMPETITORS#", "DEMAND"


class Key(NamedTuple):
    """Where an item lives. `table` is orders, catalogue or control."""

    table: str
    pk: str
    sk: str


@dataclass(frozen=True)
class Stored(Generic[M]):
    """A model as it was read, with the version that a write must still find."""

    model: M
    version: int


def order_pk(connection: str, order_id: str) -> str:
    """The partition of an order."""
    return f"{connection}#{order_id}"


def order_key(pk: str) -> Key:
    """Our state of an order."""
    return Key(ORDERS, pk, "ORDER")


def details_key(pk: str) -> Key:
    """The personal half of an order."""
    return Key(ORDERS, pk, "DETAILS")


def purchase_order_key(pk: str, supplier: str, number: int) -> Key:
    """One purchase order of an order."""
    return Key(ORDERS, pk, f"PO#{supplier}#{number}")


def shipment_key(pk: str, reference: str, tracking_number: str) -> Key:
    """One parcel of an order."""
    return Key(ORDERS, pk, f"SHIP#{reference}#{tracking_number}")


def former_number_key(pk: str, number: str, parcel: str) -> Key:
    """A number that a parcel (its sk) had before; the parcel's key keeps the first one."""
    return Key(ORDERS, pk, f"NUMBER#{number}#{parcel}")


def parcel_sk(sk: str) -> str:
    """The parcel that an item found by a tracking number is about; "" for anything else."""
    return sk if sk.startswith("SHIP#") else sk[at + 1 :] if (at := sk.find("#SHIP#")) > 0 else ""


def fulfillment_key(pk: str, reference: str) -> Key:
    """The store's one fulfillment of an accepted purchase order."""
    return Key(ORDERS, pk, f"FULFILLMENT#{reference}")


def notice_key(pk: str, subject: str, channel: str) -> Key:
    """What a customer was told about one subject (ORDER or a shipment's sk) on one channel."""
    return Key(ORDERS, pk, f"NOTICE#{subject}#{channel}")


def mail_ref(message_id: str) -> str:
    """The index text under which a notice is found by the provider's id of the mail that it sent last."""
    return f"mail#{message_id}"


def notice_state(trouble: str) -> str:
    """The index text of notices that wait, failed, are unclear or came back."""
    return f"NOTICE#{trouble}"


def waiting_state(po: PurchaseOrder) -> str:
    """The index text of a purchase order that waits for a reason of its own, or to be picked; "" for others."""
    waits = po.state in (PurchaseOrderState.NEW, PurchaseOrderState.INTENT, PurchaseOrderState.PLACED)
    if waits and po.reasons:
        return PO_WAITS
    picks = po.own_stock and po.state is PurchaseOrderState.PLACED and not po.reservation_closed
    return picking_state(po.supplier) if picks else ""


def picking_state(supplier: str) -> str:
    """The index text of purchase orders that are to be picked in a warehouse of the merchant's own."""
    return f"PO#PICK#{supplier}"


def sku_pk(sku: str) -> str:
    """The partition of a SKU: its record, offers and listings, all pricing inputs in one read."""
    return f"SKU#{sku}"


def sku_key(sku: str) -> Key:
    """The clean record of a SKU."""
    return Key(CATALOGUE, sku_pk(sku), "SKU")


def offer_key(sku: str, supplier: str) -> Key:
    """A supplier's offer."""
    return Key(CATALOGUE, sku_pk(sku), f"OFFER#{supplier}")


def listing_key(sku: str, store: str) -> Key:
    """A store's listing."""
    return Key(CATALOGUE, sku_pk(sku), f"LISTING#{store}")


def freight_key(sku: str, supplier: str) -> Key:
    """A supplier's freight by destination."""
    return Key(CATALOGUE, sku_pk(sku), f"FREIGHT#{supplier}")


def competitors_key(sku: str, feed: str) -> Key:
    """What one file says of competitors' prices of a SKU."""
    return Key(CATALOGUE, sku_pk(sku), f"{COMPETITORS}{feed}")


def demand_key(sku: str) -> Key:
    """How many pieces of a SKU were sold a day in each store."""
    return Key(CATALOGUE, sku_pk(sku), DEMAND)


def line_ref(store: str, line: str) -> str:
    """The index text of listings that wait in one of the lines of a repricing (domain/repricing/run.py) to be sent to a store."""
    return f"line#{store}#{line}"


def price_history_pk(sku: str) -> str:
    """The partition of a SKU's price changes: of its own, so that it is not read with each look at the SKU."""
    return f"PRICES#{sku}"


def price_change_key(sku: str, store: str, at: datetime, version: int) -> Key:
    """One change of a price in a store. `version`: of the listing as it was read, so that no other change has the same key."""
    return Key(CATALOGUE, price_history_pk(sku), f"{iso(at)}#{store}#{version}")


def scores_pk(supplier: str) -> str:
    """The partition of what was measured of a supplier."""
    return f"SCORES#{supplier}"


def score_day_key(supplier: str, day: date, part: int = 0) -> Key:
    """What happened at a supplier on one day; a day with many SKUs has more parts."""
    return Key(CONTROL, scores_pk(supplier), f"DAY#{day.isoformat()}" + (f"#{part}" if part else ""))


SCORE_WORK = Key(CONTROL, scores_pk("-"), "WORK")
"""How far the nightly counting has come; no connection can be called "-"."""


def scorecard_key(supplier: str) -> Key:
    """A supplier's scorecard as it stands."""
    return Key(CONTROL, scores_pk(supplier), "CURRENT")


def stock_warning_key(supplier: str, sku: str) -> Key:
    """That a SKU runs low at a supplier, or did."""
    return Key(CONTROL, f"STOCK#{supplier}", sku)


def routing_key(pk: str, number: int) -> Key:
    """A decision on who ships what of an order. A partition of its own, so that it is not read with each look at the order."""
    return Key(ORDERS, f"ROUTING#{pk}", f"{number:06d}")


def order_part_key(pk: str, sk: str) -> Key:
    """A part of an order whose sort key is known."""
    return Key(ORDERS, pk, sk)


def nothing_key(table: str) -> Key:
    """Where nothing is: a read of it shows that the table can be read."""
    return Key(table, "-", "-")


def catalogue_part_key(pk: str, sk: str) -> Key:
    """A part of a SKU whose sort key is known."""
    return Key(CATALOGUE, pk, sk)


def control_part_key(pk: str, sk: str) -> Key:
    """An item of Control whose keys are known."""
    return Key(CONTROL, pk, sk)


def alias_key(sku: str, supplier: str) -> Key:
    """Another name that a supplier has for its offer."""
    return Key(CATALOGUE, sku_pk(sku), f"{ALIAS}{supplier}")


DEMAND_WORK = Key(CONTROL, "CURSOR#-prices", "DEMAND")
KEEPING_WORK = Key(CONTROL, "CURSOR#-prices", "INPUTS")
CURRENT_CONFIG = Key(CONTROL, "CONFIG", "CURRENT")
REPRICING = Key(CONTROL, "REPRICING", "CURRENT")
"""The repricing of all SKUs that runs, or ran last."""
WATCH = Key(CONTROL, "WATCH", "STATE")
MAIL_FEEDBACK = Key(CONTROL, "CURSOR#-email", "FEEDBACK")


def config_version_key(number: int) -> Key:
    """One applied version of the configuration."""
    return Key(CONTROL, "CONFIG", f"V#{number:06d}")


def connection_key(connection: str) -> Key:
    """How a connection is."""
    return Key(CONTROL, f"CONNECTION#{connection}", "STATE")


def feed_key(connection: str) -> Key:
    """Where a feed stands."""
    return Key(CONTROL, f"FEED#{connection}", "STATE")


def poll_key(supplier: str) -> Key:
    """Where the rolling stock poll of a supplier stands."""
    return Key(CONTROL, f"CURSOR#{supplier}", "STOCK")


def receipts_pk(supplier: str) -> str:
    """The partition of the goods receipts of an own warehouse."""
    return f"RECEIPTS#{supplier}"


def receipt_key(supplier: str, number: str) -> Key:
    """One goods receipt."""
    return Key(CONTROL, receipts_pk(supplier), number)


def cursor_key(connection: str, what: str) -> Key:
    """Where work behind an import stands: FREIGHT, IMPORT; its due time wakes it again."""
    return Key(CONTROL, f"CURSOR#{connection}", what)


def budget_key(supplier: str, day: str) -> Key:
    """What was spent at a supplier on one day, as text of ISO 8601."""
    return Key(CONTROL, f"BUDGET#{supplier}", f"DAY#{day}")


def kill_key(supplier: str) -> Key:
    """The kill switch of a supplier, or of ALL_SUPPLIERS: it is on where the item is there."""
    return Key(CONTROL, "KILL", supplier)


def kill_history_key(supplier: str) -> Key:
    """Who switched it, and why."""
    return Key(CONTROL, "KILL_HISTORY", supplier)


def parked_key(note: str) -> Key:
    """News that was authentic and not understood."""
    return Key(CONTROL, PARKED_PK, note)


def wrong_codes_key(pk: str, reference: str) -> Key:
    """How often a wrong code was given on the page of an order's purchase order, by day."""
    return Key(ORDERS, pk, f"CODES#{reference}")


def waiting_key(connection: str, what: str) -> Key:
    """A message that waits because its store cannot be asked. DynamoDB takes 1,024 bytes of a sort key."""
    return Key(CONTROL, f"WAIT#{connection}", what[:900])


def erasure_key(connection: str) -> Key:
    """How far the erasure of a whole shop has come (usecases/intake/shop_erasure.py)."""
    return Key(CONTROL, f"ERASURE#{connection}", "SHOP")


def lease_key(connection: str, what: str) -> Key:
    """The lease of the one worker that may renew an access token now ("token"), or log in ("login")."""
    return Key(CONTROL, f"TOKEN#{connection}", what)


def statement_key(day: date) -> Key:
    """The statement of a day, as it was written last."""
    return Key(CONTROL, f"STATEMENT#{day.isoformat()}", "WRITTEN")


def statement_work_key(day: date) -> Key:
    """A statement that is being written: how far it has come."""
    return Key(CONTROL, f"STATEMENT#{day.isoformat()}", "WORK")


def bill_key(supplier: str, number: str) -> Key:
    """A supplier's bill; no number twice."""
    return Key(CONTROL, f"BILL#{supplier}", number_key(number))


def bill_upload_key(pk: str, reference: str, name: str) -> Key:
    """A bill that a supplier sends on the page of a purchase order."""
    return Key(ORDERS, pk, f"BILL#{reference}#{name}")


def bill_uploads_prefix(reference: str = "") -> str:
    """How the sort keys of such bills begin: of one purchase order, or of all of an order."""
    return f"BILL#{reference}#" if reference else "BILL#"


def bill_state(state: BillState) -> str:
    """The index text of bills in one state."""
    return f"BILL#{state}"


def track_pk(mark: str) -> str:
    """The partition of a customer's page."""
    return f"TRACK#{mark}"


def track_key(mark: str, sk: str) -> Key:
    """One part of a customer's page: the copy of the order's item with this sort key."""
    return Key(ORDERS, track_pk(mark), sk)


SHOP_FACE = Key(ORDERS, "TRACK#-", "SHOP")
"""How the shop looks on customers' pages; no mark is "-"."""


def sent_request_key(mark: str, kind: RequestKind, number: int) -> Key:
    """What a customer sent from their page. `number`: so many of its kind were known to the page."""
    return Key(ORDERS, f"REQUEST#{mark}", f"{kind}#{number}")


def sent_question_key(mark: str, hour: str) -> Key:
    """That a customer asked where the order is: once an hour at most. `hour`: as 2026-12-01T03."""
    return Key(ORDERS, f"REQUEST#{mark}", f"{RequestKind.QUESTION}#{hour}")


def request_key(pk: str, kind: RequestKind, number: int) -> Key:
    """A withdrawal or a return as a case of its order."""
    return Key(ORDERS, pk, f"REQUEST#{kind}#{number}")


def request_state(asked: CustomerRequest) -> str:
    """The index text of open, or of closed, requests of customers."""
    return f"REQUEST#{asked.state}"


def tracking_ref(tracking_number: str) -> str:
    """The index text under which a parcel is found by its number."""
    return f"track#{tracking_number.strip().upper()}"


def reference_ref(reference: str) -> str:
    """The index text under which a purchase order is found by our reference."""
    return f"po#{reference}"


def offer_ref(supplier: str, supplier_ref: str) -> str:
    """The index text under which an offer is found by the supplier's own id."""
    return f"offer#{supplier}#{supplier_ref}"


def purchase_reference(shop: str, order_id: str, account: str, number: int) -> str:
    """Our reference of a purchase order: the same order, supplier's account and number always give the same 22 characters.

    `shop` and `account` are the vendors' own ids, so that a renamed connection, or another Orderwright on the same shop, gives
    the same text. 22 characters without a sign is what the strictest way out takes (EDI's purchase order number).
    """
    digest = hashlib.sha256("|".join((shop, order_id, account, str(number))).encode()).digest()
    return "OW" + base64.b32encode(digest).decode()[:20]


@dataclass(frozen=True)
class OrderFile:
    """All that we hold of one order, from one strongly consistent read. Dictionaries are keyed by sk."""

    pk: str
    record: Stored[OrderRecord] | None = None
    details: Stored[OrderDetails] | None = None
    purchase_orders: dict[str, Stored[PurchaseOrder]] = field(default_factory=dict)
    shipments: dict[str, Stored[Shipment]] = field(default_factory=dict)
    notices: dict[str, Stored[Notice]] = field(default_factory=dict)
    fulfillments: dict[str, Stored[StoreFulfillment]] = field(default_factory=dict)
    cancellation: Stored[StoreCancellation] | None = None
    requests: dict[str, Stored[CustomerRequest]] = field(default_factory=dict)


@dataclass(frozen=True)
class SkuFile:
    """All that we hold of one SKU. Offers and freights are keyed by supplier, listings by store, competitors' prices by file,
    `parts` of a bundle by SKU.
    """

    sku: str
    record: Stored[SkuRecord] | None = None
    offers: dict[str, Stored[Offer]] = field(default_factory=dict)
    listings: dict[str, Stored[Listing]] = field(default_factory=dict)
    freights: dict[str, Stored[FreightTable]] = field(default_factory=dict)
    parts: Mapping[str, SkuFile] = field(default_factory=dict)
    competitors: dict[str, Stored[CompetitorPrices]] = field(default_factory=dict)
    demand: Stored[Demand] | None = None

    def listing(self, store: str) -> Stored[Listing]:
        """What is kept for this store; where nothing is, an empty one with version 0."""
        return self.listings.get(store) or Stored(Listing(sku=self.sku, store=store), 0)
