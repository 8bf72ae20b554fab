"""A listing: what a store shows of a SKU, what we want there, and what we know is there; and what each event makes of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar, NamedTuple, Self

from pydantic import Field

from orderwright.domain.base import Instant, changed
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.shown_price import (
    AS_IS,
    CampaignStart,
    PublishedPrice,
    Struck,
    guard,
    step_allowed,
    with_shown,
)
from orderwright.domain.sku_matching import UNCLEAR
from orderwright.domain.time_line import Logged

NOT_MAPPED = Reason(
    code="NOT_MAPPED",
    message="the store sells this SKU, and no supplier offers it here",
    fix="import it from a supplier or correct the SKU in the store; until then it is never pushed",
    field="sku",
)
RETIRED = Reason(
    code="SKU_RETIRED",
    message="no supplier offers this SKU any more",
    fix="map another offer, or take the article out of the store",
)
GONE = Reason(
    code="VARIANT_GONE",
    message="the store has no such variant any more",
    fix="put the article back, or import the store's catalogue again",
)
NOTES = ("COMPETITOR_STALE", "COMPETITOR_ABSENT", "COMPETITOR_ABSURD", "DEMAND_STALE", "NO_MARGIN_HERE",
         "PRICE_FAR_BELOW")  # fmt: skip
"""Codes of what the operator should know of a price that is shown all the same."""
STEP, REJECTED_STEP = "PRICE_STEP", "PRICE_REJECTED"
_NOT_OURS = (NOT_MAPPED.code, GONE.code, UNCLEAR)


class Place(NamedTuple):
    """Where a store has it: its ids of the variant, the article and the stock, and of the location that we keep."""

    variant_id: str
    listed_id: str
    stock_id: str
    location_id: str


class Visit(NamedTuple):
    """A visit to the store: the listing as it was `read` for it, the price that was `seen`, the price that was to be set.

    `*_there` is what certainly is there now. `compare_at`: AS_IS where the one there is not ours. `in_flight`: what is there may
    still change, by this visit or by an older one that comes late.
    """

    read: Listing
    published: bool
    seen: Money
    price: Money | None
    price_there: Money | None
    quantity_there: int | None
    compare_at: Struck
    in_flight: bool


class Listing(Logged):
    """What a store shows of a SKU (item LISTING#store): what we want there, and what we know is there."""

    sku: str
    store: str
    variant_id: str = ""
    listed_id: str = Field(default="", description="the store's product id")
    stock_id: str = Field(default="", description="the store's inventory item id")
    location_id: str = ""
    desired_price: Money | None = None
    desired_quantity: int = 0
    published_price: Money | None = None
    published_quantity: int | None = Field(default=None, description="none: not known, so it is pushed whatever it is")
    desired_compare_at: Money | None = Field(default=None, description="to be shown struck through beside the price")
    compare_at_note: str = Field(
        default="",
        description="how it came about, or why it is left out; empty: no rule wants one, the store's own stays",
    )
    published_compare_at: Money | None = Field(default=None, description="what was set or seen while a rule wants one")
    price_history: tuple[PublishedPrice, ...] = Field(
        default=(), description="the prices known to have been shown, oldest first: those of the last 30 days"
    )
    pending_price: Money | None = Field(default=None, description="beyond the step limit: waits for approval")
    approved_price: Money | None = None
    floor: Money | None = None
    ceiling: Money | None = None
    on_sale: bool = True
    published: bool = False
    notes: tuple[Reason, ...] = Field(
        default=(), description="what the operator should know of its price; it is sold all the same"
    )
    review_at: Instant | None = Field(default=None, description="its price may change then without any event")
    campaign: CampaignStart | None = Field(default=None, description="the one that runs, or ran last")
    listed_at: Instant | None = Field(default=None, description="since when it is in the store; None: not known")
    stays: bool = Field(
        default=False, description="retired, and the store cannot hide one variant of several: there, and without stock"
    )
    reasons: tuple[Reason, ...] = ()
    checked_at: Instant | None = None
    price_set_at: Instant | None = Field(
        default=None, description="a price, or an unconfirmed number, set then is not read back yet"
    )
    same_as: str = Field(
        default="",
        description="the store spells our SKU so; the listing of that one has all the rest, this one is empty",
    )
    pushes: int = Field(default=0, description="visits to the store that were written down")
    why: str = ""
    LOG_LINES: ClassVar[int] = 6

    # --- what it is ---------------------------------------------------------------------------------------------------

    def has(self, code: str) -> bool:
        """Whether this is among the reasons."""
        return any(reason.code == code for reason in self.reasons)

    @property
    def is_left_alone(self) -> bool:
        """The merchant took it out, and it does not come back automatically; or it is, or may be, there in another spelling."""
        return self.has(GONE.code) or self.has(UNCLEAR) or bool(self.same_as)

    @property
    def is_pushable(self) -> bool:
        """There is a variant, and we decided about it: a SKU of the store's own is left alone."""
        decided = self.floor is not None or bool(self.reasons)
        return bool(self.variant_id) and decided and not any(map(self.has, _NOT_OURS))

    @property
    def awaits_publication(self) -> bool:
        """To be put on sale for the first time or again, or a retired one to be taken off (R4)."""
        if self.has(GONE.code):
            return False
        if self.has(RETIRED.code):
            return self.published and bool(self.listed_id) and not self.stays
        return self.on_sale and (self.stays or not self.variant_id)

    @property
    def waits_for_approval(self) -> bool:
        """A new price is pending, and nobody has said no to it."""
        return self.pending_price is not None and self.has(STEP)

    @property
    def wanted_price(self) -> Money | None:
        """The price to publish; None while there is none that promise P4's guard lets through."""
        price = self.desired_price if self.on_sale and self.floor is not None else None
        return price if price is not None and self._allows(price) else None

    @property
    def wanted_compare_at(self) -> Struck:
        """What is to be struck through. While no rule wants any, one that the merchant set in the store stays."""
        ours = bool(self.compare_at_note) or self.published_compare_at is not None
        return self.desired_compare_at if ours else AS_IS

    @property
    def needs_push(self) -> bool:
        """Does the store, as far as we know, show something else than we want?"""
        price = self.wanted_price
        wanted, known = (price, self.desired_compare_at), (self.published_price, self.published_compare_at)
        other = self.desired_quantity != self.published_quantity or (price is not None and wanted != known)
        return self.is_pushable and other

    @property
    def urgency(self) -> str:
        """zero before price_rise before rest (R28)."""
        if self.desired_quantity == 0 and self.published_quantity != 0:
            return "zero"
        price, old = self.wanted_price, self.published_price
        rises = price is not None and old is not None and (price.currency != old.currency or price > old)
        return "price_rise" if rises else "rest"

    def _allows(self, price: Money) -> bool:
        return self.floor is None or guard(price, self.floor, self.ceiling)

    # --- what we want in the store ------------------------------------------------------------------------------------

    def taken_off_sale(self, reason: Reason) -> Self:
        """Not sold, and in front of the operator. The price that the store shows stays: a sold-out article sells at none."""
        why = reason.message[:300]
        return changed(
            self, on_sale=False, desired_quantity=0, reasons=(reason,), pending_price=None, why=why, notes=(), review_at=None
        )  # fmt: skip

    def bounded(self, floor: Money | None, ceiling: Money | None, why: str) -> Self:
        """Within which bounds its price may be, and how they came about."""
        return changed(self, floor=floor, ceiling=ceiling, why=why[:600])

    def in_campaign(self, start: CampaignStart | None) -> Self:
        """What was shown when a campaign began that runs, or ran last."""
        return changed(self, campaign=start)

    def to_review(self, at: datetime | None) -> Self:
        """Its price may be another one then, without any event."""
        return changed(self, review_at=at)

    def priced(self, price: Money, step_percent: Decimal) -> Self:
        """On sale at the new price; or at the one shown, until somebody approves so large a step (promise P4).

        Back from a campaign the step counts from the price before it, which was shown.
        """
        shown = self.published_price or self.desired_price
        used_up = self.approved_price == self.published_price
        sold = changed(self, on_sale=True, approved_price=None if used_up else self.approved_price)
        before = self.price_before_campaign or shown
        if price in (shown, self.approved_price) or any(
            step_allowed(old, price, step_percent) for old in (shown, before)
        ):
            return changed(sold, desired_price=price, pending_price=None, reasons=())
        rejected = self.pending_price == price and self.has(REJECTED_STEP)
        reason = _rejected(price, shown) if rejected else _step(price, shown, step_percent)
        return changed(sold, desired_price=shown, pending_price=price, reasons=(reason,))

    def told(self, notes: tuple[Reason, ...], review_at: datetime | None, now: datetime) -> Self:
        """What the operator should know of its price, and when it may be another one; an earlier such time stays."""
        before = self.review_at
        if before is not None and review_at is not None and now < before < review_at:
            review_at = before
        return changed(self, notes=notes, review_at=review_at)

    @property
    def price_before_campaign(self) -> Money | None:
        """The price outside campaigns, while that of one which is over is still shown."""
        start, last = self.campaign, self.price_history[-1:]
        return start.regular if start is not None and start.over and last and start.showed(last[0]) else None

    def comparison_begun(self, now: datetime) -> Self:
        """A rule asks for a price struck through. Where none did before, the store is looked at once."""
        if self.compare_at_note:
            return self
        history = self.price_history or with_shown((), self.published_price, now)
        return changed(self, price_history=history, checked_at=None)

    def compared(self, price: Money | None, note: str) -> Self:
        """What is to be struck through beside its price."""
        return changed(self, desired_compare_at=price, compare_at_note=note)

    def stocked(self, quantity: int) -> Self:
        """So many for sale. Promise P4: none where the price shown may not be kept, and the new one is not approved."""
        price = self.desired_price
        if price is None or self._allows(price):
            return changed(self, desired_quantity=max(0, quantity))
        message = f"the price shown, {price}, is {self._beyond(price)}; nothing is sold at it"
        fix = "approve or reject the price that waits, or change the rules"
        if self.has(REJECTED_STEP):
            fix = "correct the cost, or change the rule, so that another price comes out"
        reason = Reason(code="PRICE_OUT_OF_BOUNDS", message=message, fix=fix, field="listing.price")
        return changed(self, on_sale=False, desired_quantity=0, reasons=(*self.reasons, reason))

    def _beyond(self, price: Money) -> str:
        floor = self.floor
        if floor is not None and price.currency != floor.currency:
            return f"in another currency than the floor, {floor}"
        below = floor is not None and price < floor
        return f"below the floor, {floor}" if below else f"above the ceiling, {self.ceiling}"

    def approved(self) -> Self:
        """The operator agrees to the price that waits."""
        return changed(self, approved_price=self.pending_price)

    def rejected(self) -> Self:
        """The operator says no to the price that waits: the one shown stays until the rules ask for another one."""
        others = (reason for reason in self.reasons if reason.code != STEP)
        return changed(self, reasons=(_rejected(self.pending_price, self.desired_price), *others))

    # --- what is in the store -----------------------------------------------------------------------------------------

    def mapped(self, place: Place, price: Money, now: datetime, published: bool, doubt: Reason | None = None) -> Self:
        """Its variant in the store, which ends NOT_MAPPED, GONE and UNCLEAR, or begins one (`doubt`).

        Of another variant than before nothing is known but the price that it shows.
        """
        others = tuple(reason for reason in self.reasons if reason.code not in _NOT_OURS)
        known = changed(self._at(place), published=published, reasons=(doubt,) if doubt else others, same_as="")
        if place.variant_id == self.variant_id:
            return known
        unknown = changed(known, published_quantity=None, published_compare_at=None, checked_at=None, stays=False)
        return changed(unknown, published_price=price, price_history=with_shown((), price, now), listed_at=now)

    def put_on_sale(self, place: Place, price: Money, quantity: int, compare_at: Money | None, now: datetime) -> Self:
        """Published so. The price is read back: an older one may still arrive (promise P4)."""
        listed_at = self.listed_at if self.listed_at and self.variant_id == place.variant_id else now
        there = changed(
            self._at(place), published=True, published_quantity=quantity, published_compare_at=compare_at, stays=False,
            listed_at=listed_at,
        )  # fmt: skip
        history = with_shown(self.price_history, price, now)
        return changed(there, published_price=price, price_history=history, checked_at=None, price_set_at=now)

    def _at(self, place: Place) -> Self:
        return changed(
            self, variant_id=place.variant_id, listed_id=place.listed_id, stock_id=place.stock_id, location_id=place.location_id
        )  # fmt: skip

    def unpublished(self) -> Self:
        """Not shown any more, as it is retired. Without a variant it awaits publication if it comes back."""
        return changed(self, published=False, variant_id="", price_history=(), stays=False, listed_at=None)

    def left_there(self) -> Self:
        """Retired, and the store shows it still: its variant is kept, so that its stock is set to none."""
        return changed(self, stays=True)

    def lost(self) -> Self:
        """The store has no such variant any more."""
        return changed(self, variant_id="", published=False, reasons=(GONE,), stays=False)

    def doubted(self, reason: Reason) -> Self:
        """It may or may not be in the store under another spelling: neither published nor pushed."""
        return changed(self, variant_id="", on_sale=False, desired_quantity=0, reasons=(reason,))

    def units_put_back(self) -> Self:
        """The store moved units on its own: what we published there says nothing (promise P3)."""
        return changed(self, published_quantity=None)

    def is_crossed(self, visit: Visit) -> bool:
        """Another visit was written down since this one read the listing, with another number: nobody knows which came last."""
        return self.pushes != visit.read.pushes and self.published_quantity != visit.quantity_there

    def is_surprised_by(self, visit: Visit) -> bool:
        """The store showed a price that we did not know of: what may be struck through is decided again."""
        known = (visit.price, *(entry.price for entry in self.price_history[-1:]))
        return bool(self.compare_at_note) and visit.seen not in known

    def visited(self, visit: Visit | None, now: datetime, check_after: timedelta) -> Self:
        """What certainly is there after a visit, none where the store showed no variant.

        Promise P3: after visits that crossed the store may show either number; and a number that became unknown after this visit
        had read it stays so. Promises P3, P4: an older write may arrive late, so a look sooner than `check_after` after something
        was set is not the check of it.
        """
        counted = changed(self, pushes=self.pushes + 1)
        if visit is None:
            return counted
        forgotten = self is not visit.read and self.published_quantity is None
        quantity = None if forgotten or self.is_crossed(visit) else visit.quantity_there
        history = with_shown(with_shown(self.price_history, visit.seen, now), visit.price_there, now)
        there = changed(
            counted, published=visit.published, published_quantity=quantity, price_history=history,
            listed_at=self.listed_at or (history[0].at if history else None),
        )  # fmt: skip
        if visit.price is not None and visit.price_there == visit.price:
            used_up = self.approved_price == visit.price
            there = changed(there, published_price=visit.price, approved_price=None if used_up else self.approved_price)
        if visit.compare_at != AS_IS:
            there = changed(there, published_compare_at=visit.compare_at)
        if visit.in_flight:
            return changed(there, checked_at=None, price_set_at=now)
        too_soon = self.price_set_at is not None and now - self.price_set_at < check_after
        return there if too_soon else changed(there, checked_at=now, price_set_at=None)

    def refused(self, reason: Reason, price_there: Money | None = None) -> Self:
        """In front of the operator. Promise P4: where the price there may not be kept, nothing is sold at it."""
        told = changed(self, reasons=(*(known for known in self.reasons if known.code != reason.code), reason))
        if price_there is None or self._allows(price_there):
            return told
        return changed(told, on_sale=False, desired_quantity=0)


def _step(price: Money, shown: Money | None, step_percent: Decimal) -> Reason:
    return Reason(
        code=STEP,
        message=f"the rules ask for {price} instead of {shown}: more than {step_percent} percent at once",
        fix="approve or reject it; until then the price shown stays",
        field="rules.price_step_percent",
    )


def _rejected(price: Money | None, shown: Money | None) -> Reason:
    return Reason(
        code=REJECTED_STEP,
        message=f"{price} was rejected; {shown} stays until the rules ask for another price",
        fix="correct the cost or the rule that asks for it",
        field="listing.price",
    )
