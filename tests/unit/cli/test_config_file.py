"""orderwright.yaml: faults are named by field, line and fix; YAML's surprises do not happen."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from local.cli.command import Problem
from local.cli.config_file import config_text, read_config_text, with_header
from local.cli.schema import config_schema, schema_text
from orderwright.connectors.stores.shopify.settings import ShopifySettings
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.config import Config
from orderwright.domain.config_diff import config_diff
from orderwright.domain.landed_cost import rule_for
from orderwright.domain.not_known import NotKnown
from orderwright.domain.pricing import Offered, Shop, price_for
from orderwright.domain.reckoning import fee_rule
from orderwright.domain.territories import EUROPEAN_UNION
from orderwright.domain.unit_cost import UnitCost
from orderwright.registry import CONNECTORS

DOCS = Path(__file__).parents[3] / "docs"
GOOD = """\
# applied version: 7
merchant: {name: Lamps, support_email: help@example.com}
connections:
  shop:
    kind: shopify
    base_url: https://shop.example.com
    shop_domain: shop.example.com
    client_id: abc
    location: Main
  cj:
    kind: cj
    points_per_day: 9000
rules:
  prices:
    - name: all
      markup: 2.4
  ship_to_countries: [NO, FI]
limits:
  spend_per_day:
    cj: {amount: 200.10, currency: USD}
"""


CJ = ", ".join(name for name in CjSettings.model_fields if name != "role")


def faults(text: str) -> list[dict[str, Any]]:
    with pytest.raises(Problem) as problem:
        read_config_text(text, "orderwright.yaml")
    return problem.value.faults


def test_a_good_file_is_read_exactly() -> None:
    read = read_config_text(GOOD, "orderwright.yaml")
    assert read.base == 7
    assert read.config.rules.ship_to_countries == ("NO", "FI"), "NO is Norway"
    assert str(read.config.rules.prices[0].markup) == "2.4"
    assert str(read.config.limits.spend_per_day["cj"].money) == "200.10 USD"


@pytest.mark.parametrize(
    ("old", "new", "field", "message", "fix", "line"),
    [
        ("points_per_day: 9000", "points_per_day: 5", "connections.cj.points_per_day",
         "must be at least 100 (got 5)", "", 12),
        ("points_per_day", "point_per_day", "connections.cj.point_per_day", "is not known",
         f"did you mean points_per_day? known here: {CJ}", 12),
        ("markup: 2.4", "markup: much", "rules.prices.0.markup", 'must be a number (got "much")', "", 16),
        ("    location: Main\n", "", "connections.shop.location", "is missing", "", 4),
        ("kind: cj", "kind: dj", "connections.cj.kind", f'must be one of {", ".join(CONNECTORS)} (got "dj")',
         "did you mean cj?", 11),
        ("    cj: {amount", "    dj: {amount", "limits.spend_per_day", "there is no supplier connection called 'dj'",
         "suppliers here: cj", 19),
        ("name: Lamps", "name: 5", "merchant.name", "must be text; put it in quotes (got 5)", 'write "5"', 2),
        ("currency: USD", "currency: dollars", "limits.spend_per_day.cj.currency",
         'must be a currency of three capital letters such as USD (got "dollars")', "write USD", 20),
        ("base_url: https:", "base_url: http:", "connections.shop.base_url",
         "is not encrypted (got text of 23 characters)", "write it with https://", 6),
        ("shop.example.com\n    shop_d", "10.0.0.1\n    shop_d", "connections.shop.base_url",
         "leads to a private or reserved network, not to the public internet (got text of 16 characters)",
         "name a host that everybody can reach", 6),
        ("https://shop", "https://me:s3cret@shop", "connections.shop.base_url",
         "holds a user name or a password (got text of 34 characters)",
         "take it out of the address; `orderwright connect` takes secrets", 6),
        ("https://shop.example.com", "https://shop.example.com:x", "connections.shop.base_url",
         "cannot be read as a web address (got text of 26 characters)", "write https://, the host, and the path", 6),
        ("kind: cj\n", "kind: cj\n    base_url: http://127.0.0.1:4010/cj\n", "connections.cj.base_url",
         "is not encrypted (got text of 24 characters)", "write it with https://", 12),
        ("rules:\n", "  file: {kind: csv, offers_of: cj, url: https://localhost/stock}\nrules:\n", "connections.file.url",
         "leads to this machine, not to the public internet (got text of 23 characters)",
         "name a host that everybody can reach", 13),
        ("kind: cj\n", "kind: cj\n    kind: cj\n", "connections.cj.kind", "stands there twice, first in line 11",
         "keep one of them", 12),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_field_line_and_fix(
    old: str, new: str, field: str, message: str, fix: str, line: int
) -> None:
    assert GOOD.count(old) >= 1
    assert faults(GOOD.replace(old, new)) == [{"field": field, "message": message, "fix": fix, "line": line}]


def test_the_sandbox_on_this_machine_is_for_profile_local_alone() -> None:
    text = GOOD.replace("https://shop.example.com", "http://127.0.0.1:4010/shopify")
    assert read_config_text(text, "f", "local").config.stores["shop"].base_url == "http://127.0.0.1:4010/shopify"
    assert [fault["field"] for fault in faults(text)] == ["connections.shop.base_url"]
    with pytest.raises(Problem):
        read_config_text(GOOD.replace("https://shop", "http://shop"), "f", "local")


def test_what_is_in_force_stays_readable_though_apply_would_refuse_its_address() -> None:
    data = read_config_text(GOOD, "f").config.model_dump(mode="json")
    data["connections"]["shop"]["base_url"] = "http://shop.example.com"
    assert Config.model_validate(data).stores["shop"].base_url == "http://shop.example.com"


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    text = GOOD.replace("markup: 2.4", "markup: -1").replace("points_per_day: 9000", "points_per_day: many")
    assert [fault["line"] for fault in faults(text)] == [12, 16]


def test_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    assert "s3cr3t" not in str(faults(GOOD.replace("kind: cj", "kind: cj\n    buffer: s3cr3t")))


@pytest.mark.parametrize("text", ["a: [1", "- 1\n- 2\n", "", "\x00", "a: " + "[" * 1000])
def test_what_is_no_configuration_at_all_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        read_config_text(text, "orderwright.yaml")


def test_an_exported_file_reads_back_as_the_same_configuration() -> None:
    config = read_config_text(GOOD, "f").config
    again = read_config_text(config_text(config, 8), "f")
    assert (again.config, again.base) == (config, 8)


def test_the_header_is_added_or_renewed_and_nothing_else_changes() -> None:
    assert with_header(GOOD, 8) == GOOD.replace("version: 7", "version: 8")
    assert with_header("a: 1\n", 1) == "# applied version: 1\na: 1\n"


def test_a_difference_names_fields_and_rules_by_their_name() -> None:
    old = read_config_text(GOOD, "f").config
    new = read_config_text(GOOD.replace("markup: 2.4", "markup: 2.5"), "f").config
    assert config_diff(old, new) == [("rules.prices[all].markup", "2.4", "2.5")]
    assert config_diff(old, old) == []


def test_price_rules_in_another_order_are_a_difference_since_the_first_that_fits_applies() -> None:
    prices = [{"name": name, "skus": ["A", name], "markup": 2} for name in ("one", "two", "three")]
    before, after = ({"rules": {"prices": some}} for some in (prices, prices[1:] + prices[:1]))
    old, new = (Config.model_validate(read_config_text(GOOD, "f").config.model_dump() | one) for one in (before, after))
    assert config_diff(old, new) == [("rules.prices", "one, two, three", "two, three, one")]
    fewer = new.model_copy(update={"rules": new.rules.model_copy(update={"prices": new.rules.prices[:2]})})
    assert "rules.prices" not in [row.field for row in config_diff(new, fewer)]


def test_the_schema_for_editors_is_the_one_that_the_models_give() -> None:
    assert (DOCS / "orderwright.schema.json").read_text("utf-8") == schema_text(), "run: orderwright schema > docs/..."


def test_the_example_is_valid_by_the_models_and_by_the_schema() -> None:
    text = (DOCS / "orderwright.example.yaml").read_text("utf-8")
    read_config_text(text, "orderwright.example.yaml")
    data = yaml.load(text, Loader=yaml.BaseLoader)
    jsonschema_rs.meta.validate(config_schema())
    validator = jsonschema_rs.validator_for(config_schema())
    kinds = {error.instance_path[0] for error in validator.iter_errors(data) if error.instance_path}
    # Read as text only, numbers are no numbers; names and shapes are what is judged here.
    assert "merchant" not in kinds


def test_the_example_has_no_money_rules_so_that_it_behaves_as_before_there_were_any() -> None:
    config = read_config_text((DOCS / "orderwright.example.yaml").read_text("utf-8"), "f").config
    assert (config.rules.destinations, config.rules.fees, config.rules.know_true_cost) == ((), {}, False)


def test_every_figure_of_the_money_rules_example_waits_for_the_merchants_name() -> None:
    config = read_config_text((DOCS / "money-rules.example.yaml").read_text("utf-8"), "money-rules.example.yaml").config
    rules, (store,) = config.rules, [one for one in config.connections.values() if isinstance(one, ShopifySettings)]
    named = {code for rule in rules.destinations for code in rule.to}
    assert named == EUROPEAN_UNION | {"GB", "US", "NO"}
    assert set(config.sell_to(store)) <= named
    for rule in rules.destinations:
        assert (rule.confirmed_by, bool(rule.source), rule.valid_from is not None) == ("confirm", True, True)
        for destination in rule.to:
            with pytest.raises(NotKnown) as waits:
                rule_for(rules, "lamp-shop", destination, "CN", date(2026, 11, 29))
            assert waits.value.reason.code == "RULE_UNCONFIRMED", destination
    for name in rules.fees:
        with pytest.raises(NotKnown) as waits:
            fee_rule(name, "lamp-shop", date(2026, 11, 29), rules)
        assert waits.value.reason.code == "RULE_UNCONFIRMED", name


def test_a_name_put_into_one_rule_of_the_example_confirms_no_other() -> None:
    text = (DOCS / "money-rules.example.yaml").read_text("utf-8")
    rules = read_config_text(
        text.replace("\n      confirmed_by: confirm", "\n      confirmed_by: Mika", 1), "f"
    ).config.rules
    assert [rule.called for rule in rules.destinations if rule.confirmed_by != "confirm"] == ["Germany"]


BEFORE_MONEY_RULES = """\
merchant:
  name: Trail Lights
  support_email: help@shop.example.com
connections:
  lamp-shop:
    kind: shopify
    base_url: https://trail-lights-example.myshopify.com
    shop_domain: trail-lights-example.myshopify.com
    client_id: 0123456789abcdef0123456789abcdef
    location: Orderwright dropship
    store_mails: [CONFIRMED]
  cj:
    kind: cj
    buffer: 1
    shipping_method: CJPacket Ordinary
  cj-stock:
    kind: csv
    url: https://feeds.example.com/stock.csv
    offers_of: cj
  parcels:
    kind: easypost
rules:
  prices:
    - name: expedition
      skus: [HL-PRO-1200]
      markup: 2
      map_price: {amount: "49.00", currency: USD}
    - name: everything else
      markup: 2.4
      minimum_margin_percent: 10
      ending: ".99"
  price_step_percent: 20
  base_currency: USD
  fx:
    - {currency: EUR, rate: 1.08, dated: 2026-11-20}
  supplier_priority: [cj]
  approve_orders_above: {amount: "500.00", currency: USD}
  ship_to_countries: [FI, SE, NO, DK, DE]
limits:
  spend_per_day:
    cj: {amount: "500.00", currency: USD}
  spend_per_purchase_order:
    cj: {amount: "120.00", currency: USD}
  minimum_order_margin_percent: 5
"""


@pytest.mark.parametrize(
    ("sku", "cost", "price", "floor"),
    [
        ("HL-PRO-1200", "18.40", "49.00 USD", "49.00 USD"),
        ("HL-PRO-1200", "28.40", "61.99 USD", "49.00 USD"),
        ("HL-KID-120", "6.80", "22.99 USD", "10.34 USD"),
    ],
)
def test_a_file_of_before_there_were_money_rules_gives_the_same_prices(
    sku: str, cost: str, price: str, floor: str
) -> None:
    config = read_config_text(BEFORE_MONEY_RULES, "f").config
    assert not config.rules.know_true_cost
    offered = Offered(UnitCost.parse(cost, "USD"), UnitCost.parse("2.50", "USD"))
    found = price_for(
        offered, config.rules, config.limits, Shop("lamp-shop", "USD"), sku=sku, category="", today=date(2026, 11, 22)
    )
    assert (str(found.price), str(found.floor)) == (price, floor)


@pytest.mark.parametrize("name", ["orderwright.example.yaml", "money-rules.example.yaml"])
def test_what_is_written_is_read_as_the_same_and_written_as_the_same(name: str) -> None:
    config = read_config_text((DOCS / name).read_text("utf-8"), name).config
    text = config_text(config, 3)
    again = read_config_text(text, name)
    assert (again.config, again.base, config_text(again.config, 3)) == (config, 3, text)
    assert all(len(line) == len(line.rstrip()) for line in text.splitlines()), "nothing is folded or padded"
