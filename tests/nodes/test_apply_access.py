"""Access by rule: what comes, what is asked about, what goes after a while, and what is left."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from typing import Any

import pytest

from officeflow.connectors.families.identity import Entitlement, Group
from officeflow.nodes.identity.apply_access import ApplyAccess
from officeflow.nodes.identity.apply_access import Result as Output
from officeflow.runner.inquiring import store
from officeflow.runner.inquiring.answering import answer
from officeflow.runner.inquiring.store import Question
from officeflow.sdk import Answer, NodeResult
from officeflow.statuses import InquiryKind
from officeflow.tenants import organizations
from tests.nodes.paper.directory import Lie
from tests.nodes.ruled import employ, furnish, groups_of_ana, held, settle
from tests.nodes.world import World

pytestmark = pytest.mark.integration

SALES = {"name": "sales", "match": {"department": ["Sales"]}, "gives": {"groups": ["Sales"]}}
ENGINEERING = {
    "name": "engineering",
    "match": {"department": ["Engineering"]},
    "gives": {"groups": ["Engineering"], "licences": ["CAD"]},
}
PAYROLL = {
    "name": "payroll",
    "match": {"department": ["Sales"]},
    "gives": {"groups": [{"name": "Payroll", "sensitive": True}]},
}


def apply(world: World, answer: Answer | None = None, try_number: int = 1, **params: Any) -> NodeResult:
    given = {"external_id": "1001", **params}
    return world.run("identity.apply_access", given, connection="paper", answer=answer, try_number=try_number)


def said(result: NodeResult, name: str) -> dict[str, list[str]]:
    assert result.status == "success", result.error
    return {kind: names for kind, names in result.output[name].items() if names}


def story(result: NodeResult) -> str:
    return "\n".join(step["text"] for step in result.story)


def test_a_mover_gets_what_the_new_place_has_and_loses_what_the_old_one_had(world: World) -> None:
    account_id = furnish(world, groups=("Engineering", "Chess"))
    world.paper.held["licences"][account_id].append(Entitlement(id="lCAD", name="CAD"))
    employ(world, department="Sales")
    settle(
        world,
        {"name": "all", "gives": {"groups": ["Staff"], "roles": ["approver"]}},
        SALES,
        ENGINEERING,
        {"name": "crm", "gives": {"applications": [{"name": "crm", "role": "editor"}]}},
    )
    result = apply(world)
    assert said(result, "added") == {
        "applications": ["crm/editor"],
        "groups": ["Sales", "Staff"],
        "roles": ["approver"],
    }
    assert said(result, "removed") == {"groups": ["Engineering"], "licences": ["CAD"]}
    assert groups_of_ana(world) == {"Chess", "Sales", "Staff"}, "no rule names Chess"
    assert (held(world, "roles"), held(world, "licences")) == ({"approver"}, set())
    assert held(world, "applications") == {"crm/editor"}
    assert "group Sales (sales)" in story(result)
    assert "take away group Engineering (engineering), licence CAD (engineering)" in story(result)


def test_as_the_rules_say_already_nothing_is_written(world: World) -> None:
    furnish(world, groups=("sales", "Chess"))
    world.paper.groups.append(Group(id="g2", name="sales"))
    employ(world, department="Sales")
    settle(world, SALES)
    assert apply(world).output["changed"] is False
    assert world.paper.writes() == []


def test_strict_takes_away_what_no_rule_names(world: World) -> None:
    furnish(world, groups=("Chess", "Sales"))
    employ(world, department="Sales")
    settle(world, SALES)
    result = apply(world, strict=True)
    assert said(result, "removed") == {"groups": ["Chess"]}
    assert "take away group Chess (no rule names it)" in story(result)


def test_who_has_left_loses_all_that_rules_name(world: World) -> None:
    furnish(world, groups=("Sales", "Chess"))
    employ(world, department="Sales", status="exited", end_date=dt.date(2026, 1, 31))
    settle(world, SALES)
    assert said(apply(world), "removed") == {"groups": ["Sales"]}


def test_what_a_rule_of_the_system_or_a_group_gives_is_told_and_left(world: World) -> None:
    account_id = furnish(world, groups=("Engineering",), ruled_groups=("Engineering",))
    cad = Entitlement(id="lCAD", name="CAD", by_group="Engineering")
    world.paper.held["licences"][account_id].append(cad)
    employ(world, department="Sales")
    settle(world, ENGINEERING)
    result = apply(world)
    assert result.output["changed"] is False
    assert result.output["left"] == [
        "group Engineering: a rule or another system gives it",
        "licence CAD: Engineering gives it",
    ]


def test_what_a_rule_names_and_the_system_has_not_stops_it_before_anything_is_changed(world: World) -> None:
    furnish(world)
    employ(world, department="Sales")
    settle(world, SALES, {"name": "odd", "gives": {"roles": ["emperor"]}})
    result = apply(world)
    assert result.error is not None
    assert "no role emperor" in result.error.message
    assert "'odd'" in result.error.message
    assert world.paper.writes() == []


def test_what_is_sensitive_is_given_once_somebody_says_yes_and_the_rest_at_once(world: World) -> None:
    furnish(world)
    employ(world, department="Sales")
    settle(world, SALES, PAYROLL)
    asked = apply(world)
    assert asked.question is not None
    assert "group Payroll (payroll)" in asked.question.subject
    assert groups_of_ana(world) == {"Sales"}
    result = apply(world, Answer(chosen="Approve", by="boss", at=world.clock.now()), try_number=2)
    assert groups_of_ana(world) == {"Sales", "Payroll"}
    assert said(result, "added") == {"groups": ["Payroll", "Sales"]}
    assert result.output["decided_by"] == "boss"


def test_a_no_leaves_it_out_and_is_told(world: World) -> None:
    furnish(world)
    employ(world, department="Sales")
    settle(world, SALES, PAYROLL)
    apply(world)
    result = apply(world, Answer(chosen="Reject", by="boss", at=world.clock.now()), try_number=2)
    assert said(result, "refused") == {"groups": ["Payroll"]}
    assert groups_of_ana(world) == {"Sales"}


def test_what_is_due_no_more_when_the_yes_comes_is_not_given(world: World) -> None:
    furnish(world)
    employ(world, department="Sales")
    settle(world, SALES, PAYROLL)
    apply(world)
    employ(world, department="Engineering")
    result = apply(world, Answer(chosen="Approve", by="boss", at=world.clock.now()), try_number=2)
    assert said(result, "refused") == {"groups": ["Payroll"]}


class TestOverlap:
    @pytest.fixture(autouse=True)
    def moved(self, world: World) -> None:
        furnish(world, groups=("Engineering",))
        employ(world, department="Sales")
        settle(world, SALES, ENGINEERING)

    def test_what_goes_stays_for_so_long(self, world: World) -> None:
        waiting = apply(world, overlap="P14D")
        assert waiting.error is not None
        assert (waiting.error.code, "Engineering" in waiting.error.message) == ("not_yet", True)
        assert groups_of_ana(world) == {"Engineering", "Sales"}
        world.clock.moment += dt.timedelta(days=14)
        result = apply(world, overlap="P14D", try_number=2)
        assert groups_of_ana(world) == {"Sales"}
        assert (said(result, "added"), said(result, "removed")) == (
            {"groups": ["Sales"]},
            {"groups": ["Engineering"]},
        )
        assert "gave group Sales (sales)" in story(result), "what it did before it waited"

    def test_who_has_moved_back_meanwhile_keeps_it(self, world: World) -> None:
        apply(world, overlap="P14D")
        world.clock.moment += dt.timedelta(days=14)
        employ(world, department="Engineering")
        assert said(apply(world, overlap="P14D", try_number=2), "removed") == {}
        assert groups_of_ana(world) == {"Engineering", "Sales"}


class Killed(BaseException):
    pass


def test_an_attempt_that_is_killed_in_the_middle_is_gone_on_with_and_all_of_it_is_known(world: World) -> None:
    furnish(world, groups=("Engineering",))
    employ(world, department="Sales")
    settle(world, SALES, ENGINEERING)

    def die() -> None:
        raise Killed

    world.paper.meanwhile["remove_groups"] = die
    with pytest.raises(Killed):
        apply(world)
    assert groups_of_ana(world) == {"Engineering", "Sales"}
    result = apply(world, try_number=2)
    assert (said(result, "added"), said(result, "removed")) == (
        {"groups": ["Sales"]},
        {"groups": ["Engineering"]},
    )
    assert world.paper.done("set_groups") == 1


def test_a_system_that_says_yes_and_does_nothing_is_not_believed(world: World) -> None:
    furnish(world)
    employ(world, department="Sales")
    settle(world, SALES)
    world.paper.lies["set_groups"] = Lie.IGNORES
    result = apply(world)
    assert result.error is not None
    assert result.error.code == "nothing_happened"


def test_it_is_taken_back_as_it_was_and_what_came_since_stays(world: World) -> None:
    account_id = furnish(world, groups=("Engineering",))
    world.paper.held["licences"][account_id].append(Entitlement(id="lCAD", name="CAD"))
    world.paper.held["applications"][account_id].append(Entitlement(id="pcrm", name="crm/reader"))
    employ(world, department="Sales")
    crm = {"name": "crm", "match": {"department": ["Support"]}, "gives": {"applications": ["crm"]}}
    settle(world, SALES, ENGINEERING, crm)
    result = apply(world)
    assert said(result, "removed") == {
        "applications": ["crm/reader"],
        "groups": ["Engineering"],
        "licences": ["CAD"],
    }
    world.paper.rewrite("ana@acme.example", groups=("Chess", "Sales"))
    params = ApplyAccess.parse({"external_id": "1001"})
    with closing(world.open("paper", "identity")) as provider:
        ApplyAccess().undo(params, Output.model_validate(result.output), provider, world.act())
    assert groups_of_ana(world) == {"Chess", "Engineering"}
    assert (held(world, "licences"), held(world, "applications")) == ({"CAD"}, {"crm/reader"})


def test_the_plan_of_a_workflow_shows_what_comes_what_goes_and_what_is_asked(world: World) -> None:
    furnish(world, groups=("Engineering",))
    employ(world, department="Sales")
    settle(world, SALES, ENGINEERING, PAYROLL)
    database = world.services.database
    definition = {
        "slug": "move",
        "name": "Move",
        "trigger": {"events": ["transfer"]},
        "nodes": [
            {
                "id": "access",
                "type": "identity.apply_access",
                "connection": "paper",
                "params": {"external_id": "${{ employee.external_id }}", "overlap": "P14D"},
            },
            {
                "id": "closed",
                "type": "identity.verify_closed",
                "params": {"external_id": "${{ employee.external_id }}", "connections": ["paper"]},
            },
        ],
        "edges": [{"from": "access", "to": "closed"}],
    }
    with organizations.entered(database, "acme") as (session, org_id):
        request = {"definition": definition, "event": None, "employee": "1001"}
        question = Question(
            kind=InquiryKind.WORKFLOW,
            request=request,
            subject="workflow:move",
            by="cli:boss",
            employee="1001",
        )
        inquiry = store.put(session, org_id, question)
    answer(world.services, org="acme", inquiry=str(inquiry))
    seen = store.see(database, org_id, inquiry)
    assert seen.result is not None
    assert "nodes" in seen.result, seen.result
    access, closed = (node["acts"][0] for node in seen.result["nodes"])
    assert access["doing"] == "change", access
    (groups,) = access["fields"]
    assert (groups["before"], groups["after"]) == (["Engineering"], ["Payroll", "Sales"])
    assert "people are asked about Payroll" in access["note"]
    until = world.clock.now() + dt.timedelta(days=14)
    assert f"what goes stays until {until:%Y-%m-%d}" in access["note"]
    assert "the account is active" in closed["note"], closed
    assert world.paper.writes() == []
