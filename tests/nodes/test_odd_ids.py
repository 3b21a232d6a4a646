"""Identifiers as HR systems have them, through every node type that speaks to a system: into headers, keys,
subjects and messages.
"""

from __future__ import annotations

import email
import email.policy
import json
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from officeflow.catalog.registry import node_type, type_names
from officeflow.database.tables import AuditRecord, NodeRun, OutboxMessage, WorkflowRun
from officeflow.events.announcement import announce
from officeflow.events.outbox import Waiting
from officeflow.ids import header_text
from officeflow.runner.run import run_node
from officeflow.sdk import NodeInput, NodeResult
from tests.nodes.case import all_cases
from tests.nodes.world import CONTEXT, World

pytestmark = pytest.mark.integration

CASES = all_cases()
CONNECTED = [
    name for name in type_names() if node_type(name).spec.family and CASES[name].connection != "paper"
]
ODD = {
    "with ñ": "Einstellung-Muñoz",
    "emoji": "hire-😀👩‍💻",
    "blanks and signs": ' "50%" a/b?&=# ',
    "long": "ñ😀x" * 85,
}


def run(world: World, name: str, odd: str) -> NodeResult:
    case = CASES[name]
    event = {**CONTEXT["event"], "id": odd, "source": odd, "employee": odd}
    given = NodeInput(
        node="it",
        type=name,
        org="acme",
        dag_id="acme__contract",
        dag_run_id="manual__odd",
        params={**case.params, **case.arrange(world)},
        context={"event": event, "correlation_id": odd},
        connection=case.connection,
        try_number=1,
        answer=case.answer,
    )
    return run_node(given, world.services)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
@pytest.mark.parametrize("name", CONNECTED)
def test_an_odd_id_fails_no_request_and_is_in_every_record_as_it_is(
    world: World, name: str, odd: str
) -> None:
    result = run(world, name, odd)
    assert result.status == "success", result.error
    with world.services.database.service() as session:
        row = session.scalars(select(WorkflowRun).where(WorkflowRun.dag_run_id == "manual__odd")).one()
        assert row.correlation_id == odd
        assert session.scalars(select(NodeRun.status).where(NodeRun.run_id == row.run_id)).all() == [
            "SUCCEEDED"
        ]
        assert odd in session.scalars(select(AuditRecord.correlation_id)).all()
        told = session.scalars(select(OutboxMessage).where(OutboxMessage.correlation_id == odd)).all()
        messages = [announce(_waiting(message), source="officeflow") for message in told]
    assert messages
    assert {dict(message.headers)["ce_correlationid"] for message in messages} == {odd.encode()}


def test_the_header_of_a_request_is_encoded_and_can_be_read_back(world: World) -> None:
    odd = ODD["emoji"]
    run(world, "http.request", odd)
    sent = world.api.seen[-1]["headers"]["x-correlation-id"]
    assert sent == header_text(odd) == "hire-%F0%9F%98%80%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB"
    assert unquote(sent) == odd


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())
def test_the_header_of_a_mail_is_encoded_and_adds_no_other(world: World, odd: str) -> None:
    run(world, "email.send", odd)
    source = world.inbox.source(world.inbox.messages()[-1]["id"])
    mail = email.message_from_string(source, policy=email.policy.default)
    assert unquote(str(mail["X-Correlation-ID"])) == odd
    assert max(map(len, source.splitlines())) <= 998


def _waiting(message: OutboxMessage) -> Waiting:
    values: dict[str, Any] = {
        name: getattr(message, name) for name in Waiting.__dataclass_fields__ if name != "data"
    }
    return Waiting(**values, data=json.dumps(message.payload))
