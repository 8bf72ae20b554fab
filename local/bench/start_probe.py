"""One cold start in a fresh process: runs as a script on a bare interpreter and prints one line of JSON.

Standard library only until the clock runs. Standard input is one JSON object:
{"what": "boto3" | "webhook" | "page" | "worker" | "worker without boto3",
 "path": [...], "environ": {...}, "event": {...}, "answers": {...}, "store": "..."}
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # so that the type checker sees what is asked of a worker; nothing is imported before the clock runs
    from orderwright.bootstrap import Wiring

HEAVY = ("aws_xray_sdk", "boto3")


class _Body:
    """The stream that botocore reads an answer from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self._body

    def read(self, *_: Any, **__: Any) -> bytes:
        body, self._body = self._body, b""
        return body


def answer_in_process(answers: dict[str, str]) -> list[str]:
    """Requests of the function's clients end here; gives the list of operations as they come."""
    from botocore.awsrequest import AWSResponse

    from orderwright.aws import clients

    seen: list[str] = []

    def send(request: Any, event_name: str = "", **_: Any) -> Any:
        operation = event_name.rpartition(".")[2]
        seen.append(operation)
        headers = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, _Body(answers[operation].encode()))

    clients._session().register("before-send", send)
    return seen


def start_webhook(given: dict[str, Any]) -> None:
    """Init, the first webhook, its message sent."""
    app = importlib.import_module("app")

    sent = answer_in_process(given["answers"])
    verdict = app.handler(given["event"], None)
    if verdict["statusCode"] != 200 or "SendMessage" not in sent:
        raise RuntimeError(f"the webhook was answered with {verdict}")


def start_page(given: dict[str, Any]) -> None:
    """Init, and the first view of a customer's page."""
    app = importlib.import_module("app")

    answer_in_process(given["answers"])
    shown = app.handler(given["event"], None)
    if shown["statusCode"] != 200:
        raise RuntimeError(f"the page was answered with {shown['statusCode']}")


def start_worker(given: dict[str, Any], marks: dict[str, float]) -> None:
    """Init: the module, and what each message needs before its first request to the store; `marks` take CPU seconds."""
    app = importlib.import_module("app")

    marks["import of the handler"] = time.process_time()
    answer_in_process(given["answers"])
    world: Wiring = app.wiring()
    world.storage  # noqa: B018 - a lazy part of the wiring
    marks["botocore, the models, the tables' client"] = time.process_time()
    world.config()
    marks["configuration read"] = time.process_time()
    world.transport  # noqa: B018
    marks["HTTP session"] = time.process_time()
    world.connectors.store(given["store"])
    marks["the store's connector, its secrets' client"] = time.process_time()


def main() -> None:
    """Measure and print."""
    given = json.load(sys.stdin)
    os.environ.update(given["environ"])
    sys.path[:0] = given["path"]
    printed, sys.stdout = sys.stdout, sys.stderr
    marks: dict[str, float] = {}
    wall, cpu = time.perf_counter(), time.process_time()
    if given["what"] == "boto3":
        import boto3  # noqa: F401
    elif given["what"] == "webhook":
        start_webhook(given)
    elif given["what"] == "page":
        start_page(given)
    else:
        if given["what"] == "worker without boto3":
            from orderwright.aws import clients

            clients.client = clients.lean_client
        start_worker(given, marks)
    took = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    heavy = [name for name in HEAVY if name in sys.modules]
    print(json.dumps({**took, "heavy": heavy, "marks": {name: at - cpu for name, at in marks.items()}}), file=printed)


if __name__ == "__main__":
    main()
