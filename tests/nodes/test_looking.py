"""Plans that look into systems: what they find there, and that they leave everything as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

from officeflow.catalog import registry
from officeflow.connectors.connection import Connection
from officeflow.nodes.identity.create_account import CreateAccount
from officeflow.runner.planning import plan as plans
from officeflow.runner.planning.given import Given
from officeflow.runner.planning.looking import About, Looks
from officeflow.runner.planning.plan import Plan, PlannedNode
from officeflow.runs.acts import MASK
from officeflow.sdk import Act, Doing, FieldChange, Planned, creates, deletes
from officeflow.workflows.check_calls import Called
from officeflow.workflows.models import Definition
from tests.nodes.world import World

pytestmark = pytest.mark.integration

SECRET = "ana@home.example"
USER = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana", "externalId": "E1"}


class Telling(CreateAccount):
    """Says what it would create, with what a person must not see."""

    def plan(self, params: Any, provider: Any, act: Act) -> Sequence[Planned]:
        del act
        fields = [
            FieldChange(field="login", after=params.login),
            FieldChange(field="given_name", before="Ann", after=params.given_name),
            FieldChange(field="password", before="old", after="new", secret=True),
            FieldChange(field="email", before="bea@home.example", after=params.email),
        ]
        return [creates(f"account of {params.email} at {provider.address}", fields)]


class Writing(CreateAccount):
    """Does in its plan what it must not."""

    def plan(self, params: Any, provider: Any, act: Act) -> Sequence[Planned]:
        self.perform(params, provider, act)
        return [deletes("all of it")]


@pytest.fixture
def as_type(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a node type in the place of `identity.create_account`."""

    def put(kind: type[CreateAccount]) -> None:
        def found(name: str) -> Any:
            return kind if name == kind.spec.type else registry.node_type(name)

        monkeypatch.setattr(plans, "node_type", found)

    return put


def node(key: str, node_type: str, connection: str | None = None, /, **params: Any) -> dict[str, Any]:
    where = {"connection": connection} if connection else {}
    return {"id": key, "type": node_type, "params": params, **where}


def find(key: str = "find", connection: str = "scim") -> dict[str, Any]:
    return node(key, "identity.find_account", connection, login="${{ event.payload.login }}")


def create(**more: Any) -> dict[str, Any]:
    params = {"login": "${{ event.payload.login }}", "given_name": "Ana", "family_name": "García", **more}
    return node("create", "identity.create_account", "scim", **params)


def record(subject: str) -> dict[str, Any]:
    return node("note", "audit.record", action="seen", subject=subject)


def planned(world: World, nodes: list[dict[str, Any]], *edges: Any, **called: Any) -> Plan:
    """`called` are the nodes of workflows that it may call, by slug."""
    drawn = [
        {"from": source, "to": target, **({"condition": more[0]} if more else {})}
        for source, target, *more in edges
    ]
    raw = {"slug": "w", "name": "W", "trigger": {"events": ["employee.onboard"]}, "nodes": nodes}
    employee = {"external_id": "E1", "personal_email": SECRET}
    values: dict[str, Any] = {
        "employee": employee,
        "org": {"slug": "acme", "name": "Acme", "settings": {}},
        "event": {"id": "1", "kind": "employee.onboard", "employee": "E1", "payload": {"login": "ana"}},
    }
    given = Given("employee.onboard", values, {**values, "employee": {**employee, "personal_email": MASK}})
    known = {slug: _called(slug, nodes) for slug, nodes in called.items()}
    with closing(Looks(world.services, About("acme", "E1"))) as looks:
        definition = Definition.model_validate({**raw, "edges": drawn})
        return plans.make(definition, given, looks=looks, callees=known.get)


def _called(slug: str, nodes: list[dict[str, Any]]) -> Called:
    raw = {"slug": slug, "name": slug, "trigger": {"events": []}, "inputs": {"type": "object"}, "edges": []}
    return Called(Definition.model_validate({**raw, "nodes": nodes}), 1)


def of(plan: Plan, key: str) -> PlannedNode:
    return next(each for each in plan.nodes if each.key == key)


def told(plan: Plan, key: str) -> Planned:
    (act,) = of(plan, key).acts or ()
    return act


def in_directory(world: World, **more: Any) -> Mapping[str, Any]:
    with world.scim.client() as client:
        made: dict[str, Any] = client.post("/Users", content=json.dumps({**USER, **more})).json()
        return made


def test_what_a_node_finds_is_known_to_conditions_and_parameters_behind_it(world: World) -> None:
    nodes = [find(), create(), record("${{ nodes.find.output.account_id }}")]
    edges = (
        ("find", "create", "!nodes.find.output.found"),
        ("find", "note", "nodes.find.output.found"),
    )
    before = planned(world, nodes, *edges)
    assert [each.verdict for each in before.nodes] == ["RUNS", "RUNS", "SKIPPED"]
    assert told(before, "find").note == f"no account with login ana at {world.scim.url}"
    made = in_directory(world)
    after = planned(world, nodes, *edges)
    assert of(after, "create").verdict == "SKIPPED"
    assert of(after, "note").params["subject"] == made["id"]
    assert after.looked


def test_nothing_is_written_to_any_system(world: World) -> None:
    made = in_directory(world)
    written = len(world.scim.writes())
    who = {"login": "ana"}
    nodes = [
        find(),
        create(),
        node("suspend", "identity.suspend_account", "scim", **who),
        node("groups", "identity.set_groups", "scim", **who, groups=["Staff"]),
        node("delete", "identity.delete_account", "scim", **who),
        node("mail", "email.send", "smtp", to=["ana@acme.example"], subject="Hi", text="Hello"),
        node(
            "meeting",
            "calendar.create_event",
            "caldav",
            title="Welcome",
            date="2026-12-01",
            time="09:00",
            time_zone="Europe/Madrid",
        ),
        node("cancel", "calendar.cancel_event", "caldav", uid="there-is-none"),
    ]
    chain = list(zip([each["id"] for each in nodes], [each["id"] for each in nodes[1:]], strict=False))
    plan = planned(world, nodes, *chain)
    assert all(each.acts for each in plan.nodes), "each says something"
    assert not any("not valid" in act.note for each in plan.nodes for act in each.acts or ())
    assert len(world.scim.writes()) == written
    assert (world.caldav.writes(), world.inbox.messages()) == ([], [])
    assert world.scim.user("ana") == made


def test_what_comes_of_a_sensitive_field_is_masked_with_what_was_there_before(
    world: World, as_type: Any
) -> None:
    as_type(Telling)
    plan = planned(world, [create(email="${{ employee.personal_email }}")])
    act = told(plan, "create")
    assert (act.doing, act.note) == (Doing.CREATE, "")
    assert (act.doing, act.what) == (Doing.CREATE, f"account of {MASK} at {world.scim.url}")
    assert [(each.field, each.before, each.after) for each in act.fields] == [
        ("login", None, "ana"),
        ("given_name", "Ann", "Ana"),
        ("password", MASK, MASK),
        ("email", MASK, MASK),
    ]
    assert "home.example" not in json.dumps(plans.to_json(plan))


def test_a_plan_that_would_write_is_refused_before_it_does(world: World, as_type: Any) -> None:
    as_type(Writing)
    act = told(planned(world, [create()]), "create")
    assert act.doing is Doing.UNKNOWN
    assert "cannot be told without changing something" in act.note
    assert world.scim.writes() == []


def test_what_a_node_before_may_have_changed_is_not_taken_for_certain(world: World, as_type: Any) -> None:
    as_type(Telling)
    nodes = [create(), find(), record("${{ nodes.find.output.account_id }}")]
    plan = planned(world, nodes, ("create", "find"), ("find", "note"))
    assert of(plan, "find").note == ("as it is there now: create may have changed something there before")
    assert told(plan, "note").note == "it depends on nodes.find, which only a run knows"
    required = node("find", "identity.find_account", "scim", login="ana", required=True)
    missing = told(planned(world, [create(), required], ("create", "find")), "find")
    assert missing.note.startswith("create would change something there first; as it is now: ")


def test_a_node_that_may_not_be_come_to_says_what_it_would_do_then(world: World, as_type: Any) -> None:
    as_type(Telling)
    ask = node("ask", "human.approval", subject="Well?")
    condition = "nodes.ask.output.approved"
    plan = planned(world, [ask, create()], ("ask", "create", condition))
    assert (of(plan, "create").verdict, told(plan, "create").doing) == ("UNKNOWN", Doing.CREATE)


def test_a_system_that_is_away_leaves_its_own_nodes_unknown(world: World) -> None:
    connect = world.services.connect

    def away(name: str) -> Connection:
        found = connect(name.replace("gone", "scim"))
        return (
            found
            if "gone" not in name
            else Connection(id=name, provider="scim", host="http://127.0.0.1:1/v2", password="x")
        )

    object.__setattr__(world.services, "connect", away)
    plan = planned(world, [find("away", "gone"), find(), find("none", "missing")])
    assert told(plan, "away").doing is Doing.UNKNOWN
    assert told(plan, "away").note.startswith("the system did not answer: ")
    assert told(plan, "find").doing is Doing.NO_CHANGE
    assert "there is no connection acme.missing" in told(plan, "none").note


def test_each_round_looks_for_its_own_item_and_goes_on_with_what_it_found(world: World) -> None:
    in_directory(world)
    loop = node("each", "flow.for_each", items=["ana", "bea"])
    body = [
        {**find(), "each": "each", "params": {"login": "${{ item }}"}},
        {**create(login="${{ item }}"), "each": "each"},
    ]
    edges = (("each", "find"), ("find", "create", "!nodes.find.output.found"))
    plan = planned(
        world, [loop, *body, record("${{ string(nodes.find.output[0].found) }}")], *edges, ("find", "note")
    )
    first, second = of(plan, "create").in_rounds
    assert (first.verdict, second.verdict) == ("SKIPPED", "RUNS")
    (made,) = of(plan, "create").acts or ()
    assert (made.doing, made.what) == (Doing.CREATE, f"account bea at {world.scim.url}")
    assert [act.doing for act in of(plan, "find").acts or ()] == [Doing.NO_CHANGE, Doing.NO_CHANGE]
    assert of(plan, "note").params["subject"] == "true"
    assert [each["method"] for each in world.scim.writes()] == ["POST"], "the test's own"


def test_what_is_called_is_looked_at_and_told_to_what_comes_after(world: World) -> None:
    call = node("call", "flow.call", workflow="equip", input={"login": "bea"})
    inner = create(login="${{ input.login }}")
    plan = planned(world, [call, find()], ("call", "find"), equip=[inner])
    (made,) = of(plan, "call").called
    assert [(act.doing, act.what) for act in made.acts or ()] == [
        (Doing.CREATE, f"account bea at {world.scim.url}")
    ]
    assert of(plan, "find").note == "as it is there now: call.create may have changed something there before"
    assert told(plan, "call").doing is Doing.NO_CHANGE
    assert world.scim.writes() == []
