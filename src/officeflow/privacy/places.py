"""Where sensitive values stand, and whose each is: what has to be brought under another key.

A test compares this with the encrypting columns of all tables.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from officeflow.database import encryption, sealing
from officeflow.database.keys import Keys
from officeflow.events.whose import person_in, person_of
from officeflow.owners import Owner, owner

_OF_RUN = """
    (SELECT employee.external_id FROM workflow_runs AS run JOIN employees AS employee USING (employee_id)
     WHERE run.run_id = {run})"""


@dataclass(frozen=True, slots=True)
class Place:
    """A table with its primary key and its encrypting columns.

    `person` is SQL that gives the HR system's identifier of whom a row (`it`) is about; empty where only
    `told` knows, which looks into the opened value of the column `tells`. Columns in `was_plain` held JSON
    text before they were encrypted.
    """

    table: str
    key: str
    columns: tuple[str, ...]
    person: str = ""
    tells: str = ""
    told: Callable[[bytes], str] = lambda _: ""
    was_plain: bool = False

    def statement(self) -> str:
        """Rows of the organization `:org` behind `:after`, at most `:most`, in the order of their keys."""
        columns = ", ".join(f"it.{name}" for name in self.columns)
        return (
            f"SELECT it.{self.key} AS its_key, {self.person or 'NULL'} AS its_person, {columns}"  # noqa: S608 - names of ours
            f" FROM {self.table} AS it WHERE it.org_id = :org AND it.{self.key} > :after"
            f" ORDER BY it.{self.key} LIMIT :most"
        )

    def change(self, column: str) -> str:
        """Another value for what still is `:old`."""
        return f"UPDATE {self.table} SET {column} = :new WHERE {self.key} = :key AND {column} = :old"  # noqa: S608 - names of ours


def _employee_of(body: bytes) -> str:
    found = json.loads(body)
    return person_in(found) if isinstance(found, dict) else ""


_ASKED = "(SELECT asked.run_id FROM human_requests AS asked WHERE asked.request_id = it.request_id)"

PLACES = (
    Place("employees", "employee_id", ("sensitive",), person="it.external_id"),
    Place("inbox_events", "inbox_id", ("sensitive",), person="it.employee_key"),
    Place(
        "node_runs",
        "node_run_id",
        ("input", "output_sealed", "progress"),
        person=_OF_RUN.format(run="it.run_id"),
    ),
    Place(
        "human_requests",
        "request_id",
        ("body", "form"),
        person=_OF_RUN.format(run="it.run_id"),
        was_plain=True,
    ),
    Place("human_assignments", "assignment_id", ("answer",), person=_OF_RUN.format(run=_ASKED)),
    Place("event_waits", "wait_id", ("bindings",), person=_OF_RUN.format(run="it.run_id")),
    Place("run_requests", "request_id", ("input",), person=_OF_RUN.format(run="it.parent_run_id")),
    Place("inquiries", "inquiry_id", ("request", "result"), person="it.employee"),
    Place("control_requests", "request_id", ("body",), tells="body", told=_employee_of),
    Place("dead_letters", "dead_letter_id", ("key", "body"), tells="body", told=person_of),
)


UNOWNED = frozenset({"idempotency_keys.answer", "webhook_sources.secrets"})
"""Columns that stay under the installation's key: what is in them goes by itself within a day; or is read by
the gateway, which has no other.
"""


def opened(keys: Keys, place: Place, column: str, stored: bytes) -> bytes | None:
    """What stands there; None where its key was destroyed. `InvalidInput` where nothing opens it."""
    if sealing.is_sealed(stored):
        key = keys.of_value(stored)
        return None if key is None else key.open(f"{place.table}.{column}", stored)
    if place.was_plain and stored[:1] != encryption.FERNET:
        return stored
    return encryption.decrypted(stored)


def owner_of(keys: Keys, place: Place, org_id: uuid.UUID, row: Mapping[str, object]) -> Owner:
    """Whose the row is. `InvalidInput` where only its content would tell and nothing opens that."""
    if place.person:
        return owner(org_id, str(row["its_person"] or ""))
    stored = row[place.tells]
    content = opened(keys, place, place.tells, bytes(stored)) if isinstance(stored, bytes) else None
    return owner(org_id, place.told(content) if content else "")


def renewed(keys: Keys, place: Place, column: str, stored: bytes, owner: Owner) -> bytes | None:
    """The same under the key that its owner has now; None where it is so already, or is not to be read any
    more. `InvalidInput` where nothing opens it.
    """
    if sealing.is_sealed(stored) and keys.of_value(stored) is None:
        return None
    current = keys.of_owner(owner)
    if sealing.is_sealed(stored) and sealing.key_of(stored) == (current.org_id, current.key_id):
        return None
    content = opened(keys, place, column, stored)
    if content is None:
        return None
    return current.seal(f"{place.table}.{column}", content)
