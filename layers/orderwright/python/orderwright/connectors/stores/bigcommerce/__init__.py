"""BigCommerce: V2 orders; V3 refunds, catalogue, inventory, webhooks."""

from orderwright.declarations import Ability, Capability, Connector, Role, Secret

_HERE = "orderwright.connectors.stores.bigcommerce"

CONNECTOR = Connector(
    kind="bigcommerce",
    role=Role.STORE,
    title="BigCommerce",
    settings=f"{_HERE}.settings:BigCommerceSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(Secret("access_token"), Secret("client_secret", signs=True)),
    capabilities=frozenset({Capability.WEBHOOKS, Capability.CANCELLING, Capability.NOTES}),
    webhook=f"{_HERE}.webhook:read",
    listings_a_minute=600,
    abilities={
        **dict.fromkeys(Ability, ""),
        Ability.FEES: "an order does not hold it",
        Ability.REMITTER: "an order does not say it",
        Ability.COMPARES_STOCK: "it takes whatever is set; we read it again right before",
        Ability.ERASURE: "it has no webhook for that; erase by command",
    },
    ends_at="delete the API account under Settings, Store-level API accounts; that ends its webhooks",
    by_hand="Switch off its mails to customers for Shipped and Partially Shipped, or leave SHIPPED in store_mails.",
)
