"""The template read as a map: what leads where in the real one, and that nothing in any template is silently skipped."""

from __future__ import annotations

import copy
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orderwright.messages import QUEUE_NAMES
from orderwright.usecases.dispatch_schedules import SCHEDULES
from tests.simulation.cloud.filters import filter_matches
from tests.simulation.cloud.topology import NotUnderstood, Topology, read_topology
from tests.support.handlers import FOLDERS, FUNCTIONS
from tests.support.source import ROOT

REAL = read_topology(ROOT / "template.yaml")

# --- the real template ------------------------------------------------------------------------------------------------


def test_each_of_the_twenty_functions_is_found_with_its_code() -> None:
    assert sorted(REAL.functions) == FOLDERS
    assert len(REAL.functions) == 20
    for name, found in REAL.functions.items():
        assert (found.file, found.entry) == (FUNCTIONS / name / "app.py", "handler")
        assert found.environment["POWERTOOLS_SERVICE_NAME"] == name


def test_every_worker_queue_feeds_the_function_of_its_name_and_has_dead_letters_that_go_nowhere() -> None:
    fed = {one.queue: one.function for one in REAL.queue_mappings}
    assert len(fed) == len(REAL.queue_mappings)
    assert sorted(fed) == sorted(QUEUE_NAMES)
    assert all(source == target for source, target in fed.items())
    for name in QUEUE_NAMES:
        work, dead = REAL.queues[name], REAL.queues[f"{name}_dead_letter"]
        assert (work.dead_letter, work.max_receives) == (dead.name, 5)
        assert (dead.dead_letter, dead.max_receives) == (None, None)
        assert dead.retention > work.retention
    assert REAL.queues.keys() - fed.keys() == {f"{name}_dead_letter" for name in (*QUEUE_NAMES, "relay_facts")}


def test_a_listing_push_is_gathered_and_a_purchase_order_goes_alone() -> None:
    by_queue = {one.queue: one for one in REAL.queue_mappings}
    gathered, alone = by_queue["publish_listing"], by_queue["place_purchase_order"]
    assert (gathered.batch_size, gathered.window, gathered.maximum_concurrency) == (250, timedelta(seconds=1), 2)
    assert (alone.batch_size, alone.window, alone.maximum_concurrency) == (1, timedelta(0), 5)
    assert all(one.partial for one in REAL.queue_mappings)


def test_every_tables_stream_goes_to_the_relay_and_what_fails_to_its_dead_letters() -> None:
    assert Counter(one.table for one in REAL.stream_mappings) == Counter(REAL.tables.keys())
    for one in REAL.stream_mappings:
        assert (one.function, one.on_failure) == ("relay_facts", "relay_facts_dead_letter")
        assert (one.retries, one.max_age, one.bisect) == (20, timedelta(hours=12), True)
        assert (one.starting_position, one.partial) == ("TRIM_HORIZON", False)


def test_only_records_with_facts_are_relayed() -> None:
    for one in REAL.stream_mappings:
        (pattern,) = one.filters
        assert filter_matches(pattern, {"dynamodb": {"NewImage": {"facts": {"S": "[]"}}}})
        assert not filter_matches(pattern, {"dynamodb": {"NewImage": {"pk": {"S": "x"}}}})


def test_the_schedules_call_the_dispatcher_by_names_that_it_knows() -> None:
    assert {name: timer.event for name, timer in REAL.schedules.items()} == {
        name: {"schedule": name} for name in SCHEDULES
    }
    for timer in REAL.schedules.values():
        assert timer.function == "dispatch_schedules"
        assert (timer.retries, timer.dead_letter) == (2, None)
        assert timer.max_event_age <= max(timer.every, timedelta(minutes=15))


def test_a_schedule_rings_strictly_later_and_from_the_moment_it_was_deployed() -> None:
    sweep, reprice, statement = (REAL.schedules[name] for name in ("sweep", "reprice", "statement"))
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert sweep.next_after(noon) == noon + timedelta(minutes=1)
    assert sweep.next_after(noon + timedelta(seconds=59)) == noon + timedelta(minutes=1)
    assert reprice.next_after(noon) == datetime(2026, 3, 2, tzinfo=UTC)
    assert statement.next_after(noon) == datetime(2026, 3, 2, 2, 15, tzinfo=UTC)
    assert reprice.next_after(noon, since=noon - timedelta(hours=1)) == noon + timedelta(hours=23)


def test_vendors_reach_the_webhook_function_and_their_people_the_page_and_nothing_else() -> None:
    places = {
        "receive_webhook": "/webhooks/{address}",
        "serve_supplier_page": "/purchase-orders/{token}",
        "show_tracking": "/track/{token}",
        "take_customer_request": "/track/{token}",
    }
    methods = {"show_tracking": ("GET",), "take_customer_request": ("POST",)}
    assert sorted((route.function, route.method) for route in REAL.routes) == [
        (name, method) for name in places for method in methods.get(name, ("GET", "POST"))
    ]
    for route in REAL.routes:
        assert (route.path, route.timeout) == (places[route.function], REAL.functions[route.function].timeout)


def test_every_setting_is_a_name_that_the_topology_has() -> None:
    for found in REAL.functions.values():
        for variable, value in found.environment.items():
            if variable.endswith("_QUEUE_URL"):
                assert value == variable.removesuffix("_QUEUE_URL").lower()
                assert value in REAL.queues
            if variable.endswith("_TABLE"):
                assert value == variable.removesuffix("_TABLE").lower()
                assert value in REAL.tables


def test_settings_follow_the_account_the_stack_and_the_profile() -> None:
    told = read_topology(ROOT / "template.yaml", profile="local", account="000000000500", stack="test")
    assert told.functions["ingest_order"].environment["SECRETS_PREFIX"] == "/orderwright/test"
    assert told.functions["ingest_order"].environment["PROFILE"] == "local"
    assert told.functions["notify_customer"].environment["SENDER_ADDRESS"] == "shop@example.com"
    assert told.functions["poll_stock"].environment["SNAPSHOTS_BUCKET"] == "snapshots"
    assert told.functions["poll_stock"].environment["FILES_BUCKET"] == "files"
    topic = "arn:aws:sns:eu-north-1:000000000500:operator"
    assert told.functions["alert_merchant"].environment["OPERATOR_TOPIC_ARN"] == topic


def test_a_profile_decides_how_long_things_wait() -> None:
    local = read_topology(ROOT / "template.yaml", profile="local")
    name = "place_purchase_order"
    assert REAL.functions[name].timeout == timedelta(seconds=60)
    assert REAL.queues[name].visibility == timedelta(seconds=360)
    assert local.functions[name].timeout == timedelta(seconds=8)
    assert local.queues[name].visibility == timedelta(seconds=48)
    with pytest.raises(NotUnderstood, match="parameter Profile cannot be elsewhere"):
        read_topology(ROOT / "template.yaml", profile="elsewhere")


def test_tables_have_keys_indexes_and_streams() -> None:
    assert list(REAL.tables) == ["orders", "catalogue", "control"]
    for table in REAL.tables.values():
        assert (table.hash_key, table.range_key, table.stream, table.ttl) == ("pk", "sk", "NEW_IMAGE", "expires_at")
        due = table.indexes["due"]
        assert (due.hash_key, due.range_key, due.projection) == ("due_shard", "due_at", "KEYS_ONLY")
        keys = {table.hash_key, table.range_key} | {
            key for index in table.indexes.values() for key in (index.hash_key, index.range_key)
        }
        assert table.attributes == dict.fromkeys(sorted(filter(None, keys)), "S")
    assert "by_ref" in REAL.tables["orders"].indexes
    assert "by_ref" not in REAL.tables["control"].indexes


def test_two_readings_and_a_copy_are_alike() -> None:
    assert read_topology(ROOT / "template.yaml") == REAL
    assert copy.deepcopy(REAL) == REAL


# --- small templates --------------------------------------------------------------------------------------------------

WORKER = """
    Properties: {CodeUri: functions/do_work, Handler: app.handler}
"""
STORES = """
  DoWorkQueue: {Type: "AWS::SQS::Queue"}
  DoWorkTable:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
"""


def read(folder: Path, resources: str, before: str = "", worker: str = WORKER) -> Topology:
    """The topology of a small template that stands beside one function's code."""
    code = folder / "functions" / "do_work" / "app.py"
    code.parent.mkdir(parents=True)
    code.touch()
    template = folder / "template.yaml"
    declared = f"  DoWorkFunction:\n    Type: AWS::Serverless::Function{worker}"
    template.write_text(f"{before}\nResources:\n{declared}{STORES}{resources}")
    return read_topology(template)


def mapping(source: str, more: str = "") -> str:
    """An event mapping to the worker."""
    return f"""
  DoWorkMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {{FunctionName: !Ref DoWorkFunction, EventSourceArn: !GetAtt {source}{more}}}
"""


def schedule(expression: str, text: str = "{}", more: str = "") -> str:
    """A schedule that calls the worker."""
    return f"""
  DoWorkSchedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: {expression}
      FlexibleTimeWindow: {{Mode: "OFF"}}
      Target: {{Arn: !GetAtt DoWorkFunction.Arn, RoleArn: x, Input: '{text}'{more}}}
"""


def function(properties: str) -> str:
    """Another function over the same code, with these properties."""
    return f"""
  OtherFunction:
    Type: AWS::Serverless::Function
    Properties: {{Handler: app.handler, {properties}}}
"""


def environment(value: str) -> str:
    """A function with one setting."""
    return function(f"CodeUri: functions/do_work, Environment: {{Variables: {{SETTING: {value}}}}}")


def queue(properties: str, name: str = "OtherQueue") -> str:
    """Another queue."""
    return f"""
  {name}:
    Type: AWS::SQS::Queue
    Properties: {{{properties}}}
"""


def test_what_a_template_leaves_out_is_what_aws_takes(tmp_path: Path) -> None:
    found = read(tmp_path, mapping("DoWorkTable.StreamArn", ", StartingPosition: LATEST") + schedule("rate(2 hours)"))
    worker, work = found.functions["do_work"], found.queues["do_work"]
    assert (worker.timeout, worker.concurrency, worker.environment) == (timedelta(seconds=3), None, {})
    assert (work.visibility, work.delay, work.retention) == (timedelta(seconds=30), timedelta(0), timedelta(days=4))
    assert (work.max_receives, work.dead_letter) == (None, None)
    (stream,) = found.stream_mappings
    assert (stream.retries, stream.max_age, stream.on_failure, stream.bisect) == (None, None, None, False)
    assert (stream.batch_size, stream.parallelization, stream.filters) == (100, 1, ())
    timer = found.schedules["do_work"]
    assert (timer.every, timer.retries, timer.max_event_age) == (timedelta(hours=2), 185, timedelta(days=1))


def test_a_functions_own_settings_join_those_of_all_functions(tmp_path: Path) -> None:
    shared = """
Parameters: {Town: {Type: String, Default: Uppsala}}
Globals: {Function: {Handler: app.handler, Timeout: 5, Environment: {Variables: {ALL: !Ref Town, BOTH: shared}}}}
"""
    own = """
    Properties:
      CodeUri: functions/do_work
      ReservedConcurrentExecutions: 2
      Environment: {Variables: {BOTH: 7, ADDRESS: !Sub "x/${AWS::StackName}/${!kept}/${DoWorkTable}"}}
"""
    worker = read(tmp_path, "", shared, own).functions["do_work"]
    assert (worker.timeout, worker.concurrency) == (timedelta(seconds=5), 2)
    assert worker.environment == {"ALL": "Uppsala", "BOTH": "7", "ADDRESS": "x/orderwright/${kept}/do_work"}


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (environment("!GetAtt DoWorkQueue.Arn"), "OtherFunction.Environment.Variables.SETTING: Fn::GetAtt is not"),
        (environment("!If [Big, 1, 2]"), "OtherFunction.Environment.Variables.SETTING: Fn::If is not"),
        (environment("!Ref Nothing"), "OtherFunction.Environment.Variables.SETTING: a reference to Nothing"),
        (environment("!Ref DoWorkFunction"), "SETTING: a reference to DoWorkFunction stands for no name"),
        (environment("!Sub 'x/${DoWorkQueue.Arn}'"), "SETTING: a reference to DoWorkQueue.Arn stands for no name"),
        (environment("!FindInMap [Waits, aws, Long]"), "SETTING: Mappings have no Waits.aws.Long"),
        (function("CodeUri: functions/do_work"), "OtherFunction.CodeUri: do_work is DoWorkFunction already"),
        (function("CodeUri: functions/gone"), "OtherFunction.Handler: there is no functions/gone/app.py"),
        (function("CodeUri: functions/do_work, Events: {}"), "OtherFunction.Events: the simulation has no model"),
        (function("CodeUri: functions/do_work, Timeout: soon"), "OtherFunction.Timeout: expected a whole number"),
        (queue("FifoQueue: true"), "OtherQueue.FifoQueue: the simulation has no model"),
        (queue("VisibilityTimeout: !Ref AWS::NoValue"), "OtherQueue.VisibilityTimeout: a reference to AWS::NoValue"),
        (queue("", name="Letters"), "Letters: a name of this type ends in Queue"),
        (
            queue("RedrivePolicy: {maxReceiveCount: 5, deadLetterTargetArn: !GetAtt GoneQueue.Arn}"),
            "OtherQueue.RedrivePolicy.deadLetterTargetArn: expected Arn of AWS::SQS::Queue in this template",
        ),
        (
            queue("RedrivePolicy: {deadLetterTargetArn: !GetAtt DoWorkQueue.Arn}"),
            "OtherQueue.RedrivePolicy.maxReceiveCount is missing",
        ),
        (mapping("GoneQueue.Arn"), "DoWorkMapping.EventSourceArn: expected Arn of AWS::SQS::Queue or StreamArn of"),
        (
            mapping("DoWorkQueue.Arn", ", FilterCriteria: {Filters: []}"),
            "DoWorkMapping.FilterCriteria: the simulation has no model",
        ),
        (
            mapping("DoWorkQueue.Arn", ", ScalingConfig: {MinimumConcurrency: 2}"),
            "DoWorkMapping.ScalingConfig.MinimumConcurrency: the simulation has no model",
        ),
        (mapping("DoWorkQueue.Arn", ", Enabled: false"), "DoWorkMapping.Enabled: the simulation has no model"),
        (mapping("DoWorkTable.StreamArn"), "DoWorkMapping.StartingPosition is missing"),
        (
            mapping(
                "DoWorkTable.StreamArn", """, FilterCriteria: {Filters: [{Pattern: '{"a": [{"suffix": "x"}]}'}]}"""
            ),
            "DoWorkMapping.FilterCriteria.Filters[0].Pattern: filter.a: the operator suffix is not known",
        ),
        (schedule("cron(0 3 1 * ? *)"), "DoWorkSchedule.ScheduleExpression: only rate(n minutes, hours or days)"),
        (schedule("rate(0 minutes)"), "DoWorkSchedule.ScheduleExpression: only rate"),
        (schedule("rate(1 day)", "[]"), "DoWorkSchedule.Target.Input: expected a JSON object"),
        (schedule("rate(1 day)", "sweep"), "DoWorkSchedule.Target.Input: no JSON"),
        (
            schedule("rate(1 day)", '{"at": "<aws.scheduler.scheduled-time>"}'),
            "Input: the scheduler's own placeholders",
        ),
        (
            schedule("rate(1 day)", more=", EcsParameters: {}"),
            "DoWorkSchedule.Target.EcsParameters: the simulation has no model",
        ),
        ('\n  Bell: {Type: "AWS::Events::Rule"}', "Bell.Type: the simulation has no model for AWS::Events::Rule"),
        ('\n  OtherQueue: {Type: "AWS::SQS::Queue", Condition: Big}', "OtherQueue.Condition: conditions are not"),
        (
            '\n  Web: {Type: "AWS::ApiGatewayV2::Route", Properties: {RouteKey: $default, Target: x}}',
            "Web.RouteKey: expected a method and a path, found $default",
        ),
        (
            '\n  Web: {Type: "AWS::ApiGatewayV2::Route", Properties: {RouteKey: POST /x, Target: integrations/y}}',
            "Web.Target: expected integrations/ and one of this template, found integrations/y",
        ),
    ],
)
def test_what_is_not_understood_is_told_with_its_place_and_never_skipped(
    tmp_path: Path, resources: str, said: str
) -> None:
    with pytest.raises(NotUnderstood, match=re.escape(said)):
        read(tmp_path, resources)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("Parameters: {Town: {Type: String}}", "SETTING: parameter Town has no value"),
        (
            "Parameters: {Town: {Type: CommaDelimitedList, Default: x}}",
            "SETTING: parameter Town has type CommaDelimited",
        ),
        ("Globals: {Api: {}}", "Globals.Api: the simulation has no model"),
    ],
)
def test_a_setting_needs_a_value_that_is_known(tmp_path: Path, before: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        read(tmp_path, environment("!Ref Town"), before)


def test_a_table_that_is_relayed_must_have_a_stream(tmp_path: Path) -> None:
    table = """
  StillTable: {Type: "AWS::DynamoDB::Table", Properties: {KeySchema: [{AttributeName: pk, KeyType: HASH}]}}
"""
    with pytest.raises(NotUnderstood, match=r"DoWorkMapping\.EventSourceArn: table still has no stream"):
        read(tmp_path, table + mapping("StillTable.StreamArn", ", StartingPosition: LATEST"))
