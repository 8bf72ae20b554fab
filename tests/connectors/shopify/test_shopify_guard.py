"""The guard itself: every document passes, and each rule catches what breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLSchema, parse, validate

from orderwright.connectors.stores.shopify.documents import OPERATIONS, SET_QUANTITIES, Operation
from tests.connectors.shopify.guard import Guard, Violation

LOCATION, ITEM = "gid://shopify/Location/1", "gid://shopify/InventoryItem/1"
QUANTITIES = """mutation M($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code } }
}"""


def quantities(*rows: dict[str, Any], name: str = "available", key: str = "k") -> dict[str, Any]:
    return {"key": key, "input": {"name": name, "reason": "correction", "quantities": list(rows)}}


def row(**changes: Any) -> dict[str, Any]:
    values = {"inventoryItemId": ITEM, "locationId": LOCATION, "quantity": 1, "changeFromQuantity": 0}
    return {**values, **changes}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in row().items() if key != name}


MATTERING = (
    "CancelOrder",
    "CreateRefund",
    "CreateFulfillment",
    "UpdateTracking",
    "SetQuantities",
    "StockItem",
    "SetPrices",
)
"""Doubled, or standing over a later decision, when an answer is lost."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_document_is_valid_and_named(operation: Operation, schema: GraphQLSchema) -> None:
    document = parse(operation.document)
    assert validate(schema, document) == []
    assert [getattr(node, "name").value for node in document.definitions] == [operation.name]  # noqa: B009
    assert operation.has_effect == (operation.name in MATTERING)


def test_a_good_request_passes(schema: GraphQLSchema) -> None:
    Guard(schema).check(SET_QUANTITIES.document, quantities(row(), row(locationId=f"{LOCATION}2")))
    Guard(schema).check(SET_QUANTITIES.document, quantities(row(changeFromQuantity=None)))


BAD = [
    ("query Q { nonsense }", {}),
    ("query Q { orders(first: 251) { nodes { id } } }", {}),
    ("query Q { orders(first: 250) { nodes { id lineItems(first: 50) { nodes { id } } } } }", {}),
    ('query Q { order(id: "gid://shopify/Order/1") { totalPrice } }', {}),
    ("query Q($id: ID!) { order(id: $id) { id } }", {"id": "gid://shopify/Order/1", "more": 1}),
    ("query Q($id: ID!) { order(id: $id) { id } }", {}),
    (QUANTITIES.replace("@idempotent(key: $key)", "").replace(", $key: String!", ""), {"input": quantities(row())["input"]}),
    (QUANTITIES, quantities(without("changeFromQuantity"))),
    (QUANTITIES, quantities(row(), row())),
    (QUANTITIES, quantities()),
    (QUANTITIES, quantities(row(), name="committed")),
    (QUANTITIES, quantities(row(quantity=2_000_000_000))),
    (QUANTITIES, quantities(row(), key="")),
    (QUANTITIES, quantities(*(row(locationId=f"{LOCATION}{n}") for n in range(251)))),
    (
        'mutation M { productVariantsBulkUpdate(productId: "gid://shopify/Product/1", variants: [{price: "1"}]) '
        "{ userErrors { code } } }",
        {},
    ),
    (
        'mutation M { productVariantsBulkUpdate(productId: "gid://shopify/Product/1", variants: []) '
        '@idempotent(key: "k") { userErrors { code } } }',
        {},
    ),
    (
        'mutation M { fulfillmentCreate(fulfillment: {lineItemsByFulfillmentOrder: '
        '[{fulfillmentOrderId: "gid://shopify/FulfillmentOrder/1"}]}) { userErrors { field } } }',
        {},
    ),
    (
        'mutation M { webhookSubscriptionCreate(topic: ORDERS_PAID, webhookSubscription: {callbackUrl: "https://x.example.com"}) '
        "{ userErrors { field } } }",
        {},
    ),
    (
        'mutation M { orderCancel(orderId: "gid://shopify/Order/1", reason: OTHER, restock: false, refund: true) '
        "{ orderCancelUserErrors { code } } }",
        {},
    ),
    (
        'mutation M { orderCancel(orderId: "gid://shopify/Order/1", reason: OTHER, restock: false) '
        "{ userErrors { field } } }",
        {},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("document", "variables"), BAD)
def test_a_bad_request_is_caught(document: str, variables: dict[str, Any], schema: GraphQLSchema) -> None:
    with pytest.raises(Violation):
        Guard(schema).check(document, variables)


def test_one_key_for_two_requests_is_caught(schema: GraphQLSchema) -> None:
    guard = Guard(schema)
    guard.check(QUANTITIES, quantities(row()))
    guard.check(QUANTITIES, quantities(row()))
    with pytest.raises(Violation, match="KEY_PARAMETER_MISMATCH"):
        guard.check(QUANTITIES, quantities(row(quantity=2)))


def test_a_scripted_answer_must_fit_the_schema(schema: GraphQLSchema) -> None:
    document = "query Q { shop { name } }"
    assert Guard(schema).answer(document, {}, {"shop": {"name": "Nordlight", "email": "x"}}) == {
        "shop": {"name": "Nordlight"}
    }
    with pytest.raises(Violation):
        Guard(schema).answer(document, {}, {"shop": {}})
