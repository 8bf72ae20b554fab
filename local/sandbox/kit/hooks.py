"""Webhooks: who listens, how a body is signed, what is lost or repeated, and when a listener is given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from local.sandbox.wire import Delivery, World


def hmac_base64(key: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 of the raw body."""
    return base64.b64encode(hmac.new(key.encode(), body, hashlib.sha256).digest()).decode()


def hmac_hex(key: str, body: bytes) -> str:
    """The HMAC-SHA256 of the raw body in hex digits."""
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def compact(content: Any) -> bytes:
    """A JSON body without spaces."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(kw_only=True)
class Subscription:
    """One listener. `topic` "" hears everything. A vendor with more to remember makes a subclass."""

    id: Any
    url: str
    topic: str = ""
    secret: str | None = None
    created_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    active: bool = True


AnySubscription = TypeVar("AnySubscription", bound=Subscription)
Headers = Callable[[AnySubscription, str, bytes], Mapping[str, str]]


@dataclass
class Hooks(Generic[AnySubscription]):
    """All listeners of one vendor, and the way out.

    `headers` gives the headers of a delivery, signature included, from its subscription, topic and body. After `off_after`
    failed attempts in a row at one address `give_up` is told, if it is set, and its subscriptions are switched off. A vendor
    that writes another body for each listener makes the deliveries itself and gives them to `send`.
    """

    world: World
    vendor: str
    headers: Headers[AnySubscription]
    retry_after: tuple[float, ...] = ()
    off_after: int | None = None
    give_up: Callable[[str], None] | None = None
    subscriptions: list[AnySubscription] = field(default_factory=list)
    failures: dict[str, int] = field(default_factory=dict)
    to_drop: int = 0
    next_copies: int = 1

    def find(self, key: Any) -> AnySubscription | None:
        """The subscription with this id."""
        return next((each for each in self.subscriptions if each.id == key), None)

    def emit(self, *events: tuple[str, Any]) -> None:
        """Deliver what one action caused: (topic, body) each, to everybody who listens to the topic. Bytes stay as they are."""
        self.send(
            Delivery(self.vendor, each.url, self.headers(each, topic, raw), raw, self.retry_after, topic)
            for topic, body in events
            for raw in [body if isinstance(body, bytes) else compact(body)]
            for each in self.subscriptions
            if each.active and each.topic in ("", topic)
        )

    def send(self, deliveries: Iterable[Delivery]) -> None:
        """Let the deliveries of one action go out: never (`to_drop`), once, or several times (`next_copies`)."""
        ready = list(deliveries)
        if ready and self.to_drop:
            self.to_drop -= 1
            return
        if ready:
            copies, self.next_copies = self.next_copies, 1
            for delivery in ready:
                for _ in range(copies):
                    self.world.deliver(delivery)

    def report(self, url: str, ok: bool) -> None:
        """Hear how an attempt ended."""
        self.failures[url] = 0 if ok else self.failures.get(url, 0) + 1
        if self.off_after is None or self.failures[url] < self.off_after:
            return
        self.failures[url] = 0
        if self.give_up is not None:
            self.give_up(url)
        for each in self.subscriptions:
            each.active = each.active and each.url != url
