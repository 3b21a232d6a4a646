"""`$search`, as https://learn.microsoft.com/graph/search-query-parameter has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterparts.entra.errors import malformed, unsupported_query
from counterparts.entra.schema.types import ResourceType

CLAUSE = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*')
JOINT = re.compile(r"(AND|OR)\b")
WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Clause:
    name: str
    text: str

    def matches(self, document: Mapping[str, Any]) -> bool:
        """Every word of the clause begins a word of the property, as its tokens are."""
        has = WORDS.findall(str(document.get(self.name) or "").casefold())
        wanted = WORDS.findall(self.text.casefold())
        return bool(wanted) and all(any(one.startswith(word) for one in has) for word in wanted)


@dataclass(frozen=True, slots=True)
class Search:
    """Clauses joined by `AND` inside, by `OR` outside."""

    choices: tuple[tuple[Clause, ...], ...]

    def matches(self, document: Mapping[str, Any]) -> bool:
        return any(all(clause.matches(document) for clause in choice) for choice in self.choices)


def parse(text: str, resource: ResourceType) -> Search:
    """Raises the vendor's 400 for what is not `"property:text"`, joined by AND and OR in capitals."""
    choices: list[list[Clause]] = [[]]
    place = 0
    while True:
        match = CLAUSE.match(text, place)
        if match is None:
            raise malformed(f"Syntax error: character '{text[place : place + 1]}' is not valid at {place}.")
        choices[-1].append(_clause(re.sub(r"\\(.)", r"\1", match[1]), resource))
        place = match.end()
        if place == len(text):
            return Search(tuple(tuple(choice) for choice in choices))
        joint = JOINT.match(text, place)
        if joint is None:
            raise malformed(f"Syntax error at position {place} of the search.")
        place = joint.end()
        if joint[1] == "OR":
            choices.append([])


def _clause(text: str, resource: ResourceType) -> Clause:
    name, colon, value = text.partition(":")
    if not colon:
        raise malformed('The search clause needs a property: "property:text".')
    if name not in resource.searchable:
        raise unsupported_query(f"Property '{name}' does not support $search.")
    return Clause(name, value)
