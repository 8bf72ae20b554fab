"""Why a stock file as a whole is not to be believed."""

from __future__ import annotations

from orderwright.errors import Rejected


class FeedBroken(Rejected):
    """The file as a whole is not to be believed. `code` is FEED_EMPTY, FEED_HEADER, FEED_UNREADABLE, FEED_TRUNCATED,
    FEED_SKUS_DAMAGED, FEED_NUMBERS_AMBIGUOUS or FEED_WAREHOUSES."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, code=code)
