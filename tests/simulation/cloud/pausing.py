"""AWS pauses what an account sends to people, and lifts that again: SES says so in its own way, SNS for text messages in its.

`memory["pause"]`: from when until when. `memory["kept"]`: channel -> when a message was refused for it, for the judge.
`memory["bounces"]`: so many mails to a supplier SES takes from nobody.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

PAUSED = "SendingPausedException"
REJECTED = ("MessageRejected", 400)
SAYS = {"email": (PAUSED, 400), "sms": ("AuthorizationError", 403)}
"""Code and status, as the service models of sesv2 and sns have them."""


def keeps(sim: Sim, operation: str, request: dict[str, Any]) -> tuple[str, int] | None:
    """How the account answers instead of sending; None where it sends. Alerts go to a topic, and pass."""
    if (
        operation == "SendEmail"
        and sim.memory.get("bounces")
        and sim.words.mailbox in request["Destination"]["ToAddresses"]
    ):
        sim.memory["bounces"] -= 1
        sim.fault("aws", "refuses a mail to the supplier")
        return REJECTED
    begins, ends = sim.memory.get("pause", (sim.clock.at, sim.clock.at))
    channel = "email" if operation == "SendEmail" else "sms" if "PhoneNumber" in request else ""
    if not channel or not begins <= sim.clock.at < ends:
        return None
    refused: dict[str, list[datetime]] = sim.memory.setdefault("kept", {})
    refused.setdefault(channel, []).append(sim.clock.at)
    sim.fault("aws", f"keeps a message by {channel}: the account is paused")
    return SAYS[channel]
