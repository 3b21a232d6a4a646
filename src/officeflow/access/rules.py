"""An organization's rules: who gets which groups, roles, licences and applications at which connection."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WithJsonSchema

from officeflow.errors import InvalidEvent, InvalidInput, Problem, did_you_mean, path_to, plain_words
from officeflow.events import json_text

SCHEMA_ID = "https://officeflow.example/schemas/access-rules.schema.json"
MOST_RULES = 2000
MOST_GRANTS = 500
"""Of one kind, in one rule, at one connection."""
LONGEST_NAME = 320


class EntitlementKind(enum.StrEnum):
    """What a rule gives; the value names it in the rules."""

    GROUPS = "groups"
    ROLES = "roles"
    LICENCES = "licences"
    APPLICATIONS = "applications"


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, pattern=r"^\S(?:.*\S)?$")]
Texts = Annotated[
    list[Annotated[str, Field(max_length=1000)]],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1, max_length=MOST_GRANTS),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": 1000},
                {"type": "array", "items": {"type": "string", "maxLength": 1000}, "minItems": 1},
            ]
        }
    ),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Grant(_Part):
    """One entitlement, by the name that people call it in its system."""

    name: Name = Field(description="As the system calls it; its id does too, but for groups.")
    sensitive: bool = Field(False, description="Whether a person is asked before somebody gets it.")


class ApplicationGrant(Grant):
    role: Name | None = Field(None, description="One of the application's own, where it has such.")


def _short(full: type[Grant]) -> WithJsonSchema:
    return WithJsonSchema(
        {"anyOf": [{"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}, full.model_json_schema()]}
    )


_Most: Any = Field(default_factory=list, max_length=MOST_GRANTS)
Grants = list[Annotated[Grant, BeforeValidator(_named), _short(Grant)]]
ApplicationGrants = list[Annotated[ApplicationGrant, BeforeValidator(_named), _short(ApplicationGrant)]]


class Given(_Part):
    """What a rule gives at one connection: names, or objects with a name and more."""

    groups: Grants = _Most
    roles: Grants = _Most
    licences: Grants = _Most
    applications: ApplicationGrants = _Most

    def of(self, kind: EntitlementKind) -> list[Any]:
        return list(getattr(self, kind.value))


class Rule(_Part):
    """Whom it is about, and what they get. Without `match` and `when` it is about everybody."""

    name: Name = Field(description="Names the rule to people; no other has it.")
    match: dict[Name, Texts] = Field(
        default_factory=dict,
        description="Fields of the person's record, each with the text, or the texts, that it has to be.",
    )
    when: str | None = Field(
        None,
        min_length=1,
        max_length=4096,
        description="A condition in CEL, which reads `employee`; it holds beside `match`.",
    )
    connections: dict[Name, Given] = Field(
        description="By the connection's name: what these people get in its system.", min_length=1
    )


class Rules(_Part):
    """All of an organization's."""

    rules: list[Rule] = Field(default_factory=list, max_length=MOST_RULES)

    def at(self, connection: str) -> Iterator[tuple[Rule, Given]]:
        for rule in self.rules:
            if connection in rule.connections:
                yield rule, rule.connections[connection]


def from_text(text: bytes) -> Any:
    """The JSON in `text`, read strictly; `InvalidInput` where it is none, or says a field twice."""
    try:
        return json_text.parse(text)
    except InvalidEvent as error:
        raise InvalidInput(f"the access rules cannot be read: {error.message}") from error


def parse(document: Any) -> Rules:
    """`InvalidInput` with everything that is wrong with the form, each with its path."""
    try:
        rules = Rules.model_validate(document)
    except ValidationError as error:
        raise _refused(list(_worded(error))) from error
    if twice := list(_twice(rules)):
        raise _refused(twice)
    return rules


def _refused(problems: list[Problem]) -> InvalidInput:
    return InvalidInput("the access rules are not valid", problems=problems)


def to_json(rules: Rules) -> dict[str, Any]:
    """Without what is as it would be if it were left out; an entitlement that is only a name is one."""
    written = rules.model_dump(mode="json", exclude_defaults=True)
    for rule in written.get("rules", ()):
        for given in rule["connections"].values():
            for kind, grants in given.items():
                given[kind] = [each["name"] if set(each) == {"name"} else each for each in grants]
    return {"rules": written.get("rules", [])}


def schema_text() -> str:
    """`json_schema` as it stands in docs/schemas/access-rules.schema.json."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the rules."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **Rules.model_json_schema(),
        "title": "Access rules",
    }


def _worded(error: ValidationError) -> Iterator[Problem]:
    for found in error.errors(include_url=False, include_context=False, include_input=False):
        place = tuple(part for part in found["loc"] if part != "[key]")
        path = path_to("", place)
        match found["type"]:
            case "extra_forbidden":
                known = _names_beside(place)
                offer = did_you_mean(str(place[-1]), known) or f"there are {', '.join(known)}"
                yield Problem(path, "there is no such field", offer)
            case "missing":
                yield Problem(path, "is missing")
            case "string_pattern_mismatch":
                yield Problem(path, "is one line, without blanks around it")
            case _:
                yield Problem(path, plain_words(found["msg"]))


def _names_beside(place: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Rules
    match place:
        case ("rules", int(), "connections", str(), "applications", int(), *rest) if rest:
            model = ApplicationGrant
        case ("rules", int(), "connections", str(), str(), int(), *rest) if rest:
            model = Grant
        case ("rules", int(), "connections", str(), *rest) if rest:
            model = Given
        case ("rules", int(), *rest) if rest:
            model = Rule
    return list(model.model_fields)


def _twice(rules: Rules) -> Iterator[Problem]:
    seen = dict[str, int]()
    for index, rule in enumerate(rules.rules):
        key = rule.name.casefold()
        if key in seen:
            yield Problem(f"rules[{index}].name", f"rules[{seen[key]}] is called {rule.name!r} already")
        seen.setdefault(key, index)
