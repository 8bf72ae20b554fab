"""Bytes to lines of text in bounded memory: byte order marks, UTF-8, UTF-16, else Latin-1; any piece size."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

_BATCH = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class FeedText:
    """Lines of a feed, one pass; a line end may be left out.

    After the last line `unterminated` says whether the file ended without a line end, and `odd_end` whether it ended in
    the middle of a character.
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.unterminated = False
        self.odd_end = False

    def _batches(self) -> Iterator[bytes]:
        waiting: list[bytes] = []
        size = 0
        for piece in self._pieces:
            waiting.append(piece)
            size += len(piece)
            if size >= _BATCH:
                yield b"".join(waiting)
                waiting, size = [], 0
        yield b"".join(waiting)

    def _texts(self) -> Iterator[str]:
        decoder: codecs.IncrementalDecoder | None = None
        for given in self._batches():
            batch = given
            if decoder is None:
                mark, encoding = next((entry for entry in _MARKS if batch.startswith(entry[0])), (b"", "utf-8"))
                decoder = codecs.getincrementaldecoder(encoding)(errors="strict" if encoding == "utf-8" else "replace")
                batch = batch[len(mark) :]
            try:
                yield decoder.decode(batch)
            except UnicodeDecodeError:
                # Old exports are Latin-1; the bytes that the decoder still held belong to the same character set.
                held = decoder.getstate()[0]
                decoder = codecs.getincrementaldecoder("latin-1")()
                yield decoder.decode(held + batch)
        self.odd_end = decoder is not None and bool(decoder.getstate()[0])

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._lines())

    def _lines(self) -> Iterator[list[str]]:
        rest = ""
        for text in self._texts():
            joined = rest + text
            if "\r" in joined:
                # A lone CR is a line end as well; one at the very end may be half of a CRLF.
                tail = "\r" if joined.endswith("\r") else ""
                joined = joined.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n") + tail
            *lines, rest = joined.split("\n")
            # Line ends matter to the reader inside quotes only.
            yield [line + "\n" for line in lines] if '"' in joined else lines
        if rest.endswith("\r"):
            yield [rest.removesuffix("\r")]
            rest = ""
        self.unterminated = bool(rest)
        if rest:
            yield [rest]
