"""Alerts fit what SNS takes."""

from __future__ import annotations

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
