"""orderwright feed put: a stock file that came by mail or by hand goes into the stack's bucket, where its feed reads it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

import click

from local.cli.answer import Answer
from local.cli.files import file_of
from local.cli.shop import Shop
from orderwright.errors import VendorError
from orderwright.usecases.operator.desk import Refused

_IN_BUCKET = "files://"
_MOST = 64 * 1024 * 1024


@click.argument("feed")
@click.argument("file", type=click.Path(path_type=Path))
def put(shop: Shop, feed: str, file: Path) -> Answer:
    """Put FILE into the bucket, where FEED reads it at its next poll. `feed check` shows before how it is read."""
    connection = file_of(shop, feed)
    settings = shop.config.files[connection]
    if not settings.url.startswith(_IN_BUCKET):
        fix = f"put it there; a feed whose url is {_IN_BUCKET}stock.csv reads the stack's bucket"
        raise Refused("INPUT", f"{feed} reads another place than the stack's bucket", fix)
    wanted = settings.url.removeprefix(_IN_BUCKET)
    folder = wanted.rpartition("/")[0]
    name = (f"{folder}/{file.name}" if folder else file.name) if "*" in wanted else wanted
    if not fnmatchcase(name, wanted):
        raise Refused("INPUT", f"{file.name} is no name that {feed} reads", f"name it like {wanted}")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Refused("INPUT", f"{file} cannot be read: {error.strerror}", "check its name") from None
    if not 0 < len(data) <= _MOST:
        raise Refused("INPUT", f"{file} has {len(data)} bytes", f"a stock file has 1 to {_MOST} bytes")
    way = shop.wiring.context(connection, settings, shop.wiring.credentials(connection)).files
    assert way is not None, "a feed of this address has the bucket"
    marker = str(getattr(settings, "done_marker", ""))
    try:
        listed = way().entries(wanted.partition("*")[0])
        names = [one.name for one in listed if not (marker and one.name.endswith(marker))]
        later = [one for one in names if one > name and fnmatchcase(one, wanted)]
        if later:
            fix = f"give it a name behind {max(later)}"
            raise Refused("INPUT", f"{name} would not be read: the last file by name counts", fix)
        way().put(name, data, lasts=True)
        if marker:
            way().put(name + marker, b"\n", lasts=True)
    except VendorError as error:
        raise Refused(error.code, error.message, "do it again: it is put whole, or not at all") from None
    told = {"feed": feed, "name": name, "bytes": len(data)}
    return Answer(told, [f"{name}: {len(data)} bytes are in the bucket; the next poll of {feed} reads them"])
