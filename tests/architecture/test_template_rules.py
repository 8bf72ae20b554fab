"""template.yaml: the figures and permissions that the promises rest on (P1, P8, P9)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from local.packager.artifacts import ROOT, load_template
from orderwright.aws import clients
from orderwright.aws.clients import config_of
from orderwright.aws.files import OF_AN_ORDER
from orderwright.aws.notifier import LONGEST_SEND
from orderwright.connectors.deadline import Deadline
from orderwright.connectors.http import HttpAnswer, NoAnswer
from orderwright.domain.timing import timing_of
from orderwright.errors import Retryable
from orderwright.messages import QUEUE_OF
from orderwright.page_links import VALID_FOR
from tests.support.handlers import Ticking
from tests.support.rights import Roles
from tests.support.shop import VirtualClock
from tests.support.source import sources

TEMPLATE = load_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
ROLES = Roles(TEMPLATE)
FOURTEEN_DAYS = 14 * 24 * 3600


def of_type(kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Logical id and properties of every resource of one type."""
    return [(name, resource["Properties"]) for name, resource in RESOURCES.items() if resource["Type"] == kind]


def number(value: Any, profile: str) -> int:
    """A number of the template, looked up in Mappings for a profile where it is not written out."""
    if isinstance(value, dict):
        name, _, key = value["Fn::FindInMap"]
        return int(TEMPLATE["Mappings"][name][profile][key])
    return int(value)


def mappings(service: str) -> list[tuple[str, dict[str, Any]]]:
    """Event mappings from queues (`Queue`) or from tables (`Table`)."""
    found = of_type("AWS::Lambda::EventSourceMapping")
    return [(name, mapping) for name, mapping in found if mapping["EventSourceArn"]["Fn::GetAtt"][0].endswith(service)]


QUEUE_MAPPINGS = mappings("Queue")
STREAM_MAPPINGS = mappings("Table")


@pytest.mark.parametrize(("name", "mapping"), QUEUE_MAPPINGS)
def test_p9_a_message_stays_invisible_for_six_timeouts_and_the_window(name: str, mapping: dict[str, Any]) -> None:
    queue = RESOURCES[mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
    function = RESOURCES[mapping["FunctionName"]["Ref"]]["Properties"]
    window = mapping.get("MaximumBatchingWindowInSeconds", 0)
    for profile in ("aws", "local"):
        visible_again = number(queue["VisibilityTimeout"], profile)
        assert visible_again >= 6 * number(function["Timeout"], profile) + window, (name, profile)


@pytest.mark.parametrize("profile", ["aws", "local"])
def test_p3_p4_the_message_of_a_killed_push_comes_again_when_its_write_cannot_come_late_any_more(profile: str) -> None:
    queue, function = (RESOURCES[f"PublishListing{kind}"]["Properties"] for kind in ("Queue", "Function"))
    lateness = timing_of(profile).windows.lateness.total_seconds()
    assert number(queue["VisibilityTimeout"], profile) >= number(function["Timeout"], profile) + lateness


@pytest.mark.parametrize(("name", "mapping"), QUEUE_MAPPINGS)
def test_p9_one_bad_message_fails_alone(name: str, mapping: dict[str, Any]) -> None:
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


@pytest.mark.parametrize(("name", "mapping"), QUEUE_MAPPINGS)
def test_a_laptop_works_on_two_messages_of_a_queue_at_once_and_aws_on_more(name: str, mapping: dict[str, Any]) -> None:
    limit = mapping["ScalingConfig"]["MaximumConcurrency"]
    assert number(limit, "local") == 2, name
    assert number(limit, "aws") == {"PlacePurchaseOrder": 5, "PublishListing": 2}.get(
        name.removesuffix("EventMapping"), 10
    )


def test_p9_every_queue_has_dead_letters_that_are_kept_fourteen_days() -> None:
    queues = dict(of_type("AWS::SQS::Queue"))
    for name, queue in queues.items():
        if name.endswith("DeadLetterQueue"):
            assert queue["MessageRetentionPeriod"] == FOURTEEN_DAYS, name
            continue
        redrive = queue["RedrivePolicy"]
        assert redrive["maxReceiveCount"] >= 5, name
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in queues, name
        assert queue["MessageRetentionPeriod"] < FOURTEEN_DAYS, (
            f"{name}: the first send counts for the dead letter's age"
        )


def test_queues_are_standard_and_encrypted() -> None:
    for name, queue in of_type("AWS::SQS::Queue"):
        assert "FifoQueue" not in queue, name
        assert queue["SqsManagedSseEnabled"] is True, name


@pytest.mark.parametrize(("name", "mapping"), STREAM_MAPPINGS)
def test_a_bad_stream_record_never_blocks_the_relay(name: str, mapping: dict[str, Any]) -> None:
    assert mapping["BisectBatchOnFunctionError"] is True
    assert 0 < mapping["MaximumRetryAttempts"] <= 100
    assert 0 < mapping["MaximumRecordAgeInSeconds"] < 24 * 3600
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["RelayFactsDeadLetterQueue", "Arn"]
    }
    assert mapping["StartingPosition"] == "TRIM_HORIZON"


def test_every_table_is_relayed_kept_and_recoverable() -> None:
    tables = {name for name, _ in of_type("AWS::DynamoDB::Table")}
    assert tables == {"OrdersTable", "CatalogueTable", "ControlTable"}
    assert {mapping["EventSourceArn"]["Fn::GetAtt"][0] for _, mapping in STREAM_MAPPINGS} == tables
    for name, table in of_type("AWS::DynamoDB::Table"):
        assert RESOURCES[name]["DeletionPolicy"] == RESOURCES[name]["UpdateReplacePolicy"] == "Retain"
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
        assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
        for index in table["GlobalSecondaryIndexes"]:
            assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}, f"{name} {index['IndexName']}"


def test_p8_backups_of_personal_data_end_before_the_thirty_days_of_an_erasure() -> None:
    backup = RESOURCES["OrdersTable"]["Properties"]["PointInTimeRecoverySpecification"]
    assert backup["RecoveryPeriodInDays"] < 30


def test_a_role_serves_one_function_only() -> None:
    roles = [properties["Role"]["Fn::GetAtt"][0] for _, properties in of_type("AWS::Serverless::Function")]
    assert len(roles) == len(set(roles))
    for name in roles:
        allowed = RESOURCES[name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert [statement["Principal"] for statement in allowed] == [{"Service": "lambda.amazonaws.com"}]


def _statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, policy in of_type("AWS::IAM::ManagedPolicy"):
        yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])
    for name, role in of_type("AWS::IAM::Role"):
        for inline in role.get("Policies", ()):
            yield from ((name, statement) for statement in inline["PolicyDocument"]["Statement"])


def _text(resource: Any) -> str:
    sub = resource.get("Fn::Sub", "") if isinstance(resource, dict) else resource
    return str(sub[0] if isinstance(sub, list) else sub)


def test_no_permission_is_wider_than_its_reason() -> None:
    owned = (
        "${SnapshotsBucket.Arn}/*",
        "${SnapshotsBucket.Arn}/-/prices/*",
        "${FilesBucket.Arn}/*/files/*",
        "${FilesBucket.Arn}/*/bills/*",
        "parameter/orderwright/${AWS::StackName}/-/webhooks/*",
        "parameter/orderwright/${AWS::StackName}/*/secrets",
        "parameter/orderwright/${AWS::StackName}/*/token",
        "parameter/orderwright/${AWS::StackName}/*/webhook",
    )
    for name, statement in _statements():
        reasons = RESOURCES[name].get("Metadata", {}).get("WildcardReasons", {})
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not any("*" in action for action in actions), f"{name} {statement['Sid']}: name the actions"
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for text in map(_text, resources):
            if "*" in text and not text.endswith(owned):
                assert len(reasons.get(statement["Sid"], "")) > 20, f"{name} {statement['Sid']}: {text} needs a reason"


def test_no_managed_policy_of_aws_is_attached() -> None:
    for name, role in of_type("AWS::IAM::Role"):
        for attached in role.get("ManagedPolicyArns", ()):
            assert attached["Ref"] in RESOURCES, name


def test_every_shared_policy_is_attached_and_no_role_has_more_than_iam_takes() -> None:
    attached = [role.get("ManagedPolicyArns", []) for _, role in of_type("AWS::IAM::Role")]
    assert {policy["Ref"] for policies in attached for policy in policies} == dict(
        of_type("AWS::IAM::ManagedPolicy")
    ).keys()
    assert max(map(len, attached)) <= 10
    for name, role in of_type("AWS::IAM::Role"):
        written = sum(len(json.dumps(own["PolicyDocument"])) for own in role["Policies"])
        assert written < 10_240, f"{name}: IAM takes that many characters of a role's own policies"


def _tables(function: str) -> set[str]:
    """The tables whose items a function's role lets it read or write; their streams are another matter."""
    rights = [right for right in ROLES.of(function) if right.action.startswith("dynamodb:")]
    paths = [right.resource.rpartition(":table/")[2].split("/") for right in rights]
    return {path[0] for path in paths if "stream" not in path}


@pytest.mark.parametrize("function", ROLES.functions)
def test_a_function_is_told_about_exactly_the_tables_and_queues_that_its_role_may_use(function: str) -> None:
    told = ROLES.environment(function)
    tables = {name.removesuffix("_TABLE").lower() for name in told if name.endswith("_TABLE")}
    assert tables == _tables(function)
    queues = {name.removesuffix("_QUEUE_URL").lower() for name in told if name.endswith("_QUEUE_URL")}
    sent = {right.resource.rpartition(":")[2] for right in ROLES.of(function) if right.action == "sqs:SendMessage"}
    assert queues == sent


def test_p8_personal_data_is_out_of_reach_for_what_needs_none() -> None:
    near = {function for function in ROLES.functions if "orders" in _tables(function)}
    assert near == {
        "ingest_order", "place_purchase_order", "update_tracking", "publish_fulfillment", "notify_customer", "reconcile_store",
        "dispatch_schedules", "write_statement", "receive_mail_events", "serve_supplier_page", "show_tracking",
        "take_customer_request",
    }  # fmt: skip
    keys_only = {right.resource for right in ROLES.of("dispatch_schedules") if "/orders" in right.resource}
    assert [resource.partition("/orders/")[2] for resource in keys_only] == ["index/due"]


@pytest.mark.parametrize("prefix", ["ReceiveWebhook", "ServeSupplierPage"])
def test_p7_who_is_reached_by_http_reads_the_folder_for_the_door_and_no_api_key(prefix: str) -> None:
    role = RESOURCES[f"{prefix}Role"]["Properties"]
    assert not role.get("ManagedPolicyArns")
    (inline,) = role["Policies"]
    statements = inline["PolicyDocument"]["Statement"]
    (reading,) = (statement for statement in statements if "ssm" in str(statement["Action"]))
    assert reading["Action"] == "ssm:GetParametersByPath"
    folder = "parameter/orderwright/${AWS::StackName}/-/webhooks"
    assert [text[text.index("parameter/") :] for text in map(_text, reading["Resource"])] == [folder, f"{folder}/*"]


def test_what_strangers_may_ask_for_is_throttled_apart_from_webhooks_on_routes_that_are_there_first() -> None:
    stage = RESOURCES["ApiStage"]
    routes = {route["RouteKey"]: name for name, route in of_type("AWS::ApiGatewayV2::Route")}
    throttled = stage["Properties"]["RouteSettings"]
    assert {key for key in routes if "/track/" in key} == throttled.keys()
    assert sorted(stage["DependsOn"]) == sorted(routes[key] for key in throttled)
    usual = stage["Properties"]["DefaultRouteSettings"]
    for own in throttled.values():
        assert own.keys() == usual.keys()
        assert all(5 * own[name] <= usual[name] for name in own)


@pytest.mark.parametrize("function", ["show_tracking", "take_customer_request"])
def test_p8_who_is_reached_by_a_customers_link_reaches_pages_and_requests_and_nothing_else(function: str) -> None:
    rights = [right for right in ROLES.of(function) if not right.action.startswith("logs:")]
    assert all(right.resource.endswith(":table/orders") and right.leading for right in rights)
    reads = {right.action: right.leading for right in rights}
    asks = (
        {} if function == "show_tracking" else dict.fromkeys(("dynamodb:GetItem", "dynamodb:PutItem"), ("REQUEST#*",))
    )
    assert reads == {"dynamodb:Query": ("TRACK#*",), **asks}


def test_only_what_takes_orders_in_and_what_moves_them_on_may_write_orders() -> None:
    writes = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    may = {
        function
        for function in ROLES.functions
        for right in ROLES.of(function)
        if right.action in writes and right.resource.endswith("/orders")
    }
    assert may == {
        "ingest_order", "place_purchase_order", "update_tracking", "publish_fulfillment", "notify_customer",
        "receive_mail_events", "serve_supplier_page", "take_customer_request",
    }  # fmt: skip


def test_every_fact_has_a_queue_that_the_relay_may_send_to() -> None:
    text = "\n".join(line for source in sources("layers") for line in source.text)
    queues = {QUEUE_OF[kind] for kind in re.findall(r'Fact\(\s*"([a-z_.]+)"', text)}
    assert {"import_catalogue", "notify_customer"} <= queues
    variables = RESOURCES["RelayFactsFunction"]["Properties"]["Environment"]["Variables"]
    assert {f"{queue.upper()}_QUEUE_URL" for queue in queues} <= variables.keys()
    sends = [right.resource for right in ROLES.of("relay_facts") if right.action == "sqs:SendMessage"]
    missing = [queue for queue in queues if not any(resource.endswith(f":{queue}") for resource in sends)]
    assert missing == [], sends


def test_only_webhooks_facts_and_schedules_become_messages() -> None:
    senders = {
        function for function in ROLES.functions if any(r.action == "sqs:SendMessage" for r in ROLES.of(function))
    }
    assert senders == {"receive_webhook", "relay_facts", "dispatch_schedules"}


def test_who_writes_a_token_may_read_tokens() -> None:
    for function in ROLES.functions:
        may = {(right.action, right.resource.rpartition("/")[2]) for right in ROLES.of(function)}
        assert ("ssm:PutParameter", "token") not in may or ("ssm:GetParameter", "token") in may, function


def test_logs_are_kept_thirty_days() -> None:
    groups = of_type("AWS::Logs::LogGroup")
    assert len(groups) == len(of_type("AWS::Serverless::Function"))
    for name, group in groups:
        assert group["RetentionInDays"] == 30, name


def test_each_alarm_tells_the_operator_is_explained_and_is_counted_in_the_costs() -> None:
    """As many as are needed. One more: its resource, a row in docs/reasons.md, and the count in docs/costs.md."""
    alarms = dict(of_type("AWS::CloudWatch::Alarm"))
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "OperatorTopic"}], name
        assert alarm["AlarmDescription"], name
        assert alarm["Period"] >= 60, f"{name}: an alarm of seconds costs three times as much, and none is free"
    table = (
        (ROOT / "docs" / "reasons.md").read_text("utf-8").partition("## Alarms of CloudWatch")[2].partition("\n## ")[0]
    )
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(alarms), "docs/reasons.md: a row for each alarm"
    row = f"| alarms, and metrics made from logs | {len(alarms)} + {len(of_type('AWS::Logs::MetricFilter'))} |"
    assert row in (ROOT / "docs" / "costs.md").read_text("utf-8"), f"docs/costs.md: {row}"


def test_p1_a_purchase_order_outlives_one_http_timeout() -> None:
    for profile in ("aws", "local"):
        timeout = number(RESOURCES["PlacePurchaseOrderFunction"]["Properties"]["Timeout"], profile)
        timing = timing_of(profile)
        assert timing.windows.http_timeout.total_seconds() < timeout < timing.windows.lease.total_seconds()
        assert timing.function_timeout.total_seconds() == timeout
    assert RESOURCES["PlacePurchaseOrderEventMapping"]["Properties"]["BatchSize"] == 1


def longest(config: Any) -> float:
    """Seconds that one call of an AWS client takes at most: its tries, and botocore's waits between them (1 s, 2 s, ...)."""
    tries = config.retries["total_max_attempts"]
    return float(tries * (config.connect_timeout + config.read_timeout) + sum(2**wait for wait in range(tries - 1)))


@pytest.mark.parametrize("profile", ["aws", "local"])
@pytest.mark.parametrize(("name", "mapping"), QUEUE_MAPPINGS)
def test_p14_the_longest_calls_of_a_whole_batch_fit_the_functions_time(
    name: str, mapping: dict[str, Any], profile: str
) -> None:
    timing = timing_of(profile)
    seconds = number(RESOURCES[mapping["FunctionName"]["Ref"]]["Properties"]["Timeout"], profile)
    assert timing.last_call + timing.windows.http_timeout + timing.reserve <= timedelta(seconds=seconds)
    assert LONGEST_SEND + timing.reserve.total_seconds() <= number(
        {"Fn::FindInMap": ["Waits", "", "WorkerTimeout"]}, profile
    )
    clock, calls = VirtualClock(), list[str]()
    deadline = Deadline(timing.reserve.total_seconds())
    deadline.begin(Ticking(clock, seconds))

    def silent(_: str, url: str, *rest: Any) -> HttpAnswer:
        calls.append(url)
        clock.advance(rest[-1])
        raise NoAnswer(url)

    send, timeout = deadline.transport(silent, "shop"), timing.windows.http_timeout.total_seconds()
    for one in range(
        3 * number(mapping["BatchSize"], profile)
    ):  # each message has three vendors, and none of them answers
        with suppress(NoAnswer, Retryable):
            send("GET", f"https://vendor-{one}.example", {}, None, timeout)
    assert calls
    assert deadline.in_time(), "after the last call all the others are still written down"


def test_p14_an_aws_call_with_all_its_tries_fits_what_is_kept_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it waits longer, and ends with the worker: the emulator is on the same machine as the functions."""
    monkeypatch.setenv("PROFILE", "aws")
    assert longest(config_of(clients.WORKERS)) <= timing_of("aws").reserve.total_seconds()
    webhooks = number(RESOURCES["ReceiveWebhookFunction"]["Properties"]["Timeout"], "aws")
    assert longest(config_of(clients.WEBHOOKS)) <= webhooks


def test_whoever_is_named_gets_alarms_and_alerts_by_mail_and_nobody_need_be_named() -> None:
    assert TEMPLATE["Parameters"]["AlarmAddress"]["Default"] == ""
    mail = RESOURCES["OperatorMailSubscription"]
    assert mail["Condition"] == "HasAlarmAddress"
    assert mail["Properties"] == {
        "TopicArn": {"Ref": "OperatorTopic"},
        "Protocol": "email",
        "Endpoint": {"Ref": "AlarmAddress"},
    }


def test_p8_events_of_mails_go_from_our_own_set_straight_to_the_function_and_nothing_keeps_them() -> None:
    ((_, destination),) = of_type("AWS::SES::ConfigurationSetEventDestination")
    assert destination["ConfigurationSetName"] == {"Ref": "MailConfigurationSet"}
    told = destination["EventDestination"]
    assert told["SnsDestination"] == {"TopicARN": {"Ref": "MailEventsTopic"}}
    assert {"bounce", "complaint"} <= set(told["MatchingEventTypes"])
    assert ROLES.environment("notify_customer")["MAIL_CONFIGURATION_SET"] == {"Ref": "MailConfigurationSet"}
    behind = [one for _, one in of_type("AWS::SNS::Subscription") if one["TopicArn"] == {"Ref": "MailEventsTopic"}]
    arn = {"Fn::GetAtt": ["ReceiveMailEventsFunction", "Arn"]}
    assert behind == [{"TopicArn": {"Ref": "MailEventsTopic"}, "Protocol": "lambda", "Endpoint": arn}]
    function = RESOURCES["ReceiveMailEventsFunction"]["Properties"]
    assert not {"DeadLetterQueue", "EventInvokeConfig"} & function.keys()
    alarm = RESOURCES["MailEventsFailingAlarm"]["Properties"]
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "ReceiveMailEventsFunction"}}]


def test_every_parameter_and_output_says_what_it_is() -> None:
    for name, entry in {**TEMPLATE["Parameters"], **TEMPLATE["Outputs"]}.items():
        assert len(entry.get("Description", "")) > 15, name


def test_samconfig_has_a_staging_and_a_production_stack_that_never_meet() -> None:
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    stacks = {name: environments[name]["global"]["parameters"]["stack_name"] for name in ("staging", "production")}
    assert stacks == {"staging": "orderwright-staging", "production": "orderwright"}
    for name in stacks:
        assert environments[name]["deploy"]["parameters"]["capabilities"] == ["CAPABILITY_IAM"]


def test_all_buckets_are_private_encrypted_and_reached_by_tls_alone() -> None:
    refused = {policy["Bucket"]["Ref"]: policy for _, policy in of_type("AWS::S3::BucketPolicy")}
    for name, bucket in of_type("AWS::S3::Bucket"):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert bucket["BucketEncryption"], name
        (statement,) = refused[name]["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Condition"]["Bool"]) == ("Deny", {"aws:SecureTransport": "false"}), name


def test_p8_what_is_erased_from_the_bucket_of_files_is_gone_and_files_of_orders_end_by_themselves() -> None:
    bucket = RESOURCES["FilesBucket"]["Properties"]
    assert "VersioningConfiguration" not in bucket
    (rule,) = (rule for rule in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule)
    (tag,) = rule["TagFilters"]
    assert (rule["ExpirationInDays"], f"{tag['Key']}={tag['Value']}") == (VALID_FOR.days, OF_AN_ORDER)
