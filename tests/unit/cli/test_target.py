"""Which stack a command means, and what it says when there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from local.cli.target import ROOT, find_target, from_outputs, target_of_run
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


def test_nothing_running_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nothing runs") as refused:
        find_target("", str(tmp_path / "none.json"))
    assert "make run" in refused.value.fix


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
