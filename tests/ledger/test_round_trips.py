"""What the ledger costs, in round trips to PostgreSQL."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from officeflow.clock import SystemClock
from officeflow.database.engine import Database
from officeflow.database.roles import Logins
from officeflow.runs.acts import Done
from officeflow.runs.ledger import Ledger
from tests.ledger.conftest import Ask
from tests.ledger.wire import FLUSH, CountingProxy

pytestmark = pytest.mark.integration


@pytest.fixture
def proxy(database_url: str) -> Iterator[CountingProxy]:
    url = make_url(database_url)
    with CountingProxy(url.host or "127.0.0.1", url.port or 5432) as counting:
        yield counting


@pytest.fixture
def far(database_url: str, logins: Logins, proxy: CountingProxy) -> Iterator[Ledger]:
    """A ledger behind the proxy, warm, with a login for each kind of transaction."""
    name = make_url(database_url).database

    def through(url: str) -> str:
        return (
            make_url(url)
            .set(host="127.0.0.1", port=proxy.port, database=name)
            .render_as_string(hide_password=False)
        )

    tenants, services = through(logins.tenant_url), through(logins.service_url)
    with Database(through(database_url), tenant_url=tenants, service_url=services) as database:
        yield Ledger(database, SystemClock())


def act(_: object) -> Done:
    return Done(output={"changed": True})


def test_an_act_costs_three_round_trips_and_its_replay_four(
    far: Ledger, proxy: CountingProxy, ask: Ask
) -> None:
    """An act: lock and look; STARTED with its messages; the end with its audit entry and messages, the lock
    let go.
    """
    far.once(ask(node="warm"), act)
    costs = []
    for _ in range(2):
        before = proxy.round_trips
        far.once(ask(), act)
        costs.append(proxy.round_trips - before)
    assert costs == [3, 4]


def test_a_flush_that_comes_after_the_answer_is_no_round_trip_and_hides_none() -> None:
    """As it does where the server is quicker than the client."""
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        CountingProxy("127.0.0.1", server.getsockname()[1]) as counting,
    ):
        threading.Thread(target=_answer_each_question, args=(server,), daemon=True).start()
        costs = []
        with socket.create_connection(("127.0.0.1", counting.port)) as client:
            for _ in range(3):
                before = counting.round_trips
                client.sendall(b"Q")
                assert client.recv(1) == b"Z"
                client.sendall(FLUSH)
                assert client.recv(1) == b"H", "the flush has passed"
                costs.append(counting.round_trips - before)
    assert costs == [1, 1, 1]


def _answer_each_question(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        while asked := connection.recv(64):
            connection.sendall(b"Z" if asked == b"Q" else b"H")
