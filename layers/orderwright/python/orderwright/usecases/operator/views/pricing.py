"""How prices are made, and what they were, as data."""

from __future__ import annotations

from typing import Any

from orderwright.domain.rules import FileRate
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.pricing.explain import Explained
from orderwright.usecases.operator.views.amounts import money


def explained_data(office: Office, one: Explained) -> dict[str, Any]:
    """With stable keys."""
    now, wanted, demand, rule = one.now, one.wanted, one.demand, one.rule
    return {
        "store": office.name(now.store),
        "shown": money(now.published_price),
        "wanted": money(wanted.desired_price),
        "pending": money(wanted.pending_price),
        "on_sale": wanted.on_sale,
        "reasons": [reason.model_dump() for reason in wanted.reasons],
        "costs": [
            {
                "sku": seen.sku, "supplier": office.name(seen.offer.supplier), "cost": money(seen.offer.cost),
                "freight": money(seen.offer.freight), "said_by": office.name(seen.who), "said_at": seen.at,
                "sellable": seen.offer.sellable, "makes_the_price": seen.counts,
            }
            for seen in one.costs
        ],
        "rates": [
            {
                "currency": rate.currency, "rate": rate.rate, "base": office.config.rules.base_currency,
                "dated": rate.dated, "file": office.name(rate.file) if isinstance(rate, FileRate) else None,
            }
            for rate in one.rates
        ],
        "rule": rule.model_dump(mode="json", exclude_none=True) if rule else None,
        "competitors": [
            {
                "seller": seen.seller, "ours_as_dear_at": money(seen.listed), "says": seen.words,
                "left_out": seen.left_out or None,
            }
            for seen in one.competitors
        ],
        "demand": demand._asdict() if demand else None,
        "steps": list(one.steps),
        "floor": money(wanted.floor),
        "ceiling": money(wanted.ceiling),
        "map_price": money(one.bounds.map_price.money) if one.bounds.map_price else None,
        "msrp": money(one.bounds.msrp.money) if one.bounds.msrp else None,
        "step_percent": office.config.rules.price_step_percent,
        "compare_at": money(wanted.desired_compare_at),
        "compare_at_note": wanted.compare_at_note,
        "notes": [note.model_dump() for note in wanted.notes],
        "review_at": wanted.review_at,
        "problem": one.problem.model_dump() if one.problem else None,
    }  # fmt: skip
