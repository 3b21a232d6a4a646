"""What each answer of Airflow's API is turned into, without an Airflow."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest

from officeflow.airflow_api.client import AirflowApi
from officeflow.airflow_api.errors import AirflowConflict, AirflowForbids, from_response
from officeflow.airflow_api.logs import render
from officeflow.errors import InvalidInput, NotKnown, OfficeFlowError, Unavailable

REQUEST = httpx.Request("POST", "http://airflow.example/api/v2/dags/x/dagRuns")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidInput),
        (401, AirflowForbids),
        (403, AirflowForbids),
        (404, NotKnown),
        (409, AirflowConflict),
        (422, InvalidInput),
        (429, Unavailable),
        (500, Unavailable),
        (503, Unavailable),
    ],
)
def test_the_status_decides_the_error(status: int, kind: type[OfficeFlowError]) -> None:
    assert type(from_response(httpx.Response(status, json={"detail": "why"}, request=REQUEST))) is kind
    page = from_response(httpx.Response(status, text="<html>", request=REQUEST))
    assert type(page) is (Unavailable if status == 404 else kind)


@pytest.mark.parametrize("body", ["<html>no such host</html>", '{"detail": "Not Found"}', "[]", ""])
def test_a_404_that_is_not_in_airflows_words_is_an_outage_and_no_absence(body: str) -> None:
    """A proxy before an api-server that is away, or a server that is not Airflow."""
    assert type(from_response(httpx.Response(404, text=body, request=REQUEST))) is Unavailable


def test_a_list_of_problems_names_each_field() -> None:
    detail = [
        {"loc": ["body", "conf", "seconds"], "msg": "not a number"},
        {"loc": ["body", "note"], "msg": "too long"},
    ]
    error = from_response(httpx.Response(422, json={"detail": detail}, request=REQUEST))
    assert isinstance(error, InvalidInput)
    assert [(p.path, p.reason) for p in error.problems] == [
        ("body.conf.seconds", "not a number"),
        ("body.note", "too long"),
    ]


def test_a_log_entry_leads_with_time_level_and_event_and_hides_where_it_was_written() -> None:
    entry = {
        "event": "suspended",
        "key": "ab12",
        "level": "info",
        "timestamp": "2026-01-05T09:00:00Z",
        "lineno": 7,
        "logger": "task",
    }
    assert render(entry) == "2026-01-05T09:00:00Z info suspended key=ab12"
    assert render("plain") == "plain"
    assert render({"event": "only"}) == "only"


# Each says that its connection ends, or the next call might be sent on it before the end is seen, and count
# as hung up.
HANGS_UP = b""
HEALTHY = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
BROKEN = b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def server() -> Iterator[tuple[str, list[bytes]]]:
    """An address, and the answers that the connections to it get, one each; an empty one hangs up."""
    answers: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(ConnectionError):  # the client may be gone again
                if connection.recv(65536):
                    connection.sendall(answers.pop(0))

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", answers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


def test_a_connection_that_is_hung_up_is_tried_once_more(server: tuple[str, list[bytes]]) -> None:
    url, answers = server
    with AirflowApi(url, "", "") as api:
        answers[:] = [HANGS_UP, HEALTHY]
        assert api.health() == {}
        answers[:] = [HANGS_UP, HANGS_UP, HEALTHY]
        with pytest.raises(Unavailable, match="no answer"):
            api.health()
        assert answers == [HEALTHY]


def test_a_busy_server_is_unavailable_also_at_sign_in(server: tuple[str, list[bytes]]) -> None:
    url, answers = server
    answers[:] = [BROKEN, BROKEN]
    with AirflowApi(url, "", "") as api:
        with pytest.raises(Unavailable, match="503"):
            api.health()
        with pytest.raises(Unavailable, match="/auth/token"):
            api.dag("x")
