"""What every connector promises, written once.

A connector's test module inherits it and says how to open, read and write.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.families import Family
from officeflow.connectors.opening import open_provider
from officeflow.connectors.providers import provider
from officeflow.errors import (
    ConnectorError,
    InvalidInput,
    Rejected,
    Transient,
    Unauthorized,
)
from tests.counterparts.process import free_port

CORRELATION = "corr-4711"
KEY = "a1" * 32


def tried(act: Callable[[], Any]) -> Any:
    """What it gives, or the error that it raises."""
    try:
        return act()
    except ConnectorError as error:
        return error


def address_where_nobody_listens() -> str:
    return f"http://127.0.0.1:{free_port()}"


class ConnectorContract(ABC):
    """For all protocols. `server` is the counterpart's fixture."""

    provider: str
    family: Family
    carried: str | None = CORRELATION
    """What comes with every call; None where the protocol has no place for a correlation id."""

    @pytest.fixture
    @abstractmethod
    def server(self) -> Any: ...

    @abstractmethod
    def connection(self, server: Any, **changes: Any) -> Connection: ...

    @abstractmethod
    def write(self, client: Any) -> Any:
        """The same act at every call, under the key `KEY`."""

    @abstractmethod
    def correlation_ids(self, server: Any) -> set[str | None]:
        """What came with the calls that the server saw."""

    @abstractmethod
    def wrong_credentials(self, server: Any) -> Connection: ...

    def open(self, connection: Connection) -> Any:
        return open_provider(connection, correlation_id=CORRELATION, family=self.family)

    @pytest.fixture
    def client(self, server: Any) -> Iterator[Any]:
        client = self.open(self.connection(server))
        yield client
        client.close()

    def test_every_call_carries_the_correlation_id(self, server: Any, client: Any) -> None:
        self.write(client)
        assert self.correlation_ids(server) == {self.carried}

    def test_an_organizations_connection_reaches_no_address_that_is_not_public_nor_listed(
        self, server: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OFFICEFLOW_CONNECTION_NETWORKS", "10.0.0.0/8, elsewhere.example")
        client = self.open(self.connection(server))
        with pytest.raises(Rejected, match="leads to an address that is not public") as caught:
            self.write(client)
        with pytest.raises(Rejected, match="leads to an address that is not public"):
            client.check()
        client.close()
        assert not caught.value.maybe_done
        assert self.correlation_ids(server) == set()

    def test_the_platforms_own_connection_is_not_limited(
        self, server: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OFFICEFLOW_CONNECTION_NETWORKS", "")
        client = self.open(replace(self.connection(server), id="platform-own"))
        self.write(client)
        client.close()
        assert self.correlation_ids(server) == {self.carried}

    def test_a_server_that_is_away_is_transient_and_nothing_was_done(self, server: Any) -> None:
        client = self.open(
            self.connection(server, host="127.0.0.1", port=free_port(), url=address_where_nobody_listens())
        )
        with pytest.raises(Transient) as caught:
            self.write(client)
        client.close()
        assert not caught.value.maybe_done
        assert client.address in caught.value.message

    def test_wrong_credentials_are_unauthorized_and_not_retried(self, server: Any) -> None:
        client = self.open(self.wrong_credentials(server))
        with pytest.raises(Unauthorized) as caught:
            self.write(client)
        client.close()
        assert not caught.value.retryable
        assert not caught.value.maybe_done
        assert client.address in caught.value.message

    def test_a_missing_required_field_is_named(self, server: Any) -> None:
        connection = Connection(id="acme.x", provider=self.provider)
        with pytest.raises(InvalidInput) as caught:
            self.open(connection)
        required = {field.name for field in provider(self.provider).fields if field.required}
        assert {problem.path for problem in caught.value.problems} == required

    def test_secrets_do_not_show_in_a_connection_in_words(self, server: Any) -> None:
        connection = self.connection(server, password="hunter2")
        assert "hunter2" not in repr(connection)

    def test_a_connection_of_another_family_is_refused(self, server: Any) -> None:
        with pytest.raises(InvalidInput):
            open_provider(self.connection(server), correlation_id="", family="another")

    def test_a_time_out_that_is_no_number_is_refused(self, server: Any) -> None:
        with pytest.raises(InvalidInput):
            self.open(self.connection(server, timeout="soon"))

    def test_the_address_for_people_has_no_credentials(self, server: Any, client: Any) -> None:
        assert client.address.startswith(("http://127.0.0.1:", "smtp://127.0.0.1:", "ldaps://127.0.0.1:"))
        assert "@" not in client.address
