"""All SKUs priced again (R27), and what differs sent to each store in order, at its pace (R28).

begin -> pieces of some SKUs, a few at once, each decided as recalculate_price does -> releases, each minute, store by store

Promise P4: a piece looks before each commit whether its repricing is still the one that runs, so that an older configuration
never writes over what a newer repricing decided; what another worker wrote meanwhile is decided again by a message of its own.
Promise P11: the repricing is due while anything is left, and every listing that waits is due by itself later.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from orderwright.domain.config import Config
from orderwright.domain.listing import Listing
from orderwright.domain.repricing.run import LINES, NOW, Piece, Repricing, StoreLines, line_of, pace_of
from orderwright.domain.timing import Timing
from orderwright.errors import Conflict
from orderwright.messages import SKUS, Message
from orderwright.ports.connection import Clock
from orderwright.records import CATALOGUE, REPRICING, Stored, line_ref, sku_pk
from orderwright.storage import Fact, Put, Storage, retry_on_conflict
from orderwright.usecases.listing.bundles import load_whole
from orderwright.usecases.listing.records import SKU_STATE
from orderwright.usecases.recalculate_price import Waits, changes_of
from orderwright.usecases.repricing.slowing import WAKE, repricing_put

PIECE, TOGETHER = 200, 16
# Of the hundred writes of a transaction: a listing may put the older half of its time line away in the same one.
MOST_PUTS = 48
MOST_SKUS = 1_000_000
# An item carries twenty facts at most.
MOST_FACTS = 12
# A store whose listings stay in line however often they are sent is not waited for without end.
SENT_AT_MOST = 3
T = TypeVar("T")


def reprice(message: Message, *, storage: Storage, config: Config, clock: Clock, timing: Timing) -> None:
    """With `detail.why` a repricing begins, in place of one that runs; with `detail.place` a piece of it; else what is due."""
    work = _Work(storage, config, clock, timing, message.correlation or message.id)
    if "why" in message.detail:
        # Promise P4: what a file of rates wrote a moment ago is not read yet by whoever still has the configuration of before.
        work.begin(message.id, message.detail["why"], 2 * timing.config_cache if message.connection else timedelta(0))
    elif "place" in message.detail:
        work.price(message.detail["run"], message.detail["place"])
    else:
        work.look()


def in_parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """So many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


class _Work(NamedTuple):
    """What one message does."""

    storage: Storage
    config: Config
    clock: Clock
    timing: Timing
    correlation: str

    def begin(self, run: str, why: str, wait: timedelta) -> None:
        """From the first SKU on, at once or found due after `wait`. The same message again begins nothing."""
        total = self.storage.count_in_state(CATALOGUE, SKU_STATE, MOST_SKUS)
        paces = {name: pace_of(settings) for name, settings in self.config.stores.items()}

        def begun() -> None:
            held = self.storage.get(REPRICING, Repricing)
            if held is not None and held.model.id == run:
                return
            now = self.clock.now()
            fresh = Repricing.begun(run, why, total, paces, now + (wait or self._patience), now)
            self._commit(fresh, held.version if held else 0, fresh.pieces if wait else (), [])

        retry_on_conflict(begun, "the repricing")

    # --- pricing ------------------------------------------------------------------------------------------------------

    def price(self, run: str, place: str) -> None:
        """A piece of it. What was replaced, or is done, is dropped."""
        looked_up = self._looked_up(run, place)
        if looked_up is None:
            return
        run_now, piece, page = looked_up
        began, done, rest = self.clock.now(), 0, ""
        found, failed = dict[str, Counter[str]](), list[str]()
        for group in in_parts(page, TOGETHER):
            puts = dict[str, list[Put]]()
            for sku in dict.fromkeys(one for name, _ in group for one in (name, *self._bundles_begun_by(name))):
                try:
                    puts[sku] = self._changes(sku, run_now)
                except Exception:  # noqa: BLE001 - promise P9: it fails alone, in a message of its own
                    failed.append(sku)
            if not self._is_current(run):
                return
            failed += self._write(puts, found)
            done += len(group)
            if done < len(page) and self.clock.now() - began >= self.timing.function_timeout / 6:
                rest = page[done - 1][1]
                break
        self._worked(run, piece, rest, done, found, [*dict.fromkeys(failed)])

    def _looked_up(self, run: str, place: str) -> tuple[Repricing, Piece, list[tuple[str, str]]] | None:
        """Its SKUs, each with its place. The piece behind it is handed out before this one is priced."""
        keys = self.storage.state_page(CATALOGUE, SKU_STATE, PIECE, place)

        def handed_on() -> tuple[Repricing, Piece] | None:
            held, now = self.storage.get(REPRICING, Repricing), self.clock.now()
            piece = held.model.piece(place) if held and held.model.id == run else None
            if held is None or piece is None:
                return None
            last = keys[-1][1] if len(keys) == PIECE else ""
            after = held.model.looked_up(place, piece.end or last, now + self._patience)
            self._commit(after, held.version, held.model.pieces, [])
            known = after.piece(place)
            return (after, known) if known else None

        found = retry_on_conflict(handed_on, "the repricing")
        if found is None:
            return None
        page = [(key.pk.removeprefix(sku_pk("")), where) for key, where in keys]
        places, end = [where for _, where in page], found[1].end
        if end in places:
            return *found, page[: places.index(end) + 1]
        # The SKU that it ended with was written meanwhile and stands behind all others now.
        return *found, [one for one in page if not end or one[1].partition(" ")[0] <= end.partition(" ")[0]]

    def _bundles_begun_by(self, sku: str) -> list[str]:
        """Bundles that may be new in the rules: each is looked at with its first component."""
        return [name for name, bundle in self.config.rules.bundles.items() if next(iter(bundle.of)) == sku]

    def _changes(self, sku: str, run: Repricing) -> list[Put]:
        now = self.clock.now()

        def waits(listing: Listing) -> Waits | None:
            line = line_of(listing) if listing.store in run.stores else ""
            return Waits(line, run.net(listing.store, now)) if line else None

        file = load_whole(self.storage, sku, self.config.rules)
        return changes_of(file, self.config, now, self.timing, self.correlation, waits=waits)

    def _is_current(self, run: str) -> bool:
        held = self.storage.get(REPRICING, Repricing)
        return held is not None and held.model.id == run

    def _write(self, puts: Mapping[str, Sequence[Put]], found: dict[str, Counter[str]]) -> list[str]:
        """Several SKUs in one transaction; where somebody else wrote one of them, each alone. Gives the SKUs to decide again."""
        again, some = list[str](), dict[str, Sequence[Put]]()
        for sku, own in puts.items():
            if some and sum(map(len, some.values())) + len(own) > MOST_PUTS:
                again += self._together(some, found)
                some = {}
            some[sku] = own
        return again + self._together(some, found)

    def _together(self, some: Mapping[str, Sequence[Put]], found: dict[str, Counter[str]]) -> list[str]:
        try:
            self._written([put for own in some.values() for put in own], found)
        except Conflict:
            return [sku for sku, own in some.items() if not self._alone(own, found)] if len(some) > 1 else [*some]
        return []

    def _alone(self, puts: Sequence[Put], found: dict[str, Counter[str]]) -> bool:
        try:
            self._written(puts, found)
        except Conflict:
            return False
        return True

    def _written(self, puts: Sequence[Put], found: dict[str, Counter[str]]) -> None:
        self.storage.commit(puts, correlation=self.correlation)
        for put in puts:
            sent = any(fact.type == "listing.push_due" for fact in put.facts)
            if isinstance(put.model, Listing) and (put.ref or sent):
                found.setdefault(put.model.store, Counter())[put.ref.rpartition("#")[2] or NOW] += 1

    def _worked(
        self, run: str, piece: Piece, rest: str, skus: int, found: dict[str, Counter[str]], failed: Sequence[str]
    ) -> None:
        facts = [Fact("offer.changed", pk=sku_pk(sku), resource=sku) for sku in failed]

        def told(some: Sequence[Fact], *, last: bool) -> Callable[[], None]:
            def work() -> None:
                held, now = self.storage.get(REPRICING, Repricing), self.clock.now()
                if held is None or held.model.id != run:
                    return  # the one that replaced it decides them too
                after = held.model
                if last:
                    after = after.worked(piece.place, rest, skus, found, now + self._patience, now)
                over = [Fact(WAKE, pk=REPRICING.pk, sk=REPRICING.sk)] if after.priced_at and last else []
                self._commit(after, held.version, held.model.pieces, [*some, *over])

            return work

        parts = list(in_parts(facts, MOST_FACTS)) or [[]]
        for number, some in enumerate(parts, 1):
            retry_on_conflict(told(some, last=number == len(parts)), "the repricing")

    # --- releasing ----------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Pieces whose worker was lost are handed out again; each store gets what it takes in the time since its last release."""

        def recovered() -> Sequence[str]:
            held, now = self.storage.get(REPRICING, Repricing), self.clock.now()
            if held is None:
                return ()
            after = held.model.recovered(now + self._patience, now)
            if after != held.model:
                lost = tuple(one for one in held.model.pieces if one in after.pieces)
                self._commit(after, held.version, lost, [])
            return tuple(name for name, lines in after.stores.items() if lines.done_at is None)

        for store in retry_on_conflict(recovered, "the repricing"):
            retry_on_conflict(partial(self._release, store), "the repricing")

    def _release(self, store: str) -> None:
        held, now = self.storage.get(REPRICING, Repricing), self.clock.now()
        lines = held.model.stores.get(store) if held else None
        if held is None or lines is None or lines.done_at is not None or now < lines.next_at:
            return
        if store not in self.config.stores:
            self._commit(held.model.without(store), held.version, held.model.pieces, [])
            return
        skus, room = list[str](), lines.room(now)
        for line in LINES:
            if room > len(skus) and (line != "rest" or held.model.priced_at):
                keys = self.storage.find(CATALOGUE, line_ref(store, line), room - len(skus))
                skus += [key.pk.removeprefix(sku_pk("")) for key in keys]
        after = self._after(lines, held, len(skus))
        size = max(1, -(-len(skus) // MOST_FACTS))
        sends = [
            Fact("listing.push_due", connection=store, detail={SKUS: json.dumps(some)}) for some in in_parts(skus, size)
        ]
        self._commit(held.model.with_lines(store, after), held.version, held.model.pieces, sends)

    def _after(self, lines: StoreLines, held: Stored[Repricing], count: int) -> StoreLines:
        """Nothing in line is the end only once all is priced, and the index shows what was written last."""
        now, priced_at = self.clock.now(), held.model.priced_at
        if priced_at is not None:
            shown = not lines.waiting or now - priced_at >= self.timing.push_retry
            stuck = lines.sent > SENT_AT_MOST * lines.waiting + lines.most
            if stuck or (shown and not count):
                return lines.emptied(now)
        return lines.released(count, now)

    # --- writing ------------------------------------------------------------------------------------------------------

    @property
    def _patience(self) -> timedelta:
        """After which a worker is taken for lost."""
        return self.timing.windows.lease

    def _commit(self, run: Repricing, version: int, before: Sequence[Piece], facts: Sequence[Fact]) -> None:
        """With a message for each piece that is not among those of before."""
        known = {piece.place for piece in before}
        pieces = [
            Fact(WAKE, pk=REPRICING.pk, sk=REPRICING.sk, detail={"run": run.id, "place": piece.place})
            for piece in run.pieces
            if piece.place not in known
        ]
        self.storage.commit([repricing_put(run, version, (*pieces, *facts))], correlation=self.correlation)
