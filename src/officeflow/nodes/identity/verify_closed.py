"""`identity.verify_closed`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from officeflow.connectors.families import Capability, Family
from officeflow.counts import counted
from officeflow.errors import AnswerNeeded, InvalidInput, NotYet, StillOpen
from officeflow.nodes.human._asking import AskingParams
from officeflow.nodes.identity._doors import Door, doors
from officeflow.sdk import (
    Act,
    Decision,
    Duration,
    Effect,
    Further,
    Node,
    NodeOutput,
    NodeSpec,
    Planned,
    Question,
    no_change,
)
from officeflow.statuses import RequestKind

DONE, CANNOT = "Done", "Cannot be done"
ALL = "all"
LOOKS, TASK = "looks", "task"
"""In the act's progress: how many looks are over, and who has done the task of closing doors."""


class Params(AskingParams):
    """Who has to be out, of which systems, when it is looked, and what is done about an open door."""

    login: str | None = Field(
        None, description="User name of the person.", examples=["${{ employee.email }}"], min_length=1
    )
    external_id: str | None = Field(
        None, description="Employee number.", examples=["${{ employee.external_id }}"], min_length=1
    )
    connections: Literal["all"] | Annotated[list[str], Field(min_length=1, max_length=100)] = Field(
        "all",
        description=(
            "Names of connections; all: every one by which the organization's active workflows or access"
            " rules reach accounts."
        ),
    )
    after: list[Duration] = Field(
        default_factory=lambda: [dt.timedelta(minutes=15), dt.timedelta(days=1)],
        description="When it is looked again, each from the first look: ISO 8601 or seconds.",
        examples=[["PT15M", "P1D"]],
        max_length=10,
    )
    on_open: Literal["fail", "task", "go_on"] = Field(
        "fail",
        description=(
            "What an open door does from the second look on, or at an only one: the node fails, or people in"
            " asked are given the task to close it and it is looked again, or the node goes on, and"
            " conditions read nodes.<id>.output.closed."
        ),
    )

    @model_validator(mode="after")
    def _says_whom_and_when(self) -> Params:
        if not (self.login or self.external_id):
            raise ValueError("one of login and external_id is needed")
        if any(one >= other for one, other in zip(self.after, self.after[1:], strict=False)):
            raise ValueError("after: each is longer than the one before")
        return self


class Result(NodeOutput):
    """What the last look found."""

    changed: bool = Field(False, description="Always False: looking changes nothing.")
    closed: bool = Field(description="Whether every door is closed, and every system has said so.")
    doors: list[Door] = Field(description="Every way in that was looked at.")
    looks: int = Field(description="How often it was looked.")
    by: str = Field("", description='Who said that a door is closed by hand; "" where nobody was asked.')


class VerifyClosed(Node[Params, None, Result]):
    """Ask every system whether a person who has left can still get in: whether an account is active, and
    which sessions and tokens are left, as far as each system tells. At once, after 15 minutes and a day
    later, when what lags has arrived; no process waits meanwhile.

    The first of several looks only tells what it finds. From the second on an open door, or a system that
    does not answer, is raised.
    """

    spec = NodeSpec(
        type="identity.verify_closed",
        title="Verify closed",
        group="Identity",
        effect=Effect.PURE,
        evidence="What each system answered, at each look.",
    )
    asks_people = True
    further = Further(
        parameter="connections",
        family=Family.IDENTITY,
        needs=frozenset({Capability.FIND_ACCOUNTS}),
    )

    def perform(self, params: Params, provider: None, act: Act) -> Result:
        del provider
        if act.come is not None:
            decision: Decision = act.come
            act.progress[TASK] = decision.by
            act.note(f"{decision.by or 'nobody'}: {decision.chosen or 'no answer in time'}")
        moments = [dt.timedelta(0), *params.after]
        while True:
            over = int(act.progress.get(LOOKS, 0))
            due = act.began_at + moments[over]
            if act.now < due:
                raise NotYet("the doors are looked at again then", until=due)
            found = _look(params, act, f"look {over + 1}: " if params.after else "")
            left = [each for each in found if each.state != "closed"]
            is_last = over == len(moments) - 1
            if left and (over or is_last) and params.on_open != "go_on":
                _raise(params, left, act)
            if is_last:
                return _result(found, over + 1, act)
            act.progress[LOOKS] = over + 1

    def plan(self, params: Params, provider: None, act: Act) -> Sequence[Planned]:
        """What is open now, and when it is looked."""
        del provider
        found = _look(params, act)
        left = "; ".join(each.line() for each in found if each.state != "closed")
        times = ", ".join((act.now + each).isoformat(timespec="minutes") for each in params.after)
        note = f"open now: {left}" if left else "all are closed now"
        return (
            no_change(
                f"looks at {counted(len(found), 'door')}{f', and again at {times}' if times else ''}", note
            ),
        )


def _look(params: Params, act: Act, which: str = "") -> list[Door]:
    names = act.identity_connections() if params.connections == ALL else params.connections
    if not names:
        raise InvalidInput(
            "no workflow and no access rule of the organization reaches accounts", hint="name connections"
        )
    found = [
        door
        for name in dict.fromkeys(names)
        for door in doors(name, login=params.login, external_id=params.external_id, act=act)
    ]
    for each in found:
        act.found(f"{which}{each.state}: {each.line()}")
    return found


def _raise(params: Params, left: Sequence[Door], act: Act) -> None:
    """`AnswerNeeded` where people are to close them, once; `StillOpen` with all of them otherwise."""
    if params.on_open == "task" and TASK not in act.progress:
        waits = f"waits until it is closed: {_counted(left)}"
        raise AnswerNeeded(waits, question=_question(params, left, act))
    table = "\n".join(f"  {each.state}: {each.line()}" for each in left)
    raise StillOpen(f"{_counted(left)}:\n{table}", hint="close them, and clear the task to look again")


def _question(params: Params, left: Sequence[Door], act: Act) -> Question:
    lines = [f"- {each.state}: **{each.connection}** {each.account}: {each.told}" for each in left]
    who = f"employee {act.employee}" if act.employee else str(params.login or params.external_id)
    return Question(
        subject=f"Close what {who} can still get in by"[:200],
        body="It is looked again when you say that it is done.\n\n" + "\n".join(lines),
        options=(DONE, CANNOT),
        kind=RequestKind.TASK,
        reasons=(CANNOT,),
        **params.asking(),
    )


def _counted(left: Sequence[Door]) -> str:
    number = len(left)
    return f"{counted(number, 'door')} {'is' if number == 1 else 'are'} not closed"


def _result(found: Sequence[Door], looks: int, act: Act) -> Result:
    closed = all(each.state == "closed" for each in found)
    if closed:
        act.read_back(f"every door is closed: {counted(len(found), 'door')}")
    return Result(closed=closed, doors=list(found), looks=looks, by=str(act.progress.get(TASK, "")))
