"""`officeflow ledger`: what was done, and what people decide about it.

Who decides signs in with an Airflow login: the audit log names it, and the task is cleared in its name. Only
a login that may clear the task in Airflow may redo or resolve its act.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from officeflow.cli.common import as_json, database, show_json, show_rows, tell
from officeflow.cli.reading import ask_hidden, read_line
from officeflow.clock import SystemClock
from officeflow.errors import InvalidInput
from officeflow.program import typed
from officeflow.runs import corrections, store
from officeflow.settings import load_settings
from officeflow.statuses import ActStatus
from officeflow.terminal import as_json as terminal_json
from officeflow.terminal import line

if TYPE_CHECKING:
    from officeflow.airflow_api.client import AirflowApi
    from officeflow.database.tables import NodeRun

Command = Callable[..., None]

MAP_INDEX = click.option(
    "--map-index", type=click.IntRange(-1), default=-1, help="Which act of a mapped node."
)
WHY = click.option("--why", required=True, help="The reason, for the audit log.")


def signed_in(command: Command) -> Command:
    """Adds `--login` and `--password-stdin`; without the latter the password is asked for."""
    login = click.option(
        "--login",
        envvar="OFFICEFLOW_LOGIN",
        required=True,
        help="Your Airflow login. [env: OFFICEFLOW_LOGIN]",
    )
    password = click.option(
        "--password-stdin",
        is_flag=True,
        help="Read the password from standard input instead of asking for it.",
    )
    return login(password(command))


@click.group()
def ledger() -> None:
    """What each node has done, once; and what to do where that is not known."""


@ledger.command()
@click.argument("run")
@click.option(
    "--inputs", is_flag=True, help="Show the parameters too, and outputs whole; they may hold personal data."
)
@as_json
def show(run: str, *, inputs: bool, json_output: bool) -> None:
    """Show the acts of RUN: its UUID, DAG/RUN, the beginning of either id, or a DAG: its newest run."""
    with database() as db, db.service() as session:
        found = store.find_newest(session, run)
        done = [_act(row, inputs=inputs) for row in corrections.acts_of(session, found.run_id)]
        about = {
            "run": f"{found.dag_id}/{found.dag_run_id}",
            "run_id": str(found.run_id),
            "status": found.status,
        }
    if json_output:
        show_json({**about, "correlation_id": found.correlation_id, "acts": done})
        return
    tell(f"{about['run']}  {about['status']}")
    show_rows(
        [_line(act) for act in done],
        json_output=False,
        nothing=f"no node of it has begun yet; `{typed('run show')}` says why",
    )
    for act in done:
        _tell(act, about["run"])


@ledger.command()
@click.argument("run")
@click.argument("node")
@MAP_INDEX
@WHY
@click.option("--clear", is_flag=True, help="Clear the task in Airflow at once, so that it acts.")
@signed_in
def redo(
    run: str, node: str, *, map_index: int, why: str, login: str, clear: bool, password_stdin: bool
) -> None:
    """Let NODE of RUN act once more, on purpose, whatever it has done before."""
    with database() as db:
        place = corrections.find_place(db, run, node, map_index)
        with _airflow(login, password_stdin=password_stdin) as api:
            _check_rights(api, place, node)
            generation = corrections.redo(db, place, corrections.Person(login=login, why=_reason(why)))
            tell(f"{node} may act once more: generation {generation}")
            if clear:
                api.clear(place.run.dag_id, place.run.dag_run_id, [node])
                _go_on(api, place, node)
            else:
                tell("clear its task in Airflow and it does (or call this again with --clear)")


@ledger.command()
@click.argument("run")
@click.argument("node")
@MAP_INDEX
@click.option("--done/--not-done", "done", default=None, help="What you found out at the customer's system.")
@click.option("--output", help="JSON object: what later nodes are to read of it, with --done.")
@WHY
@signed_in
def resolve(
    run: str,
    node: str,
    *,
    map_index: int,
    done: bool | None,
    output: str | None,
    why: str,
    login: str,
    password_stdin: bool,
) -> None:
    """Say whether NODE of RUN was done, where nothing but a person can tell; its failed task then goes on."""
    if done is None:
        raise click.UsageError("say --done or --not-done")
    added = _object(output)
    with database() as db:
        place = corrections.find_place(db, run, node, map_index)
        with _airflow(login, password_stdin=password_stdin) as api:
            _check_rights(api, place, node)
            person = corrections.Person(login=login, why=_reason(why))
            corrections.resolve(db, SystemClock(), place, person, done=done, output=added)
            tell(f"{node} is recorded as {'done' if done else 'not done'}")
            _go_on(api, place, node)


def _airflow(login: str, *, password_stdin: bool) -> AirflowApi:
    from officeflow.airflow_api.client import AirflowApi

    password = read_line(what="a password") if password_stdin else ask_hidden(f"Airflow password of {login}")
    return AirflowApi(load_settings().airflow_url, login, password)


def _check_rights(api: AirflowApi, place: corrections.Place, task: str) -> None:
    """Airflow answers for the login: whether it exists, and may clear this task.

    Nothing is changed by asking.
    """
    api.clear(place.run.dag_id, place.run.dag_run_id, [task], dry_run=True)


def _go_on(api: AirflowApi, place: corrections.Place, task: str) -> None:
    """Let the task and what failed behind it run again."""
    cleared = api.clear(place.run.dag_id, place.run.dag_run_id, [task], only_failed=True, downstream=True)
    tell(f"cleared in Airflow: {', '.join(sorted({each['task_id'] for each in cleared} | {task}))}")


def _reason(why: str) -> str:
    if not why.strip():
        raise InvalidInput("--why is empty", hint="the audit log needs a reason")
    return why.strip()


def _object(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"--output is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput("--output is not a JSON object")
    return value


def _act(row: NodeRun, *, inputs: bool) -> dict[str, Any]:
    act = {
        "node": row.node_key,
        "map_index": row.map_index,
        "type": row.node_type,
        "generation": row.generation,
        "status": row.status,
        "attempt": row.attempt,
        "try_number": row.try_number,
        "started_at": row.started_at and row.started_at.isoformat(),
        "ended_at": row.ended_at and row.ended_at.isoformat(),
        "key": row.idempotency_key,
        "output": row.output,
        "error": row.error_details,
        "story": row.story,
    }
    return {**act, "input": row.input, "output": row.whole_output} if inputs else act


def _line(act: Mapping[str, Any]) -> dict[str, Any]:
    mapped = f"[{act['map_index']}]" if act["map_index"] >= 0 else ""
    names = ("type", "generation", "status", "attempt", "try_number", "started_at", "ended_at")
    return {"node": f"{act['node']}{mapped}", **{name: act[name] for name in names}, "key": act["key"][:12]}


def _tell(act: Mapping[str, Any], run: str) -> None:
    for step in act["story"]:
        tell(line(f"{act['node']}  {step['step'].replace('_', ' ')}: {step['text']}"), hang="  ")
    if act["error"]:
        tell(line(f"{act['node']}  {act['error']['code']}: {act['error']['message']}"), hang="  ")
    if act.get("input"):
        tell(f"{act['node']}  input: {terminal_json(act['input']['params'])}", hang="  ")
    if act["status"] == ActStatus.ASKED:
        which = f" --map-index {act['map_index']}" if act["map_index"] >= 0 else ""
        answer = (
            f"`{typed('ledger resolve')} {run} {act['node']}{which} --done` (or `--not-done`) `--why …"
            " --login YOU`"
        )
        tell(f"{act['node']}  was it done? {answer}", hang="  ")
