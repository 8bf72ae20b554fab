"""What a Shopify store sells, and setting prices and stock. All values are absolute; stock is compared before it is set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from orderwright.connectors.stores.shopify import documents
from orderwright.connectors.stores.shopify.articles import listing_view, prices_input, variant_view
from orderwright.connectors.stores.shopify.client import ShopifyPart, next_cursor, problems_of
from orderwright.connectors.stores.shopify.ids import gid, number_of
from orderwright.connectors.stores.shopify.quantities import QUANTITY_BATCH, entry_index, push_quantities
from orderwright.domain.money import Money
from orderwright.domain.shown_price import Struck
from orderwright.errors import Misconfigured, Rejected, Retryable
from orderwright.ports.store import ListingView, PriceChange, PushProblem, QuantityChange, VariantView

_T = TypeVar("_T")

ONLINE_STORE = "online store"
SKUS_PER_SEARCH = 40
LISTINGS_PER_READ = 100
PRICES_PER_CALL = 250
# Other apps take from the same points.
WAITS_A_PAGE = 4


def _chunks(values: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def search_term(sku: str) -> str:
    """One SKU in Shopify's search syntax, quoted."""
    escaped = sku.replace("\\", "\\\\").replace('"', '\\"')
    return f'sku:"{escaped}"'


class ShopifyCatalogue(ShopifyPart):
    """StoreCatalogue of one Shopify store, but for what publishing.py adds. Ids are Shopify's numbers as text."""

    quantity_batch = QUANTITY_BATCH
    price_batch: int | None = None
    _online_store = ""

    def find_location(self, name: str) -> str:
        """The id of the location with this name (case does not matter); raises Misconfigured naming those that exist."""
        found = {node["name"]: node["id"] for node in self._client.pages(documents.LOCATIONS, "locations")}
        for known, node_id in found.items():
            if known.strip().casefold() == name.strip().casefold():
                return number_of(node_id)
        raise Misconfigured(
            f"connections.{self._client.connection_id}.location: the store has no location of that name; "
            f"it has: {', '.join(sorted(found)) or 'none'}",
            code="NO_SUCH_LOCATION",
        )

    def list_variants(self, cursor: str) -> tuple[list[VariantView], str]:
        """A page of all variants, and the next cursor. All pages cost more points than the bucket holds: they are waited for."""
        for _ in range(WAITS_A_PAGE):
            try:
                return self._variants(None, cursor)
            except Retryable as error:
                if error.code != "THROTTLED" or error.after is None:
                    raise
                self._client.sleep(error.after)
        return self._variants(None, cursor)

    def find_variants(self, skus: Sequence[str]) -> list[VariantView]:
        """The variants whose SKU is exactly one of these; several where the store uses a SKU twice."""
        found: dict[str, VariantView] = {}
        for chunk in _chunks(sorted({sku for sku in skus if sku}), SKUS_PER_SEARCH):
            wanted, cursor = set(chunk), ""
            while True:
                page, cursor = self._variants(" OR ".join(search_term(sku) for sku in chunk), cursor)
                found |= {view.variant_id: view for view in page if view.sku in wanted}
                if not cursor:
                    break
        return list(found.values())

    def _variants(self, query: str | None, cursor: str) -> tuple[list[VariantView], str]:
        data = self._client.execute(
            documents.VARIANTS, publication=self._publication(), query=query, after=cursor or None
        )
        variants = data["productVariants"]
        return [self._view(node) for node in variants["nodes"]], next_cursor(variants)

    def _view(self, node: dict[str, Any]) -> VariantView:
        try:
            return variant_view(node, self._client.settings.currency)
        except ValueError:
            raise self._wrong_currency() from None

    def _wrong_currency(self) -> Misconfigured:
        return Misconfigured(
            f"connections.{self._client.connection_id}.currency: the store's prices do not fit "
            f"{self._client.settings.currency}: set it to the shop's currency",
            code="WRONG_CURRENCY",
        )

    def _publication(self) -> str:
        """The sales channel that buyers see, looked up once for each connector."""
        if not self._online_store:
            titles: dict[str, str] = {}
            for node in self._client.pages(documents.PUBLICATIONS, "publications"):
                titles[node["id"]] = ((node.get("catalog") or {}).get("title") or "").strip()
            fitting = [key for key, title in titles.items() if ONLINE_STORE in title.casefold()]
            exact = [key for key in fitting if titles[key].casefold() == ONLINE_STORE]
            if not fitting:
                raise Misconfigured(
                    "shopify: the store has no sales channel called Online Store; "
                    f"it has: {', '.join(sorted(filter(None, titles.values()))) or 'none'}",
                    code="NO_ONLINE_STORE",
                )
            self._online_store = (exact or fitting)[0]
        return self._online_store

    def read_listings(self, variant_ids: Sequence[str], location_id: str) -> list[ListingView]:
        """Price and quantity of these variants; missing ones are left out."""
        found: list[ListingView] = []
        for chunk in _chunks(list(dict.fromkeys(variant_ids)), LISTINGS_PER_READ):
            data = self._client.execute(
                documents.LISTINGS,
                ids=[gid("ProductVariant", variant_id) for variant_id in chunk],
                location=gid("Location", location_id),
                publication=self._publication(),
            )
            try:
                found += [listing_view(node, self._client.settings.currency) for node in data["nodes"] if node]
            except ValueError:
                raise self._wrong_currency() from None
        return found

    def push_quantities(self, changes: Sequence[QuantityChange], key: str) -> list[PushProblem]:
        """Set up to `quantity_batch` available quantities; gives the refused entries, all others are set."""
        return push_quantities(self._client, changes, key)

    def push_prices(self, changes: Sequence[PriceChange]) -> list[PushProblem]:
        """Set prices of variants of one article, the first one's; gives the refused entries, all others are set.

        Raises Rejected for a refusal that names no entry, such as an article that is gone.
        """
        self._check_currency([change.price for change in changes], *(change.compare_at for change in changes))
        found: list[PushProblem] = []
        for chunk in _chunks(changes, PRICES_PER_CALL):
            variants = [
                {"id": gid("ProductVariant", change.variant_id), **prices_input(change.price, change.compare_at)}
                for change in chunk
            ]
            payload = self._client.mutate(
                documents.SET_PRICES,
                "productVariantsBulkUpdate",
                product=gid("Product", chunk[0].listed_id),
                variants=variants,
            )
            for problem in problems_of(payload):
                index = entry_index(problem, "variants", len(chunk))
                if index is None:
                    raise Rejected(f"shopify SetPrices: {problem.message}", code=problem.code)
                found.append(PushProblem(chunk[index].variant_id, problem.code, problem.message, False))
        return found

    def _check_currency(self, prices: Sequence[Money], *compare_at: Struck) -> None:
        wrong = {price.currency for price in (*prices, *compare_at) if isinstance(price, Money)} - {
            self._client.settings.currency
        }
        if wrong:
            raise Rejected(
                f"shopify: a price in {', '.join(sorted(wrong))} cannot be set: "
                f"the store sells in {self._client.settings.currency}",
                code="WRONG_CURRENCY",
            )
