"""The fact that tells the merchant about something, with ids and codes only (promise P8)."""

from __future__ import annotations

from orderwright.storage import Fact


def alert(
    topic: str, connection: str, *, pk: str = "", sk: str = "", resource: str = "", message: str = "", codes: str = ""
) -> Fact:
    """`topic` is a stable code; `message` says what is wrong and holds no personal data."""
    detail = {"codes": (codes or topic)[:200]}
    if message:
        detail["message"] = message[:300]
    return Fact("alert.raised", connection=connection, pk=pk, sk=sk, resource=resource, topic=topic, detail=detail)
