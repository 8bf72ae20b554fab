"""What polling a full stock feed needs beside Storage: the last feed in parts, and its reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.order import Reason
from orderwright.domain.stock_diff import FeedShards, Row
from orderwright.domain.unit_cost import UnitCost


class FeedAnswer(NamedTuple):
    """A feed's download. `lines` is None when nothing changed since `etag` (HTTP 304).

    `seen`: what a listing showed, to be given back at the next poll. `waits`: a newer file may still be written.
    `modified_at`: the file's own time, where it is told. `newer`: an incremental file's bytes, or `fault`: why they cannot be
    had; `same`: only that one is new.
    """

    etag: str
    observed_at: datetime
    lines: Iterator[bytes] | None
    length: int | None
    seen: str = ""
    waits: bool = False
    modified_at: datetime | None = None
    newer: Sequence[bytes] | None = None
    same: bool = False
    fault: Reason | None = None


class FileForm(NamedTuple):
    """How a file is written. `separator`: of its columns; `header_line` from 1, 0 for none; `used`: which column is what.

    `settings`: those that would declare this form in orderwright.yaml.
    """

    separator: str
    encoding: str
    decimal_signs: Mapping[str, str]
    header_line: int
    columns: Sequence[str]
    used: Mapping[str, str]
    settings: Mapping[str, str | int]


class SupplierFeed(Protocol):
    """A file of stock and cost."""

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        """Start the download, asking only for changes since `etag`.

        `seen`: what the answer before had; then a file that may still be written is left for the next poll. None: a look of a
        person, who wants to see what is there.
        """

    def read_feed(
        self,
        pieces: Iterable[bytes],
        signs: Mapping[str, str],
        tell: Callable[[FileForm], None] | None = None,
        newer: Iterable[bytes] | None = None,
    ) -> FeedContent:
        """Read a feed of any size, and its incremental file. `signs` are the decimal signs that earlier files showed.

        A feed that finds out how its file is written gives that to `tell` at the end, also of a file that is refused.
        Raises Rejected (a code FEED_...) for a whole that is not to be believed.
        """

    def read_goods(self, signs: Mapping[str, str], seen: str | None = None) -> Iterator[GoodsRow | BadRow]:
        """The goods of a feed whose settings say that it tells_goods, after the whole file was read. Raises as both above."""


class Snapshots(Protocol):
    """The last good feed of a connection, one compressed part per shard.

    Two slots a shard, told apart by the generation's last bit: a new part never overwrites the one in use.
    """

    def get(self, connection: str, shard: int, generation: int) -> bytes | None:
        """The part of exactly this generation; None when it is not there, or its slot holds another generation."""

    def put(self, connection: str, shard: int, generation: int, data: bytes) -> None:
        """Keep a part. It counts only once the feed's manifest names its generation."""


class BadRow(NamedTuple):
    """A row that says nothing: its line from 1, the cell (sku, stock, cost, currency or row) and what is wrong with it.

    `sku` is given where that cell itself is good: its last known values stay.
    """

    line: int
    field: str
    why: str
    sku: str = ""


class GoodsRow(NamedTuple):
    """A row as goods, under the SKU of the file. `cost` is None where this file tells none. `bad`: cells that were left out."""

    line: int
    record: SkuRecord
    cost: UnitCost | None
    freight: UnitCost
    bad: tuple[BadRow, ...] = ()


class FeedContent(NamedTuple):
    """A whole feed, read: its good rows by shard, how many rows cannot be read, and the first of both to show.

    `signs`: the decimal signs that the numbers of this file show, by the column's name; kept with the feed. `fault`: why the
    incremental file beside it is not in it.
    """

    shards: FeedShards
    bad_rows: int
    examples: Sequence[BadRow]
    signs: Mapping[str, str]
    first: Sequence[Row]
    fault: Reason | None = None
