"""orderwright price rates."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from orderwright.config_store import held_config, read_config
from orderwright.domain.config import Config
from orderwright.domain.feed_state import FeedState
from orderwright.domain.order import Reason
from orderwright.domain.repricing.rates import Move, RatesNoted
from orderwright.domain.rules import FileRate
from orderwright.records import CURRENT_CONFIG, feed_key
from orderwright.storage import Put
from tests.unit.cli.cli_kit import Operator
from tests.unit.usecases.rates_kit import BANK


def with_a_file_that_waits(operator: Operator) -> str:
    """A file whose rate of EUR is in force, and one from today that waits; gives its sign."""
    storage, today = operator.wiring.storage, operator.wiring.clock.now().date()
    held = held_config(storage)
    plain = Config.model_validate_json(held.model.document).model_dump(mode="json")
    config = Config.model_validate({**plain, "connections": {**plain["connections"], "bank": BANK}})
    rate = FileRate(currency="EUR", rate=Decimal("1.08"), dated=today - timedelta(days=1), base="USD", file="bank")
    stored = held.model.model_copy(update={"document": config.model_dump_json(), "rates": (rate,)})
    storage.commit([Put(CURRENT_CONFIG, stored, held.version)])
    new = rate.model_copy(update={"rate": Decimal("0.926"), "dated": today})
    noted = RatesNoted().waits([new], [Move(currency="EUR", before=rate.rate, after=new.rate)])
    jump = Reason(code="RATE_JUMP", message="moves above max_change_percent, nothing is taken")
    state = FeedState(
        connection="bank", broken=True, rates=noted, reasons=(jump,), checked_at=operator.wiring.clock.now()
    )
    storage.commit([Put(feed_key("bank"), state, 0)])
    return noted.mark


def test_rates_are_listed_and_those_that_wait_accepted_by_their_sign(operator: Operator) -> None:
    assert "no rate is known" in operator("price", "rates").out
    for wrong in ("bonk", "feed"):
        refused = operator("price", "rates", "accept", wrong).err
        assert f"there is no file of exchange rates '{wrong}'\n  fix: files of exchange rates: none" in refused
    mark = with_a_file_that_waits(operator)
    said = operator("price", "rates").out
    for part in ("1.08 USD", "EUR from 1.08 to 0.926 (14.3 %)", f"orderwright price rates accept bank --file {mark}"):
        assert part in said, said
    told = operator("price", "rates", "list", "--json").json
    assert [(one["currency"], one["rate"], one["source"], one["old"]) for one in told["rates"]] == [
        ("EUR", "1.08", "bank", False)
    ]
    assert told["files"][0]["waiting"]["file"] == mark
    assert told["files"][0]["reasons"][0]["code"] == "RATE_JUMP"
    assert ": orderwright price rates\n" in operator("status").out
    unasked = operator("price", "rates", "accept", "bank", "--json").json["error"]
    assert (unasked["code"], unasked["fix"]) == (
        "YES_NEEDED", f"orderwright price rates accept bank --file {mark} --yes",
    )  # fmt: skip
    assert "which rates you looked at" in operator("price", "rates", "accept", "bank", "--yes").err
    assert "wait now" in operator("price", "rates", "accept", "bank", "--yes", "--file", "0").err
    assert operator("price", "rates", "accept", "bank", ask=lambda _: False).code == 1
    asked: list[str] = []
    assert operator("price", "rates", "accept", "bank", ask=lambda one: not asked.append(one)).code == 0  # type: ignore[func-returns-value]
    assert "EUR from 1.08 to 0.926" in asked[0]
    assert "0.926 USD" in operator("price", "rates").out
    assert read_config(operator.wiring.storage).rules.fx[-1].rate == Decimal("0.926")
    assert "no rates of bank wait" in operator("price", "rates", "accept", "bank").err


def test_a_command_sees_the_rates_of_files_as_the_functions_do(operator: Operator) -> None:
    with_a_file_that_waits(operator)
    assert '"1.08"' not in operator("money", "cash", "--have", "100 EUR").err
    assert operator("money", "cash", "--have", "100 EUR").code == 0
