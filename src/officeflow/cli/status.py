"""`officeflow status`: every process, and what the platform is at."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import click

from officeflow import columns, terminal
from officeflow.cli.common import echo, show_json
from officeflow.cli.interrupts import interruptible, stack_goes_on
from officeflow.cli.screen import screen
from officeflow.counts import counted
from officeflow.layout import Layout
from officeflow.program import typed
from officeflow.stack.supervision import control

MEBIBYTE, GIBIBYTE = 2**20, 2**30
PROCESS_COLUMNS = ("process", "state", "pid", "for", "memory", "ports")
TITLE_WIDTH = 12


@click.command()
@click.option(
    "--json", "json_output", is_flag=True, help="Print JSON, for programs; with --watch, an object per line."
)
@click.option("-w", "--watch", "watches", is_flag=True, help="Look again and again; Ctrl-C ends it.")
@click.option(
    "--every",
    default=2.0,
    show_default=True,
    type=click.FloatRange(min=0.2),
    help="With --watch: seconds between two looks.",
)
def status(*, json_output: bool, watches: bool, every: float) -> None:
    """Show every process (state, pid, ports, memory), what waits where, and the last errors.

    Exit status 1 where a process does not run.
    """
    layout = Layout.from_environment()
    if watches:
        with interruptible(lambda: stack_goes_on(layout)):
            _watch(layout, every, json_output=json_output)
    found = control.status(layout)
    show_status(found, _activity(layout), json_output=json_output)
    sys.exit(0 if found.healthy else 1)


def show_status(found: control.Status, at: Mapping[str, Any] | None = None, *, json_output: bool) -> None:
    if json_output:
        show_json(_as_json(found, at))
    else:
        echo("\n".join(_lines(found, at or {}, columns.width_of(sys.stdout))))


def _watch(layout: Layout, every: float, *, json_output: bool) -> NoReturn:
    """A picture that is drawn again in place; elsewhere than on a terminal one below the other, or an object
    per line.
    """
    in_place = columns.can_redraw(sys.stdout) and not json_output
    with screen(sys.stdout) if in_place else contextlib.nullcontext() as picture:
        while True:
            found, at, now = control.status(layout), _activity(layout), dt.datetime.now(dt.UTC)
            if json_output:
                show_json({"at": now.isoformat(timespec="milliseconds"), **_as_json(found, at)}, indent=None)
            elif picture:
                picture.draw(
                    picture_lines(found, at, now, width=columns.width_of(sys.stdout), height=picture.height)
                )
            else:
                echo("\n".join([f"{now:%Y-%m-%d %H:%M:%S}Z", *_lines(found, at, None), ""]))
            time.sleep(every)


def picture_lines(
    found: control.Status, at: Mapping[str, Any], now: dt.datetime, *, width: int | None, height: int
) -> list[str]:
    """All that `status` shows; in a window that is not high enough for it what changes: processes without
    their ports, and activity.
    """
    title = f"{now:%Y-%m-%d %H:%M:%S}Z"
    lines = [title, *_lines(found, at, width)]
    if len(lines) <= height or not found.running:
        return lines
    rows = [_process(service)[:-1] for service in found.services]
    short = [f"{title}  memory {_whole_memory(found)}", *columns.table(PROCESS_COLUMNS[:-1], rows, width)]
    return short + [line for text in activity_lines(at) if text for line in _wrapped(text.strip("\n"), width)]


def _lines(found: control.Status, at: Mapping[str, Any], width: int | None) -> list[str]:
    said = [
        *process_lines(found, width),
        *(line for text in activity_lines(at) for line in _wrapped(text, width)),
    ]
    return [line for text in said for line in text.split("\n")]


def _wrapped(text: str, width: int | None) -> list[str]:
    return columns.wrap(text, width, hang="  " if text.startswith(" ") else " " * TITLE_WIDTH)


def _as_json(found: control.Status, at: Mapping[str, Any] | None) -> dict[str, Any]:
    return found.as_json() | ({} if at is None else {"activity": at})


def _activity(layout: Layout) -> Mapping[str, Any]:
    """Of the stack that was started last; empty where there is none."""
    if not control.is_running(layout):
        return {}
    from officeflow.monitoring.activity import activity, settings_of_stack

    settings = settings_of_stack(layout)
    return activity(settings, layout) if settings else {}


def process_lines(found: control.Status, width: int | None = None) -> Iterator[str]:
    if not found.running:
        yield from columns.wrap(f"The stack in {found.home} does not run. `{typed('up')}` starts it.", width)
        return
    yield from columns.table(PROCESS_COLUMNS, list(map(_process, found.services)), width)
    told = list(_taken(found))
    memory = f"\nMemory of the whole stack: {_whole_memory(found)}"
    told += [
        memory
        + (
            ", pages that processes share counted once"
            if found.memory_is_exact
            else ": not all tell which pages they share"
        )
    ]
    told += [
        f"Folder: {found.home}",
        f"Airflow's login: admin, password under airflow_admin in {found.home}/secrets.json",
    ]
    if found.fallback:
        told.append(f"PostgreSQL's data: {found.fallback} (its account cannot enter {found.home})")
    if found.given:
        told.append(f"Used, not started: {', '.join(found.given)}")
    yield from (line for each in told for line in columns.wrap(each, width, hang="  "))


def _taken(found: control.Status) -> Iterator[str]:
    for service in found.services:
        for port, holder in service.strangers.items():
            what = (
                f"Port {port} of {service.name} is held by {holder}, no process of this stack: nothing is"
                " sent there."
            )
            yield f"\n{what} `{typed('up')}` takes another port."


def _process(service: control.ServiceStatus) -> list[str]:
    where = ", ".join([*(f"{name} {port}" for name, port in service.ports.items()), *service.urls.values()])
    memory = _memory(service.memory_bytes, MEBIBYTE, "MiB", exact=service.memory_is_exact)
    return [
        service.name,
        service.state,
        str(service.pid or columns.NOTHING),
        _duration(service.seconds),
        memory,
        where,
    ]


def _whole_memory(found: control.Status) -> str:
    return _memory(found.memory_bytes, GIBIBYTE, "GiB", exact=found.memory_is_exact)


def _memory(size: int, unit: int, unit_name: str, *, exact: bool) -> str:
    """Where the kernel does not show what a process shares, it takes at most so much."""
    return f"{'' if exact else '≤ '}{size / unit:.{2 if unit == GIBIBYTE else 0}f} {unit_name}"


def activity_lines(at: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A line per part that is known or says why it is not, and then the last errors."""
    tellers = {
        "inbox": ("Inbox", _waiting, "event"),
        "outbox": ("Outbox", _waiting, "message"),
        "listener": ("Listener", _listener, ""),
        "orders": ("Orders", _listener, ""),
        "tasks": ("Tasks", _tasks, ""),
        "runs": ("Runs", _runs, ""),
        "ledger": ("Acts", _acts, ""),
        "refused": ("Quarantine", _waiting, "message"),
        "releases": ("Releases", _releases, ""),
        "waits": ("Waits", _waits, ""),
        "processes": ("Duties", _duties, ""),
    }
    if at:
        yield ""
    for part, (title, tell, what) in tellers.items():
        if facts := at.get(part):
            line = f"not known: {facts['unknown']}" if "unknown" in facts else tell(facts, what)
            yield f"{title:{TITLE_WIDTH}}{line}"
    if errors := list(_errors(at)):
        yield "\nLast errors"
        yield from (f"  {terminal.line(error)}" for error in errors)


def _waiting(facts: Mapping[str, Any], what: str) -> str:
    count, aside = facts["waiting"], facts.get("set_aside", 0)
    if not count:
        return f"nothing waits, {aside} set aside: {facts['problem']}" if aside else "nothing waits"
    text = f"{counted(count, what)} wait{'s' if count == 1 else ''}"
    if facts.get("oldest_seconds") is not None:
        text += f", the oldest for {_duration(int(facts['oldest_seconds']))}"
    return text + (f": {facts['problem']}" if facts.get("problem") else "")


def _listener(facts: Mapping[str, Any], _: str) -> str:
    behind = ", ".join(f"{topic} {count}" for topic, count in facts["behind"].items())
    return f"{facts['messages']} behind in {counted(facts['topics'], 'topic')}" + (
        f": {behind}" if behind else ""
    )


def _tasks(facts: Mapping[str, Any], _: str) -> str:
    queues = {queue: states for queue, states in facts["queues"].items() if states}
    told = [
        f"{queue}: " + ", ".join(f"{n} {state.replace('_', ' ')}" for state, n in states.items())
        for queue, states in queues.items()
    ]
    return "; ".join(told) or "none waits or runs"


def _acts(facts: Mapping[str, Any], _: str) -> str:
    text = f"{facts['open']} open"
    if facts["open"] and facts["oldest_seconds"] is not None:
        text += f", the oldest for {_duration(int(facts['oldest_seconds']))}"
    asked = (
        f", {facts['asked']} asked (`{typed('ledger resolve')}` answers): "
        if facts["asked"]
        else ", none asked"
    )
    return text + asked + ", ".join(f"{ask['run']} {ask['node']}" for ask in facts["asks"])


def _runs(facts: Mapping[str, Any], _: str) -> str:
    told = [f"{count} {status.lower()}" for status, count in facts["open"].items()]
    failed = f"{facts['failed']} failed within a day" + (
        f" (`{typed('run list --status failed')}`)" if facts["failed"] else ""
    )
    return ", ".join([*(told or ["none open"]), failed])


def _waits(facts: Mapping[str, Any], _: str) -> str:
    """Questions first: they wait for somebody, however short a time."""
    asked, count = facts.get("asked", ()), facts.get("questions", 0)
    told = [f"{counted(count, 'question')} to people in Airflow's Required actions"] if count else []
    others = [wait for wait in facts["longest"] if wait not in asked]
    told += [
        f"{wait['what']} since {wait['since']}"
        + (f" until {wait['until']}" if wait["until"] else "")
        + f": {wait['why']}"
        for wait in [*asked, *others]
    ]
    return "; ".join(told) or "nothing unusually long"


def _releases(facts: Mapping[str, Any], _: str) -> str:
    told = [
        f"{each['organization']}: {counted(each['releases'], 'release')}"
        f" {'waits' if each['releases'] == 1 else 'wait'} for a second admin, the oldest for"
        f" {_duration(int(each['oldest_seconds']))}"
        + (f", {counted(each['events'], 'event')} held" if each["events"] else "")
        + f" (`{each['command']}`)"
        for each in facts["organizations"]
    ]
    return "; ".join(told) or "nothing waits for a second admin"


def _duties(facts: Mapping[str, Any], _: str) -> str:
    troubles = [
        f"{name}: {duty} fails: {why}"
        for name, failing in facts["failing"].items()
        for duty, why in failing.items()
    ]
    troubles += [f"{name} is {facts['states'].get(name)}: {why}" for name, why in facts["errors"].items()]
    troubles += [
        f"{name} holds {', '.join(held)}, where too much is bad"
        for name, held in facts.get("held", {}).items()
    ]
    if parking := facts.get("parking"):
        troubles += [f"parking: {parking['problem']}"] if parking["problem"] else []
    return "; ".join(["; ".join(troubles) or "all done", *_told_besides(facts)])


def _told_besides(facts: Mapping[str, Any]) -> Iterator[str]:
    if parked := (facts.get("parking") or {}).get("parked"):
        yield f"{counted(parked, 'run')} parked"
    if passed_over := facts.get("passed_over"):
        yield f"{counted(passed_over, 'message')} without a value passed over"


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
