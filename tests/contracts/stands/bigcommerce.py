"""BigCommerce stood up: the sandbox's store."""

from __future__ import annotations

from collections.abc import Mapping

from local.sandbox.bigcommerce import BigCommerceConfig, BigCommerceStore
from local.sandbox.bigcommerce.hooks import sign
from local.sandbox.wire import Request, Response
from orderwright.domain.order import PaymentState
from orderwright.webhooks import Request as WebhookRequest
from tests.support import spec_guard
from tests.support.hooks import posted
from tests.support.stand import BASE, StoreStand


class STAND(StoreStand):
    """A store with two locations, one of them ours. Its merchant has switched off the mail that tells of a shipment."""

    kind = "bigcommerce"
    location = "Orderwright dropship"
    page = 50
    shows = frozenset(PaymentState) - {PaymentState.PARTIALLY_PAID, PaymentState.EXPIRED}
    lines = {"base_url": BASE, "store_hash": "sandboxhash", "location": location}
    secrets = {"access_token": "bc_sandbox_token", "client_secret": "bc_sandbox_secret"}
    signing = "bc_sandbox_secret"

    def __init__(self) -> None:
        super().__init__()
        self.vendor = BigCommerceStore(self.world, BigCommerceConfig(calls=None, mails_shipped=False))
        self.vendor.faults = self.faults

    def handle(self, request: Request) -> Response:
        scripted = self.faults.always != "ok" or any(self.faults.queued.values())
        answer = super().handle(request)
        if not scripted:
            spec_guard.check_answer(self.kind, request, answer)
        return answer

    def subscriptions(self) -> object:
        return sorted((one.topic, one.url, one.active) for one in self.vendor.hooks.subscriptions)

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        now = int(self.clock.now().timestamp())
        signed = {"webhook-timestamp": str(now), "webhook-signature": sign(secret, "msg_1", now, body)}
        return posted({"webhook-id": "msg_1", **signed}, body)

    def buy(self, lines: Mapping[str, int]) -> str:
        return str(self.vendor.buy(list(lines.items()), oversell=True).number)
