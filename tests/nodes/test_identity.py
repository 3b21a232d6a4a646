"""Identity nodes, beyond the contract: whose account is it, and what is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from officeflow.errors import Conflict
from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.sdk import NodeResult
from tests.nodes.world import World

pytestmark = pytest.mark.integration

ANA = {"login": "ana@acme.example", "external_id": "1001"}


def create(world: World, node: str = "it", **changes: Any) -> NodeResult:
    return world.run("identity.create_account", ANA | changes, connection="scim", node=node)


class TestCreateAccount:
    def test_an_account_with_the_employee_number_is_taken_as_it_is(self, world: World) -> None:
        there = world.create("ana.old@acme.example", externalId="1001")
        result = create(world)
        assert (result.output["account_id"], result.output["login"]) == (there, "ana.old@acme.example")
        assert (result.output["created"], result.output["changed"]) == (False, False)
        assert [request["method"] for request in world.scim.writes()] == ["POST"], (
            "only the one that prepared the test"
        )

    def test_a_login_taken_by_somebody_else_is_a_conflict_that_names_them(self, world: World) -> None:
        world.create("ana@acme.example", externalId="2002")
        result = create(world)
        assert result.status == "failed"
        assert result.error is not None
        assert (result.error.code, result.error.retryable) == ("conflict", False)
        assert "taken by employee 2002" in result.error.message

    @pytest.mark.parametrize(("external_id", "status"), [(None, "success"), ("2002", "failed")])
    def test_adopting_takes_an_account_only_where_it_is_nobodys(
        self, world: World, external_id: str | None, status: str
    ) -> None:
        world.create("ana@acme.example", **({"externalId": external_id} if external_id else {}))
        result = create(world, on_conflict="adopt")
        assert result.status == status
        assert result.output.get("created") in {False, None}

    def test_numbering_takes_the_first_free_login(self, world: World) -> None:
        for login, number in (("ana@acme.example", "2002"), ("ana2@acme.example", "2003")):
            world.create(login, externalId=number)
        assert create(world, on_conflict="number").output["login"] == "ana3@acme.example"

    def test_without_an_employee_number_a_login_that_exists_is_a_conflict(self, world: World) -> None:
        world.create("ana@acme.example")
        result = create(world, external_id=None)
        assert result.error is not None
        assert result.error.code == "conflict"

    def test_what_an_interrupted_attempt_left_counts_as_created(self, world: World) -> None:
        node, act, provider = CreateAccount(), world.act(), world.open("scim", "identity")
        params = CreateAccount.parse(ANA)
        assert node.find(params, provider, act) is None
        made = node.perform(params, provider, act)
        found = node.find(params, provider, act)
        provider.close()
        assert found == made

    @pytest.mark.parametrize("external_id", ["1001", None])
    def test_an_account_older_than_the_act_never_counts_as_created(
        self, world: World, external_id: str | None
    ) -> None:
        """Else undoing the node would delete an account that was there before it."""
        world.create("ana@acme.example", **({"externalId": external_id} if external_id else {}))
        later = world.act(began_at=world.clock.now() + dt.timedelta(hours=1))
        provider = world.open("scim", "identity")
        params = CreateAccount.parse(ANA | {"external_id": external_id})
        found = CreateAccount().find(params, provider, later)
        if external_id is None:
            assert found is None
            with pytest.raises(Conflict):
                CreateAccount().perform(params, provider, later)
        else:
            assert found is not None
            assert not found.created
        provider.close()

    def test_the_story_says_what_was_found_changed_and_read_back(self, world: World) -> None:
        steps = [(entry["step"], entry["text"]) for entry in create(world).story]
        assert [step for step, _ in steps] == ["found", "changed", "read_back"]
        assert "ana@acme.example" in steps[0][1]
        assert world.scim.url in steps[1][1]


class TestOthers:
    def test_groups_are_added_or_replaced(self, world: World) -> None:
        account = create(world).output["account_id"]

        def groups(node: str, names: list[str], **more: Any) -> Any:
            return world.run(
                "identity.set_groups",
                {"account_id": account, "groups": names, **more},
                connection="scim",
                node=node,
            ).output

        assert groups("a", ["Staff"])["added"] == ["Staff"]
        assert groups("b", ["Sales"], mode="add")["groups"] == ["Sales", "Staff"]
        last = groups("c", ["Engineering", "Staff"])
        assert (last["added"], last["removed"]) == (["Engineering"], ["Sales"])
        assert groups("d", ["Staff", "Engineering"])["changed"] is False

    def test_suspending_twice_is_a_success_that_changes_nothing(self, world: World) -> None:
        create(world)
        done = [
            world.run("identity.suspend_account", ANA, connection="scim", node=node).output
            for node in ("one", "two")
        ]
        assert [(output["changed"], output["active"]) for output in done] == [(True, False), (False, False)]

    def test_suspending_nobody_fails(self, world: World) -> None:
        result = world.run("identity.suspend_account", ANA, connection="scim")
        assert result.error is not None
        assert result.error.code == "not_found"

    @pytest.mark.parametrize("params", [ANA, {"account_id": "no-such-id"}])
    def test_deleting_nobody_is_a_success_that_changes_nothing(
        self, world: World, params: dict[str, str]
    ) -> None:
        assert world.run("identity.delete_account", params, connection="scim").output["changed"] is False

    def test_an_id_with_another_persons_login_is_nobody(self, world: World) -> None:
        account = create(world).output["account_id"]
        result = world.run(
            "identity.delete_account",
            {"account_id": account, "login": "bob@acme.example"},
            connection="scim",
            node="delete",
        )
        assert result.output["changed"] is False
        assert world.scim.user("ana@acme.example") is not None

    def test_some_groups_are_left_and_nothing_happens_where_there_are_none_of_them(
        self, world: World
    ) -> None:
        account = create(world).output["account_id"]
        world.run(
            "identity.set_groups",
            {"account_id": account, "groups": ["Sales", "Staff"]},
            connection="scim",
            node="set",
        )

        def leave(node: str, *names: str) -> Any:
            return world.run(
                "identity.remove_groups",
                {"account_id": account, "groups": list(names)},
                connection="scim",
                node=node,
            ).output

        assert (leave("one", "Staff", "Nobody")["removed"], world.scim.groups_of(ANA["login"])) == (
            ["Staff"],
            {"Sales"},
        )
        again = leave("two", "Staff", "Nobody")
        assert (again["changed"], again["removed"], again["groups"]) == (False, [], ["Sales"])

    def test_an_account_is_suspended_and_reactivated(self, world: World) -> None:
        create(world)

        def run(verb: str, node: str) -> Any:
            return world.run(
                f"identity.{verb}_account", {"login": ANA["login"]}, connection="scim", node=node
            ).output

        done = [run("suspend", "a"), run("reactivate", "b"), run("reactivate", "c")]
        assert [(output["changed"], output["active"]) for output in done] == [
            (True, False),
            (True, True),
            (False, True),
        ]
        user = world.scim.user(ANA["login"])
        assert user is not None
        assert user["active"] is True

    def test_finding_tells_of_groups_and_state_or_of_nothing(self, world: World) -> None:
        def find(node: str, **more: Any) -> NodeResult:
            return world.run("identity.find_account", ANA | more, connection="scim", node=node)

        assert find("before").output["found"] is False
        assert find("required", required=True).status == "failed"
        create(world)
        output = find("after").output
        assert (output["found"], output["active"], output["groups"], output["external_id"]) == (
            True,
            True,
            [],
            "1001",
        )
