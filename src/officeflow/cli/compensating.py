"""`officeflow run compensate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from officeflow.cli import identity
from officeflow.cli.common import as_json, database, show_json, show_rows, tell
from officeflow.cli.signing_in import airflow_of, person
from officeflow.errors import InvalidInput
from officeflow.program import typed
from officeflow.terminal import line


@click.command()
@click.argument("run", metavar="RUN")
@click.option("--plan", "only_plan", is_flag=True, help="Show what would be taken back, and do nothing.")
@click.option("--why", help="The reason, for the audit log. Needed without --plan.")
@click.option("--login", envvar="OFFICEFLOW_LOGIN", help="Your Airflow login. [env: OFFICEFLOW_LOGIN]")
@click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input instead of asking for it.",
)
@as_json
def compensate(
    run: str,
    *,
    only_plan: bool,
    why: str | None,
    login: str | None,
    password_stdin: bool,
    json_output: bool,
) -> None:
    """Take back what RUN did, also where it succeeded: the last act first, each once.

    RUN has ended; `run cancel` cancels one that has not, which undoes it too. With --plan it shows what would
    be taken back, in order, and what cannot be.
    """
    from officeflow.runner.undoing import by_hand

    if only_plan:
        with database() as db:
            found = by_hand.shown(db, run)
    else:
        if not why or not (login or identity.token()):
            raise InvalidInput("say --why and --login", hint="or look first, with --plan")
        with database() as db, airflow_of(login or "", password_stdin=password_stdin) as api:
            found = by_hand.compensate(db, api, run, person(login or "", why))
    told = found.to_json()
    if json_output:
        show_json(told)
        return
    _show(told)
    if not only_plan:
        tell(f"its task undo does that now: `{typed('run watch')} {told['run']}`")


def _show(told: Mapping[str, Any]) -> None:
    tell(f"{told['run']}  {told['status']}")
    rows = [
        {"": number, "node": _names(step), "is taken back": step["told"], "did": step["acts"][0]["did"]}
        for number, step in enumerate(told["steps"], 1)
    ]
    show_rows(rows, json_output=False, nothing="nothing of it would be taken back")
    for each in told["remaining"]:
        name = _name(each) + (f" of {each['run']}" if each["run"] else "")
        did = f"{each['did']}; " if each["did"] else ""
        tell(line(f"remains: {name}  {did}{each['why']}"), hang="  ")


def _names(step: Mapping[str, Any]) -> str:
    names = ", ".join(map(_name, step["acts"]))
    return f"{names} of {step['run']}" if step["run"] else names


def _name(act: Mapping[str, Any]) -> str:
    return f"{act['node']}[{act['map_index']}]" if act["map_index"] >= 0 else str(act["node"])
