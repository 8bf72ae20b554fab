"""What needs the operator now: one line for each kind of thing, with a complete command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from orderwright.domain.order import Reason
from orderwright.usecases.operator.kill import how_off, whose
from orderwright.usecases.operator.off_sale import Shelves
from orderwright.usecases.operator.order_list import ATTENTION
from orderwright.usecases.operator.views.connections import Condition, in_a_word
from orderwright.usecases.people.fixes import at_stack

IN_ORDER = "orders", "prices"


@dataclass(frozen=True)
class Need:
    """`what` in a few words with its `count`, and the command that shows or ends it. `told`: the same with all that is known."""

    kind: str
    what: str
    count: int
    fix: str
    told: str = ""

    @property
    def line(self) -> str:
        """For a list."""
        return f"{self.told or self.what}; {self.fix}"


def headline(needs: Sequence[Need]) -> str:
    """One line: "needs you: 2 orders, 1 price; 4 SKUs off sale; acme failing since 17:40 UTC (why): orderwright connect acme"."""
    if not needs:
        return "nothing needs you"
    counts = ", ".join(need.what for need in needs if need.kind in IN_ORDER)
    rest = [
        f"{need.what}: {need.fix}" if need.kind == "connections" else need.what
        for need in needs
        if need.kind not in IN_ORDER
    ]
    return f"needs you: {'; '.join([*([counts] if counts else []), *rest])}"


def needs(
    orders: Mapping[str, int],
    shelf: Shelves,
    connections: Iterable[Condition],
    killed: Iterable[str],
    dead: Mapping[str, int],
    notices: Mapping[str, int],
    notes: int,
    silent: Iterable[tuple[str, Reason]],
    today: date,
    at: Sequence[str] = (),
    *,
    bills: int = 0,
    low: int = 0,
    papers: Mapping[str, str] = {},
    requests: tuple[int, int] = (0, 0),
) -> list[Need]:
    """In the order of urgency. Names are those of the file; `at` are the options that choose the stack.

    `papers`: by supplier, which certificates end. `requests`: open ones of customers, and those whose money is late.
    """
    found = list[Need]()
    if waiting := sum(orders.get(state.value, 0) for state in ATTENTION):
        found.append(Need("orders", _count(waiting, "order"), waiting, "orderwright orders list --attention"))
    if shelf.prices:
        found.append(Need("prices", _count(shelf.prices, "price"), shelf.prices, "orderwright approvals list"))
    if shelf.off_sale:
        count, why = len(shelf.off_sale), Counter(shelf.off_sale.values()).most_common(3)
        told = f"{_count(count, 'SKU')} off sale ({', '.join(f'{code} {number}' for code, number in why)})"
        fix = "orderwright catalogue list --off-sale"
        found.append(Need("skus_off_sale", f"{_count(count, 'SKU')} off sale", count, fix, told))
    for one in connections:
        if one.state != "open":
            found.append(Need("connections", in_a_word(one, today), 1, one.fix))
    found += [Need("kill_switches", f"kill switch on: {whose(name)}", 1, how_off(name)) for name in killed]
    for name, count in dead.items():
        told = f"dead letters: {count} of {name}"
        found.append(Need("dead_letters", told, count, f"orderwright dead-letters show {name}"))
    for kind, count in sorted(notices.items()):
        found.append(Need("notices", f"notices {kind.lower()}: {count}", count, "orderwright notices list"))
    if bills:
        found.append(Need("bills", f"{_count(bills, 'bill')} to decide", bills, "orderwright bills list --open"))
    if low:
        found.append(Need("low_stock", f"{_count(low, 'SKU')} running low", low, "orderwright stock list --low"))
    if requests[0]:
        what = _count(requests[0], "request") + " of customers"
        late = f" ({requests[1]} to be refunded by law already)" if requests[1] else ""
        found.append(Need("requests", f"{what}{late}", requests[0], "orderwright requests list"))
    for name, ends in papers.items():
        found.append(Need("certificates", f"certificate of {name}: {ends}", 1, f"orderwright suppliers show {name}"))
    if notes:
        found.append(Need("parked_notes", f"parked notes: {notes}", notes, "orderwright parked list"))
    return [replace(need, fix=at_stack(need.fix, at)) for need in (*found, *_silent(silent))]


def _silent(silent: Iterable[tuple[str, Reason]]) -> Iterator[Need]:
    for name, reason in silent:
        if reason.code != "DEAD_LETTERS":
            short = f"{name}: {reason.code}" if name else reason.code
            yield Need("silent", short, 1, reason.fix, f"{short}: {reason.message}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
