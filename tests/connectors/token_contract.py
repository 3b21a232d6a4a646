"""What holds for every connector that gets a token first.

A test module lists it behind the contract of its protocol, which says how to open and read: `class
TestOkta(ReadingBackContract, TokenContract)`.
"""

from __future__ import annotations

import itertools
import threading
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest

from officeflow.connectors import tokens
from officeflow.errors import Rejected, Transient, Unauthorized
from tests.connectors.http_faults import Fault, FaultProxy

ALWAYS = 1_000
ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
AT_ONCE = 4


class TokenContract(ABC):
    """`token_path` stands in the address of the token endpoint, and in no other; that endpoint is behind
    `proxy` too where a client is opened at its address.
    """

    provider: str
    token_path: str
    writing: tuple[str, ...]
    """The methods of what `write` does; the token is asked for by others, or at `token_path`."""

    @pytest.fixture(autouse=True)
    def nothing_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A port may be one that a test before had, and with it its tokens."""
        monkeypatch.setattr(tokens, "_kept", {})

    @pytest.fixture
    @abstractmethod
    def proxy(self, server: Any) -> Any: ...

    @abstractmethod
    def open_at(self, server: Any, url: str) -> Any: ...

    @abstractmethod
    def read(self, client: Any) -> Any: ...

    @abstractmethod
    def write(self, client: Any) -> Any: ...

    def test_a_token_that_has_ended_is_fetched_anew_once_for_all_who_wait(
        self, server: Any, proxy: FaultProxy
    ) -> None:
        with closing(self.open_at(server, proxy.url)) as client:
            self.read(client)
        (old,) = self._credentials(proxy)
        assert self._fetched(proxy) == 1
        proxy.fault(Fault(kind="answer", methods=ANY, status=401, credentials=old, times=ALWAYS))
        together = threading.Barrier(AT_ONCE)

        def read(_: int) -> None:
            with closing(self.open_at(server, proxy.url)) as client:
                together.wait(60)
                self.read(client)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(read, range(AT_ONCE)))
        assert self._fetched(proxy) == 2
        assert len(self._credentials(proxy)) == 2

    def test_what_is_refused_for_its_token_is_written_once_with_a_new_one(
        self, server: Any, proxy: FaultProxy
    ) -> None:
        with closing(self.open_at(server, proxy.url)) as client:
            self.read(client)
            (old,) = self._credentials(proxy)
            refusal = Fault(
                kind="answer", methods=self.writing, status=401, credentials=old, not_path=self.token_path
            )
            proxy.fault(refusal)
            self.write(client)
        assert refusal.times == 0
        written = [
            (path, headers["Authorization"] == old)
            for method, path, headers in proxy.seen
            if method in self.writing and self.token_path not in path
        ]
        (first, _), *_ = written
        assert [refused for path, refused in written if path == first] == [True, False]

    def test_a_second_refusal_is_the_answer(self, server: Any, proxy: FaultProxy) -> None:
        with closing(self.open_at(server, proxy.url)) as client:
            self.read(client)
            asked = self._fetched(proxy)
            proxy.fault(Fault(kind="answer", methods=ANY, status=401, times=ALWAYS, not_path=self.token_path))
            with pytest.raises(Unauthorized) as caught:
                self.read(client)
        assert not caught.value.retryable
        assert self._fetched(proxy) == asked + 1

    def test_an_endpoint_that_is_down_is_no_answer_of_the_system(
        self, server: Any, proxy: FaultProxy
    ) -> None:
        """Not even where it says that there is nothing here."""
        for act, (status, kind) in itertools.product(
            (self.read, self.write), ((503, Transient), (404, Rejected))
        ):
            fault = Fault(kind="answer", methods=("POST",), path=self.token_path, status=status)
            proxy.fault(fault)
            with (
                closing(self.open_at(server, proxy.url)) as client,
                pytest.raises(kind, match=self.token_path) as caught,
            ):
                act(client)
            assert not caught.value.maybe_done
            assert fault.times == 0
        assert not self._credentials(proxy)

    def _fetched(self, proxy: FaultProxy) -> int:
        """How often a token was asked for."""
        return sum(self.token_path in path for _, path, _ in proxy.seen)

    def _credentials(self, proxy: FaultProxy) -> set[str]:
        """All that went to the system itself."""
        return {
            headers.get("Authorization", "") for _, path, headers in proxy.seen if self.token_path not in path
        }
