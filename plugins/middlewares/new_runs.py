"""Runs of workflows that somebody starts by hand: checked, and given the conf of an event, before Airflow
stores anything of them.

Airflow makes every run in one place, its model's constructor, whichever way it is asked: the form, the API,
the command line, `TriggerDagRunOperator`. SQLAlchemy tells of it before, and lets the arguments be changed.
Runs that our own account asks for with a whole conf are the dispatcher's, which has checked them; they pass
without a question to the database.

Airflow's event log keeps the body of each request, also of one that is refused: the conf of a workflow's run
is left out of it.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import structlog
from sqlalchemy import event

from officeflow.database.engine import Database
from officeflow.errors import InvalidInput, Unavailable
from officeflow.events.given import OF_AIRFLOW, is_whole
from officeflow.ids import is_slug, split_dag_id
from officeflow.runs import starting
from officeflow.settings import Settings, load_settings

API, FORM = "rest_api", "ui"
"""Airflow's names of the ways by which a request comes."""

LOGGED = "trigger_dag_run"
MASK = "***"

log = structlog.get_logger(__name__)


def watch() -> None:
    """From now on, see to all runs that this process makes."""
    from airflow.models.dagrun import DagRun
    from airflow.models.log import Log

    for model, see_to in ((DagRun, see_to_run), (Log, see_to_log)):
        if not event.contains(model, "init", see_to):
            event.listen(model, "init", see_to)


def see_to_run(run: Any, args: Any, given: dict[str, Any]) -> None:
    """Called with the arguments of a new run.

    `ValueError`, which Airflow answers with 400, where it is not to be started.
    """
    del run, args
    dag_id, conf = str(given.get("dag_id") or ""), given.get("conf") or {}
    if not _may_be_ours(dag_id) or _is_dispatched(given, dag_id):
        return
    try:
        with _database(os.getpid()).service() as session:
            start = starting.start(
                session, _settings(), dag_id=dag_id, dag_run_id=str(given.get("run_id")), conf=conf
            )
    except InvalidInput as error:
        raise ValueError(starting.told(error)) from None
    except Unavailable as error:
        _refuse_for_now(error, given)
    if start is not None:
        given["conf"], given["note"] = _of_airflow(conf) | start.conf, given.get("note") or start.note


def see_to_log(entry: Any, args: Sequence[Any], given: dict[str, Any]) -> None:
    """Called with the arguments of a new entry of Airflow's event log; what happened is the first of them,
    and has no default.
    """
    del entry
    if (
        given.get("event", *args[:1]) != LOGGED
        or not _may_be_ours(str(given.get("dag_id") or ""))
        or given.get("owner") == _account()
    ):
        return
    body = json.loads(given["extra"])
    given["extra"] = json.dumps({**body, "conf": MASK} if "conf" in body else body)


def _may_be_ours(dag_id: str) -> bool:
    return all(map(is_slug, split_dag_id(dag_id)))


def _is_dispatched(given: Mapping[str, Any], dag_id: str) -> bool:
    by = str(getattr(given.get("triggered_by"), "value", ""))
    return (
        by == API
        and given.get("triggering_user_name") == _account()
        and is_whole(given.get("conf"), split_dag_id(dag_id)[0])
    )


def _of_airflow(conf: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in conf.items() if name.startswith(OF_AIRFLOW)}


def _refuse_for_now(error: Unavailable, given: Mapping[str, Any]) -> NoReturn:
    log.warning("a run cannot be checked, so it is not started", dag_id=given.get("dag_id"), error=str(error))
    if str(getattr(given.get("triggered_by"), "value", "")) in {API, FORM}:
        from fastapi import HTTPException

        raise HTTPException(503, f"The run was not started: {error}") from error
    raise error


@functools.cache
def _settings() -> Settings:
    return load_settings()


def _account() -> str:
    return _settings().airflow_username


@functools.cache
def _database(process: int) -> Database:
    """One for each process: a connection must not be shared with the process that this one was forked
    from.
    """
    del process
    return Database.from_settings(_settings(), pool_size=2)
