"""Waiting in a test for what another thread or process does: long enough for any machine, over as soon as it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

# Nothing that a test of this kind waits for takes a second here. Only a failing test ever waits this long.
LONG_SECONDS = 120.0

T = TypeVar("T")


def eventually(look: Callable[[], T], what: str = "it") -> T:
    """The first true answer of `look`; fails naming what did not come."""
    end = time.monotonic() + LONG_SECONDS
    while not (found := look()):
        assert time.monotonic() < end, f"{what} did not come within {LONG_SECONDS:.0f} s"
        time.sleep(0.02)
    return found
