"""The ways out of the stack beside HTTP: who has them, and files on S3 with every way in which a call may end."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from orderwright.aws.files import S3Files
from orderwright.bootstrap import Wiring
from orderwright.errors import Misconfigured, OutcomeUnknown, Retryable
from orderwright.ports.people import Email
from orderwright.registry import CONNECTORS
from tests.support.asking_kind import context_of
from tests.support.aws_in_process import InProcessAws

URL = "https://s3.example.com"
SILENT = ReadTimeoutError(endpoint_url=URL)
UNREACHED = (EndpointConnectionError(endpoint_url=URL), ConnectTimeoutError(endpoint_url=URL))


def refusal(status: int) -> ClientError:
    """An answer of S3 that is none of its wanted ones."""
    return ClientError({"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutObject")


@pytest.fixture
def wiring() -> Wiring:
    """A worker with a bucket of its own for each test."""
    aws = InProcessAws()
    place = {"LocationConstraint": "eu-north-1"}
    aws.client("s3").create_bucket(Bucket=f"snapshots-{aws.account}", CreateBucketConfiguration=place)
    aws.calls.clear()
    wiring = Wiring(client_of=aws.client, environ={"SNAPSHOTS_BUCKET": f"snapshots-{aws.account}"})
    vars(wiring)["aws"] = aws
    return wiring


def files(wiring: Wiring, connection: str = "lamps-by-mail") -> S3Files:
    """One connection's files, as its connector gets them."""
    way = context_of(wiring, connection).files
    assert way is not None
    made = way()
    assert isinstance(made, S3Files)
    return made


def strike(wiring: Wiring, when: str, error: Exception | None) -> None:
    """From now on each call fails `before` or `after` its effect, or none does."""

    def fail(_: str) -> None:
        if error is not None:
            raise error

    setattr(vars(wiring)["aws"], when, fail)


def test_a_kind_that_does_not_declare_a_way_has_none(wiring: Wiring) -> None:
    held = {kind: context_of(wiring, kind=kind) for kind in (*CONNECTORS, "asking")}
    assert [kind for kind, context in held.items() if context.mail or context.files] == ["asking"]
    assert vars(wiring)["aws"].calls == [], "they are made when they are asked for"


def test_a_file_is_read_as_it_was_put_last_and_by_its_own_connection_alone(wiring: Wiring) -> None:
    assert files(wiring).get("out/1.csv") is None
    files(wiring).put("out/1.csv", b"one")
    files(wiring).put("out/1.csv", b"two")
    assert files(wiring).get("out/1.csv") == b"two"
    assert files(wiring, "other").get("out/1.csv") is None


@pytest.mark.parametrize("error", [refusal(403), *UNREACHED])
def test_what_was_certainly_not_put_may_be_put_again(wiring: Wiring, error: Exception) -> None:
    strike(wiring, "before", error)
    with pytest.raises(Retryable, match="could not be kept"):
        files(wiring).put("1.csv", b"one")
    strike(wiring, "before", None)
    assert files(wiring).get("1.csv") is None


@pytest.mark.parametrize("error", [SILENT, refusal(500), refusal(503)])
def test_what_was_put_without_an_answer_is_unclear(wiring: Wiring, error: Exception) -> None:
    strike(wiring, "after", error)
    with pytest.raises(OutcomeUnknown):
        files(wiring).put("1.csv", b"one")
    strike(wiring, "after", None)
    assert files(wiring).get("1.csv") == b"one"


@pytest.mark.parametrize("error", [refusal(403), refusal(503), SILENT])
def test_a_file_that_cannot_be_read_now_is_not_taken_for_a_missing_one(wiring: Wiring, error: Exception) -> None:
    strike(wiring, "before", error)
    with pytest.raises(Retryable, match="could not be read"):
        files(wiring).get("1.csv")


def test_a_mail_from_a_function_without_a_sender_is_not_tried(wiring: Wiring) -> None:
    mail = context_of(wiring).mail
    assert mail is not None
    with pytest.raises(Misconfigured, match="SENDER_ADDRESS"):
        mail().send_email(Email("desk@example.com", "Order", "1 x A", "<p>1 x A</p>", "OW1"))
    assert vars(wiring)["aws"].calls == []
