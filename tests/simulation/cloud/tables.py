"""The template's tables, made in the in-process AWS under the names of their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


def _keys(hash_key: str, range_key: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": hash_key, "KeyType": "HASH"}]
    return [*keys, {"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else keys


def create_tables(sim: Sim) -> None:
    """All of them, with indexes and streams."""
    for role, spec in sim.topology.tables.items():
        indexes = [
            {
                "IndexName": name,
                "KeySchema": _keys(index.hash_key, index.range_key),
                "Projection": {"ProjectionType": index.projection},
            }
            for name, index in spec.indexes.items()
        ]
        request: dict[str, Any] = {
            "TableName": role,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, kind in sorted(spec.attributes.items())
            ],
            "KeySchema": _keys(spec.hash_key, spec.range_key),
        }
        if indexes:
            request["GlobalSecondaryIndexes"] = indexes
        if spec.stream:
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": spec.stream}
        sim.client("dynamodb").create_table(**request)
