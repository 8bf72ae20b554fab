"""How each connection is, as data."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, NamedTuple

from orderwright.domain.clock_text import utc_text
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.feed_state import BREAKER, UNREADABLE
from orderwright.domain.order import Reason
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.overview import ConnectionHealth
from orderwright.usecases.operator.secret_names import required_secrets
from orderwright.usecases.operator.webhook_door import held_entry, webhook_urls

REFUSALS = frozenset({"HTTP_401", "HTTP_403"})
"""Codes of a refused user or key, whoever answers so."""

_TO_DO = re.compile(r": (?=set |correct )")


class Condition(NamedTuple):
    """How a connection is: open, failing, closed or not connected; of all but the first why, and the command for it."""

    name: str
    state: str
    since: datetime | None = None
    code: str = ""
    why: str = ""
    fix: str = ""


def condition_of(office: Office, health: ConnectionHealth) -> Condition:
    """Costs one read of its secrets, where its kind needs any."""
    name, state = office.name(health.name), health.state
    if required_secrets(health.kind) and office.secrets.read(health.name, "secrets") is None:
        return Condition(name, "not connected", None, "", "it has no secrets yet", f"orderwright connect {name}")
    if state is not None and not state.open:
        told = state.reasons[0] if state.reasons else Reason(code="", message="the vendor closed it")
        return Condition(name, "closed", None, told.code, told.message, f"orderwright connect {name}")
    return failing_of(health, name) or Condition(name, "open")


def connection_data(office: Office, health: ConnectionHealth) -> dict[str, Any]:
    """One connection: how it is, with why and a fix; token, webhooks, points, feed."""
    secrets = office.secrets
    entry, urls = held_entry(secrets, health.name, office.desk.now()), webhook_urls(office, health.name)
    token = secrets.read(health.name, "token") or {}
    state, found = health.state, condition_of(office, health)
    return {
        "connection": found.name,
        "kind": health.kind,
        "role": health.role,
        "state": found.state,
        "failing_since": found.since,
        "code": found.code,
        "why": found.why,
        "fix": found.fix,
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
        "points_used": health.points.points_used if health.points else None,
        "points_day": health.points.points_day if health.points else "",
        "erasure": health.erasure.model_dump(mode="json") if health.erasure else None,
        "feed": _feed(health),
    }


def failing_of(health: ConnectionHealth, name: str) -> Condition | None:
    """Whether it fails, a feed with its file as well; `name` is what the file calls it."""
    state, feed = health.state, health.feed
    if state is not None and (since := state.fails_since) is not None:
        code, _, message = state.last_failure.partition(": ")
        again = "" if state.refused or code in REFUSALS else " --test"
        return Condition(name, "failing", since, code, message or code, f"orderwright connect {name}{again}")
    if feed is None or not feed.reasons:
        return None
    first = feed.log[-1].at if feed.log else feed.checked_at
    for entry in reversed(feed.log):
        if not entry.what.startswith((BREAKER, UNREADABLE)):
            break
        first = entry.at
    reason = feed.reasons[-1]
    connect = f"orderwright connect {name}" + ("" if reason.code in REFUSALS else " --test")
    look = f"orderwright feed check --feed {name}"
    if getattr(settings_of(health.kind), "TELLS", "") == "rates":
        look = "orderwright price rates"  # which says what it found, and what to accept
    fix = look if feed.broken else connect
    return Condition(name, "failing", first, reason.code, reason.message, fix)


def in_a_word(one: Condition, today: date) -> str:
    """For one line: "acme failing since 17:40 UTC (the API key is refused)"."""
    if one.since is None:
        return f"{one.name} {one.state}"
    at = one.since.strftime("%H:%M" if one.since.date() == today else "%Y-%m-%d %H:%M")
    # A vendor's answer has its cause last; behind that of a file's breaker stands what to do.
    cause = _TO_DO.split(one.why.partition("; ")[0])[0].rpartition(": ")[2]
    return f"{one.name} {one.state} since {at} UTC ({cause})"


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
