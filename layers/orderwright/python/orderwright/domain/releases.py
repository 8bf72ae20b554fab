"""What a release holds for: what the operator was shown, and nothing worse (promise P13). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from orderwright.domain.order import OrderRecord, Reason, Release

PIECES = "pieces"


def release_of(reason: Reason, at: datetime, by: str) -> Release:
    """The release of a reason as it stands."""
    terms = reason.model_dump(include={"code", "line_id", "measure", "unit", "allowed", "seen"})
    return Release.model_validate({**terms, "at": at, "by": by})


def covers(record: OrderRecord, reason: Reason) -> bool:
    """Did the operator let this pass already, as it is now or worse?

    A reason without terms is covered by its code alone. One with terms needs a release of the same thing: what an older version
    wrote holds only the code, so the operator is asked once more.
    """
    mine = [release for release in record.releases if (release.code, release.line_id) == (reason.code, reason.line_id)]
    if not mine and reason.measure is None and not reason.seen:
        return reason.code in record.released
    return any(_holds(release, reason) for release in mine)


def not_covered(record: OrderRecord, reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """The reasons that still stop the order."""
    return tuple(reason for reason in reasons if not covers(record, reason))


def widened(old: Iterable[Release], new: Iterable[Release]) -> tuple[Release, ...]:
    """All releases, less the old ones that a new one holds for as well."""
    added = tuple(new)
    kept = (release for release in old if not any(_same(later, release) for later in added))
    return (*kept, *added)


def _same(wide: Release, narrow: Release) -> bool:
    return (wide.code, wide.line_id) == (narrow.code, narrow.line_id) and _holds(wide, narrow)


def _holds(release: Release, now: Reason | Release) -> bool:
    if (release.unit, release.seen) != (now.unit, now.seen):
        return False
    return _at_most(now.measure, release.measure) and _at_most(release.allowed, now.allowed)


def _at_most(low: int | None, high: int | None) -> bool:
    """`low <= high`; a figure and none are two things."""
    if low is None or high is None:
        return low is high
    return low <= high
