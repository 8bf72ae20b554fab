"""A Change as a DynamoDB write. Pure: no client here.

Every item: pk, sk, schema, version, writer (token of the write, to recognise our own after a lost answer), body, and
optionally facts, due_shard + due_at, ref, state_shard + updated_at, expires_at.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from orderwright.aws.values import to_item, to_typed
from orderwright.domain.base import Model, iso
from orderwright.domain.catalogue import Offer
from orderwright.domain.time_line import Logged
from orderwright.errors import SpendRefused
from orderwright.records import ALL_SUPPLIERS, Key, budget_key, kill_key
from orderwright.storage import LOG_ARCHIVED, Copy, Delete, Fact, Put, Reserve, Spend, Unreserve, splits_log

SCHEMA = 1
DUE_SHARDS = 2
MAX_FACTS = 20
BUDGET_KEPT_DAYS = 400


def due_shard(pk: str) -> str:
    """Which shard of the due index a partition belongs to."""
    return f"due-{crc32(pk.encode()) % DUE_SHARDS}"


def due_text(at: datetime, message_type: str) -> str:
    """Sort key of the due index: the time first, then the message that wakes it."""
    return f"{iso(at)}#{message_type}"


def fact_fields(fact: Fact) -> dict[str, Any]:
    """A fact without its empty fields."""
    return {name: value for name, value in vars(fact).items() if value}


def facts_text(facts: Sequence[Fact]) -> str:
    """Facts as one JSON text: an event filter of Lambda can test a text for existence, not a list."""
    return json.dumps([fact_fields(fact) for fact in facts], separators=(",", ":"))


def _fields(pk: str, sk: str, version: int, writer: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"pk": pk, "sk": sk, "schema": SCHEMA, "version": version, "writer": writer, "body": body}


def split_log(model: Model, key: Key, version: int, now: str) -> tuple[Model, dict[str, Any] | None]:
    """Keep an item small: once the log is long, its oldest part moves to an item of its own in the same commit."""
    if not isinstance(model, Logged) or not splits_log(model):
        return model, None
    archived = [entry.model_dump(mode="json") for entry in model.log[:LOG_ARCHIVED]]
    item = _fields(key.pk, f"LOG#{key.sk}#{version + 1:08d}", 1, now, {"log": archived})
    return model.without_oldest(LOG_ARCHIVED), item


def put_item(change: Put, model: Model, writer: str, now: datetime) -> dict[str, Any]:
    """The whole item of a Put, in wire form."""
    if len(change.facts) > MAX_FACTS:
        raise ValueError(f"{len(change.facts)} facts in one item; at most {MAX_FACTS} (split the commit)")
    body = model.model_dump(mode="json", exclude_defaults=True)
    if isinstance(model, Offer):
        body["open"] = dict(model.open)  # always there: an update expression cannot create a path below nothing
    fields = _fields(change.key.pk, change.key.sk, change.version + 1, writer, body)
    if change.facts:
        fields["facts"] = facts_text(change.facts)
    if change.due is not None:
        fields["due_shard"] = due_shard(change.key.pk)
        fields["due_at"] = due_text(change.due.at, change.due.type)
    if change.ref:
        fields["ref"] = change.ref
    if change.index_state:
        fields["state_shard"] = change.index_state
        fields["updated_at"] = iso(change.since or now)
    if change.until is not None:
        fields["expires_at"] = int(change.until.timestamp())
    return to_item(fields)


def _key(table: str, key: Key) -> dict[str, Any]:
    return {"TableName": table, "Key": to_item({"pk": key.pk, "sk": key.sk})}


def put_request(table: str, item: dict[str, Any], version: int) -> dict[str, Any]:
    """A conditional put: the version that was read, or nothing there."""
    request: dict[str, Any] = {"TableName": table, "Item": item, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if version == 0:
        request["ConditionExpression"] = "attribute_not_exists(pk)"
    else:
        request["ConditionExpression"] = "version = :version"
        request["ExpressionAttributeValues"] = {":version": to_typed(version)}
    return request


def copy_request(table: str, change: Copy, writer: str) -> dict[str, Any]:
    """A put without a condition: the item that it is a copy of has one, in the same commit."""
    body = change.model.model_dump(mode="json", exclude_defaults=True)
    fields = _fields(change.key.pk, change.key.sk, change.version, writer, body)
    if change.until is not None:
        fields["expires_at"] = int(change.until.timestamp())
    return {"TableName": table, "Item": to_item(fields)}


def _offer_update(
    table: str, change: Reserve | Unreserve, writer: str, condition: str, update: str, **more: Any
) -> dict[str, Any]:
    sku = change.key.pk.removeprefix("SKU#")
    fact = Fact("offer.changed", pk=change.key.pk, resource=sku)
    names = {"#body": "body", "#open": "open", "#version": "version"}
    values = {":one": to_typed(1), ":writer": to_typed(writer), ":facts": to_typed(facts_text([fact]))}
    values |= {f":{name}": to_typed(value) for name, value in more.items()}
    for index, (entry, quantity) in enumerate(change.entries):
        names[f"#e{index}"] = entry
        values[f":q{index}"] = to_typed(quantity)
    values[":sum"] = to_typed(sum(quantity for _, quantity in change.entries))
    return {
        **_key(table, change.key),
        "ConditionExpression": condition,
        "UpdateExpression": update + " #version = #version + :one, writer = :writer, facts = :facts",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def reserve_request(table: str, change: Reserve, writer: str) -> dict[str, Any]:
    """Reserve: no entry may exist and the sum must be sellable (promise P3)."""
    indexes = range(len(change.entries))
    free = " AND ".join(f"attribute_not_exists(#body.#open.#e{i})" for i in indexes)
    sets = ", ".join(f"#body.#open.#e{i} = :q{i}" for i in indexes)
    condition = f"attribute_exists(pk) AND {free} AND #body.sellable >= :sum"
    return _offer_update(table, change, writer, condition, f"SET {sets}, #body.sellable = #body.sellable - :sum,")


def unreserve_request(table: str, change: Unreserve, writer: str) -> dict[str, Any]:
    """Give back: each entry must hold exactly its quantity."""
    indexes = range(len(change.entries))
    held = " AND ".join(f"#body.#open.#e{i} = :q{i}" for i in indexes)
    removes = ", ".join(f"#body.#open.#e{i}" for i in indexes)
    update = f"REMOVE {removes} SET #body.sellable = #body.sellable + :sum,"
    if change.sold:
        # A default is not written down: an offer of which nothing was sold has no such field.
        update += " #body.sold = if_not_exists(#body.sold, :none) + :sum,"
    return _offer_update(table, change, writer, held, update, **({"none": 0} if change.sold else {}))


def spend_requests(table: str, change: Spend, writer: str, now: datetime) -> list[dict[str, Any]]:
    """The day's counter, at most up to the cap, and both kill switches as conditions of the same transaction (P10).

    Raises SpendRefused for a cap in another currency: two currencies cannot be compared without a rate.
    """
    requests: list[dict[str, Any]] = []
    amount = change.amount
    values = {
        ":amount": to_typed(amount.minor),
        ":currency": to_typed(amount.currency),
        ":writer": to_typed(writer),
        ":one": to_typed(1),
        ":expires": to_typed(int(now.timestamp()) + BUDGET_KEPT_DAYS * 86400),
    }
    condition = "(attribute_not_exists(pk) OR currency = :currency)"
    if change.cap is not None and amount.minor > 0:
        if change.cap.currency != amount.currency:
            raise SpendRefused(
                "CAP_CURRENCY",
                f"the spending limit of {change.supplier} is in {change.cap.currency}, it charges in {amount.currency}",
            )
        room = change.cap.minor - amount.minor
        values[":room"] = to_typed(room)
        # A day without a counter has spent nothing: the amount alone must fit.
        condition += " AND (attribute_not_exists(spent) OR spent <= :room)" if room >= 0 else " AND spent <= :room"
    if amount.minor:
        requests.append(
            {
                "Update": {
                    **_key(table, budget_key(change.supplier, change.day)),
                    "ConditionExpression": condition,
                    "UpdateExpression": "SET currency = :currency, writer = :writer, expires_at = :expires"
                    " ADD spent :amount, version :one",
                    "ExpressionAttributeValues": values,
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                }
            }
        )
    if change.check_kill:
        requests += [_switched_off(table, ALL_SUPPLIERS), _switched_off(table, change.supplier)]
    return requests


def _switched_off(table: str, switch: str) -> dict[str, Any]:
    return {
        "ConditionCheck": {
            **_key(table, kill_key(switch)),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "NONE",
        }
    }


def delete_request(table: str, change: Delete) -> dict[str, Any]:
    """Remove an item of a known version."""
    return {
        **_key(table, change.key),
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {":version": to_typed(change.version)},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
