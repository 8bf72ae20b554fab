"""`python -m local.mail_events ORDER [KIND]` says what SES would say of an order's last mail: the emulator publishes no events.

The form is AWS's: docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html, in a record of SNS as
Lambda gets it. ORDER is the order's key or name as `orderwright orders show` takes it. Recipients are invented.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from orderwright.aws.mail_events import tags_of
from orderwright.ports.people import About

KINDS = ("bounce", "soft_bounce", "complaint", "not_spam", "reject", "delay")
_RECIPIENT = {"emailAddress": "somebody@example.com"}


def ses_event(kind: str, about: About, *, at: str, message_id: str = "0100-example") -> dict[str, Any]:
    """What SES publishes for a mail with our tags. `at` in ISO 8601."""
    what = {"timestamp": at, "feedbackId": "f-1"}
    bounce = {**what, "bouncedRecipients": [{**_RECIPIENT, "action": "failed", "status": "5.1.1"}]}
    complaint = {**what, "complainedRecipients": [_RECIPIENT], "complaintFeedbackType": "abuse"}
    delay = {"timestamp": at, "delayType": "MailboxFull", "delayedRecipients": [_RECIPIENT]}
    told: dict[str, dict[str, Any]] = {
        "bounce": {"eventType": "Bounce", "bounce": {"bounceType": "Permanent", "bounceSubType": "General", **bounce}},
        "soft_bounce": {
            "eventType": "Bounce",
            "bounce": {"bounceType": "Transient", "bounceSubType": "General", **bounce},
        },
        "complaint": {"eventType": "Complaint", "complaint": complaint},
        "not_spam": {"eventType": "Complaint", "complaint": {**complaint, "complaintFeedbackType": "not-spam"}},
        "reject": {"eventType": "Reject", "reject": {"reason": "Bad content"}},
        "delay": {"eventType": "DeliveryDelay", "deliveryDelay": delay},
    }
    mail = {
        "timestamp": at,
        "messageId": message_id,
        "source": "shop@example.com",
        "sendingAccountId": "000000000000",
        "destination": [_RECIPIENT["emailAddress"]],
        "headersTruncated": False,
        "headers": [{"name": "To", "value": _RECIPIENT["emailAddress"]}],
        "commonHeaders": {"to": [_RECIPIENT["emailAddress"]], "subject": "Your order"},
        "tags": {"ses:configuration-set": ["orderwright"], **{tag["Name"]: [tag["Value"]] for tag in tags_of(about)}},
    }
    return {**told[kind], "mail": mail}


def sns_event(event: dict[str, Any]) -> dict[str, Any]:
    """The same as SNS hands it to a function."""
    topic = "arn:aws:sns:eu-north-1:000000000000:mail-events"
    notification = {
        "Type": "Notification",
        "MessageId": "00000000-0000-4000-8000-000000000001",
        "TopicArn": topic,
        "Subject": "Amazon SES Email Event Notification",
        "Message": json.dumps(event),
        "Timestamp": event["mail"]["timestamp"],
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "MessageAttributes": {},
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{topic}:1",
        "Sns": notification,
    }
    return {"Records": [record]}


def main(order: str, kind: str = "bounce", run_file: str = ".orderwright/run.json") -> None:
    """Publish it to the topic of the shop that runs here. Raises KeyError for a kind that is not in KINDS."""
    from local.cli.shop import Shop
    from orderwright.domain.base import iso

    shop = Shop(run_file=run_file)
    file = shop.storage.load_order(shop.order(order))
    notices = [held.model for held in file.notices.values() if held.model.channel == "email" and held.model.told]
    if not notices:
        sys.exit(f"error: no mail of {order} was sent yet")
    told = max(notices, key=lambda notice: notice.told[-1].at)
    about = About(file.pk, told.subject, told.told[-1].milestone.value)
    event = ses_event(kind, about, at=iso(shop.wiring.clock.now()), message_id=told.told[-1].provider_id)
    topic = json.loads(Path(run_file).read_text("utf-8"))["mail_events_topic"]
    shop.target.client("sns").publish(TopicArn=topic, Message=json.dumps(event))
    print(f"{kind} of {about.milestone} told")


if __name__ == "__main__":
    main(*sys.argv[1:3])
