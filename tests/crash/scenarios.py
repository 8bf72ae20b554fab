"""Which scenarios there are: a family is a way to disturb the path, times the crash points of the path that results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.crash.bench import Bench, Path, Plan, Recording, Script, Verdict

STEPS = ("createOrderV2", "addCart", "addCartConfirm", "saveGenerateParentOrder", "payBalanceV2", "getOrderDetail")
COSTLY = ("createOrderV2", "payBalanceV2")
BEHAVIOURS = (
    "error_500", "accept_then_timeout", "accept_then_500", "timeout", "accept_late", "rate_limited", "refuse", "not_found",
)  # fmt: skip
CARRIER_BEHAVIOURS = ("error_500", "accept_then_timeout", "timeout", "rate_limited")
STORE_BEHAVIOURS = (
    "error_500",
    "accept_then_timeout",
    "accept_then_500",
    "timeout",
    "accept_late",
    "rate_limited",
    "refuse",
)
LAG: Script = (("cj", "getOrderDetail", ("not_found",)),)
BOTH = ("before", "after")
Plans = Callable[[Recording], list[Plan]]


@dataclass(frozen=True)
class Family:
    """`paths` are played first as they are; `plans` are what happens on each."""

    name: str
    paths: tuple[Path, ...]
    plans: Plans


def _points(
    recording: Recording, wanted: Callable[[str], bool], sides: tuple[str, ...] = BOTH
) -> list[tuple[int, str]]:
    return [(n, side) for n, call in enumerate(recording.calls, start=1) if wanted(call) for side in sides]


def _any(_: str) -> bool:
    return True


def _in(*functions: str) -> Callable[[str], bool]:
    return lambda call: call.split(" ")[0] in functions


def _aws(call: str) -> bool:
    return not call.split(" ")[1].startswith("http")


def each(action: str, wanted: Callable[[str], bool] = _any, sides: tuple[str, ...] = BOTH) -> Plans:
    """The action at every wanted point, singly."""
    return lambda recording: [{point: action} for point in _points(recording, wanted, sides)]


def none(_: Recording) -> list[Plan]:
    """The path itself."""
    return [{}]


def together(*plans: Plans) -> Plans:
    """All of these."""
    return lambda recording: [plan for one in plans for plan in one(recording)]


def pairs(first: str, second: str, wanted: Callable[[str], bool], every: int) -> Plans:
    """`first` before a wanted call and `second` at a later point: each `every`-th of all pairs, in a fixed order."""

    def made(recording: Recording) -> list[Plan]:
        later = _points(recording, _any)
        both: list[Plan] = [
            {one: first, two: second}
            for one in _points(recording, wanted, ("before",))
            for two in later
            if two[0] > one[0]
        ]
        Random(len(both)).shuffle(both)
        return both[::every]

    return made


def _scripted(vendor: str, operations: tuple[str, ...], behaviours: tuple[str, ...]) -> Iterator[Path]:
    for operation in operations:
        for behaviour in behaviours:
            yield Path(f"{operation} {behaviour}", ((vendor, operation, (behaviour,)),))


def _doubled() -> Iterator[Path]:
    for operation in STEPS[:-1]:
        for first in ("timeout", "accept_late", "error_500"):
            for second in ("timeout", "accept_then_timeout", "accept_late"):
                yield Path(f"{operation} {first}, {second}", (("cj", operation, (first, second)),))


def _lagging() -> Iterator[Path]:
    for operation in STEPS[:-1]:
        for behaviour in ("accept_then_timeout", "accept_late", "timeout", "error_500"):
            yield Path(f"{operation} {behaviour}, then the look-up lags", (("cj", operation, (behaviour,)), *LAG))


def _unprotected(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(
        Path(f"{path.name}, no duplicate protection", path.script, path.plan, path.disorder, False) for path in paths
    )


def _split(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(Path(f"{path.name}, two parcels", path.script, split=True) for path in paths)


OK = Path()
PLACING = _in("place_purchase_order")
COSTLY_PATHS = tuple(_scripted("cj", COSTLY, BEHAVIOURS))
OTHER_PATHS = tuple(_scripted("cj", tuple(step for step in STEPS if step not in COSTLY), BEHAVIOURS))
CANCEL_SCRIPTS = tuple(
    _scripted(
        "cj", ("createOrderV2", "addCartConfirm", "payBalanceV2"), ("accept_then_timeout", "accept_late", "timeout")
    )
)
AMOUNTS = tuple(Path(f"the bill differs by {more}", surcharge=more) for more in ("2.00", "-2.00"))
IMPATIENT = tuple(
    Path(f"shipped at once, payBalanceV2 {behaviour}", (("cj", "payBalanceV2", (behaviour,)),), impatient=True)
    for behaviour in ("ok", "accept_then_timeout", "accept_then_500", "accept_late")
)
STORE_PATHS = tuple(_scripted("shopify", ("fulfillmentCreate",), STORE_BEHAVIOURS))

FAMILIES: tuple[Family, ...] = (
    Family("singles", (OK,), each("kill")),
    Family("costly steps", COSTLY_PATHS, together(none, each("kill"))),
    Family("other steps", OTHER_PATHS, together(none, each("kill", PLACING))),
    Family("twice in a row", tuple(_doubled()), together(none, each("kill", PLACING))),
    Family("look-up lags", tuple(_lagging()), together(none, each("kill", PLACING))),
    Family(
        "no duplicate protection",
        _unprotected((OK, *COSTLY_PATHS, *_lagging())),
        together(none, each("kill", PLACING)),
    ),
    Family("cancelled", (OK,), together(each("cancel", sides=("before",)), pairs("cancel", "kill", _any, 8))),
    Family("cancelled while unclear", CANCEL_SCRIPTS, each("cancel", sides=("before",))),
    Family("two workers", (OK,), each("freeze", lambda call: not _in("receive_webhook", "relay_facts")(call))),
    Family("two workers, no duplicate protection", _unprotected((OK,)), each("freeze", PLACING)),
    Family("duplicated and reordered", (Path("duplicated and reordered", disorder=True),), together(none, each("kill"))),
    Family("store", (*STORE_PATHS, *_split(STORE_PATHS)), together(none, each("kill", _in("publish_fulfillment")))),
    Family("store reads", tuple(_scripted("shopify", ("order",), ("error_500", "timeout", "rate_limited"))), none),
    Family("carrier", tuple(_scripted("easypost", ("createTracker", "getTracker"), CARRIER_BEHAVIOURS)),
           together(none, each("kill", _in("update_tracking")))),
    Family("lost answers of AWS", (OK,), each("lose_answer", _aws)),
    Family("AWS answers 500", (OK,), each("fail_500", _aws)),
    Family("AWS throttles or is away", (OK,),
           together(each("throttle", _aws, ("before",)), each("no_connection", _aws, ("before",)))),
    Family("two parcels", (Path("two parcels", split=True),),
           each("kill", _in("update_tracking", "publish_fulfillment", "notify_customer", "relay_facts"))),
    Family("shipped before we know", IMPATIENT, together(none, each("kill", PLACING))),
    Family("another amount", AMOUNTS, together(none, each("kill", PLACING))),
    Family("kill switch", (OK, *AMOUNTS),
           together(each("kill_switch", sides=("before",)), pairs("kill_switch", "kill", PLACING, 8))),
    Family("cap", (OK,), together(each("lower_cap", sides=("before",)), pairs("lower_cap", "kill", PLACING, 8))),
)  # fmt: skip


def run_path(bench: Bench, family: Family, path: Path, step: int = 1, offset: int = 0) -> Iterator[Verdict]:
    """The scenarios of one family on one path: all, or each `step`-th from `offset` on."""
    recording = bench.record(path, moments_too=step < 8)
    for plan in family.plans(recording)[offset::step]:
        yield bench.run(path, plan, recording)
