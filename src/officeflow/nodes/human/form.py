"""`human.form`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import AwareDatetime, Field, field_validator

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
    form,
    no_change,
)
from officeflow.statuses import RequestKind

SUBMIT = "Submit"


class Params(AskingParams):
    """What is to be filled in, and by whom."""

    subject: TextTemplate = Field(
        description="What it is about, in a line.",
        examples=["What does {{ employee.given_name }} need?"],
        min_length=1,
        max_length=200,
    )
    body: TextTemplate = Field(
        "", description="What one should know to fill it in: Markdown.", max_length=10_000
    )
    form: dict[str, Any] = Field(
        description=(
            "JSON Schema (draft 2020-12) of an object: its properties are the fields, of the types string,"
            ' integer, number, boolean, and array of texts. A field marked "x-sensitive": true is encrypted,'
            " is shown nowhere, and cannot be filled in on Airflow's page. x-order lists the fields in the"
            " order in which they are shown; those of required come first without it."
        ),
        examples=[
            {
                "properties": {
                    "laptop": {"type": "string", "enum": ["light", "strong"], "title": "Laptop"},
                    "desk": {"type": "integer", "minimum": 1, "title": "Number of the desk"},
                },
                "required": ["laptop"],
            }
        ],
    )

    @field_validator("form")
    @classmethod
    def _is_a_form(cls, schema: dict[str, Any]) -> dict[str, Any]:
        if problems := list(form.schema_problems(schema)):
            raise ValueError("; ".join(map(str, problems[:10])))
        return schema


class Result(NodeOutput):
    """What was filled in."""

    changed: bool = Field(False, description="Always False: an answer changes nothing by itself.")
    answers: dict[str, Any] = Field(
        description="Field to what was filled in; what was left empty is not in it."
    )
    private: list[str] = Field(
        default_factory=list, description="Those of the fields that are encrypted, and shown nowhere."
    )
    by: str = Field(description="Who filled it in, such as `bo for al`.")
    at: AwareDatetime | None = Field(None, description="When.")

    def hidden_members(self) -> Mapping[str, frozenset[str]]:
        return {"answers": frozenset(self.private)}


class Form(Node[Params, None, Result]):
    """Ask people to fill in a form and wait for it in Airflow's *Required actions*. No process waits
    meanwhile.

    What is filled in is held against the form, whatever door it comes through; what does not fit is asked
    for again. The first whole answer counts.
    """

    spec = NodeSpec(
        type="human.form",
        title="Fill in a form",
        group="People",
        effect=Effect.PURE,
        evidence="Who filled it in, when and by which door; the audit log has that, without the answers.",
    )

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """What people are asked. Nobody is asked."""
        del provider, act
        return (no_change(f"asks: {params.subject}", "people answer first"),)

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        if act.come is None:
            raise AnswerNeeded(f"waits for a form: {params.subject}", question=_question(params))
        decision: Decision = act.come
        if decision.chosen != SUBMIT:
            raise NotApproved(
                f"nobody filled in the form within {params.timeout}", hint="clear the task to ask again"
            )
        act.note(f"filled in by {decision.by or 'somebody'}: {', '.join(decision.values) or 'nothing'}")
        private = sorted(form.private_fields(params.form) & set(decision.values))
        return Result(answers=dict(decision.values), private=private, by=decision.by, at=decision.at)

    @classmethod
    def output_of(cls, params: Mapping[str, Any]) -> Mapping[str, Any]:
        schema, drawn = cls.schema().output, params.get("form")
        fields = drawn.get("properties") if isinstance(drawn, Mapping) else None
        if not isinstance(fields, Mapping):
            return schema
        answers = {
            "type": "object",
            "properties": {str(name): _known(field) for name, field in fields.items()},
            "additionalProperties": False,
        }
        return {**schema, "properties": {**schema["properties"], "answers": answers}}


def _known(field: Any) -> Mapping[str, Any]:
    """As much of a field's schema as says of which type its value is."""
    if not isinstance(field, Mapping):
        return {}
    return {key: field[key] for key in ("type", "format", "items") if key in field}


def _question(params: Params) -> Question:
    return Question(
        subject=params.subject,
        body=params.body,
        options=(SUBMIT,),
        kind=RequestKind.FORM,
        form=params.form,
        **params.asking(),
    )
