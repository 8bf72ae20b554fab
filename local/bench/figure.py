"""What a figure is: values, each with its goal and whether it is met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """How to measure. `quick` takes fewer samples; `full` posts 1,000 webhooks instead of 100 (F0)."""

    quick: bool = False
    full: bool = False


@dataclass(frozen=True)
class Value:
    """One number. A goal is a bound that it must not pass; without a bound it is for information only."""

    name: str
    amount: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if self.at_most is None and self.at_least is None:
            return None
        above = self.at_least is None or self.amount >= self.at_least
        below = self.at_most is None or self.amount <= self.at_most
        return above and below

    @property
    def goal(self) -> str:
        """The goal in words; empty without one."""
        words = [f"at most {self.at_most:g}"] if self.at_most is not None else []
        if self.at_least is not None:
            words.append(f"at least {self.at_least:g}")
        return " and ".join(words)

    def as_json(self) -> dict[str, Any]:
        """For the JSON document."""
        found: dict[str, Any] = {"name": self.name, "value": _rounded(self.amount), "unit": self.unit}
        if self.met is not None:
            found |= {"goal": self.goal, "met": self.met}
        return found


@dataclass(frozen=True)
class Figure:
    """One figure of the benchmark. `notes` say what its numbers leave out; `error` why there are none."""

    key: str
    title: str
    values: Sequence[Value] = ()
    notes: Sequence[str] = ()
    error: str = ""

    @property
    def met(self) -> bool | None:
        """Whether every goal is met; None when it could not be measured or has no goal."""
        judged = [value.met for value in self.values if value.met is not None]
        if self.error or not judged:
            return None
        return all(judged)

    def as_json(self) -> dict[str, Any]:
        """For the JSON document."""
        found: dict[str, Any] = {"figure": self.key, "title": self.title, "met": self.met}
        found["values"] = [value.as_json() for value in self.values]
        if self.notes:
            found["notes"] = list(self.notes)
        if self.error:
            found["error"] = self.error
        return found


def _rounded(amount: float) -> float:
    return amount if isinstance(amount, int) else round(amount, 6)
