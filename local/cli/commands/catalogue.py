"""orderwright catalogue: SKUs, their offers and listings."""

from __future__ import annotations

import shlex
from typing import Any
from uuid import uuid4

import click
from rich.text import Text

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.commands.attributes import attributes
from local.cli.shop import Shop
from orderwright.domain.base import iso
from orderwright.domain.listing import Listing
from orderwright.domain.source_gone import source_gone
from orderwright.messages import Message
from orderwright.usecases.operator.catalogue_view import one_sku, sku_files
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.explaining import NOT_COUNTED
from orderwright.usecases.operator.off_sale import shelves
from orderwright.usecases.operator.views.catalogue import least, mapping_data, sku_data, sku_shown
from orderwright.usecases.operator.views.reckoning import in_short

_LIMIT = click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 100_000))

catalogue = WholeHelp("catalogue", help="What is sold, who supplies it, where it is shown.")
catalogue.add_command(attributes)


@command(catalogue, "import", changes=True)
@click.argument("supplier")
def import_(shop: Shop, supplier: str) -> Answer:
    """Read SUPPLIER's catalogue: new SKUs are made and published, gone ones retired."""
    name = shop.connection(supplier, "supplier")
    suppliers = shop.config.suppliers
    if not shop.config.has_catalogue(name):
        others = [shop.name(one) for one in suppliers if shop.config.has_catalogue(one)]
        told = f"{supplier} is of kind {suppliers[name].kind}, which has no catalogue that can be read"
        raise Refused(
            "NO_CATALOGUE", told, f"suppliers here that have one: {', '.join(others) or 'none'}; see docs/feeds.md"
        )
    now = shop.wiring.clock.now()
    message = Message("catalogue.import_due", uuid4().hex, iso(now), connection=name, correlation=shop.desk.correlation)
    shop.wiring.send([message])
    data = {"supplier": name, "message": message.id, "correlation": message.correlation}
    return Answer(data, [shop.pasted(f"the import of {name} has started; orderwright catalogue list")])


@command(catalogue, "list")
@_LIMIT
@click.option(
    "--off-sale", is_flag=True, help="Only SKUs that a store does not sell now for a reason that you can end."
)
def list_(shop: Shop, limit: int, off_sale: bool) -> Answer:
    """Every SKU with its best cost, sellable stock, and what the stores show."""
    if off_sale:
        chosen = list(shelves(shop.storage, shop.config).off_sale)[:limit]
        files = list(shop.storage.load_skus(chosen).values())
    else:
        files = list(sku_files(shop.storage, limit))
    data = [sku_data(file) for file in files]
    if not files and off_sale:
        return Answer(data, ["no SKU is off sale"])
    if not files:
        return Answer(data, [shop.pasted("no SKUs yet; orderwright catalogue import SUPPLIER")])
    rows = []
    for file in files:
        offers = [held.model for held in file.offers.values() if not held.model.retired]
        listings = [held.model for held in file.listings.values()]
        rows.append(
            (
                file.sku,
                file.record.model.title if file.record else "",
                file.record.model.state.value if file.record else "",
                ", ".join(f"{shop.name(offer.supplier)} {offer.landed_cost}" for offer in offers),
                sum(max(0, offer.sellable) for offer in offers),
                ", ".join(f"{shop.name(entry.store)} {entry.published_price or '-'}" for entry in listings),
                ", ".join(str(entry.published_quantity) for entry in listings if entry.published_quantity is not None),
                ", ".join(_waits(entry) for entry in listings if _waits(entry)),
            )
        )
    columns = ["SKU", "Title", "State", "Landed cost", ">Sellable", "Price", ">Shown stock", "Waits"]
    return Answer(data, [table("Catalogue", columns, rows)])


@command(catalogue, "show")
@click.argument("sku")
def show(shop: Shop, sku: str) -> Answer:
    """One SKU: its record, offers, listings, and why its price is what it is."""
    file = one_sku(shop.storage, sku, shop.config.rules)
    record = file.record.model if file.record else None
    shown = sku_shown(shop.office, file)
    data, sales, warning, counted = shown.data, shown.sales, shown.warning, shown.counted
    customs, by_hand = shown.customs, data["set_by_hand"]
    offers = [
        (shop.name(o.supplier), o.supplier_sku, o.supplier_ref, o.cost, o.freight, o.stock, o.buffer,
         sum(o.open.values()), o.sellable,
         o.said_at or "", "retired" if o.retired else "source gone" if source_gone(o, shop.config) else "")
        for o in (held.model for held in file.offers.values())
    ]  # fmt: skip
    listings = [
        (shop.name(entry.store), entry.desired_price, entry.published_price, entry.published_compare_at, entry.pending_price,
         entry.floor, entry.ceiling,
         entry.desired_quantity, entry.published_quantity, entry.on_sale, entry.why)
        for entry in (held.model for held in file.listings.values())
    ]  # fmt: skip
    compared = [held.model for held in file.listings.values() if held.model.compare_at_note]
    reasons = [why for held in file.listings.values() for why in held.model.reasons]
    return Answer(
        data,
        [
            f"{sku}  {record.title if record else 'has no record of its own'}  {record.state.value if record else ''}",
            *([f"  bundle of {', '.join(f'{pieces} {part}' for part, pieces in data['of'].items())}"] if data["of"] else []),
            f"  customs: {', '.join(f'{name} {value}' for name, value in customs.items() if value) or 'nothing is known'}"
            + (f" (imported by hand: {', '.join(sorted(by_hand))})" if by_hand else ""),
            *((f"  warning: {warning.code}: {warning.message}; {warning.fix}",) if warning else ()),
            *(f"  waits: {why.code}: {why.message}; {why.fix}" for why in reasons),
            *(f"  note: {why.code}: {why.message}; {why.fix}" for held in file.listings.values() for why in held.model.notes),
            *(Text(f"         {shop.pasted(f'orderwright approvals {verb} {shlex.quote(sku)}')}")
              for verb in ("approve", "reject") if any(held.model.waits_for_approval for held in file.listings.values())),
            *(f"  compare-at in {shop.name(entry.store)}: {_compared(entry)}" for entry in compared),
            *(f"  {shop.name(one.supplier)} to {one.destination} at {one.price}: {in_short(one.reckoning)}"
              for one in least(sales)),
            shop.pasted(f"  what each sale leaves: orderwright price explain {shlex.quote(sku)}")
            if counted else f"  cost: {NOT_COUNTED}",
            table(
                "Offers",
                ["Supplier", "Its SKU", "Its id", ">Cost", ">Freight", ">Stock", ">Buffer", ">Reserved", ">Sellable",
                 "Observed (UTC)", "Note"],
                offers,
            ),
            table(
                "Listings",
                ["Store", ">Wanted", ">Shown", ">Struck through", ">Waits", ">Floor", ">Ceiling", ">Stock wanted",
                 ">Stock shown", "On sale", "Why"],
                listings,
            ),
            table("Time line", ["When (UTC)", "Part", "Who", "What", "Why"],
                  [(e["at"], _part(shop, e["part"]), e["who"], e["what"], e["why"]) for e in data["timeline"]]),
        ],
    )  # fmt: skip


@command(catalogue, "map")
@_LIMIT
def map_(shop: Shop, limit: int) -> Answer:
    """Which offer and which store variant each SKU stands for, and what is not mapped."""
    data = [mapping_data(shop.office, file) for file in sku_files(shop.storage, limit)]
    columns = ["SKU", "Supplier's id", "Store's variant", "Not in", "Waits"]
    rows = [
        (entry["sku"], *(_pairs(entry[part]) for part in ("offers", "variants")),
         *(", ".join(entry[part]) for part in ("unmapped_stores", "waits")))
        for entry in data
    ]  # fmt: skip
    return Answer(data, [table("Mapping", columns, rows) if rows else "no SKUs yet"])


def _pairs(found: Any) -> str:
    return ", ".join(f"{name} {value}" for name, value in found.items() if value)


def _part(shop: Shop, part: str) -> str:
    """The record, or whose offer or listing it is, in the names of the file."""
    kind, _, name = part.partition(" ")
    return " ".join((kind.lower(), shop.name(name))) if name else "SKU"


def _waits(entry: Listing) -> str:
    if entry.waits_for_approval:
        return f"price {entry.pending_price} waits for approval"
    return ", ".join(reason.code for reason in entry.reasons)


def _compared(entry: Listing) -> str:
    """The price to be struck through and how it came about, or why there is none."""
    wanted = entry.desired_compare_at
    return f"{wanted}, {entry.compare_at_note}" if wanted else f"none: {entry.compare_at_note}"
