"""Faults in the rules of tax, duty, fees and prices: each is refused by its field, its line and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.cli.command import Problem
from local.cli.config_file import read_config_text
from orderwright.domain.config import Config
from orderwright.domain.config_values import MoneyText
from tests.unit.cli.cli_kit import Operator

GOOD = """\
merchant: {name: Lamps, support_email: help@example.com}
connections:
  shop:
    kind: shopify
    base_url: https://shop.example.com
    shop_domain: shop.example.com
    client_id: abc
    location: Main
    currency: EUR
    sell_to: [DE, FI]
  cj:
    kind: cj
    ioss_type: own
    ioss_number: IM0123456789
    goods:
      CJ1: {sku: L-1, hs6: "851310", origin: CN}
rules:
  prices:
    - name: all
      tiers: [{up_to: 10 EUR, markup: 3}, {markup: 2}]
      ending: ".99"
  base_currency: EUR
  fx: [{currency: USD, rate: 0.92, dated: 2026-11-20}]
  destinations:
    - name: Germany
      to: [DE]
      from: [CN]
      stores: [shop]
      tax: {rate: 19, in_price: by_country, home_rate: 19, remitter: merchant}
      duty:
        per_heading: 3.00 EUR
        percent_by_heading: {"851310": 2.7}
        percent_by_origin: {CN: 1}
        value: cost
        up_to: 150 EUR
      above: {duty: none}
      incoterm: DDP
      duty_in: bill
      valid_from: 2026-07-01
      valid_until: 2028-06-30
      confirmed_by: the owner
    - name: Finland
      to: [FI]
      tax: {rate: 25.5, in_price: included, remitter: merchant}
      duty: none
      valid_from: 2026-07-01
  fees:
    card: {percent: 2.9, fixed: 0.30 EUR, stores: [shop]}
"""
DE, FI, CJ = "rules.destinations.0", "rules.destinations.1", "connections.cj"
NO_COUNTRY = "there is no such country in ISO 3166"
AMOUNT = 'must be an amount with its currency, such as "3.00 EUR"'
HS = "an HS code has 6, 8 or 10 digits without dots"
DUTY = 'must be "none", or names and values such as per_heading: 3.00 EUR'


def faults(text: str) -> list[dict[str, Any]]:
    with pytest.raises(Problem) as problem:
        read_config_text(text, "orderwright.yaml")
    return problem.value.faults


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_the_file_is_good_before_anything_is_broken_in_it() -> None:
    assert len(read_config_text(GOOD, "orderwright.yaml").config.rules.destinations) == 2


@pytest.mark.parametrize(
    ("old", "new", "field", "message", "line"),
    [
        # Dates
        ("      valid_from: 2026-07-01\n      valid_until: 2028-06-30\n", "", f"{DE}.valid_from", "is missing; give the day", 25),
        (", dated: 2026-11-20", "", "rules.fx.0.dated", "is missing", 23),
        ("2028-06-30", "2026-06-30", f"{DE}.valid_until", "lies before valid_from", 40),
        ("2028-06-30", "30.6.2028", f"{DE}.valid_until", "must be a date such as 2026-11-20", 40),
        # Two rules for one parcel; Finland's is for every warehouse and store
        ("to: [FI]", "to: [DE]", DE, "'Germany' and 'Finland' fit the same parcels on the same days: change", 25),
        ("to: [FI]", "to: [NO, DE]", DE, "'Germany' and 'Finland' fit the same parcels on the same days: change", 25),
        # Percentages
        ("rate: 19, in", "rate: 119, in", f"{DE}.tax.rate", "must be at most 100", 29),
        ("rate: 25.5", "rate: 25.5%", f"{FI}.tax.rate", "must be a number", 44),
        ("{CN: 1}", "{CN: 101}", f"{DE}.duty.percent_by_origin.CN", "must be at most 100", 33),
        ('{"851310": 2.7}', '{"851310": 2.7%}', f"{DE}.duty.percent_by_heading.851310", "must be a number", 32),
        ("percent: 2.9", "percent: 101", "rules.fees.card.percent", "must be at most 100", 48),
        # Places
        ("to: [DE]", "to: [XX]", f"{DE}.to.0", NO_COUNTRY, 26),
        ("to: [DE]", "to: [de]", f"{DE}.to.0", NO_COUNTRY, 26),
        ("to: [DE]", "to: [ES-CNN]", f"{DE}.to.0", "its territories are written ES-CE, ES-CN, ES-ML", 26),
        ("to: [DE]", "to: []", f"{DE}.to", "must name at least one", 26),
        ("to: [DE]", "to: DE", f"{DE}.to", "must be a list", 26),
        ("from: [CN]", "from: [CHN]", f"{DE}.from.0", NO_COUNTRY, 27),
        ("from: [CN]", "form: [CN]", f"{DE}.form", "is not known", 27),
        ("sell_to: [DE, FI]", "sell_to: [DE, FI-1]", "connections.shop.sell_to.1", "its territories are written FI-01", 10),
        ("{CN: 1}", "{XX: 1}", f"{DE}.duty.percent_by_origin.XX", NO_COUNTRY, 33),
        ("origin: CN}", "origin: ZZ}", f"{CJ}.goods.CJ1.origin", NO_COUNTRY, 16),
        ("    sell_to: [DE, FI]\n", "", "connections.shop.sell_to", "is empty, and so is rules.ship_to_countries", 3),
        ("rules:\n", "rules:\n  ship_to_countries: [DE, XX]\n", "rules.ship_to_countries.1", NO_COUNTRY, 18),
        # Customs codes
        ('{"851310": 2.7}', '{"8513": 2.7}', f"{DE}.duty.percent_by_heading.8513", f"{HS}, got 4 characters", 32),
        ('{"851310": 2.7}', '{"85131000001": 2.7}', f"{DE}.duty.percent_by_heading.85131000001", f"{HS}, got 11", 32),
        ('{"851310": 2.7}', "{851310: 2.7}", f"{DE}.duty.percent_by_heading.851310", "put it in quotes", 32),
        ('hs6: "851310"', 'hs6: "8513"', f"{CJ}.goods.CJ1.hs6", f"{HS}, got 4 characters", 16),
        ('hs6: "851310"', 'hs6: "85131000001"', f"{CJ}.goods.CJ1.hs6", f"{HS}, got 11 characters", 16),
        ('hs6: "851310"', "hs6: 851310", f"{CJ}.goods.CJ1.hs6", "put it in quotes", 16),
        ("{sku: L-1, ", "{", f"{CJ}.goods.CJ1.sku", "is missing", 16),
        ('{sku: L-1, hs6: "851310", origin: CN}', "[L-1]", f"{CJ}.goods.CJ1", "must be your SKU as text in quotes, or names", 16),
        # Amounts
        ("3.00 EUR", "3 EUR/h", f"{DE}.duty.per_heading", AMOUNT, 31),
        ("3.00 EUR", "3", f"{DE}.duty.per_heading", AMOUNT, 31),
        ("3.00 EUR", "3,00 EUR", f"{DE}.duty.per_heading", AMOUNT, 31),
        ("3.00 EUR", "-3.00 EUR", f"{DE}.duty.per_heading", "must not be below zero", 31),
        ("3.00 EUR", "3.005 EUR", f"{DE}.duty.per_heading", "amount has more than 2 decimals, which EUR does not have", 31),
        ("0.30 EUR", "0.30 USD", "rules.fees.card.fixed", "is in USD, but shop sells in EUR: give it in EUR", 48),
        # What belongs together
        ("stores: [shop]\n", "stores: [cj]\n", f"{DE}.stores", "there is no store connection called 'cj'", 28),
        ("stores: [shop]}", "stores: [cj]}", "rules.fees.card.stores", "there is no store connection called 'cj'", 48),
        ("included", "included, home_rate: 19", f"{FI}.tax.home_rate", "belongs to in_price: by_country", 44),
        ("by_country, home_rate: 19", "by_country", f"{DE}.tax.home_rate", "give both or neither", 29),
        ("        up_to: 150 EUR\n", "", f"{DE}.above", "needs duty.up_to", 35),
        ("{duty: none}", "{duty: {percent: 4, up_to: 9 EUR}}", f"{DE}.above.duty.up_to", "there is no second step", 36),
        ("      duty: none\n", "      duty: {}\n", f"{FI}.duty", "says no duty: give per_heading", 45),
        ("      duty: none\n", "      duty: {up_to: 150 EUR}\n", f"{FI}.duty", "says no duty: give per_heading", 45),
        ("      duty: none\n", "      duty: free\n", f"{FI}.duty", DUTY, 45),
        ("per_heading: 3", "per_headings: 3", f"{DE}.duty.per_headings", "is not known", 31),
        ("value: cost", "value: costs", f"{DE}.duty.value", "must be 'cost' or 'revenue'", 34),
        ("19, remitter: merchant", "19, remitter: me", f"{DE}.tax.remitter", "must be 'merchant', 'supplier'", 29),
        ("incoterm: DDP", "incoterm: FOB", f"{DE}.incoterm", "must be 'DDP' or 'DAP'", 37),
        ("  fees:\n", "  fees:\n    Card: {percent: 1}\n", "rules.fees.card", "is the same gateway as 'Card'; keep one", 49),
        ("IM0123456789", "IM27", f"{CJ}.ioss_number", "must be an IOSS number: IM and ten digits", 14),
        ("ioss_type: own", "ioss_type: cj", f"{CJ}.ioss_number", "belongs to ioss_type: own", 14),
        ("    ioss_number: IM0123456789\n", "", f"{CJ}.ioss_number", "is needed there", 11),
        # Prices
        ("{markup: 2}]", "{up_to: 5 EUR, markup: 2}, {markup: 1}]", "rules.prices.0.tiers", "must rise, in one currency", 20),
        ("{markup: 2}]", "{up_to: 50 USD, markup: 2}, {markup: 1}]", "rules.prices.0.tiers", "must rise, in one currency", 20),
        (", {markup: 2}]", "]", "rules.prices.0.tiers", "the last must be without up_to", 20),
        ("- name: all\n", "- name: all\n      markup: 2\n", "rules.prices.0.markup", "give exactly one of markup", 20),
        ('".99"', '"9.9"', "rules.prices.0.ending", 'must be an ending in quotes such as ".99" or "80"', 21),
        ('".99"', '".99"\n      compare_at: 0.9', "rules.prices.0.compare_at", "must be msrp, or a number above 1", 22),
    ],
)  # fmt: skip
def test_a_fault_is_named_once_by_its_field_and_line(old: str, new: str, field: str, message: str, line: int) -> None:
    found = faults(changed(old, new))
    assert [(fault["field"], fault["line"]) for fault in found] == [(field, line)]
    assert message in found[0]["message"]


def test_a_gateways_name_may_hold_spaces_and_brackets() -> None:
    found = faults(changed("card: {percent: 2.9, fixed: 0.30 EUR", "Cash on Delivery (COD): {fixed: 0.30 USD"))
    assert (found[0]["field"], found[0]["line"]) == ("rules.fees.Cash on Delivery (COD).fixed", 48)


def test_a_near_miss_is_met_with_the_right_name() -> None:
    for old, new, near in (("from: [CN]", "form: [CN]", "from"), ("origin: CN}", "orign: CN}", "origin")):
        assert faults(changed(old, new))[0]["fix"].startswith(f"did you mean {near}? known here: ")


def test_what_is_in_force_stays_readable_though_apply_would_refuse_its_digits() -> None:
    data = read_config_text(GOOD, "f").config.model_dump(mode="json")
    data["rules"]["prices"][0]["fixed_add"] = {"amount": "0.305", "currency": "EUR"}
    kept = Config.model_validate(data).rules.prices[0].fixed_add
    assert isinstance(kept, MoneyText)
    assert "fixed_add" in faults(GOOD.replace("ending:", "fixed_add: 0.305 EUR\n      ending:"))[0]["field"]


def test_nothing_of_a_file_with_a_faulty_rule_is_applied(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "orderwright.yaml"
    rule = "  destinations:\n  - {to: [FI], tax: {rate: 119, in_price: included, remitter: merchant}, duty: none}\n"
    before = operator("export").out
    assert before.count("  destinations: []\n") == 1
    file.write_text(before.replace("'2.4'", "'2.5'").replace("  destinations: []\n", rule), "utf-8")
    said = operator("apply", str(file), "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "CONFIG_INVALID")
    assert [fault["field"] for fault in said.json["error"]["faults"]] == ["rules.destinations.0.tax.rate"]
    assert operator("export").out == before
