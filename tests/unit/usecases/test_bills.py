"""R48: a supplier's bill against what was ordered; what differs waits for a person, and what counts is counted once."""

from __future__ import annotations

import itertools
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from orderwright.domain.bill import Bill, BillState
from orderwright.domain.money import Money
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.errors import Rejected
from orderwright.records import bill_key, budget_key, order_part_key, order_pk, reference_ref
from orderwright.storage import Put
from orderwright.usecases.bill_file import MOST_BYTES, Given, read_bills, typed_bill
from orderwright.usecases.bills import take_bill
from orderwright.usecases.operator.bills import bills_waiting, decide_bill, listed_bills
from orderwright.usecases.operator.desk import Desk, Refused
from tests.support.shop import START, STORE, SUPPLIER, Boundary, Killed
from tests.unit.usecases.order_shop import OrderShop, buy
from tests.unit.usecases.shop_fixture import OpenShop, open_shop, shop
from tests.unit.usecases.test_write_statement import write, written
from tests.unit.usecases.true_money_shop import finnish_config, taxed

__all__ = ["open_shop", "shop"]

LAMP, COB = "HL-MS-400", "HL-COB-350"
HEAD = "number,date,currency,reference,sku,units,price,freight,tax,total,charge: packing\n"


def row(po: PurchaseOrder, number: str = "R-1", at: int = 0, **other: Any) -> str:
    """A line of a bill, as ordered; `other` cells replace what was ordered."""
    line = po.lines[at]
    freight = po.freight if po.quoted_freight is None else po.quoted_freight
    cells = {
        "number": number, "date": "2026-11-22", "currency": "USD", "reference": po.reference, "sku": line.supplier_sku,
        "units": line.quantity, "price": line.unit_cost.exact, "freight": "" if at else freight.decimal, "tax": "",
        "total": po.expected_cost.decimal, "packing": "", **other,
    }  # fmt: skip
    return ",".join(f"{cell}" for cell in cells.values()) + "\n"


def take(shop: OrderShop, *rows: str, boundary: Boundary | None = None) -> Bill:
    """Read and take in a bill, as a worker of its own."""
    worker = shop.new_worker(boundary)
    (bill,) = read_bills((HEAD + "".join(rows)).encode(), SUPPLIER, shop.clock.now())
    return take_bill(worker.storage, worker.config(), bill, shop.clock.now(), "somebody")


def codes(bill: Bill) -> list[str]:
    """What differs."""
    return [one.code for one in bill.differences]


def bought(shop: OrderShop, *lines: tuple[str, int]) -> tuple[str, PurchaseOrder]:
    """An order that was placed."""
    name = buy(shop, *(lines or ((LAMP, 2),)))
    (po,) = shop.purchase_orders(name)
    return name, po


def decide(shop: OrderShop, bill: Bill, *, accepted: bool, boundary: Boundary | None = None) -> Bill:
    """The operator decides."""
    worker = shop.new_worker(boundary)
    desk = Desk(worker.storage, shop.clock, "mika", "agreed by phone")
    return decide_bill(desk, worker.config(), bill, accepted=accepted)


def change(shop: OrderShop, name: str, **fields: Any) -> None:
    """Have the purchase order stored otherwise."""
    storage, pk = shop.wiring.storage, order_pk(STORE, shop.record(name).order_id)
    ((sk, held),) = storage.load_order(pk).purchase_orders.items()
    after = held.model.model_copy(update=fields)
    storage.commit([Put(order_part_key(pk, sk), after, held.version, ref=reference_ref(after.reference))])


def spent(shop: OrderShop) -> int:
    """The day's counter, in cents."""
    held = shop.wiring.storage.get_raw(budget_key(SUPPLIER, START.date().isoformat()))
    assert held is not None
    return int(held[0]["spent"])


def test_a_bill_of_what_was_ordered_matches_and_is_what_the_supplier_is_owed(shop: OrderShop) -> None:
    name, po = bought(shop, (LAMP, 2), (COB, 1))
    before = spent(shop)
    bill = take(shop, row(po), row(po, at=1))
    assert (bill.state, bill.settled, codes(bill)) == (BillState.MATCHES, True, [])
    (after,) = shop.purchase_orders(name)
    assert after.payable == po.expected_cost == bill.total
    assert (spent(shop), bills_waiting(shop.wiring.storage)) == (before, 0)
    shop.run()
    assert not [alert for alert in shop.post.alerts if "BILL" in alert]
    now = shop.clock.now()
    assert [listed_bills(shop.wiring.storage, at) for at in (now, now + timedelta(days=91))] == [[bill], []]


@pytest.mark.parametrize(
    ("other", "code", "ours", "theirs"),
    [
        ({"price": "9.99"}, ["BILL_PRICE"], None, "9.99 USD"),
        ({"units": 3}, ["BILL_UNITS"], None, None),
        ({"freight": "0"}, ["BILL_FREIGHT"], None, "0.00 USD"),
        ({"tax": "1.20"}, ["BILL_TAX"], "0.00 USD", "1.20 USD"),
        ({"packing": "0.80"}, ["BILL_CHARGE"], None, "0.80 USD"),
        ({"sku": "NOBODY-1"}, ["BILL_LINE_NOT_ORDERED", "BILL_LINE_MISSING"], None, None),
        ({"currency": "EUR"}, ["BILL_CURRENCY"], None, None),
        ({"reference": "OW1"}, ["BILL_ORDER_UNKNOWN"], None, None),
        ({"reference": ""}, ["BILL_ORDER_UNKNOWN"], None, None),
    ],
)
def test_what_differs_is_named_with_both_amounts_and_told_once(
    shop: OrderShop, other: dict[str, Any], code: list[str], ours: str | None, theirs: str | None
) -> None:
    _, po = bought(shop)
    price, units = Decimal(str(other.get("price", po.lines[0].unit_cost.exact))), int(str(other.get("units", 2)))
    extra = sum(Decimal(str(other.get(name) or 0)) for name in ("tax", "packing"))
    freight = Decimal(str(other.get("freight", (po.quoted_freight or po.freight).decimal)))
    text = row(po, **{**other, "total": price * units + freight + extra})
    bill = take(shop, text)
    assert (bill.state, codes(bill)) == (BillState.DIFFERS, code)
    first = bill.differences[0]
    assert ours is None or str(first.ours) == ours
    assert theirs is None or str(first.theirs) == theirs
    assert all(one.fix and (one.ours or one.theirs) for one in bill.differences)
    assert take(shop, text) == bill, "the same paper again"
    shop.run()
    assert len([alert for alert in shop.post.alerts if "BILL_WAITS" in alert]) == 1


def test_a_total_that_is_not_the_sum_is_named_and_accepting_takes_the_total(shop: OrderShop) -> None:
    name, po = bought(shop)
    bill = take(shop, row(po, total=po.expected_cost.decimal + 1))
    assert codes(bill) == ["BILL_SUM"]
    assert decide(shop, bill, accepted=True).state is BillState.ACCEPTED
    assert shop.purchase_orders(name)[0].payable == po.expected_cost + Money.parse("1", "USD")


def test_one_line_twice_is_seen(shop: OrderShop) -> None:
    _, po = bought(shop)
    bill = take(shop, row(po), row(po, freight=""))
    assert codes(bill) == ["BILL_SUM", "BILL_LINE_TWICE", "BILL_UNITS"]


def test_a_number_twice_is_refused_and_a_second_bill_of_an_order_waits(shop: OrderShop) -> None:
    name, po = bought(shop)
    take(shop, row(po))
    with pytest.raises(Rejected, match="number of its own") as refused:
        take(shop, row(po, number="r-1 ", price="1", total="1"))
    assert refused.value.code == "BILL_NUMBER_TWICE"
    second = take(shop, row(po, number="R-2"))
    assert codes(second) == ["BILL_ORDER_TWICE"]
    assert decide(shop, second, accepted=False).state is BillState.REFUSED
    assert shop.purchase_orders(name)[0].payable == po.expected_cost
    with pytest.raises(Refused, match="does not wait"):
        decide(shop, second, accepted=True)
    assert take(shop, row(po, number="R-2", price="1", total="1")).state is BillState.DIFFERS, (
        "a corrected one may come"
    )


def test_a_corrected_bill_does_not_count_beside_the_one_that_came_in_between(shop: OrderShop) -> None:
    name, po = bought(shop)
    decide(shop, take(shop, row(po, price="1", total="1")), accepted=False)
    take(shop, row(po, number="R-2"))
    assert codes(take(shop, row(po))) == ["BILL_ORDER_TWICE"]
    assert shop.purchase_orders(name)[0].payable == po.expected_cost


def test_a_bill_of_an_order_that_is_not_placed_waits(shop: OrderShop) -> None:
    name, po = bought(shop)
    change(shop, name, placed_at=None, state=PurchaseOrderState.PARKED)
    assert codes(take(shop, row(po))) == ["BILL_NOT_PLACED"]


def test_a_bill_of_a_withdrawn_order_waits(shop: OrderShop) -> None:
    name, po = bought(shop)
    change(shop, name, placed_at=None, state=PurchaseOrderState.CANCELLED)
    bill = take(shop, row(po))
    assert codes(bill) == ["BILL_ORDER_WITHDRAWN"]


def test_an_accepted_bill_moves_spend_and_margin_by_what_is_more(open_shop: OpenShop) -> None:
    shop = open_shop(finnish_config())
    taxed(shop, LAMP)
    name, po = bought(shop, (LAMP, 1))
    margin, before = shop.record(name).margin, spent(shop)
    bill = take(shop, row(po, packing="0.80", total=po.expected_cost.decimal + Decimal("0.80")))
    assert (shop.record(name).margin, spent(shop)) == (margin, before), "nothing counts before it is accepted"
    decide(shop, bill, accepted=True)
    assert margin is not None
    assert (shop.record(name).margin, spent(shop)) == (margin - Money.parse("0.80", "USD"), before + 80)
    decide(shop, bill, accepted=True)
    assert (shop.record(name).margin, spent(shop)) == (margin - Money.parse("0.80", "USD"), before + 80), "once"


def test_a_bill_over_two_orders_gives_each_its_part_and_shares_what_is_of_none(shop: OrderShop) -> None:
    (first, one), (second, two) = bought(shop, (LAMP, 1)), bought(shop, (LAMP, 3))
    whole = one.expected_cost + two.expected_cost + Money.parse("1.01", "USD")
    rows = [row(po, total=whole.decimal) for po in (one, two)]
    bare = row(one, reference="", sku="", units="", price="", freight="", packing="1.01", total="")
    bill = take(shop, *rows, bare)
    assert codes(bill) == ["BILL_CHARGE"]
    decide(shop, bill, accepted=True)
    owed = [shop.purchase_orders(name)[0].payable for name in (first, second)]
    assert sum(money.minor for money in owed if money) == whole.minor
    assert all(money and money > po.expected_cost for money, po in zip(owed, (one, two), strict=True))


def test_the_statement_of_the_day_has_the_bill_and_what_differs(shop: OrderShop) -> None:
    _, po = bought(shop)
    bill = take(shop, row(po, tax="1.00", total=po.expected_cost.decimal + 1))
    write(shop)
    assert [one.code for one in written(shop).differences] == ["BILL_TAX"]
    assert [str(one.money) for one in written(shop).totals if one.what == "billed"] == [str(bill.total)]
    decide(shop, bill, accepted=False)
    write(shop)
    assert written(shop).differences == ()


@pytest.mark.parametrize("decision", [False, True])
def test_a_worker_killed_after_any_call_leaves_a_bill_that_is_finished_and_counted_once(
    open_shop: OpenShop, decision: bool
) -> None:
    shop = open_shop()
    for number in itertools.count(1):
        shop = open_shop() if number % 10 == 0 else shop
        name, po = bought(shop, (LAMP, 1))
        before, text = spent(shop), row(po, number=f"R-{number}", packing="0.50" if decision else "",
                                        total=po.expected_cost.decimal + (Decimal("0.50") if decision else 0))  # fmt: skip
        boundary = Boundary(kill_at=(number, "after"))
        if decision:
            bill = take(shop, text)
            with suppress(Killed):
                decide(shop, bill, accepted=True, boundary=boundary)
        else:
            with suppress(Killed):
                take(shop, text, boundary=boundary)
        died = boundary.dead
        shop.new_worker()
        shop.sweep()
        shop.run()
        held = shop.wiring.storage.get(bill_key(SUPPLIER, f"R-{number}"), Bill)
        if held is None or held.model.open:  # killed before anything was written: the person sends it again
            (bill,) = [take(shop, text)] if not decision else [decide(shop, held.model, accepted=True)]  # type: ignore[union-attr]
        final = shop.wiring.storage.get(bill_key(SUPPLIER, f"R-{number}"), Bill)
        assert final is not None
        assert final.model.settled
        assert shop.purchase_orders(name)[0].payable == final.model.total
        assert spent(shop) - before == (50 if decision else 0), boundary.calls
        if not died:
            assert number > 5
            return


# --- the file -----------------------------------------------------------------------------------------------------------------


def read(text: str | bytes, **given: str) -> Bill:
    """The one bill in a file."""
    data = text if isinstance(text, bytes) else text.encode()
    (bill,) = read_bills(data, "maker", START, Given(**given))
    return bill


@pytest.mark.parametrize(
    "text",
    [
        "Invoice number;Date;Currency;PO;Article;Qty;Unit price;Total\nR1;30.11.2026;EUR;ow1;A-1;2;1.234,50;2.469,00\n",
        'sep=,\nbill,date,currency,order,sku,quantity,price,total\nR1,2026-11-30,EUR,OW1,A-1,2.0,"1,234.50","2,469.00"\n',
        "number\tdate\tcurrency\treference\titem\tunits\tprice\ttotal\r\nR1\t2026-11-30\teur\tOW1\tA-1\t2\t1234.5\t\r\n"
        "\t\t\t\t\t\t\t2469.00\r\n".replace("\n\t", "\nR1\t"),
    ],
)  # fmt: skip
def test_separator_sign_and_headings_are_found_in_the_file(text: str) -> None:
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        bill = read(text.encode(encoding))
        assert (bill.number, bill.dated.isoformat(), str(bill.total), bill.references) == (
            "R1", "2026-11-30", "2469.00 EUR", ("OW1",),
        )  # fmt: skip
        assert [(line.sku, line.units, str(line.unit_price)) for line in bill.lines] == [("A-1", 2, "1234.50 EUR")]


def test_what_the_file_does_not_say_is_given() -> None:
    bill = read(
        "reference,sku,units,price\nOW1,A-1,2,1.50\n", number="R1", date="2026-11-30", currency="EUR", total="3.00"
    )
    assert (bill.number, str(bill.total)) == ("R1", "3.00 EUR")
    typed = typed_bill("maker", "OW1", START, Given("R1", "2026-11-30", "EUR", "3,00"))
    assert (typed.references, str(typed.total), typed.lines) == (("OW1",), "3.00 EUR", ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"%PDF-1.7", "it is a PDF"),
        (b"PK\x03\x04", "workbook"),
        (b"\0\1\2", "no text"),
        ("", "no rows|no headings"),
        ("a,b\n1,2\n", "no headings"),
        ("sku,units,price\nA,1,2.50\n", "no number"),
        ("number,sku,units,price\nR,A,0,2.50\n", "no currency"),
        (
            "number,currency,total,date,sku,units,price\nR,EUR,1.00,2026-11-30,A,0,2.50\n",
            "row 2, units: is not a whole number",
        ),
        ("number,currency,total,date,sku,units,price\nR,EUR,1.00,2026-11-30,A,1,-2.50\n", "row 2, price: is negative"),
        ("number,currency,total,date,sku,units,price\nR,EUR,1.00,30/11/26,A,1,2.50\n", "date: is not a date"),
        (
            "number,currency,total,date,sku,units,price\nR,EUR,1.00,2026-11-30,A,1,1.2345678\n",
            "price: .*more than 6 digits",
        ),
        ("number;currency;total;date;sku;units;price\nR;EUR;1.00;2026-11-30;A;1;2,50\n", "others a comma"),
        ("number;currency;total;date;sku;units;price\nR;EUR;1.250;2026-11-30;A;1;1.250\n", "decimal sign"),
        ("number,currency,total,date,total\nR,EUR,1.00,2026-11-30,2.00\n", "two columns for total"),
        ("number,currency,total,date\nR,EUR,1.00,2026-11-30\nR,USD,1.00,2026-11-30\n", "different values"),
        ('number,currency,total,date\nR,EUR,1.00,"2026\n', "quotes"),
        ("number,currency,total,date\nR,EUR," + "1" * 20 + ".00,2026-11-30\n", "too many digits"),
        ("number,currency,total,date\n" + "\n" * 20_001, "rows: split it"),
        ("," * 1000, "100 columns"),
        ("number,currency,total,date,reference\n" + "R,EUR,2.00,2026-11-30,A\nR,,,,B\n", "neither an article"),
        (
            "number,currency,total,date,sku,units,price\n" + f"R,EUR,1.00,2026-11-30,{'ж' * 120},1,1.00\n" * 1400,
            "very long lines",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_row_and_column(text: str | bytes, why: str) -> None:
    with pytest.raises(Rejected, match=why) as refused:
        read(text)
    assert refused.value.code == "BILL_UNREADABLE"


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Rejected) as refused:
        read(b"x" * (MOST_BYTES + 1))
    assert refused.value.code == "BILL_TOO_LARGE"
