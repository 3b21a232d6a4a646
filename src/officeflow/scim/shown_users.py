"""A user of ours as a user of SCIM's."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from scim2_models import Meta
from sqlalchemy import select
from sqlalchemy.orm import Session

from officeflow import canonical_json
from officeflow.database.tables import OrgGroup, ScimUser, User, UserGroup
from officeflow.scim import resources

Row = tuple[User, ScimUser | None]
Memberships = Mapping[uuid.UUID, list[OrgGroup]]


def with_groups(session: Session, org_id: uuid.UUID, found: Iterable[Row]) -> list[resources.User]:
    """The users, each with the groups that they are in."""
    listed = list(found)
    memberships = _memberships(session, org_id, [user.user_id for user, _ in listed])
    return [shown(user, told, memberships.get(user.user_id, [])) for user, told in listed]


def shown(user: User, told: ScimUser | None, in_groups: Collection[OrgGroup]) -> resources.User:
    """As it is sent, but for its location; its version is another one whenever anything of it is."""
    resource = resources.User.model_validate(
        {
            "schemas": [str(resources.User.__schema__)],
            "id": str(user.user_id),
            "externalId": told.external_id if told else None,
            "userName": user.airflow_login or user.email,
            "active": user.is_active,
            "groups": [_membership(group) for group in in_groups] or None,
            **_attributes(user, told),
        }
    )
    digest = hashlib.sha256(canonical_json.encode(resource.model_dump())).hexdigest()
    changed = max(user.updated_at, told.updated_at) if told else user.updated_at
    resource.meta = Meta(
        resource_type="User",
        created=user.created_at,
        last_modified=changed,
        version=f'W/"{digest[:24]}"',
    )
    return resource


def _attributes(user: User, told: ScimUser | None) -> dict[str, Any]:
    """As the provider sent them; of whom none has written yet, what we know."""
    if told is None or told.attributes is None:
        own = {"value": user.email, "type": "work", "primary": True}
        return {"displayName": user.name, "emails": [own]}
    return {name: value for name, value in told.attributes.items() if value}


def _membership(group: OrgGroup) -> dict[str, Any]:
    return {
        "value": str(group.group_id),
        "$ref": f"Groups/{group.group_id}",
        "display": group.name,
        "type": "direct",
    }


def _memberships(session: Session, org_id: uuid.UUID, user_ids: Collection[uuid.UUID]) -> Memberships:
    query = (
        select(UserGroup.user_id, OrgGroup)
        .join(OrgGroup, (OrgGroup.org_id == UserGroup.org_id) & (OrgGroup.name == UserGroup.group_name))
        .where(UserGroup.org_id == org_id, UserGroup.user_id.in_(user_ids))
        .order_by(OrgGroup.name)
    )
    found: dict[uuid.UUID, list[OrgGroup]] = {}
    for user_id, group in session.execute(query):
        found.setdefault(user_id, []).append(group)
    return found
