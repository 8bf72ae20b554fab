"""A file of competitors' prices, polled: matched, judged as a whole, only differences written, nothing older over newer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from orderwright.connectors.context import Context
from orderwright.connectors.signals.competitor_prices.prices import CompetitorPricesFile
from orderwright.connectors.signals.competitor_prices.settings import PriceFileSettings
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.feed_state import FeedState
from orderwright.domain.operations import StoredConfig
from orderwright.domain.repricing.signals import CompetitorPrices
from orderwright.errors import Retryable
from orderwright.messages import Message
from orderwright.ports.feed import FeedAnswer
from orderwright.records import CURRENT_CONFIG, competitors_key, feed_key, sku_key
from orderwright.storage import Put
from orderwright.usecases.dispatch_schedules import dispatch_schedules
from orderwright.usecases.listing.records import SKU_STATE
from orderwright.usecases.poll_stock import poll_stock
from orderwright.usecases.watching import look, watched
from tests.support.catalogue_world import World, config, message, new_token

NAME = "price-file"
GTINS = {"LAMP-1": "4006381333931", "LAMP-2": "036000291452", "LAMP-3": "96385074"}
HEAD = "ean,mpn,sku,seller,price,currency,shipping,condition,pack_size,seen_at"
LINE = {"kind": "competitor_prices", "url": "https://prices.example.com/a.csv", "max_change_percent": 30}


class Killed(BaseException):
    """The worker's end."""


class Polled:
    """The file, and a worker that polls it."""

    def __init__(self, world: World, **line: Any) -> None:
        self.world, self.text = world, ""
        self.fault: Exception | None = None
        self.given = LINE | line
        document = config().model_dump(mode="json", exclude_unset=True)
        document["connections"][NAME] = self.given
        world.config = Config.model_validate(document)
        stored = StoredConfig(number=1, document="{}", applied_at=world.clock.now(), applied_by="test")
        puts = [Put(CURRENT_CONFIG, stored, 0)]
        for sku, gtin in GTINS.items():
            record = SkuRecord(sku=sku, title=sku, gtin=gtin, mpn="M-3" if sku == "LAMP-3" else "M-1")
            puts.append(Put(sku_key(sku), record, 0, state=SKU_STATE))
        world.storage.commit(puts)

    @property
    def settings(self) -> PriceFileSettings:
        found = self.world.config.signals[NAME]
        assert isinstance(found, PriceFileSettings)
        return found

    def open_feed(self, etag: str, seen: str | None = None) -> FeedAnswer:
        if self.fault:
            raise self.fault
        mine = str(hash(self.text))
        lines = None if etag == mine else iter([self.text.encode()])
        return FeedAnswer(mine, self.world.clock.now(), lines, None)

    def read_prices(self, *given: Any) -> Any:
        context: Any = Context(NAME, self.settings, None, None, self.world.clock, timedelta(1))  # type: ignore[arg-type]
        return CompetitorPricesFile(context).read_prices(*given)

    def poll(self, *rows: str, minutes: float = 5, head: str = HEAD) -> None:
        self.world.clock.forward(minutes=minutes)
        if rows:
            self.text = "\n".join([head, *rows, ""])
        poll_stock(
            message("signal.poll_due", connection=NAME),
            storage=self.world.storage, config=self.world.config, feed_for=lambda _: None,  # type: ignore[arg-type, return-value]
            stock_for=lambda _: None, signal_for=lambda _: self, snapshots=self.world.snapshots, clock=self.world.clock,
            timing=self.world.timing, new_token=new_token,
        )  # fmt: skip

    def prices(self, sku: str) -> CompetitorPrices | None:
        held = self.world.storage.get(competitors_key(sku, NAME), CompetitorPrices)
        return held.model if held else None

    def shown(self, sku: str) -> list[tuple[str, str]]:
        found = self.prices(sku)
        return [(one.seller, f"{one.price.decimal}") for one in found.quotes] if found else []

    def told(self, sku: str) -> list[str]:
        return self.world.facts(competitors_key(sku, NAME))

    @property
    def state(self) -> FeedState:
        held = self.world.storage.get(feed_key(NAME), FeedState)
        assert held
        return held.model


@pytest.fixture
def polled(world: World) -> Polled:
    return Polled(world)


def row(ean: str = "", mpn: str = "", sku: str = "", price: str = "9.95", seller: str = "Shop A", **more: str) -> str:
    rest = {"currency": "USD", "shipping": "", "condition": "", "pack_size": "", "seen_at": "", **more}
    return ",".join([ean, mpn, sku, seller, price, *rest.values()])


def test_rows_are_matched_by_gtin_else_mpn_else_sku_and_an_id_of_several_is_named(polled: Polled) -> None:
    polled.poll(
        row("04006381333931"), row("0036000291452", price="8.00"), row(mpn="m-3", price="3.50", shipping="4.90"),
        row(sku=" lamp-2", seller="Shop B", condition="https://schema.org/UsedCondition"), row(mpn="M-1"), row("4012345678901"),
    )  # fmt: skip
    assert [polled.shown(sku) for sku in GTINS] == [
        [("Shop A", "9.95")],
        [("Shop A", "8.00"), ("Shop B", "9.95")],
        [("Shop A", "3.50")],
    ]
    third = polled.prices("LAMP-3")
    assert third
    assert (third.quotes[0].matched_by, str(third.quotes[0].shipping.decimal)) == ("mpn", "4.90")  # type: ignore[union-attr]
    assert polled.told("LAMP-3") == ["offer.changed"]
    problems = {one.line: one.why for one in polled.state.problems}
    assert "fits several of your SKUs: LAMP-1, LAMP-2" in problems[6]
    assert "none of your SKUs has it" in problems[7]
    assert (polled.state.bad_rows, polled.state.unmapped, polled.state.rows) == (1, 1, 5)
    stored = polled.world.storage.get(CURRENT_CONFIG, StoredConfig)
    assert stored
    assert stored.model.heard == {NAME: polled.world.clock.now()}


def test_a_row_whose_gtin_is_another_than_that_of_our_sku_is_not_matched_by_its_other_ids(polled: Polled) -> None:
    """A pack of six has the maker's number of one piece, and a GTIN of its own; a competitor's own SKU may be like ours."""
    polled.poll(row("4012345678901", mpn="M-3", sku="LAMP-3"), row("4012345678901", sku="LAMP-1"), row(sku="LAMP-2"))
    assert [polled.shown(sku) for sku in GTINS] == [[], [("Shop A", "9.95")], []]
    assert polled.state.unmapped == 2


@pytest.mark.parametrize(
    ("bad", "field", "why"),
    [
        ({"price": "0.01"}, "price", "below 0.05"),
        ({"price": "0"}, "price", "is zero"),
        ({"price": "-5"}, "price", "is zero or below"),
        ({"price": "call us"}, "price", "not a number"),
        ({"price": ""}, "price", "is empty"),
        ({"currency": "XQZ"}, "currency", "no currency"),
        ({"currency": ""}, "currency", "name no currency"),
        ({"seller": ""}, "seller", "name no seller"),
        ({"pack_size": "6"}, "pack", "is 6"),
        ({"shipping": "-1"}, "shipping", "is negative"),
        ({"ean": "4006381333932"}, "gtin", "no GTIN"),
        ({"ean": "4.00638E+12"}, "gtin", "no GTIN"),
        ({"sku": ""}, "row", "neither a GTIN"),
        ({"seen_at": "2099-01-01"}, "seen", "in the future"),
        ({"seen_at": "yesterday"}, "seen", "no time"),
    ],
)
def test_an_absurd_row_is_refused_by_name_and_the_rest_of_the_file_is_taken(
    polled: Polled, bad: dict[str, str], field: str, why: str
) -> None:
    rows = list(polled.read_prices([f"{HEAD}\n{row(sku='LAMP-1')}\n{row(**{'sku': 'LAMP-1', **bad})}\n".encode()], {}))
    assert rows[0].quote.price.decimal
    assert (rows[1].line, rows[1].field) == (3, field)
    assert why in rows[1].why


def test_only_differences_are_written_and_a_price_that_left_the_file_is_gone(polled: Polled) -> None:
    first = [row(sku="LAMP-1"), row(sku="LAMP-2"), row(sku="LAMP-3")]
    polled.poll(*first)
    before = polled.prices("LAMP-1")
    polled.poll(*reversed(first))
    assert polled.prices("LAMP-1") == before
    polled.poll(row(sku="LAMP-1"), row(sku="LAMP-2", price="9.50"))
    assert (polled.prices("LAMP-1"), polled.shown("LAMP-2"), polled.shown("LAMP-3")) == (
        before, [("Shop A", "9.50")], [],
    )  # fmt: skip
    assert polled.told("LAMP-3") == ["offer.changed"]


def test_a_newer_time_of_seeing_alone_is_written_now_and_then_and_tells_nobody(polled: Polled) -> None:
    def seen(hour: int) -> str:
        return row(sku="LAMP-1", seen_at=f"2026-01-01T{hour:02}:00:00Z")

    polled.poll(seen(1))
    before = polled.prices("LAMP-1")
    polled.poll(seen(3))
    assert polled.prices("LAMP-1") == before
    polled.poll(seen(7))
    assert polled.prices("LAMP-1") != before
    assert polled.told("LAMP-1") == []


def test_where_a_rule_takes_a_price_for_old_soon_its_time_is_written_in_time(polled: Polled) -> None:
    document = polled.world.config.model_dump(mode="json", exclude_unset=True)
    document["rules"]["prices"] = [{"name": "all", "markup": "2", "competitors": {"stale_after_hours": 4}}]
    polled.world.config = Config.model_validate(document)
    for hour in (1, 3):
        polled.poll(row(sku="LAMP-1", seen_at=f"2026-01-01T{hour:02}:00:00Z"))
        found = polled.prices("LAMP-1")
        assert found
        assert [quote.seen_at.hour for quote in found.quotes if quote.seen_at] == [hour]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([row(sku="LAMP-1", price="4.00"), row(sku="LAMP-2", price="4.00"), row(sku="LAMP-3")], "FEED_PRICES_JUMPED"),
        ([row(sku="LAMP-1")], "FEED_TOO_MANY_MISSING"),
        ([row(sku="LAMP-1"), row(sku="LAMP-2", price="x"), row(sku="LAMP-3", price="x")], "FEED_UNREADABLE_ROWS"),
        ([row(sku="LAMP-1", price="x")], "FEED_HEADER_ONLY"),
        (["<html>", "x"], "FEED_HEADER"),
    ],
)
def test_a_file_that_is_not_to_be_believed_changes_nothing_and_the_next_good_one_closes_the_breaker(
    polled: Polled, rows: list[str], code: str
) -> None:
    good = [row(sku="LAMP-1"), row(sku="LAMP-2"), row(sku="LAMP-3")]
    polled.poll(*good)
    before = polled.prices("LAMP-1")
    polled.poll(*rows, head="x" if code == "FEED_HEADER" else HEAD)
    assert (polled.state.broken, polled.state.reasons[0].code) == (True, code)
    assert polled.world.facts(feed_key(NAME)) == [code]
    assert polled.prices("LAMP-1") == before
    polled.poll(*good)
    assert not polled.state.broken
    polled.fault = Retryable("down", code="HTTP_503")
    polled.poll()
    assert polled.state.reasons[0].code == "HTTP_503"


def test_p4_a_worker_that_is_killed_among_its_writes_leaves_nothing_that_the_next_poll_does_not_mend(
    polled: Polled, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [row(sku="LAMP-1"), row(sku="LAMP-2"), row(sku="LAMP-3")]
    polled.poll(*old)
    commit, writes = polled.world.storage.commit, list[Any]()

    def killing(changes: Any, **more: Any) -> None:
        commit(changes, **more)
        writes.extend(one for one in changes if one.key.sk.startswith("COMPETITORS"))
        if writes:
            raise Killed

    monkeypatch.setattr(polled.world.storage, "commit", killing)
    with pytest.raises(Killed):
        polled.poll(row(sku="LAMP-1", price="9.00"), row(sku="LAMP-2", price="9.00"), row(sku="LAMP-3", price="9.00"))
    monkeypatch.setattr(polled.world.storage, "commit", commit)
    assert sorted(polled.shown(sku) for sku in GTINS) != [[("Shop A", "9.95")]] * 3
    polled.poll()  # its lease still holds: nobody else works
    polled.poll(*old, minutes=30)
    assert [polled.shown(sku) for sku in GTINS] == [[("Shop A", "9.95")]] * 3
    assert not polled.state.owner


def test_p4_of_two_workers_at_once_one_wins_and_an_older_answer_never_replaces_a_newer_one(polled: Polled) -> None:
    polled.poll(row(sku="LAMP-1"), row(sku="LAMP-2"))
    read = polled.read_prices

    def slow(*given: Any) -> Any:
        polled.read_prices = read  # type: ignore[method-assign]
        older = polled.text
        polled.poll(row(sku="LAMP-1", price="9.00"), row(sku="LAMP-2"), minutes=1)
        polled.text = older
        return read(*given)

    polled.read_prices = slow  # type: ignore[method-assign]
    polled.poll(row(sku="LAMP-1", price="9.50"), row(sku="LAMP-2"))
    assert polled.shown("LAMP-1") == [("Shop A", "9.00")]


def test_other_settings_make_the_whole_file_count_again_and_so_does_a_new_sku(polled: Polled) -> None:
    polled.poll(row(sku="LAMP-1", currency=""), row(sku="NEW-1", currency=""))
    assert polled.state.reasons[0].code == "FEED_HEADER_ONLY"
    document = polled.world.config.model_dump(mode="json", exclude_unset=True)
    document["connections"][NAME] = {**polled.given, "currency": "EUR"}
    polled.world.config = Config.model_validate(document)
    polled.poll()
    quote = polled.prices("LAMP-1")
    assert quote
    assert quote.quotes[0].price.currency == "EUR"
    polled.world.storage.commit([Put(sku_key("NEW-1"), SkuRecord(sku="NEW-1", title="new"), 0, state=SKU_STATE)])
    polled.poll()
    assert polled.shown("NEW-1") == [("Shop A", "9.95")]


def test_other_settings_count_as_such_until_a_file_is_taken(world: World) -> None:
    """A poll that fails meanwhile hides nothing: the same figures in another currency are no jump of prices."""
    polled = Polled(world, currency="USD")
    polled.poll(row(sku="LAMP-1", currency=""), row(sku="LAMP-2", currency=""))
    document = polled.world.config.model_dump(mode="json", exclude_unset=True)
    document["connections"][NAME] = {**polled.given, "currency": "EUR"}
    polled.world.config = Config.model_validate(document)
    polled.fault = Retryable("down", code="HTTP_503")
    polled.poll()
    polled.fault = None
    polled.poll(row(sku="LAMP-1", currency=""), row(sku="LAMP-2", currency=""))
    assert polled.state.reasons == ()
    quote = polled.prices("LAMP-1")
    assert quote
    assert quote.quotes[0].price.currency == "EUR"


def test_a_file_in_another_currency_waits_until_the_limit_that_its_alert_names_is_raised(polled: Polled) -> None:
    polled.poll(row(sku="LAMP-1"), row(sku="LAMP-2"))
    polled.poll(row(sku="LAMP-1", currency="EUR"), row(sku="LAMP-2", currency="EUR"))
    assert "higher if this is right; from 100 on another currency is taken" in polled.state.reasons[0].message
    document = polled.world.config.model_dump(mode="json", exclude_unset=True)
    document["connections"][NAME] = {**polled.given, "max_change_percent": 100}
    polled.world.config = Config.model_validate(document)
    polled.poll()
    assert polled.state.reasons == ()


def test_a_schedule_asks_for_it_and_a_file_that_stays_away_is_told_once(polled: Polled) -> None:
    world, sent = polled.world, list[Message]()
    dispatch_schedules(
        "poll_stock",
        storage=world.storage,
        config=world.config,
        send=sent.extend,
        clock=world.clock,
        new_token=new_token,
    )
    assert ("signal.poll_due", NAME) in [(one.type, one.connection) for one in sent]
    polled.poll(row(sku="LAMP-1"))
    look(world.storage, world.config, world.clock.now(), {}, daily=False)
    polled.fault = Retryable("down", code="HTTP_503")
    polled.poll(minutes=25 * 60)
    look(world.storage, world.config, world.clock.now(), {}, daily=False)
    assert watched(world.storage).causes[f"{NAME}|feed"].code == "FEED_STALE"
    assert "prices follow the last one" in watched(world.storage).causes[f"{NAME}|feed"].message
    polled.fault = None
    polled.poll()
    look(world.storage, world.config, world.clock.now(), {}, daily=False)
    assert f"{NAME}|feed" not in watched(world.storage).causes
