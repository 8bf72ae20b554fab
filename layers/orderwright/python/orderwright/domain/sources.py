"""Who reports a supplier's offers, and whose word counts: the supplier itself and its feeds, in order (promises P3, P4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from orderwright.domain.order import Reason

if TYPE_CHECKING:
    from orderwright.domain.catalogue import Offer
    from orderwright.domain.config import Config


SOURCE_GONE = "SOURCE_GONE"


class Sources(NamedTuple):
    """`supplier` is its id, "" for one that is not in the file any more. Of `feeds` the first counts first; of each it is what
    offers keep (Identity.source).
    """

    supplier: str
    feeds: tuple[str, ...]

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


def source_gone(offer: Offer, config: Config) -> Reason | None:
    """Why nobody knows this offer's stock or cost any more, so that it is not for sale; None where somebody does."""
    sources, supplier = config.sources_of(offer.supplier), config.name_of(offer.supplier)
    if not sources.supplier:
        message = f"{supplier} is not in the configuration any more: nothing of its SKU {offer.sku} is for sale"
        fix = f"put {supplier} back into orderwright.yaml and apply it, or have another supplier offer the SKU"
        return Reason(code=SOURCE_GONE, message=message, fix=fix, field="connections")
    for what, source in (("stock", offer.stock_from), ("cost", offer.cost_from)):
        if not sources.is_known(source):
            known_by = f"came from {config.name_of(connection_of(source))}, which was taken out"
            message = f"the {what} of SKU {offer.sku} at {supplier} {known_by}"
            fix = (f"wait for the next poll of {supplier}'s feeds; without one set poll_stock: true for {supplier}; a cost"
                   f" comes with `orderwright catalogue import {supplier}`")  # fmt: skip
            return Reason(code=SOURCE_GONE, message=message, fix=fix, field="connections")
    return None
