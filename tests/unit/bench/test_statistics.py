"""Percentiles by nearest rank."""

from __future__ import annotations

import pytest

from local.bench.statistics import median, percentile


def test_a_percentile_is_a_sample_that_was_seen() -> None:
    samples = [10.0, 40.0, 20.0, 30.0]
    assert percentile(samples, 50) == 20.0
    assert percentile(samples, 51) == 30.0
    assert percentile(samples, 95) == 40.0


def test_the_ends_are_the_least_and_the_greatest() -> None:
    samples = [3.0, 1.0, 2.0]
    assert (percentile(samples, 0), percentile(samples, 100)) == (1.0, 3.0)


def test_of_twenty_samples_the_worst_is_beyond_p95() -> None:
    samples = [1.0] * 19 + [100.0]
    assert percentile(samples, 95) == 1.0
    assert percentile(samples, 96) == 100.0


def test_one_sample_is_every_percentile() -> None:
    assert {percentile([7.0], percent) for percent in (0, 50, 95, 100)} == {7.0}


def test_the_median_does_not_follow_one_wild_sample() -> None:
    assert median([1.0, 2.0, 1000.0]) == 2.0


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 50)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_percent_outside_of_its_range_is_refused(percent: float) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        percentile([1.0], percent)
