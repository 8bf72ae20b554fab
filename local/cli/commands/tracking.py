"""orderwright tracking: the links to customers' pages."""

from __future__ import annotations

from local.cli.answer import Answer
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.usecases.operator.tracking_key import MOST_KEYS, new_key

tracking = WholeHelp("tracking", help="The links to customers' pages.")


@command(tracking, "new-key", changes=True)
def change_key(shop: Shop) -> Answer:
    """Make links of new orders with a new key, if somebody may have seen the old one.

    Links of before stay valid until they end with their orders: nothing is sent again.
    """
    links = new_key(shop.wiring.secrets)
    kept = len(links.keys) - 1
    told = [
        "links of new orders are made with the new key within minutes",
        "links of before stay valid until they end with their orders",
        f"keys kept for later mails of these orders: {kept}, and at most {MOST_KEYS - 1}",
    ]
    return Answer({"keys_kept": kept}, told)
