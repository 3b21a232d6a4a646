"""An organization's connections to its systems. No answer has a secret of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from officeflow.api import within
from officeflow.api.etags import etag_of, require_match
from officeflow.api.needs import Caller, Needs
from officeflow.api.paging import Listed
from officeflow.api.paths import located
from officeflow.api.routes.workflows import MAX_WHY
from officeflow.api.routing import Route
from officeflow.api.shapes import CREATED, IF_MATCH, TAGGED, Body, Named, of_body
from officeflow.connectors import fields
from officeflow.connectors.connection import Connection
from officeflow.rights.permissions import Permission
from officeflow.runner.inquiring import questions, standings
from officeflow.runner.inquiring.standings import Enough
from officeflow.tenants.connections import Checked, Connections
from officeflow.workflows import uses_of_connections

router = APIRouter(tags=["connections"], route_class=Route)
Fields = Annotated[
    dict[str, Annotated[str, Field(min_length=1, max_length=20_000)]],
    Field(max_length=50, description="By the names that `/providers` tells."),
]


class ConnectionShown(BaseModel):
    name: str
    provider: str
    fields: dict[str, str] = Field(description=f"`{fields.SHOWN_SECRET}` where there is a secret.")

    @classmethod
    def of(cls, connection: Connection) -> Self:
        return cls(
            name=connection.id.partition(".")[2],
            provider=connection.provider,
            fields=fields.shown(connection),
        )


class ConnectionAdded(ConnectionShown):
    found: str | None = Field(description="What answered there; null: nobody asked.")


class ConnectionChecked(BaseModel):
    address: str
    found: str = Field(description="What answered there.")
    not_checked: list[str] = Field(
        description="Secrets that were not sent: whether they let us in is not known."
    )

    @classmethod
    def of(cls, checked: Checked) -> Self:
        return cls(address=checked.address, found=checked.found, not_checked=sorted(checked.not_checked))


class WhatWentWrong(BaseModel):
    code: str
    message: str
    hint: str


class ServiceTested(BaseModel):
    family: str
    address: str
    who: str = Field(description="Whom the system takes us for, in its own words.")
    notes: list[str]
    error: WhatWentWrong | None = Field(description="Why it did not answer, or not let us in.")


class CapabilityTested(BaseModel):
    capability: str
    family: str
    state: Enough = Field(description="`not told`: the system does not say before it is tried.")
    missing: str = Field(description="By the system's own name for it: a scope, a role, a permission.")
    node_types: list[str] = Field(description="Those that need it.")


class NodeTypeTested(BaseModel):
    type: str
    state: Enough = Field(description="`cannot`: the system has no such thing.")
    missing: str


class ConnectionTested(BaseModel):
    id: str
    provider: str
    title: str
    ok: bool = Field(description="Whether the system has answered and let us in, for all that it serves.")
    complete: bool = Field(description="Whether, besides, nothing is known to be missing.")
    services: list[ServiceTested]
    capabilities: list[CapabilityTested] = Field(description="Of what the system can do.")
    node_types: list[NodeTypeTested]


class NewConnection(Body):
    name: str = Field(description="By which workflows name it: a-z, 0-9 and single hyphens.")
    provider: str = Field(description="One of `/providers`.")
    fields: Fields
    description: str = Field("", max_length=1000)
    check: bool = Field(True, description="Keep it only once the system has answered and let us in.")


class CheckWith(Body):
    fields: Fields = Field(
        default_factory=dict, description="Secrets once more, since nobody can read those that are kept."
    )


class ChangedFields(Body):
    fields: Annotated[
        dict[str, Annotated[str, Field(min_length=1, max_length=20_000)] | None],
        Field(
            min_length=1,
            max_length=50,
            description=(
                "New values by name; null takes one away. Where one of them leads elsewhere, the connection's"
                " secrets have to be among them; otherwise `rotate` changes credentials."
            ),
        ),
    ]
    check: bool = Field(True, description="Keep it only once the system has answered there.")


class NewCredentials(Body):
    fields: Fields = Field(description="New credentials, with every secret that the connection has.")


def _etag(connection: Connection) -> str:
    """Of what is shown: secrets have no part in it."""
    return etag_of(ConnectionShown.of(connection).model_dump())


@contextmanager
def _connections(caller: Caller) -> Iterator[Connections]:
    with caller.context.airflow() as airflow:
        yield Connections(caller.context.database, airflow, of_platform=caller.principal.is_platform_admin)


@router.get("/organizations/{org}/connections")
def list_connections(
    caller: Annotated[Caller, Needs(Permission.CONNECTION_READ)],
) -> Listed[ConnectionShown]:
    """All of the organization's connections, by name, on one page."""
    with _connections(caller) as connections:
        found = connections.every(caller.org)
    return Listed(items=[ConnectionShown.of(each) for each in found], next=None)


@router.post("/organizations/{org}/connections", status_code=201, responses=CREATED)
def create_connection(
    new: NewConnection,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.CONNECTION_MANAGE)],
) -> ConnectionAdded:
    """Keep a connection, once the system has answered and let us in."""
    with _connections(caller) as connections, of_body("body.fields"):
        added = connections.add(
            caller.org,
            new.name,
            new.provider,
            new.fields,
            description=new.description,
            check=new.check,
            by=caller.actor,
        )
    response.headers["Location"] = located(caller.org, "connections", new.name)
    return ConnectionAdded(**ConnectionShown.of(added.connection).model_dump(), found=added.found)


@router.get("/organizations/{org}/connections/{connection}", responses=TAGGED)
def show_connection(
    connection: Named, response: Response, caller: Annotated[Caller, Needs(Permission.CONNECTION_READ)]
) -> ConnectionShown:
    """One of them; of its secrets only that they are there."""
    with _connections(caller) as connections:
        found = connections.find(caller.org, connection)
    response.headers["ETag"] = _etag(found)
    return ConnectionShown.of(found)


@router.patch("/organizations/{org}/connections/{connection}", responses=TAGGED, openapi_extra=IF_MATCH)
def change_connection(
    connection: Named,
    changed: ChangedFields,
    request: Request,
    response: Response,
    caller: Annotated[Caller, Needs(Permission.CONNECTION_MANAGE)],
) -> ConnectionAdded:
    """Change its fields, once the system has answered there; whatever uses it next has them."""

    def look(before: Connection) -> None:
        require_match(request, _etag(before))

    with _connections(caller) as connections, of_body("body.fields"):
        made = connections.edit(
            caller.org, connection, changed.fields, check=changed.check, by=caller.actor, look=look
        )
    response.headers["ETag"] = _etag(made.connection)
    return ConnectionAdded(**ConnectionShown.of(made.connection).model_dump(), found=made.found)


@router.post("/organizations/{org}/connections/{connection}/check")
def check_connection(
    connection: Named,
    attempt: CheckWith,
    caller: Annotated[Caller, Needs(Permission.CONNECTION_MANAGE)],
) -> ConnectionChecked:
    """Look whether it leads to its system, and with its secrets whether that lets us in; nothing is kept."""
    with _connections(caller) as connections, of_body("body.fields"):
        return ConnectionChecked.of(connections.check(caller.org, connection, attempt.fields))


@router.post("/organizations/{org}/connections/{connection}/test")
def test_connection(
    connection: Named, caller: Annotated[Caller, Needs(Permission.CONNECTION_MANAGE)]
) -> ConnectionTested:
    """Who we are at its system and what its credentials may do there, asked with the secrets that are kept,
    by a task of Airflow's: it takes some seconds. Nothing is changed.
    """
    with _connections(caller) as connections:
        connections.find(caller.org, connection)
    question = questions.of_connection(connection, org=caller.org, by=caller.principal)
    return ConnectionTested.model_validate(standings.report(within.answer(caller, question)))


@router.post("/organizations/{org}/connections/{connection}/rotate")
def rotate_connection(
    connection: Named,
    rotation: NewCredentials,
    caller: Annotated[Caller, Needs(Permission.CONNECTION_MANAGE)],
) -> ConnectionAdded:
    """Put new credentials in the place of the old ones, once the system lets us in with them."""
    with _connections(caller) as connections, of_body("body.fields"):
        changed = connections.rotate(caller.org, connection, rotation.fields, by=caller.actor)
    return ConnectionAdded(**ConnectionShown.of(changed.connection).model_dump(), found=changed.found)


@router.delete("/organizations/{org}/connections/{connection}", status_code=204)
def delete_connection(
    connection: Named,
    caller: Annotated[Caller, Needs(Permission.CONNECTION_MANAGE)],
    force: Annotated[
        bool, Query(description="Even where something uses it: nodes fail, access rules give nothing.")
    ] = False,
    why: Annotated[str, Query(max_length=MAX_WHY, description="For the audit log; `force` needs it.")] = "",
) -> None:
    """Take it away. 409 with the active workflows and their nodes, and the access rules, that use it, except
    with `force`.
    """
    with _connections(caller) as connections:
        connections.remove(
            caller.org, connection, uses_of=uses_of_connections.of, force=force, why=why, by=caller.actor
        )
