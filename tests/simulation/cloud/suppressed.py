"""SES's own list of addresses that it sends nothing to, which the emulator keeps empty: message ids in `memory["suppressed"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


def answered(sim: Sim, operation: str, request: dict[str, Any]) -> dict[str, Any] | None:
    """The list's answer; None for any other call. An address stands for the mail that came back from it."""
    mails: list[str] = sim.memory.get("suppressed", [])
    if operation == "ListSuppressedDestinations":
        entries = [{"EmailAddress": mail, "Reason": "BOUNCE", "LastUpdateTime": sim.clock.at} for mail in mails]
        return {"SuppressedDestinationSummaries": entries}
    if operation == "GetSuppressedDestination":
        told = {"LastUpdateTime": sim.clock.at, "Attributes": {"MessageId": request["EmailAddress"]}}
        return {"SuppressedDestination": told}
    return None
