"""`flow.for_each`."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from officeflow.counts import counted
from officeflow.errors import InvalidParameters, Problem
from officeflow.sdk import Act, Effect, Node, NodeOutput, NodeParams, NodeSpec

AT_ONCE = 10

MOST_TASKS = 1024
"""How many tasks the rounds of a loop may have together, each node of the body one in each round. Whenever it
looks at the run, Airflow's scheduler examines every one that does not run yet (ADR 32).
"""


class Params(NodeParams):
    """What there is a round for, and how many rounds run at the same time."""

    items: list[Any] = Field(
        description=(
            "The list, of whatever it holds, as a rule an expression: ${{ event.payload.equipment }}. It is"
            " computed once, before the first round."
        ),
        examples=[["laptop", "phone"]],
    )
    at_once: int = Field(
        AT_ONCE,
        ge=1,
        le=1000,
        description="How many rounds may run at the same time. It is written out, not computed.",
    )
    most: int | None = Field(
        None,
        ge=1,
        description="More items than so many are an error, and nothing is done for any of them.",
    )


class Result(NodeOutput):
    """The items, as they were when the loop began."""

    changed: bool = Field(False, description="Always False: looking at a list changes nothing.")
    count: int = Field(description="How many there are.")
    items: list[Any] = Field(description="The items, in their order.")


class ForEach(Node[Params, None, Result]):
    """Run the nodes that name this one in `each` once for each item of a list.

    They read their item as `item` and its number, from 0, as `item_index`. A round that fails stops no other
    round, and can be retried alone; what comes after the loop waits until all rounds have succeeded, and
    reads what a node of the loop gave as a list. Without items it goes on at once.

    A loop has at most 1,024 rounds, and one with several nodes at most 1,024 tasks: 512 rounds of two nodes,
    256 of four. More is an error, and nothing is done for any item.
    """

    spec = NodeSpec(
        type="flow.for_each",
        title="For each",
        group="Flow",
        effect=Effect.PURE,
        evidence="The items are recorded as the node's output; each round has its own line in the ledger.",
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        count = len(params.items)
        if params.most is not None and count > params.most:
            raise _too_many(
                count, f"more than the {params.most} that `most` allows", "look at the list, or raise `most`"
            )
        if count > act.most_rounds:
            raise _too_many(
                count,
                f"more than the {act.most_rounds} rounds that Airflow lets a loop have",
                "split the list over several runs or loops, or raise Airflow's [core] max_map_length",
            )
        nodes = act.round_nodes
        if nodes > 1 and count > (most := max(1, MOST_TASKS // nodes)):
            raise _too_many(
                count,
                f"more than the {most} rounds that a loop of {nodes} nodes may have",
                f"a loop of one node may have {MOST_TASKS}: make the others a workflow that it calls"
                " (flow.call), or split the list over several runs or loops",
            )
        act.note(f"a round for each of {counted(count, 'item')}, at most {params.at_once} at once")
        return Result(count=count, items=params.items)


def _too_many(count: int, why: str, hint: str) -> InvalidParameters:
    text = f"the loop has {counted(count, 'item')}, {why}: nothing was done for any of them"
    return InvalidParameters(
        text, hint=hint, problems=[Problem("params.items", f"has {counted(count, 'item')}", hint)]
    )
