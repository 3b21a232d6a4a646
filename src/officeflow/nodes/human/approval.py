"""`human.approval`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from officeflow.errors import AnswerNeeded, NotApproved
from officeflow.nodes.human._asking import RuledParams
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

APPROVE, REJECT = "Approve", "Reject"


class Params(RuledParams):
    """What is to be approved, and by whom."""

    subject: TextTemplate = Field(
        description="What is asked, in a line.",
        examples=["May {{ employee.given_name }} have access to payroll?"],
        min_length=1,
        max_length=200,
    )
    body: TextTemplate = Field("", description="What one should know to decide: Markdown.", max_length=10_000)
    default: Literal["approve", "reject"] | None = Field(
        None, description="The answer where nobody answered in time."
    )
    reason: Literal["optional", "on_reject", "always"] | None = Field(
        None,
        description=(
            "When an answer needs a reason. Left out: on_reject where asked says who answers, otherwise"
            " optional."
        ),
    )
    on_reject: Literal["fail", "go_on"] = Field(
        "fail",
        description=(
            "What a no does: the node fails, or goes on, and conditions read nodes.<id>.output.approved."
        ),
    )

    @model_validator(mode="after")
    def _default_needs_a_time(self) -> Self:
        if self.default is not None and self.timeout is None:
            raise ValueError("default: it is the answer after a timeout, which is not given")
        return self

    def reasons(self) -> tuple[str, ...]:
        """The options that need a reason."""
        when = self.reason or ("on_reject" if self.asked else "optional")
        return {"optional": (), "on_reject": (REJECT,), "always": (APPROVE, REJECT)}[when]


class Voice(BaseModel):
    """What one person said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str = Field(description="Who answered.")
    stands_for: str = Field("", description='In whose place; "" where in their own.')
    choice: str = Field(description="Approve or Reject.")
    reason: str = Field("", description="Why.")
    at: AwareDatetime = Field(description="When.")


class Result(NodeOutput):
    """What was answered."""

    changed: bool = Field(False, description="Always False: an answer changes nothing by itself.")
    approved: bool = Field(description="Whether it was approved.")
    by: str = Field(description='Who answered, such as `bo for al`; "" where nobody did in time.')
    at: AwareDatetime | None = Field(None, description="When.")
    said: list[Voice] = Field(default_factory=list, description="What each person said.")


class Approval(Node[Params, None, Result]):
    """Ask people and wait for the answer in Airflow's *Required actions*. No process waits meanwhile.

    Whoever is asked may also answer with `officeflow approval` or by the link in the mail. `officeflow run
    list` and `status` show the run as waiting; `officeflow run show` says for whom, since when, until when
    and where to answer.
    """

    spec = NodeSpec(
        type="human.approval",
        title="Approve",
        group="People",
        effect=Effect.PURE,
        evidence="Who answered, when, why and by which door; the audit log has every answer.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        if act.come is None:
            raise AnswerNeeded(f"waits for an answer: {params.subject}", question=_question(params))
        decision: Decision = act.come
        if decision.chosen not in {APPROVE, REJECT}:
            raise NotApproved(_not_in_time(params), hint="clear the task to ask again")
        act.note(_told(decision))
        approved = decision.chosen == APPROVE
        if not approved and params.on_reject == "fail":
            raise NotApproved(f"{_told(decision)}: {params.subject}", hint="clear the task to ask again")
        return Result(approved=approved, by=decision.by, at=decision.at, said=_voices(decision))

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """What people are asked. Nobody is asked."""
        del provider, act
        return (no_change(f"asks: {params.subject}", "people answer first"),)


def _question(params: Params) -> Question:
    return Question(
        subject=params.subject,
        body=params.body,
        options=(APPROVE, REJECT),
        default={"approve": APPROVE, "reject": REJECT, None: None}[params.default],
        kind=RequestKind.APPROVAL,
        reasons=params.reasons(),
        **params.asking(),
    )


def _voices(decision: Decision) -> list[Voice]:
    return [
        Voice(by=one.by, stands_for=one.stands_for, choice=one.choice, reason=one.reason, at=one.at)
        for one in decision.said
    ]


def _not_in_time(params: Params) -> str:
    if params.default is not None:
        return f"nobody could be asked, so the default ({params.default}) does not count"
    return f"nobody answered within {params.timeout}" if params.timeout else "there was no answer in time"


def _told(decision: Decision) -> str:
    what = {APPROVE: "approved", REJECT: "rejected"}[decision.chosen]
    if not decision.in_time:
        return f"nobody answered in time; taken as {what}"
    why = "; ".join(one.reason for one in decision.said if one.reason and one.choice == decision.chosen)
    return f"{what} by {decision.by or 'somebody'}{f' ({why})' if why else ''}"
