"""storage.Storage on DynamoDB: one conditional put, or one transaction; facts ride in the item (docs/design.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from orderwright.aws import writes
from orderwright.aws.batch_reads import read_batch
from orderwright.aws.values import from_item, from_typed, to_item
from orderwright.domain.base import iso
from orderwright.domain.catalogue import FreightTable, Offer, SkuRecord
from orderwright.domain.customer_request import CustomerRequest
from orderwright.domain.listing import Listing
from orderwright.domain.notice import Notice
from orderwright.domain.order import OrderDetails, OrderRecord, OrderState
from orderwright.domain.purchase_order import PurchaseOrder
from orderwright.domain.repricing.signals import CompetitorPrices, Demand
from orderwright.domain.shipment import Shipment, StoreFulfillment
from orderwright.domain.store_cancellation import StoreCancellation
from orderwright.errors import Conflict, ShortOfStock, SpendRefused
from orderwright.records import (
    ALL_SUPPLIERS,
    CANCELLATION,
    COMPETITORS,
    DEMAND,
    Key,
    M,
    OrderFile,
    SkuFile,
    Stored,
    sku_pk,
)
from orderwright.storage import MOST_WRITES, Change, Copy, Put, Reserve, Spend, Unreserve

CONFLICT_TRIES = 6
_HASH = {"#hash": "ref"}
_IN_STATE = "state_shard = :state"
_PLACE = ("updated_at", "pk", "sk")


class DynamoStorage:
    """Tables by name: {"orders": ..., "catalogue": ..., "control": ...}. `client` is a botocore DynamoDB client."""

    def __init__(
        self,
        client: Any,
        tables: dict[str, str],
        now: Callable[[], datetime],
        new_token: Callable[[], str],
        sleep: Callable[[float], None],
    ) -> None:
        self._client = client
        self._tables = tables
        self._now = now
        self._new_token = new_token
        self._sleep = sleep

    # --- reading ------------------------------------------------------------------------------------------------------

    def query(self, table: str, pk: str, sk_prefix: str = "") -> list[dict[str, Any]]:
        """All items of a partition, strongly consistent, as plain values."""
        pages = self._pages(
            TableName=self._tables[table],
            ConsistentRead=True,
            KeyConditionExpression="pk = :pk" + (" AND begins_with(sk, :sk)" if sk_prefix else ""),
            ExpressionAttributeValues=to_item({":pk": pk, **({":sk": sk_prefix} if sk_prefix else {})}),
        )
        return list(_entries(pages))

    def _pages(self, **request: Any) -> Iterator[dict[str, Any]]:
        """The pages of a query, each when it is asked for."""
        while True:
            page = self._client.query(**request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def load_order(self, pk: str) -> OrderFile:
        """All items of an order."""
        items = {item["sk"]: item for item in self.query("orders", pk)}

        def of(prefix: str, model: type[M]) -> dict[str, Stored[M]]:
            return {sk: _stored(item, model) for sk, item in items.items() if sk.startswith(prefix)}

        return OrderFile(
            pk,
            _stored(items["ORDER"], OrderRecord) if "ORDER" in items else None,
            _stored(items["DETAILS"], OrderDetails) if "DETAILS" in items else None,
            of("PO#", PurchaseOrder),
            of("SHIP#", Shipment),
            of("NOTICE#", Notice),
            of("FULFILLMENT#", StoreFulfillment),
            _stored(items[CANCELLATION], StoreCancellation) if CANCELLATION in items else None,
            of("REQUEST#", CustomerRequest),
        )

    def load_sku(self, sku: str) -> SkuFile:
        """All items of a SKU."""
        items = {item["sk"]: item for item in self.query("catalogue", sku_pk(sku))}

        def of(prefix: str, model: type[M]) -> dict[str, Stored[M]]:
            return {
                sk.removeprefix(prefix): _stored(item, model) for sk, item in items.items() if sk.startswith(prefix)
            }

        record = _stored(items["SKU"], SkuRecord) if "SKU" in items else None
        demand = _stored(items[DEMAND], Demand) if DEMAND in items else None
        return SkuFile(
            sku, record, of("OFFER#", Offer), of("LISTING#", Listing), of("FREIGHT#", FreightTable),
            competitors=of(COMPETITORS, CompetitorPrices), demand=demand,
        )  # fmt: skip

    def load_skus(self, skus: Sequence[str]) -> dict[str, SkuFile]:
        """Several SKUs, each once."""
        return {sku: self.load_sku(sku) for sku in dict.fromkeys(skus)}

    def get_raw(self, key: Key) -> tuple[dict[str, Any], int] | None:
        """One item's fields and version."""
        answer = self._client.get_item(
            TableName=self._tables[key.table], Key=to_item({"pk": key.pk, "sk": key.sk}), ConsistentRead=True
        )
        if "Item" not in answer:
            return None
        item = from_item(answer["Item"])
        return item, item["version"]

    def get(self, key: Key, model: type[M]) -> Stored[M] | None:
        """One item as its model."""
        found = self.get_raw(key)
        return None if found is None else _stored(found[0], model)

    def get_many(self, keys: Sequence[Key], model: type[M]) -> dict[Key, Stored[M]]:
        """Many items as their models."""
        found = read_batch(self._client, self._tables, keys, self._sleep)
        return {key: _stored(item, model) for key, item in found.items()}

    def list_raw(self, table: str, pk: str, sk_prefix: str = "") -> list[tuple[Key, dict[str, Any]]]:
        """The items of one partition."""
        return [(Key(table, item["pk"], item["sk"]), item) for item in self.query(table, pk, sk_prefix)]

    def _index(
        self, table: str, index: str, condition: str, values: dict[str, Any], limit: int, **more: Any
    ) -> Iterator[dict[str, Any]]:
        """Pages of an index until `limit` entries came."""
        request: dict[str, Any] = {
            "TableName": self._tables[table],
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_item(values),
            **more,
        }
        while limit > 0:
            page = self._client.query(**request, Limit=limit)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            limit -= page["Count"]
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def find(self, table: str, ref: str, limit: int = 100) -> list[Key]:
        """The keys under an index text."""
        return [Key(table, item["pk"], item["sk"]) for item in _entries(self._by_ref(table, ref, limit))]

    def count_found(self, table: str, ref: str, most: int) -> int:
        """How many keys are under an index text."""
        return sum(page["Count"] for page in self._by_ref(table, ref, most, Select="COUNT"))

    def _by_ref(self, table: str, ref: str, limit: int, **more: Any) -> Iterator[dict[str, Any]]:
        names = {"ExpressionAttributeNames": _HASH, **more}
        return self._index(table, "by_ref", "#hash = :hash", {":hash": ref}, limit, **names)

    def in_state(
        self, table: str, state: str, limit: int, since: datetime | None = None, until: datetime | None = None
    ) -> list[Key]:
        """The keys of items in a state, oldest change first."""
        condition, values = _IN_STATE, {":state": state}
        if since is not None and until is not None:
            condition = f"{condition} AND updated_at BETWEEN :since AND :until"
            values |= {":since": iso(since), ":until": iso(until)}
        elif since is not None:
            condition, values = f"{condition} AND updated_at >= :since", {**values, ":since": iso(since)}
        pages = self._index(table, "by_state", condition, values, limit)
        return [Key(table, item["pk"], item["sk"]) for item in _entries(pages)]

    def state_page(self, table: str, state: str, limit: int, behind: str = "") -> list[tuple[Key, str]]:
        """The next keys of items in a state. A place is "<updated_at> <pk> <sk>", each quoted as in a web address."""
        start = {"ExclusiveStartKey": to_item({"state_shard": state, **_place(behind)})} if behind else {}
        pages = self._index(table, "by_state", _IN_STATE, {":state": state}, limit, **start)
        return [
            (Key(table, item["pk"], item["sk"]), " ".join(quote(item[name], safe="#:") for name in _PLACE))
            for item in _entries(pages)
        ]

    def count_in_state(self, table: str, state: str, most: int) -> int:
        """How many items are in a state."""
        pages = self._index(table, "by_state", _IN_STATE, {":state": state}, most, Select="COUNT")
        return sum(page["Count"] for page in pages)

    def orders_behind(self, connection: str, cursor: str, limit: int) -> list[tuple[str, str]]:
        """The next orders of a connection, state by state. A cursor is a place in the index: "<state> <updated_at> <pk>"."""
        states = [state.value for state in OrderState]
        at, updated_at, last = cursor.split(" ", 2) if cursor else (states[0], "", "")
        found: list[tuple[str, str]] = []
        for state in states[states.index(at) :]:
            start = {"state_shard": at, "updated_at": updated_at, "pk": last, "sk": "ORDER"}
            pages = self._pages(
                TableName=self._tables["orders"],
                IndexName="by_state",
                KeyConditionExpression=_IN_STATE,
                ExpressionAttributeValues=to_item({":state": state}),
                Limit=10 * limit,
                **({"ExclusiveStartKey": to_item(start)} if state == at and last else {}),
            )
            for item in _entries(pages):
                if item["pk"].startswith(f"{connection}#"):
                    found.append((item["pk"], f"{state} {item['updated_at']} {item['pk']}"))
                    if len(found) == limit:
                        return found
        return found

    def due(self, table: str, now: datetime, limit: int) -> list[tuple[Key, str]]:
        """Overdue items of all shards, oldest first within a shard."""
        found: list[tuple[Key, str]] = []
        for shard in range(writes.DUE_SHARDS):
            values = {":shard": f"due-{shard}", ":now": iso(now) + "~"}
            for item in _entries(self._index(table, "due", "due_shard = :shard AND due_at <= :now", values, limit)):
                found.append((Key(table, item["pk"], item["sk"]), item["due_at"].partition("#")[2]))
        return found

    # --- writing ------------------------------------------------------------------------------------------------------

    def commit(self, changes: Sequence[Change], *, correlation: str = "") -> None:
        """All or nothing; see storage.Storage."""
        writer = self._new_token()
        requests = self._requests(changes, writer)
        if len(requests) > MOST_WRITES:
            raise ValueError(f"{len(requests)} writes in one commit; DynamoDB takes {MOST_WRITES}")
        if len(requests) == 1 and "Put" in requests[0][1]:
            self._put(requests[0][1]["Put"], writer)
        elif requests:
            self._transact(requests, writer)

    def _requests(self, changes: Sequence[Change], writer: str) -> list[tuple[Change, dict[str, Any]]]:
        now = self._now()
        requests: list[tuple[Change, dict[str, Any]]] = []
        for change in changes:
            if isinstance(change, Put):
                table = self._tables[change.key.table]
                model, archive = writes.split_log(change.model, change.key, change.version, writer)
                item = writes.put_item(change, model, writer, now)
                requests.append((change, {"Put": writes.put_request(table, item, change.version)}))
                if archive is not None:
                    requests.append((change, {"Put": writes.put_request(table, to_item(archive), 0)}))
            elif isinstance(change, Copy):
                requests.append((change, {"Put": writes.copy_request(self._tables[change.key.table], change, writer)}))
            elif isinstance(change, Reserve):
                requests.append((change, {"Update": writes.reserve_request(self._tables["catalogue"], change, writer)}))
            elif isinstance(change, Unreserve):
                requests.append(
                    (change, {"Update": writes.unreserve_request(self._tables["catalogue"], change, writer)})
                )
            elif isinstance(change, Spend):
                requests += [(change, r) for r in writes.spend_requests(self._tables["control"], change, writer, now)]
            else:
                table = self._tables[change.key.table]
                requests.append((change, {"Delete": writes.delete_request(table, change)}))
        return requests

    def _put(self, request: dict[str, Any], writer: str) -> None:
        try:
            self._client.put_item(**request)
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # A retry inside the SDK finds the item that its own lost first try wrote.
            if _writer_of(error.response.get("Item")) != writer:
                raise Conflict("the item was changed by somebody else") from None

    def _transact(self, requests: list[tuple[Change, dict[str, Any]]], writer: str) -> None:
        for attempt in range(CONFLICT_TRIES):
            try:
                self._client.transact_write_items(
                    TransactItems=[request for _, request in requests], ClientRequestToken=writer[:36]
                )
                return
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = error.response.get("CancellationReasons", [])
                failed = [(change, request, reason) for (change, request), reason in zip(requests, reasons, strict=False)
                          if reason.get("Code", "None") != "None"]  # fmt: skip
                if failed and all(reason["Code"] == "TransactionConflict" for _, _, reason in failed):
                    self._sleep(0.02 * 2**attempt)
                    continue
                if all(_writer_of(reason.get("Item")) == writer for _, _, reason in failed) and failed:
                    return
                _raise_refusal(failed)
        raise Conflict("other transactions kept hold of the same items")


def _stored(item: dict[str, Any], model: type[M]) -> Stored[M]:
    return Stored(model.model_validate(item["body"]), item["version"])


def _entries(pages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of these pages, as plain values."""
    return (from_item(item) for page in pages for item in page.get("Items", []))


def _place(text: str) -> dict[str, str]:
    """A place in the index of states. Raises ValueError for any other text."""
    parts = [unquote(part) for part in text.split(" ")]
    if len(parts) != len(_PLACE) or not all(parts):
        raise ValueError("this is no place in an index")
    return dict(zip(_PLACE, parts, strict=True))


def _writer_of(item: dict[str, Any] | None) -> str:
    return str(from_typed(item["writer"])) if item and "writer" in item else ""


def _raise_refusal(failed: list[tuple[Change, dict[str, Any], dict[str, Any]]]) -> None:
    short: list[str] = []
    for change, request, reason in failed:
        if reason["Code"] != "ConditionalCheckFailed":
            if reason["Code"] == "TransactionConflict":
                continue
            raise RuntimeError(f"DynamoDB refused a write: {reason['Code']}: {reason.get('Message', '')}")
        if isinstance(change, Spend):
            if "ConditionCheck" in request:
                everybody = request["ConditionCheck"]["Key"]["sk"]["S"] == ALL_SUPPLIERS
                whose = "for all suppliers" if everybody else f"of {change.supplier}"
                raise SpendRefused("KILL_SWITCH", f"the kill switch {whose} is on")
            raise SpendRefused(
                "CAP_REACHED", f"the spending limit of {change.supplier} for {change.day} would be passed"
            )
        if isinstance(change, Reserve):
            held = from_item(reason.get("Item") or {}).get("body", {}).get("open", {})
            short += [entry for entry, _ in change.entries if entry not in held]
    if short:
        raise ShortOfStock(tuple(short))
    raise Conflict("an item was changed by somebody else")
