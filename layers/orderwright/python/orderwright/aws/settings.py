"""The functions' environment, read when asked for and never at import, so that tests import handlers freely."""

from __future__ import annotations

import os
from collections.abc import Callable

from orderwright.errors import Misconfigured


def setting(name: str) -> str:
    """One environment variable that template.yaml sets; raises Misconfigured naming it."""
    value = os.environ.get(name, "")
    if not value:
        raise Misconfigured(f"environment variable {name} is not set: template.yaml must give it to this function")
    return value


def profile() -> str:
    """aws or local: which windows and poll times apply."""
    return os.environ.get("PROFILE", "aws")


class TableNames(dict[str, str]):
    """Table names by role, read from the settings only when a table is used."""

    def __init__(self, variables: dict[str, str], setting_of: Callable[[str], str]) -> None:
        super().__init__()
        self._variables = variables
        self._setting_of = setting_of

    def __missing__(self, role: str) -> str:
        name = self[role] = self._setting_of(self._variables[role])
        return name
