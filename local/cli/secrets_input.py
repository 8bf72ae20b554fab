"""Secrets from standard input: one JSON object, or KEY=VALUE lines. Never from arguments, which other users can see."""

from __future__ import annotations

import json

from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.secret_names import checked_secrets, secrets_example


def read_secrets(text: str, kind: str) -> dict[str, str]:
    """The named secrets of a connection of this kind. Raises Refused naming what is missing or unknown, never a value."""
    return checked_secrets(_json(text, kind) if text.lstrip().startswith("{") else _lines(text), kind)


def _json(text: str, kind: str) -> dict[str, str]:
    return {name: value.strip() for name, value in texts_of(text, secrets_example(kind)).items()}


def texts_of(text: str, fix: str) -> dict[str, str]:
    """One JSON object of texts. Raises Refused, with this fix, for anything else."""
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise Refused("INPUT", "standard input is not a JSON object of texts", fix)
    return data


def _lines(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign:
            raise Refused("INPUT", f"line {number} of standard input has no =", "write NAME=VALUE, one a line, or JSON")
        found[name.strip().lower()] = value.strip()
    return found
