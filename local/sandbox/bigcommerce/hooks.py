"""Webhooks: thin bodies under Standard Webhooks, one hook per scope and address, hooks and domains that are given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from local.sandbox.kit.hooks import Hooks, Subscription, compact
from local.sandbox.wire import Delivery

RETRY_AFTER = (60.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 50400.0, 86400.0)
IDLE, BLOCKED = timedelta(days=90), timedelta(minutes=3)
SCOPE = re.compile(
    r"store/(order/(\*|created|updated|statusUpdated|archived|(refund|transaction|message)/(created|updated))"
    r"|shipment/(\*|created|updated|deleted)|(product|sku)/(\*|created|updated|deleted|inventory/(order/)?updated)"
    r"|app/uninstalled|information/updated)"
)


def sign(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """What Webhook-Signature holds: the key is the client secret's own bytes."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


@dataclass(kw_only=True)
class StoreHook(Subscription):
    """One hook; `topic` is its scope. `heard_at`: when its last event was, or it was made or switched on."""

    heard_at: datetime


@dataclass
class StoreHooks(Hooks[StoreHook]):
    """All hooks of one API account. `blocked`: domains that are sent nothing until then."""

    secret: str = ""
    store: str = ""
    blocked: dict[str, datetime] = field(default_factory=dict)
    _held: list[Delivery] = field(default_factory=list)

    def tell(self, scope: str, **data: Any) -> None:
        """One event, to each hook that listens; a scope that ends in * hears all below it."""
        self.settle()
        now = self.world.clock()
        stamp = int(now.timestamp())
        told: dict[str, Any] = {"producer": f"stores/{self.store}", "store_id": "1001", "scope": scope, "data": data}
        body = compact({**told, "hash": hashlib.sha1(compact(told)).hexdigest(), "created_at": stamp})
        for hook in self.subscriptions:
            if hook.active and (hook.topic == scope or (hook.topic[-1] == "*" and scope.startswith(hook.topic[:-1]))):
                hook.heard_at, name = now, f"msg_{self.world.random.getrandbits(96):024x}"
                headers = {
                    **hook.headers, "content-type": "application/json", "webhook-id": name,
                    "webhook-timestamp": str(stamp), "webhook-signature": sign(self.secret, name, stamp, body),
                }  # fmt: skip
                self._held.append(Delivery(self.vendor, hook.url, headers, body, RETRY_AFTER, scope))
        self.settle()

    def settle(self) -> None:
        """Hooks without an event for 90 days are switched off; what waited for a blocked domain goes out after its time."""
        now = self.world.clock()
        for hook in self.subscriptions:
            hook.active = hook.active and now - hook.heard_at < IDLE
        self.blocked = {domain: until for domain, until in self.blocked.items() if until > now}
        free = [one for one in self._held if urlsplit(one.url).netloc not in self.blocked]
        self._held = [one for one in self._held if one not in free]
        self.send(free)

    def block(self, domain: str) -> None:
        """Too many calls failed there: it gets none for three minutes."""
        self.blocked[domain] = self.world.clock() + BLOCKED

    def refusal(self, scope: str, url: str, but: StoreHook | None = None) -> str:
        """The field that is wrong with a hook, or "". The port rule does not hold for this machine."""
        parts = urlsplit(url)
        if parts.hostname != "127.0.0.1" and (parts.scheme != "https" or parts.port not in (None, 443)):
            return "destination"
        same = [one.url for one in self.subscriptions if one.topic == scope and one is not but]
        return "scope" if not SCOPE.fullmatch(scope) or url in same or len(same) >= 10 else ""
