"""Secrets from standard input: one JSON object, or KEY=VALUE lines. Never from arguments, which other users can see."""

from __future__ import annotations

import json
from typing import NamedTuple

from orderwright.usecases.operator.desk import Refused


class SecretNames(NamedTuple):
    """What a kind of connection needs, and what it may have."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


SECRETS = {
    "shopify": SecretNames(("client_secret",), ("webhook_secret",)),
    "cj": SecretNames(("api_key",), ("email",)),
    "easypost": SecretNames(("api_key", "webhook_secret")),
    "csv": SecretNames((), ("username", "password")),
}


def read_secrets(text: str, kind: str) -> dict[str, str]:
    """The named secrets of a connection of this kind. Raises Refused naming what is missing or unknown, never a value."""
    names = SECRETS[kind]
    given = _json(text) if text.lstrip().startswith("{") else _lines(text)
    known = (*names.required, *names.optional)
    unknown = sorted(set(given) - set(known))
    missing = [name for name in names.required if not given.get(name)]
    example = f'for example {{"{known[0]}": "..."}} on standard input' if known else ""
    if unknown:
        raise Refused(
            "SECRET_UNKNOWN", f"a {kind} connection has no secret {', '.join(unknown)}", f"it has: {', '.join(known)}"
        )
    if missing:
        raise Refused("SECRET_MISSING", f"missing: {', '.join(missing)}", example)
    if bool(given.get("username")) != bool(given.get("password")):
        raise Refused("SECRET_MISSING", "username and password belong together", "give both, or neither")
    return {name: value for name, value in given.items() if value}


def _json(text: str) -> dict[str, str]:
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise Refused("INPUT", "standard input is not a JSON object of texts", 'for example {"api_key": "..."}')
    return {str(name): value.strip() for name, value in data.items()}


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
