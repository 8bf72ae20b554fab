"""Which milestone of which order a message tells, by the words of all languages; and which parcel it names."""

from __future__ import annotations

import re
from functools import cache

from orderwright.domain.shipment import Milestone
from orderwright.mails.sms import to_gsm
from orderwright.mails.translation import LANGUAGES, translation_of

ORDER_NAME = re.compile(r"#\d+")
TRACKING = re.compile(r"[A-Z0-9]{8,40}")
_SORT_OF = {
    "READY_FOR_PICKUP": Milestone.OUT_FOR_DELIVERY,
    "DELIVERY_FAILED": Milestone.EXCEPTION,
    "ON_HOLD": Milestone.EXCEPTION,
    "RETURN_TO_SENDER": Milestone.EXCEPTION,
    "QUIET": Milestone.DELAYED,
}
_SLOT = "{order}"


def _milestone(key: str) -> Milestone:
    return _SORT_OF.get(key) or Milestone(key)


@cache
def _subjects(merchant: str) -> dict[str, Milestone]:
    return {
        words.subject.format(order=_SLOT, merchant=merchant): _milestone(key)
        for language in LANGUAGES
        for key, words in sorted(translation_of(language).messages.items())
    }


@cache
def _heads(merchant: str) -> tuple[tuple[str, Milestone], ...]:
    """The beginnings of all text messages, the longest first, for one may begin with another."""
    found = [
        (to_gsm(words.sms.format(order=_SLOT, merchant=merchant)), _milestone(key))
        for language in LANGUAGES
        for key, words in sorted(translation_of(language).messages.items())
    ]
    return tuple(sorted(found, key=lambda head: (-len(head[0]), head[0])))


def order_named(text: str) -> str:
    """The first order's name in a text; "" without one."""
    found = ORDER_NAME.search(text)
    return found.group() if found else ""


def milestone_of_mail(subject: str, name: str, merchant: str) -> Milestone | None:
    """What a mail's subject tells of this order."""
    return _subjects(merchant).get(subject.replace(name, _SLOT))


def milestone_of_text(message: str, name: str, merchant: str) -> Milestone | None:
    """What a text message tells of this order."""
    said = message.replace(name, _SLOT)
    return next((milestone for head, milestone in _heads(merchant) if said.startswith(head)), None)
