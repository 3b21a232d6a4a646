"""`officeflow ledger`: what was done, and what people decide about it.

Who decides signs in with an Airflow login: the audit log names it, and the task is cleared in its name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from officeflow.cli.common import as_json, database, show_json, show_rows, tell, with_reason
from officeflow.cli.signing_in import airflow_of, person, signed_in
from officeflow.clock import SystemClock
from officeflow.errors import InvalidInput
from officeflow.program import typed
from officeflow.runs import corrections, shown, store
from officeflow.runs.correcting import Correction, GoesOn
from officeflow.statuses import ActStatus
from officeflow.terminal import as_json as terminal_json
from officeflow.terminal import line
from officeflow.workflows.undoing import task_of

MAP_INDEX = click.option(
    "--map-index", type=click.IntRange(-1), default=-1, help="Which act of a mapped node."
)


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
        done = [shown.act_to_json(row, inputs=inputs) for row in corrections.acts_of(session, found.run_id)]
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
@with_reason
@click.option("--clear", is_flag=True, help="Clear the task in Airflow at once, so that it acts.")
@signed_in
def redo(
    run: str, node: str, *, map_index: int, why: str, login: str, clear: bool, password_stdin: bool
) -> None:
    """Let NODE of RUN act once more, on purpose, whatever it has done before."""
    with database() as db:
        place = corrections.find_place(db, run, node, map_index)
        with airflow_of(login, password_stdin=password_stdin) as api:
            correction = Correction(db, api, place, person(login, why), task=task_of(node))
            tell(f"{node} may act once more: generation {correction.redo()}")
            if clear:
                _tell_what_goes_on(correction.act_again())
            else:
                tell("clear its task in Airflow and it does (or call this again with --clear)")


@ledger.command()
@click.argument("run")
@click.argument("node")
@MAP_INDEX
@click.option("--done/--not-done", "done", default=None, help="What you found out at the customer's system.")
@click.option("--output", help="JSON object: what later nodes are to read of it, with --done.")
@with_reason
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
        with airflow_of(login, password_stdin=password_stdin) as api:
            correction = Correction(db, api, place, person(login, why), task=task_of(node))
            correction.resolve(SystemClock(), done=done, output=added)
            tell(f"{node} is recorded as {'done' if done else 'not done'}")
            _tell_what_goes_on(correction.go_on())


def _tell_what_goes_on(found: GoesOn) -> None:
    if found.cleared:
        tell(f"cleared in Airflow: {', '.join(found.cleared)}")
    if found.left_in is not None:
        state = found.left_in.replace("_", " ") or "not begun"
        tell(
            f"its own task was not cleared, it is {state} in Airflow; where it fails all the same, clear it"
            " there"
        )


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
