"""orderwright carry-over: what an upgrade needs before the new functions run."""

from __future__ import annotations

import json

from local.cli.answer import Answer
from local.cli.shop import Shop
from orderwright.usecases.operator.applying import current_config
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.webhook_door import carry_over as carry_over_webhooks


def carry_over(shop: Shop) -> Answer:
    """Before an upgrade: write down for the new version what this one kept elsewhere. `make deploy` does it.

    Webhook addresses and their secrets: vendors go on posting to the addresses that they have. Repeating it is harmless.
    """
    names = _names(shop)
    done = [name for name in names if carry_over_webhooks(shop.wiring.secrets, name, shop.wiring.clock.now())]
    told = f"carried over: webhook addresses of {', '.join(done)}" if done else "nothing to carry over"
    return Answer({"webhook_addresses": done}, [told])


def _names(shop: Shop) -> list[str]:
    """The ids of what is applied, also where its rules are of another version; none before the first deployment."""
    try:
        stored = current_config(shop.storage).stored
    except Refused as refusal:
        if refusal.code != "NO_STACK":
            raise
        return []
    if stored is None:
        return []
    ids = {identity.name: identity.id for identity in stored.identities}
    return sorted(ids.get(name, name) for name in json.loads(stored.document)["connections"])
