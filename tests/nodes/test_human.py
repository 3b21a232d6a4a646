"""Questions to people, as far as no Airflow is needed: through it they go in tests/doors."""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.sdk import Answer, NodeResult
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
