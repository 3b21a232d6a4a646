"""Groups of the organization as SCIM reads and writes them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping

from scim2_models import Meta, NotFoundException, UniquenessException
from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from officeflow.audit.actions import AuditAction
from officeflow.database.constraints import violated_unique
from officeflow.database.tables import OrgGroup, User, UserGroup
from officeflow.ids import as_uuid, new_id
from officeflow.people import groups
from officeflow.scim import resources, users
from officeflow.scim.writing import Writer, as_values, check_text, refuse, require_version


def rows(org_id: uuid.UUID) -> Select[OrgGroup]:
    return select(OrgGroup).where(OrgGroup.org_id == org_id)


def get(session: Session, org_id: uuid.UUID, group_id: str, *, members: bool = True) -> resources.Group:
    """`NotFoundException` where there is none."""
    return with_members(session, org_id, [_row(session, org_id, group_id)], members=members)[0]


def create(writer: Writer, resource: resources.Group) -> resources.Group:
    """`UniquenessException` where there is a group of this name."""
    name, joining = _name(resource), _users(writer, resource)
    row = OrgGroup(
        group_id=new_id(), org_id=writer.org_id, name=name, external_id=_external_id(resource), role=None
    )
    _flushed(writer, row)
    writer.record(AuditAction.GROUP_CREATED, f"group:{name}", {})
    _members(writer, name, joining, groups.join)
    return _current(writer, row)


def update(writer: Writer, resource: resources.Group, expected_version: str | None) -> resources.Group:
    """The group as `resource` says now; `NotFoundException`, `PreconditionFailedException` where it was
    changed meanwhile, `UniquenessException`.
    """
    row = _row(writer.session, writer.org_id, resource.id or "", lock=True)
    require_version(_version(row), expected_version)
    name, wanted = _name(resource), _users(writer, resource)
    _rename(writer, row, name)
    row.external_id = _external_id(resource)
    _flushed(writer, row)
    there = {user.user_id: user for user in groups.users_of(writer.session, writer.org_id, name)}
    kept = {user.user_id for user in wanted}
    _members(writer, name, [user for user in wanted if user.user_id not in there], groups.join)
    _members(writer, name, [user for key, user in there.items() if key not in kept], groups.leave)
    return _current(writer, row)


def delete_group(writer: Writer, group_id: str, expected_version: str | None) -> None:
    """Whoever was in it is not any more; `NotFoundException`, `PreconditionFailedException`."""
    row = _row(writer.session, writer.org_id, group_id, lock=True)
    require_version(_version(row), expected_version)
    there = groups.users_of(writer.session, writer.org_id, row.name)
    _members(writer, row.name, there, groups.leave)
    writer.session.execute(
        delete(OrgGroup).where(OrgGroup.org_id == writer.org_id, OrgGroup.group_id == row.group_id)
    )
    writer.record(AuditAction.GROUP_REMOVED, f"group:{row.name}", {})


def with_members(
    session: Session, org_id: uuid.UUID, found: Iterable[OrgGroup], *, members: bool = True
) -> list[resources.Group]:
    """The groups, each with its users where `members` are asked for."""
    listed = list(found)
    there = _user_ids(session, org_id, [row.name for row in listed]) if members else {}
    return [_shown(row, there.get(row.name, [])) for row in listed]


def _shown(row: OrgGroup, user_ids: Collection[uuid.UUID]) -> resources.Group:
    members = [
        {"value": str(each), "$ref": f"Users/{each}", "type": "User"} for each in sorted(user_ids, key=str)
    ]
    shown = resources.Group.model_validate(
        {
            "schemas": [str(resources.Group.__schema__)],
            "id": str(row.group_id),
            "externalId": row.external_id,
            "displayName": row.name,
            "members": members or None,
        }
    )
    shown.meta = Meta(
        resource_type="Group", created=row.created_at, last_modified=row.updated_at, version=_version(row)
    )
    return shown


def _version(row: OrgGroup) -> str:
    """Whoever changes a group, or who is in it, says when."""
    return f'W/"{round(row.updated_at.timestamp() * 1_000_000):x}"'


def _row(session: Session, org_id: uuid.UUID, group_id: str, *, lock: bool = False) -> OrgGroup:
    identifier = as_uuid(group_id)
    query = rows(org_id).where(OrgGroup.group_id == identifier)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = None if identifier is None else session.scalar(query)
    if row is None:
        raise NotFoundException(detail=f"there is no group {group_id[:60]!r}")
    return row


def _name(resource: resources.Group) -> str:
    with as_values():
        return groups.check_name((resource.display_name or "").strip())


def _external_id(resource: resources.Group) -> str | None:
    check_text("externalId", resource.external_id)
    return resource.external_id


def _users(writer: Writer, resource: resources.Group) -> list[User]:
    """Those whom it names as members; `InvalidValueException` for whom the provider cannot see."""
    named = {each.value or "" for each in resource.members or []}
    ids = {text: as_uuid(text) for text in named}
    query = users.rows(writer.org_id).where(User.user_id.in_([each for each in ids.values() if each]))
    found = {user.user_id: user for user, _ in writer.session.execute(query)}
    for text, user_id in ids.items():
        if user_id not in found:
            refuse(f"members: there is no user {text[:60]!r}; groups in groups are not offered")
    return list(found.values())


def _members(writer: Writer, name: str, moved: list[User], move: groups.Move) -> None:
    move(writer.session, writer.org_id, name, moved, by=writer.by, request_id=writer.request_id)


def _rename(writer: Writer, row: OrgGroup, name: str) -> None:
    if row.name != name:
        details = {"before": row.name, "after": name}
        row.name = name
        writer.record(AuditAction.GROUP_RENAMED, f"group:{name}", details)


def _flushed(writer: Writer, row: OrgGroup) -> None:
    name = row.name
    writer.session.add(row)
    try:
        writer.session.flush()
    except IntegrityError as error:
        if violated_unique(error) is None:
            raise
        raise UniquenessException(detail=f"there is a group {name!r}") from error


def _current(writer: Writer, row: OrgGroup) -> resources.Group:
    writer.session.refresh(row)
    return with_members(writer.session, writer.org_id, [row])[0]


def _user_ids(session: Session, org_id: uuid.UUID, names: Collection[str]) -> Mapping[str, list[uuid.UUID]]:
    query = select(UserGroup.group_name, UserGroup.user_id)
    found: dict[str, list[uuid.UUID]] = {}
    for name, user_id in session.execute(
        query.where(UserGroup.org_id == org_id, UserGroup.group_name.in_(names))
    ):
        found.setdefault(name, []).append(user_id)
    return found
