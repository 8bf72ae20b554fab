"""What the maker answered, for the sandbox's pages: it answers on Orderwright's own page, so no vendor hears of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from local.sandbox.factory import Answer, Known
from orderwright.domain.purchase_order import PurchaseOrder, PurchaseOrderState
from orderwright.domain.purchase_order_state import REFUSED
from orderwright.domain.supplier_answers import Withdrawal
from orderwright.records import ORDERS, OrderFile, reference_ref
from orderwright.storage import Storage
from orderwright.usecases.answering import SUPPLIER

FRESH_SECONDS = 1.0
_SAID = "the supplier answered: "
_BAD, _GOOD = ("refused", "not ship", "contradicts", "ended"), ("confirmed", "parcel")


class Answers:
    """Reads the purchase orders by their references, at most once a second each. `kinds`: connection -> the store's kind."""

    def __init__(self, storage: Callable[[], Storage], kinds: Mapping[str, str]) -> None:
        self._storage, self._kinds = storage, kinds
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, Known]] = {}

    def __call__(self, references: Collection[str]) -> Mapping[str, Known]:
        """See AnswerSource."""
        with self._lock:
            for reference in references:
                read_at, _ = self._held.get(reference, (float("-inf"), None))
                if time.monotonic() - read_at < FRESH_SECONDS:
                    continue
                try:
                    found = self._read(reference)
                except (BotoCoreError, ClientError) as error:
                    raise OSError(type(error).__name__) from None
                if found is not None:
                    self._held[reference] = time.monotonic(), found
            return {reference: known for reference, (_, known) in self._held.items()}

    def _read(self, reference: str) -> Known | None:
        keys = self._storage().find(ORDERS, reference_ref(reference))
        file = self._storage().load_order(keys[0].pk) if keys else None
        held = file.purchase_orders.get(keys[0].sk) if file else None
        if file is None or file.record is None or held is None:
            return None
        record, po = file.record.model, held.model
        return Known(
            self._kinds.get(record.connection, record.connection), record.name, _state(po), tuple(_answers(file, po))
        )


def _answers(file: OrderFile, po: PurchaseOrder) -> Iterator[Answer]:
    """Who refused before is told too: that is why this one was asked."""
    for other in (held.model for held in file.purchase_orders.values()):
        if other.cancel_outcome == REFUSED and other.reference != po.reference:
            why = other.reasons[0].message if other.reasons else ""
            yield Answer(other.log[-1].at, f"Refused by {other.supplier}", why, "bad")
    for line in po.log:
        if line.who == SUPPLIER:
            what = line.what.removeprefix(_SAID)
            tone = "bad" if any(word in what for word in _BAD) else "good" if what.startswith(_GOOD) else "calm"
            yield Answer(line.at, what[:1].upper() + what[1:], line.why, tone)


def _state(po: PurchaseOrder) -> str:
    if po.state is not PurchaseOrderState.PLACED:
        return "REFUSED" if po.cancel_outcome == REFUSED or po.answers.refused else po.state.value
    if po.answers.parcels:
        return "SHIPPED"
    if po.answers.withdrawal is Withdrawal.ASKED:
        return "WITHDRAWAL_ASKED"
    return "CONFIRMED" if po.confirmed_at else "UNCONFIRMED" if po.reasons else "MAILED"
