"""F13: how long the search for the best suppliers takes, and how far from the best its answer may be."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import product
from typing import TypeVar

from local.bench.figure import Figure, Settings, Value
from local.bench.statistics import median
from orderwright.domain.routing.question import MICRO, Beside, Need, Option, Question, Source
from orderwright.domain.routing.search import runners_up, solve

KEY, TITLE = "F13", "suppliers of a whole order, chosen among ten"
LINES, SUPPLIERS, EXACT_LINES = (1, 5, 6, 20), 10, 6
SEEDS, QUICK_SEEDS = 3, 1
PLAIN_GOAL, COUPLED_GOAL, RUNNERS_GOAL = 0.5, 20, 0.05
STEPS = tuple((grams, price * MICRO) for grams, price in ((500, 4), (2000, 7), (5000, 11), (10_000, 18), (60_000, 40)))
T = TypeVar("T")
UNIT = "import time; began = time.process_time(); import boto3; print(time.process_time() - began)"


def measure(settings: Settings) -> Figure:
    """Several orders drawn for each row: the median of their times, the widest of their gaps."""
    seeds = range(QUICK_SEEDS if settings.quick else SEEDS)
    unit = median([import_boto3() for _ in range(3)])
    values = [Value("import boto3, processor time", 1000 * unit, "ms")]
    for lines, coupled, shared in product(LINES, (False, True), (False, True)):
        questions = [question(lines, SUPPLIERS, coupled, shared, seed) for seed in seeds]
        tried = [_timed(partial(solve, one)) for one in questions]
        spent, gap = median([seconds for seconds, _ in tried]), max(answer.gap_ppm for _, answer in tried) / 10_000
        name = f"{lines} lines, {'coupled' if coupled else 'plain'}{', shared stock' if shared else ''}"
        exact = lines <= EXACT_LINES or not coupled
        values += [
            Value(f"{name}: / import boto3", spent / unit, "x", at_most=COUPLED_GOAL if coupled else PLAIN_GOAL),
            Value(f"{name}: processor time", 1000 * spent, "ms"),
            Value(f"{name}: proven gap", gap, "%", at_most=0 if exact else None),
        ]
    usual = question(3, 4, False, False, 1)
    runners, _ = _timed(partial(runners_up, usual, solve(usual)))
    values.append(Value("runners-up, 3 lines, 4 suppliers: / import boto3", runners / unit, "x", at_most=RUNNERS_GOAL))
    notes = [
        "plain: a fixed sum a parcel and so much a piece; coupled: fees by heading, limits of value, steps of weight as well; "
        "shared stock: lines in pairs of one SKU, of which suppliers have too little",
        "proven gap: the widest of all orders drawn; 0 is the best answer there is",
    ]
    return Figure(KEY, TITLE, values, notes)


def import_boto3() -> float:
    """Seconds of processor time that the unit takes now."""
    done = subprocess.run([sys.executable, "-c", UNIT], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def question(lines: int, suppliers: int, coupled: bool, shared: bool, seed: int) -> Question:
    """An order that is drawn. Nearly every supplier has nearly everything, at about the same price."""
    draw = random.Random(seed)
    sku = [line // 2 if shared else line for line in range(lines)]
    needs = tuple(
        Need(
            name=f"line {line}",
            sku=f"sku {sku[line]}",
            quantity=draw.randint(1, 3),
            value=draw.randint(5, 60) * MICRO,
            grams=draw.randint(50, 1500),
            heading=f"6100{sku[line] % 8:02d}",
        )
        for line in range(lines)
    )
    sources = tuple(
        Source(
            name=f"supplier {place}",
            beside=Beside(parcel=draw.randint(1, 9) * MICRO, heading=2 * MICRO if coupled and place % 2 else 0),
            limit=150 * MICRO if coupled and place % 3 == 0 else None,
            above=Beside(parcel=20 * MICRO) if coupled and place % 3 == 0 else None,
            weight_steps=STEPS if coupled and place % 2 == 0 else (),
        )
        for place in range(suppliers)
    )
    price = {one: draw.randint(3, 40) * MICRO for one in sku}
    free = {(one, source.name): draw.randint(0, 5) if shared else 50 for one in sku for source in sources}
    options = tuple(
        Option(
            need=need.name,
            source=source.name,
            free=free[one, source.name],
            goods=price[one] * draw.randint(80, 120) // 100,
            freight=draw.randint(0, 4) * MICRO // 4,
            duty_above=need.value // 20,
        )
        for need, one in zip(needs, sku, strict=True)
        for source in sources
        if draw.random() < 0.9
    )
    return Question(day=date(2026, 11, 20), currency="EUR", needs=needs, sources=sources, options=options)
