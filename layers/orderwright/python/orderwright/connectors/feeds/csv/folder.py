"""Which file of a folder is the feed: the newest finished one by the order of names. Pure.

Who uploads may be in the middle of it. So a file counts with the size and time that it had in the listing before, or with a
marker beside it; nobody waits for that here, the next poll decides. An older file is never read after a newer one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from orderwright.ports.out import RemoteFile

UNFINISHED = (".tmp", ".part", ".filepart", ".partial")
_REMEMBERED = 3


class Choice(NamedTuple):
    """`file`: to be read, None for none. `mark`: of it, or of the last one that was read. `seen`: the newest files' marks.

    `waits`: nothing can be said now, a newer file may still be written. `behind`: the last one is gone, and only older ones are
    there.
    """

    file: RemoteFile | None
    mark: str
    seen: str
    waits: bool = False
    behind: bool = False


def mark_of(file: RemoteFile) -> str:
    """Changes with its content."""
    return f"{file.name}\t{file.mark or f'{file.size} {int(file.modified.timestamp())}'}"


def choose(
    files: Sequence[RemoteFile], pattern: str, last: str, seen: str | None, *, marker: str = "", whole: bool = False
) -> Choice | None:
    """None where no file is of this name. `last`: the mark of the file that was read last; `seen`: what the listing before gave.

    `pattern` is a name, in which * stands for any signs. `whole`: files come here at once, or not at all. None for `seen`: a
    person looks, and nothing is known of before.
    """
    fits = re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)
    by_name = {file.name: file for file in files}
    ours = [
        file for name, file in by_name.items()
        if fits.fullmatch(name) and not name.lower().endswith(UNFINISHED) and not (marker and name.endswith(marker))
    ]  # fmt: skip
    if not ours:
        return None
    newest = sorted(
        (one for one in ours if one.name >= last.partition("\t")[0]), key=lambda one: one.name, reverse=True
    )
    marks = [mark_of(one) for one in newest]
    now, before = "" if whole or marker else "\n".join(marks[:_REMEMBERED]), (seen or "").split("\n")
    for file, mark in zip(newest, marks, strict=True):
        done = by_name.get(file.name + marker) if marker else None
        finished = done is not None and done.modified >= file.modified if marker else mark in before
        if mark == last or whole or seen is None or finished:
            return Choice(None if mark == last else file, mark, now)
    return Choice(None, last, now, waits=bool(newest), behind=not newest)
