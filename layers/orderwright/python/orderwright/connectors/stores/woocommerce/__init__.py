"""WooCommerce, REST wc/v3: orders, refunds, goods, prices, stock, fulfillments, notes, cancelling, webhooks."""

from orderwright.declarations import Ability, Capability, Connector, Role, Secret

_HERE = "orderwright.connectors.stores.woocommerce"

CONNECTOR = Connector(
    kind="woocommerce",
    role=Role.STORE,
    title="WooCommerce",
    settings=f"{_HERE}.settings:WooSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(Secret("consumer_key"), Secret("consumer_secret"), Secret("webhook_secret", signs=True)),
    capabilities=frozenset({Capability.WEBHOOKS, Capability.CANCELLING, Capability.NOTES}),
    webhook=f"{_HERE}.webhook:read",
    listings_a_minute=120,
    abilities={
        **dict.fromkeys(Ability, ""),
        Ability.AUTHORISED: "its core has no such state; a plugin's own status can be mapped in the settings",
        Ability.DISPUTED: "its core has no such state; a plugin's own status can be mapped in the settings",
        Ability.RISK: "its orders have no field for it; an order that cannot be right is held",
        Ability.TEST: "its orders carry no mark; one that was paid in the test mode of WooPayments is held",
        Ability.GUESTS: "an order of a guest belongs to no customer there: by rule, it counts as the first",
        Ability.FEES: "its orders have no field for it; the configured rate counts",
        Ability.REMITTER: "its orders have no field for it: the merchant remits",
        Ability.COMPARES_STOCK: "it has no such write: stock is read right before, and changed by the difference only",
        Ability.ERASURE: "it sends nothing for it; the next reading of the order, within minutes, forgets the person here too",
        Ability.UNINSTALLED: "it tells nobody; keys that were taken away show as refused",
    },
    ends_at="delete the webhooks under WooCommerce, Settings, Advanced, Webhooks",
)
