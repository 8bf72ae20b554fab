"""Webhooks: one topic each, one attempt and no other, a body that is made when it leaves, ids that are not unique."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from local.sandbox.kit.api import Api, Call, Refusal
from local.sandbox.kit.hooks import Hooks, Subscription, hmac_base64
from local.sandbox.outbox import Manners
from local.sandbox.wire import Delivery, Response, World
from local.sandbox.woocommerce import bodies
from local.sandbox.woocommerce.site import KIND, VERSION, Row, WooConfig, dates, listed

TOPICS = [f"{what}.{event}" for what in ("order", "product") for event in ("created", "updated", "deleted", "restored")]
LAST_FAILURE = 6
"""So many failures are counted; the next one switches a hook off."""
MANNERS = Manners(60.0, range(200, 303))
Content = Callable[[str, int], bytes]


def topic_of(name: str) -> str:
    """The topic of a file in events/vendors/woocommerce: order_updated_draft -> order.updated."""
    return ".".join(name.split("_")[:2])


@dataclass(kw_only=True)
class WooHook(Subscription):
    """One webhook."""

    name: str = "Webhook"
    status: str = "active"
    modified_at: datetime | None = None


class Webhooks(Hooks[WooHook]):
    """The routes, and the queue: one job for a topic and its object, however often that changes until it leaves.

    Failures are counted by address, since an attempt is reported by it; the real shop counts them for each webhook.
    """

    def __init__(self, world: World, config: WooConfig, api: Callable[[], Api], content: Content) -> None:
        super().__init__(world, KIND, self._headers)
        self.config, self.api, self.content = config, api, content
        self.queue: dict[tuple[str, int], datetime] = {}
        self.made = 0

    def _headers(self, hook: WooHook, topic: str, body: bytes) -> dict[str, str]:
        """The delivery id is made of the hook and the second; the key is the secret with its entities decoded."""
        delivery = f"{hook.id} {int(self.world.clock().timestamp())}".encode()
        resource, _, event = topic.partition(".")
        return {
            "content-type": "application/json", "user-agent": f"WooCommerce/{VERSION} Hookshot (WordPress/7.1.1)",
            "x-wc-webhook-source": "https://shop.example.com/", "x-wc-webhook-topic": topic, "x-wc-webhook-resource": resource,
            "x-wc-webhook-event": event, "x-wc-webhook-signature": hmac_base64(html.unescape(hook.secret or ""), body),
            "x-wc-webhook-id": str(hook.id), "x-wc-webhook-delivery-id": hashlib.sha256(delivery).hexdigest()[:32],
        }  # fmt: skip

    def tell(self, topic: str, number: int) -> None:
        """Something happened to an order or a product."""
        self.queue.setdefault((topic, number), self.world.clock())

    def run(self, seconds: float = 0) -> None:
        """Send what has waited so long, with the bodies of now."""
        for (topic, number), since in list(self.queue.items()):
            if self.world.clock() - since >= timedelta(seconds=seconds):
                del self.queue[topic, number]
                self.emit((topic, self.content(topic, number)))

    def report(self, url: str, ok: bool) -> None:
        """Hear how an attempt ended. A hook that is made active again keeps its count."""
        count = self.failures.get(url, 0)
        if ok or count < LAST_FAILURE:
            self.failures[url] = 0 if ok else count + 1
            return
        for hook in self.subscriptions:
            if hook.url == url:
                hook.active, hook.status = False, "disabled"

    def _shown(self, hook: WooHook) -> dict[str, Any]:
        resource, _, event = hook.topic.partition(".")
        return {
            "id": hook.id, "name": hook.name, "status": hook.status, "topic": hook.topic, "resource": resource,
            "event": event, "hooks": [], "delivery_url": hook.url,
            **dates(self.config.utc_offset, created=hook.created_at, modified=hook.modified_at),
        }  # fmt: skip

    def _hook(self, call: Call) -> WooHook:
        if hook := next((one for one in self.subscriptions if str(one.id) == call.parts["id"]), None):
            return hook
        raise Refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")

    def _write(self, hook: WooHook, wanted: Any) -> dict[str, Any]:
        topic, before = hook.topic if wanted.topic is None else wanted.topic, hook.url
        if topic not in TOPICS:
            raise Refusal(400, "woocommerce_rest_shop_webhook_invalid_topic", "Webhook topic must be valid.")
        hook.topic, hook.url, hook.name = topic, wanted.delivery_url or hook.url, wanted.name or hook.name
        hook.secret, hook.status = wanted.secret or hook.secret, wanted.status or hook.status
        hook.active = hook.status == "active"
        if hook.active and hook.url != before:
            # The ping: a form without a signature. What its answer is does not matter.
            form = {"content-type": "application/x-www-form-urlencoded"}
            self.world.deliver(Delivery(KIND, hook.url, form, f"webhook_id={hook.id}".encode(), (), "ping"))
        return self._shown(hook)

    def listWebhooks(self, call: Call) -> Response:
        found = self.subscriptions
        rows = [Row(one.id, one.created_at, one.created_at, one.status, partial(self._shown, one)) for one in found]
        return listed(self.api(), call, rows, ("all", "active", "paused", "disabled"), self.config.utc_offset)

    def createWebhook(self, call: Call) -> dict[str, Any]:
        hook = WooHook(id=self.made + 1, url="", created_at=self.world.clock())
        made = self._write(hook, self.api().body(call, bodies.NewHook))
        self.made += 1
        self.subscriptions.append(hook)
        self.world.record(KIND, "webhook_subscribed", hook.topic)
        return made

    def updateWebhook(self, call: Call) -> dict[str, Any]:
        hook, wanted = self._hook(call), self.api().body(call, bodies.Hook)
        hook.modified_at = self.world.clock()
        return self._write(hook, wanted)

    def deleteWebhook(self, call: Call) -> dict[str, Any]:
        hook = self._hook(call)
        if call.query.get("force") != "true":
            raise Refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        self.subscriptions.remove(hook)
        return self._shown(hook)
