"""People who have no business here: they post forged, replayed and foreign webhooks, by the door that is open to everybody.

API Gateway takes what anybody sends, so nothing here goes through a vendor's own post, and no vendor hears of the answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING

from local.sandbox.wire import Delivery
from tests.simulation.cloud.gateway import Gateway
from tests.simulation.kernel.workers import Outcome
from tests.simulation.people.scene import counted, is_over
from tests.support.shop import CARRIER, STORE, SUPPLIER, WEBHOOK_BASE, hook

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

NOBODYS = 7_700_000_000_000
"""Order ids that no store gives."""
TRICKS = ("forged", "foreign_key", "foreign_door", "replayed", "other_topic", "other_shop", "unsigned", "no_door")
KEPT = 40


@dataclass
class OpenDoor(Gateway):
    """The same way in for somebody who is no vendor; only the answers' status is kept, for the judge and for figures."""

    def answered(self, delivery: Delivery, tries: int, outcome: Outcome) -> None:
        """Nobody sends it again."""
        self.flying -= 1
        status = outcome.result["statusCode"] if outcome.ok else 500
        counted(self.sim, "strangers_heard", f"{delivery.vendor} {status}")

    def send(self, delivery: Delivery) -> None:
        """Post it now."""
        self.flying += 1
        self.arrive(delivery, 0)


@dataclass
class Listener:
    """Between the vendors and their post: what passes is delivered, and remembered for later."""

    sim: Sim
    heard: list[Delivery] = field(default_factory=list)

    def __call__(self, delivery: Delivery) -> None:
        """A vendor's delivery."""
        self.heard.append(delivery)
        del self.heard[:-KEPT]
        self.sim.gateway.post(delivery)


@dataclass
class Trick:
    """One stranger's try."""

    sim: Sim
    door: OpenDoor
    listener: Listener
    trick: str
    salt: int
    until: datetime | None

    def __call__(self) -> None:
        """Try it now."""
        if is_over(self.sim, self.until):
            return
        dice = Random(self.salt)
        delivery = self._replay(dice) if self.trick in ("replayed", "other_topic", "foreign_door") else self._own(dice)
        if delivery is None:
            return
        self.sim.note("a stranger", f"posts a webhook: {self.trick}")
        self.door.send(replace(delivery, vendor="stranger"))

    def _replay(self, dice: Random) -> Delivery | None:
        """A true delivery once more: as it was, under another topic (headers are not signed), or at another door."""
        if not self.listener.heard:
            return None
        known = dice.choice(self.listener.heard)
        if self.trick == "replayed":
            return known
        if self.trick == "other_topic":
            topic = dice.choice(("app/uninstalled", "shop/redact", "customers/redact", "orders/cancelled"))
            header = self.sim.front.post.topic_header
            return replace(known, headers={**known.headers, header: topic}) if header else known
        doors = [hook(name) for name in (STORE, SUPPLIER, CARRIER, "no-such-shop")]
        return replace(known, url=dice.choice([door for door in doors if door != known.url]))

    def _own(self, dice: Random) -> Delivery:
        """An order that nobody placed: with no signature, a wrong one, another connection's, or of another shop of the app."""
        number = NOBODYS + dice.randrange(1, 1_000_000)
        post = self.sim.front.post
        topic, body = post.order(number)
        own = post.key(self.sim.store)
        keys = {"other_shop": own, "no_door": own, "foreign_key": "hook", "forged": "guessed"}
        headers = post.headers(topic, f"stranger-{number}", body, keys.get(self.trick, ""), self.sim.clock.at)
        if self.trick != "other_shop":
            # Only this one is authentic: its id may travel as a hint, and is not found.
            self.sim.memory.setdefault("forged", []).append(str(number))
        # Names and keys that are nobody's here, among them the path that older versions gave out.
        guessed = f"{WEBHOOK_BASE}/{dice.choice((STORE, f'shop-{number}', f'{dice.getrandbits(192):048x}'))}"
        return Delivery("stranger", guessed if self.trick == "no_door" else hook(STORE), headers, body)


@dataclass
class OddNews:
    """The store itself sends something authentic that nobody asked for and nobody understands (promise P2)."""

    sim: Sim
    serial: int
    until: datetime | None

    def __call__(self) -> None:
        """Send it now."""
        sim = self.sim
        if is_over(sim, self.until):
            return
        post = sim.front.post
        topic, body = post.odd(self.serial)
        headers = post.headers(topic, f"odd-{self.serial}", body, post.key(sim.store), sim.clock.at)
        sim.memory.setdefault("odd", []).append(sha256(body).hexdigest()[:32])
        sim.note("the store", "sends odd news")
        sim.gateway.post(Delivery(sim.front.kind, hook(STORE), headers, body, (10.0,) * 20))


def plan_strangers(sim: Sim, dice: Random, *, tries: int, span_seconds: float, until: datetime | None = None) -> None:
    """Write `tries` of strangers, and now and then odd news of the store, into the agenda of the next `span_seconds`."""
    door, listener = OpenDoor(sim, sim.gateway.in_base64), Listener(sim)
    sim.world.deliver = listener
    for serial in range(tries):
        at, trick, salt, odd = dice.uniform(0, span_seconds), dice.choice(TRICKS), dice.getrandbits(64), dice.random()
        sim.agenda.after(at, "a stranger", Trick(sim, door, listener, trick, salt, until))
        if odd < 0.2:
            sim.agenda.after(at, "odd news", OddNews(sim, serial, until))
