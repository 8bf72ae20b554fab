"""Why a price is what it is, and what an order leaves, as data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orderwright.records import OrderFile
from orderwright.usecases.operator.catalogue_view import Parties, read_skus
from orderwright.usecases.operator.explaining import Expected, PurchaseExplained, SaleExplained, explain_expected
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.order_files import read_orders
from orderwright.usecases.operator.views.amounts import money
from orderwright.usecases.operator.views.reckoning import in_short, reckoning_data


def sale_data(office: Office, one: SaleExplained) -> dict[str, Any]:
    """With stable keys."""
    return {
        "store": office.name(one.store),
        "supplier": office.name(one.supplier),
        "destination": one.destination,
        "price": money(one.price),
        "floor": money(one.floor),
        "reckoning": reckoning_data(one.reckoning),
        "problem": one.problem.model_dump() if one.problem else None,
    }


def expected_of(office: Office, file: OrderFile) -> list[Expected]:
    """What an order would leave that is not bought yet."""
    skus = office.storage.load_skus(_shipped_skus(file))
    return explain_expected(file, skus, office.config, office.timing, office.desk.now())


def expected_of_many(office: Office, pks: Sequence[str], who: Parties) -> dict[str, list[Expected]]:
    """The same for several orders, by their keys."""
    files = read_orders(office.storage, pks, who.suppliers)
    skus = read_skus(office.storage, list(dict.fromkeys(sku for file in files for sku in _shipped_skus(file))), who)
    return {
        file.pk: explain_expected(
            file, {sku: skus[sku] for sku in _shipped_skus(file)}, office.config, office.timing, office.desk.now()
        )
        for file in files
    }


def _shipped_skus(file: OrderFile) -> list[str]:
    lines = file.details.model.lines if file.details else ()
    return [line.sku for line in lines if line.sku and line.requires_shipping]


def expected_words(one: Expected) -> str:
    """In one line."""
    return f"{one.problem.code}: {one.problem.message}" if one.problem else in_short(one.reckoning)


def expected_data(office: Office, one: Expected) -> dict[str, Any]:
    """With stable keys."""
    problem = one.problem.model_dump() if one.problem else None
    return {"supplier": office.name(one.supplier), "reckoning": reckoning_data(one.reckoning), "problem": problem}


def purchase_data(office: Office, one: PurchaseExplained) -> dict[str, Any]:
    """With stable keys."""
    return {
        "reference": one.purchase_order.reference,
        "supplier": office.name(one.purchase_order.supplier),
        "state": one.purchase_order.state.value,
        "reckoning": reckoning_data(one.then),
        "now": reckoning_data(one.now),
        "problem": one.problem.model_dump() if one.problem else None,
    }
