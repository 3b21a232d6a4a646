from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.nodes.case import Case, Params
from tests.nodes.world import World


def calls(method: str, path: str = "") -> Callable[[World], int]:
    """How many requests of that kind the SCIM server has answered with success."""

    def count(world: World) -> int:
        seen = [r for r in world.scim.requests() if r["method"] == method and re.search(path, r["path"])]
        return len([request for request in seen if request["status"] < 300])

    return count


def an_account(**fields: Any) -> Callable[[World], Params]:
    def arrange(world: World) -> Params:
        return {"account_id": world.create("ana@acme.example", externalId="1001", **fields)}

    return arrange


def a_member(world: World) -> Params:
    """An account that is in the groups Staff and Sales."""
    account = an_account()(world)
    provider = world.open("scim", "identity")
    provider.set_groups(account["account_id"], ["Sales", "Staff"], key="b2" * 32)
    provider.close()
    return account


def is_active(*wanted: bool) -> Callable[[World], bool]:
    return lambda world: [user["active"] for user in world.scim.users()] == list(wanted)


def is_in(*groups: str) -> Callable[[World], bool]:
    return lambda world: world.scim.groups_of("ana@acme.example") == set(groups)


def leavings(world: World) -> int:
    """How many of the two groups that a_member is in it has left."""
    return 2 - len(world.scim.groups_of("ana@acme.example"))


CASES: Mapping[str, Case] = {
    "create_account": Case(
        params={"login": "ana@acme.example", "external_id": "1001", "given_name": "Ana"},
        wrong={"login": ["ana@acme.example"]},
        connection="scim",
        effects=calls("POST", "/Users$"),
        is_undone={"delete": lambda world: world.scim.users() == [], "suspend": is_active(False)},
    ),
    "find_account": Case(
        params={"login": "ana@acme.example"},
        wrong={"required": True},
        connection="scim",
        arrange=an_account(),
        changes=False,
    ),
    "set_groups": Case(
        params={"groups": ["Staff"]},
        wrong={"login": "x", "groups": "Staff"},
        connection="scim",
        arrange=an_account(),
        effects=calls("PATCH"),
        is_undone={"undo": is_in()},
    ),
    "suspend_account": Case(
        params={},
        wrong={},
        connection="scim",
        arrange=an_account(),
        effects=calls("PATCH"),
        is_undone={"undo": is_active(True)},
    ),
    "reactivate_account": Case(
        params={},
        wrong={},
        connection="scim",
        arrange=an_account(active=False),
        effects=calls("PATCH"),
        is_undone={"undo": is_active(False)},
    ),
    "remove_groups": Case(
        params={"groups": ["Staff"]},
        wrong={"login": "x", "groups": []},
        connection="scim",
        arrange=a_member,
        effects=leavings,
        is_undone={"undo": is_in("Sales", "Staff")},
    ),
    "delete_account": Case(
        params={}, wrong={"id": "7"}, connection="scim", arrange=an_account(), effects=calls("DELETE")
    ),
}
