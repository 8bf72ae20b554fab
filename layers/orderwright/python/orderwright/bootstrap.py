"""The only place that wires: each function's use case with its parts. Lazily: a function pays for what it uses.

A `Wiring` is one worker's world. Functions use the process-wide one; tests make their own, with another clock, another
transport, in-process AWS.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from orderwright.bootstrap_parts import Parts, SystemClock, new_token
from orderwright.messages import Message

if TYPE_CHECKING:
    from orderwright.aws.door import Door
    from orderwright.domain.config import Config
    from orderwright.ports.connection import Subscription
    from orderwright.usecases.dispatch_schedules import Dispatched
    from orderwright.usecases.opened_pages import Faces
    from orderwright.usecases.receive_webhook import Verdict
    from orderwright.usecases.serve_supplier_page import PageAnswer
    from orderwright.usecases.show_tracking import ShownPage
    from orderwright.usecases.take_customer_request import RequestAnswer
    from orderwright.webhooks import Behind, Request

__all__ = [
    "SystemClock",
    "Wiring",
    "customer_form",
    "customer_response",
    "new_token",
    "page_response",
    "page_submitted",
    "webhook_request",
    "webhook_wiring",
    "wiring",
]


class Wiring(Parts):
    """One worker's world, with what each function does in it."""

    def receive_webhook(self, address: str, request: Request) -> Verdict:
        """See usecases/receive_webhook.py."""
        from orderwright.domain.clock_text import utc_text
        from orderwright.usecases.receive_webhook import receive_webhook

        return receive_webhook(address, request, behind=self._behind, send=self.send, now=utc_text(self.clock.now()))

    @cached_property
    def _door(self) -> Door:
        from orderwright.aws.door import Door

        return Door(self.secrets)

    def _behind(self, address: str) -> Behind | None:
        return self._door.behind(address)

    def serve_supplier_page(
        self, token: str, method: str, body: bytes, address: str = "", correlation: str = ""
    ) -> PageAnswer:
        """See usecases/serve_supplier_page.py."""
        from orderwright.usecases.page_bills import BillDesk
        from orderwright.usecases.serve_supplier_page import serve_supplier_page

        return serve_supplier_page(
            token,
            method,
            body,
            storage=self.storage,
            config=self.config,
            secrets_of=self._door.secrets_of,
            clock=self.clock,
            desk=BillDesk(self.bill_files, self.token, address),
            correlation=correlation,
        )

    def show_tracking(self, token: str, language: str) -> ShownPage:
        """See usecases/show_tracking.py."""
        from orderwright.usecases.show_tracking import show_tracking

        return show_tracking(token, language, storage=self.storage, faces=self._faces, clock=self.clock)

    def take_customer_request(self, token: str, language: str, body: bytes, correlation: str = "") -> RequestAnswer:
        """See usecases/take_customer_request.py."""
        from orderwright.usecases.take_customer_request import take_customer_request

        return take_customer_request(
            token, language, body, storage=self.storage, faces=self._faces, clock=self.clock, correlation=correlation
        )

    @cached_property
    def _faces(self) -> Faces:
        from orderwright.usecases.opened_pages import Faces

        return Faces(self.storage)

    def relay_facts(self, records: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
        """Send the facts of stream records; gives (messages, unreadable records). Raises when SQS refuses."""
        from orderwright.aws.relay import relay

        return relay(records, send=self.send, park=self._park_record, at=self.clock.now())

    def _park_record(self, keys: str) -> None:
        url = self.setting("RELAY_FACTS_DEAD_LETTER_QUEUE_URL")
        self.client("sqs").send_message(QueueUrl=url, MessageBody=keys)

    def ingest_order(self, message: Message) -> None:
        """See usecases/ingest_order.py."""
        from orderwright.usecases.ingest_order import ingest_order

        ingest_order(
            message,
            storage=self.storage,
            config=self._settled_config(message.connection),
            store_for=self.connectors.store,
            supplier_for=self.connectors.supplier,
            timing=self.timing,
            clock=self.clock,
            bills=self.bill_files,
            lately=self.lately,
            link_mark=lambda pk: self.tracking_links().mark(pk),
        )

    def _settled_config(self, store: str) -> Config:
        """The configuration, with every account known that a purchase order of this store would be made for."""
        from orderwright.usecases.identity import settle

        if settle(self.storage, self.config(), store, self.connectors.account, self.clock.now(), self._asked):
            self._config = None
        return self.config()

    def place_purchase_order(self, message: Message) -> None:
        """See usecases/place_purchase_order.py."""
        from orderwright.usecases.place_purchase_order import place_purchase_order

        place_purchase_order(
            message,
            storage=self.storage,
            config=self.config(),
            supplier_for=self.connectors.supplier,
            freight_for=self.connectors.freight,
            desk_for=self.connectors.desk,
            store_for=self.connectors.store,
            timing=self.timing,
            clock=self.clock,
            new_token=self.token,
        )

    def update_tracking(self, message: Message) -> None:
        """See usecases/update_tracking.py."""
        from orderwright.usecases.stock.closing import close_reservations
        from orderwright.usecases.update_tracking import update_tracking

        config = self.config()
        update_tracking(
            message,
            storage=self.storage,
            config=config,
            tracking_for=self.connectors.tracking,
            carriers=self.connectors.carriers(),
            close_reservations=lambda file, sk: close_reservations(
                file, sk, storage=self.storage, config=config, timing=self.timing, clock=self.clock
            ),
            timing=self.timing,
            clock=self.clock,
            scores=self.lately.scores,
        )

    def publish_fulfillment(self, message: Message) -> None:
        """See usecases/publish_fulfillment.py."""
        from orderwright.usecases.fulfilling.recording import Ways
        from orderwright.usecases.publish_fulfillment import publish_fulfillment

        publish_fulfillment(
            message,
            storage=self.storage,
            ways=Ways(self.connectors.store, self.connectors.cancelling),
            timing=self.timing,
            clock=self.clock,
            new_token=self.token,
        )

    def notify_customer(self, message: Message) -> None:
        """See usecases/notify_customer.py."""
        from orderwright.aws.mail_events import SesSuppressions
        from orderwright.connectors.deadline import InTime
        from orderwright.usecases.notify_customer import notify_customer

        seconds = self.timing.last_call.total_seconds()
        notify_customer(
            message,
            storage=self.storage,
            config=self.config(),
            notifier=self.notifier_in_time,
            suppressions=InTime(SesSuppressions(self.client("sesv2"), self.sleep), self.deadline, seconds),
            timing=self.timing,
            clock=self.clock,
            new_token=self.token,
            page=self.page_link,
        )

    def receive_mail_events(self, records: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
        """See usecases/receive_mail_events.py. Raises ValueError for what is no event of SES."""
        from orderwright.aws.mail_events import read_mail_event
        from orderwright.usecases.receive_mail_events import receive_mail_events

        events = [event for event in map(read_mail_event, records) if event is not None]
        return receive_mail_events(events, storage=self.storage, clock=self.clock)

    def alert_merchant(self, message: Message) -> None:
        """See usecases/alert_merchant.py."""
        from orderwright.usecases.alert_merchant import alert_merchant

        alert_merchant(message, alerts=self.notifier_in_time)

    def import_catalogue(self, message: Message) -> None:
        """See usecases/import_catalogue.py."""
        from orderwright.usecases.import_catalogue import import_catalogue

        import_catalogue(
            message,
            storage=self.storage,
            config=self.config(),
            catalogue_for=self.connectors.catalogue,
            feed_for=self.connectors.feed,
            freight_for=self.connectors.freight,
            store_catalogue_for=self.connectors.store_catalogue,
            webhooks_for=self.connectors.webhooks,
            subscription_for=self._subscription,
            clock=self.clock,
            timing=self.timing,
        )

    def publish_product(self, message: Message) -> None:
        """See usecases/publish_product.py."""
        from orderwright.usecases.publish_product import publish_product

        publish_product(
            message,
            storage=self.storage,
            config=self.config(),
            store_catalogue_for=self.connectors.store_catalogue,
            clock=self.clock,
            timing=self.timing,
        )

    def poll_stock(self, message: Message) -> None:
        """See usecases/poll_stock.py."""
        from orderwright.usecases.poll_stock import poll_stock

        poll_stock(
            message,
            storage=self.storage,
            config=self.config(),
            feed_for=self.connectors.feed,
            stock_for=self.connectors.stock,
            signal_for=self.connectors.signal,
            snapshots=self.snapshots,
            clock=self.clock,
            timing=self.timing,
            new_token=self.token,
        )

    def recalculate_price(self, message: Message) -> None:
        """See usecases/recalculate_price.py."""
        if message.type == "prices.reprice_due":
            from orderwright.usecases.repricing.all import reprice as recalculate_price
        else:
            from orderwright.usecases.recalculate_price import recalculate_price

        recalculate_price(message, storage=self.storage, config=self.config(), clock=self.clock, timing=self.timing)

    def publish_listing(self, messages: Sequence[Message]) -> list[str]:
        """See usecases/publish_listing.py; gives the ids of messages that must come again."""
        from orderwright.usecases.publish_listing import publish_listing

        return publish_listing(
            messages,
            storage=self.storage,
            config=self.config(),
            store_catalogue_for=self.connectors.store_catalogue,
            clock=self.clock,
            timing=self.timing,
        )

    def reconcile_store(self, message: Message) -> None:
        """See usecases/reconcile_store.py."""
        from orderwright.usecases.reconcile_store import reconcile_store

        reconcile_store(
            message,
            storage=self.storage,
            config=self.config(),
            store_for=self.connectors.store,
            webhooks_for=self.connectors.webhooks,
            subscription_for=self._subscription,
            clock=self.clock,
        )

    def write_statement(self, message: Message) -> None:
        """See usecases/write_statement.py; and usecases/scoring/nightly.py, which the same function does."""
        if message.type == "scores.due":
            from orderwright.usecases.scoring.nightly import count_scores

            correlation = message.correlation or message.id
            count_scores(self.storage, self.config(), self.clock, self.timing, correlation)
            return
        if message.type in ("demand.due", "inputs.keep_due"):
            self._note_what_prices_follow(message)
            return
        from orderwright.usecases.write_statement import write_statement

        write_statement(
            message,
            storage=self.storage,
            config=self.config(),
            store_for=self.connectors.store,
            supplier_for=self.connectors.supplier,
            clock=self.clock,
            timing=self.timing,
        )

    def _note_what_prices_follow(self, message: Message) -> None:
        """See usecases/repricing/demand.py and usecases/repricing/keeping.py."""
        from orderwright.usecases.repricing.pieces import Night

        night = Night(self.storage, self.clock, self.timing, message.correlation or message.id)
        if message.type == "demand.due":
            from orderwright.usecases.repricing.demand import count_demand

            count_demand(night, self.config())
            return
        from orderwright.usecases.repricing.keeping import keep_inputs

        keep_inputs(night, self.config(), self.kept_inputs)

    def _subscription(self, connection: str) -> Subscription:
        """What `connect` has asked the vendor for, to ask for it again."""
        from orderwright.errors import Misconfigured
        from orderwright.ports.connection import Subscription
        from orderwright.usecases.operator.secret_names import signing_secret

        url = (self.secrets.read(connection, "webhook") or {}).get("url", "")
        if not url:
            raise Misconfigured(
                f"connection {connection} has no webhook address yet: run `orderwright connect {connection}`"
            )
        kept, kind = self.secrets.read(connection, "secrets") or {}, self.config().connections[connection].kind
        return Subscription(url, secret=signing_secret(kept, kind))

    def dispatch_schedules(self, schedule: str) -> Dispatched:
        """See usecases/dispatch_schedules.py."""
        from orderwright.aws.queues import count_messages
        from orderwright.usecases.dispatch_schedules import dispatch_schedules

        dead = dict(pair.split("=", 1) for pair in self.setting_or("DEAD_LETTERS").split())
        return dispatch_schedules(
            schedule, storage=self.storage, config=self.config(), send=self.send, clock=self.clock, new_token=self.token,
            dead_letters=lambda: count_messages(self.client("sqs"), dead), daily=self._profile == "aws",
        )  # fmt: skip


@cache
def wiring() -> Wiring:
    """The process-wide wiring, made at the first use and never at import."""
    return Wiring()


@cache
def webhook_wiring() -> Wiring:
    """The same for receive_webhook, whose clients start without boto3."""
    from orderwright.aws.clients import lean_client

    return Wiring(client_of=lean_client)


def webhook_request(event: Mapping[str, Any], body: bytes) -> Request:
    """What came, as usecases/receive_webhook.py takes it."""
    from orderwright.aws.http_api import request_of

    return request_of(event, body)


def page_submitted(event: Mapping[str, Any]) -> tuple[str, str, bytes, str]:
    """The link's end, the method and the form of a request for a page, and the page's own address ("": not known)."""
    from orderwright.aws.http_api import address_of, body_of

    token = (event.get("pathParameters") or {}).get("token", "")
    return token, event["requestContext"]["http"]["method"], body_of(event), address_of(event)


def page_response(answer: PageAnswer | None) -> dict[str, Any]:
    """What API Gateway gives to the browser; None: it failed, and the person tries again."""
    from orderwright.pages import headers, plain_page

    status, html = (answer.status, answer.html) if answer else (503, plain_page("failed"))
    return {"statusCode": status, "headers": headers(answer.posts_to if answer else ""), "body": html}


def customer_form(event: Mapping[str, Any]) -> tuple[str, str, bytes]:
    """The link's end, the language that the reader chose ("": none), and the form of a request for a customer's page."""
    from orderwright.aws.http_api import body_of, request_of

    body = body_of(event)
    token = (event.get("pathParameters") or {}).get("token") or ""
    return token, request_of(event, body).query.get("lang", ""), body


def customer_response(answer: RequestAnswer | ShownPage | None, *, kept: bool = False) -> dict[str, Any]:
    """What API Gateway gives to a customer's browser; None: it failed, and the person tries again.

    `kept`: the browser may show it again for some seconds.
    """
    from orderwright.customer_page import headers, plain_page

    status, html, face = (answer.status, answer.html, answer.face) if answer else (503, plain_page("failed"), None)
    return {
        "statusCode": status,
        "headers": headers(face) if kept and answer else {**headers(face), "cache-control": "no-store"},
        "body": html,
    }
