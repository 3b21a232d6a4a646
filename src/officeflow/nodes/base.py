"""What every node type is made of.

An author writes three models' worth of declaration and one method:

    class Params(NodeParams): …          # what it needs, each field described
    class Result(NodeOutput): …          # what it gives to later nodes
    class Directory(FindsAccounts, SuspendsAccounts, Protocol): …    # what it needs of a system
    class SuspendAccount(Node[Params, Directory, Result]):
        spec = NodeSpec(…)
        def perform(self, params, provider, act): …

The rest (parameters from expressions, the ledger, the connection, retry, the story in the log) is
`officeflow.nodes.runner`.
"""

from __future__ import annotations

import datetime as dt
import functools
import time
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from officeflow.audit.entry import AuditEntry
from officeflow.catalog.spec import Effect, NodeSpec
from officeflow.connectors.families import Capability, capabilities_of
from officeflow.errors import InvalidInput, InvalidParameters, Problem
from officeflow.nodes.wording import worded

if TYPE_CHECKING:
    from officeflow.connectors.connection import Connection
    from officeflow.nodes.services import Services


class NodeParams(BaseModel):
    """Base of all parameter models.

    Unknown fields are refused; a field marked `Sensitive` is never logged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeOutput(BaseModel):
    """Base of all output models: what later nodes read as `nodes.<id>.output`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    changed: bool = Field(True, description="False when everything was as wished already.")


class Log(Protocol):
    """The part of a structlog logger that nodes and connectors use."""

    def info(self, event: str, **values: Any) -> Any: ...
    def warning(self, event: str, **values: Any) -> Any: ...
    def error(self, event: str, **values: Any) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a node asks a person.

    It is shown, with a button for each option, where Airflow lists what waits for people.

    `timeout` is how long to wait; after it `default` (one of the options) is the answer, or, without one, the
    node is told that there is none.
    """

    subject: str
    options: tuple[str, ...]
    body: str = ""
    timeout: dt.timedelta | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered, by whom (an Airflow user name, or "" where nobody answered in time) and when."""

    chosen: str
    by: str = ""
    at: dt.datetime | None = None
    in_time: bool = True


Step = Literal["found", "changed", "read_back", "note"]


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


P = TypeVar("P", bound=NodeParams)
C = TypeVar("C")
R = TypeVar("R", bound=NodeOutput)


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """`unknown` are the paths of those problems that are a name which there is not, whatever its value is."""

    problems: tuple[Problem, ...] = ()
    unknown: frozenset[str] = frozenset()

    @property
    def valid(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class NodeSchema:
    """JSON Schemas (draft 2020-12) of a node type's parameters and output."""

    type: str
    params: dict[str, Any]
    output: dict[str, Any]


class Node(ABC, Generic[P, C, R]):
    """A node type. Instances hold no state but the services they were made with: one may run many acts."""

    spec: ClassVar[NodeSpec]
    params_model: ClassVar[type[NodeParams]]
    output_model: ClassVar[type[NodeOutput]]
    needs: ClassVar[frozenset[Capability]] = frozenset()
    """What its connection's system must be able to do: what the type of its provider says."""
    follows_person: ClassVar[bool] = False
    """Whether it reads `event.payload` as the person's record has those fields now; for what waits while they
    change.
    """

    def __init__(self, services: Services | None = None) -> None:
        self._services = services

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            if typing.get_origin(base) is Node:
                params, provider, output = typing.get_args(base)
                cls.needs = capabilities_of(provider)
                if isinstance(params, type) and isinstance(output, type):
                    cls.params_model, cls.output_model = params, output

    def execute(self, node_input: NodeInput) -> NodeResult:
        """Run it as the platform does: through the ledger, with the services that it was made with."""
        from officeflow.nodes.runner import run_node

        if self._services is None:
            raise InvalidInput(
                f"{self.spec.type} was made without services",
                hint=f"{type(self).__name__}(services).execute(…)",
            )
        return run_node(replace(node_input, type=self.spec.type), self._services)

    @abstractmethod
    def perform(self, params: P, provider: C, act: Act) -> R:
        """Do it, read it back, and return what later nodes may use.

        Returning means that it is so now. Raising a `ConnectorError` means that it is not, or (`maybe_done`)
        that nobody knows.
        """

    def find(self, params: P, provider: C, act: Act) -> R | None:
        """What an earlier attempt under this key has left behind, or None: for `Effect.CHECK_THEN_ACT`.

        Called instead of `perform` when an attempt did not record its end; `perform` follows when it returns
        None, unless the other system had said yes (`act.taken`). `OutcomeUnknown` where what is there may be
        this act's or not: then a person is asked.
        """
        del params, provider, act
        return None

    @classmethod
    def effect_of(cls, params: P, connection: Callable[[], Connection]) -> Effect:
        """The effect of an act with these parameters by way of this connection, for a type in which that is
        not always the same.
        """
        del params, connection
        return cls.spec.effect

    @classmethod
    def output_of(cls, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """JSON Schema of the output with these parameters (as they are drawn), for a type in which they
        decide what is in it.
        """
        del params
        return cls.schema().output

    def audit(self, params: P, output: R) -> Sequence[AuditEntry]:
        """Audit entries beside the one that every act gets; written in the transaction that records the
        act.
        """
        del params, output
        return ()

    @classmethod
    def parse(cls, params: Mapping[str, Any]) -> P:
        """The parameters as the model; `InvalidParameters` names every field that is wrong."""
        result = cls.validate(params)
        if not result.valid:
            raise InvalidParameters(
                f"the parameters of {cls.spec.type} are not valid", problems=result.problems
            )
        return typing.cast("P", cls.params_model.model_validate(dict(params)))

    @classmethod
    def validate(cls, params: Mapping[str, Any]) -> ValidationResult:
        """Everything that is wrong with `params`, each with its field."""
        try:
            cls.params_model.model_validate(dict(params))
        except ValidationError as error:
            return ValidationResult(*worded(error, params, cls.schema().params))
        return ValidationResult()

    @classmethod
    @functools.cache
    def schema(cls) -> NodeSchema:
        """Made once; not to be changed."""
        return NodeSchema(
            cls.spec.type,
            cls.params_model.model_json_schema(),
            cls.output_model.model_json_schema(mode="serialization"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often and when to try again.

    `max_retries` follow the first try; the delay before retry n is drawn from 0 to `backoff_ms` x
    `factor`^(n-1), capped.
    """

    max_retries: int = 3
    backoff_ms: int = 1000
    factor: float = 2.0
    max_backoff_ms: int = 300_000
    jitter: bool = True
    """False: the delay is not drawn, it is the longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInput:
    """Everything a node run is told: the seed's `NodeInput`, with what Airflow adds.

    `params` are raw: `${{ }}` expressions not yet replaced. `context` is the run's `conf`: `{"event": {…},
    "correlation_id": …}`. `org` is the organization's slug. `dag_id`, `dag_run_id`, `node` (the task id) and
    `map_index` name the act; `try_number` is Airflow's. `workflow` (slug) and `version` are None in a
    hand-written DAG.
    """

    node: str
    type: str
    org: str
    dag_id: str
    dag_run_id: str
    params: Mapping[str, Any]
    context: Mapping[str, Any]
    connection: str | None = None
    map_index: int = -1
    try_number: int = 1
    tries_before: int = 0
    """Airflow's tries that were used up when the task was last cleared: retries are counted from there."""
    workflow: str | None = None
    version: int | None = None
    retry: RetryPolicy = RetryPolicy()
    timeout_ms: int = 300_000
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Task ids right behind this one, each with the CEL condition under which it is taken; decided after the
    act.
    """
    answer: Answer | None = None
    """What a person said, where the node has asked before."""
    siblings: frozenset[str] = frozenset()
    """Task ids of the mapped task group that this task is in: of these it reads the output with its own map
    index.
    """
    trial: bool = False
    """Whether `dag.test()` runs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetails:
    """`code` is the error type's, `path` a parameter where one is to blame, `retryable` whether another try
    may help.
    """

    code: str
    message: str
    hint: str = ""
    retryable: bool = False
    problems: tuple[Problem, ...] = ()
    provider: str = ""
    status: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """The seed's `NodeResult`.

    `status` `retry`: run it again after `retry_in` seconds using a try up, or without using one: at
    `reschedule_at`, or with the answer to `question`. `replayed` is True when the ledger returned a recorded
    result and nothing was called.
    """

    status: Literal["success", "failed", "retry"]
    output: Mapping[str, Any] = field(default_factory=dict)
    public: Mapping[str, Any] = field(default_factory=dict)
    """What may be shown of the output, outside the ledger."""
    error: ErrorDetails | None = None
    retry_in: float | None = None
    reschedule_at: dt.datetime | None = None
    question: Question | None = None
    replayed: bool = False
    key: str = ""
    story: Sequence[Mapping[str, str]] = ()
    skip: Sequence[str] = ()
    """Those of the input's `conditions` that are false: nothing runs there."""
