"""What can be known of a stack and done to it once it was started."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from officeflow.errors import Unavailable
from officeflow.layout import Layout, read_json
from officeflow.runtime import holders, processes
from officeflow.stack import ports
from officeflow.stack.progress import Progress
from officeflow.stack.stack import GIVEN_BY
from officeflow.stack.supervision.states import ProcessState
from officeflow.stack.supervision.supervisor import Supervisor

MADE_BY_US = (
    "data",
    "logs",
    "run",
    "health",
    "anchors",
    "secrets.json",
    "secrets.lock",
    "ports.json",
    "stack.json",
)
"""What `reset` removes of a home.

The environments and the broker's jars stay: they hold nothing of anybody.
"""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """`state` is supervisord's.

    `strangers` says of each of its ports that another program listens on which one that is.
    """

    name: str
    state: ProcessState
    pid: int | None = None
    seconds: int = 0
    memory_bytes: int = 0
    memory_is_exact: bool = True
    ports: Mapping[str, int] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    strangers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Status:
    """`memory_bytes` is the whole stack's, with supervisord and all children; where it is not exact, it is at
    most that.

    `fallback` is PostgreSQL's folder where not in the home.
    """

    running: bool
    home: str
    services: tuple[ServiceStatus, ...] = ()
    given: tuple[str, ...] = ()
    memory_bytes: int = 0
    memory_is_exact: bool = True
    fallback: str | None = None

    @property
    def healthy(self) -> bool:
        return (
            self.running
            and bool(self.services)
            and all(
                service.state == ProcessState.RUNNING and not service.strangers for service in self.services
            )
        )

    def as_json(self) -> dict[str, Any]:
        return {"healthy": self.healthy, **asdict(self)}


def is_running(layout: Layout) -> bool:
    return Supervisor(layout).is_running()


def status(layout: Layout, *, with_memory: bool = True) -> Status:
    """What was started last, and how it is now.

    Memory takes the kernel a while to count, on a busy machine seconds.
    """
    state = read_json(layout.state_file)
    supervisor = Supervisor(layout)
    running = supervisor.is_running()
    seen = supervisor.states() if running else {}
    services = tuple(
        _service(layout, told, seen.get(told["name"], {}), with_memory=with_memory)
        for told in state.get("services", ())
    )
    taken = (
        processes.memory(processes.tree(supervisor.pid())) if running and with_memory else processes.Memory()
    )
    return Status(
        running=running,
        home=str(layout.home),
        services=services,
        given=tuple(name for name in state.get("given", ()) if name in GIVEN_BY),
        memory_bytes=taken.size,
        memory_is_exact=taken.is_exact,
        fallback=state.get("fallback"),
    )


def _service(
    layout: Layout, told: Mapping[str, Any], seen: Mapping[str, Any], *, with_memory: bool
) -> ServiceStatus:
    held = holders.strangers(layout, dict.fromkeys(told["ports"].values(), told["name"]))
    pid = seen.get("pid") or None
    taken = processes.memory(processes.tree(pid)) if pid and with_memory else processes.Memory()
    return ServiceStatus(
        name=told["name"],
        state=ProcessState(seen.get("statename", ProcessState.STOPPED)),
        pid=pid,
        seconds=int(seen["now"] - seen["start"]) if pid else 0,
        memory_bytes=taken.size,
        memory_is_exact=taken.is_exact,
        ports=told["ports"],
        urls=told["urls"],
        strangers={port: str(holder) for port, holder in held.items()},
    )


def stop(layout: Layout, progress: Progress | None = None) -> bool:
    """End every process of the stack; False where none was running. The data stays."""
    supervisor = Supervisor(layout)
    was_running = supervisor.is_running()
    if was_running:
        supervisor.shutdown(progress=progress)
    left = processes.end_leftovers(layout.run) if layout.run.exists() else []
    ports.release(layout)
    return was_running or bool(left)


def reset(layout: Layout) -> list[Path]:
    """Stop, and remove all data, logs and secrets; returns what was removed.

    The next start is a first one, without downloads.
    """
    fallback = read_json(layout.state_file).get("fallback")
    stop(layout)
    removed = []
    for path in [*(layout.home / name for name in MADE_BY_US), *([Path(fallback)] if fallback else [])]:
        try:
            if path.is_dir():
                shutil.rmtree(path)
                removed.append(path)
            elif path.exists():
                path.unlink()
                removed.append(path)
        except OSError as error:
            raise Unavailable(
                f"{path} cannot be removed: {error.strerror}", hint="was it made by another user?"
            ) from error
    return removed
