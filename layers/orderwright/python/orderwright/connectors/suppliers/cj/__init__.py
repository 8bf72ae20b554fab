"""CJdropshipping, API v2: orders in five calls, parcels, stock, catalogue, webhooks."""

from orderwright.declarations import Capability, Connector, Role, Secret

_HERE = "orderwright.connectors.suppliers.cj"

CONNECTOR = Connector(
    kind="cj",
    role=Role.SUPPLIER,
    title="CJdropshipping",
    settings=f"{_HERE}.settings:CjSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(
        Secret("api_key"),
        Secret("email", required=False, when="for older accounts"),
        # CJ signs with the account's openId, which comes with the token.
        Secret("open_id", required=False, signs=True, with_token=True),
    ),
    capabilities=frozenset(
        {Capability.CATALOGUE, Capability.FREIGHT, Capability.STOCK, Capability.TRACKING, Capability.WEBHOOKS}
    ),
    webhook=f"{_HERE}.webhook:read",
    ends_at="switch the webhooks off in the account's API settings",
)
