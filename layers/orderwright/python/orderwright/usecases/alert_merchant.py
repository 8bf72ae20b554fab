"""What needs a person is told to the operator's topic (R14). An alert may repeat; it is never lost."""

from __future__ import annotations

import shlex

from orderwright.domain.listing import NOTES
from orderwright.domain.order import Reason
from orderwright.messages import Message
from orderwright.ports.people import Alerts
from orderwright.usecases.people.fixes import Fix, command, fixes_of
from orderwright.usecases.people.words import item_name

FIX = {
    "ORDER_NEEDS_ATTENTION": "Look at the order.",
    "ORDER_AWAITING_APPROVAL": "Buy it or stop it.",
    "NEW_ORDER": "Nothing to do.",
    "PAYMENT_OVERDUE": "Ask the buyer to pay, or cancel the order in the store.",
    "NO_TRACKING": "Ask the supplier about {reference}.",
    "PARCEL_IN_TROUBLE": "Look at it with `orderwright orders show {order}`.",
    "PARCEL_SILENT": "Ask the carrier, then the supplier. The customer was told that it may be late.",
    "PARCEL_IN_CUSTOMS": "Ask the carrier whether customs need papers or a payment, and from whom.",
    "WEBHOOK_PARKED": "Look at it with `orderwright parked list`.",
    "CONNECTION_CLOSED": "Look at it with `orderwright connections`.",
    "NOTICES_WAIT": "See what the code means; without its cause all goes on automatically. `orderwright notices list` shows it.",
    "NOTICE_GIVEN_UP": "Look with `orderwright notices list`; `orderwright notices retry` sends again what it can.",
    "SOURCE_GONE": "`orderwright catalogue list` shows which SKUs wait; they go on sale again automatically.",
    "BILL_WAITS": "Look at it with `orderwright bills list --open`, then accept or refuse it.",
    "SUPPLIER_CONTRADICTS": "Ask the supplier which of both counts; then say so, see `orderwright purchase-orders --help`.",
    "ORDER_MAIL_CAME_BACK": "Tell the supplier of {reference} yourself: it is not mailed again. Correct its `orders_to`.",
    "LETTER_UNCLEAR": "It is not sent again: ask the supplier whether it came.",
    "STAYS_AT_SUPPLIER": "It counts as ordered there. Ask the supplier, or wait for the parcel; see `orderwright orders list`.",
    "LETTER_FAILED": "Tell the supplier yourself.",
    "BILL_UNREAD": "Ask the supplier to send the bill again; its page says the same.",
    "SCORE_FELL": "See why with `orderwright suppliers list`, then `orderwright suppliers show`.",
    "TERMS_BROKEN": "See them with `orderwright suppliers breaches --since {day}`.",
    **dict.fromkeys(
        NOTES, "It is sold all the same. See how its price is made with `orderwright price explain {sku}`."
    ),
    "CUSTOMER_WITHDREW": "The money is to be back within 14 days of the withdrawal. When it is, close the request.",
    "CUSTOMER_RETURNS": "Tell the customer where the goods go, or why not. When it is settled, close the request.",
    "STATEMENT_DIFFERS": "Look at it with `orderwright statement {day}`.",
}


def alert_merchant(message: Message, *, alerts: Alerts) -> None:
    """Publish one alert. Ids and codes only."""
    from orderwright.mails import render_alert

    codes = message.detail.get("codes", message.topic)
    about = [message.detail.get("order") or item_name(message.pk), message.detail.get("reference", "")]
    known = {
        "reference": "",
        "day": message.resource,
        "sku": shlex.quote(message.resource),
        **message.detail,
        "order": shlex.quote(message.detail.get("order", "")),
    }
    fix = Fix(FIX.get(message.topic, "Look at it with `orderwright status`.").format_map(known))
    if message.topic in ("ORDER_NEEDS_ATTENTION", "ORDER_AWAITING_APPROVAL"):
        fix = _of_order(message, codes.split(","))
    elif "request" in message.detail:
        fix = _of_request(message)
    why = f"{codes}: {message.detail['message']}" if "message" in message.detail else codes
    concerned = message.connection.lstrip("-")  # a channel to customers is no connection, and is kept as -email
    subject, text = render_alert(message.topic, about, f"{concerned}: {why}" if concerned else why, *fix)
    alerts.raise_alert(subject, text)


def _of_request(message: Message) -> Fix:
    """`held`: the code with which the order waits because of it."""
    name, text = message.detail.get("order", "") or message.pk, FIX[message.topic]
    close = command("requests", "close", name, message.detail["request"], "--outcome", "refunded")
    show = command("requests", "show", name)
    if "held" not in message.detail:
        return Fix(text, (show, close))
    (waits,) = fixes_of(name, [Reason(code=message.detail["held"], message="")])
    return Fix(f"{waits.text} {text}", (*waits.commands, close))


def _of_order(message: Message, codes: list[str]) -> Fix:
    """What can be done about each code; the details, such as a field that a supplier misses, stand in the order's own page."""
    name = message.detail.get("order", "") or message.pk
    text = message.detail.get("message", "")
    fixes = fixes_of(name, [Reason(code=code, message=text) for code in codes if not code.startswith("FIELD_")])
    commands = [command("orders", "show", name), *(line for fix in fixes for line in fix.commands)]
    texts = " ".join(dict.fromkeys(fix.text for fix in fixes if fix.text))
    return Fix(texts or FIX[message.topic], tuple(dict.fromkeys(commands)))
