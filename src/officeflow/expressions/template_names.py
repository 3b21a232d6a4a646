"""Fields that a template reads of what is known: followed through `set`, `with`, loops and filters, checked
as CEL's checker does.

Nothing is said of a value that may be one of several, and of what is in an object whose schema does not say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import nodes

from officeflow.errors import Problem, did_you_mean
from officeflow.expressions.names import KNOWN, OPEN, JsonSchema, Names, resolve
from officeflow.expressions.person_fields import EMPLOYEE, PAYLOAD
from officeflow.expressions.sandbox import LOOP_FIELDS

SAME = frozenset({"sort", "reverse", "unique", "list", "select", "reject", "selectattr", "rejectattr"})
"""Filters that give a list of what they get a list of."""
ONE = frozenset({"first", "last", "min", "max"})
"""Filters that give an element of what they get."""
BY_FIELD = frozenset({"map", "selectattr", "rejectattr", "sort", "unique", "min", "max", "join"})
"""Filters that take the name of a field of the elements: as `attribute`, or as their first argument where
they end in `attr`.
"""
SCALARS: Mapping[str, str] = {
    "string": "text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
}


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression of a template gives: its name in the definition's terms, and its JSON Schema with
    the root of its `$ref`s.

    `members` are those of an object that is none of JSON Schema's; `unsaid` are members whose absence is told
    elsewhere.
    """

    path: str
    schema: JsonSchema = field(default_factory=dict)
    root: JsonSchema = field(default_factory=dict)
    members: Mapping[str, Value] | None = None
    unsaid: bool = False


Scope = dict[str, "Value | None"]
"""What the names that a template sets stand for; None where that is not known."""


def problems_of(tree: nodes.Template, names: Names) -> list[Problem]:
    """Each field that the template reads and that is never there, with its line and the nearest name."""
    reader = _Reader(names)
    reader.body(tree.body, {})
    return list(dict.fromkeys(reader.problems))[:20]


def _top_level(names: Names) -> dict[str, Value]:
    known = {name: Value(name, KNOWN[name], KNOWN[name]) for name in KNOWN if name in names.visible}
    if names.nodes is not None:
        outputs = {
            key: Value(f"nodes.{key}.output", schema or OPEN, schema or OPEN)
            for key, schema in names.nodes.items()
        }
        records = {key: Value(f"nodes.{key}", members={"output": output}) for key, output in outputs.items()}
        known["nodes"] = Value("nodes", members=records, unsaid=True)
    return known


class _Reader:
    def __init__(self, names: Names) -> None:
        self.problems: list[Problem] = []
        self._person = names.person
        self._known = _top_level(names)

    def body(self, statements: Iterable[nodes.Node], scope: Scope) -> None:
        for statement in statements:
            match statement:
                case nodes.Assign():
                    self._bind(statement.target, self.value(statement.node, scope), scope)
                case nodes.If():
                    self._if(statement, scope)
                case nodes.For():
                    self._for(statement, scope)
                case nodes.With():
                    inner = dict(scope)
                    for target, given in zip(statement.targets, statement.values, strict=True):
                        self._bind(target, self.value(given, scope), inner)
                    self.body(statement.body, inner)
                case _:
                    self._children(statement, scope)

    def value(self, node: nodes.Node, scope: Scope) -> Value | None:
        """What the expression gives; what is wrong inside of it is kept."""
        match node:
            case nodes.Name():
                return scope[node.name] if node.name in scope else self._known.get(node.name)
            case nodes.Getattr():
                return self._field(self.value(node.node, scope), node.attr, node.lineno)
            case nodes.Getitem():
                return self._item(node, scope)
            case nodes.Filter():
                return self._filtered(node, scope)
            case nodes.CondExpr():
                self.value(node.test, scope)
                chosen = self.value(node.expr1, scope)
                other = self.value(node.expr2, scope) if node.expr2 is not None else chosen
                return chosen if chosen == other else None
        self._children(node, scope)
        return None

    def _children(self, node: nodes.Node, scope: Scope) -> None:
        for child in node.iter_child_nodes():
            self.value(child, scope)

    def _if(self, statement: nodes.If, scope: Scope) -> None:
        self.value(statement.test, scope)
        ways: list[tuple[Sequence[nodes.Node], Scope]] = [(statement.body, dict(scope))]
        for other in statement.elif_:
            self.value(other.test, scope)
            ways.append((other.body, dict(scope)))
        ways.append((statement.else_, dict(scope)))
        for body, inner in ways:
            self.body(body, inner)
        for name in {name for _, inner in ways for name in inner}:
            found = [inner.get(name, self._known.get(name)) for _, inner in ways]
            scope[name] = found[0] if all(each == found[0] for each in found) else None

    def _for(self, statement: nodes.For, scope: Scope) -> None:
        over = self.value(statement.iter, scope)
        inner = {**scope, **dict.fromkeys(_set_in(statement.body))}
        self._bind(statement.target, _element(over), inner)
        if statement.test is not None:
            self.value(statement.test, inner)
        inner["loop"] = Value("loop", members={name: Value(f"loop.{name}") for name in LOOP_FIELDS})
        self.body(statement.body, inner)
        self.body(statement.else_, dict(scope))

    def _bind(self, target: nodes.Node, value: Value | None, scope: Scope) -> None:
        if isinstance(target, nodes.Name):
            scope[target.name] = value
        else:
            scope.update(dict.fromkeys(_names(target)))

    def _item(self, node: nodes.Getitem, scope: Scope) -> Value | None:
        owner = self.value(node.node, scope)
        match node.arg:
            case nodes.Const(value=str(name)):
                return self._field(owner, name, node.lineno, literally=True)
            case nodes.Const(value=int()) | nodes.Neg():
                return _element(owner)
            case nodes.Slice():
                self._children(node.arg, scope)
                return owner
        self.value(node.arg, scope)
        return None

    def _filtered(self, node: nodes.Filter, scope: Scope) -> Value | None:
        base = self.value(node.node, scope) if node.node is not None else None
        for given in (*node.args, *(keyword.value for keyword in node.kwargs)):
            self.value(given, scope)
        by_field = _attribute(node)
        inner = _element(base)
        for part in by_field:
            inner = self._field(inner, part, node.lineno)
        if node.name in SAME:
            return base
        if node.name in ONE:
            return _element(base)
        if node.name == "map" and by_field and inner is not None:
            return Value(f"{inner.path}[]", {"type": "array", "items": inner.schema}, inner.root)
        return base if node.name in {"default", "d"} and all(map(_is_bare, node.args)) else None

    def _field(self, owner: Value | None, name: str, line: int, *, literally: bool = False) -> Value | None:
        if owner is None:
            return None
        if owner.path in {PAYLOAD, EMPLOYEE}:
            self._say(line, self._person.problem(owner.path, name, literally=literally))
            return None
        if owner.members is not None:
            if name not in owner.members and not owner.unsaid:
                self._missing(line, owner, name, owner.members)
            return owner.members.get(name)
        schema, _ = resolve(owner.schema, owner.root)
        kind, properties = str(schema.get("type")), schema.get("properties")
        if kind == "object" and isinstance(properties, Mapping) and properties:
            if name in properties:
                return Value(f"{owner.path}.{name}", properties[name], owner.root)
            self._missing(line, owner, name, properties)
        elif kind == "array":
            self._say(
                line,
                (
                    f"{owner.path} is a list, and has no field {name!r}",
                    "go through it with {% for %}, or take | first",
                ),
            )
        elif kind in SCALARS:
            self._say(
                line, (f"{owner.path} is {SCALARS[kind]}, and has no field {name!r}", f"leave out .{name}")
            )
        return None

    def _missing(self, line: int, owner: Value, name: str, known: Mapping[str, Any]) -> None:
        self._say(
            line,
            (
                f"{owner.path} has no field {name!r}",
                did_you_mean(name, known) or f"it has {', '.join(known)}",
            ),
        )

    def _say(self, line: int, problem: tuple[str, str] | None) -> None:
        if problem is not None:
            self.problems.append(Problem(f"line {line}", *problem))


def _element(value: Value | None) -> Value | None:
    """What a list holds; not known for anything else."""
    if value is None or value.members is not None:
        return None
    schema, _ = resolve(value.schema, value.root)
    items = schema.get("items")
    return (
        Value(f"{value.path}[]", items, value.root)
        if schema.get("type") == "array" and isinstance(items, Mapping)
        else None
    )


def _is_bare(node: nodes.Node) -> bool:
    """Whether it is written out and has no fields."""
    return isinstance(node, nodes.Const) or (isinstance(node, nodes.Dict | nodes.List) and not node.items)


def _set_in(body: Iterable[nodes.Node]) -> set[str]:
    """The names that a loop's body sets: in a later round they may stand for something else."""
    assigned = [
        found
        for part in body
        for found in (part, *part.find_all(nodes.Assign))
        if isinstance(found, nodes.Assign)
    ]
    return {name for each in assigned for name in _names(each.target)}


def _names(target: nodes.Node) -> list[str]:
    return (
        [target.name]
        if isinstance(target, nodes.Name)
        else [found.name for found in target.find_all(nodes.Name)]
    )


def _attribute(node: nodes.Filter) -> list[str]:
    """The field of the elements that a filter works by, part by part; empty where it names none, or computes
    it.
    """
    if node.name not in BY_FIELD:
        return []
    given = [keyword.value for keyword in node.kwargs if keyword.key == "attribute"]
    given += node.args[:1] if node.name.endswith("attr") else []
    match given:
        case [nodes.Const(value=str(text))]:
            parts = text.split(".")
            return [] if any(map(str.isdecimal, parts)) else parts
    return []
