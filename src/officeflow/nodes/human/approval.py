"""`human.approval`."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from officeflow.errors import AnswerNeeded, NotApproved
from officeflow.sdk import (
    Act,
    Answer,
    Duration,
    Effect,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Question,
    TextTemplate,
)

APPROVE, REJECT = "Approve", "Reject"


class Params(NodeParams):
    """What is to be approved. Whoever may change the run in Airflow may answer."""

    subject: TextTemplate = Field(
        description="What is asked, in a line.",
        examples=["May {{ employee.given_name }} have access to payroll?"],
        min_length=1,
        max_length=200,
    )
    body: TextTemplate = Field("", description="What one should know to decide: Markdown.", max_length=10_000)
    timeout: Duration | None = Field(
        None, description="How long to wait: ISO 8601 or seconds; for ever without it.", examples=["P2D"]
    )
    default: Literal["approve", "reject"] | None = Field(
        None, description="The answer where nobody answered in time."
    )
    on_reject: Literal["fail", "go_on"] = Field(
        "fail",
        description=(
            "What a no does: the node fails, or goes on, and conditions read nodes.<id>.output.approved."
        ),
    )

    @model_validator(mode="after")
    def _default_needs_a_time(self) -> Params:
        if self.default is not None and self.timeout is None:
            raise ValueError("default: it is the answer after a timeout, which is not given")
        return self


class Result(NodeOutput):
    """What was answered."""

    changed: bool = Field(False, description="Always False: an answer changes nothing by itself.")
    approved: bool = Field(description="Whether it was approved.")
    by: str = Field(description='Who answered; "" where nobody did in time.')
    at: AwareDatetime | None = Field(None, description="When.")


class Approval(Node[Params, None, Result]):
    """Ask a person and wait for the answer in Airflow's *Required actions*. No process waits meanwhile.

    `officeflow run list` and `status` show the run as waiting; `officeflow run show` says for whom, since
    when, until when and where to answer.
    """

    spec = NodeSpec(
        type="human.approval",
        title="Approve",
        group="People",
        effect=Effect.PURE,
        evidence="Who answered and when, as Airflow recorded it.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        if act.answer is None:
            raise AnswerNeeded(f"waits for an answer: {params.subject}", question=_question(params))
        answer = act.answer
        if answer.chosen not in {APPROVE, REJECT}:
            raise NotApproved(f"nobody answered within {params.timeout}", hint="clear the task to ask again")
        act.note(_told(answer))
        approved = answer.chosen == APPROVE
        if not approved and params.on_reject == "fail":
            raise NotApproved(f"{_told(answer)}: {params.subject}", hint="clear the task to ask again")
        return Result(approved=approved, by=answer.by, at=answer.at)


def _question(params: Params) -> Question:
    return Question(
        subject=params.subject,
        body=params.body,
        options=(APPROVE, REJECT),
        timeout=params.timeout,
        default={"approve": APPROVE, "reject": REJECT, None: None}[params.default],
    )


def _told(answer: Answer) -> str:
    what = {APPROVE: "approved", REJECT: "rejected"}[answer.chosen]
    if not answer.in_time:
        return f"nobody answered in time; taken as {what}"
    return f"{what} by {answer.by or 'somebody'}"
