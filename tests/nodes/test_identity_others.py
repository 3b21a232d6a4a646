"""Directories that others write to as well, and what they say of what was taken."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.connectors.http_faults import Fault, FaultProxy
from tests.nodes.accounts import (
    ALWAYS,
    ANA,
    NAME,
    create,
    fails,
    lagging,
    logins,
    meanwhile,
)
from tests.nodes.world import World

pytestmark = pytest.mark.integration


class TestWhatWasTaken:
    def test_a_yes_of_which_nothing_is_to_be_seen_is_asked_and_not_made_again(
        self, world: World, proxy: FaultProxy
    ) -> None:
        lie = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "made-up",
            "userName": ANA["login"],
        }
        proxy.fault(
            Fault(kind="answer", methods=("POST",), status=201, body=json.dumps(lie).encode(), times=ALWAYS)
        )
        tries = [create(world, on_conflict="number", try_number=number) for number in range(1, 6)]
        fails(tries[-1], "outcome_unknown")
        assert [method for method, _, _ in proxy.seen if method == "POST"] == ["POST"]

    def test_an_account_that_shows_only_after_a_while_is_found_in_the_same_attempt(
        self, world: World, proxy: FaultProxy
    ) -> None:
        away = json.dumps(
            {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"}
        ).encode()
        proxy.fault(Fault(kind="answer", methods=("GET",), path="/Users/", status=404, body=away))
        proxy.fault(dataclasses.replace(lagging("/Users?", times=4), skip=2))
        result = create(world)
        assert (result.status, result.output["created"]) == ("success", True)
        assert len(world.scim.writes()) == 1

    def test_an_account_that_was_to_be_suspended_and_is_not_is_no_success(
        self, world: World, proxy: FaultProxy
    ) -> None:
        def awake(body: bytes) -> bytes:
            return body.replace(b'"active":false', b'"active":true').replace(
                b'"active": false', b'"active": true'
            )

        proxy.fault(Fault(kind="rewrite", methods=("GET",), times=ALWAYS, change=awake))
        tries = [create(world, active=False, try_number=number) for number in range(1, 5)]
        assert {result.status for result in tries} == {"retry", "failed"}
        fails(tries[-1], "outcome_unknown")
        assert logins(world) == ["ana@acme.example"]


class TestSharedDirectories:
    def test_an_account_of_another_domain_and_name_is_not_adopted_for_its_number(self, world: World) -> None:
        world.create(
            "bob@globex.example", externalId="1001", name={"givenName": "Bob", "familyName": "Stone"}
        )
        assert "nothing else of it is this person's" in fails(create(world), "conflict")

    def test_an_account_of_another_domain_with_this_persons_name_is_theirs(self, world: World) -> None:
        there = world.create("ana.perez@acme-group.example", externalId="1001", name=NAME)
        assert create(world).output["account_id"] == there

    def test_with_a_mark_another_organizations_account_is_left_alone(self, world: World) -> None:
        there = world.create("bob@acme.example", externalId="globex:1001")
        world.changes = {"extra": {"mark": "acme"}}
        assert create(world).output["created"] is True
        for who in ({"account_id": there}, {"login": "bob@acme.example"}):
            for act in ("suspend", "delete", "find"):
                result = world.run(
                    f"identity.{act}_account",
                    who,
                    connection="scim",
                    node=f"{act}{len(who)}{next(iter(who))}",
                )
                assert "another organization's" in fails(result, "conflict")
        assert (
            world.run(
                "identity.suspend_account", {"external_id": "1001"}, connection="scim", node="own"
            ).output["login"]
            == ANA["login"]
        )
        assert (
            create(world, "again", login="bob@acme.example", external_id="1002", on_conflict="number").output[
                "login"
            ]
            == "bob2@acme.example"
        )

    def test_an_account_from_before_the_mark_is_neither_adopted_nor_doubled(self, world: World) -> None:
        world.create("ana@acme.example", externalId="1001")
        world.changes = {"extra": {"mark": "acme"}}
        fails(create(world, on_conflict="number"), "conflict")
        fails(create(world, "adopting", on_conflict="adopt"), "conflict")
        assert logins(world) == ["ana@acme.example"]


class TestOthers:
    @pytest.mark.parametrize("who", [{"login": "ana@acme.example"}, {"external_id": "1001"}])
    @pytest.mark.parametrize(
        "page",
        [{"totalResults": 1}, {"totalResults": 1, "Resources": []}, {"totalResults": 1, "Resources": None}],
    )
    def test_an_answer_that_contradicts_itself_deletes_nothing_and_is_no_success(
        self, world: World, proxy: FaultProxy, who: dict[str, str], page: dict[str, Any]
    ) -> None:
        world.create("ana@acme.example", externalId="1001")
        proxy.fault(
            Fault(
                kind="answer", methods=("GET",), path="/Users?", body=json.dumps(page).encode(), times=ALWAYS
            )
        )
        for act in ("delete", "suspend"):
            assert world.run(f"identity.{act}_account", who, connection="scim", node=act).status == "retry"
        assert logins(world) == ["ana@acme.example"]

    def test_an_account_behind_a_404_of_somebody_else_is_not_deleted_already(
        self, world: World, proxy: FaultProxy
    ) -> None:
        there = world.create("ana@acme.example", externalId="1001")
        proxy.fault(Fault(kind="answer", methods=("GET",), status=404, body=b"<html>", times=ALWAYS))
        assert (
            world.run("identity.delete_account", {"account_id": there}, connection="scim").status == "failed"
        )

    def test_a_deletion_that_somebody_else_was_faster_with_is_a_success(
        self, world: World, proxy: FaultProxy
    ) -> None:
        there = world.create("ana@acme.example", externalId="1001")

        def gone() -> None:
            with world.scim.client() as http:
                http.delete(f"/Users/{there}").raise_for_status()

        proxy.fault(meanwhile("/Groups", gone))
        result = world.run("identity.delete_account", {"account_id": there}, connection="scim")
        assert (result.status, result.output["changed"]) == ("success", False)

    def test_a_group_list_that_ignores_the_filter_does_not_pass_for_membership(
        self, world: World, proxy: FaultProxy
    ) -> None:
        there = world.create("ana@acme.example", externalId="1001")

        def everything(_: bytes) -> bytes:
            with world.scim.client() as http:
                return http.get("/Groups").content

        proxy.fault(
            Fault(kind="rewrite", methods=("GET",), path="members.value", times=ALWAYS, change=everything)
        )
        names = ["Engineering", "Sales", "Staff"]
        result = world.run("identity.set_groups", {"account_id": there, "groups": names}, connection="scim")
        assert (result.output["changed"], result.output["added"]) == (True, names)
        assert world.scim.groups_of("ana@acme.example") == set(names)

    def test_names_of_groups_in_another_case_change_nothing_twice(self, world: World) -> None:
        there = world.create("ana@acme.example", externalId="1001")

        def run(kind: str, node: str) -> Any:
            return world.run(
                f"identity.{kind}_groups",
                {"account_id": there, "groups": ["staff"]},
                connection="scim",
                node=node,
            ).output

        assert run("set", "a")["added"] == ["Staff"]
        assert run("set", "b")["changed"] is False
        assert run("remove", "c")["removed"] == ["Staff"]

    def test_of_two_groups_that_differ_in_case_only_the_named_one_is_left(self, world: World) -> None:
        there = world.create("ana@acme.example", externalId="1001")
        with world.scim.client() as http:
            body = {
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                "displayName": "STAFF",
                "members": [{"value": there}],
            }
            http.post("/Groups", json=body).raise_for_status()

        def run(kind: str, node: str, *names: str) -> Any:
            params = {"account_id": there, "groups": list(names)}
            return world.run(f"identity.{kind}_groups", params, connection="scim", node=node).output

        assert run("remove", "a", "Staff")["changed"] is False
        assert run("set", "b", "Staff", "STAFF")["added"] == ["Staff"]
        assert run("remove", "c", "STAFF")["groups"] == ["Staff"]

    def test_an_account_that_does_not_say_that_it_is_active_is_reactivated(
        self, world: World, proxy: FaultProxy
    ) -> None:
        there = world.create("ana@acme.example", externalId="1001", active=False)
        proxy.fault(
            Fault(
                kind="rewrite",
                methods=("GET",),
                times=ALWAYS,
                change=lambda body: body.replace(b'"active"', b'"state"'),
            )
        )
        assert (
            world.run("identity.reactivate_account", {"account_id": there}, connection="scim").output[
                "changed"
            ]
            is True
        )
        user = world.scim.user("ana@acme.example")
        assert user is not None
        assert user["active"] is True
