"""The demonstration's servers in the running stack, fetched and built where they are not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from officeflow.demo.identity.systems import DEMO, SYSTEMS, System
from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.counterparts import of_demo
from officeflow.stack.passed_on import PassedOn
from officeflow.stack.progress import Progress
from officeflow.stack.servers import counterparts, debian, keycloak
from officeflow.stack.stack import Given, Stack
from officeflow.stack.up import start_stack


@dataclass(frozen=True, slots=True)
class Started:
    """`systems` are those that run; `left_out` has the others by title, each with why it cannot run here."""

    stack: Stack
    systems: tuple[System, ...]
    left_out: Mapping[str, str]


def start(layout: Layout, *, progress: Progress, given: Given, passed: PassedOn) -> Started:
    """The stack with the demonstration's servers; what runs already goes on running.

    `Unavailable` says what could not be had, from where, and what to do. A domain controller needs rights
    that not every user has: without them it is left out.
    """
    layout.prepare()
    with progress.step("Keycloak") as step:
        keycloak.prepare(layout, step)
    debian.fetch(layout, debian.SLAPD, progress)
    left_out = _left_out(layout, progress)
    systems = tuple(each for each in SYSTEMS if each.title not in left_out)
    running = {each.counterpart for each in systems}
    further = [name for name in of_demo(DEMO) if name in running]
    stack = start_stack(layout, progress=progress, given=given, passed=passed, further=further)
    return Started(stack, systems, left_out)


def _left_out(layout: Layout, progress: Progress) -> dict[str, str]:
    (directory,) = (each for each in SYSTEMS if each.counterpart == debian.SAMBA.name)
    try:
        debian.fetch(layout, debian.SAMBA, progress)
        reason = counterparts.refusal(layout, directory.declared)
    except Unavailable as error:
        reason = f"{error.message} ({error.hint})" if error.hint else error.message
    return {directory.title: reason} if reason else {}
