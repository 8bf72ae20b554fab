"""Choose: ask one question for the whole order, and make purchase orders' lines of its answer (R12, R17). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orderwright.domain.base import changed
from orderwright.domain.catalogue import Offer
from orderwright.domain.order import OrderLine, Reason, units_of
from orderwright.domain.routing.asking import Asked, ask
from orderwright.domain.routing.case import Case
from orderwright.domain.routing.eligible import out_of_stock
from orderwright.domain.routing.lines import RoutedLine, Routing, is_forwarded
from orderwright.domain.routing.question import Answer, Excluded, Question
from orderwright.domain.routing.search import solve
from orderwright.domain.routing.words import why

MOST_TRIES = 8
"""How often another supplier is looked for because the chosen one would refuse the address or the goods."""


def route(lines: Sequence[OrderLine], offers_by_sku: Mapping[str, Sequence[Offer]], case: Case) -> Routing:
    """Who ships what: what a supplier holds it keeps; then as many lines as can be, by rules.routing, at the lowest cost.

    Problem codes: SKU_MISSING, SKU_NOT_MAPPED, NO_OFFER, SKU_RETIRED, SOURCE_GONE, COST_MISSING, OUT_OF_STOCK, NOT_BY_RULE,
    RETAIL_SUPPLIER, NOT_SHIPPED_THERE, BATTERY_NOT_SENT, and what `case.refused` says.
    """
    asked = ask(lines, offers_by_sku, case)
    not_routed = tuple(line.line_id for line in lines if not is_forwarded(line))
    if not asked.wanted:
        return Routing({}, asked.problems, not_routed)
    asked, answer = _settled(*_answered(asked), offers_by_sku, case)
    short = _short(asked, answer)
    if case.rules.routing.ship == "when_ready" and any(asked.wanted[name].need.divisible for name in answer.unmet):
        asked, answer = _partly(asked, answer)
    order = {line.line_id: place for place, line in enumerate(lines)}
    problems = sorted((*asked.problems, *short), key=lambda reason: order.get(reason.line_id, 0))
    by_supplier = _routed(asked, answer, offers_by_sku, case)
    return Routing(by_supplier, tuple(problems), not_routed, asked.question, answer)


def _answered(asked: Asked) -> tuple[Asked, Answer]:
    """Where a need can only go in a parcel above a limit or a weight: as if there were none. The gates say what is wrong then."""
    answer = solve(asked.question)
    bound = any((one.limit is not None and one.above is None) or one.weight_steps for one in asked.question.sources)
    if not answer.unmet or not bound:
        return asked, answer
    sources = tuple(
        changed(one, limit=one.limit if one.above else None, weight_steps=_open_ended(one.weight_steps))
        for one in asked.question.sources
    )
    wider = asked._replace(question=changed(asked.question, sources=sources))
    again = solve(wider.question)
    return (wider, again) if len(again.unmet) < len(answer.unmet) else (asked, answer)


def _open_ended(steps: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    return (*steps[:-1], (10**9, steps[-1][1])) if steps else ()


def _settled(
    asked: Asked, answer: Answer, offers_by_sku: Mapping[str, Sequence[Offer]], case: Case
) -> tuple[Asked, Answer]:
    """Without suppliers that would refuse what they were chosen for, as long as others can take it."""
    kept: set[str] = set()
    for _ in range(MOST_TRIES):
        moved = _moved(asked, answer, offers_by_sku, case, kept)
        if moved is None:
            break
        asked, answer = moved
    return asked, answer


def _moved(
    asked: Asked, answer: Answer, offers_by_sku: Mapping[str, Sequence[Offer]], case: Case, kept: set[str]
) -> tuple[Asked, Answer] | None:
    offers = units_of((one.need, 1) for one in asked.question.options)
    many = {name for name, count in offers.items() if count > 1}
    if not many:
        return None
    for supplier, routed in _routed(asked, answer, offers_by_sku, case).items():
        mine = [share.need for share in answer.shares if share.source == supplier and share.need in many]
        if not mine or supplier in kept:
            continue
        lacks = case.lacks(supplier, routed)
        if not lacks:
            continue
        lines = {reason.line_id for reason in lacks}
        hit = mine if "" in lines else [name for name in mine if asked.wanted[name].line.line_id in lines]
        pairs = {(name, supplier) for name in hit}
        without = _excluding(asked.question.without(pairs), pairs, lacks[0])
        again = solve(without)
        if hit and len(again.unmet) <= len(answer.unmet):
            return asked._replace(question=without), again
        kept.add(supplier)
    return None


def _excluding(question: Question, pairs: set[tuple[str, str]], why: Reason) -> Question:
    more = [Excluded(need=need, source=by, code=why.code, message=why.message[:200]) for need, by in sorted(pairs)]
    return changed(question, excluded=(*question.excluded, *more))


def _short(asked: Asked, answer: Answer) -> list[Reason]:
    """What cannot be had, and how much is left of it."""
    found = []
    for name in answer.unmet:
        one = asked.wanted[name]
        left = _left(asked, answer, name)
        together = one.need.divisible
        most = sum(left.values()) if together else max(left.values(), default=0)
        found.append(out_of_stock(one.line, one.need.quantity, most, together=together and len(left) > 1))
    return found


def _left(asked: Asked, answer: Answer, name: str) -> dict[str, int]:
    """Pieces by source that this need could still have beside the answer."""
    need = asked.wanted[name].need
    taken: dict[str, int] = {}
    for share in answer.shares:
        if asked.wanted[share.need].need.sku == need.sku:
            held = asked.question.option(share.need, share.source).held
            taken[share.source] = taken.get(share.source, 0) + max(0, share.quantity - held)
    return {
        one.source: max(0, one.held + one.free - taken.get(one.source, 0))
        for one in asked.question.options
        if one.need == name
    }


def _partly(asked: Asked, answer: Answer) -> tuple[Asked, Answer]:
    """With as many pieces of lines that may be split as there are: what is ready is shipped."""
    needs = []
    for need in asked.question.needs:
        most = sum(_left(asked, answer, need.name).values()) if need.name in answer.unmet and need.divisible else 0
        needs.append(changed(need, quantity=min(need.quantity, most)) if most else need)
    less = asked._replace(question=changed(asked.question, needs=tuple(needs)))
    return less, solve(less.question)


def _routed(
    asked: Asked, answer: Answer, offers_by_sku: Mapping[str, Sequence[Offer]], case: Case
) -> dict[str, tuple[RoutedLine, ...]]:
    found: dict[str, list[RoutedLine]] = {}
    order = {name: place for place, name in enumerate(asked.wanted)}
    for share in sorted(answer.shares, key=lambda share: (order[share.need], share.source)):
        one = asked.wanted[share.need]
        words = why(asked, answer, share, len(offers_by_sku[one.line.sku]), case)
        offer = asked.offers[share.need, share.source]
        found.setdefault(share.source, []).append(RoutedLine(one.line, offer, share.quantity, words, one.reservation))
    return {supplier: tuple(found[supplier]) for supplier in sorted(found)}
