"""What stores do not sell although the file has it: by SKU, with the main reason; prices that wait, and notes on prices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.listing import GONE, NOT_MAPPED, RETIRED, Listing
from orderwright.records import CATALOGUE
from orderwright.storage import Storage
from orderwright.usecases.listing.records import listing_state

MOST_LISTINGS, TOGETHER = 100_000, 1000
OUT_OF_STOCK = "OUT_OF_STOCK"
_SETTLED = frozenset({NOT_MAPPED.code, RETIRED.code, GONE.code})
"""The store's own article, one that no supplier has any more, one that the merchant took out: nothing is left to do."""


class Shelves(NamedTuple):
    """`off_sale`: SKU -> the code of why, of those that a person can put on sale; `sold_out` SKUs; `prices` that wait.

    `notes`: by code, the SKUs of whose price there is something to know; they are sold all the same.
    """

    off_sale: dict[str, str]
    sold_out: frozenset[str]
    prices: int
    notes: Mapping[str, Sequence[str]] = {}


def shelves(storage: Storage, config: Config) -> Shelves:
    """All listings of the stores. The index may lag by a second; the listings do not."""
    off_sale, sold_out, prices = dict[str, str](), set[str](), 0
    notes = dict[str, dict[str, None]]()
    for listing in _listings(storage, config.stores):
        prices += listing.waits_for_approval
        for note in listing.notes:
            notes.setdefault(note.code, {})[listing.sku] = None
        code = why_off_sale(listing)
        if code == OUT_OF_STOCK:
            sold_out.add(listing.sku)
        elif code:
            off_sale.setdefault(listing.sku, code)
    return Shelves(
        dict(sorted(off_sale.items())),
        frozenset(sold_out),
        prices,
        {code: list(skus) for code, skus in sorted(notes.items())},
    )


def why_off_sale(listing: Listing) -> str:
    """The code of why it is not sold; "" where it is, or where nothing is left to do about it."""
    codes = [reason.code for reason in listing.reasons]
    if listing.same_as or _SETTLED.intersection(codes):
        return ""
    if not listing.on_sale:
        return codes[-1] if codes else "NO_PRICE"
    decided = listing.floor is not None
    return OUT_OF_STOCK if decided and listing.desired_quantity == 0 else ""


def _listings(storage: Storage, stores: Iterable[str]) -> Iterator[Listing]:
    for store in stores:
        keys = storage.in_state(CATALOGUE, listing_state(store), MOST_LISTINGS)
        for start in range(0, len(keys), TOGETHER):
            yield from (held.model for held in storage.get_many(keys[start : start + TOGETHER], Listing).values())
