"""`officeflow run start|pause|resume|cancel|retry|skip`: what people decide about runs.

Who decides signs in with an Airflow login, which the audit log names.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from officeflow.cli.common import as_json, database, show_json, tell, with_reason
from officeflow.cli.identity import principal
from officeflow.cli.interrupts import interruptible
from officeflow.cli.ledger import MAP_INDEX
from officeflow.cli.reading import read_text
from officeflow.cli.signing_in import airflow_of, person, signed_in
from officeflow.errors import InvalidInput, NotSteerable, OfficeFlowError
from officeflow.events.envelope import MAX_EVENT_BYTES
from officeflow.program import typed
from officeflow.runs import progress, steps
from officeflow.runs.engine import Done, Engine, RunName
from officeflow.settings import load_settings
from officeflow.statuses import RunControl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from officeflow.airflow_api.client import AirflowApi
    from officeflow.database.engine import Database

Command = Callable[..., None]

NOT_YET = 3
LOOK_SECONDS = 0.5


@click.command()
@click.argument("workflow", metavar="SLUG")
@click.option("--org", required=True, help="The organization: its slug or UUID.")
@click.option(
    "--payload",
    "path",
    metavar="FILE",
    required=True,
    help='JSON: {"employee": …, "payload": {…}}, or a whole event; - for standard input.',
)
@click.option(
    "--id", "request_id", default="", help="Under the same id there is one run, however often you ask."
)
@with_reason
@signed_in
@as_json
def start(
    workflow: str,
    *,
    org: str,
    path: str,
    request_id: str,
    why: str,
    login: str,
    password_stdin: bool,
    json_output: bool,
) -> None:
    """Start a run of the workflow SLUG by hand, checked as one that Airflow's form starts."""
    payload = _object(read_text(path, most=MAX_EVENT_BYTES, what="an event"), path)
    with database() as db, _engine(db, login, password_stdin=password_stdin) as (engine, _):
        done = engine.execute_workflow(org, workflow, payload, why=why, request_id=request_id)
    shown = {"run": str(done.run), "run_id": str(done.run.run_id), "started": done.changed}
    if json_output:
        show_json(shown)
        return
    tell(f"{done.run} {'is started' if done.changed else f'is there already: {done.told}'}")
    tell(f"`{typed('run watch')} {done.run.run_id}` follows it")


def _steering(wanted: RunControl, doing: str, done: str) -> Callable[[Command], click.Command]:
    """A command that wants `wanted` of one run, of those of a workflow, or of a person."""

    def made(command: Command) -> click.Command:
        def body(
            run: str | None,
            *,
            workflow: str | None,
            employee: str | None,
            org: str | None,
            why: str,
            login: str,
            timeout: float | None,
            expected: int | None,
            yes: bool,
            wait: bool,
            password_stdin: bool,
            json_output: bool,
        ) -> None:
            _check_which(run, workflow, employee, org, expected)
            with database() as db, _engine(db, login, password_stdin=password_stdin) as (engine, _):
                names = None
                if run is None:
                    names = engine.open_runs(org or "", wanted, workflow=workflow, employee=employee)
                    _check_count(names, expected)
                    if not _is_confirmed(
                        names, doing, yes=yes or expected is not None, json_output=json_output
                    ):
                        return
                told = _steer(engine, run, names, wanted, why=why, done=done, json_output=json_output)
                if wait:
                    _await(db, wanted, told, done, timeout=timeout, json_output=json_output)
            if json_output:
                show_json(told if run is None else told[0])
            if any("error" in one for one in told):
                sys.exit(1)

        for option in reversed(_OPTIONS):
            body = option(body)
        body.__doc__ = command.__doc__
        return click.command(name=doing)(as_json(signed_in(with_reason(body))))

    return made


_OPTIONS = (
    click.argument("run", metavar="[RUN]", required=False),
    click.option("--workflow", metavar="SLUG", help="All open runs of this workflow, with --org."),
    click.option("--employee", metavar="ID", help="All open runs about this person, with --org."),
    click.option("--org", help="The organization: its slug or UUID."),
    click.option(
        "--expect",
        "expected",
        type=click.IntRange(min=0),
        metavar="COUNT",
        help="How many runs are concerned: where they are others by now, nothing is changed. Does not ask.",
    ),
    click.option("--yes", is_flag=True, help="Do not ask before more than one run is concerned."),
    click.option("--wait", is_flag=True, help="Until Airflow is in step; a cancelled run, until it ended."),
    click.option("--timeout", type=click.FloatRange(min=0), help="With --wait: seconds; for ever without."),
)


@_steering(RunControl.PAUSE, "pause", "paused")
def pause() -> None:
    """Pause RUN: nodes that act finish, none begins. Also all open runs of a workflow or of a person."""


@_steering(RunControl.NONE, "resume", "resumed")
def resume() -> None:
    """Let the paused RUN go on. Also all paused runs of a workflow or of a person."""


@_steering(RunControl.CANCEL, "cancel", "cancelled")
def cancel() -> None:
    """Cancel RUN: it ends, and what it did is taken back. Also all open runs of a workflow or a person."""


@click.command()
@click.argument("run")
@click.argument("node")
@MAP_INDEX
@with_reason
@signed_in
def retry(run: str, node: str, *, map_index: int, why: str, login: str, password_stdin: bool) -> None:
    """Let NODE of RUN, which has failed, try again at once; what it did is not done twice."""
    with database() as db, _engine(db, login, password_stdin=password_stdin) as (_, api):
        step = steps.retry(db, api, run, node, person(login, why), map_index=map_index)
    tell(f"{step.name} of {step.run.dag_id}/{step.run.dag_run_id} tries again")


@click.command()
@click.argument("run")
@click.argument("node")
@MAP_INDEX
@click.option("--plan", is_flag=True, help="Only show what reads its output, and what that will see.")
@click.option("--why", help="The reason, for the audit log. Needed without --plan.")
@signed_in
def skip(
    run: str, node: str, *, map_index: int, plan: bool, why: str | None, login: str, password_stdin: bool
) -> None:
    """Give NODE of RUN up: the run goes on behind it as if it had been done, and it has no output."""
    if not plan and why is None:
        raise InvalidInput("say --why", hint="or look first, with --plan")
    with database() as db, _engine(db, login, password_stdin=password_stdin) as (_, api):
        step = steps.to_skip(db, api, run, node, map_index=map_index)
        for reader in step.read_by:
            tell(f"{reader.place} reads {step.name}: {reader.sees}")
        if not step.read_by:
            tell(f"nothing that is still to come reads the output of {step.name}")
        if not plan:
            steps.skip(db, api, run, node, person(login, why or ""), map_index=map_index)
            tell(f"{step.name} of {step.run.dag_id}/{step.run.dag_run_id} is given up, and has no output")


COMMANDS = (start, pause, resume, cancel, retry, skip)


@contextmanager
def _engine(db: Database, login: str, *, password_stdin: bool) -> Iterator[tuple[Engine, AirflowApi]]:
    with airflow_of(login, password_stdin=password_stdin) as api:
        yield Engine(db, api, load_settings(), by=principal().actor), api


def _check_which(
    run: str | None, workflow: str | None, employee: str | None, org: str | None, expected: int | None
) -> None:
    if (run is None) is (workflow is None and employee is None):
        raise click.UsageError("say which: RUN, or --workflow or --employee with --org")
    if run is None and org is None:
        raise click.UsageError("give --org")
    if run is not None and expected is not None:
        raise click.UsageError("--expect goes with --workflow or --employee")


def _check_count(names: Sequence[RunName], expected: int | None) -> None:
    if expected is not None and len(names) != expected:
        raise NotSteerable(
            f"{len(names)} runs are concerned, and {expected} were expected: nothing is changed",
            hint=f"`{typed('run list')}` shows them",
        )


def _is_confirmed(names: Sequence[RunName], doing: str, *, yes: bool, json_output: bool) -> bool:
    if not names:
        if json_output:
            show_json([])
        else:
            tell(f"there is no open run to {doing}")
        return False
    if yes:
        return True
    text = f"{doing.capitalize()} {len(names)} run{'s' if len(names) > 1 else ''}?"
    return click.confirm(text, err=True)


def _steer(
    engine: Engine,
    run: str | None,
    names: Sequence[RunName] | None,
    wanted: RunControl,
    *,
    why: str,
    done: str,
    json_output: bool,
) -> list[dict[str, Any]]:
    """What became of each; one of many that cannot be steered keeps no other from it."""
    if names is None:
        return [_told(engine.steer(run or "", wanted, why=why), done, json_output=json_output)]
    told = []
    for name in names:
        try:
            told.append(_told(engine.steer_named(name, wanted, why=why), done, json_output=json_output))
        except OfficeFlowError as error:
            told.append({**_names(name), "changed": False, "error": error.code, "message": error.message})
            if not json_output:
                tell(f"{name} is not {done}: {error}", err=True)
    return told


def _told(found: Done, done: str, *, json_output: bool) -> dict[str, Any]:
    if not json_output:
        tell(f"{found.run} is {done}" if found.changed else f"{found.run} is as it was: {found.told}")
    return {**_names(found.run), "changed": found.changed, **({"told": found.told} if found.told else {})}


def _names(run: RunName) -> dict[str, Any]:
    return {"run": str(run), "run_id": str(run.run_id)}


def _await(
    db: Database,
    wanted: RunControl,
    told: Sequence[Mapping[str, Any]],
    done: str,
    *,
    timeout: float | None,
    json_output: bool,
) -> None:
    """Tells how many are there; exit status 3 where not all were in time."""
    ids = [one["run_id"] for one in told if "error" not in one]
    until, before = None if timeout is None else time.monotonic() + timeout, -1
    with interruptible(lambda: f"nobody waits any more; they are {done} all the same"):
        while ids:
            there = progress.in_step(db, ids, wanted)
            if there != before and not json_output:
                tell(f"{there} of {len(ids)} {done} in Airflow")
            before = there
            if there == len(ids):
                return
            if until is not None and time.monotonic() >= until:
                sys.exit(NOT_YET)
            time.sleep(LOOK_SECONDS)


def _object(text: str, path: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{path} is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{path} is not a JSON object", hint='such as {"employee": "E-1", "payload": {}}')
    return value
