"""Holds requests against the vendors' own OpenAPI files, where the folder of contracts is there."""

from __future__ import annotations

from local.sandbox.wire import Request


def check(kind: str, request: Request) -> None:
    """Raises Violation for a request that the vendor's specification does not have so."""
