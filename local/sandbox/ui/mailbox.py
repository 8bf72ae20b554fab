"""What buyers receive: mails and text messages, read from wherever the merchant's side sends them."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

_FRESH_SECONDS = 0.8
_READ_SECONDS = 3.0
_ORDER_NAME = re.compile(r"(?<!\w)#?(\d{4,})\b")


class File(NamedTuple):
    """What is attached to a mail."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Message:
    """One mail or text message. `channel` is "mail" or "sms"; `html` is empty for a text message; `at` is UTC."""

    id: str
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    html: str
    at: datetime
    files: tuple[File, ...] = ()

    def names(self) -> set[str]:
        """The order names (#1001) in its subject, or in a text message's words; not every store has a # in them."""
        return {f"#{found}" for found in _ORDER_NAME.findall(self.text if self.channel == "sms" else self.subject)}


MailSource = Callable[[], Sequence[Message]]


class Mailbox:
    """Asks the source at most about once a second. `problem` says why it could not be read."""

    def __init__(self, source: MailSource | None = None) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._messages: tuple[Message, ...] = ()
        self.problem: str | None = None

    def messages(self) -> tuple[Message, ...]:
        """All messages, newest first; the last known ones where the source cannot be read."""
        with self._lock:
            if self._source is not None and time.monotonic() - self._read_at >= _FRESH_SECONDS:
                try:
                    found = self._source()
                except (OSError, ValueError, KeyError, TypeError) as error:
                    self.problem = f"The mailbox cannot be read: {type(error).__name__}"
                else:
                    self._messages = tuple(sorted(found, key=lambda message: message.at, reverse=True))
                    self.problem = None
                self._read_at = time.monotonic()
            return self._messages

    def find(self, message_id: str) -> Message | None:
        """One message, or None."""
        return next((message for message in self.messages() if message.id == message_id), None)


class EmulatorMailbox:
    """A mail source that reads the local AWS at `endpoint`. A text message has no time there: it gets that of its first sight."""

    def __init__(self, endpoint: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._clock = clock
        self._first_seen: dict[str, datetime] = {}

    def __call__(self) -> list[Message]:
        """Everything that was sent so far. Raises OSError when the local AWS does not answer, ValueError for nonsense."""
        mails = self._get("/_ministack/ses/messages")["messages"]
        texts = self._get("/_ministack/sns/sms-messages")["sms_messages"]
        found = [self._mail(row) for rows in mails.values() for row in rows]
        return found + [self._text(row) for rows in texts.values() for row in rows]

    def _get(self, path: str) -> Mapping[str, Any]:
        with urllib.request.urlopen(self._endpoint + path, timeout=_READ_SECONDS) as answer:
            content = json.load(answer)
        if not isinstance(content, dict):
            raise ValueError(f"{path} answered a {type(content).__name__}, not an object")
        return content

    def _mail(self, row: Mapping[str, Any]) -> Message:
        return Message(
            id=row["MessageId"],
            channel="mail",
            to=", ".join(row.get("To") or []),
            sender=row.get("Source") or "",
            subject=row.get("Subject") or "",
            text=row.get("BodyText") or "",
            html=row.get("BodyHtml") or "",
            at=datetime.fromtimestamp(row["Timestamp"], UTC),
            files=tuple(
                File(one["FileName"], one.get("ContentType") or "", base64.b64decode(one["RawContent"]))
                for one in row.get("Attachments") or []
            ),
        )

    def _text(self, row: Mapping[str, Any]) -> Message:
        key = row["MessageId"]
        at = self._first_seen.setdefault(key, self._clock())
        return Message(key, "sms", row["PhoneNumber"], "", "", row.get("Message") or "", "", at)
