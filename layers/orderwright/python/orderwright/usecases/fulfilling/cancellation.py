"""The store is asked once to end an order that was given up, and to give its money back (R11).

The connector reads the order before it acts, so that what is done is not done again: after a call without an answer the same is
asked once more, but only when that call has settled, and never a third time.
"""

from __future__ import annotations

from datetime import datetime

from orderwright.domain.money import Money
from orderwright.domain.order import Reason
from orderwright.domain.shipment import StoreRecord
from orderwright.domain.store_cancellation import NOT_CANCELLED, StoreCancellation
from orderwright.ports.store import OrderCancelling
from orderwright.records import CANCELLATION
from orderwright.storage import Due, Fact
from orderwright.usecases.fulfilling.recording import StoreWork
from orderwright.usecases.order_commit import FULFILL


class Cancelling(StoreWork):
    """One worker on the end of one order in its store."""

    what = "cancelling it in the store"

    @property
    def held(self) -> StoreCancellation:
        """As it was read, or written by us since."""
        assert self.file.cancellation is not None
        return self.file.cancellation.model

    def _is_there(self) -> bool:
        return self.file.cancellation is not None

    def _since(self) -> datetime:
        return self.held.created_at

    def _do(self) -> bool:
        return self._call(self._way, self._ask, sent=False)

    def _way(self) -> tuple[OrderCancelling | None, Money]:
        """The way to the store, and what there is to give back now."""
        store, shown = self.ways.cancelling(self.record.connection), self.held.shown
        return store, store.money_left(self.record.order_id) if store and self.held.refund else shown

    def _ask(self, way: tuple[OrderCancelling | None, Money]) -> bool:
        (store, left), shown = way, self.held.shown
        if store is None:
            return self._stop("NOT_POSSIBLE", "This kind of store does not do that for us.")
        if left.minor and (left.currency != shown.currency or left > shown):
            what = (
                f"Nothing was asked: {left} is left of it by now, and {shown} was agreed to. Cancel it again to decide."
            )
            return self._stop("CHANGED", what)
        if not self._claim(f"asking the store to {self.held.asks}"):
            return False
        refund = self.held.refund
        return self._call(
            lambda: store.cancel_order(self.record.order_id, refund=refund),
            lambda _: self._keep(self._done, self._is_ours),
            sent=True,
        )

    def _done(self) -> bool:
        """The store is read again, for what it shows now is what counts."""
        commit, record = self._commit(), self.record
        again = Fact("order.changed", connection=record.connection, pk=self.pk, resource=record.order_id)
        what = "cancelled in the store, and its money given back" if self.held.refund else "cancelled in the store"
        commit.cancellation(self.held.recorded(CANCELLATION), what, facts=[again], due=None)
        self._write(commit)
        return False

    def _save(self, held: StoreRecord, what: str, why: str = "") -> None:
        assert isinstance(held, StoreCancellation)
        commit = self._commit()
        commit.cancellation(held, what, why, due=Due(held.settle_until, FULFILL) if held.settle_until else None)
        self._write(commit)

    def _stop(self, code: str, message: str) -> bool:
        reason = Reason(
            code=NOT_CANCELLED,
            message=f"the store was to {self.held.asks}, and it is not certain that it did ({code}): {message}",
            fix="look at the order in the store; retry, and what is done is not done again; or do it by hand and say so",
        )
        commit = self._commit()
        commit.cancellation(self.held.parked(reason), "parked", message, due=None)
        commit.order(reason.message, self.record.not_ended_in_store(reason))
        self._write(commit)
        return False
