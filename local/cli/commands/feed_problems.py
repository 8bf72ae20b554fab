"""orderwright feed problems: what is wrong in a file that is good as a whole."""

from __future__ import annotations

import click

from local.cli.answer import Answer, table
from local.cli.files import file_of
from local.cli.shop import Shop
from orderwright.domain.feed_state import FeedState
from orderwright.records import feed_key
from orderwright.storage import held_or


@click.argument("name", required=False, default="")
def problems(shop: Shop, name: str) -> Answer:
    """Rows that cannot be read, goods that cannot be taken, and SKUs that left the file: of the feed NAME or of all."""
    data, rows, notes = [], [], []
    for feed in [file_of(shop, name)] if name else sorted((*shop.config.feeds, *shop.config.signals)):
        state = held_or(shop.storage, feed_key(feed), FeedState(connection=feed)).model
        told = [problem.model_dump(mode="json") for problem in state.problems]
        counts = {"bad_rows": state.bad_rows, "bad_since": state.bad_since, "gone_more": state.gone_more}
        goods = {
            "goods_bad": state.goods_bad,
            "goods_problems": [one.model_dump(mode="json") for one in state.goods_problems],
        }
        data.append({"feed": shop.name(feed), **counts, "problems": told, **goods})
        both = (*state.problems, *state.goods_problems)
        rows += [(shop.name(feed), one.line or "", one.field, one.sku, one.why, one.since) for one in both]
        counted = state.unmapped if feed in shop.config.signals else 0
        more = counted + state.bad_rows + state.goods_bad - sum(1 for one in both if one.line) + state.gone_more
        notes += [f"{shop.name(feed)}: {more} more, not listed"] if more > 0 else []
    shown = [table("Feed problems", ["Feed", ">Line", "Cell", "SKU", "What", "Since (UTC)"], rows)] if rows else []
    return Answer(data, [*shown, *notes] or ["no row is bad, no SKU is gone"])
