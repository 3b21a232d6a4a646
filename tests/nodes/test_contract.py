"""What every node type promises.

A new type is tested by standing in the catalog; it needs a case in `cases.py`.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any

import jsonschema
import pytest

from officeflow.catalog.registry import node_type, node_types, type_names
from officeflow.catalog.schemas import output_schema, params_schema
from officeflow.sdk import Effect, Node, NodeResult
from tests.nodes.case import Case, all_cases
from tests.nodes.world import World

ALL, CASES = type_names(), all_cases()
ACTING = [name for name in ALL if name not in CASES or not CASES[name].stops]
CONNECTED = [name for name in ALL if node_type(name).spec.family]


class Killed(BaseException):
    """Ends an attempt as SIGKILL does: nothing of ours catches it, and nothing is recorded."""


def run(world: World, name: str, given: Mapping[str, Any], try_number: int = 1) -> NodeResult:
    case = CASES[name]
    return world.run(
        name, {**case.params, **given}, connection=case.connection, try_number=try_number, answer=case.answer
    )


def test_every_node_type_has_a_case() -> None:
    """A new file under officeflow/nodes needs an entry in tests/nodes/cases/<family>.py, and a type that is
    gone none.
    """
    assert set(CASES) == set(ALL)


@pytest.mark.parametrize("name", ALL)
class TestDeclaration:
    def test_it_says_what_it_is_for(self, name: str) -> None:
        node = node_type(name)
        assert node.spec.title
        assert node.spec.group
        assert node.spec.evidence.endswith(".")
        assert (inspect.getdoc(node) or "").strip()

    def test_every_field_is_described(self, name: str) -> None:
        for schema in (params_schema(name), output_schema(name)):
            assert schema.get("description")
            undescribed = [
                field for field, value in schema.get("properties", {}).items() if not value.get("description")
            ]
            assert undescribed == []

    def test_its_inverse_exists_and_is_of_its_family(self, name: str) -> None:
        spec = node_type(name).spec
        if spec.inverse is not None:
            assert node_types()[spec.inverse].spec.family == spec.family
            assert not spec.irreversible

    def test_its_effect_fits_what_it_does(self, name: str) -> None:
        node = node_type(name)
        own_find = "find" in vars(node)
        assert own_find == (node.spec.effect is Effect.CHECK_THEN_ACT)
        assert CASES[name].changes == (node.spec.effect is not Effect.PURE)

    def test_one_that_changes_something_has_a_plan_of_its_own_which_says_what_it_shows(
        self, name: str
    ) -> None:
        node = node_type(name)
        if node.spec.effect is not Effect.PURE:
            assert node.plan is not Node.plan
            assert (inspect.getdoc(node.plan) or "") != inspect.getdoc(Node.plan)

    def test_its_schemas_are_json_schemas(self, name: str) -> None:
        for schema in (params_schema(name), output_schema(name)):
            jsonschema.Draft202012Validator.check_schema(schema)

    def test_parameters_that_cannot_do_are_found_and_named(self, name: str) -> None:
        result = node_type(name).validate(CASES[name].wrong)
        assert not result.valid
        assert all(problem.path.startswith("params") and problem.reason for problem in result.problems)

    def test_a_parameter_that_is_none_of_its_own_is_refused(self, name: str) -> None:
        result = node_type(name).validate({**CASES[name].params, "surprise": 1})
        assert "params.surprise" in {problem.path for problem in result.problems}


@pytest.mark.integration
@pytest.mark.parametrize("name", ACTING)
class TestActing:
    @pytest.fixture
    def case(self, name: str) -> Case:
        return CASES[name]

    def test_it_acts_and_its_output_is_as_declared(self, name: str, case: Case, world: World) -> None:
        result = run(world, name, case.arrange(world))
        assert result.status == "success", result.error
        jsonschema.validate(result.output, output_schema(name), cls=jsonschema.Draft202012Validator)
        model = node_type(name).output_model
        assert model.model_validate(result.output).model_dump(mode="json") == result.output
        assert result.output["changed"] is (case.changes or name == "audit.record")
        assert case.effects(world) == int(case.changes)
        assert result.story

    def test_its_parameters_survive_a_journey_through_json(self, name: str, case: Case) -> None:
        arranged = {"account_id": "x", "uid": "x"}
        fields = node_type(name).params_model.model_fields
        literal = {key: "2026-12-01" if "${{" in str(value) else value for key, value in case.params.items()}
        params = {**literal, **{key: value for key, value in arranged.items() if key in fields}}
        jsonschema.validate(params, params_schema(name), cls=jsonschema.Draft202012Validator)
        parsed = node_type(name).parse(params)
        again = parsed.model_dump(mode="json", exclude_unset=True)
        assert node_type(name).parse(again) == parsed

    def test_the_same_act_twice_has_one_effect(self, name: str, case: Case, world: World) -> None:
        given = case.arrange(world)
        first, second = run(world, name, given), run(world, name, given, try_number=2)
        assert (first.status, second.status) == ("success", "success")
        assert (first.replayed, second.replayed) == (False, True)
        assert first.output == second.output
        assert case.effects(world) == int(case.changes)

    def test_a_crash_between_act_and_record_has_no_second_effect_or_is_asked(
        self, name: str, case: Case, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        given = case.arrange(world)
        node = node_type(name)
        with monkeypatch.context() as patch:
            patch.setattr(node, "audit", lambda *_: _raise_killed())
            with pytest.raises(Killed):
                run(world, name, given)
        assert case.effects(world) == int(case.changes)
        again = run(world, name, given, try_number=2)
        if node.spec.effect is Effect.AT_MOST_ONCE:
            assert (again.status, again.error and again.error.code) == ("failed", "outcome_unknown")
        else:
            assert again.status == "success", again.error
            assert not again.replayed
        assert case.effects(world) == int(case.changes)

    def test_it_may_act_for_two_nodes_of_a_run(self, name: str, case: Case, world: World) -> None:
        """Keys are per node: the second node's act is its own, and finds the first one's effect or has its
        own.
        """
        given = case.arrange(world)
        params = {**case.params, **given}
        results = [
            world.run(name, params, connection=case.connection, node=node, answer=case.answer)
            for node in ("one", "two")
        ]
        assert [result.status for result in results] == ["success", "success"]
        assert results[0].key != results[1].key


@pytest.mark.integration
@pytest.mark.parametrize("name", CONNECTED)
class TestFailing:
    def test_wrong_credentials_fail_at_once(self, name: str, world: World) -> None:
        given = CASES[name].arrange(world)
        world.changes = {"login": "nobody", "password": "wrong"}
        result = run(world, name, given)
        assert result.status == "failed"
        assert result.error is not None
        assert not result.error.retryable
        assert result.error.provider == CASES[name].connection

    def test_a_system_that_is_away_is_tried_again_and_then_done_once(self, name: str, world: World) -> None:
        case = CASES[name]
        given = case.arrange(world)
        servers: Mapping[str, Any] = {
            "scim": world.scim,
            "smtp": world.inbox,
            "caldav": world.caldav,
            "http": world.api,
            "paper": world.paper,
        }
        server = servers[case.connection or ""]
        server.kill()
        away = run(world, name, given)
        server.start()
        assert away.status == "retry"
        assert away.error is not None
        assert away.error.retryable
        assert run(world, name, given, try_number=2).status == "success"
        assert case.effects(world) == int(case.changes)

    def test_no_connection_is_told_as_such(self, name: str, world: World) -> None:
        result = world.run(name, {**CASES[name].params}, connection=None)
        assert result.status == "failed"
        assert result.error is not None
        assert result.error.code == "invalid_parameters"

    def test_no_secret_is_told(self, name: str, world: World) -> None:
        given = CASES[name].arrange(world)
        result = run(world, name, given)
        told = f"{world.log.lines} {result.story} {dataclasses.asdict(result)}"
        assert world.scim.secret not in told
        assert world.api.token not in told
        assert world.paper.token not in told


def _raise_killed() -> None:
    raise Killed
