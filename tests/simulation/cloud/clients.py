"""botocore's clients as the product sees them, without sockets: requests end in the account, or in the simulated queues.

Two ways of serialisation. `exact` sends each request through botocore's own validation, serializer and parser. The short way
hands DynamoDB's and SSM's JSON over as it is, which botocore would do in the end; it is several times faster, and a test
demands that both ways give the same trace. What the SDK does around a call is here: it repeats what failed for a passing
reason, as often as the product's own clients are told to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.parsers
import botocore.serialize
from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError, ReadTimeoutError
from botocore.validate import ParamValidator

from tests.simulation.cloud.pausing import keeps
from tests.simulation.cloud.quick import operations
from tests.simulation.cloud.suppressed import answered
from tests.simulation.kernel.edge import Injected

if TYPE_CHECKING:
    from tests.simulation.sim import Sim

ATTEMPTS = {"sesv2": 1, "sns": 1}
"""Sends to people are never repeated beneath us (promise P5); everything else as orderwright.aws.clients says."""
DEFAULT_ATTEMPTS = 3


class _Parts(NamedTuple):
    model: Any
    operations: dict[str, str]
    exceptions: Any
    serializer: Any
    parser: Any
    target: str


@cache
def _parts(service: str) -> _Parts:
    from tests.support.aws_in_process import InProcessAws

    client = InProcessAws("000000000499").client(service)
    model = client.meta.service_model
    protocol = model.resolved_protocol
    return _Parts(
        model,
        client.meta.method_to_api_mapping,
        client.exceptions,
        botocore.serialize.create_serializer(protocol, False),
        botocore.parsers.create_parser(protocol),
        str(model.metadata.get("targetPrefix", "")),
    )


class SimClient:
    """Looks like the botocore client of one service."""

    def __init__(self, service: str, sim: Sim) -> None:
        self._service = service
        self._sim = sim
        self._attempts = ATTEMPTS.get(service, DEFAULT_ATTEMPTS)
        self._name = service

    @property
    def exceptions(self) -> Any:
        """The exception classes of the service."""
        return _parts(self._service).exceptions

    def close(self) -> None:
        """Nothing is open."""

    def __deepcopy__(self, memo: dict[int, Any]) -> SimClient:
        import copy

        return SimClient(self._service, copy.deepcopy(self._sim, memo))

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("__"):
            raise AttributeError(method)
        operation = _parts(self._service).operations.get(method)
        if operation is None:
            raise AttributeError(method)

        def call(**request: Any) -> Any:
            return self._call(operation, request)

        self.__dict__[method] = call
        return call

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        sim = self._sim
        if sim.exact:
            _validated(self._service, operation, request)
        for attempt in range(1, self._attempts + 1):
            try:
                return sim.edge.call(f"{self._service}:{operation}", lambda: self._effect(operation, request))
            except Injected as injected:
                if attempt == self._attempts or injected.lasting or injected.kind == "conflict":
                    raise _error(self._service, operation, injected.kind, request) from None
                sim.edge.sleep(0.05 * 2**attempt)
        raise AssertionError("unreachable")

    def _effect(self, operation: str, request: dict[str, Any]) -> Any:
        if self._service == "sqs":
            return self._sim.take_messages(operation, request)
        listed = answered(self._sim, operation, request) if self._service == "sesv2" else None
        if listed is not None:
            return listed
        paused = keeps(self._sim, operation, request) if self._service in ATTEMPTS else None
        if paused is not None:
            raise _refusal(operation, *paused)
        if self._service == "sns" and "TopicArn" in request and operation == "Publish":
            self._sim.seen.alerts.append(f"{request['Subject']}\n{request['Message']}")
        if operation == "SendEmail":
            answer = self._ask(operation, request)
            self._sim.vendors.take_mail(request)
            return answer
        if self._service == "dynamodb" and "IndexName" in request:
            with self._sim.lagging(request["TableName"], request["IndexName"]):
                return self._ask(operation, request)
        if operation == "BatchGetItem" and not self._sim.edge.untouched:
            return self._some(operation, request)
        return self._ask(operation, request)

    def _some(self, operation: str, request: dict[str, Any]) -> Any:
        """BatchGetItem may leave keys out; the caller has to ask for them again."""
        (table, wanted), *others = request["RequestItems"].items()
        keep = max(1, self._sim.chaos.processed(len(wanted["Keys"])))
        if others or keep >= len(wanted["Keys"]):
            return self._ask(operation, request)
        self._sim.fault("dynamodb", f"leaves {len(wanted['Keys']) - keep} keys unprocessed")
        answer = self._ask(operation, {"RequestItems": {table: {**wanted, "Keys": wanted["Keys"][:keep]}}})
        answer["UnprocessedKeys"] = {table: {**wanted, "Keys": wanted["Keys"][keep:]}}
        return answer

    def _ask(self, operation: str, request: dict[str, Any]) -> Any:
        if operation in operations(self._service) and not self._sim.exact:
            return self._short(operation, request)
        parts = _parts(self._service)
        shapes = parts.model.operation_model(operation)
        wire = parts.serializer.serialize_to_request(dict(request), shapes)
        path = wire["url_path"].partition("?")[0]
        if self._service == "s3":
            path = f"/{request['Bucket']}{path}" if not path.startswith(f"/{request['Bucket']}") else path
        headers = {name.lower(): value for name, value in wire["headers"].items()}
        status, answer_headers, body = self._sim.account.ask(
            self._service, wire["method"], path, headers, _bytes(wire["body"]), {}
        )
        lower = {name.lower(): value for name, value in answer_headers.items()}
        raw = {"status_code": status, "headers": botocore_headers(lower), "body": body}
        if shapes.has_streaming_output and status < 300:
            raw["body"] = _Stream(body)
        if status >= 300:
            from tests.support.aws_in_process import refusal

            raise refusal(parts.model, parts.parser, parts.exceptions, raw, operation)
        return parts.parser.parse(raw, shapes.output_shape)

    def _short(self, operation: str, request: dict[str, Any]) -> Any:
        status, answer = self._sim.account.ask_quickly(self._service, operation, request)
        if status < 300:
            return answer
        code = str(answer.get("__type", "")).rpartition("#")[2]
        text = answer.get("message") or answer.get("Message") or ""
        parsed = {**answer, "Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise self.exceptions.from_code(code)(parsed, operation)


class _Stream:
    """A body that is read, as S3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def read(self) -> bytes:
        return self._body


def botocore_headers(lower: dict[str, str]) -> Any:
    """Headers as botocore's parsers want them: names in any case."""
    from botocore.awsrequest import HeadersDict

    return HeadersDict(lower)


def _bytes(body: Any) -> bytes:
    if isinstance(body, dict):  # the query protocol, before the endpoint encodes it
        from urllib.parse import urlencode

        return urlencode(body).encode()
    return body.encode() if isinstance(body, str) else body


def _validated(service: str, operation: str, request: dict[str, Any]) -> None:
    shape = _parts(service).model.operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())


def _error(service: str, operation: str, kind: str, request: dict[str, Any]) -> Any:
    if kind == "lost_answer":
        return ReadTimeoutError(endpoint_url="http://127.0.0.1")
    if kind == "no_connection":
        return EndpointConnectionError(endpoint_url="http://127.0.0.1")
    if kind == "conflict":
        reasons = [{"Code": "TransactionConflict"} for _ in request["TransactItems"]]
        parsed = {
            "Error": {"Code": "TransactionCanceledException", "Message": "conflict"},
            "CancellationReasons": reasons,
            "ResponseMetadata": {"HTTPStatusCode": 400},
        }
        exceptions = _parts(service).exceptions
        return exceptions.TransactionCanceledException(parsed, operation)
    code, status = ("ThrottlingException", 400) if kind == "throttle" else ("InternalFailure", 500)
    return _refusal(operation, code, status, kind)


def _refusal(operation: str, code: str, status: int, text: str = "paused") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
