"""An order shop whose goods are those of a scripted supplier; its vendor's ledger is the judge."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from urllib.parse import parse_qsl, urlsplit

from orderwright.aws.secrets import SecretStore
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import settings_of
from orderwright.errors import VendorError
from orderwright.ports.people import Email
from orderwright.records import CONTROL, Key
from orderwright.webhooks import Request
from tests.scripted.suppliers.vendor import PREFIX as ITEM
from tests.scripted.suppliers.vendor import MailDesk, ScriptedVendor
from tests.support.sandbox_transport import Handle
from tests.support.shop import PREFIX, admit, hook, test_config
from tests.unit.usecases.order_shop import OrderShop, Post, before_call

PARTS = "parts"
STEPS = {"one": ["place"], "two": ["create", "commit"], "three": ["create", "commit", "label"], "mail": ["mail"]}
"""Shape -> its calls. The shape "mail" is the supplier by mail; "desk" the one whose people are written to as well."""
BY_MAIL = ("mail", "desk")


class DeskPost(Post):
    """A post office whose mails arrive at the supplier's desk. `lost`: what the sends after this raise, once they arrived."""

    def __init__(self, shop: ScriptedShop) -> None:
        super().__init__()
        self._shop, self.lost = shop, list[VendorError]()
        self.first: Callable[[], object] | None = None

    def send_email(self, email: Email) -> str:
        """One mail."""
        if self.first is not None:
            act, self.first = self.first, None
            act()
        self._shop.boundary.before("mail:send")
        sent = super().send_email(email)
        if self._shop.desk.take(email.to, email.text):
            self._shop.boundary.after("mail:send")
            if self.lost:
                raise self.lost.pop()
        return sent


class ScriptedShop(OrderShop):
    """`shape`: see STEPS; `settings` are those of the connection."""

    def __init__(self, shape: str, config: Config | None = None, **settings: object) -> None:
        self.shape, kind = shape, f"scripted-{shape}" if shape in BY_MAIL else "scripted"
        own = {"answers_at": hook(PARTS)} if shape in BY_MAIL else {"shape": shape}
        parts = settings_of(kind).model_validate({"kind": kind, **own, **settings})
        config = config or test_config()
        self.others = {PARTS: (kind, "")}
        super().__init__(config.model_copy(update={"connections": {**config.connections, PARTS: parts}}))
        self.post: DeskPost = DeskPost(self)
        self.wiring = self.new_worker()
        secrets = SecretStore(self.aws.client("ssm"), PREFIX, self.clock.now)
        secrets.write(PARTS, "secrets", {"api_key": self.vendor.key, "link_secret": "s3cret"})
        admit(secrets, PARTS, kind, "s3cret")
        self.connect()
        self.stock_up(PARTS, lambda good: ITEM + good.sku)

    @cached_property
    def vendor(self) -> ScriptedVendor:
        """Behind the steps."""
        return ScriptedVendor(self.world)

    @cached_property
    def desk(self) -> MailDesk:
        """Behind the mails."""
        return MailDesk(self.world)

    @property
    def book(self) -> ScriptedVendor | MailDesk:
        """Whichever of them has the orders."""
        return self.desk if self.shape in BY_MAIL else self.vendor

    def hosts(self) -> dict[str, Handle]:
        """With the scripted vendors."""
        return {
            **super().hosts(),
            "https://scripted.test": self.vendor.handle,
            "https://scripted-mail.test": self.desk.handle,
        }

    def confirm(self, reference: str) -> int:
        """Somebody at the desk opens the link in the mail. Gives the HTTP status of the answer."""
        link = urlsplit(self.desk.links[reference])
        request = Request("GET", link.path, dict(parse_qsl(link.query)), {}, b"")
        return self.wiring.receive_webhook(link.path.rpartition("/")[2], request).status

    def commitments(self, name: str) -> int:
        """How often the supplier was committed to for an order, from its ledger."""
        return sum(len(self.book.commitments(po.reference)) for po in self.purchase_orders(name))

    def before_supplier(self, operation: str, act: Callable[[], object]) -> None:
        """Do something right before the supplier is called with this operation, once."""
        if self.shape in BY_MAIL:
            self.post.first = act
        else:
            before_call(self, operation, act, self.vendor)

    def spent_at(self, supplier: str) -> int:
        """What counts against today's limit of a supplier, in minor units."""
        found = self.wiring.storage.get_raw(Key(CONTROL, f"BUDGET#{supplier}", f"DAY#{self.clock.now():%Y-%m-%d}"))
        return int(found[0]["spent"]) if found else 0

    def sellable_at(self, supplier: str, sku: str) -> int:
        """What we still may sell of one SKU of a supplier."""
        return self.wiring.storage.load_sku(sku).offers[supplier].model.sellable
