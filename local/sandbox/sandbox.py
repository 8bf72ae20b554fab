"""All vendors of one sandbox in one world: one clock, one ledger, one warehouse, one lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from local.sandbox.bigcommerce import BigCommerceConfig, BigCommerceStore
from local.sandbox.cj import CjConfig, CjSupplier
from local.sandbox.competitors import CompetitorFile
from local.sandbox.easypost import EasyPostCarrier
from local.sandbox.easypost.carrier import EasyPostConfig
from local.sandbox.feed import FeedConfig, StockFeed
from local.sandbox.kit.vendor import Account
from local.sandbox.outbox import Outbox
from local.sandbox.shopify import ShopifyConfig, ShopifyStore
from local.sandbox.wire import Delivery, Faults, Request, Response, World, json_response
from local.sandbox.woocommerce import WooConfig, WooStore


@dataclass(frozen=True)
class SandboxSettings:
    """`deliver` True posts webhooks over HTTP (see Outbox), False only collects them. `seed` makes parcel numbers repeatable.
    `time_scale` shortens the vendors' retry gaps. `clock` None is the real time."""

    deliver: bool = True
    time_scale: float = 1 / 60
    seed: int = 1
    clock: Callable[[], datetime] | None = None
    shopify: ShopifyConfig = field(default_factory=ShopifyConfig)
    woocommerce: WooConfig = field(default_factory=WooConfig)
    bigcommerce: BigCommerceConfig = field(default_factory=BigCommerceConfig)
    cj: CjConfig = field(default_factory=CjConfig)
    easypost: EasyPostConfig = field(default_factory=EasyPostConfig)
    feed: FeedConfig = field(default_factory=FeedConfig)


@dataclass(frozen=True)
class Kind:
    """One line of the table of vendors. `role` is store, supplier, carrier, feed or signal: who has it on the pages.

    `make` gives the stand-in (see local.sandbox.kit), from the world, the settings, and the stand-ins that were made before it.
    """

    name: str
    role: str
    make: Callable[[World, SandboxSettings, Mapping[str, Any]], Any]


# Copies: a dashboard setting of one sandbox must not reach another that was made from the same settings.
VENDORS = (
    Kind("shopify", "store", lambda world, settings, _: ShopifyStore(world, replace(settings.shopify))),
    Kind("woocommerce", "store", lambda world, settings, _: WooStore(world, replace(settings.woocommerce))),
    Kind("bigcommerce", "store", lambda world, settings, _: BigCommerceStore(world, replace(settings.bigcommerce))),
    Kind("cj", "supplier", lambda world, settings, _: CjSupplier(world, replace(settings.cj))),
    Kind("easypost", "carrier", lambda world, settings, _: EasyPostCarrier(world, settings.easypost)),
    Kind("feed", "feed", lambda world, settings, made: StockFeed(world, made["cj"].inventory, settings.feed)),
    Kind("competitors", "signal", lambda world, settings, _: CompetitorFile(world)),
)


def make_vendors(world: World, settings: SandboxSettings, kinds: Iterable[Kind] = VENDORS) -> dict[str, Any]:
    """One stand-in of each kind, by its name."""
    made: dict[str, Any] = {}
    for kind in kinds:
        made[kind.name] = kind.make(world, settings, made)
    return made


def faults_holder(vendor: Any) -> Any:
    """What has the `faults` of a vendor: itself, or its configuration."""
    return vendor if hasattr(vendor, "faults") else vendor.config


class Sandbox:
    """`handle` answers a request to /<kind>, such as /shopify or /cj; the vendor sees the path behind its prefix.

    `more` are vendors beside those of VENDORS. Everything that reads or changes a vendor directly does so inside
    `with sandbox.locked():`.
    """

    def __init__(self, settings: SandboxSettings | None = None, more: Iterable[Kind] = ()) -> None:
        self.settings = settings or SandboxSettings()
        self.collected: list[Delivery] = []
        self._lock = threading.RLock()
        self.world = World(random=Random(self.settings.seed))
        if self.settings.clock is not None:
            self.world.clock = self.settings.clock
        kinds = (*VENDORS, *more)
        self.roles = {kind.name: kind.role for kind in kinds}
        self.vendors = make_vendors(self.world, self.settings, kinds)
        self.store: ShopifyStore = self.vendors["shopify"]
        self.supplier: CjSupplier = self.vendors["cj"]
        self.carrier: EasyPostCarrier = self.vendors["easypost"]
        self.feed: StockFeed = self.vendors["feed"]
        self.competitors: CompetitorFile = self.vendors["competitors"]
        manners = {name: vendor.manners for name, vendor in self.vendors.items() if hasattr(vendor, "manners")}
        self.outbox = Outbox(self._record, self._report, self.settings.time_scale, manners)
        self.world.deliver = self.outbox.submit if self.settings.deliver else self.collected.append

    def of_role(self, role: str) -> dict[str, Any]:
        """All vendors of one role by kind, the built-in one first."""
        return {name: vendor for name, vendor in self.vendors.items() if self.roles[name] == role}

    def faults_of(self, vendor: str) -> Faults:
        """The scripted misbehaviour of a kind of vendor; a role means its built-in one. Raises KeyError for any other name."""
        kind = next(iter(self.of_role(vendor)), vendor)
        found: Faults = faults_holder(self.vendors[kind]).faults
        return found

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The merchant's accounts with their credentials."""
        return tuple(vendor.account for vendor in self.vendors.values())

    def locked(self) -> AbstractContextManager[bool]:
        """Keep all vendors still for a moment; may be nested."""
        return self._lock

    def serves(self, path: str) -> bool:
        """True for a path that belongs to a vendor."""
        return path.lstrip("/").partition("/")[0] in self.vendors

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request; 404 for a path of no vendor."""
        prefix, _, rest = request.path.lstrip("/").partition("/")
        vendor = self.vendors.get(prefix)
        if vendor is None:
            known = ", ".join(f"/{name}" for name in self.vendors)
            return json_response({"error": f"no vendor answers here; paths begin with {known}"}, 404)
        with self._lock:
            answer: Response = vendor.handle(replace(request, path=f"/{rest}"))
        return answer

    def tick(self) -> None:
        """Let everything happen that is due: late effects, automatic shipping."""
        with self._lock:
            for vendor in self.vendors.values():
                vendor.tick()

    def _record(self, vendor: str, kind: str, reference: str, **data: Any) -> None:
        with self._lock:
            self.world.record(vendor, kind, reference, **data)

    def _report(self, delivery: Delivery, ok: bool) -> None:
        hears = getattr(self.vendors.get(delivery.vendor), "report_delivery", None)
        if hears is not None:
            with self._lock:
                hears(delivery.url, ok)
