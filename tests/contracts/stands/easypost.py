"""EasyPost stood up: the sandbox's carrier."""

from __future__ import annotations

from datetime import datetime

from local.sandbox.easypost import EasyPostCarrier, EasyPostConfig
from local.sandbox.easypost.carrier import sign
from orderwright.connectors.carriers.easypost.trackers import STATES
from orderwright.webhooks import Request as WebhookRequest
from tests.support.hooks import posted
from tests.support.stand import BASE, CarrierStand


class STAND(CarrierStand):
    """An account in test mode."""

    kind = "easypost"
    lines = {"base_url": BASE}
    secrets = {"api_key": EasyPostConfig().api_key}
    signing = "a-hook-secret"
    number, carrier = "1Z999AA10123456784", "UPS"
    states = {state: status for status, state in STATES.items()}

    def __init__(self) -> None:
        super().__init__()
        self.vendor = EasyPostCarrier(self.world, faults=self.faults)

    def subscriptions(self) -> object:
        return sorted((hook.url, hook.secret) for hook in self.vendor.webhooks)

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        return posted({"x-hmac-signature": sign(body, secret)}, body)

    def scan(self, status: str, at: datetime) -> None:
        self.vendor.scan(self.number, status, "seen", at)

    def watched(self) -> int:
        return len(self.vendor.trackers)
