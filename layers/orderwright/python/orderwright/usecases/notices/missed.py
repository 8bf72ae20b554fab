"""Events that never came (P14): what the provider put on its own list since the last look, page by page.

The list is the account's: a mail that is not ours has no notice here. What was known already is not written again.
"""

from __future__ import annotations

from datetime import timedelta

from orderwright.domain.notice import Notice
from orderwright.domain.operations import Cursor
from orderwright.ports.connection import Clock
from orderwright.ports.people import About, MailEvent, SuppressedMail, Suppressions
from orderwright.records import MAIL_FEEDBACK, ORDERS, Key, mail_ref
from orderwright.storage import Due, Put, Storage, held_or
from orderwright.usecases.notices.feedback import record_feedback
from orderwright.usecases.notices.trouble import FUNCTION

MISSED = "mail.feedback_due"
_OVERLAP = timedelta(days=1)


def find_missed(*, storage: Storage, suppressions: Suppressions, clock: Clock) -> None:
    """One page. The next one is due at once; after the last, the next look begins a day before this one ended.

    Raises VendorError: the message comes again, for the same page.
    """
    now = clock.now()
    held = held_or(storage, MAIL_FEEDBACK, Cursor(name="-email"))
    known = held.model.at or now
    since = known if held.model.position else known - _OVERLAP
    page, position = suppressions.page(since, held.model.position)
    for entry in page:
        for key in storage.find(ORDERS, mail_ref(entry.message_id)):
            _record(storage, key, entry, clock)
    after = Cursor(name="-email", position=position, at=since if position else now)
    storage.commit([Put(MAIL_FEEDBACK, after, held.version, due=Due(now, MISSED) if position else None)])


def _record(storage: Storage, key: Key, entry: SuppressedMail, clock: Clock) -> None:
    held = storage.get(key, Notice)  # the index may lag
    told = [one for one in held.model.told if one.provider_id == entry.message_id] if held else []
    if held is None or not told:
        return
    about = About(key.pk, held.model.subject, told[-1].milestone.value)
    # The list takes hard bounces only, and complaints.
    detail = "Permanent SuppressionList" if entry.kind == "MAIL_BOUNCED" else "SuppressionList"
    record_feedback(storage, MailEvent(about, entry.kind, detail, entry.at, entry.message_id), clock, FUNCTION)
