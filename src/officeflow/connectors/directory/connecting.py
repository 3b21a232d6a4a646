"""The way to a directory: connected to a checked address, encrypted, and only then signed in."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from officeflow.connectors.call import Call
from officeflow.connectors.connection import Connection, timeout_of
from officeflow.connectors.directory.decoding import with_bytes_alone
from officeflow.connectors.directory.errors import SUCCESS, refusal
from officeflow.connectors.directory.wire import TooMuch, Wire
from officeflow.connectors.networks import connect, limits_of
from officeflow.connectors.telling import why
from officeflow.connectors.tls import Spoken, tls_context
from officeflow.errors import ConnectorError, InvalidInput, Rejected, Transient

if TYPE_CHECKING:
    import ldap3

PORTS = {"tls": 636, "starttls": 389}
START_TLS = "1.3.6.1.4.1.1466.20037"
SECURITY = "security is tls where the directory begins encrypted (port 636), starttls (389) otherwise"

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """An open connection, as `ldap3` speaks over our socket."""

    to: ldap3.Connection
    wire: Wire

    @property
    def ended(self) -> bool:
        return bool(self.to.closed)

    def ask(self, call: Call, act: Callable[[], object]) -> Result:
        """The result of what `act` asks, whatever it is. An error that is raised has ended the connection."""
        from ldap3.core.exceptions import LDAPExceptionError, LDAPInvalidFilterError

        self.wire.begin()
        try:
            act()
        except LDAPInvalidFilterError as error:
            raise call.error(Rejected, f"{call.provider} cannot be asked so: {error}") from None
        except (LDAPExceptionError, OSError) as error:
            self.end()
            raise self._broken(error, call) from error
        except Exception as error:
            self.end()
            raise call.not_in("LDAP", type(error).__name__, Rejected) from error
        result = self.to.result
        if not isinstance(result, dict) or not isinstance(result.get("result"), int):
            self.end()
            raise call.not_in("LDAP", "there is no result", Rejected)
        return result

    def end(self) -> None:
        self.to.closed = True
        with suppress(OSError):
            self.wire.close()

    def take_leave(self) -> None:
        with suppress(Exception):  # it goes, whatever the directory says to it
            self.wire.begin()
            self.to.unbind()
        self.end()

    def _broken(self, error: Exception, call: Call) -> ConnectorError:
        failure = self.wire.failure
        if isinstance(failure, TooMuch):
            return call.error(Rejected, f"{call.provider}: {failure}", maybe_done=call.writes)
        return call.error(Transient, f"{call.operation}: {why(failure or error)}", maybe_done=call.writes)


class Door:
    """Where a connection's directory is entered. `timeout` is in seconds."""

    def __init__(self, connection: Connection) -> None:
        self._security = str(connection.extra.get("security") or "tls")
        if self._security not in PORTS:
            raise InvalidInput(
                f"connection {connection.id}: no security {self._security!r}",
                hint=f"one of {', '.join(PORTS)}",
            )
        self._connection = connection
        self._limits = limits_of(connection.id)
        self._host = connection.host or ""
        self._port = connection.port or PORTS[self._security]
        self.timeout = timeout_of(connection)
        scheme = "ldaps" if self._security == "tls" else "ldap"
        self.address = f"{scheme}://{self._host}:{self._port}"

    def enter(self, user: str | None, password: str | None, call: Call) -> tuple[Line, Result]:
        """The line, and how the directory took user and password; nobody where there is no user."""
        import ldap3

        context = tls_context(self._connection, Spoken.LDAP)
        wire = Wire(self._socket(call), self.timeout)
        line = Line(
            ldap3.Connection(
                ldap3.Server(self._host, self._port, get_info=ldap3.NONE, allowed_referral_hosts=[]),
                user,
                password,
                authentication=ldap3.SIMPLE if user else ldap3.ANONYMOUS,
                auto_referrals=False,
                check_names=False,
                return_empty_attributes=False,
            ),
            wire,
        )
        line.to.socket, line.to.closed, line.to.listening = wire, False, True
        strategy: Any = line.to.strategy
        strategy._outstanding = {}  # noqa: SLF001 - made where `ldap3` opens a socket of its own
        strategy.decode_response_fast = with_bytes_alone(strategy.decode_response_fast)
        try:
            self._encrypt(line, context, call)
            return line, line.ask(call, line.to.bind)
        except ConnectorError:
            line.end()
            raise

    def _socket(self, call: Call) -> socket.socket:
        try:
            return connect(self._host, self._port, self.timeout, self._limits)
        except OSError as error:
            raise call.error(Transient, f"connecting: {why(error)}") from error

    def _encrypt(self, line: Line, context: ssl.SSLContext, call: Call) -> None:
        if self._security == "starttls":
            result = line.ask(call, lambda: line.to.extended(START_TLS))
            if result["result"] != SUCCESS:
                raise refusal(result, call, "TLS")
        try:
            line.wire.encrypt(context, self._host)
        except ssl.SSLCertVerificationError as error:
            hint = "set the connection's ca_file to the authority's certificate"
            raise call.error(Rejected, f"connecting: {why(error)}", hint=hint) from error
        except OSError as error:
            raise call.error(Transient, f"connecting: {why(error)}", hint=SECURITY) from error
        line.to.tls_started = True
