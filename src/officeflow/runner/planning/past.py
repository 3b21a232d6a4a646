"""What a run has done already, for a plan of what is still to come of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.engine import Database
from officeflow.database.tables import NodeRun, Organization, Workflow, WorkflowRun
from officeflow.errors import InvalidInput
from officeflow.runner.masking import Mask
from officeflow.runner.planning.course import Verdict
from officeflow.runner.planning.given import Given, hidden_of
from officeflow.runner.values import renamed
from officeflow.runs import confs, store, waits
from officeflow.statuses import ENDED_RUNS, ActStatus, RunStatus
from officeflow.tenants import employees
from officeflow.waiting import calls
from officeflow.workflows import store as workflows
from officeflow.workflows.models import Definition

STATES: Mapping[ActStatus, str] = MappingProxyType(
    {
        ActStatus.STARTED: "it has begun, and has left no end yet",
        ActStatus.FAILED: "it has failed; this is what it would do when it is tried again",
        ActStatus.ASKED: "nobody knows whether it was done: a person is asked",
        ActStatus.COMPENSATED: "what it did was taken back",
    }
)
"""What else is told of nodes that are not done."""


@dataclass(frozen=True, slots=True)
class Past:
    """`why` says what the run is at; "" where there is none. `real` and `masked` are the outputs of nodes
    that are done, as expressions see `nodes`. `others` says of others what has become of them so far.
    """

    why: str = ""
    has_ended: bool = False
    real: Mapping[str, Any] = field(default_factory=dict, repr=False)
    masked: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, node: str) -> tuple[Verdict, str, tuple[()]] | None:
        """None where the plan has to find out."""
        if node in self.real:
            return Verdict.DONE, "the run has done it", ()
        return (Verdict.SKIPPED, "the run has ended", ()) if self.has_ended else None

    def told(self, node: str, why: str) -> str:
        """With what has become of the node so far."""
        return "; ".join(filter(None, (self.others.get(node, ""), why)))


NOTHING = Past()


@dataclass(frozen=True, slots=True)
class OfRun:
    """What a plan of a run is made from."""

    definition: Definition
    given: Given
    past: Past
    employee: str
    correlation_id: str


def of_run(database: Database, org_id: uuid.UUID, run_id: uuid.UUID) -> OfRun:
    """`InvalidInput` for a run of a DAG that was written by hand."""
    with database.tenant(org_id) as session:
        run = store.run_of(session, run_id)
        if run.workflow_id is None or run.version is None:
            raise InvalidInput(
                f"{run.dag_id}/{run.dag_run_id} is a run of a DAG that was written by hand",
                hint="what its tasks would do is known to the DAG's code alone",
            )
        drawn = workflows.version(session, session.get_one(Workflow, run.workflow_id), run.version)
        definition = Definition.model_validate(drawn.definition)
        event = confs.event_of(run.context)
        given = _given(session, run, event)
        past = _past(session, run, definition)
        return OfRun(definition, given, past, str(event.get("employee") or ""), run.correlation_id)


def _given(session: Session, run: WorkflowRun, event: Mapping[str, Any]) -> Given:
    organization = session.get_one(Organization, run.org_id)
    called = calls.given_to(session, run.run_id)
    values: dict[str, Any] = {
        "event": event,
        "run": {
            "id": str(run.run_id),
            "dag_id": run.dag_id,
            "correlation_id": run.correlation_id,
            "workflow": run.dag_id.partition("__")[2],
            "version": run.version,
        },
        "org": {
            "slug": organization.slug,
            "name": organization.name,
            "domain": organization.domain,
            "settings": organization.settings,
        },
        "input": called.input,
    }
    masked = {**values, "input": _mask(called.sensitive).value(called.input)}
    name = str(event.get("employee") or "")
    person = employees.find(session, run.org_id, name) if name else None
    if person is not None:
        values["employee"] = employees.as_values(person)
        masked["employee"] = hidden_of(values["employee"], frozenset(person.sensitive or {}))
    return Given(str(event.get("kind") or ""), values, masked)


def _past(session: Session, run: WorkflowRun, definition: Definition) -> Past:
    names = renamed(session, run.workflow_id, run.version) if run.workflow_id and run.version else {}
    found = store.outputs(session, run.run_id)
    outputs = {names.get(key, key): output for key, output in found.nodes.items()}
    states = dict(_states(session, run.run_id))
    open_ones = {
        names.get(key, key) for key, each in states.items() if any(one in STATES for one in each.values())
    }
    partly = {node.id for node in definition.nodes if node.each and node.id in open_ones}
    real = {key: output for key, output in outputs.items() if key not in partly}
    others = dict(_others(session, run, states, names))
    ended = run.status in ENDED_RUNS and run.status != RunStatus.FAILED
    return Past(
        why=f"the run is {run.status}",
        has_ended=ended,
        real=real,
        masked=_mask(found.sensitive).value(real),
        others={key: told for key, told in others.items() if key not in real},
    )


def _states(session: Session, run_id: uuid.UUID) -> Iterator[tuple[str, dict[int, ActStatus]]]:
    """Of each node's newest acts, by map index, under the ids that the ledger has."""
    query = select(NodeRun.node_key, NodeRun.map_index, NodeRun.status).where(NodeRun.run_id == run_id)
    found: dict[str, dict[int, ActStatus]] = {}
    for key, index, status in session.execute(query.order_by(NodeRun.generation)):
        found.setdefault(key, {})[index] = status
    yield from found.items()


def _others(
    session: Session,
    run: WorkflowRun,
    states: Mapping[str, Mapping[int, ActStatus]],
    names: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """Of nodes that are not done: what they wait for, or how their act stands."""
    for key, each in states.items():
        told = [STATES[status] for status in each.values() if status in STATES]
        if told:
            yield names.get(key, key), "; ".join(dict.fromkeys(told))
    for wait in waits.of_runs(session, [run.run_id]).get(run.run_id, ()):
        yield (
            names.get(wait.node, wait.node),
            f"it waits for {wait.awaited} since {wait.since:%Y-%m-%d %H:%M}",
        )


def _mask(sensitive: Any) -> Mask:
    return Mask(tuple(sorted(set(map(str, sensitive)), key=lambda text: (-len(text), text))))
