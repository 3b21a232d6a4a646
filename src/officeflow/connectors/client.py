"""The anatomy of every client, whatever its protocol: opened from a connection, with an address for people, a
check and an end. Its errors are ours and say which address they are about.
"""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection
from officeflow.connectors.standing import Standing
from officeflow.connectors.telling import shown_address
from officeflow.errors import ConnectorError, OfficeFlowError, WriteRefused


class Client(ABC):
    """A system, opened with one connection. A client inherits this and the protocols of what it can do.

    Opening sends nothing and raises `InvalidInput` where the connection's fields do not fit together. Every
    public method raises errors of ours alone: what else comes out of it passes `translated`.
    """

    provider: ClassVar[str]
    """The name under which the connector is declared."""
    checks_addresses: ClassVar[bool] = False
    """Whether it connects by what `officeflow.connectors.networks` gives, to addresses that were checked.
    Otherwise its connection's fields are checked when it is opened.
    """
    address: str
    """For people, without credentials."""
    only_looks = False
    """Whether it was opened to look: whatever would change something is refused before it is sent."""

    def __init__(self, connection: Connection, *, correlation_id: str) -> None:
        self.connection_id = connection.id
        """Whose limits hold for it: `<organization>.<name>`."""
        self.correlation_id = correlation_id

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, method in inspect.getmembers(cls, inspect.isfunction):
            is_call = not name.startswith("_") and name not in _NOT_CALLS
            if is_call and not (hasattr(method, _EDGE) or hasattr(method, "__isabstractmethod__")):
                setattr(cls, name, _at_the_edge(method))

    @abstractmethod
    def check(self) -> str:
        """Ask the system something that changes nothing; what answered, in a few words.

        Raises as every other call.
        """

    @abstractmethod
    def close(self) -> None:
        """End what is open. Safe to call again."""

    def standing(self) -> Standing:
        """Who we are there and what the credential may do, found by reading alone."""
        return Standing(who=self.check())

    def call(self, operation: str, *, writes: bool = False) -> Call:
        """What is about to be asked. `WriteRefused` where it would change something and nobody may."""
        if writes and self.only_looks:
            raise WriteRefused(f"{self.provider}: {operation} would change something, and this only looks")
        return Call(provider=self.provider, operation=operation, writes=writes)

    def translated(self, error: Exception, call: Call) -> ConnectorError | None:
        """Ours for what a library raised in a public method, which `call` names; None where it is not the
        system's word.

        For connectors whose library raises in every place alike. Nobody knows here how far a write had come:
        one whose outcome depends on that translates where it happens.
        """
        del error, call
        return None

    def _each(self, operation: str, found: Iterator[Any]) -> Iterator[Any]:
        """What is found, while it is asked for: the errors on the way are told as those of a call are."""
        with self._edge(operation):
            yield from found

    @contextmanager
    def _edge(self, operation: str) -> Iterator[None]:
        try:
            yield
        except ConnectorError as error:
            self._completed(error, operation)
            raise
        except OfficeFlowError:
            raise
        except Exception as error:
            ours = self.translated(error, self.call(operation))
            if ours is None:
                raise
            self._completed(ours, operation)
            raise ours from error

    def _completed(self, error: ConnectorError, operation: str) -> None:
        """Say whose error it is, and about which address: unless it names another one."""
        error.provider, error.operation = error.provider or self.provider, error.operation or operation
        where = shown_address(self.address)
        elsewhere = "://" in error.operation and error.operation in error.message
        if where not in error.message and not elsewhere:
            error.message = f"{where}: {error.message}"
            error.args = (error.message,)


_EDGE = "__at_the_edge__"
"""Marks a method whose errors are told as a client's are."""
_NOT_CALLS = frozenset({"call", "translated", "auth"})
"""Public methods that ask the system nothing."""


def _at_the_edge(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def called(self: Client, *arguments: Any, **options: Any) -> Any:
        with self._edge(method.__name__):
            found = method(self, *arguments, **options)
        return self._each(method.__name__, found) if isinstance(found, Iterator) else found

    setattr(called, _EDGE, True)
    return called
