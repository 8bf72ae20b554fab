"""Let an order go on although something stops it, where the operator may decide so; or say that what came too late was seen.

What lets money flow needs its code, and before it is written the operator is shown what it costs (`before_release`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orderwright.domain.config import Config
from orderwright.domain.money import Money
from orderwright.domain.not_known import PASSABLE
from orderwright.domain.order import OrderRecord, Reason, Release
from orderwright.domain.order_state import STOPS, WITHDRAWN, CancelOutcome
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.reckoning import Reckoning
from orderwright.domain.releases import covers, release_of, widened
from orderwright.domain.store_cancellation import NOT_CANCELLED
from orderwright.domain.timing import Timing
from orderwright.domain.validation import NEEDED
from orderwright.domain.withdrawals import units_withdrawn
from orderwright.records import OrderFile
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.explaining import explain_expected, explain_margin
from orderwright.usecases.operator.order_edit import Edit, commit, load
from orderwright.usecases.order_summary import ACKNOWLEDGED
from orderwright.usecases.people.fixes import command, fixes_of

TOO_LATE_CODES = frozenset(
    {CancelOutcome.CANCELLATION_REQUESTED.value, CancelOutcome.ORDERED_TOO_LATE.value, "REFUNDED_AFTER_PLACEMENT"}
)
SEEN_CODES = TOO_LATE_CODES | {"LINES_CHANGED_AFTER_PLACEMENT", "ADDRESS_CHANGED_AFTER_PLACEMENT"}
"""Came too late to be stopped: the operator only says that they have seen it. What else is sold and waited behind it goes on."""
BY_HAND = "BY_HAND"
"""In place of the store's id: the operator says that what it was asked to do is done, or is not wanted any more."""
GATE_CODES = PASSABLE | {"MARGIN_TOO_LOW", "CAP_PER_PURCHASE_ORDER", "OTHER_STACK_UNSEEN"}
APPROVAL_CODES = frozenset({"HIGH_VALUE", "PERSONALISED", "OLDER_THAN_CONNECT", "NEW_CUSTOMER", "LOW_MARGIN"})
FIXED_BY_HAND = frozenset(
    {
        "SKU_MISSING", "SKU_NOT_MAPPED", "NO_OFFER", "SKU_RETIRED", "OUT_OF_STOCK", "SOURCE_GONE", "COST_MISSING", "RATE_MISSING",
        "NOT_BY_RULE", "RETAIL_SUPPLIER", "NOT_SHIPPED_THERE", "BATTERY_NOT_SENT",
        "REFUSED_BY_SUPPLIER", "RATE_STALE", "FIELD_MISSING", "FIELD_TOO_LONG", "PO_BOX_NOT_DELIVERED", *NEEDED,
    }
)  # fmt: skip
"""Nobody can let these pass: without stock, offer, cost, rate, a whole address or what the supplier needs nothing is placed."""


class Released(NamedTuple):
    """The codes that do not stop the order any more, the order as it is now, and what was written: what each holds for."""

    codes: tuple[str, ...]
    record: OrderRecord
    releases: tuple[Release, ...]


class Shown(NamedTuple):
    """What a release would let pass, as the operator is shown it; `costs` says what is bought, empty where nothing is."""

    codes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    costs: tuple[str, ...]


def releasable(file: OrderFile) -> dict[str, tuple[Reason, ...]]:
    """Code -> reasons of everything that stands against this order and may be let pass or marked as seen."""
    if file.record is None:
        return {}
    record = file.record.model
    standing = (
        *(r for r in (*record.problems, *record.holds, *record.approvals) if r.code not in FIXED_BY_HAND),
        *(r for po in _parked(file).values() for r in po.reasons if r.code in GATE_CODES),
        *(r for r in record.reasons if r.code in TOO_LATE_CODES),
        *([record.store_problem] if record.store_problem else []),
    )
    found: dict[str, tuple[Reason, ...]] = {}
    for reason in standing:
        found[reason.code] = (*found.get(reason.code, ()), reason)
    return found


def before_release(desk: Desk, pk: str, config: Config, timing: Timing, codes: Iterable[str] = ()) -> Shown:
    """What `release_order` would let pass now, and what that buys at which figures. Writes nothing. Raises Refused."""
    file, stored = load(desk, pk)
    possible = releasable(file)
    chosen = _chosen(file, stored.model, possible, codes)
    reasons = tuple(reason for code in chosen for reason in possible[code])
    costs = _costs(desk, file, reasons, config, timing)
    if not (SEEN_CODES | {NOT_CANCELLED}).issuperset(chosen):
        costs = costs or ["lets the order go on; nothing is bought for it as it is now"]
        costs = [*(_withdrawn(file) if WITHDRAWN in chosen else ()), *costs]
    elif stored.model.cancelled or not set(chosen).issuperset(possible):
        costs = []  # what was seen is not all that stops it
    return Shown(chosen, reasons, tuple(costs))


def _costs(desk: Desk, file: OrderFile, reasons: Iterable[Reason], config: Config, timing: Timing) -> list[str]:
    """One line for each purchase order that goes on, or is to be made: its margin, or why that is not known."""
    let_pass, found = set(reasons), list[str]()
    for one in explain_margin(file, config, desk.now().date()):
        po = one.purchase_order
        if po.state is PurchaseOrderState.NEW or (po.state is PurchaseOrderState.PARKED and let_pass & set(po.reasons)):
            over = next((r for r in po.reasons if r.code == "CAP_PER_PURCHASE_ORDER" and r.measure is not None), None)
            cap = f", above the limit of {Money(minor=over.allowed or 0, currency=over.unit)}" if over else ""
            goods = ", ".join(f"{line.quantity} x {line.sku}" for line in po.lines)
            what = f"{goods} from {config.name_of(po.supplier)} for {po.payable or po.expected_cost}{cap}"
            found.append(f"buys {what}, {_left(po, one.then or one.now, one.problem)}")
    lines = file.details.model.lines if file.details else ()
    skus = desk.storage.load_skus([line.sku for line in lines if line.sku and line.requires_shipping])
    found += [
        f"buys from {config.name_of(one.supplier)}, {_left(None, one.reckoning, one.problem)}"
        for one in explain_expected(file, skus, config, timing, desk.now())
    ]
    return found


def _withdrawn(file: OrderFile) -> Iterable[str]:
    """What its customer withdrew from and the store still has in the order: it is bought as well."""
    lines = file.details.model.lines if file.details else ()
    units = units_withdrawn([held.model for held in file.requests.values()], lines)
    for line in lines:
        if units.get(line.line_id) and line.quantity:
            yield f"the customer withdrew from {units[line.line_id]} x {line.sku}, and the order still has {line.quantity}"


def _left(po: PurchaseOrder | None, reckoning: Reckoning | None, problem: Reason | None) -> str:
    low = next((r for r in (po.reasons if po else ()) if r.code == "MARGIN_TOO_LOW" and r.measure is not None), None)
    if low is not None:  # the figure that the release will hold for
        return f"at a margin of {Money(minor=-(low.measure or 0), currency=low.unit)}"
    if reckoning is not None:
        return f"at a margin of {reckoning.margin}"
    return (
        f"at a margin that is not known ({problem.code}: {problem.message})" if problem else "at a margin not known yet"
    )


def release_order(
    desk: Desk, pk: str, timing: Timing, codes: Iterable[str] = (), shown: Shown | None = None
) -> Released:
    """Let these reasons pass as they stand; purchase orders that only they parked go on.

    Without codes nothing is bought: what came too late is marked as seen. With `shown`, only what was shown is let pass.

    What becomes worse later is asked again (domain/releases.py). Raises Refused.
    """
    wanted = tuple(codes)
    return decided(lambda: _release(desk, pk, timing, wanted, shown))


def _chosen(
    file: OrderFile, record: OrderRecord, possible: dict[str, tuple[Reason, ...]], codes: Iterable[str]
) -> tuple[str, ...]:
    """The codes that are meant. Raises Refused where one is none that may be let pass."""
    wanted = tuple(dict.fromkeys(code.strip().upper() for code in codes))
    chosen = wanted or tuple(sorted(SEEN_CODES.intersection(possible)))
    unknown = [code for code in chosen if code not in possible]
    if not chosen or unknown:
        raise _refusal(record, unknown, possible)
    asked = file.cancellation.model if file.cancellation else None
    if asked is not None and asked.is_open and STOPS.keys() & set(chosen) and NOT_CANCELLED not in chosen:
        fix = f"wait for the end; where it was given up, release {NOT_CANCELLED} as well"
        raise Refused("ALREADY_ASKED", f"the store is asked to {asked.asks}", fix)
    return chosen


def _release(desk: Desk, pk: str, timing: Timing, wanted: tuple[str, ...], shown: Shown | None) -> Released:
    file, stored = load(desk, pk)
    record = stored.model
    possible = releasable(file)
    chosen = _chosen(file, record, possible, wanted)
    if shown is not None and shown.reasons != tuple(reason for code in chosen for reason in possible[code]):
        raise Refused(
            "CHANGED_SINCE",
            f"what stops {record.name} has changed since it was shown",
            command("orders", "show", record.name),
        )
    asked = file.cancellation.model if file.cancellation else None
    by_hand = asked.recorded(BY_HAND) if asked and NOT_CANCELLED in chosen else None
    added = {ACKNOWLEDGED if code in TOO_LATE_CODES else code for code in chosen} - {NOT_CANCELLED}
    written = tuple(
        release_of(reason, desk.now(), desk.who)
        for code in chosen
        if code not in TOO_LATE_CODES | {NOT_CANCELLED, *STOPS}
        for reason in possible[code]
    )
    # A stop is a decision of a person: releasing it takes it back, and nothing is left to let pass.
    decided_on = record.let_pass(added, widened(record.releases, written), lifted=added & set(STOPS))
    if by_hand is not None:
        decided_on = decided_on.not_ended_in_store(None)
    orders = {
        sk: po.retried(desk.now(), timing.give_up_after)
        for sk, po in _parked(file).items()
        if po.reasons and all(r.code in GATE_CODES and covers(decided_on, r) for r in po.reasons)
    }
    edit = Edit(f"released: {', '.join(chosen)}", orders, cancellation=by_hand, record=decided_on, replan=True)
    return Released(chosen, commit(desk, file, edit), written)


def _parked(file: OrderFile) -> dict[str, PurchaseOrder]:
    orders = {sk: held.model for sk, held in sorted(file.purchase_orders.items())}
    return {sk: po for sk, po in orders.items() if po.state is PurchaseOrderState.PARKED}


def _refusal(record: OrderRecord, unknown: list[str], possible: dict[str, tuple[Reason, ...]]) -> Refused:
    if possible and not unknown:
        ways = [command("orders", "release", record.name, "--code", code) for code in sorted(possible)]
        what = f"without --code nothing is bought, and nothing of {record.name} came too late to be stopped"
        return Refused("CODE_NEEDED", what, "; or ".join(ways))
    fixes = fixes_of(record.name, [reason for reason in record.reasons if not unknown or reason.code in unknown])
    ways = [" ".join((fix.text, *fix.commands[:1])) for fix in fixes]
    if unknown and possible:
        ways.append(f"what can be released now: {', '.join(sorted(possible))}")
    show = command("orders", "show", record.name)
    if unknown:
        what = f"{', '.join(unknown)} does not stop {record.name}, or nobody can let it pass"
        return Refused("NOT_A_REASON", what, "; ".join(ways) or show)
    return Refused("NOTHING_TO_RELEASE", f"nothing that stops {record.name} can be released", "; ".join(ways) or show)
