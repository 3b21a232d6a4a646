"""`trial.output`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec


class Params(NodeParams):
    """Which kind."""

    kind: Literal["not_json", "too_large"] = Field(description="What to return.")


class Result(NodeOutput):
    """Something that nobody can keep."""

    value: Any = Field(description="It.")


class Output(Node[Params, None, Result]):
    """A node that returns what cannot be stored."""

    spec = NodeSpec(type="trial.output", title="Output", group="Trial", effect=Effect.PURE)

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        return Result(value=object() if params.kind == "not_json" else "x" * 10 * 2**20)
