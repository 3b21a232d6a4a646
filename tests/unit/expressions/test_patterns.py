"""Patterns of `matches`: written out, and of a size that is known before they are compiled."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.errors import InvalidExpression, TooCostly
from officeflow.expressions.cel import compile_expression
from officeflow.expressions.patterns import MAX_PATTERN, MAX_PROGRAM, program_size

LOOPS = "[1,2,3].all(i, [1,2,3].all(j, event.kind.matches({pattern})))"


@pytest.mark.parametrize(
    "pattern",
    [
        "^C",
        r"^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}$",
        r"^\\pL+, \\pL+$",
        "(?i)^(manager|lead|head of .*)$",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "{not a repetition}",
        "[]a]",
        "[[:alpha:]]+",
        "a{1000}",
    ],
)
def test_patterns_that_people_write_are_taken(pattern: str) -> None:
    compile_expression(LOOPS.format(pattern=f"'{pattern}'")).test({"event": {"kind": "x"}})


@pytest.mark.parametrize(
    "pattern",
    [
        r"'(?i)(\\pL|\\pN){500}' + string(i)",
        "event.payload.pattern",
        "'a' + 'b'",
        r"'(?i)(\\pL|\\pN){500}'",
        r"'\\pL{10}'",
        r"'[\\p{L}\\pN]{3}'",
        r"'(((.{10}){10}){10})'",
        f"'{'a' * (MAX_PATTERN + 1)}'",
    ],
)
def test_a_pattern_that_is_computed_or_too_large_is_refused_before_it_runs(pattern: str) -> None:
    with pytest.raises(TooCostly, match="pattern"):
        compile_expression(LOOPS.format(pattern=pattern))


def test_a_pattern_that_is_none_is_named_when_it_is_compiled() -> None:
    with pytest.raises(InvalidExpression, match="missing"):
        compile_expression("event.kind.matches('(a')")


@pytest.mark.parametrize(
    "source",
    [
        "event.payload.a.contains(event.payload.b)",
        "event.payload.a.indexOf(event.payload.b) > 0",
        "event.payload.a.lastIndexOf(event.payload.b) > 0",
        "event.payload.a.split(event.payload.b).size() > 0",
        "event.payload.a.replace(event.payload.b, '') == ''",
        (
            "event.payload.list.all(i, event.payload.list.contains(i)) || event.payload.list.map(i, i).map(i,"
            " i).size() > 0"
        ),
        "event.payload.short.all(i, event.payload.short.all(j, event.kind.matches('^(a|b|c){100}$')))",
        "event.payload.short.all(i, event.payload.c.contains(event.payload.d))",
    ],
)
def test_what_compares_everything_with_everything_costs_a_product(source: str) -> None:
    payload = {
        "a": "a" * 200_000,
        "b": "a" * 100_000 + "b",
        "c": "a" * 20_000,
        "d": "a" * 10_000 + "b",
        "list": list(range(6000)),
        "short": [1] * 90,
    }
    with pytest.raises(TooCostly, match=r"too (long|large)|too many steps"):
        compile_expression(source).evaluate({"event": {"payload": payload, "kind": "a" * 50}})


@pytest.mark.parametrize(
    "source",
    ["{l}.map(i, i + 1).size()", "{l}.all(i, ({l} + [i]).size() > 0)", "{l}.filter(i, i > 3).size()"],
)
def test_lists_that_the_runtime_copies_for_each_item_fit_into_memory(source: str) -> None:
    """All that is just let through is computed: the runtime frees none of the copies before the end."""
    expression = compile_expression(source.format(l="event.payload.list"))
    taken, refused, limits = 0, 10_000, set()
    while refused - taken > 50:
        size = (taken + refused) // 2
        try:
            assert expression.evaluate({"event": {"payload": {"list": list(range(size))}}}) in {
                True,
                size,
                size - 4,
            }
            taken = size
        except TooCostly as error:
            limits.add(error.limit)
            refused = size
    assert taken > 1500
    assert limits == {"it could take too long"}


def test_ordinary_searches_are_cheap() -> None:
    people = [{"name": f"Ana {number}", "mail": f"ana.{number}@acme.example"} for number in range(500)]
    wanted = "event.payload.people.filter(p, p.mail.contains('acme') && p.name.matches('^Ana [0-9]+$'))"
    source = f"{wanted}.map(p, p.mail.replace('@', '+x@')).size()"
    assert compile_expression(source).evaluate({"event": {"payload": {"people": people}}}) == 500


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        ("abc", 3),
        ("a{50}", 50),
        ("(a{10}){20}", 200),
        ("(?:ab|cd){30}", 120),
        (r"\pL{4}", 10_000),
        (r"[^a]{10}", 200),
        ("(?i)a{50}", 100),
        ("x{3,70}", 70),
    ],
)
def test_the_size_of_a_program_is_never_too_small(pattern: str, least: int) -> None:
    assert program_size(pattern) >= least


@given(st.text(alphabet="ab\\pLQE[]^(){}?:*+|.,0123-", max_size=40))
def test_any_text_has_a_size(pattern: str) -> None:
    assert program_size(pattern) > 0
    assert program_size(pattern * 2) <= 10**30


def test_the_limit_lets_one_class_of_unicode_stand() -> None:
    assert program_size(r"^\pL+$") < MAX_PROGRAM < program_size(r"\pL{10}")
