"""A file of exchange rates is polled: one commit for all that follows, a breaker on jumps, and races for the same item (P4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from orderwright.config_store import read_config
from orderwright.domain.config_check import faults_to_refuse
from orderwright.domain.operations import StoredConfig
from orderwright.domain.rules import FxRate
from orderwright.errors import Misconfigured
from orderwright.records import CURRENT_CONFIG
from orderwright.usecases.operator.desk import Refused
from orderwright.usecases.operator.doctor import ShopChecks
from orderwright.usecases.operator.rates import accept_rates
from orderwright.usecases.poll_stock import poll_stock
from tests.support.catalogue_world import World, message, new_token
from tests.support.fakes import START
from tests.unit.usecases.rates_kit import Rates, rates_config

TODAY = START.date()
REPRICE = "prices.reprice_due"


@pytest.fixture
def rates(world: World) -> Rates:
    return Rates(world)


def test_rates_come_into_force_with_the_fact_that_all_is_priced_again(rates: Rates) -> None:
    assert rates.shows(EUR="1.08", GBP="1.27") == [REPRICE], "what had no rate before can be priced"
    assert (rates.in_force(), rates.in_force("GBP")) == ("1.08", "1.27")
    assert rates.shows(EUR="1.082", GBP="1.27") == [], "a small move of the same day"
    assert rates.shows(EUR="1.09", GBP="1.27") == [], "0.9 % in all"
    assert rates.shows(EUR="1.091", GBP="1.275") == [REPRICE], "1 % and more"
    (fact,) = rates.world.raw_facts(rates.key)
    assert (fact["connection"], fact["detail"]) == ("bank", {"why": f"exchange rates of {TODAY}"})
    assert rates.shows(hours=24, EUR="1.092", GBP="1.275") == [REPRICE], "another day"
    assert rates.state.log[-1].what == f"rates of {TODAY + timedelta(days=1)} taken"


def test_an_unchanged_file_writes_nothing_with_etag_or_without(rates: Rates) -> None:
    rates.shows(EUR="1.08")
    before = (rates.world.version(rates.key), rates.world.version(CURRENT_CONFIG))
    rates.polls(0.2)
    rates.file.no_etag = True
    rates.polls(0.2)
    assert (rates.world.version(rates.key), rates.world.version(CURRENT_CONFIG)) == before
    assert (rates.file.etags[0], rates.file.etags[1] != "") == ("", True)


def test_the_newest_by_its_day_counts_beside_rules_fx(world: World) -> None:
    rates = Rates(world, fx=[{"currency": "EUR", "rate": "1.10", "dated": str(TODAY)}])
    rates.shows(EUR="1.09")
    assert rates.in_force() == "1.10", "of one day what you wrote counts"
    rates.shows(EUR="1.08", dated=TODAY - timedelta(days=1))
    assert rates.in_force() == "1.10"
    assert rates.shows(hours=24, EUR="1.12") == [REPRICE]
    assert rates.in_force() == "1.12"


def test_an_older_file_is_not_taken(rates: Rates) -> None:
    rates.shows(EUR="1.08")
    kept = rates.stored.rates
    rates.shows(EUR="1.02", dated=TODAY - timedelta(days=2))
    assert rates.stored.rates == kept


@pytest.mark.parametrize(
    ("bad", "dated", "codes"),
    [
        ({"EUR": "0"}, None, ["RATE_REFUSED"]),
        ({"EUR": "1.09"}, TODAY + timedelta(days=2), ["FEED_RATES"]),
        ({"BTC": "97000"}, None, []),
    ],
)
def test_what_cannot_be_meant_is_named_and_what_was_in_force_stays(
    world: World, bad: dict[str, Any], dated: date | None, codes: list[str]
) -> None:
    new = rates_config().model_dump(mode="json")
    new["connections"]["shop"]["currency"] = "EUR"
    rates = Rates(world)
    rates.apply(type(rates_config()).model_validate(new))
    rates.shows(EUR="1.08", GBP="1.27")
    assert rates.shows(1, dated, **{"GBP": "1.30", **bad})[:1] == (codes or [REPRICE])
    assert rates.in_force() == "1.08"
    assert rates.in_force("GBP") == ("1.27" if dated else "1.30")
    assert [one.code for one in rates.state.reasons] == codes
    assert rates.polls() == []
    assert [one.code for one in rates.state.reasons] == codes, "the same file is as it was"
    assert rates.polls(48) == ([REPRICE] if dated else []), "a day that has come counts"


def test_a_rate_that_moves_too_far_stops_the_whole_file_until_it_is_accepted(rates: Rates) -> None:
    rates.shows(EUR="1.08", GBP="1.27")
    assert rates.shows(EUR="0.926", GBP="1.28") == ["RATE_JUMP"]
    assert (rates.in_force(), rates.in_force("GBP"), rates.state.broken) == ("1.08", "1.27", True)
    assert "EUR from 1.08 to 0.926 (14.3 %)" in rates.state.reasons[0].message
    shown = rates.state.rates.mark
    assert rates.polls() == [], "the same file is told once"
    assert rates.state.broken, "nor does `not changed` close the breaker"
    with pytest.raises(Refused, match="other rates of bank wait now"):
        accept_rates(rates.desk, "bank", "another")
    rates.shows(EUR="0.93", GBP="1.28")
    with pytest.raises(Refused, match="other rates of bank wait now"):
        accept_rates(rates.desk, "bank", shown)
    accept_rates(rates.desk, "bank", rates.state.rates.mark)
    assert rates.world.facts(rates.key) == [REPRICE]
    assert (rates.in_force(), rates.in_force("GBP"), rates.state.broken) == ("0.93", "1.28", False)
    with pytest.raises(Refused, match="no rates of bank wait"):
        accept_rates(rates.desk, "bank", shown)
    assert rates.polls() == []


def test_the_next_good_file_is_taken_and_so_is_a_jump_that_is_none_any_more(rates: Rates) -> None:
    rates.shows(EUR="1.08")
    rates.shows(EUR="2.08")
    rates.shows(EUR="1.09")
    assert (rates.in_force(), rates.state.broken, rates.state.rates.mark) == ("1.09", False, "")
    rates.shows(EUR="2.08")
    rates.apply(rates_config(fx=[{"currency": "EUR", "rate": "2.05", "dated": str(TODAY)}]))
    rates.polls()
    assert not rates.state.broken


def test_another_base_currency_asks_for_the_whole_file_and_uses_no_rate_to_the_old_one(rates: Rates) -> None:
    rates.shows(EUR="1.25", GBP="1.5")
    rates.apply(rates_config(base_currency="EUR"))
    assert (rates.in_force("USD"), rates.in_force("GBP")) == ("", "")
    rates.polls()
    assert (rates.in_force("USD"), rates.in_force("GBP")) == ("0.8", "1.2")
    assert {one.base for one in rates.stored.rates} == {"EUR"}


def test_rates_of_a_file_that_is_taken_out_do_not_count(rates: Rates) -> None:
    rates.shows(EUR="1.08")
    new = rates_config().model_dump(mode="json")
    del new["connections"]["bank"]
    rates.apply(type(rates_config()).model_validate(new))
    assert rates.in_force() == ""


def test_a_file_that_cannot_be_had_keeps_the_rates_and_is_told_once(rates: Rates) -> None:
    rates.shows(EUR="1.08")
    rates.file.error = Misconfigured("bank: 401", code="UNAUTHORIZED")
    assert rates.polls() == ["UNAUTHORIZED"]
    assert rates.polls() == []
    rates.file.error = None
    assert (rates.polls(), rates.state.reasons, rates.in_force()) == ([], (), "1.08")


def test_a_good_file_whose_rates_got_old_is_told(rates: Rates) -> None:
    rates.shows(EUR="1.08", dated=TODAY)
    assert rates.polls(24 * 8) == ["RATE_STALE"]
    assert rates.polls() == []


def test_the_poll_of_stock_files_reads_it(rates: Rates) -> None:
    rates.file.rates = {"EUR": "1.08"}
    nobody: Any = None
    poll_stock(
        message("signal.poll_due", connection="bank"),
        storage=rates.world.storage, config=read_config(rates.world.storage), feed_for=nobody, stock_for=lambda _: None,
        signal_for={"bank": rates.file}.__getitem__, snapshots=rates.world.snapshots, clock=rates.world.clock,
        timing=rates.world.timing, new_token=new_token,
    )  # fmt: skip
    assert rates.in_force() == "1.08"


# --- others write at the same moment ----------------------------------------------------------------------------------


def meanwhile(monkeypatch: pytest.MonkeyPatch, rates: Rates, work: Any) -> None:
    """`work` is done between what the next commit read and its write."""
    storage = rates.world.storage
    real = storage.commit

    def racing(*given: object, **named: object) -> None:
        monkeypatch.setattr(storage, "commit", real)
        work()
        real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "commit", racing)


def test_apply_while_rates_are_written_loses_neither(rates: Rates, monkeypatch: pytest.MonkeyPatch) -> None:
    rates.shows(EUR="1.08")
    meanwhile(monkeypatch, rates, lambda: rates.apply(rates_config(fx_max_age_days=9)))
    rates.shows(EUR="1.09")
    assert (rates.in_force(), rates.stored.number) == ("1.09", 2)
    meanwhile(monkeypatch, rates, lambda: rates.shows(EUR="1.10"))
    rates.apply(rates_config(fx_max_age_days=8))
    assert (rates.in_force(), rates.stored.number) == ("1.10", 3)


def test_a_jump_is_judged_by_what_is_in_force_at_the_write(rates: Rates, monkeypatch: pytest.MonkeyPatch) -> None:
    rates.shows(EUR="1.08")
    new = rates_config(fx=[{"currency": "EUR", "rate": "1.30", "dated": str(TODAY)}])
    meanwhile(monkeypatch, rates, lambda: rates.apply(new))
    assert rates.shows(hours=24, EUR="1.09") == ["RATE_JUMP"]


def test_of_two_polls_at_once_the_first_write_counts_and_nothing_older_comes_over_it(
    rates: Rates, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates.shows(EUR="1.08")
    meanwhile(monkeypatch, rates, lambda: rates.shows(EUR="1.10"))
    rates.shows(EUR="1.09")
    assert rates.in_force() == "1.10", "the slow poll had read its file before"


def test_a_poll_that_is_killed_before_its_write_is_done_again(rates: Rates, monkeypatch: pytest.MonkeyPatch) -> None:
    rates.shows(EUR="1.08")
    with monkeypatch.context() as killed:
        killed.setattr(rates.world.storage, "commit", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            rates.shows(EUR="1.10")
    assert rates.in_force() == "1.08"
    assert rates.polls() == [REPRICE]
    assert rates.in_force() == "1.10"


# --- who knows them ---------------------------------------------------------------------------------------------------


def test_a_shop_with_a_file_of_rates_need_not_write_them(rates: Rates) -> None:
    def faults(**bank: object) -> list[str]:
        new = rates_config().model_dump(mode="json")
        new["connections"]["shop"]["currency"] = "EUR"
        new["connections"]["bank"] |= bank
        found = faults_to_refuse(type(rates_config()).model_validate(new), TODAY)
        return [fault.message for fault in found]

    assert faults() == []
    (fault,) = faults(currencies=["GBP"])
    assert "there is no rate of EUR" in fault
    config = rates_config(fx=[{"currency": "EUR", "rate": "1.1", "dated": str(TODAY)}])
    rates.shows(EUR="1.08")
    assert faults_to_refuse(config.with_signals(rates.stored.rates, {}), TODAY) == []


def test_doctor_knows_the_rates_of_files(rates: Rates) -> None:
    new = rates_config().model_dump(mode="json")
    new["connections"]["shop"]["currency"] = "EUR"
    rates.apply(type(rates_config()).model_validate(new))

    def said() -> str:
        checks = ShopChecks(rates.world.storage, rates.world.clock, None, dict, "")  # type: ignore[arg-type]
        return checks.probes()["exchange rates"]()[0].told

    assert "no exchange rate from EUR" in said()
    rates.shows(EUR="1.08")
    assert "fresh" in said()


def test_a_version_of_before_there_were_files_is_read(rates: Rates) -> None:
    assert StoredConfig.model_validate(rates.stored.model_dump(mode="json", exclude={"rates", "heard"})).rates == ()
    assert isinstance(rates_config(fx=[{"currency": "EUR", "rate": "1.1", "dated": str(TODAY)}]).rules.fx[0], FxRate)
