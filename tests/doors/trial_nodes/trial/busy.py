"""`trial.busy`."""

from __future__ import annotations

from pydantic import Field

from officeflow.errors import RateLimited
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeSpec
from trial_nodes.trial._evidence import Evidence, leave


class Params(Evidence):
    """When to come back."""

    retry_after: float = Field(description="Seconds.")


class Result(NodeOutput):
    """Nothing more."""


class Busy(Node[Params, None, Result]):
    """A system that asks to be called later."""

    spec = NodeSpec(type="trial.busy", title="Busy", group="Trial", effect=Effect.IDEMPOTENT)

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        if leave(params, act, "called") <= params.times:
            raise RateLimited("too many calls", retry_after=params.retry_after, provider="trial")
        return Result()
