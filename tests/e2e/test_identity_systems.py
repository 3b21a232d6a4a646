"""Every identity system in one published workflow of the running stack, by the commands that a person types:
planned, run with a task killed at each system, cleared, and taken back.
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from officeflow.connectors.families import Family
from officeflow.connectors.providers import providers
from officeflow.events.topics import IDENTITY_PROVISION_REQUEST, IDENTITY_PROVISION_RESULT
from officeflow.runs.follow import RunFound
from tests.e2e.beside import LEAVING, NAMES, Systems, connect, systems_beside
from tests.e2e.conftest import Running, wait_for
from tests.e2e.lives import (
    CREATE,
    KILLED,
    SLUG,
    SUSPEND,
    State,
    announced,
    await_leaving,
    hire,
    hired,
    kill_all,
    leave,
    since,
    state,
    worker_of,
)
from tests.e2e.test_stories import as_admin, done

pytestmark = [pytest.mark.e2e, pytest.mark.crash]

ANA, BEA, CID = "e2e-ana", "e2e-bea", "e2e-cid"


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """Ana's run, in which a task of each system was."""

    run: RunFound
    event_id: str
    plan: Mapping[str, Any]
    """What was to come when she had not left yet."""
    before: Mapping[str, int]
    """What was written by then."""
    after: State


@pytest.fixture(scope="module")
def systems(
    running: Running, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Systems]:
    """With the connections and the workflow."""

    def server_of(fixture: str) -> Any:
        return request.getfixturevalue(f"_{fixture}_process")

    with systems_beside(server_of, tmp_path_factory.mktemp("beside")) as found:
        names = [connect(running, each) for each in found.there.values()]
        done(
            running,
            "workflow",
            "publish",
            "-",
            "--org",
            "acme",
            stdin=json.dumps(found.definition(SLUG)),
        )
        yield found
        done(running, "workflow", "deactivate", SLUG, "--org", "acme")
        for name in names:
            done(running, "connection", "remove", "acme", name)


@pytest.fixture(scope="module")
def planned(running: Running, systems: Systems) -> tuple[Mapping[str, Any], Mapping[str, int]]:
    """The plan of Ana's run, and what was written meanwhile."""
    before = systems.writes()
    command = ("workflow", "plan", SLUG, "--org", "acme", "--event", "-")
    told = running.cli_json(*command, stdin=json.dumps(hired(ANA)))
    return told, since(before, systems)


@pytest.fixture(scope="module")
def undisturbed(
    running: Running, systems: Systems, planned: object, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, int]:
    """What is written when Bea's run is started by hand and left alone."""
    given = hired(BEA)["data"]
    fields = (part for name, value in given.items() for part in ("--field", f"{name}={value}"))
    done(running, "employee", "create", "acme", BEA, *fields)
    before = systems.writes()
    file = tmp_path_factory.mktemp("bea") / "payload.json"
    file.write_text(json.dumps({"employee": BEA, "payload": given}))
    command = (
        "run",
        "start",
        SLUG,
        "--org",
        "acme",
        "--payload",
        str(file),
        "--why",
        "she comes",
        "--json",
    )
    run = str(json.loads(as_admin(running, *command))["run_id"])
    await_leaving(running, systems, run, BEA)
    leave(running, BEA)
    done(running, "run", "watch", run)
    return since(before, systems)


@pytest.fixture(scope="module")
def killed(running: Running, systems: Systems, undisturbed: object) -> Killed:
    before, sent = systems.writes(), hired(ANA)
    for each in systems.there.values():
        each.hold()
    run = hire(running, sent)
    kill_all(running, run, systems, ANA, CREATE)
    await_leaving(running, systems, str(run.run_id), ANA)
    written = systems.writes()
    plan = running.cli_json("run", "plan", str(run.run_id))
    assert systems.writes() == written, "a plan looks, and changes nothing"
    for each in systems.there.values():
        each.hold()
    leave(running, ANA)
    kill_all(running, run, systems, ANA, SUSPEND)
    done(running, "run", "watch", str(run.run_id))
    after = state(running, systems, run)
    return Killed(run=run, event_id=sent["id"], plan=plan, before=before, after=after)


@pytest.fixture(scope="module")
def cleared(running: Running, systems: Systems, killed: Killed) -> State:
    """Every task of Ana's run, and run again."""
    run = killed.run
    running.api.clear(run.dag_id, run.dag_run_id)
    wait_for(
        lambda: running.api.dag_run(run.dag_id, run.dag_run_id)["state"] in {"queued", "running"},
        what="the cleared run to go on",
    )
    done(running, "run", "watch", str(run.run_id))
    return state(running, systems, run)


@pytest.fixture(scope="module")
def undone(running: Running, systems: Systems, killed: Killed, cleared: object) -> tuple[Any, State]:
    """What the command said, and what is so."""
    run = str(killed.run.run_id)
    command = ("run", "compensate", run, "--why", "she does not come", "--json")
    told = json.loads(as_admin(running, *command))
    wait_for(
        lambda: running.cli_json("run", "show", run)["status"] == "COMPENSATED", what="the run to be undone"
    )
    return told, state(running, systems, killed.run)


def nodes_of(systems: Systems, name: str) -> list[str]:
    return [node["id"] for node in systems.of(name).branch.nodes()]


def test_every_system_of_the_family_has_a_branch() -> None:
    assert set(NAMES) == {name for name, each in providers().items() if each.service(Family.IDENTITY)}


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_shows_an_account_to_create_and_only_looks(
    systems: Systems, planned: tuple[Mapping[str, Any], Mapping[str, int]], name: str
) -> None:
    plan, written = planned
    (node,) = (each for each in plan["nodes"] if each["key"] == nodes_of(systems, name)[0])
    assert (node["verdict"], [act["doing"] for act in node["acts"]]) == ("RUNS", ["create"])
    assert written[name] == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_task_that_is_killed_before_its_answer_comes_is_tried_again_and_nothing_is_written_twice(
    running: Running, systems: Systems, undisturbed: Mapping[str, int], killed: Killed, name: str
) -> None:
    nodes, after, run = nodes_of(systems, name), killed.after, killed.run
    assert {node: after.tasks[node]["try_number"] for node in nodes} == {
        node: 2 if node.endswith(KILLED) else 1 for node in nodes
    }
    for node in (node for node in nodes if node.endswith(KILLED)):
        assert "SIGKILL" in running.api.task_log(run.dag_id, run.dag_run_id, node, 1)
    assert after.writes[name] - killed.before[name] == undisturbed[name] >= len(nodes)
    acts = [(row["node"], row["generation"], row["status"]) for row in after.ledger if row["node"] in nodes]
    assert sorted(acts) == sorted((node, 1, "SUCCEEDED") for node in nodes)


@pytest.mark.parametrize("name", NAMES)
def test_who_was_hired_and_suspended_has_what_the_workflow_gives(
    systems: Systems, killed: Killed, name: str
) -> None:
    beside = systems.of(name)
    ana, bea = (killed.after.people[name][beside.login(each)] for each in (ANA, BEA))
    assert (ana.active, ana.number, ana.sessions) == (False, ANA, 0)
    assert set(beside.branch.kind.groups[:2]) <= ana.groups
    assert beside.branch.seen(ana)
    assert (ana.groups, ana.roles, ana.applications, ana.licences, ana.unit) == (
        bea.groups,
        bea.roles,
        bea.applications,
        bea.licences,
        bea.unit,
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_of_a_run_shows_what_is_still_to_come(systems: Systems, killed: Killed, name: str) -> None:
    nodes = nodes_of(systems, name)
    told = {node["key"]: node for node in killed.plan["nodes"]}
    assert {told[node]["verdict"] for node in nodes if not node.endswith(LEAVING)} == {"DONE"}
    doing = {node: [act["doing"] for act in told[node]["acts"]] for node in nodes if node.endswith(LEAVING)}
    assert doing == {
        node: ["irreversible" if node.endswith("sessions") else "change"]
        for node in nodes
        if node.endswith(LEAVING)
    }


def test_the_topics_announce_every_act_of_the_run(running: Running, systems: Systems, killed: Killed) -> None:
    nodes = {node["id"] for node in systems.nodes()}

    def results() -> list[Mapping[str, Any]]:
        found = announced(running, IDENTITY_PROVISION_RESULT, killed.event_id)
        return found if {each["node"] for each in found} == nodes else []

    told = wait_for(results, what="all results")
    assert Counter((each["node"], each["status"]) for each in told) == {
        (node, "SUCCEEDED"): 1 for node in nodes
    }
    asked = Counter(each["node"] for each in announced(running, IDENTITY_PROVISION_REQUEST, killed.event_id))
    assert asked == {node: 2 if node.endswith(KILLED) else 1 for node in nodes}


@pytest.mark.parametrize("name", NAMES)
def test_clearing_every_task_changes_nothing(
    systems: Systems, killed: Killed, cleared: State, name: str
) -> None:
    nodes, before = nodes_of(systems, name), killed.after
    assert all(cleared.tasks[node]["try_number"] > before.tasks[node]["try_number"] for node in nodes)
    assert {cleared.tasks[node]["state"] for node in nodes} == {"success"}
    assert (cleared.writes[name], cleared.people[name]) == (before.writes[name], before.people[name])
    assert cleared.ledger == before.ledger


@pytest.mark.parametrize("name", NAMES)
def test_undoing_the_run_takes_all_back(
    systems: Systems, cleared: State, undone: tuple[Any, State], name: str
) -> None:
    told, after = undone
    ana = systems.of(name).login(ANA)
    assert after.people[name] == {who: seen for who, seen in cleared.people[name].items() if who != ana}
    remains = {each["node"]: each["kind"] for each in told["remaining"]}
    ends = [node for node in nodes_of(systems, name) if node.endswith("sessions")]
    assert {node: remains[node] for node in nodes_of(systems, name) if node in remains} == dict.fromkeys(
        ends, "irreversible"
    )


@pytest.mark.long
def test_a_killed_worker_takes_the_acts_of_all_others_along_and_nothing_is_written_twice(
    running: Running, systems: Systems, undisturbed: Mapping[str, int]
) -> None:
    """The scheduler is started anew with all its workers. As many answers are kept back as even the smallest
    machine has slots.
    """
    before, held = systems.writes(), list(systems.there.values())[:4]
    for each in held:
        each.hold()
    run = hire(running, hired(CID))
    for each in held:
        wait_for(partial(each.seen, CID), what=f"the account at {each.branch.name}")
    os.kill(worker_of(running, run, held[0].branch.node_id(CREATE)), signal.SIGKILL)
    await_leaving(running, systems, str(run.run_id), CID)
    leave(running, CID)
    done(running, "run", "watch", str(run.run_id))
    assert since(before, systems) == undisturbed
    ledger = state(running, systems, run).ledger
    assert {row["status"] for row in ledger} == {"SUCCEEDED"}
    assert len(ledger) == len({row["node"] for row in ledger})
