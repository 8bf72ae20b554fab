"""A decision on who ships what, as it is kept: the question, the answer and the words, so that it can be made again (R40)."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime
from typing import Self

from pydantic import Field

from orderwright.domain.base import Instant, Model
from orderwright.domain.routing.question import Answer, Question
from orderwright.domain.routing.search import solve


class _Whole(Model):
    question: Question
    answer: Answer
    words: tuple[str, ...]


class RoutingDecision(Model):
    """One decision of an order. `why`: what made it be looked at then. `whole` is question, answer and words, packed.

    No personal data: of the destination the country or territory, of the lines their ids, SKUs and prices.
    """

    number: int = Field(ge=1)
    at: Instant
    why: str = ""
    whole: str = Field(description="JSON, compressed, in base 85")

    @classmethod
    def made(
        cls, number: int, at: datetime, why: str, question: Question, answer: Answer, words: tuple[str, ...]
    ) -> Self:
        """Of what was asked and answered now."""
        text = _Whole(question=question, answer=answer, words=words).model_dump_json(exclude_defaults=True)
        return cls(
            number=number, at=at, why=why[:100], whole=base64.b85encode(zlib.compress(text.encode(), 9)).decode()
        )

    @property
    def _unpacked(self) -> _Whole:
        return _Whole.model_validate_json(zlib.decompress(base64.b85decode(self.whole)))

    @property
    def question(self) -> Question:
        """What was asked."""
        return self._unpacked.question

    @property
    def answer(self) -> Answer:
        """What was chosen."""
        return self._unpacked.answer

    @property
    def words(self) -> tuple[str, ...]:
        """Why, as the purchase orders say it."""
        return self._unpacked.words


def replayed(decision: RoutingDecision) -> Answer:
    """The answer of now to the question that was asked then."""
    return solve(decision.question)
