"""What a release holds for, in words."""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.money import Money
from orderwright.domain.order import Release
from orderwright.domain.releases import PIECES

WORSE = "; anything worse is asked again"
OTHER = "; anything else is asked again"


def holds_for(release: Release, name_of: Callable[[str], str] = str) -> str:
    """One sentence without its code, or "" where the code says all. `name_of` gives what the file calls a supplier."""
    if release.measure is None:
        return f"{_seen(release)}{OTHER}" if release.seen else ""
    if release.unit == PIECES:
        return f"holds up to {release.measure} pieces of line {release.line_id}{WORSE}"
    of_margin = release.code in ("MARGIN_TOO_LOW", "LOW_MARGIN")
    amount = Money(minor=-release.measure if of_margin else release.measure, currency=release.unit)
    if of_margin:
        return f"holds down to a margin of {amount} for {release.seen}; a worse figure is asked again"
    if release.code == "CAP_PER_PURCHASE_ORDER":
        supplier, _, lines = release.seen.partition(" ")
        limit = Money(minor=release.allowed or 0, currency=release.unit)
        return f"holds up to {amount} for {lines} from {name_of(supplier)}, against a limit of {limit}{WORSE}"
    return f"holds up to {amount}{f' ({release.seen})' if release.seen else ''}{WORSE}"


def _seen(release: Release) -> str:
    if release.code == "RISK":
        return f"holds for this verdict: {release.seen}"
    return f"holds for what the order has now (mark {release.seen})"
