"""Who uses a connection."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import Workflow, WorkflowNode
from officeflow.errors import InUse, Problem

MOST_NAMED = 20
"""Of the workflows, and of the rules, in an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What needs a connection. `acts` and `looks` are, by workflow, those of its nodes that act by it and
    that look into it; `rules` are the names of access rules that give something there. All are sorted.
    """

    acts: Mapping[str, list[str]] = field(default_factory=dict)
    looks: Mapping[str, list[str]] = field(default_factory=dict)
    rules: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.acts or self.looks or self.rules)

    def for_the_record(self) -> dict[str, Any]:
        nodes = {
            workflow: sorted({*self.acts.get(workflow, ()), *self.looks.get(workflow, ())})
            for workflow in sorted({*self.acts, *self.looks})
        }
        told = {"used_by": nodes, "access_rules": list(self.rules)}
        return {name: value for name, value in told.items() if value}

    def problems(self) -> list[Problem]:
        found = [
            Problem(workflow, f"its {_nodes(nodes)} would fail") for workflow, nodes in self.acts.items()
        ]
        found += [
            Problem(workflow, f"its {_nodes(nodes)} would not be able to look there")
            for workflow, nodes in self.looks.items()
        ]
        if len(found) > MOST_NAMED:
            found = [*found[:MOST_NAMED], Problem("", f"and {len(found) - MOST_NAMED} more")]
        if self.rules:
            named = ", ".join(self.rules[:MOST_NAMED])
            more = f" and {len(self.rules) - MOST_NAMED} more" if len(self.rules) > MOST_NAMED else ""
            word = "rule" if len(self.rules) == 1 else "rules"
            found.append(Problem("access rules", f"the {word} {named}{more} would give nothing there"))
        return found


def acting(session: Session, org_id: uuid.UUID, name: str) -> Mapping[str, list[str]]:
    """The nodes, by workflow, whose own connection it is, in the newest versions of the organization's active
    workflows; `name` is the connection's within it.
    """
    query = (
        select(Workflow.slug, WorkflowNode.key)
        .join(
            WorkflowNode,
            (WorkflowNode.workflow_id == Workflow.workflow_id) & (WorkflowNode.version == Workflow.version),
        )
        .where(Workflow.org_id == org_id, Workflow.is_active, WorkflowNode.connection == name)
        .order_by(Workflow.slug, WorkflowNode.key)
    )
    found: dict[str, list[str]] = {}
    for workflow, node in session.execute(query):
        found.setdefault(workflow, []).append(node)
    return found


def types_by_name(session: Session, org_id: uuid.UUID) -> dict[str, set[str]]:
    """Of every connection that the newest versions of the organization's active workflows use: the types of
    the nodes that do.
    """
    query = (
        select(WorkflowNode.connection, WorkflowNode.type)
        .join(
            Workflow,
            (WorkflowNode.workflow_id == Workflow.workflow_id) & (WorkflowNode.version == Workflow.version),
        )
        .where(Workflow.org_id == org_id, Workflow.is_active, WorkflowNode.connection.is_not(None))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for name, kind in session.execute(query):
        found.setdefault(name or "", set()).add(kind)
    return found


def refusal(connection_id: str, uses: Uses) -> InUse:
    """What is told where a connection in use would be removed."""
    return InUse(
        f"{connection_id} was not removed: active workflows or access rules use it",
        problems=uses.problems(),
        hint="publish them with another connection, or deactivate them; set the rules without it;"
        " --force --why … (at the API ?force=true&why=…) removes it all the same",
    )


def _nodes(keys: Sequence[str]) -> str:
    return f"{'node' if len(keys) == 1 else 'nodes'} {', '.join(keys)}"
