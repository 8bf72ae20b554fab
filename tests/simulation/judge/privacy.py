"""Promises P8 and P7: personal data only in the one place for it, after erasure nowhere; and nothing of a forged webhook."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orderwright.records import order_pk
from tests.simulation.judge.canaries import Canaries, Found
from tests.simulation.judge.case import Case
from tests.simulation.judge.evidence import vendor_news_came
from tests.simulation.judge.tables import PAGES, Item, Tables
from tests.support.shop import STORE

if TYPE_CHECKING:
    from tests.simulation.kernel.hearing import Evidence
    from tests.simulation.sim import Sim

PLACES = (("bodies", "a queue"), ("logged", "a log"), ("alerts", "an alert"), ("errors", "an exception"))
PERSONAL = "DETAILS"


@dataclass
class Privacy:
    """How far each kind of text was read. Each is read once."""

    canaries: Canaries = field(default_factory=Canaries)
    read: dict[str, int] = field(default_factory=lambda: dict.fromkeys((name for name, _ in PLACES), 0))

    def has_news(self, seen: Evidence) -> bool:
        """Any text since the last look."""
        read = self.read
        return (
            len(seen.bodies) != read["bodies"]
            or len(seen.logged) != read["logged"]
            or len(seen.alerts) != read["alerts"]
            or len(seen.errors) != read["errors"]
        )

    def look(self, sim: Sim) -> Iterator[str]:
        """Everything that was sent, logged, alerted or raised since the last look."""
        self.canaries.learn(sim.sold)
        for name, place in PLACES:
            texts: list[str] = getattr(sim.seen, name)
            position = self.read[name]
            if len(texts) == position:
                continue
            self.read[name] = len(texts)
            fresh = "\n".join(texts[position:])
            planted: Any = sim.memory.get("poison", ())
            if name == "bodies" and planted:
                fresh = "\n".join(text for text in texts[position:] if text not in planted)
            for found in self.canaries.within(fresh):
                yield f"P8: {found.canary} of {found.sold.name} is in {place}"
            if tells_key(sim, fresh):
                yield f"P15: the supplier's openId, which signs its webhooks, is in {place}"
            if name in ("bodies", "alerts"):
                for forged in sim.memory.get("forged", ()):
                    if forged in fresh:
                        yield f"P7: the forged or foreign webhook {forged} came as far as {place}"

    def forget(self, sim: Sim) -> None:
        """Let go of all texts. To be asked when all of them were read."""
        for name, _ in PLACES:
            texts: list[str] = getattr(sim.seen, name)
            assert self.read[name] == len(texts), f"unread: {name}"
            texts.clear()
            self.read[name] = 0


def tells_key(sim: Sim, text: str) -> bool:
    """Whether a text holds the supplier's openId: the account's id, and the key of its webhooks. A fingerprint may be kept."""
    key = sim.words.key(sim.supplier)
    return bool(key) and key in text and re.search(rf"(?<![0-9]){key}(?![0-9])", text) is not None


KEPT = 2000
_TEXTS: dict[int, tuple[Item, str]] = {}
"""Items -> themselves, and their texts: most of a catalogue is the same item in every world, and no item is ever changed."""


def _text(item: Item) -> str:
    known = _TEXTS.get(id(item))
    if known is not None and known[0] is item:
        return known[1]
    if len(_TEXTS) >= KEPT:
        _TEXTS.clear()
    text = json.dumps(item, ensure_ascii=False, default=str)
    _TEXTS[id(item)] = (item, text)
    return text


def judge_privacy(sim: Sim, tables: Tables, cases: list[Case], canaries: Canaries) -> Iterator[str]:
    """All tables and dead letters at the end."""
    canaries.learn(sim.sold)
    everything = (("orders", tables.orders), ("catalogue", tables.catalogue), ("control", tables.control))
    for name, items in everything:
        texts = [_text(item) for item in items if item["sk"]["S"] != PERSONAL]
        if any(tells_key(sim, text) for text in texts):
            yield f"P15: the supplier's openId, which signs its webhooks, is in the table {name}"
        if not sim.memory.get("forged") and not canaries.within("\n".join(texts)):
            continue
        for item in (item for item in items if item["sk"]["S"] != PERSONAL):
            text = _text(item)
            for found in canaries.within(text):
                if not _on_own_page(found, item):
                    yield f"P8: {found.canary} of {found.sold.name} is in the table {name} outside DETAILS"
            for forged in sim.memory.get("forged", ()):
                if forged in text:
                    yield f"P7: the forged or foreign webhook {forged} is in the table {name}"
    dead = "\n".join(
        held.body
        for name, queue in sorted(sim.queues.items())
        for held in (queue.messages if name.endswith("_dead_letter") else ())
        if held.body not in sim.memory.get("poison", ())
    )
    for found in canaries.within(dead):
        yield f"P8: {found.canary} of {found.sold.name} is in a dead letter"
    yield from _details(tables, canaries)
    for case in cases:
        yield from _erased(sim, case)


def _on_own_page(found: Found, item: Item) -> bool:
    """The first name and the town stand on the page of the customer's own order, and nowhere else."""
    body = item.get("body", {}).get("M", {})
    mine = body.get("order", {}).get("S") == order_pk(STORE, str(found.sold.number))
    said = [body[name]["S"] for name in ("first_name", "town") if name in body]
    return item["pk"]["S"].startswith(PAGES) and mine and found.canary in said


def _details(tables: Tables, canaries: Canaries) -> Iterator[str]:
    """The one place for personal data: of nobody else, and of nobody who was erased."""
    for item in tables.orders:
        if item["sk"]["S"] != PERSONAL:
            continue
        pk = item["pk"]["S"]
        file = tables.files.get(pk)
        record = file.record.model if file is not None and file.record is not None else None
        erased = record is not None and record.erased_at is not None
        for found in canaries.within(_text(item)):
            if order_pk(STORE, str(found.sold.number)) != pk:
                yield f"P8: {found.canary} of {found.sold.name} is in the details of another order"
            elif erased:
                yield f"P8: {found.canary} of {found.sold.name} is still there after erasure"


def _erased(sim: Sim, case: Case) -> Iterator[str]:
    """Asked to erase, and done; unless that one webhook never came."""
    came = vendor_news_came(sim, case.names) and case.sold.name not in sim.memory.get("unheard", ())
    if case.sold.erased and case.record is not None and case.record.erased_at is None and came:
        yield f"P8: the store asked to erase the customer of {case.sold.name}, and nobody did"
    asked, limit = sim.memory.get("asked_to_forget", {}).get(case.sold.name), sim.memory.get("erase_within")
    done = case.record.erased_at if case.record is not None else None
    if asked is not None and limit is not None and came and (done or case.now) - asked > limit:
        yield f"P8: the customer of {case.sold.name} was not erased within {limit}"
