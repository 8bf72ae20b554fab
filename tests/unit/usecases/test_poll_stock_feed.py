"""A supplier's stock file to changed offers (promises P3, P4, P11; goal F7)."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from orderwright.domain.catalogue import NEVER
from orderwright.domain.config import Config
from orderwright.domain.feed_state import FeedState
from orderwright.errors import Retryable
from orderwright.records import CONTROL, Key, offer_key
from orderwright.storage import Reserve
from orderwright.usecases.stock.feeds import save_feed
from tests.support.catalogue_world import SKU, World, config, message
from tests.support.fakes import feed_text, unit_usd
from tests.support.polled_feed import FEED, PolledFeed

OFFER = offer_key(SKU, "cj")


def test_a_changed_row_changes_its_offer(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(HL_MS_400=(4, "7.60"))
    polls.poll()
    offer = world.offer()
    assert (offer.stock, offer.sellable, offer.cost, offer.freight) == (4, 4, unit_usd("7.60"), unit_usd("2.90"))
    assert offer.observed_at == world.clock.now()
    assert world.facts(OFFER) == ["offer.changed"]
    assert "1 changed, 1 offers written" in polls.state.log[-1].what


def test_an_unchanged_file_is_one_download_one_read_and_no_write(world: World, polls: PolledFeed) -> None:
    polls.poll()
    with world.counted() as calls:
        polls.poll()
    assert calls == ["dynamodb:GetItem"]
    assert polls.feed.downloads == 2


def test_the_same_content_without_an_etag_writes_nothing(world: World, polls: PolledFeed) -> None:
    polls.feed.tags = False
    polls.poll()
    world.snapshots.calls.clear()
    with world.counted() as calls:
        polls.poll()
    assert calls == ["dynamodb:GetItem"]
    assert world.snapshots.calls == ["get", "get"]


def test_requests_are_bounded_by_shards_and_changes(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(**{f"SKU_{number}": (6, "6.40") for number in range(9)})
    world.snapshots.calls.clear()
    with world.counted() as calls:
        polls.poll()
    assert len(calls) + len(world.snapshots.calls) <= 2 * 2 + 9
    assert world.offer("SKU-3").stock == 6


def test_a_reservation_made_during_the_poll_is_kept(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(HL_MS_400=(6, "6.40"))
    done: list[str] = []

    def meanwhile(name: str) -> None:
        if name == "dynamodb:BatchGetItem":
            done.append(name)
        elif done == ["dynamodb:BatchGetItem"]:
            done.append("reserved")
            world.storage.commit([Reserve(OFFER, (("shop#1|line", 2),))])

    world.aws.before = meanwhile
    polls.poll()
    offer = world.offer()
    assert offer.open == {"shop#1|line": 2}
    assert (offer.stock, offer.sellable) == (6, 4)


def test_an_older_report_changes_nothing(world: World, polls: PolledFeed) -> None:
    polls.poll()
    newer = world.clock.now() + timedelta(hours=1)
    world.change_offer(stock=1, sellable=1, observed_at=newer, cost_observed_at=newer)
    polls.show(HL_MS_400=(50, "9.00"))
    polls.poll()
    assert (world.offer().stock, world.offer().cost) == (1, unit_usd("6.40"))


def test_a_sku_that_left_the_file_is_sold_out_not_forgotten(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(HL_MS_400=None)
    polls.poll()
    assert (world.offer().stock, world.offer().cost) == (0, unit_usd("6.40"))


def test_a_file_of_two_rows_opens_the_breaker_and_zeroes_nothing(world: World, polls: PolledFeed) -> None:
    polls.poll()
    whole = polls.feed.text
    polls.feed.text = feed_text([(SKU, 10, "6.40"), ("SKU-1", 5, "6.40")])
    polls.poll()
    assert polls.state.broken
    assert [reason.code for reason in polls.state.reasons] == ["FEED_TOO_MANY_MISSING"]
    assert world.facts(FEED) == ["FEED_TOO_MANY_MISSING"]
    assert world.offer("SKU-5").stock == 5
    version = world.version(FEED)
    polls.poll()
    assert world.version(FEED) == version, "told once"
    polls.feed.text = whole
    polls.poll()
    assert not polls.state.broken
    assert polls.state.reasons == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "FEED_EMPTY"), ("sku,qty,cost\n", "FEED_HEADER_ONLY"), ("a,b\n1,2\n", "FEED_HEADER"),
     ("sku,qty,cost\nHL-MS-400,1,6.40\nSKU-1,", "FEED_TRUNCATED")],
)  # fmt: skip
def test_a_file_that_is_none_opens_the_breaker(world: World, polls: PolledFeed, text: str, code: str) -> None:
    polls.poll()
    polls.feed.text = text
    polls.poll()
    assert [reason.code for reason in polls.state.reasons] == [code]
    assert world.offer().stock == 10


def test_bad_rows_are_counted_and_shown_and_keep_what_was_known(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(SKU_1=(7, "6.40"))
    polls.feed.text = polls.feed.text.replace("HL-MS-400,10,", "HL-MS-400,many,")
    polls.poll()
    assert polls.state.bad_rows == 1
    assert "line 11, stock" in polls.state.log[-1].what
    assert world.offer().stock == 10
    assert world.offer("SKU-1").stock == 7


def test_an_inch_mark_lends_no_row_the_numbers_of_the_next(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(SKU_2=(6, "6.40"))
    header, *lines = polls.feed.text.splitlines()
    others = "".join(f"{line}\n".replace(",", ",text,", 1) for line in lines if not line.startswith(("HL-", "SKU-1,")))
    damaged = 'HL-MS-400,"Work lamp 24"",0,89.00\nSKU-1,"USB cable",250,1.10\n'
    polls.feed.text = header.replace("sku,", "sku,name,") + "\n" + damaged + others
    polls.poll()
    assert (world.offer().stock, world.offer("SKU-1").stock) == (10, 5)
    assert polls.state.bad_rows == 2
    polls.feed.text = header.replace("sku,", "sku,name,") + "\n" + damaged * 2 + others
    polls.poll()
    assert [reason.code for reason in polls.state.reasons] == ["FEED_UNREADABLE_ROWS"]


def test_less_than_nothing_is_none_to_sell(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(HL_MS_400=(-3, "6.40"))
    polls.poll()
    assert world.offer().stock == 0
    assert polls.state.bad_rows == 0


def test_a_sign_that_a_good_file_showed_reads_the_next_and_a_file_without_any_is_not_applied(
    world: World, polls: PolledFeed
) -> None:
    whole = dict(polls.rows)
    polls.rows = {sku: (stock, "6.400") for sku, (stock, _) in whole.items()}
    polls.show()
    polls.poll()
    assert [reason.code for reason in polls.state.reasons] == ["FEED_NUMBERS_AMBIGUOUS"]
    assert polls.state.snapshot_at is None
    polls.rows = whole
    polls.show()
    polls.poll()
    assert polls.state.signs == {"cost": "."}
    polls.rows = {sku: (stock, "7.400") for sku, (stock, _) in whole.items()}
    polls.show()
    polls.poll()
    assert (polls.state.broken, world.offer().cost) == (False, unit_usd("7.40"))


def test_rows_of_foreign_skus_are_counted_not_errors(world: World, polls: PolledFeed) -> None:
    polls.show(ALIEN=(3, "1.00"))
    polls.poll()
    assert polls.state.unmapped == 1


def test_a_file_that_knows_the_vendors_ids_finds_the_offers(world: World, polls: PolledFeed) -> None:
    polls.rows = {f"vid-{sku}": row for sku, row in polls.rows.items()}
    polls.rows[f"vid-{SKU}"] = (3, "6.40")
    polls.show()
    polls.poll()
    assert world.offer().stock == 3
    assert polls.state.unmapped == 0


def test_a_cost_in_another_currency_is_parked_and_the_stock_taken(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.feed.text = "sku,qty,cost,currency\n" + "".join(
        f"{sku},{qty},{cost},{'EUR' if sku == SKU else 'USD'}\n" for sku, (qty, cost) in polls.rows.items()
    )
    polls.feed.text = polls.feed.text.replace("HL-MS-400,10,", "HL-MS-400,8,")
    polls.poll()
    assert (world.offer().stock, world.offer().cost) == (8, unit_usd("6.40"))
    assert world.facts(Key(CONTROL, "PARKED", f"feed#stock#COST_CURRENCY#{SKU}")) == ["COST_CURRENCY"]


def test_a_feed_that_cannot_be_reached_is_told_once(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.feed.faults.add("open_feed", *(Retryable("503") for _ in range(4)))
    polls.poll()
    assert world.facts(FEED) == ["RETRYABLE"]
    version = world.version(FEED)
    polls.poll()
    assert world.version(FEED) == version
    polls.poll()
    polls.poll()
    assert {reason.code for reason in polls.state.reasons} == {"RETRYABLE"}
    polls.poll()
    assert polls.state.reasons == ()
    assert world.offer().stock == 10


def test_a_feed_that_another_worker_applies_is_left_alone(world: World, polls: PolledFeed) -> None:
    polls.poll()
    stored = world.storage.get(FEED, FeedState)
    assert stored is not None
    held = stored.model.leased("other", world.clock.now() + timedelta(minutes=6))
    save_feed(world.storage, held, stored.version)
    polls.show(HL_MS_400=(1, "6.40"))
    polls.poll()
    assert world.offer().stock == 10
    polls.poll()
    assert world.offer().stock == 1, "the lease has ended"


def test_an_overtaken_worker_does_not_move_the_manifest(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(HL_MS_400=(3, "6.40"))
    overtaken: list[int] = []

    def meanwhile(name: str) -> None:
        if name == "dynamodb:BatchGetItem" and not overtaken:
            overtaken.append(1)
            stored = world.storage.get(FEED, FeedState)
            assert stored is not None
            save_feed(world.storage, stored.model.model_copy(update={"fence": 99, "owner": "b"}), stored.version)

    world.aws.before = meanwhile
    before = polls.state.snapshot
    polls.poll()
    assert polls.state.snapshot == before
    assert polls.state.fence == 99
    polls.poll()
    assert polls.state.snapshot != before, "the same difference is found again and applied"


def test_killed_at_any_call_the_next_poll_ends_as_if_nothing_happened(world: World, polls: PolledFeed) -> None:
    class Killed(BaseException):
        pass

    polls.poll()
    for number in range(1, 12):
        polls.show(HL_MS_400=(20 + number, "6.40"), SKU_2=(30 + number, "6.40"))
        seen: list[str] = []

        def kill(name: str, seen: list[str] = seen, number: int = number) -> None:
            seen.append(name)
            if len(seen) >= number:
                raise Killed

        world.aws.after = kill
        with suppress(Killed):
            polls.poll()
        world.aws.after = lambda name: None
        polls.poll()
        assert world.offer().stock == 20 + number
        assert world.offer("SKU-2").stock == 30 + number
        polls.poll()
        assert polls.state.owner == ""


def test_a_lost_part_is_compared_anew(world: World, polls: PolledFeed) -> None:
    polls.poll()
    world.snapshots.parts.clear()
    polls.show(HL_MS_400=(2, "6.40"))
    polls.poll()
    assert world.offer().stock == 2
    polls.show(HL_MS_400=(3, "6.40"))
    polls.poll()
    assert "1 changed" in polls.state.log[-1].what


@pytest.mark.parametrize(
    ("spelled", "stock"), [(("NEW-1",), 42), (("new -1",), 42), (("New-1\u200b",), 42), (("new-1", "New-1"), 0)]
)
def test_a_new_offer_gets_what_the_feed_said_before_it_was_known(
    world: World, polls: PolledFeed, spelled: tuple[str, ...], stock: int
) -> None:
    polls.poll()
    polls.feed.text += "".join(f"{sku},42,5.00\n" for sku in spelled)
    polls.poll()
    world.has_offer("NEW-1", stock=0, sellable=0, observed_at=NEVER)
    polls.poll(message("stock.news", connection="feed", resource="NEW-1"))
    assert world.offer("NEW-1").stock == stock
    assert (world.offer("NEW-1").cost == unit_usd("5.00")) == bool(stock)
    parked = world.storage.get_raw(Key(CONTROL, "PARKED", f"feed#stock#SKU_UNCLEAR#{spelled[0]}"))
    assert bool(parked) == (not stock), "told where neither is believed"


def test_reservations_stay_subtracted_and_a_shortage_is_negative(world: World, polls: PolledFeed) -> None:
    world.storage.commit([Reserve(OFFER, (("shop#1|line", 8),))])
    polls.poll()
    polls.show(HL_MS_400=(5, "6.40"))
    polls.poll()
    assert world.offer().sellable == -3


def test_bad_rows_and_gone_skus_are_kept_with_their_time_and_told_once_after_a_day(
    world: World, polls: PolledFeed
) -> None:
    polls.poll()
    polls.show(HL_MS_400=None)
    polls.feed.text += "SKU-NEW,many,6.40\n"
    polls.poll()
    began = world.clock.now()

    def seen() -> list[tuple[str, str]]:
        return [(problem.sku, problem.field) for problem in polls.state.problems]

    assert seen() == [("SKU-NEW", "stock"), (SKU, "sku")]
    for hours in (12, 11.9):
        polls.poll(minutes=hours * 60)  # 304: nothing but the clock moves
        assert world.facts(FEED) == []
    polls.poll(minutes=10)
    assert world.facts(FEED) == ["FEED_ROWS_BAD", "FEED_SKUS_GONE"]
    assert {problem.since for problem in polls.state.problems} == {began}
    polls.poll(minutes=24 * 60)
    assert world.facts(FEED) == [], "told once"
    polls.show(HL_MS_400=(3, "6.40"))
    polls.poll()
    assert (seen(), polls.state.bad_since, polls.state.told) == ([], None, ())
    assert world.offer().stock == 3


def test_bad_rows_alone_are_kept_and_told_also_while_the_breaker_is_open(world: World, polls: PolledFeed) -> None:
    polls.poll()
    for bad in (1, 2):
        polls.feed.text += "SKU-NEW,many,6.40\n"
        polls.poll()
        assert (polls.state.bad_rows, len(polls.state.problems)) == (bad, bad)
    polls.feed.text = "nonsense\n"
    polls.poll(minutes=23 * 60)
    assert world.facts(FEED) == ["FEED_HEADER"]
    polls.poll(minutes=2 * 60)
    assert world.facts(FEED) == ["FEED_ROWS_BAD"]


def test_a_gone_sku_that_comes_back_in_another_spelling_is_no_problem_any_more(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(HL_MS_400=None)
    polls.poll()
    assert [problem.sku for problem in polls.state.problems] == [SKU]
    polls.feed.text += f"{SKU.lower()}\u200b,4,6.40\n"
    polls.poll()
    assert (world.offer().stock, polls.state.problems) == (4, ())


def test_what_was_known_of_the_file_at_another_address_is_not_used_for_this_one(
    world: World, polls: PolledFeed
) -> None:
    polls.poll()
    assert polls.state.etag
    assert polls.state.signs
    moved = world.config.connections["feed"].model_copy(update={"url": "https://other.example.com/stock.csv"})
    world.config = world.config.model_copy(update={"connections": {**world.config.connections, "feed": moved}})
    polls.feed.text = "sku,qty,cost\n" + "".join(f"{sku},5,6.400\n" for sku in polls.rows)
    polls.poll()
    assert [reason.code for reason in polls.state.reasons] == ["FEED_NUMBERS_AMBIGUOUS"]


def test_a_gone_sku_that_nobody_offers_any_more_is_not_told(world: World, polls: PolledFeed) -> None:
    polls.poll()
    polls.show(HL_MS_400=None)
    polls.poll()
    world.change_offer(retired=True)
    polls.poll(minutes=25 * 60)
    assert (polls.state.problems, world.facts(FEED)) == ((), [])


def test_what_is_kept_of_problems_does_not_grow(world: World) -> None:
    state = FeedState(connection="feed")
    for number in range(30):
        state = state.gone_noted((), [f"SKU-{number}-{one}" for one in range(10)], world.clock.now())
    assert (len(state.problems), state.gone_more) == (50, 250)


@pytest.mark.parametrize("spelled", [f"{SKU.lower()} ", SKU.replace("-", " -")])
def test_a_row_that_spells_our_sku_otherwise_is_ours_where_no_other_may_be_meant(
    world: World, polls: PolledFeed, spelled: str
) -> None:
    def show(*names: str) -> None:
        polls.feed.text = feed_text([("SKU-1", 5, "6.40"), *((name, 4, "6.40") for name in names)])

    polls.poll()
    polls.rows.clear()
    world.change_offer(stock=9)
    show(spelled)
    world.config = config_with(max_missing_percent=100)
    polls.poll()
    assert world.offer().stock == 4, "its old spelling left the file, and it is no less in it"
    show(spelled, SKU.title())
    polls.poll()
    polls.feed.text = polls.feed.text.replace(",4,", ",7,")
    polls.poll()
    assert world.offer().stock == 4, "neither is believed"
    assert world.facts(Key(CONTROL, "PARKED", f"feed#stock#SKU_UNCLEAR#{SKU.title()}")) == ["SKU_UNCLEAR"]


def config_with(**fields: int) -> Config:
    """The world's configuration with another limit of the feed."""
    whole = config()
    feed = whole.connections["feed"].model_copy(update=fields)
    return whole.model_copy(update={"connections": {**whole.connections, "feed": feed}})
