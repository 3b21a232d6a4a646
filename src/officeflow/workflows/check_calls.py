"""What is wrong with calls of other workflows, and with what a workflow declares to those that call it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow.database.tables import Workflow
from officeflow.errors import Problem, did_you_mean
from officeflow.expressions.params import has_expression
from officeflow.sdk.json_schemas import schema_problems, value_problems
from officeflow.waiting.calls import MOST_DEPTH
from officeflow.workflows import flow
from officeflow.workflows.draft import Draft
from officeflow.workflows.models import Definition


@dataclass(frozen=True, slots=True)
class Called:
    """A workflow as it is, or would be, published."""

    definition: Definition
    version: int | None
    """None where it is being published."""
    is_active: bool = True


Published = Mapping[str, Called]
"""The organization's workflows by slug."""


def check(draft: Draft) -> Iterator[Problem]:
    """As far as one definition says by itself."""
    if draft.inputs is not None:
        yield from _inputs(draft.inputs)
    for name, output in draft.outputs.items():
        schema = output.get("schema") if isinstance(output, Mapping) else None
        if schema is not None:
            yield from schema_problems(schema, f"outputs.{name}.schema")
    for node in draft.nodes:
        if node.type != flow.CALL:
            continue
        for field in ("workflow", "version"):
            if has_expression(node.params.get(field)):
                yield Problem(
                    f"{node.path}.params.{field}", "what is called is written out, not computed", "name it"
                )
        if draft.slug and node.params.get("workflow") == draft.slug:
            yield Problem(f"{node.path}.params.workflow", "the workflow calls itself")


def _inputs(schema: Mapping[str, Any]) -> Iterator[Problem]:
    yield from schema_problems(schema, "inputs")
    if schema.get("type", "object") != "object":
        yield Problem("inputs.type", "what a workflow is given is an object", "object")


def published(session: Session, org_id: uuid.UUID) -> Published:
    """`session` sees the organization's rows."""
    rows = session.scalars(select(Workflow).where(Workflow.org_id == org_id))
    return {
        row.slug: Called(Definition.model_validate(row.definition), row.version, row.is_active)
        for row in rows
    }


def against(definition: Definition, known: Published) -> Iterator[Problem]:
    """What is wrong with its calls, given the organization's other workflows; `known` has the definition
    itself and those that are published with it.
    """
    for index, node in enumerate(definition.nodes):
        if node.type == flow.CALL:
            path = f"nodes[{index}].params"
            yield from _call(path, node.params, known)
            yield from _way(path, definition.slug, str(node.params.get("workflow")), known)


def _call(path: str, params: Mapping[str, Any], known: Published) -> Iterator[Problem]:
    slug = str(params.get("workflow"))
    called = known.get(slug)
    offered = [name for name, each in known.items() if each.definition.inputs is not None]
    if called is None:
        hint = did_you_mean(slug, offered) or "publish it first, or both together"
        yield Problem(f"{path}.workflow", f"there is no workflow {slug!r}", hint)
        return
    if not called.is_active:
        yield Problem(f"{path}.workflow", f"{slug!r} is deactivated: it cannot be called", "publish it again")
        return
    if called.definition.inputs is None:
        hint = "declare inputs there, be it an empty object"
        yield Problem(f"{path}.workflow", f"{slug!r} declares no inputs: it cannot be called", hint)
        return
    version = params.get("version")
    if version is not None and called.version is not None and version != called.version:
        why = f"version {version} of {slug!r} is called, and version {called.version} is published"
        yield Problem(f"{path}.version", why, f"{called.version}, or leave it out for the newest")
    yield from _input(f"{path}.input", params.get("input", {}), called.definition.inputs)


def _input(path: str, given: Any, declared: Mapping[str, Any]) -> Iterator[Problem]:
    """As far as it is known: an expression may give anything."""
    if not isinstance(given, Mapping):
        return
    for problem in value_problems(given, declared, path):
        if not _is_computed(given, problem.path.removeprefix(path).lstrip(".")):
            yield problem


def _is_computed(given: Any, place: str) -> bool:
    """Whether an expression gives what is at the place, holds it, or is somewhere in it."""
    value = given
    for part in place.replace("[", ".").replace("]", "").split("."):
        if has_expression(value):
            return True
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return False
    return _holds_expression(value)


def _holds_expression(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_expression, value.values()))
    if isinstance(value, list):
        return any(map(_holds_expression, value))
    return has_expression(value)


def _way(path: str, start: str, first: str, known: Published) -> Iterator[Problem]:
    """A circle that the call is part of, and a chain of calls that is too long."""
    told: set[str] = set()

    def follow(way: tuple[str, ...]) -> Iterator[Problem]:
        here = way[-1]
        if here == start and start not in told:
            told.add(start)
            yield Problem(f"{path}.workflow", f"workflows call each other in a circle: {' → '.join(way)}")
        elif here in way[:-1]:
            return
        elif len(way) - 1 > MOST_DEPTH:
            if "" not in told:
                told.add("")
                why = f"calls are nested more than {MOST_DEPTH} deep: {' → '.join(way)}"
                yield Problem(f"{path}.workflow", why)
        elif here in known:
            for further in _called(known[here].definition):
                yield from follow((*way, further))

    if first != start:
        yield from follow((start, first))


def _called(definition: Definition) -> list[str]:
    found = [str(node.params.get("workflow")) for node in definition.nodes if node.type == flow.CALL]
    return list(dict.fromkeys(found))
