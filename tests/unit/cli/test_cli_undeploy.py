"""orderwright undeploy: what stays is said, nothing of others goes, and running it twice is harmless."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from local.cli.commands import undeploy
from local.cli.main import main
from local.cli.target import ROOT, Target
from orderwright.aws.operator.stack import RETAINED, DeployedStack
from orderwright.registry import declaration
from tests.support.aws_in_process import InProcessAws
from tests.support.shop import test_config as config_of_tests

REGION = "eu-north-1"


def template() -> dict[str, Any]:
    """template.yaml; what refers to other parts stands there as a text."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("!", lambda _loader, _tag, node: str(node.value))  # type: ignore[attr-defined]
    return dict(yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader=loader))


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "300"}).invoke(main, ["--stack", "ow", "--region", REGION, *arguments])


AWS: list[InProcessAws] = []


def there(service: str) -> Any:
    return AWS[-1].client(service)


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack "ow" with its kept parts and a log group, secrets, a file in two versions, and a neighbour of a longer name."""
    AWS.append(InProcessAws())
    monkeypatch.setattr(Target, "client", lambda _, service: there(service))
    full = template()
    parts = {name: {**full["Resources"][name]} for name in RETAINED}
    for part in parts.values():
        part["Properties"] = {key: value for key, value in part["Properties"].items() if key != "Tags"}
    parts["Topic"] = {"Type": "AWS::SNS::Topic"}
    named = {f"{name}Name": {"Ref": name} for name in RETAINED}
    outputs = {name: {"Value": named.get(name, "x")} for name in full["Outputs"]}
    body = json.dumps({"Resources": parts, "Outputs": outputs})
    there("cloudformation").create_stack(StackName="ow", TemplateBody=body)
    for name in ("ow", "ow-staging"):
        secret = f"/orderwright/{name}/cj/secrets"
        there("ssm").put_parameter(Name=secret, Value="{}", Type="SecureString")
        there("logs").create_log_group(logGroupName=f"/aws/lambda/{name}-poll_stock")
    for _ in range(2):
        there("s3").put_object(Bucket=bucket(), Key="feed/000/0", Body=b"x")


def bucket() -> str:
    return str(there("s3").list_buckets()["Buckets"][0]["Name"])


def left() -> tuple[int, int, list[str], list[str]]:
    """Tables and buckets that are there, secrets, log groups."""
    secrets = [one["Name"] for one in there("ssm").describe_parameters()["Parameters"]]
    groups = [one["logGroupName"] for one in there("logs").describe_log_groups()["logGroups"]]
    tables, buckets = there("dynamodb").list_tables()["TableNames"], there("s3").list_buckets()["Buckets"]
    return len(tables), len(buckets), sorted(secrets), sorted(groups)


NEIGHBOUR = ["/orderwright/ow-staging/cj/secrets"], ["/aws/lambda/ow-staging-poll_stock"]


def test_what_is_kept_is_what_the_template_retains() -> None:
    parts = template()["Resources"]
    assert {name for name, part in parts.items() if part.get("DeletionPolicy") == "Retain"} == set(RETAINED)


@pytest.mark.parametrize("said", [(), ("--yes", "ow-staging")])
def test_without_the_stacks_name_nothing_is_deleted(said: tuple[str, ...]) -> None:
    assert run("undeploy", "--with-data", *said).exit_code == 1
    assert DeployedStack(there, "ow").status == "CREATE_COMPLETE"


def test_the_data_stay_and_can_be_removed_later_and_again() -> None:
    before = left()
    said = run("undeploy", "--yes", "ow")
    assert (said.exit_code, left()) == (0, before)
    assert "stays: secret /orderwright/ow/cj/secrets" in said.stderr
    assert "goes: 1 SNS::Topic" in said.stderr
    assert f"ow in {REGION}, account {AWS[-1].account}: CREATE_COMPLETE" in said.stderr
    assert f"orderwright --stack ow --region {REGION} undeploy --with-data" in said.stdout
    again = run("undeploy")
    assert again.exit_code == 0, again.stderr
    for _ in range(2):
        assert run("undeploy", "--with-data", "--yes", "ow").exit_code == 0
        assert left() == (0, 0, *NEIGHBOUR)


def test_it_is_said_where_a_person_ends_the_webhooks_of_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undeploy, "current_config", lambda _: SimpleNamespace(config=config_of_tests()))
    told = [line for line in run("undeploy", "--yes", "ow").stderr.splitlines() if line.startswith("stays: webhooks")]
    ends = {name: declaration(one.kind).ends_at for name, one in config_of_tests().connections.items()}
    assert told == [f"stays: webhooks at {name}: {end}" for name, end in ends.items() if end]
    assert (len(told), len(ends)) == (3, 4), "the stock file sends none"


def test_open_orders_keep_the_stack_unless_that_is_said() -> None:
    orders = next(name for name in there("dynamodb").list_tables()["TableNames"] if "Orders" in name)
    item = {"pk": "s#1", "sk": "ORDER", "state_shard": "PLACED", "updated_at": "2026-11-22T08:00:00+00:00"}
    there("dynamodb").put_item(TableName=orders, Item={key: {"S": value} for key, value in item.items()})
    assert "1 orders are not finished" in run("undeploy", "--yes", "ow").stderr
    assert run("undeploy", "--yes", "ow", "--with-open-orders", "--with-data").exit_code == 0
    assert left() == (0, 0, *NEIGHBOUR)


def test_a_stack_that_was_never_complete_or_is_of_an_older_version_goes_too() -> None:
    parts = template()["Resources"]
    body = {name: {**parts[name], "Properties": {**parts[name]["Properties"], "Tags": []}} for name in RETAINED}
    there("cloudformation").create_stack(StackName="half", TemplateBody=json.dumps({"Resources": body}))
    for tables_too in (True, False):
        if not tables_too:
            there("cloudformation").create_stack(StackName="half", TemplateBody=json.dumps({"Resources": body}))
            orders = next(name for name in there("dynamodb").list_tables()["TableNames"] if "half-Orders" in name)
            there("dynamodb").delete_table(TableName=orders)
        said = run("--stack", "half", "undeploy", "--yes", "half", "--with-data")
        assert said.exit_code == 0, said.stderr
        assert not [name for name in there("dynamodb").list_tables()["TableNames"] if "half" in name]


def test_a_stack_of_somebody_else_is_not_touched() -> None:
    body = json.dumps({"Resources": {"OrdersTable": {"Type": "AWS::SNS::Topic"}}})
    there("cloudformation").create_stack(StackName="other", TemplateBody=body)
    said = CliRunner().invoke(
        main, ["--stack", "other", "--region", REGION, "undeploy", "--yes", "other", "--with-data"]
    )
    assert said.exit_code == 1
    assert there("cloudformation").describe_stacks(StackName="other")["Stacks"]


def test_a_failed_deletion_says_what_kept_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(self: DeployedStack, seen: set[str]) -> Iterator[tuple[str, str, str]]:
        self.status = "DELETE_FAILED" if seen else self.status
        seen.add("e")
        yield "SnapshotsBucketPolicy", "DELETE_FAILED", "the bucket is held"

    monkeypatch.setattr(DeployedStack, "look", look)
    monkeypatch.setattr(DeployedStack, "delete", lambda _: None)
    assert "SnapshotsBucketPolicy: the bucket is held" in run("undeploy", "--yes", "ow").stderr


def test_what_make_run_started_is_ended_there() -> None:
    said = CliRunner().invoke(main, ["undeploy"])
    assert (said.exit_code, "Ctrl-C in that terminal" in said.stderr) == (1, True)
