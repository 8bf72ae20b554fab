"""What needs a person is told to the operator's topic (R14). An alert may repeat; it is never lost."""

from __future__ import annotations

from orderwright.messages import Message
from orderwright.ports_people import Alerts

FIX = {
    "ORDER_NEEDS_ATTENTION": "Look at it with `orderwright orders show {order}`.",
    "ORDER_AWAITING_APPROVAL": "Decide with `orderwright approvals list`.",
    "NEW_ORDER": "Nothing to do.",
    "PAYMENT_OVERDUE": "Ask the buyer to pay, or cancel the order in the store.",
    "NO_TRACKING": "Ask the supplier about {reference}.",
    "PARCEL_IN_TROUBLE": "Look at it with `orderwright orders show {order}`.",
    "WEBHOOK_PARKED": "Look at it with `orderwright parked list`.",
    "CONNECTION_CLOSED": "Look at it with `orderwright connections`.",
    "NOTICES_WAIT": "Mend the cause; what waits then goes by itself. `orderwright notices list` shows it.",
    "NOTICE_GIVEN_UP": "Look with `orderwright notices list`; `orderwright notices retry` sends again what it can.",
    "STATEMENT_DIFFERS": "Look at it with `orderwright statement {day}`.",
}


def alert_merchant(message: Message, *, alerts: Alerts) -> None:
    """Publish one alert. Ids and codes only."""
    from orderwright.mails import render_alert

    codes = message.detail.get("codes", message.topic)
    about = [text for text in (message.detail.get("order"), message.detail.get("reference"), message.pk) if text]
    known = {"order": "", "reference": "", "day": message.resource, **message.detail}
    fix = FIX.get(message.topic, "Look at it with `orderwright status`.").format_map(known)
    why = f"{codes}: {message.detail['message']}" if "message" in message.detail else codes
    concerned = message.connection.lstrip("-")  # a channel to customers is no connection, and is kept as -email
    subject, text = render_alert(message.topic, about, f"{concerned}: {why}" if concerned else why, fix)
    alerts.raise_alert(subject, text)
