"""Directories that speak LDAP: what the fixtures of slapd and Samba share."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import pytest

from officeflow.errors import Unavailable
from officeflow.layout import Layout
from officeflow.stack.progress import TextProgress
from officeflow.stack.servers import debian
from tests.counterparts.process import Counterpart, free_port

if TYPE_CHECKING:
    import ldap3

BASE = "dc=acme,dc=example"
PEOPLE, LEAVERS, GROUPS = (f"ou={unit},{BASE}" for unit in ("People", "Leavers", "Groups"))
WRITING = frozenset({"ADD", "MOD", "DEL", "MODRDN", "PASSMOD"})
"""LDAP's requests that ask for a change, as slapd calls them."""


def group(name: str) -> str:
    """The DN of one of the seeds: Staff, Engineering with its member Platform, Sales."""
    return f"cn={name},{GROUPS}"


class DirectoryServer(Counterpart):
    """LDAP with StartTLS on `port`, LDAPS on `tls_port`, `authority` for both; nothing is told in the clear.

    `administrator` may do all, the rights of `service_account` end at People, Leavers and Groups; the
    password of both is `secret`. A request that `writes` gives has a method of `WRITING`, a `dn`, and for MOD
    the names of its `attributes`.
    """

    host = "127.0.0.1"
    software: ClassVar[debian.Software]
    administrator: ClassVar[str]
    service_account: ClassVar[str]
    member: ClassVar[str] = "member"
    """The attribute of groups."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.tls_port = free_port()
        self._journal = folder / "requests.log"

    @property
    def url(self) -> str:
        return f"ldaps://{self.host}:{self.tls_port}"

    @property
    def start_tls_url(self) -> str:
        return f"ldap://{self.host}:{self.port}"

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    def ports(self) -> tuple[int, ...]:
        return (self.port, self.tls_port)

    def root(self) -> Path:
        """Below which the server's programs are; the test is skipped where they cannot be had."""
        try:
            return debian.fetch(Layout.from_environment(), self.software, TextProgress())
        except Unavailable as error:
            pytest.skip(f"{error}; {error.hint}")

    def arguments(self) -> list[str]:
        return [*super().arguments(), "--tls-port", str(self.tls_port), "--root", str(self.root())]

    @contextmanager
    def client(
        self, user: str = "", password: str = "", *, start_tls: bool = False
    ) -> Iterator[ldap3.Connection]:
        """Signed in, as the administrator unless told; an answer that is no success is an exception."""
        import ldap3

        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self.authority))
        url = self.start_tls_url if start_tls else self.url
        connection = ldap3.Connection(
            ldap3.Server(url, tls=tls, get_info=ldap3.NONE),
            user or self.administrator,
            password or self.secret,
            raise_exceptions=True,
            receive_timeout=30,
        )
        try:
            if start_tls:
                connection.start_tls()
            connection.bind()
            yield connection
        finally:
            connection.unbind()

    def accepts(self, user: str, password: str) -> bool:
        """Whether the directory lets this user in."""
        from ldap3.core.exceptions import LDAPInvalidCredentialsResult

        try:
            with self.client(user, password):
                return True
        except LDAPInvalidCredentialsResult:
            return False

    def is_trusted(self, authority: Path | None) -> bool:
        """Whether its certificate verifies with this authority, or with those of this machine."""
        context = ssl.create_default_context(cafile=authority)
        with socket.create_connection((self.host, self.tls_port), timeout=30) as connection:
            try:
                context.wrap_socket(connection, server_hostname=self.host).close()
            except ssl.SSLCertVerificationError:
                return False
        return True

    def listens_in_the_clear(self) -> bool:
        """Whether it takes a password over a connection that is not encrypted."""
        import ldap3

        connection = ldap3.Connection(self.start_tls_url, self.administrator, self.secret)
        try:
            return bool(connection.bind())
        finally:
            connection.unbind()

    def entry(self, dn: str, *attributes: str) -> dict[str, list[Any]] | None:
        """Its attributes, operational ones too where none are named; None where there is no such entry."""
        found = self._search(dn, "(objectClass=*)", "BASE", attributes)
        return found[0][1] if found else None

    def people(self, client: ldap3.Connection | None = None) -> dict[str, dict[str, list[Any]]]:
        """Everybody in People and Leavers, by DN; who asks often gives a client that is open."""
        if client is None:
            with self.client() as opened:
                return self.people(opened)
        return {
            dn: values
            for unit in (PEOPLE, LEAVERS)
            for dn, values in _found(client, unit, "(objectClass=person)", "SUBTREE", ())
        }

    def members(self, name: str) -> set[str]:
        """DNs of the group's own members, in small letters."""
        values = self.entry(group(name), self.member) or {}
        return {dn.lower() for dn in values.get(self.member, ())} - {f"cn=nobody,{BASE}"}

    def _search(
        self, base: str, text: str, scope: Literal["BASE", "SUBTREE"], attributes: tuple[str, ...]
    ) -> list[tuple[str, dict[str, list[Any]]]]:
        with self.client() as client:
            return _found(client, base, text, scope, attributes)

    def writes(self) -> list[dict[str, Any]]:
        return [request for request in self.requests() if request["method"] in WRITING]

    def _new_lines(self, place: int) -> list[str]:
        """Of the server's log, behind this many bytes."""
        if not self._journal.exists():
            return []
        with self._journal.open("rb") as journal:
            journal.seek(place)
            return journal.read().decode(errors="replace").splitlines()


def _found(
    client: ldap3.Connection,
    base: str,
    text: str,
    scope: Literal["BASE", "SUBTREE"],
    attributes: tuple[str, ...],
) -> list[tuple[str, dict[str, list[Any]]]]:
    from ldap3.core.exceptions import LDAPNoSuchObjectResult

    try:
        client.search(base, text, scope, attributes=[*attributes] or ["*", "+"])
    except LDAPNoSuchObjectResult:
        return []
    found = [each for each in client.response or () if each["type"] == "searchResEntry"]
    return [(each["dn"], _texts(each["raw_attributes"])) for each in found]


def _texts(raw: dict[str, list[bytes]]) -> dict[str, list[Any]]:
    return {name: [_text(value) for value in values] for name, values in raw.items()}


def _text(value: bytes) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
