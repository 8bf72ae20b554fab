"""How a story is disturbed before any crash: the vendors' behaviour, the manner of delivery, what else happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from local.sandbox.cj import MIXUPS
from local.sandbox.sandbox import faults_holder
from tests.simulation.faults.chaos import LATE_SECONDS, Planned
from tests.simulation.modes.story import ACTS, CART
from tests.simulation.sim import Sim

Script = tuple[tuple[str, str, tuple[str, ...]], ...]
"""(vendor: cj, the kind of the store, easypost or feed; operation; behaviours of its next calls)."""

STEPS = ("createOrderV2", "addCart", "addCartConfirm", "saveGenerateParentOrder", "payBalanceV2", "getOrderDetail")
COSTLY = ("createOrderV2", "payBalanceV2")
BEHAVIOURS = (
    "error_500", "accept_then_timeout", "accept_then_500", "timeout", "accept_late", "rate_limited", "refuse", "not_found",
    "malformed", "error_502_html", "unavailable", "rate_limited_bare",
)  # fmt: skip
UNCLEAR = ("accept_then_timeout", "accept_late", "timeout", "error_500", "malformed")
CARRIER_BEHAVIOURS = ("error_500", "accept_then_timeout", "timeout", "rate_limited", "malformed", "error_502_html")
STORE_BEHAVIOURS = (
    "error_500", "accept_then_timeout", "accept_then_500", "timeout", "accept_late", "rate_limited", "refuse", "malformed",
    "error_502_html",
)  # fmt: skip
FEED_BEHAVIOURS = ("error_500", "timeout", "unavailable", "truncated", "empty", "header_only")
LAG: Script = (("cj", "getOrderDetail", ("not_found",)),)
HOUSEKEEPING = (
    "stock_moves",
    "poll_stock",
    "cost_moves",
    "poll_stock",
    "reprice",
    "buy",
    "ship",
    "delivered",
    "reconcile",
)


@dataclass(frozen=True)
class Path:
    """One way through the story."""

    name: str = "ok"
    script: Script = ()
    acts: tuple[str, ...] = ACTS
    disorder: bool = False
    refuse_duplicates: bool = True
    surcharge: str = ""
    split: bool = False
    impatient: bool = False
    dropped: tuple[str, ...] = ()
    world: Callable[[Sim], None] | None = None

    def begin(self, sim: Sim) -> None:
        """Prepare a freshly opened shop."""
        owners = {
            sim.words.vendor: sim.supplier.faults,
            sim.front.kind: faults_holder(sim.store).faults,
            "easypost": sim.carrier.faults,
            "feed": sim.feed.faults,
        }
        for vendor, operation, behaviours in self.script:
            owners[vendor].script(operation, *behaviours)
            owners[vendor].late_seconds = LATE_SECONDS
        sim.supplier.config.refuse_duplicates = self.refuse_duplicates
        if self.surcharge:
            sim.supplier.set_payable_surcharge(CART[0][0], Decimal(self.surcharge))
        sim.memory["split"] = self.split
        sim.memory["plot"] = self.acts
        # Without protection at the vendor, one more order that stays unpaid cannot be avoided where the look-up lags.
        if any(operation == "getOrderDetail" for _, operation, _ in self.script):
            sim.memory["duplicates_possible"] = True
        sim.supplier.config.auto_ship_after = 0.0 if self.impatient else None
        sim.workers.warm = False
        self.face(sim, {})

    def furnish(self, sim: Sim) -> None:
        """What else the world has from the beginning, once there is a judge."""
        if self.world is not None:
            self.world(sim)

    def face(self, sim: Sim, plan: dict[tuple[int, str], str]) -> None:
        """What is planned from here on."""
        sim.chaos = Planned(plan=plan, disorder=self.disorder, dropped=self.dropped)


def scripted(vendor: str, operations: tuple[str, ...], behaviours: tuple[str, ...]) -> Iterator[Path]:
    """Each operation with each behaviour, once."""
    for operation in operations:
        for behaviour in behaviours:
            yield Path(f"{operation} {behaviour}", ((vendor, operation, (behaviour,)),))


def doubled() -> Iterator[Path]:
    """A step that fails twice in a row."""
    for operation in STEPS[:-1]:
        for first in ("timeout", "accept_late", "error_500"):
            for second in ("timeout", "accept_then_timeout", "accept_late"):
                yield Path(f"{operation} {first}, {second}", (("cj", operation, (first, second)),))


def lagging() -> Iterator[Path]:
    """A step that fails, and a look-up that does not find it though it is there."""
    for operation in STEPS[:-1]:
        for behaviour in ("accept_then_timeout", "accept_late", "timeout", "error_500"):
            yield Path(f"{operation} {behaviour}, then the look-up lags", (("cj", operation, (behaviour,)), *LAG))


def mixed_up() -> Iterator[Path]:
    """An answer about another order, or ours with other contents; also of the look-up after a silent step."""
    for operation, ways in MIXUPS.items():
        for how in ways if operation in STEPS[:-1] else ():
            yield Path(f"{operation} {how}", (("cj", operation, (how,)),))
    for how in MIXUPS["getOrderDetail"]:
        for times in (1, 7):
            script: Script = (
                ("cj", "createOrderV2", ("accept_then_timeout",)),
                ("cj", "getOrderDetail", (how,) * times),
            )
            yield Path(f"createOrderV2 silent, then the look-up says {how} {times} times", script)


def unprotected(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The same where the supplier takes a reference twice."""
    return tuple(replace(path, name=f"{path.name}, no duplicate protection", refuse_duplicates=False) for path in paths)


def in_two_parcels(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The same in two parcels."""
    return tuple(replace(path, name=f"{path.name}, two parcels", split=True) for path in paths)
