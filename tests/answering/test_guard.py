"""Answers by Airflow's page or API, before Airflow takes them; who sends them is the test's to say."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from middlewares.answers import AnswerGuard
from officeflow.database.engine import Database
from officeflow.people import answers
from officeflow.statuses import DecisionRule, RequestKind
from tests.answering.asked import CLOCK, FORM, Asked

pytestmark = pytest.mark.integration


class Airflow:
    """The application behind the guard."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


class Door:
    """Somebody's calls of Airflow's API."""

    def __init__(self, database: Database) -> None:
        self.airflow = Airflow()
        self.login = "bea"
        self.asked = 0

        async def who(scope: Any, receive: Any) -> str:
            self.asked += 1
            return self.login

        self.guard = AnswerGuard(self.airflow, who, lambda: database)

    def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.guard)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://airflow", headers={"Authorization": "Bearer x"}
            ) as client:
                return await client.request(method, path, **request)

        return asyncio.run(send())

    def answer(
        self, asked: Asked, choice: str, *, node: str = "decide", by: str = "bea", **given: Any
    ) -> httpx.Response:
        self.login = by
        body = {"chosen_options": [choice], "params_input": given}
        return self.call("PATCH", path_of(asked, node), json=body)


def path_of(asked: Asked, node: str = "decide", index: int = -1) -> str:
    run = asked.run_name.replace("+", "%2B")
    return f"/api/v2/dags/{asked.dag_id}/dagRuns/{run}/taskInstances/{node}/{index}/hitlDetails"


@pytest.fixture
def door(asked: Asked) -> Door:
    return Door(asked.database)


def test_who_is_asked_answers_and_airflow_gets_what_they_sent(asked: Asked, door: Door) -> None:
    asked.ask("bea")
    assert door.answer(asked, "Approve").status_code == 200
    assert json.loads(door.airflow.bodies[0]) == {"chosen_options": ["Approve"], "params_input": {}}


@pytest.mark.parametrize(
    ("by", "says"),
    [
        ("starter", "you have started this run"),
        ("concerned", "it is about you"),
        ("somebody", "somebody is no user of the organization"),
        ("dan", "dan@acme.example is not asked"),
    ],
)
def test_nobody_else_does(asked: Asked, door: Door, by: str, says: str) -> None:
    request_id = asked.ask("bea")
    if by != "somebody":
        asked.user(by)
    refused = door.answer(asked, "Approve", by=by)
    assert (refused.status_code, says in refused.json()["detail"]) == (403, True), refused.text
    assert door.airflow.bodies == []
    assert asked.is_open(request_id)


def test_a_second_answer_is_told_by_whom_and_when(asked: Asked, door: Door) -> None:
    request_id = asked.ask("bea", "cyd")
    with asked.database.tenant(asked.org.org_id) as session:
        answers.answer(session, request_id, choice="Approve", door="command", now=CLOCK.now(), login="cyd")
    refused = door.answer(asked, "Approve")
    assert refused.status_code == 409
    assert refused.json()["by"] == "cyd"
    assert "already answered by cyd at 20" in refused.json()["detail"]


def test_after_the_deadline_nothing_is_taken(asked: Asked, door: Door) -> None:
    asked.ask("bea", now=CLOCK.now() - dt.timedelta(days=2), timeout=dt.timedelta(days=1))
    assert door.answer(asked, "Approve").status_code == 410


def test_a_refusal_needs_a_reason(asked: Asked, door: Door) -> None:
    asked.ask("bea")
    assert door.answer(asked, "Reject").status_code == 422
    assert door.answer(asked, "Reject", reason=" ").status_code == 422
    assert door.answer(asked, "Reject", reason="no budget").status_code == 200


def test_what_does_not_fit_the_form_is_named_field_by_field(asked: Asked, door: Door) -> None:
    form = {**FORM, "properties": {k: v for k, v in FORM["properties"].items() if k != "bank"}}
    form = {**form, "required": ["laptop", "remote"]}
    asked.ask("bea", kind=RequestKind.FORM, form=form)
    refused = door.answer(asked, "Submit", desk="many")
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["fields"]] == ["form.desk", "form.laptop", "form.remote"]
    assert "many" not in refused.text
    assert "desk is not a whole number; laptop is missing; remote is missing" in refused.json()["detail"]
    assert door.answer(asked, "Submit", laptop="small", desk=2, remote=False).status_code == 200


def test_airflows_page_is_told_what_is_wrong_where_it_shows_it(asked: Asked, door: Door) -> None:
    """Of a status that it knows it shows no body; it signs in with a cookie."""
    asked.ask("bea", kind=RequestKind.FORM, form=dict(FORM, required=["laptop", "desk"]))

    async def answered() -> httpx.Response:
        transport = httpx.ASGITransport(app=door.guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://airflow") as page:
            body = {"chosen_options": ["Submit"], "params_input": {"desk": 0}}
            return await page.patch(path_of(asked), json=body)

    refused = asyncio.run(answered())
    assert refused.status_code not in [int(status) for status in HTTPStatus]
    assert list(refused.json()) == ["detail"]
    assert "bank" in refused.json()["detail"], "the private field, which the page does not have"
    assert door.airflow.bodies == []


def test_somebody_counts_once_of_two(asked: Asked, door: Door) -> None:
    request_id = asked.ask("bea", "cyd", rule=DecisionRule.ALL)
    with asked.database.tenant(asked.org.org_id) as session:
        answers.answer(session, request_id, choice="Approve", door="link", now=CLOCK.now(), login="bea")
    assert door.answer(asked, "Approve").status_code == 409
    assert door.answer(asked, "Approve", by="cyd").status_code == 200


def test_the_platforms_own_account_tells_of_decisions(asked: Asked, door: Door) -> None:
    asked.ask("bea")
    assert door.answer(asked, "Approve", by="officeflow").status_code == 200


def test_what_is_no_request_of_ours_passes(asked: Asked, door: Door) -> None:
    asked.ask("bea")
    assert door.answer(asked, "Approve", node="another", by="dan").status_code == 200
    assert door.answer(asked, "Resume", by="dan").status_code == 200, "the task asks something else now"
    for body in (b"", b"[]", b'{"chosen_options": []}', b'{"chosen_options": "x"}', b"\xff"):
        assert door.call("PATCH", path_of(asked), content=body).status_code == 200
        assert door.airflow.bodies[-1] == body


def test_other_calls_cost_nothing(asked: Asked, door: Door) -> None:
    asked.ask("bea")
    for method, path in (
        ("GET", path_of(asked)),
        ("PATCH", "/api/v2/dags/acme__hire"),
        ("POST", path_of(asked)),
        ("PATCH", path_of(asked) + "/tries/1"),
    ):
        assert door.call(method, path).status_code == 200
    assert door.asked == 0


def test_too_large_an_answer_is_refused(asked: Asked, door: Door) -> None:
    assert door.call("PATCH", path_of(asked), content=b"x" * 300_000).status_code == 413


def test_while_our_database_is_away_no_answer_to_a_workflow_is_taken(asked: Asked, nowhere: Database) -> None:
    door = Door(nowhere)
    assert door.answer(asked, "Approve").status_code == 503
    assert door.airflow.bodies == []
    foreign = path_of(asked).replace("acme__hire", "nightly")
    assert door.call("PATCH", foreign, json={"chosen_options": ["Approve"]}).status_code == 200
