"""What somebody gives who starts a run by hand becomes the event that the listener would have made of it."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import pytest

from officeflow.errors import InvalidInput
from officeflow.events.envelope import decode
from officeflow.events.given import Asked, conf_of, event_of, is_whole
from officeflow.events.lifecycle import payload_problems
from officeflow.events.message import Message
from officeflow.events.payloads import PayloadRules
from officeflow.events.schemas import EXAMPLES
from officeflow.events.topics import KINDS

NOW = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
ORG, RUN = uuid.UUID(int=1), uuid.UUID(int=2)
PAYLOAD = {"given_name": "Ana", "start_date": "2026-02-02"}
CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "7f0c1c9e-1",
    "source": "https://hr.example/acme",
    "type": "employee.onboard",
    "subject": "E1042",
    "time": "2026-01-05T09:00:00Z",
    "organizationid": "acme",
    "correlationid": "hire-1042",
    "datacontenttype": "application/json",
    "data": PAYLOAD,
}
BARE = {
    "type": "employee.onboard",
    "organizationId": "acme",
    "employeeId": "E1042",
    "payload": PAYLOAD,
    "timestamp": "2026-01-05T09:00:00Z",
}
WHOLE: dict[str, Any] = {
    "event": {
        "id": "e-1",
        "source": "hr",
        "kind": "employee.onboard",
        "org": "acme",
        "employee": "E1042",
        "time": "2026-01-05T08:00:00+00:00",
        "payload": PAYLOAD,
    },
    "correlation_id": "c-1",
}
UNTOUCHED: dict[str, Any] = {
    "kind": "employee.onboard",
    "employee": "",
    "payload": {},
    "time": None,
    "correlation_id": None,
}
"""The form's fields as Airflow sends them where nobody has touched them."""


def asked(*kinds: str, rules: PayloadRules | None = None) -> Asked:
    return Asked(
        org="acme",
        org_id=ORG,
        kinds=kinds or ("employee.onboard",),
        rules=rules or PayloadRules(),
        run_id=RUN,
        now=NOW,
        own_source="officeflow",
    )


def problems(conf: dict[str, Any], *kinds: str) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        event_of(conf, asked(*kinds))
    return list(map(str, caught.value.problems)) or [caught.value.message]


@pytest.mark.parametrize("given", [CLOUD_EVENT, BARE], ids=["CloudEvent", "bare"])
@pytest.mark.parametrize("beside", [{}, UNTOUCHED], ids=["alone", "beside the form"])
def test_a_whole_event_is_the_very_one_that_the_listener_makes_of_it(
    given: dict[str, Any], beside: dict[str, Any]
) -> None:
    message = Message(
        topic="employee.onboard.acme", partition=0, offset=0, value=json.dumps(given).encode(), timestamp=NOW
    )
    assert event_of({**beside, **given}, asked()) == decode(message, own_source="officeflow")


def test_a_conf_as_the_dispatcher_makes_it_stays_as_it_is() -> None:
    assert conf_of(event_of(WHOLE, asked()), "acme") == WHOLE
    assert is_whole(WHOLE, "acme")
    assert not is_whole(WHOLE, "globex")


def test_the_forms_fields_are_the_runs_own_event() -> None:
    given = {
        "kind": "employee.onboard",
        "employee": "E1042",
        "payload": PAYLOAD,
        "time": None,
        "correlation_id": "",
    }
    event = {
        "id": str(RUN),
        "source": "airflow",
        "kind": "employee.onboard",
        "org": "acme",
        "employee": "E1042",
    }
    whole = {"event": {**event, "time": NOW.isoformat(), "payload": PAYLOAD}, "correlation_id": str(RUN)}
    assert conf_of(event_of(given, asked()), "acme") == whole


def test_a_payload_may_have_fields_that_are_called_like_an_envelopes() -> None:
    rules = PayloadRules(shown=frozenset({"employeeid", "payload"}))
    event = event_of(
        {"employee": "E1042", "payload": {"employeeId": "x", "payload": "y"}}, asked(rules=rules)
    )
    assert (event.employee, event.payload) == ("E1042", {"employeeId": "x", "payload": "y"})


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        (
            {"employee": "E1", "payload": {"start_date": "2026-02-30"}},
            "payload.start_date: is a date that the calendar does not have",
        ),
        ({"employee": "E1", "payload": {"groups": "all"}}, "payload.groups: Input should be a valid list"),
        (
            {"employee": "E1", "time": "yesterday"},
            "time: is not of the form 2026-01-31T09:00:00Z, with zone: it looks like 'xxxxxxxxx'",
        ),
        ({"employee": 7}, "employee: is no text"),
        ({"employee": "E1", "kind": ["employee.onboard"]}, "kind: is no text"),
        ({"employee": "E1", "payload": "all"}, "payload: is no object"),
        ({"employee": "E1\n"}, "employee: holds the control character U+000A"),
        ({"employee": "E1", "employe": "E2"}, "employe: is no field of a run"),
        ({"payload": {}}, "employee: is missing"),
        (
            {"employee": "E1", "kind": "employee.exit"},
            "kind: the workflow starts on employee.onboard, not on employee.exit",
        ),
        (
            {**CLOUD_EVENT, "data": {"start_date": "02.02.2026"}},
            "payload.start_date: is not a date of the form 2026-01-31",
        ),
        (
            {**CLOUD_EVENT, "type": "employee.exit"},
            "type: the workflow starts on employee.onboard, not on employee.exit",
        ),
        (
            {**CLOUD_EVENT, "organizationid": "globex"},
            "organizationid: the workflow is one of acme, the event is not",
        ),
        ({**CLOUD_EVENT, "employee": "E2"}, "employee: is given beside a whole event that says it too"),
        ({**WHOLE, "kind": "employee.exit"}, "kind: is given beside a whole event that says it too"),
        (
            {"event": {**WHOLE["event"], "org": "globex"}},
            "event.org: the workflow is one of acme, the event is not",
        ),
        (
            {"event": {**WHOLE["event"], "payload": {"start_date": 7}}},
            "event.payload.start_date: Input should be a valid string",
        ),
        ({"event": {"kind": "employee.onboard"}}, "event.id: is missing"),
        ({"event": []}, "event: is no object"),
        ({**CLOUD_EVENT, "source": "officeflow"}, "its source is 'officeflow', our own"),
    ],
)
def test_what_is_wrong_is_said_with_its_field(conf: dict[str, Any], said: str) -> None:
    assert problems(conf)[0].startswith(said)


def test_where_there_are_several_kinds_one_must_be_chosen() -> None:
    assert problems({"employee": "E1", "kind": ""}, "employee.exit", "employee.onboard") == [
        "kind: is missing: choose employee.exit or employee.onboard"
    ]


@pytest.mark.parametrize(
    "around",
    [
        lambda private: {"employee": "E1", "payload": private},
        lambda private: {**CLOUD_EVENT, "data": private},
        lambda private: {**BARE, "payload": private},
        lambda private: {"event": {**WHOLE["event"], "payload": private}},
    ],
    ids=["form", "CloudEvent", "bare", "conf"],
)
def test_private_fields_are_refused_by_name_and_their_values_never_said(around: Any) -> None:
    said = problems(around({"birth_date": "1990-12-31", "shirtSize": "1990-12-31", "department": "Sales"}))
    assert ["birth_date: is private" in said[0], "shirtSize: is in no schema" in said[1], len(said)] == [
        True,
        True,
        2,
    ]
    assert "1990" not in "".join(said)


def test_a_field_that_the_organization_shows_is_taken() -> None:
    given = {"employee": "E1", "payload": {"shirtSize": "M"}}
    assert event_of(given, asked(rules=PayloadRules(shown=frozenset({"shirtsize"})))).payload == {
        "shirtSize": "M"
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_each_kind_is_one_that_is_taken(kind: str) -> None:
    assert not payload_problems(kind, EXAMPLES[kind])
    assert (
        event_of({"kind": kind, "employee": "E1", "payload": EXAMPLES[kind]}, asked(*KINDS)).payload
        == EXAMPLES[kind]
    )
