"""Groups where something is in the way: on paper, which lies when it is told to, and at a real directory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import update

from officeflow.connectors.families.identity import Group
from officeflow.database.tables import NodeRun
from officeflow.errors import NotFound, NotUndoable, Rejected
from officeflow.nodes.identity.add_groups import AddGroups
from officeflow.nodes.identity.restore_groups import RestoreGroups
from officeflow.nodes.identity.strip_groups import Result, StripGroups
from officeflow.sdk import Doing, NodeResult
from officeflow.statuses import ActStatus
from tests.nodes.accounts import Killed, fails
from tests.nodes.paper.directory import Lie, PaperDirectory
from tests.nodes.world import CONTEXT, World

pytestmark = pytest.mark.integration
ANA = {"login": "ana@acme.example"}


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    world.paper.groups = [Group(id=f"g-{name}", name=name) for name in ("Staff", "Sales", "VPN")]
    return world.paper


def run(world: World, name: str, params: Mapping[str, Any], try_number: int = 1, **more: Any) -> NodeResult:
    return world.run(f"identity.{name}", {**ANA, **params}, connection="paper", try_number=try_number, **more)


def joins(paper: PaperDirectory, *groups: str) -> Callable[[], None]:
    """As somebody else does."""

    def do() -> None:
        ana = paper.by_login(ANA["login"])
        paper.rewrite(ANA["login"], groups=tuple(sorted({*ana.groups, *groups})))

    return do


def groups(paper: PaperDirectory) -> set[str]:
    return set(paper.by_login(ANA["login"]).groups)


class TestAdding:
    @pytest.mark.parametrize(
        ("name", "params"), [("add_groups", {}), ("set_groups", {"mode": "add"}), ("restore_groups", {})]
    )
    def test_who_joins_another_group_at_the_same_moment_stays_in_it(
        self, world: World, paper: PaperDirectory, name: str, params: Mapping[str, Any]
    ) -> None:
        paper.add(**ANA, groups=("Sales",))
        paper.meanwhile["add_groups"] = joins(paper, "VPN")
        field = "snapshot" if name == "restore_groups" else "groups"
        result = run(world, name, {field: ["Staff"], **params})
        assert result.output["added"] == ["Staff"]
        assert groups(paper) == {"Sales", "Staff", "VPN"}

    def test_all_that_do_not_exist_are_named_in_the_plan(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA)
        params = AddGroups.parse({**ANA, "groups": ["Gone", "Staff", "Lost"]})
        with pytest.raises(NotFound, match="no group Gone, Lost"):
            AddGroups().plan(params, world.open("paper", "identity", only_looks=True), world.act())

    def test_where_one_does_not_exist_none_is_joined(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA)
        assert "Gone" in fails(run(world, "add_groups", {"groups": ["Staff", "Gone"]}), "not_found")
        assert groups(paper) == set()

    def test_one_whose_members_a_rule_decides_is_refused_in_the_plan_too(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.groups.append(Group(id="g-all", name="All", fixed="everybody of the company"))
        paper.add(**ANA)
        params = {"groups": ["All"]}
        with pytest.raises(Rejected, match="everybody of the company"):
            AddGroups().plan(
                AddGroups.parse({**ANA, **params}),
                world.open("paper", "identity", only_looks=True),
                world.act(),
            )
        assert "All" in fails(run(world, "add_groups", params), "rejected")

    @pytest.mark.parametrize(
        ("wanted", "there", "joined"),
        [
            ("staff", ["Staff"], "Staff"),
            ("staff", ["Staff", "staff"], "staff"),
            ("STRASSE", ["Straße"], "Straße"),
        ],
    )
    def test_case_counts_only_where_it_tells_two_apart(
        self, world: World, paper: PaperDirectory, wanted: str, there: list[str], joined: str
    ) -> None:
        paper.groups = [Group(id=f"g-{name}", name=name) for name in there]
        paper.add(**ANA)
        assert run(world, "add_groups", {"groups": [wanted]}).output["added"] == [joined]
        again = run(world, "add_groups", {"groups": [wanted]}, node="again")
        assert (again.output["changed"], again.output["groups"]) == (False, [joined])
        away = run(world, "remove_groups", {"groups": [wanted]}, node="away")
        assert (away.output["removed"], groups(paper)) == ([joined], set())

    def test_a_yes_that_did_nothing_is_no_success(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA)
        paper.lies["add_groups"] = Lie.IGNORES
        fails(run(world, "add_groups", {"groups": ["Staff"]}), "nothing_happened")


class TestStripping:
    def test_the_snapshot_outlives_a_process_that_ends_before_it_is_recorded(
        self, world: World, paper: PaperDirectory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        paper.add(**ANA, groups=("Sales", "Staff", "VPN"))
        with monkeypatch.context() as patch:
            patch.setattr(StripGroups, "audit", lambda *_: _die())
            with pytest.raises(Killed):
                run(world, "strip_groups", {"stay": ["Staff"]})
        assert groups(paper) == {"Staff"}
        joins(paper, "VPN")()
        result = run(world, "strip_groups", {"stay": ["Staff"]}, try_number=2)
        assert result.output["snapshot"] == ["Sales", "Staff", "VPN"]
        assert (result.output["removed"], groups(paper)) == (["Sales", "VPN"], {"Staff"})

    def test_a_try_that_did_nothing_leaves_no_snapshot_to_the_next_one(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA, groups=("Sales",))
        paper.meanwhile["remove_groups"] = lambda: paper.rewrite(ANA["login"], ruled_groups=("Sales",))
        fails(run(world, "strip_groups", {}), "rejected")
        paper.rewrite(ANA["login"], groups=("VPN",), ruled_groups=())
        result = run(world, "strip_groups", {}, try_number=2)
        assert (result.output["snapshot"], result.output["removed"]) == (["VPN"], ["VPN"])

    def test_what_a_rule_keeps_it_in_is_told_and_left(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA, groups=("All", "Sales"), ruled_groups=("All",))
        [planned] = StripGroups().plan(
            StripGroups.parse(ANA), world.open("paper", "identity", only_looks=True), world.act()
        )
        result = run(world, "strip_groups", {})
        assert (result.output["ruled"], result.output["removed"]) == (["All"], ["Sales"])
        assert [(each.before, each.after) for each in planned.fields] == [(["All", "Sales"], ["All"])]
        for told in (planned.note, result.story[-1]["text"]):
            assert "keeps it in All" in told

    def test_it_stays_in_what_is_named_exactly_so_before_another_case(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA, groups=("Staff", "staff", "VPN"))
        assert run(world, "strip_groups", {"stay": ["staff", "vpn"]}).output["groups"] == ["staff", "VPN"]

    def test_what_it_is_put_into_meanwhile_is_told(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA, groups=("Sales",))
        paper.meanwhile["remove_groups"] = joins(paper, "VPN")
        result = run(world, "strip_groups", {})
        assert (result.output["groups"], result.output["snapshot"]) == (["VPN"], ["Sales"])
        assert "into VPN meanwhile" in result.story[-1]["text"]

    def test_groups_that_nobody_knows_are_not_taken_for_none(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA, groups_known=False)
        fails(run(world, "strip_groups", {}), "rejected")

    def test_two_groups_of_one_name_are_in_nobodys_way(self, world: World, paper: PaperDirectory) -> None:
        paper.groups.append(Group(id="g-2", name="Sales"))
        paper.add(**ANA, groups=("Sales", "VPN"))
        assert run(world, "strip_groups", {}).output["removed"] == ["Sales", "VPN"]

    def test_undoing_names_what_is_gone_and_brings_back_the_others(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA, groups=("Sales", "VPN"))
        done = run(world, "strip_groups", {})
        paper.groups = [group for group in paper.groups if group.name != "Sales"]
        with pytest.raises(NotUndoable, match="cannot be in Sales again"):
            StripGroups().undo(
                StripGroups.parse(ANA),
                Result.model_validate(done.output),
                world.open("paper", "identity"),
                world.act(),
            )
        assert groups(paper) == {"VPN"}

    def test_a_thousand_groups_are_left_and_joined_again(self, world: World, paper: PaperDirectory) -> None:
        names = [f"Group {number:04}" for number in range(1000)]
        paper.groups = [Group(id=name, name=name) for name in names]
        paper.add(**ANA, groups=tuple(names))
        stripped = run(world, "strip_groups", {})
        assert (stripped.output["snapshot"], groups(paper)) == (names, set())
        run(world, "restore_groups", {"snapshot": stripped.output["snapshot"]}, node="back")
        assert groups(paper) == set(names)


class TestRestoring:
    def test_what_is_gone_is_named_and_the_rest_is_joined(self, world: World, paper: PaperDirectory) -> None:
        paper.groups.append(Group(id="g-all", name="All", fixed="a rule"))
        paper.add(**ANA, groups=("Staff",))
        params = {"snapshot": ["Gone", "All", "Staff", "VPN", "sales"]}
        [planned] = RestoreGroups().plan(
            RestoreGroups.parse({**ANA, **params}),
            world.open("paper", "identity", only_looks=True),
            world.act(),
        )
        output = run(world, "restore_groups", params).output
        assert (output["gone"], output["ruled"], output["added"]) == (["Gone"], ["All"], ["Sales", "VPN"])
        assert [each.after for each in planned.fields] == [["Sales", "Staff", "VPN"]]
        assert planned.note == "not there any more: Gone; only a rule puts somebody into All"

    def test_one_that_goes_at_this_moment_is_named_and_the_rest_is_joined(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA)
        paper.meanwhile["add_groups"] = lambda: paper.groups.pop(0)
        output = run(world, "restore_groups", {"snapshot": ["Sales", "Staff"]}).output
        assert (output["gone"], output["added"]) == (["Staff"], ["Sales"])

    def test_two_of_one_name_are_a_conflict(self, world: World, paper: PaperDirectory) -> None:
        paper.groups.append(Group(id="g-2", name="Sales"))
        paper.add(**ANA)
        assert "Sales" in fails(run(world, "restore_groups", {"snapshot": ["Sales", "VPN"]}), "conflict")
        assert groups(paper) == set()

    def test_an_empty_snapshot_changes_nothing(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA, groups=("Staff",))
        [planned] = RestoreGroups().plan(
            RestoreGroups.parse({**ANA, "snapshot": []}),
            world.open("paper", "identity", only_looks=True),
            world.act(),
        )
        assert planned.doing is Doing.NO_CHANGE
        assert run(world, "restore_groups", {"snapshot": []}).output["changed"] is False


class TestTheLastStrip:
    def test_it_is_restored_in_another_run_without_a_snapshot(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA, external_id="1001", groups=("Sales", "VPN"))
        run(world, "strip_groups", {"stay": ["VPN"]})
        run(world, "strip_groups", {"stay": ["VPN"]}, node="which changes nothing")
        output = run(world, "restore_groups", {}, dag_run_id="manual__2").output
        assert (output["added"], groups(paper)) == (["Sales"], {"Sales", "VPN"})

    @pytest.mark.parametrize("other", [{"connection": "paper_too"}, {"employee": "1002"}])
    def test_that_of_another_connection_or_person_is_none(
        self, world: World, paper: PaperDirectory, other: Mapping[str, str]
    ) -> None:
        paper.add(**ANA, external_id="1001", groups=("Sales",))
        run(world, "strip_groups", {})
        connection = other.get("connection", "paper")
        event = {**CONTEXT["event"], "employee": other.get("employee", "1001")}
        result = world.run(
            "identity.restore_groups",
            ANA,
            connection=connection,
            dag_run_id="manual__2",
            context={**CONTEXT, "event": event},
        )
        assert "no snapshot" in fails(result, "not_found")

    def test_one_that_was_undone_is_none(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA, groups=("Sales",))
        run(world, "strip_groups", {})
        with world.services.database.service() as session:
            session.execute(update(NodeRun).values(status=ActStatus.COMPENSATED))
        fails(run(world, "restore_groups", {}, node="back"), "not_found")

    def test_it_is_not_given_to_somebody_else(self, world: World, paper: PaperDirectory) -> None:
        paper.add(**ANA, external_id="1001", groups=("Sales",))
        paper.add("bob@acme.example", external_id="1002")
        run(world, "strip_groups", {})
        result = run(world, "restore_groups", {"login": "bob@acme.example"}, node="bob")
        assert "another person's" in fails(result, "conflict")

    def test_it_is_given_to_the_account_that_the_person_has_now(
        self, world: World, paper: PaperDirectory
    ) -> None:
        gone = paper.add(**ANA, external_id="1001", groups=("Sales",))
        run(world, "strip_groups", {})
        paper.remove(gone)
        paper.add("ana.perez@acme.example", external_id="1001")
        result = run(world, "restore_groups", {"login": "ana.perez@acme.example"}, node="back")
        assert result.output["added"] == ["Sales"]

    def test_without_a_ledger_the_plan_says_that_it_is_not_known(
        self, world: World, paper: PaperDirectory
    ) -> None:
        paper.add(**ANA)
        provider = world.open("paper", "identity", only_looks=True)
        [planned] = RestoreGroups().plan(RestoreGroups.parse(ANA), provider, world.act())
        assert planned.doing is Doing.UNKNOWN


@pytest.mark.parametrize("size", [100, pytest.param(5000, marks=pytest.mark.long)])
def test_of_many_members_only_the_one_joins_and_leaves(world: World, size: int) -> None:
    """At a real SCIM directory."""
    ana = world.create(ANA["login"])
    others = [{"value": f"member-{number}"} for number in range(size)]
    group = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Everybody",
        "members": others,
    }
    with world.scim.client() as client:
        there = client.post("/Groups", json=group).raise_for_status().json()["id"]

        def members() -> set[str]:
            return {each["value"] for each in client.get(f"/Groups/{there}").json()["members"]}

        for name, params, joined in (
            ("add_groups", {"groups": ["everybody"]}, True),
            ("strip_groups", {}, False),
            ("restore_groups", {"snapshot": ["Everybody"]}, True),
            ("remove_groups", {"groups": ["EVERYBODY"]}, False),
        ):
            result = world.run(f"identity.{name}", {**ANA, **params}, connection="scim", node=name)
            assert result.status == "success", result.error
            assert members() == {each["value"] for each in others} | ({ana} if joined else set())


def _die() -> None:
    raise Killed
