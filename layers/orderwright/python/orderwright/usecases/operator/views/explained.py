"""Why a price is what it is, and what an order leaves, as data."""

from __future__ import annotations

from typing import Any

from orderwright.records import OrderFile
from orderwright.usecases.operator.explaining import Expected, PurchaseExplained, SaleExplained, explain_expected
from orderwright.usecases.operator.office import Office
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
    lines = file.details.model.lines if file.details else ()
    skus = office.storage.load_skus([line.sku for line in lines if line.sku and line.requires_shipping])
    return explain_expected(file, skus, office.config, office.timing, office.desk.now())


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
