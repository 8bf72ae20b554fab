"""`orderwright bills`: a supplier's bill from a file, and the person's word on it (R48)."""

from __future__ import annotations

from pathlib import Path

from orderwright.domain.bill import BillState
from tests.support.shop import Shop
from tests.unit.cli.cli_kit import Operator
from tests.unit.usecases.test_bills import HEAD, row

LAMP = "HL-MS-400"


def test_a_bill_that_differs_is_shown_with_both_amounts_and_accepted(
    shop: Shop, operator: Operator, tmp_path: Path
) -> None:
    name = shop.store.buy([(LAMP, 1)]).name
    shop.run()
    (po,) = (held.model for held in shop.order(name).purchase_orders.values())
    file = tmp_path / "bill.csv"
    file.write_text(HEAD + row(po, number="R-9", price="1.00"), "utf-8")
    added = operator("bills", "add", str(file), "--supplier", "cj", "--json")
    assert (added.code, [one["state"] for one in added.json]) == (0, [BillState.DIFFERS])
    status = operator("status")
    assert "1 bill to decide" in status.out
    assert "orderwright bills list --open" in status.out
    assert "R-9" in operator("bills", "list", "--open").out
    shown = operator("bills", "show", "r-9")
    assert all(text in shown.out for text in ("BILL_SUM", "BILL_PRICE", po.reference, name))
    assert operator("bills", "accept", "R-9", "--why", "the price of spring").code == 0
    assert "the price of spring" in operator("bills", "show", "R-9", "--supplier", "cj").out
    assert operator("bills", "list", "--open").out.strip() == "no bills"
    refused = operator("bills", "refuse", "R-9")
    assert (refused.code, "does not wait" in refused.err) == (1, True)


def test_what_cannot_be_done_with_a_bill_says_why(shop: Shop, operator: Operator, tmp_path: Path) -> None:
    assert "orderwright bills list" in operator("bills", "show", "R-9").err
    assert "No such file" in operator("bills", "add", str(tmp_path / "none.csv"), "--supplier", "cj").err
    file = tmp_path / "bill.pdf"
    file.write_bytes(b"%PDF-1.7")
    said = operator("bills", "add", str(file), "--supplier", "cj")
    assert (said.code, "send its lines as CSV" in said.err) == (1, True)
