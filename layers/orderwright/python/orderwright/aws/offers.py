"""ports.feed.OfferReader on DynamoDB: a hundred offers a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from orderwright.aws.batch_reads import read_batch
from orderwright.domain.catalogue import Offer
from orderwright.records import CATALOGUE, Key, Stored


class DynamoOffers:
    """`client` is a botocore DynamoDB client, `table` the Catalogue's name."""

    def __init__(self, client: Any, table: str, sleep: Callable[[float], None]) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def read_offers(self, keys: Sequence[Key]) -> dict[Key, Stored[Offer]]:
        """Many offers, strongly consistent. Raises Retryable when DynamoDB keeps leaving keys out."""
        found = read_batch(self._client, {CATALOGUE: self._table}, keys, self._sleep)
        return {key: Stored(Offer.model_validate(item["body"]), item["version"]) for key, item in found.items()}
