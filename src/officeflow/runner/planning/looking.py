"""What nodes would do in their systems, found by reading alone: through connections as tasks get them."""

from __future__ import annotations

import secrets
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import capabilities_of
from officeflow.connectors.opening import open_provider
from officeflow.errors import (
    AnswerNeeded,
    ConnectorError,
    NotYet,
    OfficeFlowError,
    Unavailable,
    WriteRefused,
)
from officeflow.ids import connection_id
from officeflow.runner.access import access_rules
from officeflow.runner.further import Opener, identity_connections
from officeflow.runner.masking import Mask, mask_of, sensitive_values
from officeflow.runner.output import done_with
from officeflow.runner.planning.leaves import Computed, Known
from officeflow.runner.planning.simulating import Silent
from officeflow.runner.planning.veiling import private_values, veiled_plan
from officeflow.runner.services import Services
from officeflow.sdk import Act, Effect, Node, NodeParams, Planned, no_change, unknown
from officeflow.workflows import models as drawn

AnyNode = Node[Any, Any, Any]
SECONDS = 90.0
"""For all nodes of a plan together."""


@dataclass(frozen=True, slots=True)
class Looked:
    """`real` is what the node gives, as later nodes would read it, and `masked` what may be shown of that;
    None where only a run knows. `has_looked`: whether its system was asked and has answered.
    """

    acts: tuple[Planned, ...]
    real: Any = field(default=None, repr=False)
    masked: Any = None
    has_looked: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """Whom a plan is for, as acts are told of it: the organization's slug, the HR system's identifier of the
    person, the id of the run.
    """

    org: str
    employee: str = ""
    run: str = ""
    correlation_id: str = ""


class Looks:
    """For one plan, in one thread: what is opened stays open until `close`, for the nodes that follow.

    `on_node` is told of each node before it is looked at.
    """

    def __init__(
        self,
        services: Services,
        about: About,
        *,
        on_node: Callable[[str], None] = lambda _: None,
        seconds: float = SECONDS,
    ) -> None:
        self._services = services
        self._about = about
        self._on_node = on_node
        self._until = time.monotonic() + seconds
        self._open: dict[tuple[str, str], Any] = {}
        self._ends = ExitStack()

    def close(self) -> None:
        """End what is open."""
        self._ends.close()
        self._open.clear()

    def look(
        self,
        node: drawn.Node,
        kind: type[AnyNode],
        found: Computed,
        known: Known,
        *,
        before: Sequence[str] = (),
    ) -> Looked:
        """What the node would do now. Raises nothing: what goes wrong is this node's plan alone.

        `before` are the nodes that may have changed something in its system when a run comes to it.
        """
        title = kind.spec.title
        if found.real is None or time.monotonic() > self._until:
            return Looked((unknown(title, _unlooked(found)),))
        self._on_node(node.id)
        private = private_values(found, known)
        try:
            params = kind.parse(found.real)
        except OfficeFlowError as error:
            return Looked((unknown(title, mask_of(private).text(_failing(error, before))),))
        mask = mask_of(private, sensitive_values(params))
        try:
            told = self._asked(node, kind(), params, known, mask)
        except OfficeFlowError as error:
            return Looked((unknown(title, mask.text(_why(error, before))),))
        except Exception as error:  # noqa: BLE001 - a node type's own mistake is that node's plan
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{node.id}: its plan failed: {type(error).__name__} in {where.name}, line {where.lineno}"
            self._services.log.error(text, file=where.filename)  # noqa: TRY400 - its words may be private
            return Looked((unknown(title, f"its plan failed: {type(error).__name__}"),))
        hidden = (*private, *sensitive_values(params))
        return replace(told, acts=tuple(veiled_plan(each, mask, hidden) for each in told.acts))

    def _asked(self, node: drawn.Node, kind: AnyNode, params: NodeParams, known: Known, mask: Mask) -> Looked:
        connection = self._connection(node) if kind.spec.family is not None else None
        provider = None if connection is None else self._opened(connection, kind)
        act = self._act(node, type(kind), known)
        if connection is None or self._effect(kind, params, connection) is not Effect.PURE:
            return Looked(tuple(kind.plan(params, provider, act)), has_looked=connection is not None)
        with _left_open(kind):
            done = done_with(kind.perform(params, provider, act), (), mask)
        said = "; ".join(str(step["text"]) for step in act.story)
        plan = (no_change(kind.spec.title, said),)
        return Looked(plan, real=done.output, masked=done.public, has_looked=True)

    def _effect(self, kind: AnyNode, params: NodeParams, connection: Connection) -> Effect:
        return kind.effect_of(params, lambda: connection)

    def _connection(self, node: drawn.Node) -> Connection:
        return self._services.connect(connection_id(self._about.org, node.connection or ""))

    def _opened(self, connection: Connection, kind: AnyNode) -> Any:
        """One client for all nodes of a family."""
        family = kind.spec.family or ""
        place = (connection.id, family)
        known = self._open.get(place)
        if known is not None and kind.needs <= capabilities_of(type(known)):
            return known
        made = open_provider(
            connection,
            correlation_id=self._about.correlation_id,
            family=family,
            needs=kind.needs,
            purpose=kind.spec.type,
            only_looks=True,
        )
        self._open[place] = self._ends.enter_context(closing(made))
        return made

    def _act(self, node: drawn.Node, kind: type[AnyNode], known: Known) -> Act:
        """One that never was: no earlier attempt has its key."""
        now = self._services.clock.now()
        return Act(
            key=secrets.token_hex(32),
            node=node.id,
            org=self._about.org,
            employee=self._about.employee,
            run=self._about.run,
            correlation_id=self._about.correlation_id,
            attempt=1,
            resuming=False,
            began_at=now,
            now=now,
            log=Silent(),
            sleep=self._services.sleep,
            values=known.values,
            connection=node.connection or "",
            look_into=Opener(
                connect=self._services.connect,
                org=self._about.org,
                kind=kind,
                correlation_id=self._about.correlation_id,
            ),
            identity_connections=partial(identity_connections, self._services.database, self._about.org),
            access_rules=partial(access_rules, self._services.database, self._about.org),
        )


class _LeftToRun(OfficeFlowError):
    """What a node that only looks would ask people, or wait for."""


@contextmanager
def _left_open(kind: AnyNode) -> Iterator[None]:
    try:
        yield
    except AnswerNeeded as error:
        raise _LeftToRun(f"a person would be asked: {error.message}") from error
    except NotYet as error:
        raise _LeftToRun(f"{kind.spec.title} would wait: {error.message}") from error


def _unlooked(found: Computed) -> str:
    """Why nobody looks."""
    if found.problems:
        return "its parameters cannot be computed"
    if found.real is None:
        names = dict.fromkeys(name for each in found.unknown for name in each.reads)
        return f"it depends on {', '.join(names)}, which only a run knows"
    return "there was no time left to look"


def _why(error: OfficeFlowError, before: Sequence[str]) -> str:
    if isinstance(error, _LeftToRun):
        return error.message
    if isinstance(error, AnswerNeeded | NotYet):
        return f"only a run goes on from here: {error.message}"
    if isinstance(error, WriteRefused):
        return f"it cannot be told without changing something: {error.message}"
    if isinstance(error, Unavailable) or (isinstance(error, ConnectorError) and error.retryable):
        return f"the system did not answer: {error.message}"
    return _failing(error, before)


def in_words(nodes: Sequence[str]) -> str:
    """`find, create and note`; there is one at least."""
    *before, last = nodes
    return f"{', '.join(before)} and {last}" if before else last


def _failing(error: OfficeFlowError, before: Sequence[str]) -> str:
    told = "; ".join([error.message, *(str(each) for each in getattr(error, "problems", ()))])
    if before:
        return f"{in_words(before)} would change something there first; as it is now: {told}"
    return f"it would fail as things are now: {told}"
