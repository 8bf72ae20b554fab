"""What the vendors' ledgers show, kept by order: read once, line by line, as they grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from local.running.references import references_at
from local.sandbox.wire import LedgerEntry
from orderwright.domain.base import from_iso
from orderwright.domain.config import Config
from tests.simulation.judge.vendors import Words

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

FUNCTION_TIME = timedelta(seconds=60)
CONFIG_CACHE = timedelta(seconds=30)


@dataclass
class Payment:
    """The supplier was paid for one of its orders. `at` is true time, not the vendor's."""

    reference: str
    amount: Decimal
    quantities: dict[str, int]
    at: datetime


@dataclass
class Sent:
    """A parcel that left the supplier. `former` are numbers that it had before, `at` is when it got the one that it has now."""

    number: str
    reference: str
    quantities: dict[str, int]
    at: datetime
    former: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        """All its numbers, the first one first."""
        return [*self.former, self.number]


class Moment(NamedTuple):
    """When something happened: which line of the ledger it is, and the true time at which the judge saw it."""

    line: int
    at: datetime


@dataclass
class Dealing:
    """One order of the store as all vendors saw it.

    `units` is the most that was ever sold of each SKU, `made` and `ended` when each of our references was first made at the
    supplier, and its last step done,
    `bought_at` the first payment by the vendors' clock.
    """

    name: str
    number: str
    test: bool = False
    units: Counter[str] = field(default_factory=Counter)
    paid: bool = False
    changed: bool = False
    cancelled: Moment | None = None
    made: dict[str, Moment] = field(default_factory=dict)
    bought_at: datetime | None = None
    payments: list[Payment] = field(default_factory=list)
    ended: dict[str, Moment] = field(default_factory=dict)
    parcels: list[Sent] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """Units that a supplier had, and will not ship."""

    def bought(self) -> Counter[str]:
        """Units that the supplier was paid for, by SKU."""
        total: Counter[str] = Counter()
        for payment in self.payments:
            total.update(payment.quantities)
        return total

    def take_back(self, reference: str, quantities: dict[str, int], amount: Decimal) -> None:
        """The supplier will not ship these units, and is not paid for them."""
        self.refused.update(quantities)
        for payment in [one for one in self.payments if one.reference == reference]:
            left = Counter(payment.quantities)
            left.subtract(quantities)
            payment.quantities, payment.amount = dict(+left), payment.amount - amount
            if not payment.quantities:
                self.payments.remove(payment)

    def references_of(self, number: str) -> int:
        """How many purchase orders have something in this parcel."""
        return len({parcel.reference for parcel in self.parcels if number in parcel.numbers})

    def parcel_of(self, number: str) -> Sent | None:
        """The first parcel that has or had this number."""
        return next((parcel for parcel in self.parcels if number in parcel.numbers), None)

    def first_of(self, number: str) -> str:
        """The first number of the parcel that has or had this one: what a parcel is called here, whatever happens to it."""
        parcel = self.parcel_of(number)
        return parcel.numbers[0] if parcel is not None else number

    def is_newest(self, number: str) -> bool:
        """True for the number that its parcel has now."""
        return any(parcel.number == number for parcel in self.parcels)


@dataclass
class Book:
    """Everything from the ledgers, by order; and which configuration was in force since when.

    `accounts`: ours at the suppliers.
    """

    supplier: Words
    store: str
    shop: str
    accounts: tuple[str, ...]
    by_number: dict[str, Dealing] = field(default_factory=dict)
    by_name: dict[str, Dealing] = field(default_factory=dict)
    by_parcel: dict[str, list[str]] = field(default_factory=dict)
    delivered: dict[str, datetime] = field(default_factory=dict)
    """To its buyer, by number: not to its sender, and not when the number was another parcel's."""
    returned: dict[str, datetime] = field(default_factory=dict)
    followed: dict[str, datetime] = field(default_factory=dict)
    configs: list[tuple[datetime, Config]] = field(default_factory=list)
    lines: int = 0
    numbers: dict[str, str] = field(default_factory=dict)

    def order_of(self, reference: str) -> str:
        """The id of the order that one of our references (`records.purchase_reference`) is of; "" for any other text."""
        return self.numbers.get(reference, "")

    def note(self, entry: LedgerEntry, now: datetime) -> Dealing | None:
        """Keep the next line; gives the order that it is about, if any."""
        self.lines += 1
        if entry.vendor == self.store:
            return self._store(entry, now)
        if self.supplier.speaks(entry):
            return self._supplier(entry, now)
        if entry.vendor == "easypost":
            self._carrier(entry, now)
        return None

    def _store(self, entry: LedgerEntry, now: datetime) -> Dealing | None:
        kind, data = entry.kind, entry.data
        if kind == "order_created":
            made = Dealing(entry.reference, str(data["id"]), test=data["test"])
            made.units.update({line["sku"]: line["quantity"] for line in data["lines"] if line["sku"]})
            self.by_number[made.number] = self.by_name[made.name] = made
            for account in self.accounts:
                self.numbers.update(dict.fromkeys(references_at(self.shop, made.number, account), made.number))
            return made
        dealing = self.by_name.get(entry.reference)
        if dealing is None:
            return None
        if kind == "order_paid":
            dealing.paid = True
        elif kind == "order_cancelled":
            dealing.cancelled = Moment(self.lines, now)
        elif kind == "order_refunded":
            dealing.changed = True
        elif kind == "order_edited":
            dealing.changed = True
            more = {line["sku"]: line["delta"] for line in data["lines"] if line["sku"] and line["delta"] > 0}
            dealing.units.update(more)
        return dealing

    def _supplier(self, entry: LedgerEntry, now: datetime) -> Dealing | None:
        dealing = self.by_number.get(self.order_of(entry.reference))
        if dealing is None:
            return None
        data = entry.data
        if self.supplier.is_made(entry):
            dealing.made.setdefault(entry.reference, Moment(self.lines, now))
        elif self.supplier.is_committed(entry):
            amount = self.supplier.amount(entry)
            dealing.bought_at = dealing.bought_at or entry.at
            dealing.payments.append(Payment(entry.reference, amount, dict(data["quantities"]), now))
        elif self.supplier.is_taken_back(entry):
            dealing.take_back(entry.reference, data["quantities"], amount=self.supplier.amount(entry))
        elif entry.kind == self.supplier.ends:
            dealing.ended.setdefault(entry.reference, Moment(self.lines, now))
        elif entry.kind == "order_shipped":
            number = data["tracking_number"]
            dealing.parcels.append(Sent(number, entry.reference, dict(data["quantities"]), now))
            self._named(number, dealing)
        elif entry.kind == "number_replaced":
            for parcel in dealing.parcels:
                if (parcel.number, parcel.reference) == (data["old"], entry.reference):
                    parcel.former.append(parcel.number)
                    parcel.number, parcel.at = data["tracking_number"], now
            self._named(data["tracking_number"], dealing)
        return dealing

    def _named(self, number: str, dealing: Dealing) -> None:
        orders = self.by_parcel.setdefault(number, [])
        if dealing.number not in orders:
            orders.append(dealing.number)

    def numbers_with(self, number: str) -> list[str]:
        """All numbers of the parcel that has or had this one."""
        found = [self.by_number[order].parcel_of(number) for order in self.by_parcel.get(number, ())]
        return [each for parcel in found if parcel is not None for each in parcel.numbers] or [number]

    def _of_another(self, entry: LedgerEntry) -> bool:
        """A scan from before the purchase is of another parcel that had this number."""
        bought = [self.by_number[order].bought_at for order in self.by_parcel.get(entry.reference, ())]
        when = from_iso(entry.data["when"]) if "when" in entry.data else entry.at
        return bool(bought) and all(at is not None and when < at - timedelta(hours=1) for at in bought)

    def _carrier(self, entry: LedgerEntry, now: datetime) -> None:
        number, status = entry.reference, entry.data.get("status")
        if entry.kind == "scan" and not self._of_another(entry):
            if status == "return_to_sender" or entry.data.get("is_return"):
                self.returned.setdefault(number, now)
            elif status == "delivered" and not any(each in self.returned for each in self.numbers_with(number)):
                self.delivered.setdefault(number, now)
        elif entry.kind == "tracker_created":
            self.followed.setdefault(entry.reference, now)

    def apply(self, config: Config, now: datetime) -> None:
        """From now on this configuration is in force."""
        if not self.configs or self.configs[-1][1] != config:
            self.configs.append((now, config))

    def in_force(self, since: datetime) -> Iterator[Config]:
        """Every configuration that a function may have worked with after `since`: its cache and its own time count."""
        oldest = since - CONFIG_CACHE - FUNCTION_TIME
        for place, (_, config) in enumerate(self.configs):
            ended = self.configs[place + 1][0] if place + 1 < len(self.configs) else None
            if ended is None or ended >= oldest:
                yield config


def vendor_news_came(sim: Sim, names: Iterable[str]) -> bool:
    """True where no webhook was dropped, and none that names one of these was given up: all that was said must be known."""
    return not sim.memory.get("webhooks_dropped") and not any(name in sim.seen.lost for name in names)
