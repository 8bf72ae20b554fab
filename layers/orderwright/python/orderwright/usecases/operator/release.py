"""Pass over what stops an order, where that is the operator's to decide; or acknowledge what came too late to stop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orderwright.domain.not_known import PASSABLE
from orderwright.domain.order import OrderRecord, Reason, Release
from orderwright.domain.order_state import CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.releases import covers, release_of, widened
from orderwright.domain.timing import Timing
from orderwright.records import OrderFile
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.retry import retried
from orderwright.usecases.operator.stopped import STOPPED
from orderwright.usecases.operator.writing import Edit, commit, load
from orderwright.usecases.order_summary import ACKNOWLEDGED

TOO_LATE_CODES = frozenset(
    {CancelOutcome.CANCELLATION_REQUESTED.value, CancelOutcome.ORDERED_TOO_LATE.value, "REFUNDED_AFTER_PLACEMENT"}
)
GATE_CODES = PASSABLE | {"MARGIN_TOO_LOW", "CAP_PER_PURCHASE_ORDER"}
APPROVAL_CODES = frozenset({"HIGH_VALUE", "PERSONALISED", "OLDER_THAN_CONNECT"})
FIXED_BY_HAND = frozenset(
    {
        "SKU_MISSING", "SKU_NOT_MAPPED", "NO_OFFER", "SKU_RETIRED", "OUT_OF_STOCK", "COST_MISSING", "RATE_MISSING",
        "RATE_STALE", "ADDRESS_MISSING", "FIELD_MISSING", "FIELD_TOO_LONG",
    }
)  # fmt: skip
"""Nobody can pass these over: without stock, offer, cost, rate, address or what the supplier needs there is nothing to place."""


class Released(NamedTuple):
    """The codes that do not stop the order any more, the order as it is now, and what was written: what each holds for."""

    codes: tuple[str, ...]
    record: OrderRecord
    releases: tuple[Release, ...]


def releasable(file: OrderFile) -> dict[str, tuple[Reason, ...]]:
    """Code -> reasons of everything that stands against this order and may be passed over or acknowledged."""
    if file.record is None:
        return {}
    record = file.record.model
    standing = (
        *(r for r in (*record.problems, *record.holds, *record.approvals) if r.code not in FIXED_BY_HAND),
        *(r for po in _parked(file).values() for r in po.reasons if r.code in GATE_CODES),
        *(r for r in record.reasons if r.code in TOO_LATE_CODES),
    )
    found: dict[str, tuple[Reason, ...]] = {}
    for reason in standing:
        found[reason.code] = (*found.get(reason.code, ()), reason)
    return found


def release_order(desk: Desk, pk: str, timing: Timing, codes: Iterable[str] = ()) -> Released:
    """Pass over these reasons as they stand, or all that may be; purchase orders that only they parked go on.

    What becomes worse later is asked again (domain/releases.py). Raises Refused.
    """
    wanted = tuple(dict.fromkeys(code.strip().upper() for code in codes))
    return decided(lambda: _release(desk, pk, timing, wanted))


def _release(desk: Desk, pk: str, timing: Timing, wanted: tuple[str, ...]) -> Released:
    file, stored = load(desk, pk)
    record = stored.model
    possible = releasable(file)
    chosen = wanted or tuple(sorted(possible))
    unknown = [code for code in chosen if code not in possible]
    if not chosen or unknown:
        raise _refusal(record, unknown, possible)
    added = {ACKNOWLEDGED if code in TOO_LATE_CODES else code for code in chosen}
    # A stop is a decision of the operator: releasing it takes it back, and nothing is left to pass over.
    now_released = (set(record.released) | added) - ({STOPPED} if STOPPED in added else set())
    written = tuple(
        release_of(reason, desk.now(), desk.who)
        for code in chosen
        if code not in TOO_LATE_CODES and code != STOPPED
        for reason in possible[code]
    )
    given = {"released": tuple(sorted(now_released)), "releases": widened(record.releases, written)}
    decided_on, orders = record.model_copy(update=given), dict[str, PurchaseOrder]()
    for sk, po in _parked(file).items():
        if po.reasons and all(r.code in GATE_CODES and covers(decided_on, r) for r in po.reasons):
            orders[sk], _ = retried(po, desk, timing, not_ordered=False)
    updates = {
        **given,
        "problems": tuple(reason for reason in record.problems if reason.code not in added),
        "holds": tuple(reason for reason in record.holds if reason.code not in added),
        "approvals": tuple(reason for reason in record.approvals if reason.code not in added),
    }
    edit = Edit(f"released: {', '.join(chosen)}", orders, updates=updates, replan=True)
    return Released(chosen, commit(desk, file, edit), written)


def _parked(file: OrderFile) -> dict[str, PurchaseOrder]:
    orders = {sk: held.model for sk, held in sorted(file.purchase_orders.items())}
    return {sk: po for sk, po in orders.items() if po.state is PurchaseOrderState.PARKED}


def _refusal(record: OrderRecord, unknown: list[str], possible: Iterable[str]) -> Refused:
    fixes = [f"{reason.code}: {reason.fix}" for reason in record.reasons if reason.fix]
    if possible:
        return Refused(
            "NOT_A_REASON",
            f"{', '.join(unknown)} does not stop {record.name}, or cannot be passed over",
            f"what can be released now: {', '.join(sorted(possible))}",
        )
    return Refused(
        "NOTHING_TO_RELEASE",
        f"nothing that stops {record.name} can be passed over",
        "; ".join(fixes) or f"orderwright orders show {record.name}",
    )
