"""Drift over HTTP: begun, and fetched later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from officeflow.api.context import Context
from officeflow.database.engine import Database
from officeflow.database.tables import AuditRecord, Organization
from officeflow.errors import NotKnown, Unavailable
from officeflow.ids import COMPARISONS
from officeflow.rights.permissions import Role
from officeflow.runner.inquiring import store
from officeflow.runner.inquiring.store import Question
from officeflow.statuses import InquiryKind, InquiryState

pytestmark = pytest.mark.integration
AsRole = Callable[[Role], dict[str, str]]
PATH = "/organizations/acme/drift"
FOUND = {
    "connections": [
        {
            "connection": "directory",
            "looked": True,
            "why": "",
            "accounts": 2,
            "found": 1,
            "not_told": 0,
            "counts": {"nobody": 1},
            "differences": [
                {
                    "connection": "directory",
                    "account": "backup@acme.example",
                    "employee": "",
                    "drift": "nobody",
                    "told": "nobody employs its person",
                }
            ],
        }
    ],
    "found": 1,
    "complete": True,
}


class Airflow:
    """Has connections, and takes every run, which goes on."""

    def __init__(self) -> None:
        self.began: list[dict[str, Any]] = []
        self.ended: list[tuple[str, str]] = []
        self.is_paused, self.is_away, self.state = False, False, "running"

    def connections(self, prefix: str = "") -> list[dict[str, str]]:
        kinds = {"directory": "scim", "mail": "smtp", "people": "google"}
        return [{"connection_id": f"{prefix}{name}", "conn_type": kind} for name, kind in kinds.items()]

    def trigger(self, dag_id: str, dag_run_id: str, conf: dict[str, Any]) -> bool:
        self.began.append({"dag": dag_id, "run": dag_run_id, **conf})
        return True

    def dag(self, dag_id: str) -> dict[str, Any]:
        return {"dag_id": dag_id, "is_paused": self.is_paused}

    def dag_run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        if self.is_away:
            raise Unavailable("no answer from Airflow")
        return {"state": self.state, "dag_run_id": f"{dag_id}/{run_id}"}

    def change_run(self, dag_id: str, run_id: str, *, state: str, note: str) -> None:
        assert note.startswith("Withdrawn by ")
        self.ended.append((f"{dag_id}/{run_id}", state))


@pytest.fixture(autouse=True)
def asked(context: Context, monkeypatch: pytest.MonkeyPatch) -> Airflow:
    made = Airflow()

    @contextmanager
    def opened() -> Iterator[Airflow]:
        yield made

    monkeypatch.setattr(context, "airflow", opened)
    return made


def test_a_comparison_is_begun_and_fetched_when_it_has_ended(
    anybody: TestClient, as_role: AsRole, database: Database, org: Organization, asked: Airflow
) -> None:
    operator = as_role(Role.OPERATOR)
    begun = anybody.post(PATH, json={}, headers=operator)
    assert (begun.status_code, begun.json()["state"], begun.json()["found"]) == (202, "ASKED", None)
    where = begun.headers["location"].partition("/v1")[2]
    assert [each["inquiry"] for each in asked.began] == [begun.json()["id"]]
    taken = store.take(database, org.org_id, begun.json()["id"])
    assert taken.request == {"names": ["directory", "people"]}
    store.note_progress(database, taken, "directory: 500 accounts")
    running = anybody.get(where, headers=operator).json()
    assert (running["state"], running["progress"]) == ("TAKEN", "directory: 500 accounts")
    store.end(database, taken, FOUND)
    ended = anybody.get(where, headers=operator).json()
    assert (ended["state"], {name: ended[name] for name in FOUND}) == ("ANSWERED", FOUND)
    with database.service() as session:
        last = session.scalars(select(AuditRecord).order_by(AuditRecord.position.desc())).first()
        assert last is not None
        assert (last.action, last.details) == ("access.compared", {"connections": ["directory", "people"]})


def test_connections_are_checked_by_name_and_no_other_inquiry_is_shown(
    anybody: TestClient, as_role: AsRole, database: Database, org: Organization, asked: Airflow
) -> None:
    operator = as_role(Role.OPERATOR)
    wrong = anybody.post(PATH, json={"connections": ["directory", "mail"]}, headers=operator)
    assert (wrong.status_code, [each["path"] for each in wrong.json()["problems"]]) == (
        422,
        ["body.connections[1]"],
    )
    assert asked.began == []
    question = Question(kind=InquiryKind.CONNECTION, request={"name": "mail"}, subject="it", by="cli:boss")
    with database.tenant(org.org_id) as session:
        other = store.put(session, org.org_id, question)
    assert anybody.get(f"{PATH}/{other}", headers=operator).status_code == 404
    assert anybody.post(PATH, json={}, headers=as_role(Role.VIEWER)).status_code == 403


def test_there_is_one_at_a_time_and_it_may_be_withdrawn_by_whoever_may_ask(
    anybody: TestClient, as_role: AsRole, database: Database, org: Organization, asked: Airflow
) -> None:
    operator = as_role(Role.OPERATOR)
    begun = anybody.post(PATH, json={}, headers=operator).json()["id"]
    refused = anybody.post(PATH, json={"connections": ["people"]}, headers=operator)
    assert (refused.status_code, refused.json()["code"], begun in refused.text) == (
        409,
        "already_asked",
        True,
    )
    taken = store.take(database, org.org_id, begun)
    where = f"{PATH}/{begun}"
    assert anybody.delete(where, headers=as_role(Role.VIEWER)).status_code == 403
    assert [anybody.delete(where, headers=operator).status_code for _ in range(2)] == [204, 404]
    with pytest.raises(NotKnown, match="nobody waits any more"):
        store.note_progress(database, taken, "directory: 500 accounts")
    with database.service() as session:
        last = session.scalars(select(AuditRecord).order_by(AuditRecord.position.desc())).first()
        assert last is not None
        assert (last.action, last.subject) == ("access.comparison_withdrawn", "organization:acme")
        assert last.details == {"inquiry": begun, "asked_by": last.actor}
    assert anybody.post(PATH, json={}, headers=operator).status_code == 202
    assert {each["dag"] for each in asked.began} == {COMPARISONS}


def test_one_that_is_withdrawn_has_its_run_ended_and_what_its_task_still_writes_is_not_kept(
    anybody: TestClient, as_role: AsRole, database: Database, org: Organization, asked: Airflow
) -> None:
    operator = as_role(Role.OPERATOR)
    begun = anybody.post(PATH, json={}, headers=operator).json()["id"]
    taken = store.take(database, org.org_id, begun)
    assert anybody.delete(f"{PATH}/{begun}", headers=operator).status_code == 204
    assert asked.ended == [(f"{COMPARISONS}/inquiry__{begun}", "failed")]
    store.end(database, taken, FOUND)
    assert anybody.get(f"{PATH}/{begun}", headers=operator).status_code == 404


@pytest.mark.parametrize("said", [{"is_away": True}, {"state": "success"}], ids=["away", "over"])
def test_where_airflow_is_away_it_is_withdrawn_all_the_same_and_a_run_that_is_over_is_left_so(
    anybody: TestClient, as_role: AsRole, asked: Airflow, said: dict[str, Any]
) -> None:
    operator = as_role(Role.OPERATOR)
    begun = anybody.post(PATH, json={}, headers=operator).json()["id"]
    for name, value in said.items():
        setattr(asked, name, value)
    assert anybody.delete(f"{PATH}/{begun}", headers=operator).status_code == 204
    assert (asked.ended, anybody.get(f"{PATH}/{begun}", headers=operator).status_code) == ([], 404)


def test_no_other_inquiry_is_withdrawn_so_and_none_that_has_its_answer(
    anybody: TestClient, as_role: AsRole, database: Database, org: Organization
) -> None:
    operator = as_role(Role.OPERATOR)
    question = Question(kind=InquiryKind.CONNECTION, request={"name": "mail"}, subject="it", by="cli:boss")
    with database.tenant(org.org_id) as session:
        other = store.put(session, org.org_id, question)
    begun = anybody.post(PATH, json={}, headers=operator).json()["id"]
    store.end(database, store.take(database, org.org_id, begun), FOUND)
    for one in (other, begun):
        assert anybody.delete(f"{PATH}/{one}", headers=operator).status_code == 404
    assert store.see(database, org.org_id, other).state is InquiryState.ASKED
    assert anybody.get(f"{PATH}/{begun}", headers=operator).json()["found"] == 1


def test_what_keeps_it_from_beginning_is_its_problem_until_a_worker_has_it(
    anybody: TestClient, as_role: AsRole, database: Database, org: Organization, asked: Airflow
) -> None:
    operator = as_role(Role.OPERATOR)
    begun = anybody.post(PATH, json={}, headers=operator).json()["id"]
    assert anybody.get(f"{PATH}/{begun}", headers=operator).json()["problem"] is None
    asked.is_paused = True
    waits = anybody.get(f"{PATH}/{begun}", headers=operator).json()
    assert (waits["state"], waits["problem"]) == (
        "ASKED",
        "the DAG officeflow_comparisons, which looks into systems, is paused",
    )
    store.take(database, org.org_id, begun)
    assert anybody.get(f"{PATH}/{begun}", headers=operator).json()["problem"] is None
