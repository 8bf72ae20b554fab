"""What needs the operator, as `status`, `connections` and `orders` say it: judged by a shop in which four things are wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.sandbox.kit.people import Address
from orderwright.domain.base import iso
from orderwright.errors import Misconfigured, Retryable, VendorError
from orderwright.messages import parse
from orderwright.usecases.health import note_failure, note_success
from orderwright.usecases.operator.views.connections import Condition, in_a_word
from tests.support.shop import CARRIER, FEED, STORE, SUPPLIER, Shop
from tests.unit.cli.cli_kit import Operator
from tests.unit.cli.test_cli_approvals import slip


def refuse_key(shop: Shop, connection: str) -> None:
    """The key that is kept does not work any more, and its token has ended."""
    secrets = shop.wiring.secrets
    secrets.write(connection, "secrets", {**(secrets.read(connection, "secrets") or {}), "api_key": "revoked"})
    secrets.write(connection, "token", {"value": "", "expires_at": "2026-11-22T00:00:00Z", "extra": {}})


def rows(operator: Operator) -> dict[str, Any]:
    """What `connections` says, by name."""
    return {row["connection"]: row for row in operator("connections", "--json").json}


def keep_one_rule(shop: Shop, operator: Operator, file: Path) -> None:
    """Only HL-PRO-1200 has a price rule left."""
    document = yaml.safe_load(operator("export").out)
    document["rules"]["prices"] = [rule for rule in document["rules"]["prices"] if rule["name"] == "pro"]
    file.write_text(yaml.safe_dump(document), "utf-8")
    assert operator("apply", str(file), "--base", "1").code == 0
    shop.clock.advance(600)  # until the workers read the new version, and CJ lets us log in again
    shop.run()


@pytest.fixture
def troubled(shop: Shop, operator: Operator, tmp_path: Path) -> list[str]:
    """Two orders need attention, a price waits, four SKUs are off sale, the supplier refuses the key; names of all orders."""
    orders = [shop.store.buy([("HL-MS-400", 1)], address=Address(zip=None)).name for _ in range(2)]
    shop.run()
    keep_one_rule(shop, operator, tmp_path / "orderwright.yaml")
    slip(shop, "HL-PRO-1200")
    refuse_key(shop, SUPPLIER)
    orders.append(shop.store.buy([("HL-PRO-1200", 1)]).name)
    shop.run()
    return orders


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("cj answered 401: the API key is refused", "the API key is refused"),
        ("half of all prices changed by more than 30 percent: set max_change_percent (30) higher if this is right",
         "half of all prices changed by more than 30 percent"),
        ("4 of 7 rows are refused: correct the file, or its settings", "4 of 7 rows are refused"),
    ],
)  # fmt: skip
def test_the_line_of_what_needs_the_operator_says_the_cause_and_not_what_to_do(why: str, said: str) -> None:
    at = datetime(2026, 11, 22, 8, 11, tzinfo=UTC)
    assert in_a_word(Condition("cj", "failing", at, why=why), at.date()) == f"cj failing since 08:11 UTC ({said})"


@pytest.mark.usefixtures("troubled")
def test_status_begins_with_what_needs_the_operator_and_check_ends_with_3(operator: Operator) -> None:
    said = operator("status", "--check")
    assert said.code == 3
    first = said.out.split("\n  ")[0].replace("\n", " ")
    assert first == (
        "needs you: 2 orders, 1 price; 4 SKUs off sale; cj failing since 08:11 UTC (the API key is refused): "
        "orderwright connect cj"
    )
    assert "4 SKUs off sale (NO_PRICE_RULE 4); orderwright catalogue list --off-sale" in said.out
    data = operator("status", "--json").json
    assert {need["kind"]: (need["count"], need["fix"]) for need in data["needs_you"]} == {
        "orders": (2, "orderwright orders list --attention"),
        "prices": (1, "orderwright approvals list"),
        "skus_off_sale": (4, "orderwright catalogue list --off-sale"),
        "connections": (1, "orderwright connect cj"),
    }
    listed = operator("catalogue", "list", "--off-sale", "--json").json
    assert sorted(sku["sku"] for sku in listed) == ["HL-COB-350", "HL-KID-120", "HL-MS-400", "HL-UL-300"]


def test_a_shop_in_which_all_is_well_needs_nobody(shop: Shop, operator: Operator) -> None:
    shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    said = operator("status", "--check")
    assert (said.code, said.out.splitlines()[0]) == (0, "nothing needs you")
    assert operator("status", "--json").json["needs_you"] == []
    assert {row["state"] for row in operator("connections", "--json").json} == {"open"}


def test_connections_say_failing_since_when_why_and_the_fix_until_it_works(
    shop: Shop, operator: Operator, troubled: list[str]
) -> None:
    row = rows(operator)[SUPPLIER]
    since = "2026-11-22T08:11:00.000000Z"
    assert (row["state"], row["failing_since"], row["fix"]) == ("failing", since, "orderwright connect cj")
    assert "cj: failing since 2026-11-22 08:11 UTC: CJ_1600005: " in " ".join(operator("connections").out.split())
    shop.wiring.secrets.write(SUPPLIER, "secrets", {"api_key": shop.supplier.config.api_key})
    shop.pass_time(1800)
    assert len(shop.paid_orders(troubled[2])) == 1
    assert rows(operator)[SUPPLIER]["state"] == "open"


def test_why_an_order_waits_is_said_whichever_part_of_it_waits(
    shop: Shop, operator: Operator, troubled: list[str]
) -> None:
    refused = {row["name"]: row["reasons"] for row in operator("orders", "list", "--json").json}
    assert refused[troubled[0]] == ["POSTCODE_MISSING"]
    assert refused[troubled[2]][0].startswith("CJ_")
    shop.pass_time(60)
    (wait,) = operator("orders", "show", troubled[2], "--json").json["waits"]
    assert (wait["part"], wait["code"]) == ("PO#cj#1", "TOKEN_AWAITED")
    assert "TOKEN_AWAITED" in operator("orders", "list").out
    assert "waits: TOKEN_AWAITED" in operator("orders", "show", troubled[2]).out


def test_a_kill_switch_is_named_where_it_holds_an_order_and_not_after_it(shop: Shop, operator: Operator) -> None:
    operator("kill", "on")
    order = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    assert operator("orders", "list", "--json").json[0]["reasons"] == ["KILL_SWITCH"]
    assert "waits: KILL_SWITCH" in operator("orders", "show", order.name).out
    assert [need["fix"] for need in operator("status", "--json").json["needs_you"]] == ["orderwright kill off"]
    operator("kill", "off")
    shop.pass_time(600)
    assert operator("orders", "list", "--json").json[0]["reasons"] == []
    assert shop.wiring.storage.in_state("orders", "PO#WAITS", 10) == []


def test_a_late_parcel_is_named_until_all_units_are_on_their_way(shop: Shop, operator: Operator) -> None:
    order = shop.store.buy([("HL-MS-400", 2)])
    shop.run()
    (paid,) = shop.paid_orders(order.name)
    for reasons, ship in ((["NO_TRACKING"], True), (["NO_TRACKING"], True), ([], False)):
        shop.pass_time(8 * 86400, step=6 * 3600)
        assert operator("orders", "list", "--json").json[0]["reasons"] == reasons
        if ship:
            shop.supplier.ship(paid.reference, {"HL-MS-400": 1})
            shop.run()
    told = {parse(body).id for _, body, _ in shop.failed if '"topic":"NO_TRACKING"' in body}
    assert len(told) == 1


@pytest.mark.parametrize(
    ("error", "times", "fix"),
    [
        (Retryable("no connection"), 2, ""),
        (Retryable("no connection"), 3, f"orderwright connect {STORE} --test"),
        (Retryable("away", code="TOKEN_AWAITED"), 4, ""),
        (Misconfigured("the key is refused", code="ODD"), 1, f"orderwright connect {STORE}"),
    ],
)
def test_a_connection_fails_when_it_is_refused_or_has_failed_again_and_again(
    shop: Shop, operator: Operator, error: VendorError, times: int, fix: str
) -> None:
    storage, began = shop.wiring.storage, shop.clock.now()
    for _ in range(times):
        for _ in range(2):  # several calls that fail in one go are one failure
            note_failure(storage, STORE, "test", error, shop.clock.now())
        shop.clock.advance(90)
    row = rows(operator)[STORE]
    assert (row["state"], row["failing_since"], row["fix"]) == (
        ("failing", iso(began), fix) if fix else ("open", None, "")
    )
    note_success(storage, STORE, "test", shop.clock.now())
    assert rows(operator)[STORE]["state"] == "open"


@pytest.mark.parametrize("connection", [CARRIER, SUPPLIER])
def test_a_key_that_is_refused_while_parcels_are_read_is_told_once_and_ends_when_it_answers(
    shop: Shop, operator: Operator, connection: str
) -> None:
    orders = [shop.store.buy([("HL-MS-400", 1)]) for _ in range(2)]
    shop.run()
    shop.clock.advance(600)
    good = shop.wiring.secrets.read(connection, "secrets")
    refuse_key(shop, connection)
    for order in orders:
        (paid,) = shop.paid_orders(order.name)
        shop.supplier.ship(paid.reference)
    shop.run()
    assert {name: row["fix"] for name, row in rows(operator).items() if row["state"] == "failing"} == {
        connection: f"orderwright connect {connection}"
    }
    told = {parse(body).id for _, body, _ in shop.failed if "CONNECTION_FAILS" in body}
    assert len(told) == 1
    shop.wiring.secrets.write(connection, "secrets", good or {})
    shop.pass_time(2 * 86400, step=3600)
    assert rows(operator)[connection]["state"] == "open"


def test_a_feed_that_refuses_its_password_is_named(shop: Shop, operator: Operator) -> None:
    shop.wiring.secrets.write(FEED, "secrets", {"username": "shop", "password": "wrong"})
    shop.wiring.dispatch_schedules("poll_stock")
    shop.run()
    row = rows(operator)[FEED]
    assert (row["state"], row["code"], row["fix"]) == ("failing", "HTTP_401", "orderwright connect feed")
    assert "feed failing since 08:00 UTC" in " ".join(operator("status").out.split())


def test_what_days_brought_in_is_summed_from_what_is_held(shop: Shop, operator: Operator) -> None:
    first = shop.store.buy([("HL-MS-400", 1)])
    shop.run()
    shop.pass_time(86400, step=3600)
    shop.store.buy([("HL-MS-400", 2)])
    shop.store.buy([("HL-UL-300", 1)], pay="pending")
    shop.store.buy([("HL-UL-300", 1)], test=True)
    gone = shop.store.buy([("HL-KID-120", 1)], pay="pending")
    shop.run()
    shop.store.cancel(gone.name)
    shop.run()
    today = operator("status", "--json").json["days"]["today"]
    assert (today["orders"], today["bought"], today["unpaid"], today["complete"]) == (3, 1, 1, True)
    assert today["revenue"] == today["net"] == [{"amount": "45.98", "currency": "USD"}]
    paid = [entry for entry in shop.paid_orders() if entry.reference not in shop.references(first.name)]
    assert len(paid) == 1
    spent = operator("status", "--json").json["spent_today"][SUPPLIER]
    assert today["spent"] == [{"supplier": SUPPLIER, **spent}]
    assert float(today["margin"][0]["amount"]) == pytest.approx(45.98 - float(spent["amount"]))
    assert "1 not paid yet; margin of 2 not bought" in operator("status").out
    days = operator("status", "--days", "--json").json["days"]
    assert (days["yesterday"]["revenue"][0]["amount"], days["last_7_days"]["revenue"][0]["amount"]) == (
        "22.99",
        "68.97",
    )
    assert (days["last_7_days"]["orders"], days["last_7_days"]["from"]) == (4, "2026-11-17")
    assert "last 7 days" in operator("status", "--days").out
