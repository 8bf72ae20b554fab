"""One rule derives every name: a folder of functions/ names its use case, its wiring and its tests (P1 to P12 hang on it)."""

from __future__ import annotations

import ast
import json

import pytest

from local.packager.artifacts import load_template
from orderwright.bootstrap import Wiring
from orderwright.messages import QUEUE_NAMES, QUEUE_OF
from orderwright.usecases.dispatch_schedules import SCHEDULES
from tests.support.handlers import FOLDERS
from tests.support.source import ROOT, sources

NOT_WORKERS = {
    "receive_webhook", "serve_supplier_page", "show_tracking", "take_customer_request", "receive_mail_events",
    "dispatch_schedules", "relay_facts",
}  # fmt: skip
STORIES = {"relay_facts": "messages_of"}
"""Use cases whose story has another name than their file."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_has_a_use_case_of_its_name(folder: str) -> None:
    (source,) = [s for s in sources("layers") if s.module == f"orderwright.usecases.{folder}"]
    defined = {node.name for node in source.tree.body if isinstance(node, ast.FunctionDef)}
    assert STORIES.get(folder, folder) in defined


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_is_wired_under_its_name_and_calls_exactly_that(folder: str) -> None:
    assert callable(getattr(Wiring, folder, None)), f"Wiring.{folder} is missing"
    (source,) = [s for s in sources("functions") if s.path == f"functions/{folder}/app.py"]
    assert f"wiring().{folder}(" in ast.unparse(source.tree)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_has_a_test_that_carries_its_name(folder: str) -> None:
    unit = [*(ROOT / "tests" / "unit" / "usecases").rglob(f"test_{folder}*.py")]
    whole = [
        file
        for place in ("integration", "simulation", "e2e", "properties")
        for file in (ROOT / "tests" / place).rglob("*.py")
        if folder in file.read_text("utf-8")
    ]
    assert unit or whole, f"no test names {folder}: tests/unit/usecases/test_{folder}.py is missing"


def test_every_worker_takes_a_message_and_every_message_has_a_worker() -> None:
    assert set(QUEUE_NAMES) == set(FOLDERS) - NOT_WORKERS
    assert set(QUEUE_OF.values()) == set(QUEUE_NAMES)


def test_a_message_type_names_what_happened_in_two_words() -> None:
    for kind in QUEUE_OF:
        subject, _, event = kind.partition(".")
        assert subject.replace("_", "").isalpha(), kind
        assert event.replace("_", "").isalpha(), kind
        assert kind == kind.lower()


def test_the_template_schedules_exactly_what_the_dispatcher_knows() -> None:
    given = [
        json.loads(resource["Properties"]["Target"]["Input"])["schedule"]
        for resource in load_template()["Resources"].values()
        if resource["Type"] == "AWS::Scheduler::Schedule"
    ]
    assert sorted(given) == sorted(SCHEDULES)


def test_no_name_says_product_or_item_where_two_could_be_meant() -> None:
    """A store's listing, a supplier's offer and a purchase line are different things."""
    bare = {"Product", "Item", "Status", "Products", "Items"}
    for source in sources("layers"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ClassDef):
                assert node.name not in bare, f"{source.path}:{node.lineno}"
