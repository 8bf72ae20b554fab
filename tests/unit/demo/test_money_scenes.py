"""The rules of the story's last scenes are a valid configuration, and keep the version that they start from."""

from __future__ import annotations

from datetime import date

import yaml

from local.cli.config_file import config_text, read_config_text
from local.demo.money_scenes import with_true_money
from local.demo.scenes import with_new_names
from local.running.settings import STORE, shop_yaml
from local.sandbox.sandbox import Sandbox
from orderwright.domain.landed_cost import rule_for
from orderwright.domain.reckoning import fee_rule

DAY = date(2026, 11, 29)


def test_the_rules_count_for_every_buyer_of_the_story_and_keep_the_version() -> None:
    before = read_config_text(shop_yaml("http://127.0.0.1:1", Sandbox().vendors), "shop.yaml", "local").config
    read = read_config_text(with_true_money(config_text(before, 7)), "shop.yaml", "local")
    rules, settings = read.config.rules, read.config.stores[STORE]
    assert read.base == 7
    names = {code: rule_for(rules, STORE, code, "CN", DAY).called for code in read.config.sell_to(settings)}
    assert names == {"FI": "Finland", "DE": "elsewhere", "US": "elsewhere"}
    assert fee_rule("shopify_payments", STORE, DAY, rules).fixed is not None
    assert yaml.safe_load(with_true_money(config_text(before, 7)))["rules"]["prices"]


def test_the_new_names_of_store_and_supplier_are_a_valid_configuration() -> None:
    before = read_config_text(shop_yaml("http://127.0.0.1:1", Sandbox().vendors), "shop.yaml", "local").config
    config = read_config_text(with_new_names(config_text(before, 7)), "shop.yaml", "local").config
    assert {"lamp-store", "cj-main"} <= config.connections.keys()
    assert config.rules.supplier_priority == ("warehouse", "cj-main", "factory")
