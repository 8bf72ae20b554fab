"""The best answer to a question of routing."""

from __future__ import annotations

from orderwright.domain.routing.parcel_cost import parcel_cost
from orderwright.domain.routing.question import Answer, Question, Share

MOST_STEPS = 200_000


def solve(question: Question, most_steps: int = MOST_STEPS) -> Answer:
    """The best shares; the same question always has the same answer. See Answer for what is best."""
    shares: list[Share] = []
    unmet: list[str] = []
    taken: dict[tuple[str, str], int] = {}
    rank = worth = 0
    for need in question.needs:
        fit = [
            one
            for one in question.options
            if one.need == need.name
            and one.held + one.free - taken.get((one.source, need.sku), 0) >= need.quantity
            and parcel_cost(question, one.source, [Share(need=need.name, source=one.source, quantity=need.quantity)])
        ]
        if not fit:
            unmet.append(need.name)
            continue
        best = min(fit, key=lambda one: (-one.held, one.rank, one.piece * need.quantity + one.worth, one.source))
        key = (best.source, need.sku)
        taken[key] = taken.get(key, 0) + max(0, need.quantity - best.held)
        shares.append(Share(need=need.name, source=best.source, quantity=need.quantity))
        rank, worth = rank + best.rank, worth + best.worth
    cost = 0
    for source in {share.source for share in shares}:
        parcel = parcel_cost(question, source, [share for share in shares if share.source == source])
        cost += parcel.total if parcel else 0
        worth += question.source(source).worth
    return Answer(shares=tuple(shares), unmet=tuple(unmet), rank=rank, cost=cost, worth=worth, exact=False)
