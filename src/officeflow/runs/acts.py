"""What the ledger is told about an act, and what it says of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from officeflow.audit.entry import AuditEntry
from officeflow.ids import idempotency_key
from officeflow.owners import Owner, owner
from officeflow.sdk import UNSETTLED, Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRef:
    """The run that an act belongs to.

    `employee` is the HR system's identifier of the person, or "" where the run is about nobody.
    """

    run_id: uuid.UUID
    org_id: uuid.UUID
    org: str
    dag_id: str
    dag_run_id: str
    correlation_id: str
    employee: str = ""
    workflow: str | None = None
    version: int | None = None

    @property
    def owner(self) -> Owner:
        """Under whose key is written what its nodes are given, and what they give."""
        return owner(self.org_id, self.employee)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRequest:
    """One act that is to be done once.

    `params` are its resolved parameters, JSON; they may hold what is sensitive.

    `(run, act_key, map_index)` name the act; `try_number` is Airflow's. `connection` is the name of the
    customer's system it is done in.
    """

    run: RunRef
    node: str
    type: str
    effect: Effect
    params: Mapping[str, Any]
    connection: str | None = None
    map_index: int = -1
    try_number: int = 1
    node_id: uuid.UUID | None = None
    renamed_from: str = ""
    """The id under which the ledger has the node's acts, where that is another one."""
    mask: Callable[[str], str] = str
    """Hides what is sensitive in the texts of errors before they are kept."""

    @property
    def act_key(self) -> str:
        """The id under which the ledger has the act: `node`, unless the node was renamed."""
        return self.renamed_from or self.node

    @property
    def input(self) -> dict[str, Any]:
        """What is recorded, encrypted, and compared when the act is asked for again."""
        return {"type": self.type, "connection": self.connection, "params": dict(self.params)}

    def key(self, generation: int) -> str:
        return idempotency_key(self.run.run_id, self.act_key, self.map_index, generation)


@dataclass(slots=True, kw_only=True)
class Attempt:
    """What an act is told when it is begun; `story` is written to while it acts, and recorded whatever
    becomes of it. One that goes on after it has waited is the same attempt: its story goes on too, and so it
    does in the attempts after that.

    `resuming` is True while an earlier attempt, which began and left no end, may have had its effect. `taken`
    is True where the other system said yes to a write of an earlier attempt: then the act only looks, and
    where it finds nothing a person is asked.
    """

    key: str
    generation: int
    number: int
    resuming: bool
    began_at: dt.datetime
    taken: bool = False
    unsure_since: dt.datetime | None = None
    """While resuming after an error that may have come after the effect: when that was."""
    story: list[dict[str, str]] = field(default_factory=list)
    waited: bool = False
    """Whether it goes on with a story that was kept at a wait."""
    failed_before: Mapping[str, Any] | None = field(default=None, repr=False)
    """The `error_details` of the last attempt under this key that ended in an error."""
    progress: dict[str, Any] = field(default_factory=dict, repr=False)
    """JSON: what earlier attempts under this key have done for certain, of an act that is done in parts. What
    the act writes into it is recorded with the attempt's end, encrypted."""

    def nothing_found(self) -> None:
        """The act has looked: no earlier attempt has left anything behind.

        If it fails now, it is known not to be done.
        """
        self.resuming, self.unsure_since = False, None

    def settle(self) -> None:
        """No attempt has acted: how things were before counts no more."""
        self.progress.pop(UNSETTLED, None)


def told_once(story: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """As it is kept: what was found and noted at every look is told where it was first, so that an act that
    looks for a year has the story of a short one. What was changed and read back is told each time.
    """
    seen, kept = set[tuple[str, str]](), list[dict[str, str]]()
    for each in map(dict, storable(story)):
        line = (each["step"], each["text"])
        if each["step"] not in AGAIN or line not in seen:
            kept.append(each)
        seen.add(line)
    return kept


AGAIN = frozenset({"found", "note"})
"""Steps of a story that are the same at every look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An act's result.

    `output` is for later nodes; `public` is what may be shown and told of it, all of it where it is None.

    `sensitive` are the texts in the output that must not be shown. Where `public` is less than the output,
    that is kept encrypted.
    """

    output: Mapping[str, Any]
    public: Mapping[str, Any] | None = None
    sensitive: Sequence[str] = ()
    audit: Sequence[AuditEntry] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows an attempt that failed: another one `retry_in` seconds from now, or none (None)."""

    retry_in: float | None = None


class Judge(Protocol):
    def __call__(self, error: Exception) -> Verdict: ...


ActFunction = Callable[[Attempt], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`replayed`: the act had been done before, in Airflow's try `try_number`, at `ended_at`; nothing was
    called.
    """

    key: str
    generation: int
    attempt: int
    try_number: int
    output: Mapping[str, Any]
    public: Mapping[str, Any]
    """What may be shown of the output."""
    story: Sequence[Mapping[str, str]]
    ended_at: dt.datetime
    replayed: bool


def storable(value: Any) -> Any:
    """The JSON value without what PostgreSQL's jsonb cannot hold: the character NUL becomes U+FFFD, a lone
    surrogate a question mark.
    """
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode() if _odd(value) else value
    if isinstance(value, Mapping):
        return {storable(str(key)): storable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    return value


MASK = "***"
"""What stands for a value that must not be shown."""


def veiled(value: Any) -> Any:
    """A JSON value of the same shape that says nothing but yes, no and null."""
    if isinstance(value, Mapping):
        return {f"{MASK} {number}": veiled(item) for number, item in enumerate(value.values(), 1)}
    if isinstance(value, list | tuple):
        return [veiled(item) for item in value]
    return value if value is None or isinstance(value, bool) else MASK


def _odd(text: str) -> bool:
    return not text.isascii() or "\x00" in text


def lock_number(run_id: uuid.UUID, node: str, map_index: int) -> int:
    """The advisory lock of an act: a signed 64-bit number.

    All its generations share it, so a redo never runs beside what it replaces.
    """
    digest = hashlib.sha256(b"officeflow act " + idempotency_key(run_id, node, map_index).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
