"""A node as an Airflow task: what it is told, what comes back, and what its outcome means for Airflow."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowRescheduleException,
    AirflowRuntimeError,
    DownstreamTasksSkipped,
    ErrorType,
    TaskAwaitingInput,
)
from airflow.sdk.execution_time.comms import ErrorResponse
from sqlalchemy import select

from officeflow.database.tables import AuditRecord, NodeRun, Organization, WorkflowRun
from officeflow.errors import InvalidInput, NotKnown, Unavailable
from officeflow.ids import workflow_run_id
from officeflow.runner.waiting import GIVE_UP, TRY_NOW
from officeflow.tenants import employees
from operators.audit import RecordOperator
from operators.flow import BranchOperator, DelayOperator, FailOperator, SetOperator
from operators.http import RequestOperator
from operators.identity import FindAccountOperator
from operators.retry import NodeRetry, RetryWhenTold
from tests.connectors.http_faults import Fault, FaultProxy
from tests.operators.conftest import Try
from tests.web_api import WebApi

if TYPE_CHECKING:
    from officeflow.database.engine import Database
    from tests.counterparts.scim import ScimServer

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("officeflow")]

RECORD = {"action": "checked", "subject": "employee:1"}


def recorder(task_id: str = "note", **changes: Any) -> RecordOperator:
    return RecordOperator(**{"task_id": task_id, "org": "acme", "node_params": RECORD, **changes})


def rows(database: Database, table: Any) -> list[Any]:
    with database.service() as session:
        return list(session.scalars(select(table)))


def test_a_node_in_a_hand_written_dag_is_recorded_in_a_run_of_its_own(database: Database) -> None:
    assert Try(recorder()).execute() == {"changed": True, "action": "checked", "subject": "employee:1"}
    [run] = rows(database, WorkflowRun)
    assert (run.run_id, run.dag_id, run.workflow_id) == (
        workflow_run_id("handmade", "manual__1"),
        "handmade",
        None,
    )
    [act] = rows(database, NodeRun)
    assert (act.node_key, act.node_type, act.status) == ("note", "audit.record", "SUCCEEDED")


def test_a_second_try_returns_the_recorded_output_and_acts_no_more(database: Database) -> None:
    first = Try(recorder()).execute()
    audited = len(rows(database, AuditRecord))
    assert Try(recorder(), number=2).execute() == first
    assert len(rows(database, AuditRecord)) == audited


def test_a_later_node_reads_an_earlier_ones_output_and_the_runs_conf() -> None:
    Try(recorder("first")).execute()
    text = "${{ nodes.first.output.action }} for ${{ event.payload.who }}"
    second = recorder("second", node_params={**RECORD, "subject": text})
    assert Try(second).execute(conf={"event": {"payload": {"who": "ana"}}})["subject"] == "checked for ana"


def test_what_is_sensitive_in_an_output_never_reaches_xcom(
    database: Database, officeflow: Organization
) -> None:
    with database.tenant(officeflow.org_id) as session:
        about = {
            "kind": "employee.onboard",
            "external_id": "7",
            "event_id": "e",
            "event_time": dt.datetime(2026, 1, 5, tzinfo=dt.UTC),
        }
        employees.apply_event(
            session, officeflow.org_id, payload={}, sensitive={"personal_email": "ana@home.example"}, **about
        )
    conf = {"event": {"employee": "7", "org": "acme"}}
    first = SetOperator(
        task_id="first",
        org="acme",
        node_params={"values": {"to": "${{ employee.personal_email }}", "desk": "1"}},
    )
    first.conditions = {"note": "nodes.first.output.to == ''"}
    with DAG("handmade", schedule=None) as dag:
        dag.add_task(first)
        recorder()
    done = Try(first)
    with pytest.raises(DownstreamTasksSkipped):
        done.execute(conf=conf)
    assert done.pushed["return_value"] == {"changed": False, "to": "***", "desk": "1"}
    second = SetOperator(
        task_id="second",
        org="acme",
        node_params={"values": {"same": "${{ nodes.first.output.to == 'ana@home.example' }}"}},
    )
    assert Try(second).execute(conf=conf)["same"] is True


def test_a_dags_own_params_stand_in_for_what_the_conf_leaves_out() -> None:
    params = {"event": {"payload": {"who": "nobody"}}}
    task = recorder(node_params={**RECORD, "subject": "${{ event.payload.who }}"})
    assert Try(task).execute(params=params)["subject"] == "nobody"
    conf = {"event": {"payload": {"who": "ana"}}}
    assert Try(task, run="manual__2").execute(params=params, conf=conf)["subject"] == "ana"


def test_parameters_that_are_wrong_at_run_time_fail_at_once_and_name_the_field() -> None:
    task = recorder(node_params={**RECORD, "subject": "${{ [1, 2] }}"})
    with pytest.raises(AirflowFailException, match=r"params\.subject"):
        Try(task).execute()


def test_an_unknown_organization_fails_at_once() -> None:
    with pytest.raises(AirflowFailException, match="acne"):
        Try(recorder(org="acne")).execute()


def test_a_connection_that_is_not_there_is_looked_for_again_then_it_fails_and_says_how_to_make_one() -> None:
    task = FindAccountOperator(task_id="find", org="acme", connection="nowhere", node_params={"login": "ana"})
    for _ in range(2):
        with pytest.raises(AirflowRescheduleException):
            Try(task).execute()
    with pytest.raises(AirflowFailException, match=r"acme\.nowhere.*officeflow connection add"):
        Try(task).execute()


def test_a_wait_gives_the_worker_back_until_its_due_time() -> None:
    task = DelayOperator(task_id="wait", org="acme", node_params={"duration": "PT1H"})
    before = dt.datetime.now(dt.UTC)
    with pytest.raises(AirflowRescheduleException) as first:
        Try(task).execute()
    with pytest.raises(AirflowRescheduleException) as second:
        Try(task).execute()
    assert before + dt.timedelta(minutes=59) < first.value.reschedule_date < before + dt.timedelta(minutes=61)
    assert second.value.reschedule_date == first.value.reschedule_date


@pytest.fixture
def directory(scim_server: ScimServer, monkeypatch: pytest.MonkeyPatch) -> ScimServer:
    """A SCIM server that is the organization's connection `directory`, by Airflow's environment variable."""
    connection = {
        "conn_type": "scim",
        "host": scim_server.url,
        "password": scim_server.token,
        "extra": {"timeout": 5},
    }
    monkeypatch.setenv("AIRFLOW_CONN_ACME.DIRECTORY", json.dumps(connection))
    return scim_server


def finder(**changes: Any) -> FindAccountOperator:
    given = {
        "task_id": "find",
        "org": "acme",
        "connection": "directory",
        "node_params": {"login": "ana@acme.example"},
    }
    return FindAccountOperator(**{**given, **changes})


def test_a_node_acts_in_the_system_that_its_connection_names(directory: ScimServer) -> None:
    assert Try(finder()).execute()["found"] is False
    assert directory.requests()


def test_a_system_that_is_away_is_tried_again_after_a_delay_of_our_own(directory: ScimServer) -> None:
    directory.stop()
    with pytest.raises(NodeRetry) as raised:
        Try(finder(retry_policy={"backoffMs": 4000})).execute()
    delay = raised.value.delay
    assert delay is not None
    assert 0 <= delay <= 4
    decision = RetryWhenTold().evaluate(raised.value, 1, 3)
    assert decision.retry_delay == dt.timedelta(seconds=delay)


def test_a_system_that_asks_to_wait_too_long_is_asked_about_and_the_answer_is_the_next_try_or_the_end(
    directory: ScimServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr("operators.questions.upsert_hitl_detail", lambda **details: asked.append(details))
    with FaultProxy(directory.url).running() as proxy:
        proxy.fault(Fault(kind="answer", methods=("GET",), status=429, headers={"Retry-After": "86400"}))
        connection = {"conn_type": "scim", "host": proxy.url, "password": directory.token}
        monkeypatch.setenv("AIRFLOW_CONN_ACME.DIRECTORY", json.dumps(connection))
        attempt = Try(finder())
        attempt.ti.id = "ti-1"
        with pytest.raises(TaskAwaitingInput) as left:
            attempt.execute()
    assert left.value.timeout == dt.timedelta(days=1)
    assert (asked[0]["options"], asked[0]["defaults"]) == ([TRY_NOW, GIVE_UP], [TRY_NOW])
    context = {"ti": attempt.ti, "dag_run": SimpleNamespace(conf=None), "params": {}}
    with pytest.raises(NodeRetry) as again:
        attempt.task.execute_complete(context, {"chosen_options": [TRY_NOW], "timedout": True})
    assert again.value.delay == 1.0
    with pytest.raises(AirflowFailException, match="boss gave up"):
        attempt.task.execute_complete(
            context, {"chosen_options": [GIVE_UP], "responded_by_user": {"name": "boss"}}
        )


def test_the_last_try_fails_for_good_and_a_clear_allows_as_many_again(directory: ScimServer) -> None:
    directory.stop()
    with pytest.raises(AirflowFailException):
        Try(finder(), number=4).execute()
    with pytest.raises(NodeRetry):
        Try(finder(), number=5, max_tries=7).execute()


def test_a_connections_secrets_are_masked_from_then_on(
    directory: ScimServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk._shared.secrets_masker import redact

    from operators.services import connect

    secret = "longenough-secret"
    given = {
        "conn_type": "scim",
        "host": directory.url,
        "password": secret,
        "extra": {"client_secret": "another-secret"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_ACME.OTHER", json.dumps(given))
    connection = connect("acme.other")
    assert connection.password == secret
    assert secret not in str(redact(f"token {secret}"))
    assert "another-secret" not in str(redact("it is another-secret"))
    assert secret not in repr(connection)


@pytest.mark.parametrize("extra", ['"text"', "[1]"])
def test_a_connection_whose_extra_is_no_object_is_named(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from operators import services

    with pytest.raises(InvalidInput, match=r"acme\.x"):
        services._extra("acme.x", extra)
    with pytest.raises(InvalidInput, match=r"acme\.x"):
        services._extra("acme.x", "{")


def test_a_connection_that_is_not_there_is_not_known() -> None:
    from operators.services import connect

    with pytest.raises(NotKnown):
        connect("acme.nowhere")


class Supervisor:
    """What a task's process asks instead of the api-server."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def send(self, message: Any) -> Any:
        del message
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (ErrorResponse(error=ErrorType.CONNECTION_NOT_FOUND), NotKnown),
        (ErrorResponse(error=ErrorType.API_SERVER_ERROR), Unavailable),
        (ErrorResponse(error=ErrorType.GENERIC_ERROR), Unavailable),
        (ErrorResponse(error=ErrorType.PERMISSION_DENIED), Unavailable),
        (AirflowRuntimeError(ErrorResponse(error=ErrorType.API_SERVER_ERROR)), Unavailable),
        (ConnectionResetError("the supervisor is gone"), Unavailable),
    ],
)
def test_only_airflows_own_word_is_an_absence(
    answer: Any, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow's SDK calls a connection "not defined" also where the api-server, or its database, has
    failed.
    """
    from airflow.sdk.execution_time import task_runner

    from operators.services import connect

    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Supervisor(answer), raising=False)
    with pytest.raises(error):
        connect("acme.nowhere")


def test_a_secrets_backend_that_fails_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    from operators import services

    class Vault:
        def get_connection(self, conn_id: str) -> None:
            raise TimeoutError(conn_id)

    monkeypatch.setattr(services, "ensure_secrets_backend_loaded", lambda: [Vault()])
    with pytest.raises(Unavailable, match="Vault: TimeoutError"):
        services.connect("acme.nowhere")


def branching(**conditions: str) -> dict[str, Any]:
    """A task that decides about the tasks `yes` and `no` behind it."""
    with DAG("acme__branching", schedule=None):
        source = recorder("source", conditions=conditions)
        behind = {name: recorder(name) for name in conditions}
        source >> list(behind.values())
    return {"source": source, **behind}


def test_a_false_condition_skips_what_it_leads_to_and_is_remembered_for_a_later_clear() -> None:
    source = branching(yes="nodes.source.output.changed", no="!nodes.source.output.changed")["source"]
    first = Try(source)
    with pytest.raises(DownstreamTasksSkipped) as raised:
        first.execute()
    assert raised.value.tasks == ["no"]
    assert first.pushed["skipmixin_key"] == {"skipped": ["no"]}
    assert first.pushed["return_value"]["action"] == "checked"


def test_a_replayed_act_decides_the_same_again() -> None:
    source = branching(no="event.payload.x == 1")["source"]
    for number in (1, 2):
        with pytest.raises(DownstreamTasksSkipped):
            Try(source, number=number).execute(conf={"event": {"payload": {"x": 2}}})


def test_where_all_conditions_are_true_nothing_is_skipped_and_nothing_is_pushed() -> None:
    source = Try(branching(yes="true")["source"])
    assert source.execute()["action"] == "checked"
    assert source.pushed == {}


def test_a_condition_that_cannot_be_computed_fails_after_the_act_which_stays_done(database: Database) -> None:
    source = branching(yes="event.payload.missing == 1")["source"]
    with pytest.raises(AirflowFailException, match="missing"):
        Try(source).execute(conf={"event": {"payload": {}}})
    [act] = rows(database, NodeRun)
    assert act.status == "SUCCEEDED"


def test_conditions_outside_a_dag_are_a_mistake_that_is_named() -> None:
    with pytest.raises(AirflowException, match="stands in no DAG"):
        Try(recorder(conditions={"x": "false"})).execute()


def test_defaults_of_a_dag_win_over_the_operators_own() -> None:
    with DAG(
        "handmade", schedule=None, default_args={"retries": 1, "execution_timeout": dt.timedelta(seconds=9)}
    ):
        task = recorder()
    assert task.retries == 1
    assert task.execution_timeout == dt.timedelta(seconds=9)


def test_an_operator_without_a_policy_retries_as_the_platform_does() -> None:
    task = recorder()
    assert task.retries == 3
    assert task.retry_delay == dt.timedelta(seconds=1)
    assert isinstance(task.retry_policy, RetryWhenTold)


def test_an_exception_that_says_nothing_about_retrying_is_left_to_airflow() -> None:
    policy = RetryWhenTold.deserialize(RetryWhenTold().serialize())
    for error in (ValueError("x"), NodeRetry("x", delay=None)):
        assert policy.evaluate(error, 1, 3).retry_delay is None


def test_a_branch_in_a_hand_written_dag_skips_by_the_conditions_of_its_ways() -> None:
    ways = {name: f"'{name}' in nodes.pick.output.taken" for name in ("one", "two")}
    params = {"value": "${{ event.payload.way }}", "choices": {"1": "one", "2": "two"}}
    with DAG("handmade", schedule=None):
        pick = BranchOperator(task_id="pick", org="acme", node_params=params, conditions=ways)
        pick >> [recorder("one"), recorder("two")]
    first = Try(pick)
    with pytest.raises(DownstreamTasksSkipped):
        first.execute(conf={"event": {"payload": {"way": "2"}}})
    assert first.pushed["skipmixin_key"] == {"skipped": ["one"]}
    assert first.pushed["return_value"]["taken"] == ["two"]


def test_a_workflow_that_stops_its_run_fails_the_task_for_good() -> None:
    with pytest.raises(AirflowFailException, match="flow_stopped: no manager"):
        Try(FailOperator(task_id="stop", org="acme", node_params={"message": "no manager"})).execute()


def test_a_call_of_an_api_is_one_effect_over_two_tries(
    web_api: WebApi, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    given = {
        "conn_type": "http",
        "host": web_api.url,
        "password": web_api.token,
        "extra": {"networks": "127.0.0.1"},
    }
    monkeypatch.setenv("AIRFLOW_CONN_ACME.API", json.dumps(given))
    params = {"method": "POST", "url": "/things", "body": {"who": "${{ event.employee }}"}}
    task = RequestOperator(task_id="call", org="acme", connection="api", node_params=params)
    conf = {"event": {"employee": "1001"}}
    first, second = (Try(task, number=number).execute(conf=conf) for number in (1, 2))
    assert first == second
    assert "1001" not in str(first["body"])
    [act] = rows(database, NodeRun)
    assert act.whole_output["body"] == {"id": 0, "thing": {"who": "1001"}}
    assert len(web_api.of("POST")) == 1
