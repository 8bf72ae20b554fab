"""A store in virtual time with an app at its door, for the tests of the sandbox's Shopify."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.sandbox.shopify import ShopifyConfig, ShopifyStore
from local.sandbox.wire import Delivery, Request, Response, World

GRAPHQL = "/admin/api/2026-10/graphql.json"
HOOK = "https://hooks.example.com/shopify"


@dataclass
class Desk:
    """The store, its world, what it delivered, and an app with a token."""

    config: ShopifyConfig = field(default_factory=ShopifyConfig)
    now: datetime = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    sent: list[Delivery] = field(default_factory=list)
    token: str = ""

    def __post_init__(self) -> None:
        self.world = World(clock=lambda: self.now, deliver=self.sent.append)
        self.store = ShopifyStore(self.world, self.config)
        self.token = json.loads(self.ask_token().body)["access_token"]

    def pass_time(self, seconds: float) -> None:
        """Move the world's clock."""
        self.now += timedelta(seconds=seconds)

    def ask_token(self, secret: str | None = None) -> Response:
        """One client-credentials grant."""
        given = {
            "grant_type": "client_credentials",
            "client_id": self.config.client_id,
            "client_secret": secret or self.config.client_secret,
        }
        headers = {"content-type": "application/json"}
        return self.store.handle(Request("POST", "/admin/oauth/access_token", {}, headers, json.dumps(given).encode()))

    def post(self, query: str, path: str = GRAPHQL, **variables: Any) -> Response:
        """One GraphQL request as it travels."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "application/json", "x-shopify-access-token": self.token}
        return self.store.handle(Request("POST", path, {}, headers, body))

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole JSON answer of one GraphQL request."""
        answer: dict[str, Any] = json.loads(self.post(query, **variables).body)
        return answer

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found

    def subscribe(self, topic: str, uri: str = HOOK, fields: list[str] | None = None) -> dict[str, Any]:
        """The payload of one webhookSubscriptionCreate."""
        query = """mutation($topic: WebhookSubscriptionTopic!, $input: WebhookSubscriptionInput!) {
          webhookSubscriptionCreate(topic: $topic, webhookSubscription: $input) {
            webhookSubscription { id topic uri includeFields } userErrors { field message } } }"""
        given = {"uri": uri, **({"includeFields": fields} if fields else {})}
        payload: dict[str, Any] = self.data(query, topic=topic, input=given)["webhookSubscriptionCreate"]
        return payload

    def locations(self) -> dict[str, str]:
        """Location name -> global id."""
        rows = self.data("{ locations(first: 5) { nodes { id name } } }")["locations"]["nodes"]
        return {row["name"]: row["id"] for row in rows}

    def variant(self, sku: str) -> dict[str, Any]:
        """The variant with this SKU, as a connector looks it up."""
        query = """query($q: String!) { productVariants(first: 5, query: $q) { nodes {
          id sku price inventoryQuantity product { id status } inventoryItem { id tracked } } } }"""
        nodes = self.data(query, q=f"sku:{sku}")["productVariants"]["nodes"]
        found: dict[str, Any] = nodes[0]
        return found

    def ledger(self, kind: str) -> list[dict[str, Any]]:
        """The facts of one kind, each with its reference."""
        return [{"reference": row.reference, **row.data} for row in self.world.ledger.of_kind("shopify", kind)]
