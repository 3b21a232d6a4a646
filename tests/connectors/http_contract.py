"""What holds for every connector that speaks HTTP."""

from __future__ import annotations

import datetime as dt
import gzip
import tracemalloc
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from officeflow.connectors.http_body import MIB
from officeflow.connectors.opening import open_provider
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
from tests.connectors.contract import KEY, ConnectorContract, address_where_nobody_listens, tried
from tests.connectors.http_faults import Fault, FaultProxy
from tests.connectors.smtp_faults import certificate

SENSELESS = (b'{"a": ', b"", b"null", b"[]", b'{"id": "1", "value": ["\xff"]}', b"<a>&b;", b"[" * 100_000)


class HttpContract(ConnectorContract):
    """For those that speak HTTP: the real server behind a proxy that fails on purpose.

    `writing` are the methods of its writes.
    """

    writing: tuple[str, ...]
    reading: tuple[str, ...]
    promised: frozenset[int] = frozenset()
    """Statuses beside the plain refusals after which, by the protocol itself, nothing was done."""
    lists_nobody = False
    """Whether an empty list is how the system says that there is nobody."""
    largest: int = 2 * MIB
    """More bytes than this connector takes in an answer, with the limit at its smallest."""

    @abstractmethod
    def read(self, client: Any) -> Any: ...

    @abstractmethod
    def url(self, server: Any) -> str: ...

    @abstractmethod
    def is_done(self, server: Any) -> bool:
        """Whether what `write` does is so on the server, asked without the connector."""

    def open_at(self, server: Any, url: str) -> Any:
        """A client that finds the server at this address."""
        return self.open(self.connection(server, url=url))

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
        """Waits for a second, in which a busy machine answers what it is asked before the fault."""
        client = self.open(self.connection(server, url=proxy.url, timeout=1))
        yield client
        client.close()

    def refused(self, proxy: FaultProxy, failing: Any, status: int, **headers: str) -> ConnectorError:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        proxy.fault(
            Fault(
                kind="answer", methods=self.writing, status=status, headers=named, body=b'{"error": "\xff"}'
            )
        )
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

    @pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 505, 507, 520])
    def test_no_answer_of_a_gateway_is_taken_as_proof_that_nothing_happened(
        self, proxy: FaultProxy, failing: Any, server: Any, status: int
    ) -> None:
        """The server has acted, and then a gateway answers."""
        proxy.fault(
            Fault(kind="act_then_answer", methods=self.writing, status=status, headers={"Retry-After": "17"})
        )
        with pytest.raises(ConnectorError) as caught:
            self.write(failing)
        assert caught.value.status == status
        assert self.is_done(server)
        assert caught.value.maybe_done is (status not in self.promised)

    @pytest.mark.parametrize("status", [302, 303])
    def test_what_is_sent_on_after_a_write_may_have_been_done(
        self, proxy: FaultProxy, failing: Any, server: Any, status: int
    ) -> None:
        proxy.fault(
            Fault(kind="act_then_answer", methods=self.writing, status=status, headers={"Location": "/done"})
        )
        with pytest.raises(ConnectorError) as caught:
            self.write(failing)
        assert caught.value.maybe_done
        assert self.is_done(server)

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_a_failing_server_is_transient(self, proxy: FaultProxy, failing: Any, status: int) -> None:
        assert type(self.refused(proxy, failing, status)) is Transient

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_rate_limit_says_how_many_seconds_to_wait(
        self, proxy: FaultProxy, failing: Any, status: int
    ) -> None:
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

    @pytest.mark.parametrize("kind", ["act_then_silent", "act_then_drop", "silent"])
    def test_silence_after_a_write_says_that_it_may_be_done(
        self, proxy: FaultProxy, impatient: Any, server: Any, kind: Any
    ) -> None:
        """Whether it is, or not: nobody can tell."""
        proxy.fault(Fault(kind=kind, methods=self.writing))
        with pytest.raises(Transient) as caught:
            self.write(impatient)
        assert caught.value.maybe_done
        assert kind == "silent" or proxy.acted.wait(60)
        assert self.is_done(server) is (kind != "silent")

    def test_silence_before_anything_is_written_says_that_nothing_is_done(
        self, proxy: FaultProxy, server: Any
    ) -> None:
        """What is read first has no answer, so nothing else has to be quick."""
        client = self.open(self.connection(server, url=proxy.url, timeout=0.3))
        proxy.fault(Fault(kind="silent", methods=self.reading))
        with pytest.raises(Transient) as caught:
            self.read(client)
        client.close()
        assert not caught.value.maybe_done

    @pytest.fixture
    def bounded(self, server: Any, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        monkeypatch.setenv("OFFICEFLOW_HTTP_MAX_ANSWER_MIB", "1")
        client = self.open(self.connection(server, url=proxy.url, timeout=30))
        yield client
        client.close()

    def test_an_answer_without_end_is_refused_while_it_comes(self, proxy: FaultProxy, bounded: Any) -> None:
        proxy.fault(Fault(kind="flood", methods=self.reading, body=b" " * 65536))
        with pytest.raises(Rejected, match="more than 1") as caught:
            self.read(bounded)
        assert not caught.value.maybe_done
        assert proxy.sent < 64 * MIB

    def test_a_bomb_is_not_unpacked(self, proxy: FaultProxy, bounded: Any) -> None:
        """A packed gibibyte, of which no more than the limit is ever in memory."""
        bomb = gzip.compress(bytes(64 * MIB))
        proxy.fault(
            Fault(kind="answer", methods=self.reading, headers={"Content-Encoding": "gzip"}, body=bomb * 16)
        )
        tracemalloc.start()
        try:
            with pytest.raises(Rejected):
                self.read(bounded)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert most < 16 * MIB + len(bomb) * 16 * 2

    @pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "gzip"])
    def test_what_nobody_can_unpack_is_refused(self, proxy: FaultProxy, bounded: Any, coding: str) -> None:
        proxy.fault(
            Fault(kind="answer", methods=self.reading, headers={"Content-Encoding": coding}, body=b"odd")
        )
        with pytest.raises(Rejected):
            self.read(bounded)

    def test_a_write_whose_answer_is_too_large_may_be_done(
        self, proxy: FaultProxy, bounded: Any, server: Any
    ) -> None:
        proxy.fault(Fault(kind="act_then_answer", methods=self.writing, status=201, body=b" " * self.largest))
        with pytest.raises(ConnectorError) as caught:
            self.write(bounded)
        assert caught.value.maybe_done
        assert self.is_done(server)

    def test_a_refusal_counts_however_much_it_says(self, proxy: FaultProxy, bounded: Any) -> None:
        proxy.fault(Fault(kind="flood", methods=self.writing, status=409, body=b" " * 65536))
        with pytest.raises(Conflict) as caught:
            self.write(bounded)
        assert not caught.value.maybe_done

    def test_a_header_without_end_is_refused(self, proxy: FaultProxy, bounded: Any) -> None:
        proxy.fault(Fault(kind="answer", methods=self.reading, headers={"X-Long": "x" * MIB}))
        with pytest.raises(Transient):
            self.read(bounded)

    @pytest.mark.parametrize("kind", ["trickle", "trickle_head"])
    def test_an_answer_that_trickles_ends_at_its_time(
        self, proxy: FaultProxy, server: Any, kind: Any
    ) -> None:
        """A byte now and then is never late by the time-out alone."""
        client = self.open(self.connection(server, url=proxy.url, timeout=0.3))
        proxy.fault(Fault(kind=kind, methods=self.reading))
        with pytest.raises(Transient) as caught:
            self.read_hurried(client)
        client.close()
        assert not caught.value.maybe_done

    def read_hurried(self, client: Any) -> Any:
        """`read` within a few seconds, where that is for the caller to say."""
        return self.read(client)

    def test_an_environments_proxy_and_passwords_are_not_used(
        self, server: Any, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login somebody password else\n")
        monkeypatch.setenv("NETRC", str(netrc))
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, address_where_nobody_listens())
        client = self.open(self.connection(server, url=proxy.url))
        self.read(client)
        client.close()
        assert "somebody" not in str(proxy.seen)

    def test_the_connections_own_proxy_is_used(self, server: Any) -> None:
        with FaultProxy(self.url(server)).running() as between:
            client = self.open(self.connection(server, proxy=between.origin))
            self.read(client)
            client.close()
        assert between.seen
        assert all(path.startswith("http://") for _, path, _ in between.seen)

    def test_a_proxy_that_is_no_address_is_refused(self, server: Any) -> None:
        with pytest.raises(InvalidInput, match="proxy"):
            self.open(self.connection(server, proxy="socks://somewhere"))

    def test_a_correlation_id_that_no_header_can_hold_is_encoded(self, server: Any) -> None:
        client = open_provider(self.connection(server), correlation_id="año \r\n🎉", family=self.family)
        self.write(client)
        client.close()
        assert self.correlation_ids(server) == {"a%C3%B1o%20%0D%0A%F0%9F%8E%89"}

    def test_a_certificate_of_an_unknown_authority_is_not_believed(self, server: Any, tmp_path: Path) -> None:
        """Neither what is to be read nor the credentials are sent; with the authority, both are."""
        trusted, context = certificate(tmp_path)
        with FaultProxy(self.url(server), context).running() as proxy:
            strange = self.open_at(server, proxy.url)
            for act in (self.read, self.write):
                with pytest.raises(Rejected) as caught:
                    act(strange)
                assert "ca_file" in caught.value.hint
                assert not caught.value.maybe_done
            strange.close()
            assert not proxy.seen
            given = self.connection(server, url=proxy.url)
            known = self.open(replace(given, extra={**given.extra, "ca_file": str(trusted)}))
            self.read(known)
            known.close()
            assert proxy.seen

    def test_a_certificate_for_another_address_is_not_believed(self, server: Any, tmp_path: Path) -> None:
        """Though its authority is."""
        trusted, context = certificate(tmp_path, "127.0.0.2")
        with FaultProxy(self.url(server), context).running() as proxy:
            given = self.connection(server, url=proxy.url)
            client = self.open(replace(given, extra={**given.extra, "ca_file": str(trusted)}))
            with pytest.raises(Rejected) as caught:
                self.read(client)
            client.close()
        assert not caught.value.maybe_done
        assert not proxy.seen

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

    def test_a_failure_while_reading_back_says_that_it_may_be_done(
        self, proxy: FaultProxy, failing: Any, server: Any
    ) -> None:
        self.fail_the_read_back(proxy)
        with pytest.raises(RateLimited) as caught:
            self.write(failing)
        assert caught.value.maybe_done
        assert self.is_done(server)

    def fail_the_read_back(self, proxy: FaultProxy) -> None:
        proxy.fault(Fault(kind="answer", methods=("GET",), status=429))

    def test_a_page_that_is_something_else_is_rejected_with_a_hint(
        self, proxy: FaultProxy, failing: Any
    ) -> None:
        proxy.fault(
            Fault(
                kind="answer",
                methods=self.reading,
                status=200,
                headers={"Content-Type": "text/html"},
                body=b"<html>Sign in</p>",
            )
        )
        with pytest.raises(Rejected) as caught:
            self.read(failing)
        assert "url" in caught.value.hint

    def test_an_answer_that_makes_no_sense_is_an_error_of_ours(self, proxy: FaultProxy, failing: Any) -> None:
        for body in (body for body in SENSELESS if not (self.lists_nobody and body == b"[]")):
            proxy.faults = [Fault(kind="answer", methods=self.reading, body=body)]
            with pytest.raises((Rejected, Transient)) as caught:
                self.read(failing)
            assert not caught.value.maybe_done

    @pytest.mark.parametrize(
        "body", [SENSELESS[0], *(pytest.param(each, marks=pytest.mark.long) for each in SENSELESS[1:])]
    )
    def test_a_write_that_is_answered_without_sense_is_found_or_may_be_done(
        self, proxy: FaultProxy, failing: Any, server: Any, body: bytes
    ) -> None:
        proxy.fault(Fault(kind="act_then_answer", methods=self.writing, body=body))
        made = tried(lambda: self.write(failing))
        assert made.maybe_done if isinstance(made, ConnectorError) else made
        assert self.is_done(server)
