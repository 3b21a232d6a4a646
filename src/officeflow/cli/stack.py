"""`officeflow up | status | logs | down | reset`."""

from __future__ import annotations

import difflib
import json
import os
import sys

import click

from officeflow.errors import NotKnown, Unavailable
from officeflow.stack import control, logfiles
from officeflow.stack.layout import Layout, read_json

GIBIBYTE = 2**30


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
    from officeflow.stack.progress import TextProgress
    from officeflow.stack.stack import Given
    from officeflow.stack.up import start_stack

    layout = Layout.from_environment()
    progress = TextProgress(sys.stderr if as_json else sys.stdout)
    stack = start_stack(layout, progress=progress, given=Given.from_environment(layout), executor=executor)
    if no_demo:
        _show(control.status(layout), as_json=as_json)
        return
    from officeflow.demo.run import run_demo

    os.environ.update(stack.environment)
    if not run_demo(stack, load_settings(), json_output=as_json, progress=progress):
        sys.exit(1)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def status(*, as_json: bool) -> None:
    """Show every process: state, pid, ports, addresses, memory. Exit status 1 where something does not run."""
    found = control.status(Layout.from_environment())
    _show(found, as_json=as_json)
    if not found.healthy:
        sys.exit(1)


def _show(found: control.Status, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
        return
    if not found.running:
        click.echo(f"The stack in {found.home} does not run. `officeflow up` starts it.")
        return
    for service in found.services:
        told = ", ".join([*(f"{name} {port}" for name, port in service.ports.items()), *service.urls.values()])
        memory = f"{service.memory_bytes / 2**20:.0f} MiB"
        click.echo(f"{service.name:22}{service.state:10}{service.pid or '-':>8}{_duration(service.seconds):>8}{memory:>10}  {told}")
    click.echo(f"\nMemory of the whole stack: {found.memory_bytes / GIBIBYTE:.2f} GiB. Folder: {found.home}")
    click.echo(f"Airflow's login: admin, password under airflow_admin in {found.home}/secrets.json")
    if found.fallback:
        click.echo(f"PostgreSQL's data: {found.fallback} (its account cannot enter {found.home})")
    if found.given:
        click.echo(f"Used, not started: {', '.join(found.given)}")


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


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
            click.echo(line if name else f"{each}: {line}")
    if follows:
        for each, line in logfiles.follow(wanted):
            click.echo(line if name else f"{each}: {line}")


@click.command()
def down() -> None:
    """Stop every process. The data stays, and `officeflow up` goes on with it."""
    layout = Layout.from_environment()
    click.echo("Stopped." if control.stop(layout) else f"The stack in {layout.home} does not run.")


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
    click.echo(f"Removed {', '.join(map(str, removed))}." if removed else "There was nothing to remove.")
