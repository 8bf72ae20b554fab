"""Which scenarios the exhaustive mode has: a family is a way to disturb the story, times the crash points that result.

`plans` gives the strikes on a recorded path. `second` gives what may strike after each of them: then each first strike is
played and recorded, and the second ones are put on what really follows from it, recovery included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from tests.simulation.modes.bench import Bench
from tests.simulation.modes.exhaustive import Plan, Recording, Verdict, keep_moments, record, run
from tests.simulation.modes.paths import (
    BEHAVIOURS,
    CARRIER_BEHAVIOURS,
    COSTLY,
    FEED_BEHAVIOURS,
    HOUSEKEEPING,
    STEPS,
    STORE_BEHAVIOURS,
    UNCLEAR,
    Path,
    doubled,
    in_two_parcels,
    lagging,
    mixed_up,
    scripted,
    unprotected,
)
from tests.simulation.modes.true_money import TODAY, open_books

BOTH = ("before", "after")
Plans = Callable[[Recording], list[Plan]]
Wanted = Callable[[str], bool]
OFF_THE_ORDER_PATH = ("poll_stock", "recalculate_price", "publish_listing", "publish_product", "reconcile_store")


@dataclass(frozen=True)
class Family:
    """`paths` are played first as they are; `plans` are what happens on each, `second` what happens after that."""

    name: str
    paths: tuple[Path, ...]
    plans: Plans
    second: Plans | None = None


def _any(_: str) -> bool:
    return True


def of(*functions: str) -> Wanted:
    """Calls of these functions."""
    return lambda call: call.split(" ")[0] in functions


def _aws(call: str) -> bool:
    return not call.split(" ")[1].startswith("http")


def _order_path(call: str) -> bool:
    return call.split(" ")[0] not in OFF_THE_ORDER_PATH


def each(strike: str, wanted: Wanted = _any, sides: tuple[str, ...] = BOTH) -> Plans:
    """The strike at every wanted point, singly; after what is planned already."""

    def plans(recording: Recording) -> list[Plan]:
        begun = max((number for number, _ in recording.plan), default=0)
        return [
            {**recording.plan, (number, side): strike}
            for number, call in enumerate(recording.calls, start=1)
            for side in sides
            if wanted(call) and number > begun
        ]

    return plans


def none(recording: Recording) -> list[Plan]:
    """The path itself."""
    return [{}]


def together(*plans: Plans) -> Plans:
    """All of these."""
    return lambda recording: [plan for one in plans for plan in one(recording)]


OK = Path()
PLACING = of("place_purchase_order")
TELLING = of("notify_customer")
CANCELLING = of("ingest_order", "place_purchase_order")
COSTLY_PATHS = tuple(scripted("cj", COSTLY, BEHAVIOURS))
OTHER_PATHS = tuple(scripted("cj", tuple(step for step in STEPS if step not in COSTLY), BEHAVIOURS))
UNCLEAR_PATHS = tuple(scripted("cj", COSTLY, UNCLEAR))
CANCEL_PATHS = tuple(scripted("cj", ("createOrderV2", "addCartConfirm", "payBalanceV2"), UNCLEAR))
AMOUNTS = tuple(Path(f"the bill differs by {more}", surcharge=more) for more in ("2.00", "-2.00"))
IMPATIENT = tuple(
    Path(f"shipped at once, payBalanceV2 {behaviour}", (("cj", "payBalanceV2", (behaviour,)),), impatient=True)
    for behaviour in ("ok", "accept_then_timeout", "accept_then_500", "accept_late", "malformed")
)
STORE_PATHS = tuple(scripted("shopify", ("fulfillmentCreate",), STORE_BEHAVIOURS))
SILENT_WEBHOOKS = (
    Path("the store's webhooks never arrive", acts=("buy", "reconcile", "ship", "delivered"), dropped=("shopify",)),
)
HOUSE = Path("stock and prices", acts=HOUSEKEEPING)
FEED_PATHS = tuple(replace(path, acts=HOUSEKEEPING) for path in scripted("feed", ("fetch",), FEED_BEHAVIOURS))

POISONED = Path("poison in every queue", acts=("poison", "buy", "ship", "out_for_delivery", "delivered"))


MONEY_ACTS = ("buy", "give_back", "ship", "ship_rest", "delivered")
TRUE_MONEY = (
    Path("true money", acts=MONEY_ACTS, world=partial(open_books, least=10)),
    Path("true money, a rule that ends at midnight",
         world=partial(open_books, least=10, finland_until=TODAY, before_midnight=5.0)),
    Path("true money, a bill that differs by 40.00", surcharge="40.00", world=partial(open_books, least=10)),
)  # fmt: skip


def at(vendor: str) -> Wanted:
    """Calls of this vendor."""
    return lambda call: f"{vendor}.test" in call


ON_ITS_WAY = of("update_tracking", "publish_fulfillment", "notify_customer", "relay_facts")
REST = ("out_for_delivery", "delivered", "late_scan", "wait")
REPLACED = (
    Path("a number is replaced", acts=("buy", "ship", "replace", *REST)),
    Path("a number is replaced, two parcels", acts=("buy", "ship", "replace", "ship_rest", *REST), split=True),
    Path("a number is replaced twice", acts=("buy", "ship", "replace", "replace", *REST)),
    Path("a number is replaced before it is told", acts=("buy", "ship_and_replace", *REST)),
    Path("the last mile has a number of its own", acts=("buy", "ship", "last_mile", *REST)),
)
USED_BEFORE = (
    Path("a number used before", acts=("buy", "ship_used", *REST)),
    Path("numbers used before, two parcels", acts=("buy", "ship_used", "ship_rest", *REST), split=True),
)
SENT_BACK = tuple(
    Path(f"sent back, then {home}", acts=("buy", "ship", "out_for_delivery", "returned", home, "late_scan", "wait"))
    for home in ("home", "home_unsaid")
)

A_FEED_GOES = Path("a second feed goes", acts=("poll_stock", "add_feed", "poll_stock", "drop_feed"))
SECOND_FEED = (
    A_FEED_GOES,
    Path(
        "a second feed goes, and the first is read", acts=(*A_FEED_GOES.acts, "poll_stock", "buy", "ship", "delivered")
    ),
)


FAMILIES: tuple[Family, ...] = (
    Family("single kills", (OK,), together(none, each("kill"))),
    Family("costly steps", COSTLY_PATHS, together(none, each("kill", _order_path))),
    Family("other steps", OTHER_PATHS, together(none, each("kill", PLACING))),
    Family("twice in a row", tuple(doubled()), together(none, each("kill", PLACING))),
    Family("look-up lags", tuple(lagging()), together(none, each("kill", PLACING))),
    Family("another order", tuple(mixed_up()), together(none, each("kill", PLACING))),
    Family("no duplicate protection", unprotected((OK, *COSTLY_PATHS, *lagging())), together(none, each("kill", PLACING))),
    Family("pairs of kills around INTENT", (OK, *UNCLEAR_PATHS), each("kill", PLACING), each("kill", PLACING)),
    Family("a kill, then a lost answer around INTENT", (OK,), each("kill", PLACING), each("lose_answers", PLACING)),
    Family("pairs of kills around SENDING", (OK,), each("kill", TELLING), each("kill", TELLING)),
    Family("a lost answer, then a kill around SENDING", (OK,), each("lose_answers", TELLING), each("kill", TELLING)),
    Family("cancelled", (OK,), each("cancel", _order_path, ("before",))),
    Family("cancelled, then killed", (OK,), each("cancel", CANCELLING, ("before",)), each("kill", CANCELLING)),
    Family("cancelled while unclear", CANCEL_PATHS, each("cancel", _order_path, ("before",))),
    Family("cancelled while unclear, then killed", UNCLEAR_PATHS, each("cancel", PLACING, ("before",)), each("kill", CANCELLING)),
    Family("two workers", (OK,), each("freeze", lambda call: not of("receive_webhook", "relay_facts")(call))),
    Family("two workers, no duplicate protection", unprotected((OK,)), each("freeze", PLACING)),
    Family("doubled and reordered", (Path("doubled and reordered", disorder=True),), together(none, each("kill"))),
    Family("store", (*STORE_PATHS, *in_two_parcels(STORE_PATHS)), together(none, each("kill", of("publish_fulfillment")))),
    Family("store reads", tuple(scripted("shopify", ("order",), STORE_BEHAVIOURS[:-2])), none),
    Family("carrier", tuple(scripted("easypost", ("createTracker", "getTracker"), CARRIER_BEHAVIOURS)),
           together(none, each("kill", of("update_tracking")))),
    Family("lost answers of AWS", (OK,), each("lose_answer", _aws, ("after",))),
    Family("lost answers of AWS, and of the repeats", (OK,), each("lose_answers", _aws, ("after",))),
    Family("AWS answers 500", (OK,), together(each("fail_500", _aws, ("before",)), each("fail_500s", _aws, ("before",)))),
    Family("AWS throttles, is away, is busy", (OK,),
           together(each("throttle", _aws, ("before",)), each("no_connection", _aws, ("before",)),
                    each("conflict", lambda call: "TransactWriteItems" in call, ("before",)))),
    Family("two parcels", (Path("two parcels", split=True),),
           each("kill", of("update_tracking", "publish_fulfillment", "notify_customer", "relay_facts"))),
    Family("shipped before we know", IMPATIENT, together(none, each("kill", PLACING))),
    Family("another amount", AMOUNTS, together(none, each("kill", PLACING))),
    Family("kill switch", (OK, *AMOUNTS), each("kill_switch", _order_path, ("before",))),
    Family("kill switch, then killed", (OK,), each("kill_switch", PLACING, ("before",)), each("kill", PLACING)),
    Family("cap", (OK,), each("lower_cap", _order_path, ("before",))),
    Family("webhooks that never arrive", SILENT_WEBHOOKS, together(none, each("kill", of("reconcile_store", "ingest_order")))),
    Family("a week without the store", (OK,), each("store_away", at("shopify"), ("before",))),
    Family("a day without the supplier", (OK,), each("supplier_away", at("cj"), ("before",))),
    Family("a day without the carrier", (OK,), each("carrier_away", at("easypost"), ("before",))),
    Family("poison", (POISONED,), together(none, each("kill", of("relay_facts", "ingest_order")))),
    Family("stock and prices", (HOUSE,), together(none, each("kill", of(*OFF_THE_ORDER_PATH, "dispatch_schedules")))),
    Family("two workers on stock and prices", (HOUSE,), each("freeze", of(*OFF_THE_ORDER_PATH))),
    Family("lost answers on stock and prices", (HOUSE,), each("lose_answers", of(*OFF_THE_ORDER_PATH), ("after",))),
    Family("true money", TRUE_MONEY, together(none, each("give_back", _order_path, ("before",)), each("kill", PLACING))),
    Family("money goes back, then killed", TRUE_MONEY[:1], each("give_back", PLACING, ("before",)), each("kill", CANCELLING)),
    Family("numbers replaced", REPLACED, together(none, each("kill", ON_ITS_WAY))),
    Family("numbers used before", USED_BEFORE, together(none, each("kill", ON_ITS_WAY))),
    Family("parcels sent back", SENT_BACK, together(none, each("kill", ON_ITS_WAY))),
    Family("vendors that hang", (OK,),
           together(each("store_hangs", at("shopify"), ("before",)), each("supplier_hangs", at("cj"), ("before",)),
                    each("carrier_hangs", at("easypost"), ("before",)))),
    Family("a second feed, and out again", SECOND_FEED, together(none, each("kill", of(*OFF_THE_ORDER_PATH)))),
    Family("feeds", FEED_PATHS, together(none, each("kill", of("poll_stock")))),
)  # fmt: skip


WORTH_MOMENTS = 8
"""Playing a path a second time, to keep the moments before its strikes, costs as much as some plays."""


def scenarios(bench: Bench, family: Family, path: Path, step: int = 1, offset: int = 0) -> Iterator[Verdict]:
    """The scenarios of one family on one path: all, or each `step`-th from `offset` on in a fixed shuffle."""
    recording = record(bench, path)
    if recording.verdict.violations:
        yield recording.verdict
        return
    plans = thinned(family.plans(recording), step if family.second is None else max(1, step // 8), offset)
    recording = _ready(bench, recording, plans)
    for plan in plans:
        if family.second is None:
            yield run(bench, path, plan, recording)
            continue
        after = record(bench, path, plan, recording)
        yield after.verdict
        pairs = thinned(family.second(after), min(step, 8) if step > 1 else 1, offset)
        after = _ready(bench, after, pairs)
        for pair in pairs:
            yield run(bench, path, pair, after)


def _ready(bench: Bench, recording: Recording, plans: list[Plan]) -> Recording:
    """With the moments before what these plans add, if they are many."""
    strikes = [min(number for number, _ in plan.keys() - recording.plan.keys()) for plan in plans if plan]
    return keep_moments(bench, recording, strikes) if len(strikes) > WORTH_MOMENTS else recording


def thinned(plans: list[Plan], step: int, offset: int) -> list[Plan]:
    """All, or each `step`-th from `offset` on in a shuffle that is always the same."""
    if step <= 1:
        return plans
    shuffled = list(plans)
    Random(len(plans)).shuffle(shuffled)
    return shuffled[offset % step :: step]
