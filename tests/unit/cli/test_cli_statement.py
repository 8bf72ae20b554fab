"""`orderwright statement`: what was written, read anew, and as files for bookkeeping (R48)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from local.cli.statement_files import HEADERS, cell
from local.sandbox.kit.money import TaxRule
from orderwright.domain.money import Money
from orderwright.messages import Message
from orderwright.records import statement_key
from tests.support.shop import START, Shop
from tests.unit.cli.cli_kit import Operator, operator_of

DAY = START.date().isoformat()
LAMP = "HL-MS-400"


@pytest.fixture
def taxed() -> Iterator[Shop]:
    """A shop that sells to Finland with 25.5 % in its prices."""
    made = Shop()
    made.store.config.taxes["FI"] = TaxRule(Decimal("25.5"))
    made.connect()
    made.stock_up()
    yield made
    made.close()


def rows(folder: Path, kind: str) -> list[dict[str, str]]:
    """A file by its header."""
    with (folder / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_hold_what_the_shop_and_the_supplier_took_to_the_cent(taxed: Shop, tmp_path: Path) -> None:
    name = taxed.store.buy([(LAMP, 1)]).name
    taxed.run()
    taxed.store.refund_money(name, Decimal("5.00"), Decimal("1.02"))
    taxed.run()
    taxed.clock.advance(86_400)
    operator = operator_of(taxed)
    said = operator("statement", DAY, "--csv", str(tmp_path / "out"), "--json")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(f"{kind}.csv" for kind in HEADERS)
    (order,) = rows(tmp_path / "out", "orders")
    assert (order["day"], order["order"], order["country"], order["currency"]) == (DAY, name, "FI", "USD")
    charged, tax = Decimal(order["charged"]), Decimal(order["tax"])
    assert tax == (charged * Decimal("0.255") / Decimal("1.255")).quantize(Decimal("0.01"))
    (refund,) = rows(tmp_path / "out", "refunds")
    assert (refund["amount"], refund["tax"], refund["order"]) == ("5.00", "1.02", name)
    (bought,) = rows(tmp_path / "out", "purchases")
    paid = sum(Decimal(str(entry.data["amount"])) for entry in taxed.paid_orders())
    assert Decimal(bought["paid"]) == Decimal(bought["billed_now"]) == paid
    (by_country,) = rows(tmp_path / "out", "tax")
    assert (by_country["country"], by_country["remitted_by"], Decimal(by_country["tax_on_sales"])) == (
        "FI", "merchant", tax,
    )  # fmt: skip
    assert rows(tmp_path / "out", "differences") == []
    assert (said.code, said.json["agrees"], len(said.json["files"])) == (0, True, 7)


def test_it_shows_what_was_written_and_reads_anew_when_asked_to(shop: Shop, operator: Operator) -> None:
    name = shop.store.buy([(LAMP, 1)]).name
    shop.run()
    shop.clock.advance(86_400)
    shop.wiring.write_statement(Message("statement.due", "m", "now", pk=statement_key(START.date()).pk))
    assert operator("statement", DAY).code == 0
    shop.supplier.orders[0].surcharge = Decimal("1.40")
    assert operator("statement", DAY).code == 0, "as it was written"
    fresh = operator("statement", DAY, "--fresh")
    assert (fresh.code, "BILL_DIFFERS" in fresh.out, name in fresh.out) == (1, True, True)
    again = operator("statement", DAY, "--json")
    assert (again.code, again.json["codes"]) == (1, ["BILL_DIFFERS"])
    (difference,) = again.json["differences"]
    assert Decimal(difference["theirs"]["amount"]) - Decimal(difference["ours"]["amount"]) == Decimal("1.40")
    shop.run()
    assert difference["fix"]


def test_the_day_of_today_is_shown_so_far_and_not_kept(shop: Shop, operator: Operator) -> None:
    assert "the day is not over" in operator("statement", DAY).out
    assert shop.wiring.storage.get_raw(statement_key(START.date())) is None


@pytest.mark.parametrize("day", ["yesterday", "2099-01-01"])
def test_a_day_that_is_none_or_has_not_begun_is_refused(operator: Operator, day: str) -> None:
    said = operator("statement", day, "--json")
    assert (said.code, said.json["error"]["code"]) == (1, "WRONG_DAY")


def test_no_spreadsheet_takes_a_text_for_a_formula_and_amounts_stay_numbers() -> None:
    assert [cell(text) for text in ("=1+1", "+1", "-1", "@x", "#1001", "")] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "#1001",
        "",
    ]
    assert [cell(Money.parse(text, "JPY")) for text in ("-120", "80")] == ["-120", "80"]
    assert cell(Money.parse("-0.05", "EUR")) == "-0.05"
    assert cell(None) == ""
