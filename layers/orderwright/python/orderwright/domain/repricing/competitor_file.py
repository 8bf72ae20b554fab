"""A whole file of competitors' prices beside the last good one: what differs, and whether it may be believed. Pure.

Of a file a text is kept, a line for each SKU and in it a field for each quote, so that lines that are the same are never taken
apart. When a price was seen stands apart: a newer time alone is worth a write only now and then.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import NamedTuple

from orderwright.domain.base import from_iso, iso
from orderwright.domain.repricing.signals import CompetitorQuote

MOST_PERCENT = 100
"""From this limit on half of the prices may be in another currency."""
MOST_QUOTES = 100
"""Of one SKU in one file."""
_SEEN = "\x1e"

Lines = dict[str, str]
"""SKU -> its quotes as one text."""


class TooManyQuotes(ValueError):
    """More competitors for one SKU than are kept."""


class QuoteLines:
    """Takes quotes in, row by row. Of two rows of one seller and condition the one that was seen later counts, else the later."""

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[str, str]]] = {}
        self.count = 0

    def add(self, sku: str, quote: CompetitorQuote) -> None:
        """Raises TooManyQuotes."""
        who, text = json.dumps([quote.seller, quote.condition]), _packed(quote)
        kept = self._found.setdefault(sku, [])
        for place, (other, before) in enumerate(kept):
            if other == who:
                if _seen(text) >= _seen(before):
                    kept[place] = who, text
                return
        if len(kept) >= MOST_QUOTES:
            raise TooManyQuotes(f"is of a SKU that has {MOST_QUOTES} competitors in this file already")
        kept.append((who, text))
        self.count += 1

    def lines(self) -> Lines:
        """All of them."""
        return {sku: "\t".join(text for _, text in sorted(kept)) for sku, kept in self._found.items()}


def _packed(quote: CompetitorQuote) -> str:
    text = quote.model_dump_json(exclude={"seen_at"}, exclude_defaults=True)
    return f"{text}{_SEEN}{iso(quote.seen_at)}" if quote.seen_at else text


def _seen(text: str) -> str:
    return text.partition(_SEEN)[2]


def quotes_of(line: str) -> tuple[CompetitorQuote, ...]:
    """The quotes of a SKU's text."""
    found = []
    for text in filter(None, line.split("\t")):
        body, _, seen = text.partition(_SEEN)
        found.append(CompetitorQuote.model_validate({**json.loads(body), **({"seen_at": seen} if seen else {})}))
    return tuple(found)


def written(lines: Mapping[str, str]) -> bytes:
    """A file's lines to be kept."""
    return "".join(f"{sku}\t{line}\n" for sku, line in sorted(lines.items())).encode()


def read_back(data: bytes) -> Lines:
    """What `written` made."""
    return dict(line.split("\t", 1) for line in data.decode().split("\n") if line)


class Difference(NamedTuple):
    """`changed`: SKU -> its new quotes, "" for one that left the file. `known`, `missing`: quotes of the last file, and those of
    them that are gone. `compared`, `jumped`: those in both, and how many of these changed by more than is allowed.
    """

    changed: Lines
    known: int
    missing: int
    compared: int
    jumped: int


def difference(old: Mapping[str, str], new: Lines, most_percent: int, often: timedelta) -> Difference:
    """What differs. A SKU where only the time of seeing is newer, by less than `often`, gets its old line back in `new`."""
    changed: Lines = {}
    known = missing = compared = jumped = 0
    for sku, before in old.items():
        count = before.count("\t") + 1
        known += count
        line = new.get(sku, "")
        if line == before or (line and _only_seen(before, line, often)):
            compared += count
            if line != before:
                new[sku] = before
            continue
        changed[sku] = line
        was, now = dict(_prices(before)), dict(_prices(line))
        for who, (minor, currency) in was.items():
            if who not in now:
                missing += 1
                continue
            compared += 1
            far = abs(now[who][0] - minor) * 100 > most_percent * minor
            jumped += most_percent < MOST_PERCENT if now[who][1] != currency else far
    changed.update((sku, line) for sku, line in new.items() if sku not in old)
    return Difference(changed, known, missing, compared, jumped)


def _only_seen(before: str, line: str, often: timedelta) -> bool:
    was, now = before.split("\t"), line.split("\t")
    if [text.partition(_SEEN)[0] for text in was] != [text.partition(_SEEN)[0] for text in now]:
        return False
    times = [(_seen(one), _seen(other)) for one, other in zip(was, now, strict=True) if _seen(one) != _seen(other)]
    return all(one and other and from_iso(other) - from_iso(one) < often for one, other in times)


def _prices(line: str) -> Iterator[tuple[tuple[str, str], tuple[int, str]]]:
    for text in filter(None, line.split("\t")):
        one = json.loads(text.partition(_SEEN)[0])
        yield (one["seller"], one.get("condition", "new")), (one["price"]["minor"], one["price"]["currency"])


def same_offers(one: Iterable[CompetitorQuote], other: Iterable[CompetitorQuote]) -> bool:
    """Do both say the same, whenever it was seen?"""
    unseen = {"seen_at"}
    return [quote.model_dump(exclude=unseen) for quote in one] == [quote.model_dump(exclude=unseen) for quote in other]


def judge(found: Difference, good: int, bad: int, missing_percent: int, change_percent: int) -> tuple[str, str]:
    """The breaker's code and a text for the operator; "" for a file that may be taken. `good`, `bad`: rows."""
    if not good:
        return "FEED_HEADER_ONLY", "the file has no row that can be used; nothing was changed"
    if bad * 100 > missing_percent * (good + bad):
        return "FEED_UNREADABLE_ROWS", f"{bad} of {good + bad} rows are refused: correct the file, or its settings"
    if found.missing * 100 > missing_percent * found.known:
        limit = f"set max_missing_percent ({missing_percent}) higher if this is right"
        return "FEED_TOO_MANY_MISSING", f"{found.missing} of {found.known} known prices are gone: {limit}"
    if found.jumped * 2 > found.compared:
        limit = f"set max_change_percent ({change_percent}) higher if this is right"
        limit += f"; from {MOST_PERCENT} on another currency is taken" if change_percent < MOST_PERCENT else ""
        text = f"half of all prices changed by more than {change_percent} percent, or to another currency: {limit}"
        return "FEED_PRICES_JUMPED", text
    return "", ""
