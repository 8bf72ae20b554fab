"""Market, a store that nobody runs: REST, orders in pages, stock by variant, no locations. For tests only.

It is what a second store's package would be, and shows that adding one touches nothing but its package and one line.
"""

from orderwright.declarations import Ability, Capability, Connector, Role, Secret

_HERE = "tests.scripted.stores.market"

CONNECTOR = Connector(
    kind="market",
    role=Role.STORE,
    title="Market",
    settings=f"{_HERE}.settings:MarketSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(Secret("api_secret"), Secret("webhook_secret", signs=True)),
    capabilities=frozenset({Capability.WEBHOOKS}),
    webhook=f"{_HERE}.webhook:read",
    methods=("GET", "POST"),
    queue=f"{_HERE}.webhook:read_queue",
    abilities={
        **dict.fromkeys(Ability, ""),
        Ability.NOTES: "it has no notes",
        Ability.EARLIER: "it knows no customers",
        Ability.GUESTS: "it knows no customers",
        Ability.CANCELS: "a person does it there",
        Ability.REFUNDS: "a person does it there",
    },
    ends_at="delete the webhook under Integrations in Market's back office",
)
