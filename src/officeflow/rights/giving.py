"""Nobody gives a right that they have not: not to a person, not to a program."""

from __future__ import annotations

import uuid

from officeflow.errors import NotYoursToGive
from officeflow.rights.permissions import GRANTS, Permission, Role
from officeflow.rights.principals import Principal


def require_within_own(
    giver: Principal, org_id: uuid.UUID, role: Role, scopes: frozenset[Permission] | None = None
) -> None:
    """`NotYoursToGive` where the role, narrowed to `scopes`, allows in the organization what `giver` may not
    do.
    """
    given = GRANTS[role] if scopes is None else GRANTS[role] & scopes
    beyond = sorted(each.value for each in given if not giver.may(each, org_id))
    if beyond:
        raise NotYoursToGive(beyond)
