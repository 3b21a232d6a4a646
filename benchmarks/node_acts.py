"""The acts of which `bench connectors` compares a node with the bare calls: what the node is told, and the
calls that it makes at the client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from officeflow.connectors.families.identity import NewAccount

GROUP = "Staff"


@dataclass(frozen=True, slots=True)
class Person:
    """One on whom an act is tried. `number` is nobody else's."""

    login: str
    number: str

    def payload(self) -> dict[str, str]:
        return {"work_email": self.login, "number": self.number, "first": "Ana", "last": "Pérez"}


@dataclass(frozen=True, slots=True)
class Act:
    """`params` are those of a workflow's node, with expressions; `bare` makes the calls that the node makes,
    in their order.
    """

    type: str
    params: Mapping[str, Any]
    bare: Callable[[Any, Person], object]


def _create(client: Any, person: Person) -> None:
    client.find_account(external_id=person.number)
    client.find_account(login=person.login)
    client.create_account(
        NewAccount(
            login=person.login,
            external_id=person.number,
            given_name="Ana",
            family_name="Pérez",
            email=person.login,
            title="Engineer",
        ),
        key=f"{person.number:0>64}",
    )


def _find(client: Any, person: Person) -> None:
    client.find_account(login=person.login)


def _join(client: Any, person: Person) -> None:
    account = client.find_account(login=person.login)
    client.add_groups(account.id, [GROUP], key=f"{person.number:0>64}")


def _suspend(client: Any, person: Person) -> None:
    account = client.find_account(login=person.login)
    client.set_active(account.id, active=False, key=f"{person.number:0>64}")


LOGIN = "${{ event.payload.work_email }}"
ACTS: Sequence[Act] = (
    Act(
        "identity.create_account",
        {
            "login": LOGIN,
            "external_id": "${{ event.payload.number }}",
            "given_name": "${{ event.payload.first }}",
            "family_name": "${{ event.payload.last }}",
            "email": LOGIN,
            "title": "Engineer",
        },
        _create,
    ),
    Act("identity.find_account", {"login": LOGIN}, _find),
    Act("identity.add_groups", {"login": LOGIN, "groups": [GROUP]}, _join),
    Act("identity.suspend_account", {"login": LOGIN}, _suspend),
)
"""In the order of a person's life."""
