"""One customer's order from Buy to the door, act by act: each starts when all is quiet, or 15 minutes after the last fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from local.sandbox.cj.state import Parcel
from local.sandbox.goods import GOODS
from local.sandbox.shopify import Address, Buyer
from orderwright.aws.values import to_item
from orderwright.domain.operations import KillSwitch
from orderwright.domain.purchase_order_state import SWITCHED_OFF
from orderwright.records import ALL_SUPPLIERS, kill_key, order_pk
from orderwright.storage import Delete
from orderwright.usecases.operator.cancel import InStore, stop_order
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.kill import switch_kill
from tests.simulation.judge.parcels import RETRIED
from tests.simulation.judge.vendors.desk import MAKER
from tests.simulation.kernel.hearing import listening
from tests.simulation.modes.two_feeds import add_feed, drop_feed
from tests.simulation.people.clerk import ANSWERS, ORDER
from tests.simulation.people.clerk import act as act_of_clerk
from tests.simulation.people.clerk import scan as scan_mail
from tests.simulation.people.sold import Sold
from tests.simulation.sim import PATIENCE, Sim
from tests.support.shop import STORE, SUPPLIER

CANARY = Buyer("Kanaria", "Lintukoto", "kanaria.lintukoto@example.com", "+358401234567")
HOME = Address(
    address1="Varpusentie 99", city="Tampere", zip="33100", first_name="Kanaria", last_name="Lintukoto",
    phone="+358401234567",
)  # fmt: skip
CANARIES = ("Lintukoto", "Kanaria", "Varpusentie", "kanaria.lintukoto", "401234567")
CART = (("HL-MS-400", 1), ("HL-KID-120", 2))
GOODS_BY_SKU = {good.sku: good for good in GOODS}
ACTS: tuple[str, ...] = ("buy", "ship", "ship_rest", "out_for_delivery", "delivered", "late_scan")


def buy(sim: Sim) -> None:
    """The customer orders two articles, pays, and agrees to text messages."""
    order = sim.store.buy(list(CART), buyer=CANARY, address=HOME, sms=True)
    sim.sold.append(Sold(order.name, str(order.number), CART, CANARY, HOME, True, CANARIES))


def give_back(sim: Sim) -> None:
    """The merchant gives two dollars back, of which the store says how much was tax."""
    sim.store.refund_money(sim.sold[0].name, Decimal(2), Decimal("0.41"))


def ship(sim: Sim) -> None:
    """The supplier sends what it was paid for in one parcel; or, where it splits, one unit of one article first."""
    for order in sim.supplier.orders:
        if order.paid_at is not None and order.unshipped():
            sim.supplier.ship(order.order_id, {CART[-1][0]: 1} if sim.memory.get("split") else None)


def ship_rest(sim: Sim) -> None:
    """What is left follows in a second parcel."""
    for order in sim.supplier.orders:
        if order.parcels and order.unshipped():
            sim.supplier.ship(order.order_id)


def scan(status: str, *, is_return: bool = False) -> Callable[[Sim], None]:
    """The carrier scans what was sent."""

    def act(sim: Sim) -> None:
        for parcel in _parcels(sim):
            sim.carrier.scan(parcel.travels_as, status, status, is_return=is_return)

    return act


def _parcels(sim: Sim) -> list[Parcel]:
    return [parcel for order in sim.supplier.orders for parcel in order.parcels]


def ship_used(sim: Sim) -> None:
    """What is sent has a number that another parcel had months ago."""
    known = _parcels(sim)
    ship(sim)
    for parcel in _parcels(sim):
        if parcel not in known:
            sim.carrier.used_before(parcel.tracking_number)


def replace(sim: Sim) -> None:
    """The first parcel gets another number."""
    for parcel in _parcels(sim)[:1]:
        sim.supplier.renumber(parcel.tracking_number)


def last_mile(sim: Sim) -> None:
    """Each parcel goes on with a carrier who has a number of its own for it."""
    for parcel in _parcels(sim):
        sim.supplier.renumber(parcel.tracking_number, last_mile=True)


def wait(sim: Sim) -> None:
    """Until everything that was said must be known."""
    sim.pass_on(RETRIED.total_seconds() + 60)


def ship_and_replace(sim: Sim) -> None:
    """The number is replaced before anybody could ask for it."""
    ship(sim)
    replace(sim)


def stock_moves(sim: Sim) -> None:
    """The supplier sells most of one article elsewhere, and gets another one in."""
    sim.supplier.set_stock(CART[0][0], 3)
    sim.supplier.set_stock(CART[1][0], 500)


def cost_moves(sim: Sim) -> None:
    """The supplier becomes dearer."""
    sim.supplier.set_cost(CART[0][0], GOODS_BY_SKU[CART[0][0]].cost + 1)


def schedule(kind: str) -> Callable[[Sim], None]:
    """A schedule's time has come."""

    def act(sim: Sim) -> None:
        next(timer for timer in sim.timers if timer.kind == kind).start()

    return act


def clerk_does(sim: Sim, what: str) -> None:
    """The clerk at a supplier by e-mail answers the last order that was mailed."""
    mail = next((one for one in reversed(sim.stands[MAKER].inbox) if one.sort == ORDER), None)
    if mail is not None:
        scan_mail(sim, mail) if what == "scan" else act_of_clerk(sim, mail, what)


def end_in_store(sim: Sim, *, refund: bool = True) -> None:
    """The operator has the store end the first order, and give its money back."""
    pk = order_pk(STORE, sim.sold[0].number)
    record = sim.storage.load_order(pk).record
    assert record is not None
    desk = Desk(sim.storage, sim.clock, "tester")
    stop_order(desk, pk, in_store=InStore(refund, record.model.total))
    sim.sold[0].cancelled = True


def switch(sim: Sim, supplier: str, *, on: bool) -> None:
    """Somebody turns a supplier's kill switch, or that of all; who was left meanwhile stands in memory["left_while_off"]."""
    switch_kill(Desk(sim.storage, sim.clock, "tester"), [supplier], on=on)
    if supplier == ALL_SUPPLIERS:
        files = (sim.storage.load_order(order_pk(STORE, sold.number)) for sold in sim.sold)
        orders = (held.model for file in files for held in file.purchase_orders.values())
        left = {po.reference for po in orders if po.cancel_outcome == SWITCHED_OFF}
        before = sim.memory.setdefault("left_before", set())
        sim.memory["left_while_off"] = sorted(set() if on else left - before)
        before |= left


POISON = (
    "no JSON",
    "[]",
    '{"schema":1,"type":"order.changed","id":"","at":"now"}',
    '{"schema":1,"type":"nobody.knows","id":"poison","at":"now"}',
    '{"schema":2,"type":"order.changed","id":"poison","at":"now"}',
)
"""Bodies that no version of ours can work on (promise P9)."""
UNREADABLE = json.dumps(
    {
        "keys": {"pk": {"S": "POISON"}, "sk": {"S": "POISON"}},
        "problem": "facts of POISON POISON version 1: JSONDecodeError",
    }
)
"""What the relay parks of an item whose facts nobody can read."""


def poison(sim: Sim) -> None:
    """Each queue gets messages that nobody can work on; and a table an item whose facts nobody can read."""
    sim.memory["poison"] = [*POISON, UNREADABLE]
    for name in sorted(sim.queues):
        if sim.queues[name].mapping is not None:
            for body in POISON:
                sim.queues[name].send(body)
    broken = {"pk": "POISON", "sk": "POISON", "schema": 1, "version": 1, "writer": "", "body": {}, "facts": "no JSON"}
    sim.client("dynamodb").put_item(TableName="control", Item=to_item(broken))


_DO: dict[str, Callable[[Sim], None]] = {
    "buy": buy,
    "give_back": give_back,
    "ship": ship,
    "ship_rest": ship_rest,
    "out_for_delivery": scan("out_for_delivery"),
    "delivered": scan("delivered"),
    "late_scan": scan("in_transit"),
    "returned": scan("return_to_sender"),
    "home": scan("delivered", is_return=True),
    "home_unsaid": scan("delivered"),
    "ship_used": ship_used,
    "replace": replace,
    "wait": wait,
    "last_mile": last_mile,
    "ship_and_replace": ship_and_replace,
    "stock_moves": stock_moves,
    "poison": poison,
    "cost_moves": cost_moves,
    "poll_stock": schedule("poll_stock"),
    "reprice": schedule("reprice"),
    "reconcile": schedule("reconcile"),
    "add_feed": add_feed,
    "drop_feed": drop_feed,
    "end_in_store": end_in_store,
    "cancel_in_store": partial(end_in_store, refund=False),
    **{
        f"{name} {'off' if on else 'on'}": partial(switch, supplier=supplier, on=on)
        for name, supplier in (("maker", MAKER), ("cj", SUPPLIER), ("all", ALL_SUPPLIERS))
        for on in (True, False)
    },
    "cancels": lambda sim: sim.store.cancel(sim.sold[0].name),
    **{f"clerk: {what}": partial(clerk_does, what=what) for what in (*ANSWERS, "scan")},
}


def _stop_is_over(sim: Sim) -> bool:
    """Switch the kill switch off again, if it is on."""
    stops = sim.memory.get("kill_on", [])
    if not stops or stops[-1][1] is not None:
        return False
    held = sim.storage.get(kill_key(SUPPLIER), KillSwitch)
    assert held is not None
    sim.storage.commit([Delete(kill_key(SUPPLIER), held.version)])
    stops[-1][1] = sim.clock.at
    sim.fault("the operator", "allows spending again")
    return True


def settle(sim: Sim, before: Callable[[], None] | None = None) -> bool:
    """Work and wait until nothing is left to do; False when 15 minutes after the last fault did not suffice."""
    start = sim.clock.at
    while True:
        limit = max(start, sim.last_fault or start) + PATIENCE
        if sim.settled(limit):
            return True
        at = sim.agenda.next_at()
        if at is None or at > limit:
            return sim.idle()
        if before is not None:
            before()
        sim.step()


def play(sim: Sim, before: Callable[[], None] | None = None) -> None:
    """From where the world is to the end, judged on the way. `before` is called before each event."""
    with listening(sim):
        while True:
            if not settle(sim, before):
                sim.memory.setdefault("restless", []).append(sim.memory.get("act", ""))
            if _stop_is_over(sim):
                continue
            plot = sim.memory.get("plot", ACTS)
            done = sim.memory.setdefault("acts", [])
            if len(done) == len(plot):
                break
            act = plot[len(done)]
            sim.memory["act"] = act
            done.append(act)
            sim.pass_on(1)
            sim.note("the story", act)
            _DO[act](sim)
        sim.judge_end()
