"""What every connector promises, written once. A connector's test module inherits it and says how to open, read and write."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterator
from email.utils import format_datetime
from typing import Any

import pytest

from officeflow.connectors.connection import Connection
from officeflow.connectors.providers import PROVIDERS, open_provider
from officeflow.errors import (
    Conflict,
    ConnectorError,
    InvalidInput,
    NotFound,
    NothingHappened,
    RateLimited,
    Rejected,
    Transient,
    Unauthorized,
)
from tests.connectors.http_faults import Fault, FaultProxy
from tests.counterparts_fixtures import free_port

CORRELATION = "corr-4711"
KEY = "a1" * 32


def address_where_nobody_listens() -> str:
    return f"http://127.0.0.1:{free_port()}"


class ConnectorContract(ABC):
    """For all protocols. `server` is the counterpart's fixture."""

    provider: str

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
        return open_provider(connection, correlation_id=CORRELATION, family=PROVIDERS[self.provider].family)

    @pytest.fixture
    def client(self, server: Any) -> Iterator[Any]:
        client = self.open(self.connection(server))
        yield client
        client.close()

    def test_every_call_carries_the_correlation_id(self, server: Any, client: Any) -> None:
        self.write(client)
        assert self.correlation_ids(server) == {CORRELATION}

    def test_a_server_that_is_away_is_transient_and_nothing_was_done(self, server: Any) -> None:
        client = self.open(self.connection(server, host="127.0.0.1", port=free_port(), url=address_where_nobody_listens()))
        with pytest.raises(Transient) as caught:
            self.write(client)
        client.close()
        assert not caught.value.maybe_done

    def test_wrong_credentials_are_unauthorized_and_not_retried(self, server: Any) -> None:
        client = self.open(self.wrong_credentials(server))
        with pytest.raises(Unauthorized) as caught:
            self.write(client)
        client.close()
        assert not caught.value.retryable
        assert not caught.value.maybe_done

    def test_a_missing_required_field_is_named(self, server: Any) -> None:
        connection = Connection(id="acme.x", provider=self.provider)
        with pytest.raises(InvalidInput) as caught:
            self.open(connection)
        required = {field.name for field in PROVIDERS[self.provider].fields if field.required}
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
        assert client.address.startswith(("http://127.0.0.1:", "smtp://127.0.0.1:"))
        assert "@" not in client.address


class HttpContract(ConnectorContract):
    """For those that speak HTTP: the real server behind a proxy that fails on purpose. `writing` are the methods of its writes."""

    writing: tuple[str, ...]
    reading: tuple[str, ...]

    @abstractmethod
    def read(self, client: Any) -> Any: ...

    @abstractmethod
    def url(self, server: Any) -> str: ...

    @abstractmethod
    def is_done(self, server: Any) -> bool:
        """Whether what `write` does is so on the server, asked without the connector."""

    @pytest.fixture
    def proxy(self, server: Any) -> Iterator[FaultProxy]:
        with FaultProxy(self.url(server)).running() as proxy:
            yield proxy

    @pytest.fixture
    def failing(self, server: Any, proxy: FaultProxy) -> Iterator[Any]:
        client = self.open(self.connection(server, url=proxy.url))
        yield client
        client.close()

    @pytest.fixture
    def impatient(self, server: Any, proxy: FaultProxy) -> Iterator[Any]:
        client = self.open(self.connection(server, url=proxy.url, timeout=2))
        yield client
        client.close()

    def refused(self, proxy: FaultProxy, failing: Any, status: int, **headers: str) -> ConnectorError:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        proxy.fault(Fault(kind="answer", methods=self.writing, status=status, headers=named, body=b"sorry"))
        with pytest.raises(ConnectorError) as caught:
            self.write(failing)
        assert caught.value.status == status
        assert caught.value.provider == self.provider
        return caught.value

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, Rejected),
            (401, Unauthorized),
            (403, Unauthorized),
            (404, NotFound),
            (409, Conflict),
            (412, Conflict),
            (413, Rejected),
            (422, Rejected),
            (301, Rejected),
        ],
    )
    def test_a_refusal_is_final_and_changed_nothing(
        self, proxy: FaultProxy, failing: Any, server: Any, status: int, kind: type[ConnectorError]
    ) -> None:
        error = self.refused(proxy, failing, status, Location="http://127.0.0.1/elsewhere")
        assert type(error) is kind
        assert not error.retryable
        assert not error.maybe_done
        assert not self.is_done(server)

    @pytest.mark.parametrize("status", [500, 502, 504])
    def test_a_failing_server_is_transient_and_may_have_done_it(self, proxy: FaultProxy, failing: Any, status: int) -> None:
        error = self.refused(proxy, failing, status)
        assert type(error) is Transient
        assert error.maybe_done

    def test_an_unavailable_server_has_not_done_it(self, proxy: FaultProxy, failing: Any) -> None:
        error = self.refused(proxy, failing, 503)
        assert type(error) is Transient
        assert not error.maybe_done

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_rate_limit_says_how_many_seconds_to_wait(self, proxy: FaultProxy, failing: Any, status: int) -> None:
        error = self.refused(proxy, failing, status, Retry_After="17")
        assert isinstance(error, RateLimited)
        assert error.retry_after == 17.0

    def test_a_rate_limit_may_give_a_date(self, proxy: FaultProxy, failing: Any) -> None:
        when = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)
        error = self.refused(proxy, failing, 429, Retry_After=format_datetime(when, usegmt=True))
        assert isinstance(error, RateLimited)
        assert error.retry_after == pytest.approx(7200, abs=60)

    def test_a_rate_limit_need_not_say_how_long(self, proxy: FaultProxy, failing: Any) -> None:
        error = self.refused(proxy, failing, 429)
        assert isinstance(error, RateLimited)
        assert error.retry_after is None

    @pytest.mark.parametrize("kind", ["act_then_silent", "act_then_drop"])
    def test_silence_after_a_write_says_that_it_may_be_done(self, proxy: FaultProxy, impatient: Any, server: Any, kind: Any) -> None:
        proxy.fault(Fault(kind=kind, methods=self.writing))
        with pytest.raises(Transient) as caught:
            self.write(impatient)
        assert caught.value.maybe_done
        assert self.is_done(server)

    def test_silence_before_anything_is_written_says_that_nothing_is_done(self, proxy: FaultProxy, impatient: Any) -> None:
        proxy.fault(Fault(kind="silent", methods=self.reading))
        with pytest.raises(Transient) as caught:
            self.read(impatient)
        assert not caught.value.maybe_done

    def test_an_address_that_is_none_is_rejected(self, server: Any) -> None:
        client = self.open(self.connection(server, url="ftp://127.0.0.1/"))
        with pytest.raises(Rejected):
            self.read(client)
        client.close()

    def test_the_key_goes_with_the_write(self, proxy: FaultProxy, failing: Any) -> None:
        self.write(failing)
        keys = {headers.get("Idempotency-Key") for method, _, headers in proxy.seen if method in self.writing}
        assert keys == {KEY}


class ReadingBackContract(HttpContract):
    """For those that speak a protocol over HTTP, and read back what they have written."""

    @abstractmethod
    def nothing_happened_fault(self) -> Fault:
        """A lie: the server says yes to the write, and nothing is changed."""

    def test_yes_without_an_effect_is_found_out(self, proxy: FaultProxy, failing: Any, server: Any) -> None:
        proxy.fault(self.nothing_happened_fault())
        with pytest.raises(NothingHappened) as caught:
            self.write(failing)
        assert caught.value.retryable
        assert not self.is_done(server)

    def test_a_failure_while_reading_back_says_that_it_may_be_done(self, proxy: FaultProxy, failing: Any, server: Any) -> None:
        self.fail_the_read_back(proxy)
        with pytest.raises(RateLimited) as caught:
            self.write(failing)
        assert caught.value.maybe_done
        assert self.is_done(server)

    def fail_the_read_back(self, proxy: FaultProxy) -> None:
        proxy.fault(Fault(kind="answer", methods=("GET",), status=429))

    def test_a_page_that_is_something_else_is_rejected_with_a_hint(self, proxy: FaultProxy, failing: Any) -> None:
        proxy.fault(
            Fault(kind="answer", methods=self.reading, status=200, headers={"Content-Type": "text/html"}, body=b"<html>Sign in</p>")
        )
        with pytest.raises(Rejected) as caught:
            self.read(failing)
        assert "host" in caught.value.hint
