"""When a figure is met, and how it reads."""

from __future__ import annotations

import pytest

from local.bench.__main__ import MODULES, chosen
from local.bench.cpu_sampler import owner_of
from local.bench.figure import Figure, Value
from local.bench.table import amount_text


def test_a_goal_is_met_at_its_bound() -> None:
    assert Value("a", 3, at_most=3).met is True
    assert Value("a", 3.01, at_most=3).met is False
    assert Value("a", 20, at_least=20).met is True
    assert Value("a", 19, at_least=20).met is False


def test_a_value_without_a_goal_is_not_judged() -> None:
    assert Value("a", 3).met is None
    assert "met" not in Value("a", 3).as_json()


def test_a_figure_is_met_when_all_its_goals_are() -> None:
    good, bad, told = Value("a", 1, at_most=1), Value("b", 2, at_most=1), Value("c", 9)
    assert Figure("F", "t", [good, told]).met is True
    assert Figure("F", "t", [good, bad, told]).met is False
    assert Figure("F", "t", [told]).met is None


def test_a_figure_that_could_not_be_measured_is_never_met() -> None:
    figure = Figure("F", "t", [Value("a", 1, at_most=1)], error="no disk")
    assert figure.met is None
    assert figure.as_json()["error"] == "no disk"


def test_only_takes_figures_in_any_case_and_order() -> None:
    assert chosen("f4, F1") == ["F1", "F4"]
    assert chosen("") == list(MODULES)


def test_an_unknown_figure_is_named() -> None:
    with pytest.raises(ValueError, match="F99"):
        chosen("F1,F99")


def test_numbers_read_well() -> None:
    assert [amount_text(value) for value in (0, 1200, 1.4567, 1234.5, 0.0162)] == [
        "0",
        "1,200",
        "1.46",
        "1,234",
        "0.0162",
    ]


def test_the_innermost_known_file_owns_the_moment() -> None:
    parts = {"sdk": ("/botocore/",), "own": ("/orderwright/",)}
    stack = ["/usr/lib/json/decoder.py", "/site/botocore/parsers.py", "/layer/orderwright/aws/dynamo.py"]
    assert owner_of(stack, parts) == "sdk"
    assert owner_of(stack[2:], parts) == "own"
    assert owner_of(["/usr/lib/json/decoder.py"], parts) == "other"
