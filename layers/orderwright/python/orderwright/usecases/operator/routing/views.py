"""A question of routing and its answer as data: who wins each line, who comes next, who is left out, with all numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orderwright.domain.routing.asking import OFF
from orderwright.domain.routing.parcel_cost import parcel_cost
from orderwright.domain.routing.question import Answer, Option, Question
from orderwright.domain.routing.search import runners_up
from orderwright.domain.routing.words import amount

Names = Callable[[str], str]


def routing_data(question: Question, answer: Answer, name: Names) -> dict[str, Any]:
    """Amounts are text in the base currency."""
    return {
        "day": question.day.isoformat(),
        "currency": question.currency,
        "destination": question.destination,
        "choose": question.choose,
        "cost": amount(answer.cost, question.currency),
        "best_possible": answer.exact,
        "at_most_dearer_percent": None if answer.exact else f"{answer.gap_ppm / 10_000:.2f}",
        "lines": [_need(question, answer, need.name, name) for need in question.needs],
        "parcels": _parcels(question, answer, name),
    }


def _need(question: Question, answer: Answer, wanted: str, name: Names) -> dict[str, Any]:
    need = question.need(wanted)
    line_id = wanted.partition("@")[0]
    options = sorted((one for one in question.options if one.need == wanted), key=lambda one: (one.rank, one.source))
    return {
        "line": line_id,
        "sku": need.sku,
        "quantity": need.quantity,
        "chosen": [{"supplier": name(share.source), "quantity": share.quantity} for share in answer.of(wanted)],
        "offers": [_option(question, answer, one, name) for one in options],
        "left_out": [
            {"supplier": name(one.source), "code": one.code, "message": one.message}
            for one in question.excluded
            if one.need in (wanted, line_id)
        ],
        "instead": [
            {
                "suppliers": [name(source) for source in one.sources],
                "costs_more": amount(one.more, question.currency),
                "lines_not_met": one.unmet,
                "behind_by_rule": one.rank > 0,
            }
            for one in runners_up(question, answer)
            if one.need == wanted
        ],
    }


def _option(question: Question, answer: Answer, one: Option, name: Names) -> dict[str, Any]:
    source, many = question.source(one.source), question.need(one.need).quantity
    currency = question.currency
    return {
        "supplier": name(one.source),
        "chosen": any(share.source == one.source for share in answer.of(one.need)),
        "pieces": one.free + one.held,
        "enough": one.free + one.held >= many,
        "switched_off": one.rank >= OFF,
        "goods": amount(one.goods * many, currency),
        "freight": amount(one.freight * many, currency),
        "duty": amount(one.duty * many, currency),
        "days": source.days,
        "score": source.score,
        "weighed": amount(one.worth + source.worth, currency),
        "rank": one.rank % OFF,
    }


def _parcels(question: Question, answer: Answer, name: Names) -> list[dict[str, Any]]:
    found = []
    for source in sorted({share.source for share in answer.shares}):
        cost = parcel_cost(question, source, [share for share in answer.shares if share.source == source])
        if cost is not None:
            parts = {"goods": cost.goods, "freight": cost.freight, "duty": cost.duty, "handling": cost.beside}
            told = {part: amount(micro, question.currency) for part, micro in (*parts.items(), ("total", cost.total))}
            found.append({"supplier": name(source), **told})
    return found
