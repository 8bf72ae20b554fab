"""Which secrets a kind of connection has, and whether those that were given are complete."""

from __future__ import annotations

from collections.abc import Mapping
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


def secrets_example(kind: str) -> str:
    """How the secrets of this kind are given."""
    names = SECRETS[kind].required or SECRETS[kind].optional
    return "for example {" + ", ".join(f'"{name}": "..."' for name in names) + "} on standard input"


def checked_secrets(given: Mapping[str, str], kind: str) -> dict[str, str]:
    """What was given for a connection of this kind. Raises Refused naming what is missing or unknown, never a value."""
    names = SECRETS[kind]
    known = (*names.required, *names.optional)
    unknown = sorted(set(given) - set(known))
    missing = [name for name in names.required if not given.get(name)]
    if unknown:
        raise Refused(
            "SECRET_UNKNOWN", f"a {kind} connection has no secret {', '.join(unknown)}", f"it has: {', '.join(known)}"
        )
    if missing:
        raise Refused("SECRET_MISSING", f"missing: {', '.join(missing)}", secrets_example(kind))
    if bool(given.get("username")) != bool(given.get("password")):
        raise Refused("SECRET_MISSING", "username and password belong together", "give both, or neither")
    return {name: value for name, value in given.items() if value}
