"""Promise P5: each customer gets each milestone of each parcel at most once per channel, never backward, and only their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import idna

from orderwright.domain.contact import normalise_phone
from orderwright.domain.shipment import RANK, Milestone
from tests.simulation.judge.canaries import Canaries
from tests.simulation.judge.evidence import Book, Dealing
from tests.simulation.judge.words import TRACKING, milestone_of_mail, milestone_of_text, order_named
from tests.simulation.people.sold import Sold
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

EMAIL, SMS = "email", "sms"
RENUMBERED = "RENUMBERED"
RECEIPTS = (Milestone.WITHDRAWAL, Milestone.RETURN)
"""Of what a customer asked for on their page: judge/withdrawals.py counts them."""
TELLS_NUMBER = (Milestone.SHIPPED.value, RENUMBERED)


class Told(NamedTuple):
    """One thing that was said. `parcel` is its first tracking number, "" for the order itself or where none is named."""

    name: str
    channel: str
    parcel: str
    milestone: str


def phone_of(sold: Sold) -> str:
    """The number that text messages go to, as the buyer gave it; "" without a usable one."""
    country = sold.address.country_code
    for given in (sold.buyer.phone, sold.address.phone):
        number = normalise_phone(given, country) if given else None
        if number:
            return number
    return ""


def address_of(sold: Sold) -> str:
    """The mail address as SES is given it: the domain in ASCII, by IDNA 2008."""
    local, _, domain = (sold.buyer.email or "").rpartition("@")
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}" if local else ""
    except UnicodeError:
        return ""


@dataclass
class Telling:
    """All messages so far, and who may be reached where."""

    count: Counter[Told] = field(default_factory=Counter)
    named: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often each number was told as such, by order, channel and number; 0 where it only stood in a later milestone."""
    ranks: dict[tuple[str, str, str], int] = field(default_factory=dict)
    mailed: int = -1
    texted: int = -1
    mails: int = 0
    texts: dict[str, int] = field(default_factory=dict)
    texts_seen: int = 0
    known: int = 0
    canaries: Canaries = field(default_factory=Canaries)
    owners: dict[str, list[Sold]] = field(default_factory=dict)

    def has_news(self, sim: Sim) -> bool:
        """Something may have gone out since the last look."""
        return sim.account.mailed != self.mailed or sim.account.texted != self.texted

    def look(self, sim: Sim, book: Book) -> Iterator[str]:
        """Mails and text messages that went out since the last look."""
        if sim.account.mailed != self.mailed:
            self.mailed = sim.account.mailed
            yield from self._new_mails(sim, book)
        if sim.account.texted != self.texted:
            self.texted = sim.account.texted
            yield from self._new_texts(sim, book)

    def _new_mails(self, sim: Sim, book: Book) -> Iterator[str]:
        mails = sim.account.mails()
        if len(mails) > self.mails:
            self._learn(sim)
        for mail in mails[self.mails :]:
            for to in (*mail["To"], *mail["CC"], *mail["BCC"]):
                yield from self._mail(sim, book, to, mail)
        self.mails = len(mails)

    def _new_texts(self, sim: Sim, book: Book) -> Iterator[str]:
        texts = sim.account.texts()
        if len(texts) == self.texts_seen:
            return
        self._learn(sim)
        passed: Counter[str] = Counter()
        for text in texts:
            number = text["PhoneNumber"]
            passed[number] += 1
            if passed[number] > self.texts.get(number, 0):
                self.texts[number] = passed[number]
                yield from self._text(sim, book, number, text["Message"])
        self.texts_seen = len(texts)

    def forget(self, sim: Sim) -> None:
        """Let go of all messages. To be asked when all of them were read."""
        sim.account.forget_told()
        self.mails = self.texts_seen = 0
        self.texts.clear()

    def _learn(self, sim: Sim) -> None:
        self.canaries.learn(sim.sold)
        for sold in sim.sold[self.known :]:
            for where in (address_of(sold), phone_of(sold)):
                if where:
                    self.owners.setdefault(where, []).append(sold)
        self.known = len(sim.sold)

    def _mail(self, sim: Sim, book: Book, to: str, mail: dict[str, Any]) -> Iterator[str]:
        if to == sim.words.mailbox:
            return  # an order, which the supplier's own ledger tells of
        subject, body = mail["Subject"], mail["BodyText"]
        name = order_named(subject)
        milestone = milestone_of_mail(subject, name, sim.config.merchant.name)
        if milestone is None:
            yield f"P5: a mail that says nothing known: {subject[:60]}"
            return
        if milestone.value in sim.config.stores[STORE].store_mails:
            yield f"P5: {name} got a mail of {milestone.value}, which the store mails itself"
        yield from self._said(sim, book, EMAIL, to, name, milestone, f"{subject}\n{body}\n{mail['BodyHtml']}", body)

    def _text(self, sim: Sim, book: Book, number: str, message: str) -> Iterator[str]:
        name = order_named(message)
        milestone = milestone_of_text(message, name, sim.config.merchant.name)
        if milestone is None:
            yield f"P5: a text message that says nothing known: {message[:40]}"
            return
        if not any(sold.sms for sold in self.owners.get(number, ()) if sold.name == name):
            yield f"P5: {name} got a text message without having agreed to any"
        yield from self._said(sim, book, SMS, number, name, milestone, message, message)

    def _said(
        self, sim: Sim, book: Book, channel: str, to: str, name: str, milestone: Milestone, whole: str, plain: str
    ) -> Iterator[str]:
        dealing = book.by_name.get(name)
        if dealing is None or not any(sold.name == name for sold in self.owners.get(to, ())):
            yield f"P5: a message about {name or 'no order'} went to somebody else"
            return
        for other in dict.fromkeys(found.sold.name for found in self.canaries.within(whole)):
            if other != name:
                yield f"P5: a message about {name} holds data of the customer of {other}"
        numbers = [number for number in dict.fromkeys(TRACKING.findall(plain)) if number in book.by_parcel]
        if any(dealing.number not in book.by_parcel[number] for number in numbers):
            yield f"P5: a message about {name} names a parcel of another order"
        if milestone in RECEIPTS:
            self.count[Told(name, channel, "", milestone.value)] += 1
            return
        if milestone is not Milestone.CONFIRMED and not dealing.parcels:
            yield f"P5: {name} was told {milestone.value}, and nothing has left"
        parcel = "" if milestone is Milestone.CONFIRMED or not numbers else dealing.first_of(numbers[0])
        if parcel:
            # News of a new number may name the old one too.
            newest = next((number for number in numbers if dealing.is_newest(number)), numbers[0])
            self.named[name, channel, newest] += milestone.value in TELLS_NUMBER
            if self.named[name, channel, newest] > max(1, dealing.references_of(newest)):
                yield f"P5: {name} was told the number {newest} more than once by {channel}"
        if milestone is Milestone.DELIVERED:
            named = book.numbers_with(parcel) if parcel else [each for sent in dealing.parcels for each in sent.numbers]
            if not any(number in book.delivered for number in named):
                went_back = any(number in book.returned for number in named)
                why = "it went back to its sender" if went_back else "the carrier has not delivered it"
                yield f"P5: {name} was told that {parcel or 'a parcel'} was delivered by {channel}, and {why}"
        yield from self._counted(dealing, channel, parcel, milestone)

    def _counted(self, dealing: Dealing, channel: str, parcel: str, milestone: Milestone) -> Iterator[str]:
        told = Told(dealing.name, channel, parcel, milestone.value)
        self.count[told] += 1
        if milestone.value == RENUMBERED:
            return  # once for each number, however far the parcel is
        # Two purchase orders in one parcel are two subjects of ours; a text that names no parcel may be about any.
        may_repeat = dealing.references_of(parcel) if parcel else len(dealing.parcels)
        if milestone is Milestone.CONFIRMED:
            may_repeat = 1
        times, rank = self.count[told], RANK[milestone]
        what = f"{dealing.name} {milestone.value}{' ' + parcel if parcel else ''}"
        if times > max(1, may_repeat):
            yield f"P5: {times} times the same {channel}: {what}"
        place = (dealing.name, channel, parcel)
        if rank < self.ranks.get(place, 0) and may_repeat <= 1:
            yield f"P5: an {channel} went backward: {what}"
        self.ranks[place] = max(rank, self.ranks.get(place, 0))
