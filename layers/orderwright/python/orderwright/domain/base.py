"""Shapes shared by all domain models: frozen pydantic models, aware UTC instants, one text form for time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer

from orderwright.domain.clock_text import utc_text


def to_utc(value: datetime) -> datetime:
    """The same instant in UTC. A time without zone is refused: nobody can say what it means."""
    if value.tzinfo is None:
        raise ValueError("a time needs its zone, for example 2026-11-22T10:00:00Z")
    return value.astimezone(UTC)


def iso(value: datetime) -> str:
    """The one text form of time: UTC, always six digits of fraction, so that text order is time order."""
    return utc_text(value)


def from_iso(text: str) -> datetime:
    """The instant of a text in ISO 8601 with zone. Raises ValueError."""
    return to_utc(datetime.fromisoformat(text))


Instant = Annotated[datetime, AfterValidator(to_utc), PlainSerializer(iso, when_used="json")]


class Model(BaseModel):
    """Base of every domain value: immutable, closed, compared by value."""

    # Validators are built when first used: a function pays only for the models it meets.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
