"""All vendors of one sandbox in one world: one clock, one ledger, one warehouse, one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from local.sandbox.cj import CjConfig, CjSupplier
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.easypost.carrier import EasyPostConfig
from local.sandbox.feed import PATH, FeedConfig, StockFeed
from local.sandbox.outbox import Outbox
from local.sandbox.shopify import ShopifyConfig, ShopifyStore
from local.sandbox.wire import Delivery, Request, Response, World, json_response

SUPPLIER_TOPICS = ("product", "stock", "order", "logistics")


@dataclass(frozen=True)
class SandboxSettings:
    """`deliver` True posts webhooks over HTTP (see Outbox), False only collects them. `seed` makes parcel numbers repeatable.
    `time_scale` shortens the vendors' retry gaps. `clock` None is the real time."""

    deliver: bool = True
    time_scale: float = 1 / 60
    seed: int = 1
    clock: Callable[[], datetime] | None = None
    shopify: ShopifyConfig = field(default_factory=ShopifyConfig)
    cj: CjConfig = field(default_factory=CjConfig)
    easypost: EasyPostConfig = field(default_factory=EasyPostConfig)
    feed: FeedConfig = field(default_factory=FeedConfig)


@dataclass(frozen=True)
class Account:
    """What a client needs to know of one vendor. `path` is the base address behind the server's own; `secrets` are what the
    merchant would copy from the vendor's pages; `webhook_secret` None where the client chooses it (EasyPost) or none exists."""

    kind: str
    path: str
    secrets: Mapping[str, str]
    webhook_secret: str | None = None

    def base_url(self, server_url: str) -> str:
        """The vendor's base address on this server."""
        return server_url.rstrip("/") + self.path


class Sandbox:
    """`handle` answers a request to /shopify, /cj, /easypost or /feed; the vendor sees the path behind its prefix.

    Everything that reads or changes a vendor directly does so inside `with sandbox.locked():`.
    """

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self.collected: list[Delivery] = []
        self._lock = threading.RLock()
        self.world = World(random=Random(self.settings.seed))
        if self.settings.clock is not None:
            self.world.clock = self.settings.clock
        self.outbox = Outbox(self._record, self._report, self.settings.time_scale)
        self.world.deliver = self.outbox.submit if self.settings.deliver else self.collected.append
        # Copies: a dashboard setting of one sandbox must not reach another that was made from the same settings.
        self.store = ShopifyStore(self.world, replace(self.settings.shopify))
        self.supplier = CjSupplier(self.world, replace(self.settings.cj))
        self.carrier = EasyPostCarrier(self.world, self.settings.easypost)
        self.feed = StockFeed(self.world, self.supplier.inventory, self.settings.feed)
        self._vendors: dict[str, Callable[[Request], Response]] = {
            "shopify": self.store.handle,
            "cj": self.supplier.handle,
            "easypost": self.carrier.handle,
            "feed": self._serve_feed,
        }

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The merchant's four accounts with their credentials."""
        store, supplier = self.store.config, self.supplier.config
        feed, carrier = self.feed.config, self.carrier.config
        return (
            Account(
                "shopify",
                "/shopify",
                {"client_id": store.client_id, "client_secret": store.client_secret, "shop_domain": store.shop_domain},
                store.client_secret,
            ),
            Account("cj", "/cj", {"api_key": supplier.api_key, "email": supplier.email}, str(supplier.open_id)),
            Account("csv_feed", f"/feed{PATH}", {"user": feed.user, "password": feed.password}),
            Account("easypost", "/easypost", {"api_key": carrier.api_key}),
        )

    @property
    def privacy_url(self) -> str | None:
        """Where Shopify sends app/uninstalled and the privacy topics: set on the app's own page, not by its API."""
        return self.store.config.privacy_url

    @privacy_url.setter
    def privacy_url(self, url: str | None) -> None:
        with self._lock:
            self.store.config.privacy_url = url

    @property
    def supplier_callback_url(self) -> str | None:
        """Where CJ sends its messages, as the merchant may also set it on CJ's own pages. None where topics differ."""
        urls = {self.supplier.messages.callbacks.get(topic) for topic in SUPPLIER_TOPICS}
        return urls.pop() if len(urls) == 1 else None

    @supplier_callback_url.setter
    def supplier_callback_url(self, url: str | None) -> None:
        with self._lock:
            for topic in SUPPLIER_TOPICS:
                if url is None:
                    self.supplier.messages.callbacks.pop(topic, None)
                else:
                    self.supplier.messages.callbacks[topic] = url

    def locked(self) -> AbstractContextManager[bool]:
        """Keep all vendors still for a moment; may be nested."""
        return self._lock

    def serves(self, path: str) -> bool:
        """True for a path that belongs to a vendor."""
        return path.lstrip("/").partition("/")[0] in self._vendors

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request; 404 for a path of no vendor."""
        prefix, _, rest = request.path.lstrip("/").partition("/")
        vendor = self._vendors.get(prefix)
        if vendor is None:
            known = ", ".join(f"/{name}" for name in self._vendors)
            return json_response({"error": f"no vendor answers here; paths begin with {known}"}, 404)
        with self._lock:
            return vendor(replace(request, path=f"/{rest}"))

    def tick(self) -> None:
        """Let everything happen that is due: late effects, automatic shipping."""
        with self._lock:
            self.store.tick()
            self.supplier.tick()
            self.carrier.tick()

    def _serve_feed(self, request: Request) -> Response:
        answer = self.feed.handle(request)
        if answer.status == 200 and request.method == "GET":
            rows = max(answer.body.count(b"\n") - 1, 0)
            kind = answer.headers.get("content-type", "").partition(";")[0]
            self.world.record("feed", "file_served", PATH, rows=rows, content_type=kind)
        return answer

    def _record(self, vendor: str, kind: str, reference: str, **data: Any) -> None:
        with self._lock:
            self.world.record(vendor, kind, reference, **data)

    def _report(self, delivery: Delivery, ok: bool) -> None:
        if delivery.vendor == "shopify":
            with self._lock:
                self.store.report_delivery(delivery.url, ok)
