"""How each connection is, as data."""

from __future__ import annotations

from typing import Any

from orderwright.domain.clock_text import utc_text
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.overview import ConnectionHealth
from orderwright.usecases.operator.webhook_door import held_entry, webhook_urls


def connection_data(office: Office, health: ConnectionHealth) -> dict[str, Any]:
    """One connection: open or not and why, token, webhooks, points, feed."""
    secrets = office.secrets
    entry, urls = held_entry(secrets, health.name, office.desk.now()), webhook_urls(office, health.name)
    has_secrets = secrets.read(health.name, "secrets") is not None
    token = secrets.read(health.name, "token") or {}
    state = health.state
    needed = not (health.kind == "csv" and not has_secrets)
    word = "open" if state is None or state.open else "closed"
    if not has_secrets and needed:
        word = "not connected"
    elif state is not None and state.open and state.reasons:
        word = "refused"
    return {
        "connection": office.name(health.name),
        "kind": health.kind,
        "role": health.role,
        "state": word,
        "reasons": [reason.model_dump() for reason in state.reasons] if state else [],
        "last_ok_at": state.last_ok_at if state else None,
        "last_failure_at": state.last_failure_at if state else None,
        "last_failure": state.last_failure if state else "",
        "token_expires_at": token.get("expires_at") if token.get("value") else None,
        "webhook_url": urls[0] if urls else "",
        "old_webhook_urls": urls[1:],
        "webhook_secrets": len(entry.valid(utc_text(office.desk.now()))) if entry else 0,
        "subscriptions_checked_at": state.subscriptions_checked_at if state else None,
        "reconciled_until": state.reconciled_until if state else None,
        "points_used": health.points_used,
        "points_day": health.points_day,
        "erasure": health.erasure.model_dump(mode="json") if health.erasure else None,
        "feed": _feed(health),
    }


def _feed(health: ConnectionHealth) -> dict[str, Any] | None:
    feed = health.feed
    if feed is None:
        return None
    return {
        "state": "breaker open" if feed.broken else "good",
        "rows": feed.rows,
        "snapshot_at": feed.snapshot_at,
        "checked_at": feed.checked_at,
        "unmapped": feed.unmapped,
        "bad_rows": feed.bad_rows,
        "reasons": [reason.model_dump() for reason in feed.reasons],
    }
