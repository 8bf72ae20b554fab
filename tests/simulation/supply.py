"""Who supplies a world: its words, and how its connection is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from local.sandbox.cj import CjSupplier
from local.sandbox.goods import GOODS, Good
from local.sandbox.sandbox import Kind
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from orderwright.ports.connection import Subscription
from tests.simulation.judge.vendors import Words
from tests.simulation.judge.vendors.cj import CJ
from tests.support.hooks import subscribe
from tests.support.shop import SUPPLIER, admit, hook


class Supply(NamedTuple):
    """`admits` writes the connection's secrets down, `subscribes` asks for its webhooks; `more` are stand-ins that it needs,
    `settings` what orderwright.yaml says of it where that is not what tests say of CJ.

    `beside` are further connections, by id, as in orderwright.yaml, each with its "account"; `furnishes` brings their goods.
    `names` is what the supplier calls an article: its SKU, its own id, and that of what it is a variant of.
    """

    words: Words
    admits: Callable[[SecretStore, Any], None]
    subscribes: Callable[[Wiring], None]
    names: Callable[[Good], tuple[str, str, str]]
    more: tuple[Kind, ...] = ()
    settings: Mapping[str, Any] = MappingProxyType({})
    beside: Mapping[str, Mapping[str, Any]] = MappingProxyType({})
    furnishes: Callable[[Any, Wiring], None] = lambda sim, wiring: None


def _admit_cj(secrets: SecretStore, supplier: CjSupplier) -> None:
    secrets.write(SUPPLIER, "secrets", {"api_key": supplier.config.api_key})
    admit(secrets, SUPPLIER, "cj", str(supplier.config.open_id))


def _subscribe_cj(wiring: Wiring) -> None:
    vids = tuple(good.supplier.vid for good in GOODS)
    subscribe(wiring, SUPPLIER, Subscription(hook(SUPPLIER), goods=vids))


def _names_cj(good: Good) -> tuple[str, str, str]:
    return good.supplier.supplier_sku, good.supplier.vid, good.supplier.pid


CJ_SUPPLY = Supply(CJ, _admit_cj, _subscribe_cj, _names_cj)
