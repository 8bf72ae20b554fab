"""`orderwright suppliers`: scorecards with their evidence, broken terms, and facts that people entered (R19, R50)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.domain.connection_settings import SupplierSettings
from orderwright.domain.scoring.day import Breach, SkuDay, SupplierDay
from orderwright.domain.scoring.scorecard import scorecard_of
from orderwright.domain.supplier_terms import SupplierFacts
from orderwright.records import score_day_key, scorecard_key
from orderwright.storage import Put
from tests.support.shop import START, SUPPLIER, Shop, test_config
from tests.unit.cli.cli_kit import Operator, operator_of

YESTERDAY = START.date() - timedelta(days=1)
COUNTS = {
    "orders": 25, "accepted": 23, "refused": 2, "pieces_sold": 60, "pieces_refused": 5, "pieces_out_of_stock": 3,
    "pieces_shipped": 55, "parcels": 22, "delivered": 20, "on_time": 18, "late": 2, "lost": 1, "planned USD": 20_000,
    "billed USD": 20_400, "net EUR": 50_000, "margin EUR": 12_500, "failures": 4,
}  # fmt: skip


def measured(shop: Shop, *breaches: Breach, **counts: int) -> None:
    """A day of the supplier, and its scorecard."""
    skus = {"GOOD": SkuDay(sold=50, shipped=50), "BAD": SkuDay(sold=10, refused=5, out_of_stock=3, shipped=5)}
    hours = {"to_ship": {24: 10, 72: 12}, "to_deliver DE": {120: 20}}
    day = SupplierDay(
        supplier=SUPPLIER, day=YESTERDAY, counts={**COUNTS, **counts}, hours=hours, skus=skus, breaches=breaches
    )
    card = scorecard_of(SUPPLIER, [day], YESTERDAY, 20, START)
    storage = shop.wiring.storage
    storage.commit([Put(score_day_key(SUPPLIER, YESTERDAY), day, 0)])
    storage.commit([Put(scorecard_key(SUPPLIER), card, 0)])


def test_each_supplier_is_one_line_and_one_without_a_score_says_what_it_needs(shop: Shop, operator: Operator) -> None:
    said = operator("suppliers", "list")
    assert "not counted yet" in said.out
    assert operator("suppliers", "list", "--json").json == [{"supplier": SUPPLIER, "score": None, "events": 0}]
    assert "rules.routing.evidence" in said.out
    measured(shop)
    said = operator("suppliers", "list")
    assert all(text in said.out for text in (SUPPLIER, "92.0 %", "95.0 %", "90.0 %"))
    (one,) = operator("suppliers", "list", "--json").json
    assert (one["supplier"], one["score"], one["events"]) == (SUPPLIER, 92, 25)
    assert one["shares"]["on_time"] == {"part": 18, "of": 20, "weight": 25}


def test_a_supplier_is_shown_with_how_each_figure_is_made_and_its_worst_skus_first(
    shop: Shop, operator: Operator
) -> None:
    measured(shop, Breach(reference="OW1", term="ship_within_hours", hours=30))
    out = operator("suppliers", "show", SUPPLIER).out
    assert "score 92 of 100, from 25 purchase orders" in out
    assert "204.00 USD for 200.00 USD planned, 2.0 % more" in out
    assert "125.00 EUR of 500.00 EUR without tax, 25.0 %" in out
    assert out.index("BAD") < out.index("GOOD")
    assert f"orderwright suppliers breaches {SUPPLIER}" in out
    only = operator("suppliers", "show", SUPPLIER, "--sku", "BAD", "--json").json
    assert list(only["skus"]) == ["BAD"]
    assert (only["making_days"], only["transport_days"], only["lies_ppm"]) == (3, {"DE": 5}, 50_000)
    refused = operator("suppliers", "show", SUPPLIER, "--sku", "NONE")
    assert (refused.code, "nothing happened with SKU NONE" in refused.err) == (1, True)


def test_broken_terms_are_listed_by_day_with_how_late_and_what_was_agreed_then(shop: Shop, operator: Operator) -> None:
    measured(
        shop,
        Breach(reference="OW1", term="ship_within_hours", hours=30),
        Breach(reference="OW2", term="deliver_within_days", hours=72, open=True),
    )
    out = operator("suppliers", "breaches").out
    assert all(text in out for text in (YESTERDAY.isoformat(), "OW1", "30 h", "3 days, still open"))
    rows = operator("suppliers", "breaches", SUPPLIER, "--json").json
    assert [(row["reference"], row["hours"]) for row in rows] == [("OW2", 72), ("OW1", 30)]
    assert "no agreed term was broken" in operator("suppliers", "breaches", "--since", START.date().isoformat()).out
    assert operator("suppliers", "breaches", "--since", "soon").code == 1


@pytest.mark.parametrize(
    ("kind", "more", "fault"),
    [
        ("email", {"terms": {"confirm_within_hours": 24}}, ""),
        ("email", {"terms": {"confirm_within_hours": 24}, "confirm_within_hours": 24}, ""),
        ("email", {"terms": {"confirm_within_hours": 24}, "confirm_within_hours": 12}, "terms.confirm_within_hours"),
        ("cj", {"terms": {"confirm_within_hours": 24}}, "confirm_within_hours"),
        ("cj", {"terms": {"ship_within_hours": 24}}, ""),
    ],
)
def test_a_deadline_for_confirming_is_written_once(kind: str, more: dict[str, object], fault: str) -> None:
    settings = SupplierSettings(kind=kind, **more)
    assert [".".join(map(str, one.path)) for one in settings.faults()] == ([fault] if fault else [])
    if kind == "email" and not fault:
        assert settings.confirm_within_hours == 24


def test_a_certificate_that_ends_is_told_before_and_after() -> None:
    soon, later = (START.date() + timedelta(days=number) for number in (30, 31))
    papers = [
        {"name": "ISO 9001", "valid_until": soon},
        {"name": "IP67", "valid_until": YESTERDAY},
        {"name": "CE", "valid_until": later},
    ]
    config = test_config()
    known = SupplierFacts.model_validate({"certificates": papers, "languages": ["en", "zh"]})
    supplier = config.suppliers[SUPPLIER].model_copy(update={"known": known})
    shop = Shop(config.model_copy(update={"connections": {**config.connections, SUPPLIER: supplier}}))
    try:
        operator, told = operator_of(shop), f"ISO 9001 ends on {soon}, IP67 ended on {YESTERDAY}"
        assert f"certificate of {SUPPLIER}: {told}" in operator("status").out
        checks = [one for one in operator("doctor", "--json").json if one["name"] == "certificates"]
        assert [one["told"].partition(": ")[2] for one in checks] == told.split(", ")
        out = operator("suppliers", "show", SUPPLIER).out
        assert all(text in out for text in (f"ISO 9001, valid until {soon}", "en, zh", "no score: 0 of 20"))
    finally:
        shop.close()
