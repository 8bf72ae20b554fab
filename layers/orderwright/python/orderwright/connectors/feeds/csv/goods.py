"""A stock file's rows as goods. The whole file is read before the first of them is given: a cut one gives none.

What a row says waits in a file of its own until then: texts of a catalogue are too much for memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import Any

from orderwright.connectors.feeds.csv.broken import FeedBroken
from orderwright.connectors.feeds.csv.cells import BadCell, ColumnSign, Costs, SignUnknown, unspoilt
from orderwright.connectors.feeds.csv.form import FeedForm, goods_places
from orderwright.connectors.feeds.csv.rows import FeedReader, RowTexts
from orderwright.connectors.feeds.csv.settings import CsvSettings
from orderwright.domain.catalogue import SkuRecord
from orderwright.domain.check_digits import is_gtin
from orderwright.domain.config_values import heading_fault
from orderwright.domain.stock_diff import Row, cost_in
from orderwright.domain.territories import destination_fault
from orderwright.domain.unit_cost import UnitCost
from orderwright.ports.feed import BadRow, GoodsRow

_MOST_FREIGHTS = 50_000
_IN_MEMORY = 8 * 1024 * 1024
_MOST_WAITING = 200 * 1024 * 1024
"""Bytes of all rows together, on the disk of the worker, which may hold the zip (MOST_ZIPPED) as well."""
_BEFORE_A_PICTURE = re.compile(r"[\s|;,]+(?=https?://)", re.IGNORECASE)
_BETWEEN_TAGS = re.compile(r"[|;,>/]")
_GRAMS = re.compile(r"(\d{1,7})(?:[.,]0+)?", re.ASCII)


def read_goods(pieces: Iterable[bytes], settings: CsvSettings, signs: Mapping[str, str]) -> Iterator[GoodsRow | BadRow]:
    """The rows, good and bad, once all of them were read. Raises FeedBroken before the first of them, or Retryable."""
    with SpooledTemporaryFile(_IN_MEMORY) as waiting:
        places, freights = dict[str, int](), set[str]()

        def keep(texts: RowTexts, cells: list[str], form: FeedForm) -> None:
            if not places:
                places.update(goods_places(form, settings))
            if "freight" in places and len(freights) < _MOST_FREIGHTS:
                freights.add(cells[places["freight"]].strip())
            waiting.write(json.dumps([*texts, *(unspoilt(cells[place]) for place in places.values())]).encode() + b"\n")
            if waiting.tell() > _MOST_WAITING:
                raise FeedBroken("FEED_TOO_LARGE", f"its texts have more than {_MOST_WAITING // 1024 // 1024} MiB")

        reader = FeedReader(pieces, settings, signs, keep)
        for _, bad, _ in reader.portions():
            for row in bad:
                waiting.write(json.dumps(row).encode() + b"\n")
        if reader.form:
            goods_places(reader.form, settings)  # of a file without any row too
        waiting.seek(0)
        yield from _Goods(reader, settings, tuple(places), freights).rows(map(json.loads, waiting))


class _Goods:
    def __init__(
        self, reader: FeedReader, settings: CsvSettings, names: tuple[str, ...], freights: Iterable[str]
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._names = names
        assert settings.catalogue is not None
        self._columns = settings.catalogue
        self._freight_sign = ColumnSign(
            self._columns.freight, settings.decimal_sign, reader.known_signs.get(settings.cost_column, "")
        )
        # All that differ are looked at before the first row is given: some show the sign, or two different ones.
        for text in (text for text in freights if text.strip("0.,")):
            with suppress(BadCell, SignUnknown):
                self._freight_sign.read(text)
        self._freights: dict[str, Costs] = {}
        self._lines: dict[str, int] = {}

    def rows(self, waiting: Iterable[list[Any]]) -> Iterator[GoodsRow | BadRow]:
        of_row = len(RowTexts._fields)
        for row in waiting:
            if len(row) == len(BadRow._fields):
                yield BadRow(*row)
                continue
            texts = RowTexts(*row[:of_row])
            for value in self._reader.values(texts).good:
                if value[2] is not None or not self._settings.tells_cost:
                    yield self._one(texts.line, value, dict(zip(self._names, row[of_row:], strict=True)))

    def _one(self, line: int, row: Row, cells: Mapping[str, str]) -> GoodsRow | BadRow:
        sku, bad = row[0], list[BadRow]()
        before = self._lines.setdefault(sku, line)
        if before != line and not self._settings.warehouse_column:
            return BadRow(line, "sku", f"is in line {before} already", sku)
        title = " ".join(cells["title"].split())
        if not title:
            return BadRow(line, "title", "is empty", sku)
        try:
            freight = self._freight(cells.get("freight", ""), row[3].partition("\t")[0])
        except BadCell as error:
            return BadRow(line, "freight", str(error), sku)

        def code(name: str, text: str, why: str) -> str:
            """The code, or none with the reason."""
            if text and why:
                bad.append(BadRow(line, name, f"{why}; left out", sku))
            return "" if why else text

        gtin = re.sub(r"[\s-]|^=\"|\"$", "", cells.get("gtin", ""))
        heading, origin = re.sub(r"[\s.]", "", cells.get("hs6", "")), cells.get("origin", "").strip().upper()
        grams, tags = cells.get("weight_grams", "").strip(), _BETWEEN_TAGS.split(cells.get("tags", ""))
        weight = _GRAMS.fullmatch(grams)
        code("weight_grams", grams, "" if weight else "is not a whole number of grams")
        record = SkuRecord(
            sku=sku,
            title=title,
            description_html=cells.get("description", "").strip(),
            images=tuple(dict.fromkeys(url for name, text in cells.items() if name.startswith("images")
                                       for url in _BEFORE_A_PICTURE.split(text.strip()) if url)),
            category=cells.get("category", "").strip(),
            tags=tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip())),
            brand=cells.get("brand", "").strip(),
            gtin=code("gtin", gtin, "" if is_gtin(gtin) else "is no GTIN: 8, 12, 13 or 14 digits, the last of them checks"),
            mpn=cells.get("mpn", "").strip(),
            hs6=code("hs6", heading, heading_fault(heading)),
            origin=code("origin", origin, destination_fault(origin) or ""),
            weight_grams=int(weight[1]) if weight and int(weight[1]) else None,
        )  # fmt: skip
        return GoodsRow(line, record, cost_in(row), freight, tuple(bad))

    def _freight(self, text: str, currency: str) -> UnitCost:
        text, everywhere = text.strip(), self._columns.freight_per_piece
        if not text and everywhere is not None:
            return UnitCost.parse(everywhere, currency)
        if text and not text.strip("0.,"):
            return UnitCost.parse(Decimal(0), currency)
        costs = self._freights.setdefault(currency, Costs(self._freight_sign, self._settings, currency))
        try:
            freight = cost_in(("", 0, costs[text], currency))
        except SignUnknown:
            raise BadCell("may be thousands or decimals: set decimal_sign") from None
        assert freight is not None
        return freight
