"""What a real WooCommerce 11.0.1 answered and sent, from the folder of contracts; and a transport that gives such answers."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.http import HttpAnswer
from orderwright.connectors.stores.woocommerce.connector import WooConnector, build
from orderwright.connectors.stores.woocommerce.nodes import WooNode
from orderwright.connectors.stores.woocommerce.order_mapping import Goods, parse_order
from orderwright.connectors.stores.woocommerce.settings import WooSettings
from orderwright.domain.order import StoreOrder
from tests.support.fakes import FakeClock
from tests.support.source import ROOT
from tests.support.stand import BASE, Keys

CONTRACTS = Path(os.environ.get("ORDERWRIGHT_CONTRACTS", ROOT.parent / "shared" / "contracts")) / "woocommerce"
FOLDER = CONTRACTS / "recorded_11.0.1"
needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the vendors' contracts are not on this machine: set ORDERWRIGHT_CONTRACTS"
)
HOOK_SECRET = "s3cr&t<>\"'ä"
"""What the recorded webhooks were signed with."""


def file(name: str) -> dict[str, Any]:
    """One recording."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes(), parse_float=Decimal)
    return found


def body(name: str) -> Any:
    """What was answered."""
    return file(name)["response"]["body"]


def sent(name: str) -> tuple[dict[str, str], bytes]:
    """A delivery: its headers, and its very bytes."""
    request = file(name)["request"]
    return {key.lower(): value for key, value in request["headers"].items()}, base64.b64decode(request["body_b64"])


def settings(**lines: Any) -> WooSettings:
    """A shop that sells in EUR, as the recorded one."""
    return WooSettings.model_validate({"kind": "woocommerce", "base_url": BASE, "currency": "EUR", **lines})


def parsed(name: str, refunds: str = "", goods: Mapping[str, Goods] | None = None, **lines: Any) -> StoreOrder:
    """A recorded order, with its recorded refunds."""
    back = [WooNode(row, "refund") for row in (body(refunds) if refunds else ())]
    return parse_order(WooNode(body(name), "order"), back, goods or {}, {}, "woo", settings(**lines))


def all_orders() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every order in every sample, with the file that it stands in."""
    return _all("order", {"line_items", "status", "billing", "currency"})


def all_goods() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every product and variation in every sample."""
    return _all("product", {"regular_price", "sku", "id", "manage_stock", "permalink"})


def _all(named: str, keys: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:

    def within(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if keys <= value.keys():
                yield value
            for one in value.values():
                yield from within(one)
        elif isinstance(value, list):
            for one in value:
                yield from within(one)

    for path in sorted(CONTRACTS.glob(f"*/*{named}*.json")):
        try:
            data = json.loads(path.read_bytes(), parse_float=Decimal)
        except ValueError:
            continue  # one is damaged on purpose
        yield from ((path.name, one) for one in within(data))


class Playing:
    """Gives recorded answers by method and path, in this order and the last one for ever; keeps what it was asked."""

    def __init__(self, *names: str, **lines: Any) -> None:
        self.asked: list[tuple[str, str, Mapping[str, str], bytes | None]] = []
        self.answers: dict[tuple[str, str], list[HttpAnswer]] = {}
        for request, response in ((one["request"], one["response"]) for one in map(file, names)):
            headers = {key.lower(): str(value) for key, value in response["headers"].items()}
            content = json.dumps(response["body"], default=float).encode()
            answer = HttpAnswer(response["status"], headers, content)
            self.answers.setdefault((request["method"], request["path"]), []).append(answer)
        self._settings = settings(**lines)

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, timeout: float
    ) -> HttpAnswer:
        self.asked.append((method, url, headers, content))
        waiting = self.answers[method, urlsplit(url).path]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def connector(self) -> WooConnector:
        """On this shop."""
        keys = Keys(None, None, consumer_key="ck_1", consumer_secret="cs_1", webhook_secret="whs-1")
        return build(Context("woo", self._settings, keys, self, FakeClock(), timedelta(seconds=3)))
