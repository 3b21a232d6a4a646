"""Connections of nodes in hand-written DAGs: secrets, absence, systems that are away."""

from __future__ import annotations

import datetime as dt
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowRescheduleException,
    AirflowRuntimeError,
    ErrorType,
    TaskAwaitingInput,
)
from airflow.sdk.execution_time.comms import ErrorResponse

from officeflow.errors import InvalidInput, NotKnown, Unavailable
from officeflow.runner.waiting import GIVE_UP, TRY_NOW
from operators.base import NodeOperator
from operators.identity import FindAccountOperator
from operators.retry import NodeRetry, RetryWhenTold
from tests.connectors.http_faults import Fault, FaultProxy
from tests.operators.conftest import Try

if TYPE_CHECKING:
    from tests.counterparts.scim import ScimServer


pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("officeflow")]


def test_a_connection_that_is_not_there_is_looked_for_again_then_it_fails_and_says_how_to_make_one() -> None:
    task = FindAccountOperator(task_id="find", org="acme", connection="nowhere", node_params={"login": "ana"})
    for _ in range(2):
        with pytest.raises(AirflowRescheduleException):
            Try(task).execute()
    with pytest.raises(AirflowFailException, match=r"acme\.nowhere.*officeflow connection add"):
        Try(task).execute()


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


def finder(**changes: Any) -> NodeOperator:
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
