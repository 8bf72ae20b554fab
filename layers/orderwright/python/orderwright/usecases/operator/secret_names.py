"""Which secrets a kind of connection has, and whether those that were given are complete."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from secrets import token_urlsafe

from orderwright.declarations import Secret
from orderwright.registry import declaration
from orderwright.usecases.operator.desk import Refused

_MADE_BYTES = 32


def typed_secrets(kind: str) -> tuple[Secret, ...]:
    """Those that an operator gives, the ones that are needed first."""
    typed = [secret for secret in declaration(kind).secrets if not secret.with_token]
    return tuple(sorted(typed, key=lambda secret: not _needed(secret)))


def _needed(secret: Secret) -> bool:
    return secret.required and not secret.made


def required_secrets(kind: str) -> tuple[str, ...]:
    """The names of those that must be given."""
    return tuple(secret.name for secret in typed_secrets(kind) if _needed(secret))


def with_made(given: Mapping[str, str], kept: Mapping[str, str] | None, kind: str) -> dict[str, str]:
    """With the secrets that nobody else has to know, where they were not given: as they are kept, else made up now."""
    made = [secret.name for secret in declaration(kind).secrets if secret.made and not given.get(secret.name)]
    return {**given, **{name: (kept or {}).get(name) or token_urlsafe(_MADE_BYTES) for name in made}}


def secrets_in_words(kind: str) -> str:
    """Which secrets there are and when they are given: "client_secret, and webhook_secret where it is another"."""
    needed = ", ".join(required_secrets(kind))
    others = groupby((one for one in typed_secrets(kind) if not _needed(one)), attrgetter("when"))
    told = [(" and ".join(one.name for one in some), when) for when, some in others]
    more = [f"and {names} {when}" if needed else f"{names}, {when}" for names, when in told]
    return ", ".join([needed, *more] if needed else more)


def secrets_example(kind: str) -> str:
    """How the secrets of this kind are given."""
    names = required_secrets(kind) or tuple(secret.name for secret in typed_secrets(kind))
    return "for example {" + ", ".join(f'"{name}": "..."' for name in names) + "} on standard input"


def checked_secrets(given: Mapping[str, str], kind: str) -> dict[str, str]:
    """What was given for a connection of this kind. Raises Refused naming what is missing or unknown, never a value."""
    secrets = typed_secrets(kind)
    known = [secret.name for secret in secrets]
    unknown = sorted(set(given) - set(known))
    missing = [name for name in required_secrets(kind) if not given.get(name)]
    if unknown:
        raise Refused(
            "SECRET_UNKNOWN", f"a {kind} connection has no secret {', '.join(unknown)}", f"it has: {', '.join(known)}"
        )
    if missing:
        raise Refused("SECRET_MISSING", f"missing: {', '.join(missing)}", secrets_example(kind))
    for secret in secrets:
        if secret.together and bool(given.get(secret.name)) != bool(given.get(secret.together)):
            what = f"{secret.name} and {secret.together} belong together"
            raise Refused("SECRET_MISSING", what, "give both, or neither")
    return {name: value for name, value in given.items() if value}


def signing_secret(given: Mapping[str, str], kind: str, *, with_token: bool = False) -> str:
    """The one that the vendor's webhooks are signed with, of these; "" where there is none."""
    signing = [secret.name for secret in declaration(kind).secrets if secret.signs and secret.with_token == with_token]
    return next((given[name] for name in reversed(signing) if given.get(name)), "")
