"""`officeflow status`: every process, and what the platform is at."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from officeflow import terminal
from officeflow.cli.common import echo, show_json
from officeflow.stack import control
from officeflow.stack.layout import Layout, read_json

GIBIBYTE = 2**30


@click.command()
@click.option("--json", "json_output", is_flag=True, help="Print JSON, for programs; with --watch, an object per line.")
@click.option("-w", "--watch", "watches", is_flag=True, help="Look again and again; Ctrl-C ends it.")
@click.option("--every", default=2.0, show_default=True, type=click.FloatRange(min=0.2), help="With --watch: seconds between two looks.")
def status(*, json_output: bool, watches: bool, every: float) -> None:
    """Show every process (state, pid, ports, memory), what waits where, and the last errors.

    Exit status 1 where a process does not run.
    """
    layout = Layout.from_environment()
    healthy = False
    try:
        while True:
            found, at = control.status(layout), _activity(layout)
            healthy = found.healthy
            if not watches:
                show_status(found, at, json_output=json_output)
                break
            _show_round(found, at, json_output=json_output)
            time.sleep(every)
    except KeyboardInterrupt:
        echo()
    sys.exit(0 if healthy else 1)


def show_status(found: control.Status, at: Mapping[str, Any] | None = None, *, json_output: bool) -> None:
    if json_output:
        show_json(_as_json(found, at))
    else:
        echo("\n".join([*process_lines(found), *activity_lines(at or {})]))


def _show_round(found: control.Status, at: Mapping[str, Any], *, json_output: bool) -> None:
    """On a terminal in place of the last one; elsewhere below it."""
    now = dt.datetime.now(dt.UTC)
    if json_output:
        show_json({"at": now.isoformat(timespec="milliseconds"), **_as_json(found, at)}, indent=None)
        return
    lines = [f"{now:%Y-%m-%d %H:%M:%S}Z", *process_lines(found), *activity_lines(at), ""]
    click.clear()
    echo("\n".join(lines))


def _as_json(found: control.Status, at: Mapping[str, Any] | None) -> dict[str, Any]:
    return found.as_json() | ({} if at is None else {"activity": at})


def _activity(layout: Layout) -> Mapping[str, Any]:
    """Of the stack that was started last; empty where there is none."""
    environment: Mapping[str, str] = read_json(layout.state_file).get("environment", {})
    if not environment or not control.is_running(layout):
        return {}
    from officeflow.settings import load_settings
    from officeflow.stack.activity import activity

    prefix = "OFFICEFLOW_"
    named = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
    return activity(load_settings(**named), layout)


def process_lines(found: control.Status) -> Iterator[str]:
    if not found.running:
        yield f"The stack in {found.home} does not run. `officeflow up` starts it."
        return
    for service in found.services:
        told = ", ".join([*(f"{name} {port}" for name, port in service.ports.items()), *service.urls.values()])
        memory = f"{service.memory_bytes / 2**20:.0f} MiB"
        yield f"{service.name:22}{service.state:10}{service.pid or '-':>8}{_duration(service.seconds):>8}{memory:>10}  {told}"
    yield f"\nMemory of the whole stack: {found.memory_bytes / GIBIBYTE:.2f} GiB. Folder: {found.home}"
    yield f"Airflow's login: admin, password under airflow_admin in {found.home}/secrets.json"
    if found.fallback:
        yield f"PostgreSQL's data: {found.fallback} (its account cannot enter {found.home})"
    if found.given:
        yield f"Used, not started: {', '.join(found.given)}"


def activity_lines(at: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A line per part that is known or says why it is not, and then the last errors."""
    tellers = {
        "inbox": ("Inbox", _waiting, "event"),
        "outbox": ("Outbox", _waiting, "message"),
        "listener": ("Listener", _listener, ""),
        "tasks": ("Tasks", _tasks, ""),
        "runs": ("Runs", _runs, ""),
        "ledger": ("Acts", _acts, ""),
        "refused": ("Quarantine", _waiting, "message"),
        "waits": ("Waits", _waits, ""),
        "processes": ("Duties", _duties, ""),
    }
    if at:
        yield ""
    for part, (title, tell, what) in tellers.items():
        if facts := at.get(part):
            yield f"{title:12}{'not known: ' + str(facts['unknown']) if 'unknown' in facts else tell(facts, what)}"
    if errors := list(_errors(at)):
        yield "\nLast errors"
        yield from (f"  {terminal.line(error)}" for error in errors)


def _waiting(facts: Mapping[str, Any], what: str) -> str:
    count, aside = facts["waiting"], facts.get("set_aside", 0)
    if not count:
        return f"nothing waits, {aside} set aside: {facts['problem']}" if aside else "nothing waits"
    text = f"{count} {what}{'' if count == 1 else 's'} wait{'s' if count == 1 else ''}"
    if facts.get("oldest_seconds") is not None:
        text += f", the oldest for {_duration(int(facts['oldest_seconds']))}"
    return text + (f": {facts['problem']}" if facts.get("problem") else "")


def _listener(facts: Mapping[str, Any], _: str) -> str:
    behind = ", ".join(f"{topic} {count}" for topic, count in facts["behind"].items())
    return f"{facts['messages']} behind in {facts['topics']} topics" + (f": {behind}" if behind else "")


def _tasks(facts: Mapping[str, Any], _: str) -> str:
    queues = {queue: states for queue, states in facts["queues"].items() if states}
    told = [f"{queue}: " + ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in states.items()) for queue, states in queues.items()]
    return "; ".join(told) or "none waits or runs"


def _acts(facts: Mapping[str, Any], _: str) -> str:
    text = f"{facts['open']} open"
    if facts["open"] and facts["oldest_seconds"] is not None:
        text += f", the oldest for {_duration(int(facts['oldest_seconds']))}"
    asked = f", {facts['asked']} asked (`officeflow ledger resolve` answers): " if facts["asked"] else ", none asked"
    return text + asked + ", ".join(f"{ask['run']} {ask['node']}" for ask in facts["asks"])


def _runs(facts: Mapping[str, Any], _: str) -> str:
    told = [f"{count} {status.lower()}" for status, count in facts["open"].items()]
    failed = f"{facts['failed']} failed within a day" + (" (`officeflow run list --status failed`)" if facts["failed"] else "")
    return ", ".join([*(told or ["none open"]), failed])


def _waits(facts: Mapping[str, Any], _: str) -> str:
    """Questions first: they wait for somebody, however short a time."""
    asked, count = facts.get("asked", ()), facts.get("questions", 0)
    told = [f"{count} question{'' if count == 1 else 's'} to people in Airflow's Required actions"] if count else []
    others = [wait for wait in facts["longest"] if wait not in asked]
    told += [
        f"{wait['what']} since {wait['since']}" + (f" until {wait['until']}" if wait["until"] else "") + f": {wait['why']}"
        for wait in [*asked, *others]
    ]
    return "; ".join(told) or "nothing unusually long"


def _duties(facts: Mapping[str, Any], _: str) -> str:
    troubles = [f"{name}: {duty} fails: {why}" for name, failing in facts["failing"].items() for duty, why in failing.items()]
    troubles += [f"{name} is {facts['states'].get(name)}: {why}" for name, why in facts["errors"].items()]
    troubles += [f"{name} holds {', '.join(held)}, where too much is bad" for name, held in facts.get("held", {}).items()]
    passed_over = facts.get("passed_over", 0)
    return ("; ".join(troubles) or "all done") + (f"; {passed_over} messages without a value passed over" if passed_over else "")


def _errors(at: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for act in at.get("ledger", {}).get("failures", ()):
        where = f"{act['run']} {act['node']}".rstrip()
        yield f"{act['at']}  {where}: {act['code']}: {act['message']}"
    for event in at.get("inbox", {}).get("problems", ()):
        yield f"{event['at']}  event {event['event_id']}: {event['problem']}"
    for letter in at.get("refused", {}).get("newest", ()):
        yield f"{letter['at']}  refused on {letter['topic']}: {letter['reason']}"


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
