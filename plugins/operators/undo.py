"""The task `undo` of a generated DAG, which takes back what its run did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from officeflow.sdk import Act, Effect, Node, NodeInput, NodeOutput, NodeParams, NodeSpec
from officeflow.workflows.undoing import UNDO, VERDICT
from operators.base import NodeOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


class Undo(Node[NodeParams, None, NodeOutput]):
    """Takes back what the run did where it was cancelled, marked failed, or failed and says so; does nothing
    where it succeeded.
    """

    spec = NodeSpec(
        type=UNDO,
        title="Undo",
        group="Platform",
        effect=Effect.IDEMPOTENT,
        evidence="Every act that takes another one back has a row of its own in the ledger.",
    )

    def perform(self, params: NodeParams, provider: None, act: Act) -> NoReturn:
        raise NotImplementedError("the runner undoes")


class UndoOperator(NodeOperator):
    """Beside the run's conf it is told in which state `verdict` is."""

    node = Undo

    def node_input(self, context: Context) -> NodeInput:
        ti = context["ti"]
        states = ti.get_task_states(dag_id=ti.dag_id, task_ids=[VERDICT], run_ids=[ti.run_id])
        return replace(super().node_input(context), verdict=states.get(ti.run_id, {}).get(VERDICT) or "")
