"""Units that the store puts back on its own shelf, though they are bought or held here (promise P3)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from orderwright.domain.order import OrderState
from orderwright.messages import PUT_BACK, Message
from orderwright.usecases.intake.put_back import put_back_facts
from tests.support.shop import STORE, Boundary, Shop
from tests.unit.usecases.order_shop import OrderShop

MS, COB = "HL-MS-400", "HL-COB-350"


class WholeShop(OrderShop):
    """With its stock and price functions; `asked` holds what they were told that the store put back."""

    asked: list[list[str]]

    def call(self, function: str, body: str, boundary: Boundary | None = None) -> None:
        """Any function."""
        detail = json.loads(body).get("detail", {})
        if function == "recalculate_price" and PUT_BACK in detail:
            self.asked.append(json.loads(detail[PUT_BACK]))
        Shop.call(self, function, body, boundary)

    def buy(self, *lines: tuple[str, int]) -> str:
        """Buy and let everything happen; the order's name."""
        order = self.store.buy(list(lines))
        self.run()
        return order.name

    def shown(self, sku: str) -> int:
        """What the store's own shelf says."""
        (variant,) = (found for found in self.store.shop.variants() if found.item.sku == sku)
        return variant.available

    def pushes(self) -> int:
        """How often we set a quantity in the store."""
        return sum(1 for entry in self.world.ledger.entries if entry.kind == "quantity_changed")


@pytest.fixture
def shop() -> Iterator[WholeShop]:
    """A shop with the demo's rules, where nothing may fail."""
    opened = WholeShop()
    opened.asked = []
    opened.connect()
    opened.stock_up()
    yield opened
    opened.close()
    assert opened.failed == []


def _cancel(shop: WholeShop, name: str) -> None:
    shop.store.cancel(name)


def _refund_all(shop: WholeShop, name: str) -> None:
    shop.store.refund(name, [(MS, 2)])


def _refund_one(shop: WholeShop, name: str) -> None:
    shop.store.refund(name, [(MS, 1)])


def _edit_out(shop: WholeShop, name: str) -> None:
    shop.store.edit(name, {MS: 0})


def _edit_down(shop: WholeShop, name: str) -> None:
    shop.store.edit(name, {MS: 1})


@pytest.mark.parametrize("change", [_cancel, _refund_all, _refund_one, _edit_out, _edit_down])
def test_p3_units_put_back_after_they_were_bought_are_taken_off_the_stores_shelf_again(
    shop: WholeShop, change: Callable[[WholeShop, str], None]
) -> None:
    name = shop.buy((MS, 2), (COB, 1))
    assert shop.bought(name)[MS] == 2
    change(shop, name)
    assert shop.shown(MS) > shop.sellable(MS), "the store itself counts them as free"
    shop.run()
    assert (shop.shown(MS), shop.shown(COB)) == (shop.sellable(MS), shop.sellable(COB))


def test_p3_units_put_back_while_a_purchase_order_is_unclear_are_taken_off_again(shop: WholeShop) -> None:
    shop.supplier.faults.script("payBalanceV2", "accept_then_timeout")
    name = shop.buy((MS, 2))
    shop.store.cancel(name)
    shop.run()
    assert shop.record(name).state is OrderState.PLACING
    assert shop.shown(MS) == shop.sellable(MS)
    shop.pass_time(900)
    assert shop.record(name).cancel_outcome == "ORDERED_TOO_LATE"
    assert shop.shown(MS) == shop.sellable(MS)


def test_an_order_that_is_cancelled_before_anything_is_bought_goes_back_on_sale(shop: WholeShop) -> None:
    order = shop.store.buy([(MS, 2)], pay="pending")
    shop.run()
    shop.store.cancel(order.name)
    shop.run()
    assert shop.shown(MS) == shop.sellable(MS) == 40


def test_a_cancellation_without_restocking_sets_nothing(shop: WholeShop) -> None:
    name = shop.buy((MS, 2))
    before = shop.pushes()
    shop.store.cancel(name, restock=False)
    shop.run()
    assert shop.asked == [[MS]]
    assert (shop.pushes(), shop.shown(MS)) == (before, 38)


def test_an_ordinary_order_and_one_with_more_lines_have_nothing_looked_at(shop: WholeShop) -> None:
    name = shop.buy((MS, 2))
    shop.store.edit(name, {MS: 3}, add=[(COB, 1)])
    shop.store.capture(name)
    shop.run()
    assert shop.bought(name) == {MS: 3, COB: 1}
    assert shop.asked == []


def test_a_change_that_is_reported_again_is_looked_at_once(shop: WholeShop) -> None:
    name = shop.buy((MS, 2))
    shop.store.cancel(name)
    shop.run()
    again = Message("order.changed", "again", "now", connection=STORE, resource=shop.record(name).order_id)
    shop.queues["ingest_order"].append(again.to_json())
    shop.run()
    assert shop.asked == [[MS]]


def test_an_order_first_seen_when_it_is_cancelled_has_its_numbers_looked_at(shop: WholeShop) -> None:
    order = shop.store.buy([(MS, 2)])
    shop.store.cancel(order.name)
    shop.run()
    assert shop.asked == [[MS]]


def test_hundreds_of_lines_make_a_few_facts(shop: WholeShop) -> None:
    name = shop.buy((MS, 1))
    file = shop.order(name)
    order = shop.wiring.connectors.store(STORE).fetch_order(file.record.model.order_id)
    (line,) = order.lines
    lines = tuple(line.model_copy(update={"line_id": str(number), "sku": f"S,{number}"}) for number in range(250))
    many = order.model_copy(update={"cancelled_at": order.created_at, "lines": lines})
    facts = put_back_facts(many, file)
    assert len(facts) == 7
    told = [sku for fact in facts for sku in json.loads(fact.detail[PUT_BACK])]
    assert sorted(told) == sorted({MS, *(line.sku for line in lines)})
