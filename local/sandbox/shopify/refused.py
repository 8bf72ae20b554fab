"""How a mutation says no: an entry of `userErrors`."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """One user error: the path of the field, Shopify's message, and the code where the mutation has codes."""

    def __init__(self, field: list[str] | None, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.error: dict[str, Any] = {"field": field, "message": message, "code": code}
