"""What the cold starts are given: a webhook as the sandbox's store signs it, and answers as AWS gives them."""

from __future__ import annotations

import json
from typing import Any

from local.sandbox.shopify import ShopifyConfig, ShopifyStore
from local.sandbox.wire import Delivery, World
from orderwright.aws.values import to_item
from orderwright.messages import QUEUE_NAMES
from tests.support.shop import STORE, SUPPLIER, test_config

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
    posted: list[Delivery] = []
    world = World(deliver=posted.append)
    store = ShopifyStore(world, ShopifyConfig())
    delivery = _paid(store, posted)
    event = {
        "pathParameters": {"connection": STORE},
        "headers": dict(delivery.headers),
        "body": delivery.body.decode(),
        "isBase64Encoded": False,
    }
    secrets = json.dumps({"kind": "shopify", "secrets": [store.config.client_secret]})
    answers = {
        "GetParameter": json.dumps({"Parameter": {"Name": "webhook", "Type": "SecureString", "Value": secrets}}),
        "SendMessage": json.dumps({"MessageId": "00000000-0000-0000-0000-000000000000"}),
    }
    return {"what": "webhook", "environ": _ENVIRON, "event": event, "answers": answers}


def _paid(store: ShopifyStore, posted: list[Delivery]) -> Delivery:
    from local.sandbox.webhook_sample import paid_order

    return paid_order(store, posted)


def worker_input() -> dict[str, Any]:
    """The applied configuration for ingest_order."""
    document = test_config().model_dump_json()
    body = {"number": 1, "document": document, "applied_at": "2026-01-01T00:00:00Z", "applied_by": "bench"}
    item = to_item({"pk": "CONFIG", "sk": "CURRENT", "schema": 1, "version": 1, "writer": "bench", "body": body})
    answers = {"GetItem": json.dumps({"Item": item})}
    return {"what": "worker", "environ": _ENVIRON, "answers": answers, "store": STORE}
