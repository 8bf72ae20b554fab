"""The vendors behind the workers' HTTP transport: the sandbox's stand-ins, misbehaving as the chaos says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from local.sandbox.scripted import HANG
from local.sandbox.wire import Faults, Request, Response
from orderwright.connectors.http import HttpAnswer, NoAnswer, NotSent
from tests.simulation.kernel.edge import Injected
from tests.simulation.kernel.workers import current

if TYPE_CHECKING:
    from tests.simulation.sim import Sim


@dataclass
class ChaosFaults(Faults):
    """A vendor's faults, drawn when they are asked for. What a test scripted goes first."""

    sim: Sim = field(kw_only=True)
    vendor: str = field(kw_only=True)

    def take(self, operation: str) -> str:
        """The behaviour for this call."""
        behaviour = super().take(operation)
        if behaviour == "ok":
            behaviour = self.sim.chaos.behaviour(self.vendor, operation)
        if behaviour != "ok":
            self.sim.fault(self.vendor, f"{operation}: {behaviour}")
        if behaviour == "accept_late":
            self.late_seconds = self.sim.chaos.lateness()
            self.sim.agenda.after(self.late_seconds, "", self.sim.late_effects)
        return behaviour


class Vendors:
    """One transport for all vendors of the sandbox's table, each at <kind>.test."""

    def __init__(self, sim: Sim) -> None:
        self._sim = sim

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, timeout: float) -> HttpAnswer:
        """orderwright.connectors.http.Transport."""
        parts = urlsplit(url)
        vendor = parts.netloc.removesuffix(".test")
        if vendor not in self._sim.stands:
            raise NotSent("no such host")
        request = Request(
            method=method,
            path=parts.path or "/",
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in headers.items()},
            body=body or b"",
        )
        sim = self._sim
        try:
            answer = sim.edge.call(f"http:{method} {parts.netloc}{parts.path}", lambda: self._answered(vendor, request))
        except Injected as injected:
            if injected.kind == "no_connection":
                raise NotSent("refused") from None
            sim.edge.sleep(timeout)
            raise NoAnswer(f"no answer within {timeout} s") from None
        if answer.hang:
            sim.edge.sleep(timeout)
            raise NoAnswer(f"no answer within {timeout} s")
        if vendor == sim.front.kind and answer.status == 200:
            self._note_read(request)
        return HttpAnswer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.body)

    def _answered(self, vendor: str, request: Request) -> Response:
        """The vendor's answer. Which reads of an order a payment follows is kept for the judge (promise P13).

        memory["paid_after"]: id of the bill -> what its worker had read last, as lines of the ledger, and when.
        """
        sim, now = self._sim, current()
        if now is not None and now.function == "place_purchase_order":
            read: dict[str, list[tuple[int, datetime]]] = sim.memory.setdefault("read_by", {})
            asked = f"{request.path} ".encode() + request.body if vendor == sim.words.vendor else b""
            if asked and (pays := sim.words.bill.search(asked)):
                self._note_commitment(pays.group(1).decode())
            answer = self._handle(vendor)(request)
            if vendor == sim.front.kind and answer.status == 200 and sim.front.reads(request):
                # Parts of an order are further questions: what happens between two of them may be in one answer only.
                before = read.get(now.who, []) if sim.front.reads_more(request) else []
                read[now.who] = [*before, (len(sim.world.ledger.entries), sim.clock.at)]
            return answer
        return self._handle(vendor)(request)

    def take_mail(self, request: dict[str, Any]) -> None:
        """A mail goes out. A supplier that takes orders by mail reads its own."""
        text = request["Content"]["Simple"]["Body"]["Text"]["Data"]
        words = self._sim.words
        for to in request["Destination"]["ToAddresses"] if words.mailbox else ():
            if to == words.mailbox and (names := words.bill.search(text.encode())):
                self._note_commitment(names.group(1).decode())
            self._sim.stands[words.desk or words.vendor].take(to, text)

    def _note_commitment(self, bill: str) -> None:
        """From now on this bill's worker has to read the order again."""
        sim, now = self._sim, current()
        read = sim.memory.setdefault("read_by", {}).pop(now.who, []) if now is not None else []
        sim.memory.setdefault("paid_after", {})[bill] = read

    def _note_read(self, request: Request) -> None:
        """An order was read on the way to paying for it: how long the ledger was then (promise P6)."""
        now = current()
        front = self._sim.front
        # What a further question brings does not say whether the order is cancelled: the first answer counts.
        found = "" if front.reads_more(request) else front.reads(request)
        if now is not None and now.function == "place_purchase_order" and found:
            reads = self._sim.memory.setdefault("reads", {})
            reads[found] = len(self._sim.world.ledger.entries)

    def _handle(self, vendor: str) -> Callable[[Request], Response]:
        sim = self._sim
        until = sim.memory.get("away", {}).get(vendor)
        if until is not None and sim.clock.at < until:
            sim.fault(vendor, "is away")
            return _away
        silent = sim.memory.get("hangs", {}).get(vendor)
        if silent is not None and sim.clock.at < silent:
            sim.fault(vendor, "never answers")
            return lambda _: HANG
        handle: Callable[[Request], Response] = sim.stands[vendor].handle
        return handle


def _away(_: Request) -> Response:
    return Response(503, b"", {"content-type": "text/plain"})
