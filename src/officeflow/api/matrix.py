"""Which role may call which route: read from the routes themselves, for people (`docs/rights.md`) and for the
test that calls every one as everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from fastapi.routing import APIRoute

from officeflow.api.description import described_app
from officeflow.api.routing import conditions_of
from officeflow.rights.permissions import GRANTS, PLATFORM, Permission, Role


class Reach(Enum):
    """Whom a route is for, before any role counts."""

    EVERYBODY = "everybody, also who has not signed in"
    SIGNED_IN = "whoever has signed in"
    ANYWHERE = "a role in any organization"
    ORGANIZATION = "a role in the organization of the path"
    PLATFORM = "the platform's admins"


@dataclass(frozen=True, slots=True)
class Door:
    """A route by one method."""

    method: str
    path: str
    reach: Reach
    permission: Permission | None

    def admits(self, role: Role) -> bool:
        """Whether somebody may who has this role where the route is of an organization, or anywhere."""
        match self.reach:
            case Reach.EVERYBODY | Reach.SIGNED_IN:
                return True
            case Reach.PLATFORM:
                return False
            case _:
                return self.permission is None or self.permission in GRANTS[role]


def doors() -> list[Door]:
    """Every route of the API, by path and method."""
    routes = [route for route in described_app().routes if isinstance(route, APIRoute)]
    found = [door for route in routes for door in _doors_of(route)]
    return sorted(found, key=lambda door: (door.path, door.method))


def _doors_of(route: APIRoute) -> Iterator[Door]:
    conditions = list(conditions_of(route.dependant))
    for method in route.methods:
        if not conditions:
            yield Door(method, route.path, Reach.EVERYBODY, None)
            continue
        needed = conditions[0]
        if "org" in route.param_convertors:
            reach = Reach.ORGANIZATION
        elif needed.permission in PLATFORM:
            reach = Reach.PLATFORM
        else:
            reach = Reach.ANYWHERE if needed.anywhere else Reach.SIGNED_IN
        yield Door(method, route.path, reach, needed.permission)


NOTICE = "<!-- Written by `officeflow api rights`; the rights are in src/officeflow/rights/permissions.py -->"
TEXT = """
# Who may call what

Every route of the API below `/officeflow/api/v1`, the permission that it needs, and the roles that have it in
their own organization. The platform's admins have every permission in every organization. Another
organization is answered as one that does not exist (404); a role without the permission is answered 403, and
who has not signed in 401. A service account has the rights of its role, narrowed to its token's scopes.

A test calls each route as each role in its own organization and in another one, as somebody without an
organization, as an admin of the platform, and as nobody.
"""


def page() -> str:
    """`docs/rights.md`."""
    heading = f"| route | needs | {' | '.join(Role)} |"
    lines = [heading, f"|---|---|{'---|' * len(Role)}"]
    for door in doors():
        cells = " | ".join("yes" if door.admits(role) else "" for role in Role)
        lines.append(f"| `{door.method} {door.path}` | {_needs(door)} | {cells} |")
    return "\n".join([NOTICE, TEXT, *lines, ""])


def _needs(door: Door) -> str:
    match door.reach:
        case Reach.PLATFORM:
            return f"`{door.permission}`, which only the platform's admins have"
        case Reach.ANYWHERE:
            return f"`{door.permission}` in any organization"
        case Reach.ORGANIZATION if door.permission is not None:
            return f"`{door.permission}`"
        case _:
            return str(door.reach.value)
