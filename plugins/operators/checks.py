"""What is wrong with a task of ours, told while Airflow reads its DAG file: an import error instead of a run
that fails.

Nothing is opened and no evaluator is started. What a template, an XCom or a mapping will give is not known
yet, and taken for right.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow.sdk import XComArg
from airflow.sdk.definitions.xcom_arg import PlainXComArg

from officeflow.errors import InvalidExpression, InvalidParameters, Problem, did_you_mean
from officeflow.expressions import params as expressions
from officeflow.expressions.named import nodes_named
from officeflow.expressions.names import TOP_LEVEL
from officeflow.ids import is_slug
from officeflow.sdk import Node
from officeflow.sdk.places import CONDITION, Place
from officeflow.workflows import flow
from operators import steering
from operators.templating import JINJA, RETURNED, Protected, node_of

AnyNode = Node[Any, Any, Any]
STAND_IN = "${{ 0 }}"
"""An expression, for the checks of parameters: a value that is not known yet."""
SLUG_FORM = "small letters, digits and single hyphens, a letter first"


class Unknown:
    """A value that only a run will have."""


UNKNOWN = Unknown()


def refuse(task_id: str, operator: str, problems: Iterable[Problem]) -> None:
    """`InvalidParameters` with all of them, where there are any."""
    found = list(dict.fromkeys(problems))
    if found:
        raise InvalidParameters(f"task {task_id!r} ({operator}) cannot run", problems=found)


def of_arguments(
    node: type[AnyNode], *, org: Any, connection: Any, params: Any, macros: Iterable[str] = ()
) -> Iterator[Problem]:
    """What is wrong with an operator's own arguments, taken by themselves."""
    yield from _name("org", org)
    yield from _connection(node, connection)
    if params is None:
        params = {}
    if _is_open(params):
        return
    if not isinstance(params, Mapping):
        yield Problem("node_params", f"is a dictionary, not a {type(params).__name__}")
        return
    from officeflow.workflows.check_nodes import params_problems

    schema = node.schema().params
    place = Place(schema, schema)
    texts = list(_texts(params, place, "params", frozenset(macros)))
    yield from texts
    wrong = {problem.path for problem in texts}
    yield from (
        problem for problem in params_problems(_probe(params, place), node) if problem.path not in wrong
    )


def of_names(org: Any, connection: Any) -> Iterator[Problem]:
    """The names that a template gave."""
    yield from _name("org", org)
    if connection is not None:
        yield from _name("connection", connection)


def _name(path: str, value: Any) -> Iterator[Problem]:
    if _is_open(value) or (isinstance(value, str) and is_slug(value)):
        return
    yield Problem(path, f"{value!r} cannot be a name", SLUG_FORM)


def _connection(node: type[AnyNode], connection: Any) -> Iterator[Problem]:
    family = node.spec.family
    if family is None:
        if connection is not None and not isinstance(connection, Unknown):
            yield Problem("connection", f"{node.spec.type} uses no connection", "leave it out")
    elif connection is None or connection == "":
        yield Problem(
            "connection",
            f"is missing: {node.spec.type} needs one of the family {family}",
            "the name alone, without the organization",
        )
    elif not _is_open(connection):
        yield from _name("connection", connection)


def _is_open(value: Any) -> bool:
    """Whether only a run will tell."""
    if isinstance(value, str):
        return JINJA.search(value) is not None
    return isinstance(value, XComArg | Unknown) or callable(value) or hasattr(value, "resolve")


def _probe(value: Any, place: Place) -> Any:
    """The parameters with a stand-in for everything that is not known yet."""
    if isinstance(value, str):
        try:
            return STAND_IN if place.template() is None and Protected.of(value).is_airflows else value
        except InvalidExpression:
            return STAND_IN
    if isinstance(value, Mapping):
        return {str(key): _probe(item, place.field(str(key))) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_probe(item, place.item()) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else STAND_IN


def _texts(value: Any, place: Place, path: str, macros: frozenset[str]) -> Iterator[Problem]:
    """What is wrong with templates, expressions and references to XComs, each by itself."""
    if isinstance(value, str):
        yield from _text(value, place.template(), path, macros)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, place.field(str(key)), f"{path}.{key}", macros)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _texts(item, place.item(), f"{path}[{index}]", macros)
    elif _is_open(value):
        if place.template() == CONDITION:
            yield Problem(
                path,
                "is a condition in CEL, which is written out",
                "compute the value in a task before, and test that",
            )
        if isinstance(value, PlainXComArg):
            yield from _reference(value, path)


def _text(text: str, mark: str | None, path: str, macros: frozenset[str]) -> Iterator[Problem]:
    if mark == CONDITION:
        return
    try:
        parts = expressions.split(text.strip())
        codes = [part for part in parts if isinstance(part, expressions.Code)]
        if mark is None:
            yield from _airflows(text, path, macros)
        elif codes and len(parts) > 1:
            yield Problem(
                path,
                "this field is a template, in which `${{ … }}` does nothing",
                "write {{ … }} without the $",
            )
        elif not codes:
            yield from _ours(text, path)
    except InvalidExpression as error:
        yield from _problems(path, error)


def _ours(text: str, path: str) -> Iterator[Problem]:
    """A field that is a template of ours. `InvalidExpression` for one that could not be rendered."""
    try:
        names = _facts(text)[0]
    except InvalidExpression:
        names = frozenset(_names(text, path)[0])
        if names <= set(TOP_LEVEL):
            raise
    for name in sorted(names - set(TOP_LEVEL)):
        why = (
            f"{name!r} is not known here: this field is OfficeFlow's own template, which knows"
            f" {', '.join(TOP_LEVEL)}"
        )
        yield Problem(
            path,
            why,
            "give the whole field as an XCom (.output), or name the value in a SetOperator and read"
            " nodes.<id>.output",
        )


@functools.lru_cache(maxsize=256)
def _facts(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the nodes that a template of ours reads."""
    from officeflow.expressions.jinja import facts

    found = facts(text)
    return frozenset(found["names"]), frozenset(found["nodes"]) - {"*"}


def _airflows(text: str, path: str, macros: frozenset[str]) -> Iterator[Problem]:
    """A field that Airflow renders."""
    protected = Protected.of(text)
    if not protected.is_airflows:
        return
    names, wrong = _names(protected.text, path)
    yield from wrong
    for name in sorted(names & set(TOP_LEVEL) - macros):
        yield Problem(path, f"Airflow's templates know no {name!r}", f"write ${{{{ {name}.… }}}} with the $")


def _names(template: str, path: str) -> tuple[set[str], list[Problem]]:
    """What a template reads and does not set itself, or why it is none."""
    import jinja2

    from officeflow.expressions.jinja import names_read

    try:
        tree = jinja2.Environment(autoescape=False).parse(template)  # noqa: S701 - it is only read
    except jinja2.TemplateSyntaxError as error:
        return set(), [
            Problem(
                path,
                f"Airflow's template has an error: {(error.message or '').rstrip('.')}",
                f"line {error.lineno}",
            )
        ]
    return names_read(tree), []


def _problems(path: str, error: InvalidExpression) -> Iterator[Problem]:
    if not error.problems:
        yield Problem(path, error.message, error.hint)
    for problem in error.problems:
        yield Problem(path, f"{problem.reason}, at {problem.path}", problem.suggestion)


def _reference(arg: PlainXComArg, path: str) -> Iterator[Problem]:
    """A field of another node's output that it has not."""
    node = node_of(arg.operator)
    if node is None or arg.key == RETURNED or arg.key.startswith("skipmixin"):
        return
    output = node.schema().output
    if output.get("additionalProperties") is False and arg.key not in output["properties"]:
        known = list(output["properties"])
        why = f"{arg.operator.task_id} ({node.spec.type}) gives no {arg.key!r}"
        yield Problem(path, why, did_you_mean(arg.key, known) or f"it gives {', '.join(known)}")


def of_place(
    task: Any, variants: Iterable[Mapping[str, Any]], conditions: Mapping[str, str]
) -> Iterator[Problem]:
    """What is wrong with how a task of ours refers to others, once its DAG is whole.

    `variants` are its arguments, one for each mapping.
    """
    node = node_of(task)
    if node is None:
        return
    schema, after = node.schema().params, frozenset(task.downstream_task_ids)
    for arguments in variants:
        params = arguments.get("node_params")
        if isinstance(params, Mapping):
            yield from _read(task, _named(params, Place(schema, schema), "params"))
            if node.spec.type == flow.BRANCH:
                yield from _ways(flow.targets(params), after)
    yield from steering.not_skippable(task, after if steering.decides(node) else conditions)
    for target, condition in conditions.items():
        if target not in after:
            yield Problem(
                f"conditions.{target}",
                "is no task right behind this one",
                did_you_mean(target, after) or _offer(after),
            )
        yield from _read(task, [(f"conditions.{target}", nodes_named(condition) - {task.task_id})])


def _ways(targets: Iterable[tuple[tuple[str | int, ...], Any]], after: frozenset[str]) -> Iterator[Problem]:
    for place, target in targets:
        if isinstance(target, str) and target not in after:
            path = ".".join(["params", *map(str, place)])
            yield Problem(
                path,
                f"{target!r} is no task right behind this one",
                did_you_mean(target, after) or _offer(after),
            )


def _offer(after: frozenset[str]) -> str:
    return (
        f"there are {', '.join(sorted(after))}"[:300]
        if after
        else "nothing follows it: write branch >> [one, other]"
    )


def _named(value: Any, place: Place, path: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Every text in the parameters that reads outputs of nodes, with their ids."""
    for where, text, mark in place.texts(value, path):
        try:
            codes = [text] if mark == CONDITION else [source for _, source in expressions.expressions(text)]
            if mark is not None and mark != CONDITION and not codes:
                yield where, _facts(text)[1]
        except InvalidExpression:
            continue
        yield where, frozenset().union(*map(nodes_named, codes))


def _read(task: Any, named: Iterable[tuple[str, frozenset[str]]]) -> Iterator[Problem]:
    before: set[str] | None = None
    for path, read in named:
        for key in sorted(read):
            if before is None:
                before = set(task.get_flat_relative_ids(upstream=True))
            yield from _one_read(task, key, path, before)


def _one_read(task: Any, key: str, path: str, before: set[str]) -> Iterator[Problem]:
    others = task.get_dag().task_dict
    if key in others and node_of(others[key]) is None:
        why = f"reads nodes.{key}, which is no node of OfficeFlow: the ledger has nothing of it"
        yield Problem(path, why, f"""use {key}.output, or {{{{ ti.xcom_pull("{key}") }}}}""")
    elif key not in others:
        inside = [other for other in others if other.endswith(f".{key}") or other.startswith(f"{key}.")]
        near = f'write nodes["{inside[0]}"].output' if inside else did_you_mean(key, others)
        yield Problem(path, f"reads nodes.{key}, and the DAG has no task {key!r}", near)
    elif key not in before:
        yield Problem(
            path,
            f"reads nodes.{key}, which does not run before {task.task_id}",
            f"write {key} >> {task.task_id}",
        )
