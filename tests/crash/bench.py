"""Runs scenarios from recorded moments: a path is played once, and each crash on it starts right before its own function."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from tests.crash.actions import ACTIONS
from tests.crash.checker import judge
from tests.crash.evidence import Expected, messages_sent
from tests.crash.scene import Snapshot
from tests.crash.shop_in_time import TimedShop
from tests.crash.story import CART, LATE_SECONDS, play

Plan = Mapping[tuple[int, str], str]
"""(call number, "before" or "after") -> the name of an action."""
Script = tuple[tuple[str, str, tuple[str, ...]], ...]
"""(vendor: cj, shopify or easypost; operation; behaviours of its next calls)."""


@dataclass(frozen=True)
class Path:
    """How a story is disturbed before any crash: the vendors' behaviour, first events, the manner of delivery."""

    name: str = "ok"
    script: Script = ()
    plan: tuple[tuple[int, str, str], ...] = ()
    disorder: bool = False
    refuse_duplicates: bool = True
    surcharge: str = ""
    split: bool = False
    impatient: bool = False


@dataclass
class Recording:
    """One undisturbed play of a path: its calls, and a moment before each invocation."""

    path: Path
    calls: list[str]
    starts: list[int]
    moments: list[Snapshot]


@dataclass
class Verdict:
    """How one scenario ended."""

    name: str
    violations: list[str]
    outcome: str
    kills: int
    faults: int


@dataclass
class Bench:
    """One shop for any number of scenarios."""

    shop: TimedShop = field(default_factory=TimedShop)

    def __post_init__(self) -> None:
        self._start = self.shop.take()
        self._expected: dict[bool, Expected] = {}

    def expected(self, path: Path) -> Expected:
        """What the undisturbed story sends."""
        if path.split not in self._expected:
            self._begin(Path(split=path.split))
            play(self.shop)
            mails, texts = messages_sent(self.shop)
            self._expected[path.split] = Expected(tuple(mails), tuple(texts))
        return self._expected[path.split]

    def _begin(self, path: Path) -> None:
        self.shop.put(self._start)
        scene = self.shop.scene
        owners = {"cj": scene.supplier.faults, "shopify": scene.store.config.faults, "easypost": scene.carrier.faults}
        for vendor, operation, behaviours in path.script:
            owners[vendor].script(operation, *behaviours)
            owners[vendor].late_seconds = LATE_SECONDS
        scene.supplier.config.refuse_duplicates = path.refuse_duplicates
        if path.surcharge:
            scene.supplier.set_payable_surcharge(CART[0][0], Decimal(path.surcharge))
        scene.memory["split"] = path.split
        scene.supplier.config.auto_ship_after = 0.0 if path.impatient else None
        self._plan(path, {})

    def _plan(self, path: Path, plan: Plan) -> None:
        named = {(number, side): action for number, side, action in path.plan} | dict(plan)
        self.shop.plan = {where: ACTIONS[action] for where, action in named.items()}
        self.shop.disorder = path.disorder

    def record(self, path: Path, *, moments_too: bool = True) -> Recording:
        """Play a path and keep its calls; with `moments_too`, which costs as much again, a moment before each invocation."""
        self.expected(path)
        starts: list[int] = []
        moments: list[Snapshot] = []

        def keep() -> None:
            if self.shop.current is None:
                starts.append(self.shop.scene.calls)
                moments.append(self.shop.take())

        self._begin(path)
        self.shop.before_job = keep if moments_too else None
        play(self.shop)
        return Recording(path, list(self.shop.scene.log), starts, moments)

    def run(self, path: Path, plan: Plan | None = None, recording: Recording | None = None) -> Verdict:
        """Play a path with more planned, from the moment before it if there is a recording, and judge the end."""
        expected, plan = self.expected(path), plan or {}
        if recording is not None and recording.moments and plan:
            first = min(number for number, _ in plan)
            self.shop.put(recording.moments[bisect_right(recording.starts, first - 1) - 1])
            self._plan(path, plan)
        else:
            self._begin(path)
            self._plan(path, plan)
        play(self.shop)
        return self._verdict(path, plan, expected)

    def _verdict(self, path: Path, plan: Plan, expected: Expected) -> Verdict:
        scene = self.shop.scene
        actions = [(n, side, what) for n, side, what in path.plan] + [(n, s, what) for (n, s), what in plan.items()]
        unsent = sum(1 for number, side, what in actions if self._may_lose(number, side, what))
        judged = judge(self.shop, Expected(expected.mails, expected.texts, unsent))
        calls = scene.log
        where = ", ".join(
            f"{what} {side} call {n} ({calls[n - 1] if n <= len(calls) else 'never'})"
            for n, side, what in sorted(actions)
        )
        name = f"{path.name}{' | ' + where if where else ''}"
        faults = len(self.shop.played()) + len(actions)
        return Verdict(name, judged.violations, judged.outcome, scene.kills, faults)

    def _may_lose(self, number: int, side: str, what: str) -> bool:
        """Between SENDING and the answer of the send: the only place where a message may stay unsent (promise P5)."""
        if number > len(self.shop.scene.log) or what in ("cancel", "kill_switch", "lower_cap"):
            return False
        call = self.shop.scene.log[number - 1]
        sends = call in ("notify_customer sesv2:SendEmail", "notify_customer sns:Publish")
        return sends or (call == "notify_customer dynamodb:PutItem" and side == "after")
