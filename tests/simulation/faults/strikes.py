"""What can strike a worker at a call: an end, a stand-still, an answer that goes wrong, a person's act at the worst moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from orderwright.domain.operations import KillSwitch, StoredConfig
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.records import CURRENT_CONFIG, kill_key
from orderwright.storage import Put
from tests.simulation.kernel import edge
from tests.simulation.kernel.edge import Injected
from tests.simulation.kernel.workers import Invocation
from tests.support.shop import STORE, SUPPLIER

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

Strike = Callable[["Sim", Invocation], None]
LONGER_THAN_A_LEASE = 400.0
BACK = Decimal("15.00")


def kill(sim: Sim, now: Invocation) -> None:
    """The worker ends here."""
    edge.kill(now, "is killed")


def freeze(sim: Sim, now: Invocation) -> None:
    """The worker stands still until its lease and the supplier's lateness are over, and goes on then as if nothing were."""
    sim.fault(now.who, "freezes")
    sim.memory["duplicates_possible"] = True
    # News that comes while it stands still may find the purchase order unfinished, and wait for the next poll.
    sim.unheard()
    now.deadline = None
    edge.pause(now, LONGER_THAN_A_LEASE)
    sim.fault(now.who, "goes on")


def _goes_wrong(kind: str, *, lasting: bool = False) -> Strike:
    words = f"{kind.replace('_', ' ')}{', and again' if lasting else ''}"

    def strike(sim: Sim, now: Invocation) -> None:
        sim.fault(now.who, words)
        raise Injected(kind, lasting=lasting)

    strike.__name__ = kind
    strike.__doc__ = f"The call goes wrong: {words}."
    return strike


def cancel(sim: Sim, now: Invocation) -> None:
    """The first customer cancels in the store, where the store still allows it."""
    sold = sim.sold[0]
    try:
        sim.store.cancel(sold.name)
    except ValueError:
        sim.memory["cancel_refused"] = True
    else:
        sold.cancelled = True
        sim.fault("a customer", f"cancels {sold.name}")


def give_back(sim: Sim, now: Invocation) -> None:
    """The merchant gives the first customer 15 dollars back, as money without lines, where the order is still there."""
    sold = sim.sold[0]
    try:
        sim.store.refund_money(sold.name, BACK)
    except ValueError:
        return
    sim.fault("the merchant", f"gives {BACK} of {sold.name} back")


def _purchase_orders(sim: Sim) -> list[PurchaseOrder]:
    files = [sim.storage.load_order(f"{STORE}#{sold.number}") for sold in sim.sold]
    return [held.model for file in files for held in file.purchase_orders.values()]


def kill_switch(sim: Sim, now: Invocation) -> None:
    """The operator stops all spending at the supplier."""
    with sim.edge.aside():
        _stop_spending(sim)


def _stop_spending(sim: Sim) -> None:
    sim.fault("the operator", "switches spending off")
    intent = any(po.state is PurchaseOrderState.INTENT and po.step == sim.words.step for po in _purchase_orders(sim))
    if not intent:
        sim.memory["stopped_before_pay"] = sim.clock.at
    sim.memory.setdefault("kill_on", []).append([sim.clock.at, None])
    switch = KillSwitch(supplier=SUPPLIER, at=sim.clock.at, by="test")
    sim.storage.commit([Put(kill_key(SUPPLIER), switch, 0)])


def lower_cap(sim: Sim, now: Invocation) -> None:
    """The operator lowers the day's limit below what this order costs; functions read it within `config_cache`."""
    with sim.edge.aside():
        _lower_cap(sim, now)


def _lower_cap(sim: Sim, now: Invocation) -> None:
    held = sim.storage.get(CURRENT_CONFIG, StoredConfig)
    assert held is not None
    document = held.model.document.replace('"2000.00"', '"1.00"')
    # A placing worker may have read the old limit already; any other moment before the first INTENT counts.
    if now.function != "place_purchase_order" and all(po.reserved_spend is None for po in _purchase_orders(sim)):
        sim.memory["capped"] = True
    sim.fault("the operator", "lowers the day's limit")
    sim.storage.commit([Put(CURRENT_CONFIG, held.model.model_copy(update={"document": document}), held.version)])


def _goes_away(vendor: str, days: int) -> Strike:
    def strike(sim: Sim, now: Invocation) -> None:
        who = named(sim, vendor)
        sim.fault(who, f"is away for {days} days")
        # Its news can be followed only when it is back, and then at the next time that our side has planned to ask.
        sim.memory["webhooks_dropped"] = True
        sim.memory.setdefault("away", {})[who] = sim.clock.at + timedelta(days=days)

    strike.__name__ = f"{vendor}_away"
    strike.__doc__ = f"{vendor} answers nothing but 503 for {days} days."
    return strike


def named(sim: Sim, vendor: str) -> str:
    """Its name in this world; "supplier" is whoever supplies it."""
    return sim.words.vendor if vendor == "supplier" else vendor


def hang(sim: Sim, vendor: str, seconds: float) -> None:
    """From now on the vendor (or "supplier") accepts every call and never answers."""
    vendor = named(sim, vendor)
    sim.fault(vendor, f"hangs for {seconds / 60:.0f} minutes")
    if vendor != "shopify":
        # As where it goes away. The store is asked again by whatever it did not answer.
        sim.memory["webhooks_dropped"] = True
    sim.memory.setdefault("hangs", {})[vendor] = sim.clock.at + timedelta(seconds=seconds)


def _hangs(vendor: str, hours: int) -> Strike:
    def strike(sim: Sim, now: Invocation) -> None:
        hang(sim, vendor, hours * 3600.0)

    strike.__name__ = f"{vendor}_hangs"
    strike.__doc__ = f"{vendor} accepts every call and never answers for {hours} hours."
    return strike


lose_answer = _goes_wrong("lost_answer")
fail_500 = _goes_wrong("error_500")
throttle = _goes_wrong("throttle")
no_connection = _goes_wrong("no_connection")
conflict = _goes_wrong("conflict")
lose_answers = _goes_wrong("lost_answer", lasting=True)
fail_500s = _goes_wrong("error_500", lasting=True)

STRIKES: dict[str, Strike] = {
    "kill": kill,
    "freeze": freeze,
    "cancel": cancel,
    "give_back": give_back,
    "kill_switch": kill_switch,
    "lower_cap": lower_cap,
    "lose_answer": lose_answer,
    "fail_500": fail_500,
    "throttle": throttle,
    "no_connection": no_connection,
    "conflict": conflict,
    "lose_answers": lose_answers,
    "fail_500s": fail_500s,
    "store_away": _goes_away("shopify", 7),
    "supplier_away": _goes_away("supplier", 1),
    "carrier_away": _goes_away("easypost", 1),
    "store_hangs": _hangs("shopify", 2),
    "supplier_hangs": _hangs("supplier", 2),
    "carrier_hangs": _hangs("easypost", 2),
}
