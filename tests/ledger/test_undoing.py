"""What a run did is taken back: the last act first, each once, and what cannot be is named."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from officeflow.airflow_api.types import DagRunState
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, RunRequest, WorkflowRun
from officeflow.ids import new_id, workflow_run_id
from officeflow.layout import ROOT
from officeflow.runner.run import run_node
from officeflow.runs import undone
from officeflow.statuses import CallState, RunControl
from officeflow.tenants import employees
from tests.connectors.http_faults import Fault, FaultProxy
from tests.ledger.undone import ACCOUNT, GROUPS, MAIL, MEETING, Story
from tests.nodes.conftest import proxy, world
from tests.nodes.world import World

__all__ = ["proxy", "world"]

pytestmark = pytest.mark.integration


@pytest.fixture
def story(world: World, database: Database, org: Organization) -> Story:
    return Story(world, database, org)


def compensates(*keys: str, by: str = "rollback", key: str = "back", **node: object) -> dict[str, object]:
    return {
        "id": key,
        "type": "audit.record",
        "params": {"action": "took.back", "subject": "employee:1001"},
        "compensatesFor": list(keys),
        "compensationType": by,
        **node,
    }


def test_a_cancelled_run_is_undone_the_last_act_first_and_once(story: Story, world: World) -> None:
    story.draw(ACCOUNT, GROUPS, MEETING)
    story.does("account", "groups", "meeting")
    result = story.undo("failed")
    assert result.status == "success", result.error
    assert world.scim.users() == []
    assert world.caldav.events().count("STATUS:CANCELLED") == 1
    assert story.acts() == {
        "account": "COMPENSATED",
        "groups": "COMPENSATED",
        "meeting": "COMPENSATED",
        "undo__meeting": "SUCCEEDED",
        "undo__groups": "SUCCEEDED",
        "undo__account": "SUCCEEDED",
    }
    writes = len(world.scim.writes())
    assert story.undo("failed").status == "success"
    assert len(world.scim.writes()) == writes
    assert story.row().status == "COMPENSATING"
    ended = story.end()
    assert ended.status == "COMPENSATED"
    assert story.audited().count("act.undone") == 3


def test_a_run_that_succeeded_has_nothing_to_take_back(story: Story, world: World) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    assert story.undo("success").status == "success"
    assert len(world.scim.users()) == 1
    assert story.acts() == {"account": "SUCCEEDED"}
    assert story.end(DagRunState.SUCCESS).status == "SUCCEEDED"


def test_a_failed_run_keeps_what_it_did_unless_its_workflow_says_otherwise(
    story: Story, world: World
) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    assert story.undo("upstream_failed").status == "success"
    assert len(world.scim.users()) == 1
    assert story.end().status == "FAILED"


def test_a_failed_run_is_undone_where_its_workflow_says_so(story: Story, world: World) -> None:
    story.draw(ACCOUNT, onFailure="undo")
    story.does("account")
    assert story.undo("upstream_failed").status == "success"
    assert world.scim.users() == []
    assert story.end().status == "COMPENSATED"


def test_marked_failed_in_airflow_it_is_undone_and_the_task_fails_so_that_the_run_is_red(
    story: Story, world: World
) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    result = story.undo("skipped")
    assert (result.status, result.error and result.error.code) == ("failed", "marked_failed")
    assert world.scim.users() == []
    ended = story.end()
    assert ended.status == "COMPENSATED"


def test_the_workflow_says_how_or_that_it_stays(story: Story, world: World) -> None:
    story.draw({**ACCOUNT, "undo": "suspend"}, {**GROUPS, "undo": "keep"})
    story.does("account", "groups")
    assert story.undo().status == "success"
    [user] = world.scim.users()
    assert user["active"] is False
    assert world.scim.groups_of("ana@acme.example") == {"Staff"}
    assert story.acts()["groups"] == "SUCCEEDED"
    assert story.end().status == "COMPENSATED"


def test_what_cannot_be_taken_back_is_named_and_keeps_nothing_from_being_undone(story: Story) -> None:
    story.draw(ACCOUNT, MAIL)
    story.does("account", "mail")
    assert story.undo().status == "success"
    ended = story.end()
    assert ended.status == "COMPENSATED"
    [left] = (ended.error_details or {})["remaining"]
    assert (left["node"], left["kind"]) == ("mail", "irreversible")


def test_a_compensating_node_runs_in_the_place_of_the_type_with_the_outputs_of_what_it_undoes(
    story: Story, world: World
) -> None:
    suspend = {
        "id": "back",
        "type": "identity.suspend_account",
        "connection": "scim",
        "params": {"account_id": "${{ nodes.account.output.account_id }}"},
        "compensatesFor": ["account"],
        "compensationType": "rollback",
    }
    story.draw(ACCOUNT, GROUPS, suspend)
    story.does("account", "groups")
    assert story.undo("upstream_failed").status == "success"
    [user] = world.scim.users()
    assert user["active"] is False
    assert story.acts() == {
        "account": "COMPENSATED",
        "groups": "SUCCEEDED",
        "undo__back": "SUCCEEDED",
    }, "the workflow keeps what failed half way, but for its compensating nodes"


def test_a_compensation_for_a_node_that_did_not_run_does_not_run(story: Story) -> None:
    story.draw(ACCOUNT, GROUPS, compensates("groups"))
    story.does("account")
    assert story.undo().status == "success"
    assert "undo__back" not in story.acts()


def test_cleanups_come_after_rollbacks_and_notifications_in_the_end(story: Story) -> None:
    story.draw(
        ACCOUNT,
        MEETING,
        compensates("meeting", by="notification", key="tell"),
        compensates("meeting", by="cleanup", key="sweep"),
    )
    story.does("account", "meeting")
    assert story.undo().status == "success"
    undone = [key for key in story.acts() if key.startswith("undo__")]
    assert undone == ["undo__account", "undo__sweep", "undo__tell"]
    assert story.undo().status == "success"
    assert story.audited().count("took.back") == 2


def test_a_cleanup_that_fails_turns_nothing_red(story: Story) -> None:
    broken = compensates("meeting", by="cleanup", params={"action": "${{ 1 / 0 }}", "subject": "s"})
    story.draw(ACCOUNT, MEETING, broken)
    story.does("account", "meeting")
    assert story.undo().status == "success"
    [left] = (story.end().error_details or {})["remaining"]
    assert (left["node"], left["kind"]) == ("meeting", "best_effort")


def test_a_rollback_that_fails_is_tried_again_then_turns_it_red_and_the_others_are_undone(
    story: Story, world: World, proxy: FaultProxy
) -> None:
    story.draw(ACCOUNT, GROUPS)
    story.does("account", "groups")
    proxy.fault(Fault(kind="answer", status=503, methods=("DELETE",), times=1000))
    result = story.undone_in_the_end()
    assert (result.status, result.error and result.error.code) == ("failed", "undo_incomplete")
    assert "account" in str(result.error)
    assert story.acts()["groups"] == "COMPENSATED"
    assert story.acts()["account"] == "SUCCEEDED"
    assert {act.node_key: act.attempt for act in story.rows()}["undo__account"] == 4
    ended = story.end()
    assert ended.status == "FAILED"
    [left] = (ended.error_details or {})["remaining"]
    assert (left["node"], left["kind"]) == ("account", "failed")
    assert "created account" in left["did"]

    proxy.faults.clear()
    assert story.undo().status == "success"
    assert world.scim.users() == []
    assert story.end().status == "COMPENSATED"


def test_what_is_there_no_more_is_taken_back_and_what_was_changed_since_is_left(
    story: Story, world: World
) -> None:
    story.draw(ACCOUNT, GROUPS)
    story.does("account", "groups")
    account = world.scim.users()[0]["id"]
    with world.scim.client() as client:
        client.delete(f"/Users/{account}").raise_for_status()
    assert story.undo().status == "success"
    assert set(story.acts().values()) == {"COMPENSATED", "SUCCEEDED"}
    assert story.acts()["account"] == "COMPENSATED"


def test_an_account_that_was_given_to_somebody_else_since_is_left_and_named(
    story: Story, world: World
) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    [user] = world.scim.users()
    with world.scim.client() as client:
        operations = [{"op": "replace", "path": "externalId", "value": "2002"}]
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}
        client.patch(f"/Users/{user['id']}", json=body).raise_for_status()
    assert story.undo().status == "success"
    assert len(world.scim.users()) == 1
    ended = story.end()
    [left] = (ended.error_details or {})["remaining"]
    assert (left["kind"], ended.status) == ("left", "FAILED")
    assert "2002" in left["why"]


def test_a_task_that_runs_while_the_run_is_undone_does_nothing_anew(story: Story, world: World) -> None:
    """As where a question is answered, which clears its task, while `undo` looks."""
    story.draw(ACCOUNT, MEETING, onFailure="undo")
    story.does("account", "meeting")
    assert story.undo("upstream_failed").status == "success"
    result = run_node(story.given("meeting", try_number=2), story.services)
    assert (result.status, result.error and result.error.code) == ("failed", "run_cancelled")
    assert world.caldav.events().count("BEGIN:VEVENT") == 1
    assert story.end().status == "COMPENSATED"
    story.does("meeting", try_number=3)
    assert world.caldav.events().count("BEGIN:VEVENT") == 2, "cleared after that, it is done"


def test_a_succeeded_run_is_undone_where_a_person_asks_for_it(
    story: Story, world: World, database: Database
) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    story.end(DagRunState.SUCCESS)
    with database.tenant(story.org.org_id) as session:
        run = session.get_one(WorkflowRun, workflow_run_id(story.dag, story.run_id))
        undone.ask(session, run, by="airflow:eve", why="the wrong person")
    assert story.undo("success").status == "success"
    assert world.scim.users() == []
    assert story.end(DagRunState.SUCCESS).status == "COMPENSATED"
    assert story.undo("success").status == "success"
    assert "run.undo_asked" in story.audited()


def test_a_run_that_is_to_be_cancelled_is_undone_whatever_verdict_says(
    story: Story, world: World, database: Database
) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    with database.tenant(story.org.org_id) as session:
        run = session.get_one(WorkflowRun, workflow_run_id(story.dag, story.run_id))
        run.control = RunControl.CANCEL
    assert story.undo("upstream_failed").status == "success"
    assert world.scim.users() == []


def test_a_verdict_that_is_not_decided_is_waited_for(story: Story) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    result = story.undo("")
    assert result.status == "retry"
    assert result.reschedule_at is not None


def test_a_connection_that_is_gone_is_looked_for_and_then_named(story: Story, world: World) -> None:
    story.draw(ACCOUNT)
    story.does("account")
    known = world.connection

    def gone(name: str) -> object:
        return known("acme.nowhere" if name == "acme.scim" else name)

    object.__setattr__(story.services, "connect", gone)
    result = story.undone_in_the_end()
    assert (result.status, result.error and result.error.code) == ("failed", "undo_incomplete")
    [left] = (story.end().error_details or {})["remaining"]
    assert "there is no connection" in left["why"]


def test_a_run_that_was_called_is_undone_with_the_one_that_called_it_in_its_place(
    story: Story, world: World, database: Database, org: Organization
) -> None:
    story.draw(ACCOUNT, MEETING)
    child = Story(world, database, org, slug="groups")
    child.draw(GROUPS)
    story.does("account")
    child.does("groups")
    story.does("meeting")
    child.end(DagRunState.SUCCESS)
    _called(database, story, child)
    writes = len(world.scim.writes())
    assert story.undo().status == "success"
    assert len(world.scim.writes()) - writes == 2
    assert child.acts() == {"groups": "COMPENSATED", "undo__groups": "SUCCEEDED"}
    ended = {act.node_key: act.ended_at for act in [*story.rows(), *child.rows()]}
    meeting, groups, account = (ended[f"undo__{key}"] for key in ("meeting", "groups", "account"))
    assert meeting is not None
    assert groups is not None
    assert account is not None
    assert meeting <= groups <= account
    assert child.row().status == "COMPENSATED"
    assert story.end().status == "COMPENSATED"


def test_the_example_is_undone_as_it_says(story: Story, world: World, database: Database) -> None:
    example = json.loads((ROOT / "docs/examples/hire-undone.json").read_text())
    story.draw(*example["nodes"], onFailure=example["onFailure"])
    with database.tenant(story.org.org_id) as session:
        employees.apply_event(
            session,
            story.org.org_id,
            kind="employee.onboard",
            external_id="1001",
            event_id="e",
            event_time=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
            payload={"email": "ana@acme.example", "given_name": "Ana", "family_name": "Pérez"},
            sensitive={},
        )
    known, names = world.connection, {"directory": "scim", "calendar": "caldav", "mail": "smtp"}
    own = {f"acme.{name}": f"acme.{provider}" for name, provider in names.items()}
    object.__setattr__(story.services, "connect", lambda name: known(own[name]))
    story.does("account", "groups", "first_day", "welcome")
    assert story.undo("upstream_failed").status == "success"
    [user] = world.scim.users()
    assert user["active"] is False
    assert world.scim.groups_of("ana@acme.example") == set()
    assert world.caldav.events().count("STATUS:CANCELLED") == 1
    assert "hire.taken_back" in story.audited()
    ended = story.end()
    assert ended.status == "COMPENSATED"
    assert [left["node"] for left in (ended.error_details or {})["remaining"]] == ["welcome"]


def _called(database: Database, parent: Story, child: Story) -> None:
    """As `flow.call` leaves it."""
    with database.tenant(parent.org.org_id) as session:
        session.add(
            RunRequest(
                request_id=new_id(),
                org_id=parent.org.org_id,
                parent_run_id=workflow_run_id(parent.dag, parent.run_id),
                node_key="call",
                workflow=child.slug,
                state=CallState.ENDED,
                child_run_id=workflow_run_id(child.dag, child.run_id),
            )
        )
