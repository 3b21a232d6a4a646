"""What every node type promises that takes back what it did."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import delete, select

from officeflow.catalog.registry import node_type, type_names
from officeflow.database.tables import NameReservation, Organization
from officeflow.errors import NotUndoable
from officeflow.runs import reservations
from officeflow.sdk import Act
from tests.nodes.case import all_cases
from tests.nodes.world import World

CASES = all_cases()
OF_NO_ACCOUNT = {
    *("identity.unique_login", "identity.configure_application", "identity.configure_inbound_sso")
}
WAYS = [(name, way.name) for name in type_names() for way in node_type(name).spec.ways]


def test_every_way_has_a_case() -> None:
    """A node type that takes back what it did needs `is_undone` in its case, for each of its ways."""
    assert {name: set(case.is_undone) for name, case in CASES.items() if case.is_undone} == {
        name: {way.name for way in node_type(name).spec.ways}
        for name in type_names()
        if node_type(name).spec.ways
    }


@pytest.fixture
def undo(name: str, way: str, world: World) -> Callable[[], Act]:
    """Does the act, and gives what undoes it; called again it is the same act of undoing."""
    case, node = CASES[name], node_type(name)
    params: Mapping[str, Any] = {**case.params, **case.arrange(world)}
    params = {key: "2026-12-01" if "${{" in str(value) else value for key, value in params.items()}
    done = world.run(name, params, connection=case.connection)
    assert done.status == "success", done.error
    parsed, output = node.parse(params), node.output_model.model_validate(done.output)

    def give_back() -> int:
        with world.services.database.service() as session:
            org_id = session.scalars(select(Organization.org_id)).one()
        return reservations.give_back(world.services.database, org_id, done.key)

    def again() -> Act:
        act = dataclasses.replace(world.act(), way=way, give_back=give_back)
        provider = world.open(case.connection or "", str(node.spec.family))
        try:
            node().undo(parsed, output, provider, act)
        finally:
            provider.close()
        return act

    return again


@pytest.mark.integration
@pytest.mark.parametrize(("name", "way"), WAYS)
class TestUndoing:
    def test_it_is_as_before_and_was_read_back(
        self, name: str, way: str, world: World, undo: Callable[[], Act]
    ) -> None:
        act = undo()
        assert CASES[name].is_undone[way](world)
        assert [step["step"] for step in act.story][-2:] == ["changed", "read_back"]

    def test_undoing_twice_changes_nothing_the_second_time(
        self, name: str, way: str, world: World, undo: Callable[[], Act]
    ) -> None:
        undo()
        again = undo()
        assert CASES[name].is_undone[way](world)
        assert "changed" not in [step["step"] for step in again.story]

    def test_what_is_not_there_any_more_is_told_and_no_error(
        self, name: str, way: str, world: World, undo: Callable[[], Act]
    ) -> None:
        del name, way
        with world.scim.client() as client:
            for user in world.scim.users():
                client.delete(f"/Users/{user['id']}").raise_for_status()
        world.paper.accounts.clear()
        world.paper.applications.clear()
        world.paper.trusts.clear()
        with world.services.database.service() as session:
            session.execute(delete(NameReservation))
        world.caldav.reset()
        act = undo()
        assert [step["step"] for step in act.story] == ["note"]


@pytest.mark.integration
@pytest.mark.parametrize(
    ("name", "way"),
    [each for each in WAYS if each[0].startswith("identity.") and each[0] not in OF_NO_ACCOUNT],
)
def test_an_account_that_is_another_organizations_since_is_left(
    name: str, way: str, world: World, undo: Callable[[], Act]
) -> None:
    del way
    if CASES[name].connection == "paper":
        for account in list(world.paper.accounts.values()):
            world.paper.rewrite(account.login, foreign=True)
        there = dict(world.paper.accounts)
        with pytest.raises(NotUndoable, match="another organization"):
            undo()
        assert world.paper.accounts == there
        return
    world.changes = {"extra": {"mark": "acme"}}
    [user] = world.scim.users()
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "externalId", "value": "globex:7"}],
    }
    with world.scim.client() as client:
        client.patch(f"/Users/{user['id']}", json=body).raise_for_status()
    before = world.scim.users()
    with pytest.raises(NotUndoable, match="another organization"):
        undo()
    assert world.scim.users() == before


@pytest.mark.integration
@pytest.mark.parametrize("name", ["calendar.update_event"])
@pytest.mark.parametrize("way", ["undo"])
class TestMeetings:
    """`undo` has moved the meeting from the first of December, without a place, to the second, in a room."""

    @pytest.mark.parametrize(
        ("line", "by_somebody", "told"),
        [
            ("LOCATION:Room 2", "LOCATION:Room 3", "somebody has changed place since"),
            ("T100000", "T120000", "somebody has changed time since"),
        ],
    )
    def test_what_somebody_has_changed_since_is_left_and_named(
        self, world: World, undo: Callable[[], Act], line: str, by_somebody: str, told: str
    ) -> None:
        written = rewrite(world, line, by_somebody)
        with pytest.raises(NotUndoable, match=told):
            undo()
        assert by_somebody in world.caldav.events()
        assert written in world.caldav.events()

    def test_what_somebody_has_added_since_stays(self, world: World, undo: Callable[[], Act]) -> None:
        rewrite(world, "SUMMARY:First day", "SUMMARY:Your first day")
        undo()
        text = world.caldav.events()
        assert CASES["calendar.update_event"].is_undone["undo"](world)
        assert "SUMMARY:Your first day" in text

    def test_a_meeting_that_is_cancelled_since_stays_so(self, world: World, undo: Callable[[], Act]) -> None:
        rewrite(world, "STATUS:CONFIRMED", "STATUS:CANCELLED")
        assert [step["step"] for step in undo().story] == ["found", "note"]
        assert "LOCATION:Room 2" in world.caldav.events()


def rewrite(world: World, line: str, by: str) -> str:
    """As somebody else does, in the one event; gives its UID."""
    with world.caldav.client() as other:
        listed = other.request("PROPFIND", world.caldav.calendar_url, headers={"Depth": "1"}).text
        [href] = [part.split("<")[0] for part in listed.split("href>") if ".ics" in part.split("<")[0]]
        text = other.get(href).text
        assert line in text
        other.put(href, content=text.replace(line, by).encode()).raise_for_status()
    return next(line for line in text.splitlines() if line.startswith("UID:"))
