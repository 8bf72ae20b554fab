"""What a run says: lines for people, JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.simulation.work import Figures

if TYPE_CHECKING:
    from tests.simulation.modes.balance import Balance
    from tests.simulation.modes.mutation import Kill

OUTPUT = Path(__file__).resolve().parents[2] / ".orderwright" / "simulation.json"
SHOWN = 5


def show_new(figures: Figures) -> None:
    """Broken promises as soon as they are known, with how to see them again."""
    for sentence in figures.violations[:SHOWN]:
        print(f"BROKEN {sentence}", flush=True)
    for name in figures.broken[:SHOWN]:
        print(f"  see it: make simulate REPLAY={name.removeprefix('seed ')!r}", flush=True)


def row(name: str, figures: Figures) -> None:
    """One line of the table."""
    print(
        f"{name:46} {figures.scenarios:8} scenarios {figures.faults:9} faults {figures.kills:7} killed workers"
        f" {len(figures.violations):3} violations",
        flush=True,
    )


def progress(total: Figures, seconds: float) -> None:
    """How far a long run has come."""
    print(
        f"{total.scenarios} seeds, {total.faults} faults, {len(total.violations)} violations, {seconds:.0f} s",
        flush=True,
    )


def finish(kind: str, parts: Mapping[str, Figures], seconds: float, jobs: int, more: Mapping[str, Any]) -> int:
    """The closing line and the report; 1 where a promise was broken."""
    total = Figures()
    for figures in parts.values():
        total.add(figures)
    pace = total.scenarios / total.cpu_seconds if total.cpu_seconds else 0.0
    body = {
        "run": kind,
        **more,
        **total.body(),
        "seconds": round(seconds, 1),
        "processes": jobs,
        "scenarios a second and core": round(pace, 1),
        "broken scenarios": total.broken,
        "broken": total.violations,
        "parts": {name: figures.body() for name, figures in parts.items()},
    }
    _write(kind, body)
    print(
        f"{total.scenarios} scenarios, {total.orders} orders, {total.faults} faults, {len(total.violations)} violations,"
        f" {seconds:.0f} seconds on {jobs} processes, {pace:.1f} scenarios a second and core; {OUTPUT}"
    )
    return 1 if total.violations else 0


def _write(kind: str, body: Mapping[str, Any]) -> None:
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(body, indent=2) + "\n"
    OUTPUT.write_text(text, encoding="utf-8")
    OUTPUT.with_name(f"simulation-{kind}.json").write_text(text, encoding="utf-8")


def show_balance(balance: Balance) -> int:
    """Three ledgers."""
    body = {
        "orders": balance.orders,
        "bought in the store": balance.store,
        "paid at the supplier": balance.supplier,
        "placed with us": balance.ours,
        "differences": balance.differences,
        "violations": balance.violations,
        "ends": dict(balance.ends.most_common()),
        "outcomes": dict(balance.outcomes.most_common()),
        "calls": balance.calls,
        "faults": balance.faults,
        "killed workers": balance.kills,
        "share that met a fault": balance.rates,
        "virtual hours": round(balance.virtual_hours, 1),
        "virtual minutes from the last fault to rest": round(balance.minutes_to_quiet, 1),
        "cpu seconds": round(balance.seconds, 1),
    }
    _write("orders", body)
    for sentence in (*balance.differences, *balance.violations)[:20]:
        print(f"BROKEN {sentence}")
    print(
        json.dumps({name: value for name, value in body.items() if name not in ("differences", "violations")}, indent=2)
    )
    print(f"{len(balance.differences)} differences, {len(balance.violations)} violations; {OUTPUT}")
    return 1 if balance.differences or balance.violations else 0


def show_mutants(kills: list[Kill]) -> int:
    """Which guards were seen to be missing, and how soon."""
    for kill in kills:
        print(f"{kill.guard:60} {'seen' if kill.seen else 'NOT SEEN':9} {kill.how}")
    alive = [kill.guard for kill in kills if not kill.seen]
    _write("mutants", {"mutants": len(kills), "not seen": alive, "how": {kill.guard: kill.how for kill in kills}})
    print(f"{len(kills) - len(alive)} of {len(kills)} guards are missed when they are taken out")
    return 1 if alive else 0
