"""A feed of two files: the day's full one, and a small one with what has changed since (`incremental_url`).

The small one is relative to the full one: a row that is not in it any more is as the full one says. So a change of either is a
reason to read both again. What cannot be read of the small one takes nothing away from the full one.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from orderwright.domain.feed_state import INCREMENTAL
from orderwright.domain.order import Reason
from orderwright.errors import Rejected, VendorError
from orderwright.ports.feed import FeedAnswer

MOST_BYTES = 64 * 1024 * 1024
Open = Callable[[str, str | None], FeedAnswer]
"""One of the two files: (etag, seen) -> the answer, see SupplierFeed.open_feed."""


def open_both(full: Open, small: Open, etag: str, seen: str | None) -> FeedAnswer:
    """Both, as one answer. The small one is read here, so that nobody waits with an open connection. Raises as `full` does."""
    (mark, small_mark), (was, small_was) = _two(etag), _two(seen or "")
    newer, fault = _small(small, small_mark, None if seen is None else small_was)
    whole = full(mark, None if seen is None else was)
    same, changed = whole.lines is None, newer is not None and newer.newer is not None
    if whole.waits or (same and not changed):
        marks = _one(mark, small_mark) if whole.waits or fault else _one(whole.etag, newer.etag if newer else "")
        return whole._replace(
            etag=marks, seen=_one(whole.seen, newer.seen if newer else small_was), lines=None, fault=fault
        )
    if same:
        whole = full("", None if seen is None else was)
    if newer is not None and newer.newer is None:
        newer, fault = _small(small, "", None if seen is None else small_was)
    rows = newer.newer if newer else None
    if newer and newer.modified_at and whole.modified_at and newer.modified_at < whole.modified_at:
        rows = None  # of the day before
    marks = _one(whole.etag, newer.etag if newer else "")
    seens = _one(whole.seen, newer.seen if newer else small_was)
    return whole._replace(etag=marks, seen=seens, newer=rows, same=same, fault=fault)


def fault_of(error: VendorError) -> Reason:
    """Why the small file counts for nothing now."""
    fix = "ask the supplier; until then the full file counts, and while that is the same what was known of both"
    return Reason(code=INCREMENTAL, message=f"the incremental file cannot be used: {error.message}", fix=fix)


def _small(small: Open, etag: str, seen: str | None) -> tuple[FeedAnswer | None, Reason | None]:
    """The small file with its bytes in `newer`, or why there is none."""
    try:
        answer, size, pieces = small(etag, seen), 0, []
        if answer.lines is None:
            return answer, None
        for piece in answer.lines:
            size += len(piece)
            if size > MOST_BYTES:
                raise Rejected(f"it has more than {MOST_BYTES // 1024 // 1024} MiB", code="FEED_TOO_LARGE")
            pieces.append(piece)
        return answer._replace(newer=pieces), None
    except VendorError as error:
        return None, fault_of(error)


def first_of(seen: str) -> str:
    """Of what both listings showed, the full file's part."""
    return _two(seen)[0]


def _one(first: str, second: str) -> str:
    return json.dumps([first, second])


def _two(text: str) -> tuple[str, str]:
    """What `_one` made; nothing is known of both where it was made of one file."""
    try:
        first, second = json.loads(text)
    except (ValueError, TypeError):
        return "", ""
    return str(first), str(second)
