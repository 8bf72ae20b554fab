"""Backups of the three tables, and the way back. DynamoDB restores into new tables only; what is missing is copied from there.

A backup is a set of three, called <stack>-<moment>. Its tables, restored, are called <stack>-<moment>-restored-<role>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

MOMENT = "%Y%m%dT%H%M%SZ"
ROLES = ("orders", "catalogue", "control")
_SIGN = {"orders": "ORDER", "catalogue": "SKU"}
"""Table -> the item of a partition without which no function acts on it. It is copied last: with it, the partition is whole."""


class Copied(NamedTuple):
    """Of one table: items in the restored one, items written, and items that were there or belong to what was there."""

    restored: int
    written: int
    left_alone: int


def moment_of(name: str) -> datetime | None:
    """The moment in a backup's name; None for a name that is none."""
    found = re.search(r"-(\d{8}T\d{6}Z)$", name)
    return datetime.strptime(found[1], MOMENT).replace(tzinfo=UTC) if found else None


def stack_of(name: str) -> str:
    """The stack that a backup is of, by its name."""
    return name.rpartition("-")[0]


class TableBackups:
    """`client` is a botocore DynamoDB client; `tables` are the stack's tables by role, none where it is gone."""

    def __init__(self, client: Any, stack: str, tables: Mapping[str, str]) -> None:
        self._client = client
        self._stack = stack
        self._tables = tables

    def name_at(self, moment: datetime) -> str:
        """What a set of this moment is called."""
        return f"{self._stack}-{moment.astimezone(UTC).strftime(MOMENT)}"

    def create(self, name: str) -> None:
        """Begin a backup of each table; AWS needs seconds. The three are not of exactly one instant."""
        for role, table in self._tables.items():
            self._client.create_backup(TableName=table, BackupName=f"{name}-{role}")

    def listed(self) -> dict[str, dict[str, Any]]:
        """Name of a set -> {role: AWS's summary}, oldest first, also where the tables are gone."""
        found: dict[str, dict[str, Any]] = {}
        for page in self._client.get_paginator("list_backups").paginate(BackupType="USER"):
            for one in page["BackupSummaries"]:
                name, _, role = one["BackupName"].rpartition("-")
                if role in ROLES and moment_of(name) and stack_of(name) == self._stack:
                    found.setdefault(name, {})[role] = one
        return dict(sorted(found.items()))

    def delete(self, name: str) -> None:
        """End the backups of a set."""
        for one in self.listed().get(name, {}).values():
            self._client.delete_backup(BackupArn=one["BackupArn"])

    def restore(self, name: str) -> dict[str, str]:
        """Begin to restore a set, or the point in time of that name, into new tables; gives their names by role."""
        held, taken = self.listed().get(name, {}), self._client.exceptions
        for role, table in self._tables.items():
            target = {"TargetTableName": self.restored(name, role)}
            try:
                if role in held:
                    self._client.restore_table_from_backup(BackupArn=held[role]["BackupArn"], **target)
                else:
                    moment = moment_of(name)
                    self._client.restore_table_to_point_in_time(SourceTableName=table, RestoreDateTime=moment, **target)
            except (taken.TableAlreadyExistsException, taken.TableInUseException):
                continue  # begun before
        return {role: self.restored(name, role) for role in self._tables}

    def restored(self, name: str, role: str) -> str:
        """What a restored table is called."""
        return f"{name}-restored-{role}"

    def unready(self, name: str) -> list[str]:
        """Restored tables of this set that are not there yet, each with its state."""
        found = []
        for table in (self.restored(name, role) for role in self._tables):
            try:
                state = self._client.describe_table(TableName=table)["Table"]["TableStatus"]
            except self._client.exceptions.ResourceNotFoundException:
                state = "not there"
            found += [] if state == "ACTIVE" else [f"{table}: {state}"]
        return found

    def copy_back(self, name: str, role: str) -> Copied:
        """Write what is missing; what is there stays as it is. Interrupted, it goes on when it is called again.

        An order or a SKU that is there is left alone as a whole, so what was erased since stays erased. Facts are not copied:
        what follows from an item is found by its due time.
        """
        sign = _SIGN.get(role)
        there = {
            item["pk"]["S"] for item in self._items(self._tables[role], keys=True) if sign and item["sk"]["S"] == sign
        }
        restored = written = 0
        for last in (False, True):
            for item in self._items(self.restored(name, role)):
                restored += not last
                if item["pk"]["S"] not in there and (item["sk"]["S"] == (sign or "CURRENT")) == last:
                    item.pop("facts", None)
                    written += self._put(self._tables[role], item)
        return Copied(restored, written, restored - written)

    def _put(self, table: str, item: dict[str, Any]) -> bool:
        try:
            self._client.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _items(self, table: str, *, keys: bool = False) -> Iterator[dict[str, Any]]:
        less = {"ProjectionExpression": "pk, sk"} if keys else {}
        for page in self._client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **less):
            yield from page["Items"]
