"""The reference of connections, made from what the connectors declare."""

from __future__ import annotations

from collections.abc import Iterator

from officeflow.connectors.declaration import ConnectionField, Provider
from officeflow.connectors.families import in_words
from officeflow.connectors.providers import about, providers

NOTICE = "<!-- Made by `officeflow connection docs docs/connections.md` from the connectors. -->"
INTRODUCTION = (
    "Systems that a connection can lead to. `officeflow connection add ORG NAME --provider …` makes one, kept"
    " in Airflow as `ORG.NAME`; a node names it by `NAME`. [Connectors](connectors.md) says how to write"
    " another one."
)


def page() -> str:
    lines = [NOTICE, "", "# Connections", "", INTRODUCTION]
    for known in providers().values():
        lines += _section(known)
    return "\n".join([*lines, ""])


def _section(known: Provider) -> Iterator[str]:
    yield from ("", f"## {known.title}: `{known.name}`", "", about(known.name), "")
    for service in known.services:
        yield f"- Family `{service.family}`: it can {in_words(service.capabilities)}."
    yield from ("", "| field | kind | | what it is |", "|---|---|---|---|")
    for field in known.fields:
        yield f"| `{field.name}` | {_kind(field)} | {_marks(field)} | {field.description} |"


def _kind(field: ConnectionField) -> str:
    return ", ".join(f"`{name}`" for name in field.kind.choices) or field.kind.name


def _marks(field: ConnectionField) -> str:
    marks = {"required": field.required, "secret": field.secret}
    return ", ".join(name for name, holds in marks.items() if holds)
