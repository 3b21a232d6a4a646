"""The tables that decide: the ledger's, and that of the states of runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow import canonical_json
from officeflow.airflow_api.types import DagRunState
from officeflow.errors import InvalidInput
from officeflow.ids import new_id
from officeflow.runs import states
from officeflow.runs.acts import lock_number, storable
from officeflow.runs.decision import Decision, decide
from officeflow.sdk import Effect
from officeflow.statuses import ActStatus, RunControl, RunStatus

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("same", [True, False])
def test_only_a_row_that_is_or_may_be_done_looks_at_the_parameters(effect: Effect, same: bool) -> None:
    decided = {
        status: decide(status, effect, same_params=same)
        for status in (None, ActStatus.QUEUED, ActStatus.FAILED, ActStatus.ASKED, ActStatus.COMPENSATED)
    }
    assert list(decided.values()) == [
        Decision.BEGIN,
        Decision.AGAIN,
        Decision.AGAIN,
        Decision.ASK,
        Decision.NEW_GENERATION,
    ]
    assert (decide(ActStatus.SUCCEEDED, effect, same_params=same) is Decision.REPLAY) is same
    assert (decide(ActStatus.STARTED, effect, same_params=same) is Decision.REFUSE) is not same


def test_only_an_at_most_once_act_without_an_end_is_asked() -> None:
    decided = {effect: decide(ActStatus.STARTED, effect, same_params=True) for effect in Effect}
    assert {effect for effect, decision in decided.items() if decision is Decision.ASK} == {
        Effect.AT_MOST_ONCE
    }
    assert {decision for effect, decision in decided.items() if effect is not Effect.AT_MOST_ONCE} == {
        Decision.RESUME
    }


@pytest.mark.parametrize(
    ("current", "airflow", "after"),
    [
        (RunStatus.PENDING, DagRunState.RUNNING, RunStatus.RUNNING),
        (RunStatus.RUNNING, DagRunState.SUCCESS, RunStatus.SUCCEEDED),
        (RunStatus.RUNNING, DagRunState.FAILED, RunStatus.FAILED),
        (RunStatus.CANCELLED, DagRunState.FAILED, RunStatus.CANCELLED),
        (RunStatus.PAUSED, DagRunState.RUNNING, RunStatus.PAUSED),
        (RunStatus.PAUSED, DagRunState.SUCCESS, RunStatus.SUCCEEDED),
        (RunStatus.FAILED, DagRunState.RUNNING, RunStatus.RUNNING),
        (RunStatus.SUCCEEDED, DagRunState.QUEUED, RunStatus.PENDING),
    ],
)
def test_a_run_is_what_airflow_says_unless_a_person_decided(
    current: RunStatus, airflow: DagRunState, after: RunStatus
) -> None:
    assert states.next_status(current, airflow) == after


@pytest.mark.parametrize(
    ("airflow", "carried", "after"),
    [
        (DagRunState.RUNNING, False, RunStatus.RUNNING),
        (DagRunState.RUNNING, True, RunStatus.RUNNING),
        (DagRunState.FAILED, False, RunStatus.CANCELLED),
        (DagRunState.FAILED, True, RunStatus.CANCELLED),
        (DagRunState.SUCCESS, False, RunStatus.SUCCEEDED),
        (DagRunState.SUCCESS, True, RunStatus.CANCELLED),
    ],
)
def test_a_run_that_is_to_be_cancelled_is_cancelled_unless_it_was_faster(
    airflow: DagRunState, carried: bool, after: RunStatus
) -> None:
    status = states.next_status(RunStatus.RUNNING, airflow, control=RunControl.CANCEL, carried=carried)
    assert status == after


def test_a_state_that_airflow_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no run state 'skipped'"):
        states.airflow_state("skipped")


@given(JSON)
def test_what_is_storable_is_json_that_postgresql_takes(value: object) -> None:
    stored = canonical_json.encode(storable(value))
    assert b"\\u0000" not in stored.replace(b"\\\\", b"")
    assert storable(storable(value)) == storable(value)


def test_lock_numbers_fit_postgresqls_bigint_and_differ_by_node_and_map_index() -> None:
    run = new_id()
    numbers = {lock_number(run, node, index) for node in ("a", "b") for index in (-1, 0, 1)}
    assert len(numbers) == 6
    assert all(-(2**63) <= number < 2**63 for number in numbers)
