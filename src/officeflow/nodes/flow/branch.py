"""`flow.branch`."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from officeflow.errors import FlowStopped, InvalidExpression
from officeflow.expressions.cel import answers, placed
from officeflow.sdk import Act, Condition, Effect, Node, NodeOutput, NodeParams, NodeSpec, as_list

NodeKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}$")]


Targets = Annotated[
    list[NodeKey],
    BeforeValidator(as_list, json_schema_input_type=NodeKey | list[NodeKey]),
    Field(min_length=1, max_length=100),
]


class Case(NodeParams):
    """A way and its condition."""

    when: Condition = Field(
        description="The condition.", examples=['event.payload.department == "Engineering"']
    )
    to: Targets = Field(description="Ids of the nodes to go on with: one, or a list.")


class Params(NodeParams):
    """Where to go on: by `cases`, or by a `value` and its `choices`.

    Each node that is named needs an edge to it.
    """

    cases: list[Case] = Field(
        default_factory=list,
        description="Looked at in their order.",
        examples=[[{"when": 'event.payload.department == "Engineering"', "to": ["laptop", "repository"]}]],
        max_length=100,
    )
    take: Literal["first", "all"] = Field(
        "first", description="Whether the first case that is true decides, or all that are true together."
    )
    value: str | int | float | bool | None = Field(None, description="A value to choose by.")
    choices: dict[str, Targets] = Field(
        default_factory=dict,
        description="For each text that the value may be, where to go on.",
        max_length=100,
    )
    default: Targets | None = Field(
        None,
        description="Where to go on when nothing fits; without it the run stops there with an error.",
        examples=[["laptop"]],
    )

    @model_validator(mode="after")
    def _decides_in_one_way(self) -> Params:
        if bool(self.cases) == bool(self.choices):
            raise ValueError("either cases, or value and choices, are needed")
        if self.choices and "value" not in self.model_fields_set:
            raise ValueError("value: it is what the choices are chosen by")
        if self.cases and "value" in self.model_fields_set:
            raise ValueError("value: cases do not look at it")
        return self


class Result(NodeOutput):
    """Where it goes on."""

    changed: bool = Field(False, description="Always False: deciding changes nothing.")
    taken: list[str] = Field(
        description="Ids of the nodes that it goes on with; what its other edges lead to is skipped."
    )


class Branch(Node[Params, None, Result]):
    """Go on with some of the nodes behind this one and skip the others.

    What was decided stays so, also when the task is cleared.
    """

    spec = NodeSpec(
        type="flow.branch",
        title="Branch",
        group="Flow",
        effect=Effect.PURE,
        evidence="The decision is recorded, and the log says which case it was.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        taken = _by_case(params, act) if params.cases else _by_value(params, act)
        if not taken:
            if params.default is None:
                raise FlowStopped(
                    "nothing fits and there is no default",
                    hint="give the branch a default, or a case that fits",
                )
            act.note("nothing fits: goes the default way")
            taken = params.default
        taken = list(dict.fromkeys(taken))
        act.note(f"goes on with {', '.join(taken)}")
        return Result(taken=taken)


def _by_case(params: Params, act: Act) -> list[str]:
    """An error of a case counts where it is looked at: not behind the first that is true."""
    taken: list[str] = []
    for index, (case, answer) in enumerate(
        zip(params.cases, answers([case.when for case in params.cases], act.values), strict=True)
    ):
        if isinstance(answer, InvalidExpression):
            raise placed(answer, f"params.cases[{index}].when")
        if answer:
            act.note(f"case {index + 1} is true: {case.when}")
            taken += case.to
            if params.take == "first":
                break
    return taken


def _by_value(params: Params, act: Act) -> list[str]:
    text = params.value if isinstance(params.value, str) else json.dumps(params.value)
    if text not in params.choices:
        return []
    act.note(f"the value is {text!r}")
    return params.choices[text]
