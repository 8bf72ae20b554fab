"""No parcel for too long: the supplier is asked to give the order back; only where it does, the next one is asked (P1, R18)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from orderwright.domain.config import Config
from orderwright.domain.going_elsewhere import taken_back_open
from orderwright.domain.leaving import Leaving
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.purchase_order_state import LATE
from orderwright.domain.supplier_answers import LetterKind, Withdrawal
from orderwright.domain.timing import Timing
from orderwright.storage import Fact, Storage
from orderwright.usecases.order_commit import PLACE, OrderCommit

ASKED_BACK = "it was asked to cancel the order, and does not show it as cancelled yet"
PATIENCE = 24
"""Hours in which an API shows the order as cancelled, or people answer; then it counts as one that stays."""


def expected_from(po: PurchaseOrder) -> datetime | None:
    """Since when a parcel could come: the purchase, or the end of the day that the supplier named, over everywhere."""
    day, since = po.answers.ships_on, po.placed_at
    if since is None or day is None:
        return since
    return max(since, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=36))


def taken_back(
    commit: OrderCommit, sk: str, parcels: Collection[object], storage: Storage, config: Config, timing: Timing
) -> bool:
    """Ask a supplier to give it back that has sent nothing for `late_hours`, where another one has all of it. True: written."""
    po, since, hours = commit.orders[sk], expected_from(commit.orders[sk]), config.rules.routing.reroute.late_hours
    record = commit.file.record
    if not hours or since is None or commit.now - since < timing.confirm_hour * hours:
        return False
    untouched = po.leaving is None and po.answers.withdrawal is Withdrawal.NONE and not po.answers.parcels
    wanted = record is not None and not (record.model.cancelled or po.cancel_requested)
    if parcels or not untouched or not wanted or po.answers.open_refusals:
        return False
    from orderwright.usecases.rerouting import sold_elsewhere, taking_back

    if not sold_elsewhere(po.lines, po.supplier, commit.file, storage, config, at_once=True):
        return False
    what = f"{config.name_of(po.supplier)} has sent no parcel of {po.reference} since {since:%Y-%m-%d %H:%M} UTC."
    back = taking_back(po, Leaving(code=LATE, message=what, at=commit.now), config)
    facts = [Fact(PLACE, connection=po.supplier, pk=commit.file.pk, sk=sk)]
    commit.purchase_order(
        sk, back, "late: it is to give the order back, and then the next supplier is asked", facts=facts
    )
    commit.order("late: asked back from its supplier")
    commit.write(storage)
    return True


def unheard(commit: OrderCommit, sk: str, storage: Storage, config: Config, timing: Timing) -> bool:
    """It was asked, and neither its API shows it as cancelled nor do its people answer: it stays. True: written."""
    po = commit.orders[sk]
    letter = po.answers.letters.get(LetterKind.WITHDRAWAL) if po.answers.withdrawal is Withdrawal.ASKED else None
    asked = letter.at if letter else po.leaving.asked_at if po.leaving else None
    if not taken_back_open(po) or asked is None or commit.now - asked < timing.confirm_hour * PATIENCE:
        return False
    from orderwright.usecases.rerouting import stayed

    why = "nobody there has answered yet" if letter else "it did not cancel it"
    stayed(commit, sk, po, why, config.name_of(po.supplier)).write(storage)
    return True


def given_back(commit: OrderCommit, sk: str, storage: Storage) -> bool:
    """Asked back, and the supplier shows it as cancelled: as if its people had agreed. True: written."""
    po = commit.orders[sk]
    if po.leaving is None or po.leaving.asked_at is None or po.answers.withdrawal is not Withdrawal.NONE:
        return False
    agreed = po.answered_with(po.answers.withdrawing(Withdrawal.AGREED))
    facts = [Fact(PLACE, connection=po.supplier, pk=commit.file.pk, sk=sk)]
    commit.purchase_order(sk, agreed, "the supplier has cancelled it, as it was asked", facts=facts)
    commit.write(storage)
    return True
