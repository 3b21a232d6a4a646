"""Reads what undoing is planned from."""

from __future__ import annotations

import uuid
from dataclasses import replace

from sqlalchemy.orm import Session

from officeflow.database.tables import WorkflowVersion
from officeflow.runner.course import Course
from officeflow.runner.undoing.plan import Definitions
from officeflow.runs import standing
from officeflow.runs.standing import Called
from officeflow.workflows.models import Definition, Node


def read(session: Session, run_id: uuid.UUID) -> tuple[list[Called], Definitions]:
    """The run and those that it has called, and the versions of their workflows that they run."""
    runs = standing.of_run(session, run_id)
    return runs, {run.run.run_id: _definition(session, run) for run in runs}


def _definition(session: Session, run: Called) -> Definition | None:
    if run.workflow_id is None or run.run.version is None:
        return None
    row = session.get(WorkflowVersion, (run.workflow_id, run.run.version))
    return None if row is None else Definition.model_validate(row.definition)


def course_for(
    undo: Course,
    called: Called,
    *,
    key: str,
    node_type: str,
    connection: str | None,
    drawn: Node | None = None,
) -> Course:
    """The course of one act, of this run or of one that it has called; `key` is the ledger's id of it."""
    run = called.run
    given = replace(
        undo.given,
        node=key,
        type=node_type,
        dag_id=run.dag_id,
        dag_run_id=run.dag_run_id,
        workflow=run.workflow,
        version=run.version,
        context=called.context,
        connection=connection,
        timeout_ms=drawn.timeout_ms if drawn else undo.given.timeout_ms,
    )
    return Course(given, undo.services, around=undo.around)
