"""How an offer is written; what a report makes of it is the offer's own matter (domain/catalogue.py)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from orderwright.domain.catalogue import Offer
from orderwright.domain.operations import ParkedNote
from orderwright.domain.order import Reason
from orderwright.errors import Conflict, Retryable
from orderwright.records import CATALOGUE, Key, Stored, offer_key, offer_ref, parked_key, sku_pk
from orderwright.storage import Due, Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.alerts import alert

MOST_OFFERS = 1_000_000


def offer_state(supplier: str, *, retired: bool = False) -> str:
    """The index text under which a supplier's offers are listed, the one written longest ago first."""
    return f"{'RETIRED_' if retired else ''}OFFER#{supplier}"


def offered_skus(storage: Storage, supplier: str) -> list[str]:
    """What a supplier offers, the offer written longest ago first, by the index, which may lag."""
    return [key.pk.removeprefix(sku_pk("")) for key in storage.in_state(CATALOGUE, offer_state(supplier), MOST_OFFERS)]


def changed_fact(sku: str) -> Fact:
    """Prices and quantities follow."""
    return Fact("offer.changed", pk=sku_pk(sku), resource=sku)


def offer_put(
    offer: Offer, version: int, *, matters: bool, due: Due | None = None, since: datetime | None = None
) -> Put:
    """The one way to write an offer: found by the vendor's id, listed by supplier. `due`: it is to be read again then.

    `since`: it keeps the turn to be read that it has since then.
    """
    return Put(
        offer_key(offer.sku, offer.supplier),
        offer,
        version,
        facts=(changed_fact(offer.sku),) if matters else (),
        due=due,
        ref=offer_ref(offer.supplier, offer.supplier_ref or offer.supplier_sku),
        state=offer_state(offer.supplier, retired=offer.retired),
        since=since,
    )


PutOf = Callable[[Stored[Offer]], Put | None]


def offer_busy(text: str) -> Retryable:
    """Others write an offer all the time: its supplier is asked again later."""
    return Retryable(text, code="OFFER_BUSY")


def rewrite_offer(
    storage: Storage, key: Key, put_of: PutOf, busy: Callable[[str], Exception], correlation: str = ""
) -> None:
    """Write an offer as `put_of` makes it of what is there; None, and an offer that is gone, write nothing. Raises `busy`."""

    def written() -> None:
        stored = storage.get(key, Offer)
        put = put_of(stored) if stored is not None else None
        if put is not None:
            storage.commit([put], correlation=correlation)

    retry_on_conflict(written, "an offer", busy)


def park_note(storage: Storage, connection: str, topic: str, resource: str, reason: Reason, now: datetime) -> None:
    """Keep a task for the operator, with an alert, once per connection, topic and resource."""
    note = ParkedNote(
        connection=connection,
        topic=topic,
        delivery_id="",
        reason=reason.code,
        resource=resource,
        detail={"message": reason.message, "fix": reason.fix},
        at=now,
    )
    key = parked_key(f"{connection}#{topic}#{reason.code}#{resource}")
    fact = alert(reason.code, connection, resource=resource, message=reason.message)
    with suppress(Conflict):  # it is there already, with its alert
        storage.commit([Put(key, note, 0, facts=(fact,), state="PARKED")])
