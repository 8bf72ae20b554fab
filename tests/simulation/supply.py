"""Who supplies a world: its words, and how its connection is opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from local.sandbox.cj import CjSupplier
from local.sandbox.goods import GOODS
from local.sandbox.sandbox import Kind
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from orderwright.ports.connection import Subscription
from tests.simulation.judge.vendors import Words
from tests.simulation.judge.vendors.cj import CJ
from tests.support.hooks import subscribe
from tests.support.shop import SUPPLIER, admit, hook


class Supply(NamedTuple):
    """`admits` writes the connection's secrets down, `subscribes` asks for its webhooks; `more` are stand-ins that it needs."""

    words: Words
    admits: Callable[[SecretStore, Any], None]
    subscribes: Callable[[Wiring], None]
    more: tuple[Kind, ...] = ()


def _admit_cj(secrets: SecretStore, supplier: CjSupplier) -> None:
    secrets.write(SUPPLIER, "secrets", {"api_key": supplier.config.api_key})
    admit(secrets, SUPPLIER, "cj", str(supplier.config.open_id))


def _subscribe_cj(wiring: Wiring) -> None:
    vids = tuple(good.supplier.vid for good in GOODS)
    subscribe(wiring, SUPPLIER, Subscription(hook(SUPPLIER), goods=vids))


CJ_SUPPLY = Supply(CJ, _admit_cj, _subscribe_cj)
