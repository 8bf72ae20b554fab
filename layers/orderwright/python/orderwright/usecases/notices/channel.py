"""One way to reach a customer: how a message is made for it and sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from orderwright.domain.shipment import Milestone
from orderwright.records import OrderFile


class Channel(NamedTuple):
    """`wanted` says why not to send ("" when it may be sent); `send` makes the message, sends it, gives the provider's id."""

    name: str
    wanted: Callable[[OrderFile, Milestone], str]
    send: Callable[[OrderFile, str, Milestone], str]
