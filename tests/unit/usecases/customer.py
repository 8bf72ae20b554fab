"""A customer with the link to the page of their order, who fills its forms in."""

from __future__ import annotations

import itertools
import re
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlencode

from orderwright.domain.base import Model
from orderwright.domain.tracking_page import ShopFace
from orderwright.records import SHOP_FACE, track_key
from orderwright.storage import Copy
from orderwright.usecases.operator.tracking_key import open_pages
from tests.support.handlers import call
from tests.unit.usecases.order_shop import OrderShop, buy

ADDRESS = "https://api.example.com"
_VERSIONS = itertools.count(1000)


class Answered(NamedTuple):
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
    def fields(self) -> dict[str, str]:
        """The form to withdraw, or to send back, as it stands there: each field that is typed in, and the hidden ones."""
        form = next((one for one in re.findall(r"<form.*?</form>", self.html, re.DOTALL) if 'name="n"' in one), "")
        found = [dict(re.findall(r'(name|value)="([^"]*)"', one)) for one in re.findall(r"<input[^>]*>", form)]
        return {unescape(one["name"]): unescape(one["value"]) for one in found}


class Customer:
    """Buys, and has the link of the mail."""

    def __init__(self, shop: OrderShop, *lines: tuple[str, int]) -> None:
        self.shop = shop
        open_pages(shop.wiring.secrets, ADDRESS)
        shop.wiring.storage.commit([Copy(SHOP_FACE, ShopFace.of(shop._config), 1)])
        shop.wiring = shop.new_worker()
        self.name = buy(shop, *lines)
        self.order = shop.order(self.name)
        self.mark: str = self.order.record.model.link_mark
        self.token = shop.wiring.tracking_links().link(self.order.pk, self.mark).rpartition("/")[2]

    def send(
        self,
        form: dict[str, str] | None = None,
        *,
        body: str = "",
        token: str | None = None,
        lang: str = "",
        **event: Any,
    ) -> Answered:
        """A form of the page."""
        given = {
            "requestContext": {"http": {"method": "POST"}},
            "pathParameters": {"token": self.token if token is None else token},
            "rawQueryString": urlencode({"lang": lang}) if lang else "",
            "body": body or urlencode(form or {}),
            **event,
        }
        answer = call("take_customer_request", given, self.shop.wiring)
        return Answered(answer["statusCode"], answer["body"], answer["headers"])

    def form(self) -> dict[str, str]:
        """The form of the page as it is now."""
        return self.send({}).fields

    def kept(self) -> dict[str, Any]:
        """What is stored of it, by sort key."""
        return {key.sk: item for key, item in self.shop.wiring.storage.list_raw("orders", f"REQUEST#{self.mark}")}

    def shows(self, sk: str, part: Model) -> None:
        """Another part of the page, as the order's functions would write it."""
        self.shop.wiring.storage.commit([Copy(track_key(self.mark, sk), part, next(_VERSIONS))])

    def part(self, sk: str) -> dict[str, Any]:
        """A part of the page as it is stored."""
        found = self.shop.wiring.storage.get_raw(track_key(self.mark, sk))
        assert found is not None
        return dict(found[0]["body"])
