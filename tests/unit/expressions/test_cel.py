"""CEL: what it gives, what it refuses, and that nothing a tenant writes gets past its errors."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.errors import InvalidExpression
from officeflow.expressions.cel import MAX_SOURCE, compile_expression
from officeflow.expressions.names import Names
from officeflow.expressions.values import to_json

VALUES: dict[str, Any] = {
    "event": {
        "kind": "employee.onboard",
        "payload": {"department": "Engineering", "level": 3, "tags": ["a", "b"], "none": None},
    },
    "employee": {"start_date": dt.date(2026, 8, 3), "work_email": "ana@acme.example"},
    "nodes": {"create": {"output": {"created": True, "login": "ana"}}},
    "org": {"slug": "acme", "domain": "acme.example"},
}
OUTPUT = {
    "type": "object",
    "properties": {
        "created": {"type": "boolean"},
        "login": {"type": "string"},
        "email": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "groups": {"type": "array", "items": {"type": "string"}},
        "owner": {"$ref": "#/$defs/Owner"},
        "extra": {"type": "object", "additionalProperties": True},
    },
    "$defs": {"Owner": {"type": "object", "properties": {"name": {"type": "string"}}}},
}
NAMES = Names(nodes={"create": OUTPUT, "other": None})


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ('event.payload.department == "Engineering" && nodes.create.output.created', True),
        ("event.payload.level + 1", 4),
        ("event.payload.level / 2.0 > 1.0 || true", True),
        ("event.payload.tags.map(t, t.upperAscii()).join('-')", "A-B"),
        ("event.payload.?missing.orValue('none')", "none"),
        ("has(event.payload.missing)", False),
        ("event.payload.none", None),
        ("math.greatest(1, 2.5)", 2.5),
        ("cel.bind(x, org.domain, x + x)", "acme.exampleacme.example"),
        ("{'a': [1, 2u, 'x']}", {"a": [1, 2, "x"]}),
        ("timestamp('2026-01-31T09:00:00Z') + duration('1h')", dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)),
        ("employee.start_date", "2026-08-03"),
        ("timestamp(employee.start_date + 'T09:00:00+02:00').getHours('UTC')", 7),
        ("run", {}),
    ],
)
def test_an_expression_gives_a_plain_value(source: str, value: Any) -> None:
    assert compile_expression(source).evaluate(VALUES) == value


@pytest.mark.parametrize(
    ("source", "place", "reason", "suggestion"),
    [
        ("evnt.kind", "1:5", "'evnt' is not known here", "did you mean event?"),
        ("event.kin", "1:6", "event has no field 'kin'", "did you mean kind?"),
        (
            "true &&\n nodes.create.output.creatd",
            "2:21",
            "nodes.create.output has no field 'creatd'",
            "did you mean created?",
        ),
        ("nodes.creat.output.login", "1:6", "there is no node 'creat'", "did you mean create?"),
        (
            "nodes.create.output.owner.nme",
            "1:26",
            "nodes.create.output.owner has no field 'nme'",
            "did you mean name?",
        ),
        ("nodes.create.result", "1:13", "nodes.create has no field 'result'", "it has output"),
        (
            "nodes.create.output.login + 1",
            "1:27",
            "found no matching overload for '_+_' applied to '(string, int)'",
            "",
        ),
        (
            "nodes.create.output.groups.exists(g, g == 1)",
            "1:40",
            "found no matching overload for '_==_' applied to '(string, int)'",
            "",
        ),
        (
            "'a'.uperAscii()",
            "1:14",
            "'uperAscii' is not known here",
            "did you mean upperAscii or lowerAscii?",
        ),
        ("1 +", "1:4", "Syntax error: mismatched input '<EOF>'", ""),
        ("event.?kind", "1:1", "it gives an optional value", "end it with `.orValue(…)`"),
    ],
)
def test_a_mistake_is_named_with_its_place(source: str, place: str, reason: str, suggestion: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        compile_expression(source, NAMES)
    problem = caught.value.problems[0]
    assert (problem.path, problem.reason, problem.suggestion) == (place, reason, suggestion)


@pytest.mark.parametrize(
    "source",
    [
        "has(nodes.create.output.email) && nodes.create.output.email == 'x'",
        "nodes.create.output.email == null",
        "nodes.create.output.owner.name",
        "nodes.create.output.extra.anything",
        "nodes.other.output.anything + 1",
        "event.payload.anything",
        "employee.anything",
        "org.settings.anything",
        "run.version > 1",
    ],
)
def test_what_may_be_there_is_accepted(source: str) -> None:
    compile_expression(source, NAMES)


def test_all_mistakes_of_an_expression_are_found_at_once() -> None:
    with pytest.raises(InvalidExpression) as caught:
        compile_expression("a == b && c", NAMES)
    assert [problem.path for problem in caught.value.problems] == ["1:1", "1:6", "1:11"]


@pytest.mark.parametrize("source", ["1", "'yes'", "nodes.create.output", "[true]"])
def test_a_condition_must_give_true_or_false(source: str) -> None:
    with pytest.raises(InvalidExpression, match="true or false"):
        compile_expression(source, NAMES, condition=True)
    with pytest.raises(InvalidExpression, match="true or false"):
        compile_expression(source).test(VALUES | {"nodes": {"create": {"output": {}}}})


def test_a_condition_over_values_of_unknown_type_is_tested_when_it_runs() -> None:
    expression = compile_expression("event.payload.flag", NAMES, condition=True)
    assert expression.test({"event": {"payload": {"flag": True}}}) is True


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("event.payload.missing", "there is no field 'missing'"),
        ("event.payload.department + 1", "No matching overloads"),
        ("event.?payload", "optional"),
        ("1 / (event.payload.level - 3)", "divide by zero"),
        ("event.payload.tags[5]", "index=5"),
        ("duration('1d')", "Duration"),
        ("'x'.matches('[')", "missing ]"),
    ],
)
def test_what_cannot_be_computed_says_why(source: str, message: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        compile_expression(source).evaluate(VALUES)
    assert message in str(caught.value)
    assert source in str(caught.value)


def test_errors_do_not_show_values() -> None:
    """What an event holds may be personal, and errors go into logs."""
    with pytest.raises(InvalidExpression) as caught:
        compile_expression("employee.iban + 1").evaluate({"employee": {"iban": "DE02120300000000202051"}})
    assert "DE02" not in str(caught.value)


SIXTY = "[" + ",".join("1" for _ in range(60)) + "]"


@pytest.mark.parametrize(
    "source",
    [
        f"{SIXTY}.map(a, {SIXTY}.map(b, {SIXTY}.map(c, 1)))",
        f"{SIXTY}.all(a, {SIXTY}.all(b, {SIXTY}.all(c, true)))",
        "'aaaaaaaaaa'" + ".replace('a', 'aaaaaaaaaa')" * 9,
        f"{SIXTY}.map(a, {SIXTY}.map(b, event.payload.long))",
        "event.payload.long.split('').map(x, event.payload.long)",
    ],
)
def test_an_expression_that_would_take_too_much_is_stopped(source: str) -> None:
    with pytest.raises(InvalidExpression, match=r"too large|too long|too many steps"):
        compile_expression(source).evaluate(
            {"event": {"payload": {"department": "x", "long": "y" * 100_000}}}
        )


def test_nested_bindings_cannot_double_a_text_for_ever() -> None:
    source = "a27"
    for number in range(27, 0, -1):
        source = f"cel.bind(a{number}, a{number - 1} + a{number - 1}, {source})"
    with pytest.raises(InvalidExpression, match=r"too large|nested too deep"):
        compile_expression(f"cel.bind(a0, 'xxxxxxxxxx', {source})").evaluate({})


@pytest.mark.parametrize(
    "source",
    ["", "  ", "1" * (MAX_SOURCE + 1), "'\ud800'", "(" * 500 + "1" + ")" * 500, "+".join(["1"] * 100)],
)
def test_text_that_is_no_expression_is_refused(source: str) -> None:
    with pytest.raises(InvalidExpression):
        compile_expression(source)


@given(st.text(max_size=200))
def test_any_text_compiles_or_is_refused(source: str) -> None:
    with suppress(InvalidExpression):
        assert compile_expression(source, NAMES).source == source


PARTS = st.sampled_from([
    *("event", "nodes", ".", "create", "output", "?.", "[", "]", "(", ")", "{", "}", "'", '"', ",", ":", "?",
    "==", "&&", "||", "!", "+"),
    *("-", "*", "/", "%", " in ", "has(", "map(x,", "x", "1", "1u", "2.5", "null", "true", "kind"),
])  # fmt: skip


@given(st.lists(PARTS, max_size=25).map("".join))
def test_anything_like_an_expression_is_evaluated_or_refused(source: str) -> None:
    with suppress(InvalidExpression):
        to_json(compile_expression(source).evaluate(VALUES))


@pytest.mark.parametrize(
    ("source", "names", "nodes"),
    [
        ("event.kind == org.slug", {"event", "org"}, set()),
        ("nodes.a.output.x + nodes['b'].output.y", {"nodes"}, {"a", "b"}),
        ("nodes.?a.output.x.orValue(1)", {"nodes"}, {"a"}),
        ("has(nodes.a)", {"nodes"}, {"a"}),
        ("nodes == nodes", {"nodes"}, {"*"}),
        ("nodes[event.kind]", {"nodes", "event"}, {"*"}),
        ("[1].map(nodes, nodes + 1)", set(), set()),
        ("[event].map(e, e.kind)", {"event"}, set()),
        ("cel.bind(run, 1, run)", set(), set()),
        ("{event.kind: [employee.x]}", {"event", "employee"}, set()),
        ("'text'.matches('t') ? -1.5 : 2.0", set(), set()),
    ],
)
def test_an_expression_tells_what_it_reads(source: str, names: set[str], nodes: set[str]) -> None:
    found = compile_expression(source).references
    assert (set(found.names), set(found.nodes)) == (names, nodes)


def test_an_expression_may_be_shared_between_threads() -> None:
    expression = compile_expression("event.list.map(x, x + 1).size()")
    wrong: list[int] = []

    def evaluate() -> None:
        wrong.extend(
            n for n in range(200) if expression.evaluate({"event": {"list": list(range(n % 20))}}) != n % 20
        )

    threads = [threading.Thread(target=evaluate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        (
            "event.payload.fte * 40",
            (
                "`*` does not take a number with decimals (double) and a whole number (int): write the whole"
                " number"
            ),
        ),
        ("event.payload.level + 0.5", "40.0 for 40"),
        ("event.payload.name + event.payload.level", "`string(x)`"),
        ("event.payload.nothing + 1", "test for null first"),
        ("event.payload.shoe == 1", "is read as employee.NAME"),
    ],
)
def test_types_that_do_not_meet_and_fields_that_are_missing_are_told_with_what_to_write(
    source: str, advice: str
) -> None:
    values = {"event": {"payload": {"fte": 0.8, "level": 3, "name": "x", "nothing": None}}}
    with pytest.raises(InvalidExpression) as caught:
        compile_expression(source).evaluate(values)
    assert advice in caught.value.hint


def test_numbers_that_do_not_meet_are_told_before_it_runs() -> None:
    with pytest.raises(InvalidExpression) as caught:
        compile_expression("0.8 * 40")
    assert "write the whole number with a point" in caught.value.problems[0].suggestion
