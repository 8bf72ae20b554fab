"""What a person writes by mistake in orderwright.yaml: refused with the value and what to write; and never what is in force."""

from __future__ import annotations

from datetime import date

import pytest

from local.cli.command import Problem
from local.cli.config_file import read_config_text
from local.cli.config_hints import may_show
from orderwright.domain.config import Config
from orderwright.domain.config_check import faults_to_refuse
from orderwright.registry import CONNECTORS
from tests.unit.cli.test_config_file import GOOD

TODAY = date(2026, 11, 30)
CAP, SHOP, RULE, RULES, LIMITS = (
    "{amount: 200.10, currency: USD}",
    "location: Main",
    "markup: 2.4",
    "rules:\n",
    "limits:\n",
)
RULED, SOLD, CJ = f"{RULE}\n      ", f"{SHOP}\n    ", "kind: cj\n"

CALENDAR = RULES + "  campaigns: {x: "


def told(text: str) -> list[str]:
    with pytest.raises(Problem) as problem:
        read_config_text(text, "orderwright.yaml", today=TODAY)
    return [f"{fault['line']}: {fault['field']}: {fault['message']} ({fault['fix']})" for fault in problem.value.faults]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        # Numbers, amounts, dates
        (RULE, "markup: 2,4", '16: rules.prices.0.markup: must be a number (got "2,4") (write 2.4 with a point)'),
        (RULE, "markup: 240 %", "(write 240 without the sign)"),
        (RULE, "markup: 1,000", "(write 1.000 with a point, or 1000 for thousands)"),
        (RULE, "markup: 1.000,5", "(write 1000.5)"),
        (RULE, RULED + "ending: .99", '(got .99) (write ".99")'),
        (CAP, "49.001 USD", '20: limits.spend_per_day.cj: amount has more than 2 decimals, which USD does not have (got'
         ' "49.001 USD") (write 49.00 USD)'),
        (CAP, "{amount: 49.001, currency: USD}", '(got "49.001 USD") (write 49.00 USD)'),
        (CAP, "49,90 usd", '(got "49,90 usd") (write 49.90 USD)'),
        (CAP, "€49", "(write 49.00 EUR)"),
        (CAP, "49", "(write its currency as well, such as 49 EUR)"),
        (CAP, "-1000 USD", '20: limits.spend_per_day.cj: must not be below zero (got "-1000 USD")'),
        (LIMITS, LIMITS + "  spend_per_purchase_order: {cj: {amount: -1, currency: USD}}\n", "must not be below zero"),
        (RULE, RULED + "fixed_add: -1 USD", "rules.prices.0.fixed_add: must not be below zero"),
        (RULE, RULED + "msrp: 0 USD", "rules.prices.0.msrp: must be above zero"),
        (RULES, RULES + "  fx: [{currency: EUR, rate: 1, dated: 2.11.2026}]\n", "(write 2026-11-02)"),
        # Currencies and rates
        (CAP, "500 EUR", '20: limits.spend_per_day.cj: is in EUR, but cj charges USD (got "500 EUR") (write the limit in USD)'),
        (RULE, RULED + "map_price: 49 EUR", "17: rules.prices.0.map_price: is in EUR, shop sells in USD, and there is no rate"
         ' of EUR (got "49 EUR") (add a rate under rules.fx: {currency: EUR, rate: 1.25, dated: 2026-11-30}'),
        (RULES, RULES + "  sku_prices: {L-1: {msrp: 49 EUR}}\n  fx: [{currency: GBP, rate: 1, dated: 2026-11-24}]\n",
         "14: rules.sku_prices.L-1.msrp: is in EUR, shop sells in USD, and there is no rate of EUR"),
        (LIMITS, LIMITS + "  minimum_order_margin: 1 EUR\n", "limits.minimum_order_margin: is in EUR"),
        (SHOP, SOLD + "currency: EUR", "connections.shop.currency: is EUR, cj charges USD, and there is no rate of EUR"),
        (SHOP, SOLD + "currency: euro", "(write EUR)"),
        (SHOP, SOLD + "currency: XYZ", 'is no currency of ISO 4217 (got "XYZ")'),
        (RULES, RULES + "  fx: [{currency: USD, rate: 2, dated: 2026-11-02}]\n", "rules.fx.0: is the base currency"),
        (RULES, RULES + "  fx: [{currency: EUR, rate: 2, dated: 2026-11-02}, {currency: EUR, rate: 3, dated: 2026-11-02}]\n",
         "rules.fx.1: is the second rate of 2026-11-02"),
        # Prices that follow others
        (RULE, RULED + "bounds: {percent: 4}", "rules.prices.0.bounds.per_day_percent: is more than percent"),
        (RULE, RULED + "demand: {days_of_stock: 9, raise_percent: 25}", "raise_percent: is more than bounds.percent (20)"),
        (RULE, RULED + "slow_movers: {after_days: 9, lower_percent: 9, most_percent: 5}", "lower_percent: is more than"),
        (RULE, RULED + "bounds: {max: 4}", "bounds.max: is not known (known here: per_day_percent, percent)"),
        (RULE, RULED + "competitors: {undercut: 1}", "did you mean undercut_by? known here: to, undercut_percent"),
        (RULE, RULED + "currencies: [EUR]", "currencies.0: is the currency of no store that the rule is for"),
        (RULE, RULED + "competitors: {feeds: [prices]}", "feeds.0: there is no file of competitors' prices called 'prices'"
         " (files of competitors' prices here: none; add a connection of kind: competitor_prices)"),
        (RULE, RULED + "competitors: {undercut_by: 1 EUR}", "undercut_by: is in EUR, and no store that the rule is for"),
        (RULE, RULED + "competitors: {undercut_by: 1 USD, undercut_percent: 1}", "give it or undercut_percent, not both"),
        # Campaigns and announced costs
        (RULES, CALENDAR + "{begins: 2026-12-01, ends: 2026-12-02, percent: 5, price: 4 USD}}\n",
         "rules.campaigns.x.percent: give exactly one of percent and price"),
        (RULES, CALENDAR + "{begins: 2026-12-02, ends: 2026-12-01, percent: 5}}\n", "ends: is not after begins"),
        (RULES, CALENDAR + "{begins: soon, ends: 2026-12-01, percent: 5}}\n", "begins: must be a time such as 2026-11-27T08:00"),
        (RULES, CALENDAR + "{begin: 2026-12-01, ends: 2026-12-02, percent: 5}}\n", "x.begin: is not known (did you mean begins?"),
        (RULES, RULES + "  announced_costs: [{supplier: cj, since: 2026-12-01, cost: 5 USD}]\n",
         "rules.announced_costs.0.cost: would count for each SKU of cj"),
        (RULES, RULES + "  announced_costs: [{supplier: cj, day: 2026-12-01, cost: 5 USD}]\n", "known here: supplier, skus"),
        (RULES, CALENDAR + "{begins: 2026-12-01, ends: 2026-12-02, percent: 5, stores: [shap]}}\n",
         "rules.campaigns.x.stores.0: there is no store connection called 'shap' (stores here: shop)"),
        (RULES, CALENDAR + "{begins: 2026-12-01, ends: 2026-12-02, percent: 5, currencies: [EUR]}}\n", "no store sells in EUR"),
        (RULES, CALENDAR + "{begins: 2026-12-01, ends: 2026-12-02, price: 5 EUR}}\n",
         "rules.campaigns.x.price: is in EUR, shop sells in USD, and there is no rate of EUR"),
        (RULES, CALENDAR + "{begins: 2026-12-01, ends: 2026-12-02, price: 0 USD}}\n", "x.price: must be above zero"),
        (RULES, RULES + "  announced_costs: [{supplier: cj, since: 2026-12-01}]\n", "give exactly one of cost and percent"),
        (RULES, RULES + "  announced_costs: [{supplier: cj, since: 2026-12-01, percent: 0}]\n", "changes nothing"),
        (RULES, RULES + "  announced_costs: [{supplier: ci, since: 2026-12-01, percent: 5}]\n",
         "rules.announced_costs.0.supplier: there is no supplier connection called 'ci'"),
        (RULES, RULES + "  fx: [{currency: EUR, rate: 1, dated: 2026-11-24}]\n"
         "  announced_costs: [{supplier: cj, since: 2026-12-01, cost: 5 EUR}]\n", "is in EUR, but cj charges USD"),
        # Bundles
        (RULES, RULES + "  bundles: {A: {of: {B: 1}, title: A}, B: {of: {C: 2}, title: B}}\n",
         "rules.bundles.A.of.B: is a bundle itself"),
        (RULES, RULES + "  digital: {C: mark}\n  bundles: {A: {of: {C: 1}, title: A}}\n", "rules.bundles.A.of.C: is digital"),
        (RULES, RULES + "  digital: {A: mark}\n  bundles: {A: {of: {C: 1}, title: A}}\n", "stands under rules.digital too"),
        # Places, hosts, addresses, languages
        ("[NO, FI]", "[Finland]", '(got "Finland") (write FI)'),
        ("[NO, FI]", "[FI, UK]", '17: rules.ship_to_countries.1: there is no such country'),
        ("[NO, FI]", "Germany", 'must be a list (got "Germany") (write [DE])'),
        (CJ, CJ + "    from_country: China\n", "(write CN)"),
        (CJ, CJ + "    freight_country: us\n", "(write US)"),
        ("shop_domain: shop", "shop_domain: https://lamps", "connections.shop.shop_domain: must be the bare name of the shop's"
         " host (write shop_domain: lamps.myshopify.com)"),
        ("shop_domain: shop.example.com", "shop_domain: https://admin.shopify.com/store/lamps/x", "lamps.myshopify.com)"),
        ("help@example.com", "helpdesk", '2: merchant.support_email: is no mail address (got "helpdesk")'),
        ("name: Lamps", "name: Lamps, website: lamps.example.com", "merchant.website: is no web address"),
        ("name: Lamps", "name: Lamps, time_zone: Helsinki", '(got "Helsinki") (write Europe/Helsinki)'),
        (SHOP, SOLD + "default_locale: english", "is no language"),
        (SHOP, SOLD + "api_version: 2026-11", "is no version of Shopify's API"),
        ("name: Lamps", "name: ''", "merchant.name: is empty"),
        # What does not fit together
        (RULE, RULED + "map_price: 9 USD\n      msrp: 8 USD", "map_price: lies above msrp"),
        (RULE, RULED + "stores: [shpo]", "there is no store connection called 'shpo' (stores here: shop)"),
        (RULE, RULE + "\n    - {name: pro, skus: [A], markup: 2}", "17: rules.prices.1: 'pro' never applies: 'all' stands"),
        (CJ, CJ + "    goods: {A: L-1, B: {sku: L-1}}\n", "goods.B: has the same SKU of yours as A"),
        ("points_per_day: 9000", "points_per_day: 4000", "points_reserve: leaves no points for reading stock"),
        (RULES, "  file: {kind: csv, offers_of: cj, url: https://x.example, stock_column: sku}\n" + RULES, "is the same column"),
        (RULES, RULES + "  supplier_priority: [jc]\n", "(suppliers here: cj)"),
        # Secrets, unknown names, indentation
        (CJ, CJ + "    api_key: abc\n", "12: connections.cj.api_key: is a secret, which never stands in this file (take it"
         " out, then: orderwright connect cj)"),
        (RULE, RULED + "price_step_percent: 20", "17: rules.prices.0.price_step_percent: stands too deep: it belongs to rules"
         " (indent it by 2 spaces, like prices)"),
        ("limits:", "  limits:", "18: rules.limits: stands too deep: it begins a part of its own"),
        ("  ship_to", "  ending: ''\n  ship_to", "stands too shallow: it belongs to rules.prices.0 (indent it by 6 spaces"),
        ("kind: cj\n", "kind: [cj]\n", f"connections.cj.kind: must be one of {', '.join(CONNECTORS)} (got a list)"),
        ("limits:", "5: x\nlimits:", "18: 5: must have text as its name; put it in quotes"),
        ("limits:", "fx: []\nlimits:", "18: fx: stands too shallow: it belongs to rules (indent it by 2 spaces"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_with_value_and_fix(old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    assert said in "\n".join(told(GOOD.replace(old, new)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a:\n  kind: csv\n    url: x\n",
            "3: : `url` stands one level too deep (give it the same indentation as `kind`: 2 spaces)",
        ),
        (
            "a:\n  - name: x\n     markup: 2\n",
            "3: : `markup` stands one level too deep (give it the same indentation as `name`: 4",
        ),
        ("a:\n  - name: x\n  markup: 2\n", "3: : `markup` stands one level too shallow: it belongs to the entry above"),
        ("a:\n    b: 1\n  url: 2\n", "3: : `url` stands between two levels"),
        ("a:\n  -name: x\n   markup: 2\n", "2: : a space is missing behind the dash"),
        ("a:\n\tb: 1\n", "2: : a tab stands before the text (indent with spaces alone)"),
        ("a:\n  b 1\n  c: 2\n", "2: : is no name with a value"),
        ("a:\n  c: 2\n  b:1\n  d: 2\n", "3: : is no name with a value"),
        ("a: Lamps: the shop\n", "1: : a colon with a space stands inside a value (put the whole value in quotes)"),
        ('a: "x\nb: 2\n', "1: : a quote that is opened here is never closed"),
        ("a: [1, 2\nb: 2\n", "1: : a bracket that is opened here"),
        ("a: @x\n", "1: : a value begins with a character that has a meaning of its own (put it in quotes)"),
        ("a: {{ x }}\n", "1: : braces have a meaning of their own"),
        (
            "s3cr3t: x\n  b: 1\n",
            "2: : the line stands one level too deep (give it the same indentation as the line before",
        ),
    ],
)
def test_what_cannot_be_read_is_said_without_the_parsers_words(text: str, said: str) -> None:
    (one,) = told(text)
    assert said in one
    assert not {"token", "scalar", "mapping", "block", "s3cr3t"} & set(one.replace("<", " ").split())


def test_a_loss_may_be_meant_and_an_amount_in_a_currency_with_a_rate() -> None:
    loss = "limits:\n  minimum_order_margin_percent: -10\n  minimum_order_margin: -5 EUR\n"
    rate = "rules:\n  fx: [{currency: EUR, rate: 1.08, dated: 2026-11-30}]\n"
    read_config_text(GOOD.replace(LIMITS, loss).replace(RULES, rate), "f", today=TODAY)


def test_a_stock_file_may_have_no_costs_and_say_what_an_empty_cell_counts_for() -> None:
    feed = "  stock:\n    kind: csv\n    url: https://f.example.com/a.csv\n    offers_of: cj\n    cost_column: ''\n"
    read = read_config_text(GOOD.replace("rules:", f"{feed}    stock_words: {{'': 0}}\nrules:"), "f", today=TODAY)
    assert "stock" in read.config.connections


@pytest.mark.parametrize(
    "text", ["sk_live_4eC39HqLy", "hunter2", "AbCdEfGhIjKl", "abcdefghijklmnop", "https://a:b@c", "a@b.example"]
)
def test_what_may_be_a_secret_is_not_shown(text: str) -> None:
    assert not may_show(text)


def test_what_is_in_force_is_read_though_apply_would_refuse_it_now() -> None:
    data = read_config_text(GOOD, "f").config.model_dump(mode="json")
    data["merchant"]["support_email"] = data["connections"]["shop"]["shop_domain"] = "helpdesk"
    data["limits"]["spend_per_day"]["cj"] = {"amount": "-5", "currency": "EUR"}
    data["rules"]["ship_to_countries"] = ["Finland"]
    kept = Config.model_validate(data)
    assert len(faults_to_refuse(kept, TODAY)) == 5
