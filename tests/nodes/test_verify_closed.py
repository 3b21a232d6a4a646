"""Whether somebody can still get in: every system is asked, at once and later, and what is left is raised."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from officeflow.connectors.families.identity import Session
from officeflow.sdk import Answer, NodeResult
from officeflow.workflows.validation import validate
from tests.nodes.ruled import furnish, settle
from tests.nodes.world import World

pytestmark = pytest.mark.integration


def verify(
    world: World, answer: Answer | None = None, try_number: int = 1, node: str = "it", **params: Any
) -> NodeResult:
    given = {"external_id": "1001", "connections": ["paper"], **params}
    return world.run("identity.verify_closed", given, answer=answer, try_number=try_number, node=node)


def doors(result: NodeResult) -> list[tuple[str, str, str]]:
    assert result.status == "success", result.error
    return [(each["connection"], each["state"], each["told"]) for each in result.output["doors"]]


def code(result: NodeResult) -> str:
    assert result.error is not None, result.output
    return result.error.code


def test_who_has_no_account_and_whose_is_suspended_is_out(world: World) -> None:
    found = doors(verify(world, after=[], connections=["paper", "scim"]))
    assert [(name, state) for name, state, _ in found] == [("paper", "closed"), ("scim", "closed")]
    furnish(world, active=False)
    result = verify(world, after=[], node="again")
    assert (result.output["closed"], [state for _, state, _ in doors(result)]) == (True, ["closed", "closed"])


def test_an_open_door_is_raised_at_the_second_look_with_every_system_s_answer(world: World) -> None:
    account_id = furnish(world)
    world.paper.sessions[account_id] += [
        Session(id="1", kind="token", name="mail"),
        Session(id="2", kind="session", name="browser"),
    ]
    first = verify(world, connections=["paper", "scim"])
    assert code(first) == "not_yet"
    world.clock.moment += dt.timedelta(minutes=15)
    second = verify(world, connections=["paper", "scim"], try_number=2)
    assert second.error is not None
    assert (second.status, second.error.code) == ("failed", "still_open")
    assert "open: paper ana@acme.example: the account is active" in second.error.message
    assert "open: paper ana@acme.example: left are session: 1, token: 1" in second.error.message
    assert "scim" not in second.error.message


def test_it_is_looked_at_once_a_quarter_of_an_hour_and_a_day_later(world: World) -> None:
    furnish(world, active=False)
    assert code(verify(world)) == "not_yet"
    world.clock.moment += dt.timedelta(minutes=15)
    assert code(verify(world, try_number=2)) == "not_yet"
    assert code(verify(world, try_number=3)) == "not_yet"
    asked = len(world.paper.asked)
    world.clock.moment += dt.timedelta(days=1)
    result = verify(world, try_number=4)
    assert (result.output["looks"], result.output["closed"]) == (3, True)
    assert len(world.paper.asked) > asked
    assert world.paper.writes() == []


def test_a_door_that_is_open_at_the_first_look_and_closed_at_the_second_is_closed(world: World) -> None:
    furnish(world)
    verify(world, after=["PT15M"])
    world.paper.rewrite("ana@acme.example", active=False)
    world.clock.moment += dt.timedelta(minutes=15)
    assert verify(world, after=["PT15M"], try_number=2).output["closed"] is True


def test_a_system_that_does_not_answer_is_no_closed_door(world: World) -> None:
    world.paper.kill()
    result = verify(world, after=[], connections=["paper", "scim"])
    assert code(result) == "still_open"
    assert result.error is not None
    assert "unknown: paper: could not be asked: " in result.error.message


def test_the_workflow_may_go_on_and_read_what_is_open(world: World) -> None:
    furnish(world)
    result = verify(world, after=[], on_open="go_on")
    assert result.output["closed"] is False
    assert ("paper", "open", "the account is active") in doors(result)


def test_an_account_that_lost_its_number_or_its_login_still_lets_in(world: World) -> None:
    world.paper.add("ana@acme.example")
    world.paper.add("ana.old@acme.example", external_id="1001")
    result = verify(world, after=[], login="ana@acme.example")
    assert result.error is not None
    assert "paper ana@acme.example: the account is active" in result.error.message
    assert "paper ana.old@acme.example: the account is active" in result.error.message


def test_somebody_elses_account_under_the_same_login_is_not_theirs(world: World) -> None:
    world.paper.add("ana@acme.example", external_id="2002")
    result = verify(world, after=[], login="ana@acme.example")
    assert doors(result) == [("paper", "closed", "the account is 2002's")]


def test_people_get_the_task_to_close_it_and_it_is_looked_again(world: World) -> None:
    furnish(world)
    asked = verify(world, after=[], on_open="task")
    assert asked.question is not None
    assert "the account is active" in asked.question.body
    world.paper.rewrite("ana@acme.example", active=False)
    done = Answer(chosen="Done", by="boss", at=world.clock.now())
    assert verify(world, done, try_number=2, after=[], on_open="task").output["closed"] is True


def test_what_is_said_to_be_closed_and_is_not_fails(world: World) -> None:
    furnish(world)
    verify(world, after=[], on_open="task")
    done = Answer(chosen="Done", by="boss", at=world.clock.now())
    assert code(verify(world, done, try_number=2, after=[], on_open="task")) == "still_open"


def test_all_are_those_that_rules_and_workflows_use(world: World) -> None:
    assert "name connections" in str(verify(world, connections="all", after=[]).error)
    settle(world, {"gives": {"groups": ["Staff"]}})
    found = doors(verify(world, connections="all", after=[], node="again"))
    assert [name for name, _, _ in found] == ["paper"]


def definition(*connections: str) -> dict[str, Any]:
    params = {"external_id": "1001", "connections": list(connections)}
    node = {"id": "check", "type": "identity.verify_closed", "name": "Check", "params": params}
    return {
        "slug": "leave",
        "name": "Leave",
        "trigger": {"event": "employee.exit"},
        "nodes": [node],
        "edges": [],
    }


def test_connections_that_parameters_name_are_checked_before_it_is_published() -> None:
    known = {"directory": "scim", "mail": "smtp"}
    problems = {
        each.path: f"{each.reason} {each.suggestion}"
        for each in validate(
            definition("directory", "directry", "mail", "${{ event.payload.x }}"), lambda: known
        )
    }
    assert "did you mean directory?" in problems["nodes[0].params.connections[1]"]
    assert "is of the family mail" in problems["nodes[0].params.connections[2]"]
    assert "nodes[0].params.connections[0]" not in problems
    assert "nodes[0].connection" not in problems
