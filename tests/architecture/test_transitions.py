"""Models own their transitions, keys are made in one file, and no two modules of the layer need each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from orderwright.domain.base import changed
from orderwright.domain.shipment import FormerNumber
from tests.support.source import Source, sources

LAYERS, EVERYWHERE = sources("layers"), [*sources("layers"), *sources("functions"), *sources("local")]
MODULES = {source.module: source for source in LAYERS}
BASE = "orderwright.domain.base"


def _calls(source: Source) -> Iterator[tuple[str, int]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node.lineno


def test_a_field_of_a_model_changes_in_a_method_of_the_domain_only() -> None:
    others = [source for source in EVERYWHERE if source.module != BASE]
    copies = [f"{source.path}:{line}" for source in others for name, line in _calls(source) if name == "model_copy"]
    assert not copies, "a method of the model, named after what happened"
    outside = [source.path for source in others if source.area != "domain" and (BASE, "changed") in source.imports()]
    assert not outside


def test_a_field_that_is_not_there_is_refused_and_the_type_checker_sees_it_before() -> None:
    """Where mypy saw nothing, it would say that these comments are not needed."""
    number = FormerNumber(parcel="SHIP#1")
    with pytest.raises(TypeError, match="FormerNumber has no field parcle"):
        changed(number, parcle="SHIP#2")  # type: ignore[call-arg]
    assert changed(number, parcel=2) != number  # type: ignore[arg-type]


def test_keys_of_the_tables_are_made_in_one_file() -> None:
    """aws/ makes them as well, of what it reads."""
    others = [source for source in LAYERS if source.module != "orderwright.records" and source.area != "aws"]
    made = [f"{source.path}:{line}" for source in others for name, line in _calls(source) if name == "Key"]
    assert not made, "a function of records.py"


def _needs(source: Source) -> set[str]:
    """The layer's modules that one imports; for the type checker only, or inside of a function, too."""
    named = {f"{module}.{name}" if f"{module}.{name}" in MODULES else module for module, name in source.imports()}
    return {module for module in named if module in MODULES} - {source.module}


def test_no_two_modules_need_each_other() -> None:
    try:
        TopologicalSorter({name: _needs(source) for name, source in MODULES.items()}).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_worker_needs_what_operators_do() -> None:
    operator = "orderwright.usecases.operator"
    workers = [source for source in LAYERS if source.area == "usecases" and not source.module.startswith(operator)]
    assert not [source.path for source in workers if any(module.startswith(operator) for module in _needs(source))]


PAST_THE_PAGE = {
    "orderwright.usecases.order_commit": "the one way: with_page",
    "orderwright.usecases.ingest_order": "what was planned: order_changes.py made it with_page",
    "orderwright.usecases.fulfilling.acceptance": "the store's fulfillment of a purchase order: no page shows it",
    "orderwright.usecases.intake.erasure": "the state of a connection; an order goes by OrderCommit.write",
    "orderwright.usecases.take_customer_request": "what a customer sent: it is not in the order yet",
    "orderwright.usecases.operator.notices": "notices: no page shows them",
}
"""Who commits items of an order to the tables without OrderCommit.write, and why its customer's page does not miss it."""


def test_what_a_customers_page_shows_is_written_with_the_page() -> None:
    """Whoever writes an order's own items, or has made such a write, gives it to an OrderCommit."""
    makers = {"order_put", "quiet_put", "order_key", "details_key", "shipment_key", "order_part_key", "request_key"}
    found = {
        source.module
        for source in LAYERS
        if source.area == "usecases" and makers & {name for _, name in source.imports()} and _commits(source)
    }
    assert found == set(PAST_THE_PAGE)
    made = [source.module for source in LAYERS for name, _ in _calls(source) if name == "Copy"]
    face = [f"orderwright.usecases.operator.{name}" for name in ("applying", "tracking_key")]
    assert made == [*face, "orderwright.usecases.tracking_copies"], "how the shop looks; and each part of a page"


def _commits(source: Source) -> bool:
    """Does it call storage.commit, whatever the storage is called there?"""
    calls = (node.func for node in ast.walk(source.tree) if isinstance(node, ast.Call))
    holders = (func.value for func in calls if isinstance(func, ast.Attribute) and func.attr == "commit")
    return any("storage" in ast.unparse(holder) for holder in holders)
