"""Bounces and complaints, as SES publishes them, to the notices of their mails, and to purchase orders (P14).

They come from a topic straight to the function: no queue and no dead letters, since an event carries the recipient (P8).
Lambda tries an event three times; what is lost all the same is found at night (usecases/notices/missed.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from orderwright.ports.connection import Clock
from orderwright.ports.people import MailEvent
from orderwright.storage import Storage
from orderwright.usecases.notices.feedback import record_feedback
from orderwright.usecases.order_mails import is_of_an_order, record_order_mail

FUNCTION = "receive_mail_events"


def receive_mail_events(events: Iterable[MailEvent], *, storage: Storage, clock: Clock) -> tuple[int, int]:
    """Write each down; gives how many found what they are about, and how many did not (an order of another stack, say)."""
    found = [
        (record_order_mail if is_of_an_order(event) else record_feedback)(storage, event, clock, FUNCTION)
        for event in events
    ]
    return sum(found), len(found) - sum(found)
