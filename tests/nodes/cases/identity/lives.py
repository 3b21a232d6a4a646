"""What changes an account that is there: on paper, which has all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from officeflow.connectors.families.identity import Account
from tests.nodes.case import Case, Params
from tests.nodes.world import World


def on_paper(**fields: Any) -> Callable[[World], Params]:
    """Ana's account, and her boss's."""

    def arrange(world: World) -> Params:
        world.paper.add("boss@acme.example", external_id="1000")
        account_id = world.paper.add("ana@acme.example", external_id="1001", unit="/Staff", **fields)
        return {"account_id": account_id}

    return arrange


def done(operation: str) -> Callable[[World], int]:
    return lambda world: world.paper.done(operation)


def ana_is(look: Callable[[Account], bool]) -> Callable[[World], bool]:
    """Whether the account of employee 1001 is such; True where it is not there any more."""
    return lambda world: all(
        look(each) for each in world.paper.accounts.values() if each.external_id == "1001"
    )


CASES: Mapping[str, Case] = {
    "unique_login": Case(
        params={
            "pattern": "{given}.{family}@acme.example",
            "given_name": "${{ event.payload.first_name }}",
            "family_name": "Pérez",
        },
        wrong={"pattern": "{first}.{last}", "given_name": "Ana"},
        connection="paper",
        effects=lambda world: world.reservations(),
        is_undone={"undo": lambda world: world.reservations() == 0},
    ),
    "update_account": Case(
        params={"title": "Engineer", "attributes": {"costCenter": "4711"}},
        wrong={"login": "ana@acme.example"},
        connection="paper",
        arrange=on_paper(title="Trainee"),
        effects=done("update_account"),
        is_undone={"undo": ana_is(lambda ana: (ana.title, ana.attributes) == ("Trainee", {}))},
    ),
    "rename_account": Case(
        params={"new_login": "ana.lopez@acme.example"},
        wrong={"login": "ana@acme.example", "new_login": ""},
        connection="paper",
        arrange=on_paper(),
        effects=done("rename_account"),
        is_undone={"undo": ana_is(lambda ana: (ana.login, ana.aliases) == ("ana@acme.example", ()))},
    ),
    "move_account": Case(
        params={"unit": "/staff/sales"},
        wrong={"login": "ana@acme.example"},
        connection="paper",
        arrange=on_paper(),
        effects=done("move_account"),
        is_undone={"undo": ana_is(lambda ana: ana.unit == "/Staff")},
    ),
    "set_manager": Case(
        params={"manager": {"login": "boss@acme.example"}},
        wrong={"login": "ana@acme.example", "manager": {}},
        connection="paper",
        arrange=on_paper(),
        effects=done("set_manager"),
        is_undone={"undo": ana_is(lambda ana: ana.manager_id is None)},
    ),
}
