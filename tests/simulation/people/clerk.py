"""The maker's clerk, who reads orders in a mailbox and answers on their page; and the program that opens every link before.

SES has the mail; whether and when anybody reads it is another matter: mails are lost, come late, or twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

from local.sandbox.parcel_numbers import usps_check_digit
from local.sandbox.wire import Faults, World
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.records import order_pk
from tests.simulation.judge.vendors.desk import MAILBOX, MAKER
from tests.simulation.kernel.workers import Outcome
from tests.simulation.people.scene import sooner_or_later
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

ORDER, REMINDER, WITHDRAWAL = "ORDER", "REMINDER", "WITHDRAWAL"
_SORTS = (("orders these articles from you", ORDER), ("This is a COPY of", REMINDER), ("is withdrawn", WITHDRAWAL))
_LINK = re.compile(
    r"/purchase-orders/(?P<token>(?P<reference>\w+)-\d{8}-(?P<signature>\w{26}))\n.*?(?P<code>\d{3}-\d{3})"
)
_LINE = re.compile(r"^- Quantity: (\d+);.* Our SKU: ([^;\n]+)", re.MULTILINE)
PATIENT = 12
"""How often a form is sent again that was not answered."""
AGAIN = 20.0


class Mail(NamedTuple):
    """A mail that SES took. `quantities` by our SKU."""

    sort: str
    reference: str
    token: str
    signature: str
    code: str
    quantities: dict[str, int]


@dataclass
class Desk:
    """The maker's mailbox, as a stand-in of the world. `reader` hears of each mail that SES took.

    `agreed`: by the terms who does not confirm, also not after a reminder, has no order. `busy`: references of which
    a form is on its way: the clerk waits for its answer before anything else is said.
    """

    world: World
    inbox: list[Mail] = field(default_factory=list)
    sim: Any = None
    busy: list[str] = field(default_factory=list)
    reader: Callable[[Mail], None] | None = None
    agreed: bool = False
    faults: Faults = field(default_factory=Faults)

    def take(self, to: str, text: str) -> bool:
        """SES took a mail. False for one to somebody else."""
        if to != MAILBOX:
            return False
        found, sort = _LINK.search(text), next((sort for words, sort in _SORTS if words in text), "")
        if found is None or not sort:
            self.world.record(MAKER, "contract_violation", "", problem="a mail without link, code or meaning")
            return True
        if sort == REMINDER and all(mail.reference != found["reference"] for mail in self.inbox):
            sort = ORDER  # the hand-over before was unclear, and nothing came: the operator had it sent again
        lines = {sku.strip(): int(units) for units, sku in _LINE.findall(text)}
        mail = Mail(sort, found["reference"], found["token"], found["signature"], found["code"], lines)
        self.inbox.append(mail)
        kind = {ORDER: "order_mailed", REMINDER: "reminder_mailed", WITHDRAWAL: "withdrawal_mailed"}[sort]
        self.world.record(MAKER, kind, mail.reference, order_id=mail.reference, quantities=lines)
        if sort == WITHDRAWAL and self.agreed and not self.heard(mail) and self._is_ended(mail):
            _take_back(self.sim, mail, _stands(self.sim, mail))  # the agreed terms: who says nothing has no order
        if self.reader is not None:
            self.reader(mail)
        return True

    def _is_ended(self, mail: Mail) -> bool:
        with self.sim.edge.aside():
            return withdrawal_of(self.sim, mail) is Withdrawal.ENDED

    def heard(self, mail: Mail) -> list[Any]:
        """What they were told that it was taken down."""
        told = self.world.ledger.of_kind(MAKER, "answered")
        return [one for one in told if one.reference == mail.reference and one.data["status"] == 200]

    def said(self, mail: Mail) -> list[Any]:
        """What was said of an order by people with its code, oldest first."""
        return [one for one in self.world.ledger.of_kind(MAKER, "said") if one.reference == mail.reference]


def _shown(sim: Sim, reference: str) -> PurchaseOrder:
    files = (sim.storage.load_order(order_pk(STORE, sold.number)) for sold in sim.sold)
    found = (held.model for file in files for held in file.purchase_orders.values())
    return next(po for po in found if po.reference == reference)


def lines_of(sim: Sim, reference: str) -> dict[str, tuple[str, int]]:
    """Line id -> SKU and units, as the page shows them now. The page's own fields have no SKU in them."""
    return {line.line_id: (line.sku, line.quantity) for line in _shown(sim, reference).lines}


def withdrawal_of(sim: Sim, mail: Mail) -> Withdrawal:
    """Which word of "do not ship" the page has now."""
    return _shown(sim, mail.reference).answers.withdrawal


def open_page(sim: Sim, mail: Mail, method: str = "GET") -> None:
    """Somebody looks, or a program does. The code is never on the page."""

    def seen(outcome: Outcome) -> None:
        if outcome.ok and mail.code in outcome.result["body"].replace(mail.reference, ""):
            sim.world.record(MAKER, "contract_violation", mail.reference, problem="the page shows the code of its mail")

    sim.gateway.page(mail.token, method, "", seen)


def scan(sim: Sim, mail: Mail) -> None:
    """A program opens the link, and sends each form as it stands, with whatever it finds in the page."""
    for method in ("HEAD", "GET"):
        open_page(sim, mail, method)
    ticks = {f"refused-{line}": "yes" for line in lines_of(sim, mail.reference)}
    number = {"tracking_number": number_of(mail, 99)}
    for form in ({"act": "confirm"}, {"act": "refuse", **ticks}, {"act": "withdrawal", "withdrawn": "yes"},
                 {"act": "parcel", **number}, {"act": "confirm", "code": "000-000"}):  # fmt: skip
        sim.gateway.page(mail.token, "POST", urlencode({"code": "", **form}), lambda _: None)


def number_of(mail: Mail, which: int) -> str:
    """A parcel's number as a post office forms it, always the same of the same parcel."""
    serial = "940019" + f"{int(mail.reference, 36) * 100 + which:015d}"[-15:]
    return serial + usps_check_digit(serial)


@dataclass
class Form:
    """A form that is sent until it is answered: a browser shows an error, and the clerk presses again."""

    sim: Sim
    mail: Mail
    fields: dict[str, str]
    said: dict[str, Any]
    tries: int = 0

    def __call__(self) -> None:
        """Send it. What it says stands in the ledger from now on: it may be taken in though no answer comes."""
        sim, mail = self.sim, self.mail
        if not self.tries:
            sim.note("the clerk", f"{self.said['act']} of {mail.reference}")
        self.tries += 1
        sim.gateway.page(mail.token, "POST", urlencode({**self.fields, "code": mail.code}), self._answered)

    def _answered(self, outcome: Outcome) -> None:
        status = outcome.result["statusCode"] if outcome.ok else 500
        # An index that lags does not know the link in the first seconds: whoever reads a mail so soon tries again.
        if (status == 404 or status >= 500) and self.tries < PATIENT:
            self.sim.agenda.after(AGAIN, "the clerk presses again", self)
            return
        _desk(self.sim).busy.remove(self.mail.reference)
        self.sim.world.record(MAKER, "answered", self.mail.reference, status=status, **self.said)


def _say(sim: Sim, mail: Mail, said: dict[str, Any], fields: dict[str, str]) -> None:
    sim.world.record(MAKER, "said", mail.reference, **said)
    _desk(sim).busy.append(mail.reference)
    Form(sim, mail, {**fields, "act": said["act"]}, said)()


def _stands(sim: Sim, mail: Mail) -> dict[str, int]:
    """What they still have to ship: mailed, not taken back, and in no parcel."""
    left = dict(next((one.quantities for one in _desk(sim).inbox if one.reference == mail.reference), {}))
    for kind in ("taken_back", "order_shipped"):
        for entry in sim.world.ledger.of_kind(MAKER, kind):
            if entry.reference == mail.reference:
                left.update({sku: left.get(sku, 0) - units for sku, units in entry.data["quantities"].items()})
    return {sku: units for sku, units in left.items() if units > 0}


def _desk(sim: Sim) -> Desk:
    desk: Desk = sim.stands[MAKER]
    return desk


def _take_back(sim: Sim, mail: Mail, quantities: dict[str, int]) -> None:
    gone = {sku: min(units, _stands(sim, mail).get(sku, 0)) for sku, units in quantities.items()}
    if any(gone.values()):
        sim.world.record(MAKER, "taken_back", mail.reference, quantities={sku: n for sku, n in gone.items() if n})


def confirm(sim: Sim, mail: Mail) -> None:
    """They have it and ship it."""
    _say(sim, mail, {"act": "confirm"}, {"their_number": f"M-{mail.reference[-4:]}"})


def refuse(sim: Sim, mail: Mail, some: bool = False) -> None:
    """They will not ship it, or not its first line. Where they confirmed before, that counts until a person decides."""
    lines = sorted(lines_of(sim, mail.reference).items())[: 1 if some else None]
    if not lines:
        return
    spoken = any(one.data["act"] != "refuse" or one.data["rest"] for one in _desk(sim).heard(mail))
    rest = len(lines) < len(lines_of(sim, mail.reference))
    said = {"act": "refuse", "lines": [name for name, _ in lines], "rest": rest}
    if not spoken:
        _take_back(sim, mail, {sku: units for _, (sku, units) in lines})
    form = {f"refused-{name}": "yes" for name, _ in lines} | {f"why-{name}": "we have none" for name, _ in lines}
    _say(sim, mail, said, form)


def is_withdrawn(sim: Sim, mail: Mail) -> bool:
    """Were they written to, that it is not to be shipped?"""
    return any(one.sort == WITHDRAWAL and one.reference == mail.reference for one in _desk(sim).inbox)


def ship(sim: Sim, mail: Mail, which: int = 1, one: bool = False) -> None:
    """A parcel leaves with all that they have to ship, or `one` piece; its number is entered, and perhaps once more."""
    number, left = number_of(mail, which), _stands(sim, mail)
    known, form = any(told.data.get("number") == number for told in _desk(sim).said(mail)), {"tracking_number": number}
    if known:  # nobody types a number twice in the same way
        form = {"tracking_number": " ".join((number[:4], number[4:8], number[8:]))}
    if one:
        _, sku, line = max((units, sku, name) for name, (sku, units) in lines_of(sim, mail.reference).items())
        left, form = {sku: 1} if left.get(sku) else {}, {**form, f"units-{line}": "1"}
    if not known and not left and is_withdrawn(sim, mail):
        left = mail.quantities  # it had left before they read that it was withdrawn
    if not known and left:
        sim.world.record(MAKER, "order_shipped", mail.reference, tracking_number=number, quantities=left)
    elif not known:
        return
    _say(sim, mail, {"act": "parcel", "number": number}, form)
    if one:  # a double click
        sim.gateway.page(mail.token, "POST", urlencode({**form, "act": "parcel", "code": mail.code}), lambda _: None)


def answer(sim: Sim, mail: Mail, *, agreed: bool) -> None:
    """To "do not ship": they will not, or it has left."""
    spoken = [one.data for one in _desk(sim).heard(mail) if one.data["act"] in ("parcel", "withdrawal")]
    if agreed and not spoken and withdrawal_of(sim, mail) is Withdrawal.ASKED:
        _take_back(sim, mail, _stands(sim, mail))
    _say(sim, mail, {"act": "withdrawal", "agreed": agreed}, {"withdrawn": "yes" if agreed else "no"})


ANSWERS: dict[str, Callable[[Sim, Mail], None]] = {
    "confirm": confirm,
    "refuse": refuse,
    "refuse some": partial(refuse, some=True),
    "ship": ship,
    "ship one": partial(ship, which=2, one=True),
    "agree": partial(answer, agreed=True),
    "too late": partial(answer, agreed=False),
    "look": open_page,
    "": lambda sim, mail: None,
}


def act(sim: Sim, mail: Mail, what: str) -> None:
    """One of ANSWERS, once the form before is answered."""
    if mail.reference in _desk(sim).busy:
        sim.agenda.after(AGAIN, "the clerk", partial(act, sim, mail, what))
    else:
        ANSWERS[what](sim, mail)


FIRST = ("confirm",) * 5 + ("refuse",) * 3 + ("refuse some",) * 2 + ("ship",) * 2 + ("look", "")
THEN = ("", "confirm", "refuse", "refuse some", "ship", "ship", "ship", "ship one")
ON_REMINDER = ("confirm", "confirm", "refuse", "ship", "", "")
ON_WITHDRAWAL = ("agree", "agree", "too late", "confirm", "ship", "refuse", "", "")
LOST, LATE, TWICE, SCANNED = 0.15, 0.4, 0.15, 0.4


@dataclass
class Clerk:
    """What becomes of each mail, by dice of its own."""

    sim: Sim
    salt: int
    until: datetime

    def read(self, mail: Mail) -> None:
        """SES took it."""
        dice = Random(f"{self.salt}/{mail.reference}/{mail.sort}")
        scanned, at = dice.random() < SCANNED, sooner_or_later(dice, 20, 9000 if dice.random() < LATE else 900)
        if dice.random() < LOST:
            self.sim.fault("the post", f"loses a mail about {mail.reference}")
            return
        if scanned:
            self._later(mail, 2.0, "a scanner", partial(scan, self.sim, mail))
        for _ in range(2 if dice.random() < TWICE else 1):
            for what in self._answers(mail, dice):
                self._later(mail, at, "the clerk", partial(act, self.sim, mail, what))
                at += sooner_or_later(dice, 5, 3600)

    @staticmethod
    def _answers(mail: Mail, dice: Random) -> list[str]:
        if mail.sort == ORDER:
            return [dice.choice(FIRST), *(dice.choice(THEN) for _ in range(dice.choice((0, 1, 1, 2))))]
        return [dice.choice(ON_REMINDER if mail.sort == REMINDER else ON_WITHDRAWAL)]

    def _later(self, mail: Mail, seconds: float, who: str, act: Callable[[], None]) -> None:
        self.sim.agenda.after(seconds, who, Until(self, act))


@dataclass
class Until:
    """Something that people do only as long as there are people."""

    clerk: Clerk
    act: Callable[[], None]

    def __call__(self) -> None:
        """Do it, if it is not too late."""
        if self.clerk.sim.clock.now() < self.clerk.until:
            self.act()


def plan_clerk(sim: Sim, dice: Random, until: datetime) -> None:
    """Somebody reads the maker's mails from now on."""
    _desk(sim).reader = Clerk(sim, dice.getrandbits(64), until).read
