"""A session with a directory: one connection, made when it is first needed, encrypted before all else.

Searches are paged (RFC 2696) to their end, referrals are not followed, and nothing is concluded from a page
that brings nothing new. Every error is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Literal

from officeflow.connectors.call import Call, after_write
from officeflow.connectors.connection import Connection
from officeflow.connectors.directory.changes import Changes
from officeflow.connectors.directory.connecting import Door, Line, Result
from officeflow.connectors.directory.entries import Entry
from officeflow.connectors.directory.errors import (
    CONSTRAINT,
    NO_SUCH_OBJECT,
    OPERATIONS_ERROR,
    POLICY_HINT,
    SUCCESS,
    not_let_in,
    refusal,
)
from officeflow.errors import ConnectorError, InvalidInput, Rejected, Unauthorized

if TYPE_CHECKING:
    import ldap3

WHO_AM_I, SET_PASSWORD = "1.3.6.1.4.1.4203.1.11.3", "1.3.6.1.4.1.4203.1.11.1"
PAGED = "1.2.840.113556.1.4.319"
PAGE_SIZE = 500
EMPTY_PAGES = 100
"""In a row; a search whose filter fits few entries has some."""

Control = tuple[str, bool, Any]


class Session:
    """Whoever made it closes it; it goes on after a broken connection.

    What is read for a call that has written already is reading back: where that fails, the act may be done.
    """

    def __init__(self, connection: Connection, door: Door | None = None) -> None:
        if bool(connection.login) != bool(connection.password):
            raise InvalidInput(
                f"connection {connection.id}: a login without a password, or the other way round",
                hint="a directory takes a login without a password for nobody",
            )
        self._connection = connection
        self._login, self._password = connection.login, connection.password
        self._door = door or Door(connection)
        self._line: Line | None = None
        self._written: Call | None = None
        self.address = self._door.address

    def close(self) -> None:
        if self._line is not None:
            self._line.take_leave()
            self._line = None

    def another(self) -> Session:
        """A session of its own with the same directory: others in between disturb a paged search, since slapd
        remembers one for each connection.
        """
        return Session(self._connection, self._door)

    def search(
        self,
        base: str,
        where: str,
        call: Call,
        *,
        attributes: Sequence[str],
        controls: Sequence[Control] = (),
    ) -> Iterator[Entry]:
        """Every entry below `base` that the filter fits, each once; `Rejected` where the base itself is not
        there.
        """
        seen: set[str] = set()
        cookie: bytes | None = None
        empty = 0
        while True:
            result, found = self._searched(
                call,
                base,
                where,
                "SUBTREE",
                attributes=[*attributes],
                controls=[*controls] or None,
                paged_size=PAGE_SIZE,
                paged_cookie=cookie,
            )
            with self._reading(call):
                if result["result"] == NO_SUCH_OBJECT:
                    raise _no_base(base, call)
                _succeeded(result, call, base)
            fresh: dict[str, Entry] = {}
            for entry in found:
                if (name := entry.dn.casefold()) not in seen:
                    fresh.setdefault(name, entry)
            if found and not fresh:
                raise call.error(Rejected, f"{call.provider} gives a page that it has given before")
            empty = 0 if found else empty + 1
            if empty > EMPTY_PAGES:
                raise call.error(Rejected, f"{call.provider} gives one empty page after another")
            seen.update(fresh)
            yield from fresh.values()
            cookie = _cookie(result)
            if not cookie:
                return

    def read(
        self, dn: str, call: Call, *, attributes: Sequence[str], controls: Sequence[Control] = ()
    ) -> Entry | None:
        """The entry of this name; None where there is none, or none that we may see."""
        result, found = self._searched(
            call, dn, "(objectClass=*)", "BASE", attributes=[*attributes], controls=[*controls] or None
        )
        if result["result"] == NO_SUCH_OBJECT:
            return None
        with self._reading(call):
            _succeeded(result, call, dn)
        return found[0] if found else None

    def controlled(
        self, base: str, where: str, call: Call, *, attributes: Sequence[str], control: Control
    ) -> tuple[list[Entry], Mapping[str, Any]]:
        """One answer to a search with a control, and the value of the control in it."""
        result, found = self._searched(
            call, base, where, "SUBTREE", attributes=[*attributes], controls=[control]
        )
        _succeeded(result, call, base)
        told = (result.get("controls") or {}).get(str(control[0]), {}).get("value")
        return found, told if isinstance(told, Mapping) else {}

    def add(self, dn: str, classes: Sequence[str], attributes: Mapping[str, Any], call: Call) -> None:
        self._do(call, dn, lambda opened: opened.add(dn, [*classes], dict(attributes)))

    def modify(self, dn: str, changes: Changes, call: Call, *, controls: Sequence[Control] = ()) -> None:
        """All of it or nothing (RFC 4511 section 4.6)."""
        self._do(call, dn, lambda opened: opened.modify(dn, changes, controls=[*controls] or None))

    def rename(self, dn: str, first: str, call: Call, *, parent: str | None = None) -> None:
        """Give it another first RDN, the old one's value is gone; or another parent, or both."""
        self._do(call, dn, lambda opened: opened.modify_dn(dn, first, new_superior=parent))

    def delete(self, dn: str, call: Call) -> None:
        self._do(call, dn, lambda opened: opened.delete(dn))

    def set_password(self, dn: str, password: str, call: Call) -> None:
        """RFC 3062: the directory stores it as it likes. Nothing that it raises holds the password."""
        from ldap3.protocol.rfc3062 import PasswdModifyRequestValue

        request = PasswdModifyRequestValue()
        request["userIdentity"] = dn
        request["newPasswd"] = password
        try:
            self._do(call, dn, lambda opened: opened.extended(SET_PASSWORD, request))
        except ConnectorError as error:
            if error.status == CONSTRAINT:
                error.hint = POLICY_HINT
            raise

    def lets_in(self, dn: str, password: str, call: Call) -> bool:
        """Whether this password signs the entry in: asked over a connection of its own."""
        with self._reading(call):
            line, result = self._door.enter(dn, password, call.reading())
        line.take_leave()
        return bool(result["result"] == SUCCESS)

    def who_am_i(self, call: Call) -> str:
        """RFC 4532; the login where the directory does not tell."""
        line = self._signed_in(call)
        result = line.ask(call, lambda: line.to.extended(WHO_AM_I))
        told = result.get("responseValue") if result["result"] == SUCCESS else None
        text = told.decode(errors="replace") if isinstance(told, bytes) else ""
        return text.removeprefix("dn:").removeprefix("u:") or self._login or "nobody"

    def _searched(
        self, call: Call, base: str, where: str, scope: Literal["BASE", "SUBTREE"], **options: Any
    ) -> tuple[Result, list[Entry]]:
        seconds = max(1, int(self._door.timeout))
        with self._reading(call):
            line = self._signed_in(call)
            result = line.ask(
                call.reading(),
                lambda: line.to.search(base, where, scope, "NEVER", time_limit=seconds, **options),
            )
        if result["result"] == OPERATIONS_ERROR and not self._login:
            raise call.error(
                Unauthorized,
                f"{call.provider} tells nothing before somebody signs in",
                status=OPERATIONS_ERROR,
            )
        return result, [
            Entry.of(each["dn"], each["raw_attributes"])
            for each in line.to.response or ()
            if each.get("type") == "searchResEntry"
        ]

    def _do(self, call: Call, about: str, act: Callable[[ldap3.Connection], object]) -> None:
        line = self._signed_in(call)
        _succeeded(line.ask(call, lambda: act(line.to)), call, about)
        self._written = call

    def _reading(self, call: Call) -> AbstractContextManager[None]:
        return after_write() if self._written is call else nullcontext()

    def _signed_in(self, call: Call) -> Line:
        if self._line is None or self._line.ended:
            line, result = self._door.enter(self._login, self._password, call.reading())
            if result["result"] != SUCCESS:
                line.end()
                raise not_let_in(result, call)
            self._line = line
        return self._line


def _succeeded(result: Mapping[str, Any], call: Call, about: str) -> None:
    if result["result"] != SUCCESS:
        raise refusal(result, call, about)


def _no_base(base: str, call: Call) -> Rejected:
    """Nobody is gone because a whole tree cannot be seen."""
    return call.error(
        Rejected,
        f"there is no {base}, or the login may not see it",
        status=NO_SUCH_OBJECT,
        hint="correct the connection's base or groups, or give its login the right to read there",
    )


def _cookie(result: Mapping[str, Any]) -> bytes | None:
    """Where the next page begins; None at the end, also where the directory does not page."""
    value = (result.get("controls") or {}).get(PAGED, {}).get("value") or {}
    found = value.get("cookie")
    return found if isinstance(found, bytes) and found else None
