"""An index that lags shows the table as it was, however much of the past was let go of."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orderwright.records import ORDERS
from tests.simulation.cloud.lagging import Lag
from tests.simulation.sim import Sim

REF = "parcel#1"


def written(sim: Sim, lag: Lag, sk: str, ref: str) -> None:
    """An item under an index text, a second after the last one."""
    item = {"pk": {"S": "o"}, "sk": {"S": sk}, "ref": {"S": ref}}
    sim.account.ask_quickly("dynamodb", "PutItem", {"TableName": ORDERS, "Item": item})
    lag.watch()
    sim.clock.at += timedelta(seconds=1)


def found(sim: Sim, lag: Lag, seconds: float) -> list[str]:
    """What the index says of that moment."""
    with lag.behind(seconds, "by_ref"):
        return [key.sk for key in sim.storage.find(ORDERS, REF)]


@pytest.mark.parametrize("forgets", [False, True])
def test_an_index_shows_what_was_there_then(forgets: bool) -> None:
    sim = Sim("lag")
    lag = sim.lags[ORDERS]
    lag.watch()
    for sk, ref in (("a", REF), ("b", "else"), ("b", REF), ("a", "else")):
        if forgets:
            lag.forget(sim.clock.at - timedelta(seconds=0.5))
        written(sim, lag, sk, ref)
    if forgets:
        sim.account.forget_stream(ORDERS, lag.forget(sim.clock.at - timedelta(seconds=1.5)))
        assert sim.account.stream_end(ORDERS) - len(sim.account.stream(ORDERS)) > 0
    assert found(sim, lag, 0.5) == ["b"]
    assert found(sim, lag, 1.5) == ["a", "b"]
    if forgets:
        with pytest.raises(LookupError):
            sim.account.stream_since(ORDERS, 0)
        return
    assert found(sim, lag, 2.5) == ["a"]
    assert found(sim, lag, 4.5) == []
