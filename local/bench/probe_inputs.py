"""What the cold starts are given: a signed webhook, and answers as AWS gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from local.bench.signed_webhook import paid_webhook
from local.events import address_of
from orderwright.aws.values import to_item
from orderwright.messages import QUEUE_NAMES
from tests.support.shop import STORE, test_config

_SECRET = "bench-secret"
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_ENVIRON = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_LAMBDA_FUNCTION_NAME": "bench",
    "POWERTOOLS_SERVICE_NAME": "bench",
    "PROFILE": "aws",
    "SECRETS_PREFIX": "/orderwright/bench",
    "ORDERS_TABLE": "orders",
    "CATALOGUE_TABLE": "catalogue",
    "CONTROL_TABLE": "control",
    **{f"{name.upper()}_QUEUE_URL": f"https://sqs.us-east-1.amazonaws.com/1/{name}" for name in QUEUE_NAMES},
}


def webhook_input() -> dict[str, Any]:
    """A paid order's webhook for receive_webhook."""
    headers, body = paid_webhook(9007199254740993, _SECRET, "bench-delivery", _AT)
    event = {
        "pathParameters": {"address": address_of(STORE)},
        "headers": headers,
        "body": body.decode(),
        "isBase64Encoded": False,
    }
    name = f"{_ENVIRON['SECRETS_PREFIX']}/-/webhooks/{STORE}"
    entry = json.dumps({"kind": "shopify", "addresses": [address_of(STORE)], "secrets": [[_SECRET, ""]]})
    answers = {
        "GetParametersByPath": json.dumps({"Parameters": [{"Name": name, "Type": "SecureString", "Value": entry}]}),
        "SendMessage": json.dumps({"MessageId": "00000000-0000-0000-0000-000000000000"}),
    }
    return {"what": "webhook", "environ": _ENVIRON, "event": event, "answers": answers}


def worker_input() -> dict[str, Any]:
    """The applied configuration for ingest_order."""
    document = test_config().model_dump_json()
    body = {"number": 1, "document": document, "applied_at": "2026-01-01T00:00:00Z", "applied_by": "bench"}
    item = to_item({"pk": "CONFIG", "sk": "CURRENT", "schema": 1, "version": 1, "writer": "bench", "body": body})
    answers = {"GetItem": json.dumps({"Item": item})}
    return {"what": "worker", "environ": _ENVIRON, "answers": answers, "store": STORE}


def page_input(event: dict[str, Any], items: list[dict[str, Any]]) -> dict[str, Any]:
    """A view for show_tracking. `items`: all that it may read, as DynamoDB gives it; it finds what it looks for."""
    answers = {"Query": json.dumps({"Items": items, "Count": len(items)})}
    return {"what": "page", "environ": _ENVIRON, "event": event, "answers": answers}
