"""The three tables as template.yaml defines them, made in whatever fake of DynamoDB a test uses."""

from __future__ import annotations

from typing import Any

NAMES = {"orders": "orders", "catalogue": "catalogue", "control": "control"}
INDEXES = {
    "orders": {"due": ("due_shard", "due_at"), "by_state": ("state_shard", "updated_at"), "by_ref": ("ref", "sk")},
    "catalogue": {"due": ("due_shard", "due_at"), "by_ref": ("ref", "sk"), "by_state": ("state_shard", "updated_at")},
    "control": {"due": ("due_shard", "due_at"), "by_state": ("state_shard", "updated_at")},
}


def create_tables(dynamodb: Any, suffix: str = "") -> dict[str, str]:
    """Create them and give their names by role."""
    names = {role: name + suffix for role, name in NAMES.items()}
    for role, name in names.items():
        indexes = INDEXES[role]
        attributes = {"pk", "sk", *(part for keys in indexes.values() for part in keys)}
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": a, "AttributeType": "S"} for a in sorted(attributes)],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": keys[0], "KeyType": "HASH"},
                        {"AttributeName": keys[1], "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
                for index, keys in indexes.items()
            ],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
    return names
