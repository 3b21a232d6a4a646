"""`human.task`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from officeflow.errors import AnswerNeeded, NotApproved
from officeflow.nodes.human._asking import AskingParams
from officeflow.sdk import (
    Act,
    Decision,
    Effect,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    Question,
    TextTemplate,
    no_change,
)
from officeflow.statuses import RequestKind

DONE, CANNOT = "Done", "Cannot be done"


class Params(AskingParams):
    """What is to be done, by whom and by when."""

    subject: TextTemplate = Field(
        description="What is to be done, in a line.",
        examples=["Hand out a laptop to {{ employee.given_name }}"],
        min_length=1,
        max_length=200,
    )
    instructions: TextTemplate = Field("", description="How it is done: Markdown.", max_length=10_000)
    due: AwareDatetime | None = Field(
        None,
        description="By when it should be done. It is reminded of, and nothing ends then; timeout ends it.",
        examples=["2026-12-01T09:00:00+01:00"],
    )
    note: Literal["optional", "required"] = Field(
        "optional", description="Whether who has done it must say something about it."
    )
    on_failure: Literal["fail", "go_on"] = Field(
        "fail",
        description=(
            "What it does where it cannot be done: the node fails, or goes on, and conditions read"
            " nodes.<id>.output.done."
        ),
    )

    @model_validator(mode="after")
    def _reminder_needs_a_time(self) -> Self:
        if self.remind_before is not None and self.timeout is None and self.due is None:
            raise ValueError("remind_before: it is before due or the end of timeout, and neither is given")
        return self


class Result(NodeOutput):
    """What became of it."""

    changed: bool = Field(False, description="Always False: what people do is theirs to undo.")
    done: bool = Field(description="Whether it was done.")
    note: str = Field("", description="What was said about it.")
    by: str = Field(description="Who said so, such as `bo for al`.")
    at: AwareDatetime | None = Field(None, description="When.")


class Task(Node[Params, None, Result]):
    """Give people something to do that no system can do, such as handing out a laptop, and wait in Airflow's
    *Required actions* until they say that it is done. No process waits meanwhile.
    """

    spec = NodeSpec(
        type="human.task",
        title="Have it done",
        group="People",
        effect=Effect.PURE,
        evidence="Who said that it is done, when and by which door.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        if act.come is None:
            raise AnswerNeeded(f"waits until it is done: {params.subject}", question=_question(params))
        decision: Decision = act.come
        if decision.chosen not in {DONE, CANNOT}:
            raise NotApproved(
                f"nobody did it within {params.timeout}: {params.subject}",
                hint="clear the task to ask again",
            )
        note = "; ".join(one.reason for one in decision.said if one.reason)
        done = decision.chosen == DONE
        who = decision.by or "somebody"
        told = f"done by {who}" if done else f"cannot be done, says {who}"
        act.note(f"{told}{f': {note}' if note else ''}")
        if not done and params.on_failure == "fail":
            raise NotApproved(
                f"it cannot be done, says {who} ({note}): {params.subject}",
                hint="clear the task to ask again",
            )
        return Result(done=done, note=note, by=decision.by, at=decision.at)

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """What people are asked. Nobody is asked."""
        del provider, act
        return (no_change(f"asks for: {params.subject}", "people answer first"),)


def _question(params: Params) -> Question:
    return Question(
        subject=params.subject,
        body=params.instructions,
        options=(DONE, CANNOT),
        kind=RequestKind.TASK,
        reasons=(DONE, CANNOT) if params.note == "required" else (CANNOT,),
        due=params.due,
        **params.asking(),
    )
