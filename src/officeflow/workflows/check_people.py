"""Whether those whom a workflow asks are there: users, and groups, of the organization."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from officeflow.catalog import registry
from officeflow.errors import Problem, did_you_mean
from officeflow.expressions.params import has_expression
from officeflow.people import groups
from officeflow.program import typed
from officeflow.tenants import users
from officeflow.workflows.models import Definition


@dataclass(frozen=True, slots=True)
class _There:
    """Users by address, whether they are active; the roles of those who are; groups."""

    users: Mapping[str, bool]
    roles: frozenset[str]
    groups: frozenset[str]


def check(session: Session, org_id: uuid.UUID, definition: Definition) -> Iterator[Problem]:
    """What names nobody. What an expression stands for is known only in a run."""
    asking = [(index, node) for index, node in enumerate(definition.nodes) if _asks(node.type)]
    if not asking:
        return
    known = users.every(session, org_id)
    there = _There(
        {user.email: user.is_active for user in known},
        frozenset(user.role for user in known if user.is_active),
        frozenset(groups.every(session, org_id)),
    )
    for index, node in asking:
        path = f"nodes[{index}].params"
        yield from _all(node.params.get("asked"), f"{path}.asked", there)
        escalate = node.params.get("escalate")
        if isinstance(escalate, Mapping):
            yield from _all(escalate.get("to"), f"{path}.escalate.to", there)


def _asks(kind: str) -> bool:
    return registry.is_known(kind) and registry.node_type(kind).asks_people


def _all(asked: Any, path: str, there: _There) -> Iterator[Problem]:
    for index, entry in enumerate(asked if isinstance(asked, list) else ()):
        if isinstance(entry, Mapping):
            yield from _one(entry, f"{path}[{index}]", there)
            yield from _all(entry.get("or"), f"{path}[{index}].or", there)


def _one(entry: Mapping[str, Any], path: str, there: _There) -> Iterator[Problem]:
    user, role, group = (entry.get(name) for name in ("user", "role", "group"))
    if isinstance(user, str) and not has_expression(user):
        active = there.users.get(user.strip().lower())
        if active is None:
            hint = did_you_mean(user, there.users) or f"`{typed('user create')}` makes one"
            yield Problem(f"{path}.user", f"the organization has no user {user!r}", hint)
        elif not active:
            yield Problem(f"{path}.user", f"{user!r} is no active user any more")
    if isinstance(role, str) and not has_expression(role) and role not in there.roles:
        yield Problem(
            f"{path}.role", f"nobody has the role {role!r}", f"`{typed('user create')}` makes a user"
        )
    if isinstance(group, str) and not has_expression(group) and group not in there.groups:
        hint = did_you_mean(group, there.groups) or f"`{typed('user group add')}` puts somebody into it"
        yield Problem(f"{path}.group", f"nobody is in a group {group!r}", hint)
