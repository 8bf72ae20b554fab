"""A note on an order in its store, by an operator. A note that is there already is not written twice: a repeat is harmless."""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.order import OrderRecord
from orderwright.errors import OutcomeUnknown, VendorError
from orderwright.ports.store import OrderNotes
from orderwright.usecases.operator.desk import Desk, Refused, decided
from orderwright.usecases.operator.order_edit import Edit, commit, load

MOST = 1_000


def note_order(
    desk: Desk, pk: str, text: str, notes_for: Callable[[str], OrderNotes | None], name_of: Callable[[str], str] = str
) -> OrderRecord:
    """Write it there, then say so in the order's time line; gives the order. Raises Refused."""
    _, stored = load(desk, pk)
    record, text = stored.model, text.strip()
    store, notes = name_of(record.connection), notes_for(record.connection)
    if not 0 < len(text) <= MOST:
        raise Refused("TEXT_LENGTH", f"the note has {len(text)} characters", f"write 1 to {MOST}")
    if notes is None:
        raise Refused("NOT_POSSIBLE", f"{store} takes no notes from us", "write it in the store by hand")
    try:
        notes.add_note(record.order_id, text)
    except OutcomeUnknown as error:
        fix = "run the command again: a note that is there is not written twice"
        raise Refused(
            "OUTCOME_UNCLEAR", f"{store} did not say whether it took the note: {error.message}", fix
        ) from None
    except VendorError as error:
        raise Refused(
            error.code, f"{store} did not take the note: {error.message}", "look at the order in the store"
        ) from None
    return decided(lambda: _told(desk, pk))


def _told(desk: Desk, pk: str) -> OrderRecord:
    # The words stay in the store: they may name the customer, and the time line holds no personal data (promise P8).
    file, _ = load(desk, pk)
    return commit(desk, file, Edit("wrote a note on it in the store"))
