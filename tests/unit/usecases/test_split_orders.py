"""Lines that several suppliers ship, and orders that are bought as far as they can be. The suppliers' ledgers are the judge."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from orderwright.domain.operations import KillSwitch
from orderwright.domain.order import OrderState
from orderwright.records import kill_key, offer_key
from orderwright.storage import Put
from orderwright.usecases.operator.routing.decided import decisions_of, replay
from tests.support.shop import SUPPLIER, Boundary, Killed
from tests.unit.cli.cli_kit import operator_of
from tests.unit.domain.order_kit import unit_usd
from tests.unit.usecases.desk_shop import COB, MS, OpenDesk, open_desk, scripted_suppliers
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop

__all__ = ["open_desk", "scripted_suppliers"]
SPLIT, READY = {"split_lines": True}, {"ship": "when_ready", "skus": {MS: {"split": True}}}


def stock(shop: ScriptedShop, sku: str, **left: int) -> None:
    """So many pieces may be sold by each supplier."""
    for supplier, units in left.items():
        held = shop.wiring.storage.load_sku(sku).offers[supplier]
        offer = held.model.model_copy(update={"stock": units + sum(held.model.open.values()), "sellable": units})
        shop.wiring.storage.commit([Put(offer_key(sku, supplier), offer, held.version)])


def placed(shop: ScriptedShop, name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for po in shop.purchase_orders(name):
        if po.state == "PLACED":
            found[po.supplier] = found.get(po.supplier, 0) + sum(line.quantity for line in po.lines)
    return found


def next_order(shop: ScriptedShop, *lines: tuple[str, int]) -> tuple[str, str]:
    """An order whose news waits for ingest_order: its name, and one message of it."""
    name = shop.store.buy(list(lines), oversell=True).name
    shop.deliver()
    message = shop.queues["ingest_order"][-1]
    shop.queues["ingest_order"].clear()
    return name, message


def test_a_line_is_split_reserved_at_both_and_bought_once(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, routing=SPLIT)
    stock(shop, MS, parts=3, cj=2)
    name = buy(shop, (MS, 5))
    shop.pass_time(120)
    assert placed(shop, name) == {PARTS: 3, SUPPLIER: 2}
    assert shop.bought(name) == {MS: 2}
    assert (shop.sellable_at(PARTS, MS), shop.sellable_at(SUPPLIER, MS)) == (0, 0)
    record = shop.record(name)
    margins = [po.reckoning.margin.minor for po in shop.purchase_orders(name) if po.reckoning]
    assert record.margin is not None
    assert (record.margin.minor, len(margins), record.routed) == (sum(margins), 2, 1)
    (decision,) = decisions_of(shop.order(name), shop.wiring.storage)
    assert [one.same for one in replay([decision])] == [True]
    assert "the line is split: 2 from cj, 3 from parts" in decision.words[0]
    late = buy(shop, (MS, 1))
    assert (shop.codes(late), shop.record(late).reserved) == (["OUT_OF_STOCK"], {})


def test_a_worker_that_dies_while_it_splits_a_line_leaves_nothing_half(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, routing=SPLIT)
    for number in range(1, 30):
        stock(shop, MS, parts=3, cj=2)
        name, message = next_order(shop, (MS, 5))
        boundary = Boundary((number, "after"))
        with suppress(Killed):
            shop.call("ingest_order", message, boundary)
        shop.wiring = shop.new_worker()
        shop.call("ingest_order", message)
        shop.run()
        assert placed(shop, name) == {PARTS: 3, SUPPLIER: 2}, number
        assert (shop.sellable_at(PARTS, MS), shop.sellable_at(SUPPLIER, MS)) == (0, 0), number
        if not boundary.dead:
            break
    assert not boundary.dead


def test_two_orders_at_once_never_sell_a_piece_twice(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, routing=SPLIT)
    stock(shop, MS, parts=3, cj=2)
    one, first = next_order(shop, (MS, 4))
    two, second = next_order(shop, (MS, 3))

    class Between(Boundary):
        """Right before the first order's commit the second one is taken in."""

        act: Callable[[], None] | None = staticmethod(lambda: shop.call("ingest_order", second, Boundary()))

        def before(self, name: str) -> None:
            if "transact" in name.lower() and self.act is not None:
                act, self.act = self.act, None
                act()
                shop.boundary = self
            super().before(name)

    between = Between()
    shop.call("ingest_order", first, between)
    shop.run()
    shop.pass_time(60)
    assert between.act is None
    assert (placed(shop, one), placed(shop, two)) == ({}, {PARTS: 3})
    assert (shop.codes(one), shop.sellable_at(SUPPLIER, MS)) == (["OUT_OF_STOCK"], 2)


def test_what_is_ready_is_bought_and_the_rest_when_it_can_be(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, routing=READY)
    stock(shop, MS, parts=3, cj=1)
    stock(shop, COB, parts=0)
    name = buy(shop, (MS, 5), (COB, 1))
    shop.pass_time(120)
    assert placed(shop, name) == {PARTS: 3, SUPPLIER: 1}
    assert (shop.codes(name), shop.record(name).state) == (["OUT_OF_STOCK"] * 2, OrderState.NEEDS_ATTENTION)
    assert shop.record(name).recheck_at is not None
    stock(shop, COB, parts=4)
    shop.pass_time(3600, step=300)
    assert placed(shop, name) == {PARTS: 4, SUPPLIER: 1}
    stock(shop, MS, parts=9)
    shop.pass_time(3600, step=300)
    assert (placed(shop, name), shop.codes(name)) == ({PARTS: 5, SUPPLIER: 1}, [])
    assert shop.sellable_at(PARTS, MS) == 8
    assert len([mail for mail in shop.post.mails if "confirm" in mail.subject.lower()]) <= 1
    said = operator_of(shop)("route", "show", name).out
    assert [said.count(f"decision {number} of") for number in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert operator_of(shop)("route", "replay", name).out.count("the same answer") == 3


def test_a_supplier_that_is_switched_off_is_not_chosen_where_another_can(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    switch = KillSwitch(supplier=PARTS, at=shop.clock.now(), by="mika", why="stock-taking")
    shop.wiring.storage.commit([Put(kill_key(PARTS), switch, 0)])
    name = buy(shop, (MS, 1), (COB, 1))
    assert [(po.supplier, po.state.value) for po in shop.purchase_orders(name)] == [
        (SUPPLIER, "PLACED"),
        (PARTS, "NEW"),
    ]
    assert "parts is switched off" in operator_of(shop)("route", "show", name).out


def test_without_that_rule_an_order_waits_until_all_of_it_can_be_bought(open_desk: OpenDesk) -> None:
    shop = open_desk(MS)
    stock(shop, COB, parts=0)
    name = buy(shop, (MS, 1), (COB, 1))
    assert (placed(shop, name), shop.codes(name)) == ({}, ["OUT_OF_STOCK"])


def test_a_preview_says_who_wins_who_comes_next_and_who_is_left_out(open_desk: OpenDesk) -> None:
    shop = open_desk(MS, ships_to=["FI"])
    operator = operator_of(shop)
    told = operator("route", "preview", "--sku", f"{MS}=2", "--to", "DE", "--json").json
    (line,) = told["lines"]
    assert (line["chosen"], [one["code"] for one in line["left_out"]]) == (
        [{"supplier": SUPPLIER, "quantity": 2}],
        ["NOT_SHIPPED_THERE"],
    )
    page = operator("route", "preview", "--sku", f"{MS}=2", "--sku", f"{COB}=1", "--to", "FI").out
    assert "else cj: 0.00 USD more; it comes later by the rules" in page
    shop.wiring.storage.commit(
        [
            Put(offer_key(MS, SUPPLIER), held.model.model_copy(update={"cost": unit_usd("5.10")}), held.version)
            for held in [shop.wiring.storage.load_sku(MS).offers[SUPPLIER]]
        ]
    )
    page = operator("route", "preview", "--sku", f"{MS}=2", "--to", "FI").out
    assert "else cj: 2.60 USD less; it comes later by the rules" in page
    stock(shop, COB, parts=0)
    name = buy(shop, (MS, 1), (COB, 1))
    waiting = operator("route", "preview", name)
    assert "a basket: nobody can ship any of it" in operator("route", "preview", "--sku", "NONE=1", "--to", "FI").out
    assert "its stock is already reserved for this line" in waiting.out
    assert "parts would leave: net revenue" in waiting.out
    assert operator("route", "preview", name, "--json").json["problems"][0]["code"] == "OUT_OF_STOCK"
    for some in ("NOPE=2", f"{MS}=99"):
        page = operator("route", "preview", "--sku", some, "--to", "DE").out
        assert "a basket: nobody can ship any of it now" in page
    shop.store.cancel(name)
    shop.run()
    assert f"{name}: nothing is left to be bought" in operator("route", "preview", name).out
    for arguments, code in (
        ((), "MISSING_OPTION"), ((name, "--sku", "A=1"), "MISSING_OPTION"), (("--sku", "A=x", "--to", "DE"), "INPUT"),
        (("--sku", "A=1"), "WRONG_DESTINATION"), (("--sku", "A=1", "--to", "XX"), "WRONG_DESTINATION"),
    ):  # fmt: skip
        refused = operator("route", "preview", *arguments, "--json")
        assert (refused.code, refused.json["error"]["code"]) == (1, code)
