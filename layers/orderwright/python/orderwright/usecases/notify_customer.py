"""A customer is told a milestone, once per channel, never backwards, in their language (R30, promise P5).

rank < :new -> SENDING committed -> one send, one attempt -> SENT / FAILED / UNCLEAR
Killed between SENDING and the answer: shown as unclear, never sent again.
"""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.config import Config
from orderwright.domain.shipment import Milestone
from orderwright.domain.timing import Timing
from orderwright.messages import Message
from orderwright.ports.connection import Clock
from orderwright.ports.people import Notifier, Suppressions
from orderwright.storage import Storage
from orderwright.usecases.notices.channel import Channel
from orderwright.usecases.notices.compose import PageLink, email_for, sms_for
from orderwright.usecases.notices.missed import MISSED, find_missed
from orderwright.usecases.notices.telling import Telling


def notify_customer(
    message: Message,
    *,
    storage: Storage,
    config: Config,
    notifier: Notifier,
    suppressions: Suppressions,
    timing: Timing,
    clock: Clock,
    new_token: Callable[[], str],
    page: PageLink,
) -> None:
    """Tell one milestone of one subject (the order, or a parcel) on every channel the customer agreed to.

    At night, the same function looks for bounces whose events were lost.
    """
    if message.type == MISSED:
        find_missed(storage=storage, suppressions=suppressions, clock=clock)
        return
    subject, channel = _subject(message)
    asked = message.detail.get("milestone", "")
    milestone = Milestone(asked) if asked else None
    channels: tuple[Channel, ...] = (email_for(config, notifier, page), sms_for(config, notifier, page))
    for one in channels:
        if channel and one.name != channel:
            continue
        correlation = message.correlation or message.id
        Telling(message.pk, subject, one, milestone, storage, timing, clock, new_token(), correlation).run()


def _subject(message: Message) -> tuple[str, str]:
    """The subject's sk, and the channel when a due notice woke us: NOTICE#<subject>#<channel>."""
    if message.sk.startswith("NOTICE#"):
        subject, _, channel = message.sk.removeprefix("NOTICE#").rpartition("#")
        return subject, channel
    return message.sk, ""
