"""A field that is never there is found when the workflow is checked, in templates as in expressions, wherever
a text is evaluated.
"""

from __future__ import annotations

from typing import Any

import pytest

from officeflow.catalog import registry
from officeflow.errors import Problem
from officeflow.workflows.check_expressions import Shown
from officeflow.workflows.validation import validate
from tests.unit.workflows.drawings import CONNECTIONS, definition, edge

ACCOUNT = {
    "id": "account",
    "type": "identity.find_account",
    "connection": "directory",
    "params": {"login": "ana"},
}
ORDER = {
    "id": "order",
    "type": "http.request",
    "connection": "shop",
    "params": {"method": "GET", "url": "/orders"},
}
SET = {
    "id": "made",
    "type": "flow.set",
    "params": {
        "values": {"day": "${{ employee.start_date }}", "names": "${{ employee.groups }}"},
        "types": {"day": "date", "names": "list"},
    },
}
TYPO = "nodes.account.output.acount_id"
READ, COMPUTED = f"{{{{ {TYPO} }}}}", f"${{{{ {TYPO} }}}}"
"""In a template, and as an expression."""
SAID = "nodes.account.output has no field 'acount_id'"


def problems(
    params: dict[str, Any], *, condition: str | None = None, shown: Shown | None = None, **fields: Any
) -> list[Problem]:
    """What is wrong with a definition whose mail has these parameters."""
    given = {"to": ["a@b.example"], "subject": "s", "text": "t", **params}
    mail = {"id": "mail", "type": "email.send", "connection": "mail", "params": given}
    edges = [edge("account", "mail", condition), edge("order", "mail"), edge("made", "mail")]
    return validate(definition(ACCOUNT, ORDER, SET, mail, edges=edges, **fields), lambda: CONNECTIONS, shown)


@pytest.mark.parametrize(
    "text",
    [
        "{{ nodes.account.output.acount_id }}",
        "{{ nodes['account']['output']['acount_id'] }}",
        "{{ nodes.account.output.acount_id | default('none') }}",
        "{{ nodes.account.output.acount_id or 'none' }}",
        "{{ 'x' if nodes.account.output.acount_id is defined else 'y' }}",
        "{{ [1, {'a': nodes.account.output.acount_id}] | tojson }}",
        "{{ ('a' ~ nodes.account.output.acount_id) | upper | replace('A', nodes.account.output.acount_id) }}",
        "{% if employee.a %}b{% elif nodes.account.output.acount_id == 'x' %}c{% endif %}",
        "{% set found = nodes.account.output %}{{ found.acount_id }}",
        "{% set x = nodes.account.output.acount_id %}",
        "{% with found = nodes.account %}{{ found.output.acount_id }}{% endwith %}",
        (
            "{% set a = nodes.account.output %}{% if employee.a %}{% set a = nodes.account.output %}{% endif"
            " %}{{ a.acount_id }}"
        ),
        "{% for x in nodes.account.output.acount_id %}{{ x }}{% else %}none{% endfor %}",
        "{% for x in [1, 2] if nodes.account.output.acount_id %}{{ x }}{% endfor %}",
        "{% for x in [1] %}{% for y in [2] %}{{ nodes.account.output.acount_id }}{% endfor %}{% endfor %}",
        "{{ (nodes.account.output if employee.a else nodes.account.output).acount_id }}",
        "{{ (nodes.account.output | default({})).acount_id }}",
    ],
)
def test_a_template_reads_only_fields_that_a_nodes_output_has(text: str) -> None:
    (problem,) = problems({"text": text})
    assert (problem.path, problem.suggestion) == ("nodes[3].params.text", "did you mean account_id?")
    assert problem.reason == f"{SAID}, at line 1"


@pytest.mark.parametrize(
    ("text", "reason", "suggestion"),
    [
        (
            "a\n{{ nodes.account.outptu.login }}",
            "nodes.account has no field 'outptu', at line 2",
            "did you mean output?",
        ),
        ("{{ nodes.account.output.groups.name }}", "nodes.account.output.groups is a list", "| first"),
        ("{{ nodes.account.output.found.x }}", "nodes.account.output.found is true or false", "leave out .x"),
        (
            "{% for g in nodes.account.output.groups %}{{ g.name }}{% endfor %}",
            "groups[] is text, and has no field 'name'",
            "leave out",
        ),
        ("{{ (nodes.account.output.groups | sort | first).name }}", "groups[] is text", ""),
        ("{{ nodes.account.output.groups | map(attribute='name') | join }}", "groups[] is text", ""),
        ("{{ nodes.account.output.groups | selectattr('name') | list }}", "groups[] is text", ""),
        ("{% for g in [1] %}{{ loop.indx }}{% endfor %}", "loop has no field 'indx'", "did you mean index"),
        ("{{ nodes.made.output.dya }}", "nodes.made.output has no field 'dya'", "did you mean day?"),
        ("{{ event.subjct }}", "event has no field 'subjct'", "it has id, source"),
        ("{{ org.slg }}", "org has no field 'slg'", "did you mean slug?"),
        ("{{ run.workflo }}", "run has no field 'workflo'", "did you mean workflow?"),
    ],
)
def test_a_template_is_followed_into_lists_loops_and_what_is_known_beside_nodes(
    text: str, reason: str, suggestion: str
) -> None:
    (problem,) = problems({"text": text})
    assert reason in problem.reason
    assert suggestion in problem.suggestion


@pytest.mark.parametrize(
    "text",
    [
        (
            "{{ nodes.account.output.account_id }} {{ nodes.order.output.body.anything.at_all[0].x }} {{"
            " nodes.order.output.headers.etag }}"
        ),
        (
            "{% set found = nodes.account.output %}{% if employee.a %}{% set found = employee.b %}{% endif"
            " %}{{ found.acount_id }}"
        ),
        "{% set found = nodes.account.output %}{% set found = employee.b %}{{ found.acount_id }}",
        "{% for found in employee.list %}{{ found.acount_id }}{% endfor %}",
        "{% for k, v in nodes.account.output | dictsort %}{{ k }}{{ v.x }}{% endfor %}",
        (
            "{% set x = nodes.account.output %}{% for y in [1] %}{{ x.account_id }}{% set x = employee %}{%"
            " endfor %}"
        ),
        (
            "{{ (nodes.account.output or employee.b).acount_id }}{{ (employee.a |"
            " default(nodes.account.output)).acount_id }}"
        ),
        (
            "{{ nodes.account.output[employee.name] }}{{ nodes.account.output.groups[0] }}{{"
            " nodes.account.output.groups[:2] | join(', ') }}"
        ),
        "{% with nodes = employee %}{{ nodes.account.output.acount_id }}{% endwith %}",
        (
            "{{ org.settings.anything.at_all }}{{ employee.shirtSize }}{{ employee.home_address.city }}{{"
            " employee['given_nmae'] }}"
        ),
        "{% for g in nodes.account.output.groups %}{{ loop.index }}{{ loop.previtem }}{{ g }}{% endfor %}",
    ],
)
def test_of_a_value_that_may_be_anything_nothing_is_said(text: str) -> None:
    assert problems({"text": text}) == []


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"to": [COMPUTED]}, "nodes[3].params.to[0]"),
        ({"cc": ["a@b.example", f"x {COMPUTED}"]}, "nodes[3].params.cc[1]"),
        ({"subject": READ}, "nodes[3].params.subject"),
        ({"html": f"<p>{READ}</p>"}, "nodes[3].params.html"),
        ({"text": COMPUTED}, "nodes[3].params.text"),
    ],
)
def test_every_parameter_that_is_evaluated_is_checked(params: dict[str, Any], path: str) -> None:
    found = {problem.path: problem for problem in problems(params)}
    assert SAID in found[path].reason
    assert found[path].suggestion == "did you mean account_id?"


@pytest.mark.parametrize(
    ("node", "path"),
    [
        (
            {"type": "http.request", "connection": "shop", "params": {"method": "GET", "url": f"/x/{READ}"}},
            "url",
        ),
        (
            {
                "type": "http.request",
                "connection": "shop",
                "params": {"method": "POST", "url": "/x", "body": {"a": [{"b": COMPUTED}]}},
            },
            "body.a[0].b",
        ),
        ({"type": "flow.fail", "params": {"message": READ}}, "message"),
        ({"type": "flow.set", "params": {"values": {"a": COMPUTED}}}, "values.a"),
        ({"type": "audit.record", "params": {"action": "a", "subject": f"x:{COMPUTED}"}}, "subject"),
    ],
)
def test_every_node_type_is_checked(node: dict[str, Any], path: str) -> None:
    raw = definition(ACCOUNT, {"id": "other", **node}, edges=[edge("account", "other")])
    found = {problem.path: problem.reason for problem in validate(raw, lambda: CONNECTIONS)}
    assert SAID in found[f"nodes[1].params.{path}"]


@pytest.mark.parametrize(
    ("read", "reason", "suggestion"),
    [
        (
            "event.payload.personal_email",
            "event.payload never has 'personal_email': it is sensitive",
            "write employee.personal_email",
        ),
        (
            "event.payload['salary']",
            "event.payload never has 'salary': it is sensitive",
            "write employee.salary",
        ),
        (
            "event.payload.bankAccount",
            "event.payload never has 'bankAccount': it is sensitive",
            "write employee.bankAccount",
        ),
        ("event.payload.departmnt", "event.payload has no field 'departmnt'", "did you mean department?"),
        ("employee.given_nmae", "employee has no field 'given_nmae'", "did you mean given_name?"),
        ("employee.last_name", "employee never has 'last_name'", "it is kept as employee.family_name"),
    ],
)
@pytest.mark.parametrize("place", ["template", "parameter", "condition", "filter"])
def test_a_field_of_a_person_that_is_never_there_is_refused_everywhere(
    place: str, read: str, reason: str, suggestion: str
) -> None:
    trigger = {"events": ["employee.onboard"], "filter": f"{read} == 'x'"}
    (problem,) = {
        "template": lambda: problems({"text": f"{{{{ {read} }}}}"}),
        "parameter": lambda: problems({"subject": f"${{{{ {read} }}}}"}),
        "condition": lambda: problems({}, condition=f"{read} == 'x'"),
        "filter": lambda: problems({}, trigger=trigger),
    }[place]()
    assert reason in problem.reason
    assert suggestion in problem.suggestion


@pytest.mark.parametrize(
    "condition",
    [
        "has(event.payload.salary)",
        "event.payload.?salary.orValue('') == 'x'",
        "event.?payload.?salary.hasValue()",
        "'salary' in event.payload",
        "cel.bind(p, event.payload, p.salary == 'x')",
        "['a'].exists(g, g == event.payload.salary)",
        "event.kind == 'x' || (event.payload.title == 'y' ? event.payload.salary == 'z' : false)",
        "[event.payload.salary, 'b'].size() > 1",
    ],
)
def test_an_expression_is_looked_through_for_fields_that_are_never_there(condition: str) -> None:
    (problem,) = problems({}, condition=condition)
    assert "event.payload never has 'salary'" in problem.reason
    line, _, column = problem.reason.rpartition(", at ")[2].partition(":")
    assert (line, condition[int(column) - 1 :].startswith("salary")) == ("1", True)


def test_where_the_organization_is_known_only_fields_that_it_shows_are_taken() -> None:
    read = "{{ event.payload.shirtSize }} {{ event.payload.fte }} {{ event.payload.workEmail }}"
    assert problems({"text": read}) == []
    shown = Shown.of_settings("acme", {"shown_fields": ["FTE"]})
    (problem,) = problems({"text": read}, shown=shown)
    assert (
        "event.payload never has 'shirtSize': no schema names it, and acme does not show it" in problem.reason
    )
    assert "officeflow org events acme --show shirtSize" in problem.suggestion
    assert problems({}, condition='event.payload.fte == "1" && event.payload.title == "x"', shown=shown) == []
    assert [p.path for p in problems({}, condition='event.payload["shoe"] == "1"', shown=shown)] == [
        "edges[0].condition"
    ]


def texts_of(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in texts_of(part)]


def test_the_examples_of_node_types_read_only_fields_that_there_are() -> None:
    """They stand in the node reference, from where people copy them."""
    texts = sorted(
        {
            text
            for node in registry.node_types().values()
            for text in texts_of(node.schema().params)
            if "{{" in text and "}}" in text
        }
    )
    assert len(texts) > 10
    wrong = {
        text: found for text in texts if (found := [p for p in problems({"text": text}) if "has" in p.reason])
    }
    assert wrong == {}
