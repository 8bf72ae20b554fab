"""The files that are polled: suppliers' stock files, and those of what prices follow."""

from __future__ import annotations

from local.cli.shop import Shop
from orderwright.usecases.operator.desk import Refused


def file_of(shop: Shop, name: str) -> str:
    """The id of the file that orderwright.yaml calls so. Raises Refused with those there are."""
    names = {shop.name(one): one for one in (*shop.config.feeds, *shop.config.signals)}
    if name not in names:
        raise Refused("NOT_FOUND", f"there is no feed {name!r}", f"feeds: {', '.join(sorted(names))}")
    return names[name]
