"""The short ways through the emulator: they are really taken, and what they do not know goes the usual way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulation.cloud.emulator import module_of
from tests.simulation.judge.judge import Judge
from tests.simulation.modes.bench import Bench
from tests.simulation.modes.paths import Path
from tests.simulation.modes.story import play
from tests.simulation.sim import Sim

LONG_WAYS = ("_put_item", "_get_item", "_query", "_transact_write_items")
ITEM = {"pk": {"S": "lamp-shop#1"}, "sk": {"S": "ORDER"}, "version": {"N": "1"}}
ABSENT = {"TableName": "orders", "Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}
NOTHING_OF_IT = {
    "TableName": "orders", "Key": {"pk": ITEM["pk"], "sk": ITEM["sk"]}, "ConditionExpression": "attribute_not_exists(pk)",
}  # fmt: skip


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each long way is taken."""
    module, counted = module_of("dynamodb"), Counter[str]()

    def counting(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(request: dict[str, Any]) -> Any:
            kinds = {kind for member in request.get("TransactItems", ()) for kind in member}
            counted[f"{name} {' '.join(sorted(kinds))}".strip()] += 1
            return real(request)

        return call

    for name in LONG_WAYS:
        monkeypatch.setattr(module, name, counting(name, getattr(module, name)))
    from tests.simulation.cloud import quick

    quick.operations.cache_clear()
    return counted


@pytest.fixture(autouse=True)
def _forgotten() -> Any:
    yield
    from tests.simulation.cloud import quick

    quick.operations.cache_clear()


def _told(bench: Bench) -> Sim:
    sim = bench.fresh("ok")
    Path().begin(sim)
    sim.judge = Judge(sim)
    play(sim)
    return sim


def test_an_undisturbed_story_writes_and_reads_by_the_short_ways_but_for_updates(
    bench: Bench, taken: Counter[str]
) -> None:
    assert _told(bench).judge is not None
    assert {way for way in taken if "Update" not in way} <= {"_query"}
    assert taken["_query"] < 5
    assert any("Update" in way for way in taken)


def test_a_story_leaves_the_same_tables_and_streams_by_either_way(bench: Bench) -> None:
    short, whole = _told(bench), _told(Bench(exact=True))
    assert short.trace.digest() == whole.trace.digest()
    for table in short.topology.tables:
        by_key = [
            {(item["pk"]["S"], item["sk"]["S"]): item for item in sim.account.items(table)} for sim in (short, whole)
        ]
        assert by_key[0] == by_key[1]
        streams = [[record["dynamodb"] for record in sim.account.stream(table)] for sim in (short, whole)]
        assert streams[0] == streams[1]


def test_a_put_over_something_is_refused_with_what_is_there(bench: Bench) -> None:
    dynamodb = bench.fresh("0").client("dynamodb")
    dynamodb.put_item(**ABSENT)
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.put_item(**ABSENT, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert refused.value.response["Item"] == ITEM


def test_a_transaction_of_which_one_part_fails_writes_nothing(bench: Bench) -> None:
    sim = bench.fresh("0")
    dynamodb = sim.client("dynamodb")
    other = {**ITEM, "pk": {"S": "lamp-shop#2"}}
    dynamodb.put_item(**{**ABSENT, "Item": other})
    steps = [{"Put": ABSENT}, {"Put": {**ABSENT, "Item": other}}]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as refused:
        dynamodb.transact_write_items(TransactItems=steps, ClientRequestToken="a-token")
    codes = [reason["Code"] for reason in refused.value.response["CancellationReasons"]]
    assert codes == ["None", "ConditionalCheckFailed"]
    assert ITEM not in sim.account.items("orders")


def test_a_transaction_may_not_name_an_item_twice(bench: Bench) -> None:
    dynamodb = bench.fresh("0").client("dynamodb")
    steps = [{"Put": ABSENT}, {"ConditionCheck": NOTHING_OF_IT}]
    with pytest.raises(dynamodb.exceptions.ClientError, match="multiple operations on one item"):
        dynamodb.transact_write_items(TransactItems=steps, ClientRequestToken="a-token")


def test_a_token_is_not_taken_for_another_transaction(bench: Bench) -> None:
    dynamodb = bench.fresh("0").client("dynamodb")
    dynamodb.transact_write_items(TransactItems=[{"Put": ABSENT}], ClientRequestToken="a-token")
    other = {**ABSENT, "Item": {**ITEM, "pk": {"S": "lamp-shop#2"}}}
    with pytest.raises(dynamodb.exceptions.ClientError, match="token"):
        dynamodb.transact_write_items(TransactItems=[{"Put": other}], ClientRequestToken="a-token")
