"""The table of errors is whole, and each class says the same as its row."""

from __future__ import annotations

import inspect

import pytest

from orderwright import errors

ROWS = {
    cells[0]: cells[1:]
    for line in (errors.__doc__ or "").splitlines()[4:]
    if (cells := [cell.strip() for cell in line.strip("| ").split("|")])[0]
}
CLASSES = {
    name: found
    for name, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, Exception) and found is not errors.VendorError
}
DONE = {"no": "Not done", "nobody knows": "Nobody knows", "in part": "Done in part"}


def test_every_error_has_a_row_of_four_cells() -> None:
    assert {*ROWS} == {*CLASSES}
    assert {len(cells) for cells in ROWS.values()} == {3}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_says_what_its_row_says(name: str) -> None:
    did, follows, _ = ROWS[name]
    said = inspect.getdoc(CLASSES[name]) or ""
    assert said.startswith(DONE[did])
    first = follows.removeprefix("as Misconfigured; ").partition(":")[0].partition(";")[0]
    assert first.lower() in said.lower()
