"""The merchant's operator, working by the product's own use cases; whatever these refuse is a normal answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from orderwright.domain.config import Config
from orderwright.domain.config_values import MoneyText
from orderwright.domain.timing import AWS, Timing
from orderwright.records import ALL_SUPPLIERS, order_pk
from orderwright.usecases.operator.applying import (
    Names,
    apply_config,
    current_config,
    needs_repricing,
)
from orderwright.usecases.operator.cancel import stop_order
from orderwright.usecases.operator.desk import Desk, Refused
from orderwright.usecases.operator.kill import switch_kill
from orderwright.usecases.operator.order_list import ATTENTION, list_orders
from orderwright.usecases.operator.prices import approve_pending, pending_prices, reject_pending
from orderwright.usecases.operator.repricing import repricing_messages
from tests.simulation.people.desk_work import lift_stop, look_after
from tests.simulation.people.scene import Act, Scene, counted, is_over, sooner_or_later
from tests.support.shop import STORE, SUPPLIER

WHO = "the operator"
MARGIN = timedelta(seconds=2)
_CAPS = (Decimal("5.00"), Decimal("40.00"), Decimal("120.00"))


@dataclass(frozen=True)
class Duties:
    """How much an operator does: probabilities of the interventions, and how often they look at what waits."""

    kills: float = 0.3
    caps: float = 0.25
    stops: float = 0.2
    rounds: int = 4
    prices: int = 2
    redrives: int = 2
    renames: float = 0.15


@dataclass
class Operator:
    """One person at a desk. `asked` counts their actions, which name the entries of the time line."""

    sim: Scene
    timing: Timing
    until: datetime | None
    asked: int = 0

    def desk(self, why: str) -> Desk:
        """The desk, with a reason."""
        self.asked += 1
        return Desk(self.sim.storage, self.sim.clock, "mika", why, f"operator-{self.asked}")

    def config(self) -> Config:
        """What is in force, by ids as the functions see it."""
        found = current_config(self.sim.storage)
        assert found.config is not None
        assert found.stored is not None
        return found.config.by_ids(found.stored.identities)

    def do(self, what: str, act: Callable[[], object]) -> bool:
        """Try something. True: done; False: the desk refused, which is counted."""
        try:
            act()
        except Refused as refused:
            counted(self.sim, "refused", f"{what}: {refused.code}")
            self.sim.note(WHO, f"{what}: refused ({refused.code})")
            return False
        counted(self.sim, "operator_did", what)
        self.sim.note(WHO, what)
        return True

    def later(self, seconds: float, act: Act) -> None:
        """Something for later, but before people end."""
        when = self.sim.clock.now() + timedelta(seconds=seconds)
        self.sim.agenda.at(when if self.until is None else min(when, self.until), WHO, act)


def plan_operator(
    sim: Scene,
    dice: Random,
    *,
    span_seconds: float,
    duties: Duties | None = None,
    timing: Timing = AWS,
    until: datetime | None = None,
) -> Operator:
    """Write the operator's day into the agenda; what they switched off is on again, at the latest, at `until`."""
    work, operator = duties or Duties(), Operator(sim, timing, until)

    def somewhen(act: Act) -> None:
        operator.later(dice.uniform(0, span_seconds), act)

    kills, off_after = dice.random() < work.kills, sooner_or_later(dice, 60, 1800)
    caps, cap, back_after = dice.random() < work.caps, dice.choice(_CAPS), sooner_or_later(dice, 120, 3600)
    stops, which, lifted = dice.random() < work.stops, dice.random(), dice.random() < 0.5
    salt, lift_after = dice.getrandbits(64), sooner_or_later(dice, 60, 3600)
    if kills:
        somewhen(StopSpending(operator, off_after, ALL_SUPPLIERS if salt & 1 else SUPPLIER))
    if caps:
        somewhen(LowerCap(operator, cap, back_after))
    if stops:
        somewhen(StopOrder(operator, which, lift_after if lifted else None))
    for number in range(work.rounds):
        somewhen(Round(operator, salt, number))
    for number in range(work.prices):
        somewhen(AnswerPrices(operator, salt, number))
    for _ in range(work.redrives):
        somewhen(Redrive(operator))
    operator.later(span_seconds, Redrive(operator))
    operator.later(span_seconds, Round(operator, salt, work.rounds))
    # Drawn last, so that the days of before stay what they were.
    if dice.random() < work.renames:
        somewhen(RenameConnections(operator))
    return operator


@dataclass
class StopSpending:
    """The kill switch, and off again `off_after` seconds later. memory["kill_on"]: [since, until or None while it is on]."""

    operator: Operator
    off_after: float
    switch: str = SUPPLIER

    def __call__(self) -> None:
        """Switch it on now."""
        operator = self.operator
        if is_over(operator.sim, operator.until):
            return
        switched: list[str] = []
        desk = operator.desk("something looks wrong")
        operator.do("kill switch on", lambda: switched.extend(switch_kill(desk, [self.switch], on=True)))
        if switched:
            span: list[Any] = [operator.sim.clock.now(), None]
            operator.sim.memory.setdefault("kill_on", []).append(span)
            operator.later(self.off_after, AllowSpending(operator, span, self.switch))


@dataclass
class AllowSpending:
    """The kill switch off, whatever the hour."""

    operator: Operator
    span: list[Any]
    switch: str

    def __call__(self) -> None:
        """Switch it off now."""
        self.span[1] = self.operator.sim.clock.now()
        desk = self.operator.desk("it was a false alarm")
        self.operator.do("kill switch off", lambda: switch_kill(desk, [self.switch], on=False))


@dataclass
class LowerCap:
    """A lower limit of the day, and the old one again later. memory["caps"]: [since, until or None, amount in USD]."""

    operator: Operator
    amount: Decimal
    back_after: float

    def __call__(self) -> None:
        """Apply it now."""
        operator = self.operator
        if is_over(operator.sim, operator.until):
            return
        before = operator.config().limits.spend_per_day[SUPPLIER]
        if operator.do("cap lowered", lambda: set_cap(operator, self.amount)):
            span: list[Any] = [operator.sim.clock.now(), None, str(self.amount)]
            operator.sim.memory.setdefault("caps", []).append(span)
            operator.later(self.back_after, RestoreCap(operator, before.amount, span))


@dataclass
class RenameConnections:
    """Store and supplier get other names in the file: labels, and nothing else may change by it (P15)."""

    operator: Operator

    def __call__(self) -> None:
        """Apply it now."""
        if not is_over(self.operator.sim, self.operator.until):
            self.operator.do("store and supplier renamed", lambda: rename(self.operator))


def rename(operator: Operator) -> None:
    """The same file with other names, and what they were. Raises Refused."""
    held = current_config(operator.sim.storage)
    assert held.config is not None
    names = {STORE: "new-lamp-shop", SUPPLIER: "cj-main"}
    text = held.config.model_dump_json()
    for old, new in names.items():
        text = text.replace(f'"{old}":', f'"{new}":').replace(f'"offers_of":"{old}"', f'"offers_of":"{new}"')
    apply_config(operator.desk("other names"), Config.model_validate_json(text), held.number, Names(names))


@dataclass
class RestoreCap:
    """The limit as it was, whatever the hour."""

    operator: Operator
    amount: Decimal
    span: list[Any]

    def __call__(self) -> None:
        """Apply it now."""
        if self.operator.do("cap restored", lambda: set_cap(self.operator, self.amount)):
            self.span[1] = self.operator.sim.clock.now()


def set_cap(operator: Operator, amount: Decimal) -> None:
    """A new version of the configuration with this limit of the day, and its repricing. Raises Refused."""
    desk = operator.desk("the day's limit")
    held = current_config(operator.sim.storage)
    assert held.config is not None
    assert held.stored is not None
    called = next((one.name for one in held.stored.identities if one.id == SUPPLIER), SUPPLIER)
    limits = held.config.limits
    per_day = {**limits.spend_per_day, called: MoneyText(amount=amount, currency="USD")}
    changed = held.config.model_copy(update={"limits": limits.model_copy(update={"spend_per_day": per_day})})
    number, _ = apply_config(desk, changed, held.number)
    if needs_repricing(held.config, changed):
        # As the command line does: sent so that they arrive when no function holds the old version any more.
        wait = (operator.timing.config_cache + MARGIN).total_seconds()
        operator.sim.agenda.after(wait, "repricing", SendRepricing(operator, number))


@dataclass
class SendRepricing:
    """The message after a new version, under an id of its own."""

    operator: Operator
    number: int

    def __call__(self) -> None:
        """Send them now."""
        messages = repricing_messages(self.operator.desk("a new version"))
        named = [replace(message, id=f"reprice-{self.number}") for message in messages]
        self.operator.sim.send(named)


@dataclass
class StopOrder:
    """One of the orders is stopped on our side; some go on later. memory["stopped"]: [order, since, until or None]."""

    operator: Operator
    which: float
    lift_after: float | None

    def __call__(self) -> None:
        """Stop it now."""
        operator, sim = self.operator, self.operator.sim
        if is_over(sim, operator.until) or not sim.sold:
            return
        sold = sim.sold[int(self.which * len(sim.sold))]
        pk, desk = order_pk(STORE, sold.number), operator.desk("the customer rang")
        if operator.do("order stopped", lambda: stop_order(desk, pk)):
            span: list[Any] = [sold.name, sim.clock.now(), None]
            sim.memory.setdefault("stopped", []).append(span)
            if self.lift_after is not None:
                operator.later(self.lift_after, LiftStop(operator, pk, span))


@dataclass
class LiftStop:
    """The stopped order may go on."""

    operator: Operator
    pk: str
    span: list[Any]

    def __call__(self) -> None:
        """Let it go on now."""
        operator = self.operator
        if is_over(operator.sim, operator.until):
            return
        desk = operator.desk("the customer wants it after all")
        if operator.do("stop lifted", lambda: lift_stop(desk, self.pk, operator.timing)):
            self.span[2] = operator.sim.clock.now()


@dataclass
class Round:
    """A look at everything that waits for the operator. Some of it they leave for later."""

    operator: Operator
    salt: int
    number: int

    def __call__(self) -> None:
        """Work through the list now."""
        operator = self.operator
        if is_over(operator.sim, operator.until):
            return
        for listed in list_orders(operator.sim.storage, ATTENTION):
            dice = Random(f"{self.salt}/{self.number}/{listed.pk}")
            leaves, doubts = dice.random() < 0.2, dice.random() < 0.5
            if not leaves:
                self._look_after(listed.pk, doubts)

    def _look_after(self, pk: str, doubts: bool) -> None:
        operator = self.operator
        sim, desk, config = operator.sim, operator.desk("looked at it"), operator.config()
        done: list[str] = []
        what = "order looked after"
        if operator.do(what, lambda: done.append(look_after(sim, desk, pk, config, operator.timing, doubts=doubts))):
            counted(sim, "operator_did", done[0])
            sim.note(WHO, f"{done[0]}: {pk}")


@dataclass
class AnswerPrices:
    """A yes or a no to each price that waits."""

    operator: Operator
    salt: int
    number: int

    def __call__(self) -> None:
        """Answer now."""
        operator = self.operator
        if is_over(operator.sim, operator.until):
            return
        for listing in pending_prices(operator.sim.storage, 1000):
            dice = Random(f"{self.salt}/{self.number}/{listing.store}/{listing.sku}")
            desk, timing = operator.desk("looked at the price"), operator.timing
            if dice.random() < 0.7:
                operator.do("price approved", partial(approve_pending, desk, listing, operator.config(), timing))
            else:
                operator.do("price rejected", partial(reject_pending, desk, listing, timing))


@dataclass
class Redrive:
    """Dead letters go back to their queues."""

    operator: Operator

    def __call__(self) -> None:
        """Send them back now."""
        operator = self.operator
        if is_over(operator.sim, operator.until):
            return
        moved = operator.sim.redrive()
        if moved:
            operator.sim.memory["redriven"] = operator.sim.memory.get("redriven", 0) + moved
