"""What the running platform is at: what waits where, how far it is behind, and what went wrong last.

Each part is asked on its own: one that is not known says why, and the others are told all the same.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from officeflow.airflow_api.types import TaskInstanceState
from officeflow.database.engine import Database
from officeflow.errors import OfficeFlowError
from officeflow.events import backlog, outbox, run_orders, topics
from officeflow.layout import Layout, read_json
from officeflow.monitoring import duties
from officeflow.monitoring.consumer_lag import group_lag
from officeflow.monitoring.isolated import ask_all
from officeflow.runs import listing, overview, waits
from officeflow.runs.wait import Wait
from officeflow.settings import Settings, load_settings
from officeflow.variables import PREFIX
from officeflow.workflows import release_waits

KEYS = f"{PREFIX}ENCRYPTION_KEYS"

Part = Mapping[str, Any]
"""Facts by name; `{"unknown": reason}` where there are none."""

ANSWER_SECONDS = 6.0
NEWEST = 5
LONG = dt.timedelta(minutes=30)
"""What waits longer than this is named."""
TASK_STATES = (
    TaskInstanceState.SCHEDULED,
    TaskInstanceState.QUEUED,
    TaskInstanceState.RUNNING,
    TaskInstanceState.UP_FOR_RETRY,
    TaskInstanceState.UP_FOR_RESCHEDULE,
    TaskInstanceState.AWAITING_INPUT,
)
DEFAULT_QUEUE = "default"
ASIDES = ("run_control",)
"""Second listeners of a process, of which its health tells under their name."""


def settings_of_stack(layout: Layout) -> Settings | None:
    """Those of the stack that was started last in this home; None where none was.

    Whom a question is put to is encrypted: this process reads it by the stack's keys from here on.
    """
    environment: Mapping[str, str] = read_json(layout.state_file).get("environment", {})
    os.environ.update({KEYS: environment[KEYS]} if environment.get(KEYS) else {})
    named = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX)
    }
    return load_settings(**named) if named else None


def activity(settings: Settings, layout: Layout) -> dict[str, Part]:
    """The parts `inbox`, `outbox`, `runs`, `ledger`, `refused`, `releases`, `waits`, `listener`, `orders`,
    `tasks`, `processes`.

    Takes some seconds where servers are away.
    """
    with Database.from_settings(settings) as database:
        questions: dict[str, Callable[[], Part]] = {
            "inbox": partial(_from, database, _inbox),
            "outbox": partial(_from, database, _outbox),
            "runs": partial(_from, database, _runs),
            "ledger": partial(_from, database, _ledger),
            "refused": partial(_from, database, _refused),
            "releases": partial(_from, database, _releases),
            "waits": partial(_from, database, _waits),
            "listener": partial(_behind, settings, topics.LIFECYCLE_GROUP, topics.LIFECYCLE_PATTERN),
            "orders": partial(_behind, settings, run_orders.GROUP, run_orders.PATTERN),
            "tasks": partial(_tasks, settings),
            "processes": partial(_processes, layout),
        }
        found = ask_all(questions, seconds=ANSWER_SECONDS)
    return {name: _told(answer) for name, answer in found.items()}


def _told(answer: Part | Exception) -> Part:
    if not isinstance(answer, Exception):
        return answer
    return {
        "unknown": answer.message
        if isinstance(answer, OfficeFlowError)
        else f"{type(answer).__name__}: {answer}"
    }


def _from(database: Database, part: Callable[[Session], Part]) -> Part:
    with database.service() as session:
        return part(session)


def _inbox(session: Session) -> Part:
    """Events that wait to be dispatched; `problem` is all that they wait for, in one text."""
    found = backlog.inbox(session, newest=NEWEST)
    problems = [
        {"at": _second(each.at), "event_id": each.event_id, "problem": each.problem}
        for each in found.problems
    ]
    return {
        "waiting": found.waiting,
        "oldest_seconds": found.oldest_seconds,
        "problem": "; ".join(reason for reason, _ in found.reasons) or None,
        "reasons": [{"why": reason, "events": events} for reason, events in found.reasons],
        "problems": problems,
    }


def _outbox(session: Session) -> Part:
    """Messages that are not in Kafka yet; `set_aside` are those that Kafka will never take, `problem` what
    the first of all says.
    """
    return {**asdict(outbox.lag(session)), "problem": backlog.outbox_problem(session)}


def _runs(session: Session) -> Part:
    """How many runs that have not ended are at what, and how many failed within a day, with why the newest
    did.
    """
    found = overview.overview(session, newest=NEWEST)
    newest = [
        {"at": _second(run.at), "run": f"{run.dag_id}/{run.dag_run_id}", "why": run.told}
        for run in found.newest
    ]
    return {"open": dict(found.open), "failed": found.failed, "newest": newest}


def _ledger(session: Session) -> Part:
    found = listing.attention(session, newest=NEWEST)
    age = (
        None
        if found.oldest_open is None
        else max(0.0, (dt.datetime.now(dt.UTC) - found.oldest_open).total_seconds())
    )
    return {
        "open": found.open,
        "oldest_seconds": age,
        "asked": found.asked,
        "asks": [_act(act) for act in found.asks],
        "failures": [_act(act) for act in found.failures],
    }


def _act(act: listing.ActLine) -> dict[str, Any]:
    error = act.error or {}
    node = f"{act.node}[{act.map_index}]" if act.map_index >= 0 else act.node
    return {
        "run": f"{act.dag_id}/{act.dag_run_id}",
        "node": node,
        "at": act.at.isoformat(timespec="seconds") if act.at else None,
        "code": error.get("code"),
        "message": error.get("message"),
    }


def _refused(session: Session) -> Part:
    """Quarantined messages that nobody has decided about."""
    found = backlog.quarantine(session, newest=NEWEST)
    newest = [{"at": _second(each.at), "topic": each.topic, "reason": each.reason} for each in found.newest]
    return {"waiting": found.waiting, "newest": newest}


def _releases(session: Session) -> Part:
    """What waits for a second admin, by organization: how many releases and events held by them, since when,
    and the command that lists them.
    """
    now = dt.datetime.now(dt.UTC)
    return {
        "organizations": [
            {
                "organization": each.organization,
                "releases": each.releases,
                "events": each.events,
                "oldest": _second(each.oldest),
                "oldest_seconds": max(0.0, (now - each.oldest).total_seconds()),
                "command": each.command,
            }
            for each in release_waits.waiting(session)
        ]
    }


def _waits(session: Session) -> Part:
    """Questions to people, however new; and what waits unusually long, the longest first: acts of runs, then
    events not dispatched.
    """
    questions, asked = waits.open_questions(session, most=NEWEST)
    acts = [_wait(wait) for wait in waits.long_waits(session, longer_than=LONG, most=NEWEST)]
    events = [
        {
            "what": f"event {each.event_id} ({each.kind})",
            "since": _second(each.since),
            "until": _second(each.until),
            "why": each.why or "is not dispatched yet",
        }
        for each in backlog.long_waits(session, longer_than=LONG, most=NEWEST)
    ]
    return {"questions": questions, "asked": [_wait(wait) for wait in asked], "longest": [*acts, *events]}


def _wait(wait: Wait) -> dict[str, Any]:
    node = f"{wait.node}[{wait.map_index}]" if wait.map_index >= 0 else wait.node
    until = _second(wait.until) if wait.until else None
    return {
        "what": f"{wait.dag_id}/{wait.dag_run_id} {node}",
        "since": _second(wait.since),
        "until": until,
        "why": wait.answered or wait.why,
    }


def _second(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _behind(settings: Settings, group: str, pattern: str) -> Part:
    """How far the listeners are behind what is in Kafka."""
    lag = group_lag(settings.kafka, group, pattern, timeout=ANSWER_SECONDS - 1)
    return {"group": lag.group, "topics": lag.topics, "messages": lag.messages, "behind": dict(lag.behind)}


def _tasks(settings: Settings) -> Part:
    """Airflow's tasks that have not ended, by queue and state; states without any are left out."""
    from officeflow.airflow_api.client import AirflowApi

    queues: dict[str, dict[str, int]] = {}
    named = [queue for queue in dict.fromkeys((DEFAULT_QUEUE, settings.node_queue)) if queue]
    with AirflowApi.from_settings(settings) as api:
        for state in TASK_STATES:
            rest = api.count_tasks(state=state)
            for queue in named if rest else ():
                count = api.count_tasks(state=state, queue=queue)
                queues.setdefault(queue, {})[state] = count
                rest -= count
            if rest > 0:
                queues.setdefault("other", {})[state] = rest
    return {
        "queues": {queue: {state: n for state, n in states.items() if n} for queue, states in queues.items()}
    }


def _processes(layout: Layout) -> Part:
    """What our own processes say of themselves: their state, and duties that fail."""
    told = {path.stem: read_json(path) for path in sorted(layout.health.glob("*.json"))}
    state = read_json(layout.state_file)
    asides = {aside: health[aside] for health in told.values() for aside in ASIDES if health.get(aside)}
    listeners = told | asides
    return {
        "states": {name: health.get("state") for name, health in listeners.items()},
        "failing": {name: found for name, health in told.items() if (found := duties.failing(health, state))},
        "errors": {name: health["error"] for name, health in listeners.items() if health.get("error")},
        "parking": next((health["parking"] for health in told.values() if health.get("parking")), None),
        "held": {name: health["held"] for name, health in listeners.items() if health.get("held")},
        "passed_over": sum(sum(health.get("passed_over", {}).values()) for health in listeners.values()),
    }
