"""The demo's verdict sees what is wrong: doubled, lost, repeated, broken contracts; and `make demo` then fails."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import pytest

import local.demo.__main__ as demo
from local.demo.desk import Desk
from local.demo.judge import FAMILY, judge
from local.sandbox.factory import Mailed
from local.sandbox.kit.orders import Line, Refund, RefundLine
from local.sandbox.shopify import TaxRule
from local.sandbox.shopify.orders_state import OrderState
from local.sandbox.ui.mailbox import Message
from local.sandbox.wire import LedgerEntry

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LAMP = "HL-COB-350"


class FakeDesk:
    """Ledgers and states as a test writes them; every order is over one lamp at 16.99 unless it says otherwise."""

    def __init__(self) -> None:
        self.entries: list[LedgerEntry] = []
        self.orders: dict[str, Any] = {}
        self.states: dict[str, tuple[str, list[str]]] = {}
        self.letters: list[Message] = []
        self.at_the_maker: list[Mailed] = []
        self.sandbox = self.store = self
        self.kind = "shopify"
        self.vendors = ("shopify", "cj", "easypost")

    def locked(self) -> AbstractContextManager[None]:
        return nullcontext()

    def order(self, name: str) -> Any:
        return self.orders[name]

    def everywhere(self) -> list[FakeDesk]:
        return [self]

    def key(self, name: str) -> str:
        return name

    def mailed(self, name: str) -> list[Mailed]:
        return [one for one in self.at_the_maker if one.link == name]

    def write(self, vendor: str, kind: str, reference: str, **data: Any) -> None:
        self.entries.append(LedgerEntry(NOW, vendor, kind, reference, data))

    def sell(
        self, name: str, quantity: int = 1, *, cancelled: bool = False, tax: TaxRule | None = None, sku: str = LAMP
    ) -> None:
        """The store was paid."""
        line = Line(1, "COB", Decimal("16.99"), quantity, sku=sku)
        self.orders[name] = OrderState(
            1, "#1001", NOW, NOW, None, None, lines=[line], tax=tax, cancelled_at=NOW if cancelled else None,
        )  # fmt: skip
        self.write("shopify", "order_paid", name)

    def buy(self, name: str, quantity: int = 1, suffix: str = "1") -> None:
        """The supplier was paid."""
        reference = f"OW-{name.lstrip('#')}-{suffix}"
        self.write("cj", "order_paid", reference, quantities={LAMP: quantity}, amount=Decimal("7.00") * quantity)

    def tell(self, name: str, subject: str) -> None:
        """The customer got a mail."""
        number = len(self.letters)
        self.letters.append(Message(f"m{number}", "mail", "aino@example.com", "", f"{name} {subject}", "", "", NOW))

    def ledger(self, vendor: str, kind: str, about: str = "") -> list[LedgerEntry]:
        return [e for e in self.entries if (e.vendor, e.kind) == (vendor, kind) and about in e.reference]

    def paid_at_supplier(self, name: str) -> list[LedgerEntry]:
        return self.ledger("cj", "order_paid", f"OW-{name.lstrip('#')}-")

    def state(self, name: str) -> tuple[str, list[str]]:
        return self.states.get(name, ("", []))

    def mails(self, name: str = "") -> list[Message]:
        return [letter for letter in self.letters if name in letter.subject]

    def as_desk(self) -> Desk:
        return cast(Desk, self)


@pytest.fixture
def desk() -> FakeDesk:
    """Two orders, each bought once and told once."""
    made = FakeDesk()
    for name in ("#1001", "#1002"):
        made.sell(name)
        made.buy(name)
        made.tell(name, "is confirmed")
    return made


def test_orders_that_were_bought_once_are_clean(desk: FakeDesk) -> None:
    verdict = judge(desk.as_desk())
    assert verdict.clean
    assert (verdict.orders, verdict.ordered, verdict.purchase_orders, verdict.mails) == (2, 2, 2, 2)
    assert verdict.margin == Decimal("19.98")


def test_the_margin_is_without_the_tax_in_the_price_and_without_what_was_given_back(desk: FakeDesk) -> None:
    desk.sell("#1003", tax=TaxRule(Decimal("25.5")))
    desk.buy("#1003")
    assert judge(desk.as_desk()).margin == Decimal("19.98") + Decimal("16.99") - Decimal("3.45") - Decimal("7.00")
    desk.orders["#1001"].refunds.append(Refund(1, NOW, Decimal("5.00")))
    assert judge(desk.as_desk()).margin == Decimal("21.52")
    (line,) = desk.orders["#1002"].lines
    desk.orders["#1002"].refunds.append(Refund(2, NOW, Decimal("16.99"), lines=[RefundLine(1, line, 1, "RETURN")]))
    line.refunded = 1
    verdict = judge(desk.as_desk())
    assert verdict.margin == Decimal("4.53")
    assert "net of tax and refunds" in verdict.sentence()


def test_an_order_bought_twice_under_two_references_is_doubled(desk: FakeDesk) -> None:
    desk.buy("#1001", suffix="2")
    verdict = judge(desk.as_desk())
    assert verdict.doubled == 1
    assert not verdict.clean


def test_an_order_at_the_maker_is_what_it_was_mailed_and_not_told_to_leave(desk: FakeDesk) -> None:
    desk.sell("#1003", sku="HL-UL-300")
    order = Mailed("ORDER", "OW-M-1", "#1003", "123-456", "m-1", {"F-300": 1})
    desk.at_the_maker = [order, replace(order, kind="COPY")]
    verdict = judge(desk.as_desk())
    assert (verdict.clean, verdict.ordered) == (True, 3)
    assert verdict.margin == Decimal("19.98") + Decimal("16.99") - Decimal("10.30")
    desk.at_the_maker = [order, order]
    assert judge(desk.as_desk()).doubled >= 1
    desk.at_the_maker = [order, replace(order, kind="WITHDRAWN")]
    assert judge(desk.as_desk()).lost == ["#1003"]


def test_a_set_is_ordered_when_all_that_is_in_it_is_and_nothing_twice(desk: FakeDesk) -> None:
    desk.sell("#1003", sku=FAMILY)
    desk.write("cj", "order_paid", "OW-1003-1", quantities={"HL-KID-120": 2}, amount=Decimal("11.40"))
    assert judge(desk.as_desk()).lost == ["#1003"]
    rest = Mailed("ORDER", "OW-M-1", "#1003", "123-456", "m-1", {"F-600": 1})
    desk.at_the_maker = [rest]
    verdict = judge(desk.as_desk())
    assert (verdict.clean, verdict.ordered) == (True, 3)
    desk.at_the_maker = [rest, replace(rest, reference="OW-M-2")]
    assert judge(desk.as_desk()).doubled == 1


def test_one_reference_paid_twice_is_doubled(desk: FakeDesk) -> None:
    desk.buy("#1001")
    assert judge(desk.as_desk()).doubled >= 1


def test_more_units_than_were_sold_are_doubled(desk: FakeDesk) -> None:
    desk.sell("#1003")
    desk.buy("#1003", quantity=2)
    assert judge(desk.as_desk()).doubled == 1


def test_a_paid_order_that_nobody_bought_and_nothing_holds_is_lost(desk: FakeDesk) -> None:
    desk.sell("#1003")
    desk.states["#1003"] = ("PLACING", [])
    verdict = judge(desk.as_desk())
    assert verdict.lost == ["#1003"]
    assert not verdict.clean


def test_an_order_of_which_a_part_was_bought_is_lost(desk: FakeDesk) -> None:
    desk.sell("#1003", quantity=2)
    desk.buy("#1003", quantity=1)
    assert judge(desk.as_desk()).lost == ["#1003"]


def test_a_parked_order_is_told_with_its_reason_and_is_not_lost(desk: FakeDesk) -> None:
    desk.sell("#1003")
    desk.states["#1003"] = ("NEEDS_ATTENTION", ["OUT_OF_STOCK"])
    verdict = judge(desk.as_desk())
    assert verdict.clean
    assert verdict.parked == {"#1003": "OUT_OF_STOCK"}


def test_a_parked_order_without_a_reason_is_lost(desk: FakeDesk) -> None:
    desk.sell("#1003")
    desk.states["#1003"] = ("NEEDS_ATTENTION", [])
    assert judge(desk.as_desk()).lost == ["#1003"]


def test_a_cancelled_order_counts_only_when_nothing_was_bought(desk: FakeDesk) -> None:
    desk.sell("#1003", cancelled=True)
    desk.states["#1003"] = ("CANCELLED", [])
    assert judge(desk.as_desk()).cancelled == ["#1003"]


def test_the_same_mail_twice_is_seen(desk: FakeDesk) -> None:
    desk.tell("#1001", "is confirmed")
    verdict = judge(desk.as_desk())
    assert verdict.repeated_messages == ["#1001 is confirmed"]
    assert not verdict.clean


@pytest.mark.parametrize("vendor", ["cj", "easypost"])
def test_a_request_against_a_vendors_contract_is_seen(desk: FakeDesk, vendor: str) -> None:
    desk.write(vendor, "contract_violation", "createOrderV2")
    assert not judge(desk.as_desk()).clean


# --- the exit code ----------------------------------------------------------------------------------------------------


@pytest.fixture
def told(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> FakeDesk:
    """`make demo` over the ledgers of `desk`, its story told by one scene that held."""
    monkeypatch.setattr(demo, "LocalShop", lambda **_: nullcontext())
    monkeypatch.setattr(demo, "Desk", lambda _shop: desk)
    monkeypatch.setattr(demo, "story", lambda _desk: [("1: a scene", True, "seen", 0.1)])
    return desk


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The JSON that `make demo` ends with."""
    summary: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return summary


def test_the_demo_exits_0_when_all_held(told: FakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main() == 0
    assert last_line(capsys)["doubled"] == 0


def test_the_demo_exits_1_when_the_supplier_was_paid_twice(told: FakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    told.buy("#1001", suffix="2")
    assert demo.main() == 1
    assert last_line(capsys)["doubled"] == 1


def test_the_demo_exits_1_when_an_order_was_lost(told: FakeDesk, capsys: pytest.CaptureFixture[str]) -> None:
    told.sell("#1003")
    assert demo.main() == 1
    assert last_line(capsys)["lost"] == 1


def test_the_demo_exits_1_when_a_scene_did_not_hold(
    told: FakeDesk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo, "story", lambda _desk: [("1: a scene", False, "not seen", 0.1)])
    assert demo.main() == 1
    summary = last_line(capsys)
    assert (summary["scenes"], summary["held"]) == (1, 0)
