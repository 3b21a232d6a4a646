"""What every node type is: the base class of all, and the models of its parameters and its output."""

from __future__ import annotations

import functools
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from officeflow.audit.entry import AuditEntry
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Capability, capabilities_of
from officeflow.errors import InvalidInput, InvalidParameters, NotUndoable, Problem
from officeflow.sdk.act import Act
from officeflow.sdk.execution import NodeInput, NodeResult
from officeflow.sdk.further import Further
from officeflow.sdk.planned import Planned, no_change, unknown
from officeflow.sdk.spec import Effect, NodeSpec
from officeflow.sdk.wording import worded

Run = Callable[[NodeInput], NodeResult]
"""Runs a node through the ledger: `officeflow.runner.run.run_node` with its services."""


class NodeParams(BaseModel):
    """Base of all parameter models.

    Unknown fields are refused; a field marked `Sensitive` is never logged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class NodeOutput(BaseModel):
    """Base of all output models: what later nodes read as `nodes.<id>.output`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    changed: bool = Field(True, description="False when everything was as wished already.")

    def hidden_members(self) -> Mapping[str, frozenset[str]]:
        """Of fields that are objects, the members that must not be shown, as if marked `Sensitive`: for an
        output whose members are known only when it is made.
        """
        return {}


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
    """A node type. Instances hold no state but what runs them: one may run many acts."""

    spec: ClassVar[NodeSpec]
    params_model: ClassVar[type[NodeParams]]
    output_model: ClassVar[type[NodeOutput]]
    needs: ClassVar[frozenset[Capability]] = frozenset()
    """What its connection's system must be able to do: what the type of its provider says."""
    follows_person: ClassVar[bool] = False
    """Whether it reads `event.payload` as the person's record has those fields now; for what waits while they
    change.
    """
    asks_people: ClassVar[bool] = False
    """Whether it may raise `AnswerNeeded`: Airflow keeps the first question of a task, so that nothing else
    is asked in its place.
    """

    further: ClassVar[Further | None] = None
    """Which parameter names connections that it looks into beside its own, by `Act.look_into`."""

    def __init__(self, run: Run | None = None) -> None:
        self._run = run

    @classmethod
    def reads(cls, params: Mapping[str, Any]) -> frozenset[str]:
        """The names (`employee`, `nodes`) that it reads of `act.values` with these parameters (as they are
        drawn), beside those that expressions in them read.
        """
        del params
        return frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for base in getattr(cls, "__orig_bases__", ()):
            if typing.get_origin(base) is Node:
                params, provider, output = typing.get_args(base)
                cls.needs = capabilities_of(provider)
                if isinstance(params, type) and isinstance(output, type):
                    cls.params_model, cls.output_model = params, output

    def execute(self, node_input: NodeInput) -> NodeResult:
        """Run it as the platform does: through the ledger, by what it was made with."""
        if self._run is None:
            raise InvalidInput(
                f"{self.spec.type} was made without what runs it",
                hint=f"{type(self).__name__}(functools.partial(run_node, services=services)).execute(…)",
            )
        return self._run(replace(node_input, type=self.spec.type))

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

    def plan(self, params: P, provider: C, act: Act) -> Sequence[Planned]:
        """What `perform` would do now, found by reading alone; for every type that changes something.

        `provider` refuses to write (`WriteRefused`). `act` has no attempt behind it; nobody is asked and
        nothing is waited for. What `perform` would raise is raised here too, as far as it can be seen: a
        `ConnectorError` or a refusal is shown as the plan of this node.
        """
        del params, provider, act
        if self.spec.effect is Effect.PURE:
            return (no_change(self.spec.title),)
        return (unknown(self.spec.title, "this node type does not tell before what it does"),)

    def undo(self, params: P, output: R, provider: C, act: Act) -> None:
        """Take back what an act of this type did: for a type whose `spec.undo` says how.

        `params` and `output` are those that the ledger has of the act, whole. An output with `changed` False
        has nothing to be taken back, and is not brought here. `act` is that of undoing, with a key of its
        own: it is an act as any other, done once, and called again under the same key when an attempt left
        no end. Its `way` says which of the `spec.ways` the workflow wants. It has to look first: what is
        there no more is taken back, and what was changed by somebody since is left as it is.

        Returning means that it is taken back, and the ledger has the act as COMPENSATED from then on.
        `NotUndoable` means that it is not and will not be, and says why; a `ConnectorError` is as in
        `perform`.
        """
        del params, output, provider, act
        raise NotUndoable(f"{self.spec.type} does not know how to undo what it did")

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
