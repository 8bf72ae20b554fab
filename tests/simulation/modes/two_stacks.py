"""Two stacks on one shop, message by message in an order that a seed decides, each killed now and then (promise P15).

Both have tables, queues and tokens of their own, and share the store, the supplier and the time: two shops of
tests/support/shop.py. They do not run on the kernel of the other modes, so a worker stands still only where it is killed, and its
message comes again later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from tests.simulation.modes.bench import Bench
from tests.simulation.modes.hunting import FEW_SEEDS, MOST_SEEDS, Scenario
from tests.support.shop import Boundary, Killed, Shop
from tests.support.two_stacks import open_two, tell

SKUS = ("HL-MS-400", "HL-COB-350", "HL-KID-120")
STEPS = 60
KILLS = 0.35
# Nobody hears alerts here, and what they wait for is judged by the orders themselves.
UNHEARD = ("alert_merchant", "notify_customer")


def name_of(seed: int) -> str:
    """As reports call it."""
    return f"two stacks, seed {seed}"


class Played(NamedTuple):
    """The promises that were broken, and how much was played."""

    broken: list[str]
    orders: int
    kills: int


def play(seed: int) -> Played:
    """One seed.

    The supplier takes a repeated reference for a new order: only the looks before send and payment stand between the two.
    """
    dice, stacks = Random(seed), open_two(refuse_duplicates=False)
    first = stacks[0]
    names = []
    for _ in range(dice.choice((1, 1, 2, 3))):
        order = first.store.buy([(dice.choice(SKUS), 1)])
        names.append(order.name)
        for shop in stacks:
            tell(shop, order.number)
    kills = sum(_move(dice.choice(stacks), dice) for _ in range(STEPS))
    for shop in stacks:
        shop.wiring = shop.new_worker()
    for shop in stacks * 3:
        _quiet(shop)
        shop.pass_time(1200, step=120)
    broken = [sentence for name in names for sentence in _judge(stacks, name)]
    for shop in reversed(stacks):
        shop.close()
    return Played(broken, len(names), kills)


def _move(shop: Shop, dice: Random) -> bool:
    """A message is worked on, or time passes and what is overdue is found. True when the worker was killed."""
    _quiet(shop)
    waiting = [name for name, queue in shop.queues.items() if queue]
    if not waiting:
        shop.clock.advance(dice.choice((1, 20, 120)))
        shop.sweep()
        shop.relay()
        return False
    name = dice.choice(waiting)
    body = shop.queues[name].popleft()
    strike = (dice.randint(1, 24), dice.choice(("before", "after"))) if dice.random() < KILLS else None
    try:
        shop.call(name, body, Boundary(kill_at=strike))
    except Killed:
        shop.queues[name].append(body)
        killed = True
    else:
        killed = False
    shop.wiring = shop.new_worker()
    shop.relay()
    return killed


def _quiet(shop: Shop) -> None:
    for name in UNHEARD:
        shop.queues[name].clear()


def _judge(stacks: tuple[Shop, Shop], name: str) -> Iterator[str]:
    """By the supplier's ledger: made once, paid once at most; not at all only where a stack says why."""
    ours, ledger = stacks[0].references(name), stacks[0].world.ledger
    for kind in ("order_created", "order_paid"):
        times = Counter(entry.reference for entry in ledger.of_kind("cj", kind) if entry.reference in ours)
        for reference, count in times.items():
            if count > 1:
                yield f"P15: {reference} of {name} was {kind.removeprefix('order_')} {count} times"
        if len(times) > 1:
            yield f"P15: {name} has {len(times)} references at the supplier"
    if not stacks[0].paid_orders(name):
        records = [held.model for shop in stacks if (held := shop.order(name).record) is not None]
        waits = {reason.code for record in records for reason in record.reasons}
        if waits <= {"BOUGHT_ELSEWHERE"}:
            yield f"P15: {name} was bought by neither stack, and neither says why"


@dataclass(frozen=True)
class TwoStacks:
    """Where a guard between two stacks is missed."""

    known: int = 0

    def scenarios(self, bench: Bench) -> Iterator[Scenario]:
        """From seed 0 on."""
        return (self._scenario(seed) for seed in range(MOST_SEEDS))

    def likely(self, bench: Bench) -> Iterator[Scenario]:
        """The known one first."""
        return (self._scenario(seed) for seed in (self.known, *range(FEW_SEEDS)))

    def _scenario(self, seed: int) -> Scenario:
        return Scenario(name_of(seed), lambda: play(seed).broken)
