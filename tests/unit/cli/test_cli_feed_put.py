"""orderwright feed put: a file goes where its feed reads it, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from orderwright.bootstrap_parts import Parts
from orderwright.domain.catalogue import NEVER
from orderwright.ports.out import KeptFile, RemoteFile
from tests.support.shop import FEED
from tests.unit.cli.cli_kit import Operator

ROWS = b"sku,qty,cost\nA,1,1.00\n"


def read_from(operator: Operator, url: str, **more: str) -> None:
    """The shop's feed lies there from now on."""
    text = operator("export").out
    settings = yaml.safe_load(text)
    settings["connections"][FEED]["url"] = url
    settings["connections"][FEED] |= more
    comments = "".join(line + "\n" for line in text.splitlines() if line.startswith("#"))
    said = operator("apply", "-", "--yes", "--why", "by hand", stdin=comments + yaml.safe_dump(settings))
    assert said.code == 0, said.err


class Kept:
    """A bucket in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, name: str, data: bytes, *, lasts: bool = False) -> None:
        assert lasts, "what an operator puts there is no file of an order"
        self.files[name] = data

    def read(self, name: str) -> KeptFile:
        return KeptFile(self.files[name], name, NEVER)

    def entries(self, start: str) -> list[RemoteFile]:
        return [RemoteFile(name, len(data), NEVER, name) for name, data in self.files.items() if name.startswith(start)]


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> Kept:
    kept = Kept()
    monkeypatch.setattr(Parts, "_files", lambda self, connection: kept)
    return kept


@pytest.mark.parametrize(("url", "name"), [("files://stock.csv", "stock.csv"), ("files://in/today*", "in/today.csv")])
def test_a_file_is_put_under_the_name_that_its_feed_reads(
    operator: Operator, tmp_path: Path, url: str, name: str
) -> None:
    read_from(operator, url)
    file = tmp_path / "today.csv"
    file.write_bytes(ROWS)
    said = operator("feed", "put", FEED, str(file), "--json")
    assert said.json == {"feed": FEED, "name": name, "bytes": len(ROWS)}
    checked = operator("feed", "check", "--feed", FEED, "--json").json
    assert (checked["rows"], checked["source"]) == (1, url)


def test_what_its_feed_would_not_read_is_told_and_a_marker_comes_with_it(
    operator: Operator, tmp_path: Path, bucket: Kept
) -> None:
    read_from(operator, "files://in/today*", done_marker=".done")
    bucket.files = {"in/today-2.csv": ROWS, "in/today-2.csv.done": b""}
    for name, code in (("today-1.csv", 1), ("today-2.csv", 0), ("today-3.csv", 0)):
        (tmp_path / name).write_bytes(ROWS)
        assert bool(operator("feed", "put", FEED, str(tmp_path / name)).code) == bool(code)
    assert sorted(bucket.files) == [f"in/today-{number}.csv{end}" for number in (2, 3) for end in ("", ".done")]


def test_what_is_no_file_of_the_feed_is_not_put(operator: Operator, tmp_path: Path) -> None:
    file, empty = tmp_path / "other.csv", tmp_path / "today.csv"
    file.write_bytes(ROWS)
    empty.write_bytes(b"")
    assert "reads another place" in operator("feed", "put", FEED, str(file)).err
    read_from(operator, "files://today*.csv")
    assert "is no name that" in operator("feed", "put", FEED, str(file)).err
    assert "0 bytes" in operator("feed", "put", FEED, str(empty)).err
    assert "cannot be read" in operator("feed", "put", FEED, str(tmp_path / "today-none.csv")).err
