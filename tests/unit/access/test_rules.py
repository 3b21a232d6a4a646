"""Access rules: what is wrong with them, and what follows from them for a person."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from officeflow.access import checking
from officeflow.access.entitled import due, has_left
from officeflow.access.rules import EntitlementKind, from_text, json_schema, parse, schema_text, to_json
from officeflow.errors import InvalidInput

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "access-rules.schema.json"
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "access" / "rules.json"
TODAY = dt.date(2026, 11, 27)
CONNECTIONS = {"directory": "scim", "mail": "smtp"}


def rule(name: str = "staff", **fields: Any) -> dict[str, Any]:
    return {"name": name, "connections": {"directory": {"groups": ["Staff"]}}, **fields}


def told(*rules: dict[str, Any], record: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    found = due(parse({"rules": list(rules)}), {"status": "active", **record}, TODAY)
    return {each.label: each.rules for each in found}


def problems(document: Any, connections: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        checking.checked(document, connections)
    return {each.path: each.reason for each in refused.value.problems}


def test_the_schema_in_the_documents_is_the_code_s() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text()


def test_the_example_fits_the_schema_and_is_kept_as_it_is_written() -> None:
    written = from_text(EXAMPLE.read_bytes())
    jsonschema.validate(written, json_schema())
    assert to_json(checking.checked(written, None)) == written


def test_every_mistake_is_told_with_its_path() -> None:
    found = problems(
        {
            "rules": [
                {"name": "a", "connections": {"directory": {"group": ["Staff"]}}},
                {"connections": {"directory": {"groups": [{"name": " x", "sensitive": "yes"}]}}},
                {"name": "c", "match": {"department": []}, "connections": {}},
            ],
            "more": 1,
        }
    )
    assert set(found) == {
        "more",
        "rules[0].connections.directory.group",
        "rules[1].name",
        "rules[1].connections.directory.groups[0].name",
        "rules[1].connections.directory.groups[0].sensitive",
        "rules[2].match.department",
        "rules[2].connections",
    }


def test_conditions_fields_and_connections_are_checked_together() -> None:
    found = problems(
        {
            "rules": [
                rule("a", when="employee.departmnt == 'Sales'"),
                rule("b", when="1 + 1"),
                rule("c", match={"departement": "Sales"}),
                {"name": "d", "connections": {"directry": {"groups": ["X"]}, "mail": {"groups": ["X"]}}},
                {"name": "e", "connections": {"directory": {"licences": ["E3"]}}},
            ]
        },
        CONNECTIONS,
    )
    assert set(found) == {
        "rules[0].when",
        "rules[1].when",
        "rules[2].match.departement",
        "rules[3].connections.directry",
        "rules[3].connections.mail",
        "rules[4].connections.directory.licences",
    }
    assert found["rules[4].connections.directory.licences"].endswith("cannot keep licences")


@pytest.mark.parametrize("text", [b"{", b'{"rules": [], "rules": []}', b"\xff"])
def test_what_is_no_json_is_told_so(text: bytes) -> None:
    with pytest.raises(InvalidInput, match="access rules cannot be read"):
        from_text(text)


def test_two_rules_of_one_name_are_refused_whatever_their_case() -> None:
    found = problems({"rules": [rule("Staff"), rule("staff")]})
    assert found == {"rules[1].name": "rules[0] is called 'staff' already"}


def test_a_rule_is_about_whom_its_fields_and_its_condition_say() -> None:
    rules = [
        rule("all"),
        {
            "name": "sales",
            "match": {"department": ["Sales", "Partners"], "location": "Madrid"},
            "connections": {"directory": {"groups": ["Sales"]}},
        },
        {
            "name": "leads",
            "match": {"department": "Sales"},
            "when": "employee.title.startsWith('Lead')",
            "connections": {"directory": {"groups": ["Leads", "Sales"]}},
        },
    ]
    assert told(*rules, record={"department": "Sales", "location": "Madrid", "title": "Lead of sales"}) == {
        "Leads": ("leads",),
        "Sales": ("sales", "leads"),
        "Staff": ("all",),
    }
    assert told(*rules, record={"department": "Engineering", "location": "Madrid"}) == {"Staff": ("all",)}
    assert told(*rules, record={"department": None}) == {"Staff": ("all",)}


def test_what_one_rule_holds_sensitive_is_so() -> None:
    payroll = {"name": "b", "connections": {"directory": {"groups": [{"name": "staff", "sensitive": True}]}}}
    (found,) = due(parse({"rules": [rule("a"), payroll]}), {"status": "active"}, TODAY)
    assert (found.name, found.sensitive, found.rules) == ("Staff", True, ("a", "b"))


def test_a_condition_that_cannot_be_told_names_its_rule() -> None:
    with pytest.raises(InvalidInput, match="'odd' cannot be told"):
        told(rule("odd", when="employee.badge > 3"), record={})


def test_an_application_s_role_stands_behind_it() -> None:
    given = {"applications": [{"name": "crm", "role": "editor"}, "wiki"]}
    (crm, wiki) = due(
        parse({"rules": [{"name": "a", "connections": {"directory": given}}]}), {"status": "active"}, TODAY
    )
    assert (crm.kind, crm.label, crm.role, wiki.label) == (
        EntitlementKind.APPLICATIONS,
        "crm/editor",
        "editor",
        "wiki",
    )


@pytest.mark.parametrize(
    ("record", "left"),
    [
        ({"status": "exited", "end_date": "2026-11-26"}, True),
        ({"status": "exited", "end_date": "2026-11-27"}, False),
        ({"status": "exited", "end_date": None}, True),
        ({"status": "active", "end_date": "2020-01-01"}, False),
    ],
)
def test_who_has_left_should_have_nothing_and_keeps_all_until_the_last_day(
    record: dict[str, Any], left: bool
) -> None:
    assert has_left(record, TODAY) is left
    assert due(parse({"rules": [rule()]}), record, TODAY) == [] or not left


def test_rules_come_back_as_they_were_written() -> None:
    written = {"rules": [rule("a", match={"department": ["Sales"]}, when="true")]}
    assert json.loads(json.dumps(to_json(parse(written)))) == written
