"""Who reports a supplier's offers, and whose word counts: the supplier itself and its feeds, in order (promises P3, P4)."""

from __future__ import annotations

from typing import NamedTuple


class Sources(NamedTuple):
    """`supplier` is its id, "" for one that is not in the file any more. Of `feeds` the first counts first; of each it is what
    offers keep (Identity.source). `stockless` and `costless` are those of them that do not tell this figure.
    """

    supplier: str
    feeds: tuple[str, ...]
    stockless: frozenset[str] = frozenset()
    costless: frozenset[str] = frozenset()

    @property
    def of_stock(self) -> Sources:
        """Those who report stock."""
        return Sources(self.supplier, tuple(feed for feed in self.feeds if feed not in self.stockless))

    @property
    def of_cost(self) -> Sources:
        """Those who report cost."""
        return Sources(self.supplier, tuple(feed for feed in self.feeds if feed not in self.costless))

    def of_feed(self, feed: str) -> str:
        """What offers keep of a feed, by its id."""
        return next((source for source in self.feeds if connection_of(source) == feed), feed)

    def is_known(self, source: str) -> bool:
        """Still reports. "" is nobody: an offer that an older version wrote, or that left its file."""
        return source in ("", self.supplier, *self.feeds)

    def is_behind(self, source: str, other: str) -> bool:
        """Both are feeds, and `other` comes first in the order."""
        return source in self.feeds and other in self.feeds[: self.feeds.index(source)]

    def may_replace(self, before: str, by: str, *, newer: bool) -> bool:
        """Nothing older over newer, but over the word of a source that is gone, or that is behind in the order."""
        return newer or not self.is_known(before) or self.is_behind(before, by)


def connection_of(source: str) -> str:
    """The connection's id."""
    return source.partition("@")[0]
