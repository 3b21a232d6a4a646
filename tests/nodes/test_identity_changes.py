"""What a change of an account does where something is in its way: on paper, which lies when it is told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from officeflow.catalog.registry import node_type
from officeflow.connectors.families.identity import Group
from officeflow.errors import Conflict, ConnectorError, NotUndoable, Rejected
from officeflow.nodes.identity.rename_account import RenameAccount
from officeflow.nodes.identity.set_groups import SetGroups
from officeflow.nodes.identity.set_manager import SetManager
from officeflow.nodes.identity.update_account import UpdateAccount
from officeflow.sdk import Doing, NodeResult
from tests.nodes.accounts import Killed, fails
from tests.nodes.paper.directory import Lie, PaperDirectory
from tests.nodes.world import World

pytestmark = pytest.mark.integration


@pytest.fixture
def paper(world: World) -> PaperDirectory:
    return world.paper


def run(world: World, name: str, params: Mapping[str, Any], try_number: int = 1) -> NodeResult:
    return world.run(f"identity.{name}", params, connection="paper", try_number=try_number)


def test_what_another_system_writes_is_left_and_named(world: World, paper: PaperDirectory) -> None:
    paper.add("ana@acme.example", title="Trainee", mastered_elsewhere=True)
    params = {"login": "ana@acme.example", "title": "Engineer"}
    planned = UpdateAccount().plan(
        UpdateAccount.parse(params), world.open("paper", "identity", only_looks=True), world.act()
    )
    result = run(world, "update_account", params)
    assert (result.output["changed"], result.output["left"]) == (False, ["title"])
    assert [(each.doing, "title left" in each.note) for each in planned] == [(Doing.NO_CHANGE, True)]
    assert paper.writes() == []


def test_only_what_is_different_is_sent_and_an_empty_text_removes(
    world: World, paper: PaperDirectory
) -> None:
    paper.add("ana@acme.example", title="Engineer", phone="1", department="Sales")
    params = {"login": "ana@acme.example", "title": "Engineer", "phone": ""}
    result = run(world, "update_account", params)
    assert result.output["fields"] == ["phone"]
    ana = paper.by_login("ana@acme.example")
    assert (ana.title, ana.phone, ana.department) == ("Engineer", None, "Sales")


def test_what_somebody_changed_after_a_refusal_is_how_it_was_before_whenever_the_next_attempt_is_killed(
    world: World, paper: PaperDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Undoing gives back what the admin wrote, not what was there before the attempt that was refused."""
    paper.add("ana@acme.example", title="Trainee")
    params = {"login": "ana@acme.example", "title": "Engineer"}

    def refuse() -> None:
        raise Rejected("no", operation="update_account")

    def die(*_: object) -> None:
        raise Killed

    paper.meanwhile["update_account"] = refuse
    fails(run(world, "update_account", params), "rejected")
    paper.rewrite("ana@acme.example", title="Lead")
    with monkeypatch.context() as patch:
        patch.setattr(UpdateAccount, "perform", die)
        with pytest.raises(Killed):
            run(world, "update_account", params, 2)
    done = run(world, "update_account", params, 3)
    assert (done.output["before"], done.output["after"]) == ({"title": "Lead"}, {"title": "Engineer"})


def test_an_attribute_that_there_is_not_is_named(world: World, paper: PaperDirectory) -> None:
    paper.add("ana@acme.example")
    result = run(world, "update_account", {"login": "ana@acme.example", "attributes": {"shoe": "38"}})
    assert "shoe" in fails(result, "rejected")


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("update_account", {"title": "Engineer"}),
        ("rename_account", {"new_login": "ana.lopez@acme.example"}),
        ("set_manager", {"manager": {"login": "boss@acme.example"}}),
    ],
)
def test_after_a_yes_that_did_nothing_it_does_not_say_that_it_is_so(
    world: World, paper: PaperDirectory, name: str, params: Mapping[str, Any]
) -> None:
    paper.add("boss@acme.example")
    paper.add("ana@acme.example", external_id="1001")
    paper.lies[name] = Lie.IGNORES
    result = run(world, name, {"external_id": "1001", **params})
    fails(result, "nothing_happened")


def test_a_rename_whose_answer_was_lost_is_found_by_the_old_login(
    world: World, paper: PaperDirectory
) -> None:
    paper.add("ana@acme.example")
    paper.lies["rename_account"] = Lie.LOSES
    params = {"login": "ana@acme.example", "new_login": "ana.lopez@acme.example", "keep_old": False}
    lost = run(world, "rename_account", params)
    again = run(world, "rename_account", params, try_number=2)
    assert (lost.status, again.status) == ("retry", "success")
    assert paper.done("rename_account") == 1


def test_a_login_of_somebody_else_is_a_conflict_also_in_the_plan(world: World, paper: PaperDirectory) -> None:
    paper.add("ana@acme.example")
    paper.add("ana.lopez@acme.example")
    params = {"login": "ana@acme.example", "new_login": "Ana.Lopez@acme.example"}
    with pytest.raises(Conflict, match=r"ana\.lopez@"):
        RenameAccount().plan(
            RenameAccount.parse(params), world.open("paper", "identity", only_looks=True), world.act()
        )
    fails(run(world, "rename_account", params), "conflict")


def test_a_login_that_differs_only_in_case_is_another_one(world: World, paper: PaperDirectory) -> None:
    paper.add("Ana@acme.example")
    params = {"login": "ana@acme.example", "new_login": "ana@acme.example"}
    assert run(world, "rename_account", params).output["changed"] is True
    assert paper.by_login("ana@acme.example").aliases == ("Ana@acme.example",)


class TestManagers:
    @pytest.fixture
    def chain(self, paper: PaperDirectory) -> list[str]:
        """c is the manager of b, and b of a."""
        ids: list[str] = []
        for login in ("c", "b", "a"):
            ids.append(paper.add(login, manager_id=ids[-1] if ids else None))
        return ids

    @pytest.mark.parametrize(("of", "manager"), [("a", "a"), ("c", "a"), ("c", "b")])
    def test_a_circle_is_refused_and_nothing_is_changed(
        self, world: World, paper: PaperDirectory, chain: list[str], of: str, manager: str
    ) -> None:
        del chain
        result = run(world, "set_manager", {"login": of, "manager": {"login": manager}})
        assert "circle" in fails(result, "conflict")
        assert paper.writes() == []

    def test_a_circle_above_is_refused_too(
        self, world: World, paper: PaperDirectory, chain: list[str]
    ) -> None:
        paper.rewrite("c", manager_id=paper.by_login("b").id)
        paper.add("new")
        del chain
        result = run(world, "set_manager", {"login": "new", "manager": {"login": "a"}})
        assert "a → b → c → b" in fails(result, "conflict")

    def test_null_takes_the_manager_away(self, world: World, paper: PaperDirectory, chain: list[str]) -> None:
        del chain
        assert run(world, "set_manager", {"login": "a", "manager": None}).output["changed"] is True
        assert paper.by_login("a").manager_id is None

    def test_one_who_is_not_there_is_named(self, world: World, chain: list[str]) -> None:
        del chain
        result = run(world, "set_manager", {"login": "a", "manager": {"external_id": "7"}})
        assert "employee 7" in fails(result, "not_found")

    def test_what_somebody_has_set_since_is_left(
        self, world: World, paper: PaperDirectory, chain: list[str]
    ) -> None:
        del chain
        params = {"login": "a", "manager": {"login": "c"}}
        done = run(world, "set_manager", params)
        paper.rewrite("a", manager_id=None)
        provider = world.open("paper", "identity")
        with pytest.raises(NotUndoable, match="manager since"):
            SetManager().undo(
                SetManager.parse(params),
                SetManager.output_model.model_validate(done.output),  # type: ignore[arg-type]
                provider,
                world.act(),
            )


class TestRuledGroups:
    """Ana is in Everybody by a rule, and in Staff."""

    @pytest.fixture(autouse=True)
    def ana(self, paper: PaperDirectory) -> None:
        paper.groups += [
            Group(id="g1", name="Everybody", fixed="by a rule"),
            Group(id="g2", name="Staff"),
            Group(id="g3", name="Sales"),
        ]
        paper.add("ana", groups=("Everybody", "Staff"), ruled_groups=("Everybody",))

    @pytest.mark.parametrize(
        ("name", "groups", "after", "left"),
        [
            ("set_groups", ["sales"], ("Everybody", "Sales"), ["Everybody"]),
            ("set_groups", ["Staff"], ("Everybody", "Staff"), ["Everybody"]),
            ("set_groups", ["everybody", "Staff"], ("Everybody", "Staff"), []),
            ("remove_groups", ["Everybody", "STAFF"], ("Everybody",), ["Everybody"]),
            ("remove_groups", ["Everybody"], ("Everybody", "Staff"), ["Everybody"]),
        ],
    )
    def test_what_a_rule_keeps_it_in_is_left_and_told(
        self,
        world: World,
        paper: PaperDirectory,
        name: str,
        groups: list[str],
        after: tuple[str, ...],
        left: list[str],
    ) -> None:
        params = {"login": "ana", "groups": groups}
        node = node_type(f"identity.{name}")
        provider = world.open("paper", "identity", only_looks=True)
        [planned] = node().plan(node.parse(params), provider, world.act())
        result = run(world, name, params)
        assert result.status == "success", result.error
        assert paper.by_login("ana").groups == after
        assert result.output["left"] == left
        assert ("Everybody" in planned.note) is bool(left)
        assert (planned.doing is not Doing.NO_CHANGE) is result.output["changed"]
        assert [each.after for each in planned.fields] in ([], [sorted(after)])

    @pytest.mark.parametrize(("group", "code"), [("Nobody", "not_found"), ("Everybody", "rejected")])
    def test_a_group_that_cannot_be_joined_is_refused_in_the_plan_too(
        self, world: World, paper: PaperDirectory, group: str, code: str
    ) -> None:
        paper.add("bo")
        params = {"login": "bo", "groups": [group]}
        provider = world.open("paper", "identity", only_looks=True)
        with pytest.raises(ConnectorError) as caught:
            SetGroups().plan(SetGroups.parse(params), provider, world.act())
        assert caught.value.code == code
        assert group in fails(run(world, "set_groups", params), code)
