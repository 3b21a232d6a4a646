"""`flow.fail`."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from officeflow.errors import FlowStopped
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec, Planned, TextTemplate


class Params(NodeParams):
    """Why the run cannot go on."""

    message: TextTemplate = Field(
        description="What whoever looks after the run should read.",
        examples=["{{ employee.given_name }} has no manager: enter one and start the run again"],
        min_length=1,
        max_length=2000,
    )


class Result(NodeOutput):
    """None: the node always fails."""


class Fail(Node[Params, None, Result]):
    """End the run as failed, with a message. It is never tried again by itself."""

    spec = NodeSpec(
        type="flow.fail",
        title="Fail",
        group="Flow",
        effect=Effect.PURE,
        evidence="The task has failed, and its log has the message.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider, act
        raise self._stop(params)

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """That the run ends here, with its message."""
        del provider, act
        raise self._stop(params)

    @staticmethod
    def _stop(params: Params) -> FlowStopped:
        return FlowStopped(" ".join(params.message.split()))
