"""Every transcript of docs/operating.md, played from the first file to the last stack: a merchant's path on the local AWS."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.packager.artifacts import ROOT
from local.running.settings import STORE
from local.running.shop import LocalShop
from local.sandbox.cj import CjConfig
from local.sandbox.sandbox import SandboxSettings
from tests.e2e.book_world import PLAYS, Book
from tests.e2e.transcripts import differences, steps

# With the others that bring a whole shop up, so that no two compete for the machine.
pytestmark = pytest.mark.xdist_group("local_shop")
BOOK = ROOT / "docs" / "operating.md"


def test_a_merchant_goes_from_the_first_file_to_the_last_stack_as_the_book_says(tmp_path: Path) -> None:
    work, folder = tmp_path / "work", tmp_path / "shop"
    folder.mkdir()
    settings = SandboxSettings(cj=CjConfig(auto_ship_after=None))
    wrong: list[str] = []
    with LocalShop(work=work, port=0, settings=settings, set_up=False, stores=(STORE,)) as shop:
        book = Book(shop, folder)
        for step in steps(BOOK):
            if step.play:
                book.play(step.play)
                continue
            said = book.run(step.command)
            found = differences(step.expected, said.text)
            if said.code != step.exit_code:
                found.append(f"exit code {said.code}, not {step.exit_code}")
            if found:
                wrong += [f"$ {step.command}", *found, said.text]
    assert not wrong, "\n".join(wrong)


def test_the_book_has_every_stage_direction() -> None:
    assert {step.play for step in steps(BOOK) if step.play} == set(PLAYS)
