"""Quotes in a stock file: legal ones are read, damaged ones never lend one row's numbers to another."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.ports.feed import BadRow
from tests.connectors.csv_feed.test_csv_rows import scan, settings
from tests.support.feed_rows import loaded

HEADER = "sku,name,qty,cost\n"
PLAIN = "LAST,plain,3,3.30\n"


def told(text: str) -> tuple[list[tuple[str, int]], list[tuple[int, str]]]:
    """The SKUs and stocks that are read, and the lines and SKUs that are not; then PLAIN, which always has to be."""
    rows = scan(HEADER + text + PLAIN)
    good = [row[:2] for row in rows if not isinstance(row, BadRow)]
    assert good.pop() == ("LAST", 3)
    return good, [(row.line, row.sku) for row in rows if isinstance(row, BadRow)]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('A,24" lamp,1,1.00\n', [("A", 1)]),
        ('A,"lamp 24""",1,1.00\n', [("A", 1)]),
        ('A,"lamp, red",1,1.00\n', [("A", 1)]),
        ('A, "lamp, red" , "1" ,1.00\n', [("A", 1)]),
        ('A,"",1,1.00\n', [("A", 1)]),
        ('A,"lamp,\nred",1,1.00\nB,"x\n\ny ""z""\n",2,2.00\n', [("A", 1), ("B", 2)]),
        ('A,"Nice, red, big lamp\nfor home, garden, kitchen, 2 m",1,1.00\n', [("A", 1)]),
        ('A,"lamp, red,\nwith a, cable",1,1.00\n', [("A", 1)]),
        ('A,"weight 1,5\nkg",1,1.00\n', [("A", 1)]),
        ('"A\nB",lamp,1,1.00\n', []),
    ],
)
def test_legal_quotes_and_line_breaks_are_read(text: str, good: list[tuple[str, int]]) -> None:
    found, bad = told(text)
    assert found == good
    assert bool(bad) == (not good), "a SKU has no line break"


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        # An inch mark that is not doubled opens a cell that the next row closes.
        ('LAMP-24,"Work lamp 24"",0,89.00\nCABLE-2,"USB cable",250,1.10\n', [], [(2, "LAMP-24"), (3, "CABLE-2")]),
        # The same, and all quotes happen to fit: only the shape of the lines shows that these are two rows.
        ('A,"x 24"",0,89.00\nB,",5,6.00\n', [], [(2, "A"), (3, "B")]),
        ('A,"x 24""\nC-4,24",5,6.00\n', [], [(2, "A"), (3, "C-4")]),
        ('A,"x 24"",0,89.00\nB,"",7,2.00\nC,"",5,6.00\nD,"y",4,4.00\n', [], [(2, "A"), (3, "B"), (4, "C"), (5, "D")]),
        ('A,"x 24"",1,1.00\nB",2,2.00\n', [], [(2, "A"), (3, 'B"')]),
        ('A,"x\ny"",1,1.00\nB",2,2.00\n', [], [(2, "A"), (3, 'y""'), (4, 'B"')]),
        ('A,"x\nB,z,2",1,1.00,\n', [], [(2, "A"), (3, "B")]),
        ('A,"x 24"",n/a,\nB,",5,6.00\n', [], [(2, "A"), (3, "B")]),
        ('A,"x 24"",,\nB,red",5,6.00\n', [], [(2, "A"), (3, "B")]),
        ('A,"24" lamp",1,1.00\nB,"y",2,2.00\n', [("B", 2)], [(2, "A")]),
        ('A,"24"lamp,1,1.00\n', [], [(2, "A")]),
        ('"A"x,lamp,1,1.00\n', [], [(2, "")]),
    ],
)
def test_a_row_with_damaged_quotes_is_bad_and_so_is_what_it_swallowed(
    text: str, good: list[tuple[str, int]], bad: list[tuple[int, str]]
) -> None:
    assert told(text) == (good, bad)


def test_a_quote_that_is_never_closed_is_bad_to_the_end_of_the_file_and_seen_by_the_breaker() -> None:
    feed = loaded([(HEADER + 'A,"x,1,1.00\n' + PLAIN * 3).encode()], settings())
    assert (feed.shards.rows, feed.bad_rows) == (0, 4)
    assert {sku for shard in range(16) for sku in feed.shards.take(shard)[1]} == {"A", "LAST"}
    with pytest.raises(FeedBroken, match="quote is opened in line 2") as broken:
        scan(HEADER + 'A,"x,1,1.00\n' + PLAIN * 10_000)
    assert broken.value.code == "FEED_UNREADABLE"


NAMES = st.text(st.sampled_from(list('ab", \n')), max_size=8)


@given(
    st.lists(NAMES, min_size=1, max_size=6),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, None]),
    st.lists(st.tuples(st.integers(0, 400), st.booleans()), max_size=4),
)
def test_damaged_quotes_never_mix_the_values_of_two_lines(
    names: list[str], quoting: int | None, damages: list[tuple[int, bool]]
) -> None:
    """Lines written well, or without doubling quotes; then quotes put in or taken out at any place."""
    out = io.StringIO()
    rows = [(f"S{number}", name, str(100 + number), f"{500 + number}.25") for number, name in enumerate(names)]
    for sku, name, stock, cost in rows:
        if quoting is None:
            out.write(f'{sku},"{name}",{stock},{cost}\n')
        else:
            csv.writer(out, quoting=quoting, lineterminator="\n").writerow((sku, name, stock, cost))  # type: ignore[arg-type]
    text = out.getvalue()
    for place, put in damages:
        at = place % len(text)
        text = text[:at] + '"' + text[at:] if put else text[:at] + text[at:].replace('"', "", 1)
    try:
        found = scan(HEADER + text)
    except FeedBroken:
        return
    for row in found:
        if not isinstance(row, BadRow):
            number = row[1] - 100
            assert row[2] == (500 + number) * 100 + 25
            assert f"S{number}" in row[0].replace('"', "") or "S" not in row[0], "without its break a name begins a row"
    if not damages and quoting is not None and "\n" not in "".join(names):
        assert len(found) == len(names)
        assert not any(isinstance(row, BadRow) for row in found)
