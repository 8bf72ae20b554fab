"""Which stack a command means, and what it says when there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from botocore.exceptions import EndpointConnectionError
from click.testing import CliRunner

from local.cli.main import main
from local.cli.target import ROOT, Target, find_target, from_outputs, target_of_run
from orderwright.messages import QUEUE_NAMES
from orderwright.usecases.operator.desk import Refused

RUN = {
    "endpoint_url": "http://127.0.0.1:4566",
    "region": "eu-north-1",
    "stack": "orderwright",
    "api_url": "http://127.0.0.1:4566/api",
    "tables": {"orders": "o", "catalogue": "c", "control": "k"},
    "queues": {"poll_stock": "http://q"},
    "dead_letter_queues": {},
    "secrets_prefix": "/orderwright/orderwright",
    "profile": "local",
    "sandbox_url": "http://127.0.0.1:5000",
}


def test_what_make_run_wrote_is_a_target(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(RUN), "utf-8")
    found = find_target("", str(file))
    assert found.environ()["POLL_STOCK_QUEUE_URL"] == "http://q"
    assert found.environ()["PROFILE"] == "local"


@pytest.mark.parametrize("text", ["", "[]", json.dumps({key: RUN[key] for key in RUN if key != "tables"})])
def test_a_run_file_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(text, "utf-8")
    with pytest.raises(Refused, match=r"run\.json cannot be used"):
        target_of_run(file)


def test_nothing_running_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("local.cli.target.ROOT", tmp_path)
    with pytest.raises(Refused, match="nothing runs") as refused:
        find_target("", "")
    assert "make run" in refused.value.fix
    with pytest.raises(Refused, match=r"none\.json is not there"):
        find_target("", "none.json")


def test_every_name_that_the_command_line_needs_is_an_output_of_the_template() -> None:
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_multi_constructor("!", lambda _loader, _tag, node: str(node.value))  # type: ignore[attr-defined]
    template = yaml.load((ROOT / "template.yaml").read_text("utf-8"), Loader=loader)
    outputs = dict.fromkeys(template["Outputs"], "x")
    found = from_outputs("orderwright", "eu-north-1", outputs, "aws")
    assert set(found.queues) == set(QUEUE_NAMES)
    assert set(found.dead_letter_queues) == {*QUEUE_NAMES, "relay_facts"}
    with pytest.raises(Refused, match="no output"):
        from_outputs("other", "eu-north-1", {}, "aws")


@pytest.fixture
def aws_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An AWS configuration with one profile for the stack's account, one of them by SSO, and nothing in the environment."""
    file = tmp_path / "config"
    file.write_text(
        "[profile shop]\nregion = eu-north-1\naws_access_key_id = a\naws_secret_access_key = b\n"
        "[profile colleagues]\nregion = eu-west-1\nsso_account_id = 111111111111\nsso_role_name = operator\n"
        "sso_session = us\n[sso-session us]\nsso_region = eu-west-1\nsso_start_url = https://example.com/start\n",
        "utf-8",
    )
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("botocore.utils.JSONFileCache.CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.usefixtures("aws_files")
def test_a_profile_brings_its_region_and_its_credentials() -> None:
    client = Target("orderwright", "", "", {}, {}, {}, "", aws_profile="shop").client("sqs")
    assert client.meta.region_name == "eu-north-1"
    assert client._request_signer._credentials.access_key == "a"


@pytest.mark.usefixtures("aws_files")
def test_a_region_that_is_named_goes_before_the_profiles() -> None:
    assert (
        Target("o", "us-east-2", "", {}, {}, {}, "", aws_profile="shop").client("sqs").meta.region_name == "us-east-2"
    )


@pytest.mark.usefixtures("aws_files")
@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_a_region_in_the_environment_is_meant_by_every_command(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # `undeploy` makes its client from the name alone; the others from what they found.
    monkeypatch.setenv(name, "us-east-2")
    assert Target("o", "", "", {}, {}, {}, "", aws_profile="shop").client("sqs").meta.region_name == "us-east-2"


@pytest.mark.usefixtures("aws_files")
def test_a_stack_whose_region_does_not_answer_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://cloudformation.nowhere.example")

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", unreachable)
    said = CliRunner().invoke(main, ["--stack", "orderwright", "--profile", "shop", "status"])
    assert (said.exit_code, "AWS cannot be reached" in said.stderr) == (1, True)


@pytest.mark.usefixtures("aws_files")
def test_an_unknown_profile_is_refused_and_those_that_exist_are_named() -> None:
    said = CliRunner().invoke(main, ["--stack", "orderwright", "--profile", "shpo", "status"])
    assert said.exit_code == 1
    assert "there is no AWS profile 'shpo'" in said.stderr
    assert "shop, colleagues" in said.stderr


@pytest.mark.usefixtures("aws_files")
def test_an_sso_profile_without_a_log_in_says_how_to_log_in() -> None:
    said = CliRunner().invoke(main, ["--stack", "orderwright", "--profile", "colleagues", "status"])
    assert said.exit_code == 1
    assert "fix: aws sso login --profile colleagues" in said.stderr


@pytest.mark.parametrize("option", ["--profile", "--region"])
def test_a_profile_or_region_without_a_stack_is_refused(option: str) -> None:
    said = CliRunner().invoke(main, [option, "shop", "status"])
    assert said.exit_code == 1
    assert "none was named" in said.stderr
    assert "--stack NAME" in said.stderr
