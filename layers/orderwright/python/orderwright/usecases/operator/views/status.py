"""The whole on one page, as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from orderwright.usecases.operator.kill import kill_switches
from orderwright.usecases.operator.notices import count_notices
from orderwright.usecases.operator.office import Office
from orderwright.usecases.operator.overview import Overview, overview
from orderwright.usecases.operator.parked_notes import parked_notes
from orderwright.usecases.operator.views.amounts import money


class StatusPage(NamedTuple):
    """Counts of this moment; `dead` are dead letters by function, `notices` messages to customers in trouble by kind."""

    found: Overview
    dead: dict[str, int]
    killed: list[str]
    notes: int
    notices: dict[str, int]

    @property
    def calm(self) -> bool:
        """Nothing is overdue, dead, parked or stopped."""
        found = self.found
        return not (
            found.overdue or self.dead or self.killed or found.broken or found.silent or self.notes or self.notices
        )


def status_of(office: Office, dead: Mapping[str, int]) -> StatusPage:
    """How things are. `dead` counts the dead letters of each function."""
    return StatusPage(
        overview(office.storage, office.config, office.desk.clock),
        {name: count for name, count in dead.items() if count},
        sorted(map(office.name, kill_switches(office.storage))),
        len(parked_notes(office.storage)),
        count_notices(office.storage),
    )


def status_data(office: Office, status: StatusPage) -> dict[str, Any]:
    """With stable keys."""
    found = status.found
    return {
        "orders": found.orders,
        "overdue": found.overdue,
        "dead_letters": status.dead,
        "parked_notes": status.notes,
        "notices": status.notices,
        "kill_switches": status.killed,
        "breakers_open": [office.name(feed) for feed in found.broken],
        "silent": {key: reason.model_dump() for key, reason in found.silent.items()},
        "spent_today": {office.name(supplier): money(amount) for supplier, amount in found.spent.items()},
    }
