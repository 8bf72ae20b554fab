"""Storage on two fakes of DynamoDB. ministack is the faithful one; what moto does otherwise is said where it matters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws
from moto.core.models import botocore_stubber

from orderwright.aws.dynamo import DynamoStorage
from orderwright.aws.settings import TableNames
from orderwright.aws.values import from_item, to_item
from orderwright.domain.catalogue import Offer
from orderwright.domain.operations import Cursor
from orderwright.domain.unit_cost import UnitCost
from orderwright.records import CONTROL, Key, offer_key
from orderwright.storage import Put
from tests.support.aws_in_process import InProcessAws
from tests.support.tables import create_tables

BACKENDS = ("ministack", "moto")
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ACCOUNT = "000000000009"
SKU, SUPPLIER = "HL-MS-400", "cj"
OFFER = offer_key(SKU, SUPPLIER)
CURSOR = Key(CONTROL, "CURSOR#cj", "STOCK")

Send = Callable[[Any, str], AWSResponse | None]
_numbers = itertools.count(1)


@cache
def _session() -> Any:
    """One session: each new one reads DynamoDB's whole description from disk again."""
    session = botocore.session.Session()
    session.set_credentials(ACCOUNT, "test")
    return session


@dataclass
class Desk:
    """One storage with what a test needs around it. `slept` are the pauses that storage took, in seconds."""

    backend: str
    client: Any
    tables: dict[str, str]
    send: Send
    at: datetime = START
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.storage = self.over(self.client)

    def over(self, client: Any) -> DynamoStorage:
        """A storage over another client of the same tables, whose names it asks for one by one, as a function's does."""
        tables = TableNames({role: role for role in self.tables}, self.tables.__getitem__)
        return DynamoStorage(client, tables, lambda: self.at, self.token, self.slept.append)

    def token(self) -> str:
        """A writer's token, as long as a real one. Never twice: a fake remembers a transaction by its token."""
        return f"{next(_numbers):032x}"

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)

    def raw(self, key: Key) -> dict[str, Any]:
        """The whole item as plain values; {} when there is none."""
        answer = self.client.get_item(
            TableName=self.tables[key.table], Key=to_item({"pk": key.pk, "sk": key.sk}), ConsistentRead=True
        )
        return from_item(answer.get("Item", {}))

    def offer_model(self, stock: int, buffer: int) -> Offer:
        """An offer of which all but the buffer is sellable."""
        cost = UnitCost.parse("6.40", "USD")
        return Offer(
            sku=SKU,
            supplier=SUPPLIER,
            supplier_sku="X",
            cost=cost,
            freight=cost,
            stock=stock,
            buffer=buffer,
            sellable=stock - buffer,
            observed_at=self.at,
        )

    def offer(self, stock: int = 5, buffer: int = 0) -> None:
        """Put such an offer down under OFFER."""
        self.storage.commit([Put(OFFER, self.offer_model(stock, buffer), 0)])

    def held_offer(self) -> Offer:
        """The offer as it stands now."""
        held = self.storage.get(OFFER, Offer)
        assert held is not None
        return held.model

    def retrying(self, operation: str) -> DynamoStorage:
        """A storage whose SDK retries, and whose first answer to `operation` is lost after its effect."""
        client = _session().create_client(
            "dynamodb",
            region_name="eu-north-1",
            endpoint_url=self.client.meta.endpoint_url,
            config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
        )
        lost: list[str] = []

        def lose_first(request: Any, event_name: str = "", **_: Any) -> AWSResponse | None:
            if event_name.endswith(f".{operation}") and not lost:
                lost.append(event_name)
                self.send(request, event_name)
                raise ConnectionClosedError(endpoint_url=request.url)
            # moto's own hook answers every client by itself.
            return None if self.backend == "moto" else self.send(request, event_name)

        client.meta.events.register_first("before-send", lose_first)
        return self.over(client)


@contextmanager
def desk_on(backend: str, ministack: InProcessAws) -> Iterator[Desk]:
    """Fresh tables on one of BACKENDS; ministack itself lives as long as the test run."""
    suffix = f"-{next(_numbers)}"
    if backend == "moto":
        with mock_aws():
            client = _session().create_client("dynamodb", region_name="eu-north-1")
            yield Desk(
                backend,
                client,
                create_tables(client, suffix),
                lambda request, name: botocore_stubber(event_name=name, request=request),
            )
        return
    client = ministack.client("dynamodb")
    tables = create_tables(client, suffix)
    yield Desk(backend, client, tables, lambda request, name: ministack._send(request, event_name=name))


def cursor(position: str = "") -> Cursor:
    """A small model without money or people."""
    return Cursor(name="cj", position=position)
