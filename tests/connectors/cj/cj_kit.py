"""A CJ connector on the sandbox's CJ, with every request held against the documented contract."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from local.sandbox.cj import CjConfig, CjSupplier
from local.sandbox.goods import GOODS
from local.sandbox.wire import Delivery, World
from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer, Transport
from orderwright.connectors.suppliers.cj.client import CjClient
from orderwright.connectors.suppliers.cj.connector import CjConnector
from orderwright.connectors.suppliers.cj.settings import CjSettings
from orderwright.domain.order import Address
from orderwright.ports.supplier import PurchaseLine, PurchaseRequest
from tests.connectors.cj.cj_schemas import check
from tests.support.fakes import FakeClock
from tests.support.sandbox_transport import sandbox_transport
from tests.support.stand import Keys as AnyKeys

BASE = "https://cj.example.com"
PREFIX = "/api2.0/v1/"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SAMPLES = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts"))
TORCH, PRO = GOODS[0], GOODS[2]


def sample(name: str) -> Any:
    """One sample of the vendor's, or a skip where there are none."""
    path = SAMPLES / "suppliers" / "cjdropshipping" / name
    if not path.exists():
        pytest.skip(f"no vendor samples at {SAMPLES}")
    return json.loads(path.read_bytes(), parse_float=Decimal)


class Keys(AnyKeys):
    """Credentials with CJ's key."""

    def __init__(self, token: str | None = None, extra: dict[str, str] | None = None, **secrets: str) -> None:
        super().__init__(token, extra, **{"api_key": CjConfig().api_key, **secrets})


@dataclass
class Call:
    """One request as it was sent."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class Shop:
    """The connector, what it sent, and the vendor behind it."""

    connector: CjConnector
    client: CjClient
    vendor: CjSupplier
    world: World
    clock: FakeClock
    keys: Keys
    calls: list[Call]
    sleeps: list[timedelta]
    deliveries: list[Delivery] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [call.path for call in self.calls]

    def ledger(self, kind: str) -> list[Mapping[str, Any]]:
        return [entry.data for entry in self.world.ledger.of_kind("cj", kind)]


def watched(transport: Transport, calls: list[Call]) -> Transport:
    """Keeps each request and holds it against the contract."""

    def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        parts = urlsplit(url)
        assert url.startswith(BASE + PREFIX)
        query = dict(parse_qsl(parts.query))
        call = Call(method, parts.path.removeprefix(PREFIX), query, json.loads(body) if body else None, dict(headers))
        check(call.method, call.path, set(query), call.body)
        calls.append(call)
        return transport(method, url, headers, body, timeout)

    return send


def open_shop(config: CjConfig | None = None, settings: dict[str, Any] | None = None, keys: Keys | None = None) -> Shop:
    """A connector with a valid token at a fresh sandbox."""
    clock = FakeClock(START)
    deliveries: list[Delivery] = []
    world = World(clock=clock.now, deliver=deliveries.append)
    vendor = CjSupplier(world, config)
    keys = keys or Keys(token=vendor.access.issue().access)
    calls: list[Call] = []
    sleeps: list[timedelta] = []

    def sleep(duration: timedelta) -> None:
        sleeps.append(duration)
        clock.at += duration

    context = Context(
        "cj-main",
        CjSettings(kind="cj", base_url=BASE, **(settings or {})),
        keys,
        watched(sandbox_transport({BASE: vendor.handle}), calls),
        clock,
        timedelta(seconds=3),
    )
    client = CjClient(context, sleep)
    return Shop(CjConnector(client), client, vendor, world, clock, keys, calls, sleeps, deliveries)


def answering(answer: Any, status: int = 200, *, then: Any = None) -> CjConnector:
    """A connector whose vendor gives this one answer to everything; with `then` only once, and that one ever after."""
    bodies = [one if isinstance(one, bytes) else json.dumps(one, default=float).encode() for one in (answer, then)]
    answers = chain(bodies[:1], repeat(bodies[then is not None]))
    transport: Transport = lambda *_: HttpAnswer(status, {}, next(answers))  # noqa: E731
    keys, settings = Keys(token="t"), CjSettings(kind="cj", base_url=BASE)
    context = Context("cj-main", settings, keys, transport, FakeClock(START), timedelta(seconds=3))
    return CjConnector(CjClient(context, lambda _: None))


def request(
    vendor_ids: Mapping[str, str] | None = None, method: str = "CJPacket Ordinary", **address: str
) -> PurchaseRequest:
    """An order of two torches to Tampere."""
    to = {
        "name": "Aino Esimerkki",
        "line1": "Esimerkkikatu 1",
        "city": "Tampere",
        "postcode": "33100",
        "country_code": "FI",
        "phone": "+358400000000",
        **address,
    }
    line = PurchaseLine("gid://shopify/LineItem/1", TORCH.supplier.supplier_sku, TORCH.supplier.vid, 2)
    return PurchaseRequest(
        "OW-1001-1", Address(**to), "aino@example.com", to["phone"], (line,), method, dict(vendor_ids or {})
    )


def run_until(shop: Shop, last: str) -> dict[str, str]:
    """Run the steps up to and with `last`; gives the vendor's ids."""
    ids: dict[str, str] = {}
    for step in shop.connector.steps:
        ids = shop.connector.run_step(step.name, request(ids)).vendor_ids
        if step.name == last:
            break
    return ids
