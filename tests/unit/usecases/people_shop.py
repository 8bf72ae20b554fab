"""A shop that buys from people: by mail, or by files in the stack's bucket."""

from __future__ import annotations

from typing import Any

from orderwright.aws.secrets import SecretStore
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.purchase_order import PurchaseOrder
from tests.support.shop import PREFIX, SUPPLIER, Boundary, admit, test_config
from tests.unit.usecases.order_shop import OrderShop

PARTS = "parts"


class PeopleShop(OrderShop):
    """A shop whose first supplier, PARTS, is of a kind whose people take the orders."""

    def __init__(self, kind: str, **lines: Any) -> None:
        config, self.others = test_config(), {PARTS: (kind, "")}
        parts = settings_of(kind).model_validate({"kind": kind, **lines})
        rules = config.rules.model_copy(update={"supplier_priority": (PARTS, SUPPLIER)})
        super().__init__(
            config.model_copy(update={"connections": {**config.connections, PARTS: parts}, "rules": rules})
        )
        secrets = SecretStore(self.aws.client("ssm"), PREFIX, self.clock.now)
        secrets.write(PARTS, "secrets", {"link_secret": "s3cret"})
        secrets.write(PARTS, "webhook", {"url": "https://api.example.com/purchase-orders"})
        admit(secrets, PARTS, kind, "s3cret")
        self.connect()
        self.stock_up(PARTS, lambda good: good.sku)
        self.aws.client("s3").create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
        )

    @property
    def bucket(self) -> str:
        return f"files-{self.aws.account}"

    def new_worker(self, boundary: Boundary | None = None) -> Any:
        wiring = super().new_worker(boundary)
        wiring._environ = {**wiring._environ, "FILES_BUCKET": self.bucket}
        return wiring

    def files(self) -> list[str]:
        """What lies in the bucket."""
        listed = self.aws.client("s3").list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return sorted(str(one["Key"]) for one in listed)

    def only_order(self, name: str) -> PurchaseOrder:
        (po,) = self.purchase_orders(name)
        assert po.supplier == PARTS
        return po
