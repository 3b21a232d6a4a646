"""`fading.act`: a type that the dag-processor of these tests knows, and the workers do not."""

from __future__ import annotations

from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec


class Params(NodeParams):
    """None."""


class Fade(Node[Params, None, NodeOutput]):
    """Never run."""

    spec = NodeSpec(type="fading.act", title="Fade", group="Trial", effect=Effect.PURE)

    def perform(self, params: Params, provider: None, act: Act) -> NodeOutput:
        return NodeOutput()
