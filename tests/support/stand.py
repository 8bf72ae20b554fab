"""A kind stood up: its connection, its outside within this process, and the verbs by which a suite moves that outside.

tests/contracts/kinds.py finds the stands. A stand says what is its vendor's own; the suites judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pytest

from local.sandbox.kit.money import TaxRule
from local.sandbox.kit.people import Buyer
from local.sandbox.wire import Delivery, Faults, Request, Response, World
from orderwright.bootstrap_connectors import builder
from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, NoAnswer, NotSent
from orderwright.declarations import Role
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.connection_settings import ConnectionSettings, settings_of
from orderwright.domain.money import Money
from orderwright.domain.order import Address, PaymentState
from orderwright.domain.shipment import ShipmentState
from orderwright.errors import Misconfigured, VendorError
from orderwright.ports.connection import Subscription
from orderwright.ports.supplier import PurchaseLine, PurchaseRequest
from orderwright.webhooks import Request as WebhookRequest
from tests.support import spec_guard
from tests.support.fakes import FakeClock
from tests.support.sandbox_transport import sandbox_transport
from tests.support.source import ROOT

BASE = "https://vendor.example.com"
CALLBACK = "https://api.example.com/webhooks/0123abcd"
EMAIL, PHONE = "aino@example.com", "+358400000000"
BUYER = Address(
    name="Aino Esimerkki", line1="Esimerkkikatu 1", city="Tampere", postcode="33100", country_code="FI", phone=PHONE
)
"""Who buys in every suite, and in the sandboxes where nobody else is named."""
PRIVATE = ("Aino", "Esimerkki", "33100", EMAIL, PHONE)


class Keys:
    """Credentials in memory, of the one worker that may renew."""

    def __init__(self, token: str | None = None, extra: dict[str, str] | None = None, **secrets: str) -> None:
        self.current, self.extra, self.secrets = token, extra or {}, secrets
        self.expires_at: datetime | None = None
        self.stored = 0

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            raise Misconfigured(f"{name} is missing: set it")
        return self.secrets[name]

    def token(self, refused: str = "") -> str | None:
        return self.current if self.current != refused else None

    def renewal_due(self) -> bool:
        return False

    def may_renew(self, hold: timedelta, what: str = "token") -> bool:
        return True

    def store_token(self, value: str, expires_at: datetime, extra: dict[str, str]) -> None:
        self.current, self.expires_at, self.extra = value, expires_at, extra
        self.stored += 1

    def token_extra(self) -> dict[str, str]:
        return self.extra


class Stand(Protocol):
    """One connection of a kind, and its vendor. Every case makes a fresh one."""

    kind: ClassVar[str]
    role: ClassVar[Role]
    package: ClassVar[str] = ""
    """Of a kind that only tests have: the package whose CONNECTOR declares it; and where it has several stands, this one's"""
    name: ClassVar[str] = ""
    lines: ClassVar[Mapping[str, Any]]
    """Its lines in orderwright.yaml, without `kind`. Its vendor answers at BASE."""
    secrets: ClassVar[Mapping[str, str]] = {}
    signing: ClassVar[str] = ""
    """The value that its vendor signs webhooks with; "" for a kind without webhooks."""
    signs_in: ClassVar[bool] = True
    """Whether its vendor looks at a secret before it answers a probe."""
    goods: ClassVar[tuple[str, ...]] = ()
    """Of a supplier: the vendor's ids whose news are wanted."""
    names_wait: ClassVar[bool] = True
    """Whether its vendor says with a 429 and a 503 how long to wait."""

    clock: FakeClock
    sent: list[Delivery]
    faults: Faults
    world: World
    vendor: Any
    """What stands for the vendor, of local/sandbox or like it."""
    calls: int
    _unreachable: bool
    _breaks: dict[int, str]

    def __init__(self) -> None:
        self.clock, self.sent, self.faults, self.calls, self._unreachable = FakeClock(), [], Faults(), 0, False
        self._breaks = {}
        self.world = World(clock=self.clock.now, deliver=self.sent.append)

    def close(self) -> None:
        """End what it began, such as a server."""
        return

    @classmethod
    def samples(cls) -> Path:
        """The folder with what its vendor sends."""
        return ROOT / "events" / "vendors" / cls.kind

    @property
    def settings(self) -> ConnectionSettings:
        return settings_of(self.kind).model_validate({"kind": self.kind, **self.lines})

    def connector(self, secrets: Mapping[str, str] | None = None) -> Any:
        """One worker's connector, as the kind builds it."""
        return builder(self.kind)(self.context(self.secrets if secrets is None else secrets))

    def context(self, secrets: Mapping[str, str]) -> Context[Any]:
        """What it is built with; a stand of mails or files adds these ways."""
        return Context(
            "vendor-1", self.settings, Keys(None, None, **secrets), self._http, self.clock, timedelta(seconds=3)
        )

    def _http(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float
    ) -> HttpAnswer:
        self.calls += 1
        if self._unreachable or self._breaks.get(self.calls) == "unsent":
            raise NotSent("no way there")
        answer = sandbox_transport({BASE: self._guarded})(method, url, headers, body, timeout)
        how = self._breaks.get(self.calls, "ok")
        if how == "lost":
            raise NoAnswer("no answer")
        return answer if how == "ok" else HttpAnswer(int(how), {}, b"")

    def handle(self, request: Request) -> Response:
        """The vendor's answer to one request."""
        answer: Response = self.vendor.handle(request)
        return answer

    def guard(self, request: Request) -> None:
        """Override it: raise AssertionError where a request is not what the vendor's own specification allows."""

    def _guarded(self, request: Request) -> Response:
        self.guard(request)
        return self.handle(request)

    @contextmanager
    def behaving(self, how: str) -> Iterator[None]:
        """Meanwhile every call goes as a word of local.sandbox.wire.Faults says, or never leaves ("unreachable")."""
        self._unreachable = how == "unreachable"
        self.faults.always = "ok" if self._unreachable else how
        try:
            yield
        finally:
            self._unreachable, self.faults.always = False, "ok"

    @contextmanager
    def breaking(self, number: int, how: str) -> Iterator[None]:
        """Meanwhile one call goes wrong, the next one being number 1: "unsent", or taken and then "lost" or "502"."""
        self._breaks = {self.calls + number: how}
        try:
            yield
        finally:
            self._breaks = {}

    @contextmanager
    def refuses(self, *errors: type[VendorError]) -> Iterator[pytest.ExceptionInfo[VendorError]]:
        """What is done meanwhile raises one of these, with a code, and its text tells nobody anything (P8)."""
        with pytest.raises(errors) as caught:
            yield caught
        assert caught.value.code
        self.tells_nothing(f"{caught.value} {caught.value.message} {caught.value.code}")

    def tells_nothing(self, text: str) -> None:
        """Raises AssertionError where a text holds a secret or something of the buyer."""
        told = [one for one in (*self.secrets.values(), self.signing, *PRIVATE, "a-wrong-one") if one and one in text]
        assert not told, f"{self.kind}: a text tells {len(told)} things that must not leave"

    def read(self, connector: Any) -> Any:
        """A call of the role's own that changes nothing at the vendor a second time."""

    def happen(self, connector: Any) -> None:
        """Two things happen at the vendor, of which it tells."""

    def subscriptions(self) -> object:
        """Where the vendor sends what now; equal where it is the same."""

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        """What the vendor sends for a body, signed with a secret. `sample` is its file's name without the end."""

    def answered(self, challenge: Delivery) -> None:
        """The vendor heard the right answer to a challenge."""

    def subscription(self) -> Subscription:
        """What is wanted of the vendor."""
        return Subscription(CALLBACK, secret=self.signing, goods=self.goods)


class StoreStand(Stand, Protocol):
    """A store that sells to BUYER where nobody else is named, and neither taxes nor takes money for a parcel."""

    role: ClassVar[Role] = Role.STORE
    currency: ClassVar[str] = "USD"
    location: ClassVar[str] = ""
    """The name of our location; "" for a store that has none."""
    page: ClassVar[int]
    """How many changed orders one answer holds."""
    shows: ClassVar[frozenset[PaymentState]] = frozenset({PaymentState.PAID})
    """The states of a payment that its orders can show."""
    typed: ClassVar[bool] = False
    """Whether its answers have the shape of the question (GraphQL), so that only plain values can be strange."""
    lamp: ClassVar[SkuRecord] = SkuRecord(
        sku="HL-MS-400", title="Motion sensor lamp", images=("https://img.example.com/1.jpg",)
    )
    other: ClassVar[SkuRecord] = SkuRecord(
        sku="HL-UL-300", title="Light lamp", images=("https://img.example.com/2.jpg",)
    )

    def read(self, connector: Any) -> Any:
        return connector.list_changed_orders(self.clock.now(), "")

    def happen(self, connector: Any) -> None:
        place = connector.find_location(self.location)
        connector.publish_goods(self.lamp, self.money("22.99"), 5, place)
        self.cancel(self.buy({self.lamp.sku: 1}))

    def money(self, text: str) -> Money:
        return Money.parse(text, self.currency)

    def buy(self, lines: Mapping[str, int]) -> str:
        """The buyer orders units by SKU and pays; gives the order's id."""

    def buy_as(self, lines: Mapping[str, int], buyer: Buyer) -> str:
        """The same by somebody: another guest, or whoever has that account."""
        return str(self.vendor.buy(list(lines.items()), buyer, oversell=True).number)

    # What follows is done by the kit's desk and shelf. A stand overrides what its stand-in does in another way.

    def cancel(self, order_id: str) -> None:
        """The merchant cancels for the buyer."""
        self.vendor.cancel(order_id)

    def refund(self, order_id: str, sku: str, units: int) -> None:
        """The merchant gives units back, with their money."""
        self.vendor.refund(order_id, [(sku, units)])

    def edit(self, order_id: str, sku: str, units: int) -> None:
        """The merchant sets a line to so many units."""
        self.vendor.edit(order_id, {sku: units})

    def recorded(self) -> Sequence[tuple[str, bool]]:
        """The store's ledger of fulfillments: the parcel's number or "", and whether the store mailed the buyer."""
        made = self.world.ledger.of_kind(self.kind, "fulfillment_created")
        return [(str(one.data["number"] or ""), bool(one.data["notified"])) for one in made]

    def pay(self, order_id: str, state: PaymentState) -> None:
        """The payment of a fresh order goes into a state, one of those that `shows` has."""
        self.vendor.set_payment(order_id, state.value)

    def as_test(self, order_id: str) -> None:
        """The order was a test of the shop's people (Ability.TEST)."""
        self.vendor.order(order_id).test = True

    def refund_money(self, order_id: str, amount: str) -> None:
        """The merchant gives money back, and no units."""
        self.vendor.refund_money(order_id, Decimal(amount))

    def tax(self, percent: int, *, included: bool) -> None:
        """From now on what is bought is taxed so: `included` in its price, or added to it."""
        self.vendor.taxes[BUYER.country_code] = TaxRule(Decimal(percent), included)

    def fee(self, amount: str) -> None:
        """The payment provider keeps so much of each payment from now on (Ability.FEES): a stand-in that can has `set_fee`."""
        self.vendor.set_fee(amount)

    def shelve(self, skus: Sequence[str], *, together: bool = False) -> None:
        """The merchant makes goods with these SKUs, 1000 pieces for 1.00 each; `together`: as variants of one article."""
        self.vendor.shelve(skus, together=together)

    def suspect(self, order_id: str) -> None:
        """The store takes the order for fraud (Ability.RISK): a stand-in that can has `set_risk`."""
        self.vendor.set_risk(order_id, "CANCEL")

    def erase(self, order_id: str) -> None:
        """The buyer of an order asks to be forgotten, and the store does so (Ability.ERASURE)."""
        self.vendor.redact(order_id)

    def uninstall(self) -> None:
        """The merchant takes our access away."""
        self.vendor.uninstall()

    def drop(self) -> None:
        """The store drops all subscriptions, and tells nobody."""
        self.vendor.hooks.subscriptions.clear()

    def given_back(self) -> Sequence[str]:
        """The store's ledger of money that went back to buyers, whoever gave it back: the amounts."""
        amounts: Sequence[str] = self.vendor.given_back()
        return amounts

    def noted(self, order_id: str) -> Sequence[str]:
        """The notes for the shop's people on an order (Ability.NOTES)."""
        notes: Sequence[str] = self.vendor.order(order_id).staff_notes
        return notes

    def guard(self, request: Request) -> None:
        """Raises AssertionError where a request is not what the vendor's own specification allows.

        By its OpenAPI files, where tests/support/spec_guard.py has the kind; a stand whose vendor has another kind of
        specification overrides it. Without any, the stand-in's own routes and closed bodies are all that checks.
        """
        spec_guard.check(self.kind, request)


class SupplierStand(Stand, Protocol):
    """A supplier that has two pieces of one SKU at least, and takes BUYER's address."""

    role: ClassVar[Role] = Role.SUPPLIER
    reference: ClassVar[str] = "OW-1001-1"
    currency: ClassVar[str] = "USD"
    sku: ClassVar[str]
    supplier_ref: ClassVar[str] = ""
    refuses_orders: ClassVar[bool] = True
    """False for an own warehouse: nothing that was planned can be refused."""

    def read(self, connector: Any) -> Any:
        return connector.look_up(self.reference, {}) if connector.can_look_up else connector.probe()

    def knows(self, how: str) -> bool:
        """Whether a step can go so; see `behaving`."""
        return True

    def request(self, ids: Mapping[str, str] | None = None) -> PurchaseRequest:
        """Two pieces for BUYER."""
        line = PurchaseLine("line-1", self.sku, self.supplier_ref, 2)
        return PurchaseRequest(self.reference, BUYER, EMAIL, PHONE, (line,), "", dict(ids or {}))

    def happen(self, connector: Any) -> None:
        ids: dict[str, str] = {}
        for step in connector.steps:
            ids = connector.run_step(step.name, self.request(ids)).vendor_ids
        self.ship()

    def made(self) -> Sequence[str]:
        """The vendor's ledger: our reference of each order that it ever took in."""

    def ordered(self) -> Sequence[str]:
        """The vendor's ledger: our reference of each order that was paid for or handed over."""

    def refuse(self) -> None:
        """The next order cannot be taken."""

    def ship(self) -> str:
        """The ordered goods leave in one parcel; gives its number."""

    def cancel(self) -> None:
        """The supplier cancels what was ordered."""


class FeedStand(Stand, Protocol):
    """A feed with one sample file, which is good throughout, as `rows` say: SKU -> stock, cost in USD."""

    role: ClassVar[Role] = Role.FEED
    rows: ClassVar[Mapping[str, tuple[int, str]]]
    bad: ClassVar[bytes]
    """A file with G-1 (4 pieces) in its first row, and B-1 in its second, whose stock cannot be read."""

    def read(self, connector: Any) -> Any:
        return connector.read_feed(connector.open_feed("").lines, {})

    def sample(self) -> bytes:
        (file,) = self.samples().iterdir()
        return file.read_bytes()

    def show(self, content: bytes) -> None:
        """The vendor's file is this from now on; its sample before."""


class SignalStand(Stand, Protocol):
    """A file of what prices follow."""

    role: ClassVar[Role] = Role.SIGNAL

    def read(self, connector: Any) -> Any:
        """All rows of the file."""


class CarrierStand(Stand, Protocol):
    """A service that follows parcels. `number` is one that it can follow, `nobodys` one that it cannot."""

    role: ClassVar[Role] = Role.CARRIER
    number: ClassVar[str]
    carrier: ClassVar[str]
    nobodys: ClassVar[str] = "???"
    states: ClassVar[Mapping[ShipmentState, str]]
    """What the vendor calls our states, of those that it knows."""

    def read(self, connector: Any) -> Any:
        return connector.watch(self.number, self.carrier)

    def happen(self, connector: Any) -> None:
        connector.watch(self.number, self.carrier)
        self.scan(self.states[ShipmentState.IN_TRANSIT], self.clock.now())

    def scan(self, status: str, at: datetime) -> None:
        """The carrier sees the parcel with `number`."""

    def watched(self) -> int:
        """How many parcels the vendor follows for us."""
