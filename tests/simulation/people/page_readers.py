"""Customers who open the page of their order: they withdraw, ask where it is, or want to send something back (R49, R52)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from orderwright.customer_page.request_view import PIECES
from orderwright.domain.customer_request import RequestKind
from orderwright.domain.tracking_page import page_of
from orderwright.records import ORDERS, order_pk, track_pk
from orderwright.tracking_links import mark_of, token_of
from tests.simulation.kernel.workers import Outcome
from tests.simulation.opening import PAGE_KEY
from tests.simulation.people.scene import counted, is_over, sooner_or_later
from tests.simulation.people.sold import Sold
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

AGAIN = 45.0
"""Seconds until they try once more: their page is not there yet, or nobody answered."""
KINDS = (*(RequestKind.WITHDRAWAL,) * 7, RequestKind.RETURN, *(RequestKind.QUESTION,) * 2)


@dataclass(frozen=True)
class Answered:
    """What somebody was told is here. `lines`: pieces by line id."""

    pk: str
    kind: RequestKind
    lines: dict[str, int]


@dataclass
class Reader:
    """One customer with a link who asks for something; the same form is sent again until somebody answers."""

    sim: Sim
    sold: Sold
    kind: RequestKind
    whole: bool
    until: datetime | None
    form: str = ""
    lines: dict[str, int] | None = None

    @property
    def pk(self) -> str:
        """Of the order."""
        return order_pk(STORE, self.sold.number)

    def __call__(self) -> None:
        """Send the form now."""
        if is_over(self.sim, self.until):
            return
        if not self.form:
            self._fill_in()
        if not self.form:
            self.sim.agenda.after(AGAIN, "a customer opens the page", self)
            return
        self.sim.note("a customer", f"sends a {self.kind.lower()} of {self.sold.name}")
        self.sim.gateway.customers_page(token_of(self.pk, PAGE_KEY), self.form, self._heard)

    def _fill_in(self) -> None:
        mark = mark_of(token_of(self.pk, PAGE_KEY))
        page = page_of(mark, {key.sk: item["body"] for key, item in self.sim.storage.list_raw(ORDERS, track_pk(mark))})
        if page is None:
            return
        sold = {line.line_id: line.sold for line in page.order.lines if line.sold}
        some = sold if self.whole else dict(sorted(sold.items())[:1])
        before = [one for asked in page.requests.values() for one in asked.lines]
        self.lines = {
            line: min([many, *(one.left for one in before if one.line_id == line)]) for line, many in some.items()
        }
        fields = {f"{PIECES}{line}": str(many) for line, many in self.lines.items()}
        self.form = urlencode({"kind": self.kind.value, "n": str(page.asked(self.kind)), **fields})

    def _heard(self, outcome: Outcome) -> None:
        status = outcome.result["statusCode"] if outcome.ok else 503
        counted(self.sim, "readers_heard", f"{self.kind.lower()} {status}")
        if status >= 500:
            self.sim.agenda.after(AGAIN, "a customer sends the form again", self)
        elif status == 200 and self.kind is not RequestKind.QUESTION:
            lines = {line: many for line, many in (self.lines or {}).items() if many}
            self.sim.memory.setdefault("taken", []).append(Answered(self.pk, self.kind, lines))


def plan_readers(
    sim: Sim, dice: Random, *, times: int, kinds: tuple[RequestKind, ...] = KINDS, until: datetime | None
) -> None:
    """Each customer from now on opens the page `times` times, often while the order is being placed."""

    def bought(sold: Sold) -> None:
        for _ in range(times):
            reader = Reader(sim, sold, dice.choice(kinds), dice.random() < 0.6, until)
            sim.agenda.after(sooner_or_later(dice, 2, 4000), "a customer opens the page", reader)

    sim.memory.setdefault("on_bought", []).append(bought)
