"""How a change is sent: PATCH in the form that the server takes, or the whole resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from officeflow.connectors.call import Call
from officeflow.connectors.scim.discovery import Discovery
from officeflow.connectors.scim.edits import Edit, Members, applied, key_of, patch
from officeflow.connectors.scim.resources import Read, Resources, path_of
from officeflow.connectors.scim.types import Dialect, Group, patch_member
from officeflow.errors import Conflict, ConnectorError

TRIES = 3
"""How often a group is read again that somebody else has changed before it was replaced."""

Whole = Callable[[], tuple[Members, str | None]]
"""The whole resource as it is to be, and the version that it was made from."""


class Writer:
    """Where the server is asked for its ways, a form that it clearly refuses (400: nothing was done) is
    followed by the other, and PATCH that it has not (405, or 501 in SCIM's words) by PUT.
    """

    def __init__(self, resources: Resources, discovery: Discovery, dialect: Dialect) -> None:
        self._resources = resources
        self._discovery = discovery
        self._dialect = dialect
        self._value_only = dialect.value_only
        self._patches: bool | None = None

    def patches(self, call: Call) -> bool:
        """Whether the server has PATCH."""
        if self._patches is None:
            self._patches = self._discovery.how(call.reading()).has("patch") is not False
        return self._patches

    def version(self, etag: str | None, call: Call) -> str | None:
        """What goes into If-Match: nothing where the server says that it has no versions."""
        return etag if etag and self._discovery.how(call.reading()).has("etag") is not False else None

    def change_user(self, read: Read, ways: Sequence[Sequence[Edit]], call: Call, *, key: str) -> None:
        """`ways` are the same change, as servers take it differently: the usual one first."""
        etag = self.version(read.etag, call)
        bodies = [
            (value_only, patch(edits, value_only=value_only))
            for edits in ways
            for value_only in self._forms()
        ]
        self._send(
            path_of("Users", read.user.id),
            bodies,
            lambda: (applied(ways[0], read.whole), etag),
            call,
            key=key,
            etag=etag,
        )

    def change_member(self, group: Group, account_id: str, call: Call, *, key: str, joins: bool) -> None:
        """Without the group's version where it is PATCH: somebody else's joining at the same moment is no
        conflict.
        """
        bodies = [
            (by_value, patch_member(account_id, joins=joins, by_value=by_value))
            for by_value in self._member_forms()
        ]

        def whole() -> tuple[Members, str | None]:
            found, etag = self._resources.whole_group(group.id, call.reading())
            return _with_member(found, account_id, joins=joins), self.version(etag, call)

        for left in reversed(range(TRIES)):
            try:
                self._send(path_of("Groups", group.id), bodies, whole, call, key=key, etag=None)
                return
            except Conflict as error:
                if error.status != 412 or not left:
                    raise

    def _forms(self) -> tuple[bool, ...]:
        """Whether PATCH goes without paths."""
        return (self._value_only, not self._value_only) if self._dialect.discovers else (self._value_only,)

    def _member_forms(self) -> tuple[bool, ...]:
        """Whether a member is removed by its value."""
        return self._forms() if self._dialect.discovers else (self._dialect.remove_by_value,)

    def _send(
        self,
        path: str,
        bodies: Sequence[tuple[bool, Members]],
        whole: Whole,
        call: Call,
        *,
        key: str,
        etag: str | None,
    ) -> None:
        first: ConnectorError | None = None
        for value_only, body in bodies if self.patches(call) else ():
            try:
                self._resources.send("PATCH", path, call, body=body, key=key, etag=etag)
            except ConnectorError as error:
                if error.maybe_done or not self._dialect.discovers or error.status not in {400, 405, 501}:
                    raise
                first = first or error
                if error.status != 400:
                    self._patches = False
                    break
            else:
                self._value_only = value_only if self._dialect.discovers else self._value_only
                return
        if first is not None and self._patches:
            raise first
        body, version = whole()
        self._resources.send("PUT", path, call, body=body, key=key, etag=version)


def _with_member(group: Members, account_id: str, *, joins: bool) -> Members:
    key = key_of(group, "members")
    there: list[Any] = [each for each in group.get(key) or [] if _id_of(each) != account_id]
    return {**group, key: [*there, {"value": account_id}] if joins else there}


def _id_of(member: Any) -> str:
    return str(member.get(key_of(member, "value"))) if isinstance(member, dict) else str(member)
