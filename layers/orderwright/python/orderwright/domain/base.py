"""Shapes shared by all domain models: frozen pydantic models, aware UTC instants, one text form for time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, TypeVar

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


M = TypeVar("M", bound=Model)


def changed(model: M, /, **news: object) -> M:
    """The same model with other fields. Only models use it, in methods named after what happened: `po.parked(reason)`.

    Mypy checks names and types of `news` (local/checks/changed_fields.py). Raises TypeError for a field that is not there.
    """
    unknown = news.keys() - type(model).model_fields.keys()
    if unknown:
        raise TypeError(f"{type(model).__name__} has no field {', '.join(sorted(unknown))}")
    return model.model_copy(update=news)
