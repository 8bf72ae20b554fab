"""Each function's role has exactly the rights that its calls need: the real functions' calls against template.yaml.

The stories take every path that asks AWS for something else. A call without a right fails one test, a right without a call
the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from local.mail_events import ses_event, sns_event
from local.sandbox.cj.catalogue import variant_sku
from local.sandbox.goods import GOODS
from orderwright.aws.secrets import SecretStore
from orderwright.aws.token_lease import TokenLeases
from orderwright.aws.values import to_item
from orderwright.domain.base import iso
from orderwright.domain.config import Config
from orderwright.domain.connection_settings import settings_of
from orderwright.domain.operations import StoredConfig
from orderwright.domain.repricing.signals import Demand
from orderwright.domain.unit_cost import UnitCost
from orderwright.messages import Message
from orderwright.ports.people import About
from orderwright.records import CURRENT_CONFIG, demand_key, listing_key, offer_key, sku_key, statement_key
from orderwright.storage import Delete, Put
from orderwright.usecases.operator import goods_in, picking
from orderwright.usecases.operator.desk import Desk
from orderwright.usecases.operator.receipt_rows import Incoming
from tests.simulation.cloud.clients import SimClient
from tests.simulation.faults.chaos import Calm
from tests.simulation.faults.strikes import STRIKES, Strike
from tests.simulation.kernel.hearing import listening
from tests.simulation.kernel.workers import Invocation, current
from tests.simulation.modes import story
from tests.simulation.modes.bench import Bench
from tests.simulation.sim import Sim
from tests.support.rights import Need, Right, Roles, allowed, needs_of
from tests.support.shop import STORE, SUPPLIER

ROLES = Roles()
OTHER_SKU = "HL-COB-350"
"""An article that nobody buys in these stories."""
OWN = "warehouse"
MINUTE = 60.0

Deed = Callable[[Sim], object]
Calls = dict[str, set[Need]]

_PAGE = "The demo's supplier has no page; tests/unit/usecases/test_serve_supplier_page.py holds its calls to the role."
_FORMS = "Its buyers fill no forms in; tests/unit/usecases/test_take_customer_request.py holds its calls to the role."
_BY_MAIL_AND_FILE = "The demo's supplier and feed have an API; tests/architecture/test_way_rights.py asks for it."
NO_CALL = {
    (
        "receive_webhook",
        "ssm:GetParametersByPath",
        "/-/webhooks/*",
    ): "AWS's own examples name the folder with and without what is in it; which one is judged could not be tried here.",
    (
        "notify_customer",
        "ses:SendEmail",
        "identity/example.com",
    ): "The identity that AWS looks at is the verified one: the sender's address, as here, or its whole domain.",
    (
        "poll_stock",
        "s3:ListBucket",
        "snapshots",
    ): "No call of ours: without it, S3 answers 403 and not 404 to a get of a part that is not there yet.",
    **{
        ("serve_supplier_page", action, end): _PAGE
        for action, end in (
            ("ssm:GetParametersByPath", "/-/webhooks"),
            ("ssm:GetParametersByPath", "/-/webhooks/*"),
            ("dynamodb:Query", "table/orders"),
            ("dynamodb:Query", "index/by_ref"),
            ("dynamodb:PutItem", "table/orders"),
            ("dynamodb:GetItem", "table/control"),
            ("dynamodb:GetItem", "table/orders"),
            ("s3:PutObject", "/*/bills/*"),
        )
    },
    ("show_tracking", "dynamodb:Query", "table/orders"): _FORMS.replace("take_customer_request", "show_tracking"),
    **{
        ("take_customer_request", f"dynamodb:{action}", "table/orders"): _FORMS
        for action in ("Query", "GetItem", "PutItem")
    },
    ("ingest_order", "dynamodb:GetItem", "table/orders"): _FORMS.replace("take_customer_request", "customer_requests"),
    **{
        (*right,): _BY_MAIL_AND_FILE
        for right in (
            ("place_purchase_order", "ssm:GetParameter", "/*/webhook"),
            ("place_purchase_order", "s3:DeleteObject", "/*/files/*"),
            ("place_purchase_order", "s3:GetObject", "/*/files/*"),
            ("place_purchase_order", "s3:PutObject", "/*/files/*"),
            ("place_purchase_order", "s3:PutObjectTagging", "/*/files/*"),
            ("place_purchase_order", "s3:ListBucket", ":::files"),
            *(
                ("place_purchase_order", f"ses:{action}", end)
                for action in ("SendEmail", "SendRawEmail")
                for end in ("identity/shop@example.com", "identity/example.com", "configuration-set/*")
            ),
            ("import_catalogue", "s3:GetObject", "/*/files/*"),
            ("import_catalogue", "s3:ListBucket", ":::files"),
            ("poll_stock", "s3:GetObject", "/*/files/*"),
            ("poll_stock", "s3:ListBucket", ":::files"),
            ("ingest_order", "s3:DeleteObject", "/*/files/*"),
            ("ingest_order", "s3:DeleteObject", "/*/bills/*"),
            ("ingest_order", "s3:GetObject", "/*/bills/*"),
            ("ingest_order", "s3:ListBucket", ":::files"),
        )
    },
}
"""Rights that no call here shows, by function, action and end of the resource; and why they are given all the same."""


@dataclass
class Strikes(Calm):
    """Nothing goes wrong but what is due: (function, end of a call's name) -> what strikes before the next such call."""

    due: dict[tuple[str, str], Strike] = field(default_factory=dict)

    def before(self, now: Invocation, name: str, number: int) -> Strike | None:
        """As planned, once."""
        for function, call in self.due:
            if function == now.function and name.endswith(call):
                return self.due.pop((function, call))
        return None


class Stage:
    """A shop and the acts on it. Every invocation starts cold and, until `renewing` ends, finds tokens that are about to end."""

    def __init__(self, sim: Sim) -> None:
        self.sim = sim
        self.renewing = True
        self._strikes = sim.chaos = Strikes()
        sim.workers.warm = False

    def act(self, *deeds: Deed, minutes: float = 0.0) -> None:
        """Do it, let so much time pass, and wait until all is done that comes of it."""
        self.sim.pass_on(1)
        self._look()
        for deed in deeds:
            deed(self.sim)
        until = self.sim.clock.at + timedelta(minutes=minutes)
        while (at := self.sim.agenda.next_at()) is not None and at <= until:
            self._look()
            self.sim.step()
        assert story.settle(self.sim, self._look)
        assert not self._strikes.due, "what was to strike has struck"

    def strike(self, function: str, call: str, strike: Strike) -> None:
        """This strikes before the function's next such call."""
        self._strikes.due[function, call] = strike

    def _look(self) -> None:
        if self.renewing:
            _age_tokens(self.sim)


def _age_tokens(sim: Sim) -> None:
    secrets = SecretStore(sim.client("ssm"), "/orderwright/orderwright", sim.clock.now)
    leases = TokenLeases(sim.storage, sim.clock.now, sim.token)
    now = sim.clock.now()
    ends = {"issued_at": iso(now - timedelta(days=1)), "expires_at": iso(now + timedelta(minutes=5))}
    for connection in (STORE, SUPPLIER):
        secrets.write(connection, "token", {**(secrets.read(connection, "token") or {}), **ends})
        leases.end(connection)


# --- deeds ------------------------------------------------------------------------------------------------------------


def somebody_writes_the_catalogue(sim: Sim, _: Invocation) -> None:
    """All of it, right before the worker does: its own write is refused, and it reads again."""
    with sim.edge.aside():
        for item in sim.account.items("catalogue"):
            newer = {**item, "version": {"N": str(int(item["version"]["N"]) + 1)}}
            sim.client("dynamodb").put_item(TableName="catalogue", Item=newer)


def the_customer_cancels(sim: Sim, _: Invocation) -> None:
    """The last order, while a worker is at it."""
    with sim.edge.aside():
        sim.store.cancel(sim.sold[-1].name)


def unreadable_facts(sim: Sim) -> None:
    """An item that nobody can relay."""
    broken = {"pk": "BROKEN", "sk": "BROKEN", "schema": 1, "version": 1, "writer": "", "body": {}, "facts": "no JSON"}
    sim.client("dynamodb").put_item(TableName="control", Item=to_item(broken))


def an_unpaid_order_is_cancelled(sim: Sim) -> None:
    """What was reserved for it is given back."""
    order = sim.store.buy([("HL-MS-400", 1)], pay="pending")

    def cancel() -> None:
        sim.store.cancel(order.name)

    sim.agenda.after(5, "", cancel)


def an_article_is_new(sim: Sim) -> None:
    """Neither the store nor our catalogue has heard of an article that the supplier offers."""
    for key in (sku_key(OTHER_SKU), offer_key(OTHER_SKU, SUPPLIER), listing_key(OTHER_SKU, STORE)):
        held = sim.storage.get_raw(key)
        assert held is not None
        sim.storage.commit([Delete(key, held[1])])
    variant = sim.store.shop.by_sku(OTHER_SKU)
    assert variant is not None
    del sim.store.shop.products[variant.product]


def the_app_is_removed(sim: Sim) -> None:
    """And the platform wants all customers of the shop forgotten."""
    sim.store.uninstall()
    sim.send([Message("connection.closed", "redact", "now", connection=STORE, detail={"reason": "SHOP_REDACT"})])


def fails_once(vendor: str, operation: str, how: str) -> Deed:
    """The vendor's next answer."""

    def deed(sim: Sim) -> None:
        faults = {STORE: sim.store.config.faults, SUPPLIER: sim.supplier.faults}[vendor]
        faults.script(operation, how)

    return deed


def the_day_is_written_down(sim: Sim) -> None:
    """The one on which all this happens, which no schedule asks for yet."""
    pk = statement_key(sim.clock.at.date()).pk
    sim.send([Message("statement.due", "today", "now", pk=pk)])


def a_store_sold_some_long_ago(sim: Sim) -> None:
    """A night finds that this is not so any more."""
    day = sim.clock.at.date() - timedelta(days=90)
    sold = Demand(sku=OTHER_SKU, day=day, sold={STORE: (1,)}, last_sold=day)
    sim.storage.commit([Put(demand_key(OTHER_SKU), sold, 0, state="DEMAND")])


def a_night_looks_at_the_stock(sim: Sim) -> None:
    """What follows from a scorecard."""
    sim.send([Message("stock.advice_due", "night", "now", connection=SUPPLIER)])


def the_store_is_away(sim: Sim) -> None:
    """For five minutes."""
    sim.memory["away"] = {"shopify": sim.clock.at + timedelta(minutes=5)}


def _last_mail(sim: Sim) -> tuple[About, str]:
    """A mail that went out, and its id."""
    for sold in reversed(sim.sold):
        file = sim.storage.load_order(f"{STORE}#{sold.number}")
        for held in file.notices.values():
            told = held.model.told[-1:]
            if held.model.channel == "email" and told and told[0].provider_id:
                return About(file.pk, held.model.subject, told[0].milestone.value), told[0].provider_id
    raise AssertionError("no mail was sent")


def a_mail_comes_back(sim: Sim) -> None:
    """SES says so."""
    event = ses_event("bounce", _last_mail(sim)[0], at=iso(sim.clock.at))
    sim.workers.invoke("receive_mail_events", sns_event(event), lambda _: None, "a bounce")


def another_is_only_on_the_list(sim: Sim) -> None:
    """SES said so, and nobody heard it."""
    sim.memory["suppressed"] = [_last_mail(sim)[1]]


def setting(connection: str, **values: Any) -> Deed:
    """The merchant applies other settings of a connection."""

    def deed(sim: Sim) -> None:
        held = sim.storage.get(CURRENT_CONFIG, StoredConfig)
        assert held is not None
        config = Config.model_validate_json(held.model.document)
        changed = config.connections[connection].model_copy(update=values)
        document = config.model_copy(
            update={"connections": {**config.connections, connection: changed}}
        ).model_dump_json()
        sim.storage.commit([Put(CURRENT_CONFIG, held.model.model_copy(update={"document": document}), held.version)])

    return deed


def a_warehouse_of_ones_own(sim: Sim) -> None:
    """It has an article on the shelf, and comes before the supplier from now on."""
    held = sim.storage.get(CURRENT_CONFIG, StoredConfig)
    assert held is not None
    config = Config.model_validate_json(held.model.document)
    own = settings_of("in_house").model_validate({"kind": "in_house"})
    rules = config.rules.model_copy(update={"supplier_priority": (OWN, SUPPLIER)})
    changed = config.model_copy(update={"connections": {**config.connections, OWN: own}, "rules": rules})
    model = held.model.model_copy(update={"document": changed.model_dump_json()})
    sim.storage.commit([Put(CURRENT_CONFIG, model, held.version)])
    desk, cost = Desk(sim.storage, sim.clock, "packer"), UnitCost.parse(5, "USD")
    number = goods_in.receive(
        desk, OWN, [Incoming(1, "HL-MS-400", 3, cost), Incoming(2, "CLIP-1", 1, cost, "Clip")]
    ).number
    goods_in.inspect(desk, OWN, number, {})
    goods_in.confirm(desk, changed.suppliers[OWN], OWN, number)


def a_parcel_leaves_it(sim: Sim) -> None:
    """Whatever is to be picked there."""
    desk = Desk(sim.storage, sim.clock, "packer")
    (pick,) = picking.to_pick(sim.storage, OWN)
    (done,) = picking.ship(desk, [f"{pick.reference}\tRR123456785FI"])
    assert done.result == "TAKEN"


# --- the stories ------------------------------------------------------------------------------------------------------


def play(stage: Stage) -> None:
    """From the first order to the end of the connection."""
    stage.act(unreadable_facts)
    # To the customer's door. What was paid, mailed and recorded in the store is unclear at first; nobody reports the stock.
    stage.strike("notify_customer", "SendEmail", STRIKES["kill"])
    stage.act(fails_once(SUPPLIER, "payBalanceV2", "accept_then_timeout"), story.buy, minutes=60)
    stage.act(fails_once(STORE, "fulfillmentCreate", "accept_then_timeout"), story.ship, minutes=20)
    stage.act(story.scan("delivered"))
    # Stock and prices.
    stage.strike("poll_stock", "TransactWriteItems", somebody_writes_the_catalogue)
    stage.act(story.stock_moves, story.cost_moves, story.schedule("poll_stock"), a_night_looks_at_the_stock)
    stage.strike("publish_listing", "PutItem", somebody_writes_the_catalogue)
    stage.act(story.cost_moves, story.schedule("reprice"), minutes=20)
    # An article that is new, twice: the store cannot take it at once; somebody writes meanwhile.
    stage.act(setting(SUPPLIER, goods={variant_sku(good): good.sku for good in GOODS}), minutes=1)
    stage.act(
        an_article_is_new, fails_once(STORE, "productSet", "unavailable"), story.schedule("poll_catalogue"), minutes=5
    )
    stage.strike("publish_product", "PutItem", somebody_writes_the_catalogue)
    stage.act(an_article_is_new, story.schedule("poll_catalogue"))
    # Orders that end early, and a store that is away.
    stage.act(an_unpaid_order_is_cancelled)
    stage.strike("place_purchase_order", "createOrderV2", the_customer_cancels)
    stage.act(story.buy)
    stage.act(the_store_is_away, story.buy, minutes=30)
    # One that waited before its first send is held against the offers of now.
    stage.act(fails_once(SUPPLIER, "createOrderV2", "rate_limited"), story.buy, minutes=30)
    # Goods of one's own.
    stage.act(a_warehouse_of_ones_own, minutes=1)
    stage.act(lambda sim: sim.store.buy([("HL-MS-400", 1)]))
    stage.act(a_parcel_leaves_it, minutes=5)
    # A store that shows an order as fulfilled from the supplier's acceptance.
    stage.act(setting(STORE, fulfilled_on="ACCEPTANCE"), minutes=1)
    stage.act(story.buy)
    stage.act(story.ship, minutes=20)
    stage.act(story.schedule("reconcile"))
    stage.act(a_mail_comes_back)
    stage.act(
        another_is_only_on_the_list, a_store_sold_some_long_ago, story.schedule("statement"), the_day_is_written_down
    )
    # Erasures, of one person and of all.
    stage.act(lambda sim: sim.store.redact(sim.sold[0].name))
    stage.renewing = False
    stage.act(the_app_is_removed)


@pytest.fixture(scope="module")
def calls(bench: Bench) -> Calls:
    """What every function asked AWS for in these stories, and what Lambda asks for in its name."""
    found: Calls = defaultdict(set, {function: ROLES.by_lambda(function) for function in ROLES.functions})
    whole = SimClient._call

    def call(self: SimClient, operation: str, request: dict[str, Any]) -> Any:
        now = current()
        if now is not None and not self._sim.edge._aside:
            found[now.function].update(needs_of(self._service, operation, request))
        return whole(self, operation, request)

    sim = bench.fresh("rights")
    with pytest.MonkeyPatch.context() as patch, listening(sim):
        patch.setattr(SimClient, "_call", call)
        play(Stage(sim))
    assert not sim.seen.failures
    bench.over(sim)
    return found


@pytest.mark.parametrize("function", ROLES.functions)
def test_every_call_is_allowed_by_the_functions_own_role(calls: Calls, function: str) -> None:
    rights = ROLES.of(function)
    refused = [f"{need.action} on {need.resource}" for need in sorted(calls[function]) if not allowed(rights, need)]
    assert refused == [], "template.yaml: the role lacks a right"


@pytest.mark.parametrize("function", ROLES.functions)
def test_every_right_is_needed_by_a_call_or_has_a_reason(calls: Calls, function: str) -> None:
    reasons = [(action, end) for name, action, end in NO_CALL if name == function]
    idle = [right for right in ROLES.of(function) if right.allows and not any(map(right.covers, calls[function]))]
    unexplained = [
        f"{right.action} on {right.resource}"
        for right in idle
        if not any(right.action == action and right.resource.endswith(end) for action, end in reasons)
    ]
    assert unexplained == [], "template.yaml: the role has a right that no story here needs"
    assert len(idle) == len(reasons), "a reason in NO_CALL is about no right any more"


def test_a_transaction_needs_the_rights_of_its_parts_and_a_denial_wins() -> None:
    parts = [
        {"Put": {"TableName": "orders"}},
        {"Update": {"TableName": "control"}},
        {"ConditionCheck": {"TableName": "control"}},
        {"Delete": {"TableName": "control"}},
    ]
    needs = needs_of("dynamodb", "TransactWriteItems", {"TransactItems": parts})
    assert [(need.action, need.resource.rpartition("/")[2]) for need in needs] == [
        ("dynamodb:PutItem", "orders"),
        ("dynamodb:UpdateItem", "control"),
        ("dynamodb:ConditionCheckItem", "control"),
        ("dynamodb:DeleteItem", "control"),
    ]
    pages = Right("dynamodb:Query", "*/orders", leading=("TRACK#*",))
    for pk, may in (("TRACK#1", True), ("lamp-shop#1", False)):
        values = {":pk": {"S": pk}}
        (need,) = needs_of(
            "dynamodb", "Query",
            {"TableName": "orders", "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": values},
        )  # fmt: skip
        assert allowed([pages], need) is may
    anybody = Right("sns:Publish", "*")
    no_topic = Right("sns:Publish", "arn:aws:sns:*:*:*", allows=False)
    (text,) = needs_of("sns", "Publish", {"PhoneNumber": "+358401234567"})
    (alert,) = needs_of("sns", "Publish", {"TopicArn": "arn:aws:sns:eu-north-1:1:operator"})
    assert (allowed([anybody, no_topic], text), allowed([anybody, no_topic], alert)) == (True, False)
    (forged,) = needs_of("sesv2", "SendEmail", {"FromEmailAddress": "Nordlight <other@example.com>"})
    assert not allowed(ROLES.of("notify_customer"), forged)
