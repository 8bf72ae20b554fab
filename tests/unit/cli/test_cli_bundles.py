"""From a rule in orderwright.yaml to a bundle in the shop (R3, P3): nothing but `apply` is needed."""

from __future__ import annotations

from pathlib import Path

from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator
from tests.unit.cli.test_forecast import edited

MS = "HL-MS-400"
RULE = "  bundles: {SET: {of: {HL-MS-400: 2, HL-COB-350: 1}, title: Night set}}\n"


def shown(shop: Shop, sku: str) -> int:
    (variant,) = (one for one in shop.store.shop.variants() if one.item.sku == sku)
    return int(variant.available)


def test_a_rule_that_is_applied_puts_the_bundle_on_sale_and_a_sale_of_a_component_is_seen(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    operator("apply", edited(operator, tmp_path, ("  bundles: {}\n", RULE)))
    shop.wiring = shop.new_worker()
    shop.pass_time(300, step=60)
    assert shown(shop, "SET") == 20
    said = operator("catalogue", "show", "SET").out
    assert "bundle of 1 HL-COB-350, 2 HL-MS-400" in said
    assert "landed cost" in said
    for sold in ((MS, 3), ("SET", 2)):
        shop.store.buy([sold])
        shop.pass_time(300, step=60)
        assert shown(shop, "SET") == shown(shop, MS) // 2 < 19
    rule = operator("export").out.split("  bundles:\n")[1].split("\n  approve")[0]
    operator("apply", edited(operator, tmp_path, (f"  bundles:\n{rule}", "  bundles: {}")))
    shop.wiring = shop.new_worker()
    shop.pass_time(300, step=60)
    assert "SKU_RETIRED" in operator("catalogue", "show", "SET").out
    assert shown(shop, "SET") == 0
