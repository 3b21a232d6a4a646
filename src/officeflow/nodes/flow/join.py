"""`flow.join`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from officeflow.expressions.cel import truths
from officeflow.sdk import Act, Condition, Effect, Node, NodeOutput, NodeParams, NodeSpec


class Params(NodeParams):
    """What to wait for."""

    mode: Literal["taken", "all", "any"] = Field(
        "taken",
        description=(
            "`taken` waits until every incoming edge is decided and goes on if one was taken; `all` is"
            " skipped unless all were; `any` goes on as soon as one was taken, and a source that fails later"
            " does not stop it."
        ),
        examples=["taken"],
    )
    sources: dict[str, Condition] = Field(
        default_factory=dict,
        description=(
            "Filled in from the workflow's edges, in a hand-written DAG from the tasks before this one: when"
            " each way was taken."
        ),
    )


class Result(NodeOutput):
    """Which ways led here."""

    changed: bool = Field(False, description="Always False: waiting changes nothing.")
    taken: list[str] = Field(description="Ids of the nodes whose edge to this one was taken when it went on.")
    left_out: list[str] = Field(description="Ids of the others.")


class Join(Node[Params, None, Result]):
    """Bring several ways together again, and tell later nodes which of them were taken."""

    spec = NodeSpec(
        type="flow.join",
        title="Join",
        group="Flow",
        effect=Effect.PURE,
        evidence="The ways that were taken are those whose nodes the ledger has as done.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        places = [f"params.sources.{source}" for source in params.sources]
        holding = truths(params.sources.values(), act.values, places=places)
        arrived = dict(zip(params.sources, holding, strict=True))
        taken = [source for source, yes in arrived.items() if yes]
        act.note(f"came here from {', '.join(taken) or 'nowhere'}")
        return Result(taken=taken, left_out=[source for source, yes in arrived.items() if not yes])
