"""The statement of a day for somebody at the command line: read now, with every row; or as it was written last."""

from __future__ import annotations

from collections.abc import Callable

from orderwright.domain.statement import Missing, Part, Statement
from orderwright.ports.connection import Clock
from orderwright.usecases.stating.books import Books, Unasked

TRIES = 3


def read_day(
    books: Books,
    clock: Clock,
    each: Callable[[Part], None],
    pause: Callable[[], None],
    *,
    progress: Callable[[int, int], None],
) -> Statement:
    """All sides of the day, order by order; `each` gets what it adds.

    Who cannot be asked three times, with a `pause` between, is left out and named.
    """
    statement = Statement(day=books.day, at=clock.now())
    pks = books.order_pks()
    for number, pk in enumerate(pks, 1):
        progress(number, len(pks))
        part, without = _part(books, pk, statement, pause)
        for missing in without:
            statement = statement.without(missing)
        if part is not None:
            each(part)
            statement = statement.plus(part)
    closing = books.closing(statement)
    for part in closing:
        each(part)
    return statement.closed(closing, clock.now())


def _part(books: Books, pk: str, statement: Statement, pause: Callable[[], None]) -> tuple[Part | None, list[Missing]]:
    without: list[Missing] = []
    tries = 0
    while True:
        try:
            return books.part(pk, {one.connection for one in (*statement.missing, *without)}), without
        except Unasked as unasked:
            tries += 1
            if tries % TRIES:
                pause()
                continue
            without.append(unasked.missing)
