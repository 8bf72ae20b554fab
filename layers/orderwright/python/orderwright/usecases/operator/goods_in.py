"""Goods that come to a warehouse of the merchant's own: counted, looked at, booked once (R20, promise P3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from orderwright.domain.catalogue import Offer, SkuRecord, SkuState, SupplierGoods
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.goods_receipt import GoodsReceipt, ReceiptLine, ReceiptState
from orderwright.domain.time_line import Stamp
from orderwright.records import CONTROL, SkuFile, Stored, receipt_key, receipts_pk, sku_key
from orderwright.storage import Fact, Put, Storage
from orderwright.usecases.listing.records import SKU_STATE, publication_fact
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.receipt_rows import Incoming, RowFault
from orderwright.usecases.stock.offers import offer_put

AT_ONCE = 25
"""SKUs in one commit: each may be an offer and a record."""


def unknown_skus(storage: Storage, rows: Sequence[Incoming]) -> list[RowFault]:
    """Lines whose SKU is not in the catalogue and has no title to make it with."""
    fix = "correct the SKU (`orderwright catalogue list`), or give it a title: --title, or the column title"
    return [
        RowFault(row.line, "sku", "is not in the catalogue", fix)
        for row in rows
        if not row.title and storage.get(sku_key(row.sku), SkuRecord) is None
    ]


def receive(desk: Desk, supplier: str, rows: Sequence[Incoming]) -> GoodsReceipt:
    """Open a receipt of what was counted. Nothing is for sale by it."""

    def opened() -> GoodsReceipt:
        now = desk.now()
        taken = [key.sk for key, _ in desk.storage.list_raw(CONTROL, receipts_pk(supplier), f"{now:%Y%m%d}-")]
        number = f"{now:%Y%m%d}-{1 + max((int(one.partition('-')[2]) for one in taken), default=0)}"
        lines = tuple(
            ReceiptLine(sku=row.sku, counted=row.units, cost=row.cost, title=row.title) for row in rows if row.cost
        )
        made = GoodsReceipt(supplier=supplier, number=number, lines=lines, came_at=now)
        made = made.noted(desk.entry(f"{sum(row.units for row in rows)} pieces of {len(rows)} SKUs came"))
        desk.storage.commit([Put(receipt_key(supplier, number), made, 0)], correlation=desk.correlation)
        return made

    return decided(opened)


def inspect(desk: Desk, supplier: str, number: str, damaged: Mapping[str, int]) -> GoodsReceipt:
    """Somebody looked at the goods. `damaged` pieces by SKU are not booked; the desk's reason says what is wrong with them."""

    def looked_at() -> GoodsReceipt:
        held = one_receipt(desk.storage, supplier, number)
        if held.model.state is ReceiptState.CONFIRMED:
            raise Refused("RECEIPT_CONFIRMED", f"receipt {number} is booked", "a count corrects what is on the shelf")
        came = {line.sku: line.counted for line in held.model.lines}
        for sku, units in damaged.items():
            if units > came.get(sku, 0):
                told = f"{units} damaged pieces of SKU {sku}, and {came.get(sku, 0)} came"
                raise Refused("DAMAGED_TOO_MANY", told, f"orderwright warehouse receipts {number}")
        if damaged and not desk.why:
            raise Refused("WHY_MISSING", "damaged pieces need a reason", 'add it: --why "wet carton"')
        after = held.model.inspected(damaged, desk.why)
        after = after.noted(desk.entry(f"looked at: {sum(damaged.values())} pieces damaged"))
        desk.storage.commit([Put(receipt_key(supplier, number), after, held.version)], correlation=desk.correlation)
        return after

    return decided(looked_at)


def confirm(desk: Desk, settings: SupplierSettings, supplier: str, number: str) -> GoodsReceipt:
    """Book what was accepted, each SKU once: a second time changes nothing, and one that was interrupted goes on."""
    while True:
        done = decided(partial(_book_some, desk, settings, supplier, number))
        if not done.unbooked:
            return done


def _book_some(desk: Desk, settings: SupplierSettings, supplier: str, number: str) -> GoodsReceipt:
    held = one_receipt(desk.storage, supplier, number)
    receipt = held.model
    if receipt.state is ReceiptState.COUNTED:
        fix = f"orderwright warehouse inspect {number}: without --damaged all of it is good"
        raise Refused("RECEIPT_NOT_INSPECTED", f"nobody has looked at receipt {number} yet", fix)
    if not receipt.unbooked:
        return receipt
    now, lines = desk.now(), receipt.unbooked[:AT_ONCE]
    stamp, puts = Stamp(now, desk.who, desk.correlation), list[Put]()
    for line in lines:
        puts += _shelved(desk.storage.load_sku(line.sku), line, supplier, settings, stamp)
    fresh = [place for place, put in enumerate(puts) if isinstance(put.model, SkuRecord) and not put.version]
    if fresh:  # the stores' variants of it are looked for, and it is published
        asked = Fact("catalogue.import_due", connection=supplier)
        puts[fresh[0]] = replace(puts[fresh[0]], facts=(*puts[fresh[0]].facts, asked))
    after = receipt.booked({line.sku for line in lines}, now)
    after = after.noted(desk.entry(f"booked: {sum(line.accepted for line in lines)} pieces of {len(lines)} SKUs"))
    change = Put(receipt_key(supplier, number), after, held.version)
    desk.storage.commit([change, *puts], correlation=desk.correlation)
    return after


def _shelved(file: SkuFile, line: ReceiptLine, supplier: str, settings: SupplierSettings, stamp: Stamp) -> list[Put]:
    if not line.accepted:
        return []
    puts, held = list[Put](), file.record
    if held is None:
        record = SkuRecord(sku=line.sku, title=line.title).noted(stamp.line(f"made: it came to {supplier}"))
        puts.append(Put(sku_key(line.sku), record, 0, state=SKU_STATE))
    elif held.model.state is SkuState.RETIRED:
        back = held.model.offered(SkuState.ACTIVE, stamp.line(f"offered again: it came to {supplier}"))
        facts = tuple(publication_fact(line.sku, store) for store in file.listings)
        puts.append(Put(sku_key(line.sku), back, held.version, facts=facts, state=SKU_STATE))
    offer = _offer(file.offers.get(supplier), line, supplier, settings, stamp)
    after = offer.model.received(line.accepted, line.cost, stamp.now, stamp)
    after = after.kept_with(settings.buffer, settings.piece_freight, stamp)
    return [*puts, offer_put(after, offer.version, matters=True)]


def _offer(
    held: Stored[Offer] | None, line: ReceiptLine, supplier: str, settings: SupplierSettings, stamp: Stamp
) -> Stored[Offer]:
    if held is not None:
        if held.model.stock and held.model.cost.currency != line.cost.currency:
            told = f"SKU {line.sku} lies here at a cost in {held.model.cost.currency}, the receipt is in {line.cost.currency}"
            raise Refused("COST_CURRENCY", told, "put the warehouse's `currency` back, or sell what is left first")
        return held
    goods = SupplierGoods(
        supplier_sku=line.sku, supplier_ref=line.sku, sku=SkuRecord(sku=line.sku, title=line.title), cost=line.cost,
        freight=settings.piece_freight, observed_at=stamp.now,
    )  # fmt: skip
    return Stored(Offer.first(goods, supplier, settings.buffer), 0)


def one_receipt(storage: Storage, supplier: str, number: str) -> Stored[GoodsReceipt]:
    """A receipt by its number. Raises Refused."""
    held = storage.get(receipt_key(supplier, number), GoodsReceipt)
    if held is None:
        raise Refused("NOT_FOUND", f"there is no receipt {number!r}", "orderwright warehouse receipts")
    return held


def receipts(storage: Storage, supplier: str) -> list[GoodsReceipt]:
    """The receipts of a warehouse, the newest first."""
    found = storage.list_raw(CONTROL, receipts_pk(supplier))
    models = (GoodsReceipt.model_validate(fields["body"]) for _, fields in found)
    return sorted(models, key=lambda one: one.came_at, reverse=True)
