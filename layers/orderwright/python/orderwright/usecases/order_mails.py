"""What SES says later of a mail to a supplier: it came back, or is late. The purchase order shows it, the operator is told."""

from __future__ import annotations

from orderwright.ports.connection import Clock
from orderwright.ports.people import MailEvent
from orderwright.storage import Storage, retry_on_conflict
from orderwright.usecases.alerts import alert
from orderwright.usecases.order_commit import OrderCommit

_LATE = "MAIL_DELAYED"


def is_of_an_order(event: MailEvent) -> bool:
    """Is it about a mail to a supplier, and none to a customer?"""
    return event.about.subject.startswith("PO#")


def record_order_mail(storage: Storage, event: MailEvent, clock: Clock, function: str) -> bool:
    """Write it down once, with an alert unless it is only late; False: there is no such purchase order."""

    def recorded() -> bool:
        file = storage.load_order(event.about.pk)
        held = file.purchase_orders.get(event.about.subject)
        if held is None:
            return False
        po, what = (
            held.model,
            f"the mail to the supplier ({event.about.milestone}): {event.kind} {event.detail}".strip(),
        )
        if any(entry.what == what for entry in po.log):
            return True
        message = f"{po.reference}: {what}"
        told = alert("ORDER_MAIL_CAME_BACK", po.supplier, pk=file.pk, sk=event.about.subject, message=message)
        commit = OrderCommit(file, function, clock.now())
        commit.purchase_order(event.about.subject, po, what, facts=[] if event.kind == _LATE else [told])
        commit.write(storage)
        return True

    return retry_on_conflict(recorded, "news of a mail to a supplier")
