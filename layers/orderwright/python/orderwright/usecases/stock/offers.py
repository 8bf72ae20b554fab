"""What a supplier's report makes of an offer (promises P3, P4), pure, and how an offer is written."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from orderwright.domain.catalogue import Offer
from orderwright.domain.operations import ParkedNote
from orderwright.domain.order import Reason
from orderwright.domain.sources import Sources
from orderwright.domain.time_line import LogEntry, log_entry
from orderwright.domain.unit_cost import UnitCost
from orderwright.errors import Conflict
from orderwright.ports.supplier import OfferReport
from orderwright.records import Key, Stored, offer_key, offer_ref, parked_key
from orderwright.storage import (
    Due,
    Fact,
    Put,
    Storage,
    retry_on_conflict,
)
from orderwright.usecases.alerts import alert

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""`observed_at` of an offer whose stock nobody has reported yet: any report is newer."""
# An offer changes often: a longer log would multiply the cost of each write.
LOG_LINES = 3


class Applied(NamedTuple):
    """An offer after a report. `matters`: price or quantity may follow. `refused`: a cost that was not believed."""

    offer: Offer
    matters: bool
    refused: Reason | None = None


def sellable_of(stock: int, buffer: int, reserved: dict[str, int]) -> int:
    """Promise P3's sum. Negative when more was sold than there is."""
    return stock - buffer - sum(reserved.values())


def apply_report(offer: Offer, report: OfferReport, by: str, sources: Sources, who: str, now: datetime) -> Applied:
    """Take over what is newer and known. None is unknown, not zero; a cost of zero or in another currency is refused.

    `by` says so, one of `sources`. A SKU belongs to the first feed in their order that lists it: what a
    later one says of it does not count. One that left its file belongs to none, until a feed lists it anew.
    """
    if sources.is_behind(by, offer.feed) or (report.left and sources.is_behind(offer.feed, by)):
        return Applied(offer, False)
    news: dict[str, object] = {}
    if by in sources.feeds:
        news["feed"] = "" if report.left else by
    # Promise P4: nothing older over newer. Stock and cost have clocks of their own, since a report may know only one.
    newer = report.observed_at > offer.observed_at
    if report.stock is not None and sources.may_replace(offer.stock_from, by, newer=newer):
        stock = 0 if offer.off_sale else max(0, report.stock)
        news |= {
            "stock": stock,
            "sellable": sellable_of(stock, offer.buffer, offer.open),
            "observed_at": report.observed_at,
            "stock_from": "" if report.left else by,
        }
    refused: Reason | None = None
    newer = report.observed_at > (offer.cost_observed_at or offer.observed_at)
    if report.cost is not None and sources.may_replace(offer.cost_from, by, newer=newer):
        refused = cost_problem(offer.sku, report.cost, offer.freight)
        if refused is None:
            news |= {"cost": report.cost, "cost_observed_at": report.observed_at, "cost_from": by}
    if report.article:
        news["article"] = report.article
    after = offer.model_copy(update=news)
    matters = (after.stock, after.cost, after.sellable) != (offer.stock, offer.cost, offer.sellable)
    # Known again is news, even if the figures are the same.
    matters |= any(
        not sources.is_known(before) and before != then
        for before, then in ((offer.stock_from, after.stock_from), (offer.cost_from, after.cost_from))
    )
    if matters:
        after = after.model_copy(update={"log": logged(offer.log, log_entry(now, who, changes(offer, after)))})
    return Applied(after, matters, refused)


def with_sale(offer: Offer, *, on_sale: bool, who: str, now: datetime) -> Offer:
    """Off sale: nothing of it can be sold, whatever stock is reported. On sale again: any report of its stock is newer."""
    news = {"off_sale": not on_sale, "stock": 0, "sellable": sellable_of(0, offer.buffer, offer.open),
            "observed_at": NEVER if on_sale else now}  # fmt: skip
    after = offer.model_copy(update=news)
    return after.model_copy(update={"log": logged(offer.log, log_entry(now, who, changes(offer, after)))})


def changes(before: Offer, after: Offer) -> str:
    """What differs, for the log."""
    words = []
    if before.stock != after.stock:
        words.append(f"stock {before.stock} -> {after.stock}")
    if before.cost != after.cost:
        words.append(f"cost {before.cost} -> {after.cost}")
    if before.freight != after.freight:
        words.append(f"freight {before.freight} -> {after.freight}")
    if before.retired != after.retired:
        words.append("retired" if after.retired else "offered again")
    if before.off_sale != after.off_sale:
        words.append("not sold by the supplier any more" if after.off_sale else "sold by the supplier again")
    if before.sellable != after.sellable:
        words.append(f"sellable {before.sellable} -> {after.sellable}")
    return ", ".join(words) or "confirmed"


def logged(log: tuple[LogEntry, ...], entry: LogEntry) -> tuple[LogEntry, ...]:
    """A bounded log: the newest lines."""
    return (*log, entry)[-LOG_LINES:]


def cost_problem(sku: str, cost: UnitCost, freight: UnitCost) -> Reason | None:
    """Why a cost cannot be believed, or None. A cost of 0 is a missing field far more often than a gift (P4)."""
    if not cost.is_positive:
        return Reason(
            code="COST_NOT_POSITIVE",
            message=f"the supplier reports a cost of {cost} for SKU {sku}; the last good one is kept",
            fix="ask the supplier, or correct the cost column of its feed",
            field="offer.cost",
        )
    if cost.currency != freight.currency:
        return Reason(
            code="COST_CURRENCY",
            message=f"the cost of SKU {sku} comes in {cost.currency}, its freight is in {freight.currency}",
            fix="set the feed's currency to the supplier's own, or convert the file",
            field="offer.cost",
        )
    return None


def offer_state(supplier: str, *, retired: bool = False) -> str:
    """The index text under which a supplier's offers are listed, the one written longest ago first."""
    return f"{'RETIRED_' if retired else ''}OFFER#{supplier}"


def changed_fact(offer: Offer) -> Fact:
    """Prices and quantities follow."""
    return Fact("offer.changed", pk=offer_key(offer.sku, offer.supplier).pk, resource=offer.sku)


def offer_put(offer: Offer, version: int, *, matters: bool, due: Due | None = None) -> Put:
    """The one way to write an offer: found by the vendor's id, listed by supplier. `due`: it is to be read again then."""
    return Put(
        offer_key(offer.sku, offer.supplier),
        offer,
        version,
        facts=(changed_fact(offer),) if matters else (),
        due=due,
        ref=offer_ref(offer.supplier, offer.supplier_ref or offer.supplier_sku),
        state=offer_state(offer.supplier, retired=offer.retired),
    )


def rewrite_offer(
    storage: Storage, key: Key, put_of: Callable[[Stored[Offer]], Put | None], busy: Exception, correlation: str = ""
) -> None:
    """Write an offer as `put_of` makes it of what is there; None, and an offer that is gone, write nothing. Raises `busy`."""

    def written() -> None:
        stored = storage.get(key, Offer)
        put = put_of(stored) if stored is not None else None
        if put is not None:
            storage.commit([put], correlation=correlation)

    retry_on_conflict(written, busy)


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
