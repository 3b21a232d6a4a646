"""Passwords, sessions, bins and transfers, where something is in the way: on paper."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from officeflow.connectors.families.identity import Factor, PasswordRules
from officeflow.nodes.identity.reset_factors import ResetFactors
from officeflow.nodes.identity.reset_password import ResetPassword
from officeflow.nodes.identity.restore_account import RestoreAccount
from officeflow.sdk import Doing, NodeResult
from tests.nodes.accounts import fails
from tests.nodes.paper.connectors.paper.credentials import Credentials, classes_in
from tests.nodes.paper.directory import Lie, PaperDirectory
from tests.nodes.world import World
from tests.privacy.conftest import found_in

pytestmark = pytest.mark.integration
ANA = {"login": "ana@acme.example"}


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    return world.paper


def run(world: World, name: str, params: Mapping[str, Any], try_number: int = 1) -> NodeResult:
    return world.run(f"identity.{name}", params, connection="paper", try_number=try_number)


class TestSecrets:
    @pytest.mark.parametrize(
        ("name", "field", "kept"),
        [
            ("reset_password", "password", lambda paper: next(iter(paper.passwords.values()))[0]),
            ("give_temporary_access", "secret", lambda paper: next(iter(paper.access.values()))),
        ],
    )
    def test_it_is_given_to_later_nodes_and_told_nowhere(
        self, world: World, paper: PaperDirectory, database_url: str, name: str, field: str, kept: Any
    ) -> None:
        paper.add(**ANA)
        result = run(world, name, ANA)
        secret = kept(paper)
        assert result.output[field] == secret
        told = dataclasses.replace(result, output={})
        assert secret not in f"{world.log.lines} {result.story} {told}"
        assert found_in(database_url, secret) == {}

    @pytest.mark.parametrize("name", ["reset_password", "give_temporary_access"])
    @pytest.mark.parametrize("lie", [Lie.IGNORES, Lie.LOSES])
    def test_an_error_holds_none_and_the_next_try_gives_one(
        self, world: World, paper: PaperDirectory, name: str, lie: Lie
    ) -> None:
        paper.add(**ANA)
        paper.lies["set_password"] = paper.lies["give_temporary_access"] = lie
        assert run(world, name, ANA).status == "retry"
        for secret in [each for each, _ in paper.passwords.values()] + list(paper.access.values()):
            assert secret not in str(world.log.lines)
        assert run(world, name, ANA, try_number=2).status == "success"

    @pytest.mark.parametrize("shortest", [8, 20, 64])
    def test_a_password_is_as_the_system_wants_it(
        self, world: World, paper: PaperDirectory, shortest: int
    ) -> None:
        paper.add(**ANA)
        paper.rules = PasswordRules(shortest=shortest, classes=4)
        password = run(world, "reset_password", ANA).output["password"]
        assert len(password) == max(20, shortest)
        assert classes_in(password) == 4
        assert next(iter(paper.passwords.values())) == (password, True)

    def test_the_plan_says_that_it_is_secret(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA)
        provider = world.open("paper", "identity", only_looks=True)
        [planned] = ResetPassword().plan(ResetPassword.parse(ANA), provider, world.act())
        assert [each.field for each in planned.fields if each.secret] == ["password"]
        assert paper.passwords == {}

    def test_a_time_that_the_system_does_not_allow_is_refused(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA)
        fails(run(world, "give_temporary_access", {**ANA, "minutes": 600}), "rejected")


class TestSessions:
    def test_where_they_are_not_told_they_are_ended_all_the_same(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA)
        paper.tells_sessions = False
        result = run(world, "end_sessions", ANA)
        assert (result.output["changed"], result.output["ended"]) == (True, None)
        assert paper.done("end_sessions") == 1

    def test_factors_that_are_left_are_no_success(self, world: World, paper: PaperDirectory) -> None:
        account_id = paper.add(**ANA)
        paper.factors[account_id].append(Factor(id="f1", kind="totp"))
        paper.lies["reset_factors"] = Lie.IGNORES
        fails(run(world, "reset_factors", ANA), "nothing_happened")


class TestRestoring:
    def test_a_login_that_somebody_else_has_now_is_a_conflict(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.remove(paper.add(**ANA, external_id="1001"))
        paper.add("ANA@acme.example", external_id="2002")
        result = run(world, "restore_account", {"external_id": "1001"})
        assert "is in its place" in fails(result, "conflict")
        assert paper.writes() == []

    def test_of_several_one_is_named_by_its_id(self, world: World, paper: PaperDirectory) -> None:
        first, second = paper.add(**ANA), ""
        paper.remove(first)
        second = paper.add(**ANA)
        paper.remove(second)
        assert second in fails(run(world, "restore_account", ANA), "conflict")
        result = world.run(
            "identity.restore_account", {**ANA, "account_id": first}, connection="paper", node="two"
        )
        assert result.output["account_id"] == first

    def test_its_id_alone_is_enough(self, world: World, paper: PaperDirectory) -> None:
        account_id = paper.add(**ANA)
        paper.remove(account_id)
        params = {"account_id": account_id}
        provider = world.open("paper", "identity", only_looks=True)
        [planned] = RestoreAccount().plan(RestoreAccount.parse(params), provider, world.act())
        assert planned.doing is Doing.CREATE
        assert run(world, "restore_account", params).output["login"] == ANA["login"]

    def test_one_that_is_there_is_a_success(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA)
        assert run(world, "restore_account", ANA).output["changed"] is False

    def test_one_that_nobody_keeps_is_told_as_such(self, world: World) -> None:
        assert "is kept" in fails(run(world, "restore_account", ANA), "not_found")


class TestTransfer:
    PARAMS: Mapping[str, Any] = {**ANA, "to": {"login": "boss@acme.example"}}

    @pytest.fixture(autouse=True)
    def both(self, paper: PaperDirectory) -> None:
        paper.add(**ANA)
        paper.add("boss@acme.example")

    def test_it_waits_for_the_end_and_begins_once(self, world: World, paper: PaperDirectory) -> None:
        paper.transfers_run = 2
        waits = run(world, "transfer_ownership", self.PARAMS)
        assert waits.error is not None
        assert (waits.status, waits.error.code) == ("retry", "not_yet")
        while (result := run(world, "transfer_ownership", self.PARAMS)).status != "success":
            world.clock.moment += dt.timedelta(minutes=5)
        assert result.output["told"] == "2 files handed over"
        assert paper.done("begin_transfer") == 1

    def test_one_that_failed_is_told_and_begun_anew_when_it_is_cleared(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.transfers_run = 5
        run(world, "transfer_ownership", self.PARAMS)
        given = paper.transfers[0]
        given.transfer = dataclasses.replace(given.transfer, state="failed", told="the disk is full")
        assert "the disk is full" in fails(run(world, "transfer_ownership", self.PARAMS), "rejected")
        paper.transfers_run = 0
        assert run(world, "transfer_ownership", self.PARAMS, try_number=2).status == "success"
        assert paper.done("begin_transfer") == 2

    def test_one_whose_answer_was_lost_is_found(self, world: World, paper: PaperDirectory) -> None:
        paper.lies["begin_transfer"] = Lie.LOSES
        assert run(world, "transfer_ownership", self.PARAMS).status == "retry"
        assert run(world, "transfer_ownership", self.PARAMS, try_number=2).status == "success"
        assert paper.done("begin_transfer") == 1

    def test_nobody_hands_over_to_themselves(self, world: World) -> None:
        fails(run(world, "transfer_ownership", {**ANA, "to": ANA}), "conflict")


class TestChanges:
    def test_pages_are_followed_and_the_last_word_counts(self, world: World, paper: PaperDirectory) -> None:
        begin = run(world, "find_changes", {}).output["cursor"]
        paper.page = 2
        gone = paper.add("bob@acme.example")
        for login in ("a", "b", "c"):
            paper.add(login)
        paper.remove(gone)
        result = world.run("identity.find_changes", {"cursor": begin}, connection="paper", node="two")
        assert [each["login"] for each in result.output["accounts"]] == ["a", "b", "c"]
        assert (result.output["deleted"], result.output["complete"]) == ([gone], True)

    def test_a_cursor_that_is_not_known_any_more_fails_or_begins_anew(self, world: World) -> None:
        fails(run(world, "find_changes", {"cursor": "old"}), "conflict")
        params = {"cursor": "old", "on_lost": "begin_anew"}
        result = world.run("identity.find_changes", params, connection="paper", node="two")
        assert (result.output["lost"], result.output["cursor"]) == (True, "0")

    def test_a_page_that_leads_back_is_refused(self, world: World, paper: PaperDirectory) -> None:
        paper.add("a")
        paper.page = 0
        assert "back to another" in fails(run(world, "find_changes", {"cursor": "0"}), "rejected")


def test_a_factor_that_the_system_has_by_itself_may_stay_and_that_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A system that keeps it says so by what reads back."""
    account_id = world.paper.add("ana@acme.example")
    kept = Factor(id="e", kind="email", may_stay=True)
    world.paper.factors[account_id] = [kept]
    params = ResetFactors.parse({"login": "ana@acme.example"})
    [planned] = ResetFactors().plan(params, world.open("paper", "identity", only_looks=True), world.act())
    assert (planned.doing, "may keep email" in planned.note) == (Doing.UNKNOWN, True)
    with monkeypatch.context() as patch:
        patch.setattr(Credentials, "reset_factors", lambda *_, **__: [])
        result = run(world, "reset_factors", {"login": "ana@acme.example"})
    assert (result.status, result.output["changed"], result.output["factors"]) == ("success", False, [])
    assert "email stays" in result.story[-1]["text"]
