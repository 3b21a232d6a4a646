"""Every node type of identity at every system that has what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from officeflow.catalog.registry import node_type
from officeflow.sdk import Doing, NodeResult, Planned
from tests.systems.acts import ACTS, Act
from tests.systems.stage import Stage
from tests.systems.system import System, There
from tests.systems.table import pairs

pytestmark = pytest.mark.integration

TRIED = [
    pytest.param(system, name, id=f"{name}-{system.provider}")
    for system, name in pairs()
    if name not in system.left_out
]


@pytest.fixture
def act(name: str, stage: Stage) -> Act:
    """Its system is as the node type needs it."""
    found = ACTS[name]
    if found.is_there:
        stage.with_ana()
    found.arrange(stage)
    return found


@pytest.mark.parametrize(("system", "name"), TRIED)
def test_it_is_planned_done_once_and_taken_back(
    system: type[System], name: str, act: Act, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, params = f"identity.{name}", {**act.whose(stage), **act.params(stage)}
    before, writes = stage.there(), stage.system.writes()
    planned = stage.plan(full, params)
    assert (stage.there(), stage.system.writes()) == (before, writes)
    assert is_a_change(planned) is act.changes

    if node_type(full).spec.ways:
        goes_back(full, params, act, stage, before)
    is_done_once(full, params, act, stage, before, monkeypatch)


def goes_back(full: str, params: Mapping[str, Any], act: Act, stage: Stage, before: There) -> None:
    """Done, the task cleared, and taken back in every way."""
    writes = stage.system.writes()
    done = stage.run(full, params, node="undone")
    is_done(stage, act, done, before, writes)
    writes = stage.system.writes()
    again = stage.run(full, params, node="undone", try_number=2)
    assert (again.replayed, again.output) == (True, done.output)
    assert stage.system.writes() == writes
    for way in sorted((each.name for each in node_type(full).spec.ways), reverse=True):
        stage.undo(full, params, done, way)
        if way == "suspend":
            assert not stage.there().people[stage.ana].active
    assert stage.there() == before
    assert stage.kept_names() == 0


def is_done_once(
    full: str,
    params: Mapping[str, Any],
    act: Act,
    stage: Stage,
    before: There,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ended by force between the act and its record, done again, the task cleared; and taken back, which
    what the second attempt has recorded has to be enough for.
    """
    first = stage.system.writes()
    stage.run_killed(full, params, monkeypatch, node="killed")
    there, writes = stage.there(), stage.system.writes()
    again = stage.run(full, params, node="killed", try_number=2)
    assert not again.replayed
    assert act.again or stage.system.writes() == writes
    assert stage.there() == there
    is_done(stage, act, again, before, first)
    writes = stage.system.writes()
    cleared = stage.run(full, params, node="killed", try_number=3)
    assert (cleared.replayed, cleared.output) == (True, again.output)
    assert stage.system.writes() == writes
    if ways := node_type(full).spec.ways:
        stage.undo(full, params, again, ways[0].name)
        assert stage.there() == before


def is_done(stage: Stage, act: Act, result: NodeResult, before: There, writes: int) -> None:
    """By the counterpart, which had been asked for so many changes before."""
    assert result.status == "success", result.error
    assert (stage.there() != before) is act.shows
    assert act.is_so(stage, result.output)
    assert (stage.system.writes() > writes) is (act.changes and act.writes)


def is_a_change(planned: Sequence[Planned]) -> bool:
    assert planned
    assert all(each.note for each in planned if each.doing is Doing.UNKNOWN)
    return any(each.doing is not Doing.NO_CHANGE for each in planned)
