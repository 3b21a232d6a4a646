"""What the expressions of a node see: `event`, `employee`, `nodes`, `run`, `org`, `input`, and in a loop
`item` and `item_index`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from officeflow.database.engine import enter_tenant
from officeflow.database.tables import (
    Employee,
    NodeRefusal,
    Organization,
    WorkflowEdge,
    WorkflowNode,
    WorkflowRun,
)
from officeflow.errors import InvalidInput
from officeflow.expressions.names import EACH, ITEM, ITEM_INDEX
from officeflow.ids import node_id
from officeflow.runner.telling import telling
from officeflow.runs import confs, steering, store
from officeflow.runs.acts import RunRef
from officeflow.runs.refusals import Seen
from officeflow.runs.steering import Wish
from officeflow.sdk import NodeInput
from officeflow.settings import load_settings
from officeflow.statuses import ENDED_RUNS, RunStatus
from officeflow.tenants import employees, organizations
from officeflow.tenants.fields import OTHER_SPELLINGS
from officeflow.waiting import calls

NOW = "event as the person is now"
"""Asks, beside the names, for the event with the values that the person's record has today."""

FROM_TABLES = frozenset({"employee", "nodes", "input", NOW, *EACH})
"""Names whose values are read from the organization's rows."""

APPROVAL = "human.approval"
REMEMBERED_NODES = 4096


@dataclass(frozen=True, slots=True)
class Drawn:
    """A node's row. `act_key` is the id under which the ledger has its acts, where the node was renamed.

    `approvals` are those right before it, each with its id and that of its acts; `ways` is how many edges
    lead to it.
    """

    node_id: uuid.UUID
    act_key: str
    approvals: tuple[tuple[str, str], ...] = ()
    ways: int = 0


_drawn_nodes: OrderedDict[uuid.UUID, Drawn] = OrderedDict()
_renamed_nodes: OrderedDict[tuple[uuid.UUID, int], Mapping[str, str]] = OrderedDict()
"""Drawn nodes that were seen in the database: their rows are never deleted or changed."""


_Before = aliased(WorkflowNode)
_TO_IT = WorkflowEdge.to_node_id == WorkflowNode.node_id
_DRAWN = select(
    WorkflowNode.node_id,
    WorkflowNode.act_key,
    select(func.count()).select_from(WorkflowEdge).where(_TO_IT).scalar_subquery().label("ways"),
    select(func.jsonb_agg(func.jsonb_build_array(_Before.key, _Before.act_key)))
    .join(WorkflowEdge, WorkflowEdge.from_node_id == _Before.node_id)
    .where(_TO_IT, _Before.type == APPROVAL)
    .scalar_subquery()
    .label("approvals"),
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The run that a node belongs to, the values its expressions see, and those of them that must not be
    shown.
    """

    run: RunRef
    drawn: Drawn | None
    values: Mapping[str, Any]
    sensitive: Any = field(default=None, repr=False)
    seen: Seen | None = None
    """What kept this task from its act when it was last tried."""

    wish: Wish | None = None
    """What is wanted of the run, where that keeps the node from its act."""

    record: employees.Reading | None = None
    """Which person's record was read, and how old it was then."""
    was_steered: bool = False
    """Whether the run was ever paused: then a task of it may have a question in Airflow, which shows no other
    one.
    """
    is_being_undone: bool = False
    """Whether what the run did is just being taken back."""


def gather(session: Session, node_input: NodeInput, names: frozenset[str]) -> Surroundings:
    """Note that the run is running, and read what `names` asks for.

    `session` sees all organizations at first, and the rows of the node's own alone from then on. `NotKnown`
    where there is no such organization; `InvalidInput` where the run's conf is about another one.
    """
    there = _around(session, node_input)
    org, run = there.org or organizations.find(session, node_input.org), there.run
    _check_context(node_input)
    known, complete = run is not None, run is not None and _is_complete(run, node_input)
    if run is None or not complete or names & FROM_TABLES:
        enter_tenant(session, org.org_id)
    if run is None or not complete:
        run = _begin(session, org, node_input)
    event: Mapping[str, Any] = node_input.context.get("event") or {}
    reference = _reference(org, run, node_input, employee=str(event.get("employee") or ""))
    values: dict[str, Any] = {"event": event, "run": _run(reference), "org": _org(org)}
    person, sensitive = there.person, list[Any]()
    if person is None and reference.employee and (names & {"employee", NOW} or not known):
        person = employees.find(session, org.org_id, reference.employee)
    record: Mapping[str, Any] = {} if person is None else employees.as_values(person)
    if person is not None:
        sensitive.append(_telling(person, record, reference))
    if "employee" in names and reference.employee:
        values["employee"] = record
    if NOW in names:
        values[NOW] = event if person is None else _as_it_is_now(event, person)
    if names & {"nodes", *EACH}:
        done = _outputs(session, run, node_input, whole="nodes" in names)
        values |= {"nodes": done.nodes, **_of_the_round(done.nodes, node_input)}
        sensitive.append(done.sensitive)
    if "input" in names:
        given = calls.given_to(session, run.run_id)
        values["input"] = given.input
        sensitive.append(given.sensitive)
    drawn, seen = _drawn(session, run, node_input), _seen(there.refusal)
    return Surroundings(
        reference,
        drawn,
        values,
        sensitive,
        seen=seen,
        wish=steering.wish_of(run),
        record=None if person is None else employees.reading_of(person),
        was_steered=run.control_at is not None,
        is_being_undone=run.status == RunStatus.COMPENSATING,
    )


def _is_complete(run: WorkflowRun, given: NodeInput) -> bool:
    """Whether its row has nothing to learn from the task: that it runs, and its event."""
    if _goes_on(run, given) or (not run.started_by and _starter(given)):
        return False
    return run.status != RunStatus.PENDING and (
        bool(confs.event_of(run.context)) or not confs.event_of(given.context)
    )


def _starter(given: NodeInput) -> str:
    """The login of the person who started the run; "" where the platform's own account did."""
    if not given.started_by or given.trial or given.started_by == load_settings().airflow_username:
        return ""
    return given.started_by


def _goes_on(run: WorkflowRun, given: NodeInput) -> bool:
    """Whether it is a trial that was taken to have ended."""
    return given.trial and run.status in ENDED_RUNS


def _around(session: Session, given: NodeInput) -> store.Around:
    return store.around(
        session,
        given.org,
        dag_id=given.dag_id,
        dag_run_id=given.dag_run_id,
        node=given.node,
        map_index=given.map_index,
    )


def _seen(refusal: NodeRefusal | None) -> Seen | None:
    return None if refusal is None else Seen(str(refusal.error_details["code"]), refusal.since, refusal.looks)


def run_for(session: Session, given: NodeInput) -> RunRef:
    """The run of a node that could not begin, with a row in any case: what its conf should not be is left out
    of that.

    `session` sees all organizations at first, and the rows of the node's own alone from then on. `NotKnown`
    where there is no such organization.
    """
    there = _around(session, given)
    org, run = there.org or organizations.find(session, given.org), there.run
    enter_tenant(session, org.org_id)
    if run is not None and _goes_on(run, given):
        run = None
    usable = given
    try:
        _check_context(given)
        run = run or _begin(session, org, given)
    except InvalidInput:
        usable = replace(given, context=confs.usable(given.context, given.org))
        run = run or _begin(session, org, usable)
    event: Mapping[str, Any] = usable.context.get("event") or {}
    return _reference(org, run, given, employee=str(event.get("employee") or ""))


def _reference(org: Organization, run: WorkflowRun, given: NodeInput, *, employee: str) -> RunRef:
    return RunRef(
        run_id=run.run_id,
        org_id=org.org_id,
        org=org.slug,
        dag_id=run.dag_id,
        dag_run_id=run.dag_run_id,
        correlation_id=run.correlation_id,
        employee=employee,
        workflow=given.workflow,
        version=run.version,
    )


def _check_context(given: NodeInput) -> None:
    """An event in the run's conf is one of the organization's own; only in a hand-written DAG it may leave
    that open.
    """
    event = given.context.get("event")
    if event is None:
        return _check_contents(given)  # started by hand
    if not isinstance(event, Mapping):
        raise InvalidInput(
            "the event in the run's conf is no object", hint="start the run with a whole event, or with none"
        )
    about = event.get("org")
    if about != given.org and (about is not None or given.workflow is not None):
        raise InvalidInput(
            f"the run's conf is about organization {about!r}, its DAG is one of {given.org!r}",
            hint="start the run with its conf.event.org",
        )
    return _check_contents(given)


def _check_contents(given: NodeInput) -> None:
    """Airflow has not looked into the payload, and in a hand-written DAG into nothing."""
    if problems := confs.problems(given.context, payload=given.workflow is not None):
        raise InvalidInput("the run's conf is not one of such an event", problems=problems)


def _begin(session: Session, org: Organization, node_input: NodeInput) -> WorkflowRun:
    """Note that the run is running; in a run that no event started this makes its row, where the steward has
    not.
    """
    run = store.ensure_run(
        session,
        org_id=org.org_id,
        dag_id=node_input.dag_id,
        dag_run_id=node_input.dag_run_id,
        conf=node_input.context,
        workflow=node_input.workflow,
        version=node_input.version,
        status=RunStatus.RUNNING,
        started_by=_starter(node_input),
        trial=node_input.trial,
    )
    store.note_event(session, run, node_input.context)
    return run


def _run(run: RunRef) -> dict[str, Any]:
    return {
        "id": str(run.run_id),
        "dag_id": run.dag_id,
        "correlation_id": run.correlation_id,
        "workflow": run.workflow or "",
        "version": run.version or 0,
    }


def _org(org: Organization) -> dict[str, Any]:
    return {"slug": org.slug, "name": org.name, "domain": org.domain, "settings": org.settings}


def _telling(person: Employee, record: Mapping[str, Any], run: RunRef) -> list[str]:
    private = person.sensitive or {}
    return telling(
        private, run.org, run.correlation_id, [value for name, value in record.items() if name not in private]
    )


def _as_it_is_now(event: Mapping[str, Any], person: Employee) -> Mapping[str, Any]:
    """The event, with those fields of its payload that a later event has set.

    Sensitive ones are in no payload.
    """
    payload, told_at = event.get("payload"), _moment(event.get("time"))
    if not isinstance(payload, Mapping) or told_at is None:
        return event
    record, times = employees.as_values(person), person.field_times
    names = {name: OTHER_SPELLINGS.get(name, name) for name in payload}
    later = {
        name: known
        for name, known in names.items()
        if known in times and dt.datetime.fromisoformat(times[known]) > told_at
    }
    now = {name: record.get(known) for name, known in later.items() if known not in (person.sensitive or {})}
    return {**event, "payload": {**payload, **now}}


def _moment(value: Any) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None


def _outputs(session: Session, run: WorkflowRun, given: NodeInput, *, whole: bool) -> store.Outputs:
    """Under the ids of the version that the task runs, also what was done before a node was renamed.

    Not `whole`: only of the `flow.for_each` whose round this is. A node of a loop that had no rounds is there
    too, with an empty list.
    """
    names: Mapping[str, str] = {}
    if run.workflow_id is not None and given.version is not None:
        names = renamed(session, run.workflow_id, given.version)
    acts = {key: act_key for act_key, key in names.items()}
    siblings = {acts.get(key, key) for key in given.siblings | given.rounds.siblings}
    only = None if whole else frozenset({acts.get(given.rounds.each, given.rounds.each)})
    found = store.outputs(session, run.run_id, siblings=siblings, map_index=given.map_index, only=only)
    kept = {key: output for key, output in found.nodes.items() if key not in names}
    nodes = {**kept, **{names[key]: found.nodes[key] for key in names if key in found.nodes}}
    for key, each in given.rounds.bodies.items():
        if each in nodes and key not in nodes and key not in given.rounds.siblings:
            nodes[key] = {"output": []}
    return replace(found, nodes=nodes)


def _of_the_round(nodes: Mapping[str, Any], given: NodeInput) -> dict[str, Any]:
    """`item` and `item_index` of a node of a loop."""
    if not given.rounds.each or given.map_index < 0:
        return {}
    items = nodes.get(given.rounds.each, {}).get("output", {}).get("items", [])
    if given.map_index >= len(items):
        text = f"there is no item {given.map_index} for this round: {given.rounds.each} has {len(items)}"
        raise InvalidInput(text, hint=f"clear {given.rounds.each} with what comes after it")
    return {ITEM: items[given.map_index], ITEM_INDEX: given.map_index}


def renamed(session: Session, workflow_id: uuid.UUID, version: int) -> Mapping[str, str]:
    """Of the version's nodes that were renamed, the id under which the ledger has their acts to their own."""
    place = (workflow_id, version)
    if place not in _renamed_nodes:
        query = select(WorkflowNode.act_key, WorkflowNode.key).where(
            WorkflowNode.workflow_id == workflow_id,
            WorkflowNode.version == version,
            WorkflowNode.act_key.is_not(None),
        )
        _renamed_nodes[place] = {str(act_key): key for act_key, key in session.execute(query)}
        if len(_renamed_nodes) > REMEMBERED_NODES:
            _renamed_nodes.popitem(last=False)
    return _renamed_nodes[place]


def _drawn(session: Session, run: WorkflowRun, node_input: NodeInput) -> Drawn | None:
    """The drawn node, of the version that the task runs; None in a hand-written DAG."""
    if run.workflow_id is None or node_input.version is None:
        return None
    drawn = node_id(run.workflow_id, node_input.version, node_input.node)
    if drawn not in _drawn_nodes:
        row = session.execute(_DRAWN.where(WorkflowNode.node_id == drawn)).first()
        if row is None:
            return None
        approvals = tuple((key, act_key or key) for key, act_key in row.approvals or ())
        _drawn_nodes[drawn] = Drawn(row.node_id, row.act_key or "", approvals, row.ways)
        if len(_drawn_nodes) > REMEMBERED_NODES:
            _drawn_nodes.popitem(last=False)
    return _drawn_nodes[drawn]
