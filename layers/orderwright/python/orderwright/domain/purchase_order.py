"""Our order to one supplier, and the protocol that keeps it single (promise P1), as pure functions over time.

    NEW --open--> INTENT(step 1) --close/open--> INTENT(step n) --close--> PLACED
                      |                               |
                      +--> REJECTED / PARKED / CANCELLED (nothing ordered)

Time line of one INTENT:   sent      lease_until        settle_until
                            |--owner's call--|--supplier may still be late--|--look up, adopt or send once more-->
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.money import Money
from orderwright.domain.order import Address, Reason
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.time_line import Logged
from orderwright.domain.unit_cost import UnitCost

MAX_SENDS = 2


class PurchaseOrderState(StrEnum):
    """PLACED means that the step that commits is done, and all that follow it. CANCELLED means: nothing was ordered."""

    NEW = "NEW"
    INTENT = "INTENT"
    PLACED = "PLACED"
    REJECTED = "REJECTED"
    PARKED = "PARKED"
    CANCELLED = "CANCELLED"


GIVEN_UP = frozenset({PurchaseOrderState.CANCELLED, PurchaseOrderState.PARKED, PurchaseOrderState.REJECTED})
"""Nothing moves it any more but a person, or the supplier's news that it was ordered after all."""

UNCLEAR_CODES = frozenset({"OUTCOME_UNCLEAR", "LOOK_UP_LOST", "ID_LOST", "ANOTHER_ORDER", "ORDER_DIFFERS"})
"""Reasons of a parked one with which nobody can say whether it is ordered."""


class PurchaseOrderLine(Model):
    """One supplier's SKU for one order line. `unit_cost` without freight, in the supplier's currency."""

    line_id: str
    sku: str
    supplier_sku: str
    supplier_ref: str = ""
    title: str
    quantity: int = Field(gt=0)
    reservation: str = ""
    unit_cost: UnitCost
    revenue: Money | None = Field(default=None, description="written by older versions; OrderMoney says it now")
    hs6: str = Field(
        default="", description="customs code, origin and maker's number: as they were when it was planned"
    )
    origin: str = ""
    mpn: str = ""


class PurchaseOrder(Logged):
    """What we ask of one supplier for one order (item PO#supplier#n). No personal data."""

    supplier: str
    number: int
    reference: str
    lines: tuple[PurchaseOrderLine, ...]
    freight: Money
    quoted_freight: Money | None = Field(
        default=None,
        description="the supplier's own quote for this parcel, asked before the first send; none: not asked",
    )
    sent_to: str = Field(default="", description="mark of the destination that the supplier was given")
    shipping_method: str = Field(default="", description="empty: the connection's own setting")
    state: PurchaseOrderState = PurchaseOrderState.NEW
    step: str = ""
    owner: str = ""
    lease_until: Instant | None = None
    settle_until: Instant | None = None
    sends: int = 0
    refusals: int = 0
    vendor_ids: dict[str, str] = Field(default_factory=dict)
    reserved_spend: Money | None = None
    spend_day: str = ""
    payable: Money | None = None
    duty_in_freight: bool | None = Field(
        default=None, description="does the quoted freight include duty? None: it is not said"
    )
    tax_in_bill: Money | None = Field(default=None, description="the tax that the supplier says is in its bill")
    reckoning: Reckoning | None = Field(default=None, description="what it leaves, as reckoned before the last step")
    cancel_requested: bool = False
    cancel_outcome: str = ""
    reasons: tuple[Reason, ...] = ()
    store_problem: Reason | None = Field(default=None, description="why the store does not show it as fulfilled")
    created_at: Instant
    on_account: bool = Field(
        default=False, description="it is not paid by the call that places it: an invoice comes later"
    )
    placed_at: Instant | None = Field(
        default=None, description="when the step that commits was done; steps that follow on it may still be open"
    )
    confirmed_at: Instant | None = Field(
        default=None, description="when the supplier said by itself that it has the order"
    )
    reservation_closed: bool = False
    tracking_due: Instant | None = None
    last_news_at: Instant | None = None
    resume_step: str = ""
    heard_at: Instant | None = Field(
        default=None, description="the supplier's news of it since it was given up: to look up"
    )

    @property
    def expected_cost(self) -> Money:
        """Goods and freight as we expect to pay them, each line rounded up: by the parcel's own quote where there is one."""
        total = self.freight if self.quoted_freight is None else self.quoted_freight
        for line in self.lines:
            total = total + line.unit_cost.times(line.quantity)
        return total

    @property
    def ordered(self) -> bool:
        """The step that commits was done: whatever comes then, it is never withdrawn as if nothing were ordered (P6)."""
        return self.placed_at is not None

    @property
    def paid(self) -> str:
        """How an order that the supplier has taken is called: "paid", or "ordered" where it is on account."""
        return "ordered" if self.on_account else "paid"

    def ended(self, state: PurchaseOrderState, **more: object) -> Self:
        """In a state in which no step is open and nobody waits for an answer."""
        return self.model_copy(update={"state": state, "owner": "", "lease_until": None, "settle_until": None, **more})

    def handed_on(self, step: str, sends: int, at: datetime, **more: object) -> Self:
        """An INTENT that nobody holds from `at` on: looked up where its step was sent, else tried."""
        free = {"state": PurchaseOrderState.INTENT, "owner": "", "lease_until": at, "settle_until": at}
        return self.model_copy(update={**free, "step": step, "sends": sends, **more})

    @property
    def contents(self) -> str:
        """What it buys, for comparison: each line's id and units in the order of the ids, "L1x2,L2x1"."""
        return ",".join(sorted(f"{line.line_id}x{line.quantity}" for line in self.lines))


class Windows(Model):
    """How long each wait lasts. HTTP timeout < function timeout < lease; lease + lateness <= 10 minutes."""

    http_timeout: timedelta
    lease: timedelta
    lateness: timedelta


class Action(StrEnum):
    """What a worker that finds a purchase order may do now."""

    OPEN = "OPEN"
    WAIT = "WAIT"
    LOOK_UP = "LOOK_UP"
    NOTHING = "NOTHING"


def next_action(po: PurchaseOrder, now: datetime) -> Action:
    """NEW may be opened; an INTENT belongs to its owner until it has settled, then it is looked up; else nothing."""
    if po.state is PurchaseOrderState.NEW:
        return Action.OPEN
    if po.state is not PurchaseOrderState.INTENT:
        return Action.NOTHING
    if po.settle_until is not None and now < po.settle_until:
        return Action.WAIT
    return Action.LOOK_UP


def open_step(
    po: PurchaseOrder, step: str, owner: str, now: datetime, windows: Windows, *, resend: bool = False
) -> PurchaseOrder:
    """The INTENT that must be committed before the call. A resend keeps the step and counts; a new step starts at one."""
    lease_until = now + windows.lease
    return po.model_copy(
        update={
            "state": PurchaseOrderState.INTENT,
            "step": step,
            "owner": owner,
            "lease_until": lease_until,
            "settle_until": lease_until + windows.lateness,
            "sends": po.sends + 1 if resend else 1,
            "reasons": (),
        }
    )


def destination_mark(destination: Address | None, reference: str) -> str:
    """A short mark by which a changed destination is noticed; too short to lead back to an address. "" without one."""
    return short_mark(destination.model_dump_json(), reference) if destination else ""


def short_mark(text: str, reference: str) -> str:
    """8 hexadecimal characters: enough to notice that a text changed, too short to lead back to it."""
    return hashlib.sha256(f"{reference}|{text}".encode()).hexdigest()[:8]


def may_send_again(po: PurchaseOrder) -> bool:
    """True while the protocol allows one more send of this step with the same reference."""
    return po.sends < MAX_SENDS
