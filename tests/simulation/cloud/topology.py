"""template.yaml as the simulation's map: which queue, stream, schedule and route leads to which function, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.simulation.cloud.filters import check_pattern
from tests.simulation.cloud.intrinsics import (
    API,
    BUCKET,
    FUNCTION,
    INTEGRATION,
    MAPPING,
    QUEUE,
    ROUTE,
    SCHEDULE,
    STAGE,
    TABLE,
    TOPIC,
    NotUnderstood,
    Section,
    Template,
)
from tests.simulation.cloud.specs import (
    FunctionSpec,
    IndexSpec,
    QueueMapping,
    QueueSpec,
    Route,
    Schedule,
    StreamMapping,
    TableSpec,
    Topology,
)

__all__ = [
    "FunctionSpec",
    "IndexSpec",
    "NotUnderstood",
    "QueueMapping",
    "QueueSpec",
    "Route",
    "Schedule",
    "StreamMapping",
    "TableSpec",
    "Topology",
    "read_topology",
]

SENDER = "shop@example.com"
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
_BESIDE_A_FUNCTION = (
    "Architectures", "FunctionName", "Layers", "LoggingConfig", "MemorySize", "Role", "Runtime", "Tags",
)  # fmt: skip
_BESIDE_A_BUCKET = (
    "BucketEncryption", "LifecycleConfiguration", "OwnershipControls", "PublicAccessBlockConfiguration", "Tags",
    "VersioningConfiguration",
)  # fmt: skip
_A_FUNCTION = (("Ref", FUNCTION), ("Arn", FUNCTION))


def read_topology(
    template: Path,
    *,
    profile: str = "aws",
    parameters: Mapping[str, str] | None = None,
    account: str = "000000000000",
    stack: str = "orderwright",
) -> Topology:
    """Everything that carries work. Raises NotUnderstood, a ValueError, for what it has no model for; nothing is skipped."""
    given = {"SenderAddress": SENDER, "Profile": profile, **(parameters or {})}
    return _Reader(Template(template, given, account, stack)).read()


class _Reader:
    def __init__(self, template: Template) -> None:
        self._template = template
        self._folders: dict[str, str] = {}

    def read(self) -> Topology:
        functions = self._functions()
        self._check_what_stands_beside()
        found = Topology(
            functions=functions,
            queues={queue.name: queue for queue in map(self._queue, *self._all(QUEUE))},
            queue_mappings=tuple(self._queue_mapping(*one) for one in self._mappings(QUEUE)),
            stream_mappings=tuple(self._stream_mapping(*one) for one in self._mappings(TABLE)),
            schedules={schedule.name: schedule for schedule in map(self._schedule, *self._all(SCHEDULE))},
            routes=tuple(map(self._route, *self._all(ROUTE))),
            tables={table.role: table for table in map(self._table, *self._all(TABLE))},
        )
        for mapping in found.stream_mappings:
            if found.tables[mapping.table].stream is None:
                raise NotUnderstood(f"{mapping.logical_id}.EventSourceArn: table {mapping.table} has no stream")
        return found

    def _all(self, kind: str) -> tuple[list[str], list[Section]]:
        found = list(self._template.of_type(kind))
        return [logical_id for logical_id, _ in found], [section for _, section in found]

    def _check_what_stands_beside(self) -> None:
        """Other ways into a function (a body with routes, notifications, subscriptions) have no model."""
        for _, api in self._template.of_type(API):
            api.expect("ProtocolType", "HTTP")
            api.only("Name", "Tags")
        for _, stage in self._template.of_type(STAGE):
            stage.expect("StageName", "$default")
            stage.only("ApiId", "AutoDeploy", "DefaultRouteSettings", "RouteSettings", "Tags")
        for _, topic in self._template.of_type(TOPIC):
            topic.only("DisplayName", "Tags")
        for _, bucket in self._template.of_type(BUCKET):
            bucket.only(*_BESIDE_A_BUCKET)

    # --- functions ----------------------------------------------------------------------------------------------------

    def _functions(self) -> dict[str, FunctionSpec]:
        found: dict[str, FunctionSpec] = {}
        shared = self._template.function_globals()
        for logical_id, own in self._template.of_type(FUNCTION):
            function = self._function(logical_id, Section(self._template, logical_id, _merged(shared, own.values)))
            if function.name in found:
                raise NotUnderstood(
                    f"{logical_id}.CodeUri: {function.name} is {found[function.name].logical_id} already"
                )
            found[function.name] = function
            self._folders[logical_id] = function.name
        return found

    def _function(self, logical_id: str, properties: Section) -> FunctionSpec:
        source = properties.text("CodeUri")
        module, _, entry = properties.text("Handler").rpartition(".")
        file = self._template.root / source / f"{module}.py"
        if not re.fullmatch(r"functions/[a-z0-9_]+", source):
            raise NotUnderstood(f"{logical_id}.CodeUri: expected functions/<folder>, found {source}")
        if not file.is_file():
            raise NotUnderstood(f"{logical_id}.Handler: there is no {source}/{module}.py")
        variables = properties.section("Environment").section("Variables")
        spec = FunctionSpec(
            name=source.removeprefix("functions/"),
            logical_id=logical_id,
            file=file,
            entry=entry,
            timeout=_seconds(properties, "Timeout", 3),
            environment={name: variables.text(name) for name in variables.values},
            concurrency=_optional(properties, "ReservedConcurrentExecutions"),
        )
        properties.only(*_BESIDE_A_FUNCTION)
        return spec

    # --- queues and streams -------------------------------------------------------------------------------------------

    def _queue(self, logical_id: str, properties: Section) -> QueueSpec:
        redrive = properties.section("RedrivePolicy")
        redriven = properties.has("RedrivePolicy")
        spec = QueueSpec(
            name=self._template.plain_name(logical_id),
            logical_id=logical_id,
            visibility=_seconds(properties, "VisibilityTimeout", 30),
            delay=_seconds(properties, "DelaySeconds", 0),
            retention=_seconds(properties, "MessageRetentionPeriod", 4 * 24 * 3600),
            max_receives=redrive.number("maxReceiveCount") if redriven else None,
            dead_letter=self._queue_of(redrive, "deadLetterTargetArn") if redriven else None,
        )
        properties.only("SqsManagedSseEnabled", "Tags")
        return spec

    def _queue_of(self, section: Section, key: str) -> str:
        return self._template.plain_name(section.link(key, ("Arn", QUEUE)))

    def _function_of(self, section: Section, key: str, *forms: tuple[str, str]) -> str:
        return self._folders[section.link(key, *(forms or _A_FUNCTION))]

    def _mappings(self, source: str) -> list[tuple[str, Section, str]]:
        """Logical id, properties and source of the mappings from queues or from tables."""
        found = []
        for logical_id, properties in self._template.of_type(MAPPING):
            fed_by = properties.link("EventSourceArn", ("Arn", QUEUE), ("StreamArn", TABLE))
            if self._template.is_a(fed_by, source):
                found.append((logical_id, properties, self._template.plain_name(fed_by)))
        return found

    def _queue_mapping(self, logical_id: str, properties: Section, queue: str) -> QueueMapping:
        spec = QueueMapping(
            logical_id=logical_id,
            queue=queue,
            function=self._function_of(properties, "FunctionName"),
            batch_size=properties.number("BatchSize", 10),
            window=_seconds(properties, "MaximumBatchingWindowInSeconds", 0),
            partial=_partial(properties),
            maximum_concurrency=_optional(properties.section("ScalingConfig"), "MaximumConcurrency"),
        )
        properties.only("Tags")
        return spec

    def _stream_mapping(self, logical_id: str, properties: Section, table: str) -> StreamMapping:
        failure = properties.section("DestinationConfig").section("OnFailure")
        age = _unless_minus_one(properties.number("MaximumRecordAgeInSeconds", -1))
        spec = StreamMapping(
            logical_id=logical_id,
            table=table,
            function=self._function_of(properties, "FunctionName"),
            batch_size=properties.number("BatchSize", 100),
            window=_seconds(properties, "MaximumBatchingWindowInSeconds", 0),
            filters=tuple(map(_pattern, properties.section("FilterCriteria").sections("Filters"))),
            retries=_unless_minus_one(properties.number("MaximumRetryAttempts", -1)),
            max_age=None if age is None else timedelta(seconds=age),
            bisect=properties.flag("BisectBatchOnFunctionError", False),
            on_failure=self._queue_of(failure, "Destination") if failure.values else None,
            parallelization=properties.number("ParallelizationFactor", 1),
            starting_position=properties.text("StartingPosition"),
            partial=_partial(properties),
        )
        properties.only("Tags")
        return spec

    # --- schedules and routes -----------------------------------------------------------------------------------------

    def _schedule(self, logical_id: str, properties: Section) -> Schedule:
        properties.section("FlexibleTimeWindow").expect("Mode", "OFF")
        target = properties.section("Target")
        target.raw("RoleArn")
        retry, lost = target.section("RetryPolicy"), target.section("DeadLetterConfig")
        if "<aws.scheduler." in target.text("Input"):
            raise NotUnderstood(f"{target.where}.Input: the scheduler's own placeholders are not understood here")
        every, at = _rate(properties, "ScheduleExpression")
        spec = Schedule(
            name=self._template.plain_name(logical_id),
            logical_id=logical_id,
            every=every,
            at=at,
            function=self._function_of(target, "Arn", ("Arn", FUNCTION)),
            event=target.json("Input"),
            retries=retry.number("MaximumRetryAttempts", 185),
            max_event_age=_seconds(retry, "MaximumEventAgeInSeconds", 24 * 3600),
            dead_letter=self._queue_of(lost, "Arn") if lost.values else None,
        )
        properties.only("Description")
        return spec

    def _route(self, logical_id: str, properties: Section) -> Route:
        key, target = properties.text("RouteKey"), properties.text("Target")
        method, _, path = key.partition(" ")
        if not re.fullmatch(r"[A-Z]+ /\S*", key):
            raise NotUnderstood(f"{logical_id}.RouteKey: expected a method and a path, found {key}")
        integration_id = target.removeprefix("integrations/")
        if target == integration_id or not self._template.is_a(integration_id, INTEGRATION):
            raise NotUnderstood(f"{logical_id}.Target: expected integrations/ and one of this template, found {target}")
        integration = self._template.properties(integration_id)
        integration.expect("IntegrationType", "AWS_PROXY")
        integration.expect("PayloadFormatVersion", "2.0")
        function = self._function_of(integration, "IntegrationUri", ("Arn", FUNCTION))
        timeout = timedelta(milliseconds=integration.number("TimeoutInMillis", 30_000))
        integration.only("ApiId")
        properties.only("ApiId")
        return Route(method, path, function, timeout)

    # --- tables -------------------------------------------------------------------------------------------------------

    def _table(self, logical_id: str, properties: Section) -> TableSpec:
        hash_key, range_key = _keys(properties)
        view, expiry = properties.section("StreamSpecification"), properties.section("TimeToLiveSpecification")
        expires_by = expiry.text("AttributeName") if expiry.values else None
        spec = TableSpec(
            role=self._template.plain_name(logical_id),
            logical_id=logical_id,
            hash_key=hash_key,
            range_key=range_key,
            attributes={
                one.text("AttributeName"): one.text("AttributeType")
                for one in properties.sections("AttributeDefinitions")
            },
            indexes={one.text("IndexName"): _index(one) for one in properties.sections("GlobalSecondaryIndexes")},
            stream=view.text("StreamViewType") if view.values else None,
            ttl=expires_by if expiry.flag("Enabled", False) else None,
        )
        properties.only("BillingMode", "PointInTimeRecoverySpecification", "SSESpecification", "Tags")
        return spec


def _merged(shared: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """SAM's rule: a function's own values win, maps are joined key by key."""
    both = {**shared, **own}
    for key in shared.keys() & own.keys():
        if isinstance(shared[key], dict) and isinstance(own[key], dict):
            both[key] = _merged(shared[key], own[key])
        elif isinstance(shared[key], list):
            raise NotUnderstood(
                f"Globals.Function.{key}: SAM joins this list with a function's own, which has no model"
            )
    return both


def _seconds(section: Section, key: str, default: int) -> timedelta:
    return timedelta(seconds=section.number(key, default))


def _optional(section: Section, key: str) -> int | None:
    return section.number(key) if section.has(key) else None


def _unless_minus_one(number: int) -> int | None:
    """AWS writes "without end" as -1."""
    return None if number == -1 else number


def _partial(properties: Section) -> bool:
    kinds = properties.texts("FunctionResponseTypes")
    if kinds not in ([], ["ReportBatchItemFailures"]):
        raise NotUnderstood(f"{properties.where}.FunctionResponseTypes: {kinds} is not understood here")
    return bool(kinds)


def _pattern(section: Section) -> dict[str, Any]:
    pattern = section.json("Pattern")
    try:
        check_pattern(pattern)
    except ValueError as error:
        raise NotUnderstood(f"{section.where}.Pattern: {error}") from error
    return pattern


def _rate(section: Section, key: str) -> tuple[timedelta, timedelta]:
    """How often, and at what time of each day for what runs daily at one."""
    text = section.text(key)
    if daily := re.fullmatch(r"cron\((\d{1,2}) (\d{1,2}) \* \* \? \*\)", text):
        return timedelta(days=1), timedelta(minutes=int(daily[1]), hours=int(daily[2]))
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", text)
    if match is None or int(match.group(1)) == 0:
        what = "only rate(n minutes, hours or days) and cron(m h * * ? *) are understood"
        raise NotUnderstood(f"{section.where}.{key}: {what}, found {text}")
    return int(match.group(1)) * _UNITS[match.group(2)], timedelta(0)


def _keys(section: Section) -> tuple[str, str | None]:
    keys = {one.text("KeyType"): one.text("AttributeName") for one in section.sections("KeySchema")}
    if "HASH" not in keys or not keys.keys() <= {"HASH", "RANGE"}:
        raise NotUnderstood(f"{section.where}.KeySchema: expected HASH and perhaps RANGE, found {sorted(keys)}")
    return keys["HASH"], keys.get("RANGE")


def _index(section: Section) -> IndexSpec:
    hash_key, range_key = _keys(section)
    return IndexSpec(hash_key, range_key, section.section("Projection").text("ProjectionType"))
