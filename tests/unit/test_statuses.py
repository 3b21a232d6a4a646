"""What is stored of statuses, and what Airflow calls its own."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.types import TypeEngine

from officeflow import statuses
from officeflow.airflow_api.types import DagRunState, TaskInstanceState
from officeflow.database.status_columns import text_of
from officeflow.events.quarantine import REASONS
from officeflow.statuses import ActStatus, EmployeeStatus, RefusalReason, RunStatus, ShownRunStatus

KINDS = [
    kind
    for kind in vars(statuses).values()
    if isinstance(kind, type) and kind.__module__ == statuses.__name__
]
DIALECT = create_engine("postgresql+psycopg://").dialect


@pytest.mark.parametrize("kind", KINDS)
def test_a_status_is_written_and_read_as_its_text_and_nothing_else_is(kind: type[StrEnum]) -> None:
    column: TypeEngine[Any] = text_of(kind, 50)
    write, read = column.bind_processor(DIALECT), column.result_processor(DIALECT, None)
    assert write is not None
    assert read is not None
    for member in kind:
        written = write(member)
        assert (written, type(written), json.dumps(member)) == (member.value, str, f'"{member.value}"')
        assert read(member.value) is member
        assert f"{member}" == member.value
    for refused in (write, read):
        with pytest.raises(LookupError, match="'NOTHING' is not among the defined enum values"):
            refused("NOTHING")


def test_the_stored_texts_are_those_that_databases_hold() -> None:
    assert list(RunStatus) == [
        "PENDING",
        "RUNNING",
        "PAUSED",
        "COMPENSATING",
        "SUCCEEDED",
        "FAILED",
        "CANCELLED",
        "COMPENSATED",
    ]
    assert list(ActStatus) == ["QUEUED", "STARTED", "SUCCEEDED", "FAILED", "ASKED", "COMPENSATED"]
    assert list(EmployeeStatus) == ["preboarding", "active", "exited"]


def test_a_run_is_shown_as_it_is_stored_or_as_waiting() -> None:
    assert set(ShownRunStatus) == {*RunStatus, "WAITING"}
    assert {*statuses.ENDED_RUNS, *statuses.OPEN_RUNS} == set(RunStatus)


def test_every_reason_has_words() -> None:
    assert list(REASONS) == list(RefusalReason)


def test_airflows_states_are_airflows() -> None:
    from airflow.utils import state

    assert set(DagRunState) == {each.value for each in state.DagRunState}
    assert set(TaskInstanceState) == {each.value for each in state.TaskInstanceState}
