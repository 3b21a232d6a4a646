"""`officeflow up | logs | down | reset`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from officeflow import terminal
from officeflow.cli.common import echo, tell
from officeflow.cli.interrupts import interruptible, stack_goes_on
from officeflow.cli.status import show_status
from officeflow.errors import NotKnown, Unavailable, did_you_mean
from officeflow.layout import Layout, read_json
from officeflow.program import typed
from officeflow.stack.supervision import control, logfiles

if TYPE_CHECKING:
    from officeflow.stack.stack import Stack

OF_NAMED, OF_EACH = 50, 10
"""Lines that `logs` shows where nobody says how many."""

TYPES_TOLD = 20
"""Workflows with node types that nobody knows, of which `up` tells."""


@click.command()
@click.option("--no-demo", is_flag=True, help="Only start; hire nobody.")
@click.option(
    "--executor",
    type=click.Choice(["local", "celery"]),
    envvar="OFFICEFLOW_EXECUTOR",
    help=(
        "Where Airflow runs tasks: in processes of its scheduler, or in a Celery worker. Kept for later"
        " starts; at first: local."
    ),
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the summary as JSON on standard output; progress goes to standard error.",
)
def up(*, no_demo: bool, executor: str | None, as_json: bool) -> None:
    """Start everything, hire an invented person, and show what came of it.

    Safe at any time: what runs goes on running, nothing is done twice. Exit status 0 only if the evidence is
    there.
    """
    from officeflow.settings import load_settings
    from officeflow.stack.calling import passed_on, refused
    from officeflow.stack.progress import TextProgress
    from officeflow.stack.stack import Given
    from officeflow.stack.up import start_stack

    layout = Layout.from_environment()
    given = Given.from_environment(layout)
    _see_that_the_settings_will_do()
    for name, why in refused(layout, given).items():
        echo(f"officeflow: {name} is set and not used: {why}", err=True)
    progress = TextProgress(sys.stderr if as_json else sys.stdout)
    with interruptible(lambda: stack_goes_on(layout, "up")):
        stack = start_stack(layout, progress=progress, given=given, executor=executor, passed=passed_on())
        _tell_types_that_nobody_knows(stack)
        if no_demo:
            show_status(control.status(layout), json_output=as_json)
            return
        from officeflow.demo.run import run_demo
        from officeflow.runtime.own_ports import guard

        os.environ.update(stack.environment)
        guard()
        if not run_demo(stack, load_settings(), json_output=as_json, progress=progress):
            sys.exit(1)


def _see_that_the_settings_will_do() -> None:
    """Before anything that runs is touched.

    Raises `InvalidInput` with every wrong one, or says what is wrong with a package.
    """
    from officeflow.catalog.registry import node_types
    from officeflow.connectors.providers import load_clients
    from officeflow.settings import load_settings

    if load_settings().node_packages:
        node_types()
        load_clients()


def _tell_types_that_nobody_knows(stack: Stack) -> None:
    """Workflows may have been published while the processes had packages that they were not given this
    time.
    """
    from officeflow.catalog import registry
    from officeflow.database.engine import Database
    from officeflow.workflows.store import with_other_types

    url, service_url = stack.database_url, stack.database_service_url
    with Database(url, service_url=service_url) as database, database.service() as session:
        found = with_other_types(session, registry.type_names(), most=TYPES_TOLD)
    for org, slug, types in found:
        echo(
            f"officeflow: workflow {slug} of {org}: there is no node type {', '.join(types)}: its runs wait"
            " for it, for an hour",
            err=True,
        )
    if found:
        echo(f"officeflow: {registry.WHERE_OTHERS_ARE}: set it, and call `{typed('up')}` again", err=True)


@click.command()
@click.argument("names", metavar="[NAME]…", nargs=-1)
@click.option(
    "-f", "--follow", "follows", is_flag=True, help="Go on with what is written from now on; Ctrl-C ends it."
)
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(0, 1_000_000),
    help="Lines to show of each log: 50 of those that are named, 10 where none is; with -f of all none.",
)
def logs(*, names: tuple[str, ...], follows: bool, lines: int | None) -> None:
    """Show the logs of the processes NAME, or of all."""
    layout = Layout.from_environment()
    known = [service["name"] for service in read_json(layout.state_file).get("services", ())]
    if not known:
        raise NotKnown(f"no stack was started in {layout.home}", hint=f"`{typed('up')}` starts one")
    if lines is None:
        lines = OF_NAMED if names else 0 if follows else OF_EACH
    wanted = {each: layout.log_file(each) for each in _named(names, known)}
    ends = {each: logfiles.size(path) for each, path in wanted.items()}
    with interruptible(lambda: stack_goes_on(layout)):
        for each, path in wanted.items():
            for line in logfiles.last_lines(path, lines, end=ends[each]):
                _show_line(line, each if len(wanted) > 1 else "")
        if follows:
            for each, line in logfiles.follow(wanted, starts=ends):
                _show_line(line, each if len(wanted) > 1 else "")


def _named(names: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    for name in names:
        if name not in known:
            raise NotKnown(
                f"no process is called {name!r}",
                hint=did_you_mean(name, known) or f"known: {', '.join(known)}",
            )
    return list(dict.fromkeys(names)) or known


def _show_line(line: str, name: str) -> None:
    echo(f"{name}: {terminal.log(line)}" if name else terminal.log(line))


@click.command()
def down() -> None:
    """Stop every process; nodes that act have a minute to finish.

    The data stays, and `up` goes on with it.
    """
    from officeflow.stack.progress import TextProgress

    layout = Layout.from_environment()
    with interruptible(lambda: stack_goes_on(layout, "down")):
        was_running = control.stop(layout, TextProgress(sys.stderr))
    tell("Stopped." if was_running else f"The stack in {layout.home} does not run.")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, yes: bool) -> None:
    """Stop, and remove all data, logs and secrets of this folder. The installed packages stay."""
    layout = Layout.from_environment()
    if not yes:
        if not sys.stdin.isatty():
            raise Unavailable(
                "reset asks first, and there is nobody to answer", hint="--yes does it without asking"
            )
        click.confirm(
            f"Remove all data, logs and secrets in {layout.home}? This cannot be undone", abort=True
        )
    with interruptible(lambda: stack_goes_on(layout, "reset")):
        removed = control.reset(layout)
    tell(f"Removed {', '.join(map(str, removed))}." if removed else "There was nothing to remove.")
