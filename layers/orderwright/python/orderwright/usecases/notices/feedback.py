"""What the provider says of a mail after it took it, written to its notice; and what follows for the next mails."""

from __future__ import annotations

from orderwright.domain.marks import short_mark
from orderwright.domain.notice import MailFeedback, NoticeState
from orderwright.domain.shipment import Milestone
from orderwright.domain.time_line import log_entry
from orderwright.ports.connection import Clock
from orderwright.ports.people import MailEvent
from orderwright.records import OrderFile, notice_key
from orderwright.storage import Change, Storage, retry_on_conflict
from orderwright.usecases.notices.notice_put import notice_put
from orderwright.usecases.notices.trouble import given_up

KEPT = 12


def address_mark(file: OrderFile) -> str:
    """A mark of the order's mail address, too short to lead back to it. "" without an address."""
    email = file.details.model.email if file.details else ""
    return short_mark(email.strip().lower(), file.pk) if email else ""


def mails_ended(file: OrderFile) -> str:
    """The code of what came back for good from the address that the order has now; "" while mails may go there.

    Other orders with the same address need no memory of ours: the provider's own list stops them, and says so for each.
    """
    mark = address_mark(file)
    told = (news for held in file.notices.values() for news in held.model.feedback)
    return next((news.kind for news in told if mark and news.mark == mark and news.ends_mails), "")


def _same(one: MailFeedback, other: MailFeedback) -> bool:
    """True for the same news of the same mail, whatever brought it, and whenever."""
    alike = (one.milestone, one.kind, one.mail) == (other.milestone, other.kind, other.mail)
    return alike and one.ends_mails == other.ends_mails


def record_feedback(storage: Storage, event: MailEvent, clock: Clock, who: str) -> bool:
    """Write it down once, with the alert of its cause. False: we hold no such notice."""

    def recorded() -> bool:
        file = storage.load_order(event.about.pk)
        held = file.notices.get(notice_key(event.about.pk, event.about.subject, "email").sk)
        if held is None or event.about.milestone not in set(Milestone):
            return False
        notice, now = held.model, clock.now()
        sent = {told.provider_id: told.mark for told in notice.told if told.provider_id}
        news = MailFeedback(
            milestone=Milestone(event.about.milestone),
            kind=event.kind,
            detail=event.detail[:80],
            at=event.at,
            # The order may have another address by now. What an older version sent has no mark.
            mark=sent.get(event.mail, notice.mark) or address_mark(file),
            mail=event.mail,
        )
        if any(_same(one, news) for one in notice.feedback):
            return True
        entry = log_entry(now, who, f"email {news.milestone.value.lower()}: {news.kind}", news.detail)
        beside, stops = list[Change](), False
        if news.not_delivered:
            beside = given_up(storage, "email", news.kind, news.detail, now, pk=file.pk)
            last = event.mail == next(reversed(sent), "") or event.mail not in sent
            # What went out after it is not sent again for it (promise P5).
            stops = notice.state is NoticeState.SENT and last and news.milestone is notice.milestone
        after = notice.came_back(news, most=KEPT, stops=stops).noted(entry)
        storage.commit([notice_put(file.pk, after, held.version, now), *beside])
        return True

    return retry_on_conflict(recorded, "the notice")
