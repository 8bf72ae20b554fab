"""The vendors behind the scripted suppliers. Their lines in the world's ledger are the judge.

`order_committed` is the line of the step that commits, whatever the shape. The worst case is played: no reference is refused
for being known, and each repeated call that commits is one more commitment.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from local.sandbox.inventory import Inventory
from local.sandbox.kit.api import Api, Call, Refusal, Route, Violation, gate, operations
from local.sandbox.kit.vendor import ApiVendor
from local.sandbox.wire import Request, Response, World, json_response

STEPS, MAIL = "scripted", "scripted-mail"
PREFIX = "item-"
"""Before our SKU: the vendor's own id of an article."""
FREIGHT = Decimal("4.00")
ROUTES = (
    Route("GET", "/account", "account"),
    Route("POST", "/orders", "create"),
    Route("POST", "/orders/placed", "place"),
    Route("POST", "/orders/{key}/commit", "commit"),
    Route("POST", "/orders/{key}/label", "label"),
    Route("POST", "/orders/{key}/cancel", "cancel"),
    Route("GET", "/orders/{key}", "look_up"),
    Route("DELETE", "/orders/{key}", "withdraw"),
    Route("GET", "/orders/{key}/parcels", "parcels"),
    Route("POST", "/quotes", "quote"),
    Route("GET", "/items/{key}", "item"),
)
MISSING, CONFLICT = Refusal(404, "missing", ""), Refusal(409, "conflict", "")


@dataclass
class Accepted:
    """One order at the vendor. `done` are the steps that happened, `parcels` as the API shows them."""

    id: str
    reference: str
    lines: list[dict[str, Any]]
    to: dict[str, str]
    total: Decimal
    done: list[str] = field(default_factory=list)
    cancelled: bool = False
    withdrawn: bool = False
    parcels: list[dict[str, Any]] = field(default_factory=list)

    @property
    def quantities(self) -> dict[str, int]:
        """Units by our SKU."""
        return {line["item"].removeprefix(PREFIX): line["units"] for line in self.lines}

    @property
    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "order": self.id, "reference": self.reference, "lines": self.lines, "to": self.to, "total": str(self.total),
            "currency": "USD", "done": self.done, "cancelled": self.cancelled or self.withdrawn,
        }  # fmt: skip


class Book:
    """Accepted orders by reference, and what the vendor's people do with them."""

    def __init__(self, world: World, vendor: str) -> None:
        self.world, self.vendor = world, vendor
        self.orders: list[Accepted] = []

    def of(self, reference: str) -> list[Accepted]:
        """All orders of one reference, oldest first."""
        return [order for order in self.orders if order.reference == reference]

    def find(self, key: str) -> Accepted:
        """The newest order of this id or reference. Raises Refusal."""
        found = [order for order in self.orders if key in (order.id, order.reference)]
        if not found:
            raise MISSING
        return found[-1]

    def accept(self, reference: str, lines: list[dict[str, Any]], to: dict[str, str], total: Decimal) -> Accepted:
        """A new order."""
        order = Accepted(f"S{len(self.orders) + 1:06d}", reference, lines, to, total)
        self.orders.append(order)
        return order

    def committed(self, order: Accepted, step: str) -> None:
        """The step that commits has happened (once more)."""
        order.done += [] if step in order.done else [step]
        self.record("order_committed", order, amount=order.total, quantities=order.quantities)

    def commitments(self, reference: str = "") -> list[Any]:
        """Lines of the ledger: what was committed, all of it or that of one reference."""
        lines = self.world.ledger.of_kind(self.vendor, "order_committed")
        return [line for line in lines if not reference or line.reference == reference]

    def record(self, kind: str, order: Accepted, **data: Any) -> None:
        """One line of the ledger about an order."""
        self.world.record(self.vendor, kind, order.reference, order_id=order.id, **data)

    def cancel(self, reference: str) -> None:
        """The vendor's own people cancel an order."""
        order = self.find(reference)
        order.cancelled = True
        self.record("order_cancelled", order)

    def ship(self, reference: str, number: str = "", carrier: str = "USPS", units: dict[str, int] | None = None) -> str:
        """A parcel leaves with all units, or with these (by our SKU). Gives its number."""
        order = self.find(reference)
        number = number or f"PARCEL{order.id}{len(order.parcels) + 1}"
        # Without lines: all that is in no other parcel.
        lines = [{"item": PREFIX + sku, "units": count} for sku, count in (units or {}).items()]
        order.parcels.append({"number": number, "carrier": carrier, "lines": lines})
        self.record("parcel_shipped", order, number=number)
        return number

    def parcels(self, key: str) -> dict[str, Any]:
        """The parcels of an order, as the API shows them."""
        order = self.find(key)
        shown = {"reference": order.reference, "found": True, "cancelled": order.cancelled}
        return {**shown, "parcels": order.parcels}


class ScriptedVendor(ApiVendor, Book):
    """Behind the kind "scripted", at scripted.test. Faults are scripted by operation; all shapes are served.

    `takes_cancellations`: what it answers to one. `surcharge` is added to the total of every order that is made from now on.
    """

    def __init__(self, world: World, inventory: Inventory | None = None, key: str = "scripted-key") -> None:
        Book.__init__(self, world, STEPS)
        self.inventory = inventory or Inventory(world.clock())
        self.key = key
        self.takes_cancellations = True
        self.surcharge = Decimal(0)
        names = operations(ROUTES)
        answers = {name: getattr(self, f"_{name}") for name in names}
        self.api = Api(world, STEPS, ROUTES, answers, _said, _broken, gates=(gate(self._knows, _stranger),))

    def _knows(self, call: Call) -> bool:
        return call.request.headers.get("x-key") == self.key

    def _account(self, _: Call) -> dict[str, Any]:
        return {"account": "scripted-account"}

    def _create(self, call: Call) -> dict[str, Any]:
        body = call.request.json()
        total = sum((self._position(line["item"]).cost * line["units"] for line in body["lines"]), FREIGHT)
        order = self.accept(body["reference"], body["lines"], body["to"], total + self.surcharge)
        order.done.append("create")
        self.record("order_created", order, amount=order.total, quantities=order.quantities)
        return order.shown

    def _place(self, call: Call) -> dict[str, Any]:
        self._create(call)
        return self._take(self.orders[-1], "place")

    def _commit(self, call: Call) -> dict[str, Any]:
        return self._take(self.find(call.parts["key"]), "commit")

    def _take(self, order: Accepted, step: str) -> dict[str, Any]:
        if order.cancelled or order.withdrawn:
            raise CONFLICT
        for sku, units in order.quantities.items() if step not in order.done else ():
            position = self._position(PREFIX + sku)
            if position.stock < units:
                raise CONFLICT
            self.inventory.set_stock(sku, position.stock - units, self.world.clock())
        self.committed(order, step)
        return order.shown

    def _label(self, call: Call) -> dict[str, Any]:
        order = self.find(call.parts["key"])
        if "commit" not in order.done or order.cancelled:
            raise CONFLICT
        order.done += [] if "label" in order.done else ["label"]
        self.record("label_printed", order)
        return order.shown

    def _look_up(self, call: Call) -> dict[str, Any]:
        return self.find(call.parts["key"]).shown

    def _withdraw(self, call: Call) -> dict[str, Any]:
        order = self.find(call.parts["key"])
        if {"place", "commit"} & set(order.done):
            raise CONFLICT
        order.withdrawn = True
        self.record("order_withdrawn", order)
        return {}

    def _cancel(self, call: Call) -> dict[str, Any]:
        order = self.find(call.parts["key"])
        self.record("cancellation_asked", order, taken=self.takes_cancellations)
        return {"taken": self.takes_cancellations}

    def _parcels(self, call: Call) -> dict[str, Any]:
        return self.parcels(call.parts["key"])

    def _quote(self, _: Call) -> dict[str, Any]:
        return {"price": str(FREIGHT), "currency": "USD"}

    def _item(self, call: Call) -> dict[str, Any]:
        position = self._position(call.parts["key"])
        return {"stock": position.stock, "cost": str(position.cost), "currency": "USD"}

    def _position(self, item: str) -> Any:
        try:
            return self.inventory[item.removeprefix(PREFIX)]
        except KeyError:
            raise MISSING from None


def _said(refusal: Refusal, _: Call) -> Response:
    return json_response({}, refusal.status, refusal.headers)


def _broken(_: Violation) -> Refusal:
    return Refusal(400, "contract", "")


def _stranger(_: Call) -> Refusal:
    return Refusal(401, "key", "")


class MailDesk(Book):
    """Behind the kind "scripted-mail": people who read mails, open links, and enter parcels at scripted-mail.test."""

    _MAIL = re.compile(r"Order (?P<reference>\S+)\n(?P<lines>(?:\d+ x .+\n)+)To .*\nConfirm: (?P<link>\S+)\n")

    _LETTER = re.compile(r"(?P<kind>REMINDER|WITHDRAWAL) (?P<reference>\S+)\n")

    def __init__(self, world: World, address: str = "orders@scripted.example") -> None:
        super().__init__(world, MAIL)
        self.address = address
        self.links: dict[str, str] = {}

    def take(self, to: str, text: str) -> bool:
        """A mail arrives, and is an order from then on. False for a mail to somebody else."""
        if to != self.address:
            return False
        found, letter = self._MAIL.fullmatch(text), self._LETTER.match(text)
        if letter is not None:
            self.world.record(self.vendor, letter["kind"], letter["reference"], text=text)
            return True
        if found is None:
            self.world.record(self.vendor, "contract_violation", "", problem="no order")
            return True
        lines = [
            {"item": PREFIX + sku, "units": int(units)}
            for units, _, sku in (line.partition(" x ") for line in found["lines"].splitlines())
        ]
        order = self.accept(found["reference"], lines, {}, Decimal(0))
        self.links[order.reference] = found["link"]
        self.committed(order, "mail")
        return True

    def handle(self, request: Request) -> Response:
        """What the desk shows of an order's parcels."""
        found = re.fullmatch(r"/orders/(?P<key>[^/]+)/parcels", request.path)
        if found is None:
            return json_response({}, 404)
        if not self.of(found["key"]):
            return json_response({"found": False, "cancelled": False, "parcels": []})
        return json_response(self.parcels(found["key"]))
