"""Which suppliers were tried for which line of an order, and whether another one sells it: the next one ships it (R12, R18).

It is derived from the order's own purchase orders, so that nothing else has to be kept; an operator's retry forgets it. A
supplier that was left before anything was sent is the last resort in a later plan, and is left for a line once at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import TYPE_CHECKING

from orderwright.declarations import Capability
from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import StoreSettings
from orderwright.domain.leaving import Leaving
from orderwright.domain.order import Address, OrderLine, Reason, Reservation, units_of
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_line import PurchaseOrderLine
from orderwright.domain.purchase_order_state import LEFT, LEFT_UNSENT, MOVED
from orderwright.domain.source_gone import source_gone
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.domain.territories import destination_of
from orderwright.records import ALL_SUPPLIERS, OrderFile, kill_key, offer_key, sku_key
from orderwright.storage import Storage
from orderwright.usecases.alerts import alert
from orderwright.usecases.intake.needs import delivers_to
from orderwright.usecases.order_commit import OrderCommit

if TYPE_CHECKING:
    from orderwright.domain.routing.case import Case

REFUSED_BY_SUPPLIER = "REFUSED_BY_SUPPLIER"
STAYS = "STAYS_AT_SUPPLIER"
NO_DAY = date.min
"""Who may ship at all does not depend on the day."""


class Tried(dict[tuple[str, str], str]):
    """(Line id, supplier) -> why it is not asked for that line of this order.

    `unsent`: those that were left with nothing sent, and `names` the reservations of that time. `chosen`: line id -> the
    supplier that an operator moved it to, which alone is asked.
    """

    def __init__(self, why: Mapping[tuple[str, str], str] | None = None) -> None:
        super().__init__(why or {})
        self.unsent: set[tuple[str, str]] = set()
        self.names: set[str] = set()
        self.chosen: dict[str, str] = {}

    def lifted(self, stuck: Iterable[str]) -> Tried | None:
        """With the suppliers that were left unsent for these lines, which nobody else ships; None: there are none."""
        back = {pair for pair in self.unsent if pair[0] in set(stuck)}
        if not back:
            return None
        after = Tried({pair: why for pair, why in self.items() if pair not in back})
        after.chosen = self.chosen
        return after

    def drops(self, name: str, held: Reservation) -> bool:
        """Is this reservation at a supplier that was left since? One that was left unsent may have been taken again."""
        pair = (held.line_id, held.supplier)
        return pair in self and (pair not in self.unsent or name in self.names)


def usable(offer: Offer, config: Config) -> bool:
    """Can it be bought at all, whatever its stock is?"""
    return not offer.retired and offer.cost.is_positive and source_gone(offer, config) is None


def refused_by(orders: Iterable[PurchaseOrder]) -> Tried:
    """Who is not asked for which line, and why."""
    found, orders = Tried(), list(orders)
    for po in orders:
        hard = po.cancel_outcome not in LEFT_UNSENT
        for line_id, why in _left(po):
            pair = (line_id, po.supplier)
            found[pair] = why
            (found.unsent.discard if hard else found.unsent.add)(pair)
            found.names |= {line.reservation for line in po.lines if line.line_id == line_id}
    to = [(po.leaving, po) for po in orders if po.leaving and po.leaving.to]
    moved = [(leaving, po) for leaving, po in to if po.cancel_outcome == MOVED or leaving.lines]
    for leaving, po in sorted(moved, key=lambda one: one[0].at):
        since = {pair for one in orders if one.created_at >= leaving.at for pair in _pairs(one)}
        for line_id in leaving.lines or [line.line_id for line in po.lines]:
            pair = (line_id, leaving.to)
            found.chosen.pop(line_id, None)
            if pair not in since:  # it was chosen by hand, and has not refused since
                found.chosen[line_id] = leaving.to
                found.pop(pair, None)
                found.unsent.discard(pair)
    return found


def _pairs(po: PurchaseOrder) -> Iterator[tuple[str, str]]:
    return ((line_id, po.supplier) for line_id, _ in _left(po))


def _left(po: PurchaseOrder) -> Iterator[tuple[str, str]]:
    """Line id and why, of the lines for which this supplier was left. Where its reasons name lines, those only."""
    if po.cancel_outcome in LEFT:
        named = {reason.line_id: reason.message for reason in po.reasons if reason.line_id}
        why = po.reasons[0].message if po.reasons else ""
        yield from ((one.line_id, named.get(one.line_id, why)) for one in po.lines if not named or one.line_id in named)
    if po.leaving is not None:
        yield from ((line_id, po.leaving.message) for line_id in po.leaving.lines)
    yield from ((line.line_id, line.why) for line in po.answers.refused)


def refusal_of(line: OrderLine, offer: Offer, refused: Mapping[tuple[str, str], str], config: Config) -> Reason | None:
    """Why this supplier is not asked for this line again; None where it may be."""
    why, name = refused.get((line.line_id, offer.supplier)), config.name_of(offer.supplier)
    chosen = refused.chosen.get(line.line_id) if isinstance(refused, Tried) else None
    if chosen not in (None, offer.supplier):
        return Reason(
            code=MOVED, field="lines.sku", line_id=line.line_id,
            message=f"SKU {offer.sku} of this order was moved to {config.name_of(str(chosen))}, so {name} is not asked",
            fix="wait for stock there, or retry: then every supplier is asked again",
        )  # fmt: skip
    if why is None:
        return None
    said = f": {why}" if why else ""
    return Reason(
        code=REFUSED_BY_SUPPLIER,
        field="lines.sku",
        line_id=line.line_id,
        message=f"{name} does not ship SKU {offer.sku} of this order{said}"[:300],
        fix="import another supplier's offer of it, refund the line, or retry: then the supplier is asked again",
    )


def sold_elsewhere(
    lines: Sequence[PurchaseOrderLine],
    but: str,
    file: OrderFile,
    storage: Storage,
    config: Config,
    *,
    at_once: bool = False,
) -> bool:
    """Does for each of these lines another supplier than `but` have an offer, deliver there, and has not refused it?

    `at_once`: it has as many as are wanted, and was not left for the line before. Nobody has to move then for nothing.
    """
    tried = refused_by(held.model for held in file.purchase_orders.values())
    out = tried if at_once else {pair: why for pair, why in tried.items() if pair not in tried.unsent}
    suppliers = [name for name in config.suppliers if name != but]
    wanted, sellers = units_of((line.sku, line.quantity) for line in lines), _Sellers(storage, config, file)

    def may(line: PurchaseOrderLine, name: str) -> bool:
        return (line.line_id, name) not in out and tried.chosen.get(line.line_id, name) == name

    pairs = {(line.sku, name) for line, name in product(lines, suppliers) if may(line, name)}
    sold = {(sku, name) for sku, name in pairs if sellers.sells(sku, name, wanted[sku] if at_once else 0)}
    return all(any((line.sku, name) in sold and may(line, name) for name in suppliers) for line in lines)


def not_sold_at(
    supplier: str, lines: Sequence[PurchaseOrderLine], file: OrderFile, storage: Storage, config: Config
) -> str:
    """The SKUs that this supplier cannot ship now, as many as these lines want of them; "" for none."""
    sellers = _Sellers(storage, config, file)
    wanted = units_of((line.sku, line.quantity) for line in lines)
    return ", ".join(sku for sku, units in wanted.items() if not sellers.sells(sku, supplier, units))


@dataclass(frozen=True)
class _Sellers:
    """Who could ship lines of this order, by the rules by which it is planned (domain/routing/eligible.py)."""

    storage: Storage
    config: Config
    file: OrderFile

    def sells(self, sku: str, supplier: str, units: int) -> bool:
        """Has it an offer of so many that may be bought for this order, and is it not switched off?"""
        from orderwright.domain.routing.eligible import barred

        held, details = self.storage.get(offer_key(sku, supplier), Offer), self.file.details
        if held is None or not usable(held.model, self.config) or (units and held.model.sellable < units):
            return False
        where = details.model.destination if details else None
        line = next((one for one in details.model.lines if one.sku == sku), None) if details else None
        if line is not None and barred(line, held.model, self._case(sku, supplier, where)) is not None:
            return False
        delivers = where is None or delivers_to(supplier, where, self.config)
        return delivers and not is_off(self.storage, supplier)

    def _case(self, sku: str, supplier: str, where: Address | None) -> Case:
        from orderwright.domain.routing.case import Case

        config, record = self.config, self.file.record
        store = config.connections.get(record.model.connection) if record else None
        known = (
            self.storage.get(sku_key(sku), SkuRecord) if config.suppliers[supplier].batteries_to is not None else None
        )
        return Case(
            config.rules, NO_DAY, suppliers=config.suppliers, goods={sku: known.model} if known else {},
            wholesale=isinstance(store, StoreSettings) and store.needs_wholesale,
            destination=destination_of(where.country_code, where.postcode) if where else "",
        )  # fmt: skip


def is_off(storage: Storage, supplier: str) -> bool:
    """Is its own kill switch on? That of all suppliers leads to nobody else, so it does not count."""
    return storage.get_raw(kill_key(supplier)) is not None


def all_are_off(storage: Storage) -> bool:
    """Is the kill switch of all suppliers on?"""
    return is_off(storage, ALL_SUPPLIERS)


def taking_back(po: PurchaseOrder, leaving: Leaving, config: Config) -> PurchaseOrder:
    """A placed one that another supplier shall ship: its people are asked by letter; an own warehouse does not send it; else
    its API is asked. Nobody else is asked before it is certain that this one does not ship."""
    settings = config.suppliers.get(po.supplier)
    written = settings is not None and settings.can(Capability.DESK)
    how = Withdrawal.AGREED if po.own_stock else Withdrawal.ASKED if written else Withdrawal.NONE
    asked = po.leaves(leaving)
    return asked if how is Withdrawal.NONE else asked.answered_with(asked.answers.withdrawing(how).awaited(None))


def stayed(commit: OrderCommit, sk: str, po: PurchaseOrder, why: str, name: str) -> OrderCommit:
    """It is not taken back: it stays ordered there, nobody else is asked, and the operator is told once."""
    assert po.leaving is not None
    message = f"{po.reference} stays at {name}: {why}. {po.leaving.message}"[:300]
    told = alert(STAYS, po.supplier, pk=commit.file.pk, sk=sk, resource=po.reference, message=message)
    commit.purchase_order(sk, po.leaves(po.leaving.ended()), f"it stays here: {why}", facts=[told])
    return commit
