"""Roles, applications and licences where something is in the way: on paper, which lies when it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from officeflow.catalog.registry import node_type
from officeflow.connectors.families.identity import Application, Entitlement, Seats
from officeflow.errors import Rejected
from officeflow.sdk import Doing, NodeResult, Planned
from tests.nodes.accounts import Killed, fails
from tests.nodes.paper.directory import Lie, PaperDirectory
from tests.nodes.world import World

pytestmark = pytest.mark.integration
ANA = {"login": "ana@acme.example"}
THINGS: Mapping[str, tuple[str, Entitlement]] = {
    "role": ("roles", Entitlement(id="r1", name="crm/editor")),
    "application": ("applications", Entitlement(id="app1", name="CRM")),
    "licence": ("licences", Entitlement(id="sku1", name="SPE_E3")),
}
KINDS = pytest.mark.parametrize("kind", THINGS)


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    world.paper.roles = [THINGS["role"][1]]
    world.paper.applications = [Application(id="app1", name="CRM")]
    world.paper.application_roles = {"app1": ("editor", "viewer")}
    world.paper.licences = [Seats(licence=THINGS["licence"][1], total=2)]
    return world.paper


@pytest.fixture
def ana(paper: PaperDirectory) -> str:
    return paper.add(**ANA)


def run(world: World, name: str, params: Mapping[str, Any], try_number: int = 1, **more: Any) -> NodeResult:
    return world.run(f"identity.{name}", {**ANA, **params}, connection="paper", try_number=try_number, **more)


def plan(world: World, name: str, params: Mapping[str, Any]) -> Planned:
    node = node_type(f"identity.{name}")
    provider = world.open("paper", "identity", only_looks=True)
    [planned] = node().plan(node.parse({**ANA, **params}), provider, world.act())
    return planned


def undo(world: World, name: str, params: Mapping[str, Any], done: NodeResult) -> None:
    node = node_type(f"identity.{name}")
    output = node.output_model.model_validate(done.output)
    node().undo(node.parse({**ANA, **params}), output, world.open("paper", "identity"), world.act())


def names(paper: PaperDirectory, kind: str, account_id: str) -> list[str]:
    return sorted(each.name for each in paper.held[THINGS[kind][0]][account_id])


@KINDS
class TestEveryKind:
    def test_what_a_group_gives_is_told_and_left(
        self, world: World, paper: PaperDirectory, ana: str, kind: str
    ) -> None:
        held, thing = THINGS[kind]
        given = Entitlement(id=thing.id, name=thing.name, by_group="Staff")
        paper.held[held][ana].append(given)
        for verb in ("assign", "unassign"):
            planned = plan(world, f"{verb}_{kind}", {kind: thing.name})
            result = run(world, f"{verb}_{kind}", {kind: thing.name}, node=verb)
            assert (result.output["changed"], result.output["by_group"]) == (False, "Staff")
            assert "the group Staff gives it" in result.story[-1]["text"]
            assert (planned.doing, planned.note) == (
                Doing.NO_CHANGE,
                f"the group Staff gives it {thing.name}",
            )
        assert paper.held[held][ana] == [given]
        assert paper.writes() == []

    def test_beside_a_group_its_own_is_taken(
        self, world: World, paper: PaperDirectory, ana: str, kind: str
    ) -> None:
        held, thing = THINGS[kind]
        given = Entitlement(id=thing.id, name=thing.name, by_group="Staff")
        paper.held[held][ana] += [given, thing]
        result = run(world, f"unassign_{kind}", {kind: thing.name})
        assert (result.output["changed"], result.output["by_group"]) == (True, "Staff")
        assert paper.held[held][ana] == [given]

    def test_names_of_another_case_and_ids_are_the_same_thing(
        self, world: World, paper: PaperDirectory, ana: str, kind: str
    ) -> None:
        thing = THINGS[kind][1]
        for verb, name, after in (
            ("assign", thing.name.swapcase(), [thing.name]),
            ("unassign", thing.id, []),
        ):
            assert run(world, f"{verb}_{kind}", {kind: name}, node=verb).output["changed"] is True
            assert names(paper, kind, ana) == after

    @pytest.mark.parametrize("verb", ["assign", "unassign"])
    def test_one_that_there_is_not_is_named_and_is_not_taken_for_one_that_is_not_had(
        self, world: World, ana: str, kind: str, verb: str
    ) -> None:
        del ana
        message = fails(run(world, f"{verb}_{kind}", {kind: "o'Brien\" or 1 eq 1"}), "not_found")
        assert message.startswith(f"there is no {kind} o'Brien\" or 1 eq 1 at ")

    def test_a_yes_that_did_nothing_is_no_success(
        self, world: World, paper: PaperDirectory, ana: str, kind: str
    ) -> None:
        thing = THINGS[kind][1]
        paper.lies[f"assign_{kind}"] = Lie.IGNORES
        fails(run(world, f"assign_{kind}", {kind: thing.name}), "nothing_happened")
        assert names(paper, kind, ana) == []

    @pytest.mark.parametrize("verb", ["assign", "unassign"])
    def test_what_was_done_before_a_crash_can_still_be_taken_back(
        self,
        world: World,
        paper: PaperDirectory,
        ana: str,
        kind: str,
        verb: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        held, thing = THINGS[kind]
        before = [] if verb == "assign" else [thing]
        paper.held[held][ana] += before
        params = {kind: thing.name}
        with monkeypatch.context() as patch:
            patch.setattr(node_type(f"identity.{verb}_{kind}"), "audit", lambda *_: _die())
            with pytest.raises(Killed):
                run(world, f"{verb}_{kind}", params)
        assert paper.held[held][ana] != before
        done = run(world, f"{verb}_{kind}", params, try_number=2)
        assert done.output["changed"] is True
        assert paper.done(f"{verb}_{kind}") == 1
        undo(world, f"{verb}_{kind}", params, done)
        assert paper.held[held][ana] == before

    def test_one_whose_answer_was_lost_is_found(
        self, world: World, paper: PaperDirectory, ana: str, kind: str
    ) -> None:
        thing = THINGS[kind][1]
        paper.lies[f"assign_{kind}"] = Lie.LOSES
        assert run(world, f"assign_{kind}", {kind: thing.name}).status == "retry"
        again = run(world, f"assign_{kind}", {kind: thing.name}, try_number=2)
        assert (again.output["added"], paper.done(f"assign_{kind}")) == ([thing.name], 1)
        assert names(paper, kind, ana) == [thing.name]


class TestApplications:
    def test_of_two_roles_the_one_is_given_and_taken_back(
        self, world: World, paper: PaperDirectory, ana: str
    ) -> None:
        params = {"application": "crm", "role": "Editor".lower()}
        paper.held["applications"][ana].append(Entitlement(id="app1", name="CRM/viewer"))
        done = run(world, "assign_application", params)
        assert (done.output["added"], done.output["held"]) == (["CRM/editor"], ["CRM/editor", "CRM/viewer"])
        undo(world, "assign_application", params, done)
        assert names(paper, "application", ana) == ["CRM/viewer"]

    def test_of_two_roles_the_one_is_taken(self, world: World, paper: PaperDirectory, ana: str) -> None:
        for role in ("viewer", "editor"):
            paper.held["applications"][ana].append(Entitlement(id="app1", name=f"CRM/{role}"))
        run(world, "unassign_application", {"application": "CRM", "role": "VIEWER"})
        assert names(paper, "application", ana) == ["CRM/editor"]

    def test_all_of_it_is_taken_and_given_again(self, world: World, paper: PaperDirectory, ana: str) -> None:
        for role in ("viewer", "editor"):
            paper.held["applications"][ana].append(Entitlement(id="app1", name=f"CRM/{role}"))
        done = run(world, "unassign_application", {"application": "app1"})
        assert done.output["removed"] == ["CRM/editor", "CRM/viewer"]
        assert names(paper, "application", ana) == []
        undo(world, "unassign_application", {"application": "app1"}, done)
        assert names(paper, "application", ana) == ["CRM/editor", "CRM/viewer"]

    def test_a_role_that_it_has_not_is_named(self, world: World, ana: str) -> None:
        del ana
        result = run(world, "assign_application", {"application": "CRM", "role": "owner"})
        assert "owner" in fails(result, "not_found")

    def test_another_application_whose_name_begins_alike_is_another_one(
        self, world: World, paper: PaperDirectory, ana: str
    ) -> None:
        paper.applications.append(Application(id="app2", name="CRM test"))
        paper.held["applications"][ana].append(Entitlement(id="app2", name="CRM test"))
        assert run(world, "unassign_application", {"application": "CRM"}).output["changed"] is False
        assert names(paper, "application", ana) == ["CRM test"]


class TestLicences:
    def test_the_plan_tells_the_seats_that_are_left(self, world: World, ana: str) -> None:
        del ana
        planned = plan(world, "assign_licence", {"licence": "SPE_E3"})
        assert [(each.field, each.before, each.after) for each in planned.fields] == [
            ("licences", [], ["SPE_E3"]),
            ("seats left", 2, 1),
        ]
        assert run(world, "assign_licence", {"licence": "SPE_E3"}).output["seats_left"] == 1
        taken = run(world, "unassign_licence", {"licence": "SPE_E3"}, node="away")
        assert taken.output["seats_left"] == 2

    def test_where_none_is_left_the_plan_says_so_and_nothing_is_given(
        self, world: World, paper: PaperDirectory, ana: str
    ) -> None:
        paper.licences = [Seats(licence=THINGS["licence"][1], total=0)]
        with pytest.raises(Rejected, match="no seat of SPE_E3 is left"):
            plan(world, "assign_licence", {"licence": "SPE_E3"})
        fails(run(world, "assign_licence", {"licence": "SPE_E3"}), "rejected")
        assert names(paper, "licence", ana) == []

    def test_seats_that_are_not_told_are_not_made_up(
        self, world: World, paper: PaperDirectory, ana: str
    ) -> None:
        del ana
        paper.licences = [Seats(licence=THINGS["licence"][1])]
        planned = plan(world, "assign_licence", {"licence": "SPE_E3"})
        assert [each.field for each in planned.fields] == ["licences"]
        assert run(world, "assign_licence", {"licence": "SPE_E3"}).output["seats_left"] is None


def _die() -> None:
    raise Killed
