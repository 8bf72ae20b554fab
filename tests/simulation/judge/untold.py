"""Promise P5 at the end: what was not told is shown as unclear, or was overtaken; what is said to be sent was sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from orderwright.domain.notice import Notice, NoticeState
from orderwright.domain.order import OrderState
from orderwright.domain.shipment import RANK, Milestone
from orderwright.records import notice_key
from tests.simulation.judge.case import Case
from tests.simulation.judge.parcels import PROMPT
from tests.simulation.judge.telling import EMAIL, SMS, Telling, Told, address_of, phone_of
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

_BY_RANK = {rank: milestone for milestone, rank in RANK.items()}
_NOBODY_TO_TELL = (
    "INVALID_ADDRESS", "INVALID_NUMBER", "the store itself mails", "the order has no", "no consent",
)  # fmt: skip
"""Notes of a notice that could not be sent to anybody, so that its failure is no broken promise."""
_PERHAPS_SENT = (NoticeState.SENT, NoticeState.UNCLEAR, NoticeState.SENDING)


def judge_untold(sim: Sim, case: Case, telling: Telling, sent: list[Told]) -> Iterator[str]:
    """One order's notices against the mailbox and the phone, both ways. `sent` is all that its customer got."""
    if case.record is None or case.sold.erased or case.record.erased_at is not None or case.record.test:
        return
    yield from _missing_confirmation(sim, case)
    for sk, held in sorted(case.file.shipments.items()):
        for channel in (EMAIL, SMS):
            if _reachable(sim, case, channel):
                yield from _missing(sim, case, sk, channel, _BY_RANK[held.model.milestone_rank])
    for _, stored in sorted(case.file.notices.items()):
        yield from _said_and_done(sim, case, stored.model, telling)
    yield from _sent_unknown(case, sent)
    if _reachable(sim, case, EMAIL):
        yield from _new_numbers(case, telling)


def _reachable(sim: Sim, case: Case, channel: str) -> bool:
    if channel == SMS:
        return case.sold.sms and bool(phone_of(case.sold))
    return bool(address_of(case.sold))


def _mailed_by_store(sim: Sim, milestone: Milestone) -> bool:
    return milestone.value in sim.config.stores[STORE].store_mails


def _missing_confirmation(sim: Sim, case: Case) -> Iterator[str]:
    record = case.record
    assert record is not None
    known = record.state is not OrderState.AWAITING_PAYMENT
    plain = case.dealing.paid and not case.dealing.changed and not case.cancelled and not record.cancelled
    if known and plain and _reachable(sim, case, EMAIL) and not _mailed_by_store(sim, Milestone.CONFIRMED):
        yield from _missing(sim, case, "ORDER", EMAIL, Milestone.CONFIRMED)


def _new_numbers(case: Case, telling: Telling) -> Iterator[str]:
    """A number that replaced another one, and that our side knows, was told."""
    known = {(held.model.reference, held.model.tracking_number) for held in case.file.shipments.values()}
    open_ends = any(stored.model.state is not NoticeState.SENT for stored in case.file.notices.values())
    for parcel in case.dealing.parcels:
        if (
            not parcel.former
            or open_ends
            or (parcel.reference, parcel.number) not in known
            or case.now - parcel.at < PROMPT
        ):
            continue
        if (case.sold.name, EMAIL, parcel.number) not in telling.named:
            yield f"P5: {case.sold.name} was never told the number {parcel.number}, only {', '.join(parcel.former)}"


def _missing(sim: Sim, case: Case, subject: str, channel: str, milestone: Milestone) -> Iterator[str]:
    """The last milestone that there was: told, being told, or shown why not. A lower one may have been overtaken."""
    if channel == EMAIL and _mailed_by_store(sim, milestone):
        return
    stored = case.file.notices.get(notice_key(case.pk, subject, channel).sk)
    notice = stored.model if stored else None
    if notice is None or (notice.rank < RANK[milestone] and milestone not in notice.waiting):
        about = subject.rpartition("#")[2]
        said = f"{notice.milestone.value} was the last" if notice else "nothing was ever said"
        yield f"P5: {case.sold.name} was never told {milestone.value} of {about} by {channel} ({said})"


def _said_and_done(sim: Sim, case: Case, notice: Notice, telling: Telling) -> Iterator[str]:
    name, parcel = case.sold.name, _parcel(case, notice.subject)
    for told in notice.told:
        what = f"{told.milestone.value} of {name} by {notice.channel}"
        if told.state is NoticeState.SENT and not _times(telling, name, notice.channel, parcel, told.milestone):
            yield f"P5: our side says that {what} was sent, and it never was"
        if told.state is NoticeState.FAILED and not told.note.startswith(_NOBODY_TO_TELL):
            yield f"P5: {what} was given up: {told.note[:60]}"
        if told.state is NoticeState.UNCLEAR and sim.last_fault is None:
            yield f"P5: {what} is unclear, and nothing ever went wrong"


def _parcel(case: Case, subject: str) -> str:
    return (
        ""
        if subject == "ORDER" or subject.startswith("REQUEST#")
        else case.dealing.first_of(subject.rpartition("#")[2])
    )


def _times(telling: Telling, name: str, channel: str, parcel: str, milestone: Milestone) -> int:
    named = telling.count[Told(name, channel, parcel, milestone.value)]
    return named or telling.count[Told(name, channel, "", milestone.value)]


def _sent_unknown(case: Case, sent: list[Told]) -> Iterator[str]:
    """A message that our side does not know could be sent again at any time."""
    known: set[tuple[str, str, str]] = set()
    for stored in case.file.notices.values():
        notice = stored.model
        place = (notice.channel, _parcel(case, notice.subject))
        known.update((*place, told.milestone.value) for told in notice.told if told.state in _PERHAPS_SENT)
        if notice.state in _PERHAPS_SENT:
            known.add((*place, notice.milestone.value))
    for told in sorted(sent):
        parcels = {
            parcel for channel, parcel, milestone in known if (channel, milestone) == (told.channel, told.milestone)
        }
        if not parcels or (told.parcel and told.parcel not in parcels):
            yield f"P5: {told.name} got {told.milestone} by {told.channel}, and our side does not know it was sent"
