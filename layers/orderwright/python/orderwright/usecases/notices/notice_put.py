"""How each writer writes a notice: when it wakes up, and under what it is found."""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.notice import Notice
from orderwright.records import mail_ref, notice_key, notice_state
from orderwright.storage import Due, Fact, Put

WAKE = "notice.due"


def notice_put(pk: str, notice: Notice, version: int, now: datetime, facts: tuple[Fact, ...] = ()) -> Put:
    """The write. What is in trouble stands in the index of its kind; the last mail's id leads here."""
    at = notice.settle_until or (now if notice.waiting else None)
    sent = next((told.provider_id for told in reversed(notice.told) if told.provider_id), "")
    return Put(
        notice_key(pk, notice.subject, notice.channel),
        notice,
        version,
        facts=facts,
        due=Due(at, WAKE) if at else None,
        ref=mail_ref(sent) if sent and notice.channel == "email" else "",
        state=notice_state(notice.trouble.value) if notice.trouble else "",
    )
