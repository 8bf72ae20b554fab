"""One piece of the stock file's measurement, in a process of its own: `python -m local.bench.feed_work WHAT FOLDER ROWS`.

make    two files that differ in every hundredth row
reader  the unit: csv.reader over the second file, opened as text, nothing kept
first   all of the first file, against nothing; keeps its snapshot
diff    all of the second file, against the snapshot
sheet   a workbook of ROWS rows and six columns: its time beside that of `import boto3`, its memory above that before
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

CHANGED_EVERY = 100


class _Open:
    """No credentials: a feed that anybody may read."""

    def secret(self, name: str) -> str:
        """Raises Misconfigured, as for a connection without secrets."""
        from orderwright.errors import Misconfigured

        raise Misconfigured(f"no {name} is set")


_OPEN: Any = _Open()


def _feed(folder: Path, number: int) -> Path:
    return folder / f"feed-{number}.csv.gz"


def make(folder: Path, rows: int) -> dict[str, Any]:
    """Both files; the same on every machine."""
    for number in range(2):
        dice = random.Random(1)
        lines = ["sku,qty,cost,currency,updated\n"]
        for row in range(rows):
            stock, cost = dice.randrange(200), dice.randrange(50, 20_000)
            if number and row % CHANGED_EVERY == 0:
                stock += 1
            lines.append(f"SKU-{row:07d},{stock},{cost // 100}.{cost % 100:02d},USD,2026-01-05T10:00:00Z\n")
        _feed(folder, number).write_bytes(gzip.compress("".join(lines).encode(), 6, mtime=0))
    return {}


def reader(folder: Path, rows: int) -> dict[str, Any]:
    """csv.reader and nothing else."""
    import csv

    began = time.process_time()
    count = 0
    with gzip.open(_feed(folder, 1), "rt", encoding="utf-8", newline="") as text:
        for _ in csv.reader(text):
            count += 1
    if count != rows + 1:
        raise RuntimeError(f"{count} lines where {rows} rows and a header should be")
    return {"cpu": time.process_time() - began}


def peak_mb() -> float:
    """The most memory that this process held since its program began."""
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage would still know the memory of the process that this one was forked from.
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def compared(folder: Path, number: int) -> dict[str, Any]:
    """Unpack and read one file, compare it with the snapshot that is there, keep the new one."""
    from datetime import timedelta

    from orderwright.bootstrap import SystemClock
    from orderwright.connectors.context import Context
    from orderwright.connectors.feeds.csv.feed import CsvFeedConnector
    from orderwright.connectors.feeds.csv.loading import load_feed
    from orderwright.connectors.feeds.csv.rows import FeedReader
    from orderwright.connectors.feeds.csv.settings import CsvSettings
    from orderwright.connectors.http import HttpAnswer
    from orderwright.domain.stock_diff import FeedStats, diff_shard, judge_feed

    settings = CsvSettings(kind="csv", url="https://feed.example.com/stock.csv.gz", offers_of="supplier")
    body = _feed(folder, number).read_bytes()
    began = time.process_time()
    whole = HttpAnswer(200, {}, body)
    context = Context("feed", settings, _OPEN, lambda *_: whole, SystemClock(), timedelta(minutes=1))
    lines = CsvFeedConnector(context).open_feed("").lines
    assert lines is not None
    loaded = load_feed(FeedReader(lines, settings), settings)
    counts, changed, size = [], 0, 0
    for shard in range(settings.shards):
        part = folder / f"part-{shard}"
        packed, kept = loaded.shards.take(shard)
        diff = diff_shard(part.read_bytes() if number else None, packed, kept)
        del packed
        counts.append(diff.counts)
        changed += sum(1 for _ in diff.changed())
        size += len(diff.snapshot)
        (folder / f"part-{shard}" if not number else folder / "new").write_bytes(diff.snapshot)
    verdict = judge_feed(FeedStats(loaded.shards.rows, loaded.bad_rows, counts), settings)
    assert verdict.ok, verdict.message
    cpu = time.process_time() - began
    return {"cpu": cpu, "peak": peak_mb(), "changed": changed, "snapshot": size}


def sheet(folder: Path, rows: int) -> dict[str, Any]:
    """Make a workbook, and read it."""
    began = time.process_time()
    import boto3  # noqa: F401

    unit = time.process_time() - began
    from orderwright.connectors.feeds.csv.container import content_of
    from orderwright.connectors.feeds.csv.loading import load_feed
    from orderwright.connectors.feeds.csv.rows import FeedReader
    from orderwright.connectors.feeds.csv.settings import CsvSettings

    _make_sheet(folder / "stock.xlsx", rows)
    settings = CsvSettings(kind="csv", url="https://feed.example.com/stock.xlsx", offers_of="supplier")
    before, began = peak_mb(), time.process_time()
    content = load_feed(FeedReader(content_of("feed", [(folder / "stock.xlsx").read_bytes()]), settings), settings)
    cpu = time.process_time() - began
    if (content.shards.rows, content.bad_rows) != (rows, 0):
        raise RuntimeError(f"{content.shards.rows} rows were read, and {content.bad_rows} could not be")
    return {"cpu": cpu, "unit": unit, "peak": peak_mb() - before}


def _make_sheet(file: Path, rows: int) -> None:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    links = "<Relationships xmlns='{}/relationships'><Relationship Id='a' Type='{}/{}' Target='{}'/></Relationships>"
    listed = "<sheets><sheet name='A' sheetId='1' r:id='a'/></sheets>"
    parts = {
        "_rels/.rels": links.format(package, office, "officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f"<workbook xmlns='{main}' xmlns:r='{office}'>{listed}</workbook>",
        "xl/_rels/workbook.xml.rels": links.format(package, office, "worksheet", "worksheets/a.xml"),
    }
    dice, text = random.Random(1), "<c t='inlineStr'><is><t>{}</t></is></c>"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
        with archive.open("xl/worksheets/a.xml", "w") as cells:
            heads = "".join(map(text.format, ("sku", "qty", "cost", "currency", "title", "updated")))
            cells.write(f"<worksheet xmlns='{main}'><sheetData><row>{heads}</row>".encode())
            for row in range(rows):
                cost = f"<c><v>{dice.randrange(200)}</v></c><c><v>{dice.randrange(50, 20_000) / 100}</v></c>"
                line = text.format(f"SKU-{row:07d}") + cost + text.format("USD") + text.format(f"Lamp {row}")
                cells.write(f"<row>{line}<c><v>{46_000 + row % 300}</v></c></row>".encode())
            cells.write(b"</sheetData></worksheet>")


def main() -> None:
    """Print one line of JSON."""
    what, folder, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if what == "make":
        found = make(folder, rows)
    elif what == "reader":
        found = reader(folder, rows)
    elif what == "sheet":
        found = sheet(folder, rows)
    else:
        found = compared(folder, 0 if what == "first" else 1)
        found["expected"] = rows if what == "first" else -(-rows // CHANGED_EVERY)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
