"""Whose words are in a text? All customers are looked for at once: thousands of them, in every line that is written."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from tests.simulation.people.sold import Sold

PIECE = 8
FEW = 100
"""So many forms are looked for one by one sooner than a text is cut into pieces."""
_RUN = re.compile(r"[^\W_]{8,}")
"""Letters and digits without a gap, at least one piece long."""
_DIGITS = re.compile(r"[0-9]+")
LONGEST_NUMBER = 15
"""Digits of the longest telephone number (E.164): what has more is somebody else's count, and holds anything by chance."""


@lru_cache(maxsize=4096)
def forms(canary: str) -> tuple[str, ...]:
    """A text as it stands, and as JSON and links write it."""
    return tuple(dict.fromkeys((canary, json.dumps(canary)[1:-1], quote(canary))))


class Found(NamedTuple):
    """A customer's word that is in a text; `number` is the customer's place among all."""

    number: int
    place: int
    canary: str
    sold: Sold


def _is_in(form: str, text: str) -> bool:
    if form not in text:
        return False
    return not form.isdigit() or any(form in run and len(run) <= LONGEST_NUMBER for run in _DIGITS.findall(text))


def _pieces(text: str) -> list[str]:
    return [run[start : start + PIECE] for run in _RUN.findall(text) for start in range(len(run) - PIECE + 1)]


@dataclass
class Canaries:
    """Every form of every canary, under the piece of it that the fewest others have."""

    known: int = 0
    by_piece: dict[str, list[tuple[str, Found]]] = field(default_factory=dict)
    without_piece: list[tuple[str, Found]] = field(default_factory=list)
    every: list[tuple[str, Found]] = field(default_factory=list)

    def learn(self, everybody: Sequence[Sold]) -> None:
        """Take in who bought since the last time."""
        for number in range(self.known, len(everybody)):
            sold = everybody[number]
            for place, canary in enumerate(sold.canaries):
                for form in forms(canary):
                    self._keep(form, Found(number, place, canary, sold))
        self.known = len(everybody)

    def _keep(self, form: str, found: Found) -> None:
        self.every.append((form, found))
        pieces = _pieces(form)
        if not pieces:
            self.without_piece.append((form, found))
            return
        rarest = min(pieces, key=lambda piece: len(self.by_piece.get(piece, ())))
        self.by_piece.setdefault(rarest, []).append((form, found))

    def within(self, text: str) -> list[Found]:
        """All canaries that are in this text, the first customer's first."""
        perhaps = self.every if len(self.every) <= FEW else self._candidates(text)
        found = {(one.number, one.place): one for form, one in perhaps if _is_in(form, text)}
        return [found[place] for place in sorted(found)]

    def _candidates(self, text: str) -> list[tuple[str, Found]]:
        perhaps = list(self.without_piece)
        for piece in dict.fromkeys(piece for piece in _pieces(text) if piece in self.by_piece):
            perhaps += self.by_piece[piece]
        return perhaps
