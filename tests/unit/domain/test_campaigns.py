"""Campaigns and announced costs: when they count by the shop's clock, and what they make of a price. Promises P4 and P13."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orderwright.domain.catalogue import Offer, SkuRecord
from orderwright.domain.config import Config
from orderwright.domain.listing import Listing, Place
from orderwright.domain.money import Money
from orderwright.domain.repricing.campaigns import instant, span_of
from orderwright.domain.repricing_rules import Campaign
from orderwright.domain.shown_price import PublishedPrice, step_allowed
from orderwright.records import SkuFile, Stored
from orderwright.usecases.listing.decide import decide
from tests.support.catalogue_world import SKU
from tests.support.catalogue_world import config as shop_config
from tests.support.fakes import unit_usd, usd

BEGINS, ENDS = datetime(2026, 11, 27, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REGULAR = "22.99"  # (6.40 + 2.90) x 2.4 = 22.32, up to .99


def campaign(**fields: Any) -> dict[str, Any]:
    """20 % off from Friday to Sunday."""
    given = {"begins": BEGINS.isoformat(), "ends": ENDS.isoformat(), "percent": "20", **fields}
    return {name: value for name, value in given.items() if value is not None}


def rules(to: tuple[str, ...] = ("US",), zone: str = "UTC", **campaigns: dict[str, Any]) -> Config:
    made = shop_config(campaigns=campaigns, ship_to_countries=list(to))
    return made.model_copy(update={"merchant": made.merchant.model_copy(update={"time_zone": zone})})


class Shelf:
    """A SKU in one store, with what is decided pushed at once unless `push` says otherwise."""

    def __init__(self, config: Config, days: float = 60, history: tuple[PublishedPrice, ...] | None = None) -> None:
        self.config, self.offer = config, Offer(
            sku=SKU, supplier="cj", supplier_sku="x", cost=unit_usd("6.40"), freight=unit_usd("2.90"), stock=9, sellable=9,
            observed_at=BEGINS - 9 * DAY, cost_observed_at=BEGINS - 9 * DAY,
        )  # fmt: skip
        shown = (PublishedPrice(price=usd(REGULAR), at=BEGINS - timedelta(days=days)),)
        self.listing = Listing(
            sku=SKU, store="shop", variant_id="v", desired_price=usd(REGULAR), published_price=usd(REGULAR),
            price_history=shown if history is None else history,
        )  # fmt: skip

    def at(self, now: datetime, *, push: bool = True, **rules: Any) -> Listing:
        """Decided then; twice, since the same inputs again change nothing."""
        file = SkuFile(SKU, Stored(SkuRecord(sku=SKU, title="Lamp"), 1), {"cj": Stored(self.offer, 1)})
        self.listing = decide(file, self.listing, self.config, now)
        assert decide(file, self.listing, self.config, now) == self.listing
        assert self.listing.review_at is None or self.listing.review_at > now
        price = self.listing.wanted_price
        if push and price is not None and price != self.listing.published_price:
            self.listing = self.listing.put_on_sale(
                Place("v", "p", "i", "l"), price, 9, None, now + timedelta(minutes=1)
            )
        return self.listing


def price_at(shelf: Shelf, now: datetime) -> str:
    return str(shelf.at(now).desired_price)


@pytest.mark.parametrize(
    ("clock", "later", "utc"),
    [
        ("2026-11-27T00:00", False, "2026-11-26T22:00"),
        ("2026-03-29T03:30", False, "2026-03-29T01:00"),  # left out: the clock goes from 3 to 4
        ("2026-03-29T03:30", True, "2026-03-29T01:00"),
        ("2026-03-29T04:00", False, "2026-03-29T01:00"),
        ("2026-10-25T03:30", False, "2026-10-25T00:30"),  # shown twice
        ("2026-10-25T03:30", True, "2026-10-25T01:30"),
        ("2026-11-27T00:00+05:00", True, "2026-11-26T19:00"),
    ],
)
def test_the_shops_clock_in_helsinki(clock: str, later: bool, utc: str) -> None:
    found = instant(datetime.fromisoformat(clock), "Europe/Helsinki", later=later)
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_a_campaign_of_the_hour_that_is_shown_twice_lasts_two_hours() -> None:
    both = Campaign.model_validate(campaign(begins="2026-10-25T03:00", ends="2026-10-25T03:59"))
    span = span_of("x", both, "Europe/Helsinki")
    assert span.ends - span.begins == HOUR + timedelta(minutes=59)


def test_it_begins_and_ends_by_itself_and_says_when_to_look_again() -> None:
    shelf = Shelf(rules(black=campaign()))
    before = shelf.at(BEGINS - HOUR)
    assert (str(before.desired_price), before.review_at) == ("22.99 USD", BEGINS)
    running = shelf.at(BEGINS)
    # 22.99 x 0.8 = 18.392: to the cent, not to .99, so that 20 % is what it says
    assert (str(running.desired_price), running.review_at) == ("18.40 USD", ENDS)
    assert "campaign 'black' until 2026-11-30 00:00 (UTC): 20 % off 22.99 USD" in running.why
    assert (str(running.desired_compare_at), running.pending_price) == ("22.99 USD", None)
    over = shelf.at(ENDS)
    # 22.99 is more than 20 % above 18.40: the step back counts from the price before, which was shown.
    assert (str(over.desired_price), over.pending_price, over.review_at) == ("22.99 USD", None, None)
    assert over.desired_compare_at is None
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd("9.40")})
    later = shelf.at(ENDS + 2 * HOUR)
    assert str(later.pending_price) == "29.99 USD", "and only that step"


def test_its_price_stays_the_same_while_it_lasts_and_cost_moves_it_only_by_the_floor() -> None:
    shelf = Shelf(rules(black=campaign(ends=(BEGINS + 50 * DAY).isoformat())))
    assert price_at(shelf, BEGINS) == "18.40 USD"
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd("7.60")})
    assert price_at(shelf, BEGINS + DAY) == "18.40 USD"
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd("14.60")})
    lifted = shelf.at(BEGINS + 45 * DAY)  # the price of before has left the history
    assert (str(lifted.desired_price), lifted.desired_price == lifted.floor) == ("19.45 USD", True)
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd("6.40")})
    assert price_at(shelf, BEGINS + 46 * DAY) == "18.40 USD"


def test_a_missed_begin_counts_from_the_price_of_then_and_a_missed_end_ends() -> None:
    shelf = Shelf(rules(black=campaign()))
    shelf.at(BEGINS - DAY)
    assert price_at(shelf, BEGINS + DAY) == "18.40 USD"
    assert price_at(shelf, ENDS + 5 * DAY) == "22.99 USD"
    never = Shelf(rules(black=campaign()))
    never.at(BEGINS - DAY)
    assert price_at(never, ENDS + 5 * DAY) == "22.99 USD"


def test_the_first_that_fits_counts_and_one_taken_out_ends_at_once() -> None:
    wide, own = campaign(percent="10"), campaign(percent=None, price="20.00 USD", skus=[SKU])
    shelf = Shelf(rules(own=own, wide=wide))
    assert price_at(shelf, BEGINS) == "20.00 USD"
    shelf.config = rules(wide=wide)
    assert price_at(shelf, BEGINS + HOUR) == "20.70 USD", (
        "10 % off the price when it began, not off the other campaign's"
    )
    shelf.config = rules(
        other=campaign(skus=["OTHER"]), euro=campaign(currencies=["EUR"]), far=campaign(categories=["x"])
    )
    over = shelf.at(BEGINS + DAY)
    assert (str(over.desired_price), over.pending_price) == ("22.99 USD", None)


def test_a_step_beyond_the_limit_waits_and_nothing_has_to_return() -> None:
    shelf = Shelf(rules(black=campaign(percent="40")))
    waits = shelf.at(BEGINS)
    assert (str(waits.pending_price), str(waits.desired_price)) == ("13.80 USD", "22.99 USD")
    assert waits.desired_compare_at is None
    shelf.listing = waits.approved()
    assert price_at(shelf, BEGINS + HOUR) == "13.80 USD"
    assert price_at(shelf, ENDS) == "22.99 USD"


def test_a_price_in_another_currency_is_converted_and_without_a_rate_of_today_the_price_stays() -> None:
    made = shop_config(
        campaigns={"black": campaign(percent=None, price="16.00 EUR")}, ship_to_countries=["US"], fx_max_age_days=2,
        fx=[{"currency": "EUR", "rate": "1.20", "dated": BEGINS.date().isoformat()}],
    )  # fmt: skip
    shelf = Shelf(made)
    assert price_at(shelf, BEGINS) == "19.20 USD"
    stale = shelf.at(BEGINS + timedelta(days=2, hours=23))
    assert (str(stale.desired_price), stale.notes) == ("19.20 USD", ())
    late = Shelf(made.model_copy(update={"rules": made.rules.model_copy(update={"fx_max_age_days": 1})}))
    held = late.at(BEGINS + 2 * DAY)
    assert (str(held.desired_price), [note.code for note in held.notes]) == ("22.99 USD", ["RATE_STALE"])


@pytest.mark.parametrize(
    ("to", "days", "low", "struck", "note"),
    [
        ("US", 60, "", "22.99 USD", "before campaign 'black'"),
        ("FI", 60, "", "22.99 USD", "the lowest price of the 30 days before campaign 'black'"),
        ("FI", 60, "20.00", "20.00 USD", "the lowest price"),
        ("US", 60, "20.00", "22.99 USD", "before"),
        ("FI", 29, "", "None", "not known (EU)"),
        ("FI", 60, "18.00", "None", "is not above the price"),
    ],
)
def test_the_price_struck_through(to: str, days: float, low: str, struck: str, note: str) -> None:
    history = [PublishedPrice(price=usd(REGULAR), at=BEGINS - timedelta(days=days))]
    if low:
        history += [
            PublishedPrice(price=usd(low), at=BEGINS - 3 * DAY),
            PublishedPrice(price=usd(REGULAR), at=BEGINS - DAY),
        ]
    shelf = Shelf(rules((to,), black=campaign()), history=tuple(history))
    running = shelf.at(BEGINS)
    assert (str(running.desired_compare_at), note in running.compare_at_note) == (struck, True), running.compare_at_note
    assert shelf.at(BEGINS + 2 * DAY).desired_compare_at == running.desired_compare_at
    quiet = Shelf(rules((to,), black=campaign(compare_at=False)), history=tuple(history)).at(BEGINS)
    assert (quiet.desired_compare_at, quiet.compare_at_note) == (None, "")


def test_one_that_begins_when_another_ends_counts_that_price_as_shown() -> None:
    second = campaign(begins=ENDS.isoformat(), ends=(ENDS + DAY).isoformat(), percent="15")
    shelf = Shelf(rules(("FI",), black=campaign(), cyber=second))
    shelf.at(BEGINS)
    running = shelf.at(ENDS)
    assert str(running.desired_price) == "15.64 USD", "15 % off 18.40"
    assert str(running.desired_compare_at) == "18.40 USD"
    back = shelf.at(ENDS + DAY)
    assert (str(back.desired_price), back.pending_price) == ("22.99 USD", None), "the step counts from before both"


def test_without_a_known_price_it_counts_from_the_rules_aim() -> None:
    shelf = Shelf(rules(black=campaign()), history=())
    assert price_at(shelf, BEGINS) == "18.40 USD"
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd("7.60")})
    assert price_at(shelf, BEGINS + DAY) == "18.40 USD"


@given(
    percent=st.none() | st.integers(1, 99),
    price=st.integers(1, 9_000),
    cost=st.integers(50, 4_000),
    most=st.none() | st.integers(900, 5_000),
    hours=st.lists(st.integers(-30, 140), min_size=1, max_size=4).map(sorted),
)
def test_p4_a_campaign_holds_floor_ceiling_and_step_and_ends(
    percent: int | None, price: int, cost: int, most: int | None, hours: list[int]
) -> None:
    money = usd(f"{price / Decimal(100):.2f}")
    fields = {"percent": percent, "price": None if percent else f"{money.decimal} USD"}
    made = rules(black=campaign(**fields))
    if most is not None:
        one = {"name": "all", "markup": "2.4", "msrp": f"{Decimal(most) / 100:.2f} USD"}
        made = Config.model_validate({**made.model_dump(), "rules": {**made.rules.model_dump(), "prices": [one]}})
    shelf = Shelf(made)
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd(f"{Decimal(cost) / 100:.2f}")})
    for hour in hours:
        before = shelf.listing
        after = shelf.at(BEGINS + hour * HOUR)
        wanted: Money | None = after.wanted_price
        if wanted is not None and after.floor is not None:
            assert after.floor <= wanted
            assert after.ceiling is None or wanted <= after.ceiling
            froms = [before.published_price, before.campaign.regular if before.campaign else None]
            assert any(step_allowed(old, wanted, Decimal(20)) for old in froms if old is not None)
    last = shelf.at(ENDS + 40 * DAY)
    assert last.campaign is None or last.campaign.over


@pytest.mark.parametrize(
    ("announced", "observed", "hours", "cost"),
    [
        ([{"since": "2026-11-27", "cost": "7.40 USD"}], -24, -1, "6.40"),
        ([{"since": "2026-11-27", "cost": "7.40 USD"}], -24, 0, "7.40"),
        ([{"since": "2026-11-27", "percent": "10"}], -24, 0, "7.04"),
        ([{"since": "2026-11-27", "percent": "10"}, {"since": "2026-11-28", "percent": "10"}], -24, 24, "7.744"),
        ([{"since": "2026-11-27", "cost": "7.40 USD"}], 0, 0, "7.40"),  # a report of the same moment
        ([{"since": "2026-11-27", "cost": "7.40 USD"}], 1, 2, "6.40"),  # the report is newer
        ([{"since": "2026-11-27", "cost": "5.40 USD"}], -24, 5, "6.40"),  # a fall counts once it is reported
        ([{"since": "2026-11-27", "percent": "-10"}], -24, 5, "6.40"),
        ([{"since": "2026-11-27", "cost": "7.40 USD", "skus": ["OTHER"]}], -24, 5, "6.40"),
        ([{"since": "2026-11-27", "cost": "7.40 USD", "supplier": "other"}], -24, 5, "6.40"),
    ],
)
def test_p13_an_announced_rise_lifts_the_floor_from_its_day_in_the_shops_zone(
    announced: list[dict[str, Any]], observed: int, hours: int, cost: str
) -> None:
    midnight = datetime(2026, 11, 26, 22, tzinfo=UTC)  # in Helsinki
    made = shop_config(announced_costs=[{"supplier": "cj", **one} for one in announced])
    made = made.model_copy(update={"merchant": made.merchant.model_copy(update={"time_zone": "Europe/Helsinki"})})
    shelf = Shelf(made)
    shelf.offer = shelf.offer.model_copy(update={"cost_observed_at": midnight + observed * HOUR})
    found = shelf.at(midnight + hours * HOUR)
    assert found.floor == Money.of((Decimal(cost) + Decimal("2.90")) * 100 / 90, "USD", up=True)
    assert ("announced for" in found.why) == (cost != "6.40")
    if hours < 0:
        assert found.review_at == midnight


@pytest.mark.parametrize(
    ("moves", "cost", "price", "notes"),
    [
        ({"competitors": {}}, "6.40", "22.99 USD", ["COMPETITOR_ABSENT"]),
        ({"slow_movers": {"after_days": 90, "lower_percent": 5}}, "7.60", "25.99 USD", []),
    ],
)
def test_back_from_it_neither_the_daily_bound_nor_a_competitor_that_nobody_knows_holds_the_price(
    moves: dict[str, Any], cost: str, price: str, notes: list[str]
) -> None:
    rule = {"name": "all", "markup": "2.4", "bounds": {"per_day_percent": "1", "percent": "20"}, **moves}
    made = rules(black=campaign())
    made = Config.model_validate({**made.model_dump(), "rules": {**made.rules.model_dump(), "prices": [rule]}})
    without = made.model_copy(update={"rules": made.rules.model_copy(update={"campaigns": {}})})
    for config, end in ((made, ENDS), (without, BEGINS + 2 * DAY)):
        shelf = Shelf(made)
        assert price_at(shelf, BEGINS) == "18.40 USD"
        shelf.offer, shelf.config = shelf.offer.model_copy(update={"cost": unit_usd(cost)}), config
        over = shelf.at(end)
        assert (str(over.desired_price), over.pending_price) == (price, None)
        assert [note.code for note in over.notes] == notes


@pytest.mark.parametrize(
    ("moves", "cost", "price", "pending"),
    [
        ({"slow_movers": {"after_days": 90, "lower_percent": 5}}, "9.40", "26.24 USD", "None"),  # 1 % a day
        ({"competitors": {}}, "7.60", "25.99 USD", "None"),  # the price shown stays, not the one before
        ({}, "5.30", "25.99 USD", "19.99 USD"),  # 20 % less than 22.99, and more than that less than 25.99
    ],
)
def test_p4_once_the_price_is_back_every_bound_counts_from_it(
    moves: dict[str, Any], cost: str, price: str, pending: str
) -> None:
    shelf = Shelf(rules(black=campaign()))
    shelf.at(BEGINS)
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd("7.60")})
    assert price_at(shelf, ENDS) == "25.99 USD"
    rule = {"name": "all", "markup": "2.4", "bounds": {"per_day_percent": "1", "percent": "20"}, **moves}
    given = shelf.config.model_dump()
    shelf.config = Config.model_validate({**given, "rules": {**given["rules"], "prices": [rule]}})
    shelf.offer = shelf.offer.model_copy(update={"cost": unit_usd(cost)})
    later = shelf.at(ENDS + 5 * DAY)
    assert (str(later.desired_price), str(later.pending_price)) == (price, pending)


@pytest.mark.parametrize("case", ["written late", "prolonged after its end"])
def test_in_the_eu_what_is_struck_through_was_the_lowest_price_before_it_was_reduced(case: str) -> None:
    shelf = Shelf(rules(("FI",)))
    if case == "written late":
        shown = PublishedPrice(price=usd("20.00"), at=BEGINS + HOUR)
        shelf.listing = shelf.listing.model_copy(
            update={"price_history": (*shelf.listing.price_history, shown), "published_price": shown.price}
        )
        shelf.config = rules(("FI",), black=campaign())
        running = shelf.at(BEGINS + DAY)
        assert (str(running.desired_price), str(running.desired_compare_at)) == ("18.40 USD", "20.00 USD")
        return
    shelf.config = rules(("FI",), black=campaign())
    shelf.at(BEGINS)
    assert price_at(shelf, ENDS) == "22.99 USD"
    shelf.config = rules(("FI",), black=campaign(ends=(ENDS + 9 * DAY).isoformat()))
    again = shelf.at(ENDS + DAY)
    assert (str(again.desired_price), again.desired_compare_at) == ("18.40 USD", None)
