"""Whom the rules choose for a whole order: costs at the door, who may not ship, splits; and the decision made again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.catalogue import FreightQuoteRecord, FreightTable, Offer, SkuRecord
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.landed_cost import Bought, BoughtLine, landed_cost, terms_for
from orderwright.domain.money import Money
from orderwright.domain.not_known import NotKnown
from orderwright.domain.order import OrderLine, Reason
from orderwright.domain.routing.asking import ask
from orderwright.domain.routing.case import Case, Value
from orderwright.domain.routing.choosing import route
from orderwright.domain.routing.decision import RoutingDecision, replayed
from orderwright.domain.routing.door import parcel_price
from orderwright.domain.routing.lines import Routing
from orderwright.domain.routing.parcel_cost import parcel_cost
from orderwright.domain.routing.question import Share
from orderwright.domain.rules import Rules
from orderwright.domain.scoring.scorecard import Scorecard
from tests.unit.domain.order_kit import NOW, line, offer, unit_usd, usd

TODAY = date(2026, 11, 20)
SKU = "HL-MS-400"
DUTY = {
    "to": ["FI"], "from": ["CN"], "name": "EU", "valid_from": "2026-07-01", "confirmed_by": "the owner", "incoterm": "DDP",
    "tax": {"rate": "25.5", "in_price": "included", "remitter": "merchant"}, "duty_in": "bill",
    "duty": {"per_heading": "3.00 USD", "up_to": "150 USD"}, "handling": {"per_parcel": "1.00 USD"},
}  # fmt: skip
INSIDE = {**DUTY, "from": ["DE"], "name": "inside", "duty": "none", "handling": None}


def rules(**routing: Any) -> Rules:
    more = {name: routing.pop(name) for name in ("destinations", "supplier_priority") if name in routing}
    return Rules.model_validate({"routing": routing, **more})


def supplier(**settings: Any) -> CjSettings:
    return CjSettings.model_validate({"kind": "cj", "base_url": "https://cj.test", "freight_country": "FI", **settings})


def goods(*skus: str, **more: Any) -> dict[str, SkuRecord]:
    return {sku: SkuRecord(sku=sku, title=sku, **{"hs6": "851310", "mpn": "M", **more}) for sku in skus or (SKU,)}


def case(the: Rules, **more: Any) -> Case:
    return Case(the, TODAY, **{"destination": "FI", "goods": goods(), **more})


def routed(found: Routing) -> dict[str, dict[str, int]]:
    return {by: {one.line.line_id: one.quantity for one in lines} for by, lines in found.by_supplier.items()}


def choose(the: Case, *offers: Offer, lines: tuple[OrderLine, ...] = ()) -> Routing:
    by_sku: dict[str, list[Offer]] = {}
    for one in offers:
        by_sku.setdefault(one.sku, []).append(one)
    return route(lines or (line(),), by_sku, the)


BOTH = {
    "alpha": supplier(making_days=5, transport_days={"FI": 9}),
    "beta": supplier(making_days=1, transport_days={"FI": 2}),
}
FROM = {"alpha": supplier(from_country="CN"), "beta": supplier(from_country="DE")}
A, B = offer("alpha"), offer("beta", cost=unit_usd("9.00"))


@pytest.mark.parametrize(
    ("the", "offers", "who", "words"),
    [
        (case(rules(choose="cost", supplier_priority=["beta"])), (A, B), "alpha", "6.40 USD + 2.90 USD against 9.00 USD"),
        (case(rules(skus={SKU: {"suppliers": ["beta"]}})), (A, B), "beta", "no other can"),
        (case(rules(skus={SKU: {"suppliers": ["beta", "alpha"]}})), (A, B), "beta",
         f"it comes before alpha in rules.routing.skus.{SKU}"),
        (case(rules(choose="fastest"), suppliers=BOTH), (A, B), "beta", "3 days to the door, against 14 at alpha"),
        (case(rules(choose="fastest"), suppliers={"beta": BOTH["beta"]}), (A, B), "beta",
         "3 days to the door, and it is not known at alpha"),
        (case(rules(choose="fastest"), suppliers=BOTH,
              scores=lambda _: {
                  "alpha": Scorecard(supplier="alpha", at=NOW, events=99, making_days=0, transport_days={"FI": 1})}),
         (A, B), "alpha", "1 days to the door, against 3 at beta"),
        (case(rules(choose="weights", day_is_worth="1.00 USD"), suppliers=BOTH), (A, B), "beta",
         "weighed as 3.00 USD against 14.00 USD"),
        (case(rules(choose="weights", score_point_is_worth="0.10 USD"), suppliers=BOTH,
              scores=lambda _: {n: Scorecard(supplier=n, at=NOW, events=99, score=s) for n, s in (("alpha", 40), ("beta", 90))}),
         (A, B), "beta", "weighed as 1.00 USD against 6.00 USD"),
        (case(rules(), switched_off=lambda _: frozenset({"alpha"})), (A, B), "beta", "alpha is switched off"),
        (case(rules(destinations=[DUTY, INSIDE]), suppliers=FROM),
         (A, B), "beta", "11.90 USD at the door against 9.30 USD at alpha; with the parcels of the whole order it is cheaper"),
        (case(rules(destinations=[INSIDE]), suppliers=FROM),
         (A, B), "beta", "what alpha costs at the door is not known: no rule says what tax and duty parcels to FI from CN cost"),
        (case(rules(destinations=[DUTY]), suppliers={"alpha": supplier(from_country="CN", freight_country="US"),
                                                     "beta": supplier(from_country="CN")}), (A, B), "beta",
         "what alpha costs at the door is not known: the supplier has not said what it costs to send SKU HL-MS-400 to FI"),
        (case(rules(), freights={(SKU, "alpha"): FreightTable(sku=SKU, supplier="alpha", quotes={
            "FI": FreightQuoteRecord(price=unit_usd("9.90"), quoted_at=NOW, warehouse="CN")})}), (A, B), "beta", "no duty"),
        (case(rules(), suppliers={"alpha": supplier(parcel_freight=[{"price": "7.00 USD"}])}), (A, B), "beta", "no duty"),
    ],
)  # fmt: skip
def test_who_wins_and_why(the: Case, offers: tuple[Offer, ...], who: str, words: str) -> None:
    found = choose(the, *offers)
    assert list(found.by_supplier) == [who], found.words
    assert words == "no duty" or words in found.words[0]


@pytest.mark.parametrize(
    ("settings", "more", "code"),
    [
        ({"ships_to": ["DE"]}, {}, "NOT_SHIPPED_THERE"),
        ({"batteries_to": ["DE"]}, {"goods": goods(attributes={"battery": "yes"})}, "BATTERY_NOT_SENT"),
        ({"wholesale": False}, {"wholesale": True}, "RETAIL_SUPPLIER"),
        ({}, {"rules": rules(skus={SKU: {"suppliers": ["other"]}})}, "NOT_BY_RULE"),
    ],
)
def test_who_may_not_ship_is_left_out_with_a_reason(settings: dict[str, Any], more: dict[str, Any], code: str) -> None:
    the = case(more.pop("rules", rules()), suppliers={"alpha": supplier(**settings)}, **more)
    only = choose(the, A)
    (problem,) = only.problems
    assert (problem.code, only.by_supplier) == (code, {})
    assert problem.fix
    if code != "NOT_BY_RULE":
        both = choose(the, A, B)
        assert routed(both) == {"beta": {"l1": 1}}
        assert both.question is not None
        assert [(one.source, one.code) for one in both.question.excluded] == [("alpha", code)]


def test_what_the_chosen_one_would_refuse_goes_to_another_where_there_is_one() -> None:
    def lacks(by: str, _: object) -> list[Reason]:
        return [Reason(code="FIELD_TOO_LONG", message="the street is too long")] if by == "alpha" else []

    assert routed(choose(case(rules(), lacks=lacks), A, B)) == {"beta": {"l1": 1}}
    assert routed(choose(case(rules(), lacks=lacks), A, offer("beta", sellable=0))) == {"alpha": {"l1": 1}}


def test_own_stock_comes_first_where_the_rules_say_so() -> None:
    own = settings_of("in_house").model_validate({"kind": "in_house"})
    the = case(
        rules(own_stock_first=True, supplier_priority=["alpha"]), suppliers={"alpha": BOTH["alpha"], "beta": own}
    )
    found = choose(the, A, B)
    assert list(found.by_supplier) == ["beta"]
    assert "a warehouse of your own" in found.words[0]


def test_two_lines_share_a_parcel_where_that_is_cheaper_than_each_by_itself() -> None:
    lines = (line("l1", "X"), line("l2", "Y"))
    offers = [
        offer("alpha", "X", cost=unit_usd("5.00")),
        offer("beta", "X", cost=unit_usd("4.50")),
        offer("alpha", "Y"),
    ]
    flat = {name: supplier(parcel_freight=[{"price": "3.00 USD", "piece": "0.50 USD"}]) for name in ("alpha", "beta")}
    the = case(rules(), suppliers=flat, goods=goods("X", "Y"))
    found = choose(the, *offers, lines=lines)
    assert routed(found) == {"alpha": {"l1": 1, "l2": 1}}
    assert found.answer is not None
    assert found.answer.cost == 14_900_000, "5.00 + 6.40 and one parcel: 3.00 + 0.50"


@pytest.mark.parametrize(
    ("to", "pieces", "grams", "price"),
    [("FI", 1, 400, "4.00"), ("FI", 3, 400, "5.00"), ("FI", 1, 900, "7.00"), ("FI", 2, None, "7.50"), ("US", 1, 1, "")],
)
def test_a_parcels_freight_goes_by_weight_and_pieces(to: str, pieces: int, grams: int | None, price: str) -> None:
    rows = [{"to": ["FI"], "up_to_grams": 500, "price": "4.00 USD", "piece": "0.50 USD"},
            {"to": ["FI"], "up_to_grams": 2000, "price": "7.00 USD", "piece": "0.50 USD"}]  # fmt: skip
    found = parcel_price(supplier(parcel_freight=rows).parcel_freight, to, pieces, grams)
    assert str(found or "") == (f"{price} USD" if price else "")


def test_what_is_above_a_limit_that_the_rule_does_not_go_beyond_is_still_planned() -> None:
    dear = line(unit_price=unit_usd("200.00").rounded)
    the = case(rules(destinations=[DUTY]), suppliers={"alpha": supplier(from_country="CN")})
    assert routed(choose(the, A, lines=(dear,))) == {"alpha": {"l1": 1}}, "the gate before paying says ABOVE_THRESHOLD"


PERCENT = {"percent_by_heading": {"851310": "0", "640000": "20"}, "value": "cost"}
GATES = [
    (duty, above, duty_in, incoterm)
    for duty in ({"per_heading": "3.00 USD"}, {"percent": "12.5", "value": "revenue"}, PERCENT)
    for above in (None, "none", {"percent": "9", "value": "cost"}, PERCENT)
    for duty_in, incoterm in (("bill", "DDP"), ("carrier", "DAP"), ("freight", "DDP"))
]


@pytest.mark.parametrize("net", ["16.67", "50.00", "50.01", "80.00"])
@pytest.mark.parametrize(("duty", "above", "duty_in", "incoterm"), GATES)
def test_a_parcel_costs_here_what_it_costs_before_it_is_paid(
    duty: dict[str, Any], above: Any, duty_in: str, incoterm: str, net: str
) -> None:
    rule = {**DUTY, "duty": {**duty, "up_to": "50 USD"}, "duty_in": duty_in, "incoterm": incoterm,
            "handling": {"per_heading": "0.70 USD", "per_parcel": "0.10 USD"}}  # fmt: skip
    the = rules(destinations=[rule if above is None else {**rule, "above": {"duty": above}}])
    lines = (line("l1", "X", 3), line("l2", "Y", 4))
    paid = [usd(net), Money.zero("USD")]
    values = {one.line_id: Value(money, one.quantity) for one, money in zip(lines, paid, strict=True)}
    known = {**goods("X"), **goods("Y", hs6="640000")}
    asked = ask(lines, {sku: [offer("alpha", sku)] for sku in "XY"},
                case(the, suppliers={"alpha": supplier(from_country="CN")}, goods=known, values=values))  # fmt: skip
    found = parcel_cost(
        asked.question, "alpha", [Share(need=n.line_id, source="alpha", quantity=n.quantity) for n in lines]
    )
    bought = tuple(BoughtLine(n.line_id, n.sku, n.quantity, A.cost.times(n.quantity), known[n.sku].hs6) for n in lines)
    parcel = Bought("", "FI", "CN", TODAY, bought, A.freight.times(7))
    (read,) = the.destinations
    try:
        gate = landed_cost(parcel, read, terms_for(read, usd(net), the, TODAY), usd(net), usd("0"), the).total
    except NotKnown:
        assert found is None
    else:
        assert found is not None
        assert abs(found.total - gate.minor * 10_000) <= 10_000, "one of them rounds each sum up to a cent"


@pytest.mark.parametrize(
    ("ship", "split", "stocks", "got", "short"),
    [
        ("together", True, (3, 2), {"alpha": 3, "beta": 2}, ""),
        ("together", False, (3, 2), {}, "no supplier has more than 3 left"),
        ("together", True, (3, 1), {}, "all suppliers together have no more than 4 left"),
        ("when_ready", True, (3, 1), {"alpha": 3, "beta": 1}, "all suppliers together have no more than 4 left"),
        ("when_ready", False, (3, 1), {}, "no supplier has more than 3 left"),
        ("when_ready", True, (0, 0), {}, "all suppliers together have no more than 0 left"),
    ],
)
def test_a_line_is_split_only_by_rule_and_sent_in_part_only_when_ready(
    ship: str, split: bool, stocks: tuple[int, int], got: dict[str, int], short: str
) -> None:
    the = case(rules(ship=ship, skus={SKU: {"split": split}}))
    found = choose(the, *(offer(name, sellable=left) for name, left in zip(("alpha", "beta"), stocks, strict=True)),
                   lines=(line(quantity=5),))  # fmt: skip
    assert {by: pieces["l1"] for by, pieces in routed(found).items()} == got
    assert [reason.message.partition("; ")[2] for reason in found.problems] == ([short] if short else [])


def test_what_is_held_of_a_split_line_stays_where_it_is() -> None:
    held = {"shop|1|l1": 2}
    the = case(rules(split_lines=True, ship="when_ready"), order_key="shop|1")
    found = choose(the, A, offer("beta", sellable=0, open=held), lines=(line(quantity=3),))
    assert [(one.quantity, one.reservation) for one in found.by_supplier["beta"]] == [(2, "l1")]
    assert [(one.quantity, one.reservation) for one in found.by_supplier["alpha"]] == [(1, "")]


def test_a_decision_is_small_and_gives_the_same_answer_again_after_json() -> None:
    for number in range(1, 40):
        names = [f"by-{n}" for n in range(1 + number % 6)]
        lines = tuple(line(f"l{n}", f"S{n % 4}", 1 + (n * number) % 3) for n in range(1 + number % 5))
        offers = [
            offer(by, f"S{n}", (number * (n + 2)) % 9, cost=unit_usd(str(Decimal(3 + (n * number + place) % 5))))
            for n in range(4)
            for place, by in enumerate(names)
        ]
        the = case(
            rules(choose=("order", "cost", "fastest", "weights")[number % 4], split_lines=number % 2 == 0,
                  day_is_worth="0.50 USD", destinations=[DUTY]),
            suppliers={by: supplier(from_country="CN", making_days=place) for place, by in enumerate(names)},
            goods=goods("S0", "S1", "S2", "S3"),
        )  # fmt: skip
        found = choose(the, *offers, lines=lines)
        if found.question is None or found.answer is None:
            continue
        made = RoutingDecision.made(number, NOW, "test", found.question, found.answer, found.words)
        again = RoutingDecision.model_validate_json(made.model_dump_json())
        assert replayed(again) == found.answer == again.answer
        assert (again.question, again.words) == (found.question, found.words)
        assert len(made.model_dump_json()) <= 2_048
