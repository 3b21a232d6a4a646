"""What is wrong with expressions and templates: syntax, names, types, and nodes that are read before they
run.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from officeflow.catalog import registry
from officeflow.errors import InvalidExpression, Problem, did_you_mean
from officeflow.events.lifecycle import KNOWN_NAMES, SENSITIVE_NAMES
from officeflow.events.payloads import rules_of
from officeflow.expressions import params, templates
from officeflow.expressions.cel import compile_expression
from officeflow.expressions.names import EACH, IN_LOOPS, KNOWN, TOP_LEVEL, Names
from officeflow.expressions.person_fields import PersonFields
from officeflow.sdk.places import CONDITION, URL, Place
from officeflow.tenants.fields import IDENTITY, OTHER_SPELLINGS
from officeflow.workflows.check_graph import ancestors
from officeflow.workflows.draft import Draft, DraftNode
from officeflow.workflows.loops import is_inside

if TYPE_CHECKING:
    from officeflow.sdk import NodeSchema

FILTER_VISIBLE = frozenset({"event", "employee", "org"})
"""A trigger's filter is asked before there is a run."""
ROOTS = rf"(?:{'|'.join(TOP_LEVEL)})"
MEANT = re.compile(
    rf"(?<!\$)\{{\{{[-+]?\s*\(*{ROOTS}\s*(?:[.\[|][^{{}}]*)?\}}\}}"
    rf"|\{{%[-+]?\s*(?:if|elif|for|set|with)\b[^{{}}]{{0,200}}?(?<![\w.]){ROOTS}[.\[][^{{}}]{{0,200}}%\}}"
)
"""A template's braces around one of our names."""
READS = re.compile(r"\{\{[-+]?\s*([\w.]+?)\s*[-+]?\}\}")


@dataclass(frozen=True, slots=True)
class Shown:
    """The fields of events that the organization `org` shows beside those of the schemas."""

    org: str
    fields: frozenset[str]

    @classmethod
    def of_settings(cls, org: str, settings: Mapping[str, Any]) -> Shown:
        return cls(org, rules_of(settings).shown)


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may read: `names`, and of the nodes only those that run before, `earlier` (None:
    any).
    """

    names: Names
    earlier: frozenset[str] | None
    reader: str


def check(draft: Draft, shown: Shown | None = None) -> Iterator[Problem]:
    """`shown` is the organization's; without it, a field of an event that no schema names may be one that is
    shown.
    """
    person = _person_fields(shown)
    if draft.filter is not None:
        names = Names(nodes=None, visible=FILTER_VISIBLE, person=person)
        yield from _cel("trigger.filter", draft.filter, Scope(names, None, "the filter"), condition=True)
    each, before = draft.loops, ancestors(draft)
    seen = {loop: _names(draft, each, loop, person) for loop in {None, *each.values()}}
    for edge in draft.edges:
        if edge.condition is not None:
            earlier = before[edge.source] | {edge.source} if edge.source in before else None
            names = seen[each.get(edge.target) if is_inside(edge.source, edge.target, each) else None]
            yield from _cel(
                f"{edge.path}.condition",
                edge.condition,
                Scope(names, earlier, "this condition"),
                condition=True,
            )
    for node in draft.nodes:
        earlier = None if node.compensates_for else before.get(node.key)
        yield from _params(node, Scope(seen[each.get(node.key)], earlier, repr(node.key)))
    yield from _outputs(draft, Scope(seen[None], None, "the outputs"))


def _outputs(draft: Draft, scope: Scope) -> Iterator[Problem]:
    """What the workflow gives to the one that calls it is read when all its nodes have ended."""
    for name, output in draft.outputs.items():
        value = output.get("value") if isinstance(output, Mapping) else None
        for path, text, _ in Place({}, {}).texts(value, f"outputs.{name}.value"):
            try:
                parts = params.split(text)
            except InvalidExpression as error:
                yield from _problems(path, error)
                continue
            for part in parts:
                if isinstance(part, params.Code):
                    yield from _cel(path, part.source, scope)
            yield from _no_template(path, parts)


def _names(draft: Draft, each: Mapping[str, str], loop: str | None, person: PersonFields) -> Names:
    """What is seen in the rounds of the loop, or outside of all (None): there what a node of a loop gave is a
    list.
    """
    outputs = {
        key: _list_of(schema) if each.get(key) not in {None, loop} else schema
        for key, node in draft.by_key.items()
        if key.isascii() and key.isidentifier()
        for schema in [_output_schema(node)]
    }
    visible = frozenset(KNOWN) if loop is None else frozenset({*KNOWN, *EACH})
    return Names(nodes=outputs, visible=visible, person=person, given=draft.inputs)


def _list_of(schema: Mapping[str, Any] | None) -> Mapping[str, Any]:
    inner = schema or {}
    return {"type": "array", "items": inner, "$defs": inner.get("$defs", {})}


def _person_fields(shown: Shown | None) -> PersonFields:
    return PersonFields(
        public=KNOWN_NAMES - SENSITIVE_NAMES,
        private=SENSITIVE_NAMES,
        own=frozenset(IDENTITY),
        renamed=OTHER_SPELLINGS,
        shown=shown.fields if shown else None,
        org=shown.org if shown else "",
    )


@functools.cache
def _schemas(node_type: str) -> NodeSchema | None:
    return registry.node_type(node_type).schema() if registry.is_known(node_type) else None


def _output_schema(node: DraftNode) -> Mapping[str, Any] | None:
    return registry.node_type(node.type).output_of(node.params) if registry.is_known(node.type) else None


def _params(node: DraftNode, scope: Scope) -> Iterator[Problem]:
    schemas = _schemas(node.type)
    schema = schemas.params if schemas else {}
    for path, text, mark in Place(schema, schema).texts(node.params, f"{node.path}.params"):
        if mark == CONDITION:
            yield from _cel(path, text, scope, condition=True)
            continue
        try:
            parts = params.split(text)
        except InvalidExpression as error:
            yield from _problems(path, error)
            continue
        codes = [part.source for part in parts if isinstance(part, params.Code)]
        if mark is not None and not (codes and len(params.split(text.strip())) == 1):
            yield from _template(path, text, scope, mixed=bool(codes))
        else:
            for source in codes:
                yield from _cel(path, source, scope, address=mark == URL)
            if mark is None:
                yield from _no_template(path, parts)


def _no_template(path: str, parts: list[str | params.Code]) -> Iterator[Problem]:
    """Braces that are certainly meant as a template's, in a text that is none.

    All others are the author's own text.
    """
    for text in parts:
        for found in MEANT.finditer(text) if isinstance(text, str) else ():
            reads = READS.fullmatch(found[0])
            write = f"${{{{ {reads[1]} }}}}" if reads else "an expression, ${{ … }}"
            opening = found[0][:2]
            hint = (
                f'write {write}; to have the braces themselves there, write ${{{{ "{opening}" }}}} for'
                f" {opening}"
            )
            yield Problem(
                path, f"this field is no template: `{found[0][:100]}` would stay as it is written", hint
            )


def _cel(
    path: str, source: str, scope: Scope, *, condition: bool = False, address: bool = False
) -> Iterator[Problem]:
    try:
        expression = compile_expression(source, scope.names, condition=condition)
    except InvalidExpression as error:
        yield from _problems(path, error)
        return
    if address and not expression.is_plain:
        why = "an address is put together in a template, where a value cannot lead elsewhere"
        yield Problem(path, why, "write /users/{{ employee.external_id | urlencode }}")
    yield from _order(path, expression.references.nodes, scope)


def _template(path: str, text: str, scope: Scope, *, mixed: bool) -> Iterator[Problem]:
    if mixed:
        yield Problem(
            path, "this field is a template, in which `${{ … }}` does nothing", "write {{ … }} without the $"
        )
        return
    try:
        templates.check(text)
    except InvalidExpression as error:
        yield from _problems(path, error)
    try:
        facts, fields = templates.read(text), templates.field_problems(text, scope.names)
    except InvalidExpression:  # told already
        return
    top_level = scope.names.top_level()
    for name in sorted(facts.names - set(top_level)):
        yield Problem(
            path,
            f"{name!r} is not known here",
            IN_LOOPS
            if name in EACH
            else did_you_mean(name, top_level) or f"known are {', '.join(top_level)}",
        )
    known = scope.names.nodes or {}
    for key in sorted(facts.nodes - set(known) - {"*"}):
        yield Problem(path, f"there is no node {key!r}", did_you_mean(key, known))
    for problem in fields:
        yield Problem(path, f"{problem.reason}, at {problem.path}", problem.suggestion)
    yield from _order(path, facts.nodes & {*known, "*"}, scope)


def _order(path: str, read: frozenset[str] | set[str], scope: Scope) -> Iterator[Problem]:
    if "*" in read:
        yield Problem(path, "reads `nodes` as a whole", "name a node: nodes.<id>.output")
    if scope.earlier is None:
        return
    for key in sorted(read - scope.earlier - {"*"}):
        offer = ", ".join(sorted(scope.earlier)) or "none"
        yield Problem(
            path,
            f"reads nodes.{key}, which does not run before {scope.reader}",
            f"those that do: {offer}"[:300],
        )


def _problems(path: str, error: InvalidExpression) -> Iterator[Problem]:
    if not error.problems:
        yield Problem(path, error.message, error.hint)
    for problem in error.problems:
        yield Problem(path, f"{problem.reason}, at {problem.path}", problem.suggestion)
