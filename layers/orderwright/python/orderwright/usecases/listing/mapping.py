"""A store's variants to listings, by SKU; and SKUs that the store does not show yet (R4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from orderwright.domain.catalogue import SkuState
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.listing import GONE, NOT_MAPPED, Listing
from orderwright.domain.order import Reason
from orderwright.domain.sku_matching import UNCLEAR, match_skus, normal_form, unclear
from orderwright.domain.time_line import log_entry
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.ports.connection import Clock
from orderwright.ports.store import StoreCatalogue, VariantView
from orderwright.records import CATALOGUE, SkuFile, Stored, sku_pk
from orderwright.storage import Due, Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.alerts import alert
from orderwright.usecases.health import update_connection
from orderwright.usecases.listing.records import (
    LOST_AFTER,
    listing_put,
    listing_state,
    next_due,
    publication_fact,
    reason_fact,
)  # fmt: skip
from orderwright.usecases.stock.offers import park_note

FUNCTION = "import_catalogue"
MOST_PAGES = 10_000
MOST_LISTINGS = 1_000_000
# As for a supplier's catalogue: a list that lacks more than this is not believed.
MOST_MISSING_PERCENT = 20
FEWEST_MISSING = 3


@dataclass(frozen=True)
class StoreMapping:
    """One look at one store."""

    store: str
    settings: StoreSettings
    catalogue: StoreCatalogue
    storage: Storage
    clock: Clock
    timing: Timing
    correlation: str
    bundles: AbstractSet[str] = frozenset()
    """Those among what is offered: they have no offers of their own."""

    def run(self, offered: AbstractSet[str]) -> None:
        """`offered`: all SKUs that some supplier offers. Raises VendorError; what was mapped by then stays mapped."""
        location = self.catalogue.find_location(self.settings.location)
        began = self.clock.now()
        found = self._variants()
        match = match_skus(offered, found.keys())
        for theirs, ours in match.same.items():
            self._note_spelling(theirs, ours)
        shown = {match.same.get(sku, sku): views for sku, views in found.items()}
        for sku, views in shown.items():
            self._map(sku, views, location, match.unclear.get(sku, ()))
        self._mark_gone(
            shown.keys() | match.unclear.keys(),
            {one.variant_id: one.sku for some in found.values() for one in some},
            began,
        )
        for sku, others in match.unclear.items():
            if sku not in shown:
                self._hold(sku, others)
            park_note(self.storage, self.store, "catalogue", sku, unclear("the store", others), self.clock.now())
        if self.settings.publish_new_skus:
            for sku in sorted(offered - shown.keys() - match.unclear.keys()):
                self._ask_publication(sku)

    def _note_spelling(self, theirs: str, ours: str) -> None:
        """Orders name the store's spelling: its listing says which SKU of ours it is, and is nothing else."""
        held = self.storage.load_sku(theirs).listing(self.store)
        listing = Listing(sku=theirs, store=self.store, same_as=ours, on_sale=False)
        if held.model != listing:
            self._put_unless_changed(listing_put(listing, held.version))

    def _hold(self, sku: str, others: Sequence[str]) -> None:
        """One of ours that may or may not be in the store: not published, and not pushed."""
        held = self.storage.load_sku(sku).listing(self.store)
        after = held.model.doubted(unclear("the store", others))
        if after != held.model:
            self._put_unless_changed(listing_put(after, held.version))

    def _put_unless_changed(self, put: Put) -> None:
        with suppress(Conflict):  # the next import sees it again
            self.storage.commit([put], correlation=self.correlation)

    def _variants(self) -> dict[str, list[VariantView]]:
        found: dict[str, list[VariantView]] = {}
        cursor = ""
        for _ in range(MOST_PAGES):
            page, cursor = self.catalogue.list_variants(cursor)
            for view in page:
                if view.sku:
                    found.setdefault(view.sku, []).append(view)
            if not cursor:
                return found
        raise Conflict(f"the list of variants of {self.store} does not end after {MOST_PAGES} pages")

    # --- a variant that is there --------------------------------------------------------------------------------------

    def _map(self, sku: str, views: list[VariantView], location: str, others: Sequence[str]) -> None:
        def mapped() -> None:
            put = self._mapped(self.storage.load_sku(sku), views, location, others)
            if put is not None:
                self.storage.commit([put], correlation=self.correlation)

        retry_on_conflict(mapped, f"SKU {sku}")
        if len(views) > 1:
            reason = Reason(
                code="DUPLICATE_SKU",
                message=f"{len(views)} variants of the store have SKU {sku}; only one of them is kept up to date",
                fix="give each variant a SKU of its own",
            )
            park_note(self.storage, self.store, "catalogue", sku, reason, self.clock.now())

    def _mapped(self, file: SkuFile, views: list[VariantView], location: str, others: Sequence[str]) -> Put | None:
        held = file.listing(self.store)
        before = held.model
        view = next((one for one in views if one.variant_id == before.variant_id), None)
        view = view or min(views, key=lambda one: (not one.published, len(one.variant_id), one.variant_id))
        if not before.variant_id and before.listed_id == view.listed_id and not view.published:
            return None  # retired by us: without a variant, it is published again when a supplier offers it again
        doubt = unclear("the store", others) if others else None if self._sold(file) else NOT_MAPPED
        now = self.clock.now()
        after = before.mapped(view.at(location), view.price, now, published=view.published, doubt=doubt)
        if before.variant_id != view.variant_id:
            after = after.noted(log_entry(now, FUNCTION, f"mapped to variant {view.variant_id}", "", self.correlation))
        if after == before:
            return None
        facts = (Fact("offer.changed", pk=sku_pk(file.sku), resource=file.sku),) if self._sold(file) else ()
        return listing_put(after, held.version, facts=facts, due=next_due(after, now, self.timing))

    def _sold(self, file: SkuFile) -> bool:
        return bool(file.offers) or file.sku in self.bundles

    # --- a variant that is not there ----------------------------------------------------------------------------------

    def _mark_gone(self, shown: AbstractSet[str], sku_of: Mapping[str, str], began: datetime) -> None:
        """`sku_of`: the store's spelling by variant. One that we retired is still there, and must be set to none left.

        What was put on sale since the list began to be read is not in it.
        """
        keys = self.storage.in_state(CATALOGUE, listing_state(self.store), MOST_LISTINGS)
        known = {key.pk.removeprefix("SKU#") for key in keys}
        gone: list[Stored[Listing]] = []
        for sku in sorted(known - shown):
            held = self.storage.load_sku(sku).listing(self.store)
            variant, set_at = held.model.variant_id, held.model.price_set_at
            if (
                variant
                and not (set_at and set_at >= began)
                and normal_form(sku_of.get(variant, "")) != normal_form(sku)
            ):
                gone.append(held)
        few = len(gone) < FEWEST_MISSING and bool(shown)
        if gone and not few and len(gone) * 100 > MOST_MISSING_PERCENT * len(known):
            self._tell_shrunk(len(gone), len(known))
            return
        why = "the store does not list its variant any more"
        entry = log_entry(self.clock.now(), FUNCTION, GONE.code, why, self.correlation)
        for held in gone:
            lost = held.model.lost().noted(entry)
            put = listing_put(lost, held.version, facts=(reason_fact(lost, GONE),))
            self._put_unless_changed(put)

    def _tell_shrunk(self, missing: int, known: int) -> None:
        message = f"{missing} of {known} known variants are not in the store's list; none was given up"
        entry = log_entry(self.clock.now(), FUNCTION, "breaker open", message, self.correlation)
        fact = alert("STORE_SHRUNK", self.store, message=message)
        update_connection(
            self.storage, self.store, lambda state: state.noted(entry), [fact], correlation=self.correlation
        )

    def _ask_publication(self, sku: str) -> None:
        """Once: the listing is there from now on, and its due time brings a lost message back (promise P11)."""
        file = self.storage.load_sku(sku)
        record = file.record.model if file.record else None
        active = sku in self.bundles or any(not held.model.retired for held in file.offers.values())
        held = file.listing(self.store)
        known = held.version and not held.model.has(UNCLEAR)
        if record is None or record.state is SkuState.RETIRED or not active or known:
            return
        due, facts = Due(self.clock.now() + LOST_AFTER, "listing.publication_due"), (publication_fact(sku, self.store),)
        self._put_unless_changed(listing_put(Listing(sku=sku, store=self.store), held.version, facts=facts, due=due))
