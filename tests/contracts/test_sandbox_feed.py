"""The sandbox's stock file: live rows, conditional requests, and each way in which it goes wrong."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from local.sandbox.feed import HEADER, PATH, StockFeed
from local.sandbox.goods import ACCESSORIES, GOODS
from local.sandbox.inventory import Inventory
from local.sandbox.wire import Request, Response
from tests.contracts.sandbox_kit import CjDesk, Desk, basic, sample


class FeedDesk(Desk):
    """A feed and its reader."""

    def __init__(self) -> None:
        super().__init__()
        self.inventory = Inventory(self.clock())
        self.feed = StockFeed(self.world, self.inventory)

    def get(self, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        credentials = basic(self.feed.config.user, self.feed.config.password)
        return self.feed.handle(Request("GET", PATH, {}, credentials | named))

    def rows(self) -> dict[str, dict[str, str]]:
        return {row["sku"]: row for row in csv.DictReader(io.StringIO(self.get().body.decode()))}


@pytest.fixture
def desk() -> FeedDesk:
    return FeedDesk()


def test_the_file_has_every_article_and_the_samples_columns(desk: FeedDesk) -> None:
    rows = desk.rows()
    assert len(rows) == len(GOODS) + len(ACCESSORIES)
    assert rows["HL-UL-300"] == {
        "sku": "HL-UL-300",
        "qty": "2",
        "cost": "7.20",
        "currency": "USD",
        "updated": "2026-11-02T09:00:00Z",
    }
    assert ",".join(HEADER) == sample("suppliers/csv_feeds/feed_ok.csv").read_text().splitlines()[0]


def test_it_reports_the_same_live_stock_as_the_api() -> None:
    desk = CjDesk()
    feed = StockFeed(desk.world, desk.cj.inventory)
    request = Request("GET", PATH, {}, basic(feed.config.user, feed.config.password))
    desk.paid(HL_UL_300=1)
    assert b"HL-UL-300,1,7.20,USD" in feed.handle(request).body
    desk.cj.set_cost("HL-UL-300", Decimal("8"))
    assert b"HL-UL-300,1,8.00,USD" in feed.handle(request).body


def test_an_unchanged_file_is_304_by_etag_or_date(desk: FeedDesk) -> None:
    first = desk.get()
    desk.clock.forward(60)
    for condition in (
        {"if_none_match": first.headers["etag"]},
        {"if_none_match": f'"x", W/{first.headers["etag"]}'},
        {"if_modified_since": first.headers["last-modified"]},
    ):
        answer = desk.get(**condition)
        assert (answer.status, answer.body) == (304, b"")
    assert desk.get(if_none_match='"x"', if_modified_since=first.headers["last-modified"]).status == 200
    assert desk.get(if_modified_since="yesterday").status == 200


def test_a_change_is_200_with_a_new_etag_and_date(desk: FeedDesk) -> None:
    first = desk.get()
    desk.inventory.set_stock("ACC-001", 0, desk.clock())
    changed = desk.get(if_none_match=first.headers["etag"])
    assert changed.status == 200
    assert changed.headers["etag"] != first.headers["etag"]
    assert desk.get(if_modified_since=first.headers["last-modified"]).status == 200


def test_credentials_path_and_method_are_checked(desk: FeedDesk) -> None:
    assert desk.feed.handle(Request("GET", PATH)).status == 401
    assert desk.feed.handle(Request("GET", PATH, {}, basic("feed", "wrong"))).status == 401
    assert desk.feed.handle(Request("GET", "/other.csv")).status == 404
    assert desk.feed.handle(Request("POST", PATH)).status == 405


def test_a_truncated_file_ends_within_a_row_once(desk: FeedDesk) -> None:
    whole = desk.get().body
    desk.feed.truncate_next()
    cut = desk.get().body
    assert whole.startswith(cut)
    assert cut.endswith(b",")
    assert len(cut.splitlines()) < len(whole.splitlines())
    assert desk.get().body == whole


def test_two_rows_are_served_until_all_are_again(desk: FeedDesk) -> None:
    desk.feed.serve_rows(2)
    assert list(desk.rows()) == ["HL-MS-400", "HL-COB-350"]
    assert len(desk.rows()) == 2
    desk.feed.serve_rows(None)
    assert len(desk.rows()) > 2


def test_a_mistyped_cost_stays_in_the_file_only(desk: FeedDesk) -> None:
    desk.feed.mistype_cost("HL-KID-120", Decimal("0.32"))
    assert desk.rows()["HL-KID-120"]["cost"] == "0.32"
    assert desk.inventory["HL-KID-120"].cost == Decimal("3.20")
    desk.feed.mistype_cost("HL-KID-120", None)
    assert desk.rows()["HL-KID-120"]["cost"] == "3.20"
    with pytest.raises(KeyError):
        desk.feed.mistype_cost("NO-SUCH", Decimal(1))


def test_a_maintenance_page_comes_with_status_200(desk: FeedDesk) -> None:
    desk.feed.serve_html_error()
    page = desk.get()
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert desk.get().headers["content-type"] == "text/csv; charset=utf-8"


def test_a_stale_file_ignores_the_warehouse(desk: FeedDesk) -> None:
    desk.feed.stale()
    desk.inventory.set_stock("HL-UL-300", 0, desk.clock())
    assert desk.rows()["HL-UL-300"]["qty"] == "2"
    desk.feed.stale(False)
    assert desk.rows()["HL-UL-300"]["qty"] == "0"


@pytest.mark.parametrize(("behaviour", "status", "hang"), [("error_500", 500, False), ("timeout", 0, True)])
def test_faults_are_played(desk: FeedDesk, behaviour: str, status: int, hang: bool) -> None:
    desk.feed.faults.script("fetch", behaviour)
    answer = desk.get()
    assert (answer.status, answer.hang) == (status, hang)
    assert desk.get().status == 200


def test_impossible_stock_and_cost_are_refused(desk: FeedDesk) -> None:
    with pytest.raises(ValueError, match="ACC-001"):
        desk.inventory.set_stock("ACC-001", -1, desk.clock())
    with pytest.raises(ValueError, match="ACC-001"):
        desk.inventory.set_cost("ACC-001", Decimal(-1), desk.clock())


def test_titles_stand_in_the_second_column_as_they_are_given(desk: FeedDesk) -> None:
    desk.feed.serve_titles({"HL-UL-300": '"Lamp 24""'})
    lines = desk.get().body.decode().splitlines()
    assert lines[0].startswith("sku,title,qty,")
    assert 'HL-UL-300,"Lamp 24"",2,7.20,USD,2026-11-02T09:00:00Z' in lines
    assert any(line.startswith("HL-MS-400,HL-MS-400,") for line in lines)
    desk.feed.serve_titles(None)
    assert desk.rows()["HL-UL-300"]["qty"] == "2"
