"""An organization's connections to its systems, kept as Airflow Connections `<organization>.<name>`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from officeflow.audit import store as audit
from officeflow.audit.actions import AuditAction
from officeflow.audit.entry import AuditEntry, reason
from officeflow.connectors import destinations, fields, kinds, providers, reach, sharing
from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.database.engine import Database
from officeflow.errors import ConnectorError, InvalidInput, NotKnown, Problem, Unavailable, did_you_mean
from officeflow.ids import connection_id, is_slug
from officeflow.program import typed
from officeflow.tenants import connection_changes as changing
from officeflow.tenants import connection_uses, organizations
from officeflow.tenants.connection_changes import MASKED
from officeflow.tenants.connection_uses import Uses

LOCK = 0x0F1C_0003
"""The first half of an advisory lock, whose second half is the organization's."""


class AirflowConnections(Protocol):
    """What is asked of Airflow; `officeflow.airflow_api.client.AirflowApi` answers."""

    def connections(self, prefix: str = "") -> Sequence[Mapping[str, Any]]: ...
    def put_connection(
        self,
        connection_id: str,
        conn_type: str,
        *,
        host: str | None = None,
        port: int | None = None,
        schema: str | None = None,
        login: str | None = None,
        password: str | None = None,
        extra: Mapping[str, Any] | None = None,
        description: str | None = None,
    ) -> bool: ...
    def delete_connection(self, connection_id: str) -> None: ...


UsesOf = Callable[[Session, uuid.UUID, str], Uses]
"""Of an organization's connection, by its name: `officeflow.workflows.uses_of_connections.of`."""


@dataclass(frozen=True, slots=True)
class Added:
    """A connection that is kept now; `found` is what answered there, None where nobody asked."""

    connection: Connection
    found: str | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What answered at a connection's address.

    `not_checked` are the secrets that were not given: whether they let us in is not known.
    """

    connection: Connection
    address: str
    found: str
    not_checked: Sequence[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.connection.id,
            "provider": self.connection.provider,
            "address": self.address,
            "found": self.found,
            "not_checked": list(self.not_checked),
        }


class Connections:
    """One object may serve all organizations, named by slug or UUID.

    Every method raises `NotKnown` for an organization or a connection that there is not, with a suggestion,
    and `Unavailable` where Airflow does not answer. `by` is who decides, as the audit log names people.
    """

    def __init__(self, database: Database, airflow: AirflowConnections, *, of_platform: bool = False) -> None:
        """`of_platform`: whoever asks is no tenant. Fields may name files of this machine then, and errors
        connections of other organizations.
        """
        self._database = database
        self._airflow = airflow
        self._of_platform = of_platform

    def add(
        self,
        org: str,
        name: str,
        provider_name: str,
        values: Mapping[str, str],
        *,
        description: str = "",
        replace: bool = False,
        check: bool = True,
        by: str,
    ) -> Added:
        """Keep a connection with these fields, once the system has answered and let us in.

        `InvalidInput`: a name or fields that will not do, a connection that is there already (without
        `replace`), a directory that another organization's connection leads to, or a system that does not let
        us in; `Unavailable`: one that does not answer. Without `check` no system is asked. Nothing is kept
        where anything is raised.
        """
        if not is_slug(name):
            raise InvalidInput(
                f"{name!r} cannot be a connection's name",
                hint="small letters, digits and single hyphens, a letter first",
            )
        self._refuse_files(provider_name, values)
        made = fields.assemble(connection_id(self._slug(org), name), provider_name, values)
        with reach.opened(made):
            pass  # its fields fit together
        destinations.check(made)
        self._refuse(made, replace=replace)
        found = _reached(made) if check else None
        details = {"provider": provider_name, "fields": sorted(values)}
        with self._recorded(org, made.id, AuditAction.CONNECTION_ADDED, by=by, details=details):
            self._refuse(made, replace=replace)
            self._airflow.put_connection(**fields.to_airflow(made), description=description or None)
        return Added(made, found)

    def check(self, org: str, name: str, values: Mapping[str, str]) -> Checked:
        """Look whether a connection leads to its system, and with its secrets whether that lets us in.

        Airflow gives secrets to tasks alone: `values` has them once more. `ConnectorError` where the system
        does not answer, or not let us in.
        """
        stored = self.find(org, name)
        self._refuse_files(stored.provider, values)
        kept = fields.told(stored)
        secrets = {name for name, value in kept.items() if value == MASKED}
        known = {name: value for name, value in kept.items() if name not in secrets}
        tried = fields.assemble(stored.id, stored.provider, {**known, **values})
        destinations.check(tried)
        not_checked = sorted(secrets - set(values))
        found = reach.answers(tried) if not_checked else reach.reached(tried)
        return Checked(stored, reach.addresses(tried), found, not_checked)

    def rotate(self, org: str, name: str, values: Mapping[str, str], *, by: str) -> Added:
        """Put these credentials in the place of those that the connection has, once the system lets us in
        with them; what else it says stays.

        `InvalidInput` where a field is no credential, or one of its secrets is not given: Airflow shows
        nobody those that it has. Otherwise as `add`, and nothing is changed where anything is raised.
        """
        stored = self._stored(self._slug(org), name)
        before = fields.from_airflow(stored)
        kept = fields.told(before)
        if problems := changing.rotation_problems(before, kept, values):
            raise InvalidInput(f"{before.id} was not changed", problems=problems)
        made = fields.assemble(before.id, before.provider, {**kept, **values})
        destinations.check(made)
        found = _reached(made)
        details = {"fields": sorted(values)}
        with self._recorded(org, made.id, AuditAction.CONNECTION_ROTATED, by=by, details=details):
            self._airflow.put_connection(**fields.to_airflow(made), description=stored.get("description"))
        return Added(made, found)

    def edit(
        self,
        org: str,
        name: str,
        changes: Mapping[str, str | None],
        *,
        check: bool = True,
        by: str,
        look: Callable[[Connection], None] = lambda _: None,
    ) -> Added:
        """Put these fields in the place of those that the connection has, and take away those that are None;
        its credentials and what else it says stay. Whatever uses it next has them.

        `look` sees it as it is, and raises where that is not what whoever changes it has seen.
        `InvalidInput`: a credential (`rotate` changes those), fields that will not do, or one that decides
        where the connection's secrets are sent without those secrets (given again, or None). Otherwise as
        `add`, where secrets that are not given are not sent. Nothing is changed where anything is raised.
        """
        slug = self._slug(org)
        stored = self._stored(slug, name)
        before = fields.from_airflow(stored)
        look(before)
        kept = fields.told(before)
        if problems := changing.problems_of(before, kept, changes):
            raise InvalidInput(f"{before.id} was not changed", problems=problems)
        self._refuse_files(before.provider, changes)
        values = {field: value for field, value in {**kept, **changes}.items() if value is not None}
        made = fields.assemble(before.id, before.provider, values)
        with reach.opened(made):
            pass  # its fields fit together
        destinations.check(made)
        self._refuse(made, replace=True)
        found = _reached(made) if check else None
        details = changing.for_the_record(before, made, changes)
        with self._recorded(org, made.id, AuditAction.CONNECTION_CHANGED, by=by, details=details):
            now = self._stored(slug, name)
            if now != stored:
                look(fields.from_airflow(now))
                raise InvalidInput(f"{before.id} was changed meanwhile", hint="look at it, and try again")
            self._airflow.put_connection(**fields.to_airflow(made), description=stored.get("description"))
        return Added(made, found)

    def every(self, org: str) -> list[Connection]:
        """The organization's, by name; secrets masked."""
        prefix = connection_id(self._slug(org), "")
        return [fields.from_airflow(stored) for stored in self._airflow.connections(prefix)]

    def providers_of(self, org: str) -> dict[str, str]:
        """Of every connection of the organization, by its name: its provider."""
        prefix = connection_id(self._slug(org), "")
        found = self._airflow.connections(prefix)
        return {row["connection_id"].removeprefix(prefix): row["conn_type"] for row in found}

    def of_identity(self, org: str, names: Sequence[str] = ()) -> list[str]:
        """The names of connections to systems with accounts: all, or these, each of which must be one."""
        there = self.providers_of(org)
        fitting = sorted(name for name, provider in there.items() if _has_accounts(provider))
        for name in names:
            if name not in fitting:
                known = did_you_mean(name, fitting) or f"there are {', '.join(fitting) or 'none'}"
                raise NotKnown(f"there is no connection {name!r} to a system with accounts", hint=known)
        return sorted(set(names)) or fitting

    def find(self, org: str, name: str) -> Connection:
        """One of them."""
        return self._find(self._slug(org), name)

    def remove(
        self, org: str, name: str, *, uses_of: UsesOf, by: str, force: bool = False, why: str = ""
    ) -> str:
        """Take a connection away. Returns its id.

        `InUse` where something needs it, by what `uses_of` tells; with `force` that fails from now on, and
        `why` has to say the reason.
        """
        found = self.find(org, name)
        with self._database.service() as session:
            uses = uses_of(session, organizations.find(session, org).org_id, name)
        if uses and not force:
            raise connection_uses.refusal(found.id, uses)
        given = reason(why) if uses else why.strip()
        details = {**uses.for_the_record(), **({"why": given} if given else {})}
        with self._recorded(org, found.id, AuditAction.CONNECTION_REMOVED, by=by, details=details):
            self._airflow.delete_connection(found.id)
        return found.id

    def _slug(self, org: str) -> str:
        with self._database.service() as session:
            return organizations.find(session, org).slug

    def _find(self, slug: str, name: str) -> Connection:
        return fields.from_airflow(self._stored(slug, name))

    def _stored(self, slug: str, name: str) -> Mapping[str, Any]:
        wanted, prefix = connection_id(slug, name), connection_id(slug, "")
        stored = {each["connection_id"]: each for each in self._airflow.connections(prefix)}
        if wanted not in stored:
            known = [each.removeprefix(prefix) for each in stored]
            hint = did_you_mean(name, known) or f"`{typed('connection list')} {slug}`"
            raise NotKnown(f"{slug} has no connection {name!r}", hint=hint)
        return stored[wanted]

    def _refuse_files(self, provider_name: str, values: Iterable[str]) -> None:
        """What a file's name is answered with tells whether it is there: that is not for tenants."""
        if self._of_platform:
            return
        problems = [
            Problem(field.name, "it names a file of this machine", "ask an admin of the platform")
            for field in providers.provider(provider_name).fields
            if field.kind is kinds.FILE and field.name in values
        ]
        if problems:
            raise InvalidInput("only the platform's admins may name files", problems=problems)

    def _refuse(self, made: Connection, *, replace: bool) -> None:
        if not replace and any(
            stored["connection_id"] == made.id for stored in self._airflow.connections(made.id)
        ):
            raise InvalidInput(
                f"{made.id} is there already",
                hint=f"`{typed('connection edit')}` changes its fields, `{typed('connection rotate')}` its"
                " credentials; `--replace` puts this one in its place",
            )
        if Family.IDENTITY not in providers.provider(made.provider).families:
            return
        others = [fields.from_airflow(stored) for stored in self._airflow.connections()]
        if shared := sharing.shares_with(made, others):
            whose = ", ".join(shared) if self._of_platform else "another organization's connection"
            raise InvalidInput(f"{made.id} leads to the directory that {whose} leads to", hint=sharing.HINT)

    @contextmanager
    def _recorded(
        self, org: str, about: str, action: AuditAction, *, by: str, details: Mapping[str, Any]
    ) -> Iterator[None]:
        """The organization's audit record is kept when the block has done its work, and only then.

        It is written before: what cannot be recorded is not done. One block of the organization after the
        other.
        """
        with self._database.service() as session:
            entry = AuditEntry(actor=by, action=action, subject=f"connection:{about}", details=details)
            org_id = organizations.find(session, org).org_id
            session.execute(select(func.pg_advisory_xact_lock(LOCK, func.hashtext(str(org_id)))))
            audit.append(session, org_id, entry)
            session.flush()
            yield


def _reached(made: Connection) -> str:
    """Asks without credentials where one of them is not known."""
    is_whole = not any(MASKED in value for value in fields.told(made).values())
    try:
        return reach.reached(made) if is_whole else reach.answers(made)
    except ConnectorError as error:
        hint = "; ".join(filter(None, (error.hint, "--no-check stores it all the same")))
        kind = Unavailable if error.retryable else InvalidInput
        raise kind(f"{made.id} was not stored: {error.message}", hint=hint) from error


def _has_accounts(provider: str) -> bool:
    known = providers.providers().get(provider)
    return known is not None and known.service(Family.IDENTITY) is not None
