"""Webhook subscriptions and their deliveries: signed, trimmed to `includeFields`, sometimes lost or repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from local.sandbox.kit.hooks import Hooks, compact, hmac_base64
from local.sandbox.shopify.config import API_VERSION
from local.sandbox.shopify.state import Shop
from local.sandbox.wire import Delivery

# Eight further tries within four hours, each gap longer than the last.
RETRY_AFTER = (10.0, 50.0, 240.0, 600.0, 1800.0, 2700.0, 3600.0, 5400.0)
FAILURES_UNTIL_REMOVAL = 8
APP_TOPICS = ("app/uninstalled", "customers/data_request", "customers/redact", "shop/redact")

Event = tuple[str, Mapping[str, Any]]
signature = hmac_base64
"""What X-Shopify-Hmac-SHA256 holds."""


@dataclass
class Subscription:
    """One topic sent to one address. `include_fields` empty means: everything."""

    number: int
    topic: str
    uri: str
    include_fields: tuple[str, ...] = ()


def topic_of(enum_value: str) -> str:
    """ORDERS_RISK_ASSESSMENT_CHANGED -> orders/risk_assessment_changed."""
    first, _, rest = enum_value.lower().partition("_")
    return f"{first}/{rest}"


def enum_of(topic: str) -> str:
    """orders/create -> ORDERS_CREATE."""
    return topic.replace("/", "_").upper()


def trimmed(body: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, Any]:
    """The body with only these fields; `a.b` keeps one part of an object or of each list entry."""
    if not fields:
        return dict(body)
    wanted: dict[str, list[str]] = {}
    for name in fields:
        head, _, tail = name.partition(".")
        wanted.setdefault(head, []).append(tail)
    kept: dict[str, Any] = {}
    for head, tails in wanted.items():
        if head in body:
            kept[head] = body[head] if "" in tails else _inner(body[head], tuple(tails))
    return kept


def _inner(value: Any, tails: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        return trimmed(value, tails)
    if isinstance(value, list):
        return [_inner(entry, tails) for entry in value]
    return value


@dataclass
class Webhooks:
    """All subscriptions of the store, and the way out."""

    shop: Shop
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    out: Hooks[Any] = field(init=False)

    def __post_init__(self) -> None:
        off, give_up = FAILURES_UNTIL_REMOVAL, self._forget
        self.out = Hooks(self.shop.world, "shopify", lambda *_: {}, off_after=off, give_up=give_up)

    def refusal(self, topic: str, uri: str | None, ignoring: int | None = None) -> str | None:
        """Why Shopify would refuse this address for this topic, or None."""
        parts = urlsplit(uri or "")
        if not parts.netloc:
            return "Address is invalid"
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            return f"Address protocol {parts.scheme}:// is not supported"
        if not parts.path.startswith(self.shop.config.webhook_path_prefix):
            return "Address is not allowed"
        taken = any(s.topic == topic and s.uri == uri and s.number != ignoring for s in self.subscriptions.values())
        return "Address for this topic has already been taken" if taken else None

    def subscribe(self, topic: str, uri: str, values: Mapping[str, Any]) -> Subscription:
        """Add one subscription; the caller has asked `refusal` first."""
        created = Subscription(self.shop.new_id(), topic, uri)
        self.change(created, values)
        self.subscriptions[created.number] = created
        self.shop.world.record("shopify", "webhook_subscribed", topic, uri=uri, fields=list(created.include_fields))
        return created

    def change(self, subscription: Subscription, values: Mapping[str, Any]) -> None:
        """Take over the given fields of a WebhookSubscriptionInput."""
        subscription.uri = values.get("uri", subscription.uri)
        if "includeFields" in values:
            subscription.include_fields = tuple(values["includeFields"] or ())

    def emit(self, *events: Event) -> None:
        """Deliver what one action caused: every topic of it carries the same event id."""
        event_id = self._uuid()
        self.out.send(
            self._delivery(topic, uri, trimmed(body, fields), event_id)
            for topic, body in events
            for uri, fields in self._targets(topic)
        )

    def _uuid(self) -> str:
        return str(UUID(int=self.shop.world.random.getrandbits(128), version=4))

    def _targets(self, topic: str) -> list[tuple[str, tuple[str, ...]]]:
        found = [(s.uri, s.include_fields) for s in self.subscriptions.values() if s.topic == topic]
        privacy = self.shop.config.privacy_url
        if topic in APP_TOPICS and privacy and privacy not in [uri for uri, _ in found]:
            found.append((privacy, ()))
        return found

    def _delivery(self, topic: str, url: str, content: Mapping[str, Any], event_id: str) -> Delivery:
        body = compact(content)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Shopify-Captain-Hook",
            "X-Shopify-Topic": topic,
            "X-Shopify-Hmac-SHA256": signature(self.shop.config.client_secret, body),
            "X-Shopify-Shop-Domain": self.shop.config.shop_domain,
            "X-Shopify-API-Version": API_VERSION,
            "X-Shopify-Webhook-Id": self._uuid(),
            "X-Shopify-Event-Id": event_id,
            "X-Shopify-Triggered-At": self.shop.world.clock().astimezone(UTC).isoformat().replace("+00:00", "Z"),
        }
        return Delivery("shopify", url, headers, body, RETRY_AFTER)

    def _forget(self, url: str) -> None:
        """End every subscription of an address that did not answer for too long."""
        for number in [s.number for s in self.subscriptions.values() if s.uri == url]:
            del self.subscriptions[number]
