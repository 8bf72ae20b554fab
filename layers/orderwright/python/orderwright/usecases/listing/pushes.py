"""One store's part of a batch of listings: read what is there, set what differs, most urgent first (R28, F9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import NAMESPACE_URL, uuid5

from orderwright.domain.config import Config
from orderwright.domain.listing import GONE, RETIRED, Listing, Visit
from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.serving import not_for_sale
from orderwright.domain.shown_price import AS_IS, Struck
from orderwright.errors import OutcomeUnknown, Rejected, Retryable
from orderwright.ports.store import ListingView, PriceChange, PushProblem, QuantityChange, StoreCatalogue
from orderwright.records import SkuFile
from orderwright.usecases.listing.bundles import most_of
from orderwright.usecases.listing.offered import units_for_sale


@dataclass
class Push:
    """One listing on its way. `quantity`/`price`: what is to be there; `*_there`: what certainly is there now.

    `read_back`: what is there may still change, by this write or by an older one that comes late.
    """

    listing: Listing
    version: int
    quantity: int
    price: Money | None
    view: ListingView | None = None
    quantity_there: int | None = None
    price_there: Money | None = None
    compare_at: Struck = AS_IS
    compare_at_there: Money | None = None
    read_back: bool = False
    retry: bool = False
    refused: Reason | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Nothing is left to try."""
        if self.refused is not None:
            return True
        return self.quantity_there == self.quantity and not self.wants_price and not self.retry

    @property
    def wants_price(self) -> bool:
        """Does the store show another price, or another one struck through?"""
        if self.price is None:
            return False
        return self.price != self.price_there or self.compare_at not in (AS_IS, self.compare_at_there)

    @property
    def visit(self) -> Visit | None:
        """What it came to; None where the store showed no variant."""
        if self.view is None:
            return None
        struck: Struck = AS_IS if self.compare_at == AS_IS else self.compare_at_there
        seen = self.listing, self.view.published, self.view.price
        return Visit(*seen, self.price, self.price_there, self.quantity_there, struck, self.read_back)


def push_of(file: SkuFile, store: str, config: Config) -> Push | None:
    """What to push, from a fresh read; None for a listing that is not ours to push."""
    held = file.listing(store)
    listing = held.model
    bundle = file.sku in config.rules.bundles
    if not listing.is_pushable or not (file.offers or bundle or listing.has(RETIRED.code)):
        return None
    # Promise P3: a reservation may have come since the quantity was worked out, or a source may be gone; never more than is
    # sellable now.
    if bundle:
        best = most_of(file, store, config)
    else:
        offers = [held.model for held in file.offers.values() if not held.model.retired]
        known = [offer for offer in offers if not_for_sale(offer, store, config) is None]
        best = units_for_sale(known, config.rules, file.sku)
    quantity = min(listing.desired_quantity, best) if listing.on_sale else 0
    price = listing.wanted_price
    if price is None:
        # Promise P4: without a price that the guard lets through, nothing is sold at whatever price is shown.
        quantity = 0
    return Push(listing, held.version, quantity, price, compare_at=listing.wanted_compare_at)


@dataclass
class StorePush:
    """The calls to one store. After an exception each Push says how far it came."""

    store: str
    catalogue: StoreCatalogue
    pushes: list[Push]

    def run(self) -> None:
        """Zero stock, then rising prices, then the rest. Raises Retryable, OutcomeUnknown or Misconfigured half-way."""
        self._read()
        batches = list(self._quantity_batches())
        urgent = [batch for batch in batches if batch[0].quantity == 0]
        for batch in urgent:
            self._set_quantities(batch)
        self._set_prices([push for push in self._price_work() if _rises(push)])
        for batch in batches[len(urgent) :]:
            self._set_quantities(batch)
        self._set_prices([push for push in self._price_work() if not _rises(push)])

    def _read(self) -> None:
        """The values there: stock is compared before it is set, and a price that is right needs no call."""
        by_location: dict[str, list[Push]] = {}
        for push in self.pushes:
            by_location.setdefault(push.listing.location_id, []).append(push)
        for location, pushes in by_location.items():
            views = self.catalogue.read_listings([push.listing.variant_id for push in pushes], location)
            found = {view.variant_id: view for view in views}
            for push in pushes:
                push.view = found.get(push.listing.variant_id)
                if push.view is None:
                    push.refused = GONE
                    continue
                push.quantity_there = push.view.quantity
                push.price_there, push.compare_at_there = push.view.price, push.view.compare_at
                self._note_drift(push, push.view)

    @staticmethod
    def _note_drift(push: Push, view: ListingView) -> None:
        """What we had set is not there: somebody changed it by hand, or an older write came late. It is set again."""
        ours = push.listing.published_price
        if push.price is not None and ours == push.price and view.price != ours:
            push.notes.append(f"the store showed {view.price}, not ours: set back (a change by hand is overwritten)")

    # --- quantities ---------------------------------------------------------------------------------------------------

    def _quantity_batches(self) -> Iterator[list[Push]]:
        """Full batches, those with zeros first; one call each, however they mix: ceil(n / quantity_batch) calls."""
        work = [push for push in self.pushes if push.refused is None and push.quantity_there != push.quantity]
        work.sort(key=lambda push: (push.quantity != 0, push.listing.sku))
        size = self.catalogue.quantity_batch
        for start in range(0, len(work), size):
            yield work[start : start + size]

    def _set_quantities(self, batch: Sequence[Push]) -> None:
        changes = [
            QuantityChange(push.view.stock_id, push.listing.location_id, push.quantity, push.view.quantity or 0)
            for push in batch
            if push.view is not None
        ]
        try:
            problems = {problem.key: problem for problem in self.catalogue.push_quantities(changes, self._key(batch))}
        except Rejected as error:
            self._one_by_one(batch, error)
            return
        except OutcomeUnknown:
            # Promise P3: perhaps set, perhaps late. A decision that is made meanwhile must not believe the old number.
            for push in batch:
                push.quantity_there, push.read_back = None, True
            raise
        for push in batch:
            problem = problems.get(push.view.stock_id) if push.view else None
            if problem is None:
                push.notes.append(f"quantity {push.quantity_there if push.view else '?'} -> {push.quantity}")
                push.quantity_there = push.quantity
            else:
                _take(push, problem)
                if problem.stale:
                    push.quantity_there = None  # somebody set another number since it was read

    def _one_by_one(self, batch: Sequence[Push], error: Rejected) -> None:
        """A refusal of the whole call: one bad entry must not hold up the others (promise P9)."""
        if len(batch) == 1:
            batch[0].refused = _refusal(error.code, error.message)
            return
        half = len(batch) // 2
        self._set_quantities(batch[:half])
        self._set_quantities(batch[half:])

    def _key(self, batch: Sequence[Push]) -> str:
        """The same content of the same versions is the same call: a repeat after a lost answer is harmless."""
        entries = sorted(
            f"{push.listing.sku}|{push.version}|{push.quantity}|{push.view.quantity if push.view else ''}"
            for push in batch
        )
        return str(uuid5(NAMESPACE_URL, "\n".join([self.store, *entries])))

    # --- prices -------------------------------------------------------------------------------------------------------

    def _price_work(self) -> list[Push]:
        return [push for push in self.pushes if push.refused is None and push.view is not None and push.wants_price]

    def _price_batches(self, pushes: Sequence[Push]) -> Iterator[Sequence[Push]]:
        size = self.catalogue.price_batch
        if size is not None:
            yield from (pushes[start : start + size] for start in range(0, len(pushes), size))
            return
        by_article: dict[str, list[Push]] = {}
        for push in pushes:
            by_article.setdefault(push.listing.listed_id, []).append(push)
        yield from by_article.values()

    def _set_prices(self, pushes: Sequence[Push]) -> None:
        """As many in one call as the store takes. Only prices that the guard let through come here (promise P4)."""
        for group in self._price_batches(pushes):
            changes = [
                PriceChange(push.listing.listed_id, push.listing.variant_id, push.price, push.compare_at)
                for push in group
                if push.price is not None
            ]
            try:
                problems = {problem.key: problem for problem in self.catalogue.push_prices(changes)}
            except Rejected as error:
                articles = {push.listing.listed_id for push in group}
                if len(articles) > 1:  # one bad entry must not hold up other articles (promise P9)
                    for article in sorted(articles):
                        self._set_prices([push for push in group if push.listing.listed_id == article])
                    continue
                for push in group:
                    push.refused = _refusal(error.code, error.message)
                continue
            except (Retryable, OutcomeUnknown):
                # Perhaps set, perhaps late: whatever it comes to is read back.
                for push in group:
                    push.read_back = True
                raise
            for push in group:
                problem = problems.get(push.listing.variant_id)
                if problem is not None:
                    _take(push, problem)
                    continue
                if push.price != push.price_there:
                    push.notes.append(f"price {push.price_there} -> {push.price}")
                push.price_there, push.read_back = push.price, True
                if push.compare_at != AS_IS and push.compare_at != push.compare_at_there:
                    push.notes.append(f"compare-at {push.compare_at_there or 'none'} -> {push.compare_at or 'none'}")
                    push.compare_at_there = push.compare_at


def _rises(push: Push) -> bool:
    there = push.price_there
    return there is None or push.price is None or push.price.currency != there.currency or push.price > there


def _take(push: Push, problem: PushProblem) -> None:
    if problem.stale:
        push.retry = True
    else:
        push.refused = _refusal(problem.code, problem.message)


def _refusal(code: str, message: str) -> Reason:
    return Reason(
        code=code or "PUSH_REFUSED",
        message=f"the store refused it: {message}"[:300],
        fix="correct in the store what the message names; the next change of the offer sends it again",
    )
