"""Webhooks: thin bodies under Standard Webhooks, one hook per scope and address, hooks and domains that are given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from local.sandbox.kit.hooks import Hooks, Subscription, compact
from local.sandbox.wire import Delivery

RETRY_AFTER = (60.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 50400.0, 86400.0)
IDLE = timedelta(days=90)
MOST_OF_A_SCOPE = 10
KINDS = {
    "order": ("*", "created", "updated", "statusUpdated", "archived", "refund/created", "transaction/created",
              "transaction/updated", "message/created"),
    "shipment": ("*", "created", "updated", "deleted"),
    "product": ("*", "created", "updated", "deleted", "inventory/updated", "inventory/order/updated"),
    "sku": ("*", "created", "updated", "deleted", "inventory/updated", "inventory/order/updated"),
    "app": ("uninstalled",),
    "information": ("updated",),
}  # fmt: skip
SCOPES = frozenset(f"store/{kind}/{event}" for kind, events in KINDS.items() for event in events)


def sign(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """What Webhook-Signature holds: the key is the client secret's own bytes."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


@dataclass(kw_only=True)
class StoreHook(Subscription):
    """One hook; `topic` is its scope. `heard_at`: when its last event was, or it was made or switched on."""

    updated_at: datetime
    heard_at: datetime

    def listens(self, scope: str) -> bool:
        """A scope that ends in * hears all below it."""
        return scope == self.topic or (self.topic.endswith("*") and scope.startswith(self.topic[:-1]))


@dataclass
class StoreHooks(Hooks[StoreHook]):
    """All hooks of one API account."""

    secret: str = ""
    store: str = ""
    blocked: dict[str, datetime] = field(default_factory=dict)
    _results: dict[str, list[tuple[datetime, bool]]] = field(default_factory=dict)
    _held: list[Delivery] = field(default_factory=list)

    def tell(self, scope: str, **data: Any) -> None:
        """One event, to each hook that listens."""
        self.settle()
        now = self.world.clock()
        content: dict[str, Any] = {"producer": f"stores/{self.store}", "store_id": "1001", "scope": scope, "data": data}
        content |= {"hash": hashlib.sha1(compact(content)).hexdigest(), "created_at": int(now.timestamp())}
        body, ready = compact(content), list[Delivery]()
        for hook in self.subscriptions:
            if hook.active and hook.listens(scope):
                hook.heard_at = now
                ready.append(Delivery(self.vendor, hook.url, self._headers(hook, body), body, RETRY_AFTER, scope))
        self._held += [one for one in ready if _domain(one.url) in self.blocked]
        self.send(one for one in ready if _domain(one.url) not in self.blocked)

    def _headers(self, hook: StoreHook, body: bytes) -> dict[str, str]:
        name, now = f"msg_{self.world.random.getrandbits(96):024x}", int(self.world.clock().timestamp())
        return {
            "content-type": "application/json", "user-agent": "akka-http/10.2.10", **hook.headers, "webhook-id": name,
            "webhook-timestamp": str(now), "webhook-signature": sign(self.secret, name, now, body),
        }  # fmt: skip

    def settle(self) -> None:
        """Hooks without an event for 90 days are switched off; what waited for a blocked domain goes out after its time."""
        now = self.world.clock()
        for hook in self.subscriptions:
            hook.active = hook.active and now - hook.heard_at < IDLE
        self.blocked = {domain: until for domain, until in self.blocked.items() if until > now}
        free = [one for one in self._held if _domain(one.url) not in self.blocked]
        self._held = [one for one in self._held if _domain(one.url) in self.blocked]
        self.send(free)

    def report(self, url: str, ok: bool) -> None:
        """A domain that fails one of ten within two minutes, after a hundred calls, gets none for three minutes."""
        super().report(url, ok)
        domain, now = _domain(url), self.world.clock()
        recent = [row for row in self._results.get(domain, ()) if now - row[0] < timedelta(minutes=2)] + [(now, ok)]
        self._results[domain] = recent
        if len(recent) >= 100 and sum(good for _, good in recent) < 0.9 * len(recent):
            self.block(domain)

    def block(self, domain: str) -> None:
        """Nothing is sent to this domain for three minutes."""
        self.blocked[domain] = self.world.clock() + timedelta(minutes=3)
        self._results[domain] = []

    def refusal(self, scope: str, destination: str, but: StoreHook | None = None) -> dict[str, str]:
        """What is wrong with a hook, by its fields. The port rule does not hold for this machine."""
        parts, others = urlsplit(destination), [one for one in self.subscriptions if one is not but]
        if scope not in SCOPES:
            return {"scope": "error.scope.invalid"}
        if parts.hostname not in ("127.0.0.1", "localhost") and (
            parts.scheme != "https" or parts.port not in (None, 443)
        ):
            return {"destination": "error.destination.port"}
        if any(one.topic == scope and one.url == destination for one in others):
            return {"scope": "error.hook.exists"}
        if sum(one.topic == scope for one in others) >= MOST_OF_A_SCOPE:
            return {"scope": "error.hook.limit"}
        return {}


def _domain(url: str) -> str:
    return urlsplit(url).netloc
