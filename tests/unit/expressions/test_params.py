"""`${{ }}` in parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.errors import InvalidExpression
from officeflow.expressions.params import Code, expressions, has_expression, resolve, resolve_all, split

VALUES: dict[str, Any] = {
    "event": {
        "payload": {
            "n": 3,
            "x": 1.5,
            "whole": 2.0,
            "yes": True,
            "none": None,
            "list": ["a", 1],
            "map": {"k": "v"},
            "name": "Ana",
        }
    }
}
CHARACTERS = st.characters(exclude_characters="\0", codec="utf-8")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(CHARACTERS),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def resolve_text(text: str, values: Mapping[str, Any]) -> Any:
    """What one text becomes; raises the `InvalidExpression` that it gives."""
    (answer,) = resolve_all([text], values)
    if isinstance(answer, InvalidExpression):
        raise answer
    return answer


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${{ event.payload.n }}", 3),
        ("${{event.payload.list}}", ["a", 1]),
        ("${{ event.payload.map }}", {"k": "v"}),
        ("${{ event.payload.none }}", None),
        ("${{ {'a': {'b': 1}} }}", {"a": {"b": 1}}),
        ("${{ '}}' + \"}}\" }}", "}}}}"),
        (r"${{ '\'}}' }}", "'}}"),
        ('${{ """}}""" }}', "}}"),
        ("${{ timestamp('2026-01-31T09:00:00.5+01:00') }}", "2026-01-31T08:00:00.500000Z"),
        ("${{ duration('90m') }}", "PT5400S"),
        ("${{ duration('-1.5s') }}", "-PT1.5S"),
        ("${{ b'ab' }}", "YWI="),
        ("Hello ${{ event.payload.name }}!", "Hello Ana!"),
        ("${{ event.payload.n }}${{ event.payload.x }}", "31.5"),
        ("${{ event.payload.whole }} ${{ event.payload.yes }}", "2 true"),
        ("${{ event.payload.list }} ${{ event.payload.map }}", '["a",1] {"k":"v"}'),
        ("at ${{ timestamp('2026-01-31T09:00:00Z') }}", "at 2026-01-31T09:00:00Z"),
        ("$${{ event.payload.n }}", "${{ event.payload.n }}"),
        ("$${{ a }} ${{ event.payload.n }}", "${{ a }} 3"),
        (" ${{ event.payload.n }}", " 3"),
        ("{{ jinja }} $x ${y}", "{{ jinja }} $x ${y}"),
    ],
)
def test_a_text_is_replaced(text: str, value: Any) -> None:
    assert resolve_text(text, VALUES) == value


def test_expressions_are_replaced_anywhere_and_the_rest_stays() -> None:
    params = {"a": {"b": ["${{ event.payload.n }}", 5, None, {"c": "x${{ event.payload.name }}"}]}, "t": True}
    assert resolve(params, VALUES) == {"a": {"b": [3, 5, None, {"c": "xAna"}]}, "t": True}
    assert params["a"]["b"][0] == "${{ event.payload.n }}", "what was given is left alone"  # type: ignore[index]


def test_every_value_that_cannot_be_computed_is_named() -> None:
    with pytest.raises(InvalidExpression) as caught:
        resolve(
            {
                "a": ["${{ event.nope }}"],
                "b": {"c": "x ${{ event.payload.none }}"},
                "d": "${{ 1 + }}",
                "ok": "x",
            },
            VALUES,
        )
    assert [problem.path for problem in caught.value.problems] == ["params.a[0]", "params.b.c", "params.d"]


@pytest.mark.parametrize("text", ["${{", "${{ event", "${{ { }}", "line\n  ${{ x"])
def test_an_expression_that_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression, match="not closed"):
        split(text)
    assert has_expression(text)


def test_the_place_of_an_unclosed_expression_is_named() -> None:
    with pytest.raises(InvalidExpression) as caught:
        split("line\n  ${{ x")
    assert caught.value.problems[0].path == "2:3"


@pytest.mark.parametrize("text", ["${{ 1.0 / 0.0 }}", "${{ {1: 2} }}", "${{ type(1) }}", "x${{ [type(1)] }}"])
def test_what_json_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(InvalidExpression):
        resolve_text(text, VALUES)


def test_expressions_are_listed_with_their_paths() -> None:
    params = {"a": ["${{ x }} and ${{ y }}"], "b": {"c": "$${{ no }}"}, "d": 1}
    assert list(expressions(params)) == [("params.a[0]", "x"), ("params.a[0]", "y")]


@given(JSON)
def test_a_value_that_is_one_expression_keeps_its_type(value: Any) -> None:
    assert resolve_text("${{ event.value }}", {"event": {"value": value}}) == value


def test_a_field_whose_name_holds_nul_is_refused() -> None:
    """CEL's runtime would cut the name there, and two fields could become one."""
    with pytest.raises(InvalidExpression, match="NUL"):
        resolve_text("${{ event.value }}", {"event": {"value": {"a\0b": 1}}})


@pytest.mark.parametrize("value", ["a\0b", "\0", ["a\0"], {"deep": [{"k": "a\0b"}]}])
def test_a_text_that_holds_nul_is_refused(value: Any) -> None:
    """CEL's runtime would cut it there, and `"a\\0b" == "a"` would be true."""
    with pytest.raises(InvalidExpression, match="a text holds the character NUL"):
        resolve_text("${{ event.value == 'a' }}", {"event": {"value": value}})


def test_nul_in_what_an_expression_says_itself_is_kept() -> None:
    assert resolve_text(r"${{ 'a\x00b' + 'c' }}", {}) == "a\0bc"


@given(st.text(alphabet="${} ax'\"\\\n", max_size=40))
def test_an_escaped_text_comes_out_as_it_was(text: str) -> None:
    assert resolve_text(text.replace("${{", "$${{"), {}) == text


@given(st.text(alphabet="${} 1+'\"\\\nr", max_size=40))
def test_splitting_loses_nothing(text: str) -> None:
    try:
        parts = split(text)
    except InvalidExpression:
        return
    codes = [part for part in parts if isinstance(part, Code)]
    assert has_expression(text) is bool(codes)
    assert all(text.startswith("${{", code.offset) and code.source in text for code in codes)


@pytest.mark.parametrize("number", [12345678901234567890, 2**63, -(2**63) - 1, 10**400])
def test_a_whole_number_beyond_64_bits_is_text_digit_by_digit(number: int) -> None:
    """CEL has no such numbers, and a rounded one names another account."""
    values = {"event": {"payload": {"iban_number": number}}}
    assert resolve_text("${{ event.payload.iban_number }}", values) == str(number)
    assert resolve_text("/accounts/${{ event.payload.iban_number }}", values) == f"/accounts/{number}"
    assert resolve_text("${{ event.payload }}", values) == {"iban_number": str(number)}
    with pytest.raises(InvalidExpression):
        resolve_text("${{ event.payload.iban_number + 1 }}", values)


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1, -(2**63)])
def test_a_whole_number_of_64_bits_stays_exact(number: int) -> None:
    values = {"event": {"payload": {"n": number}}}
    assert resolve_text("${{ event.payload.n }}", values) == number
    assert resolve_text("n ${{ event.payload.n }}", values) == f"n {number}"
