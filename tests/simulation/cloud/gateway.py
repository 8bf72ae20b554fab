"""API Gateway and the vendors' postmen: webhooks come, late, twice or never; refused ones again as their vendor does it."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local.sandbox.wire import Delivery
from tests.simulation.kernel.workers import Outcome

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

FUNCTION = "receive_webhook"
PRIVACY = ("customers/", "shop/")
_WORD = re.compile(r"[A-Za-z0-9-]+")


@dataclass
class Gateway:
    """Takes deliveries from vendors and invokes the webhook function."""

    sim: Sim
    in_base64: bool = False
    flying: int = 0

    def post(self, delivery: Delivery) -> None:
        """A vendor sends a webhook."""
        # Nothing asks a store for erasures that never arrived: without that webhook nobody can know of them.
        must_come = any(value.startswith(PRIVACY) for value in delivery.headers.values())
        delays = self.sim.chaos.arrivals(delivery.vendor) or ((1.0,) if must_come else ())
        if not delays:
            self.sim.fault(delivery.vendor, "its webhook never arrives")
            self.sim.unheard()
        for delay in delays:
            self._send(delivery, delay, 0)

    def _send(self, delivery: Delivery, delay: float, tries: int) -> None:
        self.flying += 1
        self.sim.agenda.after(delay, "", _Arrival(self, delivery, tries))

    def arrive(self, delivery: Delivery, tries: int) -> None:
        """One arrival: one invocation."""
        body = delivery.body
        encoded = self.in_base64 or not _is_text(body)
        target = urlsplit(delivery.url)
        address, method = target.path.rpartition("/")[2], delivery.method
        event = {
            "version": "2.0",
            "routeKey": f"{method} /webhooks/{{address}}",
            "rawPath": target.path,
            "rawQueryString": target.query,
            "requestContext": {"domainName": target.netloc, "http": {"method": method, "path": target.path}},
            "headers": dict(delivery.headers),
            "pathParameters": {"address": address},
            "body": base64.b64encode(body).decode() if encoded else body.decode(),
            "isBase64Encoded": encoded,
        }
        self.sim.workers.invoke(FUNCTION, event, _Answered(self, delivery, tries), f"from {delivery.vendor}")

    def page(self, token: str, method: str, body: str, done: Callable[[Outcome], None]) -> None:
        """Somebody opens the page of a purchase order, or sends its form."""
        self._opens("serve_supplier_page", "purchase-orders", token, method, body, done)

    def customers_page(self, token: str, body: str, done: Callable[[Outcome], None]) -> None:
        """A customer sends a form of the page of their order."""
        self._opens("take_customer_request", "track", token, "POST", body, done)

    def _opens(
        self, function: str, prefix: str, token: str, method: str, body: str, done: Callable[[Outcome], None]
    ) -> None:
        path = f"/{prefix}/{token}"
        event = {
            "version": "2.0",
            "routeKey": f"{method} /{prefix}/{{token}}",
            "rawPath": path,
            "requestContext": {"http": {"method": method, "path": path}},
            "headers": {"content-type": "application/x-www-form-urlencoded"},
            "pathParameters": {"token": token},
            "body": base64.b64encode(body.encode()).decode(),
            "isBase64Encoded": True,
        }
        self.flying += 1
        self.sim.agenda.after(0.1, "", _Opened(self, function, event, done))

    def answered(self, delivery: Delivery, tries: int, outcome: Outcome) -> None:
        """Tell the vendor; it comes again if it was not taken."""
        self.flying -= 1
        accepted = outcome.ok and 200 <= outcome.result["statusCode"] < 300
        hears = getattr(self.sim.stands.get(delivery.vendor), "report_delivery", None)
        if hears is not None:
            hears(delivery.url, accepted)
        if accepted:
            return
        if tries >= len(delivery.retry_after):
            self.sim.note(delivery.vendor, "gives a webhook up")
            self.sim.given_up(delivery)
            return
        wait = max(delivery.retry_after[tries], 1.0)
        self._send(delivery, wait, tries + 1)


def words_of(body: bytes) -> list[str]:
    """Every run of letters, digits and hyphens in a webhook: whatever it names is among them."""
    return _WORD.findall(body.decode("utf-8", "replace"))


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass
class _Opened:
    gateway: Gateway
    function: str
    event: dict[str, Any]
    done: Callable[[Outcome], None]

    def __call__(self) -> None:
        self.gateway.sim.workers.invoke(self.function, self.event, self._answered, "somebody with a link")

    def _answered(self, outcome: Outcome) -> None:
        self.gateway.flying -= 1
        self.done(outcome)


@dataclass
class _Arrival:
    gateway: Gateway
    delivery: Delivery
    tries: int

    def __call__(self) -> None:
        self.gateway.arrive(self.delivery, self.tries)


@dataclass
class _Answered:
    gateway: Gateway
    delivery: Delivery
    tries: int

    def __call__(self, outcome: Outcome) -> None:
        self.gateway.answered(self.delivery, self.tries, outcome)
