"""The notifier against a server that counts posts, against moto, and against every refusal AWS may give."""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from boto3 import Session
from botocore.stub import Stubber
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from orderwright.aws.notifier import AwsNotifier, NotifierClients, message_tag, notifier_clients
from orderwright.bootstrap import Wiring
from orderwright.errors import Misconfigured, OutcomeUnknown, Rejected, Retryable, VendorError
from orderwright.ports.people import Alerts, Attachment, Email, Notifier
from tests.support.asking_kind import context_of
from tests.support.aws_in_process import InProcessAws

REGION = "eu-north-1"
MAIL = Email("aino@example.com", "Tilauksenne #1042", "Hei äö", "<p>Hei äö</p>", "NOTICE#shop#1042#SHIPPED#email")
PHONE = "+358401234567"


class _Aws:
    """A server that notes every post and answers with the behaviour that the test chose."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b'{"MessageId": "m-1"}'
        self.mode = "answer"
        self.posts: list[bytes] = []
        aws = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                aws.posts.append(self.rfile.read(int(self.headers["Content-Length"])))
                if aws.mode == "hang":
                    threading.Event().wait(0.6)
                if aws.mode in ("hang", "drop"):
                    self.close_connection = True
                    return
                self.send_response(aws.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(aws.body)))
                self.end_headers()
                self.wfile.write(aws.body)
                # Promises keep-alive, then closes: what a slept function finds on waking.
                self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> _Aws:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


ENVIRONMENT = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_MAX_ATTEMPTS": "5",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}
IDENTITY = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (ENVIRONMENT | IDENTITY).items():
            patch.setenv(name, value)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        yield Session()


@pytest.fixture
def aws() -> Iterator[_Aws]:
    with _Aws() as server:
        yield server


def notifier(clients: NotifierClients) -> AwsNotifier:
    return AwsNotifier(
        clients,
        sender="orders@example.com",
        sender_name="Pöllö\r\nBcc: x",
        reply_to="help@example.com",
        configuration_set="orderwright",
        alert_topic_arn=f"arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:operator",
    )


def at(session: Session, url: str) -> AwsNotifier:
    return notifier(notifier_clients(session, endpoint_url=url, timeout=timedelta(seconds=0.3)))


def send(one: AwsNotifier, channel: str) -> str:
    return one.send_email(MAIL) if channel == "email" else one.send_sms(PHONE, "Hei")


def test_it_is_what_the_use_cases_ask_for(session: Session) -> None:
    one = notifier(notifier_clients(session))
    ports: tuple[Notifier, Alerts] = (one, one)
    assert all(ports)


def test_a_mail_is_posted_once_with_both_parts_in_utf_8(session: Session, aws: _Aws) -> None:
    assert at(session, aws.url).send_email(MAIL) == "m-1"
    (post,) = aws.posts
    assert json.loads(post) == {
        "FromEmailAddress": "=?utf-8?b?UMO2bGzDtiBCY2M6IHg=?= <orders@example.com>",
        "Destination": {"ToAddresses": ["aino@example.com"]},
        "ReplyToAddresses": ["help@example.com"],
        "ConfigurationSetName": "orderwright",
        "Content": {
            "Simple": {
                "Subject": {"Data": "Tilauksenne #1042", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "Hei äö", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>Hei äö</p>", "Charset": "UTF-8"},
                },
            }
        },
        "EmailTags": [{"Name": "reference", "Value": "NOTICE-shop-1042-SHIPPED-email"}],
    }


def test_files_go_along_with_their_names_and_the_same_single_post(session: Session, aws: _Aws) -> None:
    files = (Attachment("OW1.csv", "text/csv", b"a,b\r\n"), Attachment("OW1.pdf", "application/pdf", bytes(range(256))))
    assert at(session, aws.url).send_email(MAIL._replace(attachments=files)) == "m-1"
    (post,) = aws.posts
    sent = json.loads(post)["Content"]["Simple"]["Attachments"]
    assert [(one["FileName"], one["ContentType"], b64decode(one["RawContent"])) for one in sent] == list(files)
    assert {one["ContentDisposition"] for one in sent} == {"ATTACHMENT"}


def test_a_mail_whose_files_are_too_large_is_never_posted(session: Session, aws: _Aws) -> None:
    files = (Attachment("OW1.pdf", "application/pdf", bytes(7_000_000)),)
    with pytest.raises(Rejected) as caught:
        at(session, aws.url).send_email(MAIL._replace(attachments=files))
    assert caught.value.code == "MAIL_TOO_LARGE"
    assert aws.posts == []


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_unclear_and_was_posted_exactly_once(
    session: Session, aws: _Aws, status: int, channel: str
) -> None:
    aws.status, aws.body = status, b"{}"
    with pytest.raises(OutcomeUnknown):
        send(at(session, aws.url), channel)
    assert len(aws.posts) == 1


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("mode", ["hang", "drop"])
def test_a_lost_answer_is_unclear_and_was_posted_exactly_once(
    session: Session, aws: _Aws, mode: str, channel: str
) -> None:
    aws.mode = mode
    with pytest.raises(OutcomeUnknown) as caught:
        send(at(session, aws.url), channel)
    assert len(aws.posts) == 1
    assert "aino" not in str(caught.value)
    assert PHONE not in str(caught.value)


@pytest.mark.parametrize(("mode", "outcome"), [("answer", None), ("drop", OutcomeUnknown)])
def test_p5_a_connectors_mail_is_posted_once_whatever_comes_back(
    session: Session, aws: _Aws, mode: str, outcome: type[VendorError] | None
) -> None:
    aws.mode = mode
    clients = notifier_clients(session, endpoint_url=aws.url, timeout=timedelta(seconds=0.3))
    mail = context_of(Wiring(client_of=clients._asdict().get, environ={"SENDER_ADDRESS": "orders@example.com"})).mail
    assert mail is not None
    with pytest.raises(outcome) if outcome else nullcontext():
        assert mail().send_email(MAIL) == "m-1"
    assert len(aws.posts) == 1


def test_an_answer_without_a_message_id_is_unclear(session: Session, aws: _Aws) -> None:
    aws.body = b"{}"
    with pytest.raises(OutcomeUnknown):
        at(session, aws.url).send_email(MAIL)


def test_an_unreadable_answer_is_unclear(session: Session, aws: _Aws) -> None:
    aws.body = b"<<<"
    with pytest.raises(OutcomeUnknown):
        at(session, aws.url).send_email(MAIL)


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_no_connection_is_certainly_not_sent(session: Session, channel: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Retryable) as caught:
            send(at(session, f"http://127.0.0.1:{taken.getsockname()[1]}"), channel)
    assert caught.value.code == "NO_CONNECTION"


def test_a_connection_closed_while_the_function_slept_loses_no_mail(session: Session, aws: _Aws) -> None:
    one = at(session, aws.url)
    assert [one.send_email(MAIL) for _ in range(3)] == ["m-1"] * 3
    assert len(aws.posts) == 3


def test_without_credentials_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in IDENTITY:
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as caught:
        at(Session(), "http://127.0.0.1:9").send_email(MAIL)
    assert caught.value.code == "NO_IDENTITY"


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("MessageRejected", 400, Rejected),
        ("BadRequestException", 400, Rejected),
        ("SendingPausedException", 400, Misconfigured),
        ("AccountSuspendedException", 400, Misconfigured),
        ("MailFromDomainNotVerifiedException", 400, Misconfigured),
        ("NotFoundException", 404, Misconfigured),
        ("TooManyRequestsException", 429, Retryable),
        ("LimitExceededException", 400, Retryable),
        ("ThrottlingException", 400, Retryable),
        ("AccessDeniedException", 403, Misconfigured),
        ("ExpiredTokenException", 403, Misconfigured),
        ("RequestTimeout", 408, OutcomeUnknown),
        ("InternalFailure", 500, OutcomeUnknown),
        ("Throttling", 503, OutcomeUnknown),
        ("bad code\n", 400, Rejected),
    ],
)
@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_refusal_is_sorted_by_whether_it_was_certainly_not_sent(
    session: Session, channel: str, code: str, status: int, expected: type[VendorError]
) -> None:
    clients = notifier_clients(session)
    client, operation = (clients.sesv2, "send_email") if channel == "email" else (clients.sns, "publish")
    with Stubber(client) as stub:
        stub.add_client_error(operation, code, "aino@example.com was refused", http_status_code=status)
        with pytest.raises(VendorError) as caught:
            send(notifier(clients), channel)
    assert type(caught.value) is expected
    assert "aino" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("MessageRejected", "Email address is not verified: aino@example.com", (Misconfigured, "NOT_VERIFIED")),
        ("MessageRejected", "Message contains a virus", (Rejected, "MessageRejected")),
        ("LimitExceededException", "Daily message quota exceeded.", (Misconfigured, "DAILY_QUOTA")),
        ("TooManyRequestsException", "Maximum sending rate exceeded.", (Retryable, "RATE_LIMITED")),
        ("BadRequestException", "Configuration set <x> is unknown", (Misconfigured, "CONFIGURATION_SET")),
        ("InvalidParameter", "Phone number is opted out", (Rejected, "OPTED_OUT")),
        ("InvalidParameter", "+358401234567 is not valid to publish to", (Rejected, "InvalidParameter")),
        ("UserError", "the account is in the SMS sandbox", (Misconfigured, "SMS_SANDBOX")),
        ("UserError", "monthly spend limit reached", (Misconfigured, "SPENDING_LIMIT")),
        ("MessageRejected", "sending is suspended for this account", (Misconfigured, "SENDING_PAUSED")),
    ],
)
def test_what_only_the_text_of_an_answer_says_is_understood_and_not_quoted(
    session: Session, code: str, text: str, expected: tuple[type[VendorError], str]
) -> None:
    clients = notifier_clients(session)
    with Stubber(clients.sesv2) as stub:
        stub.add_client_error("send_email", code, text, http_status_code=400)
        with pytest.raises(VendorError) as caught:
            notifier(clients).send_email(MAIL)
    assert (type(caught.value), caught.value.code) == expected
    assert "aino" not in str(caught.value)
    assert "358" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "aino",
        "a@example.com, b@example.com",
        "A <a@example.com>",
        "a@example.com\nBcc: b@example.com",
        "ä@example.com",
        "a@example..com",
        "a@" + "x" * 64 + ".example",
        "a@xn--a.example",
        "a@i\u2764.example",
    ],
)
def test_an_address_that_is_not_one_plain_mailbox_is_never_posted(session: Session, aws: _Aws, address: str) -> None:
    with pytest.raises(Rejected) as caught:
        at(session, aws.url).send_email(MAIL._replace(to=address))
    assert caught.value.code == "INVALID_ADDRESS"
    assert aws.posts == []


def test_a_domain_with_umlauts_is_posted_in_its_ascii_form(session: Session, aws: _Aws) -> None:
    at(session, aws.url).send_email(MAIL._replace(to="a@bücher-straße.example", subject="One\r\nBcc: b@example.com"))
    posted = json.loads(aws.posts[0])
    assert posted["Destination"]["ToAddresses"] == ["a@xn--bcher-strae-46a18a.example"]
    assert posted["Content"]["Simple"]["Subject"]["Data"] == "One Bcc: b@example.com"


@pytest.mark.parametrize("phone", ["", "0401234567", "+0123456789", "+358 40 1234567", "+12", "+1234567890123456"])
def test_a_number_not_in_e164_is_never_posted(session: Session, aws: _Aws, phone: str) -> None:
    with pytest.raises(Rejected) as caught:
        at(session, aws.url).send_sms(phone, "Hei")
    assert caught.value.code == "INVALID_NUMBER"
    assert aws.posts == []


@pytest.mark.parametrize(
    ("reference", "tag"), [("a#b/ä c", "a-b-c"), ("ok_1-2", "ok_1-2"), ("##", "none"), ("x" * 300, "x" * 256)]
)
def test_a_reference_becomes_a_tag_that_ses_takes(reference: str, tag: str) -> None:
    assert message_tag(reference) == tag


def test_a_text_message_is_posted_as_transactional(session: Session, aws: _Aws) -> None:
    aws.body = b"<PublishResponse><PublishResult><MessageId>s-1</MessageId></PublishResult></PublishResponse>"
    assert at(session, aws.url).send_sms(PHONE, "Pakettinne on matkalla") == "s-1"
    posted = parse_qs(aws.posts[0].decode())
    assert posted["PhoneNumber"] == [PHONE]
    assert posted["Message"] == ["Pakettinne on matkalla"]
    assert posted["MessageAttributes.entry.1.Name"] == ["AWS.SNS.SMS.SMSType"]
    assert posted["MessageAttributes.entry.1.Value.StringValue"] == ["Transactional"]


def test_an_alert_that_may_have_been_published_may_be_repeated(session: Session, aws: _Aws) -> None:
    aws.status = 500
    with pytest.raises(Retryable):
        at(session, aws.url).raise_alert("Parked", "text")
    assert len(aws.posts) == 1


def test_an_alert_without_a_topic_says_so(session: Session) -> None:
    one = AwsNotifier(notifier_clients(session), sender="orders@example.com")
    with pytest.raises(Misconfigured):
        one.raise_alert("Parked", "text")


def test_moto_takes_mail_text_message_and_alert(session: Session) -> None:
    with mock_aws():
        clients = notifier_clients(session)
        clients.sesv2.create_email_identity(EmailIdentity="orders@example.com")
        clients.sns.create_topic(Name="operator")
        one = AwsNotifier(
            clients,
            sender="orders@example.com",
            alert_topic_arn=f"arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:operator",
        )
        assert one.send_email(MAIL)
        assert one.send_sms(PHONE, "Hei")
        one.raise_alert("Pärked\nnow " + "x" * 200, "why")
        sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        assert [message.destinations["ToAddresses"] for message in sent] == [["aino@example.com"]]
        sns = sns_backends[DEFAULT_ACCOUNT_ID][REGION]
        assert [(number, text) for number, text in (entry[-2:] for entry in sns.sms_messages.values())] == [
            (PHONE, "Hei")
        ]
        (alert,) = sns.topics[f"arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:operator"].sent_notifications
        assert alert[2] == "Prked now " + "x" * 89


def test_the_local_stack_takes_mail_text_message_and_alert() -> None:
    aws = InProcessAws()
    try:
        clients = NotifierClients(sesv2=aws.client("sesv2"), sns=aws.client("sns"))
        clients.sesv2.create_email_identity(EmailIdentity="orders@example.com")
        topic = clients.sns.create_topic(Name="operator")["TopicArn"]
        one = AwsNotifier(clients, sender="orders@example.com", sender_name="Pöllö", alert_topic_arn=topic)
        assert one.send_email(MAIL)
        assert one.send_sms(PHONE, "Pakettinne on jakelussa")
        one.raise_alert("Parked", "why")
        assert aws.calls[2:] == ["sesv2:SendEmail", "sns:Publish", "sns:Publish"]
    finally:
        aws.close()
