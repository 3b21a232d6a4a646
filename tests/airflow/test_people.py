"""Questions to people through a real Airflow, whose own users answer at its API."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowConflict, AirflowForbids
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import HumanRequest, NodeRun, Organization, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown
from officeflow.ids import new_id, workflow_run_id
from officeflow.people import requests
from officeflow.tenants import employees, users
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.dag_factory.conftest import Published, definition

pytestmark = pytest.mark.integration

ORG = "people"
NAMES = ("al", "bo", "cy", "ana")
LETTER = {"properties": {"desk": {"type": "integer", "minimum": 1}}, "required": ["desk"]}
EVERYBODY = [{"user": f"{name}@{ORG}.example"} for name in NAMES]


class People:
    """Users of Airflow who are users of the organization `people`; `ana` is whom its runs are about."""

    def __init__(self, airflow: EmbeddedAirflow) -> None:
        self.airflow = airflow
        self.database = Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
        self.org = Organization(org_id=new_id(), slug=ORG, name=ORG, domain=f"{ORG}.example", plan="standard")
        self.apis: dict[str, AirflowApi] = {}
        with self.database.service() as session:
            session.add(self.org)
        with self.database.tenant(self.org.org_id) as session:
            for name in NAMES:
                email = f"{name}@{ORG}.example"
                users.create(
                    session, self.org.org_id, email=email, name=name, role="operator", airflow_login=name
                )
        for name in NAMES:
            self.apis[name] = self._account(name)

    def _account(self, name: str) -> AirflowApi:
        password = secrets.token_urlsafe(12)
        body = {
            "username": name,
            "first_name": name,
            "last_name": name,
            "email": f"{name}@{ORG}.example",
            "password": password,
            "roles": [{"name": "Op"}],
        }
        self.airflow.admin._call("POST", "/auth/fab/v1/users", json=body)
        return AirflowApi(self.airflow.setup.url, name, password)

    def start(self, slug: str, node_type: str, **params: Any) -> str:
        node = {"id": "ask", "type": node_type, "params": {"subject": "Well?", **params}}
        drawn = definition(slug, nodes=[{**node, "retryPolicy": {"maxRetries": 0}}], edges=[])
        Published(self.database, self.org).publish(slug, drawn)
        dag_id, run = f"{ORG}__{slug}", f"test__{secrets.token_hex(4)}"
        eventually(lambda: self._is_there(dag_id))
        event = {
            "id": "e-1",
            "source": "hr",
            "kind": "employee.onboard",
            "org": ORG,
            "employee": "E-1",
            "time": "2026-01-05T08:00:00Z",
            "payload": {},
        }
        with self.database.tenant(self.org.org_id) as session:
            employees.apply_event(
                session,
                self.org.org_id,
                kind="employee.onboard",
                external_id="E-1",
                event_id="e-1",
                event_time=SystemClock().now(),
                payload={"work_email": f"ana@{ORG}.example"},
                sensitive={},
            )
        assert self.airflow.api.trigger(dag_id, run, {"event": event, "correlation_id": run})
        return run

    def _is_there(self, dag_id: str) -> bool:
        try:
            return bool(self.airflow.api.dag(dag_id))
        except NotKnown:
            return False

    def answer(self, slug: str, run: str, name: str, option: str, **values: Any) -> None:
        """At Airflow's API, once the task has parked and left its worker; gives the answer some time to be
        taken.
        """
        dag_id = f"{ORG}__{slug}"
        self.airflow.await_parked(dag_id, run, "ask")
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run}/taskInstances/ask/-1/hitlDetails"
        body = {"chosen_options": [option], "params_input": values}
        self.apis[name]._call("PATCH", path, json=body)

    def request(self, slug: str, run: str) -> HumanRequest:
        with self.database.tenant(self.org.org_id) as session:
            found = requests.newest_at(session, workflow_run_id(f"{ORG}__{slug}", run), "ask")
            assert found is not None
            return found

    def output(self, slug: str, run: str) -> dict[str, Any]:
        with self.database.tenant(self.org.org_id) as session:
            which = NodeRun.run_id == workflow_run_id(f"{ORG}__{slug}", run)
            return session.scalars(select(NodeRun).where(which)).one().output or {}


@pytest.fixture(scope="module")
def people(airflow: EmbeddedAirflow) -> Iterator[People]:
    made = People(airflow)
    yield made
    for api in made.apis.values():
        api.close()
    made.database.dispose()


def test_two_of_three_approve_and_who_may_not_is_asked_nothing_more(people: People) -> None:
    """The first yes leaves it waiting, the person concerned does not count, nor does the first one again."""
    slug = "two"
    run = people.start(slug, "human.approval", asked=EVERYBODY, rule="n", needed=2)
    people.answer(slug, run, "al", "Approve")
    with pytest.raises(AirflowForbids):
        people.answer(slug, run, "ana", "Approve")
    with pytest.raises(AirflowConflict, match="already answered by al at"):
        people.answer(slug, run, "al", "Approve")
    people.answer(slug, run, "cy", "Approve")
    assert people.airflow.await_run(run, dag_id=f"{ORG}__{slug}") == "success"
    output = people.output(slug, run)
    assert (output["approved"], output["by"]) == (True, "al, cy")


def test_a_form_with_wrong_values_is_asked_again(people: People) -> None:
    slug = "form"
    run = people.start(slug, "human.form", asked=EVERYBODY, form=LETTER)
    with pytest.raises(InvalidInput, match="what was filled in does not fit the form"):
        people.answer(slug, run, "bo", "Submit", desk=0)
    people.answer(slug, run, "bo", "Submit", desk=7)
    assert people.airflow.await_run(run, dag_id=f"{ORG}__{slug}") == "success"
    assert people.output(slug, run)["answers"] == {"desk": 7}


def test_a_deadline_with_a_default_ends_it(people: People) -> None:
    slug = "late"
    run = people.start(
        slug, "human.approval", asked=EVERYBODY, timeout="PT5S", default="reject", on_reject="go_on"
    )
    assert people.airflow.await_run(run, dag_id=f"{ORG}__{slug}") == "success"
    assert people.request(slug, run).state == "EXPIRED"
    assert people.output(slug, run)["approved"] is False


def test_who_starts_a_run_by_hand_is_known_and_may_not_answer(people: People) -> None:
    slug = "own"
    run = people.start(slug, "human.approval")
    dag_id, mine = f"{ORG}__{slug}", f"test__{secrets.token_hex(4)}"
    people.answer(slug, run, "bo", "Approve")
    assert people.airflow.await_run(run, dag_id=dag_id) == "success"
    conf = people.airflow.api.dag_run(dag_id, run)["conf"] or {}
    event = {**conf["event"], "id": mine}
    people.apis["bo"].trigger(dag_id, mine, {"event": event, "correlation_id": mine})
    with pytest.raises(AirflowForbids):
        people.answer(slug, mine, "bo", "Approve")
    with people.database.service() as session:
        row = session.get_one(WorkflowRun, workflow_run_id(dag_id, mine))
        assert row.started_by == "bo"
    people.answer(slug, mine, "cy", "Approve")
    assert people.airflow.await_run(mine, dag_id=dag_id) == "success"
