"""The bound of an expression's size is never too small."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from officeflow.errors import InvalidExpression
from officeflow.expressions import cost
from officeflow.expressions.cel import compile_expression
from officeflow.expressions.program import compile_program

VALUES: dict[str, Any] = {
    "event": {
        "payload": {
            "name": "Ana",
            "tags": ["a", "bcd", ""],
            "people": [{"name": "x" * 7, "n": 1}, {"name": "y", "n": 2}],
        }
    },
    "org": {"domain": "acme.example", "settings": {"a": "b", "longer": "c"}},
}


def _size(value: Any) -> int:
    """Characters and items, as `cost` counts them."""
    if isinstance(value, str | bytes | bytearray):
        return len(value)
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    if isinstance(value, dict):
        return 1 + sum(len(key) + _size(item) for key, item in value.items())
    return 1


def _texts(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = _lists(texts)
    return st.one_of(
        st.builds("({} + {})".format, texts, texts),
        st.builds("{}.replace({}, {})".format, texts, texts, texts),
        st.builds("{}.join({})".format, lists, texts),
        st.builds("'%s-%s'.format([{}, {}])".format, texts, texts),
        st.builds("cel.bind(b, {}, b + b)".format, texts),
        st.builds("({} == {} ? {} : {})".format, texts, texts, texts, texts),
        st.builds("strings.quote({})".format, texts),
        st.builds("{}.upperAscii()".format, texts),
        st.builds("string({}.size())".format, lists),
    )


def _lists(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.just("event.payload.tags"),
        st.builds("[{}, {}]".format, texts, texts),
        st.builds("{}.split({})".format, texts, texts),
        st.builds("event.payload.tags.map(t, t + {})".format, texts),
        st.builds("event.payload.people.filter(p, p.name != {}).map(p, p.name + p.name)".format, texts),
        st.builds("org.settings.map(k, k + org.settings[k] + {})".format, texts),
        st.builds("(event.payload.tags + [{}])".format, texts),
    )


LEAVES = st.sampled_from(
    [
        "'abc'",
        "''",
        "event.payload.name",
        "org['domain']",
        "event.payload.people[0].name",
        "org.?x.orValue('zz')",
    ]
)
TEXTS = st.recursive(LEAVES, _texts, max_leaves=6)


@settings(max_examples=200)
@given(TEXTS | _lists(TEXTS))
def test_no_value_is_larger_than_its_bound(source: str) -> None:
    try:
        program = compile_program(source)
        bound = cost.bound(program.tree, VALUES)
        value = program.evaluate(VALUES)
    except InvalidExpression:
        return
    assert _size(value) <= bound.total, source


def test_a_loop_over_many_small_items_is_allowed() -> None:
    people = [{"name": f"n{number}", "note": "x" * 100} for number in range(1000)]
    source = "event.payload.people.map(p, p.name + '@' + org.domain)"
    assert (
        len(
            compile_expression(source).evaluate(
                {"event": {"payload": {"people": people}}, "org": VALUES["org"]}
            )
        )
        == 1000
    )


def test_an_expression_without_loops_and_growth_is_not_estimated() -> None:
    assert not compile_program("event.kind == 'a' && has(event.payload.x)").costs
    assert compile_program("event.kind + 'a'").costs
