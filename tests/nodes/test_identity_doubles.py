"""Nobody gets a second account: races, searches that lag, directories that lose the employee number, crashes
in between, organizations that share a directory."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.sdk import NodeResult
from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts.scim import ForgetfulScimServer
from tests.nodes.world import World

pytestmark = pytest.mark.integration

ALWAYS = 1_000
NOTHING = json.dumps({"totalResults": 0}).encode()
ANA = {
    "login": "ana@acme.example",
    "external_id": "1001",
    "given_name": "Ana",
    "family_name": "Pérez",
    "email": "ana@acme.example",
}
NAME = {"givenName": "Ana", "familyName": "Pérez"}


class Killed(BaseException):
    """Ends an attempt as SIGKILL does."""


def create(world: World, node: str = "it", try_number: int = 1, **changes: Any) -> NodeResult:
    return world.run(
        "identity.create_account", ANA | changes, connection="scim", node=node, try_number=try_number
    )


def logins(world: World) -> list[str]:
    return sorted(user["userName"] for user in world.scim.users())


def fails(result: NodeResult, code: str) -> str:
    assert result.error is not None, result.output
    assert result.error.code == code
    return result.error.message


def killed_after_the_yes(world: World, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(CreateAccount, "audit", die)
        with pytest.raises(Killed):
            create(world, **changes)


@pytest.fixture
def proxy(world: World) -> Iterator[FaultProxy]:
    """Between the nodes and the directory."""
    with FaultProxy(world.scim.url).running() as proxy:
        world.changes = {"host": proxy.url}
        yield proxy


@pytest.fixture
def forgetful(world: World, forgetful_scim_server: ForgetfulScimServer) -> World:
    """The directory loses every employee number."""
    world.scim = forgetful_scim_server
    return world


def lagging(path: str, times: int = ALWAYS) -> Fault:
    """The first searches of this kind find nothing."""
    return Fault(kind="answer", methods=("GET",), path=path, body=NOTHING, times=times)


def meanwhile(path: str, do: Callable[[], object]) -> Fault:
    """The next search answers as it is; then something happens, before the searcher acts."""

    def change(body: bytes) -> bytes:
        do()
        return body

    return Fault(kind="rewrite", methods=("GET",), path=path, change=change)


@pytest.mark.parametrize("on_conflict", ["fail", "adopt", "number"])
class TestRacesAndLag:
    def test_a_login_that_this_very_person_has_is_theirs_where_the_search_by_number_lags(
        self, world: World, proxy: FaultProxy, on_conflict: str
    ) -> None:
        there = world.create("ana@acme.example", externalId="1001")
        proxy.fault(lagging("externalId"))
        result = create(world, on_conflict=on_conflict)
        assert (result.output["account_id"], result.output["created"]) == (there, False)
        assert logins(world) == ["ana@acme.example"]

    @pytest.mark.parametrize("looks", [0, 3])
    @pytest.mark.rounds(10)
    def test_two_runs_that_create_one_person_at_once_make_one_account(
        self, world: World, proxy: FaultProxy, on_conflict: str, looks: int
    ) -> None:
        """The other run is first by a hair, and the directory shows its account only after some looks."""

        def other_run() -> None:
            world.create("ana@acme.example", externalId="1001")
            proxy.fault(lagging("/Users?", times=looks))

        proxy.fault(meanwhile("userName", other_run))
        result = create(world, on_conflict=on_conflict)
        assert (result.output["login"], result.output["created"]) == ("ana@acme.example", False)
        assert logins(world) == ["ana@acme.example"]

    def test_a_login_that_is_taken_and_that_nobody_shows_is_tried_again_and_not_numbered(
        self, world: World, proxy: FaultProxy, on_conflict: str
    ) -> None:
        world.create("ana@acme.example", externalId="1001")
        proxy.fault(lagging("/Users?", times=13))
        first = create(world, on_conflict=on_conflict)
        assert first.status == "retry"
        fails(first, "transient")
        assert create(world, on_conflict=on_conflict, try_number=2).output["login"] == "ana@acme.example"
        assert logins(world) == ["ana@acme.example"]

    def test_what_an_attempt_without_an_answer_made_is_found_though_the_searches_lag(
        self, world: World, proxy: FaultProxy, on_conflict: str
    ) -> None:
        proxy.fault(Fault(kind="act_then_drop", methods=("POST",)))
        assert create(world, on_conflict=on_conflict).status == "retry"
        proxy.fault(lagging("/Users?", times=7))
        again = create(world, on_conflict=on_conflict, try_number=2)
        assert (again.output["login"], again.output["created"]) == ("ana@acme.example", True)
        assert logins(world) == ["ana@acme.example"]


class TestNumbering:
    def test_another_person_who_took_the_login_meanwhile_keeps_it(
        self, world: World, proxy: FaultProxy
    ) -> None:
        proxy.fault(meanwhile("userName", lambda: world.create("ana@acme.example", externalId="2002")))
        assert create(world, on_conflict="number").output["login"] == "ana2@acme.example"

    def test_two_people_of_one_name_who_join_on_one_day_have_an_account_each(self, world: World) -> None:
        world.create("ana@acme.example", externalId="2002", name=NAME)
        result = create(world, on_conflict="number")
        assert (result.output["login"], result.output["external_id"]) == ("ana2@acme.example", "1001")

    @pytest.mark.parametrize(
        "holder",
        [
            {"name": NAME},
            {"emails": [{"value": "ANA@acme.example"}]},
            {"name": {"givenName": "Ana", "familyName": "Ruiz"}, "emails": [{"value": "ana@acme.example"}]},
            {},
        ],
    )
    def test_an_account_without_a_number_that_may_be_this_persons_is_not_numbered_past(
        self, world: World, holder: dict[str, Any]
    ) -> None:
        world.create("ana@acme.example", **holder)
        world.clock.moment += dt.timedelta(hours=1)
        assert "may be this person's" in fails(create(world, on_conflict="number"), "conflict")
        assert logins(world) == ["ana@acme.example"]

    def test_an_old_account_of_another_name_is_numbered_past(self, world: World) -> None:
        world.create("ana@acme.example", name={"givenName": "Anabel", "familyName": "Ruiz"})
        world.clock.moment += dt.timedelta(hours=1)
        assert create(world, on_conflict="number").output["login"] == "ana2@acme.example"

    def test_an_account_of_another_name_that_is_just_made_is_not_numbered_past(self, world: World) -> None:
        world.create("ana@acme.example", name={"givenName": "Anabel", "familyName": "Ruiz"})
        fails(create(world, on_conflict="number"), "conflict")

    def test_the_directorys_own_employee_number_says_whose_an_account_is(self, world: World) -> None:
        schema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        core = "urn:ietf:params:scim:schemas:core:2.0:User"
        there = world.create("ana@acme.example", schemas=[core, schema], **{schema: {"employeeNumber": "E7"}})
        result = create(world, on_conflict="number", attributes={"employeeNumber": "E7"})
        assert (result.output["account_id"], result.output["created"]) == (there, False)


class TestADirectoryThatLosesTheNumber:
    @pytest.mark.parametrize("on_conflict", ["fail", "adopt", "number"])
    def test_retries_make_one_account(self, forgetful: World, on_conflict: str) -> None:
        result = create(forgetful, on_conflict=on_conflict)
        assert (result.status, result.output["login"], result.output["created"]) == (
            "success",
            "ana@acme.example",
            True,
        )
        assert result.output["external_id"] is None
        assert any("has not kept the employee number" in entry["text"] for entry in result.story)
        assert logins(forgetful) == ["ana@acme.example"]

    def test_without_any_name_one_account_is_made_too(self, forgetful: World) -> None:
        bare = {"given_name": None, "family_name": None, "email": None}
        assert create(forgetful, on_conflict="number", **bare).status == "success"
        fails(create(forgetful, "second", on_conflict="number", **bare), "conflict")
        assert logins(forgetful) == ["ana@acme.example"]

    def test_a_second_run_for_the_person_makes_no_second_account(self, forgetful: World) -> None:
        create(forgetful, on_conflict="number")
        fails(create(forgetful, "second", on_conflict="number"), "conflict")
        assert create(forgetful, "third", on_conflict="adopt").output["created"] is False
        assert logins(forgetful) == ["ana@acme.example"]

    def test_a_crash_between_the_yes_and_the_record_makes_no_second_account(
        self, forgetful: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        killed_after_the_yes(forgetful, monkeypatch, on_conflict="number")
        again = create(forgetful, on_conflict="number", try_number=2)
        assert (again.status, again.output["created"]) == ("success", True)
        assert logins(forgetful) == ["ana@acme.example"]

    def test_a_crash_after_a_numbered_account_makes_no_third(
        self, forgetful: World, forgetful_scim_server: ForgetfulScimServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def old(body: bytes) -> bytes:
            told = json.loads(body)
            for user in told.get("Resources", ()):
                if user.get("name") == {"givenName": "Anabel"}:
                    user["meta"]["created"] = "2020-01-01T00:00:00Z"
            return json.dumps(told).encode()

        forgetful.create("ana@acme.example", name={"givenName": "Anabel"})
        with FaultProxy(forgetful_scim_server.url).running() as proxy:
            forgetful.changes = {"host": proxy.url}
            proxy.fault(Fault(kind="rewrite", methods=("GET",), path="/Users?", times=ALWAYS, change=old))
            killed_after_the_yes(forgetful, monkeypatch, on_conflict="number", email=None)
            again = create(forgetful, on_conflict="number", email=None, try_number=2)
        assert (again.output["login"], again.output["created"]) == ("ana2@acme.example", True)
        assert logins(forgetful) == ["ana2@acme.example", "ana@acme.example"]

    def test_where_nothing_says_when_it_was_made_a_person_is_asked(
        self, forgetful: World, forgetful_scim_server: ForgetfulScimServer
    ) -> None:
        with FaultProxy(forgetful_scim_server.url).running() as proxy:
            forgetful.changes = {"host": proxy.url}
            undated = Fault(
                kind="rewrite",
                methods=("GET",),
                times=ALWAYS,
                change=lambda body: body.replace(b'"created"', b'"made"'),
            )
            proxy.fault(undated)
            tries = [create(forgetful, on_conflict="number", try_number=number) for number in range(1, 6)]
        assert [result.status for result in tries] == ["retry"] * 3 + ["failed"] * 2
        fails(tries[3], "outcome_unknown")
        assert logins(forgetful) == ["ana@acme.example"]

    @pytest.mark.parametrize("by", ["login", "account_id"])
    def test_deleting_with_a_number_that_was_lost_does_not_say_that_nothing_is_there(
        self, forgetful: World, by: str
    ) -> None:
        made = create(forgetful).output
        who = {by: made[by], "external_id": "1001"}
        fails(forgetful.run("identity.delete_account", who, connection="scim", node="delete"), "conflict")
        assert logins(forgetful) == ["ana@acme.example"]


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
