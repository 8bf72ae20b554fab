"""Why a line goes where it goes, in one sentence for the time line and the operator."""

from __future__ import annotations

from orderwright.domain.order import OrderLine
from orderwright.domain.routing.asking import NOT_OWN, OFF, PLACE, Asked
from orderwright.domain.routing.case import Case
from orderwright.domain.routing.question import Answer, Option, Share
from orderwright.domain.routing_rules import allowed_suppliers


def amount(micro: int, currency: str) -> str:
    """Millionths as people read them, to four digits."""
    whole, parts = divmod(-(-abs(micro) // 100), 10_000)
    text = f"{'-' * (micro < 0)}{whole}.{parts:04}"
    return f"{text[:-2] if text.endswith('00') else text} {currency}"


def why(asked: Asked, answer: Answer, share: Share, of: int, case: Case) -> str:
    """Of one share. `of`: how many offers there are for its SKU, those left out counted as well."""
    question, wanted = asked.question, asked.wanted[share.need]
    options = [one for one in question.options if one.need == share.need]
    can = [one for one in options if one.held + one.free >= share.quantity]
    found = [f"{case.name_of(share.source)}: {len(can)} of {of} offers can ship {share.quantity}"]
    winner = next(one for one in options if one.source == share.source)
    if wanted.reservation:
        found.append("its stock is already reserved for this line")
    elif len(answer.of(share.need)) > 1:
        parts = ", ".join(f"{one.quantity} from {case.name_of(one.source)}" for one in answer.of(share.need))
        found.append(f"the line is split: {parts}")
    elif len(can) == 1:
        found.append("no other can")
    else:
        others = [one for one in can if one is not winner]
        other = min(others, key=lambda one: (one.rank, one.piece * share.quantity + one.worth, one.source))
        found.append(_against(asked, winner, other, wanted.line, share.quantity, case))
    if unknown := asked.unknown.get((share.need, share.source)):
        found.append(f"what it costs at the door is not known: {unknown}")
    return "; ".join(found)


def _against(asked: Asked, one: Option, other: Option, line: OrderLine, pieces: int, case: Case) -> str:
    if one.rank < other.rank:
        return _ranked(asked, one, other, line, case)
    currency, name = asked.question.currency, case.name_of(other.source)
    here, there = asked.offers[one.need, one.source], asked.offers[other.need, other.source]
    if one.rank > other.rank:
        return f"{name}, which comes first, has not enough for all lines"
    if case.rules.destinations or one.worth or one.duty or here.cost.currency != there.cost.currency:
        told = f"{amount(one.piece * pieces, currency)} at the door against {amount(other.piece * pieces, currency)}"
    else:
        told = f"{here.cost} + {here.freight} against {there.cost} + {there.freight}"
    told += f" at {name}"
    if one.worth or other.worth:
        told += f", days and score weighed as {amount(one.worth, currency)} against {amount(other.worth, currency)}"
    if one.piece * pieces + one.worth == other.piece * pieces + other.worth:
        told = f"it costs the same at {name}"
    if one.piece * pieces + one.worth > other.piece * pieces + other.worth:
        told += "; with the parcels of the whole order it is cheaper"
    return told


def _ranked(asked: Asked, one: Option, other: Option, line: OrderLine, case: Case) -> str:
    name = case.name_of(other.source)
    if other.rank >= OFF > one.rank:
        return f"{name} is switched off"
    if other.rank % OFF >= NOT_OWN > one.rank % OFF:
        return f"it is a warehouse of your own, which comes before {name}"
    mine, theirs = one.rank % NOT_OWN // PLACE, other.rank % NOT_OWN // PLACE
    if mine == theirs:
        return f"what {name} costs at the door is not known: {asked.unknown[other.need, other.source]}"
    if asked.question.choose == "fastest":
        days = {source.name: source.days for source in asked.question.sources}
        late = days[other.source]
        told = f"against {late}" if late is not None else "and it is not known"
        return f"{days[one.source]} days to the door, {told} at {name}"
    only = allowed_suppliers(case.rules.routing, line.sku)
    where = f"rules.routing.skus.{line.sku}.suppliers" if only else "rules.supplier_priority"
    return f"it comes before {name} in {where}"
