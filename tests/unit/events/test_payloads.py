"""What of a payload is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from officeflow.events.lifecycle import KNOWN_NAMES, SENSITIVE_NAMES
from officeflow.events.names import sounds_private, words
from officeflow.events.payloads import PayloadRules, rules_of, split, with_null

PRIVATE = [
    *("homeEmail", "address1", "payRate", "sin", "nin", "bankAccountNumber", "annualSalary"),
    *(
        "SSNNumber",
        "tax-code",
        "EMERGENCY_PHONE",
        "nextOfKin",
        "bank",
        "wages",
        "healthInsurance",
        "birthPlace",
        "homeaddress2",
    ),
]


@pytest.mark.parametrize("name", PRIVATE)
def test_a_private_matter_is_known_by_the_words_of_its_name(name: str) -> None:
    assert sounds_private(name)


@pytest.mark.parametrize(
    "name",
    ["businessUnit", "team", "since", "buildingName", "costCentre", "shirtSize", "singleSignOn", "level"],
)
def test_a_word_inside_another_is_not_a_word(name: str) -> None:
    assert not sounds_private(name)


def test_words_are_seen_however_they_are_joined() -> None:
    assert words("bankAccountNumber2") == words("BANK_ACCOUNT-number") == ["bank", "account", "number"]
    assert words("SSNOfPerson") == ["ssn", "of", "person"]


@pytest.mark.parametrize("name", [*PRIVATE, "level", "anything", "x"])
def test_what_no_schema_names_is_hidden(name: str) -> None:
    assert split({name: "secret", "title": "Controller"}, PayloadRules()) == (
        {"title": "Controller"},
        {name: "secret"},
    )


@pytest.mark.parametrize(
    "value",
    [{"deep": [{"homeEmail": "x"}]}, [{"payRate": 1}], {"a": {"b": {"NIN": 1}}}, {"personal_email": "x"}],
)
def test_an_object_that_is_shown_goes_hidden_for_a_private_name_at_any_depth(value: Any) -> None:
    rules = rules_of({"shown_fields": ["contact"]})
    assert split({"contact": value}, rules) == ({}, {"contact": value})
    assert split({"contact": {"desk": [{"room": 3}]}}, rules)[0] == {"contact": {"desk": [{"room": 3}]}}


def test_an_organization_shows_a_field_however_it_is_spelled() -> None:
    assert split({"shirtSize": "M", "level": 3}, rules_of({"shown_fields": ["shirt_size"]})) == (
        {"shirtSize": "M"},
        {"level": 3},
    )


def test_no_list_shows_what_the_schemas_hide() -> None:
    assert (
        split({"salary": 1, "personalEmail": "x"}, rules_of({"shown_fields": ["salary", "personal_email"]}))[
            0
        ]
        == {}
    )


def test_what_the_schemas_show_is_shown_in_any_spelling_and_only_where_it_is_no_object() -> None:
    payload = {"workEmail": "a@b", "Department": "Sales", "groups": ["a"], "Location": {"home": "x"}}
    assert split(payload, PayloadRules()) == (
        {"workEmail": "a@b", "Department": "Sales", "groups": ["a"]},
        {"Location": {"home": "x"}},
    )
    for name in KNOWN_NAMES:
        assert (name in split({name: "x"}, PayloadRules())[0]) is (name not in SENSITIVE_NAMES)


@pytest.mark.parametrize(
    "settings", [{}, {"shown_fields": "level"}, {"shown_fields": [1, None]}, {"empty_text_is_null": "yes"}]
)
def test_settings_of_another_shape_show_nothing(settings: dict[str, Any]) -> None:
    assert rules_of(settings) == PayloadRules()


def test_empty_text_becomes_null_in_fields_and_nowhere_else() -> None:
    assert with_null({"a": "", "b": [{"c": ""}, ""], "d": " "}) == {
        "a": None,
        "b": [{"c": None}, ""],
        "d": " ",
    }


VALUES = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    payload=st.dictionaries(st.sampled_from([*sorted(KNOWN_NAMES), *PRIVATE, "level"]), VALUES),
    shown=st.lists(st.text()),
)
def test_nothing_is_lost_and_nothing_private_is_shown(payload: dict[str, Any], shown: list[str]) -> None:
    visible, hidden = split(payload, rules_of({"shown_fields": [*shown, "level"]}))
    assert visible | hidden == payload
    assert not set(visible) & set(hidden)
    assert not set(visible) & (SENSITIVE_NAMES | set(PRIVATE))
