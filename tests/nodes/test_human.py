"""Questions to people, as far as no Airflow is needed: through it they go in tests/doors."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from officeflow.database.engine import enter_tenant
from officeflow.ids import workflow_run_id
from officeflow.nodes.human.approval import Approval
from officeflow.nodes.human.form import Form
from officeflow.people import answers, requests
from officeflow.sdk import Answer, NodeResult
from officeflow.tenants import organizations, users
from tests.nodes.world import World

pytestmark = pytest.mark.integration

ASKED = {"subject": "May {{ event.payload.first_name }} come in?", "timeout": "PT1H"}


def answered(world: World, answer: Answer | None, **changes: Any) -> NodeResult:
    return world.run("human.approval", ASKED | changes, answer=answer)


def test_it_asks_and_uses_no_try_up(world: World) -> None:
    result = answered(world, None, default="reject")
    assert (result.status, result.retry_in, result.reschedule_at) == ("retry", None, None)
    assert result.question is not None
    assert (result.question.subject, result.question.options) == ("May Ana come in?", ("Approve", "Reject"))
    assert (result.question.default, str(result.question.timeout)) == ("Reject", "1:00:00")


def test_the_answer_is_recorded_and_the_question_is_not_put_again(world: World) -> None:
    assert answered(world, None).question is not None
    done = answered(world, Answer(chosen="Approve", by="boss"))
    assert (done.status, done.output["approved"], done.output["by"]) == ("success", True, "boss")
    again = answered(world, None)
    assert again.replayed
    assert again.output == done.output


@pytest.mark.parametrize(("policy", "status"), [("fail", "failed"), ("go_on", "success")])
def test_a_no_fails_the_node_unless_the_run_is_to_go_on(world: World, policy: str, status: str) -> None:
    result = answered(world, Answer(chosen="Reject", by="boss"), on_reject=policy)
    assert result.status == status
    assert result.error is None or "rejected by boss: May Ana come in?" in result.error.message


def test_a_default_that_was_taken_names_nobody(world: World) -> None:
    result = answered(world, Answer(chosen="Approve", in_time=False), default="approve")
    assert (result.output["approved"], result.output["by"]) == (True, "")
    assert {"step": "note", "text": "nobody answered in time; taken as approved"} in result.story


def test_no_answer_and_no_default_fails_and_clearing_asks_again(world: World) -> None:
    result = answered(world, Answer(chosen="", in_time=False))
    assert result.error is not None
    assert (result.status, result.error.code) == ("failed", "not_approved")
    assert answered(world, None).question is not None


BO = [{"user": "bo@acme.example"}]
FORM = {
    "properties": {
        "desk": {"type": "integer", "minimum": 1},
        "iban": {"type": "string", "x-sensitive": True},
    },
    "required": ["desk"],
}


@pytest.fixture
def bo(world: World) -> None:
    with world.services.database.service() as session:
        org = organizations.find(session, "acme")
        enter_tenant(session, org.org_id)
        users.create(
            session, org.org_id, email="bo@acme.example", name="Bo", role="admin", airflow_login="bo"
        )


@pytest.mark.usefixtures("bo")
class TestPeople:
    def test_an_answer_that_does_not_count_is_told_and_it_asks_for_as_long_as_is_left(
        self, world: World
    ) -> None:
        answered(world, None, asked=BO)
        world.clock.moment += dt.timedelta(minutes=20)
        again = answered(world, Answer(chosen="Approve", by="boss"), asked=BO)
        assert again.question is not None
        assert again.question.timeout == dt.timedelta(minutes=40)
        assert any(
            "the answer of boss does not count: boss is no user of" in line for line in world.log.lines
        )
        assert answered(world, Answer(chosen="Approve", by="bo"), asked=BO).output["by"] == "bo"

    def test_a_no_needs_a_reason_which_airflows_page_brings(self, world: World) -> None:
        answered(world, None, asked=BO, on_reject="go_on")
        no = Answer(chosen="Reject", by="bo")
        assert answered(world, no, asked=BO, on_reject="go_on").question is not None
        said = answered(
            world, replace(no, values={"reason": "too early"}), asked=BO, on_reject="go_on"
        ).output["said"]
        assert [(each["choice"], each["reason"]) for each in said] == [("Reject", "too early")]

    def test_an_answer_of_another_door_is_what_counts_when_airflow_goes_on(self, world: World) -> None:
        """The platform's account makes the task go on; what it chose there says nothing."""
        answered(world, None, asked=BO)
        with world.services.database.service() as session:
            run_id = workflow_run_id("acme__contract", "manual__1")
            request = requests.open_at(session, run_id, "it")
            assert request is not None
            enter_tenant(session, request.org_id)
            answers.answer(
                session,
                request.request_id,
                choice="Approve",
                login="bo",
                door="command",
                now=world.clock.now(),
            )
        done = answered(world, Answer(chosen="Reject", by="officeflow"), asked=BO)
        assert (done.output["approved"], done.output["by"]) == (True, "bo")

    def test_an_answer_is_kept_whatever_keeps_the_node_from_going_on(self, world: World) -> None:
        """It is recorded before the node's parameters are computed, which fail here."""
        answered(world, None, asked=BO)
        failed = answered(world, Answer(chosen="Approve", by="bo"), asked=BO, subject="{{ nope }}")
        assert failed.status == "failed"
        assert answered(world, None, asked=BO).output["by"] == "bo"

    def test_after_a_no_clearing_asks_anew(self, world: World) -> None:
        params = {"asked": BO, "reason": "optional"}
        answered(world, None, **params)
        assert answered(world, Answer(chosen="Reject", by="bo"), **params).status == "failed"
        assert answered(world, None, **params).question is not None
        assert answered(world, Answer(chosen="Approve", by="bo"), **params).status == "success"

    def test_private_answers_are_for_later_nodes_and_shown_nowhere(self, world: World) -> None:
        params = {"subject": "Well?", "form": FORM, "asked": BO}
        asks = world.run("human.form", params)
        assert asks.question is not None
        with world.services.database.service() as session:
            run_id = workflow_run_id("acme__contract", "manual__1")
            request = requests.open_at(session, run_id, "it")
            assert request is not None
            enter_tenant(session, request.org_id)
            answers.answer(
                session,
                request.request_id,
                choice="Submit",
                login="bo",
                door="link",
                values={"desk": 1, "iban": "ES79210008"},
                now=world.clock.now(),
            )
        done = world.run("human.form", params, answer=Answer(chosen="Submit", by="officeflow"))
        assert done.output["answers"] == {"desk": 1, "iban": "ES79210008"}
        assert done.public["answers"] == {"desk": 1, "iban": "***"}
        assert "ES79210008" not in str([done.public, done.story, world.log.lines])

    def test_a_task_that_cannot_be_done_fails_with_what_was_said(self, world: World) -> None:
        params = {"subject": "Hand out a laptop", "asked": BO}
        world.run("human.task", params)
        cannot = Answer(chosen="Cannot be done", by="bo", values={"reason": "none left"})
        failed = world.run("human.task", params, answer=cannot)
        assert failed.error is not None
        assert failed.error.message == "it cannot be done, says bo (none left): Hand out a laptop"


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"asked": [{"user": "a@b.example", "role": "admin"}]}, "exactly one of user, role, group"),
        ({"asked": [{"role": "boss"}]}, "'boss' is not a role"),
        ({"rule": "all"}, "rule: all needs asked"),
        ({"rule": "n", "asked": BO}, "needed: it belongs to the rule n"),
        ({"rule": "n", "needed": 2, "asked": BO}, "2 have to say yes, and only 1 are asked"),
        ({"default": "approve"}, "default: it is the answer after a timeout"),
        (
            {"asked": BO, "timeout": "PT1H", "escalate": {"after": "PT2H", "to": BO}},
            "escalate.after: it is longer than timeout",
        ),
        ({"escalate": {"after": "PT2H", "to": BO}}, "escalate: it needs asked"),
        ({"timeout": "PT1H", "remind_before": "PT1H"}, "remind_before: it is as long as timeout"),
    ],
)
def test_what_does_not_fit_together_is_found_before_anything_runs(params: dict[str, Any], why: str) -> None:
    found = Approval.validate({"subject": "May it?", **params})
    assert any(why in problem.reason for problem in found.problems)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        ({}, "form.properties: a form has 1 to 100 fields"),
        ({"properties": {"Desk": {"type": "string"}}}, "'Desk' cannot be a field's name"),
        ({"properties": {"desk": {"type": "object"}}}, "form.properties.desk.type: 'object' is no type"),
        ({"properties": {"desk": {"type": "string", "pattern": "a"}}}, "has no such keyword"),
        ({"properties": {"desk": {"type": "string", "format": "iban"}}}, "there is no format 'iban'"),
        ({"properties": {"desk": {"type": "integer", "minimum": "1"}}}, "form.properties.desk.minimum"),
        ({"properties": {"desk": {"type": "integer", "default": "x"}}}, "does not fit its own field"),
        ({"properties": {"desk": {"type": "array"}}}, "a list is one of texts"),
        ({"$ref": "http://elsewhere.example/form"}, "form.$ref: a form has no such keyword"),
        ({"properties": {"desk": {"$ref": "http://elsewhere.example/desk"}}}, "form.properties.desk.type"),
        ({"properties": {"desk": {"type": "string", "anyOf": [{}]}}}, "has no such keyword"),
        ({"properties": {"desk": {"type": "array", "items": {"type": "array"}}}}, "a list is one of texts"),
        ({"properties": {f"f{n}": {"type": "string"} for n in range(101)}}, "a form has 1 to 100 fields"),
        ({"properties": {"desk": {"type": "string"}}, "required": [{}]}, "it is a list of names of fields"),
        ({"properties": {"desk": {"type": "string"}}, "x-order": ["dek"]}, "there is no field 'dek'"),
        (
            {"properties": {"desk": {"type": "string"}}, "required": ["dek"]},
            "there is no field 'dek' (did you mean desk?)",
        ),
    ],
)
def test_a_form_that_is_none_is_refused_with_the_place(form: dict[str, Any], why: str) -> None:
    found = Form.validate({"subject": "Well?", "form": form})
    assert any(why in problem.reason for problem in found.problems), found.problems
