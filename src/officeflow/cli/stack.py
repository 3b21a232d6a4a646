"""`officeflow up | logs | down | reset`."""

from __future__ import annotations

import difflib
import os
import sys

import click

from officeflow import terminal
from officeflow.cli.common import echo
from officeflow.cli.status import show_status
from officeflow.errors import NotKnown, Unavailable
from officeflow.stack import control, logfiles
from officeflow.stack.layout import Layout, read_json


@click.command()
@click.option("--no-demo", is_flag=True, help="Only start; hire nobody.")
@click.option(
    "--executor",
    type=click.Choice(["local", "celery"]),
    envvar="OFFICEFLOW_EXECUTOR",
    help="Where Airflow runs tasks: in processes of its scheduler, or in a Celery worker. Kept for later starts; at first: local.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard output; progress goes to standard error.")
def up(*, no_demo: bool, executor: str | None, as_json: bool) -> None:
    """Start everything, hire an invented person, and show what came of it.

    Safe at any time: what runs goes on running, nothing is done twice. Exit status 0 only if the evidence is there.
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
    stack = start_stack(layout, progress=progress, given=given, executor=executor, passed=passed_on())
    if no_demo:
        show_status(control.status(layout), json_output=as_json)
        return
    from officeflow.demo.run import run_demo
    from officeflow.stack.own_ports import guard

    os.environ.update(stack.environment)
    guard()
    if not run_demo(stack, load_settings(), json_output=as_json, progress=progress):
        sys.exit(1)


def _see_that_the_settings_will_do() -> None:
    """Before anything that runs is touched. Raises `InvalidInput` with every wrong one, or says what is wrong with a package."""
    from officeflow.catalog.registry import node_types
    from officeflow.settings import load_settings

    if load_settings().node_packages:
        node_types()


@click.command()
@click.argument("name", required=False)
@click.option("-f", "--follow", "follows", is_flag=True, help="Go on with what is written from now on; Ctrl-C ends it.")
@click.option("-n", "--lines", default=50, show_default=True, help="Lines to show of each log.")
def logs(*, name: str | None, follows: bool, lines: int) -> None:
    """Show the log of the process NAME, or of all."""
    layout = Layout.from_environment()
    known = [service["name"] for service in read_json(layout.state_file).get("services", ())]
    if name is not None and name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise NotKnown(f"no process is called {name!r}", hint=f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}")
    wanted = {each: layout.log_file(each) for each in ([name] if name else known)}
    for each, path in wanted.items():
        for line in logfiles.last_lines(path, lines):
            _show_line(line, "" if name else each)
    if follows:
        for each, line in logfiles.follow(wanted):
            _show_line(line, "" if name else each)


def _show_line(line: str, name: str) -> None:
    echo(f"{name}: {terminal.log(line)}" if name else terminal.log(line))


@click.command()
def down() -> None:
    """Stop every process; nodes that act have a minute to finish. The data stays, and `officeflow up` goes on with it."""
    from officeflow.stack.progress import TextProgress

    layout = Layout.from_environment()
    echo("Stopped." if control.stop(layout, TextProgress(sys.stderr)) else f"The stack in {layout.home} does not run.")


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(*, yes: bool) -> None:
    """Stop, and remove all data, logs and secrets of this folder. The installed packages stay."""
    layout = Layout.from_environment()
    if not yes:
        if not sys.stdin.isatty():
            raise Unavailable("reset asks first, and there is nobody to answer", hint="--yes does it without asking")
        click.confirm(f"Remove all data, logs and secrets in {layout.home}? This cannot be undone", abort=True)
    removed = control.reset(layout)
    echo(f"Removed {', '.join(map(str, removed))}." if removed else "There was nothing to remove.")
