"""A supplier that is polled: what the tests of counted calls and of reservations share."""

from __future__ import annotations

from orderwright.domain.operations import Cursor
from orderwright.messages import Message
from orderwright.records import poll_key
from orderwright.usecases.poll_stock import poll_stock
from tests.support.catalogue_world import World, message, new_token
from tests.support.fakes import FakeFeed, FakeStock


class PolledSupplier:
    """A supplier that answers for every SKU of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.stock = FakeStock(clock=world.clock)

    def run(self, asked: Message | None = None) -> None:
        poll_stock(
            asked or message("stock.poll_due", connection="cj"),
            storage=self.world.storage,
            config=self.world.config,
            feed_for=lambda connection: FakeFeed(),
            stock_for=lambda connection: self.stock,
            signal_for=lambda connection: None,
            snapshots=self.world.snapshots,
            clock=self.world.clock,
            timing=self.world.timing,
            new_token=new_token,
        )

    @property
    def used(self) -> int:
        stored = self.world.storage.get(poll_key("cj"), Cursor)
        return stored.model.points_used if stored else 0
