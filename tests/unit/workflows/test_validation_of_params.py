"""Parameters by name, beside expressions that are not known yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from officeflow.workflows.validation import validate
from tests.unit.workflows.drawings import CONNECTIONS, definition, edge
from tests.unit.workflows.test_validation_of_fields import ACCOUNT, problems


def of_act(type_: str, params: dict[str, Any]) -> list[tuple[str, str, str]]:
    act = {"id": "act", "type": type_, "params": params}
    if type_ != "audit.record":
        act["connection"] = CONNECTION_OF[type_.partition(".")[0]]
    found = validate(definition(ACCOUNT, act, edges=[edge("account", "act")]), lambda: CONNECTIONS)
    return [(problem.path.removeprefix("nodes[1]."), problem.reason, problem.suggestion) for problem in found]


CONNECTION_OF = {"identity": "directory", "email": "mail", "http": "shop"}
EXPRESSION = "${{ nodes.account.output.account_id }}"


def test_the_quickstarts_misspelt_parameter_is_named_with_the_right_one() -> None:
    text = (Path(__file__).parents[3] / "docs/quickstart.md").read_text()
    raw = json.loads(
        text.partition("cat > arrival.json <<'JSON'\n")[2]
        .partition("\nJSON\n")[0]
        .replace('"account_id"', '"acount_id"')
    )
    assert [str(problem) for problem in validate(raw, lambda: CONNECTIONS)] == [
        "nodes[1].params.acount_id: there is no such parameter (did you mean account_id?)"
    ]


@pytest.mark.parametrize(
    "value",
    [EXPRESSION, f"x-{EXPRESSION}", "${{ not closed", {"a": EXPRESSION}, [EXPRESSION], "plain", 1, None],
)
@pytest.mark.parametrize(
    ("type_", "params", "name", "suggestion"),
    [
        (
            "identity.set_groups",
            {"groups": ["Staff"], "mode": "add"},
            "acount_id",
            "did you mean account_id?",
        ),
        ("identity.create_account", {"login": "a"}, "given_nam", "did you mean given_name?"),
        ("identity.find_account", {}, "loginn", "did you mean login?"),
        (
            "audit.record",
            {"action": EXPRESSION, "subject": "s"},
            "zzz",
            "there are action, subject, actor, details",
        ),
    ],
)
def test_a_name_that_there_is_not_is_found_whatever_its_value(
    type_: str, params: dict[str, Any], name: str, suggestion: str, value: Any
) -> None:
    found = of_act(type_, {**params, name: value})
    assert (f"params.{name}", "there is no such parameter", suggestion) in found
    assert [path for path, reason, _ in found if "not closed" not in reason and "without" not in reason] == [
        f"params.{name}"
    ]


def test_a_name_inside_a_list_is_found_and_compared_with_those_that_are_known_there() -> None:
    params = {
        "to": ["a@b.example"],
        "subject": "s",
        "text": "t",
        "attachments": [{"filename": "a.txt", "text": "t", "media_tipe": EXPRESSION}],
    }
    assert of_act("email.send", params) == [
        ("params.attachments[0].media_tipe", "there is no such field", "did you mean media_type?")
    ]


def test_a_rule_over_several_fields_is_told_beside_an_expression_that_it_does_not_ask_about() -> None:
    assert of_act("identity.set_groups", {"groups": "${{ nodes.account.output.groups }}"}) == [
        ("params", "one of account_id, login and external_id is needed", "")
    ]


@pytest.mark.parametrize(
    ("type_", "params"),
    [
        ("flow.set", {"values": "${{ nodes.account.output }}", "types": {"a": "text"}}),
        ("flow.branch", {"cases": "${{ nodes.account.output.groups }}"}),
        ("flow.delay", {"duration": "${{ nodes.account.output.login }}", "until": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_rule_that_an_expression_may_keep_is_not_held_against_it(
    type_: str, params: dict[str, Any]
) -> None:
    given = {"id": "act", "type": type_, "params": params}
    assert [
        each
        for each in validate(definition(ACCOUNT, given, edges=[edge("account", "act")]))
        if each.path == "nodes[1].params"
    ] == []


@pytest.mark.parametrize(
    ("type_", "params", "path", "shown", "write"),
    [
        (
            "audit.record",
            {"action": "a", "subject": "employee:{{ employee.x }}"},
            "subject",
            "{{ employee.x }}",
            "${{ employee.x }}",
        ),
        (
            "audit.record",
            {"action": "a", "subject": "s", "details": {"a": ["{{org.slug}}"]}},
            "details.a[0]",
            "{{org.slug}}",
            "${{ org.slug }}",
        ),
        (
            "audit.record",
            {"action": "a", "subject": "${{ org.slug }} {{ event.id }}"},
            "subject",
            "{{ event.id }}",
            "${{ event.id }}",
        ),
        (
            "identity.find_account",
            {"login": "{{ employee.mail | lower }}"},
            "login",
            "{{ employee.mail | lower }}",
            "an expression, ${{ … }}",
        ),
        (
            "identity.find_account",
            {"login": "{% if employee.a %}b{% endif %}"},
            "login",
            "{% if employee.a %}",
            "an expression, ${{ … }}",
        ),
        (
            "http.request",
            {"method": "POST", "url": "/x", "body": {"a": "{{ nodes.account.output.login }}"}},
            "body.a",
            "{{ nodes.account.output.login }}",
            "${{ nodes.account.output.login }}",
        ),
    ],
)
def test_a_template_in_a_field_that_is_none_is_refused_instead_of_taken_by_the_letter(
    type_: str, params: dict[str, Any], path: str, shown: str, write: str
) -> None:
    hint = (
        f'write {write}; to have the braces themselves there, write ${{{{ "{shown[:2]}" }}}} for {shown[:2]}'
    )
    assert of_act(type_, params) == [
        (f"params.{path}", f"this field is no template: `{shown}` would stay as it is written", hint)
    ]


@pytest.mark.parametrize(
    "text",
    [
        '${{ "{{" }} employee.login }}',
        '${{ "{{ employee.login }}" }}',
        "$${{ employee.login }}",
        "{{ customer.name }}",
        '{{"event": {"id": 1}}}',
        "^a{{2}} event.b$",
        "{{ message.event.id }}",
        "{% block nodes %}",
        "{{}}",
    ],
)
def test_braces_that_are_text_stay_text(text: str) -> None:
    assert of_act("http.request", {"method": "POST", "url": "/x", "body": {"a": text}}) == []


def test_a_filter_that_there_is_not_hides_no_other_mistake_of_its_template() -> None:
    text = (
        "{{ employee.given_name | uper }}\n{{ employe.x }}\n{{ nodes.acount.output.x }}{{"
        " nodes.account.output.acount_id }}"
    )
    assert [each.reason for each in problems({"text": text})] == [
        "there is no filter 'uper', at line 1",
        "'employe' is not known here",
        "there is no node 'acount'",
        "nodes.account.output has no field 'acount_id', at line 3",
    ]


def test_a_templates_error_is_a_sentence_that_ends_once() -> None:
    (found,) = problems({"text": "{{ employee.given_name "})
    assert "'., at" not in found.reason
    assert found.reason.endswith(", at line 1")
    (found,) = problems({"text": "{{ employee.given_name employee }}"})
    assert found.reason == "expected token 'end of print statement', got 'employee', at line 1"
