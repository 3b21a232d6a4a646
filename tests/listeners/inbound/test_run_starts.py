"""Messages of other systems that start runs: once, under the sender's name, or refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from listeners.inbound.run_control import RunOrders
from officeflow.audit import store as audit
from officeflow.database.engine import Database
from officeflow.database.tables import (
    ControlRequest,
    Employee,
    WorkflowRun,
)
from officeflow.errors import Unavailable
from officeflow.statuses import ControlState
from tests.listeners.airflow_api import AirflowServer
from tests.listeners.conftest import Publish
from tests.listeners.inbound.run_messages import (
    HR,
    START,
    Send,
    order,
    told,
)


def test_a_run_is_started_once_and_says_who_asked(
    database: Database,
    send: Send,
    orders: RunOrders,
    publish: Publish,
    airflow: AirflowServer,
    person: Employee,
) -> None:
    dag_id = publish("hello")
    body = order(START, workflow="hello", employee="E1", payload={"department": "Sales"})
    send(body, body)
    while orders.do_next():
        pass
    ((dag, run_id),) = airflow.runs
    assert dag == dag_id
    assert airflow.runs[dag, run_id]["conf"]["event"]["payload"] == {"department": "Sales"}
    (result,) = told(database)
    assert (result["state"], result["changed"], result["dag_run_id"]) == ("DONE", True, run_id)
    with database.service() as session:
        row = session.scalars(select(WorkflowRun)).one()
        assert (row.started_by, row.employee_id) == (f"event:{HR}", person.employee_id)
        (entry,) = audit.newest(session, row.org_id, action="run.started")
        assert (entry.actor, entry.details["why"]) == (f"event:{HR}", "asked by HR")


def test_a_run_whose_answer_was_lost_is_found_and_answered(
    database: Database,
    send: Send,
    orders: RunOrders,
    publish: Publish,
    airflow: AirflowServer,
    person: Employee,
) -> None:
    publish("hello")
    send(order(START, workflow="hello", employee=person.external_id))
    orders.do_next()
    with database.service() as session:  # as if the process had ended before its answer was kept
        request = session.scalars(select(ControlRequest)).one()
        request.state, request.result, request.ended_at = ControlState.RECEIVED, None, None
    assert orders.do_next()
    assert len(airflow.runs) == 1
    assert [each["changed"] for each in told(database)] == [True, False]


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        ({"workflow": "helo", "employee": "E1"}, "not_known", "no workflow 'helo'"),
        ({"workflow": "hello", "employee": "E9"}, "invalid_input", "cannot be started"),
        ({"workflow": "hello", "employee": "E1", "kind": "employee.exit"}, "invalid_input", "cannot be"),
        ({"workflow": "hello", "employee": "E1", "payload": {"salary": 1}}, "invalid_input", "cannot be"),
        ({"workflow": "hello", "employee": "E1", "time": "yesterday"}, "invalid_input", "cannot be"),
        ({"workflow": "away", "employee": "E1"}, "not_known", "away"),
    ],
)
@pytest.mark.usefixtures("person")
def test_a_run_that_cannot_be_started_is_refused_with_its_reason(
    database: Database,
    send: Send,
    orders: RunOrders,
    publish: Publish,
    airflow: AirflowServer,
    data: dict[str, Any],
    code: str,
    words: str,
) -> None:
    publish("hello")
    publish("away", in_airflow=False)
    send(order(START, **data))
    orders.do_next()
    (result,) = told(database)
    assert (result["state"], result["error"]["code"]) == ("REFUSED", code)
    assert words in result["error"]["message"]
    assert airflow.runs == {}


@pytest.mark.usefixtures("person")
def test_while_airflow_is_away_a_start_waits(
    database: Database, send: Send, orders: RunOrders, publish: Publish, airflow: AirflowServer
) -> None:
    publish("hello")
    send(order(START, workflow="hello", employee="E1"))
    airflow.stop()
    with pytest.raises(Unavailable):
        orders.do_next()
    assert told(database) == []
    airflow.start()
    assert orders.do_next()
    assert [each["state"] for each in told(database)] == ["DONE"]
