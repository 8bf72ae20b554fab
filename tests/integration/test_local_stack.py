"""The local stack runs the real template: one message takes every kind of arrow once."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from local.packager.artifacts import ROOT, artifacts, load_template
from local.packager.build import build_zip
from local.packager.errors import PackageError
from local.packager.targets import host
from local.running.shop import PACKAGES
from local.running.waiting import Pulse, Waiter
from local.sandbox.ui.mailbox import EmulatorMailbox, File
from local.stack import Stack, StackError
from local.ticker import Ticker

# One worker takes all of them, so that one stack is started and not two (make test runs with --dist loadgroup).
pytestmark = pytest.mark.xdist_group("local_stack")

_RECEIVE = """
import json, os
import botocore.session

def handler(event, context):
    queue = botocore.session.Session().create_client("sqs")
    if event["requestContext"]["http"]["method"] == "GET":
        seen = event["rawPath"] == "/webhooks/" + event["pathParameters"]["address"]
        return {"statusCode": 200 if seen and event["rawQueryString"] == "challenge_code=a%2Bb" else 500}
    body = json.dumps({"connection": event["pathParameters"]["address"]})
    queue.send_message(QueueUrl=os.environ["INGEST_ORDER_QUEUE_URL"], MessageBody=body, MessageGroupId="one")
    return {"statusCode": 202, "body": "taken"}
"""
_INGEST = """
import json, os
import botocore.session

def handler(event, context):
    table = botocore.session.Session().create_client("dynamodb")
    for record in event["Records"]:
        name = json.loads(record["body"])["connection"]
        for sk, extra in (("quiet", {}), ("loud", {"facts": {"S": json.dumps([name])}})):
            table.put_item(TableName=os.environ["ORDERS_TABLE"], Item={"pk": {"S": name}, "sk": {"S": sk}, **extra})
    return {"batchItemFailures": []}
"""
_RELAY = """
import os
import botocore.session

def handler(event, context):
    queue = botocore.session.Session().create_client("sqs")
    for record in event["Records"]:
        keys = record["dynamodb"]["Keys"]
        text = keys["pk"]["S"] + " " + keys["sk"]["S"]
        queue.send_message(QueueUrl=os.environ["RELAY_FACTS_DEAD_LETTER_QUEUE_URL"], MessageBody=text)
"""
_DISPATCH = """
import importlib.util, os, time

def handler(event, context):
    if event.get("slow"):
        time.sleep(0.3)
        return os.getpid()
    print("schedule", event["schedule"])
    names = ("ministack", "boto3", "hypercorn", "pytest", "yaml", "botocore", "pydantic", "orderwright")
    return {"found": [name for name in names if importlib.util.find_spec(name)], "profile": os.environ["PROFILE"]}
"""
_OTHER = "def handler(event, context):\n    return {'batchItemFailures': []}\n"
_CODE = {"receive_webhook": _RECEIVE, "ingest_order": _INGEST, "relay_facts": _RELAY, "dispatch_schedules": _DISPATCH}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the real template and layers, and functions that only show the arrows."""
    made = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "template.yaml", made)
    (made / "layers").symlink_to(ROOT / "layers")
    for resource in load_template()["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            folder = made / resource["Properties"]["CodeUri"]
            folder.mkdir(parents=True)
            (folder / "app.py").write_text(_CODE.get(folder.name, _OTHER), "utf-8")
    return made


@pytest.fixture(scope="module")
def stack(root: Path) -> Iterator[Stack]:
    """One running stack. Builds are kept by the hash of their sources; the layers are those of every other stack here."""
    work = ROOT / ".orderwright" / "tests"
    own = work / "build" / "host"
    own.mkdir(parents=True, exist_ok=True)
    for layer in (found for found in artifacts(root) if found.kind != "function"):
        archive = build_zip(layer, host(), PACKAGES)
        for path in (archive, archive.with_suffix(""), archive.with_suffix(".sources")):
            if not (own / path.name).exists():
                (own / path.name).symlink_to(path)
    with Stack(root=root, work=work, packages=own) as running:
        yield running


def _post(url: str, method: str = "POST") -> int:
    request = urllib.request.Request(url, data=b"{}", method=method, headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def _wait_for(stack: Stack, look: Callable[[], Any]) -> Any:
    waiter = Waiter(lambda: Pulse(tuple(stack.log_sizes().items()), {}), stack.last_words)
    return waiter.until("it has happened", look, every=0.05)


def test_a_webhook_goes_through_the_queue_and_the_table_to_the_relay(stack: Stack) -> None:
    assert _post(stack.outputs["ApiUrl"] + "/webhooks/my-shop") == 202
    queue = stack.client("sqs")
    url = stack.queue_url("relay_facts", dead_letters=True)
    messages = _wait_for(stack, lambda: queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"))
    assert [message["Body"] for message in messages] == ["my-shop loud"]


def test_a_challenge_reaches_the_function_with_its_query(stack: Stack) -> None:
    assert _post(stack.outputs["ApiUrl"] + "/webhooks/my-shop?challenge_code=a%2Bb", "GET") == 200


def test_a_path_or_method_that_is_no_route_is_not_found(stack: Stack) -> None:
    assert _post(stack.outputs["ApiUrl"] + "/elsewhere") == 404
    assert _post(stack.outputs["ApiUrl"] + "/webhooks/my-shop", "DELETE") == 404


def test_a_function_sees_its_layers_and_nothing_of_this_environment(stack: Stack) -> None:
    answer = stack.invoke("dispatch_schedules", {"schedule": "sweep"})
    assert answer == {"found": ["boto3", "botocore", "pydantic", "orderwright"], "profile": "local"}


def test_a_failing_function_is_named(stack: Stack) -> None:
    with pytest.raises(StackError, match="dispatch_schedules failed"):
        stack.invoke("dispatch_schedules", {})


def test_the_ticker_calls_the_schedules_and_the_log_shows_it(stack: Stack) -> None:
    with Ticker(stack.invoke, {"poll_stock": 0.05}):
        _wait_for(
            stack, lambda: [line for line in stack.logs("dispatch_schedules") if line.text == "schedule poll_stock"]
        )


def test_the_functions_processes_can_be_found(stack: Stack) -> None:
    stack.invoke("dispatch_schedules", {"schedule": "sweep"})
    assert 1 <= len(stack.function_pids()["dispatch_schedules"]) <= 2


def test_many_calls_at_once_are_answered_by_two_processes_that_are_kept(stack: Stack) -> None:
    with ThreadPoolExecutor(6) as callers:
        answered = list(callers.map(lambda _: stack.invoke("dispatch_schedules", {"slow": True}), range(6)))
    assert len(answered) == 6
    assert len(set(answered)) == 2
    assert sorted(stack.function_pids()["dispatch_schedules"]) == sorted(set(answered))


def test_a_mail_from_the_sender_is_taken_with_its_files(stack: Stack) -> None:
    sent = stack.client("sesv2").send_email(
        FromEmailAddress="orders@shop.example",
        Destination={"ToAddresses": ["aino@example.com"]},
        Content={
            "Simple": {
                "Subject": {"Data": "Hello"},
                "Body": {"Text": {"Data": "Hello"}},
                "Attachments": [{"FileName": "a.pdf", "ContentType": "application/pdf", "RawContent": b"%PDF"}],
            }
        },
    )
    mails = {mail.id: mail for mail in EmulatorMailbox(stack.endpoint)()}
    assert mails[sent["MessageId"]].files == (File("a.pdf", "application/pdf", b"%PDF"),)


def test_a_function_without_code_is_refused_before_anything_is_deployed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "template.yaml", tmp_path)
    stack = Stack(root=tmp_path, work=tmp_path / "work")
    with pytest.raises(PackageError, match="has no code"):
        stack.start()
    assert list((tmp_path / "work").glob("stack-*")) == []
    with pytest.raises(StackError, match="not started"):
        _ = stack.endpoint
