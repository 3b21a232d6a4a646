"""What directories that speak LDAP have in common; each is asked as its administrator."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from officeflow.demo.identity.reading.seen import Seen, Where, names

if TYPE_CHECKING:
    import ldap3

BASE = "dc=acme,dc=example"
LOG = "requests.log"
"""In the folder of the server's data."""


class Directory:
    administrator: ClassVar[str]
    number: ClassVar[str]
    """The attribute of employee numbers."""

    def __init__(self, where: Where) -> None:
        self._where = where

    def accounts(self, number: str) -> list[Seen]:
        with self._client() as client:
            found = _search(client, BASE, f"({self.number}={number})", "SUBTREE")
            return [self._seen(client, dn, entry) for dn, entry in found]

    def sign_in(self, seen: Seen) -> None:
        """There are no sessions."""

    def _seen(self, client: ldap3.Connection, dn: str, entry: Mapping[str, list[str]]) -> Seen:
        manager = one(entry, "manager")
        managers = _search(client, manager, "(objectClass=*)", "BASE") if manager else []
        return Seen(
            id=dn,
            login=self._login(entry),
            active=self._is_active(entry),
            title=one(entry, "title"),
            department=one(entry, "department", "departmentNumber"),
            manager=next((one(each, self.number) for _, each in managers), ""),
            unit=dn.partition(",")[2],
            groups=names([each.split(",")[0][3:] for each in entry.get("memberOf", ())]),
        )

    def _login(self, entry: Mapping[str, list[str]]) -> str:
        raise NotImplementedError

    def _is_active(self, entry: Mapping[str, list[str]]) -> bool:
        raise NotImplementedError

    @contextmanager
    def _client(self) -> Iterator[ldap3.Connection]:
        """Over TLS that is verified by the server's own authority."""
        import ldap3

        place = urlsplit(self._where.url)
        tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(self._where.folder / "ca.pem"))
        server = ldap3.Server(str(place.hostname), place.port, use_ssl=True, tls=tls, get_info=ldap3.NONE)
        connection = ldap3.Connection(
            server, self.administrator, self._where.secret, raise_exceptions=True, receive_timeout=30
        )
        try:
            connection.bind()
            yield connection
        finally:
            connection.unbind()


def _search(
    client: ldap3.Connection, base: str, text: str, scope: Any
) -> list[tuple[str, dict[str, list[str]]]]:
    client.search(base, text, scope, attributes=["*", "+"])
    found = [each for each in client.response or () if each["type"] == "searchResEntry"]
    return [(each["dn"], _texts(each["raw_attributes"])) for each in found]


def _texts(raw: Mapping[str, list[bytes]]) -> dict[str, list[str]]:
    return {name: [value.decode(errors="replace") for value in values] for name, values in raw.items()}


def one(entry: Mapping[str, list[str]], *attributes: str) -> str:
    """The first value of the first of these that is there."""
    return next((entry[name][0] for name in attributes if entry.get(name)), "")
