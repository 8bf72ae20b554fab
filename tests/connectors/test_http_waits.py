"""How long a vendor may make us wait: what its Retry-After says, within reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.connectors.http import LONGEST_WAIT, HttpAnswer, exchange, retry_after
from orderwright.errors import Retryable


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("2", timedelta(seconds=2)),
        ("0.5", timedelta(seconds=0.5)),
        (" 30 ", timedelta(seconds=30)),
        ("86400", LONGEST_WAIT),
        ("9" * 400, LONGEST_WAIT),
        ("", None),
        ("-5", None),
        ("²", None),
        ("1e9", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_a_wait_is_read_in_seconds_and_bounded(said: str, believed: timedelta | None) -> None:
    assert retry_after({"retry-after": said}) == believed


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_vendor_is_asked_again_when_it_says(status: int) -> None:
    answer = HttpAnswer(status, {"retry-after": "20"}, b"")
    with pytest.raises(Retryable) as raised:
        exchange(
            lambda *_: answer, "vendor", "read", "GET", "http://vendor.test/", headers={}, timeout=1.0, has_effect=False
        )
    assert raised.value.after == timedelta(seconds=20)
