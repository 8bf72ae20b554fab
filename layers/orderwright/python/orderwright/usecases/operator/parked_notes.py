"""News that could not be read, and tasks for a person: listed until somebody says that they are done."""

from __future__ import annotations

from typing import NamedTuple

from orderwright.domain.operations import ParkedNote
from orderwright.records import CONTROL, PARKED_PK, parked_key
from orderwright.storage import Put, Storage
from orderwright.usecases.intake.parked import DONE
from orderwright.usecases.operator.desk import Desk, Refused, decided


class ListedNote(NamedTuple):
    """A note under the id by which it is called done."""

    id: str
    note: ParkedNote


def parked_notes(storage: Storage, *, done: bool = False) -> list[ListedNote]:
    """The open notes, or all of them, oldest first."""
    items = storage.list_raw(CONTROL, PARKED_PK)
    found = [ListedNote(key.sk, ParkedNote.model_validate(item["body"])) for key, item in items]
    return sorted((listed for listed in found if done or not listed.note.done), key=lambda listed: listed.note.at)


def note_done(desk: Desk, note_id: str) -> ParkedNote:
    """Take one note from the list, keeping who and why. Raises Refused when there is none."""
    return decided(lambda: _done(desk, note_id))


def _done(desk: Desk, note_id: str) -> ParkedNote:
    key = parked_key(note_id)
    held = desk.storage.get(key, ParkedNote)
    if held is None:
        raise Refused("NOT_FOUND", f"there is no parked note {note_id!r}", "orderwright parked list")
    if held.model.done:
        return held.model
    done = held.model.done_by(desk.name, desk.why)
    desk.storage.commit([Put(key, done, held.version, state=DONE)], correlation=desk.correlation)
    return done
