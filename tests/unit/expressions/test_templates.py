"""Templates: what they write, what they refuse, and that nothing in them can hold the process or fill its
memory.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import escape

from officeflow.errors import InvalidExpression
from officeflow.expressions.templates import MAX_OUTPUT, MAX_SOURCE, check, nodes_read, references, render

VALUES: dict[str, Any] = {
    "event": {"payload": {"name": "<Ana> & Co", "skills": ["b", "a"], "n": 3, "none": None, "text": "a\nb"}},
    "employee": {
        "start_date": "2026-08-03",
        "map": {"x": 1, "y": [1, 2]},
        "big": "x" * 100_000,
        "many": list(range(1000)),
    },
    "nodes": {"create": {"output": {"login": "ana"}}},
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Hello {{ event.payload.name }}\n", "Hello <Ana> & Co\n"),
        (
            (
                "{% for s in event.payload.skills %}{{ loop.index }}/{{ loop.length }} {{ s }}{{ '' if"
                " loop.last else ', ' }}{% endfor %}"
            ),
            "1/2 b, 2/2 a",
        ),
        ("{% for k, v in employee.map | dictsort %}{{ k }}={{ v }};{% endfor %}", "x=1;y=[1,2];"),
        ("{% if event.payload.n > 2 %}many{% elif event.payload.n %}some{% else %}none{% endif %}", "many"),
        (
            "{% set x = event.payload.n + 1 %}{{ x * 2 }} {{ x // 3 }} {{ 7 % 4 }} {{ 1 / 4 }} {{ x - 1.5 }}",
            "8 1 3 0.25 2.5",
        ),
        ("{% with y = 'in' %}{{ y }}{% endwith %}", "in"),
        ("{{ event.payload.missing | default('?') }} {{ event.payload.none or '-' }}", "? -"),
        ("{{ 'x' if event.payload.missing is defined else 'y' }}", "y"),
        (
            (
                "{{ event.payload.skills | sort | join(', ') }} {{ event.payload.skills | first }} {{"
                " event.payload.skills[1:] }}"
            ),
            'a, b b ["a"]',
        ),
        ("{{ employee.start_date | date('%A, %-d %B %Y') }}", "Monday, 3 August 2026"),
        ("{{ '2026-08-03T07:30:00Z' | date('%H:%M %Z', 'Europe/Berlin') }}", "09:30 CEST"),
        (
            (
                "{{ event.payload.text | indent(2) }}|{{ 'aXa' | replace('X', '-') }}|{{ 2.345 | round(1)"
                " }}|{{ [1, 2.5] | sum }}"
            ),
            "a\n  b|a-a|2.3|3.5",
        ),
        ("{{ 'a' ~ event.payload.n ~ 'b' }}{{ event.payload.skills + ['c'] }}", 'a3b["b","a","c"]'),
        ("{{ employee.map | tojson }}", '{"x": 1, "y": [1, 2]}'),
        ("{{ nodes.create.output.login }}{{ nodes['create']['output'].login }}", "anaana"),
        ("{% raw %}{{ as it is }}{% endraw %}{# note #}", "{{ as it is }}"),
    ],
)
def test_a_template_writes_text(source: str, text: str) -> None:
    assert render(source, VALUES, html=False) == text


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        ("\n{{ event.payload.missing }}", 2, "there is no field 'missing'"),
        ("{{ missing }}", 1, "'missing' is undefined"),
        ("a\nb\n{{ event.payload.none }}", 3, "null"),
        ("{{ event.payload.skills[7] }}", 1, "there is no item 7"),
        ("{{ event.payload.missing.deeper }}", 1, "there is no field 'missing'"),
        ("{% for x in event.payload.name %}{% endfor %}", 1, "a loop needs a list or an object"),
        ("{% for x in event.payload.missing %}{% endfor %}", 1, "there is no field 'missing'"),
        ("{{ event.payload.n / 0 }}", 1, "division by zero"),
        ("{{ event.payload.n < 'x' }}", 1, "TypeError"),
        ("{{ 'a' * 3 }}", 1, "`*` needs numbers"),
        ("{{ employee.start_date | date('%9999999d') }}", 1, "does not know the format"),
        ("{{ 'soon' | date }}", 1, "needs an ISO 8601 date"),
        ("{{ '2026-08-03T00:00:00Z' | date('%H', 'Mars/Base') }}", 1, "not an IANA time zone"),
        ("{{ ['a'] | sum }}", 1, "sum adds numbers only"),
        ("{{ 1.5 | round(999999) }}", 1, "precision from -15 to 15"),
        ("{{ 'a' | indent(10000000) }}", 1, "width from 0 to 80"),
    ],
)
def test_what_cannot_be_rendered_is_named_with_its_line(source: str, line: int, reason: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        render(source, VALUES, html=False)
    problem = caught.value.problems[0]
    assert problem.path == f"line {line}"
    assert reason in problem.reason


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("\n{% for i in range(10**9) %}{% endfor %}", "line 2: templates have no Call"),
        ("{{ 'a'.upper() }}", "templates have no Call"),
        ("{{ 10**10**10 }}", "templates have no Pow"),
        ("{% macro a() %}{% endmacro %}", "templates have no Macro"),
        ("{% include 'x' %}", "templates have no Include"),
        ("{% import 'x' as y %}", "templates have no Import"),
        ("{% extends 'x' %}", "templates have no Extends"),
        ("{% set x %}a{% endset %}", "templates have no AssignBlock"),
        ("{% filter upper %}a{% endfilter %}", "templates have no FilterBlock"),
        ("{% for x in event recursive %}{% endfor %}", "no recursive loops"),
        ("{{ event | attr('x') }}", "there is no filter 'attr'"),
        ("{{ event | pprint }}{{ 'x' | lenght }}", "there is no filter 'lenght' (did you mean length?)"),
        ("{{ event is callable }}", "there is no test 'callable'"),
        ("{% bad %}", "unknown tag 'bad'"),
        ("{{", "unexpected 'end of template'"),
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deep"),
        ("{{ 1" + " + 1" * 3000 + " }}", "nested too deep"),
        ("{% if true %}" * 300 + "{% endif %}" * 300, "nested too deep"),
        ("{{ " + "9" * 5000 + " }}", "too long"),
        ("x" * (MAX_SOURCE + 1), "more than"),
    ],
)
def test_what_no_template_may_say_is_refused_before_it_runs(source: str, reason: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        check(source)
    assert reason in str(caught.value)


@pytest.mark.parametrize("name", ["__class__", "__init__", "items", "keys", "mro", "_undefined_message"])
def test_attributes_of_python_are_out_of_reach(name: str) -> None:
    for owner in ("event", "event.payload.name", "event.payload.skills", "event.payload.n"):
        with pytest.raises(InvalidExpression, match="there is no field"):
            render(f"{{{{ {owner}.{name} }}}}", VALUES, html=False)


DOUBLING = "{% set a = 'xxxxxxxxxx' %}"


@pytest.mark.parametrize(
    "source",
    [
        DOUBLING + "{% set a = a ~ a %}" * 30 + "{{ a }}",
        DOUBLING + "{% set a = a + a %}" * 30 + "{{ a }}",
        "{{ 'aaaaaaaaaa'" + " | replace('a', 'aaaaaaaaaa')" * 9 + " }}",
        "{{ employee.many | join(employee.big) }}",
        "{% for a in employee.many %}" * 3 + "{% endfor %}" * 3,
        "{% for a in employee.many %}{{ employee.big }}{% endfor %}",
        "{% for a in employee.many %}{{ employee.big | upper | length }}{% endfor %}",
        "{% for a in employee.many %}{% if employee.big | replace('y', 'z') %}{% endif %}{% endfor %}",
        "{% for a in employee.many %}{% for b in employee.many | map('string') | list %}{% endfor %}{%"
        " endfor %}" * 5,
        "{% for a in employee.many %}{% if 'z' in employee.big %}{% endif %}{% endfor %}",
        "{% for a in employee.many %}{% if 'z' is in employee.big %}{% endif %}{% endfor %}",
        "{{ employee.many | map('string') | select('in', employee.big) | list }}",
        "{% set a = 1000000000 %}" + "{% set a = a * a %}" * 30,
    ],
)
def test_a_template_that_does_too_much_is_stopped(source: str) -> None:
    with pytest.raises(InvalidExpression, match=r"too much|more than|too large"):
        render(source, VALUES, html=False)


def test_the_output_has_a_limit() -> None:
    with pytest.raises(InvalidExpression, match=f"more than {MAX_OUTPUT} characters"):
        render("{{ employee.big }}" * 11, VALUES, html=False)


@given(st.text())
def test_html_escapes_every_value(value: str) -> None:
    assert (
        render("<p>{{ employee.name }}</p>", {"employee": {"name": value}}, html=True)
        == f"<p>{escape(value)}</p>"
    )


@given(st.text())
def test_values_are_never_read_as_templates(value: str) -> None:
    assert (
        render("{{ employee.name }}", {"employee": {"name": "{{ 1 }}" + value}}, html=False)
        == "{{ 1 }}" + value
    )


PARTS = [
    *("{{", "}}", "{%", "%}", "for", "if", "else", "endif", "endfor", "set", "in", "is", "not", "event",
    "employee", ".", "[", "]", "("),
    *(")", "|", "~", "+", "*", "'", '"', ",", ":", "1", "loop", "upper", "defined", "-"),
]  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=25).map(" ".join), st.booleans())
def test_anything_like_a_template_is_rendered_or_refused(source: str, html: bool) -> None:
    with suppress(InvalidExpression):
        assert len(render(source, VALUES, html=html)) <= MAX_OUTPUT


def test_a_template_tells_what_it_reads() -> None:
    source = (
        "{{ nodes.a.output.x }}{% for e in event.list %}{{ e }}{{ nodes['b'].output }}{% endfor %}{% set org"
        " = 1 %}{{ org }}"
    )
    assert references(source) == {"nodes", "event"}
    assert nodes_read(source) == {"a", "b"}
    assert nodes_read("{% for n in nodes %}{{ nodes.a }}{% endfor %}") == {"a", "*"}


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        ("2026-08-03", "%A %-d", "Monday 3"),
        ("20260803", "%A %-d", "Monday 3"),
        ("2026-08-03T09:30:00", "%A %H:%M", "Monday 09:30"),
    ],
)
def test_what_has_no_zone_keeps_its_day_and_time_whatever_zone_is_named(
    value: str, form: str, text: str, zone: str
) -> None:
    source = f"{{{{ event.payload.day | date({form!r}, {zone!r}) }}}}"
    assert render(source, {"event": {"payload": {"day": value}}}) == text


def test_a_zone_that_does_not_exist_is_named() -> None:
    with pytest.raises(InvalidExpression, match="'Mars/Olympus' is not an IANA time zone"):
        render("{{ '2026-08-03' | date('%A', 'Mars/Olympus') }}", {})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("014/suspend", "014%2Fsuspend"),
        ("a b?c#d&e=f%2F\\", "a%20b%3Fc%23d%26e%3Df%252F%5C"),
        ("ñ/ü", "%C3%B1%2F%C3%BC"),
        ("-._~", "-._~"),
        (14, "14"),
        (12345678901234567890, "12345678901234567890"),
        (True, "true"),
        ({"q": "a/b c", "n": 1}, "q=a%2Fb+c&n=1"),
    ],
)
def test_urlencode_leaves_nothing_that_has_a_meaning_in_an_address(value: Any, text: str) -> None:
    assert render("{{ event.payload.v | urlencode }}", {"event": {"payload": {"v": value}}}) == text


ADDRESS = {
    "event": {
        "payload": {
            "id": "014/suspend",
            "dots": "..",
            "empty": "",
            "plain": "E-14@acme",
            "link": "https://a.example/x?y=1",
        }
    }
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("/users/{{ event.payload.id | urlencode }}/badge", "/users/014%2Fsuspend/badge"),
        ("/users/{{ event.payload.plain }}", "/users/E-14@acme"),
        ("/users?name={{ event.payload.empty | urlencode }}", "/users?name="),
        ("{{ event.payload.link }}", "https://a.example/x?y=1"),
        ("{% if event.payload.empty %}/a{% else %}/b{% endif %}", "/b"),
    ],
)
def test_an_address_has_the_values_that_it_says(source: str, text: str) -> None:
    assert render(source, ADDRESS, url=True) == text


@pytest.mark.parametrize(
    "source",
    [
        "/users/{{ event.payload.id }}",
        "/users/{{ event.payload.id ~ '' }}",
        "/users/{{ event.payload.dots }}/x",
        "/users/{{ event.payload.empty | urlencode }}",
        "/users/{{ event.payload.link }}",
        "/users/{{ '%2e%2e' }}/x",
        "/users/{% set x = event.payload.id %}{{ x }}",
    ],
)
def test_no_value_in_an_address_leads_elsewhere(source: str) -> None:
    with pytest.raises(InvalidExpression, match="a value that is put into an address"):
        render(source, ADDRESS, url=True)


@pytest.mark.parametrize("number", [12345678901234567890, -(10**30), 2**63, 2**53 + 1, 10**400])
def test_a_whole_number_arrives_digit_by_digit(number: int) -> None:
    values = {"event": {"payload": {"iban_number": number, "all": [number]}}}
    assert render("{{ event.payload.iban_number }} {{ event.payload.all }}", values) == f"{number} [{number}]"
    assert render("{{ event.payload.iban_number | tojson }}", values) == str(number)


def test_a_number_without_end_is_refused() -> None:
    with pytest.raises(InvalidExpression, match="too many digits"):
        render("{{ event.payload.n }}", {"event": {"payload": {"n": 10**5000}}})
