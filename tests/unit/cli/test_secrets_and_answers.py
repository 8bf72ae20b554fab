"""Secrets from standard input, and how answers look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local.cli.answer import ago, text
from local.cli.secrets_input import read_secrets
from orderwright.usecases.operator.desk import Refused


def test_secrets_come_as_json_or_lines() -> None:
    assert read_secrets('{"api_key": " k ", "email": "a@example.com"}', "cj") == {
        "api_key": "k",
        "email": "a@example.com",
    }
    assert read_secrets("# mine\nAPI_KEY=k=1\n\nwebhook_secret = w\n", "easypost") == {
        "api_key": "k=1",
        "webhook_secret": "w",
    }
    assert read_secrets("", "csv") == {}


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ("", "cj", "missing: api_key"),
        ("{", "cj", "not a JSON object"),
        ('{"api_key": 5}', "cj", "not a JSON object"),
        ("api_key", "cj", "line 1"),
        ("apikey=hunter2", "cj", "no secret apikey"),
        ("username=me", "csv", "belong together"),
    ],
)
def test_wrong_secrets_are_named_and_never_repeated(given: str, kind: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refused:
        read_secrets(given, kind)
    assert "hunter2" not in f"{refused.value.message}{refused.value.fix}"


def test_times_and_empty_cells() -> None:
    now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    spans = {timedelta(seconds=5): "in 5 s", timedelta(minutes=-3): "3 min ago", timedelta(days=-2): "2 d ago"}
    assert {span: ago(now + span, now) for span in spans} == spans
    assert [text(value) for value in (None, True, now)] == ["", "yes", "2026-11-22 08:00:00"]
