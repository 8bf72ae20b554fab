"""A purchase order that was mailed, and its page in the hands of a clerk who has the mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlencode

from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.page_links import code_of, link
from tests.support.handlers import call
from tests.unit.usecases.order_shop import buy
from tests.unit.usecases.scripted_shop import PARTS, ScriptedShop

SECRET = "s3cret"
BUCKET = "files-of-tests"


class Page(NamedTuple):
    """What the function answered."""

    status: int
    html: str
    headers: dict[str, str]

    @property
    def text(self) -> str:
        """What a person reads, without the style."""
        body = re.sub(r"<style>.*?</style>", "", self.html, flags=re.DOTALL)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())

    @property
    def state(self) -> str:
        """Which state the page shows: the class of its banner."""
        found = re.search(r'<div class="state (\w+)">', self.html)
        return found[1] if found else ""


class Clerk:
    """Has the mail of one purchase order: the link, and the code."""

    def __init__(self, shop: ScriptedShop, *lines: tuple[str, int]) -> None:
        self.shop = shop
        self.name = buy(shop, *lines)
        made = link("https://api.example.com/purchase-orders", self.po.reference, SECRET, shop.clock.now().date())
        self.token, self.code = made.rpartition("/")[2], code_of(self.po.reference, SECRET)

    @property
    def po(self) -> PurchaseOrder:
        """The purchase order as it is now."""
        return self.shop.purchase_orders(self.name)[0]

    def ask(self, method: str = "GET", body: str = "", *, token: str = "", **event: Any) -> Page:
        """One request to the function."""
        given = {
            "requestContext": {"http": {"method": method}},
            "pathParameters": {"token": token or self.token},
            "body": body,
            "isBase64Encoded": False,
            **event,
        }
        answer = call("serve_supplier_page", given, self.shop.wiring)
        return Page(answer["statusCode"], answer["body"], answer["headers"])

    def send(self, act: str, code: str | None = None, **fields: str) -> Page:
        """Fill a form in and send it, with the code of the mail where no other is given."""
        form = {**{name.replace("__", "-"): text for name, text in fields.items()}, "act": act}
        return self.ask("POST", urlencode({**form, "code": self.code if code is None else code}))


def clerk_of(shop: ScriptedShop, *lines: tuple[str, int]) -> Clerk:
    """The clerk of a purchase order with these lines."""
    assert PARTS in shop._config.connections
    return Clerk(shop, *lines)


@contextmanager
def files_bucket(shop: ScriptedShop) -> Iterator[Any]:
    """The shop has a bucket of files; gives the client to look into it."""
    s3 = shop.aws.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    shop._environ["FILES_BUCKET"] = BUCKET
    shop.wiring = shop.new_worker()
    yield s3
    for kept in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=kept["Key"])
    s3.delete_bucket(Bucket=BUCKET)
