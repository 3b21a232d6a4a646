"""Metrics of tasks that were handed on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk._shared.observability.metrics import stats
from airflow.sdk._shared.observability.metrics.base_stats_logger import NoStatsLogger
from airflow.sdk.observability.metrics import stats_utils

from coordinators import metrics
from tests.worker.handing_on import task


class TestMetrics:
    """As Airflow's task runner gives them, of each task of a slot."""

    @pytest.fixture
    def given(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str, str]]]:
        found: list[tuple[str, str, str]] = []

        class Backend:
            def incr(self, stat: str, *_: Any, tags: dict[str, str], **__: Any) -> None:
                found.append((stat, tags["task_id"], tags.get("state", "")))

            def timing(self, stat: str, dt: Any, *, tags: dict[str, str], **__: Any) -> None:
                assert dt >= 0
                found.append((stat, tags["task_id"], ""))

        monkeypatch.setenv("AIRFLOW__METRICS__LEGACY_NAMES_ON", "false")
        monkeypatch.setattr(stats_utils, "get_stats_factory", lambda: Backend)
        metrics._is_on.cache_clear()
        yield found
        metrics._is_on.cache_clear()
        stats.initialize(factory=NoStatsLogger, export_legacy_names=False)

    @pytest.mark.parametrize(
        ("state", "counted"), [("success", ["ti_successes"]), ("up_for_retry", ["ti_failures"])]
    )
    def test_of_an_end(self, given: list[Any], state: str, counted: list[str]) -> None:
        with metrics.measured(task()) as found:
            found.state = state
        assert given == [
            ("ti.start", "a", ""),
            ("ti.finish", "a", state),
            *((name, "a", "") for name in counted),
            ("task.duration", "a", ""),
        ]

    def test_of_a_task_that_waits(self, given: list[Any]) -> None:
        with metrics.measured(task()) as found:
            found.state = "awaiting_input"
        assert given == [("ti.start", "a", ""), ("ti.finish", "a", "awaiting_input")]

    def test_of_a_task_that_was_taken_away(self, given: list[Any]) -> None:
        with metrics.measured(task()):
            pass
        assert given == [("ti.start", "a", "")]

    def test_what_cannot_be_given_stops_nobody(
        self, given: list[Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise OSError("no such host")

        monkeypatch.setattr(stats, "incr", broken)
        with metrics.measured(task()) as found:
            found.state = "success"

    def test_none_where_they_are_off(self) -> None:
        metrics._is_on.cache_clear()
        assert not metrics._is_on(os.getpid())
