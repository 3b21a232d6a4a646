"""Every door for answers with a real Airflow: its API, the mailed link's page, the command; and what Airflow
is told.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from listeners.steward.answers import Answers
from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowForbids
from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.tables import Organization, WorkflowRun
from officeflow.ids import new_id
from officeflow.people import answers
from officeflow.statuses import RequestState
from tests.airflow.embedded import EmbeddedAirflow, eventually
from tests.answering.asked import Asked
from tests.command import Command, Outcome

pytestmark = pytest.mark.integration

DAG = "acme__asks"
CLOCK = SystemClock()


@pytest.fixture(scope="session")
def their_database(airflow: EmbeddedAirflow) -> Iterator[Database]:
    """The one that Airflow's processes use, with the organization `acme`."""
    with Database(airflow.setup.environment["OFFICEFLOW_DATABASE_URL"]) as database:
        yield database


@pytest.fixture(scope="session")
def acme(their_database: Database) -> Organization:
    made = Organization(
        org_id=new_id(), slug="acme", name="Acme", domain="acme-asks.example", plan="standard"
    )
    with their_database.service() as session:
        found = session.query(Organization).filter_by(slug="acme").one_or_none()
        if found is None:
            session.add(made)
    return found or made


@pytest.fixture
def asked(
    airflow: EmbeddedAirflow,
    their_database: Database,
    acme: Organization,
    officeflow: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> Asked:
    """A run whose task waits for an answer, in Airflow; what it asks is the test's to write down."""
    monkeypatch.setenv("OFFICEFLOW_AIRFLOW_URL", airflow.setup.url)
    monkeypatch.setenv("OFFICEFLOW_DATABASE_URL", airflow.setup.environment["OFFICEFLOW_DATABASE_URL"])
    made = Asked(their_database, acme, DAG)

    def started() -> bool:
        try:
            airflow.api.set_paused(DAG, False)
            airflow.api.trigger(DAG, made.run_name, {})
        except Exception:  # noqa: BLE001 - the DAG is parsed some time after the start
            return False
        return True

    eventually(started)
    eventually(lambda: state(airflow, made) == "awaiting_input")
    return made


def state(airflow: EmbeddedAirflow, asked: Asked, task: str = "decide") -> str | None:
    tasks = airflow.api.task_instances(DAG, asked.run_name)
    return next((each["state"] for each in tasks if each["task_id"] == task), None)


def answer(airflow: EmbeddedAirflow, asked: Asked, choice: str, **given: Any) -> httpx.Response:
    """As Airflow's page sends it, signed in as the administrator."""
    token = airflow.admin._sign_in(stale="")
    return httpx.patch(
        f"{airflow.setup.url}/api/v2/dags/{DAG}/dagRuns/{asked.run_name}/taskInstances/decide/-1/hitlDetails",
        json={"chosen_options": [choice], "params_input": given},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=60,
    )


def as_admin(officeflow: Command, airflow: EmbeddedAirflow, *arguments: str, password: str = "") -> Outcome:
    stdin = (password or airflow.setup.admin_password) + "\n"
    return officeflow("approval", *arguments, "--login", "admin", "--password-stdin", stdin=stdin)


def tell(airflow: EmbeddedAirflow, asked: Asked) -> int:
    return Answers(asked.database, airflow.api, CLOCK).tell()


def goes_on(airflow: EmbeddedAirflow, asked: Asked) -> None:
    assert airflow.await_run(asked.run_name, dag_id=DAG) == "success"


def test_airflows_api_takes_answers_of_those_who_are_asked_alone(
    airflow: EmbeddedAirflow, asked: Asked
) -> None:
    request_id = asked.ask("bea")
    asked.user("admin")
    refused = answer(airflow, asked, "Approve")
    assert refused.status_code == 403, refused.text
    assert "admin@acme.example is not asked" in refused.json()["detail"]
    assert state(airflow, asked) == "awaiting_input"
    with asked.database.tenant(asked.org.org_id) as session:
        session.get_one(WorkflowRun, asked.run_id).started_by = "admin"
    assert "you have started this run" in answer(airflow, asked, "Approve").json()["detail"]
    assert asked.is_open(request_id)
    decide(asked, request_id)
    assert tell(airflow, asked) == 1
    goes_on(airflow, asked)


def test_airflows_api_wants_a_reason_and_takes_it(airflow: EmbeddedAirflow, asked: Asked) -> None:
    asked.ask("admin")
    assert answer(airflow, asked, "Reject").status_code == 422
    taken = answer(airflow, asked, "Reject", reason="no budget")
    assert taken.status_code == 200, taken.text
    goes_on(airflow, asked)


def test_whoever_is_not_signed_in_is_refused_by_airflow_itself(
    airflow: EmbeddedAirflow, asked: Asked
) -> None:
    asked.ask("bea")
    path = (
        f"{airflow.setup.url}/api/v2/dags/{DAG}/dagRuns/{asked.run_name}/taskInstances/decide/-1/hitlDetails"
    )
    for headers in ({}, {"Authorization": "Bearer forged"}):
        got = httpx.patch(path, json={"chosen_options": ["Approve"]}, headers=headers, trust_env=False)
        assert got.status_code in {401, 403}
    assert state(airflow, asked) == "awaiting_input"


def test_the_mailed_page_is_served_without_signing_in_and_airflow_goes_on(
    airflow: EmbeddedAirflow, asked: Asked
) -> None:
    request_id = asked.ask("bea")
    token = asked.link(request_id)
    page = f"{airflow.setup.url}/answer/{token}"
    shown = httpx.get(page, trust_env=False, timeout=60)
    assert (shown.status_code, "May Ana have access" in shown.text) == (200, True)
    assert httpx.get(f"{airflow.setup.url}/answer/forged", trust_env=False).status_code == 403
    assert asked.is_open(request_id)
    pressed = httpx.post(page, data={"token": token, "choice": "Approve"}, trust_env=False, timeout=60)
    assert (pressed.status_code, "it is decided" in pressed.text.lower()) == (200, True)
    assert asked.request(request_id).state == RequestState.DECIDED
    assert tell(airflow, asked) == 1
    goes_on(airflow, asked)
    again = httpx.post(page, data={"token": token, "choice": "Approve"}, trust_env=False, timeout=60)
    assert (again.status_code, "lready answered by bea at" in again.text) == (409, True)


def test_the_command_answers_as_the_login_that_airflow_lets_in(
    officeflow: Command, airflow: EmbeddedAirflow, asked: Asked
) -> None:
    request_id = str(asked.ask("admin"))
    refused = as_admin(officeflow, airflow, "approve", request_id, password="wrong")
    assert (refused.status, "401" in refused.err) == (1, True), refused.err
    assert asked.is_open(uuid.UUID(request_id))
    (mine,) = [
        each for each in as_admin(officeflow, airflow, "list", "--json").json
        if each["run"].endswith(asked.run_name)
    ]  # fmt: skip
    assert mine["waits_for"] == "admin@acme.example"
    shown = as_admin(officeflow, airflow, "show", request_id)
    assert "admin@acme.example  open, asked by name" in shown.out
    assert as_admin(officeflow, airflow, "reject", request_id).status == 2, "a reason is needed"
    done = as_admin(officeflow, airflow, "reject", request_id, "--why", "no budget")
    assert (done.status, done.out) == (0, "Reject, by admin: it is decided, and the run goes on\n")
    again = as_admin(officeflow, airflow, "approve", request_id)
    assert (again.status, "already answered by admin at 20" in again.err) == (1, True)
    assert tell(airflow, asked) == 1
    goes_on(airflow, asked)
    assert ("airflow:admin", "request.answered") in asked.audited()


def test_a_lost_word_to_airflow_is_made_up_for(airflow: EmbeddedAirflow, asked: Asked) -> None:
    """The steward was killed before it noted that Airflow knows."""
    request_id = asked.ask("bea")
    decide(asked, request_id)
    assert airflow.api.respond(DAG, asked.run_name, "decide", "Approve")
    assert not airflow.api.respond(DAG, asked.run_name, "decide", "Approve")
    assert tell(airflow, asked) == 1
    assert asked.request(request_id).told_airflow_at is not None
    goes_on(airflow, asked)


def test_a_wrong_password_is_nobodys_login(airflow: EmbeddedAirflow) -> None:
    with (
        AirflowApi(airflow.setup.url, f"nobody-{secrets.token_hex(4)}", "wrong") as api,
        pytest.raises(AirflowForbids),
    ):
        api.signed_in_as()


def decide(asked: Asked, request_id: uuid.UUID) -> None:
    with asked.database.tenant(asked.org.org_id) as session:
        answers.answer(session, request_id, choice="Approve", door="link", now=CLOCK.now(), login="bea")
