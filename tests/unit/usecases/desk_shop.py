"""A shop whose goods a supplier by mail sells, with people who answer; and a second supplier for some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local.sandbox.goods import good_of
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import EnteredParcel, LetterKind
from orderwright.messages import Message
from orderwright.records import offer_key
from orderwright.storage import Put
from orderwright.usecases.answering import Heard, Said, faults_of, take_answer
from tests.scripted.registering import scripted_suppliers
from tests.support.shop import SUPPLIER, test_config
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop

__all__ = ["scripted_suppliers"]

MS, COB = "HL-MS-400", "HL-COB-350"
HOUR, DAY = 3600, 86_400
REMINDER, WITHDRAWAL = LetterKind.REMINDER, LetterKind.WITHDRAWAL
NUMBER = "00340434161094015902"
OpenDesk = Callable[..., ScriptedShop]


@pytest.fixture
def open_desk(scripted_suppliers: None) -> Iterator[OpenDesk]:
    """PARTS, by mail, comes before SUPPLIER; `also` are SKUs that both offer; `routing` are rules of it."""
    opened: list[ScriptedShop] = []

    def open_one(
        *also: str,
        first: str = PARTS,
        shape: str = "desk",
        routing: dict[str, object] | None = None,
        reroute: dict[str, object] | None = None,
        **settings: object,
    ) -> ScriptedShop:
        config = test_config(routing={**(routing or {}), **({"reroute": reroute} if reroute else {})})
        rules = config.rules.model_copy(update={"supplier_priority": tuple(dict.fromkeys((first, PARTS, SUPPLIER)))})
        shop = ScriptedShop(shape, config.model_copy(update={"rules": rules}), **settings)
        opened.append(shop)
        for sku in also:
            storage, good = shop.wiring.storage, good_of(sku)
            theirs = {
                "supplier": SUPPLIER,
                "supplier_sku": good.supplier.supplier_sku,
                "supplier_ref": good.supplier.vid,
            }
            offer = storage.load_sku(sku).offers[PARTS].model.model_copy(update=theirs)
            storage.commit([Put(offer_key(sku, SUPPLIER), offer, 0)])
        return shop

    yield open_one
    for shop in opened:
        shop.close()
        assert (shop.failed, shop.world.ledger.of_kind("scripted-mail", "contract_violation")) == ([], [])


def say(shop: ScriptedShop, name: str, said: Said, place: int = 0) -> Heard:
    """Somebody at the supplier answers; then everything happens that happens at once."""
    pk, sk = shop.order(name).pk, sorted(shop.order(name).purchase_orders)[place]
    po = shop.order(name).purchase_orders[sk].model
    assert faults_of(po, said) == []
    heard, _ = take_answer(shop.wiring.storage, pk, sk, said, "supplier", shop.clock.now())
    shop.run()
    return heard


def refusal(shop: ScriptedShop, name: str, *skus: str, sure: bool = False) -> Said:
    po = by_mail(shop, name)
    lines = {line.line_id: "sold out" for line in po.lines if line.sku in skus or not skus}
    return Said(refused=lines, sure=sure)


def by_mail(shop: ScriptedShop, name: str) -> PurchaseOrder:
    return next(po for po in shop.purchase_orders(name) if po.supplier == PARTS)


def letters(shop: ScriptedShop, kind: LetterKind) -> int:
    """How many of a kind reached the desk."""
    return len(shop.world.ledger.of_kind("scripted-mail", kind.value))


def ends(shop: ScriptedShop, name: str) -> list[tuple[str, str, str]]:
    return [(po.supplier, po.state.value, po.cancel_outcome) for po in shop.purchase_orders(name)]


def parcel(shop: ScriptedShop, number: str = NUMBER, units: dict[str, int] | None = None) -> Said:
    return Said(
        parcels=(
            EnteredParcel(
                tracking_number=number, carrier="DHL", units=units or {}, who="supplier", at=shop.clock.now()
            ),
        )
    )


def alerts(shop: ScriptedShop, code: str) -> int:
    return sum(f"Code: {code}" in alert for alert in shop.post.alerts)


def due(shop: ScriptedShop, name: str) -> str:
    pk, sk = shop.order(name).pk, next(sk for sk in shop.order(name).purchase_orders if PARTS in sk)
    return Message("purchase_order.due", "due", "now", PARTS, pk=pk, sk=sk).to_json()
