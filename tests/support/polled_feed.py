"""A supplier's stock file that is polled: what the tests of feeds share."""

from __future__ import annotations

from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.feed_state import FeedState
from orderwright.messages import Message
from orderwright.records import feed_key
from orderwright.usecases.poll_stock import poll_stock
from tests.support.catalogue_world import SKU, World, message, new_token
from tests.support.fakes import FakeFeed, FakeStock, feed_text

FEED = feed_key("feed")


class PolledFeed:
    """A feed with ten SKUs, and a way to poll it later."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.feed = FakeFeed(clock=world.clock)
        self.rows = {f"SKU-{number}": (5, "6.40") for number in range(9)} | {SKU: (10, "6.40")}
        self.show()

    def show(self, **changes: tuple[int, str] | None) -> None:
        """Change rows (None: it vanishes) and publish the file."""
        for sku, row in changes.items():
            name = sku.replace("_", "-")
            if row is None:
                self.rows.pop(name)
            else:
                self.rows[name] = row
        self.feed.text = feed_text((sku, qty, cost) for sku, (qty, cost) in self.rows.items())

    def poll(self, asked: Message | None = None, *, minutes: float = 5) -> None:
        self.world.clock.forward(minutes=minutes)
        settings = self.world.config.connections.get(asked.connection if asked else "feed")
        if isinstance(settings, CsvSettings):
            self.feed.settings = settings
        poll_stock(
            asked or message("stock.poll_due", connection="feed"),
            storage=self.world.storage,
            config=self.world.config,
            feed_for=lambda connection: self.feed,
            stock_for=lambda connection: FakeStock(clock=self.world.clock),
            signal_for=lambda connection: None,
            snapshots=self.world.snapshots,
            clock=self.world.clock,
            timing=self.world.timing,
            new_token=new_token,
        )

    @property
    def state(self) -> FeedState:
        stored = self.world.storage.get(FEED, FeedState)
        assert stored is not None
        return stored.model
