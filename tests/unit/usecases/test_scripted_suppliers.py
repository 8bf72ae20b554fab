"""Purchase orders at suppliers of other shapes than CJ's (promises P1, P6, P10). The vendor's ledger is the judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orderwright.domain.order import OrderState
from tests.scripted.registering import scripted_suppliers
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.scripted_shop import STEPS, ScriptedShop

__all__ = ["scripted_suppliers"]

MS = "HL-MS-400"
SHAPES = ["one", "two", "three", "mail"]
OpenScripted = Callable[..., ScriptedShop]


@pytest.fixture
def open_scripted(scripted_suppliers: None) -> Iterator[OpenScripted]:
    """Opens shops; at the end nothing may lie in a queue that failed, and no vendor saw a broken contract."""
    opened: list[ScriptedShop] = []

    def open_one(*args: object, **settings: object) -> ScriptedShop:
        opened.append(ScriptedShop(*args, **settings))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for shop in opened:
        shop.close()
        assert (shop.failed, shop.world.ledger.of_kind("scripted", "contract_violation")) == ([], [])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("charges", ["NOW", "ON_ACCOUNT"])
def test_an_order_is_committed_once_shipped_and_counted(open_scripted: OpenScripted, shape: str, charges: str) -> None:
    shop = open_scripted(shape, charges=charges)
    name = buy(shop, (MS, 1))
    (po,) = shop.purchase_orders(name)
    assert (po.state, shop.commitments(name)) == ("PLACED", 1)
    assert po.reserved_spend == po.payable or shape == "mail"
    assert any(STEPS[shape][-1] in entry.what for entry in po.log)
    shop.book.ship(po.reference)
    shop.pass_time(86400, step=7200)
    assert shop.record(name).state is OrderState.SHIPPED
