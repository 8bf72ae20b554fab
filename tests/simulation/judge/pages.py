"""What a customer's page says is what the order's items say; of whoever was erased it says nothing (promises P5, P8)."""

from __future__ import annotations

from collections.abc import Iterator

from orderwright.records import SHOP_FACE, track_pk
from tests.simulation.judge.tables import Tables
from tests.support.page_parts import wrong_parts


def judge_pages(tables: Tables) -> Iterator[str]:
    """Every order has a page, unless its person was erased before it came; and no page is of no order."""
    nobodys = set(tables.parts) - {SHOP_FACE.pk}
    for pk, file in sorted(tables.files.items()):
        record = file.record.model if file.record else None
        if record is None:
            continue
        page = track_pk(record.link_mark)
        nobodys.discard(page)
        if tables.parts and not record.link_mark and record.erased_at is None:
            yield f"P5: {pk} has no page for its customer"
        for sk in wrong_parts(file, tables.parts.get(page, {})):
            yield f"{'P8' if record.erased_at else 'P5'}: the page of {pk} does not say of {sk} what we know"
    if nobodys:
        yield f"P8: {len(nobodys)} pages are of no order"
