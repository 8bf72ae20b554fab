"""orderwright price reprice: everything priced again through the whole stack, and how far that is (R27, R28)."""

from __future__ import annotations

from pathlib import Path

from local.sandbox.goods import GOODS
from orderwright.domain.listing import Listing
from orderwright.records import listing_key
from orderwright.usecases.listing.records import listing_put
from tests.support.shop import STORE, Shop
from tests.unit.cli.cli_kit import Operator


def test_a_repricing_is_begun_followed_and_done(shop: Shop, operator: Operator, tmp_path: Path) -> None:
    for good in GOODS:  # the shop of the tests lists none of them by store
        held = shop.wiring.storage.get(listing_key(good.sku, STORE), Listing)
        assert held is not None
        shop.wiring.storage.commit([listing_put(held.model, held.version)])
    assert "no repricing has begun yet" in operator("price", "reprice", "--status").out
    file = tmp_path / "orderwright.yaml"
    file.write_text(operator("export").out.replace("markup: '2.4'", "markup: '2.5'"), "utf-8")
    said = operator("apply", str(file)).out
    assert "5 SKUs are priced again" in said
    assert "at most 5 listings, 200 a minute: 1 min at most" in said
    shop.clock.advance(60)
    shop.run()
    begun = operator("price", "reprice", "--status", "--json").json["repricing"]
    (store,) = begun["stores"].values()
    assert (begun["priced"], begun["skus"], store["pace"]) == (5, 5, 200)
    assert store["found"]["rise"] == 4
    assert begun["ended_at"] is None
    assert operator("status", "--json").json["repricing"]["stores"] == begun["stores"]
    for _ in range(3):
        shop.clock.advance(60)
        shop.sweep()
        shop.run()
    assert ": done " in operator("price", "reprice", "--status").out
    assert "repricing" not in operator("status", "--json").json
    assert operator("price", "reprice", "--json").json["repriced"] == 5
