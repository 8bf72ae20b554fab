"""Runs the emulator on an interpreter that has no packages of its own.

The emulator starts every function with its own interpreter. On the developer's environment a function would find packages
there that Lambda does not have; on a bare one it finds the standard library and its layers, as on AWS. So the emulator's
packages are added to this process alone, which its children do not inherit.

Standard library only: it is started as a script. Arguments: the folders of the emulator's packages.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from email.utils import parseaddr
from types import ModuleType
from typing import Any

_READ_FOLDER = "ssm:GetParametersByPath"
_SEND_EMAIL = ("POST", "/v2/email/outbound-emails")
PROCESSES = 2
# IAM knows no action for these operations: the one for a single message covers them.
_BATCH_ACTIONS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


def _stop_with_parent() -> None:
    # The parent holds the other end of standard input; it closes however the parent ends, even when it is killed.
    while os.read(0, 1024):
        continue
    os.kill(os.getpid(), signal.SIGTERM)


def judge_permissions_as_aws(app: ModuleType, actions: ModuleType) -> None:
    """Where the emulator (`ministack.app`, `ministack.core.iam_actions`) asks for other permissions than AWS does: as AWS does.

    Batches of messages; a mail, for which AWS looks at the identity, the configuration set and ses:FromAddress; a folder of
    parameters, which is its path; and the transport, which is this machine's own loopback here and is TLS on AWS, where the
    bucket refuses anything else.
    """
    action_of, enforce_mail, pin_origin = actions.extract_iam_action, app._enforce_ses_v2, app.pin_request_origin
    resource_of = actions.extract_resource_arn

    def extract_iam_action(*request: Any, **named: Any) -> Any:
        action = action_of(*request, **named)
        return _BATCH_ACTIONS.get(action, action)

    def extract_resource_arn(service: str, *request: Any, **named: Any) -> Any:
        arn = resource_of(service, *request, **named)
        if service != "ssm" or extract_iam_action(service, *request[:5]) != _READ_FOLDER:
            return arn
        from ministack.core.responses import get_account_id, get_region

        folder = json.loads(request[3])["Path"].strip("/")
        return f"arn:aws:ssm:{get_region()}:{get_account_id()}:parameter/{folder}"

    def enforce_ses_v2(method: str, path: str, headers: Any, body: bytes, query: Any, request_id: str) -> Any:
        if (method, path) != _SEND_EMAIL:
            return enforce_mail(method, path, headers, body, query, request_id)
        mail = json.loads(body)
        sender, named = parseaddr(mail["FromEmailAddress"])[1], mail.get("ConfigurationSetName")
        from ministack.core.responses import get_account_id

        refused = None
        for used in (f"identity/{sender}", *([f"configuration-set/{named}"] if named else [])):
            resource = f"arn:aws:ses:{app.extract_region(headers, query)}:{get_account_id()}:{used}"
            refused = refused or app._enforce_data_plane(
                "sesv2",
                "ses:SendEmail",
                headers,
                query,
                request_id,
                resource_arn=resource,
                service_context={"ses:FromAddress": sender},
                named_resource=resource,
            )
        return refused

    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
        pin_origin(source_ip, True)

    actions.extract_iam_action = extract_iam_action  # type: ignore[attr-defined]
    actions.extract_resource_arn = extract_resource_arn  # type: ignore[attr-defined]
    app._enforce_ses_v2 = enforce_ses_v2  # type: ignore[attr-defined]
    app.pin_request_origin = pin_request_origin  # type: ignore[attr-defined]


def keep_two_processes(service: ModuleType) -> None:
    """A function has two processes at most (`ministack.services.lambda_svc`); a third call waits for one of them.

    The emulator starts a process for each call that meets no free one. On a few cores their starts hold each other up, and
    webhooks and schedules have no mapping whose MaximumConcurrency would say stop.
    """
    execute = service._execute_function_warm
    places: dict[str, threading.BoundedSemaphore] = {}

    def execute_in_turn(func: dict[str, Any], event: Any, request_id: str) -> Any:
        name = (func.get("config") or func)["FunctionName"]
        with places.setdefault(name, threading.BoundedSemaphore(PROCESSES)):
            return execute(func, event, request_id)

    service._execute_function_warm = execute_in_turn  # type: ignore[attr-defined]


def keep_attachments(app: ModuleType, service: ModuleType) -> None:
    """What a mail had attached stays with it in the emulator's mailbox (`ministack.app`, `ministack.services.ses_v2`)."""
    handle, messages, kept = service.handle_request, app._handle_ses_messages_request, dict[str, Any]()

    async def handle_request(method: str, path: str, *request: Any) -> Any:
        status, headers, answer = await handle(method, path, *request)
        if (method, path) == _SEND_EMAIL and status == 200:
            content = json.loads(request[1])["Content"]
            kept[json.loads(answer)["MessageId"]] = content.get("Simple", {}).get("Attachments", [])
        return status, headers, answer

    async def handle_messages(*request: Any) -> Any:
        answered = await messages(*request)
        if answered is None or answered[0] != 200:
            return answered
        shown = json.loads(answered[2])
        for row in (row for rows in shown["messages"].values() for row in rows):
            row["Attachments"] = kept.get(row["MessageId"], [])
        return *answered[:2], json.dumps(shown).encode()

    service.handle_request = handle_request  # type: ignore[attr-defined]
    app._handle_ses_messages_request = handle_messages  # type: ignore[attr-defined]


def main() -> None:
    """Serves until SIGTERM, or until the parent is gone."""
    sys.path.extend(sys.argv[1:])
    sys.argv[1:] = []
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    from ministack import app
    from ministack.core import iam_actions
    from ministack.services import lambda_svc, ses_v2

    keep_attachments(app, ses_v2)
    keep_two_processes(lambda_svc)
    if app.AUTH:
        judge_permissions_as_aws(app, iam_actions)
    app.main()


if __name__ == "__main__":
    main()
