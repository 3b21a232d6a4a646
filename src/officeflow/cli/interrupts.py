"""Ctrl-C: the command ends, and says what goes on without it and how to end that."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from officeflow.counts import counted
from officeflow.program import typed

if TYPE_CHECKING:
    from officeflow.layout import Layout

INTERRUPTED = 130
"""The exit status that shells give what SIGINT ended: 128 and the signal's number."""


@contextlib.contextmanager
def interruptible(goes_on: Callable[[], str]) -> Iterator[None]:
    """Who presses Ctrl-C in this block is told what `goes_on` returns; of blocks in each other the inner
    one's.
    """
    try:
        yield
    except KeyboardInterrupt as interrupt:
        if not interrupt.args:
            interrupt.args = (goes_on(),)
        raise


def in_foreground(command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> int:
    """Its exit status.

    Ctrl-C reaches it too, and is passed on when it has ended: it takes down what it started.
    """
    with subprocess.Popen(command, cwd=cwd, env=env) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise


def says(interrupt: KeyboardInterrupt) -> str:
    return f"stopped; {interrupt.args[0]}" if interrupt.args else "stopped"


def stack_goes_on(layout: Layout, again: str = "") -> str:
    """What of the stack runs without the command that was interrupted.

    `again` is the one that goes on where it stopped.
    """
    from officeflow.stack.supervision import control

    found = control.status(layout, with_memory=False)
    running = sum(service.pid is not None for service in found.services)
    more = [f"`{typed(again)}` goes on"] if again else []
    if not found.running:
        return "; ".join(["no process of the stack runs", *more])
    shown = [f"`{typed('status')}` shows them", *more, f"`{typed('down')}` stops them"]
    return (
        f"{counted(running, 'process', 'processes')} of the stack run{'s' if running == 1 else ''} on:"
        f" {', '.join(shown)}"
    )
