"""The story's buyers: three invented people from the sandbox, each with their language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from local.sandbox.sandbox import Sandbox
from local.sandbox.ui.buyers import PRESETS


def buy(
    sandbox: Sandbox,
    who: str,
    *lines: tuple[str, int],
    pay: str = "paid",
    sms: bool = False,
    oversell: bool = False,
    postcode: str | None = None,
    store: str = "shopify",
) -> str:
    """Let somebody buy in a store of the sandbox; gives the order's name. `postcode` "" leaves it out."""
    person = next(preset for preset in PRESETS.values() if preset.key == who)
    address: Any = person.address if postcode is None else replace(person.address, zip=postcode or None)
    with sandbox.locked():
        order = sandbox.vendors[store].buy(
            list(lines), person.buyer, address, pay=pay, sms=sms, locale=person.locale, oversell=oversell
        )
    return str(order.name)
