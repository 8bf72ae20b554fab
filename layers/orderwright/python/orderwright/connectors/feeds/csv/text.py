"""Bytes to lines of text in bounded memory: the declared encoding, else byte order marks, UTF-8, UTF-16, else cp1252."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

from orderwright.connectors.feeds.csv.broken import FeedBroken

MOST_LINE = 1024 * 1024
_BATCH = 64 * 1024
_MARK = "\ufeff"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class FeedText:
    """Lines of a feed without their ends, one pass, in portions: (lines, whether any of them has a quote).

    After the last line `unterminated` says whether the file ended without a line end, and `odd_end` whether it ended in
    the middle of a character. `encoding` is the one that was used. Raises FeedBroken (FEED_UNREADABLE) for a line of more
    than a million characters.
    """

    def __init__(self, pieces: Iterable[bytes], encoding: str | None = None) -> None:
        self._pieces = iter(pieces)
        self._declared = encoding
        self.encoding = ""
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
        begun, plain = False, True
        for batch in self._batches():
            if decoder is None:
                self.encoding, strict = self._encoding_of(batch)
                decoder = codecs.getincrementaldecoder(self.encoding)(errors="strict" if strict else "replace")
            try:
                text = decoder.decode(batch)
            except UnicodeDecodeError as error:
                # Old exports are in Windows' character set: the first byte that is not ASCII shows it. Later it is a damaged
                # byte, and what follows is read as before: where pieces end must not change how a SKU is read.
                whole: bytes = error.object
                if plain and whole[: error.start].isascii():
                    self.encoding = "cp1252"
                decoder = codecs.getincrementaldecoder(self.encoding)(errors="replace")
                text = decoder.decode(whole)
            plain = plain and text.lstrip(_MARK).isascii()
            if not begun:
                # One program adds its mark to the file of another, which has one.
                text = text.lstrip(_MARK)
                begun = bool(text)
            yield text
        self.odd_end = decoder is not None and bool(decoder.getstate()[0])

    def _encoding_of(self, start: bytes) -> tuple[str, bool]:
        """The encoding, and whether a byte that does not fit means another one."""
        marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "")
        if self._declared == "utf-16":
            return marked or _utf_16_of(start) or "utf-16-le", False
        if self._declared:
            return self._declared, False
        found = marked or _utf_16_of(start)
        return found or "utf-8", found in ("", "utf-8")

    def __iter__(self) -> Iterator[tuple[list[str], bool]]:
        rest = ""
        for text in self._texts():
            joined = rest + text
            if "\r" in joined:
                # A lone CR is a line end as well; one at the very end may be half of a CRLF.
                tail = "\r" if joined.endswith("\r") else ""
                joined = joined.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n") + tail
            *lines, rest = joined.split("\n")
            if len(joined) > MOST_LINE and max(map(len, (*lines, rest))) > MOST_LINE:
                raise FeedBroken("FEED_UNREADABLE", f"a line has more than {MOST_LINE:,} characters")
            yield lines, '"' in joined
        if rest.endswith("\r"):
            yield [rest.removesuffix("\r")], '"' in rest
            rest = ""
        self.unterminated = bool(rest)
        if rest:
            yield [rest], '"' in rest


def _utf_16_of(start: bytes) -> str:
    """UTF-16 without a mark: in text of mostly western letters every other byte is zero."""
    sample = start[:4096]
    half = len(sample) // 2
    if half and sample[1::2].count(0) * 2 > half and not sample[::2].count(0) * 4 > half:
        return "utf-16-le"
    if half and sample[::2].count(0) * 2 > half and not sample[1::2].count(0) * 4 > half:
        return "utf-16-be"
    return ""
