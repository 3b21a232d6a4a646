"""Nobody gets a second account: races, searches that lag, directories that lose the employee number, crashes
in between, organizations that share a directory."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts.scim import ForgetfulScimServer
from tests.nodes.accounts import (
    ALWAYS,
    NAME,
    create,
    fails,
    killed_after_the_yes,
    lagging,
    logins,
    meanwhile,
)
from tests.nodes.world import World

pytestmark = pytest.mark.integration


@pytest.fixture
def forgetful(world: World, forgetful_scim_server: ForgetfulScimServer) -> World:
    """The directory loses every employee number."""
    world.scim = forgetful_scim_server
    return world


def undated() -> Fault:
    """The server does not say when anything was made."""

    def change(body: bytes) -> bytes:
        return body.replace(b'"created"', b'"made"')

    return Fault(kind="rewrite", methods=("GET",), times=ALWAYS, change=change)


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
        bare: dict[str, Any] = {"given_name": None, "family_name": None, "email": None}
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

    @pytest.mark.parametrize("was_there", [False, True])
    def test_where_nothing_says_when_it_was_made_it_counts_as_created_if_nobody_had_the_login(
        self, world: World, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, was_there: bool
    ) -> None:
        """Else undoing the run would leave it open, or delete one that was there before."""
        proxy.fault(undated())
        if was_there:
            world.create("ana@acme.example", externalId="1001")
        killed_after_the_yes(world, monkeypatch)
        again = create(world, try_number=2)
        assert (again.status, again.output["created"]) == ("success", not was_there)
        assert logins(world) == ["ana@acme.example"]

    def test_where_nothing_says_when_it_was_made_a_person_is_asked(
        self, forgetful: World, forgetful_scim_server: ForgetfulScimServer
    ) -> None:
        with FaultProxy(forgetful_scim_server.url).running() as proxy:
            forgetful.changes = {"host": proxy.url}
            proxy.fault(undated())
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
