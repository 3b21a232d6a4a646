"""What is wrong with an organization's rules, beside their form: conditions, fields, connections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from officeflow.access.holdings import NEEDED
from officeflow.access.rules import EntitlementKind, Given, Rules, parse
from officeflow.connectors.families import Family
from officeflow.connectors.providers import providers
from officeflow.errors import InvalidExpression, InvalidInput, Problem, did_you_mean
from officeflow.events.lifecycle import KNOWN_NAMES, SENSITIVE_NAMES
from officeflow.expressions.cel import compile_all
from officeflow.expressions.names import Names
from officeflow.expressions.person_fields import EMPLOYEE, PersonFields
from officeflow.program import typed
from officeflow.tenants.fields import IDENTITY, OTHER_SPELLINGS

PERSON = PersonFields(
    public=KNOWN_NAMES - SENSITIVE_NAMES,
    private=SENSITIVE_NAMES,
    own=frozenset(IDENTITY),
    renamed=OTHER_SPELLINGS,
)
NAMES = Names(visible=frozenset({EMPLOYEE}), person=PERSON)


def checked(document: Any, connections: Mapping[str, str] | None) -> Rules:
    """The rules, with which nothing is wrong; `InvalidInput` with everything that is, each with its path.

    `connections` are the organization's, name to provider; None: that they exist is not looked at.
    """
    rules = parse(document)
    problems = [*_fields(rules), *_conditions(rules), *_connections(rules, connections)]
    if problems:
        raise InvalidInput("the access rules are not valid", problems=problems)
    return rules


def _fields(rules: Rules) -> Iterator[Problem]:
    for index, rule in enumerate(rules.rules):
        for field in rule.match:
            found = PERSON.problem(EMPLOYEE, field, literally=False)
            if found is not None:
                yield Problem(f"rules[{index}].match.{field}", *found)


def _conditions(rules: Rules) -> Iterator[Problem]:
    asked = [(index, rule.when) for index, rule in enumerate(rules.rules) if rule.when is not None]
    found = compile_all([source for _, source in asked], NAMES, condition=True)
    for (index, _), told in zip(asked, found, strict=True):
        if isinstance(told, InvalidExpression):
            path = f"rules[{index}].when"
            for each in told.problems or (Problem("", told.message, told.hint),):
                yield Problem(
                    path, f"{each.path}: {each.reason}" if each.path else each.reason, each.suggestion
                )


def _connections(rules: Rules, connections: Mapping[str, str] | None) -> Iterator[Problem]:
    if connections is None:
        return
    fitting = [name for name, provider in connections.items() if _serves(provider)]
    for index, rule in enumerate(rules.rules):
        for name, given in rule.connections.items():
            path = f"rules[{index}].connections.{name}"
            if name not in connections:
                offer = did_you_mean(name, fitting) or _offer(fitting)
                yield Problem(path, f"there is no connection {name!r}", offer)
            elif name not in fitting:
                yield Problem(path, f"{name!r} is not of the family {Family.IDENTITY}", _offer(fitting))
            else:
                yield from _kinds(path, connections[name], given)


def _kinds(path: str, provider: str, given: Given) -> Iterator[Problem]:
    known = providers()[provider]
    service = known.service(Family.IDENTITY)
    capabilities = service.capabilities if service else frozenset()
    for kind in EntitlementKind:
        if given.of(kind) and NEEDED[kind] not in capabilities:
            yield Problem(
                f"{path}.{kind.value}", f"{known.title} cannot {NEEDED[kind].value}", "leave it out"
            )


def _serves(provider: str) -> bool:
    known = providers().get(provider)
    return known is not None and known.service(Family.IDENTITY) is not None


def _offer(fitting: list[str]) -> str:
    there = ", ".join(sorted(fitting))
    return f"there are {there}" if there else f"add one: `{typed('connection add')}`"
