"""A vendor's HTTP side: a table of routes, gates in front of it, scripted faults, and one form for all errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from local.sandbox.scripted import AWAY_FOR, THROTTLED_FOR, Forms, LateEffects, play
from local.sandbox.wire import Faults, Request, Response, World, json_response


class Body(BaseModel):
    """What a vendor accepts in a request: closed and strictly typed. A misspelt field that a vendor ignores is a lost one."""

    model_config = ConfigDict(extra="forbid", strict=True)


AnyBody = TypeVar("AnyBody", bound=BaseModel)


class Refusal(Exception):
    """A refusal in the vendor's words; ends the call. `details` is whatever else the vendor's error form has room for."""

    def __init__(
        self, status: int, code: Any, message: str, details: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status, self.code, self.message = status, code, message
        self.details, self.headers = details, dict(headers or {})

    def __deepcopy__(self, _: object) -> Refusal:
        """It never changes: a world that is copied shares it."""
        return self


@dataclass(frozen=True)
class Route:
    """One call. In `path` each {name} stands for one part without a slash.

    `cost` is for the throttle. `open_to_all` needs no sign-in. `needed` must be in the query; where `optional` is given,
    anything that is in neither is a violation.
    """

    method: str
    path: str
    operation: str
    cost: int = 0
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] | None = None
    open_to_all: bool = False


NO_ROUTE = Route("", "", "unknown")


@dataclass(frozen=True)
class Violation:
    """A request that breaks the contract, without any value from it. `problems` are (field or None, what is wrong).

    `kind`: path, method, query_missing, query_unknown, query_value, body_missing, not_json or fields.
    """

    kind: str
    problems: tuple[tuple[str | None, str], ...]

    def __str__(self) -> str:
        return "; ".join(problem if name is None else f"{name}: {problem}" for name, problem in self.problems)


@dataclass(frozen=True)
class Call:
    """One request on its way. `id` is the vendor's id of it, `parts` what the path's {names} stand for."""

    request: Request
    id: str = ""
    route: Route = NO_ROUTE
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> Mapping[str, str]:
        """The query of the address."""
        return self.request.query

    @property
    def operation(self) -> str:
        """The vendor's operation, by which faults are scripted."""
        return self.route.operation


Gate = Callable[[Call], None]
"""Stands in front of every call; raises Refusal for one that it does not let through."""
ErrorForm = Callable[[Refusal, Call], Response]


def gate(passes: Callable[[Call], bool], refusal: Callable[[Call], Refusal]) -> Gate:
    """A gate that refuses each call that does not pass."""

    def stand(call: Call) -> None:
        if not passes(call):
            raise refusal(call)

    return stand


def operations(routes: Sequence[Route]) -> tuple[str, ...]:
    """Every operation that a fault can be scripted for."""
    return tuple(dict.fromkeys(route.operation for route in routes))


class Words(NamedTuple):
    """What a vendor says when a script lets an operation fail (see wire.Faults), all in its one error form."""

    refused: Refusal = Refusal(422, "refused", "Refused")
    missing: Refusal = Refusal(404, "not_found", "Not Found")
    failed: Refusal = Refusal(500, "internal_error", "Internal Server Error")
    throttled: Refusal = Refusal(429, "too_many_requests", "Too Many Requests")
    away: Refusal = Refusal(503, "unavailable", "Service Unavailable")

    def forms(self, error: ErrorForm, call: Call) -> Forms:
        """Its answers; being throttled and being away say how long to wait."""

        def form(no: Refusal, wait: Mapping[str, str]) -> Response:
            return error(Refusal(no.status, no.code, no.message, no.details, no.headers or wait), call)

        return Forms(
            error_500=error(self.failed, call),
            rate_limited=form(self.throttled, THROTTLED_FOR),
            rate_limited_bare=error(self.throttled, call),
            unavailable=form(self.away, AWAY_FOR),
            refused=error(self.refused, call),
            not_found=error(self.missing, call),
        )


@lru_cache(maxsize=512)
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))


@dataclass
class Api:
    """`handle` answers one request: late effects, route, gates, faults, then the `answers` of its operation.

    An answer is a Response, or data that `shown` makes one of. `refusal_of` puts a violation into the vendor's words; each is
    in the ledger as "contract_violation". Scripted failures are said in `words`, or by `forms` where a vendor has more than one
    form. `private`: who is not signed in does not learn which paths exist. `reference` is the name of the field of a body that
    names an order, for the ledger.
    """

    world: World
    vendor: str
    routes: Sequence[Route]
    answers: Mapping[str, Callable[[Call], Any]]
    error: ErrorForm
    refusal_of: Callable[[Violation], Refusal]
    words: Words = field(default_factory=Words)
    forms: Callable[[Call], Forms] | None = None
    gates: Sequence[Gate] = ()
    faults: Faults = field(default_factory=Faults)
    shown: Callable[[Any, Call], Response] = lambda data, _: json_response(data)
    new_id: Callable[[], str] = lambda: ""
    private: bool = False
    reference: str = ""
    late: LateEffects = field(init=False)

    def __post_init__(self) -> None:
        self.late = LateEffects(self.world)
        self._fixed: dict[str, list[Route]] = {}
        for route in self.routes:
            self._fixed.setdefault(route.path, []).append(route)
        self._open = [route for route in self.routes if "{" in route.path]

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        self.late.settle()
        call = Call(request, self.new_id())
        try:
            call, problem = self._routed(call)
            if problem is not None and not self.private:
                self._refuse(problem, call)
            for stand in self.gates:
                stand(call)
            if problem is not None:
                self._refuse(problem, call)
        except Refusal as refusal:
            return self.error(refusal, call)
        return play(self.faults, call.operation, lambda: self.answer(call), lambda: self._forms(call), self.late)

    def answer(self, call: Call) -> Response:
        """Carry the call out, past gates and faults."""
        try:
            self._check_query(call)
            data = self.answers[call.operation](call)
        except Refusal as refusal:
            return self.error(refusal, call)
        return data if isinstance(data, Response) else self.shown(data, call)

    def body(self, call: Call, model: type[AnyBody]) -> AnyBody:
        """The call's body, checked; raises Refusal where it breaks the contract."""
        if not call.request.body:
            self._refuse(Violation("body_missing", (("body", "missing"),)), call)
        try:
            raw = call.request.json()
        except ValueError:
            self._refuse(Violation("not_json", (("body", "not JSON"),)), call)
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            problems = tuple((".".join(str(part) for part in e["loc"]), e["type"]) for e in error.errors())
            named = raw.get(self.reference) if isinstance(raw, dict) else None
            self._refuse(Violation("fields", problems), call, named if isinstance(named, str) else "")

    def whole(self, call: Call, name: str, default: int, low: int = 1, high: int = 1_000_000) -> int:
        """A whole number of the query; raises Refusal where it is none or out of bounds."""
        text = call.query.get(name, str(default))
        if not text.isdecimal() or not low <= int(text) <= high:
            self._refuse(Violation("query_value", ((None, f"{name} must be {low} to {high}."),)), call)
        return int(text)

    def _forms(self, call: Call) -> Forms:
        return self.forms(call) if self.forms else self.words.forms(self.error, call)

    def _routed(self, call: Call) -> tuple[Call, Violation | None]:
        there = False
        for route in self._fixed.get(call.request.path) or self._open:
            if found := _pattern(route.path).fullmatch(call.request.path):
                there, call = True, replace(call, route=route, parts=found.groupdict())
                if route.method == call.request.method:
                    return call, None
        if there:
            return call, Violation("method", ((None, f"method {call.request.method}"),))
        return call, Violation("path", ((None, "no such path"),))

    def _check_query(self, call: Call) -> None:
        route = call.route
        for name in route.needed:
            if not call.query.get(name):
                self._refuse(Violation("query_missing", ((f"query {name}", "missing"),)), call)
        for name in call.query if route.optional is not None else ():
            if name not in (*route.needed, *(route.optional or ())):
                self._refuse(Violation("query_unknown", ((f"query {name}", "unknown"),)), call)

    def _refuse(self, violation: Violation, call: Call, reference: str = "") -> NoReturn:
        about = reference or (call.request.path if violation.kind == "path" else call.operation)
        self.world.record(self.vendor, "contract_violation", about, operation=call.operation, problem=str(violation))
        raise self.refusal_of(violation)
