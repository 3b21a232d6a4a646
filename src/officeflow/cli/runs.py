"""`officeflow run`: which runs there are, what became of one, and how it goes on."""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import click

from officeflow import terminal
from officeflow.airflow_api.addresses import run_address
from officeflow.airflow_api.types import DagRunState, TaskInstanceState
from officeflow.cli import run_control
from officeflow.cli.common import as_json, database, echo, show_json, show_one, show_rows, tell
from officeflow.cli.compensating import compensate
from officeflow.cli.interrupts import interruptible
from officeflow.cli.planning import plan_run
from officeflow.clock import SystemClock
from officeflow.errors import InvalidInput, Unavailable
from officeflow.program import typed
from officeflow.runs import inquiry, listing, shown, store
from officeflow.runs.family import Family
from officeflow.runs.follow import CHANGING, RunFound, follow
from officeflow.runs.wait import Wait
from officeflow.settings import load_settings
from officeflow.statuses import ActStatus, ShownRunStatus, UnactedStatus
from officeflow.tenants import organizations

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
AWAY_SECONDS = 120.0
"""How long a watcher bears that Airflow or the database does not answer."""

ANSWER_SECONDS = 5.0
"""How long Airflow has to say what it knows of a run; its word is added to ours."""

NOT_ENDED = 3
A_TRIAL = "A trial: it ran outside of this Airflow (dag.test)."


@click.group()
def run() -> None:
    """Runs of workflows: one per event and workflow that wants it, and those started by hand."""


for each in run_control.COMMANDS:
    run.add_command(each)


@run.command(name="list")
@click.option("--org", help="One organization: its slug or UUID.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(ShownRunStatus, case_sensitive=False),
    help="May be given several times.",
)
@click.option("--workflow", help="The workflow's slug, or the DAG's id.")
@click.option("--employee", help="The HR system's identifier of the person.")
@click.option(
    "--since",
    metavar="WHEN",
    help="Started since then: 30m, 2h, 7d, or a date or time such as 2026-03-01T09:00.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@as_json
def list_(
    *,
    org: str | None,
    statuses: tuple[ShownRunStatus, ...],
    workflow: str | None,
    employee: str | None,
    since: str | None,
    limit: int,
    json_output: bool,
) -> None:
    """Show the newest first."""
    moment = moment_of(since, now=SystemClock().now()) if since else None
    with database() as db, db.service() as session:
        wanted = listing.Wanted(
            org_id=organizations.find(session, org).org_id if org else None,
            statuses=statuses,
            workflow=workflow,
            employee=employee,
            since=moment,
            limit=limit,
        )
        lines = listing.list_runs(session, wanted)
    if json_output:
        show_json([shown.run_to_json(line) for line in lines])
    else:
        now, paused = SystemClock().now(), _paused(lines)
        show_rows([_row(line, now, paused) for line in lines], json_output=False, nothing="no such runs")


@run.command()
@click.argument("run", metavar="RUN")
@as_json
def show(run: str, *, json_output: bool) -> None:
    """Show RUN, its event, and what each node did, waits for or failed at.

    RUN is its UUID, DAG/RUN, the beginning of either id, or a DAG: its newest run.
    """
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.runs.report import report

    with database() as db, AirflowApi.from_settings(load_settings(), timeout=ANSWER_SECONDS) as api:
        found = report(db, api, run)
    if json_output:
        show_json(found.to_json())
        return
    line, told, address = found.line, found.told, found.address
    wanted = {"control": found.wanted} if found.wanted else {}
    show_one({**_header(line), **wanted, "airflow": address}, json_output=False)
    _show_event(found.event)
    _show_family(found.family)
    _show_nodes(found.nodes, found.refused, told, line)
    for text in (A_TRIAL if found.is_trial else "", *told.about, told.unknown):
        if text:
            tell(terminal.line(text), hang="  ")
    if line.error:
        explained = {node["node"] for node in (*found.refused, *told.tasks)}
        rest = [reason for reason in line.error.get("reasons", ()) if reason["node"] not in explained]
        tell(f"\n{_error_text({**line.error, 'reasons': rest})}", hang="  ")
    if line.status == ShownRunStatus.FAILED and not found.is_trial:
        tell(
            f"What failed is tried again by `{typed('run')} retry RUN NODE --why …`, or where its task is"
            f" cleared in Airflow; a run with a wrong conf is started anew.\n{address}"
        )


run.add_command(compensate)
run.add_command(plan_run)


def _show_family(family: Family) -> None:
    if family.caller:
        tell(terminal.line(f"\nCalled by {family.caller.name} [{family.caller.status}]"), hang="  ")
    for child in family.called:
        tell(terminal.line(f"\n{child.node} has called {child.name} [{child.status}]"), hang="  ")


@run.command()
@click.argument("run", metavar="RUN")
@click.option("--timeout", type=click.FloatRange(min=0), help="Stop watching after so many seconds.")
def watch(run: str, *, timeout: float | None) -> None:
    """Follow RUN until it ends: a line whenever a node begins, waits or ends.

    RUN may be a DAG: its newest run.

    Exit status: 0 the run succeeded, 1 it failed or was cancelled, 3 it did not end within --timeout.
    """
    from officeflow.airflow_api.client import AirflowApi

    with database() as db, AirflowApi.from_settings(load_settings()) as api:
        with db.service() as session:
            found = store.find_newest(session, run)
            is_trial = found.trigger_event == store.TRIAL
            org_id, target = found.org_id, RunFound(found.dag_id, found.dag_run_id, found.run_id)
        echo(f"{target.dag_id}/{target.dag_run_id}")
        echo(A_TRIAL if is_trial else run_address(target.dag_id, target.dag_run_id))
        outcome = ""
        try:
            limit = math.inf if timeout is None else timeout
            with interruptible(
                lambda: (
                    f"the run goes on without being watched; `{typed('run watch')} {run}` follows it again"
                )
            ):
                for told in follow(
                    api, db, org_id, target, timeout=limit, patience=AWAY_SECONDS, shown=CHANGING
                ):
                    outcome = str(told)
                    has_ended = isinstance(told, str)
                    tell(
                        (
                            f"{SystemClock().now():%H:%M:%S}Z  {told}"
                            if has_ended
                            else f"  {terminal.line(told)}"
                        ),
                        hang="    ",
                    )
        except Unavailable as error:
            tell(f"officeflow: {error}", err=True)
            sys.exit(NOT_ENDED if timeout is not None else 1)
    sys.exit(0 if outcome == DagRunState.SUCCESS else 1)


def moment_of(text: str, *, now: dt.datetime) -> dt.datetime:
    """`30m`, `2h`, `7d`, `2w` before `now`, or an ISO 8601 date or time; without a zone it is UTC.

    `InvalidInput` otherwise.
    """
    if match := re.fullmatch(r"(\d{1,6})([smhdw])", text.strip()):
        return now - dt.timedelta(**{UNITS[match[2]]: int(match[1])})
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no time", hint="write 30m, 2h, 7d, or a date or time such as 2026-03-01T09:00"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _paused(lines: Collection[listing.RunLine]) -> Collection[str]:
    """The DAGs of those that have not begun which are paused."""
    waiting = {line.dag_id for line in lines if line.status == ShownRunStatus.PENDING}
    if not waiting:
        return ()
    from officeflow.airflow_api.client import AirflowApi

    with AirflowApi.from_settings(load_settings(), timeout=ANSWER_SECONDS) as api:
        return inquiry.paused(api, waiting)


def _row(line: listing.RunLine, now: dt.datetime, paused: Collection[str]) -> dict[str, Any]:
    counted = (("failed", line.failed), ("could not begin", line.refused), ("asked", line.asked))
    wants = [f"{number} {what}" for what, number in counted if number] or _without_acts(line)
    if line.status == ShownRunStatus.PENDING and line.dag_id in paused:
        wants = [*wants, "its DAG is paused"]
    return {
        "run": str(line.run_id)[:8],
        "started": f"{line.started_at:%Y-%m-%d %H:%M:%S}",
        "status": line.status,
        "took": _took(line, now),
        "dag": line.dag_id,
        "version": line.version,
        "employee": line.employee,
        "trigger": line.trigger,
        "nodes": ", ".join([*wants, *map(_briefly, line.waits)]) or None,
    }


def _without_acts(line: listing.RunLine) -> list[str]:
    """What a run failed at of which no node has a word."""
    if not line.error:
        return []
    names = line.error.get("nodes") or ()
    return [f"{len(names)} failed" if names else str(line.error.get("code", "error"))]


def _briefly(wait: Wait) -> str:
    until = f" until {wait.until:%Y-%m-%d %H:%M}" if wait.until else ""
    name = _name({"node": wait.node, "map_index": wait.map_index})
    if wait.answered:
        return f"{name} {wait.answered}, goes on as soon as Airflow does"
    return f"{name} waits for {wait.awaited}{until}"


def _header(line: listing.RunLine) -> dict[str, Any]:
    return {
        "run": f"{line.dag_id}/{line.dag_run_id}",
        "id": str(line.run_id),
        "status": line.status,
        "workflow": f"{line.workflow} version {line.version}" if line.workflow else "a DAG of your own",
        "employee": line.employee,
        "started": line.started_at.isoformat(timespec="seconds"),
        "ended": line.ended_at.isoformat(timespec="seconds") if line.ended_at else None,
        "took": _took(line, SystemClock().now()),
        "correlation": line.correlation_id,
    }


def _took(line: listing.RunLine, now: dt.datetime) -> str:
    seconds = ((line.ended_at or now) - line.started_at).total_seconds()
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _show_event(event: Mapping[str, Any]) -> None:
    """What there is of it: a hand-written DAG may be started with no more than a person."""
    if not event:
        return
    kind, person = event.get("kind"), event.get("employee")
    what = f"{kind} of {person}" if kind and person else kind or (f"about {person}" if person else "")
    source = f"from {event['source']}" if event.get("source") else ""
    told = ", ".join(str(part) for part in (what, event.get("time"), source) if part)
    name = f"Event {event['id']}" if event.get("id") else "Event"
    tell(f"\n{terminal.line(f'{name}: {told}' if told else name)}", hang="  ")


def _show_nodes(
    nodes: Sequence[dict[str, Any]],
    refused: Sequence[dict[str, Any]],
    told: inquiry.Told,
    line: listing.RunLine,
) -> None:
    echo()
    acting = {(node["node"], node["map_index"]) for node in nodes}
    waiting = {(wait.node, wait.map_index) for wait in line.waits}
    others = [*(r for r in refused if (r["node"], r["map_index"]) not in acting), *map(_silent, told.tasks)]
    rows = [_line(node, waits=(node["node"], node["map_index"]) in waiting) for node in [*nodes, *others]]
    show_rows(
        rows,
        json_output=False,
        nothing=(
            f"no node of it has begun yet; Airflow may not have come to it, or cannot: `{typed('doctor')}`"
        ),
    )
    for wait in line.waits:
        text = inquiry.wait_text(wait, told.questions.get((wait.node, wait.map_index)))
        tell(terminal.line(f"{_name({'node': wait.node, 'map_index': wait.map_index})}  {text}"), hang="  ")
    unsaid = (r for r in refused if r["status"] != UnactedStatus.WAITS or not line.waits)
    for node in [*unsaid, *map(_silent, told.tasks)]:
        tell(
            f"{_name(node)} "
            f" {_error_text(node['error']) if node['error'] else inquiry.WAITING[node['state']]}",
            hang="  ",
        )
    for node in nodes:
        if node["error"] and node["status"] != ActStatus.SUCCEEDED:
            tell(f"{node['node']}  {_error_text(node['error'])}", hang="  ")
            _show_what_follows(node)
        if node["status"] == ActStatus.ASKED:
            which = f" --map-index {node['map_index']}" if node["map_index"] >= 0 else ""
            run = f"{line.dag_id}/{line.dag_run_id}"
            answer = (
                f"`{typed('ledger resolve')} {run} {node['node']}{which} --done` (or `--not-done`) `--why …"
                " --login YOU`"
            )
            tell(f"{node['node']}  was it done? {answer}", hang="  ")


def _silent(task: Mapping[str, Any]) -> dict[str, Any]:
    """A task of which the ledger has no word, as a node."""
    return {
        **task,
        "status": UnactedStatus.FAILED if task["state"] == TaskInstanceState.FAILED else UnactedStatus.WAITS,
    }


def _show_what_follows(node: Mapping[str, Any]) -> None:
    """When it is tried again, and what may have been done meanwhile."""
    if again := node["error"].get("again_at"):
        tell(
            f"{node['node']}  tried again at {again}; a long wait is a question in Airflow's Required actions"
        )
    elif node["status"] == ActStatus.STARTED:
        tell(f"{node['node']}  may have been done: clear its task, and it looks before it acts")


def _line(node: Mapping[str, Any], *, waits: bool) -> dict[str, Any]:
    seconds = node.get("seconds")
    return {
        "node": _name(node),
        "status": UnactedStatus.WAITS if waits else node["status"],
        "try": node["try_number"],
        "attempts": node.get("attempts"),
        "took": None if seconds is None else f"{seconds:.1f} s",
        "did": node.get("did") or None,
    }


def _name(node: Mapping[str, Any]) -> str:
    """Of what the run itself waits for: the run."""
    return (
        f"{node['node']}[{node['map_index']}]" if node["map_index"] >= 0 else str(node["node"]) or "the run"
    )


def _error_text(error: Mapping[str, Any]) -> str:
    """The code, where and what, a line for each field that is to blame."""
    where = f" at {', '.join(error['nodes'])}" if error.get("nodes") else ""
    lines = [
        f"{error.get('code', 'error')}{where}" + (f": {error['message']}" if error.get("message") else "")
    ]
    for problem in error.get("problems", ()):
        suggestion = f" ({problem['suggestion']})" if problem.get("suggestion") else ""
        lines.append(f"  {problem['path']}: {problem['reason']}{suggestion}")
    for left in error.get("remaining", ()):
        name, of = _name(left), f" of {left['run']}" if left.get("run") else ""
        did = f"{left['did']}; " if left.get("did") else ""
        lines.append(f"  remains: {name}{of}: {did}{left['why']}")
    for reason in error.get("reasons", ()):
        fields = f" ({', '.join(reason['fields'])})" if reason.get("fields") else ""
        lines.append(f"  {reason['node']}: {reason['code']}: {reason['message']}{fields}")
    return "\n".join(map(terminal.line, lines)) + (
        terminal.line(f" ({error['hint']})") if error.get("hint") else ""
    )
