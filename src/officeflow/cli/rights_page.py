"""`docs/rights.md`: which role may call which route of the API, and which command."""

from __future__ import annotations

from collections.abc import Iterator

from officeflow.api import matrix
from officeflow.cli.command_rights import NEEDS
from officeflow.cli.needs import Need, Reach
from officeflow.rights.permissions import GRANTS, Permission, Role

TEXT = """
## Commands

The same for `officeflow …`, for a user whom `--as` names and for a service account whose token
`OFFICEFLOW_TOKEN` holds. The operator of the machine, who gives neither, has every permission
([the command](command.md)). Where an option makes something else of a command, it has a line of its own. A
test compares each with the route that does the same, and asks for each as each role.
"""


def page() -> str:
    """The whole page."""
    heading = f"| command | needs | {' | '.join(Role)} |"
    lines = [heading, f"|---|---|{'---|' * len(Role)}"]
    for name, need in sorted(NEEDS.items()):
        for called, permission in _calls(name, need):
            cells = " | ".join("yes" if _admits(permission, role) else "" for role in Role)
            lines.append(f"| `{called}` | {_needs(need, permission)} | {cells} |")
    return "\n".join([matrix.page().rstrip("\n"), TEXT, *lines, ""])


def _calls(name: str, need: Need) -> Iterator[tuple[str, Permission | None]]:
    yield name, need.permission
    by_permission: dict[Permission, list[str]] = {}
    for option, other in need.instead.items():
        by_permission.setdefault(other.permission, []).append(_typed(option))
    for permission, options in by_permission.items():
        yield f"{name} {' or '.join(options)}", permission


def _typed(parameter: str) -> str:
    """As the help of the command shows it."""
    return {"zone": "ZONE", "kept": "--keep"}.get(parameter, f"--{parameter}")


def _admits(permission: Permission | None, role: Role) -> bool:
    return permission is None or permission in GRANTS[role]


def _needs(need: Need, permission: Permission | None) -> str:
    match need.reach:
        case Reach.MACHINE | Reach.SIGNED_IN:
            return str(need.reach.value)
        case Reach.ANYWHERE:
            return f"`{permission}` in any organization"
        case _ if not any(permission in GRANTS[role] for role in Role):
            return f"`{permission}`, which only the platform's admins have"
        case _:
            return f"`{permission}`"
