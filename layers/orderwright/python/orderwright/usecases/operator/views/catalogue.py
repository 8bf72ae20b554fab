"""SKUs, their offers and listings, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.listing import Listing
from orderwright.domain.order import Reason
from orderwright.records import SkuFile
from orderwright.usecases.operator.attributes import attributes_of, identifier_warning
from orderwright.usecases.operator.explaining import SaleExplained, explain_price
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.explained import sale_data


class SkuShown(NamedTuple):
    """One SKU with what its sales leave. `counted`: tax, duty and fees are known to the rules."""

    data: dict[str, Any]
    customs: Mapping[str, Any]
    sales: Sequence[SaleExplained]
    warning: Reason | None
    counted: bool


def sku_shown(office: Office, file: SkuFile) -> SkuShown:
    """All of one SKU: its record, offers, listings, sales, time line."""
    record = file.record.model if file.record else None
    warning = identifier_warning(file, office.config)
    counted = office.config.rules.know_true_cost
    sales = explain_price(file, office.config, office.desk.now(), list(file.listings)) if counted else []
    customs = attributes_of(record) if record else {}
    data = {
        **sku_data(file),
        **customs,
        "set_by_hand": dict(record.set_by_hand) if record else {},
        "goods_and_freight_only": not counted,
        "sales": [sale_data(office, one) for one in sales],
        "warnings": [warning.model_dump()] if warning else [],
        "timeline": _timeline(file),
    }
    return SkuShown(data, customs, sales, warning, counted)


def mapping_data(office: Office, file: SkuFile) -> dict[str, Any]:
    """Which offer and which store variant a SKU stands for, and what is not mapped."""
    offers = {
        office.name(name): held.model.supplier_ref or held.model.supplier_sku for name, held in file.offers.items()
    }
    variants = {office.name(name): held.model.variant_id for name, held in file.listings.items()}
    unmapped = [name for name in map(office.name, office.config.stores) if not variants.get(name)]
    waits = sorted({why.code for held in file.listings.values() for why in held.model.reasons})
    return {"sku": file.sku, "offers": offers, "variants": variants, "unmapped_stores": unmapped, "waits": waits}


def least(sales: Sequence[SaleExplained]) -> list[SaleExplained]:
    """For each store the sale that leaves least."""
    least: dict[str, SaleExplained] = {}
    for one in sales:
        if one.reckoning is not None:
            known = least.setdefault(one.store, one).reckoning
            if known is not None and one.reckoning.margin < known.margin:
                least[one.store] = one
    return list(least.values())


def sku_data(file: SkuFile) -> dict[str, Any]:
    """A SKU with its offers and listings."""
    record = file.record.model if file.record else None
    return {
        "sku": file.sku,
        "title": record.title if record else "",
        "state": record.state.value if record else "",
        "of": dict(record.of) if record else {},
        "offers": [_offer(held.model) for held in file.offers.values()],
        "listings": [_listing(held.model) for held in file.listings.values()],
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "supplier": offer.supplier,
        "supplier_sku": offer.supplier_sku,
        "supplier_ref": offer.supplier_ref,
        "cost": money(offer.cost),
        "freight": money(offer.freight),
        "stock": offer.stock,
        "buffer": offer.buffer,
        "reserved": sum(offer.open.values()),
        "sellable": offer.sellable,
        "observed_at": offer.said_at,
        "retired": offer.retired,
    }


def _listing(entry: Listing) -> dict[str, Any]:
    names = ("store", "variant_id", "desired_quantity", "published_quantity", "on_sale", "published", "why",
             "compare_at_note", "checked_at", "review_at", "listed_at")  # fmt: skip
    prices = ("desired_price", "published_price", "desired_compare_at", "published_compare_at", "pending_price",
              "approved_price", "floor", "ceiling")  # fmt: skip
    return {
        **{name: getattr(entry, name) for name in names},
        **{name: money(getattr(entry, name)) for name in prices},
        "reasons": [reason.model_dump() for reason in entry.reasons],
        "notes": [note.model_dump() for note in entry.notes],
    }


def _timeline(file: SkuFile) -> list[dict[str, Any]]:
    parts = [("SKU", file.record.model.log)] if file.record else []
    parts += [(f"OFFER {name}", held.model.log) for name, held in file.offers.items()]
    parts += [(f"LISTING {name}", held.model.log) for name, held in file.listings.items()]
    entries = [{"part": part, **line.model_dump()} for part, log in parts for line in log]
    return sorted(entries, key=lambda entry: str(entry["at"]))
