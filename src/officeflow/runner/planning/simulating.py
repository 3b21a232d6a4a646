"""What a node gives that only computes: it is asked, as in a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from officeflow.catalog.registry import node_type
from officeflow.clock import SystemClock
from officeflow.sdk import Act
from officeflow.workflows.flow import BRANCH
from officeflow.workflows.loops import FOR_EACH
from officeflow.workflows.models import Node

SET = "flow.set"
COMPUTED = frozenset({SET, BRANCH, FOR_EACH})
"""They read nothing but their parameters and what expressions see, and change nothing."""


class Silent:
    """A log of acts that are not done."""

    def info(self, event: str, **values: Any) -> None:
        """Nobody is told: nothing was done."""

    warning = error = info


def simulated(node: Node, params: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Its output as later nodes would read it. Raises what the node raises."""
    kind = node_type(node.type)()
    now = SystemClock().now()
    act = Act(
        key="",
        node=node.id,
        org="",
        employee="",
        run="",
        correlation_id="",
        attempt=1,
        resuming=False,
        began_at=now,
        now=now,
        log=Silent(),
        values=values,
    )
    output: dict[str, Any] = kind.perform(kind.parse(params), None, act).model_dump(mode="json")
    return output
