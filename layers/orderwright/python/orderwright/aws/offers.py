"""ports_snapshots.OfferReader on DynamoDB: a hundred offers a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from orderwright.aws.values import from_item, to_item
from orderwright.domain.catalogue import Offer
from orderwright.errors import Retryable
from orderwright.records import CATALOGUE, Key, Stored

BATCH = 100
TRIES = 8


class DynamoOffers:
    """`client` is a botocore DynamoDB client, `table` the Catalogue's name."""

    def __init__(self, client: Any, table: str, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def read_offers(self, keys: Sequence[Key]) -> dict[Key, Stored[Offer]]:
        """Many offers, strongly consistent. Raises Retryable when DynamoDB keeps leaving keys out."""
        found: dict[Key, Stored[Offer]] = {}
        distinct = list(dict.fromkeys(keys))
        for start in range(0, len(distinct), BATCH):
            wanted = [to_item({"pk": key.pk, "sk": key.sk}) for key in distinct[start : start + BATCH]]
            for attempt in range(TRIES):
                answer = self._client.batch_get_item(
                    RequestItems={self._table: {"Keys": wanted, "ConsistentRead": True}}
                )
                for typed in answer.get("Responses", {}).get(self._table, []):
                    item = from_item(typed)
                    stored = Stored(Offer.model_validate(item["body"]), item["version"])
                    found[Key(CATALOGUE, item["pk"], item["sk"])] = stored
                wanted = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
                if not wanted:
                    break
                self._sleep(0.05 * 2**attempt)
            else:
                raise Retryable("DynamoDB did not give all offers of a batch", code="BATCH_UNFINISHED")
        return found
