"""orderwright parked: news that could not be read, and tasks for a person."""

from __future__ import annotations

import click

from local.cli.answer import Answer, table
from local.cli.command import WholeHelp, command
from local.cli.shop import Shop
from orderwright.usecases.operator.parked_notes import note_done, parked_notes

parked = WholeHelp(
    "parked", help="News that came from the vendor and could not be read. `parked done ID` takes a note from the list."
)


@command(parked, "list")
@click.option("--all", "everything", is_flag=True, help="Those that are done as well.")
def list_(shop: Shop, everything: bool) -> Answer:
    """The notes, oldest first."""
    found = parked_notes(shop.storage, done=everything)
    data = [{"id": listed.id, **listed.note.model_dump(mode="json")} for listed in found]
    if not found:
        return Answer(data, ["nothing is parked"])
    rows = [
        (listed.id, listed.note.at, listed.note.topic, listed.note.reason, listed.note.resource, listed.note.done)
        for listed in found
    ]
    return Answer(data, [table("Parked", ["Id", "Since", "Topic", "Reason", "About", "Done"], rows)])


@command(parked, "done", changes=True)
@click.argument("note_id", metavar="ID")
def done(shop: Shop, note_id: str) -> Answer:
    """Take the note ID from the list: you have handled it."""
    note = note_done(shop.desk, note_id)
    return Answer({"id": note_id, **note.model_dump(mode="json")}, [f"{note_id}: done"])
