"""`audit.record`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from officeflow.audit.actions import OwnWords
from officeflow.audit.entry import AuditEntry
from officeflow.sdk import (
    Act,
    Effect,
    FieldChange,
    Node,
    NodeOutput,
    NodeParams,
    NodeSpec,
    Planned,
    creates,
)


class Params(NodeParams):
    """What to put on record."""

    action: str = Field(
        description="What was done, in one word or as dotted words.",
        examples=["onboarding.completed"],
        min_length=1,
        max_length=100,
    )
    subject: str = Field(
        description="To whom or what.",
        examples=["employee:${{ employee.external_id }}"],
        min_length=1,
        max_length=600,
    )
    actor: str = Field(
        "",
        description=(
            "In whose name, where it is not the workflow's own: recorded as `workflow:<name>`, so that nobody"
            " else can be meant."
        ),
        examples=["people-team"],
        max_length=250,
    )
    details: dict[str, Any] = Field(
        default_factory=dict,
        description=(
            "What else belongs to it. The audit log is kept for ever: no secrets, no more of a person than"
            " needed."
        ),
        examples=[{"account": "${{ nodes.create_account.output.login }}"}],
    )


class Result(NodeOutput):
    """What was put on record."""

    action: str = Field(description="What was done.")
    subject: str = Field(description="To whom or what.")


class Record(Node[Params, None, Result]):
    """Write an entry into the organization's audit log, beside the one that every act leaves there by
    itself.
    """

    spec = NodeSpec(
        type="audit.record",
        title="Record in the audit log",
        group="Audit",
        effect=Effect.PURE,
        evidence="The entry is written in the transaction that records the act: both are there, or neither.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        act.changed(f"puts on record: {_actor(params)}, {params.action}, {params.subject}")
        return Result(action=params.action, subject=params.subject)

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """The entry that is written."""
        del provider, act
        told = {"actor": _actor(params), "action": params.action, "subject": params.subject}
        fields = [FieldChange(field=name, after=value) for name, value in told.items()]
        return (creates("entry in the audit log", [*fields, *_details(params)]),)

    def audit(self, params: Params, output: Result) -> Sequence[AuditEntry]:
        return [
            AuditEntry(
                actor=_actor(params),
                action=OwnWords(output.action),
                subject=output.subject,
                details=params.details,
            )
        ]


def _details(params: Params) -> list[FieldChange]:
    return [FieldChange(field=f"details.{name}", after=value) for name, value in params.details.items()]


def _actor(params: Params) -> str:
    return f"workflow:{params.actor}" if params.actor else "workflow"
