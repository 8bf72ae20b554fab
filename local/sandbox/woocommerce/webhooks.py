"""Webhooks: one topic each, one attempt and no other, a body that is made when it leaves, ids that are not unique."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from local.sandbox.kit.api import Api, Call, Refusal
from local.sandbox.kit.hooks import Hooks, Subscription, hmac_base64
from local.sandbox.outbox import Manners
from local.sandbox.wire import Delivery, Response, World, json_response
from local.sandbox.woocommerce import bodies
from local.sandbox.woocommerce.site import KIND, VERSION, Row, WooConfig, answer, dates, listed, paged

TOPICS = {
    "order.created": ["woocommerce_new_order"],
    "order.updated": ["woocommerce_update_order", "woocommerce_order_refunded"],
    "order.deleted": ["wp_trash_post", "woocommerce_trash_order"],
    "order.restored": ["untrashed_post", "woocommerce_untrash_order"],
    "product.created": ["woocommerce_process_product_meta", "woocommerce_new_product", "woocommerce_new_product_variation"],
    "product.updated": ["woocommerce_process_product_meta", "woocommerce_update_product", "woocommerce_update_product_variation"],
    "product.deleted": ["wp_trash_post"],
    "product.restored": ["untrashed_post"],
}  # fmt: skip


def topic_of(name: str) -> str:
    """The topic of a file in events/vendors/woocommerce: order_updated_trash -> order.updated."""
    return ".".join(name.split("_")[:2])


LAST_FAILURE = 6
"""So many failures are counted. The next one switches a hook off."""
MANNERS = Manners(60.0, range(200, 303))
_NONE = Refusal(404, "woocommerce_rest_shop_webhook_invalid_id", "Invalid ID.")


@dataclass(kw_only=True)
class WooHook(Subscription):
    """One webhook."""

    name: str
    modified_at: datetime | None = None
    status: str = "active"


def headers(hook: WooHook, topic: str, body: bytes, at: datetime) -> dict[str, str]:
    """Of a delivery. The id is made of the hook and the second; the key is the secret with its entities decoded."""
    resource, _, event = topic.partition(".")
    return {
        "content-type": "application/json", "user-agent": f"WooCommerce/{VERSION} Hookshot (WordPress/7.1.1)",
        "x-wc-webhook-source": "https://shop.example.com/", "x-wc-webhook-topic": topic,
        "x-wc-webhook-resource": resource, "x-wc-webhook-event": event,
        "x-wc-webhook-signature": hmac_base64(html.unescape(hook.secret or ""), body), "x-wc-webhook-id": str(hook.id),
        "x-wc-webhook-delivery-id": hashlib.md5(f"{hook.id}{int(at.timestamp())}".encode(), usedforsecurity=False).hexdigest(),
    }  # fmt: skip


class WooHooks(Hooks[WooHook]):
    """Failures are counted by address, since an attempt is reported by it; the real shop counts them for each webhook."""

    def report(self, url: str, ok: bool) -> None:
        """Hear how an attempt ended. A hook that is made active again keeps its count."""
        count = self.failures.get(url, 0)
        if ok or count < LAST_FAILURE:
            self.failures[url] = 0 if ok else count + 1
            return
        for hook in self.subscriptions:
            if hook.url == url:
                hook.active, hook.status = False, "disabled"


@dataclass
class Webhooks:
    """The routes of webhooks, and the queue: one job for a hook's topic and its object, however often they change."""

    world: World
    config: WooConfig
    api: Callable[[], Api]
    content: Callable[[str, int], bytes]
    new_id: Callable[[], int]
    hooks: WooHooks = field(init=False)
    queue: dict[tuple[str, int], datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hooks = WooHooks(self.world, KIND, lambda hook, topic, raw: headers(hook, topic, raw, self.world.clock()))

    def tell(self, topic: str, number: int) -> None:
        """Something happened to an order or a product."""
        self.queue.setdefault((topic, number), self.world.clock())

    def run(self, seconds: float = 0) -> None:
        """Send what has waited so long, with the bodies of now."""
        for (topic, number), since in list(self.queue.items()):
            if self.world.clock() - since >= timedelta(seconds=seconds):
                del self.queue[topic, number]
                self.hooks.emit((topic, self.content(topic, number)))

    def _shown(self, hook: WooHook) -> dict[str, Any]:
        resource, _, event = hook.topic.partition(".")
        return {
            "id": hook.id, "name": hook.name, "status": hook.status, "topic": hook.topic, "resource": resource,
            "event": event, "hooks": TOPICS[hook.topic], "delivery_url": hook.url,
            **dates(self.config.utc_offset, created=hook.created_at, modified=hook.modified_at),
        }  # fmt: skip

    def _hook(self, call: Call) -> WooHook:
        hook = next((one for one in self.hooks.subscriptions if str(one.id) == call.parts["id"]), None)
        if hook is None:
            raise _NONE
        return hook

    def _write(self, hook: WooHook, wanted: bodies.Hook) -> None:
        if wanted.topic is not None and wanted.topic not in TOPICS:
            text = "Webhook topic is required and must be valid."
            raise Refusal(400, "woocommerce_rest_shop_webhook_invalid_topic", text)
        moved = wanted.delivery_url not in (None, hook.url)
        hook.topic, hook.url = wanted.topic or hook.topic, wanted.delivery_url or hook.url
        hook.name, hook.status = wanted.name or hook.name or "Webhook", wanted.status or hook.status
        hook.secret = hook.secret if wanted.secret is None else wanted.secret
        hook.active = hook.status == "active"
        if hook.active and moved:
            # An unsigned form. What its answer is does not matter.
            told = {"content-type": "application/x-www-form-urlencoded"}
            self.world.deliver(Delivery(KIND, hook.url, told, f"webhook_id={hook.id}".encode(), (), "ping"))

    def listWebhooks(self, call: Call) -> Response:
        rows = [
            Row(one.id, one.created_at, one.modified_at or one.created_at, one.status, one.name, one)
            for one in self.hooks.subscriptions
        ]
        found = listed(self.api(), call, rows, ("all", "active", "paused", "disabled"), self.config.utc_offset)
        return paged(self.api(), call, found, lambda row: self._shown(row.entry))

    def getWebhook(self, call: Call) -> Response:
        return answer(call, self._shown(self._hook(call)))

    def createWebhook(self, call: Call) -> Response:
        wanted = self.api().body(call, bodies.NewHook)
        if wanted.topic is None:
            wanted.topic = ""
        hook = WooHook(id=self.new_id(), url="", created_at=self.world.clock(), name="")
        self._write(hook, wanted)
        self.hooks.subscriptions.append(hook)
        self.world.record(KIND, "webhook_subscribed", hook.topic)
        return json_response(self._shown(hook), 201)

    def updateWebhook(self, call: Call) -> Response:
        hook = self._hook(call)
        self._write(hook, self.api().body(call, bodies.Hook))
        hook.modified_at = self.world.clock()
        return json_response(self._shown(hook))

    def deleteWebhook(self, call: Call) -> Response:
        hook = self._hook(call)
        if call.query.get("force") != "true":
            raise Refusal(501, "woocommerce_rest_trash_not_supported", "Webhooks do not support trashing.")
        self.hooks.subscriptions.remove(hook)
        return json_response(self._shown(hook))
