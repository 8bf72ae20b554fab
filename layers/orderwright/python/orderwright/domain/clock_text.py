"""The one text form of time, without pydantic: the webhook function starts cold and pays for every import."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_text(value: datetime) -> str:
    """UTC with six digits of fraction, so that text order is time order. A time without zone is refused."""
    if value.tzinfo is None:
        raise ValueError("a time needs its zone, for example 2026-11-22T10:00:00Z")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
