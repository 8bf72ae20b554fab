"""A shop that is ready for its first customer: accounts with the vendors, secrets, configuration, goods on sale, webhooks."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from local.sandbox.goods import GOODS, Good
from orderwright.aws.secrets import SecretStore
from orderwright.bootstrap import Wiring
from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.identity import Identity
from orderwright.domain.listing import Listing
from orderwright.domain.money import Money
from orderwright.domain.operations import StoredConfig
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports.connection import Subscription
from orderwright.records import CURRENT_CONFIG, listing_key, sku_key
from orderwright.storage import Put
from orderwright.tracking_links import PARAMETER
from orderwright.usecases.listing.records import listing_state
from orderwright.usecases.stock.offers import offer_put
from tests.support.hooks import subscribe
from tests.support.shop import CARRIER, FEED, PAGES, STORE, SUPPLIER, admit, hook, identities, test_config

if TYPE_CHECKING:
    from tests.simulation.sim import Sim
SENDER = "shop@example.com"
PAGE_KEY = "the same in every process"


def shop_config(sim: Sim) -> Config:
    """The demo shop's rules; every milestone is told by us, so that each can go wrong."""
    body = test_config().model_dump(mode="json", by_alias=True)
    lines = {STORE: dict(sim.front.lines(sim.store))}
    if sim.supply.settings:
        lines[SUPPLIER] = dict(sim.supply.settings)
    for name, settings in sim.supply.beside.items():
        lines[name] = {key: value for key, value in settings.items() if key != "account"}
    return Config.model_validate({**body, "connections": {**body["connections"], **lines}})


def open_shop(sim: Sim) -> None:
    """Everything that a merchant does once."""
    sim.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    sim.topic = sim.client("sns").create_topic(Name="operator")["TopicArn"]
    wiring = sim.new_wiring("operator")
    for bucket in ("SNAPSHOTS_BUCKET", "FILES_BUCKET"):
        sim.client("s3").create_bucket(Bucket=wiring.setting(bucket))
    _secrets(sim, wiring)
    applied = StoredConfig(
        number=1,
        document=sim.config.model_dump_json(),
        applied_at=sim.clock.now(),
        applied_by="merchant",
        identities=_identities(sim),
    )
    wiring.storage.commit([Put(CURRENT_CONFIG, applied, 0)])
    _stock_up(sim, wiring)
    sim.supply.furnishes(sim, wiring)
    if sim.front.kind == "shopify":  # set in the app, and not by API
        sim.store.config.privacy_url = hook(STORE)
    subscribe(wiring, STORE, Subscription(hook(STORE), secret=sim.front.secret))
    sim.supply.subscribes(wiring)
    subscribe(wiring, CARRIER, Subscription(hook(CARRIER), secret="hook"))


def _identities(sim: Sim) -> tuple[Identity, ...]:
    """Who the connections are, as `connect` has written it down."""
    supplier = (sim.config.connections[SUPPLIER].kind, sim.words.account(sim.supplier))
    beside = {name: (one["kind"], one["account"]) for name, one in sim.supply.beside.items()}
    store = (sim.front.kind, sim.front.account(sim.store))
    return identities(None, sim.stands["cj"], sim.clock.now(), {STORE: store, SUPPLIER: supplier, **beside})


def _secrets(sim: Sim, wiring: Wiring) -> None:
    secrets = SecretStore(sim.client("ssm"), wiring.setting("SECRETS_PREFIX"), sim.clock.now)
    feed = sim.feed.config
    for connection in (STORE, SUPPLIER, CARRIER):
        secrets.write(connection, "webhook", {"url": hook(connection)})
    sim.front.admits(secrets, sim.store)
    sim.supply.admits(secrets, sim.supplier)
    secrets.write(CARRIER, "secrets", {"api_key": sim.carrier.config.api_key, "webhook_secret": "hook"})
    admit(secrets, CARRIER, "easypost", "hook")
    secrets.write(FEED, "secrets", {"username": feed.user, "password": feed.password})
    secrets.write(*PARAMETER, {"url": PAGES, "keys": [PAGE_KEY]})


def _stock_up(sim: Sim, wiring: Wiring) -> None:
    """The catalogue as an import leaves it, and the goods on sale in the store."""
    connector = wiring.connectors.store_catalogue(STORE)
    location = connector.find_location(sim.front.location)
    for good in GOODS:
        record = SkuRecord(sku=good.sku, title=good.title, description_html=good.description_html, brand="Nordlight")
        price = usual_price(good)
        view = connector.publish_goods(record, price, good.stock, location)
        listing = Listing(
            sku=good.sku,
            store=STORE,
            variant_id=view.variant_id,
            listed_id=view.listed_id,
            stock_id=view.stock_id,
            location_id=location,
            desired_price=price,
            desired_quantity=good.stock,
            published_price=price,
            published_quantity=good.stock,
            published=True,
        )
        offer = _offer(sim, good)
        wiring.storage.commit(
            [
                Put(sku_key(good.sku), record, 0, state="SKU"),
                offer_put(offer, 0, matters=False),
                Put(listing_key(good.sku, STORE), listing, 0, state=listing_state(STORE)),
            ]
        )


def usual_price(good: Good) -> Money:
    """What a store shows when it opens."""
    markup = Decimal(2) if good.sku == "HL-PRO-1200" else Decimal("2.4")
    amount = ((good.cost + good.freight) * markup).to_integral_value(rounding="ROUND_FLOOR") + Decimal("0.99")
    return Money.parse(str(amount), "USD")


def _offer(sim: Sim, good: Good) -> Offer:
    supplier_sku, ref, article = sim.supply.names(good)
    return Offer(
        sku=good.sku,
        supplier=SUPPLIER,
        supplier_sku=supplier_sku,
        supplier_ref=ref,
        cost=UnitCost.parse(str(good.cost), "USD"),
        freight=UnitCost.parse(str(good.freight), "USD"),
        stock=good.stock,
        sellable=good.stock,
        observed_at=sim.clock.now(),
        article=article,
    )
