"""orderwright connections: how each account is."""

from __future__ import annotations

from typing import Any

import click

from local.cli.answer import Answer, ago, table
from local.cli.command import command
from local.cli.shop import Shop
from local.cli.webhook_door import held_entry, webhook_urls
from orderwright.domain.base import from_iso
from orderwright.domain.clock_text import utc_text
from orderwright.usecases.operator.overview import ConnectionHealth, connections_health
from orderwright.usecases.watching import watched


def register(main: click.Group) -> None:
    """Add the command."""
    command(main, "connections")(connections)


def connections(shop: Shop) -> Answer:
    """Each connection: open or not and why, last success, token, webhook subscriptions, quota, feed."""
    now = shop.wiring.clock.now()
    data, rows, notes = [], [], []
    silent = watched(shop.storage).causes
    for health in connections_health(shop.storage, shop.config):
        told, name = _told(shop, health), shop.name(health.name)
        data.append(told)
        expires = told["token_expires_at"]
        rows.append(
            (
                name,
                health.kind,
                told["state"],
                ago(health.state.last_ok_at, now) if health.state else "never",
                ago(from_iso(expires), now) if expires else "",
                ago(health.state.subscriptions_checked_at, now) if health.state else "",
                health.points_used,
                told["feed"] and told["feed"]["state"],
            )
        )
        reasons = [*(health.state.reasons if health.state else ()), *(health.feed.reasons if health.feed else ())]
        reasons += [reason for key, reason in silent.items() if key.partition("|")[0] == health.name]
        notes += [f"{name}: {reason.code}: {reason.message}; {reason.fix}" for reason in reasons]
        if health.erasure is not None:
            notes.append(f"{name}: shop/redact goes on by itself: {health.erasure.erased} orders are erased so far")
        if told["state"] == "not connected":
            notes.append(f"{name}: has no secrets yet; orderwright connect {name}")
        if told["old_webhook_urls"]:
            end = f"orderwright connect {name} --retire-old-address"
            notes.append(f"{name}: an old webhook address is still valid; set the new one everywhere, then {end}")
    columns = ["Connection", "Kind", "State", "Last success", "Token ends", "Webhooks seen", ">Points today", "Feed"]
    return Answer(data, [table("Connections", columns, rows), *notes])


def _told(shop: Shop, health: ConnectionHealth) -> dict[str, Any]:
    secrets = shop.wiring.secrets
    entry, urls = held_entry(shop, health.name), webhook_urls(shop, health.name)
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
        "connection": shop.name(health.name),
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
        "webhook_secrets": len(entry.valid(utc_text(shop.wiring.clock.now()))) if entry else 0,
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
