"""The judge. The vendors' ledgers and what customers really got are the evidence; our own tables must agree with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from local.sandbox.wire import LedgerEntry
from orderwright.aws.values import from_item
from orderwright.domain.config import Config
from orderwright.domain.operations import StoredConfig
from tests.simulation.judge.backward import Steps
from tests.simulation.judge.case import Case, case_of
from tests.simulation.judge.closings import judge_connections, judge_odd_news, judge_subscriptions
from tests.simulation.judge.desk import DeskBook
from tests.simulation.judge.ends import (
    judge_cancellation,
    judge_decisions,
    judge_given_back,
    judge_known,
    judge_last_look,
    judge_strangers,
)
from tests.simulation.judge.evidence import Book, Dealing
from tests.simulation.judge.failures import Failures
from tests.simulation.judge.looks import Looks
from tests.simulation.judge.margins import Margins
from tests.simulation.judge.pages import judge_pages
from tests.simulation.judge.parcels import Recording, judge_parcels
from tests.simulation.judge.poisoned import judge_delayed
from tests.simulation.judge.privacy import Privacy, judge_privacy
from tests.simulation.judge.purchases import Purchases, judge_last_step, judge_purchases
from tests.simulation.judge.reports import Reports
from tests.simulation.judge.repricing import Repricing
from tests.simulation.judge.sends import Sends
from tests.simulation.judge.shelf import Shelf
from tests.simulation.judge.silence import judge_silence
from tests.simulation.judge.spending import Spending
from tests.simulation.judge.stock_at_the_end import judge_holdings, judge_reservations, judge_store
from tests.simulation.judge.tables import read_tables
from tests.simulation.judge.telling import Telling, Told
from tests.simulation.judge.unclear import Mishaps, judge_unclear
from tests.simulation.judge.untold import judge_untold
from tests.simulation.judge.waiting import judge_due, judge_queues, judge_waiting
from tests.simulation.judge.withdrawals import Withdrawals
from tests.simulation.judge.words import ORDER_NAME
from tests.simulation.judge.writes import Watch, Write
from tests.simulation.people.competitors import MEMORY
from tests.simulation.people.sold import Sold

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


class Judge:
    """One world's judge, to be asked after each event. `violations` are plain sentences that begin with the promise."""

    def __init__(self, sim: Sim) -> None:
        self.sim = sim
        self.violations: list[str] = []
        self.words = sim.words
        self.book = Book(self.words, sim.front.kind, sim.front.account(sim.store), self.words.accounts(sim.supplier))
        self.watch = Watch()
        self.purchases = Purchases()
        self.spending = Spending(self.words.step)
        self.shelf = Shelf()
        # Before the first event: that one may be the supplier's own, and what it had until then may still be reported.
        self.shelf.look_at_supplier(sim)
        self.looks = Looks(self.words.call, sim.front.calls)
        self.mishaps = Mishaps()
        self.sends = Sends(self.words.looks_up)
        self.margins = Margins()
        self.reports = Reports()
        self.steps = Steps()
        self.withdrawals = Withdrawals(self.words.step)
        self.recording = Recording()
        self.telling = Telling()
        self.privacy = Privacy()
        self.failures = Failures()
        self.desk = DeskBook() if self.words.desk else None
        self.repricing = Repricing() if MEMORY in sim.memory else None
        self.named: dict[str, bool] = {}
        self.outcomes: dict[str, str] = {}
        self._entries = self._alerts = self._given_up = 0

    # --- after each event ---------------------------------------------------------------------------------------------

    def after_event(self) -> None:
        """Whatever is new since the last event. Costs next to nothing when there is nothing new."""
        sim = self.sim
        if not self.book.configs:
            self.book.apply(sim.config, sim.clock.at)
        self.shelf.look_at_supplier(sim)
        # Our own writes first: a payment is judged by the INTENT that stood before it.
        for write in self.watch.news(sim):
            self._accuse(self._written(write))
        entries = sim.world.ledger.entries
        while self._entries < len(entries):
            self._entries += 1
            self._accuse(self._happened(entries[self._entries - 1]))
        if self.telling.has_news(sim):
            self._accuse(self.telling.look(sim, self.book))
        self._accuse(self.looks.look(sim, self.book))
        if "poison" in sim.memory:
            self._accuse(judge_delayed(sim))
        seen = sim.seen
        if self.privacy.has_news(seen):
            self._accuse(self.privacy.look(sim))
        if len(seen.failures) > self.failures.read:
            self._accuse(self.failures.look(sim))
        if len(seen.alerts) > self._alerts:
            for alert in seen.alerts[self._alerts :]:
                self.named.update(dict.fromkeys(ORDER_NAME.findall(alert), True))
            self._alerts = len(seen.alerts)
        if len(seen.given_up) > self._given_up:
            self._accuse(self._lost())

    def _accuse(self, found: Iterable[str]) -> None:
        for sentence in found:
            if sentence not in self.violations:
                self.violations.append(sentence)

    def _lost(self) -> Iterator[str]:
        lost = self.sim.seen.given_up[self._given_up :]
        self._given_up += len(lost)
        if not self.sim.memory.get("webhooks_dropped") and not self.sim.memory.get("webhooks_given_up"):
            for webhook in lost:
                yield f"P2: a webhook was given up by its vendor: {webhook[:80]}"

    def _written(self, write: Write) -> Iterator[str]:
        now = self.sim.clock.at
        yield from self.reports.on_write(write, self.shelf, self.book)
        if write.table == "catalogue":
            yield from self.shelf.on_write(write, self.book, now)
            if self.repricing is not None:
                yield from self.repricing.on_write(write, self.book, now)
            return
        self.spending.on_write(write, now)
        self.margins.on_write(write)
        yield from self.sends.on_write(write)
        yield from self.steps.on_write(write)
        yield from self.withdrawals.on_write(write)
        if (write.pk, write.sk) == ("CONFIG", "CURRENT") and write.item is not None:
            stored = StoredConfig.model_validate(from_item(write.item)["body"])
            # As the functions read it: by ids, whatever the file calls them (P15).
            self.book.apply(Config.model_validate_json(stored.document).by_ids(stored.identities), now)

    def _happened(self, entry: LedgerEntry) -> Iterator[str]:
        dealing = self.book.note(entry, self.sim.clock.at)
        if entry.kind == "contract_violation":
            yield f"contract: {entry.vendor} {entry.data.get('operation', entry.reference)} {entry.data.get('problem')}"
        elif self.words.speaks(entry):
            yield from self._supplier(entry, dealing)
        elif dealing is not None and entry.vendor == self.sim.front.kind:
            self.margins.on_store(self.sim, entry, dealing.number, self.book)
        if entry.kind == "quantity_changed":
            yield from self.shelf.on_quantity(entry, self.sim)
        elif entry.kind == "price_changed":
            if entry.vendor == self.sim.front.kind:
                yield from self.shelf.on_price(entry, self.sim, self.book)
            if self.repricing is not None:
                yield from self.repricing.on_price(entry, self.sim, self.book, self.shelf)
        elif entry.kind == "fulfillment_created":
            yield from self.recording.on_fulfillment(entry, dealing)

    def _supplier(self, entry: LedgerEntry, dealing: Dealing | None) -> Iterator[str]:
        if self.desk is not None and entry.vendor == self.words.desk:
            yield from self.desk.on_entry(entry, dealing)
        if self.words.is_made(entry):
            yield from self.purchases.on_created(entry, dealing, self.sim.memory)
            yield from self.sends.on_created(entry.reference)
        elif self.words.is_committed(entry):
            yield from self.purchases.on_paid(entry, dealing)
            yield from self.spending.on_paid(entry, dealing.number if dealing else "", self.book)
            yield from self.margins.on_paid(self.sim, entry, dealing.number if dealing else "", self.book)
            if dealing is not None:
                yield from judge_last_look(self.sim, entry, dealing)
        elif self.words.is_taken_back(entry):
            self.spending.on_taken_back(entry, self.book)
            self.margins.on_taken_back(entry, dealing.number if dealing else "")

    def forget(self, trace_lines: int) -> None:
        """Let go of all that was read, in very long runs; `trace_lines` of the trace are left for people."""
        self.after_event()
        sim = self.sim
        self.mishaps.read(sim.trace)
        sim.trace.forget(min(self.looks.lines, self.mishaps.lines, sim.trace.end - trace_lines))
        self.privacy.forget(sim)
        self._alerts = 0
        self.telling.forget(sim)

    # --- at the end ---------------------------------------------------------------------------------------------------

    def at_the_end(self) -> None:
        """Everything: the store, the supplier and our tables must tell the same story of each order."""
        self.after_event()
        sim = self.sim
        tables = read_tables(sim)
        cases = [case_of(sim, sold, self.book, tables, sold.name in self.named) for sold in sim.sold]
        self.outcomes = {case.sold.name: case.outcome for case in cases}
        got: dict[str, list[Told]] = {}
        for told in self.telling.count:
            got.setdefault(told.name, []).append(told)
        for case in cases:
            self._accuse(self._case(case, got.get(case.sold.name, [])))
        self._accuse(judge_silence(sim, cases))
        self._accuse(judge_strangers(sim, tables))
        self._accuse(judge_decisions(tables))
        self._accuse(judge_pages(tables))
        self._accuse(judge_reservations(self.shelf, tables))
        self._accuse(judge_store(sim, self.shelf, self.book, tables))
        if self.repricing is not None:
            self._accuse(self.repricing.at_the_end(sim, self.book, self.shelf, tables.due))
        self._accuse(self.spending.at_the_end(sim, self.book, tables))
        self._accuse(judge_privacy(sim, tables, cases, self.privacy.canaries))
        self._accuse(judge_queues(sim))
        self._accuse(judge_due(sim, tables))
        self.mishaps.read(sim.trace)
        self._accuse(judge_unclear(self.mishaps, tables))
        self._accuse(judge_connections(sim, tables))
        self._accuse(judge_odd_news(sim, tables))
        self._accuse(judge_subscriptions(sim))

    def _case(self, case: Case, got: list[Told]) -> Iterator[str]:
        yield from judge_known(self.sim, case)
        yield from judge_purchases(case)
        yield from judge_last_step(case, self.words.ends)
        yield from judge_cancellation(case)
        yield from judge_given_back(case)
        yield from self.withdrawals.at_the_end(self.sim, case, self.telling)
        yield from judge_parcels(self.sim, case, self.book)
        yield from judge_untold(self.sim, case, self.telling, got)
        yield from judge_holdings(case)
        yield from judge_waiting(case)
        if self.desk is not None:
            yield from self.desk.at_the_end(self.sim, case)
        yield from self.margins.at_the_end(self.sim, case, self.book)

    def outcome_of(self, sold: Sold) -> str:
        """How an order ended, in a few words: "DELIVERED", "NEEDS_ATTENTION OUT_OF_STOCK"."""
        if sold.name not in self.outcomes:
            case = case_of(self.sim, sold, self.book, read_tables(self.sim), sold.name in self.named)
            self.outcomes[sold.name] = case.outcome
        return self.outcomes[sold.name]
