"""Lists of users and groups: what can be searched and sorted of them, and pages of what is found."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scim2_models import NotImplementedException, ResourceType, ResponseParameters, ScimFilter, SearchRequest
from scim2_server.storage import SearchPage
from sqlalchemy import Boolean, Select, Text, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from officeflow.database.tables import OrgGroup, ScimUser, User, UserGroup
from officeflow.scim import groups, resources, users
from officeflow.scim.queries import Column, Searched, Several
from officeflow.scim.shown_users import with_groups

FARTHEST = 2**31
"""Nobody has so many users: it only has to be a number that PostgreSQL takes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of resource is found. `show` makes resources of rows, in their order."""

    model: type[Any]
    rows: Callable[[uuid.UUID], Any]
    searched: Searched
    key: Column
    show: Callable[[Session, uuid.UUID, Sequence[Any], bool], Sequence[Any]]


def search(
    session: Session, org_id: uuid.UUID, resource_types: list[ResourceType], asked: SearchRequest[Any]
) -> SearchPage:
    """A page of what is found, all kinds one after the other; `InvalidFilterException` where something
    cannot be searched, `NotImplementedException` for several kinds in one order.
    """
    if asked.sort_by is not None and len(resource_types) > 1:
        raise NotImplementedException(detail="users and groups are not sorted together")
    total = 0
    found: list[Any] = []
    start, left = min(asked.start_index_0 or 0, FARTHEST), asked.count or 0
    for resource_type in resource_types:
        kind = KINDS[str(resource_type.name)]
        query: Select[Any] = kind.rows(org_id)
        if asked.filter is not None:
            query = query.where(kind.searched.condition(_bound(kind, asked.filter)))
        count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        ordered = _ordered(kind, query, asked).offset(max(0, start - total)).limit(max(0, left - len(found)))
        page = session.execute(ordered).all()
        found += kind.show(session, org_id, page, needs_members(kind.model, asked))
        total += count
    return SearchPage(total, found)


def needs_members(model: type[Any], asked: ResponseParameters[Any] | None) -> bool:
    """Whether the answer has the members of groups: there may be many of them."""
    if asked is None or model is not resources.Group:
        return True
    named = {str(each).rpartition(":")[2].lower().partition(".")[0] for each in asked.attributes or []}
    without = {str(each).rpartition(":")[2].lower() for each in asked.excluded_attributes or []}
    return "members" in named if named else "members" not in without


def _bound(kind: Kind, found: ScimFilter[Any]) -> ScimFilter[Any]:
    bound: ScimFilter[Any] = ScimFilter.__class_getitem__(kind.model)(found.ast)
    return bound


def _ordered(kind: Kind, query: Select[Any], asked: SearchRequest[Any]) -> Select[Any]:
    """By what is asked for, and then always in the same order."""
    binding = None if asked.sort_by is None else asked.sort_binding(kind.model)
    if binding is not None:
        column = kind.searched.order(binding)
        descending = asked.sort_order == SearchRequest.SortOrder.descending
        query = query.order_by(column.desc().nulls_first() if descending else column.asc().nulls_last())
    return query.order_by(kind.key)


def _show_users(
    session: Session, org_id: uuid.UUID, found: Sequence[Any], members: bool
) -> Sequence[resources.User]:
    del members
    return with_groups(session, org_id, [(row[0], row[1]) for row in found])


def _show_groups(
    session: Session, org_id: uuid.UUID, found: Sequence[Any], members: bool
) -> Sequence[resources.Group]:
    return groups.with_members(session, org_id, [row[0] for row in found], members=members)


def _told(*path: str) -> Column:
    told: Column = ScimUser.attributes[path].astext
    return told


def _values(sent: Column, **columns: type[Boolean | Text]) -> Several:
    """A list of objects within a JSON column."""
    each = func.jsonb_array_elements(sent).table_valued("value", name="each")
    item: Column = cast(each.c.value, JSONB)
    return Several(
        lambda condition: select(literal(1)).select_from(each).where(condition).exists(),
        {name: cast(item[name].astext, kind) for name, kind in columns.items()},
    )


_OWN_EMAIL = func.jsonb_build_array(
    func.jsonb_build_object("value", User.email, "type", "work", "primary", True)
)
_MODIFIED = func.greatest(User.updated_at, ScimUser.updated_at)
_USERS_GROUP = (OrgGroup.org_id == UserGroup.org_id) & (OrgGroup.name == UserGroup.group_name)

SEARCHED_USERS = Searched(
    single={
        ("id", None): cast(User.user_id, Text),
        ("external_id", None): ScimUser.external_id,
        ("user_name", None): users.USER_NAME,
        ("display_name", None): case((ScimUser.attributes.is_(None), User.name), else_=_told("displayName")),
        ("active", None): User.is_active,
        ("name", "formatted"): _told("name", "formatted"),
        ("name", "family_name"): _told("name", "familyName"),
        ("name", "given_name"): _told("name", "givenName"),
        ("meta", "created"): User.created_at,
        ("meta", "last_modified"): _MODIFIED,
    },
    several={
        "emails": _values(
            func.coalesce(ScimUser.attributes["emails"], _OWN_EMAIL), value=Text, type=Text, primary=Boolean
        ),
        "roles": _values(
            func.coalesce(ScimUser.attributes["roles"], func.jsonb_build_array()), value=Text, primary=Boolean
        ),
        "groups": Several(
            lambda condition: (
                select(literal(1))
                .select_from(UserGroup)
                .join(OrgGroup, _USERS_GROUP)
                .where(UserGroup.user_id == User.user_id, condition)
                .correlate(User)
                .exists()
            ),
            {
                "value": cast(OrgGroup.group_id, Text),
                "display": OrgGroup.name,
                "type": literal("direct", Text),
            },
        ),
    },
    sorted_by={("emails", None): User.email, ("emails", "value"): User.email},
)
SEARCHED_GROUPS = Searched(
    single={
        ("id", None): cast(OrgGroup.group_id, Text),
        ("external_id", None): OrgGroup.external_id,
        ("display_name", None): OrgGroup.name,
        ("meta", "created"): OrgGroup.created_at,
        ("meta", "last_modified"): OrgGroup.updated_at,
    },
    several={
        "members": Several(
            lambda condition: (
                select(literal(1))
                .select_from(UserGroup)
                .where(UserGroup.org_id == OrgGroup.org_id, UserGroup.group_name == OrgGroup.name, condition)
                .correlate(OrgGroup)
                .exists()
            ),
            {"value": cast(UserGroup.user_id, Text), "type": literal("User", Text)},
        ),
    },
)
KINDS = {
    "User": Kind(resources.User, users.rows, SEARCHED_USERS, User.user_id, _show_users),
    "Group": Kind(resources.Group, groups.rows, SEARCHED_GROUPS, OrgGroup.group_id, _show_groups),
}
