"""What anybody can do who has `run.json`: nothing here knows more than the file and the vendors' documentation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

STORE = "lamp-shop"


class Outsider:
    """Reads run.json and speaks HTTP."""

    def __init__(self, run_file: Path) -> None:
        self.run: dict[str, Any] = json.loads(run_file.read_text("utf-8"))

    # --- the sandbox's pages ------------------------------------------------------------------------------------------

    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """One of the sandbox's buttons; gives its result."""
        request = urllib.request.Request(
            f"{self.run['sandbox_url']}/api/actions/{action}",
            json.dumps(arguments).encode(),
            {"content-type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            told: dict[str, Any] = json.load(answer)
        assert told["ok"], told
        return dict(told["result"])

    def state(self) -> dict[str, Any]:
        """All that the pages show."""
        with urllib.request.urlopen(f"{self.run['sandbox_url']}/api/state", timeout=120) as answer:
            return dict(json.load(answer))

    def letters(self, about: str) -> list[dict[str, Any]]:
        """Mails and text messages that name an order."""
        messages = self.state()["mailbox"]["messages"]
        return [m for m in messages if about in f"{m['subject']} {m['text']}"]

    # --- webhooks of their own ----------------------------------------------------------------------------------------

    def webhook(self, body: bytes, *, topic: str, secret: str | None = None) -> int:
        """Post a webhook as Shopify would, signed with the store's secret or with another; gives the status."""
        key = secret if secret is not None else self.run["connections"][STORE]["webhook_secret"]
        signature = base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": signature,
            "x-shopify-webhook-id": hashlib.sha256(body + topic.encode()).hexdigest()[:36],
        }
        return self.post(self.run["connections"][STORE]["webhook_url"], body, headers)

    def post(self, url: str, body: bytes, headers: dict[str, str] | None = None, method: str = "POST") -> int:
        """One request; gives the status. An early answer to a long body counts as an answer."""
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        try:
            connection.request(method, parts.path, body, headers or {})
            with connection.getresponse() as answer:
                return answer.status
        finally:
            connection.close()
