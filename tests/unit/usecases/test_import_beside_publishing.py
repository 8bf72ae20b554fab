"""A store that is read while publish_product puts articles into it: what is newer than the list is not gone (R4, P11)."""

from __future__ import annotations

from typing import Any

from orderwright.domain.listing import Place
from orderwright.usecases.listing.records import listing_put
from tests.support.catalogue_world import SKU, World
from tests.support.fakes import usd
from tests.unit.usecases.test_import_catalogue import LISTING, Imports, imports

__all__ = ["imports"]


def test_what_is_put_on_sale_while_the_store_is_read_is_not_gone(world: World, imports: Imports) -> None:
    world.store.has("A", "9.99")
    imports.lists(SKU, "A")
    imports.run()
    whole = world.store.list_variants

    def read(cursor: str) -> Any:
        page = whole(cursor)
        held = world.storage.load_sku(SKU).listing("shop")
        sold = held.model.put_on_sale(Place("v-1", "l-1", "s-1", "loc-1"), usd("22.99"), 9, None, world.clock.now())
        world.storage.commit([listing_put(sold, held.version)])
        return page

    world.store.list_variants = read  # type: ignore[method-assign]
    imports.run()
    assert (world.listing().variant_id, world.facts(LISTING)) == ("v-1", [])
    world.clock.forward(seconds=1)
    world.store.list_variants = whole  # type: ignore[method-assign]
    imports.run()
    assert world.facts(LISTING) == ["VARIANT_GONE"]
