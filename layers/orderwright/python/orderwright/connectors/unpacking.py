"""gzip to bytes, piece by piece and bounded: a few bytes can unpack to very many."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

PIECE = 256 * 1024
GZIP = b"\x1f\x8b"
_GZIP_ONLY = 31


class DamagedGzip(Exception):
    """The gzip data is damaged, or ends in the middle."""


class UnpacksTooFar(Exception):
    """It unpacks to more than it may."""


def gunzipped(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The content of gzip data, at most PIECE bytes at a time; nothing for no bytes at all.

    Raises DamagedGzip, and UnpacksTooFar beyond `most` bytes, while it is read.
    """
    unpacker, total, begun = zlib.decompressobj(wbits=_GZIP_ONLY), 0, False
    for packed in pieces:
        todo, more = packed, bool(packed)
        begun = begun or more
        while more:
            if unpacker.eof:
                # A gzip file may hold several members, and zeros to fill it up.
                todo = todo.lstrip(b"\0")
                if not todo:
                    break
                unpacker = zlib.decompressobj(wbits=_GZIP_ONLY)
            try:
                piece = unpacker.decompress(todo, PIECE)
            except zlib.error:
                raise DamagedGzip("damaged") from None
            todo = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            more = bool(todo) or (len(piece) == PIECE and not unpacker.eof)
            total += len(piece)
            if total > most:
                raise UnpacksTooFar
            if piece:
                yield piece
    if begun and not unpacker.eof:
        raise DamagedGzip("cut")
