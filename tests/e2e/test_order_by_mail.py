"""A line that the supplier refuses moves to a maker without an API, whose clerk answers in a real browser."""

from __future__ import annotations

import pytest

from local.chromium import program
from local.demo.desk import Desk
from local.demo.maker_scenes import own_warehouse
from local.demo.routing_scenes import MIXED, three_parcels, three_suppliers
from local.running.shop import LocalShop
from tests.e2e.outsider import Outsider

pytestmark = pytest.mark.xdist_group("local_shop")


@pytest.mark.skipif(program() is None, reason="no Chromium here; install one (apt-get install chromium)")
def test_the_makers_clerk_confirms_in_a_browser_and_the_buyer_gets_the_number(
    shop: LocalShop, outsider: Outsider
) -> None:
    desk = Desk(shop)
    own_warehouse(desk)
    three_suppliers(desk)
    assert "in headless Chromium" in three_parcels(desk)
    name = desk.kept[MIXED]

    def told() -> dict[str, str]:
        lines = outsider.state()["timelines"]["orders"]
        (line,) = [one for one in lines if (one["store"], one["order"]) == (desk.kind, name)]
        return {row["title"]: row["source"] for row in line["entries"]}

    shown = desk.until(
        "the parcel on the order's time line", lambda: (t := told()) and any("Parcel" in one for one in t) and t
    )
    wanted = {"Refused by cj": "supplier", "Order mailed to the maker": "mailbox", "Confirmed": "supplier"}
    assert wanted.items() <= shown.items()
    at_the_maker = [row for row in outsider.state()["maker"]["orders"] if row["order"] == name]
    assert {row["state"] for row in at_the_maker} == {"SHIPPED"}
    lines = [line for row in at_the_maker for line in row["lines"]]
    assert sorted((line["sku"], line["quantity"]) for line in lines) == [("HL-DUO-600", 1), ("HL-UL-300", 1)]
