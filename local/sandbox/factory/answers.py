"""What the maker's people have answered on the pages that their mails link to. Who runs the shop tells it, for the pages here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import NamedTuple


class Answer(NamedTuple):
    """One thing that a supplier said. `tone`: good, bad, warn or calm."""

    at: datetime
    what: str
    why: str
    tone: str


class Known(NamedTuple):
    """What became of a purchase order. `store` is its kind, `order` the order's name there; `state` in capitals."""

    store: str
    order: str
    state: str
    answers: tuple[Answer, ...]


AnswerSource = Callable[[Collection[str]], Mapping[str, Known]]
"""By our reference, as far as it is known. Raises OSError where nobody can be asked."""


def nobody(_: Collection[str]) -> Mapping[str, Known]:
    """Where no shop is running."""
    return {}
