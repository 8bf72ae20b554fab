"""CJ stood up: the sandbox's account."""

from __future__ import annotations

from collections.abc import Sequence

from local.sandbox.cj import CjConfig, CjSupplier
from local.sandbox.cj.state import CANCELLED
from local.sandbox.goods import GOODS
from local.sandbox.kit.hooks import hmac_base64
from orderwright.webhooks import Request as WebhookRequest
from tests.support.hooks import posted
from tests.support.stand import BASE, SupplierStand

_TORCH = GOODS[0].supplier


class STAND(SupplierStand):
    """An account with a balance that suffices."""

    kind = "cj"
    lines = {"base_url": BASE}
    secrets = {"api_key": CjConfig().api_key}
    signing = str(CjConfig().open_id)
    sku = _TORCH.supplier_sku
    supplier_ref = _TORCH.vid
    goods = (_TORCH.vid,)

    def __init__(self) -> None:
        super().__init__()
        self.vendor = CjSupplier(self.world, faults=self.faults)

    def subscriptions(self) -> object:
        return dict(self.vendor.messages.callbacks), sorted(self.vendor.messages.subscribed)

    def webhook(self, sample: str, body: bytes, secret: str) -> WebhookRequest:
        return posted({"sign": hmac_base64(secret, body)}, body)

    def made(self) -> Sequence[str]:
        return [one.reference for one in self.world.ledger.of_kind("cj", "order_created")]

    def ordered(self) -> Sequence[str]:
        return [one.reference for one in self.world.ledger.of_kind("cj", "order_paid")]

    def refuse(self) -> None:
        self.vendor.refuse_next()

    def ship(self) -> str:
        return self.vendor.ship(self.reference).tracking_number

    def cancel(self) -> None:
        self.vendor.orders[-1].status = CANCELLED
