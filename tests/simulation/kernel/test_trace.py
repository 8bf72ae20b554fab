"""A trace that forgets its oldest lines is still the whole run's trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulation.kernel.trace import Trace

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def written(count: int) -> Trace:
    trace = Trace()
    for second in range(count):
        trace.note(START + timedelta(seconds=second), "somebody", f"does {second}")
    return trace


def test_the_digest_is_that_of_the_whole_run() -> None:
    whole, forgetful = written(10), written(10)
    for until in (0, 3, 3, 7):
        forgetful.forget(until)
        assert forgetful.digest() == whole.digest()
    forgetful.note(START, "somebody", "goes")
    whole.note(START, "somebody", "goes")
    assert (forgetful.end, forgetful.digest()) == (whole.end, whole.digest())
    assert forgetful.digest() != written(10).digest()


def test_lines_keep_their_places_and_what_is_forgotten_cannot_be_read() -> None:
    trace = written(10)
    trace.forget(4)
    assert [what for _, _, what in trace.since(8)] == ["does 8", "does 9"]
    assert trace.since(10) == []
    with pytest.raises(LookupError):
        trace.since(3)
