"""From a delivery to events: presets, rules, dates, and what of a body nobody used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from officeflow.errors import InvalidExpression, InvalidInput
from officeflow.events.webhooks import formats
from officeflow.events.webhooks.definition import parse, to_json
from officeflow.events.webhooks.identity import digest
from officeflow.events.webhooks.mapping import Delivery, EventMapping, Outcome
from officeflow.events.webhooks.preview import preview
from officeflow.expressions import lookups
from officeflow.expressions.cel import compile_all
from officeflow.gateway.presets import all_presets, preset

OWN = {
    "format": "json",
    "authentication": {"scheme": "bearer"},
    "kinds": [
        {"when": 'body.what == "hired"', "kind": "employee.onboard"},
        {"when": "has(body.end)", "kind": "employee.exit"},
    ],
    "employee": "body.person.id",
    "payload": {
        "given_name": "body.person.first",
        "family_name": "body.?last.orValue(null)",
        "start_date": {"value": "body.start", "date": "%d.%m.%Y"},
    },
}


def came(document: dict[str, Any], body: Any, headers: dict[str, str] | None = None) -> Outcome:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    definition = parse(document)
    read = formats.read(definition, headers or {}, raw)
    return EventMapping(definition).apply(Delivery(read, headers or {}, digest(raw)))


@pytest.mark.parametrize("name", all_presets())
def test_every_preset_makes_an_event_of_its_example(name: str) -> None:
    known = preset(name)
    headers = {"content-type": known.example_type, "webhook-id": "msg_1"}
    told = preview(known.definition, name, headers, known.example.encode())
    assert told["problems"] == []
    assert len(told["events"]) == (2 if name == "csv" else 1)
    for event in told["events"]:
        assert event["kind"].startswith("employee.")
        assert event["employee"]
    assert parse(to_json(known.definition)) == known.definition


@pytest.mark.parametrize(
    ("name", "kind", "payload"),
    [
        ("bamboohr", "employee.exit", {"changed_fields": ["terminationDate"]}),
        (
            "bamboohr-fields",
            "employee.exit",
            {"given_name": "Ada", "family_name": "Reyes", "start_date": None, "end_date": "2026-03-31"},
        ),
        ("hibob", "employee.exit", {}),
        (
            "workday",
            "employee.exit",
            {"given_name": "Logan", "family_name": "McNeil", "end_date": "2026-03-31"},
        ),
    ],
)
def test_a_vendors_example_means_what_it_says(name: str, kind: str, payload: dict[str, Any]) -> None:
    """A changed date of leaving is an exit; `0000-00-00` is no date."""
    known = preset(name)
    told = preview(known.definition, name, {"content-type": known.example_type}, known.example.encode())
    (event,) = told["events"]
    assert (event["kind"], event["payload"]) == (kind, payload)


def test_an_event_that_is_an_object_of_workdays_is_read_by_its_name() -> None:
    entry = (
        '<wd:Event wd:Descriptor="Hire"><wd:ID wd:type="WID">a1</wd:ID></wd:Event>'
        "<wd:Employee_ID>21001</wd:Employee_ID>"
    )
    body = (
        '<wd:Report_Data xmlns:wd="urn:com.workday.report/R">'
        f"<wd:Report_Entry>{entry}</wd:Report_Entry></wd:Report_Data>"
    )
    (event,) = came(dict(preset("workday").document), body.encode()).events
    assert (event.kind, event.employee) == ("employee.onboard", "21001")


def test_what_a_rule_says_does_not_concern_us_is_ignored_and_what_none_knows_is_a_failure() -> None:
    hibob = dict(preset("hibob").document)
    assert came(hibob, {"type": "task.updated", "data": {}}).ignored == 1
    (failure,) = came(OWN, {"what": "?", "person": {"id": 1}}).failures
    assert failure.problems[0].path == "kinds"


def test_a_field_that_is_not_there_is_left_out_and_one_in_the_wrong_form_is_told() -> None:
    (event,) = came(OWN, {"what": "hired", "person": {"id": 7}}).events
    assert (event.employee, event.payload) == ("7", {"family_name": None})
    (failure,) = came(OWN, {"what": "hired", "person": {"id": 7}, "start": "2026-01-31"}).failures
    assert [(p.path, p.reason) for p in failure.problems] == [
        ("payload.start_date", "it is not of the form %d.%m.%Y")
    ]


def test_nobody_is_no_person() -> None:
    nobodies: tuple[Any, ...] = ("", " ", None, True, {})
    for nobody in nobodies:
        (failure,) = came(OWN, {"what": "hired", "person": {"id": nobody}}).failures
        assert failure.problems[0].path == "employee"


def test_a_payload_that_no_event_may_have_is_told_before_it_is_sent() -> None:
    (failure,) = came(OWN, {"what": "hired", "person": {"id": 7, "first": 5}}).failures
    assert failure.problems[0].path == "payload.given_name"


def test_the_second_delivery_is_the_same_event_and_another_body_another_one() -> None:
    first, again = came(OWN, {"end": 1, "person": {"id": 7}}), came(OWN, {"end": 1, "person": {"id": 7}})
    other = came(OWN, {"end": 2, "person": {"id": 7}})
    assert first.events[0].id == again.events[0].id != other.events[0].id
    named = {**OWN, "id": ["body.n", "body.m"]}
    assert came(named, {"end": 1, "n": "a b", "m": 3, "person": {"id": 7}}).events[0].id == "a b/3"
    assert len(came(named, {"end": 1, "n": "a" * 900, "m": 3, "person": {"id": 7}}).events[0].id) == 64


def test_of_a_batch_each_item_stands_for_itself() -> None:
    document = {
        "format": "csv",
        "authentication": {"scheme": "bearer"},
        "each": "body.rows",
        "kind": "item.type",
        "employee": "item.employee",
    }
    rows = b"type,employee\nemployee.exit,E1\nnonsense,E2\nemployee.exit,E3\n"
    outcome = came(document, rows)
    assert [event.employee for event in outcome.events] == ["E1", "E3"]
    assert [failure.index for failure in outcome.failures] == [1]
    same = came(document, b"type,employee\nemployee.exit,E3\n").events[0]
    assert same.id == outcome.events[1].id, "also where the batch is another one"


def test_an_expression_that_is_none_is_told_with_its_place() -> None:
    with pytest.raises(InvalidExpression) as told:
        EventMapping(parse({**OWN, "employee": "body.", "payload": {"title": "nobody.x"}}))
    assert {problem.path for problem in told.value.problems} == {"employee", "payload.title"}
    with pytest.raises(InvalidInput) as wrong:
        parse({**OWN, "kinds": [{"when": "true", "kind": "employee.fired"}], "networks": ["10.0.0/33"]})
    assert {problem.path for problem in wrong.value.problems} == {"kinds.0.kind", "networks.0"}


def test_the_preview_names_every_field_that_nothing_reads() -> None:
    body = {"what": "hired", "person": {"id": 7, "first": "Ada", "pets": [{"cat": 1}, {"cat": 2}]}, "x": {}}
    told = preview(parse(OWN), "hr", {}, json.dumps(body).encode())
    assert told["unused"] == ["body.person.pets[].cat", "body.x"]


VALUES = {
    "body": {"a": {"b": "x"}, "l": ["x", {"c": None}], "n": 5, "t": True},
    "headers": {},
    "item": "x",
    "item_index": 0,
}
LOOKUPS = (
    "body",
    "body.a.b",
    'body["a"]["b"]',
    "body.l[1].c",
    "body.l[0]",
    "item",
    "body.n",
    'body.a.b == "x"',
    'body.a.b != "x"',
    'body.n == "5"',
    'body.t != "true"',
    '"a" in body',
    '"x" in body.l',
    'body.a.b in ["y", "x"]',
    'body.n in ["5"]',
    '!(body.a.b == "x")',
    'body.no == "x" || body.a.b == "x"',
    'body.a.b == "x" || body.no == "x"',
    'body.no == "x" && body.a.b == "y"',
    'item == "x" && "x" in body.l',
)
MISSING = (
    "body.no",
    "body.a.b.c",
    "body.l[2]",
    "body.l[-1]",
    'body["l"]["x"]',
    'body.no == "x"',
    '"a" in body.n',
    'body.no == "x" || body.a.b == "y"',
    'body.no == "x" && body.a.b == "x"',
)


def test_what_is_looked_up_here_is_what_an_evaluator_gives() -> None:
    for expression in compile_all(LOOKUPS):
        assert not isinstance(expression, InvalidExpression)
        assert expression.lookup is not None, expression.source
        assert lookups.reader(expression.lookup)(VALUES) == expression.evaluate(VALUES), expression.source
    for expression in compile_all(MISSING):
        assert not isinstance(expression, InvalidExpression)
        assert expression.lookup is not None, expression.source
        with pytest.raises(lookups.NotThere):
            lookups.reader(expression.lookup)(VALUES)
        with pytest.raises(InvalidExpression):
            expression.evaluate(VALUES)


@pytest.mark.parametrize(
    "source", ["has(body.a)", "size(body.l) > 1", "body.?a.orValue(1)", 'body.n + "1" == "x"']
)
def test_whatever_does_more_is_an_evaluators(source: str) -> None:
    (expression,) = compile_all([source])
    assert not isinstance(expression, InvalidExpression)
    assert expression.lookup is None
