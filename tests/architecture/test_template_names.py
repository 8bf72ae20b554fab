"""template.yaml: one rule derives every name, and no function is there without what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.packager.artifacts import ROOT, artifacts, load_template, logical_prefix

TEMPLATE = load_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]


def of_type(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and properties of every resource of one type."""
    return ((name, resource["Properties"]) for name, resource in RESOURCES.items() if resource["Type"] == kind)


FOLDERS = sorted(
    properties["CodeUri"].removeprefix("functions/") for _, properties in of_type("AWS::Serverless::Function")
)
NOT_WORKERS = {
    "receive_webhook", "serve_supplier_page", "show_tracking", "take_customer_request", "receive_mail_events",
    "dispatch_schedules", "relay_facts",
}  # fmt: skip
WORKERS = sorted(set(FOLDERS) - NOT_WORKERS)


def test_every_folder_has_its_function_and_every_function_its_folder() -> None:
    functions = {artifact.source for artifact in artifacts(ROOT) if artifact.kind == "function"}
    assert functions == {f"functions/{folder}" for folder in FOLDERS}


def test_every_folder_name_is_a_verb_and_a_noun_in_snake_case() -> None:
    for folder in FOLDERS:
        assert len(folder.split("_")) >= 2, folder
        assert folder == folder.lower()


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_named_by_the_rule_and_has_a_role_and_a_log_group_of_its_own(folder: str) -> None:
    prefix = logical_prefix(folder)
    function = RESOURCES[f"{prefix}Function"]["Properties"]
    assert function["CodeUri"] == f"functions/{folder}"
    assert function["Role"] == {"Fn::GetAtt": [f"{prefix}Role", "Arn"]}
    assert function["LoggingConfig"] == {"LogGroup": {"Ref": f"{prefix}LogGroup"}}
    assert function["FunctionName"] == {"Fn::Sub": f"${{AWS::StackName}}-{folder}"}
    assert function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == folder
    assert "Events" not in function
    assert "Policies" not in function


@pytest.mark.parametrize("folder", WORKERS)
def test_a_worker_has_its_queue_dead_letters_and_mapping_by_the_rule(folder: str) -> None:
    prefix = logical_prefix(folder)
    mapping = RESOURCES[f"{prefix}EventMapping"]["Properties"]
    assert mapping["FunctionName"] == {"Ref": f"{prefix}Function"}
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [f"{prefix}Queue", "Arn"]}
    redrive = RESOURCES[f"{prefix}Queue"]["Properties"]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{prefix}DeadLetterQueue", "Arn"]}


def test_no_queue_role_or_log_group_is_left_over_from_a_function_that_is_gone() -> None:
    prefixes = {logical_prefix(folder) for folder in FOLDERS}
    ends = {
        "AWS::SQS::Queue": ("DeadLetterQueue", "Queue"),
        "AWS::IAM::Role": ("SchedulerRole", "Role"),
        "AWS::Logs::LogGroup": ("LogGroup",),
    }
    for name, resource in RESOURCES.items():
        for end in ends.get(resource["Type"], ()):
            if name.endswith(end):
                assert name.removesuffix(end) in prefixes, name
                break


def test_a_queue_url_in_an_environment_is_named_after_its_queue() -> None:
    for name, properties in of_type("AWS::Serverless::Function"):
        for variable, value in properties["Environment"]["Variables"].items():
            if variable.endswith("_QUEUE_URL"):
                folder = variable.removesuffix("_QUEUE_URL").removesuffix("_DEAD_LETTER").lower()
                end = "DeadLetterQueue" if "_DEAD_LETTER_" in variable else "Queue"
                assert value == {"Ref": f"{logical_prefix(folder)}{end}"}, f"{name}: {variable}"


def test_only_three_functions_may_send_to_queues() -> None:
    senders = {
        properties["CodeUri"].removeprefix("functions/")
        for _, properties in of_type("AWS::Serverless::Function")
        if any(variable.endswith("_QUEUE_URL") for variable in properties["Environment"]["Variables"])
    }
    assert senders == {"receive_webhook", "dispatch_schedules", "relay_facts"}
