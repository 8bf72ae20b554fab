"""One way to reach a customer: how a message is made for it and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from orderwright.domain.shipment import Milestone
from orderwright.records import OrderFile


def _never(_: OrderFile) -> str:
    return ""


class Channel(NamedTuple):
    """`wanted` says why not to send ("" when it may be sent); `send` makes the message, sends it, gives the provider's id.

    `ended` gives the code of what came back from this address before, after which nothing more is sent there; else "".
    `mark` stands for the address, where news of a message may come later.
    """

    name: str
    wanted: Callable[[OrderFile, Milestone], str]
    send: Callable[[OrderFile, str, Milestone], str]
    ended: Callable[[OrderFile], str] = _never
    mark: Callable[[OrderFile], str] = _never
