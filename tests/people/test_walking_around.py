"""Ways around the rule that nobody decides about themselves: by another name, by others, by Airflow."""

from __future__ import annotations

import datetime as dt

import pytest

from officeflow.database.tables import InboxEvent, WorkflowRun
from officeflow.errors import ConcernedPerson, NotAsked, StarterMayNot
from officeflow.ids import new_id
from officeflow.tenants import users
from tests.people.conftest import RUN_ID, Team

pytestmark = pytest.mark.integration

AL = {"user": "al@acme.example"}


def user(team: Team, email: str, login: str) -> None:
    with team() as session:
        users.create(
            session, team.org.org_id, email=email, name="Ana", role="admin", airflow_login=login or None
        )


def event(team: Team, employee: str, **payload: str) -> None:
    """One that came at some time before."""
    with team() as session:
        session.add(
            InboxEvent(
                inbox_id=new_id(),
                org_id=team.org.org_id,
                source="hr",
                event_id=f"e-0-{employee}",
                kind="employee.onboard",
                employee_key=employee,
                event_time=team.now - dt.timedelta(days=900),
                correlation_id="c-0",
                content_hash="0" * 64,
                payload=payload,
                status="DISPATCHED",
            )
        )


@pytest.mark.parametrize(
    ("email", "login"),
    [
        ("ana+hr@acme.example", "second"),
        ("Ana.Private@mail.example", "second"),
        ("ana.before@acme.example", "second"),
        ("other@acme.example", "e-1"),
        ("other@acme.example", "ANA@acme.example"),
    ],
)
def test_the_person_concerned_by_another_name(team: Team, email: str, login: str) -> None:
    """Another mailbox of theirs, one that they had before, the HR system's identifier, in any case."""
    event(team, "E-1", work_email="ana.before@acme.example")
    event(team, "E-9", work_email="al@acme.example")
    team.employ("E-1", personal_email="ana.private@mail.example")
    user(team, email, login)
    request = team.ask(AL, {"role": "admin"})
    assert "second" not in team.asked(request)
    assert login not in team.asked(request)
    with pytest.raises(ConcernedPerson, match="it is about you"):
        team.say(request, login)
    assert team.say(request, "al").decided, "an address that another person's event had bars nobody"


@pytest.mark.parametrize("started_by", ["SAM", "sam@acme.example", "Sam+x@acme.example"])
def test_who_has_started_the_run_by_another_spelling(team: Team, started_by: str) -> None:
    with team() as session:
        session.get_one(WorkflowRun, RUN_ID).started_by = started_by
    request = team.ask({"role": "operator"})
    assert "sam" not in team.asked(request)
    with pytest.raises(StarterMayNot):
        team.say(request, "sam")


def test_a_chain_of_stand_ins_that_leads_to_the_starter_ends_before(team: Team) -> None:
    team.delegate("al", "eve")
    team.delegate("eve", "sam")
    request = team.ask(AL)
    assert team.asked(request) == ["eve"]
    with pytest.raises(StarterMayNot):
        team.say(request, "sam")
    assert team.say(request, "eve").by == "eve for al"


def test_nobody_stands_in_for_the_person_concerned(team: Team) -> None:
    """Not even where it was not known yet, when it was asked, whom the run is about."""
    team.delegate("ana", "eve")
    everybody = team.ask({"group": "it"})
    assert team.asked(everybody) == ["al"]
    with pytest.raises(NotAsked):
        team.say(everybody, "eve")
    team.delegate("al", "dee")
    team.employ("E-1", work_email="al@acme.example")
    for login, error in (("al", ConcernedPerson), ("dee", NotAsked)):
        with pytest.raises(error):
            team.say(everybody, login)


def test_a_manager_who_is_the_person_is_not_asked(team: Team) -> None:
    team.employ("E-1", manager_external_id="E-1")
    request = team.ask({"manager": True, "or": [{"role": "admin"}]})
    assert team.asked(request) == ["dee"]
    assert team.request(request).unasked == [
        "manager of E-1: ana@acme.example is the person that it is about"
    ]


def test_a_run_that_another_one_called_has_the_callers_starter(team: Team) -> None:
    with team() as session:
        called = session.get_one(WorkflowRun, RUN_ID)
        caller = WorkflowRun(
            run_id=new_id(),
            org_id=team.org.org_id,
            dag_id="acme__caller",
            dag_run_id="r",
            trigger_event="employee.onboard",
            context={},
            correlation_id="c",
            status="RUNNING",
            started_by="bo",
        )
        session.add(caller)
        session.flush()
        called.parent_run_id = caller.run_id
    request = team.ask({"role": "operator"})
    assert team.asked(request) == ["al", "cy"]
    for starter in ("bo", "sam"):
        with pytest.raises(StarterMayNot):
            team.say(request, starter)
