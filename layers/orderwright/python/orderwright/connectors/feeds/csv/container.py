"""What a stock file comes in: as it is, in gzip, or alone in a zip. Told by its first bytes, never by its name or its type."""

from __future__ import annotations

import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

from orderwright.connectors.unpacking import GZIP, PIECE, DamagedGzip, UnpacksTooFar, gunzipped
from orderwright.errors import Rejected

MOST_UNPACKED = 1024 * 1024 * 1024
# A zip's list of files stands at its end, so it is kept in /tmp, where a function has 512 MiB.
MOST_ZIPPED = 256 * 1024 * 1024
_MOST_LISTED = 64 * 1024
_HEAD = 4096
_END = struct.Struct("<4s4H2LH")  # "end of central directory record", APPNOTE.TXT 4.3.16
# What zipfile raises for bytes that make no sense: beside its own error, names and places that cannot be, unknown packings.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_TEXTS = (".csv", ".txt", ".tsv", ".tab")
_MARK = re.compile(rb"^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)")
_JSON = "JSON"
_FOREIGN = (
    (re.compile(rb"(?i)<!doctype html|<html"), "a web page (HTML)"),
    (re.compile(rb"<"), "XML"),
    (re.compile(rb'\{\s*["}]|\[\s*[\[{"\]\d]'), _JSON),
    (re.compile(rb"%PDF-"), "a PDF"),
    (
        re.compile(rb"\xd0\xcf\x11\xe0"),
        "an old Excel workbook (xls), or one with a password; save it as xlsx without a password",
    ),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8"), "a picture"),
    (re.compile(rb"PK\x03\x04|\x1f\x8b|7z\xbc\xaf|Rar!"), "an archive of a kind that is not read, or one in another"),
)


def content_of(who: str, pieces: Iterable[bytes], *, json: bool = False) -> Iterator[bytes]:
    """The text or the workbook of a file out of the bytes that were sent; `who` begins each message. `json`: it may be that.

    Raises Rejected: FEED_EMPTY, FEED_NOT_CSV (naming what it is), FEED_ARCHIVE (not one file in it); FEED_TRUNCATED and
    FEED_TOO_LARGE also while it is read.
    """
    head, rest = peeked(pieces)
    if head.startswith(GZIP):
        head, rest = peeked(_gunzipped(who, rest))
    elif head.startswith(b"PK"):
        is_workbook, inside = _unzipped(who, rest)
        head, rest = peeked(inside)
        if is_workbook:
            return rest
    plain = _plain(head)
    if not plain and len(head) < _HEAD:
        raise Rejected(f"{who}: the file is empty", code="FEED_EMPTY")
    what = _what(plain)
    if what and not (json and what == _JSON):
        raise Rejected(f"{who}: the file is no CSV and no XLSX but {what}", code="FEED_NOT_CSV")
    return rest


def is_json(head: bytes) -> bool:
    """Whether a text that begins like this is JSON."""
    return _what(_plain(head)) == _JSON


def _plain(head: bytes) -> bytes:
    return _MARK.sub(b"", head).replace(b"\0", b"").lstrip()


def _what(plain: bytes) -> str:
    return next((name for sign, name in _FOREIGN if sign.match(plain)), "")


def peeked(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """At least the first _HEAD bytes, where there are so many, and all pieces with them."""
    waiting, head = iter(pieces), b""
    while len(head) < _HEAD and (piece := next(waiting, b"")):
        head += piece
    return head, chain([head], waiting)


def _gunzipped(who: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from gunzipped(pieces, MOST_UNPACKED)
    except DamagedGzip as error:
        raise Rejected(f"{who}: the gzip file is {error}", code="FEED_TRUNCATED") from None
    except UnpacksTooFar:
        raise _too_large(who) from None


def _too_large(who: str) -> Rejected:
    return Rejected(f"{who}: it unpacks to more than {MOST_UNPACKED // 1024 // 1024} MiB", code="FEED_TOO_LARGE")


def _kept(who: str, pieces: Iterable[bytes]) -> IO[bytes]:
    """A zip, whose list of files stands at its end."""
    kept, size = tempfile.TemporaryFile(), 0  # noqa: SIM115 - closed by who reads it
    try:
        for piece in pieces:
            size += len(piece)
            if size > MOST_ZIPPED:
                raise Rejected(f"{who}: a zip above {MOST_ZIPPED // 1024 // 1024} MiB", code="FEED_TOO_LARGE")
            kept.write(piece)
        _refuse_long_list(who, kept, size)
    except BaseException:
        kept.close()
        raise
    return kept


def _unzipped(who: str, pieces: Iterable[bytes]) -> tuple[bool, Iterator[bytes]]:
    """Whether a zip is a workbook, which stays as it is; and it, or else the one text in it."""
    kept = _kept(who, pieces)
    try:
        with zipfile.ZipFile(kept) as archive:
            names = {one.filename for one in archive.infolist()}
    except DAMAGED:
        kept.close()
        raise _damaged(who) from None
    if "xl/workbook.xml" in names:
        return True, _as_it_is(kept)
    return False, _text_in(who, kept)


def _as_it_is(kept: IO[bytes]) -> Iterator[bytes]:
    with kept:
        kept.seek(0)
        while piece := kept.read(PIECE):
            yield piece


def _text_in(who: str, kept: IO[bytes]) -> Iterator[bytes]:
    total = 0
    try:
        with kept, zipfile.ZipFile(kept) as archive, archive.open(_member(who, archive)) as text:
            while piece := text.read(PIECE):
                total += len(piece)
                if total > MOST_UNPACKED:
                    raise _too_large(who)
                yield piece
    except DAMAGED:
        raise _damaged(who) from None


def _damaged(who: str) -> Rejected:
    return Rejected(f"{who}: the zip file is damaged or cut", code="FEED_TRUNCATED")


def _refuse_long_list(who: str, kept: IO[bytes], size: int) -> None:
    """zipfile takes the whole list of files into memory: it is looked at before. Zip64 has its list elsewhere."""
    kept.seek(max(0, size - _MOST_LISTED - 2 * _END.size))
    tail = kept.read()
    at = tail.rfind(b"PK\x05\x06")
    if 0 <= at <= len(tail) - _END.size:
        listed = _END.unpack_from(tail, at)[5]
        if listed > _MOST_LISTED or b"PK\x06\x07" in tail[max(0, at - _END.size) : at]:
            raise Rejected(f"{who}: the zip holds far too many files, or is a zip64", code="FEED_ARCHIVE")


def _member(who: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    every = [one for one in archive.infolist() if not one.is_dir()]
    names = {one.filename for one in every}
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise Rejected(
            f"{who}: the file is a workbook of another kind (ods, xlsb): save it as xlsx", code="FEED_NOT_CSV"
        )
    # macOS puts a second file beside each.
    inside = [one for one in every if not one.filename.startswith("__MACOSX/")]
    texts = [one for one in inside if one.filename.lower().endswith(_TEXTS)] if len(inside) > 1 else inside
    if len(texts) != 1:
        shown = ", ".join(name[:40] for name in sorted(names)[:5] if name.isprintable()) or "none"
        raise Rejected(f"{who}: the zip must hold one CSV file; it holds {shown}", code="FEED_ARCHIVE")
    if texts[0].flag_bits & 1 or texts[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Rejected(f"{who}: the zip is encrypted or packed in an unusual way", code="FEED_ARCHIVE")
    return texts[0]
