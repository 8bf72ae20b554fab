"""Full stock feeds by difference: what changed since the last feed, in little memory, and when not to believe a feed.

    rows -> FeedShards (packed, parted by crc32 of the SKU) -> diff_shard(old snapshot, shard) -> Diff
                                                               sum of counts -> judge_feed -> apply, or break

A snapshot is gzip of sorted lines "sku<TAB>stock<TAB>cost in minor units<TAB>currency<LF>"; an unknown cost is empty,
and one with digits behind the minor unit has a point ("327.5"). Where a file tells the stock by warehouse, its parts
follow behind one more tab.
Rows are plain tuples and packed bytes: an object per row would cost hundreds of megabytes on a million SKUs.
"""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple, cast
from zlib import crc32

from orderwright.domain.connection_settings import FeedSettings
from orderwright.domain.money import minor_digits
from orderwright.domain.sku_matching import normal_form
from orderwright.domain.unit_cost import UnitCost

RowCost = int | Decimal
"""A cost in minor units: whole ones as int, else as Decimal without zeros at its end (327.5)."""
Row = tuple[str, int, RowCost | None, str]
"""(sku, stock in whole units or NOT_TOLD, cost in minor units or None when unknown, currency)

With stock by warehouse its fourth part is "currency<TAB>parts", so that all other files cost nothing: see with_places.
"""

_PLACES = "\x1f"
NOT_TOLD = -1
"""The stock in a row of a file that tells no stocks: a report of it says nothing of them."""

CURRENCY_CHANGED = 1_000_000
"""The percentage that stands for "the currency is another one": beyond every limit."""
FEWEST_ZEROED = 3
"""A breaker on fewer would keep a truly sold-out article of a small feed on sale."""


def cost_in(row: Row) -> UnitCost | None:
    """The cost of a row, with all its digits; None when it is unknown."""
    _, _, cost, currency = row
    if cost is None:
        return None
    currency = currency.partition("\t")[0]
    return UnitCost.parse(Decimal(cost).scaleb(-minor_digits(currency)), currency)


def with_places(currency: str, places: Mapping[str, int]) -> str:
    """The fourth part of a row whose stock lies in these warehouses; those without stock are left out."""
    parts = sorted(f"{name}={stock}" for name, stock in places.items() if stock > 0)
    return "\t".join((currency, _PLACES.join(parts))) if parts else currency


def places_in(row: Row) -> dict[str, int]:
    """Its stock by warehouse; empty where the file does not tell it."""
    parts = row[3].partition("\t")[2]
    found = (part.rpartition("=") for part in parts.split(_PLACES) if part)
    return {name: int(stock) for name, _, stock in found}


def shard_of(sku: str, shards: int) -> int:
    """The shard of a SKU: stable over processes and Python versions."""
    return crc32(sku.encode()) % shards


_LINE = "%s\t%d\t%s\t%s\n"


def pack(rows: Iterable[Row]) -> bytes:
    """Rows as snapshot lines, in the order given."""
    return "".join(map(_LINE.__mod__, _without_none(list(rows)))).encode()


def _without_none(rows: Sequence[Row]) -> Iterable[tuple[str, int, RowCost | str, str]]:
    if any(row[2] is None for row in rows):
        return [(sku, stock, "" if cost is None else cost, currency) for sku, stock, cost, currency in rows]
    return cast("Sequence[tuple[str, int, RowCost, str]]", rows)


def _unpack(line: bytes) -> Row:
    sku, stock, cost, currency = line.decode().split("\t", 3)
    return sku, int(stock), (Decimal(cost) if "." in cost else int(cost)) if cost else None, currency


def encode_shard(rows: Iterable[Row]) -> bytes:
    """A snapshot of these rows; the same rows in any order give the same bytes."""
    return _encode(pack(rows).split(b"\n")[:-1])


def _encode(lines: list[bytes]) -> bytes:
    lines.sort()
    lines.append(b"")
    # Level 1: a snapshot is read as often as written, and the default level takes four times the processor time.
    return gzip.compress(b"\n".join(lines), compresslevel=1, mtime=0)


def decode_shard(snapshot: bytes) -> Iterator[Row]:
    """The rows of a snapshot."""
    return map(_unpack, gzip.decompress(snapshot).split(b"\n")[:-1])


def rows_alike(snapshot: bytes, form: str) -> list[Row]:
    """The rows whose SKU has this normal form. Plain text is searched before it is taken apart: twenty times as fast."""
    text = gzip.decompress(snapshot)
    if text.isascii() and f"\n{form}\t".encode() not in b"\n" + text.lower().replace(b" ", b""):
        return []
    return [row for row in map(_unpack, text.split(b"\n")[:-1]) if normal_form(row[0]) == form]


class FeedShards:
    """The rows of one feed, parted by shard, about 25 bytes each. Of a SKU that comes twice the last row counts."""

    def __init__(self, shards: int) -> None:
        self._packed = [bytearray() for _ in range(shards)]
        self._kept = [bytearray() for _ in range(shards)]  # packed as well: every row of a file may be a bad one
        self._as_known: set[str] = set()
        self._by_place = False
        self.rows = 0

    def add_all(self, rows: Sequence[Row], places: Sequence[str] = ()) -> None:
        """Take many good rows; a few thousand at a time is fastest. `places`: their warehouses, whose stocks are added up."""
        if places:
            rows = [
                (sku, stock, cost, f"{currency}\t{place}")
                for (sku, stock, cost, currency), place in zip(rows, places, strict=True)
            ]
            self._by_place = True
        packed, shards = self._packed, len(self._packed)
        hashes = map(crc32, [row[0].encode() for row in rows])
        lines = map(_LINE.__mod__, _without_none(rows))
        for number, line in zip(hashes, lines, strict=True):
            packed[number % shards] += line.encode()
        self.rows += len(rows)

    def keep(self, sku: str, *, known: bool = False) -> None:
        """This SKU is in the feed, but its row cannot be read: what was known of it stays.

        `known`: so it is even if the feed has a good row of it.
        """
        if known:
            self._as_known.add(sku)
        self._kept[shard_of(sku, len(self._kept))] += f"{sku}\n".encode()

    def lay_over(self, newer: FeedShards) -> None:
        """Rows of a file with changes count in place of these. How many rows there are is what the whole file says."""
        for mine, theirs in zip((*self._packed, *self._kept), (*newer._packed, *newer._kept), strict=True):
            mine += theirs
        self._as_known |= newer._as_known
        self._by_place |= newer._by_place

    def take(self, shard: int) -> tuple[bytes, frozenset[str]]:
        """One shard's packed rows and kept SKUs; they are forgotten here, so that memory shrinks as shards are diffed."""
        packed, self._packed[shard] = bytes(self._packed[shard]), bytearray()
        kept = frozenset(self._kept[shard].decode().split("\n")[:-1])
        self._kept[shard] = bytearray()
        if self._by_place:
            return pack(_over_places(packed, kept)), kept
        hidden = {sku.encode() for sku in self._as_known & kept}
        if hidden:
            packed = b"".join(line for line in packed.splitlines(keepends=True) if _sku(line) not in hidden)
        return packed, kept


def _over_places(packed: bytes, kept: frozenset[str]) -> Iterator[Row]:
    """One row for each SKU: the stocks of its warehouses added up, its highest cost; in two currencies its cost is unknown.

    Of a warehouse that comes twice the last row counts. A SKU with a row that cannot be read keeps its last known values.
    """
    places: dict[tuple[str, str], Row] = {}
    for line in packed.decode().split("\n")[:-1]:
        row, _, place = line.rpartition("\t")
        found = _unpack(row.encode())
        places[found[0], place] = found
    sums: dict[str, Row] = {}
    parts: dict[str, dict[str, int]] = {}
    for (sku, place), (_, stock, cost, currency) in places.items():
        parts.setdefault(sku, {})[place] = stock
        _, before, highest, other = sums.get(sku, (sku, 0, cost, currency))
        if cost is None or highest is None:
            cost, currency = (highest, other) if cost is None else (cost, currency)
        elif currency != other:
            cost = None
        else:
            cost = max(cost, highest)
        sums[sku] = (sku, before + stock, cost, currency)
    return ((*row[:3], with_places(row[3], parts[sku])) for sku, row in sums.items() if sku not in kept)


class Counts(NamedTuple):
    """What a diff counted. `cost_changes` maps whole percent of change (either way, 0 left out) to how many SKUs."""

    known: int
    added: int
    missing: int
    zeroed: int
    compared: int
    cost_changes: dict[int, int]


class Diff(NamedTuple):
    """One shard's difference. `snapshot` is the new one: the very same object as the old one where nothing changed."""

    packed_changes: bytes
    vanished_lines: bytes
    snapshot: bytes
    counts: Counts

    def changed(self) -> Iterator[Row]:
        """New and changed rows; of a first feed all of them, which the snapshot holds already."""
        if not self.counts.known:
            return decode_shard(self.snapshot)
        return map(_unpack, filter(None, zlib.decompress(self.packed_changes).split(b"\n")))

    def vanished(self) -> Iterator[str]:
        """SKUs that were known and are not in the feed any more."""
        return (line.split(b"\t", 1)[0].decode() for line in self.vanished_lines.split(b"\n") if line)


def _sku(line: bytes) -> bytes:
    return line[: line.index(b"\t")]


def _last_of_each_sku(lines: list[bytes]) -> list[bytes]:
    if len({line[: line.index(b"\t")] for line in lines}) == len(lines):
        return lines
    return list({_sku(line): line for line in lines}.values())


def _compare(new: list[bytes], known: set[bytes]) -> tuple[list[bytes], dict[bytes, bytes]]:
    changed = [line for line in new if line not in known]
    return changed, {_sku(line): line for line in known.difference(new)}


def diff_shard(old: bytes | None, packed: bytes, kept: Collection[str] = ()) -> Diff:
    """Compare one shard of a new feed with its last snapshot (None: there is none).

    Lines are compared as a whole, so that only rows that differ are ever taken apart. Raises OSError, EOFError or
    zlib.error for a snapshot that is no gzip.
    """
    new = packed.split(b"\n")
    new.pop()
    known = set(gzip.decompress(old).split(b"\n")) if old else set()
    known.discard(b"")
    if known:
        changed, gone = _compare(new, known)
        # Of two different rows of one SKU at least one differs from the old one; all others need not be looked at.
        skus = {_sku(line) for line in changed}
        if len(skus) < len(changed) or not skus <= gone.keys():
            new = _last_of_each_sku(new)
            changed, gone = _compare(new, known)
    else:
        changed, gone = _last_of_each_sku(new), {}
        new = changed
    count_known = len(known)
    del known

    zeroed, matched, incomparable = 0, 0, 0
    changes: Counter[int] = Counter()
    for line in changed if gone else ():
        before = gone.pop(_sku(line), None)
        if before is None:
            continue
        matched += 1
        was, now = _unpack(before), _unpack(line)
        zeroed += was[1] > 0 and now[1] == 0
        if not was[2] or now[2] is None:
            incomparable += 1
        elif was[3].partition("\t")[0] != now[3].partition("\t")[0]:
            changes[CURRENCY_CHANGED] += 1
        elif was[2] != now[2]:
            changes[max(1, int(abs(Decimal(now[2]) - was[2]) * 100 // was[2]))] += 1
    stay = [gone.pop(key) for key in [sku.encode() for sku in kept] if key in gone]
    counts = Counts(
        known=count_known,
        added=len(changed) - matched,
        missing=len(gone),
        zeroed=zeroed,
        compared=count_known - len(gone) - len(stay) - incomparable,
        cost_changes=dict(changes),
    )
    # All shards' changes are kept until the whole file is judged: packed, since every row may have changed.
    packed_changes = zlib.compress(b"\n".join(changed) if count_known else b"", 1)
    vanished_lines = b"\n".join(gone.values())
    if old and not changed and not gone:
        return Diff(packed_changes, vanished_lines, old, counts)
    del changed, gone
    return Diff(packed_changes, vanished_lines, _encode(new + stay if stay else new), counts)


class FeedStats(NamedTuple):
    """All that is known of one download before anything is applied."""

    rows: int
    bad_rows: int
    counts: Sequence[Counts]


class FeedVerdict(NamedTuple):
    """`ok`, or the breaker's stable code with a text for the operator."""

    ok: bool
    code: str = ""
    message: str = ""


def _break(code: str, message: str) -> FeedVerdict:
    return FeedVerdict(False, code, message)


def _median_change(counts: Sequence[Counts]) -> int:
    """The median of all compared SKUs, the unchanged ones too: one wild article is a matter of the price rules."""
    histogram: Counter[int] = Counter()
    for one in counts:
        histogram.update(one.cost_changes)
    compared = sum(one.compared for one in counts)
    histogram[0] = compared - sum(histogram.values())
    seen = 0
    for percent in sorted(histogram):
        seen += histogram[percent]
        if seen * 2 > compared:
            return percent
    return 0


def judge_feed(stats: FeedStats, settings: FeedSettings) -> FeedVerdict:
    """Whether a feed may be applied (R24). A broken feed changes nothing at all, and an operator looks at it."""
    if not stats.rows:
        return _break("FEED_HEADER_ONLY", "the file has a header but no usable row; nothing was changed")
    known = sum(one.known for one in stats.counts)
    limits = f"set max_missing_percent ({settings.max_missing_percent}) or max_zeroed_percent higher if this is right"
    if stats.bad_rows * 100 > settings.max_missing_percent * (stats.rows + stats.bad_rows):
        seen = stats.rows + stats.bad_rows
        return _break("FEED_UNREADABLE_ROWS", f"{stats.bad_rows} of {seen} rows cannot be read: correct the file")
    missing = sum(one.missing for one in stats.counts)
    if missing * 100 > settings.max_missing_percent * known:
        return _break("FEED_TOO_MANY_MISSING", f"{missing} of {known} known SKUs are not in the file: {limits}")
    zeroed = sum(one.zeroed for one in stats.counts)
    if zeroed >= FEWEST_ZEROED and zeroed * 100 > settings.max_zeroed_percent * known:
        return _break("FEED_TOO_MANY_ZEROED", f"{zeroed} of {known} known SKUs fell to zero at once: {limits}")
    median = _median_change(stats.counts)
    if median > settings.max_cost_change_percent:
        return _break(
            "FEED_WILD_COSTS",
            f"half of all costs changed by more than {settings.max_cost_change_percent} percent, or to another currency: "
            "check the cost and currency columns",
        )
    return FeedVerdict(True)
