"""EasyPost: trackers of parcels of many carriers, and their webhooks."""

from orderwright.declarations import Capability, Connector, Role, Secret

_HERE = "orderwright.connectors.carriers.easypost"

CONNECTOR = Connector(
    kind="easypost",
    role=Role.CARRIER,
    title="EasyPost",
    settings=f"{_HERE}.settings:EasyPostSettings",
    build=f"{_HERE}.connector:build",
    first=f"{_HERE}.settings:FIRST",
    secrets=(Secret("api_key"), Secret("webhook_secret", signs=True)),
    capabilities=frozenset({Capability.WEBHOOKS}),
    webhook=f"{_HERE}.webhook:read",
    ends_at="delete the webhook in EasyPost's dashboard, under Webhooks",
)
