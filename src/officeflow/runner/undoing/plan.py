"""What would be taken back, in which order, and what cannot be: from the ledger and the definitions, without
doing anything.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from officeflow.catalog.registry import missing
from officeflow.runs.standing import Act, Called
from officeflow.runs.undone import Cause, Kind, Remaining
from officeflow.sdk import KEEP, Effect, UndoWay
from officeflow.statuses import ActStatus
from officeflow.workflows import undoing
from officeflow.workflows.models import Definition, Node
from officeflow.workflows.undoing import CALL, UNDO_PREFIX

Definitions = Mapping[uuid.UUID, Definition | None]
"""By run: the version that it runs; None of one that no workflow drew."""

OPEN = frozenset({ActStatus.STARTED, ActStatus.ASKED})


class By(StrEnum):
    """What takes an act back: its node type itself, or a compensating node."""

    TYPE = "type"
    ROLLBACK = "rollback"
    CLEANUP = "cleanup"
    NOTIFICATION = "notification"


LATER = (By.CLEANUP, By.NOTIFICATION)
"""In this order, when all others are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One act of undoing, which the ledger has under `key`. `acts` are what it takes back, or tells of.

    `way` is that of the acts' node type, `node` the compensating node.
    """

    key: str
    run: Called
    acts: Sequence[Act]
    by: By
    map_index: int = -1
    way: UndoWay | None = None
    node: Node | None = None
    drawn: Node | None = None
    """The node whose act it is, in the run's version."""

    @property
    def id(self) -> tuple[uuid.UUID, str, int]:
        return (self.run.run.run_id, self.key, self.map_index)

    @property
    def told(self) -> str:
        """What is done, for people."""
        return self.way.told if self.way else f"{self.node.id if self.node else self.key} ({self.by})"


@dataclass(frozen=True, slots=True)
class Plan:
    steps: Sequence[Step] = ()
    remaining: Sequence[Remaining] = ()


def plan_of(runs: Sequence[Called], definitions: Definitions, cause: Cause) -> Plan:
    """`runs` are the run and those that it has called. Where it failed and its workflow keeps then what was
    done, compensating nodes alone have something to do.
    """
    top = definitions.get(runs[0].run.run_id) if runs else None
    only_nodes = cause is Cause.FAILED and (top is None or top.on_failure == KEEP)
    wanted = runs[:1] if only_nodes else _undone_with(runs, definitions)
    steps: list[Step] = []
    remaining: list[Remaining] = []
    for run in wanted:
        drawn = _Run(run, definitions.get(run.run.run_id), only_nodes=only_nodes)
        steps += drawn.steps()
        remaining += drawn.remaining()
    first = sorted((one for one in steps if one.by not in LATER), key=_place, reverse=True)
    later = [sorted((one for one in steps if one.by is by), key=_place, reverse=True) for by in LATER]
    return Plan([*first, *later[0], *later[1]], remaining)


def _place(step: Step) -> tuple[object, ...]:
    """By what was done first of what it takes back: all that came after is taken back by then."""
    earliest = min(step.acts, key=lambda act: act.at)
    return (earliest.at, step.key, step.map_index)


def _undone_with(runs: Sequence[Called], definitions: Definitions) -> list[Called]:
    """Without those that were called by a node which is kept, or has a compensating node."""
    wanted: dict[uuid.UUID, Called] = {}
    for run in runs:
        is_top = run.above is None or run.by is None
        if is_top or (run.above in wanted and not _is_replaced(run, definitions)):
            wanted[run.run.run_id] = run
    return list(wanted.values())


def _is_replaced(run: Called, definitions: Definitions) -> bool:
    definition = None if run.above is None else definitions.get(run.above)
    node = None if run.by is None else _node(definition, run.by[0])
    if definition is None or node is None:
        return False
    return node.undo == KEEP or bool(undoing.compensators(definition, node.id))


def _node(definition: Definition | None, key: str) -> Node | None:
    return None if definition is None else next((node for node in definition.nodes if node.id == key), None)


class _Run:
    """One run's part of the plan."""

    def __init__(self, run: Called, definition: Definition | None, *, only_nodes: bool) -> None:
        self._run, self._definition, self._only_nodes = run, definition, only_nodes
        self._acts = [act for act in run.acts if not act.node.startswith(UNDO_PREFIX)]
        self._standing = [act for act in self._acts if _stands(act)]

    def steps(self) -> Iterator[Step]:
        for act in self._standing:
            if (step := self._of_type(act)) is not None:
                yield step
        for node in self._definition.nodes if self._definition else ():
            if node.is_compensation:
                yield from self._of_node(node)

    def _of_type(self, act: Act) -> Step | None:
        if self._only_nodes or self._compensators(act) or (way := self._way(act)) is None:
            return None
        ending = f"__{act.generation}" if act.generation > 1 else ""
        return Step(
            key=f"{UNDO_PREFIX}{act.node}{ending}",
            run=self._run,
            acts=(act,),
            by=By.TYPE,
            map_index=act.map_index,
            way=way,
            drawn=_node(self._definition, act.task),
        )

    def _of_node(self, node: Node) -> Iterator[Step]:
        """Once; for nodes that ran for each of many items, once for each item."""
        by = By(node.compensation_type or By.ROLLBACK)
        # What is told of may be taken back by then.
        known = self._standing if by is not By.NOTIFICATION else [a for a in self._acts if _was_done(a)]
        items: dict[int, list[Act]] = {}
        for act in known:
            if act.task in node.compensates_for:
                items.setdefault(-1 if by is By.NOTIFICATION else act.map_index, []).append(act)
        for map_index, acts in items.items():
            generation = max(act.generation for act in acts)
            yield Step(
                key=f"{UNDO_PREFIX}{node.id}" + (f"__{generation}" if generation > 1 else ""),
                run=self._run,
                acts=tuple(acts),
                by=by,
                map_index=map_index,
                node=node,
            )

    def remaining(self) -> Iterator[Remaining]:
        for act in self._acts:
            if act.effect is Effect.PURE:
                continue
            covered = bool(self._compensators(act))
            if act.status in OPEN and (covered or not self._only_nodes):
                yield self._left(act, Kind.UNKNOWN, "nobody can tell whether it was done: look there")
            elif _stands(act) and not (covered or self._only_nodes or act.type == CALL):
                yield from self._without_a_way(act)

    def _without_a_way(self, act: Act) -> Iterator[Remaining]:
        drawn, spec = _node(self._definition, act.task), undoing.spec_of(act.type)
        if drawn is not None and drawn.undo == KEEP:
            yield self._left(act, Kind.KEPT, "the workflow keeps it")
        elif spec is None:
            yield self._left(act, Kind.FAILED, missing(act.type).message)
        elif spec.irreversible:
            yield self._left(act, Kind.IRREVERSIBLE, "it is irreversible")
        elif self._way(act) is None:
            yield self._left(act, Kind.NO_WAY, f"{act.type} knows no way to take it back")

    def _left(self, act: Act, kind: Kind, why: str) -> Remaining:
        return Remaining(
            node=act.task,
            map_index=act.map_index,
            type=act.type,
            kind=kind,
            did=act.did,
            why=why,
            run=self._run.name,
        )

    def _compensators(self, act: Act) -> list[Node]:
        return undoing.compensators(self._definition, act.task) if self._definition else []

    def _way(self, act: Act) -> UndoWay | None:
        drawn, spec = _node(self._definition, act.task), undoing.spec_of(act.type)
        wish = drawn.undo if drawn is not None and drawn.type == act.type else None
        return None if spec is None or wish == KEEP else spec.way(wish)


def _stands(act: Act) -> bool:
    return act.status == ActStatus.SUCCEEDED and act.has_changed


def _was_done(act: Act) -> bool:
    return act.status in {ActStatus.SUCCEEDED, ActStatus.COMPENSATED} and act.has_changed
