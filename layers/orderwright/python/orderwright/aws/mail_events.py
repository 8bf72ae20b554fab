"""What SES says of a mail after it took it: tags that lead an event to its notice, events as SNS brings them, SES's own list.

An event carries the recipient, the subject and headers. Of all that, only kind, class and time leave this file (promise P8).
The form: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from orderwright.domain.base import from_iso
from orderwright.errors import Misconfigured, Retryable
from orderwright.ports.people import About, MailEvent, SuppressedMail

PAGE = 15
"""How many entries are asked for at once: each costs one call more, and SES allows one such call a second. A page has to fit

into `timing.last_call`.
"""

_KINDS = {
    "Bounce": ("MAIL_BOUNCED", "bounce", ("bounceType", "bounceSubType")),
    "Complaint": ("MAIL_COMPLAINT", "complaint", ("complaintFeedbackType", "complaintSubType")),
    "Reject": ("MAIL_REJECTED", "reject", ("reason",)),
    "DeliveryDelay": ("MAIL_DELAYED", "deliveryDelay", ("delayType",)),
}
_SUPPRESSED = {"BOUNCE": "MAIL_BOUNCED", "COMPLAINT": "MAIL_COMPLAINT"}
_NO_CLASS = re.compile(r"[^A-Za-z0-9 _-]+")
_DENIED = frozenset({"AccessDenied", "AccessDeniedException"})


def tags_of(about: About) -> list[dict[str, str]]:
    """The message tags of a mail. A tag holds letters, digits, _ and - only, so each text goes as base64url."""
    fields = about._asdict().items()
    return [{"Name": f"notice_{name}", "Value": _packed(text)} for name, text in fields if text]


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def read_mail_event(record: Mapping[str, Any]) -> MailEvent | None:
    """The event in one record of SNS; None for a kind that we do not keep, and for a mail that is not ours.

    Raises ValueError for what is no event at all; its text holds nothing of the record.
    """
    try:
        event = json.loads(record["Sns"]["Message"])
        known = _KINDS.get(str(event["eventType"]))
        tags = event["mail"].get("tags") or {}
        if known is None or not tags.get("notice_pk"):
            return None
        kind, part, classes = known
        about = About(*(_unpacked(tags[f"notice_{name}"][0]) for name in About._fields))
        said = event.get(part) or {}
        if said.get("complaintFeedbackType") == "not-spam":
            return None  # somebody took it out of their spam folder
        detail = " ".join(_NO_CLASS.sub("", str(said[name]))[:40] for name in classes if said.get(name))
        at = from_iso(str(said.get("timestamp") or event["mail"]["timestamp"]))
        return MailEvent(about, kind, detail, at, str(event["mail"].get("messageId") or "")[:200])
    except (LookupError, TypeError, ValueError, AttributeError):
        raise ValueError("the record holds no event of SES in the documented form") from None


class SesSuppressions:
    """ports.people.Suppressions on the account's suppression list.

    The list has addresses; the mail that put one there is asked for by its own call, and the address is forgotten at once.
    """

    def __init__(self, client: Any, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._sleep = sleep

    def page(self, since: datetime, position: str) -> tuple[list[SuppressedMail], str]:
        """See ports.people.Suppressions."""
        try:
            answer = self._page(since, position)
            found = [self._entry(entry) for entry in answer.get("SuppressedDestinationSummaries", ())]
        except (ClientError, BotoCoreError) as error:
            code = str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""
            if code in _DENIED:
                raise Misconfigured("SES: the function's role may not read the suppression list", code=code) from None
            raise Retryable("SES: the suppression list cannot be read now", code="UNAVAILABLE") from None
        return [entry for entry in found if entry is not None], str(answer.get("NextToken") or "")

    def _page(self, since: datetime, position: str) -> Any:
        asked: dict[str, Any] = {"StartDate": since, "PageSize": PAGE}
        if not position:
            return self._client.list_suppressed_destinations(**asked)
        try:
            return self._client.list_suppressed_destinations(**asked, NextToken=position)
        except self._client.exceptions.InvalidNextTokenException:
            return self._client.list_suppressed_destinations(**asked)

    def _entry(self, entry: Mapping[str, Any]) -> SuppressedMail | None:
        kind = _SUPPRESSED.get(str(entry.get("Reason")))
        if kind is None:
            return None
        self._sleep(1.0)
        try:
            told = self._client.get_suppressed_destination(EmailAddress=entry["EmailAddress"])["SuppressedDestination"]
        except self._client.exceptions.NotFoundException:
            return None  # taken off the list since
        message_id = str((told.get("Attributes") or {}).get("MessageId") or "")
        at: datetime = told["LastUpdateTime"]
        return SuppressedMail(message_id, kind, at.astimezone(UTC)) if message_id else None
