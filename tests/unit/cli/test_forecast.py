"""What may be meant and has consequences is said before a file is applied: by the code that then decides, and without a write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orderwright.domain.catalogue import Offer
from orderwright.records import offer_key
from orderwright.usecases.operator.forecast import forecast, in_words
from orderwright.usecases.stock.offers import offer_put
from tests.support.shop import STORE, Shop, test_config
from tests.unit.cli.cli_kit import Operator

ALL = "name: all\n      skus: []\n      categories: []\n"
OFF = (ALL, ALL.replace("[]\n      c", "[HL-X]\n      c"))
WEEK = "begins: 2032-01-01, ends: 2032-01-08"
SKUS = ("HL-COB-350", "HL-KID-120", "HL-MS-400", "HL-PRO-1200", "HL-UL-300")


def edited(operator: Operator, tmp_path: Path, *changes: tuple[str, str]) -> str:
    text, file = operator("export").out, tmp_path / "orderwright.yaml"
    for old, new in changes:
        assert text.count(old) == 1, (old, text)
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return str(file)


def of_campaigns(**campaigns: str) -> tuple[str, str]:
    return (
        "  campaigns: {}\n",
        "  campaigns: {" + ", ".join(f"{name}: {{{one}}}" for name, one in campaigns.items()) + "}\n",
    )


def on_sale(shop: Shop) -> set[str]:
    return {sku for sku, file in shop.wiring.storage.load_skus(SKUS).items() if file.listings[STORE].model.on_sale}


def test_what_goes_off_sale_is_said_before_and_is_what_then_happens(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    file = edited(operator, tmp_path, OFF)
    before = shop.wiring.storage.load_skus(SKUS)
    dry = operator("apply", file, "--dry-run", "--json").json["forecast"]
    assert [(off["code"], off["skus"]) for off in dry["off_sale"]] == [("NO_PRICE_RULE", 4)]
    assert (dry["looked_at"], dry["all"], dry["changed"]["skus"]) == (5, True, 0)
    assert shop.wiring.storage.load_skus(SKUS) == before, "nothing is written"
    said = operator("apply", file).out
    assert said.index("4 SKUs will go off sale: no price rule (HL-") < said.index("version 2 is in force")
    shop.wiring = shop.new_worker()
    shop.run()
    assert on_sale(shop) == {"HL-PRO-1200"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("markup: '2.4'", "markup: '3.6'"), "4 prices wait for approval (HL-"),
        (("markup: '2.4'", "markup: '2.5'"), "4 prices will change (HL-"),
        (("skus: [HL-PRO-1200]", "skus: [HL-PRO-120]"),
         "rules.prices, 'pro': there is no SKU 'HL-PRO-120'; did you mean 'HL-PRO-1200'?"),
        (("  bundles: {}\n", "  bundles: {SET: {of: {HL-MS-40: 2}, title: Set}}\n"),
         "rules.bundles.SET.of: there is no SKU 'HL-MS-40'; did you mean 'HL-MS-400'?"),
        (("  bundles: {}\n", "  bundles: {HL-MS-400: {of: {HL-COB-350: 2}, title: Set}}\n"),
         "rules.bundles.HL-MS-400: cj offers this SKU too; the bundle counts"),
        ((ALL, ALL + "      msrp: 1 USD\n"), "4 SKUs will go off sale: the lowest price"),
        (("minimum_order_margin_percent: '5'", "minimum_order_margin_percent: -10"), "10 % are bought without asking you"),
        (("limits:\n", "limits:\n  minimum_order_margin: -3 USD\n"), "lose up to 3 USD are bought without asking you"),
        (("rules:\n", "rules:\n  approve_margin_below_percent: 3\n"), "is 3, not above limits.minimum_order_margin_percent (5)"),
        (of_campaigns(A="begins: 2026-01-01, ends: 2026-01-02, percent: 5"), "rules.campaigns.A: is over since 2026-01-02 00:00"),
        (of_campaigns(A=WEEK + ", percent: 5", B=WEEK + ", percent: 6, skus: [HL-MS-400]"),
         "rules.campaigns.A and B run at the same time: for a SKU of both A counts"),
        (of_campaigns(A=WEEK + ", percent: 5", B="begins: 2032-01-08, ends: 2032-01-09, percent: 6"),
         "rules.campaigns.B begins when A ends: its 6 % count from that price"),
        (of_campaigns(A=WEEK + ", percent: 30"), "rules.campaigns.A: 5 prices wait for approval when it begins (HL-"),
        (of_campaigns(A=WEEK + ", price: 1 USD"), "rules.campaigns.A: 5 prices are held above it, at the floor or MAP (HL-"),
        (of_campaigns(A=WEEK + ", percent: 5, skus: [HL-MS-40]"),
         "rules.campaigns.A: there is no SKU 'HL-MS-40'; did you mean 'HL-MS-400'?"),
        (("2000.00 USD", "0 USD"), "limits.spend_per_day: cj has 0 USD, so nothing is bought there"),
        (("limits:\n  spend_per_day", "limits:\n  spend_per_purchase_order"), "cj has no limits.spend_per_day"),
    ],
)  # fmt: skip
def test_each_consequence_is_said(operator: Operator, tmp_path: Path, change: tuple[str, str], words: str) -> None:
    changes = [change]
    if "spend_per_purchase_order" in change[1]:
        text = operator("export").out
        changes.append((text[text.index("  spend_per_purchase_order:") :], ""))
    assert words in operator("apply", edited(operator, tmp_path, *changes), "--dry-run").out


def test_who_may_serve_a_country_and_a_store_that_needs_wholesale_is_said(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    table, sold = tmp_path / "batteries.csv", ("sell_to: []", "sell_to: [FI, DE]")
    table.write_text("sku,battery\nHL-PRO-1200,yes\n", "utf-8")
    operator("catalogue", "attributes", "import", str(table))
    file = edited(operator, tmp_path, sold, ("ships_to: []", "ships_to: [DE]\n    batteries_to: []"))
    said = operator("apply", file, "--dry-run").out
    assert "lamp-shop, FI: no supplier sends 5 SKUs there (HL-COB-350, HL-KID-120, HL-MS-400, ...)" in said
    assert "lamp-shop, DE: no supplier sends 1 SKU there (HL-PRO-1200), by ships_to and batteries_to" in said
    file = edited(
        operator,
        tmp_path,
        ("needs_wholesale: false", "needs_wholesale: true"),
        (" wholesale: true", " wholesale: false"),
    )
    assert (
        "5 SKUs will go off sale: the store needs wholesale, and it is offered at retail only"
        in operator("apply", file).out
    )
    shop.wiring = shop.new_worker()
    shop.run()
    assert on_sale(shop) == set()


def test_what_has_no_stock_left_goes_off_sale_though_it_keeps_its_price(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    held = shop.wiring.storage.get(offer_key("HL-MS-400", "cj"), Offer)
    assert held is not None
    sold_out = held.model.model_copy(update={"stock": 0, "sellable": 0})
    shop.wiring.storage.commit([offer_put(sold_out, held.version, matters=False)])
    (off,) = operator("apply", edited(operator, tmp_path), "--dry-run", "--json").json["forecast"]["off_sale"]
    assert (off["code"], off["examples"][0]["sku"]) == ("OUT_OF_STOCK", "HL-MS-400")


def test_an_edit_while_it_is_applied_is_not_overwritten(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(edited(operator, tmp_path, OFF))

    def edit_and_agree(*_: object, **__: object) -> bool:
        file.write_text(file.read_text("utf-8") + "# mine\n", "utf-8")
        return True

    monkeypatch.setattr("local.cli.commands.configuration.on_terminal", lambda: True)
    monkeypatch.setattr("click.confirm", edit_and_agree)
    assert "is left so: apply the rest with --base 2" in operator("apply", str(file)).out
    assert file.read_text("utf-8").endswith("# mine\n")


def test_on_a_terminal_apply_asks_and_a_no_changes_nothing(
    operator: Operator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.cli.commands.configuration.on_terminal", lambda: True)
    file = edited(operator, tmp_path, OFF)
    said = operator("apply", file, stdin="n\n")
    assert (said.code, "4 SKUs will go off sale" in said.err, "nothing was changed" in said.err) == (1, True, True)
    assert operator("export", "--json").json["version"] == 1
    assert operator("apply", file, stdin="y\n").code == 0
    assert operator("apply", file, "--base", "2", "--yes", "--json").json["version"] == 2


def test_more_skus_than_are_looked_at_are_said_and_their_rules_believed(shop: Shop) -> None:
    rules: dict[str, Any] = {
        "prices": [{"name": "one", "skus": [*SKUS, "X"], "markup": "2.4"}],
        "sku_prices": {"X": {"msrp": "9 USD"}},
    }
    told = forecast(shop.wiring.storage, test_config(**rules), shop.clock.now(), most=2)
    unknown = ["rules.prices, 'one': there is no SKU 'X'", "rules.sku_prices: there is no SKU 'X'"]
    assert (told["looked_at"], told["all"], told["warnings"]) == (2, False, unknown)
    assert "only 2 SKUs were looked at; there are more" in in_words(told)
