"""Which changes of a connection are possible where nobody can read the secrets that it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from officeflow.connectors import fields, kinds, providers
from officeflow.connectors.connection import Connection
from officeflow.connectors.declaration import ConnectionField
from officeflow.errors import Problem, did_you_mean
from officeflow.program import typed

MASKED = "***"
"""What Airflow gives instead of a secret, and keeps the secret where it is given back."""
GIVE = "name one with --set, --from-env, --from-file or --ask"
STEERING = (kinds.URL, kinds.HOST, kinds.PORT, kinds.PROXY, kinds.HOSTS)
"""The kinds of fields that decide where a connection's secrets are sent."""


def rotation_problems(
    before: Connection, kept: Mapping[str, str], values: Mapping[str, str]
) -> list[Problem]:
    """What keeps these credentials from taking the place of those that the connection has; `kept` are its
    fields, masked.
    """
    credentials = {field.name for field in _fields(before).values() if _is_credential(field)}
    problems = [
        Problem(name, "it is no credential", f"those are {', '.join(sorted(credentials)) or 'none'}")
        for name in sorted(set(values) - credentials)
    ]
    problems += _missing(kept, values)
    return problems or ([] if values else [Problem("", "no credential is given", GIVE)])


def problems_of(
    before: Connection, kept: Mapping[str, str], changes: Mapping[str, str | None]
) -> list[Problem]:
    """What keeps the connection from being changed so.

    Whoever could send its secrets to a place of their own, or without protection, would read them, so they
    have to know them.
    """
    known = _fields(before)
    problems = [
        Problem(name, "it has no such field", did_you_mean(name, known) or f"it has {', '.join(known)}")
        for name in changes
        if name not in known
    ]
    if not changes:
        problems.append(Problem("", "no field is named", f"{GIVE}, or --unset"))
    steered = [
        name
        for name, field in known.items()
        if (field.kind in STEERING or field.protects) and name in changes and changes[name] != kept.get(name)
    ]
    if steered:
        problems += _missing(kept, changes)
        problems += [
            Problem(name, "that is how a secret is shown, and not what it is", "give the secret itself")
            for name, field in known.items()
            if field.secret and MASKED in (changes.get(name) or "")
        ]
    else:
        problems += [
            Problem(name, "it is a credential", f"`{typed('connection rotate')}` or /rotate changes it")
            for name in changes
            if name in known and _is_credential(known[name])
        ]
    return problems


def for_the_record(before: Connection, after: Connection, changed: Collection[str]) -> dict[str, Any]:
    """For the audit log: which fields, and what those that are no secrets were and are."""
    shown = {name for name, field in _fields(before).items() if name in changed and not _is_credential(field)}
    return {
        "fields": sorted(changed),
        "before": {name: value for name, value in fields.told(before).items() if name in shown},
        "after": {name: value for name, value in fields.told(after).items() if name in shown},
    }


def _missing(kept: Mapping[str, str], given: Collection[str]) -> list[Problem]:
    secrets = {name for name, value in kept.items() if MASKED in value}
    return [
        Problem(name, "the connection has this secret, which nobody can read any more", "give it again")
        for name in sorted(secrets - set(given))
    ]


def _fields(connection: Connection) -> dict[str, ConnectionField]:
    return {field.name: field for field in providers.provider(connection.provider).fields}


def _is_credential(field: ConnectionField) -> bool:
    return field.credential or field.secret
