"""`python -m tests.simulation`: prints figures and broken promises, writes .orderwright/simulation.json; docs/proof.md explains.

Without options: two minutes, with every single kill, samples of all other families, and seeds for the rest of the time.
"""

from __future__ import annotations

import argparse
import os
import sys

from tests.simulation.runs import (
    run_desk,
    run_everything,
    run_exhaustive,
    run_mutants,
    run_repeats,
    run_replay,
    run_repricing,
    run_routing,
    run_scripted,
    run_seeds,
    run_stores,
    run_thousands,
    run_true_money,
    run_two_stacks,
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description="the whole system under faults")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (all cores)")
    parser.add_argument("--minutes", type=float, default=0.0, help="stop starting new work then")
    parser.add_argument("--seeds", type=int, default=0, help="so many seeds of the swarm")
    parser.add_argument("--first", type=int, default=0, help="the first of these seeds")
    parser.add_argument("--exhaustive", action="store_true", help="all planned scenarios")
    parser.add_argument("--step", type=int, default=1, help="each N-th planned scenario only")
    parser.add_argument("--family", default="", help="only families whose name contains this")
    parser.add_argument("--orders", type=int, default=0, help="so many orders in one shop at 5 %% faults")
    parser.add_argument("--two-stacks", type=int, default=0, help="so many seeds of two stacks on one shop")
    parser.add_argument("--true-money", type=int, default=0, help="so many seeds of shops with taxes, duty and fees")
    parser.add_argument("--scripted", type=int, default=0, help="so many seeds of scripted suppliers")
    parser.add_argument("--stores", type=int, default=0, help="so many seeds of WooCommerce and BigCommerce shops")
    parser.add_argument("--desk", type=int, default=0, help="so many seeds of shops with a supplier by e-mail")
    parser.add_argument("--routing", type=int, default=0, help="so many seeds in which the next supplier is asked")
    parser.add_argument(
        "--repricing", type=int, default=0, help="so many seeds of stores whose prices follow competitors"
    )
    parser.add_argument("--mutants", action="store_true", help="each guard taken out must be seen")
    parser.add_argument("--repeats", type=int, default=0, help="play seeds so many times: the trace must be the same")
    parser.add_argument("--replay", default="", help="tell one scenario as a story: a seed, or a scenario's whole name")
    return parser.parse_args()


def main() -> int:
    """Run what is asked for; 1 when a promise was broken."""
    wanted = _options()
    if wanted.replay:
        return run_replay(wanted.replay)
    if wanted.mutants:
        return run_mutants(wanted.jobs)
    if wanted.repeats:
        return run_repeats(wanted.repeats, wanted.jobs, wanted.first)
    if wanted.orders:
        return run_thousands(wanted.orders)
    if wanted.two_stacks:
        return run_two_stacks(wanted.jobs, wanted.first, wanted.two_stacks)
    if wanted.true_money:
        return run_true_money(wanted.jobs, wanted.first, wanted.true_money)
    if wanted.stores:
        return run_stores(wanted.jobs, wanted.first, wanted.stores)
    if wanted.desk:
        return run_desk(wanted.jobs, wanted.first, wanted.desk)
    if wanted.routing:
        return run_routing(wanted.jobs, wanted.first, wanted.routing)
    if wanted.repricing:
        return run_repricing(wanted.jobs, wanted.first, wanted.repricing)
    if wanted.scripted:
        return run_scripted(wanted.jobs, wanted.first, wanted.scripted)
    if wanted.exhaustive:
        return run_exhaustive(wanted.jobs, wanted.step, wanted.family)
    if wanted.seeds:
        return run_seeds(wanted.jobs, wanted.first, wanted.seeds, wanted.minutes)
    return run_everything(wanted.jobs, wanted.minutes or 2.0)


if __name__ == "__main__":
    sys.exit(main())
