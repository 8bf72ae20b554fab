"""orderwright connections: how each account is."""

from __future__ import annotations

from local.cli.answer import Answer, ago, table
from local.cli.shop import Shop
from orderwright.domain.base import from_iso
from orderwright.usecases.operator.overview import connections_health
from orderwright.usecases.operator.views.connections import connection_data
from orderwright.usecases.people.fixes import at_stack
from orderwright.usecases.watching import watched


def connections(shop: Shop) -> Answer:
    """Each connection: open or not and why, last success, token, webhook subscriptions, quota, feed."""
    now = shop.wiring.clock.now()
    data, rows, notes = [], [], []
    silent = watched(shop.storage).causes
    for health in connections_health(shop.storage, shop.config):
        told, name = connection_data(shop.office, health), shop.name(health.name)
        data.append(told)
        expires = told["token_expires_at"]
        worked = ago(health.state.last_ok_at, now) if health.state else "never"
        checked = ago(health.state.subscriptions_checked_at, now) if health.state else ""
        ends, feed = ago(from_iso(expires), now) if expires else "", told["feed"] and told["feed"]["state"]
        rows.append((name, health.kind, told["state"], worked, ends, checked, told["points_used"], feed))
        if told["state"] in ("failing", "not connected"):
            since = f" since {told['failing_since']:%Y-%m-%d %H:%M} UTC" if told["failing_since"] else ""
            code = f"{told['code']}: " if told["code"] else ""
            notes.append(f"{name}: {told['state']}{since}: {code}{told['why']}; {at_stack(told['fix'], shop.at)}")
        reasons = [*(health.state.reasons if health.state else ())]
        reasons += [reason for reason in (health.feed.reasons if health.feed else ()) if reason.code != told["code"]]
        reasons += [reason for key, reason in silent.items() if key.partition("|")[0] == health.name]
        notes += [f"{name}: {reason.code}: {reason.message}; {reason.fix}" for reason in reasons]
        if health.erasure is not None:
            done = f"{health.erasure.erased} orders are erased so far"
            notes.append(f"{name}: the erasure of the shop continues automatically: {done}")
        if told["old_webhook_urls"]:
            end = f"orderwright connect {name} --retire-old-address"
            notes.append(f"{name}: an old webhook address is still valid; set the new one everywhere, then {end}")
    columns = ["Connection", "Kind", "State", "Last success", "Token ends", "Webhooks seen", ">Points today", "Feed"]
    return Answer(data, [table("Connections", columns, rows), *notes])
