"""Alerts for the merchant's operator: English, plain text, ids only."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from orderwright.mails.text import one_line

# SNS: "must be less than 100 characters long", ASCII, beginning with a letter, number or punctuation.
_SUBJECT = 99
_SHOWN_IDS = 20


def render_alert(
    code: str, subject_ids: Sequence[str], message: str, fix: str, commands: Sequence[str] = ()
) -> tuple[str, str]:
    """(subject, text) of an alert.

    `code` is a stable word such as PARKED, `subject_ids` are the keys concerned (order, purchase order, connection),
    `message` says what is wrong, `fix` what to do, `commands` are whole command lines.
    None of them may hold personal data.
    """
    ids = [one_line(value, 80) for value in subject_ids if value.strip()]
    first = f" {ids[0]}" if ids else ""
    more = f" (+{len(ids) - 1})" if len(ids) > 1 else ""
    head = f"Orderwright: {one_line(code, 40)}{first}{more}: {one_line(message, 200)}"
    ascii_head = unicodedata.normalize("NFKD", head).encode("ascii", "ignore").decode("ascii")
    subject = one_line(ascii_head, 1000)
    if len(subject) > _SUBJECT:
        subject = subject[: _SUBJECT - 3].rstrip() + "..."
    parts = [one_line(message, 1000)]
    if ids:
        shown = [f"  {value}" for value in ids[:_SHOWN_IDS]]
        if len(ids) > _SHOWN_IDS:
            shown.append(f"  and {len(ids) - _SHOWN_IDS} more")
        parts.append("\n".join(["Concerns:", *shown]))
    if fix.strip():
        parts.append(f"What to do: {one_line(fix, 1000)}")
    if commands:
        lines = [f"  {one_line(line, 300)}" for line in commands[:_SHOWN_IDS]]
        parts.append("\n".join(["Commands (for a stack on AWS, write --stack NAME after orderwright):", *lines]))
    parts.append(f"Code: {one_line(code, 40)}")
    return subject, "\n\n".join(parts) + "\n"
