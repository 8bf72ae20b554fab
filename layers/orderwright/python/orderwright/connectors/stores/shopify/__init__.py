"""Shopify, GraphQL Admin API: orders, refunds, goods, prices, stock, fulfillments, webhooks."""

from orderwright.declarations import Ability, Capability, Connector, Role, Secret

_HERE = "orderwright.connectors.stores.shopify"

CONNECTOR = Connector(
    kind="shopify",
    role=Role.STORE,
    title="Shopify",
    settings=f"{_HERE}.settings:ShopifySettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(
        Secret("client_secret", signs=True),
        Secret("webhook_secret", required=False, signs=True, when="where it is another"),
    ),
    capabilities=frozenset({Capability.WEBHOOKS, Capability.CANCELLING}),
    webhook=f"{_HERE}.webhook:read",
    listings_a_minute=200,
    abilities={
        **dict.fromkeys(Ability, ""),
        Ability.HIDES_VARIANT: "a product is shown or hidden as a whole; a variant without stock cannot be bought",
        Ability.NOTES: "its one note belongs to the buyer, and an API cannot write into the time line",
    },
    ends_at="uninstall the app in the store's admin; that ends its subscriptions",
    by_hand="Set the three privacy topics (customers/data_request, customers/redact, shop/redact) to it, in the app's own "
    "configuration: they cannot be subscribed by API.",
)
