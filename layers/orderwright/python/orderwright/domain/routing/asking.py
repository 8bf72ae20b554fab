"""From an order's lines and the offers for them to one question: which needs there are, and who could meet them at what cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.fx import RateUnknown
from orderwright.domain.order import OrderLine, Reason
from orderwright.domain.routing.case import Case
from orderwright.domain.routing.door import Parcel, micro, parcel_of, piece_of, piece_value
from orderwright.domain.routing.eligible import Barred, barred, no_offer, nobody, not_mapped
from orderwright.domain.routing.lines import is_forwarded
from orderwright.domain.routing.question import Excluded, Need, Option, Question, Source
from orderwright.domain.routing_rules import allowed_suppliers, may_split
from orderwright.domain.territories import country_of

OFF, NOT_OWN, PLACE = 10**9, 10**6, 2
"""What makes an option's rank: switched off, not the merchant's own, its place or its days, and 1 where its cost is not known."""
NO_DAYS = 999
"""Where the days to the door are not known, they count as more than any."""


class Wanted(NamedTuple):
    """A need with what it comes from. `reservation`: the name under which its pieces are held; "" where they are not.

    `beside`: what the line holds already stays, and is a need of its own.
    """

    need: Need
    line: OrderLine
    offers: tuple[Offer, ...]
    reservation: str = ""
    beside: bool = False


class Asked(NamedTuple):
    """A question, with the lines and offers behind it, and why other lines cannot be asked for."""

    question: Question
    wanted: dict[str, Wanted]
    offers: dict[tuple[str, str], Offer]
    problems: tuple[Reason, ...]
    unknown: dict[tuple[str, str], str]


def ask(lines: Sequence[OrderLine], offers_by_sku: Mapping[str, Sequence[Offer]], case: Case) -> Asked:
    """What is asked for these lines. Problem codes: SKU_MISSING, SKU_NOT_MAPPED, NO_OFFER, and those of eligible.py."""
    problems: list[Reason] = []
    excluded: list[Excluded] = []
    wanted: dict[str, Wanted] = {}
    for line in lines:
        if not is_forwarded(line):
            continue
        offers = offers_by_sku.get(line.sku) if line.sku else None
        if not offers:
            problems.append(not_mapped(line) if offers is None else no_offer(line))
            continue
        found = [(offer, barred(line, offer, case)) for offer in offers]
        out = [(offer, why) for offer, why in found if why is not None]
        excluded += [
            Excluded(need=line.line_id, source=offer.supplier, code=why.reason.code, message=_said(why))
            for offer, why in out
        ]
        fit = [offer for offer, why in found if why is None]
        if not fit:
            problems.append(nobody(line, out, case))
            continue
        for one in _needs_of(line, fit, case, excluded):
            wanted[one.need.name] = one
    return _priced(list(wanted.values()), tuple(excluded), tuple(problems), case)


def _needs_of(line: OrderLine, fit: list[Offer], case: Case, excluded: list[Excluded]) -> list[Wanted]:
    """One need a line; one a reservation where what is held stays, and one for the rest of it."""
    held = [(offer, name, units) for offer in fit for name, units in case.held(line, offer).items()]
    pieces, covered = line.unfulfilled, sum(units for _, _, units in held)
    record = case.goods.get(line.sku)
    split = may_split(case.rules.routing, line.sku)

    def need(name: str, quantity: int, *, whole: bool) -> Need:
        return Need(
            name=name, sku=line.sku, quantity=quantity, value=piece_value(line, case),
            grams=(record.weight_grams or 0) if record else 0, heading=record.heading[:6] if record else "",
            divisible=split and not whole,
        )  # fmt: skip

    if not held or (covered < pieces and not split):
        return [Wanted(need(line.line_id, pieces, whole=False), line, tuple(fit))]
    if len(held) == 1 and covered >= pieces:
        keeper, name, _ = held[0]
        excluded += [
            Excluded(need=line.line_id, source=offer.supplier, code="HELD_ELSEWHERE", message=_kept(keeper, case))
            for offer in fit
            if offer is not keeper
        ]
        return [Wanted(need(line.line_id, pieces, whole=True), line, (keeper,), name)]
    parts = [
        Wanted(need(f"{line.line_id}@{name}", units, whole=True), line, (offer,), name) for offer, name, units in held
    ]
    rest = pieces - covered
    if rest > 0:
        parts.append(Wanted(need(line.line_id, rest, whole=False), line, tuple(fit), beside=True))
    return parts


def _said(why: Barred) -> str:
    """In a decision that is kept: without the words of a supplier's people, which nobody can vouch for."""
    if why.stage == 1 and why.reason.line_id:
        return why.reason.message.partition(":")[0][:200]
    return why.reason.message[:200]


def _kept(keeper: Offer, case: Case) -> str:
    return f"the line's stock is reserved at {case.name_of(keeper.supplier)} already"


def _priced(wanted: list[Wanted], excluded: tuple[Excluded, ...], problems: tuple[Reason, ...], case: Case) -> Asked:
    rules, names = case.rules.routing, sorted({offer.supplier for one in wanted for offer in one.offers})
    choice = any(len(one.offers) > 1 for one in wanted)
    off = case.switched_off(names) if choice else frozenset[str]()
    weighed = rules.choose == "weights" and (rules.day_is_worth or rules.score_point_is_worth)
    measured = case.measure or (choice and (rules.choose == "fastest" or bool(weighed)))
    cards = case.scores(names) if measured else {}
    parcels = {name: parcel_of(name, case) for name in names}
    days = {name: days_to_door(name, case) for name in names}
    scores = {name: card.score for name, card in cards.items() if card.score is not None}
    offers: dict[tuple[str, str], Offer] = {}
    unknown: dict[tuple[str, str], str] = {}
    options: list[Option] = []
    for name, card in cards.items():
        days[name] = days_to_door(name, case, card.making_days, _by_country(card.transport_days, case.destination))
    worths = _worths(names, days, scores, case)
    for one in wanted:
        for offer in one.offers:
            key = (one.need.name, offer.supplier)
            piece = piece_of(one.line, offer, parcels[offer.supplier], case)
            offers[key] = offer
            if piece.unknown:
                unknown[key] = piece.unknown
            own = 0 if one.beside else sum(case.held(one.line, offer).values())
            own = one.need.quantity if one.reservation else own
            options.append(
                Option(
                    need=one.need.name, source=offer.supplier, free=max(0, offer.sellable), held=own, goods=piece.goods,
                    freight=piece.freight, duty=piece.duty, duty_above=piece.above, worth=worths.get(offer.supplier, 0),
                    rank=_rank(one, offer, days[offer.supplier], offer.supplier in off, bool(piece.unknown), case),
                )
            )  # fmt: skip
    sources = tuple(_source(name, parcels[name], days[name], scores.get(name), case) for name in names)
    question = Question(
        day=case.day, currency=case.rules.base_currency, destination=case.destination, choose=rules.choose,
        needs=tuple(one.need for one in wanted), sources=sources, options=tuple(options), excluded=excluded,
    )  # fmt: skip
    return Asked(question, {one.need.name: one for one in wanted}, offers, problems, unknown)


def places_of(sku: str, case: Case) -> dict[str, int]:
    """Suppliers by their place in rules.supplier_priority, or in what takes its place for this SKU."""
    return {
        name: place
        for place, name in enumerate(allowed_suppliers(case.rules.routing, sku) or case.rules.supplier_priority)
    }


def _rank(one: Wanted, offer: Offer, days: int | None, off: bool, unknown: bool, case: Case) -> int:
    """Lower is better. What is not known is not zero: such an offer comes behind the others of its place."""
    if one.reservation:
        return 0  # it keeps what it holds
    rules, settings = case.rules.routing, case.suppliers.get(offer.supplier)
    rank = OFF * off + int(unknown)
    if rules.own_stock_first and not (settings is not None and settings.own_stock):
        rank += NOT_OWN
    if rules.choose == "order":
        places = places_of(offer.sku, case)
        rank += PLACE * places.get(offer.supplier, len(places))
    elif rules.choose == "fastest":
        rank += PLACE * (NO_DAYS if days is None else min(days, NO_DAYS))
    return rank


def days_to_door(supplier: str, case: Case, making: int | None = None, transport: int | None = None) -> int | None:
    """From the purchase order to the door, as measured, else by the supplier's settings; None where either part is not known."""
    settings: SupplierSettings | None = case.suppliers.get(supplier)
    if settings is not None:
        making = settings.making_days if making is None else making
        transport = _by_country(settings.transport_days, case.destination) if transport is None else transport
    return None if making is None or transport is None else making + transport


def _by_country(days: Mapping[str, int], destination: str) -> int | None:
    return days.get(destination, days.get(country_of(destination)))


def _worths(
    names: Sequence[str], days: Mapping[str, int | None], scores: Mapping[str, int], case: Case
) -> dict[str, int]:
    """What an option's days and score cost by rules.routing, for `weights`.

    Days that are not known count as the slowest that is; a supplier without a score counts as the average of the others.
    """
    rules = case.rules.routing
    if rules.choose != "weights":
        return {}
    try:
        day = micro(rules.day_is_worth.money, case) if rules.day_is_worth else 0
        point = micro(rules.score_point_is_worth.money, case) if rules.score_point_is_worth else 0
    except RateUnknown:
        return {}
    slowest = max((one for one in days.values() if one is not None), default=0)
    average = sum(scores.values()) // len(scores) if scores else 100
    waits = {name: slowest if (own := days[name]) is None else own for name in names}
    return {name: day * waits[name] + point * (100 - scores.get(name, average)) for name in names}


def _source(name: str, parcel: Parcel, days: int | None, score: int | None, case: Case) -> Source:
    rules, worth = case.rules.routing, 0
    if rules.choose == "weights" and rules.parcel_is_worth is not None:
        try:
            worth = micro(rules.parcel_is_worth.money, case)
        except RateUnknown:
            worth = 0
    return Source(
        name=name, beside=parcel.beside, limit=parcel.limit, above=parcel.above, weight_steps=parcel.weight_steps, worth=worth,
        days=days, score=score,
    )  # fmt: skip
