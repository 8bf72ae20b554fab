"""orderwright feed problems."""

from __future__ import annotations

from pathlib import Path

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.feed_state import FeedProblem, FeedState
from orderwright.records import feed_key, sku_key
from orderwright.storage import Put
from orderwright.usecases.listing.records import SKU_STATE
from tests.support.shop import FEED, SUPPLIER
from tests.unit.cli.cli_kit import Operator


def test_feed_problems_lists_them_and_counts_those_that_are_not_kept(operator: Operator) -> None:
    wiring = operator.wiring
    (feed,) = wiring.config().feeds
    held = wiring.storage.get(feed_key(feed), FeedState)
    bad = FeedProblem(line=3, field="stock", why="is negative", sku="LAMP-1", since=wiring.clock.now())
    state = FeedState(connection=feed, bad_rows=4, problems=(bad,))
    wiring.storage.commit([Put(feed_key(feed), state, held.version if held else 0)])
    (told,) = operator("feed", "problems", FEED, "--json").json
    assert (told["feed"], told["bad_rows"], told["problems"][0]["why"]) == (FEED, 4, "is negative")
    assert "3 more, not listed" in operator("feed", "problems").out
    assert operator("feed", "problems", SUPPLIER).code == 1


def test_a_file_of_competitors_prices_is_checked_before_it_is_connected(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "prices.csv"
    file.write_text("Artikel;Preis;Laden\nHL-MS-400;24,50;Shop A\nHL-MS-400;0,01;Shop B\nX-1;9,95;Shop A\n", "utf-8")
    columns = [
        f"--set={one}" for one in ("sku_column=Artikel", "price_column=Preis", "seller_column=Laden", "currency=USD")
    ]
    record = SkuRecord(sku="HL-MS-400", title="Lamp")
    if operator.wiring.storage.get(sku_key(record.sku), SkuRecord) is None:
        operator.wiring.storage.commit([Put(sku_key(record.sku), record, 0, state=SKU_STATE)])
    said = operator("feed", "check", str(file), "--kind", "competitor_prices", "--json", *columns)
    told = said.json
    assert (said.code, told["rows"], told["bad_rows"], told["unmatched"]) == (0, 2, 1, 1)
    assert [(one["seller"], one["price"]["amount"], one["matched_by"]) for one in told["first"]] == [
        ("Shop A", "24.50", "sku")
    ]
    assert "is below 0.05" in told["problems"][0]["why"]
    page = operator("feed", "check", str(file), "--kind", "competitor_prices", *columns).out
    assert "1 rows are of 1 of your SKUs, 1 of none, 1 are refused" in page
    assert operator("feed", "check", str(file), "--kind", "competitor_prices").code == 1
    assert "is no kind of file" in operator("feed", "check", str(file), "--kind", "shopify").err
