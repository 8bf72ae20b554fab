"""Alerts fit what SNS takes."""

from __future__ import annotations

import pytest

from orderwright.mails import render_alert


def test_an_alert_says_what_where_and_what_to_do() -> None:
    subject, text = render_alert(
        "PARKED", ["shop#1042", "PO-7"], "The margin is below the minimum.", "Raise the price, then run: orders retry"
    )
    assert subject == "Orderwright: PARKED shop#1042 (+1): The margin is below the minimum."
    assert text == (
        "The margin is below the minimum.\n\nConcerns:\n  shop#1042\n  PO-7\n\n"
        "What to do: Raise the price, then run: orders retry\n\nCode: PARKED\n"
    )


def test_a_subject_is_short_printable_ascii_on_one_line() -> None:
    subject, _ = render_alert("BREAKER", ["säiliö\nX"], "Der Feed fällt aus – " + "long " * 80, "")
    assert len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert subject.endswith("...")


def test_many_ids_are_counted() -> None:
    _, text = render_alert("STALE", [f"id-{n}" for n in range(25)], "Old.", "")
    assert "id-19" in text
    assert "id-20" not in text
    assert "and 5 more" in text
    assert "What to do" not in text


def test_an_alert_may_concern_nothing_in_particular() -> None:
    subject, text = render_alert("KILL_SWITCH", [], "Spending is stopped.", "Run: kill-switch off")
    assert subject == "Orderwright: KILL_SWITCH: Spending is stopped."
    assert "Concerns" not in text


@pytest.mark.parametrize(
    "text",
    [
        "x\x1b[2Jy",
        "x\x9b31my",
        "x\nCode: FAKE\ny",
        "x\r\ny",
        "x\x85y",
        "x\u2028y",
        "x\u2029y",
        "x\x00\x7fy",
        "x\u202ey\u2066",
    ],
)
def test_words_from_outside_add_no_line_and_steer_nothing(text: str) -> None:
    subject, body = render_alert("PARKED", [text], text, text)
    assert subject.isprintable()
    assert all(line.isprintable() for line in body.split("\n"))
    assert len(body.split("\n")) == len(render_alert("PARKED", ["x"], "x", "x")[1].split("\n"))
