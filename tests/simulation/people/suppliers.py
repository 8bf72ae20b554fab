"""The supplier's warehouse and the carrier: what was paid is sent and travels; stock and cost move meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from local.sandbox.cj.state import Parcel
from local.sandbox.goods import GOODS, good_of
from tests.simulation.people.journeys import MESSAGES, Leg, Oddity, Pace, draw_journey, draw_oddity, until_its_end
from tests.simulation.people.scene import Scene, counted, is_over, is_over_at, sooner_or_later

LOGISTICS = "logistics"
MOVES = {"in_transit": 5, "out_for_delivery": 10, "delivered": 12, "failure": 13, "return_to_sender": 14}
"""The supplier's own codes for the same."""
OFF_SALE = 2
_STOCKS = (0, 1, 2, 5, 12, 40, 60)
_COSTS = (Decimal("0.80"), Decimal("0.95"), Decimal("1.08"), Decimal("1.35"), Decimal("1.70"))
_SURCHARGES = (Decimal("0.50"), Decimal("1.20"), Decimal("25.00"))


@dataclass
class Logistics:
    """The people at the supplier. `on_ledger` looks at what was paid since it looked last."""

    sim: Scene
    salt: int
    pace: Pace
    until: datetime | None
    seen: int = 0
    known: dict[str, bool] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    """How many orders of each reference were made so far."""

    def on_ledger(self) -> None:
        """Plan the parcels of each order that was paid for; an order that was paid twice is sent once."""
        entries = self.sim.world.ledger.entries
        while self.seen < len(entries):
            entry = entries[self.seen]
            self.seen += 1
            if entry.vendor != self.sim.words.vendor:
                continue
            if self.sim.words.is_made(entry):
                self.made[entry.reference] += 1
            if self.sim.words.is_committed(entry) and entry.data["order_id"] not in self.known:
                self.known[entry.data["order_id"]] = True
                self._plan(entry.data["order_id"], entry.reference)

    def _plan(self, order_id: str, reference: str) -> None:
        order = self.sim.supplier.book.find(order_id)
        assert order is not None
        dice = Random(f"{self.salt}/{reference}/{self.made[reference]}")
        units = [sku for sku, count in sorted(order.quantities.items()) for _ in range(count)]
        splits, share = dice.random() < self.pace.splits, dice.random()
        at = sooner_or_later(dice, *self.pace.packing)
        if splits and len(units) > 1:
            dice.shuffle(units)
            self._pack(at, order_id, _counts(units[: 1 + int(share * (len(units) - 1))]), dice)
            at += sooner_or_later(dice, *self.pace.packing)
        self._pack(at, order_id, None, dice)

    def _pack(self, at: float, order_id: str, lines: Mapping[str, int] | None, dice: Random) -> None:
        journey, told = draw_journey(dice, self.pace), dice.random() < self.pace.told
        odd = draw_oddity(Random(f"odd/{self.salt}/{order_id}/{at}"), self.pace, journey)
        self.sim.agenda.after(at, "the supplier sends a parcel", Ship(self, order_id, lines, journey, told, odd))


def _counts(units: list[str]) -> dict[str, int]:
    return {sku: units.count(sku) for sku in sorted(set(units))}


@dataclass
class Ship:
    """A parcel leaves; with it begins its journey. `lines` None: all that is left."""

    people: Logistics
    order_id: str
    lines: Mapping[str, int] | None
    journey: tuple[Leg, ...]
    told: bool
    odd: Oddity

    def __call__(self) -> None:
        """Send it now."""
        sim = self.people.sim
        if is_over(sim, self.people.until):
            return
        parcel = sim.supplier.ship(self.order_id, self.lines)
        sim.note("the supplier", f"sends {parcel.tracking_number}{', a used number' if self.odd.reused else ''}")
        if self.odd.reused:
            sim.carrier.used_before(parcel.tracking_number)
        for leg in self._legs():
            scan = Scan(self.people, parcel, leg, self.told and leg.first)
            sim.agenda.after(leg.told_at, "the carrier scans a parcel", scan)
        if self.odd.replaced_at is not None:
            act = Renumber(self.people, parcel, self.odd.last_mile)
            sim.agenda.after(self.odd.replaced_at, "the supplier replaces a number", act)
        if self.odd.home is not None:
            home = Scan(self.people, parcel, Leg(0.0, "delivered"), False, to_sender=True, flagged=self.odd.flagged)
            sim.agenda.after(self.journey[-1].told_at + self.odd.home, "the sender has a parcel back", home)

    def _legs(self) -> tuple[Leg, ...]:
        """An old scan behind the delivery must not be the last word because the delivery is never told again."""
        last = self.people.sim.clock.now() + timedelta(seconds=self.journey[-1].told_at)
        return until_its_end(self.journey) if is_over_at(last, self.people.until) else self.journey


@dataclass
class Scan:
    """The carrier tells a scan; the supplier's own tracking says the same where `told`."""

    people: Logistics
    parcel: Parcel
    leg: Leg
    told: bool
    to_sender: bool = False
    flagged: bool = False

    def __call__(self) -> None:
        """Tell it now."""
        sim = self.people.sim
        if is_over(sim, self.people.until):
            return
        status, message = self.leg.status, "Delivered to the sender" if self.to_sender else MESSAGES[self.leg.status]
        number, when = self.parcel.travels_as, sim.world.clock() - timedelta(seconds=self.leg.age)
        sim.carrier.scan(number, status, message, when, is_return=self.flagged)
        what = f"{status}{' to the sender' if self.to_sender else ''}{'' if self.leg.first else ', late or again'}"
        sim.note("the carrier", f"scans {number}: {what}")
        if self.told:
            sim.supplier.move_parcel(self.parcel.tracking_number, MOVES[status], message)


@dataclass
class Renumber:
    """The supplier has told a number, and has another one now."""

    people: Logistics
    parcel: Parcel
    last_mile: bool

    def __call__(self) -> None:
        """Replace it now."""
        sim = self.people.sim
        if is_over(sim, self.people.until):
            return
        old = self.parcel.travels_as
        sim.supplier.renumber(self.parcel.tracking_number, last_mile=self.last_mile)
        sim.note("the supplier", f"replaces {old} by {self.parcel.travels_as}")


@dataclass
class Restock:
    """The warehouse counts anew."""

    sim: Scene
    sku: str
    stock: int
    until: datetime | None

    def __call__(self) -> None:
        """Say the new number now."""
        if is_over(self.sim, self.until):
            return
        self.sim.supplier.set_stock(self.sku, self.stock)
        self.sim.world.record(self.sim.words.vendor, "stock_set", self.sku, stock=self.stock)
        self.sim.note("the supplier", f"has {self.stock} of {self.sku}")


@dataclass
class OffSale:
    """The supplier sells an article no more, whatever stock it has. memory["off_sale"]: SKU -> since when."""

    sim: Scene
    sku: str
    until: datetime | None

    def __call__(self) -> None:
        """Take it off sale now."""
        if is_over(self.sim, self.until):
            return
        self.sim.memory.setdefault("off_sale", {})[self.sku] = self.sim.clock.now()
        self.sim.supplier.set_sale_status(self.sku, OFF_SALE)
        self.sim.note("the supplier", f"sells {self.sku} no more")


@dataclass
class Reprice:
    """Something costs more, or less."""

    sim: Scene
    sku: str
    cost: Decimal
    until: datetime | None

    def __call__(self) -> None:
        """Say the new cost now."""
        if is_over(self.sim, self.until):
            return
        self.sim.supplier.set_cost(self.sku, self.cost)
        self.sim.world.record(self.sim.words.vendor, "cost_set", self.sku, cost=str(self.cost))
        self.sim.note("the supplier", f"asks {self.cost} for {self.sku}")


@dataclass
class Surcharge:
    """The next bill for an article is higher than what was quoted."""

    sim: Scene
    sku: str
    amount: Decimal
    until: datetime | None

    def __call__(self) -> None:
        """Ask for more from now on, once."""
        if is_over(self.sim, self.until):
            return
        self.sim.supplier.set_payable_surcharge(self.sku, self.amount)
        counted(self.sim, "supplier_did", "surcharge")
        self.sim.note("the supplier", f"will ask {self.amount} more for {self.sku}")


def plan_logistics(
    sim: Scene,
    dice: Random,
    *,
    span_seconds: float,
    changes: int = 4,
    surcharges: float = 0.25,
    pace: Pace | None = None,
    until: datetime | None = None,
) -> Logistics:
    """Let the supplier's people work: `changes` of stock or cost in the next `span_seconds`, and parcels for what is paid.

    Call `on_ledger(sim)` after each event. What is in the ledger already is looked at as well.
    """
    people = Logistics(sim, dice.getrandbits(64), pace or Pace(), until)
    sim.memory[LOGISTICS] = people
    for _ in range(changes):
        sku = dice.choice(GOODS).sku
        stock, factor, restocks = dice.choice(_STOCKS), dice.choice(_COSTS), dice.random() < 0.5
        cost = (good_of(sku).cost * factor).quantize(Decimal("0.01"))
        act = Restock(sim, sku, stock, until) if restocks else Reprice(sim, sku, cost, until)
        sim.agenda.after(dice.uniform(0, span_seconds), "the supplier's goods change", act)
    at, sku, amount = dice.uniform(0, span_seconds), dice.choice(GOODS).sku, dice.choice(_SURCHARGES)
    if dice.random() < surcharges:
        sim.agenda.after(at, "the supplier's bill will be higher", Surcharge(sim, sku, amount, until))
    return people


def on_ledger(sim: Scene) -> None:
    """What the supplier's people do about news in the ledger; cheap when there is none."""
    people: Logistics | None = sim.memory.get(LOGISTICS)
    if people is not None:
        people.on_ledger()
