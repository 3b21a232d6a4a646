"""What is wrong with nodes taken one by one: type, connection, parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from officeflow.catalog import registry
from officeflow.connectors.declaration import Provider
from officeflow.connectors.families import Capability, in_words
from officeflow.connectors.providers import providers
from officeflow.errors import Problem, did_you_mean
from officeflow.expressions.params import has_expression
from officeflow.program import typed
from officeflow.workflows.draft import Draft, DraftNode

if TYPE_CHECKING:
    from officeflow.sdk import Node, ValidationResult

Connections = Callable[[], Mapping[str, str]]
"""Gives the organization's connections: name within the organization to provider."""


def check(draft: Draft, connections: Mapping[str, str] | None) -> Iterator[Problem]:
    for node in draft.nodes:
        if not node.type:
            continue
        if not registry.is_known(node.type):
            yield Problem(
                f"{node.path}.type", f"there is no node type {node.type!r}", registry.suggestion(node.type)
            )
            continue
        declared = registry.node_type(node.type)
        yield from _connection(node, declared, connections)
        yield from _further(node, declared, connections)
        yield from _params(node, declared)


def _connection(
    node: DraftNode, declared: type[Node[Any, Any, Any]], connections: Mapping[str, str] | None
) -> Iterator[Problem]:
    family, path = declared.spec.family, f"{node.path}.connection"
    if family is None:
        if node.connection:
            yield Problem(path, f"{node.type} uses no connection", "leave it out")
        return
    known = {name: providers().get(provider) for name, provider in (connections or {}).items()}
    fitting = [name for name, provider in known.items() if provider and not unfit(provider, declared)]
    offer = (
        f"there are {', '.join(sorted(fitting))}"
        if fitting
        else f"add one of the family {family}: `{typed('connection add')}`"
    )
    if not node.connection:
        yield Problem(
            path,
            f"is missing: {node.type} needs one of the family {family}",
            offer if connections is not None else "",
        )
    elif connections is not None and node.connection not in connections:
        yield Problem(
            path,
            f"there is no connection {node.connection!r}",
            did_you_mean(node.connection, fitting) or offer,
        )
    elif connections is not None and node.connection not in fitting:
        yield Problem(path, f"{node.connection!r} {unfit(known[node.connection], declared)}", offer)


def _further(
    node: DraftNode, declared: type[Node[Any, Any, Any]], connections: Mapping[str, str] | None
) -> Iterator[Problem]:
    """Connections that its parameters name."""
    further = declared.further
    if further is None or connections is None:
        return
    type_name = declared.spec.type
    known = {name: providers().get(provider) for name, provider in connections.items()}
    why = {name: _unfit(each, further.family, further.needs, type_name) for name, each in known.items()}
    fitting = sorted(name for name, reason in why.items() if not reason)
    offer = f"there are {', '.join(fitting)}" if fitting else f"add one: `{typed('connection add')}`"
    for index, name in further.named(node.params).items():
        path = f"{node.path}.params.{further.parameter}[{index}]"
        if has_expression(name):
            continue
        if name not in known:
            yield Problem(path, f"there is no connection {name!r}", did_you_mean(name, fitting) or offer)
        elif why[name]:
            yield Problem(path, f"{name!r} {why[name]}", offer)


def unfit(provider: Provider | None, declared: type[Node[Any, Any, Any]]) -> str:
    """Why the node type cannot act on such a system, to be read after the connection's name; "" where it
    can.
    """
    return _unfit(provider, declared.spec.family or "", declared.needs, declared.spec.type)


def _unfit(provider: Provider | None, family: str, needs: frozenset[Capability], type_name: str) -> str:
    service = provider.service(family) if provider else None
    if provider is None or service is None:
        actual = " and ".join(provider.families) if provider else "unknown"
        return f"is of the family {actual}, and {type_name} needs {family}"
    lacking = needs - service.capabilities
    if not lacking:
        return ""
    return f"({provider.title}) cannot {in_words(lacking)}, and {type_name} needs that"


STAND_INS: tuple[Any, ...] = (
    *(
        "stand-in",
        1,
        True,
        1.5,
        "stand.in@example.com",
        "2026-01-01",
        "2026-01-01T09:00:00",
        "2026-01-01T09:00:00+00:00",
        "09:00:00",
    ),
    *(
        "PT1H",
        "UTC",
        "https://example.com",
        ["stand-in"],
        ["stand.in@example.com"],
        [],
        {},
        {"stand-in": "stand-in"},
        None,
    ),
)
"""Values that an expression may turn out to be.

One that its field takes stands in for it, so that the other fields can be checked.
"""


def _params(node: DraftNode, declared: type[Node[Any, Any, Any]]) -> Iterator[Problem]:
    for problem in params_problems(node.params, declared):
        yield Problem(f"{node.path}.{problem.path}", problem.reason, problem.suggestion)


def params_problems(drawn: Mapping[str, Any], declared: type[Node[Any, Any, Any]]) -> Iterator[Problem]:
    """What is wrong with the parameters as far as they are known; an expression may stand for a value of any
    type, but for no name.
    """
    params: Any = _copy(drawn)
    computed = dict(_computed(params, "params"))
    result = declared.validate(params)
    guessed: list[frozenset[Problem]] = []
    for path, place in computed.items():
        if path not in result.unknown and any(_about(problem, path) for problem in result.problems):
            result, always = _stand_in(params, place, path, declared)
            guessed.append(always)
    for problem in result.problems:
        if problem.path == "params":  # a rule over several fields, which stand-ins may break
            certain = all(problem in always for always in guessed)
        else:
            certain = problem.path in result.unknown or not any(_about(problem, path) for path in computed)
        if certain:
            yield problem


def _stand_in(
    params: Any, place: tuple[int | str, ...], path: str, declared: type[Node[Any, Any, Any]]
) -> tuple[ValidationResult, frozenset[Problem]]:
    """Puts the first value that its field takes there.

    With it: what is wrong then, and what of it is wrong with every such value.
    """
    *outer, last = place
    holder = params
    for part in outer:
        holder = holder[part]
    original = holder[last]
    fitting: list[tuple[Any, ValidationResult]] = []
    for candidate in STAND_INS:
        holder[last] = candidate
        result = declared.validate(params)
        if not any(_about(problem, path) for problem in result.problems):
            fitting.append((candidate, result))
    holder[last] = fitting[0][0] if fitting else original
    results = [result for _, result in fitting] or [declared.validate(params)]
    values = [candidate for candidate, _ in fitting]
    if not any(values) or any(
        isinstance(value, dict) for value in values
    ):  # of a list's elements and an object's fields they say nothing
        return results[0], frozenset()
    return results[0], frozenset.intersection(*(frozenset(result.problems) for result in results))


def _about(problem: Problem, path: str) -> bool:
    return problem.path == path or problem.path.startswith((f"{path}.", f"{path}["))


def _computed(
    value: Any, path: str, place: tuple[int | str, ...] = ()
) -> Iterator[tuple[str, tuple[int | str, ...]]]:
    """Path and place of every value that holds an expression."""
    if has_expression(value):
        yield path, place
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _computed(item, f"{path}.{key}", (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _computed(item, f"{path}[{index}]", (*place, index))


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value
