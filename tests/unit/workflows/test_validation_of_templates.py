"""What a definition may write where values are put together: templates, addresses, expressions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.workflows.drawings import definition, edge, found, record


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ nodes.b.output.x }}", "there is no node 'b'"),
        ("{{ emploee.x }}", "'emploee' is not known here"),
        ("{{ nodes }}", "reads `nodes` as a whole"),
        ("{% if %}", "Expected"),
        ("{{ employee.x }} ${{ employee.y }}", "this field is a template"),
        ("${{ employee.y", "without `}}`"),
        ("${{ employe.y }}", "'employe' is not known here"),
    ],
)
def test_templates_are_checked(text: str, reason: str) -> None:
    raw = definition(
        {
            "id": "m",
            "type": "email.send",
            "connection": "mail",
            "params": {"to": ["a@b.example"], "subject": "s", "text": text},
        }
    )
    assert reason in found(raw)["nodes[0].params.text"].reason


COMPUTED = "event.kind.matches('(?i)(\\\\pL|\\\\pN){500}' + event.id)"


def test_a_pattern_that_is_computed_is_refused_wherever_it_stands() -> None:
    raw = definition(
        record("a", params={"action": f"${{{{ string({COMPUTED}) }}}}", "subject": "s"}),
        {"id": "b", "type": "flow.branch", "params": {"cases": [{"when": COMPUTED, "to": "c"}]}},
        record("c"),
        edges=[edge("a", "b", COMPUTED), edge("b", "c")],
        trigger={"events": ["employee.onboard"], "filter": COMPUTED},
    )
    problems = found(raw)
    assert set(problems) == {
        "trigger.filter",
        "edges[0].condition",
        "nodes[0].params.action",
        "nodes[1].params.cases[0].when",
    }
    assert all("must be written out" in problem.reason for problem in problems.values())


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("/users/{{ employee.external_id | urlencode }}", False),
        ("${{ nodes.look.output.url }}", False),
        ("${{ '/users/' + employee.external_id }}", True),
        ("${{ 'https://' + event.payload.host }}", True),
    ],
)
def test_an_address_is_put_together_where_values_cannot_lead_elsewhere(url: str, wrong: bool) -> None:
    nodes = [
        {"id": "look", "type": "http.request", "connection": "shop", "params": {"url": "/x"}},
        {"id": "ask", "type": "http.request", "connection": "shop", "params": {"url": url}},
    ]
    problems = found(definition(*nodes, edges=[edge("look", "ask")]))
    assert set(problems) == ({"nodes[1].params.url"} if wrong else set())


@pytest.mark.parametrize(
    "params",
    [
        {
            "login": "${{ employee.work_email }}",
            "active": "${{ employee.active }}",
            "attributes": "${{ employee.map }}",
        },
        {"login": "a-${{ employee.external_id }}", "attributes": {"x": "${{ employee.number }}"}},
    ],
)
def test_an_expression_may_stand_for_a_value_of_any_type(params: dict[str, Any]) -> None:
    raw = definition(
        {"id": "a", "type": "identity.create_account", "connection": "directory", "params": params}
    )
    assert found(raw) == {}


def test_what_is_known_is_checked_beside_expressions() -> None:
    params = {
        "login": "${{ employee.x }}",
        "active": "${{ employee.active }}",
        "attributes": {"x": 1},
        "on_conflict": "explode",
    }
    problems = found(
        definition(
            {"id": "a", "type": "identity.create_account", "connection": "directory", "params": params}
        )
    )
    assert set(problems) == {"nodes[0].params.attributes.x", "nodes[0].params.on_conflict"}


def test_a_rule_over_several_fields_is_checked_where_they_are_known() -> None:
    node = {"id": "a", "type": "flow.delay", "params": {"duration": "PT1H", "until": "2026-01-01T00:00:00Z"}}
    assert "one of duration and until" in found(definition(node))["nodes[0].params"].reason
    node["params"]["until"] = "${{ employee.start }}"  # type: ignore[index]
    assert "nodes[0].params.until" not in found(definition(node))
