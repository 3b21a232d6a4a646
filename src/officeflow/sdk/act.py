"""An act as the node type that does it sees it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from officeflow.errors import InvalidInput
from officeflow.sdk.execution import MOST_ROUNDS
from officeflow.sdk.question import Answer

UNSETTLED = "unsettled"
"""In an act's progress: what counts only as long as one of its attempts may have acted, such as how things
were before. The ledger drops it with an end that says that none has.
"""


class Log(Protocol):
    """The part of a structlog logger that nodes and connectors use."""

    def info(self, event: str, **values: Any) -> Any: ...
    def warning(self, event: str, **values: Any) -> Any: ...
    def error(self, event: str, **values: Any) -> Any: ...


Step = Literal["found", "changed", "read_back", "note"]


def _nobody_keeps_names(name: str) -> bool:
    raise InvalidInput(f"the name {name} cannot be kept: this act runs beside the ledger")


def _nothing_is_kept() -> int:
    return 0


def _no_ledger() -> None:
    """Beside the ledger, no process goes on where another one has ended."""


def _no_rules() -> Mapping[str, Any]:
    raise InvalidInput("the access rules cannot be read: this act runs beside the organization's tables")


def _looks_into_nothing(name: str) -> AbstractContextManager[Any]:
    raise InvalidInput(f"the connection {name} cannot be opened: this act has none but its own")


@dataclass(frozen=True, slots=True)
class Act:
    """One act being done: its key, and where its story goes.

    `key` is the idempotency key, 64 hex digits: the same for every retry. `attempt` counts from 1. `resuming`
    is True when an earlier attempt began and did not record its end. `began_at` is when the first attempt
    began: a due time that must survive retries counts from it. `now` is the present moment by the clock the
    platform uses.
    """

    key: str
    node: str
    org: str
    employee: str
    run: str
    correlation_id: str
    attempt: int
    resuming: bool
    began_at: dt.datetime
    now: dt.datetime
    log: Log
    story: list[dict[str, str]] = field(default_factory=list)
    taken: bool = False
    """True while resuming where the other system said yes to a write of an earlier attempt: it is there, and
    only has to be seen.
    """
    answer: Answer | None = None
    """What a person said, where this node has asked (`AnswerNeeded`) before."""
    come: Any = None
    """What the node has said that it waits for (`EventNeeded`, `RunNeeded`), where that has come."""
    seconds: float = 300.0
    """How long this attempt may take: the node's `timeoutMs`."""
    sleep: Callable[[float], None] = time.sleep
    """Waits some seconds, for a system that shows late what it has done."""
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What the node's expressions see.

    `nodes` and `employee` are there only where its parameters read them.
    """
    progress: dict[str, Any] = field(default_factory=dict, repr=False)
    """For an act that is done in parts: what earlier attempts under this key have done for certain, JSON.
    What is written into it is kept, encrypted, with the end of this attempt, whatever that is, until the act
    is done."""
    keep_progress: Callable[[], None] = field(default=_no_ledger, repr=False)
    """Writes `progress` down now, for the case that this process ends before the attempt does: what the next
    attempt could not find any more, it has to know before this one changes it. `ActInProgress` where another
    worker has taken the act over."""
    way: str = ""
    """Of an act that takes another one back: how, by the name of one of the `NodeSpec.ways`."""
    most_rounds: int = MOST_ROUNDS
    """How many rounds a loop may have."""
    round_nodes: int = 1
    """How many nodes a round has of the loop that this node begins."""
    reserve: Callable[[str], bool] = field(default=_nobody_keeps_names, repr=False)
    """Keeps a name at the connection's system for this act, so that no other act gets it; False where another
    has it. It stays kept until it is given back, or a day after the run's end."""
    give_back: Callable[[], int] = field(default=_nothing_is_kept, repr=False)
    """While an act is taken back: lets others have the names that it keeps; how many that were."""
    last_output: Callable[[str], Mapping[str, Any] | None] | None = field(default=None, repr=False)
    """By the name of a node type: the output of its newest act that changed something for the run's person at
    this connection, in any run of theirs, and that was not undone; None where there is none, or nothing of it
    is kept any more. There is no such look where nobody keeps acts."""
    connection: str = ""
    """The name of the node's connection within the organization; "" where it needs none."""
    access_rules: Callable[[], Mapping[str, Any]] = field(default=_no_rules, repr=False)
    """The organization's access rules that count now: their `version`, 0 where nobody has set any, and their
    `document`."""
    look_into: Callable[[str], AbstractContextManager[Any]] = field(default=_looks_into_nothing, repr=False)
    """Opens another connection of the organization, by its name, as the type's `further` says; what it gives
    refuses to change anything, and is closed behind the block. `NotKnown` where there is none, `InvalidInput`
    where it does not fit."""
    identity_connections: Callable[[], Sequence[str]] = field(default=list, repr=False)
    """The names of those by which the organization's active workflows or access rules reach accounts."""
    retries: int = 0
    """How many tries that followed each other by themselves were before this one; 0 again when a person has
    cleared the task.
    """

    def found(self, text: str) -> None:
        """Tell what was there before."""
        self._tell("found", text)

    def changed(self, text: str) -> None:
        """Tell what was changed."""
        self._tell("changed", text)

    def read_back(self, text: str) -> None:
        """Tell what reading it again showed."""
        self._tell("read_back", text)

    def note(self, text: str) -> None:
        self._tell("note", text)

    def _tell(self, step: Step, text: str) -> None:
        self.story.append({"step": step, "text": text})
        self.log.info(f"{step.replace('_', ' ')}: {text}")
