"""`make demo`: bring the shop up, play the story, judge it by the ledgers, print a table and one line of JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console
from rich.table import Table

from local.demo import (
    maker_scenes,
    money_scenes,
    pricing_scenes,
    routing_scenes,
    scenes,
    store_scenes,
    tracking_scenes,
    trouble_scenes,
)
from local.demo.desk import Desk, NotYet
from local.demo.judge import Verdict, judge, paid_orders
from local.packager.errors import PackageError
from local.running.settings import BLOG, FACTORY, MARKET
from local.running.shop import LocalShop, SetUpFailed
from local.stack.errors import StackError

PAID_ORDERS = 31
# Of these, bought in the last scenes: under the new names, and by the rules of true money.
PAID_LAST = 4
# Every function under its own role, as on AWS; ORDERWRIGHT_LOCAL_AUTH=0 lets all of them do everything.
AUTH = os.environ.get("ORDERWRIGHT_LOCAL_AUTH", "1") != "0"
# Alone and first: these script the supplier's next answer, which no other order may catch.
ALONE = (scenes.accepted_then_silent, scenes.margin_gate, scenes.webhook_never_came, routing_scenes.three_suppliers)
# Side by side: none of them touches what another looks at.
TOGETHER = (
    scenes.authorised_then_paid,
    scenes.no_postcode,
    scenes.three_buyers_two_lamps,
    scenes.cancelled_before_and_after,
    scenes.lamp_and_file,
    trouble_scenes.replaced_number,
    tracking_scenes.page_to_the_door,
    tracking_scenes.withdrawn_before,
    tracking_scenes.withdrawn_after,
    routing_scenes.three_parcels,
    routing_scenes.family_set,
    store_scenes.one_name_twice,
)
# The same, in each store.
IN_EACH_STORE = (scenes.two_parcels, store_scenes.ended_in_store)
# After the buying, since they move prices, stock and rules.
LAST = (
    pricing_scenes.undercut,
    pricing_scenes.campaign,
    pricing_scenes.all_again,
    scenes.cost_rises,
    scenes.cost_slips,
    scenes.feed_of_two_rows,
    trouble_scenes.inch_marks,
    scenes.renamed,
    money_scenes.vat_and_duty,
    money_scenes.money_back_before_buying,
    money_scenes.bill_grows_after_release,
)
Result = tuple[str, bool, str, float]


def play(scene: scenes.Scene, desk: Desk) -> Result:
    """One scene: its title, whether it held, what was seen, seconds."""
    title = (scene.__doc__ or scene.__name__).strip().rstrip(".")
    title += f" ({desk.connection})" if scene in IN_EACH_STORE else ""
    began = time.monotonic()
    try:
        seen, held = scene(desk), True
    except (NotYet, AssertionError, SetUpFailed) as error:
        seen, held = str(error), False
    seconds = time.monotonic() - began
    print(f"  {'ok    ' if held else 'FAILED'}  {seconds:5.1f} s  {seen}", flush=True)
    return title, held, seen, seconds


def fill_up(desk: Desk) -> str:
    """Ordinary orders fill up."""
    # Until all but those of the last scenes are paid.
    sold: list[tuple[Desk, str]] = []
    people = ("tampere", "berlin", "portland")
    stores, skus = desk.everywhere(), ("HL-MS-400", "HL-COB-350", "HL-KID-120")
    while sum(len(paid_orders(at)) for at in stores) < PAID_ORDERS - PAID_LAST:
        turn = len(sold) % 3
        sold.append((stores[turn], stores[turn].buy(people[turn], (skus[turn], 1))))
    for at, name in sold:
        at.until_paid(name)
    return f"{len(sold)} ordinary orders, all bought"


def story(desk: Desk) -> list[Result]:
    """All scenes in an order in which none disturbs another."""
    played = [(scene, desk) for scene in TOGETHER]
    played += [(scene, at) for scene in IN_EACH_STORE for at in desk.everywhere()]
    with ThreadPoolExecutor(max_workers=len(played) + 2) as together:
        # In stores and at suppliers of which the first scenes script nothing: one mostly waits, one fills the shelf for them.
        beside = [
            together.submit(play, maker_scenes.nobody_confirms, desk.at(BLOG)),
            together.submit(play, maker_scenes.own_warehouse, desk.at(MARKET)),
        ]
        results = [play(scenes.three_webhooks_one_order, desk)]
        results += [play(scene, desk) for scene in ALONE]
        results += list(together.map(play, *zip(*played, strict=True)))
    results += [one.result() for one in beside]
    results.append(play(fill_up, desk))
    results += [play(scene, desk) for scene in LAST]
    return results


def show(results: list[Result], verdict: Verdict) -> None:
    """The table for people."""
    table = Table(title="The story", show_lines=False)
    for column in ("Scene", "Held", "Seen", "s"):
        table.add_column(column, overflow="fold")
    for title, held, seen, seconds in results:
        table.add_row(title, "yes" if held else "NO", seen, f"{seconds:.0f}")
    Console(width=150).print(table)
    print(verdict.sentence())
    for name in verdict.lost:
        print(f"LOST: {name}")


def main() -> int:
    """Exit code 0 when every scene held and the ledgers show nothing doubled or lost."""
    try:
        with LocalShop(
            port=0, auth=AUTH, lines={FACTORY: {"confirm_within_hours": 1}}, rules=routing_scenes.RULES
        ) as shop:
            desk = Desk(shop)
            began = time.monotonic()
            print("playing the story ...", flush=True)
            results = story(desk)
            verdict = judge(desk)
            seconds = time.monotonic() - began
    except (SetUpFailed, StackError, PackageError, NotYet) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nended before the story was over; nothing of it is left")
        return 130
    show(results, verdict)
    held = all(result[1] for result in results)
    summary = {
        **verdict.as_json(),
        "scenes": len(results),
        "held": sum(1 for r in results if r[1]),
        "seconds": round(seconds),
    }
    print(json.dumps(summary))
    return 0 if held and verdict.clean else 1


if __name__ == "__main__":
    sys.exit(main())
