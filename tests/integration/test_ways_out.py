"""The ways out of the stack beside HTTP: who has them, and files on S3 with every way in which a call may end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from orderwright.bootstrap import Wiring
from orderwright.declarations import Way
from orderwright.domain.timing import timing_of
from orderwright.errors import AddressRefused, Misconfigured, OutcomeUnknown, Retryable
from orderwright.ports.out import Files
from orderwright.ports.people import Email
from orderwright.registry import CONNECTORS, declaration
from tests.support.asking_kind import context_of
from tests.support.aws_in_process import InProcessAws
from tests.support.handlers import Ticking
from tests.support.shop import VirtualClock

URL = "https://s3.example.com"
SILENT = ReadTimeoutError(endpoint_url=URL)
UNREACHED = (EndpointConnectionError(endpoint_url=URL), ConnectTimeoutError(endpoint_url=URL))
FAILED, UNAVAILABLE, DENIED = (
    ClientError({"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")
    for status in (500, 503, 403)
)


def wiring(aws: InProcessAws) -> Wiring:
    """A worker whose only setting is its bucket."""
    return Wiring(client_of=aws.client, environ={"FILES_BUCKET": f"files-{aws.account}"})


def files(aws: InProcessAws, connection: str = "lamps-by-mail") -> Files:
    """One connection's files, as its connector gets them."""
    way = context_of(wiring(aws), connection).files
    assert way is not None
    return way()


@pytest.fixture
def aws() -> InProcessAws:
    """An account with a bucket."""
    made, place = InProcessAws(), {"LocationConstraint": "eu-north-1"}
    made.client("s3").create_bucket(Bucket=f"files-{made.account}", CreateBucketConfiguration=place)
    made.calls.clear()
    return made


def test_a_kind_that_does_not_declare_a_way_has_none(aws: InProcessAws) -> None:
    held = {kind: context_of(wiring(aws), kind=kind) for kind in (*CONNECTORS, "asking")}
    declared = {kind for kind in CONNECTORS if declaration(kind).ways - {Way.HTTP}}
    assert {kind for kind, context in held.items() if context.mail or context.files or context.sftp} == {
        *declared,
        "asking",
    }
    assert aws.calls == [], "they are made when they are asked for"


@pytest.mark.parametrize("profile", ["aws", "local"])
def test_an_order_by_mail_fits_into_the_time_of_the_worker_that_places_it(aws: InProcessAws, profile: str) -> None:
    class Post:
        def send_email(self, mail: Email) -> str:
            return f"sent to {mail.to}"

    timing = timing_of(profile)
    made = Wiring(client_of=aws.client, environ={"PROFILE": profile}, notifier=Post())
    made.begin(Ticking(VirtualClock(), (timing.function_timeout - timedelta(seconds=2)).total_seconds()))
    mail = context_of(made, kind="asking").mail
    assert mail is not None
    assert (
        mail().send_email(Email("orders@factory.example", "Order", "text", "", "r-1"))
        == "sent to orders@factory.example"
    )


def test_sftp_asks_public_addresses_only_and_for_a_secret(aws: InProcessAws) -> None:
    sign_in = context_of(wiring(aws), "makers", kind="csv").sftp
    assert sign_in is not None
    with pytest.raises(AddressRefused):
        sign_in("sftp://u@127.0.0.1/out", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==")
    assert aws.calls == [], "no secret is read for an address that nobody asks"


def test_a_file_is_read_as_it_was_put_last_and_by_its_own_connection_alone(aws: InProcessAws) -> None:
    assert files(aws).get("out/1.csv") is None
    files(aws).put("out/1.csv", b"one")
    files(aws).put("out/1.csv", b"two")
    assert files(aws).get("out/1.csv") == b"two"
    assert files(aws, "other").get("out/1.csv") is None


@pytest.mark.parametrize(
    ("when", "error", "outcome", "kept"),
    [("before", error, Retryable, None) for error in (DENIED, *UNREACHED)]
    + [("after", error, OutcomeUnknown, b"one") for error in (SILENT, FAILED, UNAVAILABLE)],
)
def test_only_what_was_certainly_not_put_may_be_put_again(
    aws: InProcessAws, when: str, error: Exception, outcome: type[Exception], kept: bytes | None
) -> None:
    setattr(aws, when, lambda _: (_ for _ in ()).throw(error))
    with pytest.raises(outcome):
        files(aws).put("1.csv", b"one")
    setattr(aws, when, lambda _: None)
    assert files(aws).get("1.csv") == kept


@pytest.mark.parametrize("error", [DENIED, UNAVAILABLE, SILENT])
def test_a_file_that_cannot_be_read_now_is_not_taken_for_a_missing_one(aws: InProcessAws, error: Exception) -> None:
    aws.before = lambda _: (_ for _ in ()).throw(error)
    with pytest.raises(Retryable, match="could not be read"):
        files(aws).get("1.csv")


def test_a_mail_from_a_function_without_a_sender_is_not_tried(aws: InProcessAws) -> None:
    mail = context_of(wiring(aws)).mail
    assert mail is not None
    with pytest.raises(Misconfigured, match="SENDER_ADDRESS"):
        mail().send_email(Email("desk@example.com", "Order", "1 x A", "<p>1 x A</p>", "OW1"))
    assert aws.calls == []


def test_a_page_is_where_connect_says_it_is_and_nowhere_before(aws: InProcessAws) -> None:
    worker = Wiring(client_of=aws.client, environ={"SECRETS_PREFIX": "/orderwright/test"})
    assert context_of(worker, kind="csv").page is None
    page = context_of(worker).page
    assert page is not None
    with pytest.raises(Misconfigured, match="orderwright connect lamps-by-mail"):
        page()
    worker.secrets.write("lamps-by-mail", "webhook", {"url": "https://api.example.com/purchase-orders"})
    assert page() == "https://api.example.com/purchase-orders"


def test_a_file_that_we_put_is_marked_as_one_that_ends(aws: InProcessAws) -> None:
    files(aws).put("1.csv", b"one")
    told = aws.client("s3").get_object_tagging(Bucket=f"files-{aws.account}", Key="lamps-by-mail/files/1.csv")
    assert told["TagSet"] == [{"Key": "about", "Value": "order"}]
