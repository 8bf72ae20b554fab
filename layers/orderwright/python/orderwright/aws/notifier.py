"""Mails by SES, text messages and alerts by SNS: each message is posted at most once (promise P5).

The SDK repeats a failed call on its own, up to five posts; a repeated post after a lost answer is a second mail to a
customer. So the clients make a single attempt, and every failure is sorted by one question: was it certainly not sent?
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import formataddr
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProxyConnectionError,
)
from botocore.parsers import ResponseParserError

from orderwright.aws.clients import USER_AGENT
from orderwright.aws.mail_events import tags_of
from orderwright.domain.mail_address import mailed_as
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.people import Attachment, Email

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_NO_TAG_CHARACTER = re.compile(r"[^A-Za-z0-9_-]+")
_CODE = re.compile(r"[A-Za-z0-9._-]{1,80}")
_ALERT_SUBJECT = 99
_ALERT_BYTES = 200_000

_NEVER_CONNECTED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
_NO_IDENTITY = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, NoRegionError)
_THROTTLED = frozenset(
    {
        "KMSThrottling",
        "KMSThrottlingException",
        "LimitExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
# A state of the account or of our set-up, whatever the status: every other message fares alike, and all go when it ends.
# The names are those of botocore's service models of sesv2 and sns, and of the classic SES API.
_OUR_SIDE = frozenset(
    {
        "AccountSendingPausedException",
        "AccountSuspendedException",
        "ConfigurationSetDoesNotExist",
        "ConfigurationSetDoesNotExistException",
        "ConfigurationSetSendingPausedException",
        "KMSAccessDenied",
        "KMSDisabled",
        "KMSInvalidState",
        "KMSNotFound",
        "MailFromDomainNotVerified",
        "MailFromDomainNotVerifiedException",
        "NotFound",
        "NotFoundException",
        "SendingPausedException",
    }
)
# What only the text of an answer says: part of it -> our code. SES documents the first four. What SNS says at once about its
# sandbox and spending limit could not be confirmed: it takes most of such messages and says so in its delivery log alone.
_SAID = (
    ("not verified", "NOT_VERIFIED"),
    ("daily message quota", "DAILY_QUOTA"),
    ("sending paused", "SENDING_PAUSED"),
    ("configuration set", "CONFIGURATION_SET"),
    ("sandbox", "SMS_SANDBOX"),
    ("suspend", "SENDING_PAUSED"),
    ("spend", "SPENDING_LIMIT"),
    ("no quota left", "SPENDING_LIMIT"),
)
_OPTED_OUT = "opted out"


CONNECT, READ = 3.0, 10.0
LONGEST_SEND = CONNECT + READ
"""Seconds that one send takes at most: it has a single attempt."""


def longest_send(timeout: timedelta) -> timedelta:
    """The same for clients of this time-out."""
    return min(timedelta(seconds=CONNECT), timeout / 3) + timeout


MOST_BYTES = 7_000_000
"""Of a mail with its files, before they are encoded, which makes a third more: mailboxes refuse mails above ten megabytes."""


class NotifierClients(NamedTuple):
    """The two clients, each making a single attempt."""

    sesv2: Any
    sns: Any


def notifier_clients(
    session: boto3.Session, *, timeout: timedelta = timedelta(seconds=READ), endpoint_url: str | None = None
) -> NotifierClients:
    """Clients for AwsNotifier from a session with region and credentials. `endpoint_url` is for an emulator."""
    config = Config(
        retries={"total_max_attempts": 1},
        connect_timeout=min(CONNECT, timeout.total_seconds() / 3),
        read_timeout=timeout.total_seconds(),
        user_agent=USER_AGENT,
    )
    return NotifierClients(
        sesv2=session.client("sesv2", config=config, endpoint_url=endpoint_url),
        sns=session.client("sns", config=config, endpoint_url=endpoint_url),
    )


def _from_answer(what: str, error: ClientError) -> VendorError:
    """The error of an answer that AWS gave. AWS's own text is looked at and left out: it quotes addresses and numbers."""
    answer = error.response.get("Error", {})
    said, text = str(answer.get("Code", "")), str(answer.get("Message", "")).lower()
    code = said if _CODE.fullmatch(said) else "UNKNOWN"
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if not 400 <= status < 500 or status == 408:
        return OutcomeUnknown(f"{what}: HTTP {status} {code}; whether it was sent is not known", code="OUTCOME_UNKNOWN")
    if _OPTED_OUT in text:
        return Rejected(f"{what}: the recipient wants no messages ({code})", code="OPTED_OUT")
    ours = next((word for part, word in _SAID if part in text), "")
    if (status == 429 or code in _THROTTLED) and ours != "DAILY_QUOTA":
        return Retryable(f"{what}: throttled ({code})", code="RATE_LIMITED")
    if status in (401, 403) or code in _OUR_SIDE:
        return Misconfigured(
            f"{what}: the account, its set-up or the function's role does not allow it ({code})", code=code
        )
    if ours:
        return Misconfigured(f"{what}: the account or its set-up does not allow it ({code})", code=ours)
    return Rejected(f"{what}: refused ({code})", code=code)


def _post(what: str, call: Callable[..., Mapping[str, Any]], request: Mapping[str, Any]) -> str:
    """Make one call and give its MessageId; raises a VendorError without personal data."""
    try:
        answer = call(**request)
    except ClientError as error:
        raise _from_answer(what, error) from None
    except ParamValidationError:
        raise Rejected(f"{what}: the request is malformed", code="MALFORMED_REQUEST") from None
    except _NEVER_CONNECTED as error:
        raise Retryable(f"{what}: no connection ({type(error).__name__})", code="NO_CONNECTION") from None
    except _NO_IDENTITY as error:
        raise Misconfigured(f"{what}: no credentials or region ({type(error).__name__})", code="NO_IDENTITY") from None
    except (BotoCoreError, ResponseParserError) as error:
        raise OutcomeUnknown(
            f"{what}: no readable answer ({type(error).__name__}); whether it was sent is not known",
            code="OUTCOME_UNKNOWN",
        ) from None
    message_id = str(answer.get("MessageId") or "")
    if not message_id:
        raise OutcomeUnknown(f"{what}: the answer holds no message id", code="OUTCOME_UNKNOWN")
    return message_id


def _recipient(address: str) -> str:
    """The address as SES takes it: bare, the domain in its ASCII form. Raises Rejected without quoting it."""
    written = mailed_as(address.strip())
    if written is None:
        raise Rejected("SES SendEmail: the recipient is not a bare mail address", code="INVALID_ADDRESS")
    if not written.isascii():
        raise Rejected("SES SendEmail: SES takes only ASCII before the @", code="INVALID_ADDRESS")
    return written


def _attached(file: Attachment) -> dict[str, Any]:
    return {
        "FileName": file.name,
        "ContentType": file.content_type,
        "ContentDisposition": "ATTACHMENT",
        "ContentTransferEncoding": "BASE64",
        "RawContent": file.data,
    }


def message_tag(reference: str) -> str:
    """A reference in the letters that SES allows in a tag value: A-Z a-z 0-9 _ -, at most 256."""
    return _NO_TAG_CHARACTER.sub("-", reference)[:256].strip("-") or "none"


class AwsNotifier:
    """ports.Notifier and ports.Alerts on SES and SNS.

    `sender` is the verified bare address, `sender_name` what the reader sees, `reply_to` where answers go.
    """

    def __init__(
        self,
        clients: NotifierClients,
        *,
        sender: str,
        sender_name: str = "",
        reply_to: str = "",
        configuration_set: str = "",
        alert_topic_arn: str = "",
    ) -> None:
        self._sesv2 = clients.sesv2
        self._sns = clients.sns
        self._from = formataddr((" ".join(sender_name.split()), sender)) if sender else ""
        self._reply_to = [mailed_as(reply_to) or reply_to] if reply_to else []
        self._configuration_set = configuration_set
        self._alert_topic_arn = alert_topic_arn

    def send_email(self, email: Email) -> str:
        """Post one mail to SES and give its message id.

        Retryable, Rejected, Misconfigured: certainly not sent. OutcomeUnknown: perhaps sent, so never send it again.
        """
        if not self._from:
            raise Misconfigured("SES SendEmail: this function has no SENDER_ADDRESS", code="NO_SENDER")
        size = len(email.text.encode()) + len(email.html.encode()) + sum(len(one.data) for one in email.attachments)
        if size > MOST_BYTES:
            raise Rejected(f"SES SendEmail: the mail and its files have {size} bytes: too many", code="MAIL_TOO_LARGE")
        simple: dict[str, Any] = {
            "Subject": {"Data": " ".join(email.subject.split()), "Charset": "UTF-8"},
            "Body": {
                "Text": {"Data": email.text, "Charset": "UTF-8"},
                "Html": {"Data": email.html, "Charset": "UTF-8"},
            },
        }
        if email.attachments:
            simple["Attachments"] = [_attached(one) for one in email.attachments]
        request: dict[str, Any] = {
            "FromEmailAddress": self._from,
            "Destination": {"ToAddresses": [_recipient(email.to)]},
            "Content": {"Simple": simple},
            "EmailTags": [{"Name": "reference", "Value": message_tag(email.reference)}, *tags_of(email.about)],
        }
        if self._reply_to:
            request["ReplyToAddresses"] = self._reply_to
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        self._fresh_connection(self._sesv2)
        return _post("SES SendEmail", self._sesv2.send_email, request)

    def send_sms(self, phone: str, text: str) -> str:
        """Post one text message to SNS and give its message id. `phone` in E.164. Raises as send_email does."""
        if not _E164.fullmatch(phone):
            raise Rejected("SNS Publish: the number is not in E.164 form", code="INVALID_NUMBER")
        attributes = {"AWS.SNS.SMS.SMSType": {"DataType": "String", "StringValue": "Transactional"}}
        self._fresh_connection(self._sns)
        return _post(
            "SNS Publish", self._sns.publish, {"PhoneNumber": phone, "Message": text, "MessageAttributes": attributes}
        )

    def raise_alert(self, subject: str, text: str) -> None:
        """Publish to the operator's topic. An alert may repeat, so an unclear outcome is Retryable too."""
        if not self._alert_topic_arn:
            raise Misconfigured("the operator's alert topic is not set", code="NO_ALERT_TOPIC")
        ascii_subject = " ".join(subject.encode("ascii", "ignore").decode("ascii").split())[:_ALERT_SUBJECT].rstrip()
        message = text.encode()[:_ALERT_BYTES].decode("utf-8", "ignore")
        request = {"TopicArn": self._alert_topic_arn, "Subject": ascii_subject or "Orderwright", "Message": message}
        try:
            _post("SNS Publish alert", self._sns.publish, request)
        except OutcomeUnknown as error:
            raise Retryable(error.message, code="UNAVAILABLE") from None

    @staticmethod
    def _fresh_connection(client: Any) -> None:
        # A kept connection that the far side closed while the function slept breaks after the post, which reads as
        # unclear and would leave the customer without a message. A new one fails before anything is sent.
        client.close()
